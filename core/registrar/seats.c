/* seats.c - who may come in: the gate's questions, and who somebody is once
 * he sits. */
#include "core/registrar/registrar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/account/recover.h"
#include "core/registrar/halt.h"
#include "core/registrar/account/role.h"

#define GUEST_NAME "register"

enum { Q_OPEN, Q_LOGIN, Q_KEY_USED, Q_KEY, Q_QUEUE, Q_OWN_WAITING,
	Q_EXPIRING, Q_REVOKED, Q_PLAIN };
static const char *const sql[] = {
	[Q_OPEN] = "SELECT a.number, CASE WHEN EXISTS (SELECT 1 FROM role_grant g"
	    " WHERE g.account = a.number AND g.state = 'held'"
	    " AND g.until <> 0 AND g.until <= ?3) THEN 'member'"
	    " ELSE a.role END,"
	    " a.state, a.last_login"
	    " FROM ssh_key k JOIN account a ON a.number = k.account"
	    " WHERE k.fingerprint = ?1 AND a.name = ?2"
	    " AND a.state IN ('active', 'suspended')",
	[Q_LOGIN] = "UPDATE account SET last_login = ?2 WHERE number = ?1",
	[Q_KEY_USED] = "UPDATE ssh_key SET last_used = ?2"
	    " WHERE fingerprint = ?1",
	[Q_KEY] = "SELECT number, type, name, added, last_used, line"
	    " FROM ssh_key WHERE fingerprint = ?1",
	/* beyond a thousand nobody needs to know how many */
	[Q_QUEUE] = "SELECT count(*) FROM (SELECT 1 FROM request"
	    " WHERE state = 'awaiting' LIMIT 1000) AS counted",
	[Q_OWN_WAITING] = "SELECT open_requests FROM account"
	    " WHERE number = ?1",
	[Q_EXPIRING] = "SELECT count(*) FROM certificate"
	    " WHERE account = ?1 AND state = 'good'"
	    " AND not_after BETWEEN ?2 AND ?3",
	[Q_REVOKED] = "SELECT coalesce(sum(count), 0) FROM revocation_unseen"
	    " WHERE account = ?1",
	[Q_PLAIN] = "SELECT plain FROM account WHERE number = ?1",
};
DB_STATEMENTS(seats, sql)

/* Whom a name and a key are, before anybody sits. */
struct comer {
	int64_t account, last_login;
	enum role role;
	enum account_state state;
	struct key key;
};

/* One answer for an unknown name and a wrong key. */
static void
stranger(struct seat_answer *r)
{
	r->accepted = false;
	snprintf(r->text, sizeof r->text,
	    "This name and key open nothing here. To become a member: %s %s@%.140s",
	    ssh_words(), GUEST_NAME, conf.service_name);
}

static int
account_of(const struct seat_wish *a, struct comer *c, struct err *e)
{
	struct query *q = db_query(seats_prepared[Q_OPEN]);
	char word[16];
	int r;

	q_str(q, 1, c->key.fingerprint);
	q_str(q, 2, a->user);
	q_i64(q, 3, clock_now());
	if ((r = q_next(q, e)) == 1) {
		c->account = q_col_i64(q, 0);
		c->role = q_col_word(q, 1, &role_words, ROLE_GUEST);
		q_col_str(q, 2, word, sizeof word);
		c->state = strcmp(word, "active") == 0 ? ACCOUNT_ACTIVE :
		    ACCOUNT_SUSPENDED;
		c->last_login = q_col_i64(q, 3);
	}
	q_end(q);
	return r;
}

static void
times_fill(const struct comer *c, struct seat_answer *r)
{
	r->idle_minutes = c->role == ROLE_GUEST || c->role == ROLE_MEMBER ?
	    conf.ssh_idle_minutes : conf.ssh_staff_idle_minutes;
	r->lifetime_hours = conf.ssh_lifetime_hours;
}

static void
passed_close(struct seat *s)
{
	close(s->pass_fd);
	s->pass_fd = -1;
}

/* Fills *c and *r; r->accepted says whether he may come in. */
static int
comer_judge(const struct seat_wish *a, struct comer *c,
    struct seat_answer *r, struct err *e)
{
	struct err why = { 0 };
	int have;

	if (key_parse(a->key, &c->key, &why) < 0) {
		snprintf(r->text, sizeof r->text, "%.255s", why.text);
		return 0;
	}
	if (strcmp(a->fingerprint, c->key.fingerprint) != 0)
		return err_set(e, ERR_BROKEN, "wire",
		    "fingerprint and key of a seat differ");
	if (strcmp(a->user, GUEST_NAME) == 0) {
		c->role = ROLE_GUEST;
	} else {
		if ((have = account_of(a, c, e)) < 0)
			return -1;
		if (have == 0) {
			stranger(r);
			return 0;
		}
		str_copy(r->account, sizeof r->account, a->user);
		if (c->state == ACCOUNT_SUSPENDED)
			snprintf(r->text, sizeof r->text,
			    "This account is suspended: you may look at what is yours, and revoke it.");
	}
	r->accepted = true;
	r->role = c->role;
	times_fill(c, r);
	return 0;
}

int
serve_seat_check(struct seat *s, const struct seat_wish *a,
    struct seat_answer *r, struct err *e)
{
	struct comer c = { 0 };

	(void)s;
	return comer_judge(a, &c, r, e);
}

static int
login_keep(const struct seat *s, struct err *e)
{
	struct query *q = NULL;

	if (s->account != 0) {
		q = db_query(seats_prepared[Q_LOGIN]);
		q_i64(q, 1, s->account);
		q_i64(q, 2, s->opened);
		if (q_run(q, e) < 0)
			return -1;
		q = db_query(seats_prepared[Q_KEY_USED]);
		q_str(q, 1, s->fingerprint);
		q_i64(q, 2, s->opened);
		if (q_run(q, e) < 0)
			return -1;
	}
	return audit_add(s, "login", "account",
	    s->account != 0 ? s->account_name : GUEST_NAME, OUTCOME_DONE, e,
	    "%s", "");
}

static struct seat *
seat_make(int fd, const struct comer *c, const struct seat_wish *a)
{
	struct seat *s = xcalloc(1, sizeof *s);

	seat_init(s, fd, c->role);
	s->account = c->account;
	s->last_login = c->last_login;
	if (c->account != 0)
		str_copy(s->account_name, sizeof s->account_name, a->user);
	str_copy(s->fingerprint, sizeof s->fingerprint, c->key.fingerprint);
	str_copy(s->key_line, sizeof s->key_line, c->key.line);
	str_copy(s->source, sizeof s->source, a->source);
	s->opened = clock_now();
	return s;
}

static bool
is_full(const struct comer *c, struct seat_answer *r)
{
	if (c->account != 0 && seats_of(c->account) >= conf.ssh_per_account)
		snprintf(r->text, sizeof r->text,
		    "This account has %lld sessions open already; close one of them.",
		    (long long)conf.ssh_per_account);
	else if (seats_of(-1) >= conf.ssh_sessions)
		snprintf(r->text, sizeof r->text,
		    "All seats are taken just now; please come back in a few minutes.");
	else
		return false;
	r->accepted = false;
	return true;
}

/* Said only to one who has proven the key: to a stranger all keys are alike. */
static bool
is_soft(const struct comer *c, struct seat_answer *r)
{
	if (!role_wants_hardware(c->role) || key_is_hardware(c->key.type))
		return false;
	snprintf(r->text, sizeof r->text,
	    "The policy asks for a hardware key (sk-ssh-ed25519 or sk-ecdsa) in the role %s; come in with one, or ask the operator to add it.",
	    word_of(&role_words, c->role));
	r->accepted = false;
	return true;
}

int
serve_seat_open(struct seat *s, const struct seat_wish *a,
    struct seat_answer *r, struct err *e)
{
	struct comer c = { 0 };
	struct seat *near = NULL;
	int pair[2];

	if (s->pass_fd >= 0)
		return err_set(e, ERR_UNAVAILABLE, "seat",
		    "one seat at a time");
	if (comer_judge(a, &c, r, e) < 0)
		return -1;
	if (!r->accepted || is_soft(&c, r) || is_full(&c, r))
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		log_warn("socketpair: %s", strerror(errno));
		return err_set(e, ERR_UNAVAILABLE, "seat",
		    "All seats are taken just now; please come back in a few minutes.");
	}
	near = seat_make(pair[0], &c, a);
	s->pass_fd = pair[1];
	if (login_keep(near, e) < 0) {
		seat_close(near);
		free(near);
		passed_close(s);
		return -1;
	}
	seat_adopt(near);
	return 0;
}

/* Aggregated by the gate: one entry stands for many failures. */
int
serve_gate_report(struct seat *s, const struct gate_event *a, struct none *r,
    struct err *e)
{
	struct seat from = { .role = s->role };

	(void)r;
	str_copy(from.account_name, sizeof from.account_name, "gate");
	str_copy(from.source, sizeof from.source, a->source);
	return audit_add(&from, "gate.report", "gate", a->what,
	    OUTCOME_REFUSED, e, "%lld times", (long long)a->count);
}

/* ---- whoami ---- */

static int64_t
counted(int which, int64_t account, int64_t from, int64_t to, int *bad,
    struct err *e)
{
	struct query *q = db_query(seats_prepared[which]);
	int64_t n = 0;
	int r;

	if (which != Q_QUEUE)
		q_i64(q, 1, account);
	if (which == Q_EXPIRING) {
		q_i64(q, 2, from);
		q_i64(q, 3, to);
	}
	if ((r = q_next(q, e)) == 1)
		n = q_col_i64(q, 0);
	else
		*bad = -1;
	q_end(q);
	return n;
}

static int
counts_fill(const struct seat *s, struct whoami *r, struct err *e)
{
	int bad = 0;
	bool owner = (ROLE_BIT(s->role) & (OWNERS)) != 0;
	bool reader = (ROLE_BIT(s->role) & (READERS)) != 0;

	if (reader || owner)
		r->waiting = counted(reader ? Q_QUEUE : Q_OWN_WAITING,
		    s->account, 0, 0, &bad, e);
	if (owner && bad == 0)
		r->expiring = counted(Q_EXPIRING, s->account, r->now,
		    r->now + 30 * 86400, &bad, e);
	if (owner && bad == 0)
		r->revoked_unseen = counted(Q_REVOKED, s->account, 0, 0,
		    &bad, e);
	if (ROLE_BIT(s->role) & (READERS | FINANCE))
		r->alarms = alarms_open();
	issuing_words(r->halted, sizeof r->halted);
	return bad;
}

static int
plain_fill(const struct seat *s, struct whoami *r, struct err *e)
{
	int bad = 0;

	r->session = s->number;
	r->plain = counted(Q_PLAIN, s->account, 0, 0, &bad, e) != 0;
	return bad;
}

static int
own_key_fill(const struct seat *s, struct key *k, struct err *e)
{
	struct query *q = db_query(seats_prepared[Q_KEY]);
	int r;

	q_str(q, 1, s->fingerprint);
	if ((r = q_next(q, e)) == 1) {
		k->number = q_col_i64(q, 0);
		q_col_str(q, 1, k->type, sizeof k->type);
		q_col_str(q, 2, k->name, sizeof k->name);
		k->added = q_col_i64(q, 3);
		k->last_used = q_col_i64(q, 4);
		q_col_str(q, 5, k->line, sizeof k->line);
	}
	q_end(q);
	return r < 0 ? -1 : 0;
}

int
serve_whoami(struct seat *s, const struct none *a, struct whoami *r,
    struct err *e)
{
	(void)a;
	snprintf(r->service, sizeof r->service, "%.127s", conf.service_name);
	str_copy(r->ssh, sizeof r->ssh, ssh_words());
	snprintf(r->title, sizeof r->title, "%.127s", conf.service_title);
	str_copy(r->agreement_current, sizeof r->agreement_current,
	    conf.policy_agreement_version);
	str_copy(r->profiles, sizeof r->profiles, conf.policy_profiles);
	str_copy(r->signs, sizeof r->signs, conf.policy_signed_approvals);
	r->now = clock_now();
	if (s->account == 0) {
		struct err ignored = { 0 };

		/* the key that he came with, as it was read at the door */
		key_parse(s->key_line, &r->key, &ignored);
		r->account.role = s->role;
		return 0;
	}
	str_copy(r->key.fingerprint, sizeof r->key.fingerprint,
	    s->fingerprint);
	if (account_load(s->account, &r->account, e) < 0 ||
	    own_key_fill(s, &r->key, e) < 0 || plain_fill(s, r, e) < 0)
		return -1;
	/* this login is no news to who has just come in */
	r->account.last_login = s->last_login;
	r->recovery = recovery_due(s->account);
	return counts_fill(s, r, e);
}
