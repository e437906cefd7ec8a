/* log_loss.c - a database that is older than the published log: what it lacks
 * is taken from there as lost, so that the log goes on without a fork, and
 * nothing is issued until an operator has recorded why. */
#include "core/registrar/audit/log_files.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/registrar.h"

enum { Q_GET, Q_SET, Q_DROP, Q_LOST };
static const char *const sql[] = {
	[Q_GET] = "SELECT value FROM setting WHERE name = 'log.loss'",
	[Q_SET] = "INSERT INTO setting (name, value) VALUES ('log.loss', ?1)"
	    " ON CONFLICT (name) DO UPDATE SET value = value || ', '"
	    " || excluded.value",
	[Q_DROP] = "DELETE FROM setting WHERE name = 'log.loss'",
	[Q_LOST] = "INSERT INTO log_lost (number, at, hash, leaf)"
	    " VALUES (?1, ?2, ?3, ?4)",
};
DB_STATEMENTS(log_loss, sql)

static char ahead[ERR_TEXT_SIZE];	/* why the signer's head is beyond us */

/* ---- may anything be issued? ---- */

static int
loss_read(char text[256], struct err *e)
{
	struct query *q = db_query(log_loss_prepared[Q_GET]);
	int have = q_next(q, e);

	text[0] = '\0';
	if (have == 1)
		q_col_str(q, 0, text, 256);
	q_end(q);
	return have < 0 ? -1 : 0;
}

int
log_may_issue(struct err *e)
{
	char text[256];

	if (ahead[0] != '\0')
		return err_set(e, ERR_UNAVAILABLE, "log-behind", "%s", ahead);
	if (loss_read(text, e) < 0)
		return -1;
	if (text[0] == '\0')
		return 0;
	return err_set(e, ERR_UNAVAILABLE, "log-behind",
	    "The database is older than the published log: entries %s are lost. Nothing is issued until the operator has recorded it: `xmpp-icactl log-loss --reason TEXT`; revocation goes on.",
	    text);
}

void
log_head_seen(const struct log_head *h)
{
	struct err e = { 0 };
	int64_t size = 0;
	bool was = ahead[0] != '\0';

	if (log_size(&size, &e) < 0)
		return;
	if (h->size <= size) {
		ahead[0] = '\0';
		return;
	}
	snprintf(ahead, sizeof ahead,
	    "The signer has signed a log of %lld entries, the database has %lld: put a copy of the published log (/log/) into published/log and start again. Nothing is issued; revocation goes on.",
	    (long long)h->size, (long long)size);
	if (was)
		return;
	log_warn("%s", ahead);
	if (db_begin(&e) < 0)
		return;
	if (alarm_raise(ALARM_LOG, "", &e, "%s", ahead) < 0 ||
	    db_commit(&e) < 0)
		db_rollback();
}

/* ---- the published head ---- */

/* 1 and *c, 0 nothing was published, -1. */
static int
published_read(struct checkpoint *c, struct err *e)
{
	char path[CONF_PATH_SIZE], text[VKEY_SIZE + 8] = "";
	struct blob note = { 0 }, key = { 0 };
	struct vkey v;
	int r = -1;

	log_file_path(path, "checkpoint");
	if (access(path, F_OK) < 0)
		return 0;
	if (file_read(path, NOTE_MAX, &note, e) < 0)
		return -1;
	if (log_key(&v, e) < 0) {	/* older than the first head */
		err_clear(e);
		log_file_path(path, "vkey");
		if (file_read(path, sizeof text - 1, &key, e) < 0)
			goto out;
		memcpy(text, key.data, key.size);
		if (vkey_parse(text, &v, e) < 0)
			goto out;
	}
	if (checkpoint_parse(note.data, note.size, c, e) < 0)
		goto out;
	if (note_verify(note.data, note.size, &v, NULL, NULL) == 1)
		r = 1;
	else
		err_set(e, ERR_REFUSED, "log-head",
		    "published/log/checkpoint is not signed by the key of this log");
out:
	blob_clear(&note);
	blob_clear(&key);
	return r;
}

/* ---- taking what is lost ---- */

static int
lost_add(const uint8_t *leaf, size_t size, int64_t number, struct err *e)
{
	struct query *q = NULL;
	struct log_leaf l;

	if (log_leaf_parse(leaf, size, &l, e) < 0)
		return -1;
	if (l.number != number)
		return err_set(e, ERR_REFUSED, "log-head",
		    "the published log has entry %lld where %lld belongs",
		    (long long)l.number, (long long)number);
	q = db_query(log_loss_prepared[Q_LOST]);
	q_i64(q, 1, number);
	q_i64(q, 2, l.at);
	q_blob(q, 3, l.hash, 32);
	q_blob(q, 4, leaf, size);
	return q_run(q, e);
}

/* Entries first .. end of one bundle. */
static int
bundle_take(int64_t tile, int64_t first, int64_t end, struct err *e)
{
	int64_t number = tile * TILE_WIDTH + 1, last = number + TILE_WIDTH - 1;
	struct blob b = { 0 };
	struct reader r;
	int done = -1;

	if (last > end)
		last = end;
	if (log_bundle_read(tile, (int)(last - number + 1), &b, e) < 0)
		goto out;
	reader_init(&r, b.data, b.size);
	for (done = 0; number <= last && done == 0; number++) {
		size_t size = reader_u16(&r);
		const uint8_t *leaf = r.at;

		if (r.bad || size > r.left) {
			done = err_set(e, ERR_BAD_INPUT, "log-head",
			    "a bundle of published entries is cut short");
			break;
		}
		r.at += size;
		r.left -= size;
		if (number >= first)
			done = lost_add(leaf, size, number, e);
	}
out:
	blob_clear(&b);
	return done;
}

static int
root_same(const struct checkpoint *c, struct err *e)
{
	struct merkle_hash root;
	bool more;

	if (log_grow(c->size, INT64_MAX, &more, e) < 0 ||
	    merkle_root(&log_tree, c->size, &root, e) < 0)
		return -1;
	return memcmp(&root, &c->root, sizeof root) == 0 ? 0 :
	    err_set(e, ERR_REFUSED, "log-fork",
	    "the audit log is not the one that was published: an entry up to %lld was changed; `xmpp-icactl verify` says which",
	    (long long)c->size);
}

static int
loss_note(int64_t have, const struct checkpoint *c, struct err *e)
{
	struct query *q = db_query(log_loss_prepared[Q_SET]);
	char text[64];

	snprintf(text, sizeof text, "%lld to %lld", (long long)have + 1,
	    (long long)c->size);
	q_str(q, 1, text);
	if (q_run(q, e) < 0 || audit_add(NULL, "log.lost", "log", "",
	    OUTCOME_FAILED, e, "entries %s are not in the database", text) <
	    0)
		return -1;
	return alarm_raise(ALARM_LOG, "", e,
	    "The database is older than the published log: entries %s are lost. Record it: xmpp-icactl log-loss --reason TEXT",
	    text);
}

static int
lost_take(int64_t have, const struct checkpoint *c, struct err *e)
{
	for (int64_t tile = have / TILE_WIDTH; tile * TILE_WIDTH < c->size;
	    tile++)
		if (bundle_take(tile, have + 1, c->size, e) < 0)
			return -1;
	return root_same(c, e) < 0 ? -1 : loss_note(have, c, e);
}

/* A log that is no longer the one that was published: nothing is issued, but
 * revocation goes on. */
static int
fork_start(const struct err *why, struct err *e)
{
	log_warn("%s", why->text);
	audit_is_bad = true;
	if (db_begin(e) < 0)
		return -1;
	if (alarm_raise(ALARM_LOG, "", e, "%s", why->text) < 0) {
		db_rollback();
		return -1;
	}
	return db_commit(e);
}

static int
behind_start(int64_t have, const struct checkpoint *c, struct err *e)
{
	struct err why = { 0 };

	if (db_begin(e) < 0)
		return -1;
	if (lost_take(have, c, &why) == 0) {
		log_warn("the database has %lld entries of the log, %lld were published: nothing is issued until `xmpp-icactl log-loss --reason TEXT`",
		    (long long)have, (long long)c->size);
		return db_commit(e);
	}
	db_rollback();
	if (strcmp(why.clause, "log-fork") == 0)
		return fork_start(&why, e);
	return err_set(e, ERR_UNAVAILABLE, "log-behind",
	    "the database has %lld entries of the log, %lld were published, and published/log does not hold what is missing (%.200s): put back a newer backup, or a copy of /log/ as anybody has it, and start again",
	    (long long)have, (long long)c->size, why.text);
}

int
log_start(struct err *e)
{
	struct checkpoint c;
	struct err why = { 0 };
	int64_t have;
	int r = published_read(&c, e);

	if (r <= 0)
		return r;
	if (log_size(&have, e) < 0)
		return -1;
	if (c.size > have)
		return behind_start(have, &c, e);
	if (db_begin(e) < 0)
		return -1;
	if (root_same(&c, &why) == 0)
		return db_commit(e);
	db_rollback();
	return fork_start(&why, e);
}

/* ---- the operator records it ---- */

int
serve_operator_log_loss(struct seat *s, const struct text *a,
    struct audit_check *r, struct err *e)
{
	char text[256], reason[512];
	size_t n = a->text.size;

	if (loss_read(text, e) < 0)
		return -1;
	if (text[0] == '\0' && ahead[0] != '\0')
		return err_set(e, ERR_CONFLICT, "log-loss",
		    "What is lost must be seen before it can be recorded. %s",
		    ahead);
	if (text[0] == '\0')
		return err_set(e, ERR_CONFLICT, "log-loss",
		    "No entry of the log is lost; there is nothing to record.");
	render_untrusted(reason, sizeof reason, a->text.data, n);
	if (reason[strspn(reason, " ")] == '\0')
		return err_set(e, ERR_BAD_INPUT, "log-loss",
		    "Say why: --reason TEXT.");
	if (q_run(db_query(log_loss_prepared[Q_DROP]), e) < 0 ||
	    audit_add(s, "log.loss", "log", "", OUTCOME_DONE, e,
	    "entries %s: %s", text, reason) < 0 ||
	    alarm_clear(ALARM_LOG, "", e) < 0)
		return -1;
	log_wanted();
	r->good = true;
	snprintf(r->text, sizeof r->text, "entries %.200s", text);
	return 0;
}
