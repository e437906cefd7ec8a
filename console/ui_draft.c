/* ui_draft.c - what was typed and not sent: given to the registrar while one
 * pauses and when the line drops, offered when the form is opened again. */
#include "console/ui.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define PAUSE_MS 1500		/* without a key: time to keep what stands there */

void
ui_draft_drop(struct ui *ui, const char *form)
{
	struct ref ref = { 0 };
	struct none none = { 0 };

	if (form[0] != '\0' && str_copy(ref.ref, sizeof ref.ref, form))
		(void)!ask_draft_drop(ui->line, &ref, &none, NULL);
}

bool
ui_draft_get(struct ui *ui, const char *form, struct draft *d)
{
	struct ref ref = { 0 };

	memset(d, 0, sizeof *d);
	str_copy(ref.ref, sizeof ref.ref, form);
	return op_allows(OP_draft_get, ui_role(ui)) &&
	    ask_draft_get(ui->line, &ref, d, NULL) == 0;
}

/* A private key is wiped, not sent: not even to be refused. */
static void
draft_put(struct ui *ui, const char *form, const struct buf *b)
{
	static const char secret[] = "PRIVATE KEY-----";
	struct draft d = { 0 };
	struct none none = { 0 };

	if (b->size == 0 || !op_allows(OP_draft_put, ui_role(ui)) ||
	    memmem(b->data, b->size, secret, strlen(secret)) != NULL)
		return;
	str_copy(d.form, sizeof d.form, form);
	blob_set(&d.body, b->data, b->size);
	(void)!ask_draft_put(ui->line, &d, &none, NULL);
	secret_wipe(d.body.data, d.body.size);
	NOUN_CLEAR(draft, &d);
}

/* ---- forms ---- */

static void
form_write(const struct form *f, struct buf *b)
{
	for (size_t i = 0; i < f->n_inputs; i++)
		buf_printf(b, "%s\n", f->inputs[i].kind == INPUT_LINE ?
		    form_text(f, i) : f->inputs[i].kind == INPUT_CHOICE ?
		    form_word(f, i) : f->inputs[i].ticked ? "1" : "0");
}

static void
input_read(struct input *in, const char *text)
{
	if (in->kind == INPUT_LINE)
		edit_set(&in->edit, text);
	else if (in->kind == INPUT_TICK)
		in->ticked = text[0] == '1';
	for (size_t i = 0; in->kind == INPUT_CHOICE && i < in->n_choices; i++)
		if (strcmp(in->choices[i].word, text) == 0)
			in->at = i;
}

static void
form_read(struct form *f, const struct blob *b)
{
	const char *at = (const char *)b->data, *stop = at + b->size, *lf;
	char line[EDIT_MAX];

	for (size_t i = 0; i < f->n_inputs && at < stop; i++) {
		lf = memchr(at, '\n', (size_t)(stop - at));
		if (lf == NULL || (size_t)(lf - at) >= sizeof line)
			return;
		memcpy(line, at, (size_t)(lf - at));
		line[lf - at] = '\0';
		if (utf8_valid(line, strlen(line)))
			input_read(&f->inputs[i], line);
		at = lf + 1;
	}
	secret_wipe(line, sizeof line);
}

void
ui_dialog_draft(struct ui *ui, struct dialog *d, const char *form)
{
	struct draft kept;
	char when[WHEN_SIZE];

	str_copy(d->draft, sizeof d->draft, form);
	if (!ui_draft_get(ui, form, &kept))
		return;
	form_read(&d->form, &kept.body);
	time_relative(when, kept.at, clock_now());
	pager_text(&d->text, LOOK_WARN,
	    "What you typed %s, before the line dropped, stands here again.",
	    strcmp(when, "now") == 0 ? "just now" : when);
	d->kept = true;
	NOUN_CLEAR(draft, &kept);
}

/* ---- keeping ---- */

static void
dialog_keep(struct ui *ui, struct dialog *d)
{
	struct buf b = { 0 };

	form_write(&d->form, &b);
	draft_put(ui, d->draft, &b);
	d->kept = true;
	buf_clear(&b);
}

void
drafts_keep(struct ui *ui)
{
	ui->draft_ms = 0;
	if (ui->line->fd < 0)
		return;
	if (ui->dialog != NULL && ui->dialog->draft[0] != '\0' &&
	    ui->dialog->form.touched)
		dialog_keep(ui, ui->dialog);
	for (int i = 0; i < ui->depth; i++) {
		const struct slot *s = &ui->stack[i];
		struct buf b = { 0 };

		if (s->view->draft != NULL && s->view->draft(s->state, &b))
			draft_put(ui, s->view->name, &b);
		buf_clear(&b);
	}
}

/* Left on purpose, or sent. */
void
drafts_drop(struct ui *ui, int from)
{
	struct buf b = { 0 };

	if (ui->dialog != NULL && ui->dialog->kept)
		ui_draft_drop(ui, ui->dialog->draft);
	for (int i = from; i < ui->depth; i++) {
		const struct slot *s = &ui->stack[i];

		if (s->view->draft != NULL && s->view->draft(s->state, &b))
			ui_draft_drop(ui, s->view->name);
	}
	buf_clear(&b);
}

/* A key came: something may be worth keeping once there is a pause. */
void
drafts_typed(struct ui *ui, int64_t now_ms)
{
	bool any = ui->dialog != NULL && ui->dialog->draft[0] != '\0';

	for (int i = 0; i < ui->depth; i++)
		any |= ui->stack[i].view->draft != NULL;
	ui->draft_ms = any ? now_ms + PAUSE_MS : 0;
}

/* Milliseconds until then, -1 never. */
int
drafts_due(struct ui *ui, int64_t now_ms)
{
	if (ui->draft_ms == 0)
		return -1;
	if (now_ms < ui->draft_ms)
		return (int)(ui->draft_ms - now_ms);
	drafts_keep(ui);
	return -1;
}
