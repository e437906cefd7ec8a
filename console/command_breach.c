/* command_breach.c - staff: how many certificates a member may have, and whose
 * data was held in a time range. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

int
command_member_quota(struct call *call)
{
	struct quota q = { 0 };
	struct account a = { 0 };

	if (call_ref(call, 0, q.name, sizeof q.name) < 0 ||
	    call_number(call, 1, &q.most) < 0 ||
	    ask_account_quota_set(call->c->line, &q, &a, &call->err) < 0)
		return -1;
	if (call_json(call, &a))
		return 0;
	if (a.most == 0)
		say(&call->c->out, "%s may have as many good certificates as the policy says.",
		    a.name);
	else
		say(&call->c->out, "%s may have %lld good certificates at once.",
		    a.name, (long long)a.most);
	return 0;
}

static int
range_read(struct call *call, struct breach_wish *w)
{
	const char *from = call_option(call, "--from");
	const char *to = call_option(call, "--to");

	if (from == NULL || time_parse(from, &w->since) < 0)
		return call_usage(call, "--from takes a time in UTC: 2026-11-22, or 2026-11-22T15:04:05Z");
	if (to != NULL && time_parse(to, &w->until) < 0)
		return call_usage(call, "--to takes a time in UTC: 2026-11-22, or 2026-11-22T15:04:05Z");
	return 0;
}

static void
count_text(char dst[24], int64_t n)
{
	snprintf(dst, 24, "%lld", (long long)n);
}

int
command_breach(struct call *call)
{
	struct breach_wish w = { 0 };
	struct breach b = { 0 };
	struct table t;

	if (range_read(call, &w) < 0 ||
	    ask_breach_report(call->c->line, &w, &b, &call->err) < 0)
		return -1;
	if (!call_json(call, &b)) {
		table_init(&t, 8, "ACCOUNT", "MAIL", "KEYS", "CONTACTS",
		    "DOMAINS", "REQUESTS", "LETTERS", "LOG");
		for (size_t i = 0; i < b.n_rows; i++) {
			const struct breach_row *r = &b.rows[i];
			char n[6][24];

			count_text(n[0], r->keys);
			count_text(n[1], r->contacts);
			count_text(n[2], r->domains);
			count_text(n[3], r->requests);
			count_text(n[4], r->letters);
			count_text(n[5], r->entries);
			table_add(&t, r->account, r->email[0] ? r->email :
			    "(erased since)", n[0], n[1], n[2], n[3], n[4],
			    n[5]);
		}
		table_print(&call->c->out, &t);
		say(&call->c->out, "%zu people; what each column holds: share/doc/data-inventory.md",
		    b.n_rows);
	}
	NOUN_CLEAR(breach, &b);
	return 0;
}
