/* document.c - ruling documents: kept with version, hash and dates, looked
 * after, and named by each issuance (G6, J7.2, R5.1). */
#include "core/registrar/report/document.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/page.h"
#include "core/registrar/registrar.h"
#include "core/x509/hash.h"

#define DAY 86400
#define WARN_DAYS 60		/* before one ends */
#define DOCUMENT_MOST (2u << 20)

enum { Q_ADD, Q_LIST, Q_GET };
#define ROW "SELECT d.number, d.kind, d.version, d.file, d.sha256, d.since," \
	" d.until, d.added, d.added_by, NOT EXISTS (SELECT 1 FROM document o" \
	"  WHERE o.kind = d.kind AND o.since <= ?1 AND (o.until = 0" \
	"  OR o.until > ?1) AND (o.since > d.since OR (o.since = d.since" \
	"  AND o.number > d.number))) AND d.since <= ?1" \
	"  AND (d.until = 0 OR d.until > ?1) FROM document d "
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO document (kind, version, file, sha256, since,"
	    " until, added, added_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[Q_LIST] = ROW "ORDER BY d.kind, d.number DESC LIMIT 500",
	[Q_GET] = ROW "WHERE d.kind = ?2 AND d.version = ?3",
};
DB_STATEMENTS(document, sql)

static void
row_take(struct query *q, struct document *d)
{
	d->number = q_col_i64(q, 0);
	d->kind = q_col_word(q, 1, &document_kind_words, DOCUMENT_CA_POLICY);
	q_col_str(q, 2, d->version, sizeof d->version);
	q_col_str(q, 3, d->file, sizeof d->file);
	q_col_bytes(q, 4, d->sha256, sizeof d->sha256);
	d->since = q_col_i64(q, 5);
	d->until = q_col_i64(q, 6);
	d->added = q_col_i64(q, 7);
	q_col_str(q, 8, d->by, sizeof d->by);
	d->current = q_col_i64(q, 9) != 0;
}

static int
rows_load(int64_t at, struct document_page *r, struct err *e)
{
	struct query *q = db_query(document_prepared[Q_LIST]);
	int have;

	q_i64(q, 1, at);
	while ((have = q_next(q, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	r->total = (int64_t)r->n_rows;
	return have;
}

/* ---- those that rule ---- */

static void
set_hash(const struct document_page *p, uint8_t out[32])
{
	struct buf b = { 0 };
	char hex[65];

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct document *d = &p->rows[i];

		if (!d->current || d->kind == DOCUMENT_TEST_RESULTS)
			continue;
		hex_encode(hex, d->sha256, sizeof d->sha256);
		buf_printf(&b, "%s %s %s\n", word_of(&document_kind_words,
		    d->kind), d->version, hex);
	}
	sha256(out, b.data, b.size);
	buf_clear(&b);
}

/* Issuing asks each time: kept until something here may have changed. */
static char set_kept[65];
static int64_t set_minute = -1;

const char *
documents_set(void)
{
	struct document_page p = { 0 };
	uint8_t hash[32] = { 0 };
	struct err e = { 0 };

	if (set_minute == clock_now() / 60)
		return set_kept;
	if (rows_load(clock_now(), &p, &e) < 0)
		log_warn("documents: %s", e.text);
	set_hash(&p, hash);
	hex_encode(set_kept, hash, sizeof hash);
	set_minute = clock_now() / 60;
	NOUN_CLEAR(document_page, &p);
	return set_kept;
}

/* ---- their files ---- */

static void
file_path(char path[CONF_PATH_SIZE], const char *file)
{
	char name[192];

	snprintf(name, sizeof name, "db/documents/%.127s", file);
	conf_path(&conf, path, name);
}

static bool
file_good(const struct document *d)
{
	char path[CONF_PATH_SIZE];
	struct blob b = { 0 };
	uint8_t hash[32];
	bool good;

	file_path(path, d->file);
	good = file_read(path, DOCUMENT_MOST, &b, NULL) == 0;
	sha256(hash, b.data, b.size);
	good = good && memcmp(hash, d->sha256, 32) == 0;
	blob_clear(&b);
	return good;
}

static int
watch_one(const struct document *d, struct err *e)
{
	char object[96], end[TIME_TEXT_SIZE];

	snprintf(object, sizeof object, "%s %s", word_of(&document_kind_words,
	    d->kind), d->version);
	time_text(end, d->until);
	end[10] = '\0';
	if (!file_good(d))
		return alarm_raise(ALARM_AGREEMENT, object, e,
		    "the file db/documents/%s is gone or is not what was added; put the right one back",
		    d->file);
	if (d->current && d->until != 0 &&
	    d->until - clock_now() < WARN_DAYS * DAY)
		return alarm_raise(ALARM_AGREEMENT, object, e,
		    "%s ends on %s; when there is a new one: xmpp-icactl document add %s FILE --version V",
		    object, end, word_of(&document_kind_words, d->kind));
	return alarm_clear(ALARM_AGREEMENT, object, e);
}

static void
document_tick(void)
{
	struct document_page p = { 0 };
	struct err e = { 0 };
	int r = rows_load(clock_now(), &p, &e);

	for (size_t i = 0; r == 0 && i < p.n_rows; i++)
		r = watch_one(&p.rows[i], &e);
	if (r < 0)
		log_warn("documents: %s", e.text);
	NOUN_CLEAR(document_page, &p);
}
LOOP_TIMER(document, 600, document_tick)

/* ---- adding ---- */

static int
new_check(const struct document_new *a, int64_t since, struct err *e)
{
	size_t n = strlen(a->version);

	if (n == 0 || a->version[0] == '.' || strspn(a->version,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")
	    != n)
		return err_set(e, ERR_BAD_INPUT, "document-version",
		    "a version is letters, digits, dots and dashes, as 1.2");
	if (a->text.size == 0 || a->text.size > DOCUMENT_MOST)
		return err_set(e, ERR_BAD_INPUT, "document-size",
		    "a document has between 1 byte and 2 MiB, not %zu bytes",
		    a->text.size);
	if (a->until != 0 && (a->until <= since || a->until <= clock_now()))
		return err_set(e, ERR_BAD_INPUT, "document-dates",
		    "a document ends after it begins, and in the future");
	return 0;
}

/* The file first: a row without its file would be an alarm, a file without a
 * row is nothing. */
static int
file_keep(const char *file, const struct blob *text, struct err *e)
{
	char path[CONF_PATH_SIZE];

	conf_path(&conf, path, "db/documents");
	if (access(path, F_OK) < 0 && folder_make(path, 0700, e) < 0)
		return -1;
	file_path(path, file);
	return file_replace(path, text->data, text->size, 0600, e);
}

static int
row_load(enum document_kind kind, const char *version, struct document *d,
    struct err *e)
{
	struct query *q = db_query(document_prepared[Q_GET]);
	int have;

	q_i64(q, 1, clock_now());
	q_str(q, 2, word_of(&document_kind_words, kind));
	q_str(q, 3, version);
	if ((have = q_next(q, e)) == 1)
		row_take(q, d);
	q_end(q);
	return have;
}

int
serve_operator_document_add(struct seat *s, const struct document_new *a,
    struct document *r, struct err *e)
{
	const char *kind = word_of(&document_kind_words, a->kind);
	int64_t since = a->since ? a->since : clock_now();
	char file[128], hex[65];
	uint8_t hash[32];
	struct query *q = NULL;
	int have;

	if (new_check(a, since, e) < 0 ||
	    (have = row_load(a->kind, a->version, r, e)) < 0)
		return -1;
	sha256(hash, a->text.data, a->text.size);
	if (have == 1)
		return err_set(e, ERR_CONFLICT, "document-version",
		    "%s %s is there already%s", kind, a->version,
		    memcmp(hash, r->sha256, 32) == 0 ? ", the same" :
		    " with another text; a changed text has another version");
	snprintf(file, sizeof file, "%s-%s", kind, a->version);
	hex_encode(hex, hash, sizeof hash);
	if (file_keep(file, &a->text, e) < 0)
		return -1;
	q = db_query(document_prepared[Q_ADD]);
	q_str(q, 1, kind);
	q_str(q, 2, a->version);
	q_str(q, 3, file);
	q_blob(q, 4, hash, sizeof hash);
	q_i64(q, 5, since);
	q_i64(q, 6, a->until);
	q_i64(q, 7, clock_now());
	q_str(q, 8, s->account_name);
	set_minute = -1;
	if (q_run(q, e) < 0 || audit_add(s, "document.add", "document", file,
	    OUTCOME_DONE, e, "sha256 %s", hex) < 0)
		return -1;
	change_push("document", 0, 0, "");
	have = row_load(a->kind, a->version, r, e);
	r->good = have == 1;
	return have == 1 ? 0 : -1;
}

static int
ruling_load(enum document_kind kind, struct document *d, struct err *e)
{
	struct document_page p = { 0 };
	int have = rows_load(clock_now(), &p, e);

	for (size_t i = 0; have == 0 && i < p.n_rows; i++)
		if (p.rows[i].current && p.rows[i].kind == kind) {
			*d = p.rows[i];
			have = 1;
		}
	NOUN_CLEAR(document_page, &p);
	return have;
}

int
document_kept(enum document_kind kind, const char *version,
    struct document_text *r, struct err *e)
{
	struct document *d = &r->document;
	char path[CONF_PATH_SIZE];
	uint8_t hash[32] = { 0 };
	int have = version[0] == '\0' ? ruling_load(kind, d, e) :
	    row_load(kind, version, d, e);

	if (have != 1)
		return have;
	file_path(path, d->file);
	if (file_read(path, DOCUMENT_MOST, &r->text, e) < 0)
		return -1;
	sha256(hash, r->text.data, r->text.size);
	if (memcmp(hash, d->sha256, 32) != 0) {
		blob_clear(&r->text);
		return err_set(e, ERR_BROKEN, "document",
		    "the file of %s %s is not what was added; the operator puts the right one back",
		    word_of(&document_kind_words, kind), d->version);
	}
	d->good = true;
	return 1;
}

int
serve_document_list(struct seat *s, const struct wish *a,
    struct document_page *r, struct err *e)
{
	int64_t at = a->since > 0 ? a->since : clock_now();

	if (rows_load(at, r, e) < 0)
		return -1;
	for (size_t i = 0; i < r->n_rows; i++)
		r->rows[i].good = file_good(&r->rows[i]);
	set_hash(r, r->set);
	if (a->since > 0)	/* what the configuration had then is not kept */
		return 0;
	r->total += 2;
	return documents_live(s, r, e);
}
