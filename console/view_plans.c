/* view_plans.c - plans to revoke many certificates, and making one. */
#include <stdio.h>
#include <string.h>

#include "console/progress.h"
#include "console/view_parts.h"
#include "core/base/text.h"

struct state {
	struct list list;		/* must stand first */
};

#define CELL(name) \
static enum look \
cell_##name(const struct ui *ui, const void *data, char *dst, size_t size) \
{ \
	const struct revocation_plan *row = data; \
	(void)ui;

CELL(nr)
	cell_number(dst, size, row->number);
	return LOOK_DIM;
}

CELL(standing)
	cell_text(dst, size, word_of(&plan_state_words, row->state));
	return row->state == PLAN_DONE ? LOOK_GOOD :
	    row->state == PLAN_WAITING || row->state == PLAN_RUNNING ?
	    LOOK_WARN : LOOK_DIM;
}

CELL(done)
	cell_number(dst, size, row->done);
	return LOOK_PLAIN;
}

CELL(total)
	cell_number(dst, size, row->total);
	return LOOK_PLAIN;
}

CELL(which)
	plan_criteria_text(dst, size, &row->criteria);
	return LOOK_PLAIN;
}

CELL(reason)
	cell_text(dst, size, word_of(&reason_words, row->criteria.reason));
	return LOOK_PLAIN;
}

CELL(by)
	cell_text(dst, size, row->by);
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "Nr", 5, 0, true, cell_nr },
	{ "State", 8, 0, false, cell_standing },
	{ "Done", 8, 1, true, cell_done },
	{ "Of", 8, 0, true, cell_total },
	{ "Certificates", 0, 0, false, cell_which },
	{ "Reason", 20, 3, false, cell_reason },
	{ "By", 12, 2, false, cell_by },
};

static int
plans_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_revocation_plan_list, columns,
	    sizeof columns / sizeof columns[0],
	    "No plan to revoke many at once.");
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	list_view_open(ui, state, "plan");
}

/* ---- making one ---- */

enum { F_DOMAIN, F_ACCOUNT, F_METHOD, F_FROM, F_BEFORE, F_KEY, F_REASON };

static int
time_field(const char *typed, int64_t *t, struct err *e)
{
	if (typed[0] == '\0' || (time_parse(typed, t) == 0 && *t > 0))
		return 0;
	return err_set(e, ERR_BAD_INPUT, "",
	    "A time is a day, or a day and a time in UTC: 2026-11-22 or 2026-11-22T15:04Z.");
}

static int
new_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct revocation_criteria c = { 0 };
	struct revocation_plan p = { 0 };
	const char *method = form_word(f, F_METHOD);
	int reason = reason_parse(ui_role(ui), form_word(f, F_REASON));
	char ref[24];

	(void)state;
	if (!str_copy(c.domain, sizeof c.domain, form_text(f, F_DOMAIN)) ||
	    !str_copy(c.account, sizeof c.account, form_text(f, F_ACCOUNT)) ||
	    !str_copy(c.key, sizeof c.key, form_text(f, F_KEY)))
		return err_set(e, ERR_BAD_INPUT, "", "That is too long.");
	if (strcmp(method, "any") != 0)
		str_copy(c.method, sizeof c.method, method);
	c.reason = reason < 0 ? REASON_UNSPECIFIED : (enum reason)reason;
	if (time_field(form_text(f, F_FROM), &c.issued_after, e) < 0 ||
	    time_field(form_text(f, F_BEFORE), &c.issued_before, e) < 0 ||
	    ask_revocation_plan_add(ui->line, &c, &p, e) < 0)
		return -1;
	ui->changed = true;
	snprintf(ref, sizeof ref, "%lld", (long long)p.number);
	NOUN_CLEAR(revocation_plan, &p);
	ui_open(ui, "plan", ref);
	return 0;
}

static void
new(struct ui *ui, void *state)
{
	static const struct choice methods[] = {
		{ "any", "whatever way" }, { "mail", "a mailed code" },
		{ "dns", "a DNS record" },
	};
	struct dialog *d = ui_dialog(ui, "Plan to revoke many",
	    "Count them", "Cancel", new_done);
	const struct choice *reasons;
	size_t n;

	(void)state;
	pager_text(&d->text, LOOK_PLAIN,
	    "Good certificates to which all that you fill in applies. This only counts and fixes the list; a second person confirms it.");
	form_line(&d->form, "Domain", "it and all below it", 253);
	form_line(&d->form, "Member", "", 32);
	form_choice(&d->form, "Proof", methods, 3, 0);
	form_line(&d->form, "Issued from", "2026-11-22", 21);
	form_line(&d->form, "and before", "", 21);
	form_line(&d->form, "Key", "SHA-256, 64 hex digits", 64);
	reasons = reason_choices(ui_role(ui), &n);
	form_choice(&d->form, "Reason", reasons, n, 0);
	ui_dialog_draft(ui, d, "plan");
}

static bool
may_plan(const struct ui *ui, const void *state)
{
	(void)state;
	return op_allows(OP_revocation_plan_add, ui_role(ui));
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", NULL, enter, list_view_any, ">plan" },
	{ 'n', "n", "new plan", "Count certificates that should be revoked",
	    new, may_plan, "revoke-many" },
	{ 0 },
};

const struct view view_plans = {
	.name = "plans", .title = "Many", .brief = "Many",
	.shows = "revoke-many",
	.help = "Plans to revoke many certificates at once. One person of the staff makes a plan, another confirms it; then it is worked off.",
	.size = sizeof(struct state), .keys = keys,
	.open = plans_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
