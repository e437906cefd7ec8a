/* command_proof.c - that a certificate's issuance and its approvals are in the
 * log, in a form that share/verify-log checks without us. */
#include <stdlib.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define PATIENCE_MS 15000	/* until the next signed head */
#define PAUSE_MS 500

/* What was done a moment ago is in the next head: wait for it. */
static int
proof_ask(struct call *call, const struct ref *r, struct proof *p)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (ask_request_proof(call->c->line, r, p, &call->err) < 0) {
		int64_t now = clock_mono_ms();

		NOUN_CLEAR(proof, p);
		memset(p, 0, sizeof *p);
		if (call->err.kind != ERR_UNAVAILABLE || now >= until ||
		    strcmp(call->err.clause, "log-head") != 0)
			return -1;
		err_clear(&call->err);
		while (call_wait(call, now + PAUSE_MS))
			;
		if (call->c->line->fd < 0)
			return err_set(&call->err, ERR_UNAVAILABLE,
			    "connection",
			    "the authority hung up; nothing was lost, try again in a moment");
	}
	return 0;
}

/* Byte by byte, as verify-log wants it; but what is no text goes no other way
 * to a terminal than everything does. */
static void
proof_put(struct output *o, const struct blob *text)
{
	char *safe = xmalloc(text->size * 10 + 1);
	size_t n = render_untrusted_lines(safe, text->size * 10 + 1,
	    text->data, text->size);

	if (n == text->size && (n == 0 || memcmp(safe, text->data, n) == 0))
		out_bytes(o, text->data, text->size);
	else
		out_lines(o, text->data, text->size);
	free(safe);
}

int
command_proof(struct call *call)
{
	struct output *o = &call->c->out;
	struct proof p = { 0 };
	struct ref r = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    proof_ask(call, &r, &p) < 0)
		return -1;
	if (!call_json(call, &p)) {
		proof_put(o, &p.text);
		for (size_t i = 0; i < p.n_rows; i++)
			say(o, "Entry %lld: %s %s.",
			    (long long)p.rows[i].entry, p.rows[i].action,
			    p.rows[i].object);
		say(o, "Check it with: verify-log --vkey %s proof FILE",
		    p.vkey);
	}
	NOUN_CLEAR(proof, &p);
	return 0;
}
