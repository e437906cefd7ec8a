/*
 * rdata.h - what the DNS says in bytes that we read ourselves: TXT and CAA
 * records, and what CAA records mean for one issuance.  Pure functions; the
 * fuzz target is tests/fuzz/dns_fuzz.c.
 */
#ifndef MODEL_RDATA_H
#define MODEL_RDATA_H

#include "core/base/err.h"
#include "core/model/nouns.h"

#define TXT_PROOF_HEAD "xmpp-ica-proof="	/* of a record that proves */

/* Join the strings of a TXT record (RFC 1035 3.3.14); -1 when the lengths do
 * not add up, a NUL is in it, or it does not fit. */
int txt_read(const uint8_t *rdata, size_t size, struct dns_text *t);

/* RFC 8659 4.1: flags, tag, value.  -1 when it is malformed or too long. */
int caa_read(const uint8_t *rdata, size_t size, struct caa_record *c);

struct srv {			/* RFC 2782 */
	unsigned priority, weight, port;
	char target[254];	/* lower case, without the last dot; "" none */
};
int srv_read(const uint8_t *rdata, size_t size, struct srv *s);

/* Who wants to issue. */
struct caa_asker {
	const char *issuer;	/* domain that names the authority */
	const char *account;	/* URI of the account (RFC 8657 3) */
	const char *method;	/* how the domain was proven: "mail", "dns" */
};
/*
 * May the authority issue for a name whose relevant record set is this?
 * 0; or -1 with ERR_REFUSED caa-critical or caa-forbids, and why.  An empty
 * set allows.
 */
int caa_judge(const struct caa_record *set, size_t n,
    const struct caa_asker *who, struct err *e);

/* The set as people write it, rendered: 0 issue "ca.example"; ... */
void caa_text(char *dst, size_t size, const struct caa_record *set, size_t n);

#endif
