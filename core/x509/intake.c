/* intake.c - the verdict on one CSR, from the bytes to the names. */
#include "core/x509/intake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/x509/cert.h"
#include "core/x509/hash.h"
#include "core/x509/judge.h"
#include "core/x509/keyoffer.h"
#include "core/x509/pem.h"

#define INPUT_MAX (64u << 10)	/* with text around */
#define DAY 86400
#define BACK 3600

static void
finding_add(struct judge *j, enum verdict_kind kind, const char *rule,
    const char *what, const void *value, size_t size, const char *text)
{
	struct finding *f = NULL;

	if (err_mutated(rule))
		return;
	f = LIST_ADD(j->v, findings);
	f->kind = kind;
	str_copy(f->rule, sizeof f->rule, rule);
	str_copy(f->what, sizeof f->what, what);
	render_untrusted(f->value, sizeof f->value, value, size);
	snprintf(f->text, sizeof f->text, "%s", text);
	for (size_t n = strlen(f->text); n > 0 && !utf8_valid(f->text, n); )
		f->text[--n] = '\0';
	if (kind != VERDICT_REFUSED || j->refused)
		return;
	j->refused = true;
	str_copy(j->v->rule, sizeof j->v->rule, rule);
	str_copy(j->v->text, sizeof j->v->text, text);
}

void
judge_say(struct judge *j, enum verdict_kind kind, enum rule rule,
    const char *what, const void *value, size_t size, const char *fmt, ...)
{
	char text[ERR_TEXT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	finding_add(j, kind, rule_id(rule), what, value, size, text);
}

void
judge_refuse(struct judge *j, const struct err *e, const char *what,
    const void *value, size_t size)
{
	finding_add(j, VERDICT_REFUSED, e->clause, what, value, size, e->text);
}

/* Is `name` one of the words? */
static bool
word_in(const char *words, const char *name)
{
	size_t n = strlen(name), span;

	for (const char *at = words; *at != '\0'; at += span) {
		at += strspn(at, " ,\t");
		span = strcspn(at, " ,\t");
		if (n > 0 && span == n && memcmp(at, name, n) == 0)
			return true;
	}
	return false;
}

static void
profile_choose(struct judge *j)
{
	const char *asked = j->in->profile;
	const char *words = j->in->profiles + strspn(j->in->profiles, " ,\t");
	char name[32] = "";
	struct err e = { 0 };

	if (asked == NULL || asked[0] == '\0') {
		snprintf(name, sizeof name, "%.*s",
		    (int)strcspn(words, " ,\t"), words);
		asked = name;
	}
	j->profile = profile_find(asked);
	if (j->profile == NULL || !word_in(j->in->profiles, asked)) {
		char seen[64];

		render_untrusted(seen, sizeof seen, asked, strlen(asked));
		rule_broken(&e, RULE_PROFILE_UNKNOWN, "There is no profile "
		    "\"%s\" here; choose one of: %.200s.", seen,
		    j->in->profiles);
		judge_refuse(j, &e, "profile", asked, strlen(asked));
		j->profile = profile_at(0);	/* to say more about the CSR */
	}
	str_copy(j->v->profile, sizeof j->v->profile, j->profile->name);
}

/* The DER of the request; false when the verdict is already said. */
static bool
input_read(struct judge *j, struct blob *spki, bool *key_offered,
    struct blob *der)
{
	const struct intake *in = j->in;
	struct unarmoured u;
	struct err e = { 0 };

	if (in->csr_size > 0 && key_offered_in(in->csr, in->csr_size, spki)) {
		*key_offered = true;
		rule_broken(&e, RULE_CSR_PRIVATE_KEY, "THIS IS A PRIVATE KEY. "
		    "It must never leave your server: throw it away, it is "
		    "blocked here from now on. Make a new key and send only "
		    "the certificate request (CSR) of it.");
		judge_refuse(j, &e, "form", "", 0);
		return false;
	}
	if (in->csr_size > INPUT_MAX) {
		rule_broken(&e, RULE_CSR_SIZE, "The input has %zu octets; a "
		    "request has at most %u, with text around it %u.",
		    in->csr_size, CSR_MAX, INPUT_MAX);
		judge_refuse(j, &e, "form", "", 0);
		return false;
	}
	if (pem_read(in->csr_size ? in->csr : (const uint8_t *)"",
	    in->csr_size, &u, &e) != 0) {
		blob_clear(&u.der);
		judge_refuse(j, &e, "form", "", 0);
		return false;
	}
	if (u.text_around)
		judge_say(j, VERDICT_IGNORED, RULE_CSR_TEXT_AROUND, "form", "",
		    0, "Text before or after the request was not read.");
	if (u.repairs[0] != '\0')
		judge_say(j, VERDICT_REPAIRED, RULE_CSR_NORMALISED, "form",
		    u.repairs, strlen(u.repairs), "Put right: %s.", u.repairs);
	*der = u.der;
	return true;
}

/* Key and proof of it. */
static void
key_judge(struct judge *j, const struct csr *c)
{
	struct verdict *v = j->v;
	struct err e = { 0 };
	struct spki k;

	sha256(v->spki_sha256, c->spki.at, c->spki.left);
	spki_words(c->spki.at, c->spki.left, v->key);
	if (spki_read(c->spki.at, c->spki.left, &k, &e) != 0 ||
	    spki_check(&k, &e) != 0) {
		judge_refuse(j, &e, "key", v->key, strlen(v->key));
		return;
	}
	judge_say(j, VERDICT_USED, RULE_OK, "key", v->key, strlen(v->key),
	    "The key is fit for certificates.");
	if (csr_signature_check(c, &k, &e) != 0)
		judge_refuse(j, &e, "signature", "", 0);
}

static void
dates_set(struct judge *j)
{
	int64_t days = j->in->days;

	if (days < 1 || days > j->profile->longest_days)
		days = j->profile->longest_days;
	j->v->not_before = j->in->now - BACK;
	j->v->not_after = j->v->not_before + days * DAY - 1;
}

static void
csr_judge(struct judge *j, const struct blob *der, struct csr *c)
{
	struct err e = { 0 };

	sha256(j->v->csr_sha256, der->data, der->size);
	if (csr_read(der->data, der->size, c, &e) != 0) {
		judge_refuse(j, &e, "form", "", 0);
		return;
	}
	key_judge(j, c);
	wish_subject(j, c);
	wish_attributes(j, c);
	judge_settle(j);
	dates_set(j);
	if (j->profile->warning != NULL)
		judge_say(j, VERDICT_WARNED, RULE_PROFILE_RFC3920, "profile",
		    j->profile->name, strlen(j->profile->name), "%s",
		    j->profile->warning);
}

void
intake_judge(const struct intake *in, struct verdict *v, struct blob *spki,
    bool *key_offered)
{
	struct judge j = { .in = in, .v = v };
	struct blob der = { 0 };
	struct csr c = { 0 };

	bool there;

	*key_offered = false;
	there = input_read(&j, spki, key_offered, &der);
	profile_choose(&j);
	if (there)
		csr_judge(&j, &der, &c);
	v->accepted = !j.refused;
	if (v->accepted) {
		str_copy(v->rule, sizeof v->rule, rule_id(RULE_OK));
		snprintf(v->text, sizeof v->text, "Accepted: %s for %zu "
		    "domain%s with %zu names, profile %s.", v->key,
		    v->n_domains, v->n_domains == 1 ? "" : "s", v->n_names,
		    v->profile);
		blob_set(spki, c.spki.at, c.spki.left);
	}
	blob_clear(&der);
	free(j.wishes);
	free(j.domains);
}
