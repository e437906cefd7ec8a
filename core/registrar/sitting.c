/* sitting.c - the open seats: who sits there, who has left, and who hears of
 * a change. */
#include "core/registrar/sitting.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/registrar.h"

#define PUSH_OUT_MAX 65536		/* a seat that does not read hears no more */
#define LEAVERS_MAX 256

struct seat **seats;
size_t n_seats;
static size_t room_seats;
static int64_t seat_numbers;

struct push {
	struct change change;
	int64_t account;
};
static struct push *pushes;
static size_t n_pushes, room_pushes;

static struct seat *leavers;
static size_t n_leavers;

void
seat_adopt(struct seat *s)
{
	if (n_seats == room_seats) {
		room_seats = room_seats ? room_seats * 2 : 64;
		seats = xrealloc_array(seats, room_seats, sizeof *seats);
	}
	s->number = ++seat_numbers;
	seats[n_seats++] = s;
}

int
seats_of(int64_t account)
{
	int n = 0;

	for (size_t i = 0; i < n_seats; i++)
		if (seats[i]->fd >= 0 && (account > 0 ?
		    seats[i]->account == account :
		    (ROLE_BIT(seats[i]->role) & (PEOPLE | WEBSITE)) != 0))
			n++;
	return n;
}

int
seats_with_role(enum role role)
{
	int n = 0;

	for (size_t i = 0; i < n_seats; i++)
		n += seats[i]->fd >= 0 && seats[i]->role == role;
	return n;
}

void
seat_end(struct seat *s, const char *words)
{
	s->leaving = true;
	change_push("session", s->number, s->account, words);
}

void
seats_hang_up(int64_t account)
{
	for (size_t i = 0; i < n_seats; i++)
		if (account != 0 && seats[i]->account == account)
			seat_end(seats[i],
			    "This session is over: the account's role, or its keys, have changed. Log in again.");
}

void
seats_forget(int64_t account)
{
	for (size_t i = 0; i < n_seats; i++) {
		struct seat *s = seats[i];

		if (account == 0 || s->account != account)
			continue;
		s->hang_up = true;
		memset(s->account_name, 0, sizeof s->account_name);
		memset(s->fingerprint, 0, sizeof s->fingerprint);
		memset(s->key_line, 0, sizeof s->key_line);
		memset(s->source, 0, sizeof s->source);
	}
	for (size_t i = 0; i < n_leavers; i++)
		if (account != 0 && leavers[i].account == account)
			leavers[i] = (struct seat){ .role = leavers[i].role,
				.opened = leavers[i].opened, .fd = -1 };
}

static void
leaver_note(const struct seat *s)
{
	if ((ROLE_BIT(s->role) & (PEOPLE | WEBSITE)) == 0)
		return;
	if (leavers == NULL)
		leavers = xcalloc(LEAVERS_MAX, sizeof *leavers);
	if (n_leavers == LEAVERS_MAX)
		return;
	leavers[n_leavers] = *s;
	memset(&leavers[n_leavers].in, 0, sizeof leavers->in);
	memset(&leavers[n_leavers].out, 0, sizeof leavers->out);
	n_leavers++;
}

void
seats_reap(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < n_seats; i++) {
		if (seats[i]->fd >= 0) {
			seats[kept++] = seats[i];
			continue;
		}
		leaver_note(seats[i]);
		seat_close(seats[i]);
		free(seats[i]);
	}
	n_seats = kept;
}

void
seat_gone(struct seat *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

bool
leavers_waiting(void)
{
	return n_leavers > 0;
}

void
leavers_write(void)
{
	struct err e = { 0 };

	for (size_t i = 0; i < n_leavers; i++)
		if (audit_add(&leavers[i], "logout", "account",
		    leavers[i].account == 0 ? "register" :
		    leavers[i].account_name[0] ? leavers[i].account_name :
		    "closed", OUTCOME_DONE, &e, "after %lld seconds",
		    (long long)(clock_now() - leavers[i].opened)) < 0)
			log_warn("audit: a logout was not kept: %s", e.text);
	n_leavers = 0;
}

/* ---- changes ---- */

void
change_push(const char *noun, int64_t number, int64_t account,
    const char *text)
{
	struct push *p = NULL;

	if (n_pushes == room_pushes) {
		room_pushes = room_pushes ? room_pushes * 2 : 64;
		pushes = xrealloc_array(pushes, room_pushes, sizeof *pushes);
	}
	p = &pushes[n_pushes++];
	memset(p, 0, sizeof *p);
	str_copy(p->change.noun, sizeof p->change.noun, noun);
	p->change.number = number;
	if (!str_copy(p->change.text, sizeof p->change.text, text))
		memcpy(p->change.text, "See what is new.", 17);
	p->account = account;
}

size_t
changes_mark(void)
{
	return n_pushes;
}

void
changes_undo(size_t mark)
{
	if (mark < n_pushes)
		n_pushes = mark;
}

/* The sentence is for the owner alone. */
static void
push_to(struct seat *s, const struct push *p)
{
	struct change c = p->change;
	bool own = p->account != 0 && s->account == p->account;
	bool lookup = strcmp(c.noun, "lookup") == 0;
	bool courier = s->role == ROLE_COURIER &&
	    (lookup || strcmp(c.noun, "notice") == 0);
	bool session = strcmp(c.noun, "session") == 0;

	if ((lookup && !courier) || (session && !own))
		return;
	if (session && s->number != c.number)
		c.text[0] = '\0';	/* last words are for that one alone */
	if (!own && !courier && (ROLE_BIT(s->role) & (READERS)) == 0)
		return;
	if (s->out.size > PUSH_OUT_MAX || s->fd < 0)
		return;
	if (!own)
		c.text[0] = '\0';
	seat_change_put(s, &c);
}

void
changes_send(void)
{
	for (size_t i = 0; i < n_pushes; i++)
		for (size_t k = 0; k < n_seats; k++)
			push_to(seats[k], &pushes[i]);
	n_pushes = 0;
	for (size_t k = 0; k < n_seats; k++)
		seats[k]->hang_up |= seats[k]->leaving;
}

void
sitting_free(void)
{
	free(seats);
	free(pushes);
	free(leavers);
	seats = NULL, pushes = NULL, leavers = NULL;
	room_seats = room_pushes = n_pushes = n_leavers = 0;
}
