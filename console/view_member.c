/* view_member.c - one member: state, suspending and reinstating. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct pager page;		/* must stand first */
	struct account account;
	char reason[512];		/* that was given for its address */
};

static void
member_fill(struct state *st)
{
	const struct account *a = &st->account;
	const char *word = word_of(&account_state_words, a->state);
	struct pager *p = &st->page;
	char when[WHEN_SIZE];
	int64_t now = clock_now();

	pager_again(p);
	pager_text(p, LOOK_STRONG, "%s", a->name);
	pager_gap(p);
	pager_field(p, "state", look_of_state(word), "%s", word);
	pager_field(p, "role", LOOK_PLAIN, "%s",
	    word_of(&role_words, a->role));
	pager_field(p, "e-mail", LOOK_PLAIN, "%s", a->email);
	time_both(when, a->created, now);
	pager_field(p, "since", LOOK_PLAIN, "%s", when);
	time_both(when, a->last_login, now);
	pager_field(p, "last login", LOOK_PLAIN, "%s", when);
	time_both(when, a->agreement_at, now);
	pager_field(p, "agreement", LOOK_PLAIN, "%s%s%s", a->agreement[0] ?
	    "version " : "not accepted", a->agreement,
	    a->agreement[0] ? "" : "");
	if (a->agreement[0] != '\0')
		pager_field(p, "accepted", LOOK_PLAIN, "%s", when);
	pager_field(p, "domains", LOOK_PLAIN, "%lld proven",
	    (long long)a->domains);
	pager_field(p, "certificates", LOOK_PLAIN, "%lld good",
	    (long long)a->certificates);
	if (a->most > 0)
		pager_field(p, "quota", LOOK_PLAIN, "%lld at once",
		    (long long)a->most);
}

static int
member_open(struct ui *ui, void *state, const char *name, struct err *e)
{
	struct state *st = state;
	struct account_wish ref = { 0 };

	str_copy(ref.ref, sizeof ref.ref, name);
	if (ask_account_get(ui->line, &ref, &st->account, e) < 0)
		return -1;
	member_fill(st);
	return 0;
}

static void
member_changed(struct ui *ui, void *state)
{
	struct state *st = state;
	struct account new = { 0 };
	struct account_wish ref = { 0 };

	memcpy(ref.ref, st->account.name, sizeof st->account.name);
	memcpy(ref.reason, st->reason, sizeof ref.reason);
	if (ask_account_get(ui->line, &ref, &new, NULL) < 0)
		return;
	st->account = new;
	member_fill(st);
}

static int
change_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = state;
	struct account new = { 0 };
	struct ref ref = { 0 };
	bool suspend = st->account.state == ACCOUNT_ACTIVE;

	(void)f;
	memcpy(ref.ref, st->account.name, sizeof st->account.name);
	if ((suspend ? ask_account_suspend(ui->line, &ref, &new, e) :
	    ask_account_reinstate(ui->line, &ref, &new, e)) < 0)
		return -1;
	st->account = new;
	member_fill(st);
	ui->changed = true;
	ui_say(ui, LOOK_PLAIN, "%s is %s.", new.name,
	    word_of(&account_state_words, new.state));
	return 0;
}

static void
suspend(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Suspend a member?", "Suspend",
	    "Cancel", change_done);

	pager_text(&d->text, LOOK_PLAIN,
	    "Suspend %s? The member can then read and revoke, not request. Certificates stay good until they are revoked.",
	    ((struct state *)state)->account.name);
	d->form.at = 1;
}

static void
reinstate(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Reinstate a member?", "Reinstate",
	    "Cancel", change_done);

	pager_text(&d->text, LOOK_PLAIN,
	    "Reinstate %s? The member can then request certificates again.",
	    ((struct state *)state)->account.name);
}

/* ---- its quota, and its address ---- */

static int
quota_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = state;
	struct account new = { 0 };
	struct quota q = { 0 };

	memcpy(q.name, st->account.name, sizeof q.name);
	if (!number_parse(form_text(f, 0), 1000000, &q.most))
		return err_set(e, ERR_BAD_INPUT, "quota",
		    "a number from 1 to 1000000, or 0 for that of the policy");
	if (ask_account_quota_set(ui->line, &q, &new, e) < 0)
		return -1;
	st->account.most = new.most;
	member_fill(st);
	ui_say(ui, LOOK_PLAIN, "%s may have %s.", new.name, new.most ?
	    "that many good certificates at once" :
	    "as many as the policy says");
	return 0;
}

static void
quota(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Good certificates at once", "Set",
	    "Cancel", quota_done);

	pager_text(&d->text, LOOK_PLAIN, "How many may %s have? It is logged.",
	    ((struct state *)state)->account.name);
	form_line(&d->form, "Number", "0: as the policy says", 7);
}

static int
address_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = state;
	struct account_wish ref = { 0 };
	struct account new = { 0 };

	memcpy(ref.ref, st->account.name, sizeof st->account.name);
	str_copy(ref.reason, sizeof ref.reason, form_text(f, 0));
	if (ref.reason[0] == '\0')
		return err_set(e, ERR_BAD_INPUT, "reason",
		    "say why; the member can read it");
	if (ask_account_get(ui->line, &ref, &new, e) < 0)
		return -1;
	st->account = new;
	memcpy(st->reason, ref.reason, sizeof st->reason);
	member_fill(st);
	return 0;
}

static void
address(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Show the whole address?", "Show it",
	    "Cancel", address_done);

	pager_text(&d->text, LOOK_PLAIN,
	    "The reason is logged, and %s can read it.",
	    ((struct state *)state)->account.name);
	form_line(&d->form, "Reason", "why you need the address", 500);
}

static bool
is_redacted(const struct ui *ui, const void *state)
{
	(void)ui;
	return strchr(((const struct state *)state)->account.email, '*') !=
	    NULL;
}

static bool
can_quota(const struct ui *ui, const void *state)
{
	return op_allows(OP_account_quota_set, ui_role(ui)) &&
	    strcmp(((const struct state *)state)->account.name,
	    ui->me.account.name) != 0;
}

static bool
can_suspend(const struct ui *ui, const void *state)
{
	const struct account *a = &((const struct state *)state)->account;

	return a->state == ACCOUNT_ACTIVE &&
	    op_allows(OP_account_suspend, ui_role(ui)) &&
	    strcmp(a->name, ui->me.account.name) != 0;
}

static bool
can_reinstate(const struct ui *ui, const void *state)
{
	return ((const struct state *)state)->account.state ==
	    ACCOUNT_SUSPENDED && op_allows(OP_account_reinstate, ui_role(ui));
}

static void
member_close(void *state)
{
	pager_clear(&((struct state *)state)->page);
}

static const struct key_row keys[] = {
	{ 's', "s", "suspend", "Suspend this member", suspend, can_suspend,
	    "member suspend" },
	{ 'u', "u", "reinstate", "Reinstate this member", reinstate,
	    can_reinstate, "member reinstate" },
	{ 'c', "c", "quota", "How many good certificates at once", quota,
	    can_quota, "member quota" },
	{ 'e', "e", "address", "Show the whole mail address, with a reason",
	    address, is_redacted, "member show" },
	{ 0 },
};

const struct view view_member = {
	.name = "member", .title = "Member", .brief = "Member",
	.shows = "member show",
	.help = "One member. Suspending stops requests, not certificates.",
	.size = sizeof(struct state), .keys = keys,
	.open = member_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = member_changed, .where = pager_view_where,
	.close = member_close,
};
