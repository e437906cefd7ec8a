/* log_leaf.c - an audit entry as the log publishes it: who did it, and what is
 * personal, stands behind its hash, never in the leaf. */
#include "core/registrar/audit/log.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

#define HEAD "xmpp-ica-log-entry/v1\n"

/* What these nouns are called by is public anyway: serials, numbers, issuers.
 * Accounts, domains and keys are never named. */
#define WORD(w) { w, sizeof w - 1 }
static const struct {
	const char *word;
	size_t size;
} public_nouns[] = { WORD("certificate"), WORD("request"), WORD("issuer"),
	WORD("revocation_plan"), WORD("policy"), WORD("system"), WORD("log"),
	WORD("audit"), WORD("report"), WORD("document") };

static const bool public_bytes[256] = { ['0' ... '9'] = true,
	['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['-'] = true,
	['.'] = true };

static bool
equals(const struct cell *c, const char *word, size_t size)
{
	return c->size == size && memcmp(c->data, word, size) == 0;
}

/* A refused question has whatever was typed in its object. */
static bool
object_public(const struct cell *noun, const struct cell *outcome,
    const struct cell *object)
{
	bool public = false;

	for (size_t i = 0; i < sizeof public_nouns / sizeof *public_nouns &&
	    !public; i++)
		public = equals(noun, public_nouns[i].word,
		    public_nouns[i].size);
	if (!public || !equals(outcome, "done", 4))
		return false;
	for (size_t i = 0; i < object->size; i++)
		if (!public_bytes[object->data[i]])
			return false;
	return true;
}

/* A leaf is made for each row of a walk: no printf, one pass. */
static uint8_t *
bytes_put(uint8_t *at, const void *p, size_t n)
{
	if (n > 0)
		memcpy(at, p, n);
	return at + n;
}

static uint8_t *
cell_put(uint8_t *at, const struct cell *c)
{
	return bytes_put(at, c->data, c->size);
}

static uint8_t *
number_put(uint8_t *at, int64_t v)
{
	uint8_t digits[24];
	int i = sizeof digits;
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do
		digits[--i] = (uint8_t)('0' + u % 10);
	while ((u /= 10) != 0);
	if (v < 0)
		digits[--i] = '-';
	while (i < (int)sizeof digits)
		*at++ = digits[i++];
	return at;
}

#define HEX_ROW(h) h "0" h "1" h "2" h "3" h "4" h "5" h "6" h "7" \
	h "8" h "9" h "a" h "b" h "c" h "d" h "e" h "f"
static const char hex_pairs[] = HEX_ROW("0") HEX_ROW("1") HEX_ROW("2")
	HEX_ROW("3") HEX_ROW("4") HEX_ROW("5") HEX_ROW("6") HEX_ROW("7")
	HEX_ROW("8") HEX_ROW("9") HEX_ROW("a") HEX_ROW("b") HEX_ROW("c")
	HEX_ROW("d") HEX_ROW("e") HEX_ROW("f");

static uint8_t *
hash_put(uint8_t *at, const struct cell *h)
{
	size_t n = h->size < 32 ? h->size : 32;

	for (size_t i = 0; i < n; i++)
		memcpy(at + 2 * i, hex_pairs + (size_t)2 * h->data[i], 2);
	return at + 2 * n;
}

/* Label of the line that ends here and of the next one. */
#define TEXT(at, text) bytes_put(at, text, sizeof text - 1)

void
log_leaf_put(struct buf *b, int64_t number, int64_t when,
    const struct cell c[LEAF_CELLS])
{
	size_t all = 512;
	uint8_t *at;

	for (int i = 0; i < LEAF_CELLS; i++)
		all += c[i].size;
	buf_reserve(b, all);
	at = b->data + b->size;
	at = TEXT(at, HEAD "number ");
	at = number_put(at, number);
	at = TEXT(at, "\nat ");
	at = number_put(at, when);
	at = TEXT(at, "\nrole ");
	at = cell_put(at, &c[LEAF_ROLE]);
	at = TEXT(at, "\naction ");
	at = cell_put(at, &c[LEAF_ACTION]);
	at = TEXT(at, "\nnoun ");
	at = cell_put(at, &c[LEAF_NOUN]);
	at = TEXT(at, "\nobject ");
	if (object_public(&c[LEAF_NOUN], &c[LEAF_OUTCOME], &c[LEAF_OBJECT]))
		at = cell_put(at, &c[LEAF_OBJECT]);
	at = TEXT(at, "\noutcome ");
	at = cell_put(at, &c[LEAF_OUTCOME]);
	at = TEXT(at, "\nprevious ");
	at = hash_put(at, &c[LEAF_PREVIOUS]);
	at = TEXT(at, "\nhash ");
	at = hash_put(at, &c[LEAF_HASH]);
	*at++ = '\n';
	b->size = (size_t)(at - b->data);
}

/* ---- and back ---- */

/* The value behind `label` of the line at *at. */
static bool
line_read(const uint8_t **at, const uint8_t *end, const char *label,
    char *dst, size_t size)
{
	const uint8_t *lf = memchr(*at, '\n', (size_t)(end - *at));
	size_t skip = strlen(label), n;

	if (lf == NULL || (n = (size_t)(lf - *at)) < skip ||
	    n - skip >= size || memcmp(*at, label, skip) != 0 ||
	    memchr(*at, 0, n) != NULL)
		return false;
	memcpy(dst, *at + skip, n - skip);
	dst[n - skip] = '\0';
	*at = lf + 1;
	return true;
}

int
log_leaf_parse(const uint8_t *leaf, size_t size, struct log_leaf *l,
    struct err *e)
{
	const uint8_t *at = leaf, *end = leaf + size;
	char head[32], number[24], when[24], previous[65], hash[65];

	memset(l, 0, sizeof *l);
	if (size <= LEAF_MAX &&
	    line_read(&at, end, "", head, sizeof head) &&
	    strcmp(head, "xmpp-ica-log-entry/v1") == 0 &&
	    line_read(&at, end, "number ", number, sizeof number) &&
	    line_read(&at, end, "at ", when, sizeof when) &&
	    line_read(&at, end, "role ", l->role, sizeof l->role) &&
	    line_read(&at, end, "action ", l->action, sizeof l->action) &&
	    line_read(&at, end, "noun ", l->noun, sizeof l->noun) &&
	    line_read(&at, end, "object ", l->object, sizeof l->object) &&
	    line_read(&at, end, "outcome ", l->outcome, sizeof l->outcome) &&
	    line_read(&at, end, "previous ", previous, sizeof previous) &&
	    line_read(&at, end, "hash ", hash, sizeof hash) && at == end &&
	    number_parse(number, INT64_MAX, &l->number) &&
	    number_parse(when, INT64_MAX, &l->at) &&
	    hex_decode(l->previous, 32, previous) == 32 &&
	    hex_decode(l->hash, 32, hash) == 32)
		return 0;
	return err_set(e, ERR_BAD_INPUT, "log-leaf",
	    "these bytes are no entry of the log");
}
