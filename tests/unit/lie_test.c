/* lie_test.c - a registrar that lies, and has its lie approved: the signer
 * refuses what no rule allows, whoever asks for it (S5.3, S5.5, S5.6). */
#include "tests/unit/check.h"

#include <signal.h>
#include <sys/stat.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "tests/unit/signer_help.h"

#define DOMAIN "alpha.example"

static const char *
clause_of(struct sign_wish *w)
{
	static char clause[64];
	struct sign_batch b = { .wishes = w, .n_wishes = 1 };
	struct signed_batch r = { 0 };

	wish_approve(w);		/* the lie is consistent */
	r = batch_ask(&b);
	str_copy(clause, sizeof clause, r.items[0].clause);
	/* nothing was signed, so nothing came */
	assert_int_equal(clause[0] == '\0', r.items[0].der.size > 0);
	NOUN_CLEAR(signed_batch, &r);
	return clause;
}

static void
lies(struct sign_wish *w, const char *clause, const char *what)
{
	const char *got = clause_of(w);

	if (strcmp(got, clause) != 0)
		fail_msg("%s: \"%s\" instead of %s", what, got, clause);
	NOUN_CLEAR(sign_wish, w);
}

static struct sign_wish
wish(void)
{
	struct sign_wish w = { 0 };

	wish_fill(&w, 1, DOMAIN, NULL);
	return w;
}

static void
no_lie_about_a_name_is_signed(void **state)
{
	static const struct {
		const char *what, *value, *clause;
		int place, kind;	/* -1: stays */
	} cases[] = {
		{ "a wildcard", "*.alpha.example", "name-wildcard", 0, -1 },
		{ "an address", "192.0.2.1", "name-ip", 0, -1 },
		{ "upper case", "Alpha.example", "profile-names", 0, -1 },
		{ "a trailing dot", "alpha.example.", "profile-names", 0, -1 },
		{ "a U-label", "b\xc3\xbc" "cher.example", "profile-names", 0, -1 },
		{ "a public suffix", "co.uk", "name-public-suffix", 0, -1 },
		{ "one label", "localhost", "name-single-label", 0, -1 },
		{ "an underscore", "_x.alpha.example", "name-underscore", 0, -1 },
		{ "an ESC", "\033[2J.example", "name-control", 0, -1 },
		{ "another SRVName", "evil.example", "profile-names", 1, -1 },
		{ "another client SRVName", "evil.example", "profile-names", 2, -1 },
		{ "an XmppAddr in its place", DOMAIN, "profile-names", 1, NAME_XMPP },
		{ "an account", "me@alpha.example", "profile-names", 1, NAME_XMPP },
		{ "a dNSName twice", DOMAIN, "profile-names", 1, NAME_DNS },
		{ "an empty name", "", "name-empty", 0, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sign_wish w = wish();
		struct name *n = &w.names[cases[i].place];

		str_copy(n->value, sizeof n->value, cases[i].value);
		if (cases[i].kind >= 0)
			n->kind = (enum name_kind)cases[i].kind;
		lies(&w, cases[i].clause, cases[i].what);
	}
}

static void
no_lie_about_how_many_names_is_signed(void **state)
{
	struct sign_wish w = wish();
	struct domain_form form = { 0 };
	size_t n;

	(void)state;
	n = w.n_names;
	w.n_names = n - 1;
	wish_approve(&w);
	assert_string_equal(clause_of(&w), "profile-names");
	w.n_names = 0;
	assert_string_equal(clause_of(&w), "profile-names");
	w.n_names = n;
	NOUN_CLEAR(sign_wish, &w);
	/* the same domain again, and one domain too many */
	w = wish();
	str_copy(form.ascii, sizeof form.ascii, DOMAIN);
	profile_names(profile_find("xmpp-server"), &form, 1, &w.names,
	    &w.n_names);
	lies(&w, "profile-names", "a domain twice");
	w = wish();
	for (int i = 0; i < 100; i++) {
		snprintf(form.ascii, sizeof form.ascii, "h%d.alpha.example",
		    i);
		profile_names(profile_find("xmpp-server"), &form, 1, &w.names,
		    &w.n_names);
	}
	lies(&w, "profile-names", "101 domains");
}

static void
no_lie_about_the_subject_or_the_profile_is_signed(void **state)
{
	static const struct {
		const char *cn, *profile, *clause;
	} cases[] = {
		{ "evil.example", "xmpp-server", "profile-cn" },
		{ "", "xmpp-server", "profile-cn" },
		{ "Alpha.example", "xmpp-server", "profile-cn" },
		{ "alpha.example\nx", "xmpp-server", "profile-cn" },
		{ DOMAIN, "xmpp-s2s", "profile-names" },
		{ DOMAIN, "xmpp-rfc3920", "profile-names" },
		{ DOMAIN, "", "profile-unknown" },
		{ DOMAIN, "subordinate-ca", "profile-unknown" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sign_wish w = wish();

		str_copy(w.subject_cn, sizeof w.subject_cn, cases[i].cn);
		str_copy(w.profile, sizeof w.profile, cases[i].profile);
		lies(&w, cases[i].clause, cases[i].cn);
	}
}

static void
spki_of(struct sign_wish *w, EVP_PKEY *key)
{
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	blob_clear(&w->spki);
	blob_set(&w->spki, der, (size_t)n);
	OPENSSL_free(der);
}

static void
no_lie_about_the_key_is_signed(void **state)
{
	static const struct {
		const char *name, *clause;
	} curves[] = {
		{ "secp256k1", "key-ec-curve" }, { "P-521", "key-ec-curve" },
		{ "brainpoolP256r1", "key-ec-curve" },
	};
	EVP_PKEY *small = EVP_RSA_gen(1024), *ed = EVP_PKEY_Q_keygen(NULL,
	    NULL, "ED25519");
	struct sign_issuer *i = &signer_self.issuers[0];
	struct sign_wish w;

	(void)state;
	for (size_t k = 0; k < sizeof curves / sizeof *curves; k++) {
		EVP_PKEY *key = EVP_EC_gen(curves[k].name);

		w = wish();
		spki_of(&w, key);
		lies(&w, curves[k].clause, curves[k].name);
		EVP_PKEY_free(key);
	}
	w = wish();
	spki_of(&w, small);
	lies(&w, "key-rsa-short", "RSA-1024");
	w = wish();
	spki_of(&w, ed);
	lies(&w, "key-algorithm", "Ed25519");
	w = wish();
	w.spki.data[w.spki.size - 1] ^= 1;
	lies(&w, "key-ec-point", "a point off the curve");
	w = wish();
	w.spki.size--;
	lies(&w, "key-encoding", "a key cut short");
	w = wish();
	blob_clear(&w.spki);
	lies(&w, "key-encoding", "no key");
	/* our own keys, for somebody else */
	w = wish();
	spki_of(&w, X509_get0_pubkey(i->certificate));
	lies(&w, "key-authority", "the issuer's key");
	w = wish();
	assert_non_null(i->responder);
	spki_of(&w, X509_get0_pubkey(i->responder));
	lies(&w, "key-authority", "the responder's key");
	w = wish();
	assert_non_null(signer_self.root);
	spki_of(&w, X509_get0_pubkey(signer_self.root));
	lies(&w, "key-authority", "the root's key");
	EVP_PKEY_free(small);
	EVP_PKEY_free(ed);
}

static void
no_lie_about_the_dates_is_signed(void **state)
{
	static const struct {
		int64_t before, after;	/* seconds added */
		const char *clause;
	} cases[] = {
		{ -86400, 0, "sign-dates" }, { 86400, 86400, "sign-dates" },
		{ 0, 86400 * 2, "sign-dates" },
		{ 0, 86400LL * 3650, "sign-dates" },
		{ 0, -86400LL * 91, "sign-dates" },
		{ -1795000000, 0, "sign-dates" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sign_wish w = wish();

		w.not_before += cases[i].before;
		w.not_after += cases[i].after;
		lies(&w, cases[i].clause, "dates");
	}
}

static int
setup(void **state)
{
	if (folder_begin(state) != 0)
		return -1;
	signer_fresh(true, "");
	/* the responder's certificate is made when it is first needed */
	return 0;
}

static int
teardown(void **state)
{
	signer_stop();
	return folder_end(state);
}

static void
the_truth_is_signed(void **state)
{
	struct sign_wish w = wish();

	(void)state;
	assert_string_equal(clause_of(&w), "");
	NOUN_CLEAR(sign_wish, &w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_truth_is_signed),
		cmocka_unit_test(no_lie_about_a_name_is_signed),
		cmocka_unit_test(no_lie_about_how_many_names_is_signed),
		cmocka_unit_test(
		    no_lie_about_the_subject_or_the_profile_is_signed),
		cmocka_unit_test(no_lie_about_the_key_is_signed),
		cmocka_unit_test(no_lie_about_the_dates_is_signed),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
