/* gate_limits.c - counting connections before login, by source. */
#include "console/gate_limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

#define SOURCES_MAX 16384			/* sources remembered */
#define DROP_BEGIN_PERCENT 30		/* at startups_begin; 100 at startups */
#define PENALTY_MIN_MS 15000		/* below this a penalty only adds up */
#define PENALTY_MAX_MS 600000

/* What each ending costs, in milliseconds; OpenSSH's figures. */
static const int64_t penalties[] = {
	[ENDING_LOGIN] = 0, [ENDING_NO_ATTEMPT] = 1000,
	[ENDING_REFUSED] = 5000, [ENDING_GRACE] = 10000,
	[ENDING_CRASH] = 90000, [ENDING_OURS] = 0,
};

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

bool
source_of(struct source *s, const struct sockaddr_storage *a)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;

	memset(s, 0, sizeof *s);
	if (a->ss_family == AF_INET) {
		memcpy(s->block, mapped, sizeof mapped);
		memcpy(s->block + 12, &in->sin_addr, 4);
		return inet_ntop(AF_INET, &in->sin_addr, s->text,
		    sizeof s->text) != NULL;
	}
	if (a->ss_family != AF_INET6)
		return false;
	memcpy(s->block, &in6->sin6_addr, 16);
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return inet_ntop(AF_INET, s->block + 12, s->text,
		    sizeof s->text) != NULL;
	if (inet_ntop(AF_INET6, s->block, s->text, sizeof s->text) == NULL)
		return false;
	memset(s->block + 8, 0, 8);
	return true;
}

/* "192.0.2.0/24", "2001:db8::/32", "::1": one word of [ssh] exempt. */
static bool
exempt_parse(struct exempt *x, const char *word)
{
	char address[SOURCE_TEXT_SIZE];
	const char *slash = strchr(word, '/');
	int64_t bits;

	snprintf(address, sizeof address, "%.*s",
	    slash != NULL ? (int)(slash - word) : (int)strlen(word), word);
	memset(x, 0, sizeof *x);
	x->v4 = inet_pton(AF_INET, address, x->block + 12) == 1;
	if (x->v4)
		memcpy(x->block, mapped, sizeof mapped);
	else if (inet_pton(AF_INET6, address, x->block) != 1)
		return false;
	bits = x->v4 ? 32 : 128;
	if (slash != NULL && !number_parse(slash + 1, bits, &bits))
		return false;
	if (!x->v4 && bits > 64) {		/* sources are counted by /64 */
		memset(x->block + 8, 0, 8);
		bits = 64;
	}
	x->bits = (int)bits + (x->v4 ? 96 : 0);
	return true;
}

static bool
is_exempt(const struct limits *l, const uint8_t block[16])
{
	bool v4 = memcmp(block, mapped, sizeof mapped) == 0;

	for (size_t i = 0; i < l->n_exempt; i++) {
		const struct exempt *x = &l->exempt[i];
		int whole = x->bits / 8, rest = x->bits % 8;

		if (x->v4 == v4 &&
		    memcmp(x->block, block, (size_t)whole) == 0 &&
		    (rest == 0 || ((x->block[whole] ^ block[whole]) >>
		    (8 - rest)) == 0))
			return true;
	}
	return false;
}

int
limits_init(struct limits *l, const struct conf *c, struct err *e)
{
	char words[CONF_STR_SIZE];
	char *rest = words, *word;

	memset(l, 0, sizeof *l);
	l->startups = (int)c->ssh_startups;
	l->startups_begin = (int)c->ssh_startups_begin;
	l->per_source = (int)c->ssh_per_source;
	snprintf(words, sizeof words, "%s", c->ssh_exempt);
	while ((word = strsep(&rest, " ")) != NULL) {
		if (*word == '\0')
			continue;
		if (l->n_exempt == EXEMPT_MAX ||
		    !exempt_parse(&l->exempt[l->n_exempt], word))
			return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
			    "[ssh] exempt: '%s': wants at most %d addresses or"
			    " prefixes, such as 192.0.2.0/24", word,
			    EXEMPT_MAX);
		l->n_exempt++;
	}
	return 0;
}

void
limits_clear(struct limits *l)
{
	free(l->rows);
	memset(l, 0, sizeof *l);
}

static struct limit_row *
row_find(const struct limits *l, const uint8_t block[16])
{
	for (size_t i = 0; i < l->n_rows; i++)
		if (memcmp(l->rows[i].block, block, 16) == 0)
			return &l->rows[i];
	return NULL;
}

/* Rows of sources that neither wait nor are punished are taken again; when
 * all are in use, the one whose penalty ends first goes. */
static struct limit_row *
row_make(struct limits *l, const uint8_t block[16], int64_t now_ms)
{
	struct limit_row *r = row_find(l, block);
	struct limit_row *least = NULL;

	if (r != NULL)
		return r;
	for (size_t i = 0; i < l->n_rows; i++)
		if (l->rows[i].waiting == 0 && (least == NULL ||
		    l->rows[i].until_ms < least->until_ms))
			least = &l->rows[i];
	if (least == NULL || (least->until_ms > now_ms &&
	    l->n_rows < SOURCES_MAX)) {
		l->rows = xrealloc_array(l->rows, l->n_rows + 1,
		    sizeof *l->rows);
		least = &l->rows[l->n_rows++];
	}
	memset(least, 0, sizeof *least);
	memcpy(least->block, block, 16);
	return least;
}

static bool
dropped_early(const struct limits *l, uint32_t dice)
{
	int percent;

	if (l->waiting >= l->startups)
		return true;
	if (l->waiting < l->startups_begin)
		return false;
	percent = DROP_BEGIN_PERCENT + (100 - DROP_BEGIN_PERCENT) *
	    (l->waiting - l->startups_begin) /
	    (l->startups - l->startups_begin);
	return dice % 100 < (uint32_t)percent;
}

int
limits_penalty(const struct limits *l, const struct source *s, int64_t now_ms)
{
	const struct limit_row *r = row_find(l, s->block);

	if (r == NULL || r->until_ms - now_ms < PENALTY_MIN_MS)
		return 0;
	return (int)((r->until_ms - now_ms - PENALTY_MIN_MS) / 1000 + 1);
}

enum admission
limits_enter(struct limits *l, const struct source *s, int64_t now_ms,
    uint32_t dice)
{
	struct limit_row *r = NULL;

	if (limits_penalty(l, s, now_ms) > 0)
		return DROP_PENALTY;
	r = row_find(l, s->block);
	if (r != NULL && r->waiting >= l->per_source)
		return DROP_SOURCE;
	if (dropped_early(l, dice))
		return DROP_STARTUPS;
	row_make(l, s->block, now_ms)->waiting++;
	l->waiting++;
	return ADMIT;
}

void
limits_leave(struct limits *l, const struct source *s, int64_t now_ms,
    enum ending how)
{
	struct limit_row *r = row_find(l, s->block);

	if (r == NULL || r->waiting == 0)
		return;
	r->waiting--;
	l->waiting--;
	if (penalties[how] == 0 || is_exempt(l, s->block))
		return;
	if (r->until_ms < now_ms)
		r->until_ms = now_ms;
	r->until_ms += penalties[how];
	if (r->until_ms > now_ms + PENALTY_MAX_MS)
		r->until_ms = now_ms + PENALTY_MAX_MS;
}
