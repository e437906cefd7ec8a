/* view_account_keys.c - adding an SSH key to one's account, and removing one. */
#include "console/view_account.h"

#include "core/base/text.h"

#define KEYS_MAX 64

static int
add_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct key_new n = { 0 };
	struct key k = { 0 };

	(void)state;
	str_copy(n.line, sizeof n.line, form_text(f, 0));
	str_copy(n.name, sizeof n.name, form_text(f, 1));
	if (ask_key_add(ui->line, &n, &k, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "Added %s.", k.fingerprint);
	return 0;
}

void
account_key_add_ask(struct ui *ui)
{
	struct dialog *d = ui_dialog(ui, "Add an SSH key", "Add it",
	    "Cancel", add_done);

	pager_text(&d->text, LOOK_PLAIN,
	    "Paste the public key: the line of a file such as ~/.ssh/id_ed25519.pub.");
	form_line(&d->form, "Key", "ssh-ed25519 AAAA...", 1023);
	form_line(&d->form, "Name", "to tell it from the others: laptop", 64);
	ui_dialog_draft(ui, d, "key");
}

static int
remove_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref ref = { 0 };
	struct none none = { 0 };

	(void)state;
	str_copy(ref.ref, sizeof ref.ref, form_word(f, 0));
	if (ask_key_remove(ui->line, &ref, &none, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_PLAIN, "Removed %s.", ref.ref);
	return 0;
}

void
account_key_remove_ask(struct ui *ui, const struct key_list *list)
{
	struct dialog *d = ui_dialog(ui, "Remove an SSH key?", "Remove it",
	    "Cancel", remove_done);
	static struct choice choices[KEYS_MAX];
	size_t n = list->n_rows < KEYS_MAX ? list->n_rows : KEYS_MAX;

	/* the view keeps its list as it is while a box is open */
	for (size_t i = 0; i < n; i++)
		choices[i] = (struct choice){ list->rows[i].fingerprint,
			list->rows[i].name };
	pager_text(&d->text, LOOK_PLAIN,
	    "The key no longer opens this account. Sessions that are open stay open.");
	form_choice(&d->form, "Key", choices, n, 0);
}
