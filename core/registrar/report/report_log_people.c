/* report_log_people.c - members, domains, CRLs, alarms, refusals and mailboxes
 * as the log has them. */
#include "core/registrar/report/report_log.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

void
account_take(struct walk *w, const struct entry *n)
{
	bool in = entry_is(n, "account.confirm") || entry_is(n, "account.add");
	struct slot *s = NULL;

	if (n->at >= w->p->until || (!in && !entry_is(n, "account.close")))
		return;
	s = map_put(&w->members, object_key("account", n));
	if (s->a == in)
		return;
	s->a = in;
	if (walk_within(w, n->at)) {
		w->joined += in;
		w->left_by += !in;
	}
}

void
domain_take(struct walk *w, const struct entry *n)
{
	bool in = entry_is(n, "domain.confirm") || entry_is(n, "domain.settle");

	if (n->at < w->p->until && (in || entry_is(n, "domain.lapse") ||
	    entry_is(n, "domain.end")))
		map_put(&w->domains, object_key("domain", n))->a = in;
}

/* ---- CRLs, alarms, experience ---- */

void
issuer_take(struct walk *w, const struct entry *n)
{
	struct slot *s = NULL;

	if (!entry_is(n, "crl.publish") || !walk_within(w, n->at))
		return;
	s = map_put(&w->marks, object_key("crl", n));
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

void
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
		if (walk_within(w, n->at))
			figure_of(w->f, "", "alarms.%.50s",
			    n->object)->value++;
		s = map_put(&w->alarms, map_key("alarm", kind, strlen(kind)));
		s->a = n->at;
		s->b = which + 1;
	} else if (entry_is(n, "alarm.over") && which >= 0 && (s = map_find(
	    &w->alarms, map_key("alarm", kind, strlen(kind)))) != NULL &&
	    s->a != 0) {
		late_add(w, which, s->a, n->at);
		s->a = 0;
	}
}

void
rule_take(struct walk *w, const struct entry *n)
{
	if (walk_within(w, n->at))
		figure_of(w->f, "", "refused.%.50s", n->object)->value++;
}

void
mailbox_take(struct walk *w, const struct entry *n)
{
	if (walk_within(w, n->at))
		figure_of(w->f, "", "mailbox.%.40s.%s", n->object,
		    strcmp(n->action, "proof.done") == 0 ? "proved" :
		    "sent")->value++;
}

static int64_t
still(const struct map *m)
{
	int64_t n = 0;

	for (size_t i = 0; i < m->room; i++)
		n += m->slots[i].used && m->slots[i].a == 1;
	return n;
}

void
people_sum(struct walk *w)
{
	for (size_t i = 0; i < w->alarms.room; i++) {
		const struct slot *s = &w->alarms.slots[i];

		if (s->used && s->a != 0 && s->b > 0)
			late_add(w, (int)s->b - 1, s->a, w->p->until);
	}
	figure_of(w->f, "", "members")->value = still(&w->members);
	figure_of(w->f, "", "members.joined")->value = w->joined;
	figure_of(w->f, "", "members.left")->value = w->left_by;
	figure_of(w->f, "", "domains")->value = still(&w->domains);
	figure_of(w->f, "", "service.crl.published")->value = w->crls;
	figure_of(w->f, "s", "service.crl.longest-gap")->value = w->gap;
	figure_of(w->f, "s", "service.crl.late")->value = w->late[0];
	figure_of(w->f, "s", "service.answers.late")->value = w->late[1];
}
