/* log_publish.c - heads of the log: the tree is brought up to the last entry,
 * the signer signs, files and row follow; at least hourly, soon after
 * something was issued or revoked, and at the end (S11.3). */
#include "core/registrar/audit/log_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/registrar.h"
#include "core/wire/ask.h"

#define SIGNER_MS 5000
#define SLICE_TILES 32		/* 8192 entries in one go */
#define SOON_MS 2000
#define PERIOD_MS 3300000	/* a little under the hour */
#define LATE_SECONDS 7200

enum { Q_LAST, Q_ADD, Q_SET, Q_GET, Q_LINES };
static const char *const sql[] = {
	[Q_LAST] = "SELECT size, note FROM log_checkpoint"
	    " ORDER BY size DESC LIMIT 1",
	[Q_ADD] = "INSERT OR REPLACE INTO log_checkpoint (size, note)"
	    " VALUES (?1, ?2)",
	[Q_SET] = "INSERT INTO setting (name, value) VALUES ('log.vkey', ?1)"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	[Q_GET] = "SELECT value FROM setting WHERE name = 'log.vkey'",
	[Q_LINES] = "SELECT line FROM witness WHERE size = ?1 ORDER BY name",
};
DB_STATEMENTS(log_publish, sql)

static bool wanted = true;	/* also at the start */
static int64_t last_ms = -1;	/* clock_mono_ms() of the last head */
static int64_t tiles_done = -1;	/* complete tiles that lie in files */

void
log_wanted(void)
{
	wanted = true;
}

static int
log_wait_ms(void)
{
	int64_t due = last_ms + (wanted ? SOON_MS : PERIOD_MS);
	int64_t left = last_ms < 0 ? 0 : due - clock_mono_ms();

	return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

bool
log_due(void)
{
	return log_wait_ms() == 0;
}

/* ---- rows ---- */

int
log_last(struct blob *note, int64_t *size, struct err *e)
{
	struct query *q = db_query(log_publish_prepared[Q_LAST]);
	const uint8_t *p = NULL;
	size_t n;
	int have;

	*size = 0;
	if ((have = q_next(q, e)) == 1) {
		*size = q_col_i64(q, 0);
		p = q_col_blob(q, 1, &n);
		if (note != NULL)
			blob_set(note, p, n);
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

int
log_last_witnessed(struct blob *note, int64_t *size, struct err *e)
{
	struct query *q = NULL;
	struct buf b = { 0 };
	const uint8_t *p = NULL;
	size_t n;
	int have;

	if (log_last(note, size, e) < 0)
		return -1;
	buf_put(&b, note->data, note->size);
	q = db_query(log_publish_prepared[Q_LINES]);
	q_i64(q, 1, *size);
	while ((have = q_next(q, e)) == 1 && *size > 0) {
		p = q_col_blob(q, 0, &n);
		buf_put(&b, p, n);
	}
	q_end(q);
	blob_set(note, b.data, b.size);
	buf_clear(&b);
	return have < 0 ? -1 : 0;
}

int
log_key(struct vkey *v, struct err *e)
{
	struct query *q = db_query(log_publish_prepared[Q_GET]);
	char text[VKEY_SIZE] = "";
	int have = q_next(q, e);

	if (have == 1)
		q_col_str(q, 0, text, sizeof text);
	q_end(q);
	if (have < 0)
		return -1;
	return have == 1 ? vkey_parse(text, v, e) : err_set(e,
	    ERR_NOT_FOUND, "log-head", "the log has no signed head yet");
}

/* ---- files ---- */

/* Where the files end; they are written again when they are not there. */
static int
tiles_begin(struct err *e)
{
	char path[CONF_PATH_SIZE];
	int64_t size;

	if (tiles_done >= 0)
		return 0;
	log_file_path(path, "checkpoint");
	if (log_last(NULL, &size, e) < 0)
		return -1;
	tiles_done = access(path, F_OK) == 0 ? size / TILE_WIDTH : 0;
	return 0;
}

static int
file_put(const char *name, const void *data, size_t size, struct err *e)
{
	char path[CONF_PATH_SIZE];

	log_file_path(path, name);
	return file_replace(path, data, size, 0644, e);
}

int
log_checkpoint_write(struct err *e)
{
	struct blob note = { 0 };
	int64_t size;
	int r = log_last_witnessed(&note, &size, e);

	if (r == 0 && size > 0)
		r = file_put("checkpoint", note.data, note.size, e);
	blob_clear(&note);
	return r;
}

/* Some complete tiles, into the rows and into files. */
static int
slice_run(int64_t size, bool *more, struct err *e)
{
	int64_t end = size / TILE_WIDTH;
	bool left = false;

	if (tiles_begin(e) < 0 || db_begin(e) < 0)
		return -1;
	if (log_grow(size, SLICE_TILES, &left, e) < 0) {
		db_rollback();
		return -1;
	}
	if (db_commit(e) < 0)
		return -1;
	if (left)		/* files follow when the rows are there */
		end = 0;
	for (int n = 0; tiles_done < end; n++, tiles_done++) {
		if (n == SLICE_TILES) {
			left = true;
			break;
		}
		if (log_tile_write(tiles_done, e) < 0)
			return -1;
	}
	*more = left;
	return 0;
}

/* ---- a head ---- */

static int
wish_fill(struct checkpoint_wish *w, const struct log_head *last,
    int64_t size, struct err *e)
{
	struct merkle_proof proof;
	struct merkle_hash root;

	w->size = size;
	if (merkle_root(&log_tree, size, &root, e) < 0)
		return -1;
	memcpy(w->root, root.bytes, 32);
	if (last->size == 0 || last->size == size)
		return 0;
	if (merkle_consistency(&log_tree, last->size, size, &proof, e) < 0)
		return -1;
	for (size_t i = 0; i < proof.n; i++)
		memcpy(LIST_ADD(w, proof)->hash, proof.path[i].bytes, 32);
	return 0;
}

/* Signed by the one key, about exactly this tree. */
static int
head_accept(const struct log_head *h, const struct checkpoint_wish *w,
    struct err *e)
{
	struct checkpoint c;
	struct vkey v;

	if (vkey_parse(h->vkey, &v, e) == 0 && checkpoint_parse(h->note.data,
	    h->note.size, &c, e) == 0 && c.size == w->size &&
	    memcmp(c.root.bytes, w->root, 32) == 0 &&
	    note_verify(h->note.data, h->note.size, &v, NULL, NULL) == 1)
		return 0;
	return err_set(e, ERR_BROKEN, "log-head",
	    "the signer answered with a head that is not the one asked for");
}

static int
note_row_add(const struct log_head *h, struct err *e)
{
	struct query *q = db_query(log_publish_prepared[Q_ADD]);
	struct buf b = { 0 };
	int r;

	buf_put(&b, h->note.data, h->note.size);
	buf_put_u8(&b, 0);
	q_i64(q, 1, h->size);
	q_str(q, 2, (const char *)b.data);
	r = q_run(q, e);
	buf_clear(&b);
	return r;
}

static int
key_row_set(const char *vkey, struct err *e)
{
	struct query *q = db_query(log_publish_prepared[Q_SET]);

	q_str(q, 1, vkey);
	return q_run(q, e);
}

/* The signer has just signed over our rows, and nothing is lost: whatever was
 * wrong between him, us and what is published is over. */
static int
agreed(struct err *e)
{
	return audit_is_bad || log_may_issue(NULL) < 0 ? 0 :
	    alarm_clear(ALARM_LOG, "", e);
}

static int
head_store(const struct log_head *h, bool told, struct err *e)
{
	char object[24];

	if (db_begin(e) < 0)
		return -1;
	snprintf(object, sizeof object, "%lld", (long long)h->size);
	if (note_row_add(h, e) == 0 && key_row_set(h->vkey, e) == 0 &&
	    (!told || audit_add(NULL, "log.checkpoint", "log", object,
	    OUTCOME_DONE, e, "%lld entries", (long long)h->size) == 0) &&
	    alarm_clear(ALARM_CHECKPOINT, "", e) == 0 && agreed(e) == 0)
		return db_commit(e);
	db_rollback();
	return -1;
}

/* It hardly ever changes, and costs two syncs. */
static int
vkey_publish(const char *vkey, struct err *e)
{
	static char there[VKEY_SIZE + 1];
	char line[VKEY_SIZE + 1], path[CONF_PATH_SIZE];
	int n = snprintf(line, sizeof line, "%s\n", vkey);

	log_file_path(path, "vkey");
	if (strcmp(line, there) == 0 && access(path, F_OK) == 0)
		return 0;
	if (file_put("vkey", line, (size_t)n, e) < 0)
		return -1;
	memcpy(there, line, sizeof there);
	return 0;
}

static int
head_publish(const struct log_head *h, bool told, struct err *e)
{
	if (log_partials_write(h->size, e) < 0 || log_files_sync(e) < 0 ||
	    vkey_publish(h->vkey, e) < 0 ||
	    file_put("checkpoint", h->note.data, h->note.size, e) < 0 ||
	    head_store(h, told, e) < 0)
		return -1;
	log_info("head of the log: %lld entries", (long long)h->size);
	wanted = false;
	last_ms = clock_mono_ms();
	return 0;
}

/* What the signer thinks that it signed last stands against our rows. */
static void
fork_note(const struct err *why)
{
	struct err e = { 0 };

	audit_is_bad = true;
	if (db_begin(&e) == 0 && alarm_raise(ALARM_LOG, "", &e, "%s",
	    why->text) == 0 && db_commit(&e) == 0)
		return;
	db_rollback();
}

static int
head_make(int64_t size, bool told, struct err *e)
{
	struct line *l = signer_line(e);
	struct log_head last = { 0 }, head = { 0 };
	struct checkpoint_wish w = { 0 };
	struct none nothing = { 0 };
	int r = -1;

	if (l == NULL)
		return -1;
	l->timeout_ms = SIGNER_MS;
	if (ask_sign_log_head(l, &nothing, &last, e) < 0)
		goto out;
	log_head_seen(&last);
	if (last.size > size) {
		err_set(e, ERR_UNAVAILABLE, "log-behind",
		    "the signer knows %lld entries of the log, the database has %lld",
		    (long long)last.size, (long long)size);
		goto out;
	}
	if (wish_fill(&w, &last, size, e) < 0)
		goto out;
	if (ask_sign_checkpoint(l, &w, &head, e) < 0) {
		if (strcmp(e->clause, "log-fork") == 0)
			fork_note(e);
		goto out;
	}
	if (head_accept(&head, &w, e) == 0)
		r = head_publish(&head, told, e);
out:
	NOUN_CLEAR(log_head, &last);
	NOUN_CLEAR(log_head, &head);
	NOUN_CLEAR(checkpoint_wish, &w);
	return r;
}

static int
round_run(bool told, bool *more, struct err *e)
{
	int64_t size;

	if (log_size(&size, e) < 0 || slice_run(size, more, e) < 0)
		return -1;
	return *more || size == 0 ? 0 : head_make(size, told, e);
}

int
log_round(bool *more, struct err *e)
{
	return round_run(true, more, e);
}

static int
log_checkpoint_now(struct err *e)
{
	bool more = true;

	while (more)
		if (round_run(false, &more, e) < 0)
			return -1;
	return 0;
}

void
log_finish(void)
{
	struct err e = { 0 };

	if (log_checkpoint_now(&e) < 0)
		log_warn("the last head of the log was not made: %s", e.text);
}

/* ---- how it is ---- */

static int64_t
published_at(void)
{
	char path[CONF_PATH_SIZE];
	struct stat st;

	log_file_path(path, "checkpoint");
	return stat(path, &st) < 0 ? 0 : (int64_t)st.st_mtim.tv_sec;
}

void
log_facts(struct fact_list *list)
{
	struct fact *f = LIST_ADD(list, rows);
	char when[TIME_TEXT_SIZE];
	struct err why = { 0 };
	int64_t size = 0, at = published_at();

	str_copy(f->what, sizeof f->what, "log");
	if (log_may_issue(&why) < 0) {
		snprintf(f->text, sizeof f->text, "%.255s", why.text);
		return;
	}
	log_last(NULL, &size, NULL);
	time_text(when, at);
	f->good = size > 0 && at > clock_now() - LATE_SECONDS;
	if (size == 0)
		str_copy(f->text, sizeof f->text, "no signed head yet");
	else
		snprintf(f->text, sizeof f->text,
		    "a head of %lld entries was signed %s", (long long)size,
		    when);
}

static void
alarm_look(void)
{
	struct err e = { 0 };
	int64_t size = 0, at = published_at();

	log_last(NULL, &size, NULL);
	if (size > 0 && at < clock_now() - LATE_SECONDS &&
	    alarm_raise(ALARM_CHECKPOINT, "", &e,
	    "The log has had no signed head for more than two hours: is the signer there, and is there room on the disk?") < 0)
		log_warn("alarm: %s", e.text);
}
LOOP_TIMER(log_publish, 300, alarm_look)
