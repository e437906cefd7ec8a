/* view_account.c - one's own account: SSH keys, addresses, letters, who looked
 * at it, and leaving. */
#include "console/view_account.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct pager page;		/* must stand first */
	struct key_list list;
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
	if (a->agreement[0] || op_allows(OP_agreement_accept, a->role))
		pager_field(p, "agreement", LOOK_PLAIN, "%s%s%s%s",
		    a->agreement[0] ? "version " : "not accepted",
		    a->agreement, a->agreement[0] ? ", accepted " : "",
		    a->agreement[0] ? when : "");
	recovery_part(ui, p, now);
	pager_head(p, "SSH keys that open this account");
	p->label_cols = 12;
	for (size_t i = 0; i < st->list.n_rows; i++)
		key_part(ui, p, &st->list.rows[i], now);
	account_sessions_add(ui, p);
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

/* ---- keys ---- */

static void
add(struct ui *ui, void *state)
{
	(void)state;
	account_key_add_ask(ui);
}

static void
remove_one(struct ui *ui, void *state)
{
	account_key_remove_ask(ui, &((struct state *)state)->list);
}

static void
contact(struct ui *ui, void *state)
{
	(void)state;
	account_contact_ask(ui);
}

static void
uncontact(struct ui *ui, void *state)
{
	(void)state;
	account_uncontact_ask(ui);
}

static void
notify(struct ui *ui, void *state)
{
	(void)state;
	account_notify_ask(ui);
}

static void
stop(struct ui *ui, void *state)
{
	(void)state;
	account_stop_ask(ui);
}

static void
leave(struct ui *ui, void *state)
{
	(void)state;
	account_close_ask(ui);
}

static void
export(struct ui *ui, void *state)
{
	(void)state;
	account_export_ask(ui);
}

static void
agreement(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "agreement", "");
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

static void
session_end(struct ui *ui, void *state)
{
	(void)state;
	account_session_end_ask(ui);
}

static void
plain(struct ui *ui, void *state)
{
	(void)state;
	account_plain_turn(ui);
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

static void
policy(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "policy", "");
}

static const struct key_row keys[] = {
	{ 'a', "a", "add key", "Add an SSH key", add, NULL, "key add" },
	{ 'x', "x", "remove key", "Remove an SSH key; the last one stays",
	    remove_one, several, "key remove" },
	{ 's', "s", "stop the recovery", "Stop the recovery of this account by another key",
	    stop, being_recovered, "recovery stop" },
	{ 'h', "h", "hang up", "End another session of yours", session_end,
	    NULL, "session end" },
	{ 't', "t", "by lines", "Have every session by lines, or by screens again",
	    plain, NULL, "prefer" },
	{ 'e', "e", "address", "Add an address, or confirm one with its code",
	    contact, NULL, "contact add, contact confirm" },
	{ 'd', "d", "drop address", "Remove an address; the last one stays",
	    uncontact, NULL, "contact remove" },
	{ 'l', "l", "letters", "Choose which letters come", notify,
	    has_letters, "notify" },
	{ 'w', "w", "who looked", "Who of the staff and auditors looked at your record",
	    looks, NULL, ">looks" },
	{ 'o', "o", "my data", "Everything that is held on you, as JSON",
	    export, NULL, "export-me" },
	{ 'v', "v", "revoke by key", "Revoke any certificate whose private key you hold",
	    by_key, NULL, ">key_proof" },
	{ 'c', "c", "close", "Close the account and erase what is personal",
	    leave, NULL, "close-account, list" },
	{ 'm', "m", "agreement", "Read the member agreement", agreement,
	    NULL, ">agreement" },
	{ 'y', "y", "copy", "Copy a key's fingerprint or the account's name",
	    copy, NULL, KEY_MOVES },
	{ 'p', "p", "policy", "The policy in force, and the documents that rule here",
	    policy, NULL, ">policy" },
	{ 0 },
};

const struct view view_account = {
	.name = "account", .title = "Account", .brief = "Account",
	.shows = "whoami, key list, session list, contact list, notify, account looks",
	.help = "Your account and the SSH keys that open it. Two keys are better than one: a lost key locks you out.",
	.size = sizeof(struct state), .keys = keys,
	.open = account_open, .draw = pager_view_draw,
	.key = pager_view_key, .changed = account_changed,
	.where = pager_view_where, .close = account_close,
};
