/* view_home_waits.c - what waits for the word of staff, or of the director. */
#include "console/view_home.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

#define SHOWN 20			/* of each kind looked at */

struct waits {
	struct ui *ui;
	struct pager *page;
	const char *first;		/* view of the first */
};

static void __attribute__((format(printf, 4, 5)))
wait_add(struct waits *w, const char *label, const char *view,
    const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (w->first == NULL) {
		pager_head(w->page, "Waits for you");
		w->first = view;
	}
	pager_field(w->page, label, LOOK_WARN, "%s", text);
}

static bool
is_me(const struct waits *w, const char *name)
{
	return strcmp(name, w->ui->me.account.name) == 0;
}

static void
conflicts(struct waits *w)
{
	struct wish wish = { .limit = 1 };
	struct conflict_page page = { 0 };

	if (op_allows(OP_domain_settle, ui_role(w->ui)) &&
	    ask_conflict_list(w->ui->line, &wish, &page, NULL) == 0 &&
	    page.n_rows > 0)
		wait_add(w, "conflicts", "conflicts",
		    "%s%s: proven by two members, one of them has to have it",
		    page.rows[0].domain, page.more ? " and others" : "");
	NOUN_CLEAR(conflict_page, &page);
}

static void
plans(struct waits *w)
{
	struct wish wish = { .limit = SHOWN };
	struct revocation_plan_page page = { 0 };

	str_copy(wish.state, sizeof wish.state, word_of(&plan_state_words,
	    PLAN_WAITING));
	if (op_allows(OP_revocation_plan_confirm, ui_role(w->ui)) &&
	    ask_revocation_plan_list(w->ui->line, &wish, &page, NULL) == 0)
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct revocation_plan *p = &page.rows[i];

			if (p->state == PLAN_WAITING && !is_me(w, p->by))
				wait_add(w, "revocations", "plans",
				    "plan %lld of %s to revoke %lld certificate%s wants a second person",
				    (long long)p->number, p->by,
				    (long long)p->total,
				    home_plural(p->total));
		}
	NOUN_CLEAR(revocation_plan_page, &page);
}

static void
recoveries(struct waits *w)
{
	struct wish wish = { .limit = SHOWN };
	struct recovery_page page = { 0 };

	str_copy(wish.state, sizeof wish.state, word_of(&recovery_state_words,
	    RECOVERY_WAITING));
	if (op_allows(OP_recovery_approve, ui_role(w->ui)) &&
	    ask_recovery_list(w->ui->line, &wish, &page, NULL) == 0)
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct recovery *r = &page.rows[i];

			if (r->state == RECOVERY_WAITING &&
			    r->needs_approval && r->approved == 0 &&
			    !is_me(w, r->account))
				wait_add(w, "recoveries", "recoveries",
				    "%s lost the key; another person must say that it is %s",
				    r->account, r->account);
		}
	NOUN_CLEAR(recovery_page, &page);
}

static void
grants(struct waits *w)
{
	struct wish wish = { .limit = SHOWN };
	struct role_grant_page page = { 0 };

	str_copy(wish.state, sizeof wish.state, word_of(&grant_state_words,
	    GRANT_WAITING));
	if (op_allows(OP_role_grant_confirm, ui_role(w->ui)) &&
	    ask_role_grant_list(w->ui->line, &wish, &page, NULL) == 0)
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct role_grant *g = &page.rows[i];

			if (g->state == GRANT_WAITING &&
			    !is_me(w, g->asked_by) && !is_me(w, g->account))
				wait_add(w, "roles", "roles",
				    "%s asks the role %s for %s", g->asked_by,
				    word_of(&role_words, g->role),
				    g->account);
		}
	NOUN_CLEAR(role_grant_page, &page);
}

static void
issuers(struct waits *w)
{
	struct wish wish = { .limit = SHOWN };
	struct issuer_wish_page page = { 0 };

	str_copy(wish.state, sizeof wish.state,
	    word_of(&issuer_wish_state_words, ISSUER_WISH_WAITING));
	if (op_allows(OP_issuer_confirm, ui_role(w->ui)) &&
	    ask_issuer_wishes(w->ui->line, &wish, &page, NULL) == 0)
		for (size_t i = 0; i < page.n_rows; i++)
			if (page.rows[i].state == ISSUER_WISH_WAITING)
				wait_add(w, "issuers", "issuers",
				    "the operator asks: %s %s",
				    page.rows[i].deed, page.rows[i].issuer);
	NOUN_CLEAR(issuer_wish_page, &page);
}

static void
policy(struct waits *w)
{
	struct policy_state s = { 0 };
	struct none none = { 0 };

	if (op_allows(OP_policy_acknowledge, ui_role(w->ui)) &&
	    ask_policy_get(w->ui->line, &none, &s, NULL) == 0 &&
	    s.acknowledged == 0)
		wait_add(w, "policy", "policy",
		    "version %s was not acknowledged yet%s", s.version,
		    s.needed ? "; nothing is issued before that" : "");
	NOUN_CLEAR(policy_state, &s);
}

const char *
home_waits_add(struct ui *ui, struct pager *p)
{
	struct waits w = { ui, p, NULL };

	if (!home_reader(ui))
		return NULL;
	conflicts(&w);
	plans(&w);
	recoveries(&w);
	grants(&w);
	issuers(&w);
	policy(&w);
	return w.first;
}
