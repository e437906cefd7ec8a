/* report_log.c - a quarter's figures again, from the audit entries alone: no
 * other table is read, so that whoever holds the log can check a report. */
#include "core/registrar/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/money.h"
#include "core/registrar/report/cost.h"
#include "core/registrar/db.h"
#include "core/registrar/report/quarter.h"
#include "core/x509/hash.h"

enum { Q_ENTRIES, Q_LAST };

static const char *const sql[] = {
	[Q_ENTRIES] = "SELECT number, at, action, noun, object, outcome,"
	    " detail FROM audit WHERE noun = 'certificate'"
	    " OR noun = 'request' OR noun = 'account' OR noun = 'domain'"
	    " OR noun = 'rule' OR noun = 'mailbox' OR noun = 'issuer'"
	    " OR noun = 'alarm' OR noun = 'cost' OR noun = 'income'"
	    " OR noun = 'fee' OR noun = 'budget' OR noun = 'report'"
	    " ORDER BY number",
	[Q_LAST] = "SELECT coalesce(max(number), 0) FROM audit",
};
DB_STATEMENTS(report_log, sql)

/* ---- what is remembered of the entries so far ---- */

/* A table of two numbers by the hash of a name; used 0: a free place. */
struct slot {
	uint64_t key;
	int64_t a, b;
	bool used;
};

struct map {
	struct slot *slots;
	size_t room, n;
};

static uint64_t
key_of(const char *kind, const char *name, size_t len)
{
	char text[192];
	uint8_t hash[32];
	uint64_t key;
	size_t n = strlen(kind) + 1;

	if (len > sizeof text - n)
		len = sizeof text - n;
	memcpy(text, kind, n);
	memcpy(text + n, name, len);
	sha256(hash, text, n + len);
	memcpy(&key, hash, sizeof key);
	return key;
}

static struct slot *
map_place(struct slot *slots, size_t room, uint64_t key)
{
	size_t i = (size_t)key & (room - 1);

	while (slots[i].used && slots[i].key != key)
		i = (i + 1) & (room - 1);
	return &slots[i];
}

static struct slot *
map_find(struct map *m, uint64_t key)
{
	struct slot *s = m->room == 0 ? NULL :
	    map_place(m->slots, m->room, key);

	return s != NULL && s->used ? s : NULL;
}

static struct slot *
map_put(struct map *m, uint64_t key)
{
	struct slot *s = NULL;

	if (m->n * 2 >= m->room) {
		size_t room = m->room ? m->room * 2 : 4096;
		struct slot *slots = xcalloc(room, sizeof *slots);

		for (size_t i = 0; i < m->room; i++)
			if (m->slots[i].used)
				*map_place(slots, room, m->slots[i].key) =
				    m->slots[i];
		free(m->slots);
		m->slots = slots;
		m->room = room;
	}
	s = map_place(m->slots, m->room, key);
	if (!s->used) {
		m->n++;
		*s = (struct slot){ .key = key, .used = true };
	}
	return s;
}

struct walk {
	const struct period *p;
	struct figures *f;
	struct map certificates;	/* serial: a until, b revoked */
	struct map requests;		/* number: a asked, b decided */
	struct map members;		/* name: a 1 while one */
	struct map domains;		/* name: a 1 while proven */
	struct map alarms;		/* kind and object: a raised, while open */
	struct map marks;		/* revocation asked for, last CRL of an issuer */
	struct waits decision, effect;
	int64_t issued, renewed, revoked, n_refused, n_withdrawn;
	int64_t joined, left_by, crls, gap;
	int64_t late[2];
	struct money_facts money;
	struct fee_term_page terms;
	struct budget_page budgets;
	int64_t *issued_at;		/* of the quarter, for the fees */
	size_t n_issued_at, room_issued_at;
	int64_t erased;
	uint8_t sha256[32];
	bool submitted;
	char q[QUARTER_SIZE];
};

/* One entry. */
struct entry {
	int64_t number, at;
	char action[48], noun[24], object[96], outcome[16], detail[1025];
	bool done, open;		/* open: its detail was not erased */
};

static bool
is(const struct entry *n, const char *action)
{
	return n->done && strcmp(n->action, action) == 0;
}

static bool
within(const struct walk *w, int64_t at)
{
	return at >= w->p->from && at < w->p->until;
}

/* ---- certificates and requests ---- */

/* The facts stand last in the detail, after what an operator may have
 * written. */
static bool
issue_facts(const struct entry *n, int64_t v[5], int64_t *request)
{
	const char *at = NULL;
	long long a[5], number;

	for (const char *p = n->detail; (p = strstr(p, ", renewal ")) != NULL;
	    p++)
		at = p;
	if (at == NULL || sscanf(n->detail, "request %lld,", &number) != 1 ||
	    sscanf(at, ", renewal %lld, asked %lld, decided %lld,"
	    " issued %lld, until %lld", &a[0], &a[1], &a[2], &a[3], &a[4]) !=
	    5)
		return false;
	for (int i = 0; i < 5; i++)
		v[i] = a[i];
	*request = number;
	return true;
}

static void
issued_keep(struct walk *w, int64_t at)
{
	if (w->n_issued_at == w->room_issued_at) {
		w->room_issued_at = w->room_issued_at ?
		    w->room_issued_at * 2 : 1024;
		w->issued_at = xrealloc_array(w->issued_at,
		    w->room_issued_at, sizeof *w->issued_at);
	}
	w->issued_at[w->n_issued_at++] = at;
}

static uint64_t
number_key(int64_t number)
{
	return (uint64_t)number * UINT64_C(0x9e3779b97f4a7c15);
}

static void
issue_take(struct walk *w, const struct entry *n)
{
	int64_t v[5], request;
	struct slot *s = NULL;

	if (!issue_facts(n, v, &request)) {
		w->erased++;
		return;
	}
	s = map_put(&w->certificates, key_of("serial", n->object,
	    strlen(n->object)));
	s->a = v[4];
	if (v[3] >= w->p->until)
		s->a = 0;		/* not yet, at the end of this quarter */
	if (within(w, v[3])) {
		w->issued++;
		w->renewed += v[0] != 0;
		issued_keep(w, v[3]);
	}
	s = map_put(&w->requests, number_key(request));
	s->a = v[1];
	s->b = v[2];
	if (within(w, v[2]))
		waits_add(&w->decision, v[2] - v[1]);
}

static void
revoked_take(struct walk *w, const struct entry *n)
{
	struct slot *s = map_find(&w->certificates, key_of("serial",
	    n->object, strlen(n->object)));
	struct slot *asked = map_find(&w->marks, key_of("revoke", n->object,
	    strlen(n->object)));
	long long at = 0;
	char reason[32] = "";
	const char *from = strstr(n->detail, ", at ");

	if (s == NULL || sscanf(n->detail, "reason %31[A-Za-z]", reason) !=
	    1 || word_parse(&reason_words, reason) < 0 || from == NULL ||
	    sscanf(from, ", at %lld", &at) != 1) {
		w->erased++;
		return;
	}
	s->b = at;
	if (!within(w, at))
		return;
	w->revoked++;
	figure_of(w->f, "", "revoked.%s", reason)->value++;
	waits_add(&w->effect, asked == NULL ? 0 : at - asked->a);
}

static void
request_take(struct walk *w, const struct entry *n)
{
	int64_t number = 0;
	struct slot *s = NULL;
	bool refused = is(n, "request.refuse") ||
	    (strcmp(n->action, "certificate.issue") == 0 && !n->done);

	if (!number_parse(n->object, INT64_MAX, &number))
		return;
	s = map_put(&w->requests, number_key(number));
	if (is(n, "request.submit")) {
		s->a = n->at;
		if (strstr(n->detail, ", decided at once") != NULL)
			s->b = n->at;
	} else if (is(n, "request.approve")) {
		if (strstr(n->detail, ", the last one") != NULL)
			s->b = n->at;
	} else if (refused || is(n, "request.withdraw")) {
		s->b = n->at;
		if (!within(w, n->at))
			return;
		w->n_refused += refused;
		w->n_withdrawn += !refused;
		if (refused)
			waits_add(&w->decision, n->at - s->a);
	}
}

static void
certificate_take(struct walk *w, const struct entry *n)
{
	if (is(n, "certificate.issue"))
		issue_take(w, n);
	else if (is(n, "revocation.request"))
		map_put(&w->marks, key_of("revoke", n->object,
		    strlen(n->object)))->a = n->at;
	else if (is(n, "revocation.effective"))
		revoked_take(w, n);
}

/* ---- people and domains ---- */

static void
account_take(struct walk *w, const struct entry *n)
{
	bool in = is(n, "account.confirm") || is(n, "account.add");
	struct slot *s = NULL;

	if (n->at >= w->p->until || (!in && !is(n, "account.close")))
		return;
	s = map_put(&w->members, key_of("account", n->object,
	    strlen(n->object)));
	if (s->a == in)
		return;
	s->a = in;
	if (within(w, n->at)) {
		w->joined += in;
		w->left_by += !in;
	}
}

static void
domain_take(struct walk *w, const struct entry *n)
{
	bool in = is(n, "domain.confirm") || is(n, "domain.settle");

	if (n->at < w->p->until && (in || is(n, "domain.lapse") ||
	    is(n, "domain.end")))
		map_put(&w->domains, key_of("domain", n->object,
		    strlen(n->object)))->a = in;
}

/* ---- CRLs, alarms, experience ---- */

static void
issuer_take(struct walk *w, const struct entry *n)
{
	struct slot *s = NULL;

	if (!is(n, "crl.publish") || !within(w, n->at))
		return;
	s = map_put(&w->marks, key_of("crl", n->object, strlen(n->object)));
	if (s->a != 0 && n->at - s->a > w->gap)
		w->gap = n->at - s->a;
	s->a = n->at;
	w->crls++;
}

/* Which of the two kinds whose time counts; -1: another. */
static int
late_kind(const char *kind)
{
	return strcmp(kind, word_of(&alarm_kind_words, ALARM_LATE_CRL)) == 0 ?
	    0 : strcmp(kind, word_of(&alarm_kind_words,
	    ALARM_STALE_ANSWERS)) == 0 ? 1 : -1;
}

static void
late_add(struct walk *w, int which, int64_t raised, int64_t over)
{
	raised = raised < w->p->from ? w->p->from : raised;
	over = over > w->p->until ? w->p->until : over;
	if (over > raised)
		w->late[which] += over - raised;
}

static void
alarm_take(struct walk *w, const struct entry *n)
{
	const char *colon = strchr(n->detail, ':');
	char kind[160];
	struct slot *s = NULL;
	int which = late_kind(n->object);

	snprintf(kind, sizeof kind, "%s %.*s", n->object, colon == NULL ? 0 :
	    (int)(colon - n->detail > 96 ? 96 : colon - n->detail),
	    n->detail);
	if (strcmp(n->action, "alarm.raise") == 0) {
		if (within(w, n->at))
			figure_of(w->f, "", "alarms.%.50s",
			    n->object)->value++;
		s = map_put(&w->alarms, key_of("alarm", kind, strlen(kind)));
		s->a = n->at;
		s->b = which + 1;
	} else if (is(n, "alarm.over") && which >= 0 && (s = map_find(
	    &w->alarms, key_of("alarm", kind, strlen(kind)))) != NULL &&
	    s->a != 0) {
		late_add(w, which, s->a, n->at);
		s->a = 0;
	}
}

/* ---- money ---- */

static struct ledger_sum *
sum_of(struct ledger_sum **sums, size_t *n, const char *currency)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp((*sums)[i].currency, currency) == 0)
			return &(*sums)[i];
	*sums = list_grow(*sums, n, sizeof **sums);
	str_copy((*sums)[*n - 1].currency, sizeof (*sums)->currency,
	    currency);
	return &(*sums)[*n - 1];
}

static void
sum_add(struct ledger_sum *s, int kind, int64_t v)
{
	if (kind == LEDGER_INCOME)
		s->income += v;
	else if (kind == LEDGER_FIXED)
		s->fixed += v;
	else if (kind == LEDGER_PER_CERTIFICATE)
		s->per_certificate += v;
	else
		s->one_off += v;
	s->costs = s->fixed + s->per_certificate + s->one_off;
}

static void
ledger_take(struct walk *w, const struct entry *n)
{
	long long number, amount;
	char kind[24], currency[4], day[16];
	int64_t date, year = year_begin(w->p->quarter / 4);
	int k;

	if (!n->done || strchr(n->action, '.') == NULL)
		return;
	if (sscanf(n->object, "%lld %23[a-z-] %lld %3[A-Z] %10[0-9-]",
	    &number, kind, &amount, currency, day) != 5 ||
	    (k = word_parse(&ledger_kind_words, kind)) < 0 ||
	    time_parse(day, &date) < 0) {
		w->erased++;
		return;
	}
	if (date >= w->p->until)
		return;
	if (k == LEDGER_INCOME)
		money_of(&w->money.balances, &w->money.n_balances,
		    currency)->amount += amount;
	else
		money_of(&w->money.balances, &w->money.n_balances,
		    currency)->amount -= amount;
	if (date >= year)
		sum_add(sum_of(&w->money.year, &w->money.n_year, currency),
		    k, amount);
	if (date < w->p->from)
		return;
	sum_add(sum_of(&w->money.sums, &w->money.n_sums, currency), k,
	    amount);
	figure_of(w->f, currency, "ledger.%06lld", number)->value = amount;
}

static void
fee_take(struct walk *w, const struct entry *n)
{
	long long number, amount;
	char currency[4], day[16];
	struct fee_term *t = NULL;
	int64_t since;

	if (!is(n, "cost.terms") || sscanf(n->object,
	    "%lld %lld %3[A-Z] %10[0-9-]", &number, &amount, currency, day) !=
	    4 || time_parse(day, &since) < 0)
		return;
	for (size_t i = 0; i < w->terms.n_rows && t == NULL; i++)
		if (w->terms.rows[i].since == since)
			t = &w->terms.rows[i];
	if (t == NULL)
		t = LIST_ADD(&w->terms, rows);
	t->since = since;
	t->amount = amount;
	str_copy(t->currency, sizeof t->currency, currency);
}

static void
budget_take(struct walk *w, const struct entry *n)
{
	long long year, amount;
	char currency[4];
	struct budget *b = NULL;

	if (!is(n, "budget.set") || sscanf(n->object, "%lld %lld %3[A-Z]",
	    &year, &amount, currency) != 3 || year != w->p->quarter / 4)
		return;
	for (size_t i = 0; i < w->budgets.n_rows && b == NULL; i++)
		if (strcmp(w->budgets.rows[i].currency, currency) == 0)
			b = &w->budgets.rows[i];
	if (b == NULL)
		b = LIST_ADD(&w->budgets, rows);
	b->amount = amount;
	str_copy(b->currency, sizeof b->currency, currency);
}

/* ---- the walk ---- */

static void
report_take(struct walk *w, const struct entry *n)
{
	if (is(n, "report.submit") && strncmp(n->object, w->q, 6) == 0 &&
	    n->object[6] == '-' &&
	    hex_decode(w->sha256, 32, n->object + 7) == 32)
		w->submitted = true;
}

static void
entry_take(struct walk *w, const struct entry *n)
{
	static const struct {
		const char *noun;
		void (*take)(struct walk *w, const struct entry *n);
	} rows[] = {
		{ "certificate", certificate_take },
		{ "request", request_take }, { "domain", domain_take },
		{ "account", account_take }, { "issuer", issuer_take },
		{ "alarm", alarm_take }, { "cost", ledger_take },
		{ "income", ledger_take }, { "fee", fee_take },
		{ "budget", budget_take }, { "report", report_take },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(n->noun, rows[i].noun) == 0) {
			rows[i].take(w, n);
			return;
		}
	if (!within(w, n->at))
		return;
	if (strcmp(n->noun, "rule") == 0)
		figure_of(w->f, "", "refused.%.50s", n->object)->value++;
	else
		figure_of(w->f, "", "mailbox.%.40s.%s", n->object,
		    strcmp(n->action, "proof.done") == 0 ? "proved" :
		    "sent")->value++;
}

static void
entry_read(struct query *q, struct entry *n)
{
	n->number = q_col_i64(q, 0);
	n->at = q_col_i64(q, 1);
	q_col_str(q, 2, n->action, sizeof n->action);
	q_col_str(q, 3, n->noun, sizeof n->noun);
	q_col_str(q, 4, n->object, sizeof n->object);
	q_col_str(q, 5, n->outcome, sizeof n->outcome);
	n->done = strcmp(n->outcome, "done") == 0;
	n->open = !q_col_null(q, 6);
	n->detail[0] = '\0';
	if (n->open)
		q_col_str(q, 6, n->detail, sizeof n->detail);
}

static int
by_since(const void *a, const void *b)
{
	int64_t x = ((const struct fee_term *)a)->since;
	int64_t y = ((const struct fee_term *)b)->since;

	return x < y ? -1 : x > y;
}

static void
fees_sum(struct walk *w)
{
	struct fee_term *t = w->terms.rows;
	size_t n = w->terms.n_rows;

	if (n > 1)
		qsort(t, n, sizeof *t, by_since);
	for (size_t i = 0; i < n; i++) {
		int64_t end = i + 1 < n ? t[i + 1].since : INT64_MAX, many = 0;

		if (t[i].since >= w->p->until || end <= w->p->from)
			continue;
		for (size_t k = 0; k < w->n_issued_at; k++)
			many += w->issued_at[k] >= t[i].since &&
			    w->issued_at[k] < end;
		money_of(&w->money.fees, &w->money.n_fees,
		    t[i].currency)->amount += many * t[i].amount;
	}
}

static void
money_sum(struct walk *w)
{
	fees_sum(w);
	w->money.issued = w->issued;
	w->money.budgets = w->budgets.rows;
	w->money.n_budgets = w->budgets.n_rows;
	w->budgets = (struct budget_page){ 0 };
	for (size_t i = 0; i < w->money.n_budgets; i++)
		for (size_t k = 0; k < w->money.n_year; k++)
			if (strcmp(w->money.year[k].currency,
			    w->money.budgets[i].currency) == 0)
				w->money.budgets[i].spent =
				    w->money.year[k].costs;
	money_figures(&w->money, w->f);
}

static int64_t
still(const struct map *m)
{
	int64_t n = 0;

	for (size_t i = 0; i < m->room; i++)
		n += m->slots[i].used && m->slots[i].a == 1;
	return n;
}

static void
certificates_sum(struct walk *w)
{
	const struct period *p = w->p;
	int64_t active = 0, expired = 0;

	for (size_t i = 0; i < w->certificates.room; i++) {
		const struct slot *s = &w->certificates.slots[i];

		if (!s->used || s->a == 0)
			continue;
		active += s->a >= p->until && (s->b == 0 || s->b >= p->until);
		expired += within(w, s->a) && (s->b == 0 || s->b > s->a);
	}
	figure_of(w->f, "", "issued")->value = w->issued;
	figure_of(w->f, "", "issued.new")->value = w->issued - w->renewed;
	figure_of(w->f, "", "issued.renewed")->value = w->renewed;
	figure_of(w->f, "", "active")->value = active;
	figure_of(w->f, "", "expired")->value = expired;
	figure_of(w->f, "", "revoked")->value = w->revoked;
}

static void
walk_sum(struct walk *w)
{
	int64_t pending = 0;

	certificates_sum(w);
	for (size_t i = 0; i < w->requests.room; i++) {
		const struct slot *s = &w->requests.slots[i];

		pending += s->used && s->a != 0 && s->a < w->p->until &&
		    (s->b == 0 || s->b >= w->p->until);
	}
	for (size_t i = 0; i < w->alarms.room; i++) {
		const struct slot *s = &w->alarms.slots[i];

		if (s->used && s->a != 0 && s->b > 0)
			late_add(w, (int)s->b - 1, s->a, w->p->until);
	}
	figure_of(w->f, "", "members")->value = still(&w->members);
	figure_of(w->f, "", "members.joined")->value = w->joined;
	figure_of(w->f, "", "members.left")->value = w->left_by;
	figure_of(w->f, "", "domains")->value = still(&w->domains);
	figure_of(w->f, "", "requests.refused")->value = w->n_refused;
	figure_of(w->f, "", "requests.withdrawn")->value = w->n_withdrawn;
	figure_of(w->f, "", "pending")->value = pending;
	waits_figures(&w->decision, w->f, "service.decision");
	waits_figures(&w->effect, w->f, "service.revocation");
	figure_of(w->f, "", "service.crl.published")->value = w->crls;
	figure_of(w->f, "s", "service.crl.longest-gap")->value = w->gap;
	figure_of(w->f, "s", "service.crl.late")->value = w->late[0];
	figure_of(w->f, "s", "service.answers.late")->value = w->late[1];
	money_sum(w);
	figures_sort(w->f);
}

static void
walk_clear(struct walk *w)
{
	free(w->certificates.slots);
	free(w->requests.slots);
	free(w->members.slots);
	free(w->domains.slots);
	free(w->alarms.slots);
	free(w->marks.slots);
	free(w->decision.seconds);
	free(w->effect.seconds);
	free(w->issued_at);
	NOUN_CLEAR(fee_term_page, &w->terms);
	NOUN_CLEAR(budget_page, &w->budgets);
	money_facts_clear(&w->money);
}

int
figures_of_log(const struct period *p, struct figures *f, int64_t *entries,
    int64_t *erased, uint8_t submitted[32], struct err *e)
{
	struct walk w = { .p = p, .f = f };
	struct entry *n = xcalloc(1, sizeof *n);
	struct query *q = db_query(report_log_prepared[Q_LAST]);
	int have;

	quarter_text(w.q, p->quarter);
	if ((have = q_next(q, e)) == 1)
		*entries = q_col_i64(q, 0);
	q_end(q);
	if (have >= 0) {
		q = db_query(report_log_prepared[Q_ENTRIES]);
		while (!w.submitted && (have = q_next(q, e)) == 1) {
			entry_read(q, n);
			entry_take(&w, n);
		}
		q_end(q);
	}
	if (have >= 0)
		walk_sum(&w);
	*erased = w.erased;
	memcpy(submitted, w.sha256, 32);
	free(n);
	walk_clear(&w);
	return have < 0 ? -1 : 0;
}
