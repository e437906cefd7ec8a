/*
 * corpus.h - certificate requests, good and hostile, each with the rule that
 * the verdict names.  Made here, at run time: the keys are new each time, the
 * faults are the same.  corpus_test judges them in process; the tool
 * corpus_make writes them into a folder for the stories.
 *
 * The account's proofs: jabber.net and xn--bcher-kva.de (with what is below
 * them); old-jabber.org has expired.
 */
#ifndef TESTS_CORPUS_H
#define TESTS_CORPUS_H

#include <stdarg.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/obj_mac.h>

#include "tests/unit/csr_make.h"

struct corpus_case {
	char fact[120];
	struct buf bytes;		/* the input, PEM or DER */
	char asked[64];			/* a domain; "" the CSR's */
	char jid[640];			/* of a person; "" the CSR's */
	const char *profile;		/* "" the default */
	const char *rule;		/* of the verdict; "ok" accepted */
};

typedef void corpus_take(const struct corpus_case *c, void *user);

struct corpus {
	corpus_take *take;
	void *user;
	size_t n;
};

static inline void
corpus_give(struct corpus *c, struct corpus_case *one)
{
	c->take(one, c->user);
	c->n++;
	buf_clear(&one->bytes);
}

static inline void corpus_put(struct corpus *c, struct buf bytes,
    const char *asked, const char *profile, const char *rule, const char *fmt,
    ...) __attribute__((format(printf, 6, 7)));

static inline void
corpus_put(struct corpus *c, struct buf bytes, const char *asked,
    const char *profile, const char *rule, const char *fmt, ...)
{
	struct corpus_case one = { .bytes = bytes, .rule = rule,
		.profile = profile ? profile : "" };
	va_list ap;

	snprintf(one.asked, sizeof one.asked, "%s", asked);
	va_start(ap, fmt);
	vsnprintf(one.fact, sizeof one.fact, fmt, ap);
	va_end(ap);
	corpus_give(c, &one);
}

static inline void
corpus_plan(struct corpus *c, const struct csr_plan *p, const char *asked,
    const char *rule, const char *fact)
{
	corpus_put(c, csr_make(p), asked, NULL, rule, "%s", fact);
}

/* ---- every bad name at every place ---- */

static inline void
corpus_names(struct corpus *c)
{
	static const struct {
		const char *name, *rule;
	} names[] = {
		{ "evil.net", "name-unproven" },
		{ "net", "name-single-label" },
		{ "notjabber.net", "name-unproven" },
		{ "jabber.net.evil.com", "name-unproven" },
		{ "old-jabber.org", "name-unproven" },
		{ "*.jabber.net", "name-wildcard" },
		{ "a*.jabber.net", "name-wildcard" },
		{ "192.0.2.1", "name-ip" },
		{ "2001:db8::1", "name-ip" },
		{ "jabber.net:5222", "name-ip" },
		{ "jabber", "name-single-label" },
		{ "localhost", "name-single-label" },
		{ "a.localhost", "name-special-use" },
		{ "printer.local", "name-special-use" },
		{ "a.test", "name-special-use" },
		{ "a.example", "name-special-use" },
		{ "example.org", "name-special-use" },
		{ "a.invalid", "name-special-use" },
		{ "abcdefghijklmnop.onion", "name-special-use" },
		{ "1.0.0.127.in-addr.arpa", "name-special-use" },
		{ "router.internal", "name-special-use" },
		{ "x.alt", "name-special-use" },
		{ "nas.home.arpa", "name-special-use" },
		{ "co.uk", "name-public-suffix" },
		{ "github.io", "name-public-suffix" },
		{ "jabber.123", "name-numeric-tld" },
		{ "jabber.0x7f", "name-numeric-tld" },
		{ "my_host.jabber.net", "name-underscore" },
		{ "jabber..net", "name-label" },
		{ ".jabber.net", "name-label" },
		{ "-a.jabber.net", "name-label" },
		{ "a-.jabber.net", "name-label" },
		{ "ab--c.jabber.net", "name-label" },
		{ "a!b.jabber.net", "name-label" },
		{ "jabber.net%00.evil.com", "name-control" },
		{ "jabber.net%20", "name-control" },
		{ "%09jabber.net", "name-control" },
		{ "%1B[31mjabber.net", "name-control" },
		{ "jabber.net%0A", "name-control" },
		{ "jabber%C2%A0.net", "name-control" },
		{ "%E2%80%AEten.rebbaj", "name-bidi" },
		{ "jab%E2%80%8Bber.net", "name-bidi" },
		{ "jab%EF%BB%BFber.net", "name-bidi" },
		{ "jab%FFber.net", "name-idna" },
		{ "jab%C0%AEber.net", "name-idna" },
		{ "%E2%99%A5.jabber.net", "name-idna" },
		{ "xn--bucher-xyd.de", "name-roundtrip" },
		{ "xn--a.jabber.net", "name-idna" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaa.jabber.net", "name-length" },
	};
	static const struct {
		const char *word, *shown;
	} places[] = {
		{ "DNS:", "dNSName" }, { "SRV:_xmpp-server.", "SRVName" },
		{ "SRV:_xmpp-client.", "SRVName of clients" },
		{ "XMPP:", "XmppAddr" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
			char san[400];
			struct csr_plan p = { .san = san };

			snprintf(san, sizeof san, "DNS:jabber.net\n%s%s",
			    places[k].word, names[i].name);
			corpus_put(c, csr_make(&p), "", NULL, names[i].rule,
			    "%s as %s", names[i].name, places[k].shown);
		}
}

/* ---- what is asked for ---- */

static inline void
corpus_wishes(struct corpus *c)
{
	static const struct {
		const char *fact, *subject, *san, *extra, *asked, *profile,
		    *rule;
	} cases[] = {
		{ "CN alone", "CN=jabber.net", NULL, "", "", NULL, "ok" },
		{ "dNSName alone", NULL, "DNS:jabber.net", "", "", NULL, "ok" },
		{ "a component", NULL, "DNS:chat.jabber.net", "", "", NULL, "ok" },
		{ "upper case", NULL, "DNS:JABBER.NET", "", "", NULL, "ok" },
		{ "trailing dot", NULL, "DNS:jabber.net.", "", "", NULL, "ok" },
		{ "both SRVNames", NULL, "SRV:_xmpp-server.jabber.net\nSRV:_xmpp-client.jabber.net", "", "", NULL, "ok" },
		{ "XmppAddr, default profile", NULL, "XMPP:jabber.net", "", "", NULL, "ok" },
		{ "XmppAddr, its profile", NULL, "XMPP:jabber.net", "", "", "xmpp-rfc3920", "ok" },
		{ "no dNSName profile", NULL, "DNS:jabber.net", "", "", "xmpp-s2s", "ok" },
		{ "U-label", NULL, "XMPP:b%C3%BCcher.de", "", "", "xmpp-rfc3920", "ok" },
		{ "A-label", NULL, "DNS:xn--bcher-kva.de", "", "", NULL, "ok" },
		{ "decomposed U-label", NULL, "XMPP:bu%CC%88cher.de", "", "", "xmpp-rfc3920", "ok" },
		{ "names by the side of the CSR", "CN=x", NULL, "", "jabber.net", NULL, "ok" },
		{ "unknown profile", NULL, "DNS:jabber.net", "", "", "tls-server", "profile-unknown" },
		{ "nothing", NULL, NULL, "", "", NULL, "name-none" },
		{ "unproven asked", NULL, NULL, "", "evil.net", NULL, "name-unproven" },
		{ "wildcard asked", NULL, NULL, "", "*.jabber.net", NULL, "name-wildcard" },
		{ "mixed script, Cyrillic a", NULL, "XMPP:j%D0%B0bber.net", "", "", "xmpp-rfc3920", "name-unproven" },
		{ "account", NULL, "XMPP:me@jabber.net", "", "", "xmpp-rfc3920", "san-localpart" },
		{ "empty local part", NULL, "XMPP:@jabber.net", "", "", "xmpp-rfc3920", "san-localpart" },
		{ "resource", NULL, "XMPP:jabber.net/x", "", "", "xmpp-rfc3920", "ok" },
		{ "IPv4", NULL, "DNS:jabber.net\nIP:%C0%00%02%01", "", "", NULL, "san-kind" },
		{ "IPv6", NULL, "DNS:jabber.net\nIP:%20%01%0D%B8%00%00%00%00%00%00%00%00%00%00%00%01", "", "", NULL, "san-kind" },
		{ "URI", NULL, "DNS:jabber.net\nURI:xmpp:jabber.net", "", "", NULL, "san-kind" },
		{ "UPN", NULL, "DNS:jabber.net\nUPN:a@jabber.net", "", "", NULL, "san-kind" },
		{ "directoryName", NULL, "DNS:jabber.net\nDIR:%30%00", "", "", NULL, "san-kind" },
		{ "registeredID", NULL, "DNS:jabber.net\nRID:%2A%03", "", "", NULL, "san-kind" },
		{ "x400Address", NULL, "DNS:jabber.net\nRAW:%A3%02%30%00", "", "", NULL, "san-kind" },
		{ "ediPartyName", NULL, "DNS:jabber.net\nRAW:%A5%02%30%00", "", "", NULL, "san-kind" },
		{ "tag of no GeneralName", NULL, "DNS:jabber.net\nRAW:%89%00", "", "", NULL, "san-kind" },
		{ "mail", NULL, "DNS:jabber.net\nMAIL:a@jabber.net", "", "", NULL, "ok" },
		{ "SRVName of https", NULL, "SRV:_https.jabber.net", "", "jabber.net", NULL, "san-service" },
		{ "SRVName of a bare domain", NULL, "SRV:jabber.net", "", "jabber.net", NULL, "san-service" },
		{ "SRVName with a protocol", NULL, "SRV:_xmpp-server._tcp.jabber.net", "", "jabber.net", NULL, "san-service" },
		{ "SRVName of nothing", NULL, "SRV:_xmpp-server.", "", "jabber.net", NULL, "name-empty" },
		{ "SRVName as BMPString", NULL, "SRVB:%00_", "", "jabber.net", NULL, "san-type" },
		{ "XmppAddr as BMPString", NULL, "XMPPB:%00j", "", "jabber.net", NULL, "san-type" },
		{ "two common names", "CN=jabber.net\nCN=jabber.net", NULL, "", "", NULL, "subject-cn-several" },
		{ "NUL in the common name", "CN=jabber.net%00x", NULL, "", "", NULL, "subject-text" },
		{ "terminal colours in O", "O=%1B[31m\nCN=jabber.net", NULL, "", "", NULL, "subject-text" },
		{ "CN unproven", "CN=evil.net", "DNS:jabber.net", "", "", NULL, "name-unproven" },
		{ "CN wildcard", "CN=*.jabber.net", "DNS:jabber.net", "", "", NULL, "name-wildcard" },
		{ "CN of IP", "CN=192.0.2.1", "DNS:jabber.net", "", "", NULL, "name-ip" },
		{ "CA:TRUE", NULL, "DNS:jabber.net", "x-ca ", "", NULL, "ext-ca" },
		{ "basicConstraints broken", NULL, "DNS:jabber.net", "x-casick ", "", NULL, "csr-der" },
		{ "keyCertSign", NULL, "DNS:jabber.net", "x-kusign ", "", NULL, "ext-key-usage" },
		{ "cRLSign", NULL, "DNS:jabber.net", "x-kucrl ", "", NULL, "ext-key-usage" },
		{ "OCSPSigning", NULL, "DNS:jabber.net", "x-ekuocsp ", "", NULL, "ext-eku" },
		{ "codeSigning", NULL, "DNS:jabber.net", "x-ekucode ", "", NULL, "ext-eku" },
		{ "timeStamping", NULL, "DNS:jabber.net", "x-ekutime ", "", NULL, "ext-eku" },
		{ "anyExtendedKeyUsage", NULL, "DNS:jabber.net", "x-ekuany ", "", NULL, "ext-eku" },
		{ "unknown critical", NULL, "DNS:jabber.net", "x-oddcritical ", "", NULL, "ext-critical" },
		{ "unknown", NULL, "DNS:jabber.net", "x-odd ", "", NULL, "ok" },
		{ "40 extensions", NULL, "DNS:jabber.net", "x-many ", "", NULL, "csr-limits" },
		{ "40 attributes", NULL, "DNS:jabber.net", "manyattributes ", "", NULL, "csr-limits" },
		{ "SAN twice", NULL, "DNS:jabber.net", "twosans ", "", NULL, "csr-extension-twice" },
		{ "SAN broken", NULL, NULL, "x-sicksan ", "jabber.net", NULL, "csr-der" },
		{ "two extension requests", NULL, "DNS:jabber.net", "tworequests ", "", NULL, "csr-attribute-twice" },
		{ "an extension request with two values", NULL, "DNS:jabber.net", "twovalues ", "", NULL, "csr-attribute-twice" },
		{ "Microsoft's beside the standard's", NULL, "DNS:jabber.net", "microsoft ", "", NULL, "csr-attribute-twice" },
		{ "challenge password", NULL, "DNS:jabber.net", "password ", "", NULL, "ok" },
		{ "challenge password twice", NULL, "DNS:jabber.net", "twopasswords ", "", NULL, "csr-attribute-twice" },
	};
	struct csr_plan p = { .san = "DNS:jabber.net" };
	struct buf many = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct csr_plan one = { .subject = cases[i].subject,
			.san = cases[i].san, .extra = cases[i].extra };

		corpus_put(c, csr_make(&one), cases[i].asked,
		    cases[i].profile, cases[i].rule, "%s", cases[i].fact);
	}
	/* counts of names: 100 is allowed, 101 not, 1000 stops the reader */
	for (int n = 100; n <= 1000; n = n == 100 ? 101 : n == 101 ? 400 : n +
	    600) {
		for (int i = 0; i < n; i++)
			buf_printf(&many, "DNS:h%d.jabber.net\n", i);
		buf_put_u8(&many, 0);
		p.san = (const char *)many.data;
		corpus_put(c, csr_make(&p), "", NULL, n == 100 ? "ok" :
		    n <= 400 ? "name-too-many" : "csr-size", "%d names", n);
		buf_clear(&many);
	}
	p = (struct csr_plan){ .san = "DNS:jabber.net", .version = 1 };
	corpus_plan(c, &p, "", "csr-version", "version 1");
	p.version = 2;
	corpus_plan(c, &p, "", "csr-version", "version 2");
	p = (struct csr_plan){ .no_attributes = true };
	corpus_plan(c, &p, "jabber.net", "ok", "no attributes at all");
}

/* ---- keys and signatures ---- */

static inline struct buf
corpus_rsa_spki(const BIGNUM *n, const BIGNUM *e)
{
	struct buf key = { 0 }, b = { 0 };
	size_t outer, part;
	const BIGNUM *numbers[] = { n, e };

	outer = tlv_open(&key, 0x30);
	for (int i = 0; i < 2; i++) {
		uint8_t bytes[2049] = { 0 };
		int size = BN_bn2bin(numbers[i], bytes + 1);
		bool pad = size == 0 || (bytes[1] & 0x80) != 0;

		der_put(&key, 2, bytes + !pad, (size_t)size + pad);
	}
	tlv_close(&key, outer);
	outer = tlv_open(&b, 0x30);
	buf_put(&b, "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05"
	    "\x00", 15);
	part = tlv_open(&b, 3);
	buf_put_u8(&b, 0);
	buf_put(&b, key.data, key.size);
	tlv_close(&b, part);
	tlv_close(&b, outer);
	buf_clear(&key);
	return b;
}

static inline void
corpus_spki(struct corpus *c, struct buf spki, const char *rule,
    const char *fact)
{
	struct csr_plan p = { .san = "DNS:jabber.net", .spki = spki.data,
		.spki_size = spki.size };

	corpus_plan(c, &p, "", rule, fact);
	buf_clear(&spki);
}

/* n has these residues' ROCA mark: a power of 65537 modulo each of the primes
 * 3 to 167, and no factor below 752. */
static inline void
corpus_roca(BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *m = BN_new(), *r = BN_new(), *k = BN_new();
	bool good = false;

	BN_one(m);
	for (unsigned p = 3; p <= 167; p += 2) {
		unsigned d = 3;

		while (d * d <= p && p % d != 0)
			d += 2;
		if (d * d > p)
			BN_mul_word(m, p);
	}
	BN_set_word(r, 65537);
	BN_set_word(k, 123456789);
	BN_mod_exp(r, r, k, m, ctx);
	while (!good) {
		BN_rand(k, 2048 - BN_num_bits(m) + 1, BN_RAND_TOP_TWO,
		    BN_RAND_BOTTOM_ANY);
		BN_mul(n, k, m, ctx);
		BN_add(n, n, r);
		good = BN_num_bits(n) == 2048 && BN_is_odd(n);
		for (unsigned p = 3; good && p < 752; p += 2)
			good = BN_mod_word(n, p) != 0;
	}
	BN_free(m);
	BN_free(r);
	BN_free(k);
}

static inline void
corpus_rsa(struct corpus *c)
{
	static const struct {
		const char *hex, *fact;
	} exponents[] = {
		{ "1", "e = 1" }, { "2", "e = 2" }, { "3", "e = 3" },
		{ "11", "e = 17" }, { "10000", "e = 65536" },
		{ "10003", "e = 65539" }, { "100000001", "e = 2^32 + 1" },
		{ "10000000000000000000000000000000000000001", "e of 161 bits" },
	};
	static const struct {
		int bits;
		const char *rule;
	} sizes[] = {
		{ 512, "key-rsa-short" }, { 1024, "key-rsa-short" },
		{ 2047, "key-rsa-short" }, { 3072, NULL },
		{ 4096, NULL }, { 4097, "key-rsa-long" },
		{ 8192, "key-rsa-long" }, { 12288, "key-rsa-long" },
	};
	/* the modulus of RFC 9500's testRSA4096 */
	static const char published[] =
	    "B38B4960E63BE6A8DBA89A82978EF1F63244E5577D8CF58616D5CA5759D49CC8"
	    "D936C338AA3CB9B111C1497E5B51AF692F2611E689F7675480C0B0F4C3654F43"
	    "AF85FE8C8AD734E042A8ADA05FD76508E00BA0F756C3443BBE833EA7D100D4FB"
	    "367EEBD60BDB648677FC7DEB94244DAD1AF8EED1C65812C03E7C73F7F358E941"
	    "BC66458FF7BB97A49A98A11807E02C1A3B9AD33A573AE180E1FF432AE5580CC9"
	    "CABFAB602F325BCDA097E87BC7A6D74E34A87D608A43FEB2E4FFF1F4B8E7686A"
	    "98475DB51A6EBD08172A57417749248B2155C8B906E0D540E8CB28F4C00ADC9F"
	    "E4758A1AC364AB39E4E15528985444153FEEC6AD4C5348B2E38FF550F5FA5833"
	    "97933730C80881BF11EEE8FE386D5B512849A9839943ABF3D972207697B8EC24"
	    "11A2619D55CA04233C5A2CEDC6F286D829D0E837207B76529AA2448721268DC0"
	    "150BB7B07E73313A713E5895BAAF3ADFFA603958C567F85CF25B1D80A27756A3"
	    "0D1A50A1E4698EDA9A122BB0AA7A60F7CD226CB1165CFCF9CA830A606CC0FB14"
	    "87F249E5E0C71C88626C57128081DE76C12384B6D448B67F0E7123AEEF74A885"
	    "960374755483F290A7DE66465E227B2B17318F8A49052B0145FBA283772BC29A"
	    "5B5812ACCEE3AB62817019E54807F2889712B7B8F303BA5FE147F9C2F3434AB7"
	    "03C1D946734382A0A353F4E0CBBEA26A4BBF21CE9EB5E79D4757D7DE027F20E5";
	BIGNUM *n = NULL, *e = BN_new(), *p = BN_new(), *q = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	EVP_PKEY_get_bn_param(key_rsa(), "n", &n);
	for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
		BN_hex2bn(&e, exponents[i].hex);
		corpus_spki(c, corpus_rsa_spki(n, e), "key-rsa-exponent",
		    exponents[i].fact);
	}
	BN_copy(e, n);
	corpus_spki(c, corpus_rsa_spki(n, e), "key-rsa-exponent", "e = n");
	BN_zero(e);
	corpus_spki(c, corpus_rsa_spki(n, e), "key-encoding", "e = 0");
	BN_zero(p);
	BN_set_word(e, 65537);
	corpus_spki(c, corpus_rsa_spki(p, e), "key-encoding", "n = 0");
	BN_set_word(e, 65537);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		/* factors and signature come later than the length */
		BN_rand(p, sizes[i].bits, BN_RAND_TOP_ONE,
		    BN_RAND_BOTTOM_ODD);
		if (sizes[i].rule != NULL)
			corpus_spki(c, corpus_rsa_spki(p, e), sizes[i].rule,
			    "RSA of a forbidden length");
	}
	for (unsigned f = 2; f < 752; f = f == 2 ? 3 : f == 3 ? 5 : f == 5
	    ? 743 : f == 743 ? 751 : 752) {
		do {
			BN_rand(p, 2048, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD);
			BN_sub_word(p, BN_mod_word(p, f));
			if (f == 2)
				break;
		} while (!BN_is_odd(p) || BN_num_bits(p) != 2048);
		corpus_spki(c, corpus_rsa_spki(p, e), "key-rsa-factor",
		    "a modulus with a small factor");
	}
	BN_hex2bn(&p, published);
	corpus_spki(c, corpus_rsa_spki(p, e), "key-published",
	    "the RSA-4096 key of RFC 9500");
	BN_generate_prime_ex(p, 1024, 0, NULL, NULL, NULL);
	BN_set_bit(p, 1022);
	while (!BN_check_prime(p, ctx, NULL))
		BN_add_word(p, 2);
	BN_sqr(n, p, ctx);
	corpus_spki(c, corpus_rsa_spki(n, e), "key-rsa-prime",
	    "the square of a prime");
	BN_copy(q, p);
	do
		BN_add_word(q, 2);
	while (!BN_check_prime(q, ctx, NULL));
	BN_mul(n, p, q, ctx);
	corpus_spki(c, corpus_rsa_spki(n, e), "key-rsa-fermat",
	    "neighbouring primes");
	/* the first prime behind p + 2^510: Fermat's first rounds find it */
	BN_copy(q, p);
	BN_one(n);
	BN_lshift(n, n, 510);
	BN_add(q, q, n);
	while (!BN_check_prime(q, ctx, NULL))
		BN_add_word(q, 2);
	BN_mul(n, p, q, ctx);
	corpus_spki(c, corpus_rsa_spki(n, e), "key-rsa-fermat",
	    "primes that differ in their lower half");
	BN_generate_prime_ex(n, 2048, 0, NULL, NULL, NULL);
	corpus_spki(c, corpus_rsa_spki(n, e), "key-rsa-prime",
	    "a prime modulus");
	corpus_roca(n, ctx);
	corpus_spki(c, corpus_rsa_spki(n, e), "key-rsa-roca", "ROCA");
	BN_free(n);
	BN_free(e);
	BN_free(p);
	BN_free(q);
	BN_CTX_free(ctx);
}

/* The SPKI of an EC key with these bytes as AlgorithmIdentifier and point. */
static inline struct buf
corpus_ec_spki(const uint8_t *curve, size_t curve_size, const uint8_t *point,
    size_t size)
{
	struct buf b = { 0 };
	size_t outer = tlv_open(&b, 0x30), part = tlv_open(&b, 0x30);

	buf_put(&b, "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 9);
	buf_put(&b, curve, curve_size);
	tlv_close(&b, part);
	part = tlv_open(&b, 3);
	buf_put_u8(&b, 0);
	buf_put(&b, point, size);
	tlv_close(&b, part);
	tlv_close(&b, outer);
	return b;
}

static inline void
corpus_curves(struct corpus *c)
{
	static const char *const names[] = { "secp256k1", "P-521", "P-224",
		"P-192", "SM2", "brainpoolP256r1", "brainpoolP384r1",
		"brainpoolP512r1", "secp112r1", "sect283r1", "prime239v1" };
	static const char *const others[] = { "ED25519", "ED448", "X25519",
		"X448" };
	/* the private number of RFC 9500's testECCP256 */
	static const char published[] = "E6CB5BDD80AA45AE9C95E8C15476679FFEC953"
	    "C16851E711E743939589C64FC1";
	static const uint8_t p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3,
		1, 7 };
	uint8_t point[65] = { 4 };
	size_t size = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		EVP_PKEY *key = EVP_EC_gen(names[i]);
		uint8_t *der = NULL;
		struct buf b = { 0 };
		int n = key != NULL ? i2d_PUBKEY(key, &der) : 0;

		if (n > 0) {
			buf_put(&b, der, (size_t)n);
			corpus_spki(c, b, strcmp(names[i], "SM2") == 0 ?
			    "key-ec-curve" : "key-ec-curve", names[i]);
		}
		OPENSSL_free(der);
		EVP_PKEY_free(key);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, others[i]);
		uint8_t *der = NULL;
		struct buf b = { 0 };
		int n = i2d_PUBKEY(key, &der);

		buf_put(&b, der, (size_t)n);
		corpus_spki(c, b, "key-algorithm", others[i]);
		OPENSSL_free(der);
		EVP_PKEY_free(key);
	}
	corpus_spki(c, corpus_ec_spki(p256, sizeof p256, point, 65),
	    "key-ec-point", "a point off the curve");
	corpus_spki(c, corpus_ec_spki(p256, sizeof p256, point, 64),
	    "key-ec-point", "a point that is too short");
	corpus_spki(c, corpus_ec_spki(p256, sizeof p256,
	    (const uint8_t *)"\0\0", 2), "key-ec-point", "infinity");
	EVP_PKEY_get_octet_string_param(key_p256(),
	    "encoded-pub-key", point, sizeof point, &size);
	point[0] = 2 + (point[64] & 1);
	corpus_spki(c, corpus_ec_spki(p256, sizeof p256, point, 33),
	    "key-ec-compressed", "a compressed point");
	point[0] = 6 + (point[64] & 1);
	corpus_spki(c, corpus_ec_spki(p256, sizeof p256, point, 65),
	    "key-ec-compressed", "a hybrid point");
	point[0] = 4;
	corpus_spki(c, corpus_ec_spki((const uint8_t *)"\x30\x03\x02\x01\x01",
	    5, point, 65), "key-ec-explicit", "explicit parameters");
	corpus_spki(c, corpus_ec_spki((const uint8_t *)"\x05\x00", 2, point,
	    65), "key-encoding", "implicit parameters");
	corpus_spki(c, corpus_ec_spki(NULL, 0, point, 65), "key-encoding",
	    "no parameters");
	{
		EC_GROUP *g = EC_GROUP_new_by_curve_name(
		    NID_X9_62_prime256v1);
		EC_POINT *q = EC_POINT_new(g);
		BIGNUM *d = NULL;

		BN_hex2bn(&d, published);
		EC_POINT_mul(g, q, d, NULL, NULL, NULL);
		EC_POINT_point2oct(g, q, POINT_CONVERSION_UNCOMPRESSED, point,
		    sizeof point, NULL);
		corpus_spki(c, corpus_ec_spki(p256, sizeof p256, point, 65),
		    "key-published", "the P-256 key of RFC 9500");
		BN_free(d);
		EC_POINT_free(q);
		EC_GROUP_free(g);
	}
}

static inline void
corpus_signatures(struct corpus *c)
{
	static const struct {
		const char *fact, *algorithm, *md, *rule;
		bool rsa;
	} cases[] = {
		{ "ECDSA SHA-256", NULL, NULL, "ok", false },
		{ "ECDSA SHA-384", "ecdsa-sha384", "SHA384", "ok", false },
		{ "ECDSA SHA-512", "ecdsa-sha512", "SHA512", "ok", false },
		{ "ECDSA SHA-224", "ecdsa-sha224", "SHA224", "csr-signature-hash", false },
		{ "ECDSA SHA-1", "ecdsa-sha1", "SHA1", "csr-signature-hash", false },
		{ "RSA SHA-256", NULL, NULL, "ok", true },
		{ "RSA SHA-512", "rsa-sha512", "SHA512", "ok", true },
		{ "RSA SHA-1", "rsa-sha1", "SHA1", "csr-signature-hash", true },
		{ "RSA MD5", "rsa-md5", "MD5", "csr-signature-hash", true },
		{ "RSA-PSS", "rsa-pss", NULL, "csr-signature-algorithm", true },
		{ "RSA's algorithm, an EC key", "rsa-sha256", NULL, "csr-signature-algorithm", false },
		{ "ECDSA's algorithm, an RSA key", "ecdsa-sha256", NULL, "csr-signature-algorithm", true },
		{ "another hash than is said", "ecdsa-sha384", NULL, "csr-signature", false },
		{ "Ed25519's algorithm, an EC key", "ed25519", NULL, "csr-signature-algorithm", false },
	};
	EVP_PKEY *other = EVP_EC_gen("P-256"), *p384 = EVP_EC_gen("P-384");
	EVP_PKEY *longest = EVP_RSA_gen(4096);
	struct csr_plan p = { .san = "DNS:jabber.net", .bad_signature = true };
	uint8_t *der = NULL;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct csr_plan one = { .san = "DNS:jabber.net",
			.algorithm = cases[i].algorithm, .md = cases[i].md,
			.key = cases[i].rsa ? key_rsa() : key_p256() };

		corpus_plan(c, &one, "", cases[i].rule, cases[i].fact);
	}
	corpus_plan(c, &p, "", "csr-signature", "a changed signature");
	p = (struct csr_plan){ .san = "DNS:jabber.net",
		.spki_size = (size_t)i2d_PUBKEY(other, &der) };
	p.spki = der;
	corpus_plan(c, &p, "", "csr-signature", "somebody else's key");
	p = (struct csr_plan){ .san = "DNS:jabber.net", .key = p384 };
	corpus_plan(c, &p, "", "ok", "P-384");
	p.key = longest;
	corpus_plan(c, &p, "", "ok", "RSA-4096");
	EVP_PKEY_free(longest);
	OPENSSL_free(der);
	EVP_PKEY_free(other);
	EVP_PKEY_free(p384);
}

/* ---- every value of a good request, badly encoded, signed again ---- */

struct corpus_node {
	size_t at, head, size;		/* of the whole, of tag and length */
	int depth;
	const char *rule;		/* what a fault here is */
};

static inline bool
corpus_inside(const uint8_t *p)
{
	return (*p & 0x20) != 0;
}

/* The nodes of the certificationRequestInfo, octet and bit strings closed. */
static inline size_t
corpus_walk(const uint8_t *p, size_t at, size_t end, int depth,
    const char *rule, struct corpus_node *out, size_t n)
{
	for (int child = 0; at < end; child++) {
		size_t head = 2, size = p[at + 1];

		if (size >= 0x80) {
			size_t bytes = size & 0x7f;

			for (size = 0, head = 2; head < 2 + bytes; head++)
				size = size << 8 | p[at + head];
		}
		/* version, subject, key, attributes */
		if (depth == 1 && child == 2)
			rule = "key-encoding";
		else if (depth <= 1)
			rule = "csr-der";
		out[n++] = (struct corpus_node){ at, head, head + size, depth,
			rule };
		if (corpus_inside(p + at))
			n = corpus_walk(p, at + head, at + head + size,
			    depth + 1, rule, out, n);
		at += head + size;
	}
	return n;
}

enum corpus_fault { FAULT_LONG, FAULT_INDEFINITE, FAULT_PAST, FAULT_HIGH,
	FAULT_EXTRA, FAULT_COUNT };

/* The same bytes with one fault at node k; lengths around it put right. */
static inline void
corpus_rebuild(struct buf *b, const uint8_t *p, const struct corpus_node *nodes,
    size_t n, size_t k, size_t target, enum corpus_fault fault)
{
	const struct corpus_node *x = &nodes[k];
	const uint8_t *at = p + x->at;
	struct buf content = { 0 };
	uint8_t head[8];
	size_t m = 0;

	if (corpus_inside(at)) {
		size_t next = x->at + x->head;

		for (size_t i = k + 1; i < n && nodes[i].at < x->at + x->size;
		    i++)
			if (nodes[i].at == next) {
				corpus_rebuild(&content, p, nodes, n, i,
				    target, fault);
				next += nodes[i].size;
			}
	} else {
		buf_put(&content, at + x->head, x->size - x->head);
	}
	if (k != target) {
		der_put(b, at[0], content.data, content.size);
		buf_clear(&content);
		return;
	}
	head[m++] = at[0];
	switch (fault) {
	case FAULT_LONG:
		head[m++] = 0x83;
		head[m++] = 0;
		head[m++] = (uint8_t)(content.size >> 8);
		head[m++] = (uint8_t)content.size;
		break;
	case FAULT_INDEFINITE:
		head[m++] = 0x80;
		buf_put(&content, "\0\0", 2);
		break;
	case FAULT_PAST:
		head[m++] = 0x84;
		memcpy(head + m, "\x7f\xff\xff\xff", 4);
		m += 4;
		break;
	case FAULT_HIGH:
		head[0] = at[0] | 0x1f;
		head[m++] = 0x1f;
		/* fall through */
	default:
		buf_put(&content, "\x05\0", 2);
		if (content.size < 0x80) {
			head[m++] = (uint8_t)content.size;
		} else {
			head[m++] = 0x82;
			head[m++] = (uint8_t)(content.size >> 8);
			head[m++] = (uint8_t)content.size;
		}
		if (content.size >= 0x80 && content.size < 0x100) {
			m -= 3;
			head[m++] = 0x81;
			head[m++] = (uint8_t)content.size;
		}
	}
	buf_put(b, head, m);
	buf_put(b, content.data, content.size);
	buf_clear(&content);
}

/* A request around this certificationRequestInfo, signed. */
static inline struct buf
corpus_sign(const struct buf *info)
{
	struct csr_plan plan = { .key = key_p256() };
	uint8_t signature[256] = { 0 };
	size_t size = sizeof signature - 1, mark;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct buf b = { 0 };

	if (EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, plan.key,
	    NULL) != 1 || EVP_DigestSign(ctx, signature + 1, &size, info->data,
	    info->size) != 1)
		abort();
	mark = tlv_open(&b, 0x30);
	buf_put(&b, info->data, info->size);
	algorithm_put(&b, &plan);
	der_put(&b, 3, signature, size + 1);
	tlv_close(&b, mark);
	EVP_MD_CTX_free(ctx);
	return b;
}

static inline void
corpus_der(struct corpus *c)
{
	static const char *const words[] = { "a length in needless octets",
		"an indefinite length", "a length past the end",
		"a tag of several octets", "something behind the content" };
	struct csr_plan plan = { .subject = "CN=jabber.net\nO=x",
		.san = "DNS:jabber.net", .extra = "x-ku x-odd " };
	struct corpus_node nodes[64];
	struct buf good = csr_make(&plan);
	struct der d = { good.data, good.size }, outer;
	struct tlv info;
	size_t n;

	der_take(&d, 0x30, &outer);
	tlv_take(&outer, &info);
	n = corpus_walk(info.whole.at, 0, info.whole.left, 0, "csr-der", nodes,
	    0);
	for (size_t k = 0; k < n; k++)
		for (int f = 0; f < FAULT_COUNT; f++) {
			struct buf b = { 0 };
			const uint8_t *at = info.whole.at + nodes[k].at;
			const char *rule = NULL;

			/* bytes behind a leaf's are another value, no fault
			 * of the encoding */
			if ((f == FAULT_EXTRA && !corpus_inside(at)) ||
			    (f == FAULT_PAST && nodes[k].depth == 0))
				continue;
			corpus_rebuild(&b, info.whole.at, nodes, n, 0, k,
			    (enum corpus_fault)f);
			rule = nodes[k].rule;
			/* the key as one value belongs to the request, two
			 * values of an attribute to what it says */
			if (nodes[k].depth == 1 && f != FAULT_EXTRA)
				rule = "csr-der";
			if (at[0] == 0x31 && nodes[k].depth == 3 &&
			    f == FAULT_EXTRA && strcmp(rule, "csr-der") == 0)
				rule = at > info.whole.at + nodes[n / 2].at ?
				    "csr-attribute-twice" : rule;
			corpus_put(c, corpus_sign(&b), "jabber.net", NULL,
			    rule, "%s: value %zu, tag %02x, depth %d",
			    words[f], k, at[0], nodes[k].depth);
			buf_clear(&b);
		}
	buf_clear(&good);
}

/* ---- the armour ---- */

static inline struct buf
corpus_text(const char *before, const struct buf *der, const char *label,
    const char *eol, const char *indent, const char *after)
{
	struct buf pem = pem_make(der, label, eol, indent), b = { 0 };

	buf_put(&b, before, strlen(before));
	buf_put(&b, pem.data, pem.size);
	buf_put(&b, after, strlen(after));
	buf_clear(&pem);
	return b;
}

static inline void
corpus_armour(struct corpus *c)
{
	static const struct {
		const char *fact, *before, *label, *eol, *indent, *after,
		    *rule;
	} cases[] = {
		{ "PEM", "", "CERTIFICATE REQUEST", "\n", "", "", "ok" },
		{ "PEM of old software", "", "NEW CERTIFICATE REQUEST", "\n", "", "", "ok" },
		{ "CRLF", "", "CERTIFICATE REQUEST", "\r\n", "", "", "ok" },
		{ "CR, as terminals paste", "", "CERTIFICATE REQUEST", "\r", "", "", "ok" },
		{ "indented", "", "CERTIFICATE REQUEST", "\n", "    ", "", "ok" },
		{ "quoted in a mail", "", "CERTIFICATE REQUEST", "\n", "> ", "", "ok" },
		{ "byte order mark", "\xef\xbb\xbf", "CERTIFICATE REQUEST", "\n", "", "", "ok" },
		{ "openssl req -text", "Certificate Request:\n Data:\n", "CERTIFICATE REQUEST", "\n", "", "", "ok" },
		{ "a word behind", "", "CERTIFICATE REQUEST", "\n", "", "\nbest regards\n", "ok" },
		{ "a certificate", "", "CERTIFICATE", "\n", "", "", "csr-label" },
		{ "a public key", "", "PUBLIC KEY", "\n", "", "", "csr-label" },
		{ "a CRL", "", "X509 CRL", "\n", "", "", "csr-label" },
		{ "a label in lower case", "", "certificate request", "\n", "", "", "csr-label" },
		{ "a private key's label", "", "PRIVATE KEY", "\n", "", "", "csr-private-key" },
		{ "an RSA private key's label", "", "RSA PRIVATE KEY", "\n", "", "", "csr-private-key" },
		{ "an OpenSSH private key's label", "", "OPENSSH PRIVATE KEY", "\n", "", "", "csr-private-key" },
		{ "an encrypted private key's label", "", "ENCRYPTED PRIVATE KEY", "\n", "", "", "csr-private-key" },
		{ "the words private key behind", "", "CERTIFICATE REQUEST", "\n", "", "-----BEGIN PRIVATE KEY-----\n", "csr-private-key" },
		{ "a block in front", "-----BEGIN X-----\n-----END X-----\n", "CERTIFICATE REQUEST", "\n", "", "", "csr-several" },
		{ "a block behind", "", "CERTIFICATE REQUEST", "\n", "", "-----BEGIN X-----\n", "csr-several" },
		{ "headers of RFC 1421", "-----BEGIN CERTIFICATE REQUEST-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "", "", "", "", "csr-pem" },
		{ "no last line", "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n", "", "", "", "", "csr-pem" },
		{ "another last line", "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE-----\n", "", "", "", "", "csr-pem" },
		{ "a broken first line", "-----BEGIN CERTIFICATE REQ", "", "", "", "", "csr-pem" },
		{ "an empty block", "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n", "", "", "", "", "csr-pem" },
		{ "three characters of base64", "-----BEGIN CERTIFICATE REQUEST-----\nMII\n-----END CERTIFICATE REQUEST-----\n", "", "", "", "", "csr-pem" },
		{ "a foreign character", "-----BEGIN CERTIFICATE REQUEST-----\nMIIB!AAA\n-----END CERTIFICATE REQUEST-----\n", "", "", "", "", "csr-pem" },
		{ "four zeros", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "", "", "", "", "csr-der" },
		{ "words", "please sign this\n", "", "", "", "", "csr-none" },
		{ "an SSH key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE a@b\n", "", "", "", "", "csr-none" },
		{ "nothing", "", "", "", "", "", "csr-none" },
	};
	struct csr_plan plan = { .san = "DNS:jabber.net" };
	struct buf der = csr_make(&plan), b = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf text = { 0 };

		if (cases[i].label[0] != '\0')
			text = corpus_text(cases[i].before, &der,
			    cases[i].label, cases[i].eol, cases[i].indent,
			    cases[i].after);
		else
			buf_put(&text, cases[i].before,
			    strlen(cases[i].before));
		corpus_put(c, text, "", NULL, cases[i].rule, "%s",
		    cases[i].fact);
	}
	buf_put(&b, der.data, der.size);
	corpus_put(c, b, "", NULL, "ok", "DER");
	b = (struct buf){ 0 };
	buf_put(&b, der.data, der.size);
	buf_put_u8(&b, 0);
	corpus_put(c, b, "", NULL, "csr-trailing", "DER and an octet behind");
	b = (struct buf){ 0 };
	buf_put(&b, der.data, der.size - 1);
	corpus_put(c, b, "", NULL, "csr-der", "DER without its last octet");
	b = (struct buf){ 0 };
	for (int i = 0; i < 5000; i++)
		buf_put(&b, "\x30\x80", 2);
	corpus_put(c, b, "", NULL, "csr-der", "5000 nested lists");
	b = (struct buf){ 0 };
	buf_put(&b, "\x30\x82\x50\x00", 4);
	for (int i = 0; i < 0x5000; i++)
		buf_put_u8(&b, 0);
	corpus_put(c, b, "", NULL, "csr-size", "20 KiB of DER");
	buf_clear(&der);
}

#include "tests/unit/corpus_people.h"

/* Each of them to `take`, once; how many there were. */
static inline size_t
corpus_each(corpus_take *take, void *user)
{
	struct corpus c = { .take = take, .user = user };

	corpus_wishes(&c);
	corpus_names(&c);
	corpus_rsa(&c);
	corpus_curves(&c);
	corpus_signatures(&c);
	corpus_der(&c);
	corpus_armour(&c);
	corpus_people(&c);
	corpus_addresses(&c);
	return c.n;
}

#endif
