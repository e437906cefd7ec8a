/* corpus_test.c - each request of the corpus gets its rule (R3.*, S5.1, S5.3,
 * S5.5, G1). */
#include "tests/unit/check.h"

#include <stdarg.h>
#include <time.h>

#include "core/x509/intake.h"
#include "tests/unit/corpus.h"

#define NOW 1795360000

static const struct domain_ref proofs[] = {
	{ .proof_domain = "jabber.net", .method = PROOF_MAIL,
	  .proven = NOW - 86400, .expires = NOW + 86400 },
	{ .proof_domain = "xn--bcher-kva.de", .method = PROOF_DNS,
	  .proven = NOW - 86400, .expires = NOW + 86400 },
	{ .proof_domain = "old-jabber.org", .method = PROOF_MAIL,
	  .proven = NOW - 8640000, .expires = NOW - 1 },
};

struct tally {
	size_t good, wrong;
	double worst_ms;
	char worst[120];
};

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
judge(const struct corpus_case *c, void *user)
{
	struct tally *seen = user;
	struct domain_name domain = { 0 };
	struct verdict v = { 0 };
	struct blob spki = { 0 };
	bool offered = false;
	struct intake in = { .csr = c->bytes.data, .csr_size = c->bytes.size,
		.domains = &domain, .n_domains = c->asked[0] != '\0',
		.profile = c->profile,
		.profiles = "xmpp-server xmpp-s2s xmpp-rfc3920 xmpp-person",
		.jid = c->jid, .subdomains = true, .days = 90, .max_names = 100, .now = NOW,
		.proofs = proofs, .n_proofs = 3 };
	double start = cpu_ms(), took;

	str_copy(domain.name, sizeof domain.name, c->asked);
	intake_judge(&in, &v, &spki, &offered);
	took = cpu_ms() - start;
	if (took > seen->worst_ms) {
		seen->worst_ms = took;
		snprintf(seen->worst, sizeof seen->worst, "%s", c->fact);
	}
	if (strcmp(v.rule, c->rule) != 0) {
		print_error("%s: %s instead of %s (%s)\n", c->fact, v.rule,
		    c->rule, v.text);
		seen->wrong++;
	}
	seen->good += v.accepted;
	/* no refusal without a sentence, no foreign byte on a screen */
	assert_true(v.text[0] != '\0' && (v.accepted || v.n_findings > 0));
	assert_int_equal(v.accepted, strcmp(v.rule, "ok") == 0);
	for (const char *at = v.text; *at != '\0'; at++)
		assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
	NOUN_CLEAR(verdict, &v);
	blob_clear(&spki);
}

static void
each_request_of_the_corpus_gets_its_rule(void **state)
{
	struct tally seen = { 0 };
	size_t n = corpus_each(judge, &seen);

	(void)state;
	print_message("%zu requests, %zu of them good; the costliest took "
	    "%.1f ms: %s\n", n, seen.good, seen.worst_ms, seen.worst);
	assert_int_equal(seen.wrong, 0);
	assert_true(n >= 300);
}

/* A hundred domains that have nothing in common, each with its own proof; one
 * proof missing, at each place in turn, is noticed by its name (R3.2). */
static void
each_of_a_hundred_names_needs_its_own_proof_R3_2(void **state)
{
	static struct domain_ref own[100];
	struct buf san = { 0 }, csr;
	struct csr_plan plan = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(own[i].proof_domain, sizeof own[i].proof_domain,
		    "jabber-%d.net", i);
		own[i].expires = NOW + 86400;
		buf_printf(&san, "DNS:jabber-%d.net\n", i);
	}
	buf_put_u8(&san, 0);
	plan.san = (const char *)san.data;
	csr = csr_make(&plan);
	for (int missing = -1; missing < 100; missing++) {
		struct verdict v = { 0 };
		struct blob spki = { 0 };
		char name[64];
		bool offered;
		struct intake in = { .csr = csr.data, .csr_size = csr.size,
			.profile = "", .profiles = "xmpp-server",
			.subdomains = true, .days = 90, .max_names = 100,
			.now = NOW, .proofs = own, .n_proofs = 100 };

		if (missing >= 0)
			own[missing].expires = NOW;
		intake_judge(&in, &v, &spki, &offered);
		if (missing >= 0)
			own[missing].expires = NOW + 86400;
		snprintf(name, sizeof name, "jabber-%d.net is not", missing);
		assert_string_equal(v.rule, missing < 0 ? "ok" :
		    "name-unproven");
		assert_true(missing < 0 || strstr(v.text, name) != NULL);
		assert_true(missing >= 0 || v.n_names == 300);
		NOUN_CLEAR(verdict, &v);
		blob_clear(&spki);
	}
	buf_clear(&csr);
	buf_clear(&san);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_of_the_corpus_gets_its_rule),
		cmocka_unit_test(
		    each_of_a_hundred_names_needs_its_own_proof_R3_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
