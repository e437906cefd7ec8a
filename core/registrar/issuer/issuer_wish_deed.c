/* issuer_wish_deed.c - what the director signs before the operator's wish
 * about an issuer is done. */
#include "core/registrar/deed.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/issuer/issuer_wish.h"
#include "core/x509/statement.h"

enum { Q_WISH };
static const char *const sql[] = {
	[Q_WISH] = "SELECT deed, issuer, reason, note, sha256"
	    " FROM issuer_wish WHERE number = ?1 AND state = 'waiting'",
};
DB_STATEMENTS(issuer_wish_deed, sql)

int
issuer_wish_deed(const struct seat *s, const char *object, struct deed *d,
    char asker[33], struct err *e)
{
	struct query *q = NULL;
	struct issuer_wish w = { 0 };
	int64_t number;
	int have = 0;

	(void)s;
	(void)asker;
	if (number_parse(object, INT64_MAX, &number)) {
		q = db_query(issuer_wish_deed_prepared[Q_WISH]);
		q_i64(q, 1, number);
		if ((have = q_next(q, e)) == 1) {
			q_col_str(q, 0, w.deed, sizeof w.deed);
			q_col_str(q, 1, w.issuer, sizeof w.issuer);
			w.reason = (enum reason)q_col_i64(q, 2);
			q_col_str(q, 3, w.note, sizeof w.note);
			q_col_str(q, 4, w.sha256, sizeof w.sha256);
		}
		q_end(q);
	}
	if (have != 1)
		return have < 0 ? -1 : err_set(e, ERR_NOT_FOUND,
		    "issuer-wish",
		    "no operation of this number waits; `issuer list` has them");
	snprintf(d->object, sizeof d->object, "%lld", (long long)number);
	deed_put(d, "deed", "%s", w.deed);
	deed_put(d, "issuer", "%s", w.issuer);
	if (strcmp(w.deed, "revoke") == 0)
		deed_put(d, "reason", "%s", word_of(&reason_words, w.reason));
	if (w.sha256[0] != '\0')
		deed_put(d, "sha256", "%s", w.sha256);
	deed_put(d, "note", "%s", w.note);
	return 0;
}
