/* steps.c - a view whose forms follow one another: keys, pastes, drawing. */
#include "console/steps.h"

#include "console/ui_paste.h"

bool
steps_key(struct ui *ui, void *state, int key)
{
	struct steps *st = state;

	if (st->form == NULL)
		return pager_view_key(ui, state, key);
	if (key == K_ESC || key == K_CTRL_C)
		return false;
	switch (form_key(st->form, key)) {
	case FORM_GO:
		st->go(ui, state);
		return true;
	case FORM_TAKEN:
		return true;
	default:
		return false;
	}
}

void
steps_paste(struct ui *ui, void *state, const struct buf *paste)
{
	struct steps *st = state;

	(void)paste;		/* ui->keys has it */
	if (st->form != NULL)
		ui_paste_form(ui, st->form);
}

bool
steps_typing(const void *state)
{
	const struct steps *st = state;

	return st->form != NULL && form_on_line(st->form);
}

bool
steps_at_form(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct steps *)state)->form != NULL;
}

void
steps_enter(struct ui *ui, void *state)
{
	steps_key(ui, state, K_ENTER);
}

void
steps_tab(struct ui *ui, void *state)
{
	steps_key(ui, state, K_TAB);
}

void
steps_draw(const struct ui *ui, const void *state, struct area a)
{
	const struct steps *st = state;
	int above = pager_height(&st->page, a.cols), most;
	struct area top = a;

	(void)ui;
	if (st->form == NULL) {
		pager_draw(&st->page, a);
		return;
	}
	most = a.rows - form_height(st->form, a.cols) - 1;
	if (above > most)
		above = most;
	if (above >= 2) {
		top.rows = above;
		pager_draw(&st->page, top);
		a.y += above + 1;
		a.rows -= above + 1;
	}
	form_draw(st->form, a, true);
}
