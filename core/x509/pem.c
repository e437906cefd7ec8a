/* pem.c - finding and decoding the one PEM block of a paste. */
#include "core/x509/pem.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/x509/intake.h"
#include "core/x509/rules.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"
#define LABEL_MAX 64
#define BLOCKS_MAX 8		/* looked into; each costs a search to the end */

struct block {
	const uint8_t *start, *end;	/* with both lines */
	const uint8_t *body;
	size_t body_size;
	char label[LABEL_MAX];
	bool closed;			/* has a last line of the same label */
};

static const uint8_t *
find(const uint8_t *at, const uint8_t *end, const char *what)
{
	return memmem(at, (size_t)(end - at), what, strlen(what));
}

/* The label after BEGIN or END, and what follows its dashes. */
static const uint8_t *
label_read(const uint8_t *at, const uint8_t *end, char label[LABEL_MAX])
{
	size_t n = 0;

	while (at + n < end && n < LABEL_MAX - 1 && at[n] >= 0x20 &&
	    at[n] < 0x7f && at[n] != '-')
		n++;
	memcpy(label, at, n);
	label[n] = '\0';
	if ((size_t)(end - at) < n + strlen(DASHES) ||
	    memcmp(at + n, DASHES, strlen(DASHES)) != 0)
		return NULL;
	return at + n + strlen(DASHES);
}

/* The next block from `at` on; false when there is no further BEGIN. */
static bool
block_find(const uint8_t *at, const uint8_t *end, struct block *out)
{
	char label[LABEL_MAX];
	const uint8_t *last, *after;

	memset(out, 0, sizeof *out);
	if ((out->start = find(at, end, BEGIN)) == NULL)
		return false;
	out->end = out->start + strlen(BEGIN);
	after = label_read(out->end, end, out->label);
	if (after == NULL)
		return true;
	out->body = out->end = after;
	if ((last = find(after, end, END)) == NULL)
		return true;
	out->body_size = (size_t)(last - after);
	after = label_read(last + strlen(END), end, label);
	if (after != NULL && strcmp(label, out->label) == 0 &&
	    find(out->body, last, BEGIN) == NULL) {
		out->closed = true;
		out->end = after;
	}
	return true;
}

struct tidy {
	bool cr, indented, prompts, inner_blanks;
};

/* Base64 characters alone, without line ends, blanks, and prompt characters
 * at the beginnings of lines.  The first other character, or -1. */
static int
body_tidy(const uint8_t *p, size_t size, char *out, size_t *n,
    struct tidy *tidy)
{
	bool line_start = true;

	*n = 0;
	for (size_t i = 0; i < size; i++) {
		uint8_t c = p[i];

		if (c == '\n' || c == '\r') {
			tidy->cr = tidy->cr || c == '\r';
			line_start = true;
		} else if (c == ' ' || c == '\t') {
			tidy->indented = tidy->indented || line_start;
			tidy->inner_blanks = true;
		} else if (line_start && (c == '>' || c == '|')) {
			tidy->prompts = true;
		} else if (c == 0xc2 && i + 1 < size && p[i + 1] == 0xa0) {
			tidy->indented = true;	/* no-break space */
			i++;
		} else if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9') || c == '+' || c == '/' ||
		    c == '=') {
			out[(*n)++] = (char)c;
			line_start = false;
		} else {
			return c;
		}
	}
	return -1;
}

static bool
body_decode(const uint8_t *p, size_t size, struct blob *der,
    struct tidy *tidy, int *bad)
{
	char *text = xmalloc(size + 1);
	uint8_t *bytes = xmalloc(size + 1);
	size_t n;
	int got = -1;

	*bad = body_tidy(p, size, text, &n, tidy);
	if (*bad < 0)
		got = base64_decode(bytes, size + 1, text, n);
	if (got > 0)
		blob_set(der, bytes, (size_t)got);
	secret_free(text, size + 1);
	secret_free(bytes, size + 1);
	return got > 0;
}

bool
pem_body(const uint8_t *in, size_t size, const char *part, struct blob *der)
{
	const uint8_t *end = in + size;
	struct tidy tidy = { 0 };
	const uint8_t *at = in;
	struct block b;
	int bad;

	if (part == NULL)
		return find(in, end, BEGIN) == NULL &&
		    body_decode(in, size, der, &tidy, &bad);
	for (int i = 0; i < BLOCKS_MAX && block_find(at, end, &b);
	    i++, at = b.end)
		if (strstr(b.label, part) != NULL && b.body_size > 0 &&
		    body_decode(b.body, b.body_size, der, &tidy, &bad))
			return true;
	return false;
}

static bool
all_blank(const uint8_t *p, const uint8_t *end)
{
	static const uint8_t bom[] = { 0xef, 0xbb, 0xbf };

	if (end - p >= 3 && memcmp(p, bom, 3) == 0)
		p += 3;
	for (; p < end; p++)
		if (strchr(" \t\r\n>|", *p) == NULL || *p == '\0')
			return false;
	return true;
}

static void
repair_add(struct unarmoured *out, bool there, const char *what)
{
	size_t n = strlen(out->repairs);

	if (there && n + strlen(what) + 3 < sizeof out->repairs) {
		if (n > 0) {
			memcpy(out->repairs + n, ", ", 2);
			n += 2;
		}
		memcpy(out->repairs + n, what, strlen(what) + 1);
	}
}

static int
none_error(const uint8_t *in, size_t size, struct err *e)
{
	struct blob der = { 0 };
	bool bare = pem_body(in, size, NULL, &der) && der.size > 16 &&
	    der.data[0] == 0x30;

	blob_clear(&der);
	if (bare)
		return rule_broken(e, RULE_CSR_NONE, "The lines \"-----BEGIN "
		    "CERTIFICATE REQUEST-----\" and \"-----END ...\" are "
		    "missing; paste the whole file.");
	if (size >= 2 && ((in[0] == 0xff && in[1] == 0xfe) ||
	    (in[0] == 0xfe && in[1] == 0xff) || in[0] == 0 || in[1] == 0))
		return rule_broken(e, RULE_CSR_NONE, "The file is UTF-16 or "
		    "holds NUL bytes; save it as plain text and try again.");
	return rule_broken(e, RULE_CSR_NONE, "There is no certificate request "
	    "in this; make one with: openssl req -new -newkey ec -pkeyopt "
	    "ec_paramgen_curve:P-256 -nodes -subj / -keyout key.pem -out "
	    "csr.pem, and send csr.pem.");
}

static int
label_error(const char *label, struct err *e)
{
	char seen[LABEL_MAX * 4];

	render_untrusted(seen, sizeof seen, label, strlen(label));
	return rule_broken(e, RULE_CSR_LABEL, "This is a \"%s\", not a "
	    "CERTIFICATE REQUEST; send the file that openssl req wrote with "
	    "-new.", seen);
}

/* Is the first line NAME: VALUE (RFC 1421)?  Names may have hyphens. */
static bool
header_first(const struct block *b)
{
	const uint8_t *p = b->body, *end = b->body + b->body_size;

	while (p < end && (*p == '\r' || *p == '\n' || *p == ' ' || *p == '\t'))
		p++;
	while (p < end && ((*p >= 'A' && *p <= 'Z') ||
	    (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-'))
		p++;
	return p < end && *p == ':';
}

static int
block_read(const struct block *b, struct unarmoured *out, struct err *e)
{
	struct tidy tidy = { 0 };
	int bad = -1;

	if (!b->closed)
		return rule_broken(e, RULE_CSR_PEM, "The last line \"-----END "
		    "%s-----\" is missing; the paste was cut short, paste the "
		    "whole file.", b->label);
	if ((size_t)(b->end - b->start) > CSR_MAX)
		return rule_broken(e, RULE_CSR_SIZE, "The request has %zu "
		    "octets; it may have %u.", (size_t)(b->end - b->start),
		    CSR_MAX);
	if (!body_decode(b->body, b->body_size, &out->der, &tidy, &bad)) {
		if (bad == ':' || header_first(b))
			return rule_broken(e, RULE_CSR_PEM, "The PEM block has "
			    "header lines (such as Proc-Type); make the "
			    "request again without encryption.");
		if (bad >= 0)
			return rule_broken(e, RULE_CSR_PEM, "The PEM block "
			    "holds the octet \\x%02x, which is not base64; "
			    "paste the file again.", (unsigned)bad);
		return rule_broken(e, RULE_CSR_PEM, "The base64 of the PEM "
		    "block is incomplete; paste the whole file.");
	}
	repair_add(out, tidy.cr, "line ends");
	repair_add(out, tidy.indented, "indentation");
	repair_add(out, tidy.prompts, "prompt characters");
	repair_add(out, strncmp(b->label, "NEW ", 4) == 0, "the label NEW");
	return 0;
}

static int
text_read(const uint8_t *in, size_t size, struct unarmoured *out,
    struct err *e)
{
	const uint8_t *end = in + size;
	struct block b, next;

	if (!block_find(in, end, &b))
		return none_error(in, size, e);
	if (block_find(b.end, end, &next))
		return rule_broken(e, RULE_CSR_SEVERAL, "There are several "
		    "PEM blocks; send one certificate request alone.");
	if (b.body == NULL)
		return rule_broken(e, RULE_CSR_PEM, "The first line of the "
		    "PEM block is broken; paste the whole file.");
	if (strcmp(b.label, "CERTIFICATE REQUEST") != 0 &&
	    strcmp(b.label, "NEW CERTIFICATE REQUEST") != 0)
		return label_error(b.label, e);
	if (block_read(&b, out, e) != 0)
		return -1;
	repair_add(out, size >= 3 && memcmp(in, "\xef\xbb\xbf", 3) == 0,
	    "byte order mark");
	out->text_around = !all_blank(in, b.start) || !all_blank(b.end, end);
	return 0;
}

int
pem_read(const uint8_t *in, size_t size, struct unarmoured *out,
    struct err *e)
{
	memset(out, 0, sizeof *out);
	if (size >= 2 && in[0] == 0x30 && in[1] >= 0x80 && in[1] <= 0x84) {
		if (size > CSR_MAX)
			return rule_broken(e, RULE_CSR_SIZE, "The request has "
			    "%zu octets; it may have %u.", size, CSR_MAX);
		blob_set(&out->der, in, size);
		return 0;
	}
	return text_read(in, size, out, e);
}
