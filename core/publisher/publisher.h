/*
 * publisher.h - what the files of the publisher share.
 *
 * The publisher gives out files that others made: it holds no key, opens no
 * working database, writes nothing, and can run on another host over a copy
 * of the published set.  One thread; libmicrohttpd does HTTP.
 */
#ifndef PUBLISHER_PUBLISHER_H
#define PUBLISHER_PUBLISHER_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/conf.h"

#define BODY_MAX 4096		/* bytes of an OCSP request (security.md H1) */

/* Counters for /metrics. */
struct tally {
	uint64_t requests, ocsp_answered, ocsp_unauthorized, ocsp_malformed,
	    ocsp_late, files, not_modified, refused;
};
extern struct tally tally;

/* ---- answer.c: OCSP ---- */

/* (Re)open the published answers when there is a newer file; cheap when
 * called often (looks at most once a second). */
void answer_refresh(const char *path);
/*
 * One OCSP request in DER to a queued response.  `cacheable`: asked by GET,
 * so it gets Cache-Control, Expires and ETag from the answer's times (RFC
 * 5019 6.2); `if_none_match` as the client sent it, or NULL.
 */
enum MHD_Result answer_serve(struct MHD_Connection *c, const uint8_t *der,
    size_t size, bool cacheable, const char *if_none_match);
/* The base64 (URL-unescaped) of a GET path to DER; bytes or -1. */
int answer_path_decode(const char *base64, uint8_t out[BODY_MAX]);
/* Smallest nextUpdate and number of answers; false when there is no file. */
bool answer_health(int64_t *next_update, size_t *count);

/* ---- kept.c: responses of a moment ago ---- */

/* What tells one response from another; no padding, compared as bytes. */
struct answer_key {
	uint8_t serial[20];
	uint8_t signature[8];	/* its tail */
	uint32_t this_update;
	uint8_t size, kind, issuer, zero;
};

/* Borrowed, or NULL. */
struct MHD_Response *kept_find(const struct answer_key *key);
/* Takes r over. */
void kept_put(const struct answer_key *key, struct MHD_Response *r);
void kept_clear(void);

/* ---- files.c: CRL, chain, feed, log ---- */

void files_init(const char *folder);
/* True when the path is one that may be asked for. */
bool files_known(const char *path);
enum MHD_Result files_serve(struct MHD_Connection *c, const char *path);
/* nextUpdate of each CRL is fresh at `now`; text gets what is not. */
bool files_crls_fresh(int64_t now, char *text, size_t size);

/* ---- http.c: the one entry of every request ---- */

enum MHD_Result http_handle(void *cls, struct MHD_Connection *c,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **state);
void http_done(void *cls, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode how);
/* Queue a short text with a status; closes the connection on 4xx and 5xx. */
enum MHD_Result http_text(struct MHD_Connection *c, unsigned status,
    const char *type, const char *text);
/* RFC 9110 date into dst[32]. */
void http_date(char dst[32], int64_t t);

/* ---- health.c ---- */

enum MHD_Result health_serve(struct MHD_Connection *c);
/* Prometheus text; refused to anybody who does not come from loopback. */
enum MHD_Result metrics_serve(struct MHD_Connection *c);

#endif
