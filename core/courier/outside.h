/*
 * outside.h - questions to the DNS and to XMPP servers: what lookup.c (the
 * workers) asks of resolver.c, caa.c, live.c and starttls.c.
 */
#ifndef COURIER_OUTSIDE_H
#define COURIER_OUTSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/base/conf.h"
#include "core/base/err.h"
#include "core/model/nouns.h"

/* ---- lookup.c: the workers, threads with a line each ---- */

#define LOOKUP_WORKERS 3
/* Start them; stop_fd becomes readable when all is to end. */
int lookups_start(const struct conf *c, int stop_fd, struct err *e);
/* Wait for their end. */
void lookups_join(void);

/* ---- resolver.c: libunbound, validating ---- */

struct resolver;
struct ub_result;

#define DNS_A 1
#define DNS_NS 2
#define DNS_TXT 16
#define DNS_AAAA 28
#define DNS_SRV 33
#define DNS_CAA 257

/* A fresh one for each lookup: nothing that an earlier answer said is
 * believed, also not that there is no record. */
struct resolver *resolver_open(const struct conf *c, int stop_fd,
    struct err *e);
void resolver_close(struct resolver *r);
/*
 * Ask, at most conf.dns_seconds.  The outcome; *answer is set with
 * LOOKUP_FOUND only (ub_resolve_free()), *dnssec with FOUND, NONE and BOGUS,
 * why (512 bytes, rendered) with the others.
 */
enum lookup_outcome resolver_ask(struct resolver *r, const char *name,
    int type, struct ub_result **answer, enum dnssec_state *dnssec,
    char why[512]);

/* ---- records.c: what each kind of lookup asks and takes ---- */

/* Fill *out for the registrar; what failed is said in it, not returned. */
void txt_lookup(struct resolver *r, const char *domain,
    struct lookup_result *out);
void caa_lookup(struct resolver *r, const char *domain,
    struct lookup_result *out);

/* ---- live.c ---- */

void live_lookup(const struct conf *c, struct resolver *r,
    const char *domain, int stop_fd, struct lookup_result *out);

/* ---- address.c ---- */

/* Is it one of the public Internet, that everybody may be sent to?  Not
 * private, loopback, link-local, ULA, multicast, documentation, mapped,
 * NAT64, 6to4, Teredo. */
bool address_is_public(const struct sockaddr *a);

/* ---- starttls.c ---- */

/* Dial exactly this address, speak XMPP to the domain (or TLS at once), and
 * take down the certificate that is served.  Fills end; never fails. */
void starttls_look(const struct sockaddr *a, socklen_t size,
    const char *domain, bool at_once, int stop_fd, struct live_end *end);

#endif
