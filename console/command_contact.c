/* command_contact.c - the addresses of one's account, and which letters go
 * there. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

int
command_contact_list(struct call *call)
{
	struct none nothing = { 0 };
	struct contact_list list = { 0 };
	struct table t;

	if (ask_contact_list(call->c->line, &nothing, &list, &call->err) < 0)
		return -1;
	if (!call_json(call, &list)) {
		table_init(&t, 3, "ADDRESS", "ADDED", "STATE");
		for (size_t i = 0; i < list.n_rows; i++) {
			const struct contact *k = &list.rows[i];
			char added[11];

			time_date(added, k->added);
			table_add(&t, k->email, added, k->main ?
			    "the account's own: codes go there" :
			    k->confirmed ? "confirmed" :
			    "waits for its code");
		}
		table_print(&call->c->out, &t);
	}
	NOUN_CLEAR(contact_list, &list);
	return 0;
}

int
command_contact_add(struct call *call)
{
	struct none nothing = { 0 };
	struct ref r = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_contact_add(call->c->line, &r, &nothing, &call->err) < 0)
		return -1;
	if (!call_json(call, &nothing)) {
		say(&call->c->out, "A letter with a code goes to %s.", r.ref);
		say(&call->c->out, "When it has come: contact confirm %s CODE",
		    r.ref);
	}
	return 0;
}

int
command_contact_confirm(struct call *call)
{
	struct none nothing = { 0 };
	struct confirmation k = { 0 };

	if (call_ref(call, 0, k.name, sizeof k.name) < 0 ||
	    call_ref(call, 1, k.code, sizeof k.code) < 0 ||
	    ask_contact_confirm(call->c->line, &k, &nothing, &call->err) < 0)
		return -1;
	if (!call_json(call, &nothing))
		say(&call->c->out, "Letters for this account go to %s as well from now on.",
		    k.name);
	return 0;
}

int
command_contact_remove(struct call *call)
{
	struct none nothing = { 0 };
	struct ref r = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_contact_remove(call->c->line, &r, &nothing, &call->err) < 0)
		return -1;
	if (!call_json(call, &nothing))
		say(&call->c->out, "No further letter goes to %s.", r.ref);
	return 0;
}

/* ---- letters ---- */

static void
notify_print(struct output *o, const struct notify *n)
{
	char date[11];

	if (n->days[0] == '\0')
		out_fact(o, "Reminders", "this authority sends none");
	else
		out_fact(o, "Reminders", "%s: %s days before a certificate ends",
		    n->reminders ? "on" : "off", n->days);
	out_fact(o, "Issued", "%s: when a certificate was issued",
	    n->issued ? "on" : "off");
	for (size_t i = 0; i < n->n_muted; i++) {
		time_date(date, n->muted[i].not_after);
		out_fact(o, "Muted", "%lld, %s, ends %s",
		    (long long)n->muted[i].request, n->muted[i].first, date);
	}
	say(o, "To change it: notify reminders|issued|NUMBER on|off. Letters about revocation, recovery and your domains always come.");
}

int
command_notify(struct call *call)
{
	const char *word = call_arg(call, 1);
	struct none nothing = { 0 };
	struct notify_wish w = { 0 };
	struct notify n = { 0 };
	int r;

	if (call_arg(call, 0) == NULL) {
		r = ask_notify_get(call->c->line, &nothing, &n, &call->err);
	} else {
		if (word == NULL || (strcmp(word, "on") != 0 &&
		    strcmp(word, "off") != 0))
			return call_usage(call, "say what shall be on or off: notify reminders|issued|NUMBER on|off");
		if (call_ref(call, 0, w.what, sizeof w.what) < 0)
			return -1;
		w.on = strcmp(word, "on") == 0;
		r = ask_notify_set(call->c->line, &w, &n, &call->err);
	}
	if (r < 0)
		return -1;
	if (!call_json(call, &n))
		notify_print(&call->c->out, &n);
	NOUN_CLEAR(notify, &n);
	return 0;
}
