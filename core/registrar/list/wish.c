/* wish.c - which page of a list: a state that its rows cannot have is told,
 * rather than answered with an empty list. */
#include "core/registrar/list/page.h"

#include <stdio.h>
#include <string.h>

#include "core/model/nouns.h"
#include "core/wire/ops.h"

static bool
is_state(const struct field *f)
{
	size_t n = 0;

	if (f->kind != FIELD_WORD)
		return false;
	n = strlen(f->words->set);
	if (strcmp(f->words->set, "ledger_kind") == 0)
		return true;	/* lines have no state; their kind is asked for so */
	return n > 6 && strcmp(f->words->set + n - 6, "_state") == 0;
}

/* The words of a set, for the sentence. */
static void
words_add(char *dst, size_t size, const struct words *set)
{
	size_t n = strlen(dst);

	for (unsigned i = 0; i < set->count && n < size; i++)
		n += (size_t)snprintf(dst + n, size - n, "%s%s",
		    n > 0 ? ", " : "", set->words[i]);
}

int
wish_check(unsigned op, const struct wish *w, struct err *e)
{
	const struct field *rows = NULL, *f = NULL;
	char all[256] = "";
	size_t n = 0;

	if (w->state[0] == '\0' ||
	    (rows = shape_field(ops[op].answer, "rows")) == NULL ||
	    rows->kind != FIELD_LIST)
		return 0;
	f = rows->shape->fields(&n);
	for (size_t i = 0; i < n; i++) {
		if (!is_state(&f[i]))
			continue;
		if (word_parse(f[i].words, w->state) >= 0)
			return 0;
		words_add(all, sizeof all, f[i].words);
	}
	return err_set(e, ERR_BAD_INPUT, "state", all[0] ?
	    "nothing here can be \"%s\"; the states are %s" :
	    "nothing in this list has a state like \"%s\"%s", w->state, all);
}
