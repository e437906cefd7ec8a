/* document_live.c - beside the documents that are kept: the policy and the
 * agreement in force, who acknowledged the one, who accepted the other (J6.3,
 * J7.1); and the text of one of them all. */
#include "core/registrar/report/document.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/registrar.h"

enum { Q_ACCEPTED, Q_MINE };
static const char *const sql[] = {
	[Q_ACCEPTED] = "SELECT count(DISTINCT account) FROM acceptance"
	    " WHERE version = ?1",
	[Q_MINE] = "SELECT coalesce(max(at), 0) FROM acceptance"
	    " WHERE version = ?1 AND account = ?2",
};
DB_STATEMENTS(document_live, sql)

static int
number_of(struct query *q, int64_t *v, struct err *e)
{
	int have = q_next(q, e);

	if (have == 1)
		*v = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : 0;
}

static int
acceptances(const struct seat *s, struct document *d, struct err *e)
{
	struct query *q = db_query(document_live_prepared[Q_ACCEPTED]);

	q_str(q, 1, d->version);
	if (number_of(q, &d->accepted, e) < 0)
		return -1;
	q = db_query(document_live_prepared[Q_MINE]);
	q_str(q, 1, d->version);
	q_i64(q, 2, s->account);
	return number_of(q, &d->word_at, e);
}

static int
agreement_row(const struct seat *s, struct document *d, struct err *e)
{
	const struct blob *text = NULL;

	d->kind = DOCUMENT_MEMBER_AGREEMENT;
	d->current = d->good = true;
	str_copy(d->version, sizeof d->version,
	    conf.policy_agreement_version);
	return agreement_text(&text, d->sha256, e) < 0 ? -1 :
	    acceptances(s, d, e);
}

static void
policy_row(const struct policy_state *p, struct document *d)
{
	d->kind = DOCUMENT_CA_POLICY;
	d->current = d->good = true;
	str_copy(d->version, sizeof d->version, p->version);
	hex_decode(d->sha256, sizeof d->sha256, p->sha256);
	str_copy(d->word_by, sizeof d->word_by, p->acknowledged_by);
	d->word_at = p->acknowledged;
}

int
documents_live(struct seat *s, struct document_page *r, struct err *e)
{
	const struct none none = { 0 };
	struct policy_state p = { 0 };
	int done = serve_policy_get(s, &none, &p, e);

	for (size_t i = 0; done == 0 && i < r->n_rows; i++)
		if (r->rows[i].kind == DOCUMENT_MEMBER_AGREEMENT)
			done = acceptances(s, &r->rows[i], e);
	if (done == 0) {
		policy_row(&p, LIST_ADD(r, rows));
		done = agreement_row(s, LIST_ADD(r, rows), e);
	}
	NOUN_CLEAR(policy_state, &p);
	return done;
}

/* ---- the text of one ---- */

/* The values of the policy in force, a line each, as its hash covers them. */
static int
policy_read(struct seat *s, struct document_text *r, struct err *e)
{
	const struct none none = { 0 };
	struct policy_state p = { 0 };
	struct buf b = { 0 };
	int done = serve_policy_get(s, &none, &p, e);

	policy_row(&p, &r->document);
	for (size_t i = 0; i < p.n_values; i++)
		buf_printf(&b, "%s = %s\n", p.values[i].what,
		    p.values[i].text);
	blob_set(&r->text, b.data, b.size);
	buf_clear(&b);
	NOUN_CLEAR(policy_state, &p);
	return done;
}

static int
agreement_read(struct seat *s, struct document_text *r, struct err *e)
{
	const struct blob *text = NULL;
	uint8_t hash[32];

	if (agreement_row(s, &r->document, e) < 0 ||
	    agreement_text(&text, hash, e) < 0)
		return -1;
	blob_set(&r->text, text->data, text->size);
	return 0;
}

/* What was kept goes before what the configuration has, version by version;
 * without a version it is the one that rules. */
int
serve_document_get(struct seat *s, const struct ref *a,
    struct document_text *r, struct err *e)
{
	char word[sizeof a->ref], *space = NULL;
	const char *version = "";
	int kind, have;

	str_copy(word, sizeof word, a->ref);
	if ((space = strchr(word, ' ')) != NULL) {
		*space = '\0';
		version = space + 1;
	}
	if ((kind = word_parse(&document_kind_words, word)) < 0)
		return err_set(e, ERR_BAD_INPUT, "document",
		    "\"%.24s\" is no kind of document; documents lists them",
		    word);
	have = document_kept((enum document_kind)kind, version, r, e);
	if (have != 0)
		return have < 0 ? -1 : 0;
	if (kind == DOCUMENT_MEMBER_AGREEMENT && (version[0] == '\0' ||
	    strcmp(version, conf.policy_agreement_version) == 0))
		return agreement_read(s, r, e);
	if (kind == DOCUMENT_CA_POLICY && (version[0] == '\0' ||
	    strcmp(version, conf.policy_version) == 0))
		return policy_read(s, r, e);
	return err_set(e, ERR_NOT_FOUND, "document",
	    "there is no %s %s; documents lists what there is", word, version);
}
