/* notice_text.c - the words of letters: templates, the values of their blanks
 * as bytes that wait in the row, and the text made of the two when it leaves. */
#include "core/registrar/letter/notice_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"

#define TEMPLATE_MAX 16384
#define BODY_MAX 60000
#define PACKED_MAX 65536
#define BLANKS_MAX 32
#define VALUE_MAX 16384
#define SUBJECT_MARK "Subject: "

struct letter_template {
	char kind[32];
	char *text;		/* whole file, NUL-terminated */
	bool fits;		/* was filled once with what its letters give */
	struct letter_template *next;
};
static struct letter_template *templates;

/* Those that every installation must have. */
static const char *const kinds[] = {
#define LETTER(kind) kind,
#include "core/registrar/letter/letters.def"
#undef LETTER
};

/* ---- templates ---- */

static struct letter_template *
template_find(const char *kind)
{
	for (struct letter_template *t = templates; t != NULL; t = t->next)
		if (strcmp(t->kind, kind) == 0)
			return t;
	return NULL;
}

static struct letter_template *
template_of(const char *kind, struct err *e)
{
	struct letter_template *t = template_find(kind);
	struct blob file = { 0 };
	char name[64], path[CONF_PATH_SIZE];

	if (t != NULL)
		return t;
	snprintf(name, sizeof name, "mail/%s.txt", kind);
	if (share_path(path, name, e) < 0 ||
	    file_read(path, TEMPLATE_MAX, &file, e) < 0)
		return NULL;
	if (file.size <= strlen(SUBJECT_MARK) || !utf8_valid(file.data,
	    file.size) || memchr(file.data, '\0', file.size) != NULL ||
	    memcmp(file.data, SUBJECT_MARK, strlen(SUBJECT_MARK)) != 0) {
		blob_clear(&file);
		err_set(e, ERR_BROKEN, "mail-template",
		    "%s: the first line must be \"Subject: ...\"", path);
		return NULL;
	}
	t = xcalloc(1, sizeof *t);
	str_copy(t->kind, sizeof t->kind, kind);
	t->text = xcalloc(1, file.size + 1);
	memcpy(t->text, file.data, file.size);
	blob_clear(&file);
	t->next = templates;
	templates = t;
	return t;
}

int
notice_templates_load(struct err *e)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (template_of(kinds[i], e) == NULL)
			return -1;
	return 0;
}

static const char *
blank_value(const char *name, size_t len, const struct blank *blanks,
    size_t n)
{
	const struct blank own[] = {
		{ "SERVICE", conf.service_name },
		{ "SSH", ssh_words() },
		{ "TITLE", conf.service_title },
		{ "FEDERATION", conf.service_federation },
	};

	for (size_t i = 0; i < n; i++)
		if (strlen(blanks[i].name) == len &&
		    memcmp(blanks[i].name, name, len) == 0)
			return blanks[i].value;
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (strlen(own[i].name) == len &&
		    memcmp(own[i].name, name, len) == 0)
			return own[i].value;
	return NULL;
}

static int
value_put(struct buf *out, const char *name, size_t len,
    const struct blank *blanks, size_t n, struct err *e)
{
	const char *value = blank_value(name, len, blanks, n);
	bool lines = len > 6 && memcmp(name + len - 6, "_LINES", 6) == 0;
	static char safe[VALUE_MAX];	/* may hold a code: wiped */
	size_t used;

	if (value == NULL)
		return err_set(e, ERR_BROKEN, "mail-template",
		    "a letter has a blank {{%.*s}} that nothing fills",
		    len > 32 ? 32 : (int)len, name);
	used = lines ? render_untrusted_lines(safe, sizeof safe, value,
	    strlen(value)) : render_untrusted(safe, sizeof safe, value,
	    strlen(value));
	buf_put(out, safe, used);
	secret_wipe(safe, used);
	return 0;
}

/* Copy text to out with its blanks filled; out gets no NUL. */
static int
template_fill(struct buf *out, const char *text, size_t size,
    const struct blank *blanks, size_t n, struct err *e)
{
	const char *end = text + size;

	while (text < end) {
		const char *open = memmem(text, (size_t)(end - text), "{{", 2);
		const char *close = NULL;

		if (open == NULL) {
			buf_put(out, text, (size_t)(end - text));
			return 0;
		}
		buf_put(out, text, (size_t)(open - text));
		close = memmem(open, (size_t)(end - open), "}}", 2);
		if (close == NULL)
			return err_set(e, ERR_BROKEN, "mail-template",
			    "a letter has a {{ without its }}");
		if (value_put(out, open + 2, (size_t)(close - open - 2),
		    blanks, n, e) < 0)
			return -1;
		text = close + 2;
	}
	return 0;
}

static const char *
body_of(const struct letter_template *t)
{
	const char *rest = t->text + strcspn(t->text, "\n");

	return rest + strspn(rest, "\n");
}

int
letter_subject(const char *kind, const struct blank *blanks, size_t n,
    char subject[256], struct err *e)
{
	const struct letter_template *t = template_of(kind, e);
	struct buf line = { 0 };
	int r = -1;

	if (t != NULL)
		r = template_fill(&line, t->text + strlen(SUBJECT_MARK),
		    strcspn(t->text, "\n") - strlen(SUBJECT_MARK), blanks, n,
		    e);
	/* rendered again: one line, cut to the field at a character */
	if (r == 0)
		render_untrusted(subject, 256, line.data, line.size);
	buf_clear(&line);
	return r;
}

static int
body_fill(const struct letter_template *t, const struct blank *blanks,
    size_t n, struct buf *body, struct err *e)
{
	const char *text = body_of(t);

	if (template_fill(body, text, strlen(text), blanks, n, e) < 0)
		return -1;
	if (body->size > BODY_MAX)
		return err_set(e, ERR_BROKEN, "mail-template",
		    "a letter of %zu bytes is too long", body->size);
	return 0;
}

/* The first letter of a kind is filled at once, so that a blank which nothing
 * fills fails in the deed and not days later. */
static int
template_try(struct letter_template *t, const struct blank *blanks, size_t n,
    struct err *e)
{
	struct buf body = { 0 };

	if (!t->fits && body_fill(t, blanks, n, &body, e) == 0)
		t->fits = true;
	buf_clear(&body);
	return t->fits ? 0 : -1;
}

/* One octet and the name, two octets and the value, for each blank. */
int
letter_pack(struct buf *out, const char *kind, const struct blank *blanks,
    size_t n, struct err *e)
{
	struct letter_template *t = template_of(kind, e);

	if (t == NULL || template_try(t, blanks, n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t name = strlen(blanks[i].name);
		size_t value = strlen(blanks[i].value);

		if (name == 0 || name > 31 || value > VALUE_MAX - 1 ||
		    n > BLANKS_MAX)
			return err_set(e, ERR_BROKEN, "mail-template",
			    "a letter %s with a blank of %zu bytes", kind,
			    value);
		buf_put_u8(out, (uint8_t)name);
		buf_put(out, blanks[i].name, name);
		buf_put_u16(out, (uint16_t)value);
		buf_put(out, blanks[i].value, value);
	}
	if (out->size > PACKED_MAX)
		return err_set(e, ERR_BROKEN, "mail-template",
		    "a letter of %zu bytes is too long", out->size);
	return 0;
}

/* The next `size` octets as a string behind `text`; NULL: there are not so
 * many. */
static const char *
piece_take(struct reader *r, size_t size, char **text)
{
	char *piece = *text;

	if (r->bad || r->left < size)
		return NULL;
	memcpy(piece, r->at, size);
	piece[size] = '\0';
	r->at += size;
	r->left -= size;
	*text += size + 1;
	return piece;
}

/* text: room for size octets, their lengths give place to the NULs. */
static int
blanks_unpack(const uint8_t *packed, size_t size, char *text,
    struct blank *blanks, size_t *n)
{
	struct reader r;

	reader_init(&r, packed, size);
	while (r.left > 0) {
		struct blank *b = &blanks[*n];

		if (*n == BLANKS_MAX ||
		    (b->name = piece_take(&r, reader_u8(&r), &text)) == NULL ||
		    (b->value = piece_take(&r, reader_u16(&r), &text)) == NULL)
			return -1;
		++*n;
	}
	return 0;
}

int
letter_body(const char *kind, const uint8_t *packed, size_t size,
    struct blob *out, struct err *e)
{
	const struct letter_template *t = template_of(kind, e);
	struct blank blanks[BLANKS_MAX];
	struct buf body = { 0 };
	char *text = xmalloc(size + 1);
	size_t n = 0;
	int r = -1;

	if (t == NULL)
		r = -1;
	else if (blanks_unpack(packed, size, text, blanks, &n) < 0)
		err_set(e, ERR_BROKEN, "mail-template",
		    "the values of a letter %s are damaged", kind);
	else
		r = body_fill(t, blanks, n, &body, e);
	if (r == 0)
		blob_set(out, body.data, body.size);
	buf_clear(&body);
	secret_free(text, size + 1);	/* it may hold a code */
	return r;
}
