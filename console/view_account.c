/* view_account.c - one's own account: SSH keys, addresses, letters, who looked
 * at it, and leaving. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/ui_prompt.h"
#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define KEYS_MAX 64

struct state {
	struct pager page;		/* must stand first */
	struct key_list list;
	struct choice choices[KEYS_MAX];	/* of keys, for removing */
};

static void
key_part(struct ui *ui, struct pager *p, const struct key *k, int64_t now)
{
	char added[11], used[WHEN_SIZE];
	bool here = strcmp(k->fingerprint, ui->me.key.fingerprint) == 0;

	time_date(added, k->added);
	time_relative(used, k->last_used, now);
	pager_item(p, here ? sign(SIGN_HERE) : sign(SIGN_LATER), here ?
	    LOOK_STRONG : LOOK_PLAIN, "%s%s", k->name[0] ? k->name :
	    "(no name)", here ? " - the one in use now" : "");
	pager_field(p, "", LOOK_PLAIN, "%s", k->fingerprint);
	pager_field(p, "", LOOK_DIM, "%s, added %s, last used %s", k->type,
	    added, used);
}

/* A key that is not ours is about to open this account. */
static void
recovery_part(const struct ui *ui, struct pager *p, int64_t now)
{
	char when[WHEN_SIZE];

	if (ui->me.recovery == 0)
		return;
	time_both(when, ui->me.recovery, now);
	pager_gap(p);
	pager_text(p, LOOK_BAD,
	    "Somebody recovers this account: another key opens it at %s. If that is not you, press s.",
	    when);
}

static void
contacts_part(struct ui *ui, struct pager *p)
{
	struct contact_list list = { 0 };
	struct notify n = { 0 };
	struct none none = { 0 };

	pager_head(p, "Addresses that letters go to");
	if (ask_contact_list(ui->line, &none, &list, NULL) == 0)
		for (size_t i = 0; i < list.n_rows; i++)
			pager_item(p, list.rows[i].confirmed ?
			    sign(SIGN_DONE) : sign(SIGN_LATER), LOOK_PLAIN,
			    "%s%s", list.rows[i].email, list.rows[i].main ?
			    " - codes go there too" : list.rows[i].confirmed ?
			    "" : " - waits for its code");
	NOUN_CLEAR(contact_list, &list);
	if (!op_allows(OP_notify_get, ui_role(ui)) ||
	    ask_notify_get(ui->line, &none, &n, NULL) < 0)
		return;
	pager_field(p, "reminders", LOOK_PLAIN, "%s, %s days before a certificate ends; %zu muted",
	    n.reminders ? "on" : "off", n.days, n.n_muted);
	pager_field(p, "issued", LOOK_PLAIN, "%s", n.issued ? "on" : "off");
	NOUN_CLEAR(notify, &n);
}

#define LOOKS_SHOWN 5

static void
looks_part(struct ui *ui, struct pager *p)
{
	struct wish w = { .limit = LOOKS_SHOWN };
	struct glance_page page = { 0 };
	char at[TIME_TEXT_SIZE];

	pager_head(p, "Who looked at your data");
	if (ask_account_looks(ui->line, &w, &page, NULL) == 0) {
		if (page.n_rows == 0)
			pager_text(p, LOOK_DIM, "Nobody.");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct glance *g = &page.rows[i];

			time_text(at, g->at);
			pager_field(p, "", LOOK_PLAIN, "%s %s, %s: %s%s%s",
			    at, g->by[0] ? g->by : "(erased)",
			    word_of(&role_words, g->role), g->what,
			    g->reason[0] ? ", " : "", g->reason);
		}
		if (page.more)
			pager_text(p, LOOK_DIM, "w shows all of them.");
	}
	NOUN_CLEAR(glance_page, &page);
}

static int
account_fill(struct ui *ui, struct state *st, struct err *e)
{
	const struct account *a = &ui->me.account;
	struct none none = { 0 };
	struct key_list new = { 0 };
	struct pager *p = &st->page;
	char when[WHEN_SIZE], line[512];
	int64_t now = clock_now();

	if (ask_key_list(ui->line, &none, &new, e) < 0)
		return -1;
	NOUN_CLEAR(key_list, &st->list);
	st->list = new;
	pager_again(p);
	pager_text(p, LOOK_STRONG, "%s", a->name);
	pager_gap(p);
	pager_field(p, "e-mail", LOOK_PLAIN, "%s", a->email);
	pager_field(p, "role", LOOK_PLAIN, "%s",
	    word_of(&role_words, a->role));
	pager_field(p, "state", LOOK_PLAIN, "%s",
	    word_of(&account_state_words, a->state));
	time_both(when, a->created, now);
	pager_field(p, "since", LOOK_PLAIN, "%s", when);
	time_both(when, a->agreement_at, now);
	pager_field(p, "agreement", LOOK_PLAIN, "%s%s%s%s", a->agreement[0] ?
	    "version " : "not accepted", a->agreement,
	    a->agreement[0] ? ", accepted " : "",
	    a->agreement[0] ? when : "");
	recovery_part(ui, p, now);
	pager_head(p, "SSH keys that open this account");
	p->label_cols = 12;
	for (size_t i = 0; i < st->list.n_rows; i++)
		key_part(ui, p, &st->list.rows[i], now);
	contacts_part(ui, p);
	looks_part(ui, p);
	pager_head(p, "Your data");
	exec_line(line, sizeof line, &ui->me, "export-me", NULL);
	pager_field(p, "all of it", LOOK_KEY, "%s > me.json", line);
	return 0;
}

static int
account_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	(void)ref;
	return account_fill(ui, state, e);
}

static void
account_changed(struct ui *ui, void *state)
{
	struct err e;

	if (account_fill(ui, state, &e) < 0)
		ui_error(ui, &e);
}

static int
add_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct key_new n = { 0 };
	struct key k = { 0 };

	str_copy(n.line, sizeof n.line, form_text(f, 0));
	str_copy(n.name, sizeof n.name, form_text(f, 1));
	if (ask_key_add(ui->line, &n, &k, e) < 0)
		return -1;
	account_changed(ui, state);
	ui_say(ui, LOOK_GOOD, "Added %s.", k.fingerprint);
	return 0;
}

static void
add(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Add an SSH key", "Add it",
	    "Cancel", add_done);

	(void)state;
	pager_text(&d->text, LOOK_PLAIN,
	    "Paste the public key: the line of a file such as ~/.ssh/id_ed25519.pub.");
	form_line(&d->form, "Key", "ssh-ed25519 AAAA...", 1023);
	form_line(&d->form, "Name", "to tell it from the others: laptop", 64);
}

static int
remove_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref ref = { 0 };
	struct none none = { 0 };

	str_copy(ref.ref, sizeof ref.ref, form_word(f, 0));
	if (ask_key_remove(ui->line, &ref, &none, e) < 0)
		return -1;
	account_changed(ui, state);
	ui_say(ui, LOOK_PLAIN, "Removed %s.", ref.ref);
	return 0;
}

static void
remove_one(struct ui *ui, void *state)
{
	struct state *st = state;
	struct dialog *d = ui_dialog(ui, "Remove an SSH key?", "Remove it",
	    "Cancel", remove_done);
	size_t n = st->list.n_rows < KEYS_MAX ? st->list.n_rows : KEYS_MAX;

	for (size_t i = 0; i < n; i++)
		st->choices[i] = (struct choice){
			st->list.rows[i].fingerprint, st->list.rows[i].name };
	pager_text(&d->text, LOOK_PLAIN,
	    "The key no longer opens this account. Sessions that are open stay open.");
	form_choice(&d->form, "Key", st->choices, n, 0);
}

static void
agreement(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "agreement", "");
}

/* ---- addresses ---- */

static int
contact_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct confirmation c = { 0 };
	struct ref ref = { 0 };
	struct none none = { 0 };
	bool code = form_text(f, 1)[0] != '\0';

	str_copy(ref.ref, sizeof ref.ref, form_text(f, 0));
	str_copy(c.name, sizeof c.name, form_text(f, 0));
	str_copy(c.code, sizeof c.code, form_text(f, 1));
	if ((code ? ask_contact_confirm(ui->line, &c, &none, e) :
	    ask_contact_add(ui->line, &ref, &none, e)) < 0)
		return -1;
	account_changed(ui, state);
	ui_say(ui, LOOK_GOOD, code ? "Letters go to %s as well." :
	    "A code goes to %s; enter it here with e.", ref.ref);
	return 0;
}

static void
contact(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "An address more", "Send",
	    "Cancel", contact_done);

	(void)state;
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

	str_copy(ref.ref, sizeof ref.ref, form_text(f, 0));
	if (ask_contact_remove(ui->line, &ref, &none, e) < 0)
		return -1;
	account_changed(ui, state);
	ui_say(ui, LOOK_PLAIN, "No further letter goes to %s.", ref.ref);
	return 0;
}

static void
uncontact(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Remove an address?", "Remove it",
	    "Cancel", uncontact_done);

	(void)state;
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

	str_copy(w.what, sizeof w.what, form_text(f, 0));
	if (ask_notify_set(ui->line, &w, &n, e) < 0)
		return -1;
	NOUN_CLEAR(notify, &n);
	account_changed(ui, state);
	ui_say(ui, LOOK_PLAIN, "%s: %s.", w.what, w.on ? "on" : "off");
	return 0;
}

static void
notify(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Which letters?", "Set",
	    "Cancel", notify_done);

	(void)state;
	pager_text(&d->text, LOOK_PLAIN,
	    "Letters about revocation, recovery and your domains always come.");
	form_line(&d->form, "What", "reminders, issued, or the number of a certificate",
	    63);
	form_tick(&d->form, "On", "these letters come", false);
}

/* ---- recovery, leaving ---- */

static int
stop_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref own = { 0 };
	struct recovery r = { 0 };

	(void)f;
	if (ask_recovery_stop(ui->line, &own, &r, e) < 0)
		return -1;
	ui->me.recovery = 0;
	account_changed(ui, state);
	ui_say(ui, LOOK_GOOD, "Stopped: the account stays with the keys that it has.");
	return 0;
}

static void
stop(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Stop the recovery?", "Stop it",
	    "Cancel", stop_done);

	(void)state;
	pager_text(&d->text, LOOK_PLAIN,
	    "The other key will not open %s. Then look after the mailbox that the code went to.",
	    ui->me.account.name);
}

static int
leave_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct closing_wish w = { .revoke = f->inputs[1].ticked };
	struct closing k = { 0 };
	bool closed;

	(void)state;
	str_copy(w.name, sizeof w.name, form_text(f, 0));
	if (ask_account_close(ui->line, &w, &k, e) < 0)
		return -1;
	closed = k.closed;
	if (!closed)
		err_set(e, ERR_REFUSED, "close-certificates",
		    "%lld certificates are good still; tick the box, or revoke them first",
		    (long long)k.good);
	NOUN_CLEAR(closing, &k);
	if (!closed)
		return -1;
	ui->quit = true;
	return 0;
}

/* What stands in the way of leaving; of readers the list is everybody's. */
static void
live_certificates(struct ui *ui, struct pager *p)
{
	struct wish w = { .limit = LOOKS_SHOWN };
	struct request_page page = { 0 };
	char date[11];

	str_copy(w.state, sizeof w.state, word_of(&certificate_state_words,
	    CERTIFICATE_GOOD));
	if ((READERS & ROLE_BIT(ui_role(ui))) != 0 ||
	    !op_allows(OP_request_submit, ui_role(ui)) ||
	    ask_certificate_list(ui->line, &w, &page, NULL) < 0)
		return;
	if (page.n_rows > 0)
		pager_text(p, LOOK_WARN, "Certificates that are good still:");
	for (size_t i = 0; i < page.n_rows; i++) {
		time_date(date, page.rows[i].not_after);
		pager_text(p, LOOK_PLAIN, "%lld for %s, until %s",
		    (long long)page.rows[i].number, page.rows[i].first, date);
	}
	if (page.more)
		pager_text(p, LOOK_DIM, "and more");
	NOUN_CLEAR(request_page, &page);
}

static void
leave(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Close your account?", "Close it",
	    "Cancel", leave_done);

	(void)state;
	pager_text(&d->text, LOOK_BAD,
	    "Keys, addresses, domains, notes and CSRs are erased, and the name stays taken for ever. Type the name of the account.");
	live_certificates(ui, &d->text);
	form_line(&d->form, "Name", ui->me.account.name, 32);
	form_tick(&d->form, "Revoke them too", "the certificates that are good",
	    false);
}

/* ---- one's own data ---- */

static int
export_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	(void)state, (void)f, (void)e;
	prompt_open(ui);
	ui->prompt->open = false;
	prompt_run(ui, ui->prompt, "export-me");
	return 0;
}

static void
export(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Everything that is held on you",
	    "Show it here", "Cancel", export_done);
	char line[512];

	(void)state;
	exec_line(line, sizeof line, &ui->me, "export-me", NULL);
	pager_text(&d->text, LOOK_PLAIN,
	    "One JSON document: account, keys, addresses, domains, requests, certificates, letters, log. A file on your machine is made by your SSH client, in a shell there:");
	pager_text(&d->text, LOOK_KEY, "%s > me.json", line);
	pager_text(&d->text, LOOK_DIM,
	    "Shown here, y copies it and p shows it without frames.");
}

static void
looks(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "looks", "");
}

static void
by_key(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "key_proof", "");
}

static bool
being_recovered(const struct ui *ui, const void *state)
{
	(void)state;
	return ui->me.recovery != 0;
}

static bool
has_letters(const struct ui *ui, const void *state)
{
	(void)state;
	return op_allows(OP_notify_get, ui_role(ui));
}

static bool
several(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->list.n_rows > 1;
}

static void
account_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	NOUN_CLEAR(key_list, &st->list);
}

/* The key in use first, then the others. */
static void
copy(struct ui *ui, void *state)
{
	const struct state *st = state;
	char line[512];

	ui_copy_start(ui);
	exec_line(line, sizeof line, &ui->me, "key", "list", NULL);
	ui_copy_add_text(ui, "key in use", "fingerprint of the key in use now",
	    ui->me.key.fingerprint);
	for (size_t i = 0; i < st->list.n_rows; i++)
		if (strcmp(st->list.rows[i].fingerprint,
		    ui->me.key.fingerprint) != 0)
			ui_copy_add_text(ui, st->list.rows[i].name[0] ?
			    st->list.rows[i].name : "other key",
			    st->list.rows[i].fingerprint,
			    st->list.rows[i].fingerprint);
	ui_copy_add_text(ui, "name", "the name of the account",
	    ui->me.account.name);
	ui_copy_ask(ui, line);
}

static const struct key_row keys[] = {
	{ 'a', "a", "add key", "Add an SSH key", add, NULL },
	{ 'x', "x", "remove key", "Remove an SSH key; the last one stays",
	    remove_one, several },
	{ 's', "s", "stop the recovery", "Stop the recovery of this account by another key",
	    stop, being_recovered },
	{ 'e', "e", "address", "Add an address, or confirm one with its code",
	    contact, NULL },
	{ 'd', "d", "drop address", "Remove an address; the last one stays",
	    uncontact, NULL },
	{ 'l', "l", "letters", "Choose which letters come", notify,
	    has_letters },
	{ 'w', "w", "who looked", "Who of the staff and auditors looked at your record",
	    looks, NULL },
	{ 'o', "o", "my data", "Everything that is held on you, as JSON",
	    export, NULL },
	{ 'v', "v", "revoke by key", "Revoke any certificate whose private key you hold",
	    by_key, NULL },
	{ 'c', "c", "close", "Close the account and erase what is personal",
	    leave, NULL },
	{ 'm', "m", "agreement", "Read the member agreement", agreement,
	    NULL },
	{ 'y', "y", "copy", "Copy a key's fingerprint or the account's name",
	    copy, NULL },
	{ 0 },
};

const struct view view_account = {
	.name = "account", .title = "Account", .brief = "Account",
	.help = "Your account and the SSH keys that open it. Two keys are better than one: a lost key locks you out.",
	.size = sizeof(struct state), .keys = keys,
	.open = account_open, .draw = pager_view_draw,
	.key = pager_view_key, .changed = account_changed,
	.where = pager_view_where, .close = account_close,
};
