/* profile.c - the profiles as a list, the names that they make, and the check
 * that a wish is one of theirs. */
#include "core/x509/profile.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/x509/jid.h"
#include "core/x509/rules.h"

#define DOMAINS_MAX 100
#define DAY 86400
#define BACK 3600		/* notBefore lies so long before now */
#define SLACK 300		/* clocks of two processes, and a queue */

#define PROFILE(c_name) extern const struct profile profile_##c_name;
#include "core/x509/profiles.def"
#undef PROFILE

static const struct profile *const profiles[] = {
#define PROFILE(c_name) &profile_##c_name,
#include "core/x509/profiles.def"
#undef PROFILE
};

const struct profile *
profile_at(size_t i)
{
	return i < sizeof profiles / sizeof *profiles ? profiles[i] : NULL;
}

const struct profile *
profile_find(const char *name)
{
	for (size_t i = 0; profile_at(i) != NULL; i++)
		if (strcmp(profiles[i]->name, name) == 0)
			return profiles[i];
	return NULL;
}

static void
name_add(struct name **names, size_t *n, enum name_kind kind,
    const char *value)
{
	struct name *new;

	*names = list_grow(*names, n, sizeof **names);
	new = &(*names)[*n - 1];
	new->kind = kind;
	str_copy(new->value, sizeof new->value, value);
}

void
profile_names(const struct profile *p, const struct domain_form *domains,
    size_t n_domains, struct name **names, size_t *n)
{
	for (size_t i = 0; i < n_domains; i++) {
		if (p->dns_name)
			name_add(names, n, NAME_DNS, domains[i].ascii);
		if (p->srv_server)
			name_add(names, n, NAME_SRV_SERVER, domains[i].ascii);
		if (p->srv_client)
			name_add(names, n, NAME_SRV_CLIENT, domains[i].ascii);
		if (p->xmpp_addr)
			name_add(names, n, NAME_XMPP, domains[i].shown);
	}
}

void
profile_subject_cn(const char *first_domain, char out[65])
{
	str_copy(out, 65, first_domain);
}

static int
dates_check(const struct profile *p, int64_t not_before, int64_t not_after,
    struct err *e)
{
	int64_t now = clock_now();

	if (not_before < now - BACK - SLACK || not_before > now + SLACK)
		return rule_broken(e, RULE_PROFILE_DATES, "notBefore lies "
		    "%lld seconds from now; it may lie an hour back.",
		    (long long)(not_before - now));
	/* both ends belong to the validity (RFC 5280 4.1.2.5) */
	if (not_after <= not_before ||
	    not_after - not_before + 1 > (int64_t)p->longest_days * DAY)
		return rule_broken(e, RULE_PROFILE_DATES, "The certificate "
		    "would last %lld seconds; profile %s allows %d days.",
		    (long long)(not_after - not_before + 1), p->name,
		    p->longest_days);
	return 0;
}

/* How many names the profile makes of one domain. */
static size_t
names_each(const struct profile *p)
{
	return (size_t)p->dns_name + (size_t)p->srv_server +
	    (size_t)p->srv_client + (size_t)p->xmpp_addr;
}

/* The domains, read back from the first name of each group. */
static int
domains_of(const struct profile *p, const struct name *names, size_t n_names,
    struct domain_form *domains, size_t *n, struct err *e)
{
	size_t each = names_each(p);

	*n = 0;
	if (n_names == 0 || n_names % each != 0 ||
	    n_names / each > DOMAINS_MAX)
		return rule_broken(e, RULE_PROFILE_NAMES, "%zu names are no "
		    "set of profile %s, which makes %zu for each of at most "
		    "%d domains.", n_names, p->name, each, DOMAINS_MAX);
	for (size_t i = 0; i < n_names; i += each) {
		if (domain_parse(names[i].value, strlen(names[i].value), true,
		    &domains[*n], e) != 0)
			return -1;
		for (size_t k = 0; k < *n; k++)
			if (strcmp(domains[k].ascii, domains[*n].ascii) == 0)
				return rule_broken(e, RULE_PROFILE_NAMES,
				    "The domain %s is named twice.",
				    domains[k].ascii);
		++*n;
	}
	return 0;
}

static int
names_check(const struct profile *p, const char *subject_cn,
    const struct name *names, size_t n_names, struct domain_form *domains,
    struct err *e)
{
	struct name *want = NULL;
	size_t n = 0, n_want = 0;
	char cn[65];
	int rc = -1;

	if (domains_of(p, names, n_names, domains, &n, e) != 0)
		return -1;
	profile_names(p, domains, n, &want, &n_want);
	for (size_t i = 0; i < n_want; i++)
		if (want[i].kind != names[i].kind ||
		    strcmp(want[i].value, names[i].value) != 0) {
			rule_broken(e, RULE_PROFILE_NAMES, "Name %zu is %s "
			    "\"%.200s\"; profile %s has %s \"%.200s\" there.",
			    i + 1, word_of(&name_kind_words, names[i].kind),
			    names[i].value, p->name,
			    word_of(&name_kind_words, want[i].kind),
			    want[i].value);
			goto out;
		}
	profile_subject_cn(domains[0].ascii, cn);
	if (strcmp(cn, subject_cn) != 0) {
		rule_broken(e, RULE_PROFILE_CN, "The common name is \"%.64s\"; "
		    "it must be \"%s\".", subject_cn, cn);
		goto out;
	}
	rc = 0;
out:
	free(want);
	return rc;
}

/* Exactly one address, prepared, and the common name that follows from it. */
static int
person_check(const struct profile *p, const char *subject_cn,
    const struct name *names, size_t n_names, struct err *e)
{
	struct jid_form jid;
	char cn[65];

	if (n_names != 1 || names[0].kind != NAME_XMPP)
		return rule_broken(e, RULE_PROFILE_NAMES, "Profile %s has one "
		    "XmppAddr and no other name.", p->name);
	if (jid_parse(names[0].value, strlen(names[0].value), true, &jid,
	    e) != 0)
		return -1;
	if (jid.repaired)
		return rule_broken(e, RULE_PROFILE_NAMES, "The address "
		    "\"%.200s\" is not prepared; it must be \"%.200s\".",
		    names[0].value, jid.text);
	profile_subject_cn(jid.text, cn);
	if (strcmp(cn, subject_cn) != 0)
		return rule_broken(e, RULE_PROFILE_CN, "The common name is "
		    "\"%.64s\"; it must be \"%s\".", subject_cn, cn);
	return 0;
}

int
profile_check(const struct profile *p, const char *subject_cn,
    const struct name *names, size_t n_names, int64_t not_before,
    int64_t not_after, struct err *e)
{
	struct domain_form *domains = NULL;
	int rc;

	if (dates_check(p, not_before, not_after, e) != 0)
		return -1;
	if (p->person)
		return person_check(p, subject_cn, names, n_names, e);
	domains = xcalloc(n_names < DOMAINS_MAX ? n_names + 1 : DOMAINS_MAX,
	    sizeof *domains);
	rc = names_check(p, subject_cn, names, n_names, domains, e);
	free(domains);
	return rc;
}
