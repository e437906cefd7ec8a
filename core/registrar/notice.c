/* notice.c - letters: made from templates in the deed's transaction, listed
 * for staff.  How they leave stands in letter.c. */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/page.h"

#define TEMPLATE_MAX 16384
#define BODY_MAX 60000
#define VALUE_MAX 16384
#define SUBJECT_MARK "Subject: "

enum { Q_ADD, Q_LIST, Q_LAST };
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO notice (kind, account, recipient, subject,"
	    " body, challenge, state, created, next)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?7)",
	[Q_LIST] = "SELECT number, kind, recipient, subject, state, created,"
	    " next, sent, attempts, reply FROM notice WHERE number < ?1"
	    " AND (?2 = '' OR state = ?2) AND (?3 = '' OR kind LIKE ?3"
	    " ESCAPE '!' OR recipient LIKE ?3 ESCAPE '!'"
	    " OR subject LIKE ?3 ESCAPE '!')"
	    " ORDER BY number DESC LIMIT ?4",
	[Q_LAST] = "SELECT max(number) FROM notice",
};
DB_STATEMENTS(notice, sql)

struct letter_template {
	char kind[32];
	char *text;		/* whole file, NUL-terminated */
	struct letter_template *next;
};
static struct letter_template *templates;

/* Those that every installation must have. */
static const char *const kinds[] = {
#define LETTER(kind) kind,
#include "core/registrar/letters.def"
#undef LETTER
};

/* ---- addresses ---- */

static bool
local_part_ok(const char *s, size_t n)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";

	if (n == 0 || n > 64 || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] == '\0' || strchr(good, s[i]) == NULL ||
		    (s[i] == '.' && s[i + 1] == '.'))
			return false;
	return true;
}

static bool
label_ok(const char *s, size_t n, bool *letters)
{
	*letters = false;
	if (n == 0 || n > 63 || s[0] == '-' || s[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++) {
		bool letter = s[i] >= 'a' && s[i] <= 'z';

		if (!letter && s[i] != '-' && (s[i] < '0' || s[i] > '9'))
			return false;
		*letters = *letters || letter;
	}
	return true;
}

/* At least two labels, the last one with a letter in it. */
static bool
host_ok(const char *s)
{
	bool letters = false;
	size_t labels = 0, n;

	if (strlen(s) > 253)
		return false;
	for (;;) {
		n = strcspn(s, ".");
		if (!label_ok(s, n, &letters))
			return false;
		labels++;
		if (s[n] == '\0')
			return labels >= 2 && letters;
		s += n + 1;
	}
}

bool
address_ok(const char *address)
{
	const char *at = strchr(address, '@');

	return at != NULL && strlen(address) <= 254 &&
	    local_part_ok(address, (size_t)(at - address)) && host_ok(at + 1);
}

/* ---- templates ---- */

static struct letter_template *
template_find(const char *kind)
{
	for (struct letter_template *t = templates; t != NULL; t = t->next)
		if (strcmp(t->kind, kind) == 0)
			return t;
	return NULL;
}

static const char *
template_text(const char *kind, struct err *e)
{
	struct letter_template *t = template_find(kind);
	struct blob file = { 0 };
	char name[64], path[CONF_PATH_SIZE];

	if (t != NULL)
		return t->text;
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
	return t->text;
}

int
notice_templates_load(struct err *e)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (template_text(kinds[i], e) == NULL)
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

/* The first line is the subject, an empty one, then the body. */
static int
letter_make(const char *text, const struct blank *blanks, size_t n,
    char subject[256], struct buf *body, struct err *e)
{
	struct buf line = { 0 };
	size_t first = strcspn(text, "\n");
	const char *rest = text + first;
	int r;

	rest += strspn(rest, "\n");
	r = template_fill(&line, text + strlen(SUBJECT_MARK),
	    first - strlen(SUBJECT_MARK), blanks, n, e);
	if (r == 0) {
		/* rendered again: one line, cut to the field at a character */
		render_untrusted(subject, 256, line.data, line.size);
		r = template_fill(body, rest, strlen(rest), blanks, n, e);
	}
	buf_clear(&line);
	if (r == 0 && body->size > BODY_MAX)
		r = err_set(e, ERR_BROKEN, "mail-template",
		    "a letter of %zu bytes is too long", body->size);
	buf_put_u8(body, 0);
	return r;
}

static int
row_add(const char *kind, int64_t account, const char *recipient,
    int64_t challenge, const char *subject, const struct buf *body,
    struct err *e)
{
	struct query *q = NULL;

	if (!address_ok(recipient))
		return err_set(e, ERR_BAD_INPUT, "address",
		    "no letter can go to an address of this form");
	q = db_query(notice_prepared[Q_ADD]);
	q_str_held(q, 1, kind);
	if (account != 0)
		q_i64(q, 2, account);
	q_str_held(q, 3, recipient);
	q_str_held(q, 4, subject);
	q_str_held(q, 5, (const char *)body->data);
	if (challenge != 0)
		q_i64(q, 6, challenge);
	q_i64(q, 7, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	change_push("notice", db_last_number(), 0, "");
	return 0;
}

int
notice_add_each(const char *kind, int64_t account,
    const char *const *recipients, size_t n_recipients, int64_t challenge,
    const struct blank *blanks, size_t n, struct err *e)
{
	const char *text = template_text(kind, e);
	struct buf body = { 0 };
	char subject[256];
	int r = -1;

	if (text != NULL)
		r = letter_make(text, blanks, n, subject, &body, e);
	for (size_t i = 0; i < n_recipients && r == 0; i++)
		r = row_add(kind, account, recipients[i], challenge, subject,
		    &body, e);
	buf_clear(&body);
	return r;
}

int
notice_add(const char *kind, int64_t account, const char *recipient,
    int64_t challenge, const struct blank *blanks, size_t n, struct err *e)
{
	return notice_add_each(kind, account, &recipient, 1, challenge,
	    blanks, n, e);
}

/* ---- what staff see ---- */

static void
row_take(struct query *q, struct notice *n)
{
	char state[16];
	int v;

	n->number = q_col_i64(q, 0);
	q_col_str(q, 1, n->kind, sizeof n->kind);
	q_col_str(q, 2, n->to, sizeof n->to);
	q_col_str(q, 3, n->subject, sizeof n->subject);
	q_col_str(q, 4, state, sizeof state);
	v = word_parse(&notice_state_words, state);
	n->state = v < 0 ? NOTICE_WAITING : (enum notice_state)v;
	n->created = q_col_i64(q, 5);
	n->next = q_col_i64(q, 6);
	n->sent = q_col_i64(q, 7);
	n->attempts = q_col_i64(q, 8);
	q_col_str(q, 9, n->reply, sizeof n->reply);
}

int
serve_notice_list(struct seat *s, const struct wish *a,
    struct notice_page *r, struct err *e)
{
	int64_t limit = page_limit(a->limit);
	char pattern[PATTERN_SIZE];
	struct query *q = db_query(notice_prepared[Q_LAST]);
	int have;

	(void)s;
	if ((have = q_next(q, e)) == 1)
		r->total = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	q = db_query(notice_prepared[Q_LIST]);
	q_i64(q, 1, a->before > 0 ? a->before : INT64_MAX);
	q_str(q, 2, a->state);
	page_pattern(pattern, a->filter);
	q_str(q, 3, pattern);
	q_i64(q, 4, limit + 1);
	while ((have = q_next(q, e)) == 1) {
		if ((int64_t)r->n_rows == limit) {
			r->more = true;
			break;
		}
		row_take(q, LIST_ADD(r, rows));
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}
