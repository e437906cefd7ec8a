/*
 * proof.h - the ways to prove a domain (R1.3): one const struct each, in
 * proof_NAME.c, and a row in proofs.def.  What all of them end in, the proven
 * domain or a conflict, is confirm.c.
 */
#ifndef REGISTRAR_PROOF_H
#define REGISTRAR_PROOF_H

#include "core/registrar/domain/domain.h"
#include "core/x509/names.h"

struct proof_way {
	enum proof_method method;
	const char *what;	/* "by mail": for sentences */
	const char *command;	/* that begins it, with %s for the domain */
	/* Claim the domain (f is its form) and begin an attempt; r has the
	 * domain with its challenges afterwards. */
	int (*begin)(struct seat *s, const struct domain_new *a,
	    const struct domain_form *f, struct domain *r, struct err *e);
	/* The person says that it can be found, or enters the code: d is his
	 * domain (number 0: he has none of that name). */
	int (*confirm)(struct seat *s, const struct confirmation *a,
	    struct domain *d, struct err *e);
};

#define PROOF(method, name) extern const struct proof_way proof_##name;
#include "core/registrar/domain/proofs.def"
#undef PROOF

/* ---- proof.c ---- */

/* Between its dates?  ERR_REFUSED proof-method says which methods are. */
int proof_allowed(enum proof_method method, const char *domain,
    struct err *e);
/* Do [policy] proof_mail and proof_dns make sense?  At start. */
int proofs_check(struct err *e);

/* ---- confirm.c ---- */

/* What has just been shown about a domain. */
struct shown {
	int64_t challenge;
	enum proof_method method;
	const char *mailbox;	/* "" for dns */
	enum dnssec_state dnssec;
};
/* confirm.c: count a challenge sent ("proof.sent") or proved ("proof.done") by
 * its mailbox; "" by DNS. */
int proof_count(const char *action, const char *mailbox, struct err *e);
/*
 * The challenge is proved: *d (loaded) becomes proven; or, when another
 * account holds it, a conflict is opened, and -1 with ERR_CONFLICT
 * domain-conflict comes back (question_keep() was called).  s is whose proof
 * it is.
 */
int domain_proved(struct seat *s, struct domain *d, const struct shown *p,
    struct err *e);

/* ---- proof_dns.c ---- */

/* What the courier found for a lookup of kind txt. */
int proof_dns_answer(int64_t challenge, const struct lookup_result *a,
    bool last, struct err *e);

#endif
