/* view_home.c - where one stands, and what to do next. */
#include "console/view_home.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"

struct state {
	struct pager page;		/* must stand first */
	struct home_step next;
	const char *waits;		/* the view of what waits first; NULL nothing */
};

bool
home_owner(const struct ui *ui)
{
	return (OWNERS & ROLE_BIT(ui_role(ui))) != 0;
}

bool
home_reader(const struct ui *ui)
{
	return (READERS & ROLE_BIT(ui_role(ui))) != 0;
}

const char *
home_plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static void
glance_add(const struct ui *ui, struct state *st)
{
	const struct whoami *me = &ui->me;
	const struct account *a = &me->account;
	struct pager *p = &st->page;
	char when[WHEN_SIZE];

	pager_head(p, "At a glance");
	if (me->halted[0] != '\0')
		pager_field(p, "not issued", LOOK_BAD, "%s", me->halted);
	if (me->alarms > 0)
		pager_field(p, "alarms", LOOK_BAD, "%lld open; a shows %s",
		    (long long)me->alarms, me->alarms == 1 ? "it" : "them");
	if (me->revoked_unseen > 0)
		pager_field(p, "revoked", LOOK_BAD,
		    "%lld certificate%s since you were told last; see Certificates",
		    (long long)me->revoked_unseen,
		    home_plural(me->revoked_unseen));
	if (me->expiring > 0)
		pager_field(p, "expiring", LOOK_WARN,
		    "%lld certificate%s with less than 30 days left%s",
		    (long long)me->expiring, home_plural(me->expiring),
		    home_reader(ui) ? "" : me->expiring == 1 ?
		    ": renew it, e shows it" : ": renew them, e shows them");
	if (home_reader(ui))
		pager_field(p, "queue", me->waiting > 0 ? LOOK_WARN :
		    LOOK_PLAIN, "%lld request%s a decision",
		    (long long)me->waiting,
		    me->waiting == 1 ? " waits for" : "s wait for");
	if (home_owner(ui) && (!home_reader(ui) || a->domains > 0))
		pager_field(p, "certificates", LOOK_PLAIN,
		    "%lld good, for %lld proven domain%s",
		    (long long)a->certificates, (long long)a->domains,
		    home_plural(a->domains));
	time_both(when, a->last_login, clock_now());
	pager_field(p, "last login", LOOK_PLAIN, "%s", a->last_login != 0 ?
	    when : "this is the first");
	pager_field(p, "this key", LOOK_PLAIN, "%s", me->key.fingerprint);
}

static void
facts_add(struct ui *ui, struct state *st)
{
	struct none none = { 0 };
	struct fact_list facts = { 0 };
	bool bad = false;
	struct err e;

	if (ask_system_state(ui->line, &none, &facts, &e) < 0) {
		pager_field(&st->page, "state", LOOK_BAD, "%s", e.text);
		return;
	}
	pager_head(&st->page, "The authority");
	for (size_t i = 0; i < facts.n_rows; i++)
		if (!facts.rows[i].good) {
			pager_item(&st->page, "!", LOOK_BAD, "%s: %s",
			    facts.rows[i].what, facts.rows[i].text);
			bad = true;
		}
	if (!bad)
		pager_item(&st->page, sign(SIGN_DONE), LOOK_GOOD,
		    "All is well.");
	NOUN_CLEAR(fact_list, &facts);
}

static void
home_fill(struct ui *ui, struct state *st)
{
	char line[512];

	pager_again(&st->page);
	st->page.label_cols = 14;
	home_step_find(ui, &st->next);
	pager_text(&st->page, LOOK_STRONG, "Welcome, %s.",
	    ui->me.account.name);
	if (ui->me.account.state == ACCOUNT_SUSPENDED)
		pager_text(&st->page, LOOK_BAD,
		    "This account is suspended: you can read and revoke, not request. Write to the staff.");
	if (st->next.step == STEP_AGREEMENT)
		pager_text(&st->page, LOOK_WARN,
		    "%s Press Enter to read and accept it; without that nothing is issued.",
		    ui->me.account.agreement[0] ?
		    "The member agreement has a new version." :
		    "You have not accepted the member agreement yet.");
	if (home_owner(ui) && (ui_role(ui) == ROLE_MEMBER ||
	    ui->me.account.domains > 0))
		home_steps_add(ui, &st->page, &st->next);
	st->waits = home_waits_add(ui, &st->page);
	glance_add(ui, st);
	if ((FINANCE | DIRECTOR) & ROLE_BIT(ui_role(ui)))
		home_money_add(ui, &st->page);
	if (home_reader(ui))
		facts_add(ui, st);
	pager_gap(&st->page);
	exec_line(line, sizeof line, &ui->me, "help", NULL);
	part_command(&st->page, "All of this can be done by commands too:",
	    line);
}

/* The registrar counts from here anew. */
static void
unseen_done(struct ui *ui)
{
	struct seen seen = { .revoked = ui->me.revoked_unseen - ui->told };
	struct none none = { 0 };

	if (seen.revoked <= 0 ||
	    !op_allows(OP_revocation_seen, ui_role(ui)))
		return;
	if (ask_revocation_seen(ui->line, &seen, &none, NULL) == 0)
		ui->told = ui->me.revoked_unseen;
}

static int
home_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	(void)ref, (void)e;
	home_fill(ui, state);
	unseen_done(ui);
	return 0;
}

static void
home_changed(struct ui *ui, void *state)
{
	home_fill(ui, state);
	unseen_done(ui);
}

static void
home_close(void *state)
{
	pager_clear(&((struct state *)state)->page);
}

static void
tab_named(struct ui *ui, const char *name)
{
	const struct view *tabs[16];
	size_t n = ui_tabs(ui, tabs);

	for (size_t i = 0; i < n; i++)
		if (strcmp(tabs[i]->name, name) == 0) {
			ui_tab(ui, (int)i);
			return;
		}
}

static void
enter(struct ui *ui, void *state)
{
	const struct home_step *n = &((struct state *)state)->next;

	if (n->view[0] == '\0')
		tab_named(ui, home_reader(ui) ? "queue" : "costs");
	else if (n->ref[0] == '\0' && n->tab)
		tab_named(ui, n->view);
	else
		ui_open(ui, n->view, n->ref);
}

static void
waits(struct ui *ui, void *state)
{
	ui_open(ui, ((struct state *)state)->waits, "");
}

static bool
may_waits(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->waits != NULL;
}

#define STEP_IS(name, value) \
static bool \
name(const struct ui *ui, const void *state) \
{ \
	(void)ui; \
	return ((const struct state *)state)->next.step == value; \
}
STEP_IS(at_agreement, STEP_AGREEMENT)
STEP_IS(at_domain, STEP_DOMAIN)
STEP_IS(at_request, STEP_REQUEST)
STEP_IS(at_wait, STEP_WAIT)

/* Of several the list. */
static bool
at_install(const struct ui *ui, const void *state)
{
	const struct home_step *n = &((const struct state *)state)->next;

	(void)ui;
	return n->step == STEP_INSTALL && n->ref[0] == '\0';
}

static bool
at_install_one(const struct ui *ui, const void *state)
{
	const struct home_step *n = &((const struct state *)state)->next;

	(void)ui;
	return n->step == STEP_INSTALL && n->ref[0] != '\0';
}

static bool
at_none(const struct ui *ui, const void *state)
{
	return ((const struct state *)state)->next.step == STEP_NONE &&
	    home_reader(ui);
}

static bool
at_money(const struct ui *ui, const void *state)
{
	return ((const struct state *)state)->next.step == STEP_NONE &&
	    (FINANCE & ROLE_BIT(ui_role(ui))) != 0;
}

static void
expiring(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "certificates", "expiring");
}

static bool
may_expiring(const struct ui *ui, const void *state)
{
	(void)state;
	return ui->me.expiring > 0 && !home_reader(ui);
}

static void
request(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "request_new", "");
}

static bool
may_request(const struct ui *ui, const void *state)
{
	(void)state;
	return home_owner(ui) && ui->me.account.domains > 0 &&
	    ui->me.account.state != ACCOUNT_SUSPENDED;
}

static bool
may_alarms(const struct ui *ui, const void *state)
{
	(void)state;
	return op_allows(OP_alarm_list, ui_role(ui));
}

static void
alarms(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "alarms", "");
}

/* Finance has them in the row of tabs. */
static bool
may_money(const struct ui *ui, const void *state)
{
	(void)state;
	return (AUDITORS & ROLE_BIT(ui_role(ui))) != 0;
}

static void
costs(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "costs", "");
}

static void
report(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "report", "");
}

static void
search(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "search", "");
}

static bool
is_reader_key(const struct ui *ui, const void *state)
{
	(void)state;
	return home_reader(ui);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "read the agreement", NULL, enter, at_agreement,
	    ">agreement" },
	{ K_ENTER, "Enter", "prove a domain", NULL, enter, at_domain,
	    ">domains, >domain" },
	{ K_ENTER, "Enter", "request a certificate", NULL, enter, at_request,
	    ">request_new" },
	{ K_ENTER, "Enter", "see the request", NULL, enter, at_wait,
	    ">requests, >request" },
	{ K_ENTER, "Enter", "see the certificates", NULL, enter, at_install,
	    ">certificates" },
	{ K_ENTER, "Enter", "install it", NULL, enter, at_install_one,
	    ">certificate" },
	{ K_ENTER, "Enter", "see the queue", NULL, enter, at_none, ">queue" },
	{ K_ENTER, "Enter", "see the ledger", NULL, enter, at_money,
	    ">costs" },
	{ 'e', "e", "expiring", "Certificates that end within 30 days",
	    expiring, may_expiring, ">certificates" },
	{ 'w', "w", "what waits", "Go to the first of the things that wait for you",
	    waits, may_waits,
	    ">conflicts, >plans, >recoveries, >roles, >issuers, >policy" },
	{ 'n', "n", "new request", "Paste a CSR and ask for a certificate",
	    request, may_request, ">request_new" },
	{ 'a', "a", "alarms", "What is not well, and who looks after it",
	    alarms, may_alarms, ">alarms" },
	{ 'c', "c", "costs", "The ledger and the forecast", costs,
	    may_money, ">costs" },
	{ 'r', "r", "report", "The report of this quarter", report,
	    may_money, ">report" },
	{ 's', "s", "search", "Look for a text in names, serials, accounts and domains",
	    search, is_reader_key, ">search" },
	{ 0 },
};

const struct view view_home = {
	.name = "home", .title = "Home", .brief = "Home",
	.shows = "whoami, system, report list, forecast, cost list, domain list, status, list, "
	    "domain conflicts, revoke-many, recovery list, grant, issuer list, "
	    "policy",
	.help = "Where you stand and what to do next. The numbers at the top open the other views.",
	.size = sizeof(struct state), .keys = keys,
	.open = home_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = home_changed, .where = pager_view_where,
	.close = home_close,
};
