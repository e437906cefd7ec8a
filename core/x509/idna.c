/* idna.c - U-labels to A-labels and back by IDNA 2008, and the characters
 * that names are made of. */
#include "core/x509/idna.h"

#include <string.h>

#include <idn2.h>

#include "core/base/text.h"
#include "core/x509/rules.h"

struct rendered
rendered(const char *in, size_t len)
{
	struct rendered s;

	render_untrusted(s.text, sizeof s.text, in, len);
	return s;
}

bool
char_is_hidden(uint32_t c)
{
	char in[4], out[16];

	/* ask the one list of such characters */
	render_untrusted(out, sizeof out, in, utf8_put(in, c));
	return c >= 0x80 && out[0] == '\\';
}

uint32_t
char_lower(uint32_t c)
{
	static const struct {
		uint32_t first, last, step, add;
	} cases[] = {
		{ 'A', 'Z', 1, 32 }, { 0xc0, 0xd6, 1, 32 },
		{ 0xd8, 0xde, 1, 32 }, { 0x100, 0x12e, 2, 1 },
		{ 0x134, 0x136, 2, 1 }, { 0x139, 0x147, 2, 1 },
		{ 0x14a, 0x176, 2, 1 }, { 0x179, 0x17d, 2, 1 },
		{ 0x218, 0x21e, 2, 1 }, { 0x388, 0x38a, 1, 37 },
		{ 0x391, 0x3a1, 1, 32 }, { 0x3a3, 0x3ab, 1, 32 },
		{ 0x400, 0x40f, 1, 80 }, { 0x410, 0x42f, 1, 32 },
		{ 0x460, 0x480, 2, 1 }, { 0x48a, 0x4be, 2, 1 },
		{ 0x4d0, 0x52e, 2, 1 }, { 0x531, 0x556, 1, 48 },
		{ 0x1e00, 0x1e94, 2, 1 }, { 0x1ea0, 0x1efe, 2, 1 },
	};

	if (c == 0x178)
		return 0xff;
	if (c == 0x386)
		return 0x3ac;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (c >= cases[i].first && c <= cases[i].last)
			return (c - cases[i].first) % cases[i].step == 0
			    ? c + cases[i].add : c;
	return c;
}

static int
idna_error(int rc, const char *in, size_t len, struct err *e)
{
	if (rc == IDN2_TOO_BIG_LABEL || rc == IDN2_TOO_BIG_DOMAIN)
		return rule_broken(e, RULE_NAME_LENGTH, "\"%s\" is too long: "
		    "a label has at most 63 octets, a name 253.",
		    rendered(in, len).text);
	if (rc == IDN2_ALABEL_ROUNDTRIP_FAILED || rc == IDN2_INVALID_ALABEL ||
	    rc == IDN2_PUNYCODE_BAD_INPUT || rc == IDN2_PUNYCODE_OVERFLOW ||
	    rc == IDN2_PUNYCODE_BIG_OUTPUT || rc == IDN2_NOT_NFC)
		return rule_broken(e, RULE_NAME_ROUNDTRIP, "\"%s\" has an "
		    "xn-- label that is not the ASCII form of anything; type "
		    "the name in its own letters.", rendered(in, len).text);
	return rule_broken(e, RULE_NAME_IDNA, "\"%s\" is no valid "
	    "internationalised name (IDNA 2008: %s).", rendered(in, len).text,
	    idn2_strerror(rc));
}

int
idna_ascii(const char *clean, const char *in, size_t len, char ascii[DOMAIN_SIZE],
    struct err *e)
{
	size_t done = 0, n;

	for (const char *at = clean; ; at += n + 1) {
		char label[DOMAIN_INPUT_MAX * 2 + 1];
		char *out = NULL;
		bool plain;
		int rc = IDN2_OK;

		n = strcspn(at, ".");
		memcpy(label, at, n);
		label[n] = '\0';
		plain = strncmp(label, "xn--", 4) != 0;
		for (size_t i = 0; i < n; i++)
			plain = plain && (unsigned char)label[i] < 0x80;
		if (!plain) {
			rc = idn2_lookup_u8((const uint8_t *)label,
			    (uint8_t **)&out, IDN2_NFC_INPUT | IDN2_NO_TR46);
			if (rc != IDN2_OK)
				return idna_error(rc, in, len, e);
			n = strlen(out);
		}
		if (n > 63 || done + n >= DOMAIN_SIZE) {
			idn2_free(out);
			return rule_broken(e, RULE_NAME_LENGTH, "\"%s\" is too "
			    "long: a label has at most 63 octets, a name 253.",
			    rendered(in, len).text);
		}
		memcpy(ascii + done, out != NULL ? out : label, n);
		done += n;
		idn2_free(out);
		at += strcspn(at, ".");
		if (*at == '\0')
			break;
		ascii[done++] = '.';
		n = 0;
	}
	ascii[done] = '\0';
	return 0;
}

/* What a registry tests and a look-up need not: each character in a context
 * that it may have (RFC 5892 appendix A), as a middle dot between two l. */
static int
idna_register(const char *name)
{
	for (const char *at = name; *at != '\0'; at += *at == '.') {
		size_t n = strcspn(at, ".");
		char label[DOMAIN_SHOWN_SIZE];
		uint8_t *out = NULL;
		bool plain = true;
		int rc;

		if (n >= sizeof label)
			return IDN2_TOO_BIG_LABEL;
		memcpy(label, at, n);
		label[n] = '\0';
		at += n;
		for (size_t i = 0; i < n; i++)
			plain = plain && (unsigned char)label[i] < 0x80;
		if (plain)
			continue;
		rc = idn2_register_u8((const uint8_t *)label, NULL, &out,
		    IDN2_NFC_INPUT);
		idn2_free(out);
		if (rc != IDN2_OK)
			return rc;
	}
	return IDN2_OK;
}

int
idna_shown(const char *ascii, char shown[DOMAIN_SHOWN_SIZE], struct err *e)
{
	char *u = NULL, *again = NULL;
	int rc, status = -1;

	if (strstr(ascii, "xn--") == NULL) {
		memcpy(shown, ascii, strlen(ascii) + 1);
		return 0;
	}
	rc = idn2_to_unicode_8z8z(ascii, &u, IDN2_NO_TR46);
	if (rc == IDN2_OK)
		rc = idn2_lookup_u8((const uint8_t *)u, (uint8_t **)&again,
		    IDN2_NFC_INPUT | IDN2_NO_TR46);
	if (rc != IDN2_OK) {
		idna_error(rc, ascii, strlen(ascii), e);
		goto out;
	}
	if (strcmp(again, ascii) != 0 || !str_copy(shown, DOMAIN_SHOWN_SIZE, u)) {
		rule_broken(e, RULE_NAME_ROUNDTRIP, "\"%s\" is not the ASCII "
		    "form of the name that it stands for (that is \"%s\").",
		    ascii, rendered(again, strlen(again)).text);
		goto out;
	}
	for (const uint8_t *p = (const uint8_t *)u; *p != '\0'; ) {
		uint32_t c = 0;
		size_t n = utf8_decode(p, strlen((const char *)p), &c);

		if (n == 0 || char_is_hidden(c)) {
			rule_broken(e, RULE_NAME_BIDI, "\"%s\" stands for a "
			    "name with invisible characters.", ascii);
			goto out;
		}
		p += n;
	}
	if ((rc = idna_register(u)) != IDN2_OK) {
		idna_error(rc, u, strlen(u), e);
		goto out;
	}
	status = 0;
out:
	idn2_free(u);
	idn2_free(again);
	return status;
}
