/* key_blocked.c - keys that are blocked for ever (S7.6), and the private keys
 * that people send by mistake: wiped, blocked, never stored. */
#include "core/registrar/request/request.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/x509/hash.h"

enum { Q_BLOCK };

static const char *const sql[] = {
	[Q_BLOCK] = "INSERT INTO blocked_key (spki_sha256, why, at)"
	    " VALUES (?1, ?2, ?3) ON CONFLICT (spki_sha256) DO NOTHING",
};
DB_STATEMENTS(key_blocked, sql)

int
key_block(const uint8_t spki_sha256[32], const char *why, struct err *e)
{
	struct query *q = db_query(key_blocked_prepared[Q_BLOCK]);

	q_blob(q, 1, spki_sha256, 32);
	q_str(q, 2, why);
	q_i64(q, 3, clock_now());
	return q_run(q, e);
}

int
key_offered_note(struct seat *s, const struct request_wish *w,
    struct judged *j, struct err *e)
{
	uint8_t hash[32];
	char hex[65] = "its public part could not be read";

	secret_wipe(w->csr.data, w->csr.size);
	secret_wipe(j->csr.data, j->csr.size);
	/* what the frame left behind in the seat's buffer */
	if (s->in.room > s->in.size)
		secret_wipe(s->in.data + s->in.size,
		    s->in.room - s->in.size);
	if (j->spki.size > 0) {
		sha256(hash, j->spki.data, j->spki.size);
		hex_encode(hex, hash, sizeof hash);
		if (key_block(hash, "its private half was sent to us", e) < 0)
			return -1;
	}
	return audit_add(s, "key.offered", "key", hex, OUTCOME_REFUSED, e,
	    "a private key was in the input; nothing of it was kept");
}
