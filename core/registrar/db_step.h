/*
 * db_step.h - from one version of the schema to the next: core/migrate/N.sql
 * brings a database of version N to N + 1; the Makefile builds them in.
 */
#ifndef REGISTRAR_DB_STEP_H
#define REGISTRAR_DB_STEP_H

#include "core/base/err.h"

#define DB_VERSION 1			/* of core/schema.sql */

struct db_step {
	int from;
	const char *sql;		/* NULL: the end of the list */
};
extern const struct db_step db_steps[];		/* in order of their numbers */

/* Take these instead (for tests). */
void db_steps_use_for_test(const struct db_step *steps);
/* Called in the transaction that changed the schema, when all statements can
 * be used again: its audit entry belongs there.  Set before db_open(). */
extern int (*db_migrated)(int from, int to, const char *copy, struct err *e);

#endif
