/*
 * plain.h - the dialogue by lines: numbered choices, prompts that end in
 * ": ", one fact a line, no cursor movement.  For TERM=dumb, `ssh HOST plain`
 * and screen readers.  Every command can be typed at its first prompt; the
 * numbered ways lead through the main job by the same commands, and the last of
 * them through every command there is.
 */
#ifndef CONSOLE_PLAIN_H
#define CONSOLE_PLAIN_H

#include "console/command.h"

/* Lead one person through; the exit status of the session. */
int plain_run(struct console *c);

/* ---- between the files of the dialogue ---- */

/* What became of a question. */
enum answer {
	ANSWER_GIVEN,
	ANSWER_BACK,		/* empty, or Ctrl-C: back to the menu */
	ANSWER_END,		/* nothing more will come */
};

/* One line of text; an empty one is ANSWER_BACK. */
enum answer plain_ask(struct console *c, const char *prompt, char *dst,
    size_t size);
/* The same, where an empty line is an answer. */
enum answer plain_ask_optional(struct console *c, const char *prompt,
    char *dst, size_t size);
/* One of numbered choices, *picked from 0; Enter takes the first when it may,
 * else it is ANSWER_BACK. */
enum answer plain_choose(struct console *c, const char *prompt,
    const struct choice *list, size_t n, bool first_by_enter,
    size_t *picked);
/* Yes or no; everything else is asked again. */
enum answer plain_confirm(struct console *c, const char *question);

/* Run the words as a command; they end with NULL.  Its exit status. */
int plain_do(struct console *c, ...) __attribute__((sentinel));

/* One numbered way of the first menu. */
struct way {
	const char *label;
	unsigned roles;
	enum answer (*run)(struct console *c);
};

extern const struct way ways[];
extern const size_t n_ways;

enum answer way_register(struct console *c);
enum answer way_confirm(struct console *c);
enum answer way_recover(struct console *c);
enum answer way_by_key(struct console *c);
enum answer way_recoveries(struct console *c);
enum answer way_breach(struct console *c);
enum answer way_data(struct console *c);
enum answer way_letters(struct console *c);
enum answer way_agreement(struct console *c);
enum answer way_keys(struct console *c);
enum answer way_persons(struct console *c);
enum answer way_any(struct console *c);
enum answer way_prove(struct console *c);
enum answer way_code(struct console *c);
enum answer way_request(struct console *c);
enum answer way_renew(struct console *c);
enum answer way_revoke(struct console *c);
enum answer way_fetch(struct console *c);
enum answer way_decide(struct console *c);
enum answer way_search(struct console *c);

#endif
