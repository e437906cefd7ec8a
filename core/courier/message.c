/* message.c - one letter as an RFC 5322 message. */
#include "core/courier/courier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/text.h"

static bool
is_ascii(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] >= 0x80)
			return false;
	return true;
}

/* One plain addr-spec: printable ASCII, one @, nothing that has a meaning in
 * a header or an SMTP command. */
static bool
address_plain(const char *a)
{
	const char *at = strchr(a, '@');

	if (at == NULL || at == a || at[1] == '\0' ||
	    strchr(at + 1, '@') != NULL)
		return false;
	for (; *a != '\0'; a++)
		if (*a <= ' ' || *a >= 0x7f || strchr("<>()[]\\,;:\"", *a))
			return false;
	return true;
}

static bool
header_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

/* RFC 2047 encoded-words of at most 45 octets each, cut between characters. */
static void
subject_put(struct buf *b, const char *s, const char *eol)
{
	size_t n = strlen(s);

	buf_printf(b, "Subject:");
	if (is_ascii((const uint8_t *)s, n)) {
		buf_printf(b, " %s%s", s, eol);
		return;
	}
	while (n > 0) {
		size_t take = n < 42 ? n : 42;
		char *word;

		while (take < n && ((unsigned char)s[take] & 0xc0) == 0x80)
			take--;
		word = base64_encode(s, take);
		buf_printf(b, " =?utf-8?B?%s?=%s", word, eol);
		free(word);
		s += take;
		n -= take;
	}
}

static void
date_put(struct buf *b, int64_t t, const char *eol)
{
	char text[64];
	time_t seconds = (time_t)t;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) != NULL && strftime(text, sizeof text,
	    "%a, %d %b %Y %H:%M:%S +0000", &tm) > 0)
		buf_printf(b, "Date: %s%s", text, eol);
}

static void
base64_lines_put(struct buf *b, const struct blob *body, const char *eol)
{
	char *all = base64_encode(body->data, body->size);

	for (size_t i = 0, n = strlen(all); i < n; i += 76)
		buf_printf(b, "%.76s%s", all + i, eol);
	free(all);
}

static void
text_lines_put(struct buf *b, const struct blob *body, const char *eol)
{
	const char *p = (const char *)body->data;
	size_t left = body->size;

	while (left > 0) {
		const char *lf = memchr(p, '\n', left);
		size_t n = lf ? (size_t)(lf - p) : left;

		buf_put(b, p, n);
		buf_put(b, eol, strlen(eol));
		p += n + (lf != NULL);
		left -= n + (lf != NULL);
	}
}

/* A part of its own, or the whole. */
static void
body_put(struct buf *b, const struct letter *l, const char *eol)
{
	bool ascii = is_ascii(l->body.data, l->body.size);

	buf_printf(b, "Content-Type: text/plain; charset=utf-8%s", eol);
	buf_printf(b, "Content-Transfer-Encoding: %s%s%s",
	    ascii ? "7bit" : "base64", eol, eol);
	if (ascii)
		text_lines_put(b, &l->body, eol);
	else
		base64_lines_put(b, &l->body, eol);
}

/* RFC 2046 5.1: the text, then the calendar as a file; base64 keeps its CR LF
 * as they are.  The boundary holds "=_", which base64 and our texts cannot
 * have at the begin of a line. */
static void
parts_put(struct buf *b, const struct letter *l, const char *eol)
{
	char mark[64];

	snprintf(mark, sizeof mark, "=_part-%lld-%lld", (long long)l->number,
	    (long long)l->created);
	buf_printf(b, "Content-Type: multipart/mixed; boundary=\"%s\"%s%s",
	    mark, eol, eol);
	buf_printf(b, "--%s%s", mark, eol);
	body_put(b, l, eol);
	buf_printf(b, "%s--%s%s", eol, mark, eol);
	buf_printf(b, "Content-Type: text/calendar; charset=utf-8; method=PUBLISH;%s name=\"certificate.ics\"%s",
	    eol, eol);
	buf_printf(b, "Content-Disposition: attachment; filename=\"certificate.ics\"%s",
	    eol);
	buf_printf(b, "Content-Transfer-Encoding: base64%s%s", eol, eol);
	base64_lines_put(b, &l->calendar, eol);
	buf_printf(b, "--%s--%s", mark, eol);
}

int
message_build(struct buf *b, const struct letter *l, const char *eol,
    struct err *e)
{
	if (!address_plain(l->to) || !address_plain(l->from) ||
	    !address_plain(l->message_id) || !header_plain(l->subject))
		return err_set(e, ERR_REFUSED, "RFC 5321 4.1.2",
		    "letter %lld has an address or subject that cannot be sent",
		    (long long)l->number);
	buf_printf(b, "From: <%s>%s", l->from, eol);
	buf_printf(b, "To: <%s>%s", l->to, eol);
	subject_put(b, l->subject, eol);
	date_put(b, l->created, eol);
	buf_printf(b, "Message-ID: <%s>%s", l->message_id, eol);
	buf_printf(b, "Auto-Submitted: auto-generated%s", eol);
	buf_printf(b, "MIME-Version: 1.0%s", eol);
	if (l->calendar.size > 0)
		parts_put(b, l, eol);
	else
		body_put(b, l, eol);
	return 0;
}
