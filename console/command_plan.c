/* command_plan.c - mass revocation: planned by one of the staff, looked at
 * and confirmed by another. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "console/progress.h"
#include "core/base/clock.h"
#include "core/base/text.h"

static void
print_first(struct output *o, const struct revocation_plan *p)
{
	struct table t;

	table_init(&t, 6, "REQUEST", "SERIAL", "ACCOUNT", "FIRST DOMAIN",
	    "ISSUED", "STATE");
	for (size_t i = 0; i < p->n_first; i++) {
		const struct certificate_row *c = &p->first[i];
		char number[24], issued[11];

		snprintf(number, sizeof number, "%lld", (long long)c->request);
		time_date(issued, c->issued);
		table_add(&t, number, c->serial, c->account, c->first, issued,
		    word_of(&certificate_state_words, c->state));
	}
	table_print(o, &t);
	if ((int64_t)p->n_first < p->total)
		say(o, "These are the first %zu of %lld.", p->n_first,
		    (long long)p->total);
}

static void
print_plan(struct output *o, const struct revocation_plan *p)
{
	char when[WHEN_SIZE], text[1024];
	int64_t now = clock_now();

	out_fact(o, "Plan", "%lld", (long long)p->number);
	out_fact(o, "State", "%s", word_of(&plan_state_words, p->state));
	plan_criteria_text(text, sizeof text, &p->criteria);
	out_fact(o, "Certificates", "%s", text);
	out_fact(o, "Reason", "%s", word_of(&reason_words,
	    p->criteria.reason));
	out_fact(o, "Count", "%lld", (long long)p->total);
	time_both(when, p->made, now);
	out_fact(o, "Made by", "%s, %s", p->by, when);
	if (p->confirmed != 0) {
		time_both(when, p->confirmed, now);
		out_fact(o, "Confirmed by", "%s, %s", p->confirmed_by, when);
		progress_text(text, sizeof text, p->done + p->failed,
		    p->total, p->confirmed, p->ended ? p->ended : now);
		out_fact(o, "Progress", "%s", text);
	}
	if (p->failed > 0)
		out_fact(o, "Failed", "%lld", (long long)p->failed);
	digest_text(text, sizeof text, p->digest);
	out_fact(o, "Digest", "%s", text);
}

static void
say_next(struct output *o, const struct revocation_plan *p)
{
	switch (p->state) {
	case PLAN_WAITING:
		say(o, "Nothing is revoked yet. Somebody else of the staff, or a director, confirms it: revoke-many --confirm %lld",
		    (long long)p->number);
		break;
	case PLAN_RUNNING:
		say(o, "It is being worked off; to look: revoke-many --show %lld",
		    (long long)p->number);
		break;
	case PLAN_DONE:
		say(o, "Done: OCSP and the CRL say so; the letters are queued.");
		break;
	default:
		say(o, "It is %s.", word_of(&plan_state_words, p->state));
	}
}

static int
plan_print(struct call *call, struct revocation_plan *p)
{
	if (!call_json(call, p)) {
		print_plan(&call->c->out, p);
		print_first(&call->c->out, p);
		say_next(&call->c->out, p);
	}
	NOUN_CLEAR(revocation_plan, p);
	return 0;
}

static int
plans_list(struct call *call)
{
	struct wish w = { .limit = 50 };
	struct revocation_plan_page page = { 0 };
	struct table t;

	if (ask_revocation_plan_list(call->c->line, &w, &page,
	    &call->err) < 0)
		return -1;
	if (call->json) {
		json_answer(&call->c->out, call->command->name,
		    &revocation_plan_page_shape, &page);
	} else {
		table_init(&t, 7, "PLAN", "STATE", "DONE", "OF", "BY",
		    "CONFIRMED BY", "CERTIFICATES");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct revocation_plan *p = &page.rows[i];
			char number[24], done[24], of[24], text[1024];

			snprintf(number, sizeof number, "%lld",
			    (long long)p->number);
			snprintf(done, sizeof done, "%lld",
			    (long long)p->done);
			snprintf(of, sizeof of, "%lld", (long long)p->total);
			plan_criteria_text(text, sizeof text, &p->criteria);
			table_add(&t, number, word_of(&plan_state_words,
			    p->state), done, of, p->by, p->confirmed_by, text);
		}
		table_print(&call->c->out, &t);
		if (page.n_rows == 0)
			say(&call->c->out, "No plan; to make one: revoke-many REASON --domain DOMAIN");
	}
	NOUN_CLEAR(revocation_plan_page, &page);
	return 0;
}

/* ---- making one ---- */

static int
field_take(struct call *call, const char *option, char *dst, size_t size)
{
	const char *value = call_option(call, option);

	if (value == NULL || (value[0] != '\0' && str_copy(dst, size, value)))
		return 0;
	return call_usage(call, "%s takes 1 to %zu bytes", option, size - 1);
}

static int
time_take(struct call *call, const char *option, int64_t *t)
{
	const char *value = call_option(call, option);

	if (value == NULL || (time_parse(value, t) == 0 && *t > 0))
		return 0;
	return call_usage(call, "%s takes a day or a time in UTC, as 2026-11-22 or 2026-11-22T15:04Z, not '%.64s'",
	    option, value);
}

static int
plan_make(struct call *call)
{
	struct revocation_criteria c = { 0 };
	struct revocation_plan p = { 0 };
	int reason;

	if (call_may(call, OP_revocation_plan_add) < 0)
		return -1;
	if ((reason = reason_take(call, call->c->me.account.role,
	    call->args[0])) < 0)
		return -1;
	c.reason = (enum reason)reason;
	if (field_take(call, "--domain", c.domain, sizeof c.domain) < 0 ||
	    field_take(call, "--account", c.account, sizeof c.account) < 0 ||
	    field_take(call, "--method", c.method, sizeof c.method) < 0 ||
	    field_take(call, "--key", c.key, sizeof c.key) < 0 ||
	    time_take(call, "--issued-after", &c.issued_after) < 0 ||
	    time_take(call, "--issued-before", &c.issued_before) < 0)
		return -1;
	if (ask_revocation_plan_add(call->c->line, &c, &p, &call->err) < 0)
		return -1;
	return plan_print(call, &p);
}

static int
plan_confirm(struct call *call, int64_t number)
{
	const char *digest = call_option(call, "--digest");
	struct revocation_plan_word w = { .number = number };
	struct revocation_plan p = { 0 };
	char object[24];
	int done;

	if (call_may(call, OP_revocation_plan_confirm) < 0)
		return -1;
	if (digest != NULL && call_digest(call, digest, w.digest) < 0)
		return -1;
	snprintf(object, sizeof object, "%lld", (long long)number);
	if ((done = call_deed(call, "revoke-many", object)) != 0)
		return done < 0 ? -1 : 0;
	if (ask_revocation_plan_confirm(call->c->line, &w, &p,
	    &call->err) < 0)
		return -1;
	return plan_print(call, &p);
}

int
command_revoke_many(struct call *call)
{
	static const char *const verbs[] = { "--confirm", "--show", "--drop" };
	struct revocation_plan p = { 0 };
	struct ref r = { 0 };
	int64_t number;

	for (size_t i = 0; i < 3; i++) {
		if (call_option(call, verbs[i]) == NULL)
			continue;
		if (call->n_args > 0)
			return call_usage(call, "%s takes a plan alone: what it revokes is fixed",
			    verbs[i]);
		if (call_option_number(call, verbs[i], INT64_MAX, 0,
		    &number) < 0)
			return -1;
		if (i == 0)
			return plan_confirm(call, number);
		snprintf(r.ref, sizeof r.ref, "%lld", (long long)number);
		if (call_may(call, i == 1 ? OP_revocation_plan_get :
		    OP_revocation_plan_drop) < 0)
			return -1;
		if ((i == 1 ? ask_revocation_plan_get :
		    ask_revocation_plan_drop)(call->c->line, &r, &p,
		    &call->err) < 0)
			return -1;
		return plan_print(call, &p);
	}
	if (call->n_args > 0)
		return plan_make(call);
	if (call->n_options > 0)
		return call_usage(call, "a plan needs its REASON");
	return plans_list(call);
}
