/* command_report.c - a quarter's report: shown, submitted, added to. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "console/report_ask.h"
#include "console/report_show.h"
#include "core/base/clock.h"
#include "core/base/text.h"

static int
report_wish_fill(struct call *call, struct report_wish *w)
{
	const char *text = call_option(call, "--text");
	const char *digest = call_option(call, "--digest");

	w->draft = call_option(call, "--draft") != NULL;
	if (text != NULL && !str_copy(w->text, sizeof w->text, text))
		return call_usage(call, "the text is too long: 1000 bytes at most");
	if (digest != NULL &&
	    !str_copy(w->digest, sizeof w->digest, digest))
		return call_usage(call, "--digest takes the SHA-256 of the figures, in hex");
	return call_ref(call, 0, w->quarter, sizeof w->quarter);
}

static void
section_print(struct output *o, const struct report *r,
    const struct report_section *s)
{
	bool any = false;

	for (size_t i = 0; i < r->n_figures; i++) {
		const struct figure *f = &r->figures[i];
		char label[128], value[64];

		if (!figure_in(f, s))
			continue;
		if (!any) {
			out_line(o, "%s", "");
			out_line(o, "%s", s->title);
			any = true;
		}
		figure_label(label, sizeof label, f);
		figure_value(value, sizeof value, f);
		out_line(o, "  %-44s %16s", label, value);
	}
}

static void
report_print(struct output *o, const struct report *r)
{
	char line[256], hex[65], from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];

	time_text(from, r->since);
	time_text(until, r->until - 1);
	out_fact(o, "Report", "%s, from %.10s to %.10s (UTC)", r->quarter, from,
	    until);
	report_state(line, sizeof line, r);
	out_fact(o, "State", "%s", line);
	for (size_t i = 0; i < n_report_sections; i++)
		section_print(o, r, &report_sections[i]);
	for (size_t i = 0; i < r->n_addenda; i++) {
		time_text(from, r->addenda[i].at);
		out_line(o, "%s", "");
		out_line(o, "Addendum of %s, %s", from, r->addenda[i].by);
		out_lines(o, r->addenda[i].text, strlen(r->addenda[i].text));
	}
	hex_encode(hex, r->sha256, sizeof r->sha256);
	out_line(o, "%s", "");
	out_fact(o, "SHA-256 of the CSV", "%s", hex);
	if (r->note.size > 0) {
		out_fact(o, "Rests on", "the head of %lld entries; signed:",
		    (long long)r->entries);
		out_lines(o, r->note.data, r->note.size);
	} else if (!r->draft) {
		say(o, "The signer is away: this report is not signed yet. Ask again in a while.");
	}
}

int
command_report(struct call *call)
{
	struct report_wish w = { 0 };
	struct report r = { 0 };
	struct buf b = { 0 };

	if (call->json && (call_option(call, "--csv") != NULL ||
	    call_option(call, "--html") != NULL ||
	    call_option(call, "--note") != NULL))
		return call_usage(call, "--json has them all: leave out --csv, --html and --note");
	if (report_wish_fill(call, &w) < 0 ||
	    report_await(ask_report_get, call->c->line, &w,
	    REPORT_PATIENCE_MS, &r, &call->err) < 0)
		return -1;
	if (call_option(call, "--csv") != NULL) {
		out_bytes(&call->c->out, r.csv.data, r.csv.size);
	} else if (call_option(call, "--html") != NULL) {
		report_html(&b, &r, call->c->me.title);
		out_bytes(&call->c->out, b.data, b.size);
	} else if (call_option(call, "--note") != NULL) {
		out_bytes(&call->c->out, r.note.data, r.note.size);
	} else if (!call_json(call, &r)) {
		report_print(&call->c->out, &r);
	}
	buf_clear(&b);
	NOUN_CLEAR(report, &r);
	return 0;
}

int
command_report_submit(struct call *call)
{
	struct report_wish w = { 0 };
	struct report r = { 0 };

	if (report_wish_fill(call, &w) < 0 ||
	    report_await(ask_report_submit, call->c->line, &w,
	    REPORT_PATIENCE_MS, &r, &call->err) < 0)
		return -1;
	if (!call_json(call, &r))
		say(&call->c->out, "The report of %s is submitted; it stays as it is. What must be corrected: report addend %s --text TEXT",
		    r.quarter, r.quarter);
	NOUN_CLEAR(report, &r);
	return 0;
}

int
command_report_addend(struct call *call)
{
	struct report_wish w = { 0 };
	struct report r = { 0 };

	if (report_wish_fill(call, &w) < 0 ||
	    ask_report_addend(call->c->line, &w, &r,
	    &call->err) < 0)
		return -1;
	if (!call_json(call, &r))
		say(&call->c->out, "The report of %s has %zu addend%s.",
		    r.quarter, r.n_addenda, r.n_addenda == 1 ? "um" : "a");
	NOUN_CLEAR(report, &r);
	return 0;
}

int
command_report_list(struct call *call)
{
	struct wish w = { 0 };
	struct report_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_report_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 6, "QUARTER", "STATE", "DUE", "SUBMITTED",
		    "BY", "ADDENDA");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct report_row *r = &page.rows[i];
			char due[TIME_TEXT_SIZE], at[TIME_TEXT_SIZE], n[24];

			time_text(due, r->due);
			due[10] = '\0';
			time_text(at, r->submitted);
			snprintf(n, sizeof n, "%lld", (long long)r->addenda);
			table_add(&t, r->quarter, r->state, due, at,
			    r->submitted_by, n);
		}
		table_print(&call->c->out, &t);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
	}
	NOUN_CLEAR(report_page, &page);
	return 0;
}
