/* db_word.c - a column that holds a word of the model. */
#include "core/registrar/db_word.h"

unsigned
q_col_word(struct query *q, int column, const struct words *set,
    unsigned otherwise)
{
	char word[64];
	int v;

	q_col_str(q, column, word, sizeof word);
	v = word_parse(set, word);
	return v < 0 ? otherwise : (unsigned)v;
}
