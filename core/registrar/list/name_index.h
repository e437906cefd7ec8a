/*
 * name_index.h - parts of names found among millions of rows, newest first.
 *
 * Names of requests (account, subject, domains) and of domains stand in
 * trigram indexes that are filled by the clock, behind the issuing, in slices
 * between the bursts; what is not yet in is looked through row by row.  Neither
 * index has anything that closing an account erases: names of accounts and
 * domains stay, addresses of people are never in.
 *
 * A walk gives ranges of numbers, from the highest down.  Whoever walks asks
 * his own statement for the rows of each range that really fit: the index only
 * says where it is worth looking.
 */
#ifndef REGISTRAR_NAME_INDEX_H
#define REGISTRAR_NAME_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

enum name_index { NAMES_OF_REQUESTS, NAMES_OF_DOMAINS, NAME_INDEXES };

#define NAME_MATCH_SIZE 128

struct name_walk {
	enum name_index which;
	bool indexed_text;	/* three letters or more: the index can help */
	bool rows_first;	/* a common text: the newest rows have it */
	bool listening;		/* the index is being asked */
	bool refine;		/* the time was over before the end */
	int64_t at;		/* all above has been given */
	int64_t indexed;	/* numbers up to this are in the index */
	int64_t walked;		/* numbers given row by row */
	int64_t given;		/* what was given, by its cost in numbers */
	int64_t until;		/* clock_mono_ms() when the time is over */
	char match[NAME_MATCH_SIZE];
};

/* All numbers below `before` (0: all) where the text may stand. */
int name_walk_begin(struct name_walk *w, enum name_index which,
    const char *text, int64_t before, struct err *e);
/* The next range *low <= number < *high: 1, 0 at the end (or w->refine), -1. */
int name_walk_next(struct name_walk *w, int64_t *low, int64_t *high,
    struct err *e);
void name_walk_end(struct name_walk *w);

/* The filling: how long until the next slice, and the slice when it is due. */
int name_index_wait_ms(void);
void name_index_run(void);
/* Fill the next `rows` rows of both, in the transaction that runs: how many
 * were filled, or -1. */
int name_index_fill(int64_t rows, struct err *e);
/* What memory knows of the database, when that is another one (tests). */
void name_index_forget_for_test(void);

#endif
