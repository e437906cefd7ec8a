/* halt.c - the director halts issuing at once; two people let it go on
 * (P4.2); the policy in force has his acknowledgement (J6.3). */
#include "core/registrar/halt.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/clock_watch.h"
#include "core/registrar/db.h"
#include "core/registrar/deed.h"

enum { Q_OPEN, Q_HALT, Q_WANT, Q_RESUME, Q_ACK, Q_ACK_ADD };
static const char *const sql[] = {
	[Q_OPEN] = "SELECT h.number, h.at, a.name, h.reason,"
	    " coalesce(b.name, ''), h.resume_at, coalesce(b.role, '')"
	    " FROM halt h JOIN account a ON a.number = h.account"
	    " LEFT JOIN account b ON b.number = h.resume_by"
	    " AND b.state = 'active' AND b.role IN ('staff', 'director')"
	    " WHERE h.resumed = 0",
	[Q_HALT] = "INSERT INTO halt (at, account, reason)"
	    " VALUES (?1, ?2, ?3)",
	[Q_WANT] = "UPDATE halt SET resume_by = ?1, resume_at = ?2"
	    " WHERE resumed = 0",
	[Q_RESUME] = "UPDATE halt SET resumed_by = ?1, resumed = ?2"
	    " WHERE resumed = 0",
	[Q_ACK] = "SELECT b.name, a.at FROM acknowledgement a"
	    " JOIN account b ON b.number = a.account WHERE a.policy = ?1"
	    " ORDER BY a.number DESC LIMIT 1",
	[Q_ACK_ADD] = "INSERT INTO acknowledgement (policy, version, account,"
	    " at) VALUES (?1, ?2, ?3, ?4)",
};
DB_STATEMENTS(halt, sql)

/* role: of who has asked to go on.  Who has lost the role since has said
 * nothing. */
static int
halt_load(struct halt_state *r, char role[16], struct err *e)
{
	struct query *q = db_query(halt_prepared[Q_OPEN]);
	char since[TIME_TEXT_SIZE];
	int have;

	role[0] = '\0';
	if ((have = q_next(q, e)) == 1) {
		r->halted = true;
		r->at = q_col_i64(q, 1);
		q_col_str(q, 2, r->by, sizeof r->by);
		q_col_str(q, 3, r->reason, sizeof r->reason);
		q_col_str(q, 4, r->resume_by, sizeof r->resume_by);
		r->resume_at = q_col_i64(q, 5);
		q_col_str(q, 6, role, 16);
	}
	q_end(q);
	if (have < 0)
		return -1;
	time_text(since, r->at);
	if (!r->halted)
		str_copy(r->text, sizeof r->text,
		    "Certificates are issued.");
	else
		snprintf(r->text, sizeof r->text,
		    "Issuing is halted since %s by %s%s%.140s", since, r->by,
		    r->reason[0] ? ": " : "", r->reason);
	return 0;
}

static int
acknowledged(struct policy_state *r, struct err *e)
{
	struct query *q = db_query(halt_prepared[Q_ACK]);
	int have;

	q_str(q, 1, policy_hash());
	if ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, r->acknowledged_by,
		    sizeof r->acknowledged_by);
		r->acknowledged = q_col_i64(q, 1);
	}
	q_end(q);
	return have;
}

/* Issuing asks at each approval: "yes" is remembered until something here
 * changes, or a rollback may have taken it back.  One process writes. */
static int64_t allowed_since = -1;

void
issuing_forget(void)
{
	allowed_since = -1;
}

int
issuing_allowed(struct err *e)
{
	struct halt_state h = { 0 };
	struct policy_state p = { 0 };
	char role[16];
	int have = 1;

	if (clock_sure(e) < 0)
		return -1;
	if (allowed_since == db_generation())
		return 0;
	if (halt_load(&h, role, e) < 0)
		return -1;
	if (h.halted)
		return err_set(e, ERR_UNAVAILABLE, "halt",
		    "%s; nothing is lost, it is issued when two people have said `resume`",
		    h.text);
	if (conf.policy_acknowledgement &&
	    (have = acknowledged(&p, e)) < 0)
		return -1;
	if (have == 0)
		return err_set(e, ERR_UNAVAILABLE, "policy-acknowledgement",
		    "policy %s waits for the director's word; nothing is issued before: policy acknowledge",
		    conf.policy_version);
	allowed_since = db_generation();
	return 0;
}

void
issuing_words(char *dst, size_t size)
{
	struct err e = { 0 };

	dst[0] = '\0';
	if (issuing_allowed(&e) < 0)
		snprintf(dst, size, "%s", e.text);
}

/* ---- questions ---- */

int
serve_halt_get(struct seat *s, const struct none *a, struct halt_state *r,
    struct err *e)
{
	char role[16];

	(void)s;
	(void)a;
	return halt_load(r, role, e);
}

int
serve_halt_set(struct seat *s, const struct text *a, struct halt_state *r,
    struct err *e)
{
	struct query *q = NULL;
	char reason[256], role[16];

	render_untrusted(reason, sizeof reason, a->text.data, a->text.size);
	if (halt_load(r, role, e) < 0)
		return -1;
	if (r->halted)
		return 0;	/* asking again changes nothing */
	issuing_forget();
	q = db_query(halt_prepared[Q_HALT]);
	q_i64(q, 1, clock_now());
	q_i64(q, 2, s->account);
	q_str(q, 3, reason);
	if (q_run(q, e) < 0 || audit_add(s, "issuing.halt", "issuing", "",
	    OUTCOME_DONE, e, "%s", reason) < 0)
		return -1;
	if (alarm_raise(ALARM_HALT, "", e,
	    "%s has halted issuing; it goes on when two people have said `resume`",
	    s->account_name) < 0)
		return -1;
	change_push("issuing", 1, 0, "Issuing is halted");
	return halt_load(r, role, e);
}

static int
resume_run(const struct seat *s, int which, const char *action,
    struct err *e)
{
	struct query *q = db_query(halt_prepared[which]);

	q_i64(q, 1, s->account);
	q_i64(q, 2, clock_now());
	change_push("issuing", 0, 0, "");
	return q_run(q, e) < 0 ? -1 : audit_add(s, action, "issuing", "",
	    OUTCOME_DONE, e, "%s", "");
}

/* Two different people, the director among them: staff alone cannot undo
 * what the director has done. */
int
serve_halt_resume(struct seat *s, const struct none *a, struct halt_state *r,
    struct err *e)
{
	char role[16];

	(void)a;
	if (halt_load(r, role, e) < 0)
		return -1;
	if (!r->halted)
		return err_set(e, ERR_CONFLICT, "halt",
		    "issuing is not halted");
	if (strcmp(r->resume_by, s->account_name) != 0 &&
	    deed_settle(s, "resume", "", e) < 0)
		return -1;
	if (r->resume_by[0] == '\0' ||
	    (strcmp(role, "director") != 0 && s->role != ROLE_DIRECTOR &&
	    strcmp(r->resume_by, s->account_name) != 0)) {
		if (resume_run(s, Q_WANT, "issuing.resume.ask", e) < 0)
			return -1;
		return halt_load(r, role, e);
	}
	if (strcmp(r->resume_by, s->account_name) == 0)
		return err_set(e, ERR_REFUSED, "halt-second",
		    "you have said so already; %s must say `resume` too",
		    s->role == ROLE_DIRECTOR ? "somebody of the staff" :
		    "the director");
	if (resume_run(s, Q_RESUME, "issuing.resume", e) < 0 ||
	    alarm_clear(ALARM_HALT, "", e) < 0)
		return -1;
	memset(r, 0, sizeof *r);
	return halt_load(r, role, e);
}

/* ---- the policy ---- */

static void
value_add(struct policy_state *r, const struct conf_key *k)
{
	const char *at = (const char *)&conf + k->offset;
	struct fact *f = LIST_ADD(r, values);

	str_copy(f->what, sizeof f->what, k->name);
	f->good = true;
	if (k->kind == 's')
		snprintf(f->text, sizeof f->text, "%.200s", at);
	else if (k->kind == 'i')
		snprintf(f->text, sizeof f->text, "%lld",
		    (long long)*(const int64_t *)(const void *)at);
	else
		str_copy(f->text, sizeof f->text,
		    *(const bool *)(const void *)at ? "yes" : "no");
}

int
serve_policy_get(struct seat *s, const struct none *a,
    struct policy_state *r, struct err *e)
{
	(void)s;
	(void)a;
	str_copy(r->version, sizeof r->version, conf.policy_version);
	str_copy(r->sha256, sizeof r->sha256, policy_hash());
	r->needed = conf.policy_acknowledgement;
	for (unsigned long i = 0; i < conf_key_count; i++)
		if (strcmp(conf_keys[i].section, "policy") == 0)
			value_add(r, &conf_keys[i]);
	return acknowledged(r, e) < 0 ? -1 : 0;
}

int
serve_policy_acknowledge(struct seat *s, const struct policy_word *a,
    struct policy_state *r, struct err *e)
{
	const struct none none = { 0 };
	struct query *q = NULL;

	if (a->sha256[0] != '\0' && strcmp(a->sha256, policy_hash()) != 0)
		return err_set(e, ERR_CONFLICT, "policy-hash",
		    "the policy in force is not the one that you have read; its hash is %s",
		    policy_hash());
	if (serve_policy_get(s, &none, r, e) < 0)
		return -1;
	if (r->acknowledged != 0)
		return 0;	/* asking again changes nothing */
	if (deed_settle(s, "policy", "", e) < 0)
		return -1;
	q = db_query(halt_prepared[Q_ACK_ADD]);
	q_str(q, 1, policy_hash());
	q_str(q, 2, conf.policy_version);
	q_i64(q, 3, s->account);
	q_i64(q, 4, clock_now());
	if (q_run(q, e) < 0 || audit_add(s, "policy.acknowledge", "policy",
	    conf.policy_version, OUTCOME_DONE, e, "sha256 %s",
	    policy_hash()) < 0)
		return -1;
	change_push("issuing", 0, 0, "");
	return acknowledged(r, e) < 0 ? -1 : 0;
}
