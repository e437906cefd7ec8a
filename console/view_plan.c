/* view_plan.c - one plan to revoke many: what it takes, who says so, and how
 * far it is. */
#include <stdio.h>
#include <string.h>

#include "console/progress.h"
#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct pager page;		/* must stand first */
	struct revocation_plan plan;
};

static void
progress_add(struct pager *p, const struct revocation_plan *plan, int64_t now)
{
	char text[512];

	if (plan->confirmed == 0)
		return;
	progress_bar(text, sizeof text, 14, plan->done + plan->failed,
	    plan->total, plan->confirmed, plan->ended ? plan->ended : now);
	pager_field(p, "progress", plan->state == PLAN_DONE ? LOOK_GOOD :
	    LOOK_STRONG, "%s", text);
	if (plan->failed > 0)
		pager_field(p, "failed", LOOK_BAD, "%lld; see the log",
		    (long long)plan->failed);
}

static void
rows_add(struct pager *p, const struct revocation_plan *plan)
{
	pager_head(p, "Certificates");
	for (size_t i = 0; i < plan->n_first; i++) {
		const struct certificate_row *c = &plan->first[i];
		const char *word = word_of(&certificate_state_words, c->state);
		char number[24];

		snprintf(number, sizeof number, "%lld",
		    (long long)c->request);
		pager_field(p, number, look_of_state(word), "%s, of %s, %s",
		    c->first, c->account, word);
	}
	if ((int64_t)plan->n_first < plan->total)
		pager_text(p, LOOK_DIM, "and %lld more",
		    (long long)(plan->total - (int64_t)plan->n_first));
}

static void
plan_fill(struct ui *ui, struct state *st)
{
	const struct revocation_plan *plan = &st->plan;
	struct pager *p = &st->page;
	char text[1024], number[24];
	int64_t now = clock_now();

	pager_again(p);
	snprintf(number, sizeof number, "%lld", (long long)plan->number);
	pager_text(p, LOOK_STRONG, "Plan %s: revoke %lld certificate%s",
	    number, (long long)plan->total, plan->total == 1 ? "" : "s");
	pager_gap(p);
	pager_field(p, "state", plan->state == PLAN_DONE ? LOOK_GOOD :
	    LOOK_WARN, "%s", word_of(&plan_state_words, plan->state));
	progress_add(p, plan, now);
	plan_criteria_text(text, sizeof text, &plan->criteria);
	pager_field(p, "which", LOOK_PLAIN, "%s", text);
	pager_field(p, "reason", LOOK_PLAIN, "%s", word_of(&reason_words,
	    plan->criteria.reason));
	time_both(text, plan->made, now);
	pager_field(p, "made", LOOK_PLAIN, "%s by %s", text, plan->by);
	if (plan->confirmed != 0) {
		time_both(text, plan->confirmed, now);
		pager_field(p, "confirmed", LOOK_PLAIN, "%s by %s", text,
		    plan->confirmed_by);
	} else {
		time_both(text, plan->expires, now);
		pager_field(p, "expires", LOOK_PLAIN, "%s", text);
	}
	digest_text(text, sizeof text, plan->digest);
	pager_field(p, "digest", LOOK_DIM, "%s", text);
	rows_add(p, plan);
	exec_line(text, sizeof text, &ui->me, "revoke-many", "--show", number,
	    NULL);
	pager_gap(p);
	part_command(p, "The same by command:", text);
}

static int
plan_ask(struct ui *ui, struct state *st, const char *ref, struct err *e)
{
	struct revocation_plan new = { 0 };
	struct ref r = { 0 };

	str_copy(r.ref, sizeof r.ref, ref);
	if (ask_revocation_plan_get(ui->line, &r, &new, e) < 0)
		return -1;
	NOUN_CLEAR(revocation_plan, &st->plan);
	st->plan = new;
	plan_fill(ui, st);
	return 0;
}

static int
plan_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	return plan_ask(ui, state, ref, e);
}

static void
plan_changed(struct ui *ui, void *state)
{
	struct state *st = state;
	char ref[24];

	snprintf(ref, sizeof ref, "%lld", (long long)st->plan.number);
	plan_ask(ui, st, ref, NULL);
}

static void
plan_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	NOUN_CLEAR(revocation_plan, &st->plan);
}

/* ---- deciding ---- */

static int
confirm_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	const struct revocation_plan *plan = &((struct state *)state)->plan;
	struct revocation_plan_word w = { .number = plan->number };
	struct revocation_plan r = { 0 };

	if (strcmp(form_text(f, 0), "REVOKE") != 0)
		return err_set(e, ERR_BAD_INPUT, "",
		    "Type REVOKE to revoke them all; nothing was revoked yet.");
	memcpy(w.digest, plan->digest, sizeof w.digest);
	if (ask_revocation_plan_confirm(ui->line, &w, &r, e) < 0)
		return -1;
	NOUN_CLEAR(revocation_plan, &r);
	ui->changed = true;
	ui_say(ui, LOOK_WARN, "Confirmed: it is being worked off.");
	return 0;
}

static void
sign_it(struct ui *ui, void *state)
{
	char ref[40];

	snprintf(ref, sizeof ref, "revoke-many %lld",
	    (long long)((struct state *)state)->plan.number);
	ui_open(ui, "statement", ref);
}

static void
confirm(struct ui *ui, void *state)
{
	const struct revocation_plan *plan = &((struct state *)state)->plan;
	struct dialog *d = NULL;

	if (part_must_sign(ui, NULL)) {
		sign_it(ui, state);
		return;
	}
	d = ui_dialog(ui, "Revoke them all?", "Revoke them for ever",
	    "Not now", confirm_done);
	pager_text(&d->text, LOOK_WARN,
	    "Plan %lld of %s revokes %lld certificate%s (%s). This cannot be taken back.",
	    (long long)plan->number, plan->by, (long long)plan->total,
	    plan->total == 1 ? "" : "s",
	    word_of(&reason_words, plan->criteria.reason));
	form_line(&d->form, "Confirm", "type REVOKE", 16);
}

static int
drop_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct revocation_plan r = { 0 };
	struct ref ref = { 0 };

	(void)f;
	snprintf(ref.ref, sizeof ref.ref, "%lld",
	    (long long)((struct state *)state)->plan.number);
	if (ask_revocation_plan_drop(ui->line, &ref, &r, e) < 0)
		return -1;
	NOUN_CLEAR(revocation_plan, &r);
	ui->changed = true;
	ui_say(ui, LOOK_WARN, "The plan is dropped.");
	return 0;
}

static void
drop(struct ui *ui, void *state)
{
	const struct revocation_plan *plan = &((struct state *)state)->plan;
	struct dialog *d = ui_dialog(ui, "Drop the plan?", "Drop it",
	    "Keep it", drop_done);

	pager_text(&d->text, LOOK_PLAIN, plan->state == PLAN_RUNNING ?
	    "Stop plan %lld? What is revoked already stays revoked." :
	    "Drop plan %lld? Nothing of it was revoked.",
	    (long long)plan->number);
}

static bool
may_confirm(const struct ui *ui, const void *state)
{
	const struct revocation_plan *plan =
	    &((const struct state *)state)->plan;

	return plan->state == PLAN_WAITING &&
	    op_allows(OP_revocation_plan_confirm, ui_role(ui)) &&
	    strcmp(plan->by, ui->me.account.name) != 0;
}

static bool
may_sign(const struct ui *ui, const void *state)
{
	return part_may_sign(ui) && may_confirm(ui, state);
}

static bool
may_drop(const struct ui *ui, const void *state)
{
	const struct revocation_plan *plan =
	    &((const struct state *)state)->plan;

	return (plan->state == PLAN_WAITING ||
	    plan->state == PLAN_RUNNING) &&
	    op_allows(OP_revocation_plan_drop, ui_role(ui));
}

static const struct key_row keys[] = {
	{ 'c', "c", "confirm", "Confirm somebody else's plan", confirm,
	    may_confirm, "revoke-many, >statement" },
	{ 's', "s", "sign", "Confirm it by a signature of your SSH key",
	    sign_it, may_sign, ">statement" },
	{ 'x', "x", "drop", "Drop a plan, or stop one that runs", drop,
	    may_drop, "revoke-many" },
	{ 0 },
};

const struct view view_plan = {
	.name = "plan", .title = "Plan", .brief = "Plan",
	.shows = "revoke-many",
	.help = "One plan to revoke many certificates. Somebody else than who made it confirms it; the bar then shows how far it is.",
	.size = sizeof(struct state), .keys = keys,
	.open = plan_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = plan_changed, .where = pager_view_where,
	.close = plan_close,
};
