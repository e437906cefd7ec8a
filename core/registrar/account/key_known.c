/* key_known.c - keys that are known: weak ones, the authority's, SSH keys. */
#include "core/registrar/account/key_known.h"

#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "core/base/hash_list.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/x509/spki.h"
#include "core/x509/weak.h"

#define SSH_BLOB_MAX 1024	/* RSA-4096 has 535 */

enum { Q_ISSUERS, Q_SSH };
static const char *const sql[] = {
	[Q_ISSUERS] = "SELECT der, root FROM issuer",
	[Q_SSH] = "SELECT line, fingerprint FROM ssh_key WHERE account = ?1",
};
DB_STATEMENTS(key_known, sql)

/* ---- the operator's lists ---- */

int
weak_keys_load(struct err *e)
{
	weak_list_clear();
	return hash_lists_each(&conf, weak_list_load, e);
}

void
weak_keys_facts(struct fact_list *list)
{
	struct fact *f = LIST_ADD(list, rows);
	struct weak_count c;

	weak_count(&c);
	str_copy(f->what, sizeof f->what, "weak keys");
	f->good = true;
	snprintf(f->text, sizeof f->text, "%zu published, %zu listed, %zu of Debian's (CVE-2008-0166)%s",
	    c.published, c.keys, c.moduli, c.moduli > 0 ? "" :
	    "; policy.weak_keys names no list of these");
}

/* ---- the authority's own ---- */

static bool
certificate_has(const uint8_t *der, size_t size, const struct spki *k)
{
	const ASN1_BIT_STRING *bits = NULL;
	X509 *x = NULL;
	bool has;

	/* libcrypto's decoder costs a hundred times as much: most have not */
	if (size == 0 || memmem(der, size, k->bits.at, k->bits.left) == NULL)
		return false;
	x = d2i_X509(NULL, &der, (long)size);
	bits = x != NULL ? X509_get0_pubkey_bitstr(x) : NULL;
	has = bits != NULL && der_is(&k->bits,
	    ASN1_STRING_get0_data(bits), (size_t)ASN1_STRING_length(bits));

	X509_free(x);
	return has;
}

int
key_is_authority(const struct blob *spki, struct err *e)
{
	struct query *q = db_query(key_known_prepared[Q_ISSUERS]);
	struct spki k;
	int r;

	if (spki_read(spki->data, spki->size, &k, e) < 0)
		return -1;
	while ((r = q_next(q, e)) == 1)
		for (int i = 0; i < 2; i++) {
			size_t size = 0;
			const uint8_t *der = q_col_blob(q, i, &size);

			if (!certificate_has(der, size, &k))
				continue;
			q_end(q);
			return 1;
		}
	return r;
}

/* ---- SSH keys ---- */

/* An SSH key's blob ends in the modulus, or in the point (RFC 4253 6.6, RFC
 * 5656 3.1); both are far too long to be there by chance. */
static bool
line_has(const char *line, const struct spki *k)
{
	const struct der *end = k->kind == SPKI_RSA ? &k->modulus : &k->bits;
	const char *at = strchr(line, ' ');
	uint8_t blob[SSH_BLOB_MAX];
	int n;

	if (at == NULL || end->left < 64)
		return false;
	at++;
	n = base64_decode(blob, sizeof blob, at, strcspn(at, " \r\n"));
	return n > 0 && (size_t)n > end->left &&
	    memcmp(blob + (size_t)n - end->left, end->at, end->left) == 0;
}

int
key_is_ssh(const struct blob *spki, int64_t account, char fingerprint[64],
    struct err *e)
{
	struct query *q = db_query(key_known_prepared[Q_SSH]);
	char line[1024];
	struct spki k;
	int r;

	if (spki_read(spki->data, spki->size, &k, e) < 0)
		return -1;
	q_i64(q, 1, account);
	while ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, line, sizeof line);
		if (!line_has(line, &k))
			continue;
		q_col_str(q, 1, fingerprint, 64);
		q_end(q);
		return 1;
	}
	return r;
}
