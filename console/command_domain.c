/* command_domain.c - domains and the proof that they are one's own. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define RECORD_WAIT_MS 20000

static void
print_domain(struct output *o, const struct domain *d)
{
	char line[1024], when[WHEN_SIZE];
	int64_t now = clock_now();

	out_fact(o, "Domain", "%s", d->name);
	if (strcmp(d->shown, d->name) != 0)
		out_fact(o, "Shown as", "%s", d->shown);
	out_fact(o, "State", "%s", word_of(&domain_state_words, d->state));
	if (d->proven != 0) {
		time_both(when, d->proven, now);
		out_fact(o, "Proven", "%s, by %s%s%s", when,
		    word_of(&proof_method_words, d->method),
		    d->mailbox[0] ? " to " : "", d->mailbox);
		time_both(when, d->expires, now);
		out_fact(o, "Counts until", "%s", when);
	}
	if (d->state == DOMAIN_PROVEN && d->method == PROOF_DNS) {
		time_both(when, d->seen, now);
		out_fact(o, "Record seen", "%s, %s", when,
		    word_of(&dnssec_state_words, d->dnssec));
		if (d->missed != 0) {
			time_both(when, d->missed, now);
			out_fact(o, "Record missed", "since %s", when);
		}
	}
	for (size_t i = 0; i < d->n_challenges; i++) {
		challenge_sentence(line, sizeof line, &d->challenges[i], now);
		out_fact(o, d->challenges[i].method == PROOF_DNS ? "Record" :
		    "Letter", "%s", line);
	}
}

/* The newest record that waits to be found; NULL none. */
static const struct challenge *
record_open(const struct domain *d)
{
	for (size_t i = 0; i < d->n_challenges; i++)
		if (d->challenges[i].method == PROOF_DNS &&
		    d->challenges[i].state == CHALLENGE_SENT)
			return &d->challenges[i];
	return NULL;
}

/* The line for the zone goes to stdout, ready to be copied. */
static void
print_record(struct output *o, const struct domain *d)
{
	const struct challenge *c = record_open(d);
	char line[512], when[WHEN_SIZE];

	if (c == NULL)
		return;
	record_line(line, sizeof line, c);
	out_line(o, "%s", line);
	time_both(when, c->expires, clock_now());
	say(o, "Add this record to the DNS, until %s; then: domain confirm %s",
	    when, d->name);
}

static void
say_domain(struct output *o, const struct domain *d)
{
	char line[1024];

	domain_sentence(line, sizeof line, d, clock_now());
	say(o, "%s: %s.", d->name, line);
}

int
command_domain_add(struct call *call)
{
	const char *to = call_option(call, "--to");
	struct domain_new n = { .method = PROOF_MAIL };
	struct domain d = { 0 };
	const struct challenge *last;
	const char *at = to ? strchr(to, '@') : NULL;

	if (call_ref(call, 0, n.name, sizeof n.name) < 0)
		return -1;
	if (call_option(call, "--dns") != NULL)
		n.method = PROOF_DNS;
	if (at != NULL && !str_copy(n.at, sizeof n.at, at + 1))
		return call_usage(call, "--to is too long");
	if (to != NULL && (at ? (size_t)(at - to) : strlen(to)) >=
	    sizeof n.localpart)
		return call_usage(call, "--to is too long");
	if (to != NULL)
		snprintf(n.localpart, sizeof n.localpart, "%.*s",
		    (int)(at ? (size_t)(at - to) : strlen(to)), to);
	if (ask_domain_add(call->c->line, &n, &d, &call->err) < 0)
		return -1;
	if (!call_json(call, &d)) {
		last = d.n_challenges ? &d.challenges[0] : NULL;
		if (n.method == PROOF_DNS)
			print_record(&call->c->out, &d);
		else if (last != NULL && last->mailbox[0] != '\0')
			say(&call->c->out, "A letter with a code goes to %s.",
			    last->mailbox);
		else if (d.mailbox[0] != '\0')
			say(&call->c->out, "A letter with a code goes to %s.",
			    d.mailbox);
		say_domain(&call->c->out, &d);
	}
	NOUN_CLEAR(domain, &d);
	return 0;
}

/* The courier looks for the record: wait a while for what it finds, or until
 * it says that it will try again. */
static int
record_wait(struct call *call, struct domain *d, const char *name)
{
	int64_t until = clock_mono_ms() + RECORD_WAIT_MS, before;
	struct ref r = { 0 };

	before = record_open(d) != NULL ? record_open(d)->looked : 0;
	str_copy(r.ref, sizeof r.ref, name);
	while (record_open(d) != NULL && record_open(d)->looking &&
	    record_open(d)->looked == before && call_wait(call, until)) {
		NOUN_CLEAR(domain, d);
		if (ask_domain_get(call->c->line, &r, d, &call->err) < 0)
			return -1;
	}
	return 0;
}

/* Looked for, and not proven: why not, as a refusal; or it goes on. */
static int
record_status(struct call *call, const struct domain *d)
{
	const struct challenge *c = record_open(d);

	if (d->state == DOMAIN_CONFLICT)
		return err_set(&call->err, ERR_CONFLICT, "domain-conflict",
		    "your record is right, but another member holds %.253s; staff have been told and will write to you both",
		    d->name);
	if (c == NULL)
		return 0;
	if (c->looking)
		return EXIT_PENDING;
	return err_set(&call->err, ERR_REFUSED, "proof-record-missing",
	    "%.400s; add the record of `domain show %.100s`, wait until the DNS has it, then `domain confirm` again",
	    c->found[0] ? c->found : "it was not found", d->name);
}

int
command_domain_confirm(struct call *call)
{
	struct confirmation k = { 0 };
	struct domain d = { 0 };
	int status = 0;

	if (call_ref(call, 0, k.name, sizeof k.name) < 0 ||
	    (call->n_args > 1 &&
	    call_ref(call, 1, k.code, sizeof k.code) < 0))
		return -1;
	if (ask_domain_confirm(call->c->line, &k, &d, &call->err) < 0)
		return -1;
	if (k.code[0] == '\0' && (record_wait(call, &d, k.name) < 0 ||
	    (status = record_status(call, &d)) < 0)) {
		NOUN_CLEAR(domain, &d);
		return -1;
	}
	if (!call_json(call, &d)) {
		if (status == EXIT_PENDING)
			say(&call->c->out, "The DNS is still being asked%s%.300s; look again with: domain show %s",
			    record_open(&d) && record_open(&d)->found[0] ?
			    ": " : "", record_open(&d) ?
			    record_open(&d)->found : "", d.name);
		say_domain(&call->c->out, &d);
		if (d.state == DOMAIN_PROVEN)
			say(&call->c->out, "The next step: request --domain %s < server.csr",
			    d.name);
	}
	NOUN_CLEAR(domain, &d);
	return status;
}

int
command_domain_list(struct call *call)
{
	struct wish w = { 0 };
	struct domain_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_domain_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 5, "DOMAIN", "STATE", "PROVEN BY", "UNTIL",
		    "SHOWN AS");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct domain *d = &page.rows[i];
			char until[11];

			time_date(until, d->expires);
			table_add(&t, d->name,
			    word_of(&domain_state_words, d->state),
			    d->proven == 0 ? "-" : d->mailbox[0] ?
			    d->mailbox :
			    word_of(&proof_method_words, d->method), until,
			    strcmp(d->shown, d->name) ? d->shown : "");
		}
		table_print(&call->c->out, &t);
		if (page.n_rows == 0)
			say(&call->c->out, "No domain yet; to prove one: domain add DOMAIN");
		else
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
	}
	NOUN_CLEAR(domain_page, &page);
	return 0;
}

int
command_domain_show(struct call *call)
{
	struct ref r = { 0 };
	struct domain d = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_domain_get(call->c->line, &r, &d, &call->err) < 0)
		return -1;
	if (!call_json(call, &d)) {
		print_domain(&call->c->out, &d);
		print_record(&call->c->out, &d);
		say_domain(&call->c->out, &d);
	}
	NOUN_CLEAR(domain, &d);
	return 0;
}

int
command_domain_drop(struct call *call)
{
	struct none nothing = { 0 };
	struct ref r = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_domain_drop(call->c->line, &r, &nothing, &call->err) < 0)
		return -1;
	if (!call_json(call, &nothing))
		say(&call->c->out, "%s is given up; certificates for it stay good until they end: revoke N REASON",
		    r.ref);
	return 0;
}
