/* client.c - times, choices, equivalent commands, widths of text. */
#include "console/client.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <wchar.h>

#include "core/base/buf.h"
#include "core/base/text.h"

/* ---- times ---- */

void
time_rfc3339(char dst[TIME_RFC3339_SIZE], int64_t t)
{
	time_t at = (time_t)t;
	struct tm tm;

	if (t == 0 || gmtime_r(&at, &tm) == NULL ||
	    strftime(dst, TIME_RFC3339_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		dst[0] = '\0';
}

void
time_date(char dst[11], int64_t t)
{
	char at[TIME_RFC3339_SIZE];

	time_rfc3339(at, t);
	snprintf(dst, 11, "%.10s", at[0] ? at : "-");
}

void
time_relative(char dst[WHEN_SIZE], int64_t t, int64_t now)
{
	static const struct {
		int64_t seconds;
		const char *one, *many;
	} units[] = {
		{ 86400, "day", "days" }, { 3600, "hour", "hours" },
		{ 60, "minute", "minutes" },
	};
	int64_t far;

	if (t == 0) {
		snprintf(dst, WHEN_SIZE, "-");
		return;
	}
	far = t > now ? t - now : now - t;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		long long n = (long long)(far / units[i].seconds);

		if (n == 0)
			continue;
		snprintf(dst, WHEN_SIZE, "%s%lld %s%s", t > now ? "in " : "",
		    n, n == 1 ? units[i].one : units[i].many,
		    t > now ? "" : " ago");
		return;
	}
	snprintf(dst, WHEN_SIZE, "now");
}

void
time_both(char dst[WHEN_SIZE], int64_t t, int64_t now)
{
	char at[TIME_RFC3339_SIZE], far[WHEN_SIZE];

	if (t == 0) {
		snprintf(dst, WHEN_SIZE, "-");
		return;
	}
	time_rfc3339(at, t);
	time_relative(far, t, now);
	snprintf(dst, WHEN_SIZE, "%.10s %.5sZ (%.36s)", at,
	    at[0] ? at + 11 : "", far);
}

int64_t
days_left(int64_t t, int64_t now)
{
	int64_t left = t - now;

	return left >= 0 ? left / 86400 : -((-left + 86399) / 86400);
}

/* ---- choices ---- */

static const struct choice profiles[] = {
	{ "xmpp-server", "for XMPP servers: the domain, server-to-server and client-to-server (the default)" },
	{ "xmpp-s2s", "between servers alone: no plain domain name in it, of no use to browsers" },
	{ "xmpp-rfc3920", "with XmppAddr names for old software; ejabberd since 19.09 drops peers that use it" },
	{ "xmpp-person", "for one person: the address, to log in to the own server with" },
};
#define PROFILES (sizeof profiles / sizeof profiles[0])

/* One that this console has no words for is offered by its name. */
static struct choice
choice_of(const char *word, size_t n, char kept[32])
{
	struct choice c = { kept, "" };

	snprintf(kept, 32, "%.*s", (int)(n < 31 ? n : 31), word);
	for (size_t i = 0; i < PROFILES; i++)
		if (strcmp(profiles[i].word, kept) == 0)
			c = profiles[i];
	return c;
}

const struct choice *
profile_choices(const struct whoami *me, size_t *n)
{
	static struct choice offered[8];
	static char words[8][32];
	size_t size;

	*n = 0;
	for (const char *at = me->profiles; *at != '\0'; at += size) {
		at += strspn(at, " ,\t");
		size = strcspn(at, " ,\t");
		if (size > 0 && *n < 8) {
			offered[*n] = choice_of(at, size, words[*n]);
			++*n;
		}
	}
	if (*n > 0)
		return offered;
	*n = PROFILES - 1;
	return profiles;
}

const struct choice *
reason_choices(enum role role, size_t *n)
{
	static const struct choice list[] = {
		{ "unspecified", "no reason given" },
		{ "keyCompromise", "somebody else has, or may have, the private key" },
		{ "affiliationChanged", "the domain belongs to somebody else now" },
		{ "superseded", "a newer certificate is in use" },
		{ "cessationOfOperation", "the server is no longer run" },
		{ "privilegeWithdrawn", "the member may not hold it any more (staff)" },
	};
	size_t all = sizeof list / sizeof list[0];

	*n = role == ROLE_STAFF ? all : all - 1;
	return list;
}

int
reason_parse(enum role role, const char *s)
{
	const struct choice *list;
	int64_t code;
	size_t n;

	list = reason_choices(role, &n);
	for (size_t i = 0; i < n; i++) {
		int value = word_parse(&reason_words, list[i].word);

		if (strcasecmp(list[i].word, s) == 0 ||
		    (number_parse(s, 10, &code) && code == value))
			return value;
	}
	return -1;
}

const struct choice *
mailbox_choices(size_t *n)
{
	static const struct choice list[] = {
		{ "hostmaster", "who runs the DNS of the domain" },
		{ "postmaster", "who runs its mail" },
		{ "webmaster", "who runs its web site" },
	};

	*n = sizeof list / sizeof list[0];
	return list;
}

/* ---- the same by command ---- */

static bool
word_is_plain(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		    "0123456789-_.,:/@%+=", *s) == NULL)
			return false;
	return true;
}

/* In single quotes, a quote itself as '\''. */
static void
put_quoted(struct buf *b, const char *s)
{
	buf_put_u8(b, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			buf_put(b, "'\\''", 4);
		else
			buf_put_u8(b, (uint8_t)*s);
	}
	buf_put_u8(b, '\'');
}

/* argv ends with NULL. */
static void
exec_text(char *dst, size_t size, const struct whoami *me,
    const char *const *argv)
{
	struct buf inner = { 0 }, all = { 0 };
	bool quoted = false;

	for (size_t i = 0; argv[i] != NULL; i++) {
		if (i > 0)
			buf_put_u8(&inner, ' ');
		if (word_is_plain(argv[i])) {
			buf_put(&inner, argv[i], strlen(argv[i]));
			continue;
		}
		put_quoted(&inner, argv[i]);
		quoted = true;
	}
	buf_put_u8(&inner, '\0');
	buf_printf(&all, "%s %s@%s ", me->ssh[0] ? me->ssh : "ssh",
	    me->account.role == ROLE_GUEST ?
	    "register" : me->account.name,
	    me->service[0] ? me->service : "HOST");
	/* the shell at the other end takes off one pair of quotes */
	if (!quoted)
		buf_put(&all, inner.data, inner.size - 1);
	else if (strpbrk((char *)inner.data, "\"$`\\!") == NULL)
		buf_printf(&all, "\"%s\"", (char *)inner.data);
	else
		put_quoted(&all, (char *)inner.data);
	render_untrusted(dst, size, all.data, all.size);
	buf_clear(&inner);
	buf_clear(&all);
}

void
exec_line(char *dst, size_t size, const struct whoami *me, ...)
{
	const char *argv[16] = { NULL };
	va_list ap;
	size_t n = 0;

	va_start(ap, me);
	while (n < 15 && (argv[n] = va_arg(ap, const char *)) != NULL)
		n++;
	va_end(ap);
	argv[n] = NULL;
	exec_text(dst, size, me, argv);
}

/* ---- widths ---- */

static int
character_width(uint32_t c)
{
	int w = wcwidth((wchar_t)c);

	return w < 0 ? 1 : w;
}

size_t
text_width(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t left = strlen(s), width = 0, n;
	uint32_t c;

	for (; left > 0; p += n, left -= n) {
		if ((n = utf8_decode(p, left, &c)) == 0)
			n = 1, c = '?';
		width += (size_t)character_width(c);
	}
	return width;
}

size_t
text_cut(char *dst, size_t size, const char *src, size_t columns)
{
	const uint8_t *p = (const uint8_t *)src;
	size_t left = strlen(src), width = 0, used = 0, n;
	size_t room = columns;
	bool cut = text_width(src) > columns;
	uint32_t c;

	if (cut && room > 0)
		room--;
	for (; left > 0; p += n, left -= n) {
		if ((n = utf8_decode(p, left, &c)) == 0)
			n = 1, c = '?';
		if (width + (size_t)character_width(c) > room ||
		    used + n + 2 > size)
			break;
		memcpy(dst + used, p, n);
		used += n;
		width += (size_t)character_width(c);
	}
	if (cut && columns > 0 && used + 2 <= size) {
		dst[used++] = '~';
		width++;
	}
	if (size > 0)
		dst[used] = '\0';
	return width;
}
