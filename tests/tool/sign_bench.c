/* sign_bench.c - certificates a CPU second through serve_sign_certificates(),
 * by the kind of the ICA's key, beside what the bare signature costs; then
 * OCSP answers and a CRL.  Usage: sign_bench [BATCH [SECONDS]]. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sys/resource.h>

#include "core/base/log.h"
#include "core/x509/ca.h"
#include "tests/unit/signer_help.h"

static double
cpu_now(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
	    1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* Put another kind of key under the trial root. */
static void
ica_replace(EVP_PKEY *key)
{
	struct ca_names n = { "XMPP Federation", "Bench ICA", "", "",
		signer_self.conf.policy_oid, 1826 };
	struct sign_issuer *i = &signer_self.issuers[0];
	struct blob root = { 0 };
	struct err e = { 0 };
	X509 *x = ca_ica_new(key, signer_self.root, signer_self.root_key,
	    false, &n, clock_now(), &e);

	blob_set(&root, i->root.data, i->root.size);
	EVP_PKEY_free(i->key);
	i->key = key;
	if (x == NULL || sign_issuer_certify(&signer_self, i, x, &root,
	    &e) < 0)
		fatal("%s", e.text);
	blob_clear(&root);
}

static double
bare_signature(EVP_PKEY *key)
{
	uint8_t tbs[700] = { 1 }, out[1024];
	double start = cpu_now();
	int n = 0;

	for (; n < 100 || cpu_now() - start < 0.5; n++) {
		EVP_MD_CTX *c = EVP_MD_CTX_new();
		size_t size = sizeof out;

		EVP_DigestSignInit(c, NULL, key_digest(key), NULL, key);
		EVP_DigestSign(c, out, &size, tbs, sizeof tbs);
		EVP_MD_CTX_free(c);
	}
	return n / (cpu_now() - start);
}

static void
issue(const char *kind, EVP_PKEY *key, size_t batch, double seconds)
{
	EVP_PKEY *leaf = EVP_EC_gen("P-256");
	double spent = 0, bare = bare_signature(key), wall = 0;
	size_t done = 0;

	ica_replace(key);
	while (spent < seconds) {
		struct sign_batch b = { 0 };
		struct signed_batch r;
		double start;
		int64_t from;

		for (size_t i = 0; i < batch; i++)
			wish_fill(LIST_ADD(&b, wishes), (int64_t)i + 1,
			    "montague.example", leaf);
		start = cpu_now();
		from = clock_mono_ms();
		r = batch_ask(&b);
		wall += (double)(clock_mono_ms() - from) / 1000;
		spent += cpu_now() - start;
		for (size_t i = 0; i < r.n_items; i++)
			if (r.items[i].der.size == 0)
				fatal("%s", r.items[i].text);
		done += batch;
		NOUN_CLEAR(signed_batch, &r);
		NOUN_CLEAR(sign_batch, &b);
	}
	printf("%-9s batch %4zu: %7.0f certificates/CPU-s, %7.0f/s; bare "
	    "signature %7.0f/CPU-s\n", kind, batch, (double)done / spent,
	    (double)done / wall, bare);
	fflush(stdout);
	EVP_PKEY_free(leaf);
}

static void
answers(size_t n)
{
	struct answer_wish a = { .issuer = "ica-server-1",
		.this_update = clock_now() };
	struct answer_batch r = { 0 };
	struct err e = { 0 };
	double start;

	a.next_update = a.this_update + 86400;
	for (size_t i = 0; i < n; i++) {
		struct status *st = LIST_ADD(&a, entries);

		snprintf(st->serial, sizeof st->serial, "01%032zx", i);
		st->state = CERTIFICATE_REVOKED;
		st->revoked = a.this_update;
	}
	start = cpu_now();
	if (serve_sign_answers(NULL, &a, &r, &e) < 0)
		fatal("%s", e.text);
	printf("answers (SHA-1 and SHA-256 CertID): %7.0f serials/CPU-s\n",
	    (double)n / (cpu_now() - start));
	NOUN_CLEAR(answer_batch, &r);
	NOUN_CLEAR(answer_wish, &a);
}

static void
crl(size_t n)
{
	struct crl_wish w = { .issuer = "ica-server-1", .number = 1,
		.this_update = clock_now() };
	struct text r = { 0 };
	struct err e = { 0 };
	double start;

	w.next_update = w.this_update + 86400;
	w.entries = xcalloc(n, sizeof *w.entries);
	w.n_entries = n;
	for (size_t i = 0; i < n; i++) {
		struct status *st = &w.entries[i];

		snprintf(st->serial, sizeof st->serial, "01%032zx", i);
		st->revoked = w.this_update;
		st->reason = REASON_KEY_COMPROMISE;
	}
	start = cpu_now();
	if (serve_sign_crl(NULL, &w, &r, &e) < 0)
		fatal("%s", e.text);
	printf("crl of %zu: %.1f ms, %zu bytes\n", n,
	    1000 * (cpu_now() - start), r.text.size);
	NOUN_CLEAR(text, &r);
	NOUN_CLEAR(crl_wish, &w);
}

int
main(int argc, char **argv)
{
	size_t batch = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 100;
	double seconds = argc > 2 ? strtod(argv[2], NULL) : 1;

	if (batch < 1 || batch > SHAPE_LIST_MAX)
		return 2;
	log_level(0);
	folder_begin(NULL);
	signer_fresh(true, "[signer]\nper_hour = 1000000\n"
	    "per_day = 10000000\n");
	issue("P-256", EVP_EC_gen("P-256"), batch, seconds);
	issue("P-384", ca_key_new(), batch, seconds);
	issue("RSA-3072", EVP_RSA_gen(3072), batch, seconds);
	answers(20000);
	crl(10000);
	crl(100000);
	crl(1000000);
	signer_stop();
	folder_end(NULL);
	return 0;
}
