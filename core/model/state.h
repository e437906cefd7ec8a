/*
 * state.h - which state may follow which, for those nouns of which the
 * registrar asks before it moves a row (`UPDATE ... WHERE number = ? AND
 * state = ?`, and one row must change), so that a refusal is a sentence.  The
 * triggers NAME_moves of schema.sql hold every row to the same moves, and
 * those of the other nouns (tests/unit/moves_test.c compares them).
 */
#ifndef MODEL_STATE_H
#define MODEL_STATE_H

#include <stdbool.h>

#include "core/model/words.h"

bool account_may_become(enum account_state from, enum account_state to);
bool domain_may_become(enum domain_state from, enum domain_state to);
bool request_may_become(enum request_state from, enum request_state to);
bool plan_may_become(enum plan_state from, enum plan_state to);
bool issuer_wish_may_become(enum issuer_wish_state from,
    enum issuer_wish_state to);
bool grant_may_become(enum grant_state from, enum grant_state to);

#endif
