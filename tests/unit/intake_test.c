/* intake_test.c - the verdict on CSRs, good and hostile (R3.1, R3.3, R3.5,
 * S5.1, S5.3, S5.5, G1; DESIGN.md 7). */
#include "tests/unit/check.h"

#include <time.h>

#include <openssl/bn.h>

#include "core/base/clock.h"
#include "core/x509/hash.h"
#include "core/x509/intake.h"
#include "tests/unit/csr_make.h"

#define NOW 1795360000
#define ALL "xmpp-server xmpp-s2s xmpp-rfc3920"

/* The account's proofs: jabber.net, bücher.de; old.org has expired. */
static const struct domain_ref proofs[] = {
	{ .proof_domain = "jabber.net", .method = PROOF_MAIL,
	  .mailbox = "postmaster@jabber.net", .proven = NOW - 86400,
	  .expires = NOW + 86400 },
	{ .proof_domain = "xn--bcher-kva.de", .method = PROOF_DNS,
	  .proven = NOW - 86400, .expires = NOW + 86400 },
	{ .proof_domain = "old-jabber.org", .method = PROOF_MAIL,
	  .proven = NOW - 8640000, .expires = NOW - 1 },
};

struct judged {
	struct verdict v;
	struct blob spki;
	bool key_offered;
};

static struct intake
intake_new(const struct buf *csr)
{
	return (struct intake){ .csr = csr->data, .csr_size = csr->size,
		.profile = "", .profiles = ALL, .subdomains = true,
		.days = 90, .max_names = 100, .now = NOW, .proofs = proofs,
		.n_proofs = 3 };
}

static void
judged_clear(struct judged *j)
{
	NOUN_CLEAR(verdict, &j->v);
	blob_clear(&j->spki);
}

static struct judged
judge_bytes(const struct intake *in)
{
	struct judged j = { 0 };

	intake_judge(in, &j.v, &j.spki, &j.key_offered);
	assert_true(j.v.rule[0] != '\0' && j.v.text[0] != '\0');
	assert_int_equal(j.v.accepted, strcmp(j.v.rule, "ok") == 0);
	if (!j.v.accepted) {
		bool there = false;

		for (size_t i = 0; i < j.v.n_findings; i++)
			there = there || (j.v.findings[i].kind ==
			    VERDICT_REFUSED && strcmp(j.v.findings[i].rule,
			    j.v.rule) == 0);
		assert_true(there);
		assert_true(j.key_offered || j.spki.size == 0);
	}
	return j;
}

/* Domains in one string, blanks between. */
static size_t
domains_split(const char *words, struct domain_name out[8])
{
	size_t n = 0;

	for (const char *at = words; at != NULL && *at != '\0' && n < 8; ) {
		size_t span = strcspn(at, " ");

		snprintf(out[n++].name, sizeof out->name, "%.*s", (int)span,
		    at);
		at += span + (at[span] == ' ');
	}
	return n;
}

static struct judged
judge_plan(const struct csr_plan *plan, const char *asked,
    const char *profile)
{
	struct domain_name domains[8];
	struct buf csr = csr_make(plan);
	struct intake in = intake_new(&csr);
	struct judged j;

	in.domains = domains;
	in.n_domains = domains_split(asked, domains);
	in.profile = profile ? profile : "";
	j = judge_bytes(&in);
	buf_clear(&csr);
	return j;
}

static bool
finds(const struct verdict *v, enum verdict_kind kind, const char *rule,
    const char *value)
{
	for (size_t i = 0; i < v->n_findings; i++)
		if (v->findings[i].kind == kind &&
		    strcmp(v->findings[i].rule, rule) == 0 && (value == NULL ||
		    strstr(v->findings[i].value, value) != NULL))
			return true;
	return false;
}

struct plan_case {
	const char *fact, *subject, *san, *extra, *asked, *profile;
	const char *rule;		/* of the verdict */
	const char *finding;		/* further rule that is said; NULL any */
};

static const struct plan_case plan_cases[] = {
	/* accepted, as they are or repaired */
	{ "CN and dNSName", "CN=jabber.net", "DNS:jabber.net", "", "", NULL, "ok", NULL },
	{ "no subject at all, names asked", NULL, NULL, "", "jabber.net", NULL, "ok", NULL },
	{ "no names in the CSR, two asked", "O=Somebody", NULL, "", "jabber.net chat.jabber.net", NULL, "ok", "subject-ignored" },
	{ "CN only, nothing asked", "CN=jabber.net", NULL, "", "", NULL, "ok", NULL },
	{ "CN of a component", "CN=chat.jabber.net", NULL, "", "", NULL, "ok", NULL },
	{ "SRVNames only", NULL, "SRV:_xmpp-server.jabber.net\nSRV:_xmpp-client.jabber.net", "", "", NULL, "ok", NULL },
	{ "one of the pair of SRVNames", NULL, "SRV:_xmpp-client.jabber.net", "", "", NULL, "ok", NULL },
	{ "XmppAddr names a domain, default profile", NULL, "XMPP:jabber.net", "", "", NULL, "ok", "san-xmppaddr" },
	{ "XmppAddr under xmpp-rfc3920", NULL, "XMPP:jabber.net", "", "", "xmpp-rfc3920", "ok", "profile-rfc3920" },
	{ "dNSName under xmpp-s2s", NULL, "DNS:jabber.net", "", "", "xmpp-s2s", "ok", "profile-names" },
	{ "upper case", "CN=Jabber.NET", "DNS:JABBER.net", "", "", NULL, "ok", "name-canonical" },
	{ "trailing dot", NULL, "DNS:jabber.net.", "", "", NULL, "ok", "name-canonical" },
	{ "U-label in dNSName", NULL, "DNS:b%C3%BCcher.de", "", "", NULL, "ok", "name-canonical" },
	{ "A-label in dNSName", NULL, "DNS:xn--bcher-kva.de", "", "", NULL, "ok", NULL },
	{ "A-label in XmppAddr", NULL, "XMPP:xn--bcher-kva.de", "", "", "xmpp-rfc3920", "ok", "name-canonical" },
	{ "U-label in SRVName as UTF8String", NULL, "SRVU:_xmpp-server.b%C3%BCcher.de", "", "", NULL, "ok", "san-type" },
	{ "SRVName as UTF8String", NULL, "SRVU:_xmpp-server.jabber.net", "", "", NULL, "ok", "san-type" },
	{ "SRVName service in upper case", NULL, "SRV:_XMPP-Server.jabber.net", "", "", NULL, "ok", "name-canonical" },
	{ "XmppAddr as IA5String", NULL, "XMPPI:jabber.net", "", "", "xmpp-rfc3920", "ok", "san-type" },
	{ "XmppAddr with resource", NULL, "XMPP:jabber.net/home@x", "", "", "xmpp-rfc3920", "ok", "san-resource" },
	{ "mail address beside", NULL, "DNS:jabber.net\nMAIL:me@jabber.net", "", "", NULL, "ok", "san-mail" },
	{ "the same dNSName twice", NULL, "DNS:jabber.net\nDNS:Jabber.net", "", "", NULL, "ok", "name-repeated" },
	{ "a domain asked twice", NULL, NULL, "", "jabber.net JABBER.net", NULL, "ok", "name-repeated" },
	{ "a proven name that is not asked", NULL, "DNS:jabber.net\nDNS:chat.jabber.net", "", "jabber.net", NULL, "ok", "san-not-asked" },
	{ "CN of another proven name than asked", "CN=chat.jabber.net", NULL, "", "jabber.net", NULL, "ok", "san-not-asked" },
	{ "CN is the second domain", "CN=jabber.net", NULL, "", "chat.jabber.net jabber.net", NULL, "ok", "subject-ignored" },
	{ "CN of a person", "CN=Erika Mustermann", NULL, "", "jabber.net", NULL, "ok", "subject-ignored" },
	{ "CN of one word", "CN=myserver", NULL, "", "jabber.net", NULL, "ok", "subject-ignored" },
	{ "CN is a mail address", "CN=me@jabber.net", NULL, "", "jabber.net", NULL, "ok", "subject-ignored" },
	{ "CN as BMPString", "BMP:CN=%00j%00a%00b%00b%00e%00r%00.%00n%00e%00t", NULL, "", "", NULL, "ok", NULL },
	{ "O with umlauts as T61String", "T61:O=M%FCller\nCN=jabber.net", NULL, "", "", NULL, "ok", "subject-ignored" },
	{ "challenge password", NULL, "DNS:jabber.net", "password ", "", NULL, "ok", "csr-attribute-ignored" },
	{ "CA:FALSE, key usages as they should be", NULL, "DNS:jabber.net", "x-noca x-ku x-eku ", "", NULL, "ok", "ext-ignored" },
	{ "serverAuth alone", NULL, "DNS:jabber.net", "x-ekuserver ", "", NULL, "ok", "ext-ignored" },
	{ "emailProtection", NULL, "DNS:jabber.net", "x-ekumail ", "", NULL, "ok", "ext-ignored" },
	{ "must-staple and policies", NULL, "DNS:jabber.net", "x-staple x-policy ", "", NULL, "ok", "ext-ignored" },
	{ "unknown extension", NULL, "DNS:jabber.net", "x-odd ", "", NULL, "ok", "ext-ignored" },
	{ "unknown extension with critical FALSE written out", NULL, "DNS:jabber.net", "x-oddfalse ", "", NULL, "ok", "ext-ignored" },
	{ "empty SAN, domain asked", NULL, NULL, "x-emptysan ", "jabber.net", NULL, "ok", NULL },
	{ "unknown attribute in the subject", "odd=x\nCN=jabber.net", NULL, "", "", NULL, "ok", "subject-ignored" },

	/* names */
	{ "G1: no name anywhere", NULL, NULL, "", "", NULL, "name-none", NULL },
	{ "G1: a person's name alone", "CN=Erika Mustermann", NULL, "", "", NULL, "name-none", NULL },
	{ "G1: a mail address alone", NULL, "MAIL:me@jabber.net", "", "", NULL, "name-none", NULL },
	{ "unproven dNSName", NULL, "DNS:evil.net", "", "", NULL, "name-unproven", NULL },
	{ "unproven dNSName beside a proven one", NULL, "DNS:jabber.net\nDNS:evil.net", "", "", NULL, "name-unproven", NULL },
	{ "unproven dNSName, the proven one asked", NULL, "DNS:evil.net", "", "jabber.net", NULL, "name-unproven", NULL },
	{ "unproven CN", "CN=evil.net", "DNS:jabber.net", "", "", NULL, "name-unproven", NULL },
	{ "unproven SRVName", NULL, "DNS:jabber.net\nSRV:_xmpp-server.evil.net", "", "", NULL, "name-unproven", NULL },
	{ "unproven XmppAddr", NULL, "DNS:jabber.net\nXMPP:evil.net", "", "", NULL, "name-unproven", NULL },
	{ "unproven domain asked", NULL, NULL, "", "evil.net", NULL, "name-unproven", NULL },
	{ "second asked domain unproven", NULL, NULL, "", "jabber.net evil.net", NULL, "name-unproven", NULL },
	{ "the proof has expired", NULL, NULL, "", "old-jabber.org", NULL, "name-unproven", NULL },
	{ "the parent of a proven domain is not", NULL, NULL, "", "xn--bcher-kva.com", NULL, "name-unproven", NULL },
	{ "suffix without a dot is no subdomain", NULL, NULL, "", "notjabber.net", NULL, "name-unproven", NULL },
	{ "wildcard dNSName", NULL, "DNS:*.jabber.net", "", "", NULL, "name-wildcard", NULL },
	{ "wildcard CN", "CN=*.jabber.net", "DNS:jabber.net", "", "", NULL, "name-wildcard", NULL },
	{ "wildcard XmppAddr", NULL, "DNS:jabber.net\nXMPP:*.jabber.net", "", "", NULL, "name-wildcard", NULL },
	{ "wildcard asked", NULL, NULL, "", "*.jabber.net", NULL, "name-wildcard", NULL },
	{ "IP address as dNSName", NULL, "DNS:192.0.2.1", "", "", NULL, "name-ip", NULL },
	{ "IP address as CN", "CN=192.0.2.1", "DNS:jabber.net", "", "", NULL, "name-ip", NULL },
	{ "iPAddress", NULL, "DNS:jabber.net\nIP:%C0%00%02%01", "", "", NULL, "san-kind", NULL },
	{ "URI", NULL, "DNS:jabber.net\nURI:xmpp:jabber.net", "", "", NULL, "san-kind", NULL },
	{ "directoryName", NULL, "DNS:jabber.net\nDIR:%30%00", "", "", NULL, "san-kind", NULL },
	{ "registeredID", NULL, "DNS:jabber.net\nRID:%2A%03", "", "", NULL, "san-kind", NULL },
	{ "UPN", NULL, "DNS:jabber.net\nUPN:me@jabber.net", "", "", NULL, "san-kind", NULL },
	{ "underscore", NULL, "DNS:my_host.jabber.net", "", "", NULL, "name-underscore", NULL },
	{ "SRV record name as dNSName", NULL, "DNS:_xmpp-server._tcp.jabber.net", "", "", NULL, "name-underscore", NULL },
	{ "single label", NULL, "DNS:jabber", "", "", NULL, "name-single-label", NULL },
	{ "public suffix", NULL, "DNS:co.uk", "", "", NULL, "name-public-suffix", NULL },
	{ "special use", NULL, "DNS:chat.local", "", "", NULL, "name-special-use", NULL },
	{ "numeric TLD", NULL, "DNS:jabber.1", "", "", NULL, "name-numeric-tld", NULL },
	{ "empty dNSName", NULL, "DNS:", "", "jabber.net", NULL, "name-empty", NULL },
	{ "label too long", NULL, "DNS:aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234.jabber.net", "", "", NULL, "name-length", NULL },
	{ "NUL in dNSName", NULL, "DNS:jabber.net%00.evil.net", "", "", NULL, "name-control", NULL },
	{ "NUL in SRVName", NULL, "SRV:_xmpp-server.jabber.net%00.evil.net", "", "", NULL, "name-control", NULL },
	{ "NUL in XmppAddr", NULL, "XMPP:jabber.net%00.evil.net", "", "", NULL, "name-control", NULL },
	{ "ESC in dNSName", NULL, "DNS:%1B[2Jjabber.net", "", "", NULL, "name-control", NULL },
	{ "CR LF in dNSName", NULL, "DNS:jabber.net%0D%0Ax", "", "", NULL, "name-control", NULL },
	{ "bidi override in XmppAddr", NULL, "XMPP:%E2%80%AEten.rebbaj", "", "", NULL, "name-bidi", NULL },
	{ "zero width space", NULL, "DNS:jab%E2%80%8Bber.net", "", "", NULL, "name-bidi", NULL },
	{ "invalid UTF-8", NULL, "XMPP:jab%FFber.net", "", "", NULL, "name-idna", NULL },
	{ "A-label that does not come back", NULL, "DNS:xn--bucher-xyd.de", "", "", NULL, "name-roundtrip", NULL },
	{ "symbol that IDNA forbids", NULL, "DNS:%E2%99%A5.jabber.net", "", "", NULL, "name-idna", NULL },
	{ "R3.5: XmppAddr with local part", NULL, "XMPP:me@jabber.net", "", "", "xmpp-rfc3920", "san-localpart", NULL },
	{ "R3.5: the same under the default profile", NULL, "XMPP:me@jabber.net", "", "", NULL, "san-localpart", NULL },
	{ "XmppAddr as BMPString", NULL, "XMPPB:%00j", "", "jabber.net", NULL, "san-type", NULL },
	{ "SRVName as BMPString", NULL, "SRVB:%00_", "", "jabber.net", NULL, "san-type", NULL },
	{ "SRVName of https", NULL, "SRV:_https.jabber.net", "", "jabber.net", NULL, "san-service", NULL },
	{ "SRVName of _xmpps-server", NULL, "SRV:_xmpps-server.jabber.net", "", "jabber.net", NULL, "san-service", NULL },
	{ "SRVName with _tcp", NULL, "SRV:_xmpp-server._tcp.jabber.net", "", "jabber.net", NULL, "san-service", NULL },
	{ "SRVName without service", NULL, "SRV:jabber.net", "", "jabber.net", NULL, "san-service", NULL },
	{ "otherName without the explicit tag", NULL, "RAW:%A0%0C%06%08%2B%06%01%05%05%07%08%05%0C%00", "", "jabber.net", NULL, "csr-der", NULL },
	{ "otherName with two values", NULL, "RAW:%A0%10%06%08%2B%06%01%05%05%07%08%05%A0%04%0C%00%0C%00", "", "jabber.net", NULL, "csr-der", NULL },
	{ "name with a length beyond the end", NULL, "RAW:%82%7Fx", "", "jabber.net", NULL, "csr-der", NULL },
	{ "name with a needlessly long length", NULL, "RAW:%82%81%01x", "", "jabber.net", NULL, "csr-der", NULL },
	{ "name with an indefinite length", NULL, "RAW:%A0%80%00%00", "", "jabber.net", NULL, "csr-der", NULL },

	/* subject */
	{ "two CNs", "CN=jabber.net\nCN=jabber.net", NULL, "", "", NULL, "subject-cn-several", NULL },
	{ "NUL in CN", "CN=jabber.net%00.evil.net", NULL, "", "", NULL, "subject-text", NULL },
	{ "ESC in O", "O=%1B]0;owned%07\nCN=jabber.net", NULL, "", "", NULL, "subject-text", NULL },
	{ "bidi control in O", "O=%E2%80%AEx\nCN=jabber.net", NULL, "", "", NULL, "subject-text", NULL },
	{ "invalid UTF-8 in O", "O=%FF\nCN=jabber.net", NULL, "", "", NULL, "subject-text", NULL },
	{ "BMPString of odd length", "BMP:CN=%00a%00", NULL, "", "jabber.net", NULL, "subject-text", NULL },
	{ "surrogate in BMPString", "BMP:CN=%D8%00", NULL, "", "jabber.net", NULL, "subject-text", NULL },
	{ "INTEGER as CN", "INT:CN=%05", NULL, "", "jabber.net", NULL, "subject-text", NULL },

	/* extensions and attributes */
	{ "CA:TRUE", NULL, "DNS:jabber.net", "x-ca ", "", NULL, "ext-ca", NULL },
	{ "keyCertSign", NULL, "DNS:jabber.net", "x-kusign ", "", NULL, "ext-key-usage", NULL },
	{ "cRLSign", NULL, "DNS:jabber.net", "x-kucrl ", "", NULL, "ext-key-usage", NULL },
	{ "OCSPSigning", NULL, "DNS:jabber.net", "x-ekuocsp ", "", NULL, "ext-eku", NULL },
	{ "codeSigning", NULL, "DNS:jabber.net", "x-ekucode ", "", NULL, "ext-eku", NULL },
	{ "timeStamping", NULL, "DNS:jabber.net", "x-ekutime ", "", NULL, "ext-eku", NULL },
	{ "anyExtendedKeyUsage", NULL, "DNS:jabber.net", "x-ekuany ", "", NULL, "ext-eku", NULL },
	{ "unknown critical extension", NULL, "DNS:jabber.net", "x-oddcritical ", "", NULL, "ext-critical", NULL },
	{ "two SANs", NULL, "DNS:jabber.net", "twosans ", "", NULL, "csr-extension-twice", NULL },
	{ "the same extension twice", NULL, "DNS:jabber.net", "x-ku x-kusign ", "", NULL, "csr-extension-twice", NULL },
	{ "two extension requests", NULL, "DNS:jabber.net", "tworequests ", "", NULL, "csr-attribute-twice", NULL },
	{ "extension request with two values", NULL, "DNS:jabber.net", "twovalues ", "", NULL, "csr-attribute-twice", NULL },
	{ "Microsoft's extension request beside", NULL, "DNS:jabber.net", "microsoft ", "", NULL, "csr-attribute-twice", NULL },
	{ "two challenge passwords", NULL, "DNS:jabber.net", "twopasswords ", "", NULL, "csr-attribute-twice", NULL },
	{ "40 extensions", NULL, "DNS:jabber.net", "x-many ", "", NULL, "csr-limits", NULL },
	{ "40 attributes", NULL, "DNS:jabber.net", "manyattributes ", "", NULL, "csr-limits", NULL },
	{ "malformed SAN", NULL, NULL, "x-sicksan ", "jabber.net", NULL, "csr-der", NULL },
	{ "malformed basicConstraints", NULL, NULL, "x-casick ", "jabber.net", NULL, "csr-der", NULL },

	/* profiles */
	{ "unknown profile", NULL, NULL, "", "jabber.net", "xmpp-root", "profile-unknown", NULL },
};

static void
each_csr_gets_its_rule_R3_5_S5_3_G1(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof plan_cases / sizeof *plan_cases; i++) {
		const struct plan_case *c = &plan_cases[i];
		struct csr_plan plan = { .subject = c->subject,
			.san = c->san, .extra = c->extra };
		struct judged j = judge_plan(&plan, c->asked, c->profile);
		bool found = c->finding == NULL;

		for (size_t k = 0; k < j.v.n_findings; k++)
			found = found || strcmp(j.v.findings[k].rule,
			    c->finding) == 0;
		if (strcmp(j.v.rule, c->rule) != 0 || !found) {
			print_message("%s: %s (%s) instead of %s%s%s\n",
			    c->fact, j.v.rule, j.v.text, c->rule,
			    found ? "" : ", without ",
			    found ? "" : c->finding);
			bad++;
		}
		if (j.v.accepted)
			assert_int_equal(profile_check(profile_find(
			    j.v.profile), j.v.subject_cn, j.v.names,
			    j.v.n_names, clock_now() - 3600, clock_now(),
			    NULL), 0);
		judged_clear(&j);
	}
	print_message("%zu requests\n", sizeof plan_cases /
	    sizeof *plan_cases);
	assert_int_equal(bad, 0);
}

/* ---- what an accepted verdict says ---- */

static void
names_come_from_the_profile_and_proofs_are_shown_R3_5_J1_3(void **state)
{
	struct csr_plan plan = { .subject = "CN=Chat.jabber.net\nO=X" };
	struct judged j = judge_plan(&plan, "jabber.net chat.jabber.net",
	    "xmpp-rfc3920");

	(void)state;
	assert_true(j.v.accepted);
	assert_string_equal(j.v.profile, "xmpp-rfc3920");
	assert_string_equal(j.v.subject_cn, "jabber.net");
	assert_string_equal(j.v.asked_subject, "CN=Chat.jabber.net, O=X");
	assert_string_equal(j.v.key, "EC P-256");
	assert_int_equal(j.v.n_names, 8);
	assert_int_equal(j.v.names[3].kind, NAME_XMPP);
	assert_string_equal(j.v.names[7].value, "chat.jabber.net");
	assert_int_equal(j.v.n_domains, 2);
	assert_string_equal(j.v.domains[1].domain, "chat.jabber.net");
	assert_string_equal(j.v.domains[1].proof_domain, "jabber.net");
	assert_string_equal(j.v.domains[1].mailbox, "postmaster@jabber.net");
	assert_int_equal(j.v.not_before, NOW - 3600);
	assert_int_equal(j.v.not_after, NOW - 3600 + 90 * 86400 - 1);
	assert_true(finds(&j.v, VERDICT_WARNED, "profile-rfc3920", NULL));
	assert_true(finds(&j.v, VERDICT_ADDED, "ok", "jabber.net"));
	judged_clear(&j);
}

static void
without_subdomains_each_domain_needs_its_own_proof_J1_3(void **state)
{
	struct csr_plan plan = { .subject = "CN=chat.jabber.net" };
	struct buf csr = csr_make(&plan);
	struct intake in = intake_new(&csr);
	struct judged j;

	(void)state;
	in.subdomains = false;
	j = judge_bytes(&in);
	assert_string_equal(j.v.rule, "name-unproven");
	assert_non_null(strstr(j.v.text, "domain add chat.jabber.net"));
	judged_clear(&j);
	buf_clear(&csr);
}

static void
check_csr_assumes_only_the_asked_domains_proven(void **state)
{
	static const struct { const char *asked, *san, *rule; } cases[] = {
		{ "evil.net", "DNS:evil.net", "ok" },
		{ "evil.net", "DNS:chat.evil.net", "ok" },
		{ "evil.net", "DNS:other.net", "name-unproven" },
		{ "chat.evil.net", "DNS:evil.net", "name-unproven" },
		{ "", "DNS:evil.net", "name-unproven" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct csr_plan plan = { .san = cases[i].san };
		struct domain_name domains[8];
		struct buf csr = csr_make(&plan);
		struct intake in = intake_new(&csr);
		struct judged j;

		in.proofs = NULL;
		in.n_proofs = 0;
		in.assume_proven = true;
		in.domains = domains;
		in.n_domains = domains_split(cases[i].asked, domains);
		j = judge_bytes(&in);
		assert_string_equal(j.v.rule, cases[i].rule);
		judged_clear(&j);
		buf_clear(&csr);
	}
}

static void
no_more_domains_than_the_policy_allows(void **state)
{
	struct csr_plan plan = { .san = "DNS:a.jabber.net\nDNS:b.jabber.net\n"
	    "DNS:c.jabber.net" };
	struct buf csr = csr_make(&plan);
	struct intake in = intake_new(&csr);
	struct domain_name *many = calloc(20000, sizeof *many);
	struct judged j;

	(void)state;
	for (int i = 0; i < 20000; i++)
		snprintf(many[i].name, sizeof many[i].name, "a%d.jabber.net",
		    i);
	in.max_names = 2;
	j = judge_bytes(&in);
	assert_string_equal(j.v.rule, "name-too-many");
	judged_clear(&j);
	in.max_names = 3;
	j = judge_bytes(&in);
	assert_true(j.v.accepted);
	judged_clear(&j);
	/* thousands are not even looked at one by one */
	in.domains = many;
	in.n_domains = 20000;
	j = judge_bytes(&in);
	assert_string_equal(j.v.rule, "name-too-many");
	assert_in_range(j.v.n_findings, 1, 10);
	judged_clear(&j);
	free(many);
	buf_clear(&csr);
}

static void
a_profile_that_is_not_offered_is_refused(void **state)
{
	struct csr_plan plan = { .san = "DNS:jabber.net" };
	struct buf csr = csr_make(&plan);
	struct intake in = intake_new(&csr);
	struct judged j;

	(void)state;
	in.profiles = "xmpp-s2s xmpp-server";
	j = judge_bytes(&in);
	assert_string_equal(j.v.profile, "xmpp-s2s");	/* first: default */
	assert_true(j.v.accepted);
	judged_clear(&j);
	in.profile = "xmpp-rfc3920";
	j = judge_bytes(&in);
	assert_string_equal(j.v.rule, "profile-unknown");
	judged_clear(&j);
	buf_clear(&csr);
}

static void
a_trial_takes_special_use_names_J1_4(void **state)
{
	struct csr_plan plan = { .san = "DNS:chat.alpha.example" };
	struct domain_ref proof = { .proof_domain = "alpha.example",
		.expires = NOW + 1 };
	struct buf csr = csr_make(&plan);
	struct intake in = intake_new(&csr);
	struct judged j;

	(void)state;
	in.special_names = true;
	in.proofs = &proof;
	in.n_proofs = 1;
	j = judge_bytes(&in);
	assert_true(j.v.accepted);
	judged_clear(&j);
	buf_clear(&csr);
}

/* ---- forms ---- */

enum form { F_DER, F_PEM, F_NEW, F_CRLF, F_CR, F_BOM, F_INDENT, F_QUOTED,
	F_AROUND, F_NO_LAST_EOL, F_ONE_LINE, F_BASE64, F_CUT, F_SEVERAL,
	F_WITH_CERT, F_WRONG_LABEL, F_OTHER_END, F_HEADER, F_BINARY_BODY,
	F_TRAILING, F_EMPTY, F_TEXT, F_UTF16, F_BIG, F_BIG_PEM, F_HUGE,
	F_BIG_AROUND, F_BER, F_SHORT_DER };

static struct buf
form_make(enum form form, const struct buf *der)
{
	const char *label = form == F_NEW ? "NEW CERTIFICATE REQUEST" :
	    form == F_WRONG_LABEL ? "CERTIFICATE" : "CERTIFICATE REQUEST";
	const char *eol = form == F_CRLF ? "\r\n" : form == F_CR ? "\r" :
	    form == F_ONE_LINE ? " " : "\n";
	struct buf pem = pem_make(der, label, eol, form == F_INDENT ? " \t " :
	    form == F_QUOTED ? "> > " : "");
	struct buf b = { 0 };
	char *at;

	switch (form) {
	case F_DER: case F_TRAILING: case F_SHORT_DER:
		buf_put(&b, der->data, der->size - (form == F_SHORT_DER));
		if (form == F_TRAILING)
			buf_put(&b, "\0", 1);
		break;
	case F_BER:		/* outer length indefinite */
		buf_put(&b, "\x30\x80", 2);
		buf_put(&b, der->data + 4, der->size - 4);
		buf_put(&b, "\0\0", 2);
		break;
	case F_BOM:
		buf_printf(&b, "\xef\xbb\xbf%s", (char *)pem.data);
		break;
	case F_AROUND:
		buf_printf(&b, "Certificate Request:\n    Data:\n%s\nbye\n",
		    (char *)pem.data);
		break;
	case F_NO_LAST_EOL:
		buf_put(&b, pem.data, pem.size - 1);
		break;
	case F_BASE64:
		buf_put(&b, pem.data + 36, pem.size - 36 - 35);
		break;
	case F_CUT:
		buf_put(&b, pem.data, pem.size / 2);
		break;
	case F_SEVERAL:
		buf_printf(&b, "%s%s", (char *)pem.data, (char *)pem.data);
		break;
	case F_WITH_CERT:
		buf_printf(&b, "%s-----BEGIN CERTIFICATE-----\nAAAA\n"
		    "-----END CERTIFICATE-----\n", (char *)pem.data);
		break;
	case F_OTHER_END:
		at = strstr((char *)pem.data, "-----END");
		buf_printf(&b, "%.*s-----END CERTIFICATE-----\n",
		    (int)(at - (char *)pem.data), (char *)pem.data);
		break;
	case F_HEADER:
		buf_printf(&b, "%.36sProc-Type: 4,ENCRYPTED\n\n%s",
		    (char *)pem.data, (char *)pem.data + 36);
		break;
	case F_BINARY_BODY:
		pem.data[50] = 0;
		buf_put(&b, pem.data, pem.size);
		break;
	case F_EMPTY:
		break;
	case F_TEXT:
		buf_printf(&b, "hello, please issue\n");
		break;
	case F_UTF16:
		buf_put(&b, "\xff\xfe-\0-\0-\0-\0-\0", 12);
		break;
	case F_BIG:
		buf_put(&b, "\x30\x82\x7f\xff", 4);
		buf_reserve(&b, CSR_MAX);
		memset(b.data + b.size, 0, CSR_MAX);
		b.size += CSR_MAX;
		break;
	case F_BIG_PEM:
		buf_printf(&b, "%.36s", (char *)pem.data);
		for (int i = 0; i < 300; i++)
			buf_printf(&b, "%064d\n", 0);
		buf_printf(&b, "%s", (char *)pem.data + 36);
		break;
	case F_HUGE: case F_BIG_AROUND:
		for (int i = 0; i < (form == F_HUGE ? 16000 : 900); i++)
			buf_printf(&b, "%063d\n", 0);
		buf_printf(&b, "%s", (char *)pem.data);
		break;
	default:
		buf_put(&b, pem.data, pem.size);
		break;
	}
	buf_clear(&pem);
	return b;
}

static void
pasted_forms_are_normalised_or_refused(void **state)
{
	static const struct {
		enum form form;
		const char *rule, *finding;
	} cases[] = {
		{ F_DER, "ok", NULL }, { F_PEM, "ok", NULL },
		{ F_NEW, "ok", "csr-normalised" },
		{ F_CRLF, "ok", "csr-normalised" },
		{ F_CR, "ok", "csr-normalised" },
		{ F_BOM, "ok", "csr-normalised" },
		{ F_INDENT, "ok", "csr-normalised" },
		{ F_QUOTED, "ok", "csr-normalised" },
		{ F_AROUND, "ok", "csr-text-around" },
		{ F_NO_LAST_EOL, "ok", NULL },
		{ F_ONE_LINE, "ok", NULL },
		{ F_BIG_AROUND, "ok", "csr-text-around" },
		{ F_BASE64, "csr-none", NULL }, { F_CUT, "csr-pem", NULL },
		{ F_SEVERAL, "csr-several", NULL },
		{ F_WITH_CERT, "csr-several", NULL },
		{ F_WRONG_LABEL, "csr-label", NULL },
		{ F_OTHER_END, "csr-pem", NULL },
		{ F_HEADER, "csr-pem", NULL },
		{ F_BINARY_BODY, "csr-pem", NULL },
		{ F_TRAILING, "csr-trailing", NULL },
		{ F_EMPTY, "csr-none", NULL }, { F_TEXT, "csr-none", NULL },
		{ F_UTF16, "csr-none", NULL }, { F_BIG, "csr-size", NULL },
		{ F_BIG_PEM, "csr-size", NULL }, { F_HUGE, "csr-size", NULL },
		{ F_BER, "csr-der", NULL }, { F_SHORT_DER, "csr-der", NULL },
	};
	struct csr_plan plan = { .san = "DNS:jabber.net" };
	struct buf der = csr_make(&plan);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf bytes = form_make(cases[i].form, &der);
		struct intake in = intake_new(&bytes);
		struct judged j = judge_bytes(&in);
		bool found = cases[i].finding == NULL;

		for (size_t k = 0; k < j.v.n_findings; k++)
			found = found || strcmp(j.v.findings[k].rule,
			    cases[i].finding) == 0;
		if (strcmp(j.v.rule, cases[i].rule) != 0 || !found)
			fail_msg("form %d: %s (%s) instead of %s %s",
			    (int)cases[i].form, j.v.rule, j.v.text,
			    cases[i].rule, found ? "" : cases[i].finding);
		assert_false(j.key_offered);
		judged_clear(&j);
		buf_clear(&bytes);
	}
	buf_clear(&der);
}

static void
every_truncation_and_every_flipped_bit_is_survived(void **state)
{
	struct csr_plan plan = { .subject = "CN=jabber.net",
		.san = "DNS:jabber.net\nSRV:_xmpp-server.jabber.net\n"
		"XMPP:jabber.net", .extra = "x-eku x-ku x-noca password " };
	struct buf der = csr_make(&plan);

	(void)state;
	for (size_t i = 0; i < der.size; i++) {
		struct intake in = intake_new(&der);
		struct judged j;

		in.csr_size = i;
		j = judge_bytes(&in);
		assert_false(j.v.accepted);
		judged_clear(&j);
		in.csr_size = der.size;
		for (int bit = 0; bit < 8; bit += 7) {
			der.data[i] ^= (uint8_t)(1 << bit);
			j = judge_bytes(&in);
			assert_false(j.v.accepted);
			judged_clear(&j);
			der.data[i] ^= (uint8_t)(1 << bit);
		}
	}
	buf_clear(&der);
}

/* ---- keys and signatures ---- */

static struct judged
judge_key(EVP_PKEY *key, const char *algorithm, const char *md)
{
	struct csr_plan plan = { .san = "DNS:jabber.net", .key = key,
		.algorithm = algorithm, .md = md };

	return judge_plan(&plan, "", NULL);
}

static EVP_PKEY *
key_new(const char *type, const char *curve, const char *encoding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM params[3], *p = params;

	if (curve != NULL)
		*p++ = OSSL_PARAM_construct_utf8_string("group",
		    (char *)(uintptr_t)curve, 0);
	if (encoding != NULL)
		*p++ = OSSL_PARAM_construct_utf8_string("encoding",
		    (char *)(uintptr_t)encoding, 0);
	*p = OSSL_PARAM_construct_end();
	if (EVP_PKEY_keygen_init(ctx) != 1 ||
	    (curve != NULL && EVP_PKEY_CTX_set_params(ctx, params) != 1) ||
	    EVP_PKEY_generate(ctx, &key) != 1)
		abort();
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void
keys_are_accepted_and_refused_by_kind_S5_5(void **state)
{
	static const struct {
		const char *type, *curve, *encoding, *words, *rule;
	} cases[] = {
		{ "EC", "P-256", NULL, "EC P-256", "ok" },
		{ "EC", "P-384", NULL, "EC P-384", "ok" },
		{ "EC", "P-521", NULL, "EC P-521", "key-ec-curve" },
		{ "EC", "secp256k1", NULL, "EC secp256k1", "key-ec-curve" },
		{ "EC", "P-256", "explicit", "EC with explicit parameters",
		    "key-ec-explicit" },
		{ "ED25519", NULL, NULL, "Ed25519", "key-algorithm" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		EVP_PKEY *key = key_new(cases[i].type, cases[i].curve,
		    cases[i].encoding);
		struct judged j = judge_key(key, NULL, NULL);

		if (strcmp(j.v.rule, cases[i].rule) != 0)
			fail_msg("%s: %s (%s)", cases[i].words, j.v.rule,
			    j.v.text);
		assert_string_equal(j.v.key, cases[i].words);
		judged_clear(&j);
		EVP_PKEY_free(key);
	}
}

/* A SubjectPublicKeyInfo for an RSA modulus and exponent. */
static struct buf
rsa_spki(const BIGNUM *n, unsigned exponent)
{
	static const uint8_t algorithm[] = { 0x30, 13, 6, 9, 0x2a, 0x86, 0x48,
		0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0 };
	struct buf b = { 0 };
	uint8_t bytes[1025] = { 0 };
	size_t size = (size_t)BN_num_bytes(n), outer, bits, seq;
	size_t zero = BN_num_bits(n) % 8 == 0;

	BN_bn2bin(n, bytes + 1);
	outer = tlv_open(&b, 0x30);
	buf_put(&b, algorithm, sizeof algorithm);
	bits = tlv_open(&b, DER_BIT_STRING);
	buf_put_u8(&b, 0);
	seq = tlv_open(&b, 0x30);
	der_put(&b, DER_INTEGER, bytes + 1 - zero, size + zero);
	der_put_number(&b, exponent);
	tlv_close(&b, seq);
	tlv_close(&b, bits);
	tlv_close(&b, outer);
	return b;
}

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double worst_ms;
static const char *worst_what = "";

static void
spki_gives(const struct buf *spki, const char *rule)
{
	struct csr_plan plan = { .san = "DNS:jabber.net", .spki = spki->data,
		.spki_size = spki->size };
	double start, took;
	struct buf csr;
	struct intake in;
	struct judged j;

	plan.algorithm = memmem(spki->data, 24, "\xf7\x0d", 2) != NULL
	    ? "rsa-sha256" : NULL;
	csr = csr_make(&plan);
	in = intake_new(&csr);
	start = cpu_ms();
	j = judge_bytes(&in);
	took = cpu_ms() - start;
	if (took > worst_ms) {
		worst_ms = took;
		worst_what = rule;
	}
	if (strcmp(j.v.rule, rule) != 0)
		fail_msg("%s (%s) instead of %s", j.v.rule, j.v.text, rule);
	judged_clear(&j);
	buf_clear(&csr);
}

static void
modulus_gives(const BIGNUM *n, unsigned exponent, const char *rule)
{
	struct buf spki = rsa_spki(n, exponent);

	spki_gives(&spki, rule);
	buf_clear(&spki);
}

static BIGNUM *
prime_new(int bits)
{
	BIGNUM *p = BN_new();

	BN_generate_prime_ex(p, bits, 0, NULL, NULL, NULL);
	return p;
}

static void
bad_rsa_numbers_are_refused_before_the_signature_is_tried_S5_5(void **state)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *p = prime_new(1024), *q = prime_new(1024), *n = BN_new();
	BIGNUM *big = BN_new();

	(void)state;
	BN_mul(n, p, q, ctx);
	while (BN_num_bits(n) < 2048) {
		BN_free(q);
		q = prime_new(1024);
		BN_mul(n, p, q, ctx);
	}
	modulus_gives(n, 65537, "csr-signature");	/* fit, but not his */
	modulus_gives(n, 1, "key-rsa-exponent");
	modulus_gives(n, 2, "key-rsa-exponent");
	modulus_gives(n, 3, "key-rsa-exponent");
	modulus_gives(n, 65539, "key-rsa-exponent");

	BN_copy(big, n);			/* even */
	BN_add_word(big, 1);
	modulus_gives(big, 65537, "key-rsa-factor");
	BN_rshift1(big, n);			/* 2047 bits */
	modulus_gives(big, 65537, "key-rsa-short");
	BN_lshift(big, n, 2049);
	modulus_gives(big, 65537, "key-rsa-long");
	BN_free(q);
	q = prime_new(2040);
	BN_set_word(big, 743);
	BN_mul(big, big, q, ctx);
	modulus_gives(big, 65537, "key-rsa-factor");
	BN_sqr(big, p, ctx);
	modulus_gives(big, 65537, "key-rsa-prime");

	/* the next prime after p: Fermat's first round */
	BN_copy(big, p);
	do
		BN_add_word(big, 2);
	while (BN_check_prime(big, ctx, NULL) != 1);
	BN_mul(big, big, p, ctx);
	if (BN_num_bits(big) >= 2048)
		modulus_gives(big, 65537, "key-rsa-fermat");
	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_free(big);
	BN_CTX_free(ctx);
}

static void
powers_of_every_degree_and_primes_are_refused_S5_5(void **state)
{
	static const int degrees[] = { 2, 3, 5, 7, 31, 101, 211, 401 };
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_new(), *a = BN_new(), *d = BN_new();

	(void)state;
	for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++) {
		int bits = 4090 / degrees[i];

		BN_free(a);
		a = prime_new(bits < 11 ? 11 : bits);
		BN_set_word(d, (BN_ULONG)degrees[i]);
		if (BN_num_bits(a) * degrees[i] > 4200)
			BN_set_word(d, 4090 / 11);
		BN_exp(n, a, d, ctx);
		if (BN_num_bits(n) >= 2048 && BN_num_bits(n) <= 4096)
			modulus_gives(n, 65537, "key-rsa-prime");
	}
	BN_free(a);
	a = BN_new();
	BN_set_word(a, 1019);			/* 1019^401: 10 bits */
	BN_set_word(d, 401);
	BN_exp(n, a, d, ctx);
	modulus_gives(n, 65537, "key-rsa-prime");

	/* 2^3217 - 1 is a prime, and 1019^409 a power of 4088 bits */
	BN_zero(n);
	BN_set_bit(n, 3217);
	BN_sub_word(n, 1);
	modulus_gives(n, 65537, "key-rsa-prime");
	BN_set_word(d, 409);
	BN_exp(n, a, d, ctx);
	modulus_gives(n, 65537, "key-rsa-prime");
	BN_free(n);
	BN_free(a);
	BN_free(d);
	BN_CTX_free(ctx);
}

/* The form of the faulty chips: k * M + 65537^a mod M, M a product of primes. */
static void
a_roca_modulus_is_refused_S5_5(void **state)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *m = BN_new(), *base = BN_new(), *n = BN_new(), *r = BN_new();
	BIGNUM *exponent = BN_new();

	(void)state;
	BN_one(m);
	for (unsigned p = 2; p <= 701; p++) {
		bool prime = true;

		for (unsigned d = 2; d * d <= p; d++)
			prime = prime && p % d != 0;
		if (prime)
			BN_mul_word(m, p);
	}
	BN_set_word(base, 65537);
	BN_set_word(exponent, 123456789);
	BN_mod_exp(r, base, exponent, m, ctx);
	BN_set_bit(n, 2047 - BN_num_bits(m) + 1);
	BN_set_bit(n, 2047 - BN_num_bits(m) - 5);
	do {	/* without a small factor above 701 */
		BN_add_word(n, 1);
		BN_mul(base, n, m, ctx);
		BN_add(base, base, r);
	} while (BN_mod_word(base, 709) == 0 || BN_mod_word(base, 719) == 0 ||
	    BN_mod_word(base, 727) == 0 || BN_mod_word(base, 733) == 0 ||
	    BN_mod_word(base, 739) == 0 || BN_mod_word(base, 743) == 0 ||
	    BN_mod_word(base, 751) == 0);
	while (BN_num_bits(base) < 2048)
		BN_add(base, base, m);
	modulus_gives(base, 65537, "key-rsa-roca");
	BN_free(m);
	BN_free(base);
	BN_free(n);
	BN_free(r);
	BN_free(exponent);
	BN_CTX_free(ctx);
}

static struct buf
ec_spki(const uint8_t *point, size_t size)
{
	static const uint8_t head[] = { 0x30, 19, 6, 7, 0x2a, 0x86, 0x48, 0xce,
		0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
	struct buf b = { 0 };
	size_t outer = tlv_open(&b, 0x30), bits;

	buf_put(&b, head, sizeof head);
	bits = tlv_open(&b, DER_BIT_STRING);
	buf_put_u8(&b, 0);
	buf_put(&b, point, size);
	tlv_close(&b, bits);
	tlv_close(&b, outer);
	return b;
}

static void
bad_points_are_refused_S5_5(void **state)
{
	uint8_t point[65] = { 4 };
	size_t n = 0;
	struct buf b;

	(void)state;
	EVP_PKEY_get_octet_string_param(key_p256(), "pub", point, 65, &n);
	point[64] ^= 1;
	b = ec_spki(point, 65);
	spki_gives(&b, "key-ec-point");
	buf_clear(&b);
	point[64] ^= 1;
	point[0] = (uint8_t)(2 + (point[64] & 1));
	b = ec_spki(point, 33);
	spki_gives(&b, "key-ec-compressed");
	buf_clear(&b);
	point[0] = (uint8_t)(6 + (point[64] & 1));	/* hybrid */
	b = ec_spki(point, 65);
	spki_gives(&b, "key-ec-compressed");
	buf_clear(&b);
	b = ec_spki((const uint8_t *)"\0", 1);		/* infinity */
	spki_gives(&b, "key-ec-point");
	buf_clear(&b);
	point[0] = 4;
	b = ec_spki(point, 64);
	spki_gives(&b, "key-ec-point");
	buf_clear(&b);
	memset(point + 1, 0xff, 64);			/* beyond the field */
	b = ec_spki(point, 65);
	spki_gives(&b, "key-ec-point");
	buf_clear(&b);
	memset(point + 1, 0, 64);
	b = ec_spki(point, 65);
	spki_gives(&b, "key-ec-point");
	buf_clear(&b);
}

static void
other_algorithms_and_encodings_are_refused_S5_5(void **state)
{
	static const struct { const char *spki; size_t n; const char *rule; }
	cases[] = {
		/* DSA, without parameters */
		{ "\x30\x0f\x30\x09\x06\x07\x2a\x86\x48\xce\x38\x04\x01\x03\x02"
		    "\x00\x05", 17, "key-algorithm" },
		/* Ed448 */
		{ "\x30\x0b\x30\x05\x06\x03\x2b\x65\x71\x03\x02\x00\x05", 13,
		    "key-algorithm" },
		/* EC without a curve; with NULL */
		{ "\x30\x0f\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x03\x02"
		    "\x00\x04", 17, "key-encoding" },
		{ "\x30\x11\x30\x0b\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x05\x00"
		    "\x03\x02\x00\x04", 19, "key-encoding" },
		/* RSA whose BIT STRING holds no sequence */
		{ "\x30\x13\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
		    "\x05\x00\x03\x02\x00\x04", 21, "key-encoding" },
		/* unused bits in the BIT STRING */
		{ "\x30\x13\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
		    "\x05\x00\x03\x02\x03\x08", 21, "key-encoding" },
		{ "\x30\x00", 2, "key-encoding" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = { 0 };

		buf_put(&b, cases[i].spki, cases[i].n);
		buf_reserve(&b, 64);
		spki_gives(&b, cases[i].rule);
		buf_clear(&b);
	}
}

static void
the_request_is_signed_by_its_key_with_a_good_hash_S5_5(void **state)
{
	static const struct { bool rsa; const char *algorithm, *md, *rule; }
	cases[] = {
		{ false, "ecdsa-sha256", "SHA256", "ok" },
		{ false, "ecdsa-sha384", "SHA384", "ok" },
		{ false, "ecdsa-sha512", "SHA512", "ok" },
		{ true, "rsa-sha512", "SHA512", "ok" },
		{ false, "ecdsa-sha1", "SHA1", "csr-signature-hash" },
		{ false, "ecdsa-sha224", "SHA224", "csr-signature-hash" },
		{ true, "rsa-sha1", "SHA1", "csr-signature-hash" },
		{ true, "rsa-md5", "MD5", "csr-signature-hash" },
		{ true, "rsa-pss", "SHA256", "csr-signature-algorithm" },
		{ true, "ecdsa-sha256", "SHA256", "csr-signature-algorithm" },
		{ false, "rsa-sha256", "SHA256", "csr-signature-algorithm" },
		{ false, "ed25519", "SHA256", "csr-signature-algorithm" },
		{ false, "ecdsa-sha384", "SHA256", "csr-signature" },
	};
	struct csr_plan bad = { .san = "DNS:jabber.net", .bad_signature = true };
	struct csr_plan old = { .san = "DNS:jabber.net", .version = 1 };
	struct csr_plan bare = { .subject = "CN=jabber.net",
		.no_attributes = true };
	struct judged j;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		j = judge_key(cases[i].rsa ? key_rsa() : key_p256(),
		    cases[i].algorithm, cases[i].md);
		if (strcmp(j.v.rule, cases[i].rule) != 0)
			fail_msg("%s: %s (%s)", cases[i].algorithm, j.v.rule,
			    j.v.text);
		judged_clear(&j);
	}
	j = judge_plan(&bad, "", NULL);
	assert_string_equal(j.v.rule, "csr-signature");
	judged_clear(&j);
	j = judge_plan(&old, "", NULL);
	assert_string_equal(j.v.rule, "csr-version");
	judged_clear(&j);
	j = judge_plan(&bare, "", NULL);
	assert_true(j.v.accepted);
	judged_clear(&j);
}

/* ---- private keys ---- */

static struct buf
private_der(EVP_PKEY *key, bool pkcs8)
{
	struct buf b = { 0 };
	uint8_t *der = NULL;
	int n;

	if (pkcs8) {
		PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);

		n = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
		PKCS8_PRIV_KEY_INFO_free(info);
	} else {
		n = i2d_PrivateKey(key, &der);
	}
	buf_put(&b, der, (size_t)n);
	OPENSSL_free(der);
	return b;
}

static void
offered(const struct buf *bytes, EVP_PKEY *key)
{
	struct intake in = intake_new(bytes);
	struct judged j = judge_bytes(&in);
	uint8_t *spki = NULL;
	int n = key ? i2d_PUBKEY(key, &spki) : 0;

	assert_string_equal(j.v.rule, "csr-private-key");
	assert_true(j.key_offered);
	assert_int_equal(j.spki.size, n);
	if (n > 0)
		assert_memory_equal(j.spki.data, spki, (size_t)n);
	for (size_t i = 0; i < j.v.n_findings; i++)
		assert_int_equal(j.v.findings[i].value[0], 0);
	OPENSSL_free(spki);
	judged_clear(&j);
}

static void
a_private_key_is_refused_first_and_its_public_part_told(void **state)
{
	EVP_PKEY *keys[] = { key_p256(), key_rsa(),
		key_new("EC", "P-384", NULL) };
	struct csr_plan plan = { .san = "DNS:jabber.net" };
	struct buf csr = csr_make(&plan);
	struct buf pem = pem_make(&csr, "CERTIFICATE REQUEST", "\n", "");

	(void)state;
	for (int i = 0; i < 6; i++) {
		EVP_PKEY *key = keys[i / 2];
		struct buf der = private_der(key, i % 2);
		struct buf text = pem_make(&der, i % 2 ? "PRIVATE KEY" :
		    i / 2 == 1 ? "RSA PRIVATE KEY" : "EC PRIVATE KEY", "\n",
		    "");
		struct buf both = { 0 }, mislabelled, base64 = { 0 };

		offered(&der, key);
		offered(&text, key);
		buf_printf(&both, "%s%s", (char *)pem.data, (char *)text.data);
		offered(&both, key);
		mislabelled = pem_make(&der, "CERTIFICATE REQUEST", "\n", "");
		offered(&mislabelled, key);
		buf_put(&base64, text.data + strcspn((char *)text.data, "\n"),
		    text.size - strcspn((char *)text.data, "\n") -
		    (i % 2 ? 26 : i / 2 == 1 ? 30 : 29));
		offered(&base64, key);
		buf_clear(&both);
		for (size_t k = 0; k < text.size; k++)	/* as UTF-16 */
			buf_put(&both, (char[]){ (char)text.data[k], '\0' }, 2);
		offered(&both, key);
		buf_clear(&der);
		buf_clear(&text);
		buf_clear(&both);
		buf_clear(&mislabelled);
		buf_clear(&base64);
	}
	EVP_PKEY_free(keys[2]);
	buf_clear(&csr);
	buf_clear(&pem);
}

/* Else anybody could have another member's key blocked. */
static void
a_private_key_made_up_around_a_public_one_blocks_nothing(void **state)
{
	EVP_PKEY *key = key_rsa();
	struct buf b = { 0 };
	uint8_t n[257] = { 0 };
	size_t mark = tlv_open(&b, DER_SEQUENCE);
	BIGNUM *modulus = NULL;

	(void)state;
	assert_int_equal(EVP_PKEY_get_bn_param(key, "n", &modulus), 1);
	assert_int_equal(BN_bn2binpad(modulus, n + 1, 256), 256);
	BN_free(modulus);
	der_put(&b, DER_INTEGER, "\0", 1);
	der_put(&b, DER_INTEGER, n, sizeof n);
	der_put(&b, DER_INTEGER, "\1\0\1", 3);
	der_put(&b, DER_INTEGER, "\3", 1);		/* not d */
	tlv_close(&b, mark);
	offered(&b, NULL);
	buf_clear(&b);
	/* 1 and n are no factors */
	mark = tlv_open(&b, DER_SEQUENCE);
	der_put(&b, DER_INTEGER, "\0", 1);
	der_put(&b, DER_INTEGER, n, sizeof n);
	der_put(&b, DER_INTEGER, "\1\0\1", 3);
	der_put(&b, DER_INTEGER, "\3", 1);
	der_put(&b, DER_INTEGER, "\1", 1);
	der_put(&b, DER_INTEGER, n, sizeof n);
	tlv_close(&b, mark);
	offered(&b, NULL);
	buf_clear(&b);
}

static void
keys_without_a_derivable_public_part_are_refused_too(void **state)
{
	static const char *const texts[] = {
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n"
		    "-----END OPENSSH PRIVATE KEY-----\n",
		"my private key is: 12345",
		"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
		    "DEK-Info: AES-128-CBC,00\n\nAAAA\n"
		    "-----END RSA PRIVATE KEY-----\n",
		"PuTTY-User-Key-File-3: ecdsa-sha2-nistp256\n"
		    "Private-Lines: 1\nAAAA\nPrivate-MAC: 00\n",
	};
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct buf der = private_der(ed, true);

	(void)state;
	offered(&der, NULL);
	buf_clear(&der);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct buf b = { 0 };

		buf_put(&b, texts[i], strlen(texts[i]));
		offered(&b, NULL);
		buf_clear(&b);
	}
	EVP_PKEY_free(ed);
}

/* ---- sameness and time ---- */

static void
digests_are_of_the_DER_whatever_the_form(void **state)
{
	struct csr_plan plan = { .san = "DNS:jabber.net" };
	struct buf der = csr_make(&plan);
	struct buf pem = pem_make(&der, "NEW CERTIFICATE REQUEST", "\r", "  ");
	struct intake in = intake_new(&pem);
	struct judged j = judge_bytes(&in);
	uint8_t want[32];

	(void)state;
	sha256(want, der.data, der.size);
	assert_memory_equal(j.v.csr_sha256, want, 32);
	sha256(want, j.spki.data, j.spki.size);
	assert_memory_equal(j.v.spki_sha256, want, 32);
	judged_clear(&j);
	buf_clear(&pem);
	buf_clear(&der);
}

static void
a_verdict_takes_less_than_50_ms_of_CPU(void **state)
{
	EVP_PKEY *big = EVP_RSA_gen(4096);
	struct { EVP_PKEY *key; const char *what; } keys[] = {
		{ key_p256(), "EC P-256" }, { key_rsa(), "RSA 2048" },
		{ big, "RSA 4096" },
	};
	struct buf many = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_printf(&many, "%sDNS:h%d.jabber.net\nSRV:_xmpp-server.h%d."
		    "jabber.net\nSRV:_xmpp-client.h%d.jabber.net\nXMPP:h%d."
		    "jabber.net", i ? "\n" : "", i, i, i, i);
	buf_put_u8(&many, 0);
	for (int i = 0; i < 6; i++) {
		struct csr_plan plan = { .san = i % 2 ? (char *)many.data
		    : "DNS:jabber.net", .key = keys[i / 2].key };
		struct buf csr = csr_make(&plan);
		struct intake in = intake_new(&csr);
		double best = 1e9, took;

		for (int round = 0; round < 5; round++) {
			double start = cpu_ms();
			struct judged j = judge_bytes(&in);

			took = cpu_ms() - start;
			best = took < best ? took : best;
			if (!j.v.accepted && strcmp(j.v.rule, "csr-size") != 0)
				fail_msg("%s: %s", j.v.rule, j.v.text);
			judged_clear(&j);
		}
		print_message("%s, %s: %.2f ms of CPU\n", keys[i / 2].what,
		    i % 2 ? "100 domains" : "1 domain", best);
#if defined(__SANITIZE_ADDRESS__)
		best = 0;
#endif
		assert_true(best < 50);
		buf_clear(&csr);
	}
	print_message("slowest hostile key: %s, %.2f ms of CPU\n", worst_what,
	    worst_ms);
	buf_clear(&many);
	EVP_PKEY_free(big);
}

static void
a_megabyte_of_anything_is_refused_at_once(void **state)
{
	static const char *const pieces[] = { "-----BEGIN ", "\0", "AAAA",
		"-----BEGIN CERTIFICATE REQUEST-----\n", "\x30\x80",
		"-----BEGIN X-----\n-----END Y-----\n", "P", "PRIVATE KE" };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof pieces / sizeof *pieces; i++) {
		const char *piece = pieces[i / 2];
		size_t n = strlen(piece) ? strlen(piece) : 1;
		size_t most = i % 2 ? 1 << 20 : 64 << 10;
		struct buf b = { 0 };
		struct intake in;
		struct judged j;
		double start, took;

		while (b.size + n <= most)
			buf_put(&b, piece, n);
		in = intake_new(&b);
		start = cpu_ms();
		j = judge_bytes(&in);
		took = cpu_ms() - start;
		assert_false(j.v.accepted);
#if defined(__SANITIZE_ADDRESS__)
		took = 0;		/* a sanitizer's time says nothing */
#endif
		assert_true(took < 50);
		judged_clear(&j);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_csr_gets_its_rule_R3_5_S5_3_G1),
		cmocka_unit_test(
		    names_come_from_the_profile_and_proofs_are_shown_R3_5_J1_3),
		cmocka_unit_test(
		    without_subdomains_each_domain_needs_its_own_proof_J1_3),
		cmocka_unit_test(
		    check_csr_assumes_only_the_asked_domains_proven),
		cmocka_unit_test(no_more_domains_than_the_policy_allows),
		cmocka_unit_test(a_profile_that_is_not_offered_is_refused),
		cmocka_unit_test(a_trial_takes_special_use_names_J1_4),
		cmocka_unit_test(pasted_forms_are_normalised_or_refused),
		cmocka_unit_test(
		    every_truncation_and_every_flipped_bit_is_survived),
		cmocka_unit_test(keys_are_accepted_and_refused_by_kind_S5_5),
		cmocka_unit_test(
		    bad_rsa_numbers_are_refused_before_the_signature_is_tried_S5_5),
		cmocka_unit_test(
		    powers_of_every_degree_and_primes_are_refused_S5_5),
		cmocka_unit_test(a_roca_modulus_is_refused_S5_5),
		cmocka_unit_test(bad_points_are_refused_S5_5),
		cmocka_unit_test(
		    other_algorithms_and_encodings_are_refused_S5_5),
		cmocka_unit_test(
		    the_request_is_signed_by_its_key_with_a_good_hash_S5_5),
		cmocka_unit_test(
		    a_private_key_is_refused_first_and_its_public_part_told),
		cmocka_unit_test(
		    a_private_key_made_up_around_a_public_one_blocks_nothing),
		cmocka_unit_test(
		    keys_without_a_derivable_public_part_are_refused_too),
		cmocka_unit_test(digests_are_of_the_DER_whatever_the_form),
		cmocka_unit_test(a_megabyte_of_anything_is_refused_at_once),
		cmocka_unit_test(a_verdict_takes_less_than_50_ms_of_CPU),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
