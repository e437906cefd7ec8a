/* ui_dialog.c - boxes in the middle of the screen: questions and bad news. */
#include "console/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/ui_paste.h"
#include "core/base/mem.h"
#include "core/base/text.h"

static void
dialog_free(struct dialog *d)
{
	pager_clear(&d->text);
	form_clear(&d->form);
	free(d);
}

void
dialog_close(struct ui *ui)
{
	struct dialog *d = ui->dialog;

	ui->dialog = NULL;
	if (d != NULL && !d->busy)
		dialog_free(d);
}

struct dialog *
ui_dialog(struct ui *ui, const char *title, const char *go,
    const char *stop, int (*done)(struct ui *, void *, struct form *,
    struct err *))
{
	struct dialog *d = xcalloc(1, sizeof *d);

	dialog_close(ui);
	ui->dialog = d;
	snprintf(d->title, sizeof d->title, "%s", title);
	d->form.go = go;
	d->form.stop = stop;
	d->done = done;
	d->state = ui->depth > 0 ? ui->stack[ui->depth - 1].state : NULL;
	ui->dirty = true;
	return d;
}

static void
dialog_go(struct ui *ui, struct dialog *d)
{
	struct err e = { 0 };
	int r = 0;

	d->busy = true;
	if (d->done != NULL)
		r = d->done(ui, d->state, &d->form, &e);
	d->busy = false;
	if (r < 0 && ui->dialog == d) {
		d->err = e;
		return;
	}
	if (d->kept && r == 0)
		ui_draft_drop(ui, d->draft);
	if (ui->dialog == d)
		ui->dialog = NULL;
	dialog_free(d);
}

bool
dialog_key(struct ui *ui, int key)
{
	struct dialog *d = ui->dialog;
	enum form_result r;

	if (key == K_PASTE) {
		ui_paste_form(ui, &d->form);
		return true;
	}
	r = form_key(&d->form, key);
	if (r == FORM_IGNORED && (key == 'q' || key == 'n') &&
	    !form_on_line(&d->form))
		r = FORM_STOP;
	if (r == FORM_STOP) {
		if (d->kept)
			ui_draft_drop(ui, d->draft);
		dialog_close(ui);
	} else if (r == FORM_GO) {
		dialog_go(ui, d);
	}
	return r == FORM_TAKEN || r == FORM_IGNORED;
}

/* ---- drawing ---- */

/* Title, text, the error of the last try, form: from above to below. */
void
dialog_draw(const struct ui *ui)
{
	const struct dialog *d = ui->dialog;
	struct area all = screen_area(), box, in;
	struct pager bad = { 0 };
	int cols, text, wrong = 0, form, rows;

	cols = all.cols > 76 ? 72 : all.cols - 4;
	if (cols < 16)
		cols = all.cols;
	text = pager_height(&d->text, cols - 4);
	if (d->err.text[0] != '\0') {
		pager_text(&bad, LOOK_BAD, "%s", d->err.text);
		if (d->err.clause[0] != '\0')
			pager_text(&bad, LOOK_DIM, "Rule: %s", d->err.clause);
		wrong = pager_height(&bad, cols - 4) + 1;
	}
	form = form_height(&d->form, cols - 4);
	rows = 2 + text + (text > 0 && d->form.n_inputs > 0) + wrong + form;
	if (rows > all.rows - 2)
		rows = all.rows > 6 ? all.rows - 2 : all.rows;
	box = (struct area){ all.y + (all.rows - rows) / 2,
		all.x + (all.cols - cols) / 2, rows, cols };
	screen_box(&box);
	screen_printf(&box, 0, 2, LOOK_STRONG, " %s ", d->title);
	in = (struct area){ box.y + 1, box.x + 2, rows - 2, cols - 4 };
	if (form > in.rows - 1)
		form = in.rows - 1;
	if (wrong > 0) {
		struct area w = in;

		w.y += in.rows - form - wrong;
		w.rows = wrong;
		if (w.y >= in.y)
			pager_draw(&bad, w);
	}
	text = in.rows - form - wrong;
	if (text > 0) {
		struct area t = in;

		t.rows = text;
		pager_draw(&d->text, t);
	}
	in.y += in.rows - form;
	in.rows = form;
	form_draw(&d->form, in, true);
	pager_clear(&bad);
}
