/* view_account.c - one's own account: SSH keys, agreement. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int
account_fill(struct ui *ui, struct state *st, struct err *e)
{
	const struct account *a = &ui->me.account;
	struct none none = { 0 };
	struct key_list new = { 0 };
	struct pager *p = &st->page;
	char when[WHEN_SIZE];
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
	pager_head(p, "SSH keys that open this account");
	p->label_cols = 12;
	for (size_t i = 0; i < st->list.n_rows; i++)
		key_part(ui, p, &st->list.rows[i], now);
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

static const struct key_row keys[] = {
	{ 'a', "a", "add key", "Add an SSH key", add, NULL },
	{ 'x', "x", "remove key", "Remove an SSH key; the last one stays",
	    remove_one, several },
	{ 'm', "m", "agreement", "Read the member agreement", agreement,
	    NULL },
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
