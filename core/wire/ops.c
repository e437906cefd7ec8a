/* ops.c - the table of ops.def. */
#include "core/wire/ops.h"

const struct op_row ops[OP_COUNT] = {
#define OP(s, n, arg, ans, w, m) [OP_##n] = { .name = #n, \
	.server = OP_SERVER_##s, .argument = &arg##_shape, \
	.answer = &ans##_shape, .who = w, .what = m },
#include "core/wire/ops.def"
#undef OP
};
