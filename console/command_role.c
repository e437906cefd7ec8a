/* command_role.c - roles granted and taken, the access review. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

static void
until_text(char dst[TIME_TEXT_SIZE], int64_t until)
{
	if (until == 0)
		str_copy(dst, TIME_TEXT_SIZE, "without end");
	else
		time_text(dst, until);
}

/* One grant, and what it waits for. */
static int
grant_print(struct call *call, struct role_grant *g)
{
	struct output *o = &call->c->out;
	struct role_grant_page page = { .rows = g, .n_rows = 1, .total = 1 };
	char until[TIME_TEXT_SIZE];

	if (call_json(call, &page))
		return 0;
	until_text(until, g->until);
	out_fact(o, "Grant", "%lld", (long long)g->number);
	out_fact(o, "Role", "%s for %s, %s", word_of(&role_words, g->role),
	    g->account, until);
	out_fact(o, "State", "%s", word_of(&grant_state_words, g->state));
	out_fact(o, "Asked by", "%s", g->asked_by);
	if (g->confirmed_by[0] != '\0')
		out_fact(o, "Confirmed by", "%s", g->confirmed_by);
	if (g->state == GRANT_WAITING)
		say(o, "A second person must confirm it: grant --confirm %lld",
		    (long long)g->number);
	return 0;
}

static int
grants_list(struct call *call)
{
	struct wish w = { 0 };
	struct role_grant_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_role_grant_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 8, "GRANT", "STATE", "ACCOUNT", "ROLE",
		    "UNTIL", "ASKED BY", "CONFIRMED BY", "REASON");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct role_grant *g = &page.rows[i];
			char number[24], until[TIME_TEXT_SIZE];

			snprintf(number, sizeof number, "%lld",
			    (long long)g->number);
			until_text(until, g->until);
			table_add(&t, number, word_of(&grant_state_words,
			    g->state), g->account, word_of(&role_words,
			    g->role), until, g->asked_by, g->confirmed_by,
			    g->reason);
		}
		table_print(&call->c->out, &t);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		else
			say(&call->c->out, "No role was granted; `access` shows those that the operator gave.");
	}
	NOUN_CLEAR(role_grant_page, &page);
	return 0;
}

static int
grant_ask(struct call *call)
{
	const char *until = call_option(call, "--until");
	const char *reason = call_option(call, "--reason");
	struct role_wish w = { 0 };
	struct role_grant g = { 0 };
	int role;

	if (call_may(call, OP_role_grant_add) < 0)
		return -1;
	if (call->n_args != 2)
		return call_usage(call, "a grant needs the NAME of an account and a ROLE");
	role = word_parse(&role_words, call->args[1]);
	if (role < 0)
		return call_usage(call, "'%.32s' is no role: staff, auditor, finance or director",
		    call->args[1]);
	w.role = (enum role)role;
	if (until != NULL && (time_parse(until, &w.until) < 0 ||
	    w.until <= 0))
		return call_usage(call, "--until takes a day or a time in UTC, as 2027-01-31");
	if (reason != NULL && !str_copy(w.reason, sizeof w.reason, reason))
		return call_usage(call, "the reason is too long");
	if (call_ref(call, 0, w.name, sizeof w.name) < 0 ||
	    ask_role_grant_add(call->c->line, &w, &g, &call->err) < 0)
		return -1;
	return grant_print(call, &g);
}

/* Who asked for it signs too, and somebody else still confirms. */
static int
grant_confirm(struct call *call, const struct ref *r)
{
	bool is_signed = call_option(call, "--signed") != NULL;
	struct role_grant g = { 0 };
	int done = call_deed(call, "grant", r->ref);

	if (done != 0)
		return done < 0 ? -1 : 0;
	if (ask_role_grant_confirm(call->c->line, r, &g, &call->err) == 0)
		return grant_print(call, &g);
	if (!is_signed || strcmp(call->err.clause, "grant-second") != 0)
		return -1;
	err_clear(&call->err);
	say(&call->c->out, "Your signature is kept; a second person must sign and confirm it: grant --confirm %s",
	    r->ref);
	return EXIT_PENDING;
}

int
command_grant(struct call *call)
{
	const char *confirm = call_option(call, "--confirm");
	const char *drop = call_option(call, "--drop");
	struct role_grant g = { 0 };
	struct ref r = { 0 };

	if (confirm == NULL && drop == NULL)
		return call->n_args > 0 ? grant_ask(call) :
		    grants_list(call);
	if (call_may(call, confirm ? OP_role_grant_confirm :
	    OP_role_grant_drop) < 0)
		return -1;
	if (call->n_args > 0)
		return call_usage(call, "--confirm and --drop take the number of a grant alone");
	if (!str_copy(r.ref, sizeof r.ref, confirm ? confirm : drop))
		return call_usage(call, "that is no number of a grant");
	if (drop != NULL)
		return ask_role_grant_drop(call->c->line, &r, &g,
		    &call->err) < 0 ? -1 : grant_print(call, &g);
	return grant_confirm(call, &r);
}

int
command_ungrant(struct call *call)
{
	const char *reason = call_option(call, "--reason");
	struct role_wish w = { 0 };
	struct account a = { 0 };

	if (reason != NULL && !str_copy(w.reason, sizeof w.reason, reason))
		return call_usage(call, "the reason is too long");
	if (call_ref(call, 0, w.name, sizeof w.name) < 0 ||
	    ask_role_end(call->c->line, &w, &a, &call->err) < 0)
		return -1;
	if (!call_json(call, &a))
		say(&call->c->out, "%s is a %s now.", a.name,
		    word_of(&role_words, a.role));
	return 0;
}

int
command_access(struct call *call)
{
	struct none none = { 0 };
	struct access_list list = { 0 };
	struct table t;

	if (ask_access_list(call->c->line, &none, &list, &call->err) < 0)
		return -1;
	if (!call_json(call, &list)) {
		table_init(&t, 8, "ACCOUNT", "ROLE", "SINCE", "UNTIL",
		    "GIVEN BY", "LAST HERE", "KEYS", "REMARK");
		for (size_t i = 0; i < list.n_rows; i++) {
			const struct access *a = &list.rows[i];
			char since[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
			char last[TIME_TEXT_SIZE], keys[64], by[72];

			time_text(since, a->since);
			until_text(until, a->until);
			time_text(last, a->last_login);
			snprintf(keys, sizeof keys, "%lld, %lld hardware",
			    (long long)a->keys, (long long)a->hardware_keys);
			snprintf(by, sizeof by, "%s%s%s", a->granted_by[0] ?
			    a->granted_by : "the operator",
			    a->confirmed_by[0] ? ", " : "", a->confirmed_by);
			table_add(&t, a->account, word_of(&role_words,
			    a->role), since, until, by, last, keys, a->text);
		}
		table_print(&call->c->out, &t);
	}
	NOUN_CLEAR(access_list, &list);
	return 0;
}
