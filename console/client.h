/*
 * client.h - what the commands, the plain dialogue and the screens say alike:
 * times, names, states and choices as words for people, the command that does
 * the same as a screen, and taking in a CSR with a bound.
 *
 * Every *_text() here writes a NUL-terminated text that is safe to show:
 * foreign parts went through render_untrusted().
 */
#ifndef CONSOLE_CLIENT_H
#define CONSOLE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/model/nouns.h"

/* ---- times ---- */

#define WHEN_SIZE 64
#define TIME_RFC3339_SIZE 21

/* "2026-11-22T15:04:05Z", or "" for 0 (--json). */
void time_rfc3339(char dst[TIME_RFC3339_SIZE], int64_t t);
/* "2026-11-22", or "-" for 0. */
void time_date(char dst[11], int64_t t);
/* "in 3 days", "2 hours ago", "now"; "-" for 0. */
void time_relative(char dst[WHEN_SIZE], int64_t t, int64_t now);
/* "2026-11-22 15:04Z (in 3 days)"; "-" for 0. */
void time_both(char dst[WHEN_SIZE], int64_t t, int64_t now);
/* Whole days until t, rounded down; negative when it is over. */
int64_t days_left(int64_t t, int64_t now);

/* ---- names and numbers ---- */

/* "dNSName example.org", "SRVName _xmpp-server.example.org", "XmppAddr ...". */
void name_text(char *dst, size_t size, const struct name *n);
/* "example.org", "example.org and 3 more". */
void row_domains_text(char *dst, size_t size, const struct request_row *r);
/* What covers a domain: "mail to hostmaster@..., proven 2026-11-22", or that
 * nothing does. */
void proof_text(char *dst, size_t size, const struct domain_ref *d);
/* Lower-case hex in groups of eight, as digests stand on screens. */
void digest_text(char *dst, size_t size, const uint8_t digest[32]);

/* ---- states ---- */

/* The one word for a request and its certificate: awaiting, approved, good,
 * revoked, expired, refused, withdrawn. */
const char *row_state_word(const struct request_row *r);
/* The same as a sentence that says what happens next. */
void row_sentence(char *dst, size_t size, const struct request_row *r,
    int64_t now);
/* A domain's state, and what to do next. */
void domain_sentence(char *dst, size_t size, const struct domain *d,
    int64_t now);
/* How one challenge stands. */
void challenge_sentence(char *dst, size_t size, const struct challenge *c,
    int64_t now);
/* The TXT record of a challenge by DNS, as a line of a zone file. */
void record_line(char *dst, size_t size, const struct challenge *c);
/* What CAA says about one domain of a request. */
void caa_sentence(char *dst, size_t size, const struct caa_finding *c);
/* What one port of a live check showed. */
void live_sentence(char *dst, size_t size, const struct live_end *end,
    int64_t now);
/* Lines for the top of a session: revoked meanwhile, expiring, agreement,
 * queue.  Line i (from 0) to dst; false when there is none. */
bool greeting_line(char *dst, size_t size, const struct whoami *me,
    unsigned i);

/* ---- choices ---- */

struct choice {
	const char *word;	/* as typed and stored */
	const char *meaning;	/* one line */
};

/* Profiles that the authority offers (whoami.profiles), the default first; all
 * for servers while it has not said. */
const struct choice *profile_choices(const struct whoami *me, size_t *n);
/* Reasons that this role may give to a revocation (S7.2). */
const struct choice *reason_choices(enum role role, size_t *n);
/* A reason by word (any case) or RFC 5280 code; -1 when not offered. */
int reason_parse(enum role role, const char *s);
/* RFC 2142 mailboxes that may prove a domain. */
const struct choice *mailbox_choices(size_t *n);

/* ---- the same by command ---- */

/* The line to type in a shell for a command, its words quoted as needed:
 * exec_line(d, n, me, "cert", "17", NULL) is
 * "ssh alice@certs.example.org cert 17". */
void exec_line(char *dst, size_t size, const struct whoami *me, ...)
    __attribute__((sentinel));

/* ---- asking with a CSR ---- */

#define CSR_READ_MAX (64u * 1024)	/* bytes taken from a person */
#define CSR_DRAIN_MAX (1u << 20)	/* bytes read away politely behind them */

/* Whom a personal certificate is for, and the code by which the holder of the
 * domain agreed; both may be NULL. */
int person_fill(struct request_wish *w, const char *jid, const char *code,
    struct err *e);

/* Fill a zero wish (NOUN_CLEAR(request_wish, w) afterwards).  Profile, note,
 * renew may be NULL; -1 (field too long) with *e. */
int wish_fill(struct request_wish *w, const void *csr, size_t csr_size,
    const char *profile, const char *note, const char *renew, struct err *e);
int wish_add_domain(struct request_wish *w, const char *domain,
    struct err *e);

/*
 * Read a CSR from a descriptor until its end; on a terminal also until a line
 * that begins with -----END, or a Ctrl-D.  More than CSR_READ_MAX bytes are
 * read away and refused as csr-size; none at all is csr-empty, silence
 * without an end csr-late; Ctrl-C is "interrupted".
 */
int csr_collect(int fd, bool terminal, struct blob *out, struct err *e);

/* ---- widths on a terminal ---- */

/* Columns of a UTF-8 text (already rendered); needs a UTF-8 LC_CTYPE. */
size_t text_width(const char *s);
/* Copy at most `columns` columns, ending with "~" when something was left
 * out; returns the columns used. */
size_t text_cut(char *dst, size_t size, const char *src, size_t columns);

#endif
