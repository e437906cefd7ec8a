/* view_system.c - how the authority is: processes, keys, CRL, answers. */
#include <string.h>

#include "console/progress.h"
#include "console/view_parts.h"
#include "core/base/clock.h"

/* A line, and under it how far it has come, when it takes its time. */
static void
fact_add(struct pager *p, const struct fact *f)
{
	char bar[256];

	pager_field(p, f->what, f->good ? LOOK_PLAIN : LOOK_BAD, "%s%s",
	    f->good ? "" : "not well: ", f->text);
	if (f->total == 0)
		return;
	progress_bar(bar, sizeof bar, 14, f->done, f->total, f->since,
	    clock_now());
	pager_field(p, "", LOOK_STRONG, "%s", bar);
}

static int
system_fill(struct ui *ui, struct pager *p, struct err *e)
{
	struct none none = { 0 };
	struct fact_list facts = { 0 };
	size_t bad = 0;

	if (ask_system_state(ui->line, &none, &facts, e) < 0)
		return -1;
	pager_again(p);
	p->label_cols = 18;
	for (size_t i = 0; i < facts.n_rows; i++) {
		int w = screen_width(facts.rows[i].what) + 1;

		bad += !facts.rows[i].good;
		if (w > p->label_cols)
			p->label_cols = w < 32 ? w : 32;
	}
	if (bad == 0)
		pager_item(p, sign(SIGN_DONE), LOOK_GOOD, "All is well.");
	else
		pager_item(p, "!", LOOK_BAD, "%zu thing%s not well.", bad,
		    bad == 1 ? " is" : "s are");
	pager_gap(p);
	for (size_t i = 0; i < facts.n_rows; i++)
		fact_add(p, &facts.rows[i]);
	for (size_t i = 0; i < facts.n_rows; i++)
		if (facts.rows[i].total > 0)
			ui->changed = true;	/* and look again */
	NOUN_CLEAR(fact_list, &facts);
	return 0;
}

static int
system_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	(void)ref;
	return system_fill(ui, state, e);
}

static void
system_changed(struct ui *ui, void *state)
{
	struct err e;

	if (system_fill(ui, state, &e) < 0)
		ui_error(ui, &e);
}

static void
again(struct ui *ui, void *state)
{
	system_changed(ui, state);
	ui_say(ui, LOOK_DIM, "Asked again.");
}

static void
alarms(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "alarms", "");
}

static void
issuers(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "issuers", "");
}

static void
roles(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "roles", "");
}

static void
policy(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "policy", "");
}

static void
system_close(void *state)
{
	pager_clear(state);
}

static void
changes(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "changes", "");
}

static const struct key_row keys[] = {
	{ 'r', "r", "ask again", NULL, again, NULL, "system" },
	{ 'a', "a", "alarms", "What is not well, and who looks after it",
	    alarms, NULL, ">alarms" },
	{ 'i', "i", "issuers", "What the operator wants done with issuers",
	    issuers, NULL, ">issuers" },
	{ 'o', "o", "roles", "Roles granted, and the access review", roles,
	    NULL, ">roles" },
	{ 'p', "p", "policy", "The policy in force; halting and going on",
	    policy, NULL, ">policy" },
	{ 'w', "w", "changes", "What changed while you are here", changes,
	    NULL, ">changes" },
	{ 0 },
};

const struct view view_system = {
	.name = "system", .title = "System", .brief = "System",
	.shows = "system",
	.help = "The state of the authority: signer, CRL, OCSP answers, letters, log.",
	.size = sizeof(struct pager), .keys = keys,
	.open = system_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = system_changed, .where = pager_view_where,
	.close = system_close,
};
