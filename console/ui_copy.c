/* ui_copy.c - our own data to the clipboard of the person's terminal. */
#include "console/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

/* Terminals take at least this much in one sequence (74,994 bytes are what
 * the strictest of them keeps). */
#define COPY_MOST 74000

void
ui_copy(struct ui *ui, const char *what, const void *data, size_t size)
{
	size_t room = size * 4 + 1;	/* \xNN for a byte */
	char *safe;

	if (size == 0) {
		ui_say(ui, LOOK_WARN, "There is nothing to copy.");
		return;
	}
	if (size > COPY_MOST) {
		ui_say(ui, LOOK_WARN, "%zu bytes are more than terminals take; the same command over ssh writes them to a file.",
		    size);
		return;
	}
	/* what is in a clipboard will be pasted into a shell: no byte that
	 * does something, whatever it was made of */
	safe = xmalloc(room);
	size = render_untrusted_lines(safe, room, data, size);
	screen_copy(safe, size);
	free(safe);
	ui_say(ui, LOOK_GOOD, screen_in_multiplexer() ?
	    "Copied %s, if tmux lets it pass: set -s set-clipboard on" :
	    "Copied %s, if your terminal takes it; else p and the mouse.",
	    what);
}

/* ---- one of several things ---- */

struct copy_list {
	struct choice choices[COPY_CHOICES];
	char *data[COPY_CHOICES];
	size_t n;
};

void
ui_copy_start(struct ui *ui)
{
	struct copy_list *l = ui->copies;

	for (size_t i = 0; l != NULL && i < l->n; i++)
		free(l->data[i]);
	free(l);
	ui->copies = NULL;
}

void
ui_copy_add(struct ui *ui, const char *word, const char *meaning,
    const void *data, size_t size)
{
	struct copy_list *l = ui->copies;

	if (l == NULL)
		l = ui->copies = xcalloc(1, sizeof *l);
	if (l->n == COPY_CHOICES || size == 0)
		return;
	l->choices[l->n] = (struct choice){ word, meaning };
	l->data[l->n] = xmalloc(size + 1);
	memcpy(l->data[l->n], data, size);
	l->data[l->n++][size] = '\0';
}

void
ui_copy_add_text(struct ui *ui, const char *word, const char *meaning,
    const char *text)
{
	ui_copy_add(ui, word, meaning, text, strlen(text));
}

static int
copy_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct copy_list *l = ui->copies;
	char what[64];
	size_t i = f->inputs[0].at;

	(void)state, (void)e;
	if (l != NULL && i < l->n) {
		snprintf(what, sizeof what, "the %s", l->choices[i].word);
		ui_copy(ui, what, l->data[i], strlen(l->data[i]));
	}
	ui_copy_start(ui);
	return 0;
}

void
ui_copy_ask(struct ui *ui, const char *command)
{
	struct copy_list *l = ui->copies;
	struct dialog *d;

	if (l == NULL)
		return;
	d = ui_dialog(ui, "Copy to the clipboard", "Copy", "Cancel",
	    copy_done);
	pager_text(&d->text, LOOK_PLAIN, "Choose what to copy with the arrows. Not every terminal takes it.");
	if (command != NULL) {
		pager_text(&d->text, LOOK_DIM, "The same by command:");
		pager_text(&d->text, LOOK_KEY, "%s", command);
	}
	form_choice(&d->form, "What", l->choices, l->n, 0);
}
