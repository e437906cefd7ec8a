/* log_leaf.c - an audit entry as the log publishes it: who did it, and what is
 * personal, stands behind its hash, never in the leaf. */
#include "core/registrar/audit/log.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

#define HEAD "xmpp-ica-log-entry/v1\n"

/* What these nouns are called by is public anyway: serials, numbers, issuers.
 * Accounts, domains and keys are never named. */
static const char *const public_nouns[] = { "certificate", "request",
	"issuer", "revocation_plan", "policy", "system", "log", "audit",
	"report", "document" };

static bool
equals(const uint8_t *p, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(p, word, n) == 0;
}

/* A refused question has whatever was typed in its object. */
static bool
object_public(const uint8_t *noun, size_t n_noun, const uint8_t *outcome,
    size_t n_outcome, const uint8_t *object, size_t n)
{
	bool public = false;

	for (size_t i = 0; i < sizeof public_nouns / sizeof *public_nouns &&
	    !public; i++)
		public = equals(noun, n_noun, public_nouns[i]);
	if (!public || !equals(outcome, n_outcome, "done"))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!((object[i] >= '0' && object[i] <= '9') ||
		    (object[i] >= 'a' && object[i] <= 'z') ||
		    (object[i] >= 'A' && object[i] <= 'Z') ||
		    object[i] == '-' || object[i] == '.'))
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
	return bytes_put(at, digits + i, sizeof digits - (size_t)i);
}

static uint8_t *
hash_put(uint8_t *at, const uint8_t *h, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n && i < 32; i++) {
		*at++ = (uint8_t)digits[h[i] >> 4];
		*at++ = (uint8_t)digits[h[i] & 15];
	}
	return at;
}

/* Label of the line that ends here and of the next one. */
#define TEXT(at, text) bytes_put(at, text, sizeof text - 1)

void
log_leaf_put(struct buf *b, struct query *q, int first)
{
	const uint8_t *p[9];
	size_t n[9], all = 512;
	uint8_t *at;

	for (int i = 2; i < 9; i++) {
		p[i] = q_col_blob(q, first + i, &n[i]);
		all += n[i];
	}
	if (!object_public(p[4], n[4], p[6], n[6], p[5], n[5]))
		n[5] = 0;
	buf_reserve(b, all);
	at = b->data + b->size;
	at = TEXT(at, HEAD "number ");
	at = number_put(at, q_col_i64(q, first));
	at = TEXT(at, "\nat ");
	at = number_put(at, q_col_i64(q, first + 1));
	at = TEXT(at, "\nrole ");
	at = bytes_put(at, p[2], n[2]);
	at = TEXT(at, "\naction ");
	at = bytes_put(at, p[3], n[3]);
	at = TEXT(at, "\nnoun ");
	at = bytes_put(at, p[4], n[4]);
	at = TEXT(at, "\nobject ");
	at = bytes_put(at, p[5], n[5]);
	at = TEXT(at, "\noutcome ");
	at = bytes_put(at, p[6], n[6]);
	at = TEXT(at, "\nprevious ");
	at = hash_put(at, p[7], n[7]);
	at = TEXT(at, "\nhash ");
	at = hash_put(at, p[8], n[8]);
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
