/* history.c - what has happened to a certificate, from the request on. */
#include "core/registrar/request/request.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/registrar/db.h"

enum { Q_HISTORY };
#define MOST 32			/* things that one certificate has seen */

/* In the order of time; what comes of the same second in that of deeds. */
static const char *const sql[] = {
	[Q_HISTORY] = "SELECT at, what, by, text FROM ("
	    " SELECT r.created AS at, 1 AS step, 'asked' AS what,"
	    "  a.name AS by, CASE WHEN r.renews = '' THEN ''"
	    "  ELSE 'to renew ' || r.renews END AS text"
	    "  FROM request r JOIN account a ON a.number = r.account"
	    "  WHERE r.number = ?1"
	    " UNION ALL SELECT p.at, 2, 'approved', a.name, ''"
	    "  FROM approval p JOIN account a ON a.number = p.account"
	    "  WHERE p.request = ?1"
	    " UNION ALL SELECT c.issued, 3, 'issued', '', 'by ' || c.issuer"
	    "  FROM certificate c WHERE c.request = ?1"
	    " UNION ALL SELECT n.created, 4, 'renewal asked', a.name,"
	    "  'request ' || n.number"
	    "  FROM request r JOIN request n ON n.account = r.account"
	    "  AND n.number > r.number AND n.renews = r.serial"
	    "  JOIN account a ON a.number = n.account"
	    "  WHERE r.number = ?1 AND r.serial <> ''"
	    " UNION ALL SELECT v.requested, 5, 'revocation asked',"
	    "  coalesce(a.name, 'who holds its key'), ''"
	    "  FROM certificate c JOIN revocation v ON v.certificate ="
	    "  c.number LEFT JOIN account a ON a.number = v.account"
	    "  WHERE c.request = ?1 AND v.effective > v.requested"
	    " UNION ALL SELECT v.effective, 6, 'revoked',"
	    "  coalesce(a.name, 'who holds its key'), ''"
	    "  FROM certificate c JOIN revocation v ON v.certificate ="
	    "  c.number LEFT JOIN account a ON a.number = v.account"
	    "  WHERE c.request = ?1 AND v.state = 'effective')"
	    " ORDER BY at, step LIMIT ?2",
};
DB_STATEMENTS(history, sql)

int
certificate_history(int64_t request, struct past **list, size_t *n,
    struct err *e)
{
	struct query *q = db_query(history_prepared[Q_HISTORY]);
	int have;

	*n = 0;
	*list = xcalloc(MOST, sizeof **list);
	q_i64(q, 1, request);
	q_i64(q, 2, MOST);
	while ((have = q_next(q, e)) == 1) {
		struct past *p = &(*list)[(*n)++];

		p->at = q_col_i64(q, 0);
		q_col_str(q, 1, p->what, sizeof p->what);
		q_col_str(q, 2, p->by, sizeof p->by);
		q_col_str(q, 3, p->text, sizeof p->text);
	}
	return have;
}
