/* view_breach.c - whose data of which kind was held in a time range: two
 * dates, then a page of people (J4.2). */
#include <stdio.h>
#include <string.h>

#include "console/steps.h"
#include "core/base/text.h"

struct state {
	struct steps steps;		/* must stand first; no form: the answer */
	struct form range;
	struct breach breach;
};

static void breach_ask(struct ui *ui, void *state);

static void
range_ask(struct state *st)
{
	st->steps.form = &st->range;
	st->steps.go = breach_ask;
	pager_clear(&st->steps.page);
	pager_text(&st->steps.page, LOOK_STRONG, "Whose data was held, and when");
	pager_text(&st->steps.page, LOOK_PLAIN,
	    "For a report of a breach: everybody of whom something was held in a time range, and how much of each kind. That you looked is written into the log.");
}

static int
breach_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ui, (void)ref, (void)e;
	range_ask(st);
	form_line(&st->range, "From", "2026-11-22, or 2026-11-22T15:04:05Z; UTC",
	    24);
	form_line(&st->range, "To", "the same; empty: until now", 24);
	st->range.go = "Show it";
	return 0;
}

static void
count_add(struct buf *b, int64_t n, const char *one, const char *many)
{
	if (n > 0)
		buf_printf(b, "%s%lld %s", b->size > 0 ? ", " : "",
		    (long long)n, n == 1 ? one : many);
}

static void
row_add(struct pager *p, const struct breach_row *r)
{
	struct buf b = { 0 };

	if (r->account_data > 0)
		buf_printf(&b, "name and address");
	count_add(&b, r->keys, "SSH key", "SSH keys");
	count_add(&b, r->contacts, "further address", "further addresses");
	count_add(&b, r->domains, "domain", "domains");
	count_add(&b, r->requests, "request", "requests");
	count_add(&b, r->certificates, "certificate", "certificates");
	count_add(&b, r->letters, "letter", "letters");
	count_add(&b, r->entries, "log entry", "log entries");
	pager_item(p, sign(SIGN_BULLET), LOOK_STRONG, "%s  %s", r->account,
	    r->email[0] ? r->email : "(erased since)");
	pager_field(p, "", LOOK_PLAIN, "%.*s", (int)b.size,
	    b.size > 0 ? (const char *)b.data : "");
	buf_clear(&b);
}

/* "breach --from ... --to ..." as it goes in a shell. */
static void
command_line(const struct ui *ui, const struct state *st, char *dst,
    size_t size)
{
	const char *to = form_text(&st->range, 1);

	exec_line(dst, size, &ui->me, "breach", "--from",
	    form_text(&st->range, 0), to[0] ? "--to" : NULL, to, NULL);
}

static void
breach_show(struct ui *ui, struct state *st)
{
	const struct breach *b = &st->breach;
	struct pager *p = &st->steps.page;
	char since[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE], line[512];

	pager_clear(p);
	p->label_cols = 4;
	time_text(since, b->since);
	time_text(until, b->until);
	pager_text(p, LOOK_STRONG, "Held from %s to %s: %zu %s", since, until,
	    b->n_rows, b->n_rows == 1 ? "person" : "people");
	if (b->n_rows == 0)
		pager_text(p, LOOK_DIM, "Nothing of anybody was held then.");
	for (size_t i = 0; i < b->n_rows; i++)
		row_add(p, &b->rows[i]);
	pager_gap(p);
	pager_text(p, LOOK_DIM, "What each kind holds: share/doc/data-inventory.md");
	command_line(ui, st, line, sizeof line);
	part_command(p, "The same as a table, or with --json:", line);
	st->steps.form = NULL;
	ui->dirty = true;
}

static bool
time_take(struct ui *ui, struct state *st, size_t i, int64_t *t)
{
	const char *typed = form_text(&st->range, i);

	if (i > 0 && typed[0] == '\0')
		return true;
	if (time_parse(typed, t) == 0)
		return true;
	st->range.at = i;
	ui_say(ui, LOOK_BAD, "%s takes a day or a time in UTC: 2026-11-22, or 2026-11-22T15:04:05Z",
	    st->range.inputs[i].label);
	return false;
}

static void
breach_ask(struct ui *ui, void *state)
{
	struct state *st = state;
	struct breach_wish w = { 0 };
	struct breach new = { 0 };
	struct err e = { 0 };

	if (!time_take(ui, st, 0, &w.since) || !time_take(ui, st, 1, &w.until))
		return;
	if (ask_breach_report(ui->line, &w, &new, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	NOUN_CLEAR(breach, &st->breach);
	st->breach = new;
	breach_show(ui, st);
}

/* ---- keys ---- */

static bool
at_answer(const struct ui *ui, const void *state)
{
	return !steps_at_form(ui, state);
}

static void
again(struct ui *ui, void *state)
{
	struct state *st = state;

	range_ask(st);
	st->range.at = 0;
	ui->dirty = true;
}

static void
copy(struct ui *ui, void *state)
{
	const struct state *st = state;
	char line[512];

	command_line(ui, st, line, sizeof line);
	ui_copy(ui, "the command", line, strlen(line));
}

static void
breach_where(const struct ui *ui, const void *state, char *dst, size_t size)
{
	if (at_answer(ui, state))
		pager_view_where(ui, state, dst, size);
}

static void
breach_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->steps.page);
	form_clear(&st->range);
	NOUN_CLEAR(breach, &st->breach);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "go on", NULL, steps_enter, steps_at_form, "breach" },
	{ K_TAB, "Tab", "next field", NULL, steps_tab, steps_at_form, KEY_MOVES },
	{ 'n', "n", "another range", "Type other dates", again, at_answer,
	    KEY_MOVES },
	{ 'y', "y", "copy command", "Copy the command that gives the same in a shell",
	    copy, at_answer, KEY_MOVES },
	{ 0 },
};

const struct view view_breach = {
	.name = "breach", .title = "Breach", .brief = "Breach",
	.help = "When data may have leaked: whose data of which kind was held in a time range. Times are UTC.",
	.size = sizeof(struct state), .keys = keys,
	.open = breach_open, .draw = steps_draw, .key = steps_key,
	.paste = steps_paste, .typing = steps_typing,
	.where = breach_where, .close = breach_close,
};
