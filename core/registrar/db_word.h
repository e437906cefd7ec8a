/* db_word.h - a column that holds a word of the model (core/model/words.def). */
#ifndef REGISTRAR_DB_WORD_H
#define REGISTRAR_DB_WORD_H

#include "core/model/words.h"
#include "core/registrar/db.h"

/* The value of the word in a text column of at most 63 octets; `otherwise`
 * when the set has no such word, which the schema's CHECKs let no row have. */
unsigned q_col_word(struct query *q, int column, const struct words *set,
    unsigned otherwise);

#endif
