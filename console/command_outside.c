/* command_outside.c - what the world says about a domain, and what staff
 * decide when two members have proven it. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define LIVE_WAIT_MS 75000

static void
print_live(struct output *o, const struct live *l)
{
	char line[2400], host[300], label[64];
	int64_t now = clock_now();

	out_fact(o, "Domain", "%s", l->domain);
	for (size_t i = 0; i < l->n_ends; i++) {
		const struct live_end *end = &l->ends[i];

		live_sentence(line, sizeof line, end, now);
		render_untrusted(host, sizeof host, end->host,
		    strlen(end->host));
		snprintf(label, sizeof label, "%s", end->service);
		out_fact(o, label, "%s port %lld%s%s: %s", host,
		    (long long)end->port, end->address[0] ? " at " : "",
		    end->address, line);
	}
	if (l->n_ends == 0)
		say(o, "Nothing was found%s%s.", l->text[0] ? ": " : "",
		    l->text);
}

int
command_live(struct call *call)
{
	int64_t until = clock_mono_ms() + LIVE_WAIT_MS;
	struct ref r = { 0 };
	struct live l = { 0 };
	int status;

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0)
		return -1;
	do {
		NOUN_CLEAR(live, &l);
		if (ask_live_check(call->c->line, &r, &l, &call->err) < 0)
			return -1;
	} while (l.looking && call_wait(call, until));
	status = l.looking ? EXIT_PENDING : 0;
	if (!call_json(call, &l)) {
		if (l.looking)
			say(&call->c->out, "The servers are still being looked at; to see it: live %s",
			    l.domain);
		else
			print_live(&call->c->out, &l);
	}
	NOUN_CLEAR(live, &l);
	return status;
}

/* ---- conflicts ---- */

int
command_domain_conflicts(struct call *call)
{
	struct wish w = { 0 };
	struct conflict_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_conflict_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 6, "DOMAIN", "HOLDER", "SINCE", "CLAIMANT",
		    "SINCE", "PROVEN BY");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct conflict *c = &page.rows[i];
			char held[11], since[11];

			time_date(held, c->held_since);
			time_date(since, c->since);
			table_add(&t, c->domain, c->holder[0] ? c->holder :
			    "-", held, c->claimant, since, c->mailbox[0] ?
			    c->mailbox :
			    word_of(&proof_method_words, c->method));
		}
		table_print(&call->c->out, &t);
		if (page.n_rows == 0)
			say(&call->c->out, "No domain is disputed.");
		else {
			say(&call->c->out, "To decide: domain settle DOMAIN NAME");
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		}
	}
	NOUN_CLEAR(conflict_page, &page);
	return 0;
}

static void
print_settlement(struct output *o, const struct settlement *s)
{
	struct table t;

	say(o, "%s is held by %s now; the proof of %s has lapsed. Both are told.",
	    s->domain, s->winner, s->loser);
	if (s->n_certificates == 0) {
		say(o, "%s has no good certificate for it.", s->loser);
		return;
	}
	table_init(&t, 4, "NR", "SERIAL", "DOMAIN", "UNTIL");
	for (size_t i = 0; i < s->n_certificates; i++) {
		const struct certificate_row *c = &s->certificates[i];
		char number[24], until[11];

		snprintf(number, sizeof number, "%lld",
		    (long long)c->request);
		time_date(until, c->not_after);
		table_add(&t, number, c->serial, c->first, until);
	}
	table_print(o, &t);
	say(o, "These certificates of %s are still good%s. To revoke one: revoke N affiliationChanged; all: revoke-many affiliationChanged --domain %s --account %s",
	    s->loser, s->more ? ", and there are more" : "", s->domain,
	    s->loser);
}

int
command_domain_settle(struct call *call)
{
	struct settle_wish w = { 0 };
	struct settlement s = { 0 };

	if (call_ref(call, 0, w.domain, sizeof w.domain) < 0 ||
	    call_ref(call, 1, w.account, sizeof w.account) < 0 ||
	    ask_domain_settle(call->c->line, &w, &s, &call->err) < 0)
		return -1;
	if (!call_json(call, &s))
		print_settlement(&call->c->out, &s);
	NOUN_CLEAR(settlement, &s);
	return 0;
}
