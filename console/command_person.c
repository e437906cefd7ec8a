/* command_person.c - codes by which the holder of a domain agrees to personal
 * certificates of its people. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

int
command_person_invite(struct call *call)
{
	struct invitation_new n = { 0 };
	struct invitation i = { 0 };
	char when[WHEN_SIZE];

	if (call_ref(call, 0, n.jid, sizeof n.jid) < 0)
		return -1;
	n.mail = call_option(call, "--mail") != NULL;
	if (ask_person_invite(call->c->line, &n, &i, &call->err) < 0)
		return -1;
	if (call_json(call, &i))
		return 0;
	time_both(when, i.expires, clock_now());
	if (i.code[0] == '\0') {
		say(&call->c->out, "A letter with a code goes to %s; it counts until %s.",
		    i.jid, when);
		return 0;
	}
	out_line(&call->c->out, "%s", i.code);
	say(&call->c->out, "Hand this code over to %s, and to nobody else; it counts once, until %s.",
	    i.jid, when);
	say(&call->c->out, "It goes with: request --profile xmpp-person --jid %s --code CODE < csr",
	    i.jid);
	return 0;
}

static void
row_print(struct table *t, const struct invitation *i)
{
	char number[24], request[24] = "", when[WHEN_SIZE];

	snprintf(number, sizeof number, "%lld", (long long)i->number);
	if (i->request != 0)
		snprintf(request, sizeof request, "%lld",
		    (long long)i->request);
	time_both(when, i->expires, clock_now());
	table_add(t, number, i->jid, word_of(&invitation_state_words,
	    i->state), when, request);
}

int
command_person_list(struct call *call)
{
	struct wish w = { 0 };
	struct invitation_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_person_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 5, "NUMBER", "ADDRESS", "STATE", "COUNTS UNTIL",
		    "REQUEST");
		for (size_t i = 0; i < page.n_rows; i++)
			row_print(&t, &page.rows[i]);
		table_print(&call->c->out, &t);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		else
			say(&call->c->out, "No code was given.");
	}
	NOUN_CLEAR(invitation_page, &page);
	return 0;
}

int
command_person_drop(struct call *call)
{
	struct ref r = { 0 };
	struct none nothing = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_person_drop(call->c->line, &r, &nothing, &call->err) < 0)
		return -1;
	if (!call_json(call, &nothing))
		say(&call->c->out, "The code for %s counts no more.", r.ref);
	return 0;
}
