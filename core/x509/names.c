/* names.c - one canonical form for each domain name, or a reason why not. */
#include "core/x509/names.h"

#include <string.h>

#include <libpsl.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/x509/idna.h"
#include "core/x509/rules.h"

static const char *const special_use[] = {
	"localhost", "local", "test", "example", "invalid", "onion", "arpa",
	"internal", "alt", "example.com", "example.net", "example.org",
};

static const psl_ctx_t *
suffixes(void)
{
	static const psl_ctx_t *psl;

	if (psl == NULL && (psl = psl_builtin()) == NULL &&
	    (psl = psl_latest(NULL)) == NULL)
		fatal("libpsl has no list of public suffixes");
	return psl;
}

/* What is wrong with one character, before IDNA is asked. */
static int
character_check(uint32_t c, const char *in, size_t len, struct err *e)
{
	if (c <= 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xa0)
		return rule_broken(e, RULE_NAME_CONTROL, "The name \"%s\" "
		    "holds a blank or control character; type the domain alone.",
		    rendered(in, len).text);
	if (char_is_hidden(c))
		return rule_broken(e, RULE_NAME_BIDI, "The name \"%s\" holds "
		    "an invisible or direction-changing character; type it "
		    "again by hand.", rendered(in, len).text);
	if (c == '*')
		return rule_broken(e, RULE_NAME_WILDCARD, "\"%s\" is a "
		    "wildcard, and those are not issued; name each host (the "
		    "domain itself, conference.DOMAIN, ...).",
		    rendered(in, len).text);
	if (c == '_')
		return rule_broken(e, RULE_NAME_UNDERSCORE, "\"%s\" has an "
		    "underscore; give the XMPP domain itself, not a service "
		    "record's name.", rendered(in, len).text);
	if (c == ':' || c == '[' || c == ']')
		return rule_broken(e, RULE_NAME_IP, "\"%s\" looks like an "
		    "address with a port or an IPv6 address; give the XMPP "
		    "domain.", rendered(in, len).text);
	if (c < 0x80 && strchr("abcdefghijklmnopqrstuvwxyz0123456789-.",
	    (int)c) == NULL)
		return rule_broken(e, RULE_NAME_LABEL, "\"%s\" holds the "
		    "character \"%c\", which no domain name has.",
		    rendered(in, len).text, (int)c);
	return 0;
}

/* Lower-cased UTF-8 without a trailing dot, each character fit for a name. */
static int
name_clean(const char *in, size_t len, char *out, struct err *e)
{
	const uint8_t *p = (const uint8_t *)in;
	size_t left = len, done = 0, n;
	uint32_t c;

	if (len == 0)
		return rule_broken(e, RULE_NAME_EMPTY,
		    "The domain name is empty; type one, such as example.org.");
	if (len > DOMAIN_INPUT_MAX)
		return rule_broken(e, RULE_NAME_LENGTH, "The domain name has "
		    "%zu octets; it may have 253.", len);
	for (; left > 0; p += n, left -= n) {
		if ((n = utf8_decode(p, left, &c)) == 0)
			return rule_broken(e, RULE_NAME_IDNA, "The name "
			    "\"%s\" is not valid UTF-8.", rendered(in, len).text);
		c = char_lower(c);
		if (character_check(c, in, len, e) != 0)
			return -1;
		done += utf8_put(out + done, c);
	}
	if (done > 1 && out[done - 1] == '.')
		done--;
	out[done] = '\0';
	return 0;
}

/* Letters, digits, hyphens in labels of 1 to 63; ASCII already. */
static int
labels_check(const char *name, size_t *labels, struct err *e)
{
	size_t n;

	*labels = 0;
	for (const char *at = name; ; at += n + 1) {
		n = strcspn(at, ".");
		if (n == 0)
			return rule_broken(e, RULE_NAME_LABEL, "\"%s\" has an "
			    "empty label (two dots, or one at the beginning).",
			    rendered(name, strlen(name)).text);
		if (n > 63)
			return rule_broken(e, RULE_NAME_LENGTH, "A label of "
			    "\"%s\" has %zu octets; it may have 63.",
			    rendered(name, strlen(name)).text, n);
		if (at[0] == '-' || at[n - 1] == '-' || (n >= 4 &&
		    at[2] == '-' && at[3] == '-' && memcmp(at, "xn", 2) != 0))
			return rule_broken(e, RULE_NAME_LABEL, "A label of "
			    "\"%s\" has its hyphens where none may be.",
			    rendered(name, strlen(name)).text);
		++*labels;
		if (at[n] == '\0')
			break;
	}
	if (strlen(name) > 253)
		return rule_broken(e, RULE_NAME_LENGTH, "The name has %zu "
		    "octets in its ASCII form; it may have 253.",
		    strlen(name));
	return 0;
}

static bool
is_number(const char *label)
{
	if (label[0] == '0' && label[1] == 'x')
		return strspn(label + 2, "0123456789abcdef") ==
		    strlen(label + 2);
	return strspn(label, "0123456789") == strlen(label);
}

static int
shape_check(const char *ascii, struct err *e)
{
	const char *last = strrchr(ascii, '.');
	size_t labels = 0;

	if (labels_check(ascii, &labels, e) != 0)
		return -1;
	if (is_number(last != NULL ? last + 1 : ascii)) {
		if (strspn(ascii, "0123456789.") == strlen(ascii) &&
		    (labels == 4 || labels == 1))
			return rule_broken(e, RULE_NAME_IP, "\"%s\" is an IP "
			    "address; give the XMPP domain that your "
			    "addresses (JIDs) end in.", ascii);
		return rule_broken(e, RULE_NAME_NUMERIC_TLD, "\"%s\" ends in "
		    "a number, as no domain does.", ascii);
	}
	if (labels < 2)
		return rule_broken(e, RULE_NAME_SINGLE_LABEL, "\"%s\" has one "
		    "label only; give the whole name, such as %s.example.org.",
		    ascii, ascii);
	return 0;
}

static bool
is_below(const char *parent, const char *domain)
{
	size_t p = strlen(parent), d = strlen(domain);

	return d > p + 1 && domain[d - p - 1] == '.' &&
	    memcmp(domain + d - p, parent, p) == 0;
}

static const char *
special_use_of(const char *ascii)
{
	for (size_t i = 0; i < sizeof special_use / sizeof *special_use; i++)
		if (strcmp(ascii, special_use[i]) == 0 ||
		    is_below(special_use[i], ascii))
			return special_use[i];
	return NULL;
}

static int
register_check(const char *ascii, bool special_ok, struct err *e)
{
	const char *special = special_use_of(ascii);

	if (special != NULL) {
		if (special_ok)
			return 0;
		return rule_broken(e, RULE_NAME_SPECIAL_USE, "\"%s\" is "
		    "under \"%s\", which nobody can own (RFC 6761); ask for a "
		    "name that you registered.", ascii, special);
	}
	if (psl_is_public_suffix2(suffixes(), ascii,
	    PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE))
		return rule_broken(e, RULE_NAME_PUBLIC_SUFFIX, "\"%s\" is a "
		    "public suffix, under which others register; ask for the "
		    "name that you registered below it.", ascii);
	return 0;
}

int
domain_parse(const char *in, size_t len, bool special_ok,
    struct domain_form *out, struct err *e)
{
	char clean[DOMAIN_INPUT_MAX * 2 + 1];

	memset(out, 0, sizeof *out);
	if (name_clean(in, len, clean, e) != 0 ||
	    idna_ascii(clean, in, len, out->ascii, e) != 0 ||
	    shape_check(out->ascii, e) != 0 ||
	    idna_shown(out->ascii, out->shown, e) != 0 ||
	    register_check(out->ascii, special_ok, e) != 0) {
		memset(out, 0, sizeof *out);
		return -1;
	}
	out->repaired = !(len == strlen(out->ascii) &&
	    memcmp(in, out->ascii, len) == 0) &&
	    !(len == strlen(out->shown) && memcmp(in, out->shown, len) == 0);
	return 0;
}

bool
domain_is_parent(const char *parent, const char *domain)
{
	const char *registered;

	if (strcmp(parent, domain) == 0)
		return true;
	if (!is_below(parent, domain))
		return false;
	/* nothing above what can be registered speaks for what is below it */
	registered = psl_registrable_domain(suffixes(), domain);
	return registered != NULL && (strcmp(registered, parent) == 0 ||
	    is_below(registered, parent));
}

bool
domain_covers(const char *proven, const char *domain, bool subdomains)
{
	if (!subdomains)
		return strcmp(proven, domain) == 0;
	return domain_is_parent(proven, domain);
}
