/* ui_paste.c - where a paste goes: into the line that is being typed, or to the
 * view; whole or not at all. */
#include "console/ui_paste.h"

bool
ui_paste_line(struct ui *ui, struct edit *ed)
{
	if (edit_paste(ed, &ui->keys.paste))
		return true;
	ui_say(ui, LOOK_WARN,
	    "Not taken: %s%zu bytes were pasted; this line takes %zu.",
	    ui->keys.over ? "more than " : "", ui->keys.paste.size,
	    edit_most(ed));
	return false;
}

void
ui_paste_form(struct ui *ui, struct form *f)
{
	if (!form_on_line(f))
		ui_say(ui, LOOK_WARN,
		    "A paste of %zu bytes was ignored: Tab leads to a line that takes one.",
		    ui->keys.paste.size);
	else if (ui_paste_line(ui, &f->inputs[f->at].edit))
		f->touched = true;
}

void
ui_paste_view(struct ui *ui, const struct view *v, void *state)
{
	if (v->paste != NULL)
		v->paste(ui, state, &ui->keys.paste);
	else if (v->typing == NULL || !v->typing(state) || v->key == NULL ||
	    !v->key(ui, state, K_PASTE))
		ui_say(ui, LOOK_WARN,
		    "A paste of %zu bytes was ignored: nothing here takes one.",
		    ui->keys.paste.size);
}
