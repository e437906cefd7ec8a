/* report_log_issue.c - certificates and requests as the log has them. */
#include "core/registrar/report/report_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define FACTS_MOST 160		/* bytes of them, at the end of a detail */

/* Takes LABEL and the digits behind it. */
static bool
fact_take(const char **at, const char *label, int64_t *v)
{
	size_t n = strlen(label);
	const char *p = *at + n;
	int64_t value = 0;

	if (strncmp(*at, label, n) != 0 || *p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (value > (INT64_MAX - 9) / 10)
			return false;
		value = value * 10 + (*p - '0');
	}
	*v = value;
	*at = p;
	return true;
}

/* The facts stand last in the detail, after what an operator may have
 * written. */
static bool
issue_facts(const struct entry *n, int64_t v[5], int64_t *request)
{
	static const char *const labels[] = { ", renewal ", ", asked ",
		", decided ", ", issued ", ", until " };
	const char *end = n->detail + n->detail_size, *at = end;
	const char *head = n->detail;

	while (at > n->detail && end - at < FACTS_MOST &&
	    strncmp(at, labels[0], 10) != 0)
		at--;
	if (!fact_take(&head, "request ", request) || *head != ',')
		return false;
	for (int i = 0; i < 5; i++)
		if (!fact_take(&at, labels[i], &v[i]))
			return false;
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

static void
issue_take(struct walk *w, const struct entry *n)
{
	int64_t v[5], request;
	struct slot *s = NULL;

	if (!issue_facts(n, v, &request)) {
		w->erased++;
		return;
	}
	s = map_put(&w->certificates, object_key("serial", n));
	s->a = v[4];
	if (v[3] >= w->p->until)
		s->a = 0;		/* not yet, at the end of this quarter */
	if (walk_within(w, v[3])) {
		w->issued++;
		w->renewed += v[0] != 0;
		issued_keep(w, v[3]);
	}
	s = map_put(&w->requests, map_key_of(request));
	s->a = v[1];
	s->b = v[2];
	if (walk_within(w, v[2]))
		waits_add(&w->decision, v[2] - v[1]);
}

static void
revoked_take(struct walk *w, const struct entry *n)
{
	struct slot *s = map_find(&w->certificates, object_key("serial", n));
	struct slot *asked = map_find(&w->marks, object_key("revoke", n));
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
	if (!walk_within(w, at))
		return;
	w->revoked++;
	figure_of(w->f, "", "revoked.%s", reason)->value++;
	waits_add(&w->effect, asked == NULL ? 0 : at - asked->a);
}

void
request_take(struct walk *w, const struct entry *n)
{
	int64_t number = 0;
	struct slot *s = NULL;
	bool refused = entry_is(n, "request.refuse") ||
	    (strcmp(n->action, "certificate.issue") == 0 && !n->done);

	if (!number_parse(n->object, INT64_MAX, &number))
		return;
	s = map_put(&w->requests, map_key_of(number));
	if (entry_is(n, "request.submit")) {
		s->a = n->at;
		if (strstr(n->detail, ", decided at once") != NULL)
			s->b = n->at;
	} else if (entry_is(n, "request.approve")) {
		if (strstr(n->detail, ", the last one") != NULL)
			s->b = n->at;
	} else if (refused || entry_is(n, "request.withdraw")) {
		s->b = n->at;
		if (!walk_within(w, n->at))
			return;
		w->n_refused += refused;
		w->n_withdrawn += !refused;
		if (refused)
			waits_add(&w->decision, n->at - s->a);
	}
}

void
certificate_take(struct walk *w, const struct entry *n)
{
	if (entry_is(n, "certificate.issue"))
		issue_take(w, n);
	else if (entry_is(n, "revocation.request"))
		map_put(&w->marks, object_key("revoke", n))->a = n->at;
	else if (entry_is(n, "revocation.effective"))
		revoked_take(w, n);
}

/* ---- sums ---- */

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
		expired += walk_within(w, s->a) && (s->b == 0 || s->b > s->a);
	}
	figure_of(w->f, "", "issued")->value = w->issued;
	figure_of(w->f, "", "issued.new")->value = w->issued - w->renewed;
	figure_of(w->f, "", "issued.renewed")->value = w->renewed;
	figure_of(w->f, "", "active")->value = active;
	figure_of(w->f, "", "expired")->value = expired;
	figure_of(w->f, "", "revoked")->value = w->revoked;
}

void
issue_sum(struct walk *w)
{
	int64_t pending = 0;

	certificates_sum(w);
	for (size_t i = 0; i < w->requests.room; i++) {
		const struct slot *s = &w->requests.slots[i];

		pending += s->used && s->a != 0 && s->a < w->p->until &&
		    (s->b == 0 || s->b >= w->p->until);
	}
	figure_of(w->f, "", "requests.refused")->value = w->n_refused;
	figure_of(w->f, "", "requests.withdrawn")->value = w->n_withdrawn;
	figure_of(w->f, "", "pending")->value = pending;
	waits_figures(&w->decision, w->f, "service.decision");
	waits_figures(&w->effect, w->f, "service.revocation");
}
