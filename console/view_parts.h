/* view_parts.h - pieces that several views show alike. */
#ifndef CONSOLE_VIEW_PARTS_H
#define CONSOLE_VIEW_PARTS_H

#include "console/list.h"
#include "console/ui.h"

/* "exämple.org (xn--exmple-cua.org)", or the name alone. */
void domain_words(char *dst, size_t size, const char *shown,
    const char *name);
/* Cut a sentence of client.h before the command that it ends with: here are
 * keys. */
void cut_command(char *sentence);
/* The names that a certificate has or will have, one a line. */
void part_names(struct pager *p, const char *cn, const struct name *names,
    size_t n);
/* Each asked domain and the proof that covers it. */
void part_domains(struct pager *p, const struct domain_ref *d, size_t n,
    int64_t now);
/* What became of each thing in a CSR: refusals first, then warnings and
 * repairs, then the rest. */
void part_findings(struct pager *p, const struct finding *f, size_t n);
/* "To do it by command" and the line. */
void part_command(struct pager *p, const char *what, const char *line);
/* How much of its time a certificate has left, drawn: "#####....  62 days" */
void days_bar(char *dst, size_t size, int64_t from, int64_t until,
    int64_t now);

/* Filter key and state cycle for a view whose state begins with a struct
 * list. */
#define LIST_KEYS \
	{ '/', "/", "filter", "Show only rows with a text; Esc shows all again", \
	    list_view_filter, NULL, KEY_MOVES }, \
	{ K_ENTER, "Enter", "keep the filter", NULL, list_view_enter, \
	    list_view_filtering, KEY_MOVES }, \
	{ K_ESC, "Esc", "show all", NULL, list_view_escape, \
	    list_view_filtering, KEY_MOVES }
void list_view_filter(struct ui *ui, void *state);
void list_view_enter(struct ui *ui, void *state);
void list_view_escape(struct ui *ui, void *state);
bool list_view_filtering(const struct ui *ui, const void *state);
bool list_view_key(struct ui *ui, void *state, int key);
bool list_view_typing(const void *state);
void list_view_draw(const struct ui *ui, const void *state, struct area a);
void list_view_changed(struct ui *ui, void *state);
void list_view_where(const struct ui *ui, const void *state, char *dst,
    size_t size);
void list_view_close(void *state);
/* A row stands under the cursor, and no filter is being typed. */
bool list_view_any(const struct ui *ui, const void *state);
/* The state after this one, round and round; "" is all. */
void list_view_cycle(struct ui *ui, struct list *l, const char *const *words,
    size_t n);
/* Open a view for the row under the cursor, by its number. */
void list_view_open(struct ui *ui, const struct list *l, const char *view);

/* The same for a view whose state begins with a struct pager. */
bool pager_view_key(struct ui *ui, void *state, int key);
void pager_view_draw(const struct ui *ui, const void *state, struct area a);
void pager_view_where(const struct ui *ui, const void *state, char *dst,
    size_t size);

/* ---- view_statement.c ---- */

/* Must this person sign what he approves (a request of this profile) or, NULL,
 * confirms?  May anybody here at all? */
bool part_must_sign(const struct ui *ui, const char *profile);
bool part_may_sign(const struct ui *ui);

#endif
