/* evidence_pack.c - what an auditor of compliance is handed, file by file: who
 * may do what, which policy ruled when, documents, reports, heads of the log,
 * the log itself and what its check says (J6.3). */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/child.h"
#include "core/base/csv.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/registrar/account/privacy.h"
#include "core/registrar/audit/audit_watch.h"
#include "core/registrar/db.h"
#include "core/registrar/report/quarter.h"
#include "core/x509/hash.h"

#define DOCUMENT_MOST (2u << 20)

enum { Q_ACCESS, Q_GRANTS, Q_ACK, Q_POLICY, Q_DOCUMENTS, Q_ALARMS, Q_HALTS,
	Q_HEADS, Q_LEDGER, Q_REPORTS, Q_ADDENDA, Q_ACCEPTED, Q_AUDIT,
	Q_REPORT, Q_NOTE, Q_FILE };

/* ?1: only what comes after this number. */
static const char *const sql[] = {
	[Q_ACCESS] = "SELECT a.number, a.name, a.role, a.state, a.created,"
	    " a.last_login, (SELECT count(*) FROM ssh_key k"
	    " WHERE k.account = a.number) AS keys FROM account a"
	    " WHERE a.role <> 'member' AND a.number > ?1"
	    " ORDER BY a.number LIMIT 5000",
	[Q_GRANTS] = "SELECT g.number, a.name AS account, g.role, g.state,"
	    " g.until, g.reason, b.name AS asked_by, g.asked,"
	    " c.name AS confirmed_by, g.confirmed, g.ended FROM role_grant g"
	    " JOIN account a ON a.number = g.account"
	    " JOIN account b ON b.number = g.asked_by"
	    " LEFT JOIN account c ON c.number = g.confirmed_by"
	    " WHERE g.number > ?1 ORDER BY g.number LIMIT 5000",
	[Q_ACK] = "SELECT k.number, k.policy, k.version, a.name AS account,"
	    " k.at FROM acknowledgement k JOIN account a"
	    " ON a.number = k.account WHERE k.number > ?1"
	    " ORDER BY k.number LIMIT 5000",
	[Q_POLICY] = "SELECT number, at, action, object, outcome, detail"
	    " FROM audit WHERE noun = 'policy' AND number > ?1"
	    " ORDER BY number LIMIT 3000",
	[Q_DOCUMENTS] = "SELECT number, kind, version, file, sha256, since,"
	    " until, added, added_by FROM document WHERE number > ?1"
	    " ORDER BY number LIMIT 5000",
	[Q_ALARMS] = "SELECT number, kind, object, text, state, raised, over"
	    " FROM alarm WHERE number > ?1 ORDER BY number LIMIT 3000",
	[Q_HALTS] = "SELECT h.number, h.at, a.name AS account, h.reason,"
	    " h.resumed FROM halt h JOIN account a ON a.number = h.account"
	    " WHERE h.number > ?1 ORDER BY h.number LIMIT 3000",
	[Q_HEADS] = "SELECT size AS number, note FROM log_checkpoint"
	    " WHERE size > ?1 ORDER BY size LIMIT 1500",
	[Q_LEDGER] = "SELECT l.number, l.kind, l.date, l.amount, l.currency,"
	    " l.payee, l.text, l.evidence, l.reverses, l.added,"
	    " a.name AS account FROM ledger l JOIN account a"
	    " ON a.number = l.account WHERE l.number > ?1"
	    " ORDER BY l.number LIMIT 3000",
	[Q_REPORTS] = "SELECT r.quarter AS number, r.sha256, r.entries, r.at,"
	    " a.name AS account FROM report r JOIN account a"
	    " ON a.number = r.account WHERE r.quarter > ?1"
	    " ORDER BY r.quarter LIMIT 5000",
	[Q_ADDENDA] = "SELECT d.number, d.quarter, d.at, a.name AS account,"
	    " d.text FROM report_addendum d JOIN account a"
	    " ON a.number = d.account WHERE d.number > ?1"
	    " ORDER BY d.number LIMIT 1500",
	[Q_AUDIT] = "SELECT number, at, actor, role, key, source, action, noun,"
	    " object, outcome, detail, commitment, previous, hash FROM audit"
	    " WHERE number > ?1 ORDER BY number LIMIT 1500",
	[Q_REPORT] = "SELECT quarter, csv FROM report"
	    " WHERE quarter > ?1 ORDER BY quarter LIMIT 1",
	[Q_NOTE] = "SELECT quarter, note FROM report"
	    " WHERE quarter > ?1 ORDER BY quarter LIMIT 1",
	/* how many accepted which text of the agreement, and when first */
	[Q_ACCEPTED] = "SELECT min(number) AS number, version, sha256,"
	    " count(DISTINCT account) AS accounts, min(at) AS first,"
	    " max(at) AS last FROM acceptance WHERE number > ?1"
	    " GROUP BY version, sha256 ORDER BY number LIMIT 1000",
	[Q_FILE] = "SELECT number, file FROM document WHERE number > ?1"
	    " ORDER BY number LIMIT 1",
};
DB_STATEMENTS(evidence_pack, sql)

/* ---- rows as CSV ---- */

static void
cell_put(struct buf *b, struct query *q, int column)
{
	size_t n = 0;
	const uint8_t *p = NULL;
	char kind = q_column_kind(q, column), *hex = NULL, *text = NULL;

	if (kind == 'i') {
		buf_printf(b, "%lld", (long long)q_col_i64(q, column));
	} else if (kind == 'b') {
		p = q_col_blob(q, column, &n);
		hex = xcalloc(2 * n + 1, 1);
		hex_encode(hex, p, n);
		buf_put(b, hex, 2 * n);
		free(hex);
	} else if (kind == 's') {
		/* who is handed this sees addresses as an auditor does */
		p = q_col_blob(q, column, &n);
		text = xcalloc(n + 1, 1);
		if (n > 0)	/* an empty one has no bytes to point at */
			memcpy(text, p, n);
		addresses_redact(text);
		csv_put_text(b, text, strlen(text));
		free(text);
	}
}

/* *last: number of the last row; how many there were, or -1. */
static int64_t
rows_put(struct buf *b, int which, int64_t after, int64_t *last,
    struct err *e)
{
	struct query *q = db_query(evidence_pack_prepared[which]);
	int64_t n = 0;
	int have, columns = q_columns(q);

	for (int i = 0; i < columns; i++)
		buf_printf(b, "%s%s", i > 0 ? "," : "",
		    q_column_name(q, i));
	buf_put(b, "\n", 1);
	q_i64(q, 1, after);
	while ((have = q_next(q, e)) == 1) {
		*last = q_col_i64(q, 0);
		for (int i = 0; i < columns; i++) {
			if (i > 0)
				buf_put(b, ",", 1);
			cell_put(b, q, i);
		}
		buf_put(b, "\n", 1);
		n++;
	}
	return have < 0 ? -1 : n;
}

/* ---- the parts ---- */

static const struct part {
	const char *name;
	int which;
} parts[] = {
	{ "access-review", Q_ACCESS }, { "role-grants", Q_GRANTS },
	{ "policy-acknowledgements", Q_ACK }, { "policy-history", Q_POLICY },
	{ "documents", Q_DOCUMENTS }, { "alarms", Q_ALARMS },
	{ "halts", Q_HALTS }, { "log-heads", Q_HEADS },
	{ "ledger", Q_LEDGER }, { "reports", Q_REPORTS },
	{ "report-addenda", Q_ADDENDA },
	{ "agreement-acceptances", Q_ACCEPTED }, { "audit", Q_AUDIT },
	{ "report", Q_REPORT }, { "note", Q_NOTE }, { "document", Q_FILE }, { "verification", -1 },
};
#define PARTS (sizeof parts / sizeof *parts)

/* Its figures, or the note over them, which verify-log checks.  1 there was
 * one, 0 none any more, -1. */
static int
report_put(int which, struct buf *b, char name[100], int64_t after,
    int64_t *last, struct err *e)
{
	struct query *q = db_query(evidence_pack_prepared[which]);
	char quarter[QUARTER_SIZE];
	const uint8_t *p = NULL;
	size_t n = 0;
	int have;

	q_i64(q, 1, after);
	if ((have = q_next(q, e)) == 1) {
		*last = q_col_i64(q, 0);
		quarter_text(quarter, *last);
		snprintf(name, 100, "reports/%s.%s", quarter, which ==
		    Q_NOTE ? "note" : "csv");
		p = q_col_blob(q, 1, &n);
		buf_put(b, p, n);
	}
	q_end(q);
	return have;
}

static int
file_put(struct buf *b, char name[100], int64_t after, int64_t *last,
    struct err *e)
{
	struct query *q = db_query(evidence_pack_prepared[Q_FILE]);
	char file[128], path[CONF_PATH_SIZE], under[160];
	struct blob body = { 0 };
	int have;

	q_i64(q, 1, after);
	if ((have = q_next(q, e)) == 1) {
		*last = q_col_i64(q, 0);
		q_col_str(q, 1, file, sizeof file);
	}
	q_end(q);
	if (have != 1)
		return have;
	snprintf(name, 100, "documents/%.80s", file);
	snprintf(under, sizeof under, "db/documents/%s", file);
	conf_path(&conf, path, under);
	/* one that is gone is missing: documents.csv has its hash */
	if (file_read(path, DOCUMENT_MOST, &body, NULL) < 0)
		snprintf(name, 100, "documents/%.80s.missing", file);
	buf_put(b, body.data, body.size);
	blob_clear(&body);
	return 1;
}

/* 1: it is there; 0: the log is being walked, ask again with *job. */
static int
check_put(struct buf *b, int64_t *job, struct err *e)
{
	struct audit_check r = { 0 };
	char at[TIME_TEXT_SIZE], hex[65];
	int done = audit_watch_ask(*job < 0 ? 0 : *job, &r, e);

	*job = r.job;
	if (done <= 0)
		return done;
	time_text(at, r.head_at);
	hex_encode(hex, r.head, sizeof r.head);
	buf_printf(b, "%s: %s\nhead %lld %s %s\n", r.good ? "good" : "BAD",
	    r.text, (long long)r.entries, hex, at);
	return 1;
}

/* Fills body and name; where to go on. */
static int
part_make(size_t part, int64_t after, int64_t page, struct buf *b,
    struct evidence_part *r, struct err *e)
{
	int64_t last = after, n;
	bool again = false;

	if (parts[part].which < 0) {
		int done = check_put(b, &last, e);

		if (done < 0)
			return -1;
		again = done == 0;
		snprintf(r->name, sizeof r->name, "%s", again ? "" :
		    "verification.txt");
	} else if (parts[part].which >= Q_REPORT) {
		int which = parts[part].which;
		int have = which == Q_FILE ? file_put(b, r->name, after, &last,
		    e) : report_put(which, b, r->name, after, &last, e);

		if (have < 0)
			return -1;
		again = have == 1;
	} else {
		if ((n = rows_put(b, parts[part].which, after, &last, e)) < 0)
			return -1;
		again = n >= 1500;	/* the shortest page that is full */
		snprintf(r->name, sizeof r->name, page > 0 ?
		    "%s-%05lld.csv" : "%s.csv", parts[part].name,
		    (long long)page + 1);
	}
	if (again)
		snprintf(r->next, sizeof r->next, "%zu:%lld:%lld", part,
		    (long long)last, (long long)page + 1);
	else if (part + 1 < PARTS)
		snprintf(r->next, sizeof r->next, "%zu:-1:0", part + 1);
	return 0;
}

int
serve_operator_evidence(struct seat *s, const struct ref *a,
    struct evidence_part *r, struct err *e)
{
	long long part = 0, after = -1, page = 0;
	struct buf b = { 0 };
	int done;

	if (a->ref[0] != '\0' && (sscanf(a->ref, "%lld:%lld:%lld", &part,
	    &after, &page) != 3 || part < 0 || part >= (long long)PARTS))
		return err_set(e, ERR_BAD_INPUT, "evidence",
		    "\"%.40s\" is no place in the evidence", a->ref);
	if (a->ref[0] == '\0' && audit_add(s, "evidence.export", "system",
	    "evidence", OUTCOME_DONE, e, "%s", "") < 0)
		return -1;
	done = part_make((size_t)part, after, page, &b, r, e);
	sha256(r->sha256, b.data, b.size);
	blob_set(&r->body, b.data, b.size);
	buf_clear(&b);
	return done;
}
