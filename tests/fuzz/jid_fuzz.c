/* jid_fuzz.c - an address of a person has one form, a fixed point, which the
 * signer takes too; or none (RFC 7622, RFC 8265). */
#include "fuzz.h"

#include "core/base/clock.h"
#include "core/x509/jid.h"
#include "core/x509/profile.h"

#define BEGIN 1795000000

/* The parts, judged without the parser. */
static void
parts_claim(const struct jid_form *f)
{
	const char *at = strchr(f->text, '@');

	CLAIM(is_showable(f->text));
	CLAIM(strlen(f->text) <= 1023);
	CLAIM(at != NULL && at > f->text && at - f->text <= 1023);
	CLAIM(strcmp(at + 1, f->domain.shown) == 0);
	for (const char *p = f->text; p < at; p++) {
		CLAIM(strchr(" \"&'/:<>\x7f", *p) == NULL);
		CLAIM(*p < 'A' || *p > 'Z');
	}
	CLAIM(strpbrk(at + 1, "@/") == NULL);
	CLAIM(strspn(f->domain.ascii, "abcdefghijklmnopqrstuvwxyz0123456789"
	    "-.") == strlen(f->domain.ascii));
}

/* What goes in in another way comes out as the same address. */
static void
same_claim(const char *in, size_t size, bool special,
    const struct jid_form *f, bool repaired)
{
	struct jid_form again;
	struct err e = { 0 };

	CLAIM(jid_parse(in, size, special, &again, &e) == 0);
	CLAIM(strcmp(again.text, f->text) == 0);
	CLAIM(strcmp(again.domain.ascii, f->domain.ascii) == 0);
	CLAIM(again.repaired == repaired);
}

static void
ways_claim(const struct jid_form *f, bool special)
{
	size_t size = strlen(f->text), local = strcspn(f->text, "@") + 1;
	char *s = text_of((const uint8_t *)f->text, size);
	char longer[2 * JID_SIZE];
	bool changed = false;

	same_claim(s, size, special, f, false);
	/* a resource is left out */
	snprintf(longer, sizeof longer, "%s/A @/ b", s);
	same_claim(longer, strlen(longer), special, f, true);
	/* the domain in its other form */
	snprintf(longer, sizeof longer, "%.*s%s", (int)local, s,
	    f->domain.ascii);
	same_claim(longer, strlen(longer), special, f,
	    strcmp(longer, s) != 0);
	for (char *p = s; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z') {
			*p = (char)(*p - 'a' + 'A');
			changed = true;
		}
	same_claim(s, size, special, f, changed);
	free(s);
}

/* The signer looks at the same address by itself. */
static void
signer_claim(const struct jid_form *f)
{
	const struct profile *p = profile_find("xmpp-person");
	struct name name = { .kind = NAME_XMPP };
	struct err e = { 0 };
	char cn[65];

	CLAIM(p != NULL && strlen(f->text) < sizeof name.value);
	memcpy(name.value, f->text, strlen(f->text) + 1);
	clock_set_for_test(BEGIN);
	profile_subject_cn(f->text, cn);
	CLAIM(is_showable(cn));
	CLAIM(profile_check(p, cn, &name, 1, BEGIN, BEGIN + 86400, &e) == 0);
}

/* First byte: are special names good?  The rest is the address. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool special = (byte_take(&data, &size) & 1) != 0;
	struct jid_form f;
	struct err e = { 0 };

	if (jid_parse((const char *)data, size, special, &f, &e) != 0) {
		CLAIM(e.kind == ERR_REFUSED && is_showable(e.text));
		CLAIM(strncmp(e.clause, "jid-", 4) == 0 ||
		    strncmp(e.clause, "name-", 5) == 0);
		CLAIM(f.text[0] == '\0' && f.domain.ascii[0] == '\0');
		return 0;
	}
	CLAIM(f.repaired == (strlen(f.text) != size ||
	    memcmp(f.text, data, size) != 0));
	parts_claim(&f);
	ways_claim(&f, special);
	signer_claim(&f);
	return 0;
}
