/* lookalikes.c - the skeletons of proven and of high-value names against that
 * of a request. */
#include "core/registrar/domain/lookalikes.h"

#include <string.h>

#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/policy.h"
#include "core/x509/idna.h"
#include "core/x509/lookalike.h"

enum { Q_LOOKS };
static const char *const sql[] = {
	[Q_LOOKS] = "SELECT name FROM domain WHERE looks = ?1"
	    " AND account <> ?2 AND state = 'proven' AND name <> ?3 LIMIT 1",
};
DB_STATEMENTS(lookalikes, sql)

/* One name, itself or a parent of what is asked for. */
static int
one_find(const char *ascii, const char *skeleton, int64_t account,
    char other[254], struct err *e)
{
	struct query *q = NULL;
	int r;

	if (policy_looks_high_value(ascii, skeleton, other))
		return 1;
	q = db_query(lookalikes_prepared[Q_LOOKS]);
	q_str(q, 1, skeleton);
	q_i64(q, 2, account);
	q_str(q, 3, ascii);
	if ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, other, 254);
		q_end(q);
	}
	return r;
}

int
lookalike_find(const char *domain, int64_t account, char other[254],
    struct err *e)
{
	char shown[DOMAIN_SHOWN_SIZE], skeleton[LOOKALIKE_SIZE];
	const char *ascii = domain, *looks = skeleton;
	int r = 0;

	if (idna_shown(domain, shown, e) < 0)
		return -1;
	lookalike_skeleton(shown, skeleton);
	/* both have the same dots: no letter looks like one */
	while (r == 0 && looks != NULL && strchr(looks, '.') != NULL) {
		r = one_find(ascii, looks, account, other, e);
		ascii = strchr(ascii, '.') + 1;
		looks = strchr(looks, '.') + 1;
	}
	return r;
}
