/* live.c - live checks: who may ask for one, how often, and the answer. */
#include "core/registrar/domain/live.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/domain/domain.h"
#include "core/registrar/domain/lookup.h"
#include "core/x509/names.h"

#define FRESH_SECONDS 60	/* asked again within this: the same answer */

int
live_answer(int64_t account, const char *domain, struct err *e)
{
	(void)e;
	(void)domain;
	change_push("live", 0, account, "");
	return 0;
}

/* Staff look at any domain; others at what they hold or claim. */
static int
asker_check(const struct seat *s, const char *name, struct err *e)
{
	struct domain d = { 0 };
	int r;

	if ((ROLE_BIT(s->role) & (STAFF | DIRECTOR)) != 0)
		return 0;
	r = domain_load_own(s->account, name, &d, e);
	if (r == 0 && d.state == DOMAIN_DROPPED)
		r = err_set(e, ERR_NOT_FOUND, "domain",
		    "you gave up %.253s; `domain add %.253s` claims it anew",
		    d.name, d.name);
	NOUN_CLEAR(domain, &d);
	return r;
}

static int
limits_take(const struct seat *s, const char *name, struct err *e)
{
	char account[24];

	snprintf(account, sizeof account, "%lld", (long long)s->account);
	if (throttle_take("live-account", account,
	    conf.policy_lives_per_account_day, e) == 0 &&
	    throttle_take("live", name, conf.policy_lives_per_domain_day,
	    e) == 0)
		return 0;
	audit_refusal(s, "domain.live", "domain", name, "%s", e->clause);
	return -1;
}

int
serve_live_check(struct seat *s, const struct ref *a, struct live *r,
    struct err *e)
{
	struct lookup_result kept = { 0 };
	struct domain_form f;
	int have;

	if (domain_parse(a->ref, strlen(a->ref), true, &f, e) < 0 ||
	    asker_check(s, f.ascii, e) < 0)
		return -1;
	str_copy(r->domain, sizeof r->domain, f.ascii);
	if (lookup_is_pointless(f.ascii))
		return err_set(e, ERR_REFUSED, "live-special-use",
		    "no public DNS knows the special-use name %.200s; the operator can set [dns] resolver",
		    f.ascii);
	if ((have = lookup_waits(LOOKUP_LIVE, f.ascii, s->account, e)) < 0)
		return -1;
	if (have == 1) {
		r->looking = true;
		return 0;
	}
	if ((have = lookup_answer(LOOKUP_LIVE, f.ascii, &kept, &r->at,
	    e)) < 0)
		return -1;
	if (have == 1 && r->at > clock_now() - FRESH_SECONDS) {
		str_copy(r->text, sizeof r->text, kept.why);
		r->ends = kept.ends;
		r->n_ends = kept.n_ends;
		kept.ends = NULL;
		kept.n_ends = 0;
		NOUN_CLEAR(lookup_result, &kept);
		return 0;
	}
	NOUN_CLEAR(lookup_result, &kept);
	r->at = 0;
	r->looking = true;
	if (limits_take(s, f.ascii, e) < 0 ||
	    lookup_ask(LOOKUP_LIVE, f.ascii, s->account, s->account, e) < 0)
		return -1;
	return audit_add(s, "domain.live", "domain", f.ascii, OUTCOME_DONE, e,
	    "asked for");
}
