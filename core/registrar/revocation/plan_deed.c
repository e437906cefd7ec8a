/* plan_deed.c - what a second person signs before many are revoked. */
#include "core/registrar/deed.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/revocation/plan.h"
#include "core/x509/statement.h"

static void
criteria_put(struct deed *d, const struct revocation_criteria *c)
{
	char when[TIME_TEXT_SIZE];

	deed_put(d, "reason", "%s", word_of(&reason_words, c->reason));
	if (c->domain[0] != '\0')
		deed_put(d, "domain", "%s", c->domain);
	if (c->account[0] != '\0')
		deed_put(d, "account", "%s", c->account);
	if (c->method[0] != '\0')
		deed_put(d, "proof-by", "%s", c->method);
	time_text(when, c->issued_after);
	if (c->issued_after != 0)
		deed_put(d, "issued-from", "%s", when);
	time_text(when, c->issued_before);
	if (c->issued_before != 0)
		deed_put(d, "issued-before", "%s", when);
	if (c->key[0] != '\0')
		deed_put(d, "key", "%s", c->key);
}

int
plan_deed(const struct seat *s, const char *object, struct deed *d,
    char asker[33], struct err *e)
{
	struct revocation_plan p = { 0 };
	int64_t number;
	char hex[65];

	(void)asker;
	if (!number_parse(object, INT64_MAX, &number))
		return err_set(e, ERR_BAD_INPUT, "revocation-plan",
		    "a plan goes by its number; to list them: revoke-many");
	if (plan_load(number, &p, e) < 0)
		return -1;
	snprintf(d->object, sizeof d->object, "%lld", (long long)number);
	if (p.state != PLAN_WAITING)
		return err_set(e, ERR_CONFLICT, "revocation-plan",
		    "plan %lld is %s; only one that waits can be confirmed",
		    (long long)number, word_of(&plan_state_words, p.state));
	if (strcmp(p.by, s->account_name) == 0)
		return err_set(e, ERR_REFUSED, "revocation-plan-own",
		    "nobody confirms his own plan; another person of the staff, or a director, must look at it: revoke-many --show %lld",
		    (long long)number);
	if (plan_maker_check(&p, e) < 0)
		return -1;
	hex_encode(hex, p.digest, sizeof p.digest);
	deed_put(d, "made-by", "%s", p.by);
	deed_put(d, "certificates", "%lld", (long long)p.total);
	deed_put(d, "plan", "%s", hex);
	criteria_put(d, &p.criteria);
	return 0;
}
