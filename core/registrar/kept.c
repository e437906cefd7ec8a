/* kept.c - small values with a name that outlive the process. */
#include "core/registrar/kept.h"

#include <stdio.h>

#include "core/base/text.h"
#include "core/registrar/db.h"

enum { Q_GET, Q_SET };
static const char *const sql[] = {
	[Q_GET] = "SELECT value FROM setting WHERE name = ?1",
	[Q_SET] = "INSERT INTO setting (name, value) VALUES (?1, ?2)"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};
DB_STATEMENTS(kept, sql)

int
kept_text(const char *name, char *dst, size_t size, struct err *e)
{
	struct query *q = db_query(kept_prepared[Q_GET]);
	int have;

	dst[0] = '\0';
	q_str(q, 1, name);
	if ((have = q_next(q, e)) == 1)
		q_col_str(q, 0, dst, size);
	q_end(q);
	return have;
}

int
kept_number(const char *name, int64_t *number, struct err *e)
{
	char value[24];
	int have = kept_text(name, value, sizeof value, e);

	if (have == 1 && number_parse(value, INT64_MAX, number))
		return 1;
	*number = 0;
	return have < 0 ? -1 : 0;
}

int
kept_text_set(const char *name, const char *value, struct err *e)
{
	struct query *q = db_query(kept_prepared[Q_SET]);

	q_str(q, 1, name);
	q_str(q, 2, value);
	return q_run(q, e);
}

int
kept_number_set(const char *name, int64_t number, struct err *e)
{
	char value[24];

	snprintf(value, sizeof value, "%lld", (long long)number);
	return kept_text_set(name, value, e);
}
