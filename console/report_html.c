/* report_html.c - a report as one page for browser and printer, which loads
 * nothing and runs nothing. */
#include "console/report_show.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

#define BAR_COLS 200

static void
text_put(struct buf *b, const char *text)
{
	char clean[4096];

	render_untrusted_lines(clean, sizeof clean, text, strlen(text));
	for (const char *p = clean; *p != '\0'; p++)
		switch (*p) {
		case '&': buf_put(b, "&amp;", 5); break;
		case '<': buf_put(b, "&lt;", 4); break;
		case '>': buf_put(b, "&gt;", 4); break;
		case '"': buf_put(b, "&quot;", 6); break;
		default: buf_put(b, p, 1);
		}
}

static void
element_put(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "<%s>", name);
	text_put(b, text);
	buf_printf(b, "</%s>\n", name);
}

static void
section_put(struct buf *b, const struct report *r,
    const struct report_section *s)
{
	int64_t most = section_most(r, s);
	bool any = false;

	for (size_t i = 0; i < r->n_figures; i++) {
		const struct figure *f = &r->figures[i];
		char label[128], value[64];

		if (!figure_in(f, s))
			continue;
		if (!any) {
			element_put(b, "h2", s->title);
			buf_printf(b, "<table>\n");
			any = true;
		}
		figure_label(label, sizeof label, f);
		figure_value(value, sizeof value, f);
		buf_printf(b, "<tr><td%s>", label[0] == ' ' ?
		    " class=\"part\"" : "");
		text_put(b, label);
		buf_printf(b, "</td><td class=\"number\">");
		text_put(b, value);
		buf_printf(b, "</td><td>");
		if (f->unit[0] == '\0' && f->value > 0 && most > 0)
			buf_printf(b, "<div class=\"bar\" style=\"width:%dpx\"></div>",
			    (int)((double)f->value / (double)most *
			    BAR_COLS) + 1);
		buf_printf(b, "</td></tr>\n");
	}
	if (any)
		buf_printf(b, "</table>\n");
}

static void
addenda_put(struct buf *b, const struct report *r)
{
	for (size_t i = 0; i < r->n_addenda; i++) {
		char when[TIME_TEXT_SIZE], head[96];

		if (i == 0)
			element_put(b, "h2", "Addenda");
		time_text(when, r->addenda[i].at);
		snprintf(head, sizeof head, "%s, %s", when,
		    r->addenda[i].by);
		element_put(b, "h3", head);
		element_put(b, "p", r->addenda[i].text);
	}
}

static void
proof_put(struct buf *b, const struct report *r)
{
	char hex[65];

	element_put(b, "h2", "What it rests on");
	hex_encode(hex, r->sha256, sizeof r->sha256);
	buf_printf(b, "<p>SHA-256 of the figures as CSV: <code>%s</code></p>\n",
	    hex);
	if (r->note.size == 0) {
		element_put(b, "p", "Not signed.");
		return;
	}
	buf_printf(b, "<p>Signed with the key of the log, over a head of %lld entries:</p>\n<pre>",
	    (long long)r->entries);
	for (size_t i = 0; i < r->note.size; i++) {
		char one[2] = { (char)r->note.data[i], '\0' };

		/* made by our signer: text, base64 and a dash */
		if (one[0] == '<' || one[0] == '&')
			buf_printf(b, "&#%d;", one[0]);
		else
			buf_put(b, one, 1);
	}
	buf_printf(b, "</pre>\n");
}

void
report_html(struct buf *b, const struct report *r, const char *title)
{
	char line[256], from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];

	buf_printf(b, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
	snprintf(line, sizeof line, "%.120s: report of %s", title, r->quarter);
	element_put(b, "title", line);
	buf_printf(b, "<style>body{font-family:sans-serif;max-width:45em;margin:2em auto;color:#111}"
	    "td{padding:.1em .8em .1em 0;vertical-align:top}.part{padding-left:1.5em}"
	    ".number{text-align:right;white-space:nowrap}.bar{background:#357;height:.8em;margin-top:.2em;"
	    "-webkit-print-color-adjust:exact;print-color-adjust:exact}"
	    "pre,code{font-size:85%%;overflow-wrap:anywhere;white-space:pre-wrap}"
	    "@page{margin:2cm}@media print{body{margin:0;max-width:none}tr{break-inside:avoid}h2{break-after:avoid}}</style></head><body>\n");
	element_put(b, "h1", line);
	time_text(from, r->since);
	time_text(until, r->until - 1);
	snprintf(line, sizeof line, "From %.10s to %.10s (UTC).", from, until);
	element_put(b, "p", line);
	report_state(line, sizeof line, r);
	element_put(b, "p", line);
	for (size_t i = 0; i < n_report_sections; i++)
		section_put(b, r, &report_sections[i]);
	addenda_put(b, r);
	proof_put(b, r);
	buf_printf(b, "</body></html>\n");
}
