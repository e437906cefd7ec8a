/*
 * serve.h - a server's table of answers, grown from ops.def.
 *
 * In one .c file of the server:
 *
 *   #define SERVE_REGISTRAR(x) x      (or SERVE_SIGNER)
 *   #include "core/wire/serve.h"
 *
 * declares serve_NAME() for each of its rows and defines the static table
 * `serve_table[OP_COUNT]`, NULL for the other server's rows.  A row without
 * its function does not link.  The header of a server that wants only the
 * prototypes defines SERVE_PROTOTYPES_ONLY as well.
 */
#include "core/base/err.h"
#include "core/wire/seat.h"

#ifdef SERVE_REGISTRAR
#define SERVE_SIGNER(x)
#else
#define SERVE_REGISTRAR(x)
#endif

#define OP(server, name, arg, ans, who, what) SERVE_##server( \
int serve_##name(struct seat *s, const struct arg *a, struct ans *r, \
    struct err *e);)
#include "core/wire/ops.def"
#undef OP

#ifndef SERVE_PROTOTYPES_ONLY
typedef int (*serve_fn)(struct seat *s, const void *a, void *r,
    struct err *e);

#define OP(server, name, arg, ans, who, what) SERVE_##server( \
static int \
typed_##name(struct seat *s, const void *a, void *r, struct err *e) \
{ \
	return serve_##name(s, a, r, e); \
})
#include "core/wire/ops.def"
#undef OP

/* a comma that does not part the arguments of SERVE_x() */
#define SERVE_COMMA ,
static const serve_fn serve_table[OP_COUNT] = {
#define OP(server, name, arg, ans, who, what) \
	SERVE_##server([OP_##name] = typed_##name SERVE_COMMA)
#include "core/wire/ops.def"
#undef OP
};
#undef SERVE_COMMA
#endif
