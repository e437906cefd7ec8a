/* export.c - everything that is held on a member, as JSON, part by part
 * (S4.3): the sections of export.def. */
#include "core/registrar/registrar.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"

#define PART_ROWS 500
#define PART_BYTES (1u << 20)

static const char *const sql[] = {
#define EXPORT(name, text) text,
#include "core/registrar/account/export.def"
#undef EXPORT
};
DB_STATEMENTS(export, sql)

static const char *const sections[] = {
#define EXPORT(name, text) #name,
#include "core/registrar/account/export.def"
#undef EXPORT
};
#define SECTIONS (sizeof sections / sizeof sections[0])

/* ---- one value ---- */

static json_t *
blob_value(struct query *q, int column, bool hex)
{
	size_t n;
	const uint8_t *p = q_col_blob(q, column, &n);
	char text[129], *b64 = NULL;
	json_t *v = NULL;

	if (hex && n <= 64) {
		hex_encode(text, p, n);
		return json_string(text);
	}
	b64 = base64_encode(p, n);
	v = json_string(b64);
	free(b64);
	return v;
}

/* What is no UTF-8 has its bytes made visible: nothing is left out. */
static json_t *
text_value(struct query *q, int column)
{
	size_t n;
	const uint8_t *p = q_col_blob(q, column, &n);
	json_t *v = NULL;
	char *safe = NULL;

	if (utf8_valid(p, n))
		return json_stringn(n > 0 ? (const char *)p : "", n);
	safe = xmalloc(n * 10 + 1);
	n = render_untrusted_lines(safe, n * 10 + 1, p, n);
	v = json_stringn(safe, n);
	free(safe);
	return v;
}

static void
value_put(json_t *row, struct query *q, int column)
{
	const char *name = q_column_name(q, column);
	bool time = strncmp(name, "t_", 2) == 0;
	bool hex = strncmp(name, "h_", 2) == 0;
	char when[TIME_TEXT_SIZE];
	json_t *v = NULL;

	switch (q_column_kind(q, column)) {
	case 'i':
		if (time && q_col_i64(q, column) != 0) {
			time_text(when, q_col_i64(q, column));
			if (when[0] != '-')
				when[10] = 'T';		/* RFC 3339 */
			v = json_string(when);
		} else {
			v = time ? json_null() :
			    json_integer(q_col_i64(q, column));
		}
		break;
	case 's':
		v = text_value(q, column);
		break;
	case 'b':
		v = blob_value(q, column, hex);
		break;
	default:
		v = json_null();
	}
	json_object_set_new(row, name + (time || hex ? 2 : 0), v);
}

static void
row_put(struct buf *b, struct query *q, bool first)
{
	json_t *row = json_object();
	char *text = NULL;

	for (int i = 1; i < q_columns(q); i++)
		value_put(row, q, i);
	text = json_dumps(row, JSON_ENSURE_ASCII | JSON_COMPACT |
	    JSON_PRESERVE_ORDER);
	json_decref(row);
	if (text == NULL)
		fatal("a row of the export is no JSON");
	if (!first)
		buf_put(b, ",", 1);
	buf_put(b, text, strlen(text));
	free(text);
}

/* ---- a part ---- */

/* Rows behind the cursor; *next the last cursor, or -1 when that was all. */
static int
rows_put(struct buf *b, size_t section, const struct seat *s, int64_t after,
    int64_t *next, struct err *e)
{
	struct query *q = db_query(export_prepared[section]);
	int64_t at = after;
	size_t n = 0;
	int have;

	q_i64(q, 1, s->account);
	q_str(q, 2, s->account_name);
	q_i64(q, 3, after);
	*next = -1;
	while ((have = q_next(q, e)) == 1) {
		int64_t cursor = q_col_i64(q, 0);

		if ((n >= PART_ROWS || b->size > PART_BYTES) && cursor != at) {
			*next = at;
			break;
		}
		row_put(b, q, n++ == 0);
		at = cursor;
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* "SECTION.CURSOR" as export_part.next gave it; "" is the begin. */
static int
cursor_read(const char *ref, size_t *section, int64_t *after, struct err *e)
{
	char name[64];
	const char *dot = strchr(ref, '.');
	size_t len = dot != NULL ? (size_t)(dot - ref) : 0;

	*section = 0;
	*after = INT64_MIN;
	if (ref[0] == '\0')
		return 0;
	if (dot != NULL && len < sizeof name && (strcmp(dot + 1, "") == 0 ||
	    number_parse(dot + 1, INT64_MAX, after))) {
		memcpy(name, ref, len);
		name[len] = '\0';
		for (; *section < SECTIONS; (*section)++)
			if (strcmp(sections[*section], name) == 0)
				return 0;
	}
	return err_set(e, ERR_BAD_INPUT, "export",
	    "an export begins with nothing, and goes on with what the part before it named");
}

int
serve_account_export(struct seat *s, const struct ref *a,
    struct export_part *r, struct err *e)
{
	struct buf b = { 0 };
	size_t section;
	int64_t after, next;

	if (cursor_read(a->ref, &section, &after, e) < 0)
		return -1;
	if (a->ref[0] == '\0' && audit_add(s, "account.export", "account",
	    s->account_name, OUTCOME_DONE, e, "%s", "") < 0)
		return -1;
	if (rows_put(&b, section, s, after, &next, e) < 0) {
		buf_clear(&b);
		return -1;
	}
	str_copy(r->section, sizeof r->section, sections[section]);
	blob_set(&r->rows, b.data, b.size);
	buf_clear(&b);
	if (next >= 0)
		snprintf(r->next, sizeof r->next, "%s.%lld",
		    sections[section], (long long)next);
	else if (section + 1 < SECTIONS)
		snprintf(r->next, sizeof r->next, "%s.",
		    sections[section + 1]);
	return 0;
}
