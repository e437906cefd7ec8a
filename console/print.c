/* print.c - verdicts, requests and evidence as lines: one fact each. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/text.h"

static void
print_findings(struct output *o, const struct finding *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct finding *f = &list[i];

		out_line(o, "%s: %s%s%s%s%s (%s)",
		    word_of(&verdict_kind_words, f->kind), f->what,
		    f->value[0] ? " " : "", f->value,
		    f->text[0] ? ", " : "", f->text, f->rule);
	}
}

static void
print_names(struct output *o, const struct name *names, size_t n)
{
	char text[1200];

	for (size_t i = 0; i < n; i++) {
		name_text(text, sizeof text, &names[i]);
		out_fact(o, "Name", "%s", text);
	}
}

static void
print_proofs(struct output *o, const struct domain_ref *list, size_t n)
{
	char text[1400];

	for (size_t i = 0; i < n; i++) {
		proof_text(text, sizeof text, &list[i]);
		out_fact(o, "Proof", "%s: %s", list[i].domain, text);
	}
}

void
print_verdict(struct output *o, const struct verdict *v)
{
	char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];

	out_fact(o, "Verdict", "%s (%s)", v->accepted ? "accept" : "refuse",
	    v->rule);
	out_fact(o, "Key", "%s", v->key);
	out_fact(o, "Profile", "%s", v->profile);
	out_fact(o, "Asked subject", "%s", v->asked_subject);
	if (v->accepted || v->n_names > 0) {
		out_fact(o, "Subject CN", "%s", v->subject_cn[0] ?
		    v->subject_cn : "none, the serial number stands there");
		print_names(o, v->names, v->n_names);
	}
	if (v->not_after != 0) {
		time_text(from, v->not_before);
		time_text(until, v->not_after);
		out_fact(o, "Valid", "%s to %s, if issued now", from, until);
	}
	print_proofs(o, v->domains, v->n_domains);
	print_findings(o, v->findings, v->n_findings);
}

static void
print_row(struct output *o, const struct request_row *r, int64_t now)
{
	char line[256], when[WHEN_SIZE];

	out_fact(o, "Request", "%lld", (long long)r->number);
	out_fact(o, "State", "%s", row_state_word(r));
	out_fact(o, "Account", "%s", r->account);
	row_domains_text(line, sizeof line, r);
	out_fact(o, "Domains", "%s", line);
	out_fact(o, "Profile", "%s", r->profile);
	time_both(when, r->created, now);
	out_fact(o, "Submitted", "%s", when);
	if (r->decided != 0) {
		time_both(when, r->decided, now);
		out_fact(o, "Decided", "%s", when);
	}
	if (r->serial[0] != '\0') {
		out_fact(o, "Serial", "%s", r->serial);
		time_both(when, r->not_after, now);
		out_fact(o, "Good until", "%s", when);
	}
}

static void
print_approvals(struct output *o, const struct request *r)
{
	for (size_t i = 0; i < r->n_approvals; i++) {
		const struct approval *a = &r->approvals[i];
		char when[TIME_TEXT_SIZE];

		time_text(when, a->at);
		out_fact(o, "Approved", "%s by %s%s%s", when, a->account,
		    a->note[0] ? ": " : "", a->note);
	}
	if (r->row.state == REQUEST_AWAITING)
		out_fact(o, "Approvals", "%lld of %lld",
		    (long long)r->n_approvals,
		    (long long)r->approvals_needed);
}

void
print_request(struct output *o, const struct request *r, int64_t now)
{
	char hex[96], when[WHEN_SIZE];

	print_row(o, &r->row, now);
	out_fact(o, "Note", "%s", r->note);
	out_fact(o, r->row.state == REQUEST_REFUSED ? "Refused because" :
	    "Waits because", "%s", r->refusal);
	if (r->revoked != 0) {
		time_both(when, r->revoked, now);
		out_fact(o, "Revoked", "%s, %s", when,
		    word_of(&reason_words, r->reason));
	}
	out_fact(o, "Renews", "%s", r->renews);
	out_fact(o, "Key", "%s", r->key);
	out_fact(o, "Subject CN", "%s", r->subject_cn);
	print_names(o, r->names, r->n_names);
	print_proofs(o, r->domains, r->n_domains);
	for (size_t i = 0; i < r->n_caa; i++) {
		char caa[2400];

		caa_sentence(caa, sizeof caa, &r->caa[i]);
		out_fact(o, "CAA", "%s", caa);
	}
	print_findings(o, r->findings, r->n_findings);
	print_approvals(o, r);
	digest_text(hex, sizeof hex, r->digest);
	out_fact(o, "Digest", "%s", hex);
}

void
print_evidence(struct output *o, const struct evidence *v, int64_t now)
{
	const struct account *a = &v->account;
	char when[WHEN_SIZE], line[300];

	print_request(o, &v->request, now);
	time_both(when, a->created, now);
	out_fact(o, "Member", "%s, %s, %s, since %s, %lld domains, %lld good certificates",
	    a->name, word_of(&account_state_words, a->state), a->email, when,
	    (long long)a->domains, (long long)a->certificates);
	for (size_t i = 0; i < v->n_earlier; i++) {
		const struct request_row *r = &v->earlier[i];

		row_domains_text(line, sizeof line, r);
		time_date(when, r->not_after);
		out_fact(o, "Earlier", "request %lld of %s, %s, %s, until %s",
		    (long long)r->number, r->account, line,
		    row_state_word(r), when);
	}
	print_findings(o, v->warnings, v->n_warnings);
}
