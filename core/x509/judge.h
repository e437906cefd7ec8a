/*
 * judge.h - one verdict in the making; for intake.c and the wish_*.c files,
 * which read what a request asks for.
 */
#ifndef X509_JUDGE_H
#define X509_JUDGE_H

#include "core/x509/csr.h"
#include "core/x509/intake.h"
#include "core/x509/jid.h"
#include "core/x509/rules.h"

/* Where in a request a name stood. */
enum wish_place { WISH_CN, WISH_DNS, WISH_SRV_SERVER, WISH_SRV_CLIENT, WISH_XMPP };

struct wish_name {
	enum wish_place place;
	struct domain_form form;
	char value[256];		/* as it stood there, rendered */
	enum rule repair;		/* RULE_OK: none */
	char repair_text[160];
};

struct judge {
	const struct intake *in;
	struct verdict *v;
	const struct profile *profile;
	bool refused;
	struct wish_name *wishes;	/* each name that the request holds */
	size_t n_wishes;
	struct domain_form *domains;	/* of the certificate, in order */
	size_t n_domains;
	struct jid_form jid;		/* of a personal certificate */
	bool jid_wished;		/* the request holds it */
};

/* Add a finding; value is foreign bytes.  The first refusal becomes the
 * verdict's rule and text. */
void judge_say(struct judge *j, enum verdict_kind kind, enum rule rule,
    const char *what, const void *value, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));
/* A refusal from an err. */
void judge_refuse(struct judge *j, const struct err *e, const char *what,
    const void *value, size_t size);

/* wish_subject.c: asked_subject, the CN as a wish, the rest ignored. */
void wish_subject(struct judge *j, const struct csr *c);
/* wish_attributes.c: attributes and requested extensions. */
void wish_attributes(struct judge *j, const struct csr *c);
/* wish_names.c: the content of a subjectAltName. */
void wish_alternative_names(struct judge *j, struct der san);
void wish_add(struct judge *j, enum wish_place place,
    const struct domain_form *form, const void *value, size_t size,
    enum rule repair, const char *repair_text);

/* person.c: the same for a personal certificate. */
void person_wish(struct judge *j, const void *value, size_t size);
void person_subject(struct judge *j, const char *text, size_t n);
void person_other_name(struct judge *j, const void *value, size_t size);
void person_settle(struct judge *j);

/* settle.c: the certificate is about this domain: is it proven? */
void judge_domain(struct judge *j, const struct domain_form *domain);
/* settle.c: which domains the certificate has, by which proofs, and what
 * becomes of each wish. */
void judge_settle(struct judge *j);

#endif
