/* command_member.c - members, as staff and auditors see and staff steer. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

static void
print_account(struct output *o, const struct account *a)
{
	char when[WHEN_SIZE];
	int64_t now = clock_now();

	out_fact(o, "Name", "%s", a->name);
	out_fact(o, "Role", "%s", word_of(&role_words, a->role));
	out_fact(o, "State", "%s", word_of(&account_state_words, a->state));
	out_fact(o, "Mail", "%s", a->email);
	time_both(when, a->created, now);
	out_fact(o, "Created", "%s", when);
	time_both(when, a->last_login, now);
	out_fact(o, "Last login", "%s", when);
	time_both(when, a->agreement_at, now);
	out_fact(o, "Agreement", "%s", a->agreement[0] ? a->agreement :
	    "not accepted");
	if (a->agreement[0] != '\0')
		out_fact(o, "Accepted", "%s", when);
	out_fact(o, "Domains proven", "%lld", (long long)a->domains);
	out_fact(o, "Certificates good", "%lld", (long long)a->certificates);
	if (a->most > 0)
		out_fact(o, "Quota", "%lld good certificates at once",
		    (long long)a->most);
}

int
command_member_list(struct call *call)
{
	struct wish w = { 0 };
	struct account_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_account_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 8, "NUMBER", "NAME", "ROLE", "STATE", "MAIL",
		    "LAST LOGIN", "DOMAINS", "CERTIFICATES");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct account *a = &page.rows[i];
			char number[24], domains[24], certificates[24];
			char login[11];

			snprintf(number, sizeof number, "%lld",
			    (long long)a->number);
			snprintf(domains, sizeof domains, "%lld",
			    (long long)a->domains);
			snprintf(certificates, sizeof certificates, "%lld",
			    (long long)a->certificates);
			time_date(login, a->last_login);
			table_add(&t, number, a->name,
			    word_of(&role_words, a->role),
			    word_of(&account_state_words, a->state), a->email,
			    login, domains, certificates);
		}
		table_print(&call->c->out, &t);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		else
			say(&call->c->out, "No member.");
	}
	NOUN_CLEAR(account_page, &page);
	return 0;
}

int
command_member_show(struct call *call)
{
	const char *reason = call_option(call, "--reason");
	struct account_wish r = { 0 };
	struct account a = { 0 };

	if (reason != NULL && !str_copy(r.reason, sizeof r.reason, reason))
		return call_usage(call, "--reason takes at most %zu bytes",
		    sizeof r.reason - 1);
	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_account_get(call->c->line, &r, &a, &call->err) < 0)
		return -1;
	if (!call_json(call, &a))
		print_account(&call->c->out, &a);
	return 0;
}

static int
member_move(struct call *call, enum op op, const char *what)
{
	struct ref r = { 0 };
	struct account a = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    line_ask(call->c->line, op, &r, &a, &call->err) < 0)
		return -1;
	if (!call_json(call, &a))
		say(&call->c->out, "%s is %s: %s.", a.name,
		    word_of(&account_state_words, a.state), what);
	return 0;
}

int
command_member_suspend(struct call *call)
{
	return member_move(call, OP_account_suspend,
	    "no step towards a certificate, own certificates can still be revoked");
}

int
command_member_reinstate(struct call *call)
{
	return member_move(call, OP_account_reinstate,
	    "everything is allowed again");
}
