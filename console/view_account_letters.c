/* view_account_letters.c - which letters an account gets, and where they go. */
#include "console/view_account.h"

#include "core/base/text.h"

/* ---- addresses ---- */

static int
contact_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct confirmation c = { 0 };
	struct ref ref = { 0 };
	struct none none = { 0 };
	bool code = form_text(f, 1)[0] != '\0';

	(void)state;
	str_copy(ref.ref, sizeof ref.ref, form_text(f, 0));
	str_copy(c.name, sizeof c.name, form_text(f, 0));
	str_copy(c.code, sizeof c.code, form_text(f, 1));
	if ((code ? ask_contact_confirm(ui->line, &c, &none, e) :
	    ask_contact_add(ui->line, &ref, &none, e)) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, code ? "Letters go to %s as well." :
	    "A code goes to %s; enter it here with e.", ref.ref);
	return 0;
}

void
account_contact_ask(struct ui *ui)
{
	struct dialog *d = ui_dialog(ui, "An address more", "Send",
	    "Cancel", contact_done);

	pager_text(&d->text, LOOK_PLAIN,
	    "Without a code one is mailed to the address; with it the address is confirmed.");
	form_line(&d->form, "Address", "letters go there too", 254);
	form_line(&d->form, "Code", "from the letter; empty to have one mailed",
	    127);
}

static int
uncontact_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref ref = { 0 };
	struct none none = { 0 };

	(void)state;
	str_copy(ref.ref, sizeof ref.ref, form_text(f, 0));
	if (ask_contact_remove(ui->line, &ref, &none, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_PLAIN, "No further letter goes to %s.", ref.ref);
	return 0;
}

void
account_uncontact_ask(struct ui *ui)
{
	struct dialog *d = ui_dialog(ui, "Remove an address?", "Remove it",
	    "Cancel", uncontact_done);

	pager_text(&d->text, LOOK_PLAIN,
	    "When it is the account's own, the oldest confirmed one takes its place. The last one stays.");
	form_line(&d->form, "Address", "as it stands in the list", 254);
}

/* ---- letters ---- */

static int
notify_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct notify_wish w = { .on = f->inputs[1].ticked };
	struct notify n = { 0 };

	(void)state;
	str_copy(w.what, sizeof w.what, form_text(f, 0));
	if (ask_notify_set(ui->line, &w, &n, e) < 0)
		return -1;
	NOUN_CLEAR(notify, &n);
	ui->changed = true;
	ui_say(ui, LOOK_PLAIN, "%s: %s.", w.what, w.on ? "on" : "off");
	return 0;
}

void
account_notify_ask(struct ui *ui)
{
	struct dialog *d = ui_dialog(ui, "Which letters?", "Set",
	    "Cancel", notify_done);

	pager_text(&d->text, LOOK_PLAIN,
	    "Letters about revocation, recovery and your domains always come.");
	form_line(&d->form, "What", "reminders, issued, or the number of a certificate",
	    63);
	form_tick(&d->form, "On", "these letters come", false);
}
