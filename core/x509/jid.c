/* jid.c - the address of a person in the one form that it has. */
#include "core/x509/jid.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/x509/idna.h"
#include "core/x509/rules.h"

#define LOCAL_MAX 512		/* octets that are looked at */

/* Right to left: the whole of it must be one word (RFC 5893 2). */
static bool
is_rtl(uint32_t c)
{
	return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) ||
	    (c >= 0xfe70 && c <= 0xfeff) || (c >= 0x10800 && c <= 0x10fff) ||
	    (c >= 0x1e800 && c <= 0x1efff);
}

static int
local_refuse(const char *in, size_t len, const char *why, struct err *e)
{
	return rule_broken(e, RULE_JID_LOCALPART, "The part before the @ of "
	    "\"%s\" %s.", rendered(in, len).text, why);
}

/* Lower case, each character judged by itself. */
static int
local_clean(const char *in, size_t len, char *out, bool *plain, bool *rtl,
    struct err *e)
{
	const uint8_t *p = (const uint8_t *)in;
	size_t done = 0, n;
	uint32_t c;

	*plain = true;
	*rtl = false;
	for (size_t at = 0; at < len; at += n) {
		if ((n = utf8_decode(p + at, len - at, &c)) == 0)
			return local_refuse(in, len, "is not valid UTF-8", e);
		if (c <= 0x20 || c == 0x7f || (c >= 0x80 && c <= 0xa0))
			return local_refuse(in, len,
			    "holds a blank or control character", e);
		if (char_is_hidden(c))
			return local_refuse(in, len, "holds an invisible or "
			    "direction-changing character", e);
		if (c < 0x80 && strchr("\"&'/:<>@", (int)c) != NULL)
			return local_refuse(in, len, "holds one of \" & ' / "
			    ": < > @, which no address has (RFC 7622 3.3.1)",
			    e);
		*plain = *plain && c < 0x80;
		*rtl = *rtl || is_rtl(c);
		done += utf8_put(out + done, char_lower(c));
	}
	out[done] = '\0';
	return 0;
}

/* One word with other letters than ASCII: as a label of IDNA 2008, in the
 * form that it has after the way there and back. */
static int
word_prepare(const char *word, char shown[DOMAIN_SHOWN_SIZE], const char *in,
    size_t len, struct err *e)
{
	char ascii[DOMAIN_SIZE];
	struct err why = { 0 };

	for (const char *p = word; *p != '\0'; p++)
		if ((unsigned char)*p < 0x80 && *p != '-' &&
		    !(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9'))
			return local_refuse(in, len, "mixes letters that are "
			    "not ASCII with signs; such a name may have "
			    "letters, digits, hyphens and dots here", e);
	if (idna_ascii(word, word, strlen(word), ascii, &why) != 0 ||
	    idna_shown(ascii, shown, &why) != 0)
		return local_refuse(in, len, "has letters that cannot be "
		    "prepared safely (RFC 8265); write it in lower case, in "
		    "the letters of one language, or in ASCII", e);
	return 0;
}

static int
words_prepare(char *clean, char *out, size_t size, const char *in,
    size_t len, struct err *e)
{
	char shown[DOMAIN_SHOWN_SIZE];
	size_t done = 0;

	for (char *at = clean, *next; at != NULL; at = next) {
		bool plain = true;

		if ((next = strchr(at, '.')) != NULL)
			*next++ = '\0';
		for (const char *p = at; *p != '\0'; p++)
			plain = plain && (unsigned char)*p < 0x80;
		if (!plain && word_prepare(at, shown, in, len, e) != 0)
			return -1;
		done += (size_t)snprintf(out + done, size - done, "%s%s",
		    plain ? at : shown, next != NULL ? "." : "");
		if (done >= size)
			return local_refuse(in, len, "is too long", e);
	}
	return 0;
}

static int
local_prepare(const char *in, size_t len, char *out, size_t size,
    struct err *e)
{
	char clean[LOCAL_MAX * 2 + 8];
	bool plain, rtl;

	if (len == 0 || len > LOCAL_MAX)
		return rule_broken(e, RULE_JID_FORM, "\"%s\" is no address of "
		    "a person: before the @ stand 1 to %d octets.",
		    rendered(in, len).text, LOCAL_MAX);
	if (local_clean(in, len, clean, &plain, &rtl, e) != 0)
		return -1;
	if (rtl && strchr(clean, '.') != NULL)
		return local_refuse(in, len, "mixes directions of writing: "
		    "leave the dots out", e);
	if (plain)
		return str_copy(out, size, clean) ? 0 :
		    local_refuse(in, len, "is too long", e);
	return words_prepare(clean, out, size, in, len, e);
}

int
jid_parse(const char *in, size_t len, bool special_ok, struct jid_form *out,
    struct err *e)
{
	const char *at = len > 0 ? memchr(in, '@', len) : NULL;
	const char *slash = NULL;
	char local[LOCAL_MAX * 3];
	int n;

	memset(out, 0, sizeof *out);
	if (at == NULL)
		return rule_broken(e, RULE_JID_FORM, "\"%s\" is no address of "
		    "a person: it wants NAME@DOMAIN.", rendered(in, len).text);
	if (local_prepare(in, (size_t)(at - in), local, sizeof local, e) != 0)
		return -1;
	at++;
	slash = memchr(at, '/', len - (size_t)(at - in));
	if (domain_parse(at, slash != NULL ? (size_t)(slash - at) :
	    len - (size_t)(at - in), special_ok, &out->domain, e) != 0) {
		memset(out, 0, sizeof *out);
		return -1;
	}
	n = snprintf(out->text, sizeof out->text, "%s@%s", local,
	    out->domain.shown);
	if (n < 0 || (size_t)n >= sizeof out->text) {
		memset(out, 0, sizeof *out);
		return rule_broken(e, RULE_JID_FORM,
		    "The address is longer than 1023 octets.");
	}
	out->repaired = (size_t)n != len || memcmp(out->text, in, len) != 0;
	return 0;
}
