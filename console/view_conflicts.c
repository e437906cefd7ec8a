/* view_conflicts.c - domains that two members have proven, and giving each to
 * one of them. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct list list;		/* must stand first */
	char names[2][33];		/* of the dispute that is being settled */
	struct choice choices[2];
	char domain[254], loser[33];	/* of the one that was settled last */
};

#define CELL(name) \
static enum look \
cell_##name(const struct ui *ui, const void *data, char *dst, size_t size) \
{ \
	const struct conflict *row = data; \
	(void)ui;

CELL(domain)
	cell_text(dst, size, row->domain);
	return LOOK_PLAIN;
}

CELL(holder)
	cell_text(dst, size, row->holder[0] ? row->holder : "-");
	return LOOK_PLAIN;
}

CELL(claimant)
	cell_text(dst, size, row->claimant);
	return LOOK_WARN;
}

CELL(way)
	cell_text(dst, size, row->method == PROOF_DNS ? "by DNS" :
	    row->mailbox);
	return LOOK_DIM;
}

CELL(since)
	char date[11];

	time_date(date, row->since);
	cell_text(dst, size, date);
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "Domain", 0, 0, false, cell_domain },
	{ "Holder", 14, 0, false, cell_holder },
	{ "Proven too by", 14, 0, false, cell_claimant },
	{ "Since", 10, 2, false, cell_since },
	{ "How", 24, 3, false, cell_way },
};

static int
conflicts_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_conflict_list, columns,
	    sizeof columns / sizeof columns[0], "No domain is disputed.");
	return list_load(ui, &st->list, e);
}

/* ---- what becomes of the loser's certificates ---- */

static int
plan_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	const struct state *st = state;
	struct revocation_criteria c = { .reason =
		REASON_AFFILIATION_CHANGED };
	struct revocation_plan p = { 0 };
	char ref[24];

	(void)f;
	str_copy(c.domain, sizeof c.domain, st->domain);
	str_copy(c.account, sizeof c.account, st->loser);
	if (ask_revocation_plan_add(ui->line, &c, &p, e) < 0)
		return -1;
	snprintf(ref, sizeof ref, "%lld", (long long)p.number);
	NOUN_CLEAR(revocation_plan, &p);
	ui_open(ui, "plan", ref);
	return 0;
}

static void
certificates_offer(struct ui *ui, struct state *st,
    const struct settlement *s)
{
	struct dialog *d = ui_dialog(ui, "Certificates of the other",
	    "Plan to revoke them", "Leave them", plan_done);
	char date[11];

	pager_text(&d->text, LOOK_WARN,
	    "%s still has good certificates for %s:", s->loser, s->domain);
	for (size_t i = 0; i < s->n_certificates && i < 8; i++) {
		time_date(date, s->certificates[i].not_after);
		pager_text(&d->text, LOOK_PLAIN, "%lld %s until %s",
		    (long long)s->certificates[i].request,
		    s->certificates[i].first, date);
	}
	if (s->more || s->n_certificates > 8)
		pager_text(&d->text, LOOK_DIM, "and more");
	pager_text(&d->text, LOOK_PLAIN,
	    "A plan lists all of them; a second person confirms it.");
	memcpy(st->domain, s->domain, sizeof st->domain);
	memcpy(st->loser, s->loser, sizeof st->loser);
	d->form.at = 1;
}

/* ---- settling ---- */

static int
settle_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = state;
	struct settle_wish w = { 0 };
	struct settlement s = { 0 };

	str_copy(w.domain, sizeof w.domain, ui->dialog->subject);
	str_copy(w.account, sizeof w.account, form_word(f, 0));
	if (ask_domain_settle(ui->line, &w, &s, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "%s is held by %s now; both are told.",
	    s.domain, s.winner);
	if (s.n_certificates > 0)
		certificates_offer(ui, st, &s);
	NOUN_CLEAR(settlement, &s);
	return 0;
}

static void
settle(struct ui *ui, void *state)
{
	struct state *st = state;
	const struct conflict *c = list_row(&st->list);
	struct dialog *d = ui_dialog(ui, "Whose domain is it?", "Give it",
	    "Not now", settle_done);
	size_t n = 0;

	memcpy(st->names[n], c->claimant, sizeof st->names[n]);
	st->choices[n].meaning = "has proven it too";
	st->choices[n].word = st->names[n];
	n++;
	if (c->holder[0] != '\0') {
		memcpy(st->names[n], c->holder, sizeof st->names[n]);
		st->choices[n].meaning = "holds it now";
		st->choices[n].word = st->names[n];
		n++;
	}
	str_copy(d->subject, sizeof d->subject, c->domain);
	pager_text(&d->text, LOOK_PLAIN,
	    "%s: the other's proof lapses, and both are told. Nobody settles his own conflict.",
	    c->domain);
	form_choice(&d->form, "To", st->choices, n, n - 1);
}

static void
look(struct ui *ui, void *state)
{
	ui_open(ui, "live", ((const struct conflict *)list_row(state))->domain);
}

static void
member(struct ui *ui, void *state)
{
	ui_open(ui, "member",
	    ((const struct conflict *)list_row(state))->claimant);
}

static bool
may_settle(const struct ui *ui, const void *state)
{
	return op_allows(OP_domain_settle, ui_role(ui)) &&
	    list_view_any(ui, state);
}

static bool
may_look(const struct ui *ui, const void *state)
{
	return op_allows(OP_live_check, ui_role(ui)) &&
	    list_view_any(ui, state);
}

static const struct key_row keys[] = {
	{ 's', "s", "settle", "Give the domain to one of the two", settle,
	    may_settle, "domain settle" },
	{ 'm', "m", "member", "See the member who has proven it too", member,
	    list_view_any, ">member" },
	{ 'l', "l", "live", "See what its servers show now", look, may_look,
	    ">live" },
	LIST_KEYS,
	{ 0 },
};

const struct view view_conflicts = {
	.name = "conflicts", .title = "Disputes", .brief = "Disputes",
	.shows = "domain conflicts",
	.help = "Domains that two members have proven. Nothing moves until somebody of the staff, who is neither of the two, gives the domain to one of them.",
	.size = sizeof(struct state), .keys = keys,
	.open = conflicts_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
