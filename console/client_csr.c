/* client_csr.c - taking in a CSR with a bound, and the wish made of it. */
#include "console/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"

static int
field_set(char *dst, size_t size, const char *src, const char *what,
    struct err *e)
{
	if (str_copy(dst, size, src))
		return 0;
	return err_set(e, ERR_BAD_INPUT, "length",
	    "the %s has %zu bytes, %zu are the most: make it shorter", what,
	    strlen(src), size - 1);
}

int
wish_fill(struct request_wish *w, const void *csr, size_t csr_size,
    const char *profile, const char *note, const char *renew, struct err *e)
{
	if (profile != NULL &&
	    field_set(w->profile, sizeof w->profile, profile, "profile", e) < 0)
		return -1;
	if (note != NULL &&
	    field_set(w->note, sizeof w->note, note, "note", e) < 0)
		return -1;
	if (renew != NULL && field_set(w->renew, sizeof w->renew, renew,
	    "number to renew", e) < 0)
		return -1;
	blob_set(&w->csr, csr, csr_size);
	return 0;
}

int
person_fill(struct request_wish *w, const char *jid, const char *code,
    struct err *e)
{
	if (jid != NULL &&
	    field_set(w->jid, sizeof w->jid, jid, "address", e) < 0)
		return -1;
	return code == NULL ? 0 :
	    field_set(w->code, sizeof w->code, code, "code", e);
}

int
wish_add_domain(struct request_wish *w, const char *domain, struct err *e)
{
	struct domain_name *d;

	if (w->n_domains >= 1000)
		return err_set(e, ERR_BAD_INPUT, "length",
		    "more than 1000 domains in one request: split it");
	d = LIST_ADD(w, domains);
	return field_set(d->name, sizeof d->name, domain, "domain", e);
}

#define QUIET_MS 150		/* silence behind -----END that ends a paste */
#define PATIENCE_MS 300000	/* silence that ends the wait for a CSR */

/* Does a line of what came so far begin with -----END? */
static bool
end_seen(const struct buf *b)
{
	const char *p = (const char *)b->data;
	const char *stop = p + b->size;

	while (p < stop) {
		const char *lf = memchr(p, '\n', (size_t)(stop - p));

		while (p < stop && (*p == ' ' || *p == '\t'))
			p++;
		if (lf != NULL && lf - p >= 8 && memcmp(p, "-----END", 8) == 0)
			return true;
		if (lf == NULL)
			break;
		p = lf + 1;
	}
	return false;
}

/* Take the bytes of a terminal: CR is the Enter key.  1 the end was typed,
 * 0 go on, -1 interrupted. */
static int
terminal_take(struct buf *b, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == 0x03)
			return -1;
		if (p[i] == 0x04)
			return 1;
		buf_put_u8(b, p[i] == '\r' ? '\n' : p[i]);
	}
	return 0;
}

/* 1 bytes are there, 0 silence, -1 error. */
static int
bytes_wait(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	return n;
}

static int
collected(struct buf *b, size_t seen, struct blob *out, struct err *e)
{
	if (seen > CSR_READ_MAX)
		return err_set(e, ERR_BAD_INPUT, "csr-size",
		    "more than %u bytes came, a CSR has at most 16 KiB: send the certificate signing request alone",
		    CSR_READ_MAX);
	if (b->size == 0)
		return err_set(e, ERR_BAD_INPUT, "csr-empty",
		    "no CSR came: give it on standard input, as in `request < server.csr`");
	blob_set(out, b->data, b->size);
	return 0;
}

int
csr_collect(int fd, bool terminal, struct blob *out, struct err *e)
{
	struct buf b = { 0 };
	uint8_t piece[8192];
	size_t seen = 0;
	bool late = false;
	int r = 0, end = 0;

	while (end == 0 && seen < CSR_DRAIN_MAX) {
		bool over = terminal && end_seen(&b);
		ssize_t n;

		if (bytes_wait(fd, over ? QUIET_MS : PATIENCE_MS) <= 0) {
			late = !over;
			break;
		}
		n = read(fd, piece, sizeof piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		seen += (size_t)n;
		if (seen > CSR_READ_MAX)
			continue;	/* read away, not kept */
		if (terminal)
			end = terminal_take(&b, piece, (size_t)n);
		else
			buf_put(&b, piece, (size_t)n);
	}
	if (end < 0)
		r = err_set(e, ERR_BAD_INPUT, "interrupted",
		    "interrupted; nothing was sent");
	else if (late)
		r = err_set(e, ERR_BAD_INPUT, "csr-late",
		    "nothing came on standard input for %d minutes; nothing was sent",
		    PATIENCE_MS / 60000);
	else
		r = collected(&b, seen, out, e);
	secret_wipe(piece, sizeof piece);
	buf_clear(&b);
	return r;
}
