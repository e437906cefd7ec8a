/*
 * ops.h - ops.def as an enum and a table.
 */
#ifndef WIRE_OPS_H
#define WIRE_OPS_H

#include <stdbool.h>

#include "core/model/nouns.h"

/* Who may ask: a set of roles. */
#define ROLE_BIT(role) (1u << (role))
#define GUEST ROLE_BIT(ROLE_GUEST)
#define STAFF ROLE_BIT(ROLE_STAFF)
#define AUDITOR ROLE_BIT(ROLE_AUDITOR)
#define GATE ROLE_BIT(ROLE_GATE)
#define COURIER ROLE_BIT(ROLE_COURIER)
#define OPERATOR ROLE_BIT(ROLE_OPERATOR)
#define REGISTRAR ROLE_BIT(ROLE_REGISTRAR)
#define DIRECTOR ROLE_BIT(ROLE_DIRECTOR)
#define FINANCE ROLE_BIT(ROLE_FINANCE)
/* the service key of the federation's website (S3.3): in no other set */
#define WEBSITE ROLE_BIT(ROLE_WEBSITE)
/* those who may hold domains and certificates of their own */
#define OWNERS (ROLE_BIT(ROLE_MEMBER) | STAFF | DIRECTOR)
/* everybody with an account */
#define ACCOUNTS (OWNERS | AUDITOR | ROLE_BIT(ROLE_FINANCE))
#define PEOPLE (ACCOUNTS | GUEST)
#define READERS (STAFF | AUDITOR | DIRECTOR)
#define AUDITORS (AUDITOR | DIRECTOR)

enum op_server { OP_SERVER_REGISTRAR, OP_SERVER_SIGNER };

enum op {
#define OP(server, name, arg, answer, who, what) OP_##name,
#include "core/wire/ops.def"
#undef OP
	OP_COUNT,
	OP_changed = 0xffff,	/* pushed by the registrar: a struct change */
};

struct op_row {
	const char *name;
	enum op_server server;
	const struct shape *argument, *answer;
	unsigned who;
	const char *what;
};

extern const struct op_row ops[OP_COUNT];

static inline bool
op_allows(enum op op, enum role role)
{
	return (ops[op].who & ROLE_BIT(role)) != 0;
}

#endif
