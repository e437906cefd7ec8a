/* calendar.c - one day in a calendar file (RFC 5545): escaped, folded between
 * characters, lines that end in CR LF. */
#include "core/registrar/letter/calendar.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/text.h"

#define FOLD 75		/* octets in a line, without its end (3.1) */

/* A content line; a folded one goes on behind a blank, which counts. */
static void
line_put(struct buf *b, const char *line, size_t size)
{
	size_t room = FOLD;

	while (size > room) {
		size_t take = room;

		/* never inside a character */
		while (take > 1 && ((unsigned char)line[take] & 0xc0) == 0x80)
			take--;
		buf_put(b, line, take);
		buf_put(b, "\r\n ", 3);
		line += take;
		size -= take;
		room = FOLD - 1;
	}
	buf_put(b, line, size);
	buf_put(b, "\r\n", 2);
}

static void
plain_put(struct buf *b, const char *line)
{
	line_put(b, line, strlen(line));
}

/* 3.3.11: backslash, semicolon and comma are escaped, a line feed is \n;
 * other control characters have no place. */
static void
text_put(struct buf *b, const char *name, const char *text)
{
	struct buf line = { 0 };

	buf_put(&line, name, strlen(name));
	buf_put(&line, ":", 1);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\n')
			buf_put(&line, "\\n", 2);
		else if (c == '\\' || c == ';' || c == ',')
			buf_put(&line, "\\", 1), buf_put(&line, text, 1);
		else if (c >= 0x20 && c != 0x7f)
			buf_put(&line, text, 1);
	}
	line_put(b, (const char *)line.data, line.size);
	buf_clear(&line);
}

static void
time_put(struct buf *b, const char *name, int64_t at)
{
	char line[64], text[32];
	time_t seconds = (time_t)at;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &tm) == 0)
		return;
	snprintf(line, sizeof line, "%s:%s", name, text);
	plain_put(b, line);
}

void
calendar_make(struct buf *b, const struct calendar_event *v)
{
	char line[64];

	plain_put(b, "BEGIN:VCALENDAR");
	plain_put(b, "VERSION:2.0");
	plain_put(b, "PRODID:-//xmpp-ica//registrar//EN");
	plain_put(b, "CALSCALE:GREGORIAN");
	plain_put(b, "METHOD:PUBLISH");
	plain_put(b, "BEGIN:VEVENT");
	text_put(b, "UID", v->uid);
	time_put(b, "DTSTAMP", v->made);
	time_put(b, "DTSTART", v->at);
	snprintf(line, sizeof line, "SEQUENCE:%lld", (long long)v->sequence);
	plain_put(b, line);
	text_put(b, "SUMMARY", v->summary);
	text_put(b, "DESCRIPTION", v->description);
	plain_put(b, "TRANSP:TRANSPARENT");
	plain_put(b, "BEGIN:VALARM");
	plain_put(b, "ACTION:DISPLAY");
	text_put(b, "DESCRIPTION", v->summary);
	plain_put(b, "TRIGGER:-P7D");
	plain_put(b, "END:VALARM");
	plain_put(b, "END:VEVENT");
	plain_put(b, "END:VCALENDAR");
}
