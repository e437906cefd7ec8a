/* request_renew.c - what the wish for a renewal leaves out is taken from the
 * request that it renews (S5.8). */
#include "core/registrar/request/request.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/request/person.h"

enum { Q_RENEWED, Q_OLD_DOMAINS, Q_OLD_CSR, Q_OLD_JID };

static const char *const sql[] = {
	[Q_RENEWED] = "SELECT c.serial, r.profile FROM certificate c"
	    " JOIN request r ON r.number = c.request WHERE r.number = ?1",
	[Q_OLD_DOMAINS] = "SELECT domain FROM request_domain WHERE request = ?1"
	    " ORDER BY place",
	[Q_OLD_CSR] = "SELECT csr FROM request_body WHERE request = ?1",
	[Q_OLD_JID] = "SELECT value FROM request_name WHERE request = ?1"
	    " ORDER BY place LIMIT 1",
};
DB_STATEMENTS(request_renew, sql)

/* Of a personal certificate: its one name. */
static int
old_jid(int64_t number, struct renewal *out, struct err *e)
{
	struct query *q = db_query(request_renew_prepared[Q_OLD_JID]);
	int r;

	q_i64(q, 1, number);
	if ((r = q_next(q, e)) != 1)
		return r;
	q_col_str(q, 0, out->jid, sizeof out->jid);
	q_end(q);
	return 0;
}

static int
old_domains(int64_t number, struct renewal *out, struct err *e)
{
	struct query *q = db_query(request_renew_prepared[Q_OLD_DOMAINS]);
	int r;

	q_i64(q, 1, number);
	while ((r = q_next(q, e)) == 1) {
		out->domains = list_grow(out->domains, &out->n_domains,
		    sizeof *out->domains);
		q_col_str(q, 0, out->domains[out->n_domains - 1].name,
		    sizeof out->domains->name);
	}
	return r;
}

static int
old_csr(int64_t number, struct blob *csr, struct err *e)
{
	struct query *q = db_query(request_renew_prepared[Q_OLD_CSR]);
	const uint8_t *p = NULL;
	size_t size = 0;
	int r;

	q_i64(q, 1, number);
	if ((r = q_next(q, e)) != 1)
		return r;
	p = q_col_blob(q, 0, &size);
	blob_set(csr, p, size);
	q_end(q);
	return 0;
}

int
renewal_read(int64_t account, const struct request_wish *w,
    struct renewal *out, struct err *e)
{
	struct seat own = { .role = ROLE_MEMBER, .account = account };
	struct query *q = NULL;
	int64_t number;
	int r;

	if (request_find(&own, w->renew, &number, e) < 0)
		return -1;
	q = db_query(request_renew_prepared[Q_RENEWED]);
	q_i64(q, 1, number);
	if ((r = q_next(q, e)) < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_NOT_FOUND, "renew",
		    "request %lld has no certificate to renew; `list` shows yours",
		    (long long)number);
	q_col_str(q, 0, out->serial, sizeof out->serial);
	q_col_str(q, 1, out->profile, sizeof out->profile);
	q_end(q);
	if (w->profile[0] != '\0')
		str_copy(out->profile, sizeof out->profile, w->profile);
	if (w->n_domains == 0 && old_domains(number, out, e) < 0)
		return -1;
	if (w->jid[0] == '\0' && strcmp(out->profile, PERSON_PROFILE) == 0 &&
	    old_jid(number, out, e) < 0)
		return -1;
	return w->csr.size == 0 ? old_csr(number, &out->csr, e) : 0;
}

void
renewal_clear(struct renewal *r)
{
	free(r->domains);
	blob_clear(&r->csr);
}
