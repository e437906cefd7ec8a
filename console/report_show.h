/* report_show.h - the figures of a report, sorted into sections and put into
 * words: for commands, the printable page and the view. */
#ifndef CONSOLE_REPORT_SHOW_H
#define CONSOLE_REPORT_SHOW_H

#include "core/base/buf.h"
#include "core/model/nouns.h"

struct report_section {
	const char *title;
	const char *const *prefixes;	/* of the names of its figures; NULL ends */
};
extern const struct report_section report_sections[];
extern const size_t n_report_sections;

/* Does a figure stand in that section? */
bool figure_in(const struct figure *f, const struct report_section *s);
/* "issued.renewed" -> "renewed", indented by its depth; and what it counts. */
void figure_label(char *dst, size_t size, const struct figure *f);
void figure_value(char *dst, size_t size, const struct figure *f);
/* "not submitted", "submitted to the Board by NAME, DATE", "a draft ..." */
void report_state(char *dst, size_t size, const struct report *r);
/* A page of its own for a browser or a printer: nothing is loaded. */
void report_html(struct buf *b, const struct report *r, const char *title);

/* The largest count in a section, for bars beside it; what has a unit is no
 * count. */
int64_t section_most(const struct report *r, const struct report_section *s);

#endif
