/* command_session.c - one's own open sessions, and how they are shown. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "console/plain.h"
#include "core/base/clock.h"
#include "core/base/text.h"

int
command_session_list(struct call *call)
{
	struct none nothing = { 0 };
	struct session_list list = { 0 };
	struct table t;
	int r = -1;

	if (ask_session_list(call->c->line, &nothing, &list, &call->err) < 0)
		goto out;
	r = 0;
	if (call_json(call, &list))
		goto out;
	table_init(&t, 6, "NUMBER", "FROM", "SINCE", "KEY", "LAST", "");
	for (size_t i = 0; i < list.n_rows; i++) {
		const struct session *s = &list.rows[i];
		char number[24], since[TIME_TEXT_SIZE], heard[WHEN_SIZE];
		char last[WHEN_SIZE + sizeof s->doing + 2];

		snprintf(number, sizeof number, "%lld", (long long)s->number);
		time_text(since, s->since);
		time_relative(heard, s->heard, clock_now());
		snprintf(last, sizeof last, "%s, %s", s->doing, heard);
		table_add(&t, number, s->source, since, s->key,
		    s->heard != 0 ? last : "-", s->here ? "this one" : "");
	}
	table_print(&call->c->out, &t);
out:
	NOUN_CLEAR(session_list, &list);
	return r;
}

int
command_session_end(struct call *call)
{
	struct none nothing = { 0 };
	struct ref r = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_session_end(call->c->line, &r, &nothing, &call->err) < 0)
		return -1;
	if (!call_json(call, &nothing))
		say(&call->c->out, "Session %s is ended.", r.ref);
	return 0;
}

int
command_prefer(struct call *call)
{
	bool plain = strcmp(call->args[0], "plain") == 0;
	struct preference p = { .plain = plain };
	struct none nothing = { 0 };

	if (ask_plain_set(call->c->line, &p, &nothing, &call->err) < 0)
		return -1;
	call->c->me.plain = plain;
	if (!call_json(call, &nothing))
		say(&call->c->out, plain ?
		    "From the next login on every session is by lines; prefer screens: screens again." :
		    "From the next login on a terminal gets screens.");
	return 0;
}

int
command_plain(struct call *call)
{
	if (call->c->dialogue) {
		say(&call->c->out, "This is the plain dialogue already.");
		return 0;
	}
	if (call->json)
		return call_usage(call, "plain is a dialogue and has no --json");
	return plain_run(call->c);
}
