/* command_staff.c - what staff decide, and what they and auditors read. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "console/progress.h"
#include "core/base/clock.h"
#include "core/base/text.h"

int
command_queue(struct call *call)
{
	struct wish w = { 0 };
	struct request_page page = { 0 };

	if (call_wish(call, &w) < 0 ||
	    ask_queue_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		print_rows(&call->c->out, page.rows, page.n_rows);
		if (page.n_rows == 0)
			say(&call->c->out, "Nothing waits for a decision.");
		else
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
	}
	NOUN_CLEAR(request_page, &page);
	return 0;
}

int
command_show(struct call *call)
{
	struct console *c = call->c;
	struct ref r = { 0 };
	struct evidence v = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_request_evidence(c->line, &r, &v, &call->err) < 0)
		return -1;
	c->shown = v.request.row.number;
	memcpy(c->digest, v.request.digest, sizeof c->digest);
	if (!call_json(call, &v)) {
		print_evidence(&c->out, &v, clock_now());
		if (v.request.row.state == REQUEST_AWAITING &&
		    op_allows(OP_request_approve, c->me.account.role))
			say(&c->out, "To decide: approve %lld, or refuse %lld --reason TEXT",
			    (long long)c->shown, (long long)c->shown);
	}
	NOUN_CLEAR(evidence, &v);
	return 0;
}

/* ---- deciding ---- */

/* The digest that the decision is about: given, seen in this session, or that
 * of the request as it stands now. */
static int
decision_digest(struct call *call, struct decision *d)
{
	const char *hex = call_option(call, "--digest");
	struct console *c = call->c;
	struct request r = { 0 };
	struct ref ref = { 0 };

	if (hex != NULL && call_digest(call, hex, d->digest) < 0)
		return -1;
	if (hex != NULL)
		return 0;
	if (c->shown == d->number) {
		memcpy(d->digest, c->digest, sizeof d->digest);
		return 0;
	}
	snprintf(ref.ref, sizeof ref.ref, "%lld", (long long)d->number);
	if (ask_request_get(c->line, &ref, &r, &call->err) < 0)
		return -1;
	memcpy(d->digest, r.digest, sizeof d->digest);
	NOUN_CLEAR(request, &r);
	return 0;
}

static int
decision_take(struct call *call, const char *option, struct decision *d)
{
	const char *text = call_option(call, option);

	if (call_number(call, 0, &d->number) < 0)
		return -1;
	if (text != NULL && !str_copy(d->text, sizeof d->text, text))
		return call_usage(call, "%s takes at most %zu bytes", option,
		    sizeof d->text - 1);
	return decision_digest(call, d);
}

/* Approved, and not signed yet: pending, though nothing is left to do. */
static int
decided(struct call *call, struct request *r)
{
	int status = r->row.state == REQUEST_APPROVED ? EXIT_PENDING : 0;
	char line[512];

	if (!call_json(call, r)) {
		row_sentence(line, sizeof line, &r->row, clock_now());
		say(&call->c->out, "Request %lld for %s of %s: %s.",
		    (long long)r->row.number, r->row.first, r->row.account,
		    line);
		if (r->row.state == REQUEST_AWAITING &&
		    r->approvals_needed > (int64_t)r->n_approvals)
			say(&call->c->out, "Approvals: %zu of %lld.",
			    r->n_approvals, (long long)r->approvals_needed);
	}
	NOUN_CLEAR(request, r);
	return status;
}

int
command_approve(struct call *call)
{
	struct decision d = { 0 };
	struct request r = { 0 };
	int done = -1;

	if (call_option(call, "--statement") != NULL)
		return call_statement(call, "", call->args[0]);
	if (decision_take(call, "--note", &d) == 0 &&
	    (call_option(call, "--signed") == NULL ||
	    call_signature(call, &d.signature) == 0))
		done = ask_request_approve(call->c->line, &d, &r, &call->err);
	NOUN_CLEAR(decision, &d);
	return done < 0 ? -1 : decided(call, &r);
}

int
command_refuse(struct call *call)
{
	struct decision d = { 0 };
	struct request r = { 0 };

	if (decision_take(call, "--reason", &d) < 0)
		return -1;
	if (d.text[0] == '\0')
		return call_usage(call, "--reason must say why: the member reads it");
	if (ask_request_refuse(call->c->line, &d, &r, &call->err) < 0)
		return -1;
	return decided(call, &r);
}

/* ---- reading ---- */

int
command_search(struct call *call)
{
	struct wish w = { 0 };
	struct hit_list list = { 0 };
	struct table t;
	size_t len = 0;

	if (call_option_number(call, "--limit", 500, 100, &w.limit) < 0)
		return -1;
	for (size_t i = 0; i < call->n_args; i++) {
		len += (size_t)snprintf(w.filter + len,
		    len < sizeof w.filter ? sizeof w.filter - len : 0, "%s%s",
		    i ? " " : "", call->args[i]);
		if (len >= sizeof w.filter)
			return call_usage(call, "the text is too long");
	}
	if (ask_search(call->c->line, &w, &list, &call->err) < 0)
		return -1;
	if (!call_json(call, &list)) {
		table_init(&t, 5, "NOUN", "REFERENCE", "ACCOUNT", "STATE",
		    "TEXT");
		for (size_t i = 0; i < list.n_rows; i++)
			table_add(&t, list.rows[i].noun, list.rows[i].ref,
			    list.rows[i].account, list.rows[i].state,
			    list.rows[i].text);
		table_print(&call->c->out, &t);
		if (list.refine)
			say(&call->c->out, "There may be more: the search took too long and ended. A longer text is found faster.");
		else if (list.n_rows == 0)
			say(&call->c->out, "Nothing found.");
		else if (list.more)
			say(&call->c->out, "There are more; a longer text finds fewer.");
	}
	NOUN_CLEAR(hit_list, &list);
	return 0;
}

int
command_revocations(struct call *call)
{
	struct wish w = { 0 };
	struct revocation_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_revocation_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 7, "NUMBER", "REQUEST", "ACCOUNT", "REASON",
		    "STATE", "REQUESTED", "BY");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct revocation *r = &page.rows[i];
			char number[24], request[24], when[TIME_TEXT_SIZE];

			snprintf(number, sizeof number, "%lld",
			    (long long)r->number);
			snprintf(request, sizeof request, "%lld",
			    (long long)r->request);
			time_text(when, r->requested);
			table_add(&t, number, request, r->account,
			    word_of(&reason_words, r->reason),
			    word_of(&revocation_state_words, r->state), when,
			    r->by_role == ROLE_GUEST ? "holder of the key" :
			    r->by[0] ? r->by :
			    word_of(&role_words, r->by_role));
		}
		table_print(&call->c->out, &t);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		else
			say(&call->c->out, "No revocation.");
	}
	NOUN_CLEAR(revocation_page, &page);
	return 0;
}

int
command_mail(struct call *call)
{
	struct wish w = { 0 };
	struct notice_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_notice_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 7, "NUMBER", "STATE", "KIND", "TO", "CREATED",
		    "TRIES", "REPLY");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct notice *n = &page.rows[i];
			char number[24], tries[24], when[TIME_TEXT_SIZE];

			snprintf(number, sizeof number, "%lld",
			    (long long)n->number);
			snprintf(tries, sizeof tries, "%lld",
			    (long long)n->attempts);
			time_text(when, n->created);
			table_add(&t, number,
			    word_of(&notice_state_words, n->state), n->kind,
			    n->to, when, tries, n->reply);
		}
		table_print(&call->c->out, &t);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		else
			say(&call->c->out, "No letter.");
	}
	NOUN_CLEAR(notice_page, &page);
	return 0;
}

static void
print_fact(struct output *o, const struct fact *f)
{
	char bar[256] = "";

	if (f->total > 0)
		progress_text(bar, sizeof bar, f->done, f->total, f->since,
		    clock_now());
	out_line(o, "%s %s: %s%s%s", f->good ? "good" : "BAD ", f->what,
	    f->text, bar[0] ? "; " : "", bar);
}

int
command_system(struct call *call)
{
	struct none nothing = { 0 };
	struct fact_list list = { 0 };
	size_t bad = 0;

	if (ask_system_state(call->c->line, &nothing, &list, &call->err) < 0)
		return -1;
	for (size_t i = 0; i < list.n_rows; i++)
		bad += !list.rows[i].good;
	if (!call_json(call, &list)) {
		for (size_t i = 0; i < list.n_rows; i++)
			print_fact(&call->c->out, &list.rows[i]);
		say(&call->c->out, bad ? "%zu of %zu need attention." :
		    "All is well.", bad, list.n_rows);
	}
	NOUN_CLEAR(fact_list, &list);
	return 0;
}
