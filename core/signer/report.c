/* report.c - the log's key signs a quarter's report: a note of one fixed form
 * that holds its hash and names the head that was signed last. */
#include "core/signer/signer.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/signer/serve_parts.h"
#include "core/x509/checkpoint.h"

static bool
quarter_ok(const char *q)
{
	return strlen(q) == 6 && strspn(q, "0123456789") == 4 &&
	    q[4] == 'Q' && q[5] >= '1' && q[5] <= '4';
}

/* The second line is no number, so that nobody can take it for a head. */
static void
note_body(struct buf *b, const struct signer *s, const struct report_sign *a)
{
	char *root = base64_encode(s->log_root, 32);
	char hex[65];

	hex_encode(hex, a->sha256, sizeof a->sha256);
	buf_printf(b, "xmpp-ica-report/v1\nquarter %s\nsha256 %s\n"
	    "log %s\nsize %lld\nroot %s\n", a->quarter, hex,
	    s->conf.service_name, (long long)s->log_size, root);
	free(root);
}

int
serve_sign_report(struct seat *seat, const struct report_sign *a,
    struct log_head *r, struct err *e)
{
	struct signer *s = &signer_self;
	struct buf note = { 0 };
	int done = -1;

	(void)seat;
	if (s->log_key == NULL || s->log_size == 0)
		return err_set(e, ERR_UNAVAILABLE, "report-head",
		    "no head of the log was signed yet, so a report has nothing to rest on; try again in a minute");
	if (!quarter_ok(a->quarter))
		return err_set(e, ERR_BAD_INPUT, "report-quarter",
		    "\"%.7s\" is no quarter", a->quarter);
	note_body(&note, s, a);
	if (note_sign(&note, s->log_key, s->conf.service_name, e) == 0) {
		r->size = s->log_size;
		memcpy(r->root, s->log_root, 32);
		blob_set(&r->note, note.data, note.size);
		done = 0;
	}
	buf_clear(&note);
	return done;
}
