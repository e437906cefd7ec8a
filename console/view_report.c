/* view_report.c - a quarter's report: figures with bars, and the director
 * submits it. */
#include <stdio.h>
#include <string.h>

#include "console/report_ask.h"
#include "console/report_show.h"
#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define BAR_COLS 24
#define LOOK_MS 5000		/* a screen waits for its figures */
#define AGAIN_MS 5000

struct state {
	struct pager page;		/* must stand first */
	int64_t quarter;		/* 4 * year + quarter - 1 */
	int64_t job;			/* it was not there yet */
	int64_t filled;			/* when, by the clock of timers */
	char digest[65];		/* of the figures that are shown */
	bool may_submit;		/* it is over, and not submitted */
	bool submitted;
};

static void
quarter_name(char dst[16], int64_t q)
{
	snprintf(dst, 16, "%lldQ%lld", (long long)(q / 4 % 10000),
	    (long long)(q % 4 + 1));
}

/* The quarter of a second. */
static int64_t
quarter_now(int64_t at)
{
	char date[11];
	int64_t year = 0, month = 0;

	time_date(date, at);
	for (int i = 0; i < 4; i++)
		year = year * 10 + (date[i] - '0');
	month = (date[5] - '0') * 10 + (date[6] - '0');
	return 4 * year + (month - 1) / 3;
}

/* Filled signs for its part of the greatest; at least one for what is there. */
static void
bar(char *dst, size_t size, int64_t v, int64_t most)
{
	int n = most <= 0 || v <= 0 ? 0 : (int)((double)v / (double)most *
	    (BAR_COLS - 1)) + 1;
	size_t used = 0;

	dst[0] = '\0';
	for (int i = 0; i < n; i++)
		used += (size_t)snprintf(dst + used, size - used, "%s",
		    sign(SIGN_FULL));
}

static void
section_add(struct pager *p, const struct report *r,
    const struct report_section *s)
{
	int64_t most = section_most(r, s);
	bool any = false;

	for (size_t i = 0; i < r->n_figures; i++) {
		const struct figure *f = &r->figures[i];
		char label[128], value[64], drawn[BAR_COLS * 4 + 8] = "";

		if (!figure_in(f, s))
			continue;
		if (!any)
			pager_head(p, "%s", s->title);
		any = true;
		figure_label(label, sizeof label, f);
		figure_value(value, sizeof value, f);
		if (f->unit[0] == '\0')
			bar(drawn, sizeof drawn, f->value, most);
		if (strncmp(f->name, "ledger.", 7) == 0)
			pager_text(p, LOOK_PLAIN, "%s  %s", value, label);
		else
			pager_field(p, label, LOOK_PLAIN, "%12s  %s", value,
			    drawn);
	}
}

static void
page_add(struct state *st, const struct report *r)
{
	struct pager *p = &st->page;
	char line[256], from[11], until[11];

	pager_again(p);
	p->label_cols = 28;
	time_date(from, r->since);
	time_date(until, r->until - 1);
	pager_text(p, LOOK_STRONG, "%s, from %s to %s", r->quarter, from,
	    until);
	report_state(line, sizeof line, r);
	pager_text(p, r->submitted ? LOOK_GOOD : LOOK_WARN, "%c%s",
	    line[0] >= 'a' ? line[0] - 'a' + 'A' : line[0], line + 1);
	for (size_t i = 0; i < n_report_sections; i++)
		section_add(p, r, &report_sections[i]);
	for (size_t i = 0; i < r->n_addenda; i++) {
		time_date(from, r->addenda[i].at);
		pager_head(p, "Addendum of %s, by %s", from,
		    r->addenda[i].by);
		pager_text(p, LOOK_PLAIN, "%s", r->addenda[i].text);
	}
	pager_head(p, "What it rests on");
	pager_field(p, "SHA-256 of the CSV", LOOK_DIM, "%s", st->digest);
	if (r->note.size > 0)
		pager_field(p, "head of the log", LOOK_DIM,
		    "%lld entries; signed: report %s --note",
		    (long long)r->entries, r->quarter);
	else
		pager_field(p, "signature", LOOK_DIM, "%s", r->draft ?
		    "none: a draft" : "none yet: the signer is away");
}

static int
report_fill(struct ui *ui, struct state *st, struct err *e)
{
	struct report_wish w = { .draft = true };
	struct report r = { 0 };
	int done;

	quarter_name(w.quarter, st->quarter);
	w.job = st->job;
	done = report_await(ask_report_get, ui->line, &w, LOOK_MS, &r, e);
	st->job = done < 0 ? w.job : 0;
	st->filled = clock_mono_ms();
	if (done == 0) {
		hex_encode(st->digest, r.sha256, sizeof r.sha256);
		st->submitted = r.submitted != 0;
		st->may_submit = !r.draft && r.submitted == 0;
		page_add(st, &r);
	}
	NOUN_CLEAR(report, &r);
	return done;
}

/* Without a name: the quarter that runs now. */
static int
report_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	st->quarter = quarter_now(clock_now());
	if (strlen(ref) == 6 && strspn(ref, "0123456789") == 4 &&
	    ref[5] >= '1' && ref[5] <= '4')
		st->quarter = ((ref[0] - '0') * 1000 + (ref[1] - '0') * 100 +
		    (ref[2] - '0') * 10 + (ref[3] - '0')) * 4 + ref[5] - '1';
	return report_fill(ui, st, e);
}

static void
report_changed(struct ui *ui, void *state)
{
	const struct state *st = state;
	struct err e = { 0 };

	/* it counts a quarter: not at every change of a busy day */
	if (st->filled != 0 && clock_mono_ms() - st->filled < AGAIN_MS)
		return;
	if (report_fill(ui, state, &e) < 0)
		ui_error(ui, &e);
}

static void
report_close(void *state)
{
	pager_clear(&((struct state *)state)->page);
}

static void
step(struct ui *ui, struct state *st, int by)
{
	struct err e = { 0 };

	st->quarter += by;
	st->job = 0;
	if (report_fill(ui, st, &e) < 0) {
		st->quarter -= by;
		ui_error(ui, &e);
	} else {
		st->page.top = 0;
	}
}

static void
earlier(struct ui *ui, void *state)
{
	step(ui, state, -1);
}

static void
later(struct ui *ui, void *state)
{
	step(ui, state, 1);
}

static bool
may_later(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->quarter <
	    quarter_now(clock_now());
}

/* ---- submitting ---- */

static bool
may_submit(const struct ui *ui, const void *state)
{
	return op_allows(OP_report_submit, ui_role(ui)) &&
	    ((const struct state *)state)->may_submit;
}

static int
submit_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = ui->dialog->state;
	struct report_wish w = { 0 };
	struct report r = { 0 };

	(void)state;
	quarter_name(w.quarter, st->quarter);
	if (strcmp(form_text(f, 0), w.quarter) != 0)
		return err_set(e, ERR_BAD_INPUT, "",
		    "Type the quarter, as %s; nothing was submitted yet.",
		    w.quarter);
	str_copy(w.digest, sizeof w.digest, st->digest);
	if (report_await(ask_report_submit, ui->line, &w,
	    REPORT_PATIENCE_MS, &r, e) < 0)
		return -1;
	st->filled = 0;
	NOUN_CLEAR(report, &r);
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "The report of %s is submitted.", w.quarter);
	return 0;
}

static void
submit(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Submit the report?", "Submit it",
	    "Not now", submit_done);

	d->state = state;
	pager_text(&d->text, LOOK_WARN,
	    "The figures that you have read go to the Board and stay as they are. Later corrections are addenda.");
	form_line(&d->form, "Quarter", "type it, as 2026Q3", 6);
}

static bool
may_addend(const struct ui *ui, const void *state)
{
	return op_allows(OP_report_addend, ui_role(ui)) &&
	    ((const struct state *)state)->submitted;
}

static int
addend_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = ui->dialog->state;
	struct report_wish w = { 0 };
	struct report r = { 0 };

	(void)state;
	quarter_name(w.quarter, st->quarter);
	if (!str_copy(w.text, sizeof w.text, form_text(f, 0)))
		return err_set(e, ERR_BAD_INPUT, "", "That is too long.");
	if (ask_report_addend(ui->line, &w, &r, e) < 0)
		return -1;
	st->filled = 0;
	NOUN_CLEAR(report, &r);
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "The report of %s has an addendum more.",
	    w.quarter);
	return 0;
}

static void
addend(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Add to the report", "Add it",
	    "Cancel", addend_done);
	char form[32];

	d->state = state;
	form_line(&d->form, "Text", "what is to be corrected", 1000);
	snprintf(form, sizeof form, "addend:%lld",
	    (long long)((struct state *)state)->quarter);
	ui_dialog_draft(ui, d, form);
}

static void
documents(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "documents", "");
}

static void
quarters(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "reports", "");
}

static const struct key_row keys[] = {
	{ '<', "<", "earlier", "The quarter before", earlier, NULL, "report" },
	{ '>', ">", "later", "The quarter after", later, may_later, "report" },
	{ 's', "s", "submit", "Record that it went to the Board", submit,
	    may_submit, "report submit" },
	{ 'a', "a", "add to it", "Add a correction to a submitted report",
	    addend, may_addend, "report addend" },
	{ 'l', "l", "quarters", "All quarters, and whether their reports were submitted",
	    quarters, NULL, ">reports" },
	{ 'd', "d", "documents", "The documents that rule what is done here",
	    documents, NULL, ">documents" },
	{ 0 },
};

const struct view view_report = {
	.name = "report", .title = "Report", .brief = "Report",
	.shows = "report",
	.help = "The figures of a quarter. One that is not over is a draft. The director submits it when it is; then it stays as it is, and corrections are added. For paper: report QUARTER --html.",
	.size = sizeof(struct state), .keys = keys,
	.open = report_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = report_changed, .where = pager_view_where,
	.close = report_close,
};
