/* state.c - which state may follow which: a bit mask of successors a state. */
#include "core/model/state.h"

#define TO(state) (1u << (state))

static const unsigned account_next[] = {
	[ACCOUNT_PENDING] = TO(ACCOUNT_ACTIVE) | TO(ACCOUNT_CLOSED),
	[ACCOUNT_ACTIVE] = TO(ACCOUNT_SUSPENDED) | TO(ACCOUNT_CLOSED),
	[ACCOUNT_SUSPENDED] = TO(ACCOUNT_ACTIVE) | TO(ACCOUNT_CLOSED),
	[ACCOUNT_CLOSED] = 0,
};

static const unsigned domain_next[] = {
	[DOMAIN_CLAIMED] = TO(DOMAIN_PROVEN) | TO(DOMAIN_CONFLICT) |
	    TO(DOMAIN_DROPPED),
	[DOMAIN_PROVEN] = TO(DOMAIN_PROVEN) | TO(DOMAIN_LAPSED) |
	    TO(DOMAIN_DROPPED) | TO(DOMAIN_CONFLICT),
	[DOMAIN_LAPSED] = TO(DOMAIN_PROVEN) | TO(DOMAIN_CONFLICT) |
	    TO(DOMAIN_DROPPED),
	[DOMAIN_CONFLICT] = TO(DOMAIN_PROVEN) | TO(DOMAIN_DROPPED) |
	    TO(DOMAIN_LAPSED),
	[DOMAIN_DROPPED] = TO(DOMAIN_CLAIMED),
};

static const unsigned request_next[] = {
	[REQUEST_AWAITING] = TO(REQUEST_APPROVED) | TO(REQUEST_REFUSED) |
	    TO(REQUEST_WITHDRAWN),
	[REQUEST_APPROVED] = TO(REQUEST_ISSUED) | TO(REQUEST_REFUSED),
	[REQUEST_ISSUED] = 0,
	[REQUEST_REFUSED] = 0,
	[REQUEST_WITHDRAWN] = 0,
};

static const unsigned plan_next[] = {
	[PLAN_WAITING] = TO(PLAN_RUNNING) | TO(PLAN_DROPPED) |
	    TO(PLAN_EXPIRED),
	[PLAN_RUNNING] = TO(PLAN_DONE) | TO(PLAN_DROPPED),
	[PLAN_DONE] = 0,
	[PLAN_DROPPED] = 0,
	[PLAN_EXPIRED] = 0,
};

static const unsigned grant_next[] = {
	[GRANT_WAITING] = TO(GRANT_HELD) | TO(GRANT_DROPPED) |
	    TO(GRANT_EXPIRED),
	[GRANT_HELD] = TO(GRANT_ENDED),
	[GRANT_ENDED] = 0,
	[GRANT_DROPPED] = 0,
	[GRANT_EXPIRED] = 0,
};

static const unsigned issuer_wish_next[] = {
	[ISSUER_WISH_WAITING] = TO(ISSUER_WISH_CONFIRMED) |
	    TO(ISSUER_WISH_DONE) | TO(ISSUER_WISH_DROPPED) |
	    TO(ISSUER_WISH_EXPIRED),
	[ISSUER_WISH_CONFIRMED] = TO(ISSUER_WISH_DONE) |
	    TO(ISSUER_WISH_DROPPED) | TO(ISSUER_WISH_EXPIRED),
	[ISSUER_WISH_DONE] = 0,
	[ISSUER_WISH_DROPPED] = 0,
	[ISSUER_WISH_EXPIRED] = 0,
};

#define MAY(table, from, to) \
	((unsigned)(from) < sizeof(table) / sizeof(table)[0] && \
	((table)[from] & TO(to)) != 0)

bool
account_may_become(enum account_state from, enum account_state to)
{
	return MAY(account_next, from, to);
}

bool
domain_may_become(enum domain_state from, enum domain_state to)
{
	return MAY(domain_next, from, to);
}

bool
request_may_become(enum request_state from, enum request_state to)
{
	return MAY(request_next, from, to);
}

bool
plan_may_become(enum plan_state from, enum plan_state to)
{
	return MAY(plan_next, from, to);
}

bool
issuer_wish_may_become(enum issuer_wish_state from, enum issuer_wish_state to)
{
	return MAY(issuer_wish_next, from, to);
}

bool
grant_may_become(enum grant_state from, enum grant_state to)
{
	return MAY(grant_next, from, to);
}
