/* settle.c - which domains a certificate gets, by which proofs, and what that
 * makes of each name in the request. */
#include "core/x509/judge.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define ASKED_MAX 400		/* domains that are looked at; some may repeat */

static const char *const places[] = {
	[WISH_CN] = "common name", [WISH_DNS] = "dNSName",
	[WISH_SRV_SERVER] = "SRVName _xmpp-server",
	[WISH_SRV_CLIENT] = "SRVName _xmpp-client", [WISH_XMPP] = "XmppAddr",
};

static bool
has_domain(const struct judge *j, const char *ascii)
{
	for (size_t i = 0; i < j->n_domains; i++)
		if (strcmp(j->domains[i].ascii, ascii) == 0)
			return true;
	return false;
}

static void
domain_add(struct judge *j, const struct domain_form *form)
{
	j->domains = list_grow(j->domains, &j->n_domains, sizeof *j->domains);
	j->domains[j->n_domains - 1] = *form;
}

static void
asked_domains(struct judge *j)
{
	struct err many = { 0 };

	if (j->in->n_domains > ASKED_MAX) {	/* not worth a look at each */
		rule_broken(&many, RULE_NAME_TOO_MANY, "%zu domains are too "
		    "many for one certificate; make several requests.",
		    j->in->n_domains);
		judge_refuse(j, &many, "domain", "", 0);
		return;
	}
	for (size_t i = 0; i < j->in->n_domains; i++) {
		const char *asked = j->in->domains[i].name;
		struct domain_form form;
		struct err e = { 0 };

		if (domain_parse(asked, strlen(asked), j->in->special_names,
		    &form, &e) != 0)
			judge_refuse(j, &e, "domain", asked, strlen(asked));
		else if (has_domain(j, form.ascii))
			judge_say(j, VERDICT_IGNORED, RULE_NAME_REPEATED,
			    "domain", asked, strlen(asked),
			    "The domain is asked for twice.");
		else
			domain_add(j, &form);
	}
}

/* The best proof of the account for a domain: itself, else the nearest
 * parent; NULL when there is none. */
static const struct domain_ref *
proof_find(const struct judge *j, const char *ascii)
{
	const struct domain_ref *best = NULL;

	for (size_t i = 0; i < j->in->n_proofs; i++) {
		const struct domain_ref *p = &j->in->proofs[i];

		if (p->expires != 0 && p->expires <= j->in->now)
			continue;
		if (domain_covers(p->proof_domain, ascii, j->in->subdomains) &&
		    (best == NULL || strlen(p->proof_domain) >
		    strlen(best->proof_domain)))
			best = p;
	}
	return best;
}

/* check-csr: each asked domain stands for a proof of itself. */
static const struct domain_form *
assumed_find(const struct judge *j, const char *ascii, size_t n_asked)
{
	const struct domain_form *best = NULL;

	for (size_t i = 0; j->in->assume_proven && i < n_asked; i++)
		if (domain_covers(j->domains[i].ascii, ascii,
		    j->in->subdomains) && (best == NULL ||
		    strlen(j->domains[i].ascii) > strlen(best->ascii)))
			best = &j->domains[i];
	return best;
}

static bool
is_covered(const struct judge *j, const char *ascii, size_t n_asked)
{
	return proof_find(j, ascii) != NULL ||
	    assumed_find(j, ascii, n_asked) != NULL;
}

static void
domain_row(struct judge *j, const struct domain_form *form, size_t n_asked)
{
	const struct domain_ref *proof = proof_find(j, form->ascii);
	const struct domain_form *assumed =
	    assumed_find(j, form->ascii, n_asked);
	struct domain_ref *row = LIST_ADD(j->v, domains);

	if (proof != NULL)
		*row = *proof;
	else if (assumed != NULL)
		str_copy(row->proof_domain, sizeof row->proof_domain,
		    assumed->ascii);
	str_copy(row->domain, sizeof row->domain, form->ascii);
}

static void
unproven(struct judge *j, const char *what, const char *value,
    const char *ascii)
{
	struct err e = { 0 };

	rule_broken(&e, RULE_NAME_UNPROVEN, "%s is not proven by this "
	    "account; prove it with: domain add %s, or make the request "
	    "without it.", ascii, ascii);
	judge_refuse(j, &e, what, value, strlen(value));
}

/* Was the same name at the same place before? */
static bool
is_repeated(const struct judge *j, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (j->wishes[k].place == j->wishes[i].place &&
		    strcmp(j->wishes[k].form.ascii,
		    j->wishes[i].form.ascii) == 0)
			return true;
	return false;
}

static void
wish_settle(struct judge *j, const struct wish_name *w, bool repeated)
{
	const char *place = places[w->place];
	size_t n = strlen(w->value);

	if (!has_domain(j, w->form.ascii))
		judge_say(j, VERDICT_IGNORED, RULE_SAN_NOT_ASKED, "name",
		    w->value, n, "%s: not among the domains asked for; add "
		    "--domain %s to have it too.", place, w->form.ascii);
	else if (repeated)
		judge_say(j, VERDICT_IGNORED, RULE_NAME_REPEATED, "name",
		    w->value, n, "%s: named twice.", place);
	else if (w->place == WISH_CN && strcmp(w->form.ascii,
	    j->v->subject_cn) != 0)
		judge_say(j, VERDICT_REPAIRED, RULE_SUBJECT_IGNORED, "subject",
		    w->value, n, "The common name will be %s.",
		    j->v->subject_cn[0] ? j->v->subject_cn : "left out");
	else if (w->place == WISH_XMPP && !j->profile->xmpp_addr)
		judge_say(j, VERDICT_IGNORED, RULE_SAN_XMPPADDR, "name",
		    w->value, n, "XmppAddr: left out, because ejabberd drops "
		    "peers that have one; --profile xmpp-rfc3920 puts it in.");
	else if (w->place == WISH_DNS && !j->profile->dns_name)
		judge_say(j, VERDICT_IGNORED, RULE_PROFILE_NAMES, "name",
		    w->value, n, "dNSName: profile %s has none.",
		    j->profile->name);
	else if (w->repair != RULE_OK || w->form.repaired)
		judge_say(j, VERDICT_REPAIRED, w->repair != RULE_OK
		    ? w->repair : RULE_NAME_CANONICAL,
		    w->place == WISH_CN ? "subject" : "name", w->value, n,
		    "%s: %s", place, w->repair != RULE_OK ? w->repair_text
		    : "Written in its canonical form.");
	else
		judge_say(j, VERDICT_USED, RULE_OK,
		    w->place == WISH_CN ? "subject" : "name", w->value, n,
		    "%s: as asked.", place);
}

static bool
was_wished(const struct judge *j, const struct name *name)
{
	static const enum wish_place of[] = { [NAME_DNS] = WISH_DNS,
		[NAME_SRV_SERVER] = WISH_SRV_SERVER,
		[NAME_SRV_CLIENT] = WISH_SRV_CLIENT, [NAME_XMPP] = WISH_XMPP };

	for (size_t i = 0; i < j->n_wishes; i++)
		if (j->wishes[i].place == of[name->kind] &&
		    strcmp(name->kind == NAME_XMPP ? j->wishes[i].form.shown
		    : j->wishes[i].form.ascii, name->value) == 0)
			return true;
	return false;
}

static void
names_make(struct judge *j)
{
	profile_names(j->profile, j->domains, j->n_domains, &j->v->names,
	    &j->v->n_names);
	if (j->n_domains > 0)
		profile_subject_cn(j->domains[0].ascii, j->v->subject_cn);
	for (size_t i = 0; i < j->v->n_names; i++) {
		const struct name *name = &j->v->names[i];

		if (!was_wished(j, name))
			judge_say(j, VERDICT_ADDED, RULE_OK, "name",
			    name->value, strlen(name->value),
			    "%s: added by profile %s.",
			    word_of(&name_kind_words, name->kind),
			    j->profile->name);
	}
}

/* 0 when the number of domains is one that a certificate can have. */
static int
count_check(struct judge *j)
{
	struct err e = { 0 };
	int64_t most = j->in->max_names;

	if (most < 1 || most > 100)
		most = 100;
	if (j->n_domains == 0) {
		if (!j->refused) {
			rule_broken(&e, RULE_NAME_NONE, "Neither the request "
			    "nor you named an XMPP domain; add --domain "
			    "DOMAIN.");
			judge_refuse(j, &e, "domain", "", 0);
		}
		return -1;
	}
	if ((int64_t)j->n_domains > most) {
		rule_broken(&e, RULE_NAME_TOO_MANY, "%zu domains are too many "
		    "for one certificate; it may have %lld, make several "
		    "requests.", j->n_domains, (long long)most);
		judge_refuse(j, &e, "domain", "", 0);
		return -1;
	}
	return 0;
}

void
judge_domain(struct judge *j, const struct domain_form *domain)
{
	domain_add(j, domain);
	if (!is_covered(j, domain->ascii, j->n_domains))
		unproven(j, "domain", domain->ascii, domain->ascii);
	domain_row(j, domain, j->n_domains);
}

void
judge_settle(struct judge *j)
{
	size_t n_asked;

	if (j->profile->person) {
		person_settle(j);
		return;
	}
	if (j->in->jid != NULL && j->in->jid[0] != '\0') {
		struct err e = { 0 };

		rule_broken(&e, RULE_PERSON_PROFILE, "Only --profile "
		    "xmpp-person has an address; leave --jid out, or add the "
		    "profile.");
		judge_refuse(j, &e, "name", j->in->jid, strlen(j->in->jid));
	}
	asked_domains(j);
	n_asked = j->n_domains;
	for (size_t i = 0; j->in->n_domains == 0 && i < j->n_wishes; i++)
		if (!has_domain(j, j->wishes[i].form.ascii))
			domain_add(j, &j->wishes[i].form);
	if (count_check(j) != 0)
		return;
	for (size_t i = 0; i < n_asked; i++)
		if (!is_covered(j, j->domains[i].ascii, n_asked))
			unproven(j, "domain", j->domains[i].ascii,
			    j->domains[i].ascii);
	for (size_t i = 0; i < j->n_domains; i++)
		domain_row(j, &j->domains[i], n_asked);
	names_make(j);
	for (size_t i = 0; i < j->n_wishes; i++) {
		const struct wish_name *w = &j->wishes[i];
		bool repeated = is_repeated(j, i);

		if (is_covered(j, w->form.ascii, n_asked))
			wish_settle(j, w, repeated);
		else if (!repeated)
			unproven(j, w->place == WISH_CN ? "subject" : "name",
			    w->value, w->form.ascii);
	}
}
