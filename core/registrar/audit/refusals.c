/* refusals.c - a flood of refused questions: counted for each asker, summed up
 * in one entry a minute, and at last hung up. */
#include "core/registrar/audit/refusals.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/registrar.h"

#define MINUTE_MS 60000
#define KEPT_A_MINUTE 60
#define MOST_A_MINUTE 600	/* who asks so much is no person */
#define ASKERS 256		/* told apart; the last place is all others' */

struct asker {
	int64_t account;		/* 0: by source */
	char source[64];
	enum role role;
	char name[33];
	int64_t since;			/* clock_mono_ms(); 0: free */
	int64_t count;
};
static struct asker askers[ASKERS];

static bool
is_asker(const struct asker *a, const struct seat *s, const char *source)
{
	return a->since != 0 && a->account == s->account &&
	    (s->account != 0 || (a->role == s->role &&
	    strcmp(a->source, source) == 0));
}

/* The asker's place, a new one, or the last one of all. */
static struct asker *
asker_find(const struct seat *s, int64_t now)
{
	struct asker *free_one = &askers[ASKERS - 1];
	char source[64];

	source_bucket(source, s->source);
	for (size_t i = ASKERS; i-- > 0; ) {
		if (is_asker(&askers[i], s, source))
			return &askers[i];
		if (askers[i].since == 0)
			free_one = &askers[i];
	}
	if (free_one->since == 0) {
		*free_one = (struct asker){ .account = s->account,
			.role = s->role, .since = now };
		str_copy(free_one->source, sizeof free_one->source, source);
		str_copy(free_one->name, sizeof free_one->name,
		    s->account_name);
	}
	return free_one;
}

bool
refusal_counted(struct seat *s)
{
	struct asker *a = asker_find(s, clock_mono_ms());

	if (++a->count <= KEPT_A_MINUTE)
		return true;
	if (a->count >= MOST_A_MINUTE && !s->hang_up) {
		log_warn("seat %lld (%s %s from %s) is hung up: %lld refused questions in a minute",
		    (long long)s->number, word_of(&role_words, s->role),
		    s->account_name, s->source, (long long)a->count);
		s->hang_up = true;
	}
	return false;
}

static void
asker_sum(const struct asker *a)
{
	struct err e = { 0 };
	struct seat who = { .fd = -1, .role = a->role, .account = a->account };

	memcpy(who.account_name, a->name, sizeof who.account_name);
	memcpy(who.source, a->source, sizeof who.source);
	if (audit_add(&who, "refusal.more", "seat", a->name, OUTCOME_REFUSED,
	    &e, "%lld more refused questions within a minute%s",
	    (long long)(a->count - KEPT_A_MINUTE),
	    a->count >= MOST_A_MINUTE ? "; hung up" : "") < 0 ||
	    alarm_raise(ALARM_FAILURES, a->name[0] ? a->name : a->source, &e,
	    "%lld questions of %s from %s were refused within a minute%s: audit --noun seat",
	    (long long)a->count, a->name[0] ? a->name :
	    word_of(&role_words, a->role), a->source,
	    a->count >= MOST_A_MINUTE ? ", and it was hung up" : "") < 0)
		log_warn("audit: refusals were not summed up: %s", e.text);
}

void
refusals_sum(bool all)
{
	int64_t now = clock_mono_ms();

	for (size_t i = 0; i < ASKERS; i++) {
		struct asker *a = &askers[i];

		if (a->since == 0 || (!all && now - a->since < MINUTE_MS))
			continue;
		if (a->count > KEPT_A_MINUTE)
			asker_sum(a);
		memset(a, 0, sizeof *a);
	}
}

void
refusals_forget_for_test(void)
{
	memset(askers, 0, sizeof askers);
}

static void
refusals_tick(void)
{
	refusals_sum(false);
}
LOOP_TIMER(refusals, 10, refusals_tick)
