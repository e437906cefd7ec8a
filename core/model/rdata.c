/* rdata.c - TXT and CAA records read, and CAA judged (RFC 8659, RFC 8657). */
#include "core/model/rdata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"

#define CAA_CRITICAL 0x80

static bool
is_label(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

int
txt_read(const uint8_t *rdata, size_t size, struct dns_text *t)
{
	size_t at = 0, used = 0;

	memset(t, 0, sizeof *t);
	if (size == 0)
		return -1;
	while (at < size) {
		size_t n = rdata[at++];

		if (n > size - at || n >= sizeof t->text - used ||
		    memchr(rdata + at, 0, n) != NULL) {
			memset(t, 0, sizeof *t);
			return -1;
		}
		memcpy(t->text + used, rdata + at, n);
		used += n;
		at += n;
	}
	return 0;
}

int
caa_read(const uint8_t *rdata, size_t size, struct caa_record *c)
{
	size_t tag, value;

	memset(c, 0, sizeof *c);
	if (size < 2)
		return -1;
	tag = rdata[1];
	if (tag == 0 || tag > size - 2)
		return -1;
	value = size - 2 - tag;
	if (value >= sizeof c->value ||
	    memchr(rdata + 2 + tag, 0, value) != NULL)
		return -1;
	for (size_t i = 0; i < tag; i++) {
		uint8_t b = rdata[2 + i];

		if (b >= 'A' && b <= 'Z')
			b = (uint8_t)(b - 'A' + 'a');
		else if (!((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9')))
			goto bad;
		c->tag[i] = (char)b;
	}
	memcpy(c->value, rdata + 2 + tag, value);
	c->critical = (rdata[0] & CAA_CRITICAL) != 0;
	return 0;
bad:
	memset(c, 0, sizeof *c);
	return -1;
}

/* Labels of letters, digits, '-' and '_' alone: what is dialled is a name. */
int
srv_read(const uint8_t *rdata, size_t size, struct srv *s)
{
	size_t at = 6, used = 0;

	memset(s, 0, sizeof *s);
	if (size < 7)
		return -1;
	while (at < size && rdata[at] != 0) {
		size_t n = rdata[at++];

		if (n > 63 || n >= size - at ||
		    used + n + 2 > sizeof s->target)
			return -1;
		if (used > 0)
			s->target[used++] = '.';
		for (size_t i = 0; i < n; i++) {
			char c = (char)rdata[at + i];

			if (c >= 'A' && c <= 'Z')
				c = (char)(c - 'A' + 'a');
			else if (!is_label(c) && c != '-' && c != '_')
				return -1;
			s->target[used++] = c;
		}
		at += n;
	}
	if (at + 1 != size)
		return -1;
	s->priority = (unsigned)(rdata[0] << 8 | rdata[1]);
	s->weight = (unsigned)(rdata[2] << 8 | rdata[3]);
	s->port = (unsigned)(rdata[4] << 8 | rdata[5]);
	return 0;
}

/* ---- the value of an issue property ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *
blanks_skip(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

/* One "tag=value"; the end, or NULL when it is none. */
static const char *
parameter_read(const char *p, char tag[64], char value[1025])
{
	size_t n = 0;

	while (is_label(*p) || (n > 0 && *p == '-')) {
		if (n == 63)
			return NULL;
		tag[n++] = *p++;
	}
	tag[n] = '\0';
	p = blanks_skip(p);
	if (n == 0 || *p != '=')
		return NULL;
	p = blanks_skip(p + 1);
	for (n = 0; *p > ' ' && *p < 0x7f && *p != ';'; n++)
		value[n] = *p++;	/* part of a value of 1024 at most */
	value[n] = '\0';
	return blanks_skip(p);
}

/* RFC 8657 4: is "ca-" and our word among these? */
static bool
method_listed(const char *list, const char *method)
{
	char own[32];
	size_t n, k;

	k = (size_t)snprintf(own, sizeof own, "ca-%.16s", method);
	for (; *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == k && strncasecmp(list, own, n) == 0)
			return true;
	}
	return false;
}

/*
 * Does this issue property name us, for this account and method?  What does
 * not follow the grammar names nobody (RFC 8659 4.2).  Parameters that we do
 * not know mean nothing to us (RFC 8657 5.3).
 */
static bool
names_us(const char *p, const struct caa_asker *who)
{
	char tag[64], value[1025];
	bool account = false, ok = true;
	size_t n = 0;

	p = blanks_skip(p);
	while (is_label(p[n]) || p[n] == '-' || p[n] == '.')
		n++;
	if (n == 0 || n != strlen(who->issuer) ||
	    strncasecmp(p, who->issuer, n) != 0)
		return false;
	p = blanks_skip(p + n);
	if (*p == '\0')
		return true;
	if (*p != ';')
		return false;
	p = blanks_skip(p + 1);
	while (*p != '\0') {
		if ((p = parameter_read(p, tag, value)) == NULL)
			return false;
		if (strcasecmp(tag, "accounturi") == 0) {
			/* more than one can never be met (RFC 8657 3) */
			ok = ok && !account &&
			    strcmp(value, who->account) == 0;
			account = true;
		} else if (strcasecmp(tag, "validationmethods") == 0) {
			ok = ok && method_listed(value, who->method);
		}
		if (*p == ';')
			p = blanks_skip(p + 1);
		else if (*p != '\0')
			return false;
	}
	return ok;
}

/* ---- the judgement ---- */

int
caa_judge(const struct caa_record *set, size_t n,
    const struct caa_asker *who, struct err *e)
{
	bool limited = false, named = false;
	char tag[80];

	for (size_t i = 0; i < n; i++) {
		const struct caa_record *c = &set[i];

		if (strcmp(c->tag, "issue") == 0) {
			limited = true;
			named = named || names_us(c->value, who);
		} else if (c->critical && strcmp(c->tag, "issuewild") != 0 &&
		    strcmp(c->tag, "iodef") != 0) {
			render_untrusted(tag, sizeof tag, c->tag,
			    strnlen(c->tag, 40));
			return err_set(e, ERR_REFUSED, "caa-critical",
			    "a CAA record has the critical property \"%s\", which this authority does not know",
			    tag);
		}
	}
	if (limited && !named)
		return err_set(e, ERR_REFUSED, "caa-forbids",
		    "CAA records name who may issue, and %.200s is not among them for this account",
		    who->issuer);
	return 0;
}

void
caa_text(char *dst, size_t size, const struct caa_record *set, size_t n)
{
	char tag[64], value[400];
	size_t used = 0;

	if (size > 0)
		dst[0] = '\0';
	for (size_t i = 0; i < n && used + 8 < size; i++) {
		int k;

		render_untrusted(tag, sizeof tag, set[i].tag,
		    strnlen(set[i].tag, 40));
		render_untrusted(value, sizeof value, set[i].value,
		    strlen(set[i].value));
		k = snprintf(dst + used, size - used, "%s%d %s \"%s\"",
		    i ? "; " : "", set[i].critical ? CAA_CRITICAL : 0, tag,
		    value);
		if (k < 0 || (size_t)k >= size - used) {
			/* what does not fit whole is left out, and said */
			snprintf(dst + used, size - used, "%s",
			    size - used > 5 ? " ..." : "");
			return;
		}
		used += (size_t)k;
	}
}
