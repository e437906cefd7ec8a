/* ui_stack.c - the stack of open views, and what each key does. */
#include "console/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/ui_paste.h"
#include "console/ui_walk.h"
#include "core/base/mem.h"

const struct view_row views[] = {
/* true: for all who have it */
#define VIEW(name, roles, tab) { &view_##name, roles, \
	(unsigned)(tab) == 1 ? (roles) : (unsigned)(tab) },
#include "console/views.def"
#undef VIEW
};
const size_t view_count = sizeof views / sizeof views[0];

enum role
ui_role(const struct ui *ui)
{
	return ui->me.account.role;
}

static struct slot *
slot_top(struct ui *ui)
{
	return &ui->stack[ui->depth - 1];
}

/* ---- words ---- */

void
ui_say(struct ui *ui, enum look look, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->note, sizeof ui->note, fmt, ap);
	va_end(ap);
	ui->note_look = look;
	ui->dirty = true;
}

static const char *
err_title(enum err_kind kind)
{
	switch (kind) {
	case ERR_BAD_INPUT: return "Not understood";
	case ERR_REFUSED: return "Refused";
	case ERR_NOT_FOUND: return "Not found";
	case ERR_CONFLICT: return "Not possible now";
	case ERR_UNAVAILABLE: return "Not available for now";
	default: return "A fault at the authority";
	}
}

void
ui_error(struct ui *ui, const struct err *e)
{
	struct dialog *d;

	if (screen_width(e->text) + screen_width(e->clause) + 8 <
	    screen_area().cols) {
		ui_say(ui, LOOK_BAD, e->clause[0] ? "%s (%s)" : "%s",
		    e->text, e->clause);
		return;
	}
	d = ui_dialog(ui, err_title(e->kind), NULL, "OK", NULL);
	pager_text(&d->text, LOOK_PLAIN, "%s", e->text);
	if (e->clause[0] != '\0') {
		pager_gap(&d->text);
		pager_text(&d->text, LOOK_DIM, "Rule: %s", e->clause);
	}
}

/* ---- the stack ---- */

static void
slot_close(struct ui *ui)
{
	struct slot *s = slot_top(ui);

	if (s->view->close != NULL)
		s->view->close(s->state);
	secret_free(s->state, s->view->size);
	ui->depth--;
	dialog_close(ui);
}

void
ui_close_all(struct ui *ui)
{
	while (ui->depth > 0)
		slot_close(ui);
	dialog_close(ui);
}

static const struct view_row *
view_find(const struct ui *ui, const char *name)
{
	for (size_t i = 0; i < view_count; i++)
		if (strcmp(views[i].view->name, name) == 0 &&
		    (views[i].roles & ROLE_BIT(ui_role(ui))))
			return &views[i];
	return NULL;
}

static int
slot_open(struct ui *ui, const struct view *v, const char *ref)
{
	struct slot *s = &ui->stack[ui->depth];
	struct err e = { 0 };

	s->view = v;
	s->stale = false;
	s->state = xcalloc(1, v->size);
	if (v->open(ui, s->state, ref, &e) < 0) {
		if (v->close != NULL)
			v->close(s->state);
		free(s->state);
		ui_error(ui, &e);
		return -1;
	}
	ui->depth++;
	ui->dirty = true;
	return 0;
}

void
ui_open(struct ui *ui, const char *name, const char *ref)
{
	const struct view_row *row = view_find(ui, name);

	if (row == NULL || ui->depth == UI_DEPTH)
		return;
	dialog_close(ui);
	slot_open(ui, row->view, ref);
}

void
ui_back(struct ui *ui)
{
	struct slot *s;

	if (ui->depth <= 1) {
		ui->quit = true;
		return;
	}
	slot_close(ui);
	s = slot_top(ui);
	if (s->stale && s->view->changed != NULL)
		s->view->changed(ui, s->state);
	s->stale = false;
	ui->dirty = true;
}

void
ui_tab_open(struct ui *ui, int n)
{
	const struct view *tabs[16];
	size_t count = ui_tabs(ui, tabs);

	if (n < 0 || (size_t)n >= count)
		return;
	while (ui->depth > 0)
		slot_close(ui);
	if (slot_open(ui, tabs[n], "") < 0 && slot_open(ui, tabs[0], "") < 0)
		ui->quit = true;
}

/* ---- leaving what is half done ---- */

static const char *
unsaved(const struct ui *ui)
{
	const char *what = NULL;

	for (int i = 0; i < ui->depth && what == NULL; i++)
		if (ui->stack[i].view->unsaved != NULL)
			what = ui->stack[i].view->unsaved(ui->stack[i].state);
	return what;
}

static int
leave_back(struct ui *ui, void *state, struct form *f, struct err *e)
{
	(void)state, (void)f, (void)e;
	drafts_drop(ui, ui->depth - 1);
	ui_back(ui);
	return 0;
}

static int
leave_quit(struct ui *ui, void *state, struct form *f, struct err *e)
{
	(void)state, (void)f, (void)e;
	drafts_drop(ui, 0);
	ui->draft_ms = 0;
	ui->quit = true;
	return 0;
}

static int
leave_tab(struct ui *ui, void *state, struct form *f, struct err *e)
{
	(void)state, (void)f, (void)e;
	drafts_drop(ui, 0);
	ui_tab_open(ui, ui->tab_wanted);
	return 0;
}

static void
leave_ask(struct ui *ui, const char *what, int (*done)(struct ui *, void *,
    struct form *, struct err *))
{
	struct dialog *d = ui_dialog(ui, "Leave?", "Leave", "Stay", done);

	pager_text(&d->text, LOOK_PLAIN, "%s would be lost.", what);
	d->form.at = 1;
}

static void
quit_ask(struct ui *ui)
{
	const char *what = unsaved(ui);

	ui->by_lines = false;
	if (what == NULL)
		ui->quit = true;
	else
		leave_ask(ui, what, leave_quit);
}

void
ui_leave(struct ui *ui)
{
	quit_ask(ui);
}

/* Who stays after all and leaves later goes home. */
void
ui_leave_by_lines(struct ui *ui)
{
	quit_ask(ui);
	ui->by_lines = true;
}

static void
back_ask(struct ui *ui)
{
	const struct slot *s = slot_top(ui);
	const char *what = s->view->unsaved ? s->view->unsaved(s->state) :
	    NULL;

	if (what == NULL)
		ui_back(ui);
	else
		leave_ask(ui, what, leave_back);
}

void
ui_tab(struct ui *ui, int n)
{
	const struct view *tabs[16];
	const char *what = unsaved(ui);
	int count = (int)ui_tabs(ui, tabs);

	if (n < 0 || n >= count)
		return;
	if (what == NULL) {
		ui_tab_open(ui, n);
		return;
	}
	ui->tab_wanted = n;
	leave_ask(ui, what, leave_tab);
}

/* ---- keys ---- */

static bool
table_key(struct ui *ui, int key, bool typing)
{
	struct slot *s = slot_top(ui);

	for (const struct key_row *k = s->view->keys; k->key != 0; k++) {
		if (k->key != key || (typing && key_is_text(key)))
			continue;
		if (k->when != NULL && !k->when(ui, s->state))
			continue;
		k->act(ui, s->state);
		return true;
	}
	return false;
}

static void
tab_step(struct ui *ui, int by)
{
	const struct view *tabs[16];
	int n = (int)ui_tabs(ui, tabs), now = ui_tab_now(ui);

	if (n > 1 && now >= 0)
		ui_tab(ui, (now + by + n) % n);
}

static void
global_key(struct ui *ui, int key)
{
	if (key >= '0' && key <= '9') {
		ui_tab(ui, key == '0' ? 9 : key - '1');
		return;
	}
	switch (key) {
	case 'q': case K_ESC:
		if (ui->depth > 1)
			back_ask(ui);
		else if (key == 'q')
			quit_ask(ui);
		break;
	case 'Q': case K_CTRL_C:
		quit_ask(ui);
		break;
	case '?': case K_F1:
		if (strcmp(slot_top(ui)->view->name, "help") != 0)
			ui_open(ui, "help", slot_top(ui)->view->name);
		break;
	case ':':
		prompt_open(ui);
		break;
	case K_TAB: case K_RIGHT:
		tab_step(ui, 1);
		break;
	case K_BACKTAB: case K_LEFT:
		tab_step(ui, -1);
		break;
	default:
		if (key_is_text(key) && key != ' ')
			ui_say(ui, LOOK_DIM,
			    "That key does nothing here; ? shows those that do.");
		break;
	}
}

void
ui_key(struct ui *ui, int key)
{
	struct slot *s = slot_top(ui);
	bool typing;

	/* into a box or the line behind `:`: what lies below stays drawn */
	if (ui->note[0] == '\0' && key != K_EOF && key != K_CTRL_L &&
	    (ui->dialog != NULL || prompt_is_open(ui))) {
		if (prompt_is_open(ui) ? prompt_key(ui, key) :
		    dialog_key(ui, key))
			ui->box_dirty = true;
		else
			ui->dirty = true;
		return;
	}
	ui->dirty = true;
	ui->note[0] = '\0';
	if (key == K_EOF) {
		drafts_typed(ui, 0);	/* to be kept on the way out */
		ui->quit = true;
		return;
	}
	if (key == K_CTRL_L) {
		screen_redraw();
		return;
	}
	if (prompt_is_open(ui)) {
		prompt_key(ui, key);
		return;
	}
	if (ui->dialog != NULL) {
		dialog_key(ui, key);
		return;
	}
	if (key == K_PASTE) {
		ui_paste_view(ui, s->view, s->state);
		return;
	}
	typing = s->view->typing != NULL && s->view->typing(s->state);
	if (typing && s->view->key != NULL && s->view->key(ui, s->state, key))
		return;
	if (ui_walk_key(ui, key))
		return;
	if (table_key(ui, key, typing))
		return;
	if (!typing && s->view->key != NULL &&
	    s->view->key(ui, s->state, key))
		return;
	if (!typing || !key_is_text(key))
		global_key(ui, key);
}
