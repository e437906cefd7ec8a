/* view_home_steps.c - what a member does next: prove, request, install. */
#include "console/view_home.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

static enum step
step_now(const struct ui *ui)
{
	const struct whoami *me = &ui->me;

	if (!home_owner(ui))
		return STEP_NONE;
	if (ui_role(ui) != ROLE_MEMBER && me->account.domains == 0)
		return STEP_NONE;	/* staff come for the queue */
	if (strcmp(me->account.agreement, me->agreement_current) != 0)
		return STEP_AGREEMENT;
	if (me->account.domains == 0)
		return STEP_DOMAIN;
	if (me->account.certificates > 0)
		return STEP_INSTALL;
	if (!home_reader(ui) && me->waiting > 0)
		return STEP_WAIT;
	return STEP_REQUEST;
}

static void
next_is(struct home_step *s, const char *view, bool tab)
{
	str_copy(s->view, sizeof s->view, view);
	s->tab = tab;
}

/* A domain that was begun stands before a new one. */
static void
domain_find(struct ui *ui, struct home_step *s)
{
	struct wish w = { .limit = 1 };
	struct domain_page page = { 0 };

	str_copy(w.state, sizeof w.state, word_of(&domain_state_words,
	    DOMAIN_CLAIMED));
	if (ask_domain_list(ui->line, &w, &page, NULL) == 0 &&
	    page.n_rows > 0) {
		next_is(s, "domain", false);
		str_copy(s->ref, sizeof s->ref, page.rows[0].name);
		snprintf(s->says, sizeof s->says, "%s waits for its proof",
		    page.rows[0].name);
	}
	NOUN_CLEAR(domain_page, &page);
}

static void
request_find(struct ui *ui, struct home_step *s)
{
	struct wish w = { .limit = 1 };
	struct request_page page = { 0 };

	if (ask_request_list(ui->line, &w, &page, NULL) == 0 &&
	    page.n_rows > 0) {
		next_is(s, "request", false);
		snprintf(s->ref, sizeof s->ref, "%lld",
		    (long long)page.rows[0].number);
		snprintf(s->says, sizeof s->says, "%lld for %s is %s",
		    (long long)page.rows[0].number, page.rows[0].first,
		    word_of(&request_state_words, page.rows[0].state));
	}
	NOUN_CLEAR(request_page, &page);
}

/* Of several the list, of one the lines for its server. */
static void
certificate_find(struct ui *ui, struct home_step *s)
{
	struct wish w = { .limit = 1 };
	struct request_page page = { 0 };

	str_copy(w.state, sizeof w.state, word_of(&certificate_state_words,
	    CERTIFICATE_GOOD));
	if (!home_reader(ui) && ui->me.account.certificates == 1 &&
	    ask_certificate_list(ui->line, &w, &page, NULL) == 0 &&
	    page.n_rows > 0) {
		next_is(s, "certificate", false);
		snprintf(s->ref, sizeof s->ref, "%lld",
		    (long long)page.rows[0].number);
		snprintf(s->says, sizeof s->says,
		    "Enter shows how, for %s", page.rows[0].first);
	}
	NOUN_CLEAR(request_page, &page);
}

void
home_step_find(struct ui *ui, struct home_step *s)
{
	memset(s, 0, sizeof *s);
	s->step = step_now(ui);
	switch (s->step) {
	case STEP_AGREEMENT: next_is(s, "agreement", false); break;
	case STEP_DOMAIN:
		next_is(s, "domains", true);
		domain_find(ui, s);
		break;
	case STEP_REQUEST: next_is(s, "request_new", false); break;
	case STEP_WAIT:
		next_is(s, "requests", true);
		request_find(ui, s);
		break;
	case STEP_INSTALL:
		next_is(s, "certificates", true);
		certificate_find(ui, s);
		break;
	case STEP_NONE: break;
	}
}

static void
step_add(struct pager *p, int number, const char *what, bool done, bool now,
    const char *how)
{
	char mark[32];

	snprintf(mark, sizeof mark, "%s %d", sign(done ? SIGN_DONE : now ?
	    SIGN_NOW : SIGN_LATER), number);
	pager_item(p, mark, done ? LOOK_GOOD : now ? LOOK_STRONG : LOOK_DIM,
	    "%-23s %s", what, how);
}

void
home_steps_add(const struct ui *ui, struct pager *p,
    const struct home_step *s)
{
	const struct account *a = &ui->me.account;
	char how[400];

	pager_head(p, "What to do next");
	snprintf(how, sizeof how, "done: %lld domain%s proven",
	    (long long)a->domains, home_plural(a->domains));
	step_add(p, 1, "Prove a domain", a->domains > 0,
	    s->step == STEP_DOMAIN, a->domains > 0 ? how :
	    s->step == STEP_DOMAIN && s->says[0] ? s->says :
	    "a code by mail, or a record in the DNS");
	if (a->certificates > 0)
		snprintf(how, sizeof how, "done: %lld certificate%s good now",
		    (long long)a->certificates, home_plural(a->certificates));
	else
		snprintf(how, sizeof how, "%s", s->step == STEP_WAIT &&
		    s->says[0] ? s->says : "paste a CSR made on your server");
	step_add(p, 2, "Request a certificate", a->certificates > 0,
	    s->step == STEP_REQUEST || s->step == STEP_WAIT, how);
	step_add(p, 3, "Install it", false, s->step == STEP_INSTALL,
	    s->step == STEP_INSTALL && s->says[0] ? s->says :
	    "fetch the chain, put it on your server, reload");
}
