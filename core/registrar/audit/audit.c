/* audit.c - the audit log: one hash-chained entry a deed.  The bytes that are
 * hashed here are hashed again in audit_walk.c. */
#include "core/registrar/registrar.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/audit/refusals.h"
#include "core/x509/hash.h"

#define SALT_SIZE 16
#define REFUSALS_MAX 32		/* queued for one question */

enum { Q_HEAD, Q_ADD };
static const char *const sql[] = {
	/* lost entries have numbers that are never used again */
	[Q_HEAD] = "SELECT number, at, hash FROM (SELECT * FROM (SELECT"
	    " number, at, hash FROM audit ORDER BY number DESC LIMIT 1)"
	    " UNION ALL SELECT * FROM (SELECT number, at, hash FROM log_lost"
	    " ORDER BY number DESC LIMIT 1)) ORDER BY number DESC LIMIT 1",
	[Q_ADD] = "INSERT INTO audit (number, at, role, action, noun, object,"
	    " outcome, actor, key, source, detail, salt, commitment,"
	    " previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
	    " ?10, ?11, ?12, ?13, ?14, ?15)",
};
DB_STATEMENTS(audit, sql)

struct entry {
	char actor[33], key[64], source[64], action[48], noun[24];
	char object[96], detail[1025];
	enum role role;
	enum outcome outcome;
};

/* The last entry of the chain; good while nothing was undone since. */
static struct {
	int64_t generation, number, at;
	uint8_t hash[32];
} head = { .generation = -1 };

static struct entry *refusals;
static size_t n_refusals;
static size_t n_counted;	/* for one question: too many for an entry */

static int
head_load(struct err *e)
{
	struct query *q = NULL;
	int r;

	if (head.generation == db_generation())
		return 0;
	memset(&head, 0, sizeof head);
	head.generation = -1;
	q = db_query(audit_prepared[Q_HEAD]);
	r = q_next(q, e);
	if (r < 0)
		return -1;
	if (r == 1) {
		head.number = q_col_i64(q, 0);
		head.at = q_col_i64(q, 1);
		q_col_bytes(q, 2, head.hash, 32);
	}
	q_end(q);
	head.generation = db_generation();
	return 0;
}

/* ---- writing ---- */

/* What may be personal, behind a salt. */
static void
commitment_make(uint8_t out[32], struct buf *b, const uint8_t *salt,
    const struct entry *n)
{
	b->size = 0;
	buf_put_bytes(b, salt, SALT_SIZE);
	buf_put_str(b, n->actor);
	buf_put_str(b, n->key);
	buf_put_str(b, n->source);
	buf_put_str(b, n->detail);
	sha256(out, b->data, b->size);
}

static void
hash_make(uint8_t out[32], struct buf *b, int64_t number, int64_t at,
    const struct entry *n, const uint8_t commitment[32])
{
	b->size = 0;
	buf_put_bytes(b, head.hash, 32);
	buf_put_i64(b, number);
	buf_put_i64(b, at);
	buf_put_str(b, word_of(&role_words, n->role));
	buf_put_str(b, n->action);
	buf_put_str(b, n->noun);
	buf_put_str(b, n->object);
	buf_put_str(b, word_of(&outcome_words, n->outcome));
	buf_put_bytes(b, commitment, 32);
	sha256(out, b->data, b->size);
}

static int
row_add(const struct entry *n, int64_t at, const uint8_t *salt,
    const uint8_t commitment[32], const uint8_t hash[32], struct err *e)
{
	struct query *q = db_query(audit_prepared[Q_ADD]);

	q_i64(q, 1, head.number + 1);
	q_i64(q, 2, at);
	q_str_held(q, 3, word_of(&role_words, n->role));
	q_str_held(q, 4, n->action);
	q_str_held(q, 5, n->noun);
	q_str_held(q, 6, n->object);
	q_str_held(q, 7, word_of(&outcome_words, n->outcome));
	q_str_held(q, 8, n->actor);
	q_str_held(q, 9, n->key);
	q_str_held(q, 10, n->source);
	q_str_held(q, 11, n->detail);
	q_blob_held(q, 12, salt, SALT_SIZE);
	q_blob_held(q, 13, commitment, 32);
	q_blob_held(q, 14, head.hash, 32);
	q_blob_held(q, 15, hash, 32);
	return q_run(q, e);
}

static int
entry_write(const struct entry *n, struct err *e)
{
	static struct buf b;		/* kept: no allocation an entry */
	uint8_t salt[SALT_SIZE], commitment[32], hash[32];
	int64_t at;

	if (head_load(e) < 0)
		return -1;
	/* a clock set back never reorders entries */
	at = clock_now() > head.at ? clock_now() : head.at;
	random_bytes(salt, sizeof salt);
	commitment_make(commitment, &b, salt, n);
	hash_make(hash, &b, head.number + 1, at, n, commitment);
	if (row_add(n, at, salt, commitment, hash, e) < 0) {
		head.generation = -1;
		return -1;
	}
	head.number++;
	head.at = at;
	memcpy(head.hash, hash, 32);
	return 0;
}

/* Too long is cut at a character: the log is for reading, the row that it
 * speaks of has the whole. */
static void
text_cut(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src), used;
	uint32_t c;

	if (n >= size) {
		n = 0;
		while ((used = utf8_decode((const uint8_t *)src + n,
		    strlen(src + n), &c)) > 0 && n + used < size)
			n += used;
	}
	memcpy(dst, src, n);
	dst[n] = '\0';
}

static void __attribute__((format(printf, 7, 0)))
entry_fill(struct entry *n, const struct seat *s, const char *action,
    const char *noun, const char *object, enum outcome outcome,
    const char *fmt, va_list ap)
{
	/* written before they are read: an entry costs no clearing of 3 KB */
	char detail[2048] __attribute__((uninitialized));

	n->actor[0] = n->key[0] = n->source[0] = '\0';
	n->role = s != NULL ? s->role : ROLE_SYSTEM;
	n->outcome = outcome;
	text_cut(n->action, sizeof n->action, action);
	text_cut(n->noun, sizeof n->noun, noun);
	text_cut(n->object, sizeof n->object, object);
	if (s != NULL) {
		text_cut(n->actor, sizeof n->actor, s->account_name);
		text_cut(n->key, sizeof n->key, s->fingerprint);
		text_cut(n->source, sizeof n->source, s->source);
	}
	if (vsnprintf(detail, sizeof detail, fmt, ap) < 0)
		detail[0] = '\0';
	text_cut(n->detail, sizeof n->detail, detail);
}

int
audit_add(const struct seat *s, const char *action, const char *noun,
    const char *object, enum outcome outcome, struct err *e,
    const char *detail, ...)
{
	struct entry n __attribute__((uninitialized));
	va_list ap;

	va_start(ap, detail);
	entry_fill(&n, s, action, noun, object, outcome, detail, ap);
	va_end(ap);
	return entry_write(&n, e);
}

/* True: not among those that are only counted. */
static bool
refusal_kept(const struct seat *s)
{
	/* the caller's seat is ours to hang up; who has none is ourselves */
	if (s == NULL || refusal_counted((struct seat *)(uintptr_t)s))
		return true;
	n_counted++;
	return false;
}

void
audit_refusal(const struct seat *s, const char *action, const char *noun,
    const char *object, const char *detail, ...)
{
	va_list ap;

	if (!refusal_kept(s))
		return;
	if (refusals == NULL)
		refusals = xcalloc(REFUSALS_MAX, sizeof *refusals);
	if (n_refusals == REFUSALS_MAX) {
		log_warn("audit: more than %d refusals in one question",
		    REFUSALS_MAX);
		return;
	}
	va_start(ap, detail);
	entry_fill(&refusals[n_refusals++], s, action, noun, object,
	    OUTCOME_REFUSED, detail, ap);
	va_end(ap);
}

size_t
audit_refusals_queued(void)
{
	return n_refusals + n_counted;
}

void
audit_refusals_write(void)
{
	struct err e = { 0 };

	for (size_t i = 0; i < n_refusals; i++)
		if (entry_write(&refusals[i], &e) < 0)
			log_warn("audit: a refusal was not kept: %s", e.text);
	n_refusals = n_counted = 0;
}
