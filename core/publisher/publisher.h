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

/* What was asked for, and how it ended: the labels of /metrics. */
enum asked { ASKED_OCSP, ASKED_CRL, ASKED_CA, ASKED_LOG, ASKED_FEED,
	ASKED_HEALTH, ASKED_METRICS, ASKED_OTHER, ASKED_KINDS };
enum ended { ENDED_200, ENDED_304, ENDED_400, ENDED_404, ENDED_405, ENDED_413,
	ENDED_503, ENDED_KINDS };

/* Counters for /metrics. */
struct tally {
	uint64_t requests, ocsp_answered, ocsp_unauthorized, ocsp_malformed,
	    ocsp_late;
	uint64_t by[ASKED_KINDS][ENDED_KINDS];
	uint64_t accepted;		/* connections */
	uint64_t pushed_out;		/* idle ones that made room */
	uint64_t cut;			/* too slow */
};
extern struct tally tally;

/* ---- door.c: connections, and how long they may take ---- */

/* An HTTP daemon without a socket of its own, for at most `most` connections. */
struct MHD_Daemon *door_open(unsigned most);
/* A request's head has come and its body follows; its answer of so many
 * bytes is on its way; it is done. */
void door_body(struct MHD_Connection *c);
void door_sending(struct MHD_Connection *c, uint64_t size);
void door_done(struct MHD_Connection *c);
size_t door_count(void);
/* The loop: until *stop. */
void door_serve(struct MHD_Daemon *d, int listening, const char *answers,
    volatile const int *stop);

/* ---- listen.c ---- */

/* The socket that was handed over as PUBLISHER_FD, or one of our own as the
 * configuration says; -1. */
int listen_take(const struct conf *conf, struct err *e);

/* ---- answer.c: OCSP ---- */

/* (Re)open the published answers when there is a newer file; cheap when
 * called often (looks at most once a second). */
void answer_refresh(const char *path);
/*
 * One OCSP request in DER to a queued response.  `cacheable`: asked by GET,
 * so it gets Cache-Control, Expires and ETag from the answer's times (RFC
 * 5019 6.2).
 */
enum MHD_Result answer_serve(struct MHD_Connection *c, const uint8_t *der,
    size_t size, bool cacheable);
/* The base64 (URL-unescaped) of a GET path to DER; bytes or -1. */
int answer_path_decode(const char *base64, uint8_t out[BODY_MAX]);
/* Smallest nextUpdate and number of answers, and how often the file was made
 * anew; false when there is no file. */
bool answer_health(int64_t *next_update, size_t *count, uint64_t *generation);

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

/* Where the published set is. */
void files_init(const char *folder);
/* True when the path is one that may be asked for; whose in *asked. */
bool files_known(const char *path, enum asked *asked);
enum MHD_Result files_serve(struct MHD_Connection *c, const char *path);
/* FOLDER/NAME of the published set, for those that look themselves. */
void files_path(char dst[CONF_PATH_SIZE * 2], const char *name);

/* ---- pem.c ---- */

/* A response of the DER in fd as PEM, and its length; takes fd over, unless
 * it is NULL. */
struct MHD_Response *pem_response(int fd, uint64_t der_size, uint64_t *size);

/* ---- crls.c: the heads of the published CRLs ---- */

#define CRLS 512
struct crl_seen {
	char name[64];			/* "ica-server-1" */
	int64_t this_update, next_update;	/* 0: cannot be read */
	int64_t size;
	bool over;			/* its issuer's certificate has ended */
};
/* What lies there, looked at once a second; their number. */
size_t crls_look(const struct crl_seen **list);

/* ---- validators.c: has the client got it already? (RFC 9110 13) ---- */

bool client_has_it(struct MHD_Connection *c, const char *etag,
    int64_t modified);
/* One of a list of entity tags, weak or not, or "*". */
bool etag_listed(const char *list, const char *etag);
/* The three forms of RFC 9110 5.6.7; -1 when it is none. */
int64_t http_date_read(const char *text);
/* RFC 9110 date into dst[32]. */
void http_date(char dst[32], int64_t t);

/* ---- http.c: the one entry of every request ---- */

enum MHD_Result http_handle(void *cls, struct MHD_Connection *c,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **state);
void http_done(void *cls, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode how);
/* Without NUL: a path ends where it seems to. */
size_t http_unescape(void *cls, struct MHD_Connection *c, char *text);
/* Queue a response of so many bytes, and count it. */
enum MHD_Result http_queue(struct MHD_Connection *c, unsigned status,
    struct MHD_Response *r, uint64_t size);
/* A short text with a status; closes the connection on 4xx and 5xx. */
enum MHD_Result http_text(struct MHD_Connection *c, unsigned status,
    const char *type, const char *text);
#define TEXT_PLAIN "text/plain; charset=utf-8"

/* ---- health.c, metrics.c ---- */

/* What is not fresh, or "". */
bool health_good(char *why, size_t size);
enum MHD_Result health_serve(struct MHD_Connection *c);
/* Prometheus text; refused to anybody who does not come from loopback. */
enum MHD_Result metrics_serve(struct MHD_Connection *c);

#endif
