/* names_fuzz.c - domain names have one form, and it is a fixed point. */
#include "fuzz.h"

#include "core/x509/names.h"

static void
form_claim(const struct domain_form *f, bool special)
{
	struct domain_form again;
	struct err e = { 0 };

	CLAIM(is_showable(f->ascii) && is_showable(f->shown));
	CLAIM(strspn(f->ascii, "abcdefghijklmnopqrstuvwxyz0123456789-.") ==
	    strlen(f->ascii));
	CLAIM(strchr(f->ascii, '.') != NULL);
	CLAIM(domain_parse(f->ascii, strlen(f->ascii), special, &again,
	    &e) == 0);
	CLAIM(!again.repaired && strcmp(again.ascii, f->ascii) == 0 &&
	    strcmp(again.shown, f->shown) == 0);
	CLAIM(domain_parse(f->shown, strlen(f->shown), special, &again,
	    &e) == 0);
	CLAIM(!again.repaired && strcmp(again.ascii, f->ascii) == 0 &&
	    strcmp(again.shown, f->shown) == 0);
	CLAIM(domain_covers(f->ascii, f->ascii, false));
	CLAIM(domain_covers(f->ascii, f->ascii, true));
}

/* First byte: are special names good?  Then two names, a line feed between
 * them. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool special = (byte_take(&data, &size) & 1) != 0;
	const uint8_t *lf = size ? memchr(data, '\n', size) : NULL;
	size_t n = lf != NULL ? (size_t)(lf - data) : size;
	struct domain_form a, b;
	struct err e = { 0 };

	if (domain_parse((const char *)data, n, special, &a, &e) != 0) {
		CLAIM(e.kind != ERR_NONE && is_showable(e.text));
		CLAIM(strncmp(e.clause, "name-", 5) == 0);
		return 0;
	}
	form_claim(&a, special);
	if (lf == NULL || domain_parse((const char *)lf + 1, size - n - 1,
	    special, &b, &e) != 0)
		return 0;
	form_claim(&b, special);
	if (domain_covers(a.ascii, b.ascii, true) &&
	    strcmp(a.ascii, b.ascii) != 0) {
		size_t p = strlen(a.ascii), d = strlen(b.ascii);

		CLAIM(d > p + 1 && b.ascii[d - p - 1] == '.' &&
		    strcmp(b.ascii + d - p, a.ascii) == 0);
		CLAIM(!domain_covers(b.ascii, a.ascii, true));
		CLAIM(!domain_covers(a.ascii, b.ascii, false));
	}
	return 0;
}
