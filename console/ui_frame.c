/* ui_frame.c - what stands around a view: title, tabs, status and key line. */
#include "console/ui.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"

#define SMALL_ROWS 5
#define SMALL_COLS 20
#define LOW_ROWS 14		/* below: no empty line under the tabs */

size_t
ui_tabs(const struct ui *ui, const struct view *tabs[16])
{
	size_t n = 0;

	for (size_t i = 0; i < view_count && n < 16; i++)
		if (views[i].tab & views[i].roles & ROLE_BIT(ui_role(ui)))
			tabs[n++] = views[i].view;
	return n;
}

int
ui_tab_now(const struct ui *ui)
{
	const struct view *tabs[16];
	size_t n = ui_tabs(ui, tabs);

	for (size_t i = 0; i < n && ui->depth > 0; i++)
		if (tabs[i] == ui->stack[0].view)
			return (int)i;
	return -1;
}

struct area
ui_body(const struct ui *ui)
{
	struct area a = screen_area();
	int above = a.rows >= LOW_ROWS ? 3 : 2;

	(void)ui;
	a.y += above;
	a.rows -= above + 2;
	a.x += a.cols >= 60;
	a.cols -= a.cols >= 60 ? 2 : 0;
	return a;
}

static void
title_draw(const struct ui *ui, const struct area *a)
{
	char who[128];
	int w;

	screen_fill(a, 0, 0, a->cols, LOOK_TITLE);
	if (ui_role(ui) == ROLE_GUEST)
		snprintf(who, sizeof who, "guest");
	else
		snprintf(who, sizeof who, "%s %s %s", ui->me.account.name,
		    sign(SIGN_DOT), word_of(&role_words, ui_role(ui)));
	w = screen_width(who);
	screen_put(a, 0, 1, a->cols - w - 4, LOOK_TITLE,
	    ui->me.title[0] ? ui->me.title : ui->me.service);
	if (a->cols > w + 2)
		screen_put(a, 0, a->cols - w - 1, w, LOOK_TITLE, who);
}

/* How much room the tabs take: level 0 has space around each, 1 the short
 * titles, 2 no space behind the number, 3 the title of the open one alone. */
#define TAB_LEVELS 4

static void
tab_words(const struct view *v, size_t i, int level, bool on, char dst[64])
{
	const char *title = level > 0 ? v->brief : v->title;
	bool number_alone = level == 3 && !on;

	snprintf(dst, 64, " %zu%s%s%s", (i + 1) % 10,
	    level == 2 || number_alone ? "" : " ",
	    number_alone ? "" : title, level == 0 ? " " : "");
}

static int
tabs_width(const struct ui *ui, const struct view *const *tabs, size_t n,
    int level)
{
	int now = ui_tab_now(ui), w = 0;
	char words[64];

	for (size_t i = 0; i < n; i++) {
		tab_words(tabs[i], i, level, (int)i == now, words);
		w += screen_width(words);
	}
	return w;
}

static void
tabs_draw(const struct ui *ui, const struct area *a)
{
	const struct view *tabs[16];
	size_t n = ui_tabs(ui, tabs);
	int now = ui_tab_now(ui), level = 0, x = 0, used;
	char words[64];

	while (level + 1 < TAB_LEVELS &&
	    tabs_width(ui, tabs, n, level) > a->cols)
		level++;
	for (size_t i = 0; i < n; i++) {
		bool on = (int)i == now;

		tab_words(tabs[i], i, level, on, words);
		used = screen_put(a, 1, x, a->cols, on ? LOOK_TAB_ON :
		    LOOK_PLAIN, words);
		if (!on)
			screen_put_n(a, 1, x, 2, LOOK_KEY, words, 2);
		else if (level > 0)
			screen_fill(a, 1, x + used, 1, LOOK_TAB_ON);
		x += used;
	}
}

static void
status_draw(const struct ui *ui, const struct area *a)
{
	const struct slot *top = &ui->stack[ui->depth - 1];
	char where[96] = "";
	int w;

	if (top->view->where != NULL)
		top->view->where(ui, top->state, where, sizeof where);
	w = screen_width(where);
	screen_put(a, a->rows - 2, 1, a->cols - w - 4, ui->note_look,
	    ui->note);
	if (w > 0 && w + 2 < a->cols)
		screen_put(a, a->rows - 2, a->cols - w - 1, w, LOOK_DIM, where);
}

static int
key_put(const struct area *a, int x, const char *name, const char *words)
{
	int y = a->rows - 1;

	x += screen_put(a, y, x, a->cols, LOOK_KEY, name) + 1;
	return x + screen_put(a, y, x, a->cols, LOOK_PLAIN, words) + 3;
}

static int
key_cols(const char *name, const char *words)
{
	return screen_width(name) + 1 + screen_width(words) + 3;
}

static void
dialog_keys_draw(const struct dialog *d, const struct area *a)
{
	const struct form *f = &d->form;
	const struct input *in = f->at < f->n_inputs ? &f->inputs[f->at] :
	    NULL;
	char arrows[32];
	int x = 1;

	if (in != NULL && in->kind == INPUT_CHOICE) {
		snprintf(arrows, sizeof arrows, "%s %s", sign(SIGN_LEFT),
		    sign(SIGN_RIGHT));
		x = key_put(a, x, arrows, "choose");
	}
	if (in != NULL && in->kind == INPUT_TICK)
		x = key_put(a, x, "Space", "tick");
	x = key_put(a, x, "Enter", "go on");
	if (f->n_inputs + (f->go != NULL) + (f->stop != NULL) > 1)
		x = key_put(a, x, "Tab", "next");
	key_put(a, x, "Esc", "close");
}

static void
keys_draw(const struct ui *ui, const struct area *a)
{
	const struct slot *top = &ui->stack[ui->depth - 1];
	const struct view *v = top->view;
	bool typing = v->typing != NULL && v->typing(top->state);
	const char *leave = ui->depth > 1 ? "back" : "quit", *out;
	bool esc = false, help = strcmp(v->name, "help") == 0;
	int x = 1, always;

	if (ui->dialog != NULL) {
		dialog_keys_draw(ui->dialog, a);
		return;
	}
	out = typing && ui->depth <= 1 ? "^C" : "Esc";
	always = typing ? key_cols(out, leave) :
	    key_cols("?", "help") + key_cols("q", leave);
	for (const struct key_row *k = v->keys; k->key != 0; k++) {
		if (k->name == NULL || (typing && key_is_text(k->key)) ||
		    (k->when != NULL && !k->when(ui, top->state)))
			continue;
		if (x + key_cols(k->name, k->words) + always > a->cols + 2)
			break;
		x = key_put(a, x, k->name, k->words);
		esc |= k->key == K_ESC;
	}
	if (typing) {
		if (!esc || ui->depth <= 1)
			key_put(a, x, out, leave);
		return;
	}
	if (!help)
		x = key_put(a, x, "?", "help");
	key_put(a, x, "q", leave);
}

/* What lies over the view, and the line of keys for it. */
static void
box_draw(const struct ui *ui, const struct area *a)
{
	if (prompt_is_open(ui)) {
		prompt_draw(ui, a);
		return;
	}
	keys_draw(ui, a);
	if (ui->dialog != NULL)
		dialog_draw(ui);
}

/* No frame fits: what to do, and that nothing is lost by it. */
static void
small_draw(const struct area *a)
{
	struct pager p = { 0 };

	pager_text(&p, LOOK_STRONG, "too small");
	pager_text(&p, LOOK_PLAIN, "Make this window 40 by 10 or more; nothing is lost.");
	pager_draw(&p, *a);
	pager_clear(&p);
}

void
frame_draw(struct ui *ui)
{
	struct area a = screen_area();
	const struct slot *top;

	screen_erase();
	if (a.rows < SMALL_ROWS || a.cols < SMALL_COLS) {
		small_draw(&a);
		screen_show();
		return;
	}
	top = &ui->stack[ui->depth - 1];
	title_draw(ui, &a);
	tabs_draw(ui, &a);
	if (ui_body(ui).rows > 0)
		top->view->draw(ui, top->state, ui_body(ui));
	status_draw(ui, &a);
	screen_keep();
	box_draw(ui, &a);
	screen_show();
}

void
frame_draw_box(struct ui *ui)
{
	struct area a = screen_area();

	if (a.rows < SMALL_ROWS || a.cols < SMALL_COLS)
		return;
	screen_again();
	box_draw(ui, &a);
	screen_show();
}
