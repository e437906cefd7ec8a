/* dns_fuzz.c - what name servers send is read within bounds: TXT, CAA and SRV
 * records, and the judgement on a set of CAA records. */
#include "fuzz.h"

#include "core/model/rdata.h"

#define SET_MAX 8

static bool
ends(const char *s, size_t size)
{
	return memchr(s, 0, size) != NULL;
}

static void
caa_claim(const struct caa_record *c)
{
	CLAIM(ends(c->tag, sizeof c->tag) && ends(c->value, sizeof c->value));
	CLAIM(c->tag[0] != '\0');
	CLAIM(strspn(c->tag, "abcdefghijklmnopqrstuvwxyz0123456789") ==
	    strlen(c->tag));
}

static void
judge_claim(const struct caa_record *set, size_t n)
{
	const struct caa_asker who = { "ca.example", "xmpp-ica:alice",
		"dns" };
	struct caa_record more[SET_MAX + 1] = { 0 };
	char text[1024], small[16];
	struct err e = { 0 };
	int r = caa_judge(set, n, &who, &e);

	CLAIM(r == 0 || (e.kind == ERR_REFUSED && is_showable(e.text)));
	caa_text(text, sizeof text, set, n);
	caa_text(small, sizeof small, set, n);
	CLAIM(ends(text, sizeof text) && ends(small, sizeof small));
	/* one record that names nobody never makes more allowed */
	memcpy(more, set, n * sizeof *set);
	memcpy(more[n].tag, "issue", 6);
	memcpy(more[n].value, ";", 2);
	if (r < 0)
		CLAIM(caa_judge(more, n + 1, &who, &e) < 0);
}

/* First byte: which kind.  CAA: records behind their length bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct caa_record set[SET_MAX];
	struct dns_text t;
	struct srv s;
	size_t n = 0;

	switch (byte_take(&data, &size) % 3) {
	case 0:
		if (txt_read(data, size, &t) == 0)
			CLAIM(ends(t.text, sizeof t.text) &&
			    strlen(t.text) < size);
		return 0;
	case 1:
		if (srv_read(data, size, &s) == 0)
			CLAIM(ends(s.target, sizeof s.target) &&
			    strspn(s.target, "abcdefghijklmnopqrstuvwxyz"
			    "0123456789-_.") == strlen(s.target));
		return 0;
	default:
		while (size > 0 && n < SET_MAX) {
			size_t one = byte_take(&data, &size);

			if (one > size)
				one = size;
			if (caa_read(data, one, &set[n]) == 0)
				caa_claim(&set[n++]);
			data += one;
			size -= one;
		}
		judge_claim(set, n);
		return 0;
	}
}
