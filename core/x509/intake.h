/*
 * intake.h - the verdict on one CSR.
 *
 * check, the paste view, request and xmpp-icactl check-csr all come here; the
 * function is pure: bytes, policy and proofs in, verdict out.  It reads
 * strangers' bytes: bounded, byte-exact, no passphrase prompt, no library
 * name comparison (security.md 5 I, K, N; xmpp.md 8).
 */
#ifndef X509_INTAKE_H
#define X509_INTAKE_H

#include "core/x509/profile.h"

#define CSR_MAX (16u << 10)	/* bytes of a CSR, PEM or DER */

struct intake {
	const uint8_t *csr;		/* as it came */
	size_t csr_size;
	const struct domain_name *domains;	/* asked for; may be none: then the CSR's */
	size_t n_domains;
	const char *profile;		/* "" the default */
	const char *profiles;		/* words: profiles allowed, first the default */
	bool special_names;
	bool subdomains;
	int64_t days;
	int64_t max_names;
	int64_t now;
	bool assume_proven;		/* check-csr: each asked domain counts as proven */
	const struct domain_ref *proofs;	/* proof_domain, method, mailbox, dates of the account's live proofs */
	size_t n_proofs;
	const char *jid;		/* of a personal certificate; NULL or "": the CSR's */
};

/*
 * Fills *v (which must be zero; the caller clears it) whatever the input, and
 * on acceptance *spki (SubjectPublicKeyInfo, DER).  v->accepted and v->rule
 * are the verdict; v->findings has one line for each name, extension,
 * attribute and repair.  Rule ids are those of xmpp-ica-rules(7).
 * `*key_offered` becomes true when a private key lay in the input (rule
 * csr-private-key): *spki is then that key's public part when it could be
 * derived, so that the caller blocks it; the input is for wiping.
 */
void intake_judge(const struct intake *in, struct verdict *v,
    struct blob *spki, bool *key_offered);

#endif
