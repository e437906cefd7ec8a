/*
 * ask.h - one typed stub for each row of ops.def:
 *   int ask_NAME(struct line *, const struct ARG *, struct ANSWER *,
 *       struct err *);
 * See line_ask() for what they return.
 */
#ifndef WIRE_ASK_H
#define WIRE_ASK_H

#include "core/wire/line.h"

#define OP(server, name, arg, ans, who, what) \
static inline int \
ask_##name(struct line *l, const struct arg *a, struct ans *r, struct err *e) \
{ \
	return line_ask(l, OP_##name, a, r, e); \
}
#include "core/wire/ops.def"
#undef OP

#endif
