/* report_csv.c - figures as lines of CSV, the form that is hashed and signed,
 * and read back. */
#include "core/registrar/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/csv.h"
#include "core/base/text.h"

#define HEAD "figure,value,unit,note\n"

/* Amounts and counts are numbers, their minus is theirs; names are ours. */
static void
note_put(struct buf *b, const char *text)
{
	char clean[2048];

	render_untrusted(clean, sizeof clean, text, strlen(text));
	csv_put_text(b, clean, strlen(clean));
}

void
figures_csv(struct buf *b, const struct figures *f)
{
	buf_put(b, HEAD, sizeof HEAD - 1);
	for (size_t i = 0; i < f->n_rows; i++) {
		const struct figure *r = &f->rows[i];

		buf_printf(b, "%s,%lld,%s,", r->name, (long long)r->value,
		    r->unit);
		if (r->note[0] != '\0')
			note_put(b, r->note);
		buf_put(b, "\n", 1);
	}
}

/* ---- reading back ---- */

static bool
cell_take(const char **at, const char *end, char until, char *dst,
    size_t size)
{
	size_t n = 0;

	while (*at < end && **at != until) {
		if (n + 1 >= size || **at == '\n')
			return false;
		dst[n++] = *(*at)++;
	}
	dst[n] = '\0';
	return *at < end && *(*at)++ == until;
}

static bool
note_take(const char **at, const char *end, char *dst, size_t size)
{
	size_t n = 0;

	dst[0] = '\0';
	if (*at < end && **at == '"') {
		for (++*at; *at < end; ++*at) {
			if (**at == '"' && (++*at >= end || **at != '"'))
				break;
			/* longer in CSV than it was: cut, it is only shown */
			if (n + 1 < size)
				dst[n++] = **at;
		}
		dst[n] = '\0';
	}
	return *at < end && *(*at)++ == '\n';
}

static bool
line_take(const char **at, const char *end, struct figures *f)
{
	char name[64], value[24], unit[16], *rest = NULL;
	struct figure *r = NULL;

	if (!cell_take(at, end, ',', name, sizeof name) ||
	    !cell_take(at, end, ',', value, sizeof value) ||
	    !cell_take(at, end, ',', unit, sizeof unit))
		return false;
	/* no figure_of(): each name stands there once, and they may be many */
	f->rows = list_grow(f->rows, &f->n_rows, sizeof *f->rows);
	r = &f->rows[f->n_rows - 1];
	str_copy(r->name, sizeof r->name, name);
	str_copy(r->unit, sizeof r->unit, unit);
	r->value = strtoll(value, &rest, 10);
	return rest != value && *rest == '\0' &&
	    note_take(at, end, r->note, sizeof r->note);
}

int
figures_parse(const uint8_t *csv, size_t size, struct figures *f,
    struct err *e)
{
	const char *at = (const char *)csv, *end = at + size;

	if (size < sizeof HEAD - 1 || memcmp(csv, HEAD, sizeof HEAD - 1) != 0)
		goto bad;
	at += sizeof HEAD - 1;
	while (at < end)
		if (!line_take(&at, end, f))
			goto bad;
	return 0;
bad:
	return err_set(e, ERR_BROKEN, "report",
	    "the figures of a submitted report cannot be read: they are damaged");
}

/* ---- for /metrics ---- */

/* NAME.LABEL[.more] as NAME_quarter{LABEL="..."}: the names are ours or rule
 * ids, and have no character that would have to be escaped. */
void
figures_metrics(struct buf *b, const struct figures *f)
{
	static const char *const kinds[] = { "refused", "mailbox",
		"service.decision" };
	static const char *const names[] = { "refused_this_quarter",
		"codes_this_quarter", "decision_this_quarter" };

	for (size_t k = 0; k < 3; k++) {
		size_t n = strlen(kinds[k]);

		buf_printf(b, "# TYPE xmpp_ica_%s gauge\n", names[k]);
		for (size_t i = 0; i < f->n_rows; i++)
			if (strncmp(f->rows[i].name, kinds[k], n) == 0 &&
			    f->rows[i].name[n] == '.')
				buf_printf(b, "xmpp_ica_%s{what=\"%s\"} %lld\n",
				    names[k], f->rows[i].name + n + 1,
				    (long long)f->rows[i].value);
	}
}
