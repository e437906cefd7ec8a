/* view_policy.c - the policy in force, the director's word on it, and whether
 * issuing is halted. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct pager page;		/* must stand first */
	char sha256[65];		/* of what is on the screen */
	bool halted, acknowledged, needed;
};

static void
halt_add(struct state *st, const struct halt_state *h)
{
	struct pager *p = &st->page;

	st->halted = h->halted;
	pager_head(p, "Issuing");
	pager_item(p, h->halted ? "!" : sign(SIGN_DONE), h->halted ?
	    LOOK_BAD : LOOK_GOOD, "%s", h->text);
	if (h->resume_by[0] != '\0')
		pager_text(p, LOOK_WARN,
		    "%s wants to go on; a second person must say so, and one of the two is the director.",
		    h->resume_by);
}

static void
policy_add(struct state *st, const struct policy_state *s)
{
	struct pager *p = &st->page;
	char when[WHEN_SIZE];

	str_copy(st->sha256, sizeof st->sha256, s->sha256);
	st->acknowledged = s->acknowledged != 0;
	st->needed = s->needed;
	pager_head(p, "Policy %s", s->version);
	time_both(when, s->acknowledged, clock_now());
	if (st->acknowledged)
		pager_field(p, "acknowledged", LOOK_GOOD, "by %s, %s",
		    s->acknowledged_by, when);
	else
		pager_field(p, "acknowledged", s->needed ? LOOK_BAD :
		    LOOK_DIM, "%s", s->needed ?
		    "not yet: nothing is issued before" : "not asked for");
	pager_field(p, "sha256", LOOK_DIM, "%s", s->sha256);
	pager_gap(p);
	for (size_t i = 0; i < s->n_values; i++)
		pager_field(p, s->values[i].what, LOOK_PLAIN, "%s",
		    s->values[i].text[0] ? s->values[i].text : "-");
}

static int
policy_fill(struct ui *ui, struct state *st, struct err *e)
{
	struct none none = { 0 };
	struct halt_state h = { 0 };
	struct policy_state s = { 0 };

	if (ask_halt_get(ui->line, &none, &h, e) < 0 ||
	    ask_policy_get(ui->line, &none, &s, e) < 0)
		return -1;
	pager_again(&st->page);
	st->page.label_cols = 30;
	halt_add(st, &h);
	policy_add(st, &s);
	NOUN_CLEAR(policy_state, &s);
	return 0;
}

static int
policy_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	(void)ref;
	return policy_fill(ui, state, e);
}

static void
policy_changed(struct ui *ui, void *state)
{
	struct err e;

	if (policy_fill(ui, state, &e) < 0)
		ui_error(ui, &e);
}

/* ---- the director's keys ---- */

static int
halt_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct text t = { 0 };
	struct halt_state h = { 0 };
	const char *reason = form_text(f, 0);
	int r;

	(void)state;
	blob_set(&t.text, reason, strlen(reason));
	r = ask_halt_set(ui->line, &t, &h, e);
	NOUN_CLEAR(text, &t);
	if (r == 0) {
		ui->changed = true;
		ui_say(ui, LOOK_WARN, "%s", h.text);
	}
	return r;
}

static void
halt(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Halt issuing?", "Halt it",
	    "Cancel", halt_done);

	(void)state;
	pager_text(&d->text, LOOK_WARN,
	    "No certificate is issued from now on, in no session. Revocation goes on, and requests are kept. Two people are needed to go on.");
	form_line(&d->form, "Reason", "members see it", 255);
	ui_dialog_draft(ui, d, "halt");
}

static int
resume_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct none none = { 0 };
	struct halt_state h = { 0 };

	(void)state;
	(void)f;
	if (ask_halt_resume(ui->line, &none, &h, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, h.halted ? LOOK_WARN : LOOK_GOOD, "%s", h.text);
	return 0;
}

static void
resume(struct ui *ui, void *state)
{
	struct dialog *d = NULL;

	(void)state;
	if (part_must_sign(ui, NULL)) {
		ui_open(ui, "statement", "resume");
		return;
	}
	d = ui_dialog(ui, "Go on issuing?", "Go on", "Cancel", resume_done);
	pager_text(&d->text, LOOK_WARN,
	    "Issuing goes on when two people have said so, one of them the director.");
}

static int
word_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct policy_word w = { 0 };
	struct policy_state s = { 0 };

	(void)f;
	str_copy(w.sha256, sizeof w.sha256,
	    ((struct state *)state)->sha256);
	if (ask_policy_acknowledge(ui->line, &w, &s, e) < 0)
		return -1;
	NOUN_CLEAR(policy_state, &s);
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "Acknowledged.");
	return 0;
}

static void
acknowledge(struct ui *ui, void *state)
{
	struct dialog *d = NULL;

	if (part_must_sign(ui, NULL)) {
		ui_open(ui, "statement", "policy");
		return;
	}
	d = ui_dialog(ui, "Acknowledge this policy?", "I have read it",
	    "Cancel", word_done);
	d->state = state;
	pager_text(&d->text, LOOK_PLAIN,
	    "You say that you have read the values on this page, whose hash is %s.",
	    ((struct state *)state)->sha256);
}

static bool
may_halt(const struct ui *ui, const void *state)
{
	return op_allows(OP_halt_set, ui_role(ui)) &&
	    !((const struct state *)state)->halted;
}

static bool
may_resume(const struct ui *ui, const void *state)
{
	return op_allows(OP_halt_resume, ui_role(ui)) &&
	    ((const struct state *)state)->halted;
}

static bool
may_acknowledge(const struct ui *ui, const void *state)
{
	return op_allows(OP_policy_acknowledge, ui_role(ui)) &&
	    !((const struct state *)state)->acknowledged;
}

static void
policy_close(void *state)
{
	pager_clear(&((struct state *)state)->page);
}

static void
documents(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "documents", "");
}

static const struct key_row keys[] = {
	{ 'd', "d", "documents", "The documents that rule what is done here",
	    documents, NULL, ">documents" },
	{ 'h', "h", "halt issuing", NULL, halt, may_halt, "halt" },
	{ 'u', "u", "go on", "Go on issuing, as one of two people", resume,
	    may_resume, "resume, >statement" },
	{ 'a', "a", "acknowledge", "Say that you have read this policy",
	    acknowledge, may_acknowledge,
	    "policy acknowledge, >statement" },
	{ 0 },
};

const struct view view_policy = {
	.name = "policy", .title = "Policy", .brief = "Policy",
	.shows = "policy",
	.help = "Whether certificates are issued, and under which policy: each value, and the director's word on the whole.",
	.size = sizeof(struct state), .keys = keys,
	.open = policy_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = policy_changed, .where = pager_view_where,
	.close = policy_close,
};
