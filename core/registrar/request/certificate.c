/* certificate.c - certificates: listed, and handed out in each form. */
#include "core/registrar/request/request.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/domain/caa.h"
#include "core/registrar/issuer/issuer.h"
#include "core/registrar/publish/publish.h"
#include "core/x509/cert.h"

enum { Q_ONE };

static const char *const sql[] = {
	[Q_ONE] = "SELECT c.number, c.request, a.name, c.serial, c.issuer,"
	    " r.profile, c.state, c.issued, c.revoked, c.reason, d.der,"
	    " (SELECT v.role FROM revocation v WHERE v.certificate = c.number"
	    " AND v.state = 'effective' ORDER BY v.number LIMIT 1)"
	    " FROM certificate c JOIN request r ON r.number = c.request"
	    " JOIN account a ON a.number = c.account"
	    " JOIN certificate_der d ON d.certificate = c.number"
	    " WHERE c.request = ?1",
};
DB_STATEMENTS(certificate, sql)

int
serve_certificate_list(struct seat *s, const struct wish *a,
    struct request_page *r, struct err *e)
{
	struct wish w = *a;

	/* "expiring until" means those that still count */
	if (w.until != 0 && w.state[0] == '\0')
		str_copy(w.state, sizeof w.state,
		    word_of(&certificate_state_words, CERTIFICATE_GOOD));
	return request_rows(s, ROWS_CERTIFICATES, &w, r, e);
}

static int
none_yet(int64_t number, struct err *e)
{
	struct request_head h;

	if (request_head_load(number, &h, e) < 0)
		return -1;
	if (h.state == REQUEST_AWAITING || h.state == REQUEST_APPROVED)
		return err_set(e, ERR_UNAVAILABLE, "certificate-pending",
		    "request %lld is %s; there is no certificate yet, see `status %lld`",
		    (long long)number,
		    word_of(&request_state_words, h.state),
		    (long long)number);
	return err_set(e, ERR_NOT_FOUND, "certificate",
	    "request %lld is %s; there is no certificate",
	    (long long)number, word_of(&request_state_words, h.state));
}

static void
row_take(struct query *q, struct certificate *c, struct blob *der)
{
	const uint8_t *p = NULL;
	char state[16];
	size_t size;

	c->request = q_col_i64(q, 1);
	q_col_str(q, 2, c->account, sizeof c->account);
	q_col_str(q, 3, c->serial, sizeof c->serial);
	q_col_str(q, 4, c->issuer, sizeof c->issuer);
	q_col_str(q, 5, c->profile, sizeof c->profile);
	q_col_str(q, 6, state, sizeof state);
	c->issued = q_col_i64(q, 7);
	c->revoked = q_col_i64(q, 8);
	c->reason = (enum reason)q_col_i64(q, 9);
	p = q_col_blob(q, 10, &size);
	blob_set(der, p, size);
	q_col_str(q, 11, c->revoked_by, sizeof c->revoked_by);
	c->state = strcmp(state, "good") == 0 ? CERTIFICATE_GOOD :
	    CERTIFICATE_REVOKED;
}

static void
form_make(enum certificate_form form, struct certificate *c,
    const struct blob *der, const struct issuer *i)
{
	struct buf b = { 0 };

	switch (form) {
	case FORM_CHAIN:
		cert_pem(&b, der->data, der->size);
		cert_pem(&b, i->der.data, i->der.size);
		break;
	case FORM_ROOT:
		cert_pem(&b, i->root.data, i->root.size);
		break;
	case FORM_LEAF:
		cert_pem(&b, der->data, der->size);
		break;
	case FORM_DER:
		buf_put(&b, der->data, der->size);
		break;
	case FORM_TEXT:
		cert_text(&b, der->data, der->size);
		break;
	}
	c->form = form;
	blob_set(&c->body, b.data, b.size);
	buf_clear(&b);
}

/* What stands above it, what may stand in its domains' zones, and what has
 * happened to it. */
static int
surroundings(struct certificate *c, const struct issuer *i, struct err *e)
{
	cert_fingerprint(c->issuer_fingerprint, i->der.data, i->der.size);
	cert_fingerprint(c->root_fingerprint, i->root.data, i->root.size);
	caa_value(c->caa, sizeof c->caa, c->account);
	return certificate_history(c->request, &c->history, &c->n_history, e);
}

int
serve_certificate_get(struct seat *s, const struct certificate_wish *a,
    struct certificate *r, struct err *e)
{
	struct certificate row = { 0 };
	struct issuer issuer = { 0 };
	struct blob der = { 0 };
	struct query *q = NULL;
	int64_t number;
	int have, rc = -1;

	if (request_find(s, a->ref, &number, e) < 0)
		return -1;
	q = db_query(certificate_prepared[Q_ONE]);
	q_i64(q, 1, number);
	if ((have = q_next(q, e)) < 0)
		return -1;
	if (have == 0)
		return none_yet(number, e);
	row_take(q, &row, &der);
	q_end(q);
	if (cert_describe(der.data, der.size, r, e) < 0)
		goto out;
	r->request = row.request;
	memcpy(r->account, row.account, sizeof r->account);
	memcpy(r->serial, row.serial, sizeof r->serial);
	memcpy(r->issuer, row.issuer, sizeof r->issuer);
	memcpy(r->profile, row.profile, sizeof r->profile);
	memcpy(r->revoked_by, row.revoked_by, sizeof r->revoked_by);
	r->issued = row.issued;
	r->revoked = row.revoked;
	r->reason = row.reason;
	r->state = row.state == CERTIFICATE_GOOD &&
	    r->not_after <= clock_now() ? CERTIFICATE_EXPIRED : row.state;
	if (issuer_load(r->issuer, &issuer, e) < 0)
		goto out;
	form_make(a->form, r, &der, &issuer);
	rc = surroundings(r, &issuer, e);
out:
	NOUN_CLEAR(issuer, &issuer);
	blob_clear(&der);
	return rc;
}

int
serve_answer_get(struct seat *s, const struct ref *a, struct text *r,
    struct err *e)
{
	struct request_row row = { 0 };
	struct request whole = { 0 };
	int64_t number;
	int rc = -1;

	if (request_find(s, a->ref, &number, e) < 0 ||
	    request_reload(number, &whole, e) < 0)
		goto out;
	row = whole.row;
	if (row.serial[0] == '\0')
		none_yet(number, e);
	else
		rc = answer_assemble(row.serial, &r->text, e);
out:
	NOUN_CLEAR(request, &whole);
	return rc;
}
