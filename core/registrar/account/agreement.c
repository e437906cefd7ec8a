/* agreement.c - the member agreement: its text in force, and who accepted
 * which version when and with which key (J7.1). */
#include "core/registrar/registrar.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/x509/hash.h"

#define AGREEMENT_MAX 65536

enum { Q_ACCEPT, Q_MARK, Q_ACCEPTED };
static const char *const sql[] = {
	[Q_ACCEPT] = "INSERT INTO acceptance (account, version, sha256, at,"
	    " fingerprint) VALUES (?1, ?2, ?3, ?4, ?5)",
	[Q_MARK] = "UPDATE account SET agreement = ?2 WHERE number = ?1",
	[Q_ACCEPTED] = "SELECT agreement FROM account WHERE number = ?1",
};
DB_STATEMENTS(agreement, sql)

static struct blob loaded;

/* Control characters of a text file have no business on a screen. */
static void
text_tame(struct blob *b)
{
	char *safe = NULL;
	size_t room = b->size * 10 + 1, n;

	safe = xmalloc(room);
	n = render_untrusted_lines(safe, room, b->data, b->size);
	blob_set(b, safe, n);
	secret_free(safe, room);
}

int
agreement_text(const struct blob **text, uint8_t hash[32], struct err *e)
{
	char path[CONF_PATH_SIZE];

	if (loaded.size == 0) {
		if (share_path(path, conf.policy_agreement, e) < 0 ||
		    file_read(path, AGREEMENT_MAX, &loaded, e) < 0)
			return -1;
		text_tame(&loaded);
	}
	*text = &loaded;
	sha256(hash, loaded.data, loaded.size);
	return 0;
}

int
serve_agreement_get(struct seat *s, const struct none *a,
    struct agreement *r, struct err *e)
{
	const struct blob *text = NULL;
	struct query *q = NULL;
	int have = 0;

	(void)a;
	if (agreement_text(&text, r->sha256, e) < 0)
		return -1;
	str_copy(r->version, sizeof r->version,
	    conf.policy_agreement_version);
	blob_set(&r->text, text->data, text->size);
	if (s->account == 0)
		return 0;
	q = db_query(agreement_prepared[Q_ACCEPTED]);
	q_i64(q, 1, s->account);
	if ((have = q_next(q, e)) == 1)
		q_col_str(q, 0, r->accepted, sizeof r->accepted);
	q_end(q);
	return have < 0 ? -1 : 0;
}

int
agreement_keep(int64_t account, const char *fingerprint, struct err *e)
{
	const struct blob *text = NULL;
	uint8_t hash[32];
	struct query *q = NULL;

	if (agreement_text(&text, hash, e) < 0)
		return -1;
	q = db_query(agreement_prepared[Q_ACCEPT]);
	q_i64(q, 1, account);
	q_str(q, 2, conf.policy_agreement_version);
	q_blob(q, 3, hash, sizeof hash);
	q_i64(q, 4, clock_now());
	q_str(q, 5, fingerprint);
	if (q_run(q, e) < 0)
		return -1;
	q = db_query(agreement_prepared[Q_MARK]);
	q_i64(q, 1, account);
	q_str(q, 2, conf.policy_agreement_version);
	return q_run(q, e);
}

int
serve_agreement_accept(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct account own = { 0 };
	const struct blob *text = NULL;
	uint8_t hash[32];
	char hex[65];

	(void)r;
	if (strcmp(a->ref, conf.policy_agreement_version) != 0)
		return err_set(e, ERR_CONFLICT, "agreement",
		    "The agreement in force is version %s; read that one and accept it.",
		    conf.policy_agreement_version);
	if (account_load(s->account, &own, e) < 0)
		return -1;
	if (strcmp(own.agreement, a->ref) == 0)
		return 0;	/* saying yes twice changes nothing */
	if (agreement_keep(s->account, s->fingerprint, e) < 0 ||
	    agreement_text(&text, hash, e) < 0)
		return -1;
	hex_encode(hex, hash, sizeof hash);
	change_push("account", s->account, s->account, "");
	return audit_add(s, "agreement.accept", "account", s->account_name,
	    OUTCOME_DONE, e, "version %s, sha256 %s", a->ref, hex);
}
