/* ui_prompt.c - the command line at the foot of the screen: keys, completion,
 * history, drawing. */
#include "console/ui_prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/ui_paste.h"
#include "core/base/mem.h"
#include "core/base/text.h"

static void
fits_find(struct ui *ui, struct prompt *p)
{
	p->pick = 0;
	complete_line(ui_role(ui), &ui->me, p->edit.text, p->edit.at, &p->fits);
}

void
prompt_open(struct ui *ui)
{
	struct prompt *p = ui->prompt;

	if (p == NULL)
		p = ui->prompt = xcalloc(1, sizeof *p);
	p->open = true;
	p->page = NULL;
	p->at = p->n_history;
	edit_set(&p->edit, "");
	fits_find(ui, p);
	ui->dirty = true;
}

void
prompt_find(struct ui *ui, struct pager *page)
{
	prompt_open(ui);
	ui->prompt->page = page;
}

bool
prompt_is_open(const struct ui *ui)
{
	return ui->prompt != NULL && ui->prompt->open;
}

void
prompt_clear(struct ui *ui)
{
	struct prompt *p = ui->prompt;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_history; i++)
		secret_free(p->history[i], strlen(p->history[i]));
	secret_free(p->console, sizeof *p->console);
	secret_free(p, sizeof *p);
	ui->prompt = NULL;
}

/* ---- history ---- */

static void
history_add(struct prompt *p, const char *line)
{
	if (p->n_history > 0 &&
	    strcmp(p->history[p->n_history - 1], line) == 0)
		return;
	if (p->n_history == HISTORY_MAX) {
		secret_free(p->history[0], strlen(p->history[0]));
		memmove(p->history, p->history + 1,
		    (HISTORY_MAX - 1) * sizeof p->history[0]);
		p->n_history--;
	}
	p->history[p->n_history++] = xstrdup(line);
}

static void
history_go(struct prompt *p, size_t to)
{
	if (p->at == p->n_history)
		str_copy(p->kept, sizeof p->kept, p->edit.text);
	p->at = to;
	edit_set(&p->edit, to == p->n_history ? p->kept : p->history[to]);
}

/* ---- completion ---- */

/* Put a word in the place of the one that is being typed. */
static void
word_replace(struct prompt *p, const char *word, size_t len, bool done)
{
	char line[EDIT_MAX];
	int n = snprintf(line, sizeof line, "%.*s%.*s%s", (int)p->fits.from,
	    p->edit.text, (int)len, word, done ? " " : "");
	size_t at = (size_t)n;

	if (n < 0 || at + strlen(p->edit.text + p->edit.at) >= sizeof line)
		return;
	str_copy(line + at, sizeof line - at, p->edit.text + p->edit.at);
	edit_set(&p->edit, line);
	p->edit.at = at;
}

static void
complete(struct ui *ui, struct prompt *p, int by)
{
	size_t n = p->fits.n, common = complete_common(&p->fits);

	if (n == 0)
		return;
	if (n == 1) {
		word_replace(p, p->fits.words[0], strlen(p->fits.words[0]),
		    true);
		fits_find(ui, p);
		return;
	}
	if (p->pick == 0 && p->edit.at - p->fits.from < common) {
		word_replace(p, p->fits.words[0], common, false);
		fits_find(ui, p);
		return;
	}
	/* one after the other */
	p->pick = by > 0 ? p->pick % n + 1 : p->pick > 1 ? p->pick - 1 : n;
	word_replace(p, p->fits.words[p->pick - 1],
	    strlen(p->fits.words[p->pick - 1]), false);
}

/* ---- keys ---- */

static void
look_for(struct ui *ui, struct prompt *p)
{
	struct pager *page = p->page;

	p->open = false;
	if (p->edit.len > 0) {	/* nothing typed: the last one again */
		str_copy(page->find, sizeof page->find, p->edit.text);
		page->hit = 0;
	}
	if (!pager_find(page, ui_body(ui), 1))
		ui_say(ui, LOOK_WARN, "Not found: %s", page->find);
}

static void
go(struct ui *ui, struct prompt *p)
{
	const char *line = p->edit.text + strspn(p->edit.text, " ");
	char typed[EDIT_MAX];

	p->open = false;
	ui->dirty = true;
	if (*line == '\0')
		return;
	str_copy(typed, sizeof typed, line);
	history_add(p, typed);
	prompt_run(ui, p, typed);
	secret_wipe(typed, sizeof typed);
}

bool
prompt_key(struct ui *ui, int key)
{
	struct prompt *p = ui->prompt;

	switch (key) {
	case K_ESC: case K_CTRL_C:
		p->open = false;
		return false;
	case K_ENTER:
		if (p->page != NULL)
			look_for(ui, p);
		else
			go(ui, p);
		return false;
	case K_TAB: case K_BACKTAB:
		if (p->page == NULL)
			complete(ui, p, key == K_TAB ? 1 : -1);
		return true;
	case K_UP:
		if (p->at > 0)
			history_go(p, p->at - 1);
		break;
	case K_DOWN:
		if (p->at < p->n_history)
			history_go(p, p->at + 1);
		break;
	case K_PASTE:
		ui_paste_line(ui, &p->edit);
		break;
	case K_BACKSPACE:
		if (p->edit.len == 0) {
			p->open = false;
			return false;
		}
		/* fall through */
	default:
		edit_key(&p->edit, key);
		break;
	}
	if (p->page == NULL)
		fits_find(ui, p);
	return true;
}

/* ---- drawing ---- */

/* The words that fit, as many as there is room for; else what the command
 * still takes. */
static void
fits_draw(const struct ui *ui, const struct prompt *p, const struct area *a,
    int y)
{
	size_t from = p->pick > 8 ? p->pick - 8 : 0;
	int x = 1;

	for (size_t i = from; i < p->fits.n; i++) {
		const char *word = p->fits.words[i];

		if (x + screen_width(word) + 2 > a->cols)
			break;
		x += screen_put(a, y, x, a->cols, p->pick == i + 1 ?
		    LOOK_SELECTED : LOOK_KEY, word) + 2;
	}
	if (p->fits.command != NULL)
		screen_printf(a, y, x, LOOK_DIM, "%s%s%s%s",
		    p->fits.n > 0 ? sign(SIGN_DOT) : "",
		    p->fits.n > 0 ? " " : "", p->fits.command->synopsis[0] ?
		    p->fits.command->synopsis : "Enter runs it", "");
	else if (p->fits.n == 0)
		screen_put(a, y, x, a->cols, LOOK_WARN, p->edit.len > 0 ?
		    "No command begins so; Esc closes, help lists them." : "");
	(void)ui;
}

void
prompt_draw(const struct ui *ui, const struct area *a)
{
	const struct prompt *p = ui->prompt;
	int y = a->rows - 2;

	screen_fill(a, y, 0, a->cols, LOOK_PLAIN);
	screen_put(a, y, 0, 2, LOOK_KEY, p->page != NULL ? "/" : ":");
	edit_draw(&p->edit, a, y, 1, a->cols - 2, true);
	if (ui->note[0] != '\0')	/* its own line is this one now */
		screen_put(a, y + 1, 1, a->cols, ui->note_look, ui->note);
	else if (p->page != NULL)
		screen_put(a, y + 1, 1, a->cols, LOOK_DIM,
		    "Enter looks for it, then n the next, N the one before; Esc closes");
	else
		fits_draw(ui, p, a, y + 1);
}
