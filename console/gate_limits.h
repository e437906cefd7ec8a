/*
 * gate_limits.h - how many connections may wait for their login, from whom,
 * and who must wait because earlier ones went wrong.
 *
 * OpenSSH's three answers to floods: random early drop above a number of
 * connections that have not logged in (MaxStartups), a cap for each source,
 * and penalties for each source that decay with time.  A source is an IPv4
 * address or an IPv6 /64.  Nothing here reads a clock or draws a number.
 */
#ifndef CONSOLE_GATE_LIMITS_H
#define CONSOLE_GATE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/base/conf.h"

#define SOURCE_TEXT_SIZE 64

struct source {
	uint8_t block[16];		/* IPv6, or IPv4 mapped; host part of /64 zero */
	char text[SOURCE_TEXT_SIZE];	/* the whole address, without port */
};

/* How a connection that never logged in ended, or that it did. */
enum ending {
	ENDING_LOGIN,		/* logged in: no penalty */
	ENDING_NO_ATTEMPT,	/* left without trying */
	ENDING_REFUSED,		/* tried and was refused */
	ENDING_GRACE,		/* took too long */
	ENDING_CRASH,		/* broke its transport */
	ENDING_OURS,		/* we could not serve: nobody's fault */
};

enum admission {
	ADMIT,
	DROP_STARTUPS,		/* too many wait, or the dice said so */
	DROP_SOURCE,		/* too many from there */
	DROP_PENALTY,		/* has to wait */
};

struct limit_row {
	uint8_t block[16];
	int64_t until_ms;	/* penalty: ends then */
	int waiting;		/* connections before login */
};

#define EXEMPT_MAX 16
struct exempt {
	uint8_t block[16];
	int bits;
	bool v4;	/* ::/64 must not mean the whole of IPv4 */
};

struct limits {
	int startups, startups_begin, per_source;
	int waiting;
	struct limit_row *rows;
	size_t n_rows;
	struct exempt exempt[EXEMPT_MAX];
	size_t n_exempt;
};

/* -1 with *e when [ssh] exempt makes no sense. */
int limits_init(struct limits *l, const struct conf *c, struct err *e);
void limits_clear(struct limits *l);

/* False for a family that is neither IPv4 nor IPv6. */
bool source_of(struct source *s, const struct sockaddr_storage *a);

/* May one more come?  dice: a random number.  When it may, it is counted;
 * call limits_leave() once for each that was. */
enum admission limits_enter(struct limits *l, const struct source *s,
    int64_t now_ms, uint32_t dice);
/* It logged in or went. */
void limits_leave(struct limits *l, const struct source *s, int64_t now_ms,
    enum ending how);

/* Seconds that a source still has to wait; 0 none. */
int limits_penalty(const struct limits *l, const struct source *s,
    int64_t now_ms);

#endif
