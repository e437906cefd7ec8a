/* proof.c - the table of ways to prove a domain, and when each may be used. */
#include "core/registrar/domain/proof.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"

static const struct {
	const struct proof_way *way;
	const char *key, *dates;
} ways[] = {
#define PROOF(method, name) \
	{ &proof_##name, "proof_" #name, conf.policy_proof_##name },
#include "core/registrar/domain/proofs.def"
#undef PROOF
};
#define WAYS (sizeof ways / sizeof ways[0])

static const struct proof_way *
proof_way(enum proof_method method)
{
	for (size_t i = 0; i < WAYS; i++)
		if (ways[i].way->method == method)
			return ways[i].way;
	return NULL;
}

/* ---- dates ---- */

static int
day_read(const char *text, size_t n, int64_t *at)
{
	char day[40];

	while (n > 0 && (text[0] == ' ' || text[0] == '\t'))
		text++, n--;
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	if (n == 0)
		return 0;		/* left out: no bound */
	if (n >= sizeof day)
		return -1;
	memcpy(day, text, n);
	day[n] = '\0';
	return time_parse(day, at);
}

/* "FROM - UNTIL"; the times have '-' of their own, so that the one between
 * them stands between blanks or at an end.  UNTIL itself is out. */
static int
dates_read(const char *text, int64_t *from, int64_t *until)
{
	const char *dash = NULL;
	size_t n = strlen(text);

	*from = 0;
	*until = INT64_MAX;
	if (text[strspn(text, " \t")] == '\0')
		return 0;
	if (strcmp(text, "off") == 0) {
		*until = 0;
		return 0;
	}
	for (size_t i = 0; i < n && dash == NULL; i++)
		if (text[i] == '-' && (i == 0 || text[i - 1] == ' ') &&
		    (i + 1 == n || text[i + 1] == ' '))
			dash = text + i;
	if (dash == NULL)
		return -1;
	if (day_read(text, (size_t)(dash - text), from) < 0 ||
	    day_read(dash + 1, n - (size_t)(dash - text) - 1, until) < 0)
		return -1;
	return *from < *until ? 0 : -1;
}

int
proofs_check(struct err *e)
{
	int64_t from, until;

	for (size_t i = 0; i < WAYS; i++)
		if (dates_read(ways[i].dates, &from, &until) < 0)
			return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
			    "[policy] %s = %.60s: wants FROM - UNTIL, such as 2026-01-01 - 2028-03-15, either left out, or off, or nothing",
			    ways[i].key, ways[i].dates);
	return 0;
}

static bool
is_on(size_t i)
{
	int64_t from, until, now = clock_now();

	return dates_read(ways[i].dates, &from, &until) == 0 && now >= from &&
	    now < until;
}

int
proof_allowed(enum proof_method method, const char *domain, struct err *e)
{
	char on[400] = "no way to prove a domain is open now; ask the staff";
	const char *what = "so";
	size_t n = 0;

	for (size_t i = 0; i < WAYS; i++) {
		if (ways[i].way->method == method) {
			if (is_on(i))
				return 0;
			what = ways[i].way->what;
		}
	}
	for (size_t i = 0; i < WAYS && n < sizeof on; i++)
		if (is_on(i))
			n += (size_t)snprintf(on + n, sizeof on - n,
			    "%s`domain add %.100s%s` proves it %s", n ? ", or " : "",
			    domain, ways[i].way->command,
			    ways[i].way->what);
	return err_set(e, ERR_REFUSED, "proof-method",
	    "domains cannot be proven %s at this time; %s", what, on);
}

/* ---- the two questions ---- */

int
serve_domain_add(struct seat *s, const struct domain_new *a, struct domain *r,
    struct err *e)
{
	const struct proof_way *way = proof_way(a->method);
	struct domain_form f;

	if (account_may_issue(s->account, e) < 0)
		return -1;
	if (domain_parse(a->name, strlen(a->name), conf.policy_special_names,
	    &f, e) < 0) {
		audit_refusal(s, "domain.add", "domain", "", "%s: %s",
		    e->clause, e->text);
		return -1;
	}
	if (way == NULL || proof_allowed(a->method, f.ascii, e) < 0) {
		audit_refusal(s, "domain.add", "domain", f.ascii, "%s",
		    e->clause);
		return -1;
	}
	if (way->begin(s, a, &f, r, e) < 0)
		return -1;
	change_push("domain", r->number, s->account, "");
	return challenges_load(r, e);
}

int
serve_domain_confirm(struct seat *s, const struct confirmation *a,
    struct domain *r, struct err *e)
{
	const struct proof_way *way = proof_way(a->code[0] != '\0' ?
	    PROOF_MAIL : PROOF_DNS);
	struct err none = { 0 };
	int64_t number;

	if (account_may_issue(s->account, e) < 0)
		return -1;
	if (domain_load_own(s->account, a->name, r, &none) < 0 &&
	    none.kind != ERR_NOT_FOUND) {
		*e = none;
		return -1;
	}
	if (r->state == DOMAIN_DROPPED)
		NOUN_CLEAR(domain, r);
	if (way->confirm(s, a, r, e) < 0)
		return -1;
	number = r->number;
	change_push("domain", number, s->account, "");
	NOUN_CLEAR(domain, r);
	if (domain_load(number, r, e) < 0)
		return -1;
	return challenges_load(r, e);
}
