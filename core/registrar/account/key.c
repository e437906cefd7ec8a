/* key.c - SSH public keys: read strictly, fingerprinted as OpenSSH does, and
 * kept for an account. */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/deed.h"
#include "core/x509/ed25519.h"
#include "core/x509/hash.h"

#define KEY_BLOB_MAX 1536
#define KEYS_MOST 20		/* of one account */
#define RSA_BITS_LEAST 3072
#define RSA_BITS_MOST 4096

enum { Q_ADD, Q_LIST, Q_COUNT, Q_REMOVE, Q_OWNER };
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO ssh_key (account, fingerprint, type, line,"
	    " name, added) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[Q_LIST] = "SELECT number, fingerprint, type, name, added, last_used,"
	    " line FROM ssh_key WHERE account = ?1 ORDER BY number",
	[Q_COUNT] = "SELECT count(*) FROM ssh_key WHERE account = ?1",
	[Q_REMOVE] = "DELETE FROM ssh_key WHERE account = ?1 AND number = ?2",
	[Q_OWNER] = "SELECT account FROM ssh_key WHERE fingerprint = ?1",
};
DB_STATEMENTS(key, sql)

/* ---- reading ---- */

static const char accepted_types[] = "ssh-ed25519, ecdsa-sha2-nistp256, "
    "ecdsa-sha2-nistp384, ssh-rsa from 3072 bits, and the sk- keys of "
    "security tokens; make one with: ssh-keygen -t ed25519";

static int
form_error(struct err *e, const char *why)
{
	return err_set(e, ERR_BAD_INPUT, "key-form",
	    "This is no SSH public key (%s). Give the one line of a file like ~/.ssh/id_ed25519.pub.",
	    why);
}

static bool
string_is(struct reader *r, const char *want)
{
	size_t n;
	const uint8_t *p = reader_bytes(r, 64, &n);

	return p != NULL && n == strlen(want) && memcmp(p, want, n) == 0;
}

/* 0 too when there are no 32 bytes: the reader says so. */
static int
ed25519_check(struct reader *r, struct err *e)
{
	size_t n;
	const uint8_t *p = reader_bytes(r, ED25519_KEY, &n);

	if (p == NULL || n != ED25519_KEY) {
		r->bad = true;
		return 0;
	}
	return ed25519_key_check(p, e);
}

static bool
point_ok(struct reader *r, const char *curve, size_t size)
{
	size_t n;
	const uint8_t *p = NULL;

	if (!string_is(r, curve))
		return false;
	p = reader_bytes(r, 256, &n);
	return p != NULL && n == size && p[0] == 4;
}

static bool
application_ok(struct reader *r)
{
	size_t n;

	return reader_bytes(r, 256, &n) != NULL && n > 0;
}

/* A positive mpint, shortest form: its bits, or 0. */
static size_t
mpint_bits(struct reader *r, bool *odd)
{
	size_t n, bits;
	const uint8_t *p = reader_bytes(r, 2049, &n);

	if (p == NULL || n == 0 || (p[0] & 0x80) != 0 ||
	    (p[0] == 0 && (n == 1 || (p[1] & 0x80) == 0)))
		return 0;
	*odd = (p[n - 1] & 1) != 0;
	if (p[0] == 0)
		p++, n--;
	bits = n * 8;
	for (uint8_t top = p[0]; (top & 0x80) == 0; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

static int
rsa_check(struct reader *r, struct err *e)
{
	bool e_odd = false, n_odd = false;
	size_t e_bits = mpint_bits(r, &e_odd), n_bits = mpint_bits(r, &n_odd);

	if (e_bits < 2 || e_bits > 32 || !e_odd || n_bits == 0 || !n_odd)
		return form_error(e, "its RSA numbers make no sense");
	if (n_bits < RSA_BITS_LEAST || n_bits > RSA_BITS_MOST)
		return err_set(e, ERR_REFUSED, "key-size",
		    "This RSA key has %zu bits; %d to %d are accepted. Better: ssh-keygen -t ed25519",
		    n_bits, RSA_BITS_LEAST, RSA_BITS_MOST);
	return 0;
}

static int
body_check(const char *type, struct reader *r, struct err *e)
{
	bool good = true;

	if (!string_is(r, type))
		return form_error(e, "its two halves name different types");
	if (strstr(type, "ed25519") != NULL && ed25519_check(r, e) < 0)
		return -1;
	if (strcmp(type, "ssh-ed25519") == 0)
		;
	else if (strcmp(type, "ecdsa-sha2-nistp256") == 0)
		good = point_ok(r, "nistp256", 65);
	else if (strcmp(type, "ecdsa-sha2-nistp384") == 0)
		good = point_ok(r, "nistp384", 97);
	else if (strcmp(type, "sk-ssh-ed25519@openssh.com") == 0)
		good = application_ok(r);
	else if (strcmp(type, "sk-ecdsa-sha2-nistp256@openssh.com") == 0)
		good = point_ok(r, "nistp256", 65) && application_ok(r);
	else if (rsa_check(r, e) < 0)
		return -1;
	return good && reader_end(r) ? 0 :
	    form_error(e, "its bytes are cut, too many, or out of place");
}

static int
type_check(const char *type, struct err *e)
{
	static const char *const good[] = { "ssh-ed25519",
		"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ssh-rsa",
		"sk-ssh-ed25519@openssh.com",
		"sk-ecdsa-sha2-nistp256@openssh.com" };
	char shown[128];

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (strcmp(type, good[i]) == 0)
			return 0;
	if (strstr(type, "-cert-v0") != NULL)
		return err_set(e, ERR_REFUSED, "key-certificate",
		    "SSH certificates are not accepted as keys; give the plain public key (the file without -cert).");
	render_untrusted(shown, sizeof shown, type, strlen(type));
	if (strncmp(type, "ssh-", 4) != 0 && strncmp(type, "ecdsa-", 6) != 0 &&
	    strncmp(type, "sk-", 3) != 0)
		return form_error(e, "it does not begin with a key type");
	return err_set(e, ERR_REFUSED, "key-type",
	    "Keys of type %s are not accepted. Accepted are %s", shown,
	    accepted_types);
}

/* One word of at most size - 1 bytes; the rest of the line, or NULL. */
static const char *
word_take(const char *p, char *dst, size_t size)
{
	size_t n = strcspn(p, " \t\r\n");

	if (n == 0 || n >= size)
		return NULL;
	memcpy(dst, p, n);
	dst[n] = '\0';
	return p + n + strspn(p + n, " \t");
}

static void
fingerprint_make(struct key *k, const uint8_t *data, size_t size)
{
	uint8_t hash[32];
	char *b64 = NULL;

	sha256(hash, data, size);
	b64 = base64_encode(hash, sizeof hash);
	/* OpenSSH leaves the padding out */
	snprintf(k->fingerprint, sizeof k->fingerprint, "SHA256:%.*s",
	    (int)strcspn(b64, "="), b64);
	free(b64);
}

/* The comment names the key: one line, harmless, cut to the field. */
static void
comment_take(struct key *k, const char *comment)
{
	char shown[256];
	size_t n = strcspn(comment, "\r\n"), used, m = 0;
	uint32_t c;

	render_untrusted(shown, sizeof shown, comment, n);
	while ((used = utf8_decode((const uint8_t *)shown + m,
	    strlen(shown + m), &c)) > 0 && m + used < sizeof k->name)
		m += used;
	memcpy(k->name, shown, m);
	k->name[m] = '\0';
}

int
key_parse(const char *line, struct key *k, struct err *e)
{
	char type[sizeof k->type], b64[2048];
	uint8_t data[KEY_BLOB_MAX];
	const char *rest = NULL;
	struct reader r;
	int n;

	memset(k, 0, sizeof *k);
	line += strspn(line, " \t\r\n");
	if (strncmp(line, "-----BEGIN", 10) == 0)
		return form_error(e, "it looks like a private key or a certificate: never give a private key away");
	rest = word_take(line, type, sizeof type);
	if (rest == NULL)
		return form_error(e, "it does not begin with a key type");
	if (type_check(type, e) < 0)
		return -1;
	rest = word_take(rest, b64, sizeof b64);
	if (rest == NULL)
		return form_error(e, "the key behind its type is missing or too long");
	if (strlen(rest + strcspn(rest, "\r\n")) != strspn(rest +
	    strcspn(rest, "\r\n"), " \t\r\n"))
		return form_error(e, "there is more than one line");
	n = base64_decode(data, sizeof data, b64, strlen(b64));
	if (n <= 0)
		return form_error(e, "its second word is no base64");
	reader_init(&r, data, (size_t)n);
	if (body_check(type, &r, e) < 0)
		return -1;
	str_copy(k->type, sizeof k->type, type);
	if ((size_t)snprintf(k->line, sizeof k->line, "%s %s", type, b64) >=
	    sizeof k->line)
		return form_error(e, "it is too long");
	fingerprint_make(k, data, (size_t)n);
	comment_take(k, rest);
	return 0;
}

/* ---- keeping ---- */

int64_t
key_owner(const char *fingerprint, struct err *e)
{
	struct query *q = db_query(key_prepared[Q_OWNER]);
	int64_t account = 0;
	int r;

	q_str(q, 1, fingerprint);
	if ((r = q_next(q, e)) == 1)
		account = q_col_i64(q, 0);
	q_end(q);
	return r < 0 ? -1 : account;
}

static int64_t
keys_count(int64_t account, struct err *e)
{
	struct query *q = db_query(key_prepared[Q_COUNT]);
	int64_t n = -1;

	q_i64(q, 1, account);
	if (q_next(q, e) == 1)
		n = q_col_i64(q, 0);
	q_end(q);
	return n;
}

int
key_store(int64_t account, struct key *k, struct err *e)
{
	struct query *q = NULL;
	int64_t owner = key_owner(k->fingerprint, e), count;

	if (owner < 0 || (count = keys_count(account, e)) < 0)
		return -1;
	if (owner == account)
		return err_set(e, ERR_CONFLICT, "key-in-use",
		    "%s is a key of this account already.", k->fingerprint);
	if (owner != 0)
		return err_set(e, ERR_CONFLICT, "key-in-use",
		    "%s opens another account; each account needs keys of its own. Make a new one with: ssh-keygen -t ed25519",
		    k->fingerprint);
	if (count >= KEYS_MOST)
		return err_set(e, ERR_REFUSED, "key-count",
		    "An account has at most %d keys; remove one first: key remove N",
		    KEYS_MOST);
	k->added = clock_now();
	q = db_query(key_prepared[Q_ADD]);
	q_i64(q, 1, account);
	q_str(q, 2, k->fingerprint);
	q_str(q, 3, k->type);
	q_str(q, 4, k->line);
	q_str(q, 5, k->name);
	q_i64(q, 6, k->added);
	if (q_run(q, e) < 0)
		return -1;
	k->number = db_last_number();
	return 0;
}

int
serve_key_list(struct seat *s, const struct none *a, struct key_list *r,
    struct err *e)
{
	struct query *q = db_query(key_prepared[Q_LIST]);
	int have;

	(void)a;
	q_i64(q, 1, s->account);
	while ((have = q_next(q, e)) == 1) {
		struct key *k = LIST_ADD(r, rows);

		k->number = q_col_i64(q, 0);
		q_col_str(q, 1, k->fingerprint, sizeof k->fingerprint);
		q_col_str(q, 2, k->type, sizeof k->type);
		q_col_str(q, 3, k->name, sizeof k->name);
		k->added = q_col_i64(q, 4);
		k->last_used = q_col_i64(q, 5);
		q_col_str(q, 6, k->line, sizeof k->line);
	}
	return have;
}

int
serve_key_add(struct seat *s, const struct key_new *a, struct key *r,
    struct err *e)
{
	if (key_parse(a->line, r, e) < 0)
		return -1;
	if (a->name[0] != '\0')
		comment_take(r, a->name);
	if (key_store(s->account, r, e) < 0)
		return -1;
	change_push("key", r->number, s->account, "");
	return audit_add(s, "key.add", "account", s->account_name,
	    OUTCOME_DONE, e, "%s %s", r->type, r->fingerprint);
}

/* By number, fingerprint, or a name that only one of them has. */
static int
key_find_own(struct seat *s, const char *ref, struct key *found,
    struct err *e)
{
	struct key_list list = { 0 };
	const struct key *by_name = NULL;
	struct none none = { 0 };
	int64_t number = 0;
	size_t named = 0;

	if (serve_key_list(s, &none, &list, e) < 0) {
		NOUN_CLEAR(key_list, &list);
		return -1;
	}
	number_parse(ref, INT64_MAX, &number);
	for (size_t i = 0; i < list.n_rows; i++) {
		const struct key *k = &list.rows[i];

		if (k->number == number || strcmp(k->fingerprint, ref) == 0)
			*found = *k;
		else if (strcmp(k->name, ref) == 0 && named++ == 0)
			by_name = k;
	}
	if (found->number == 0 && named == 1)
		*found = *by_name;
	if (found->number == 0 && named > 1)
		err_set(e, ERR_CONFLICT, "key",
		    "Several keys of yours have this name; say which by its number: key list");
	else if (found->number == 0)
		err_set(e, ERR_NOT_FOUND, "key",
		    "There is no such key of yours; see: key list");
	else if (list.n_rows == 1)
		err_set(e, ERR_REFUSED, "key-last",
		    "This is the only key of the account; add another one first: key add");
	number = found->number != 0 && list.n_rows > 1;
	NOUN_CLEAR(key_list, &list);
	return number ? 0 : -1;
}

int
serve_key_remove(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct query *q = NULL;
	struct key k = { 0 };

	(void)r;
	if (key_find_own(s, a->ref, &k, e) < 0)
		return -1;
	q = db_query(key_prepared[Q_REMOVE]);
	q_i64(q, 1, s->account);
	q_i64(q, 2, k.number);
	if (q_run(q, e) < 0 || unpin_add(s->account_name, k.line, e) < 0)
		return -1;
	change_push("key", k.number, s->account, "");
	return audit_add(s, "key.remove", "account", s->account_name,
	    OUTCOME_DONE, e, "%s %s", k.type, k.fingerprint);
}
