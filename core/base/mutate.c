/* mutate.c - for tests/mutate alone: one rule switched off.  Empty otherwise. */
#include "core/base/err.h"

#ifdef XMPP_ICA_MUTATE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* MUTATE_RULE is the one that is off; MUTATE_TRACE a file that learns of each
 * that is said. */
int
err_mutated(const char *rule)
{
	const char *off = getenv("MUTATE_RULE");
	const char *trace = getenv("MUTATE_TRACE");
	FILE *f = trace != NULL ? fopen(trace, "ae") : NULL;

	if (f != NULL) {
		fprintf(f, "%s\n", rule != NULL ? rule : "");
		fclose(f);
	}
	return off != NULL && rule != NULL && strcmp(off, rule) == 0;
}

#else

/* a file must not be empty */
extern int mutate_nothing;

#endif
