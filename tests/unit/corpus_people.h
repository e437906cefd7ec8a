/*
 * corpus_people.h - the part of the corpus (corpus.h) that speaks of people
 * and of XmppAddr: addresses of one form and of none (RFC 7622, RFC 8265), in
 * the request or asked for beside it, and the profile of RFC 3920.
 */
#ifndef TESTS_CORPUS_PEOPLE_H
#define TESTS_CORPUS_PEOPLE_H

static inline void
corpus_person(struct corpus *c, const struct csr_plan *p, const char *asked,
    const char *jid, const char *rule, const char *fact)
{
	struct corpus_case one = { .bytes = csr_make(p), .rule = rule,
		.profile = "xmpp-person" };

	snprintf(one.asked, sizeof one.asked, "%s", asked);
	snprintf(one.jid, sizeof one.jid, "%s", jid);
	snprintf(one.fact, sizeof one.fact, "person: %.100s", fact);
	corpus_give(c, &one);
}

/* What a request for a person may say, and what may be said beside it. */
static inline void
corpus_people(struct corpus *c)
{
	static const struct {
		const char *fact, *subject, *san, *extra, *asked, *jid, *rule;
	} cases[] = {
		{ "the address in the request", NULL, "XMPP:romeo@jabber.net", "", "", "", "ok" },
		{ "the address beside the request", NULL, NULL, "", "", "romeo@jabber.net", "ok" },
		{ "the same in both", NULL, "XMPP:romeo@jabber.net", "", "", "romeo@jabber.net", "ok" },
		{ "the same, written otherwise", NULL, "XMPP:Romeo@JABBER.net/orchard", "", "", "romeo@jabber.NET", "ok" },
		{ "another one asked for", NULL, "XMPP:romeo@jabber.net", "", "", "juliet@jabber.net", "person-other" },
		{ "another domain asked for", NULL, "XMPP:romeo@jabber.net", "", "", "romeo@chat.jabber.net", "person-other" },
		{ "the same address twice", NULL, "XMPP:romeo@jabber.net\nXMPP:ROMEO@jabber.net", "", "", "", "ok" },
		{ "two people", NULL, "XMPP:romeo@jabber.net\nXMPP:juliet@jabber.net", "", "", "", "person-several" },
		{ "two people, one asked for", NULL, "XMPP:romeo@jabber.net\nXMPP:juliet@jabber.net", "", "", "romeo@jabber.net", "person-several" },
		{ "nobody", NULL, NULL, "", "", "", "person-none" },
		{ "the common name alone", "CN=romeo@jabber.net", NULL, "", "", "", "person-none" },
		{ "a name of flesh and blood", "CN=Romeo Montague\nO=Verona", "XMPP:romeo@jabber.net", "", "", "", "ok" },
		{ "two common names", "CN=romeo@jabber.net\nCN=juliet@jabber.net", "XMPP:romeo@jabber.net", "", "", "", "subject-cn-several" },
		{ "NUL in the common name", "CN=romeo%00@jabber.net", "XMPP:romeo@jabber.net", "", "", "", "subject-text" },
		{ "a mail address beside", NULL, "XMPP:romeo@jabber.net\nMAIL:romeo@jabber.net", "", "", "", "ok" },
		{ "a mail address alone", NULL, "MAIL:romeo@jabber.net", "", "", "", "person-none" },
		{ "a host beside", NULL, "XMPP:romeo@jabber.net\nDNS:jabber.net", "", "", "", "person-names" },
		{ "a host alone", NULL, "DNS:jabber.net", "", "", "romeo@jabber.net", "person-names" },
		{ "a service beside", NULL, "XMPP:romeo@jabber.net\nSRV:_xmpp-client.jabber.net", "", "", "", "person-names" },
		{ "a service of mail", NULL, "XMPP:romeo@jabber.net\nSRV:_smtp.jabber.net", "", "", "", "person-names" },
		{ "a UPN beside", NULL, "XMPP:romeo@jabber.net\nUPN:romeo@jabber.net", "", "", "", "san-kind" },
		{ "a URI beside", NULL, "XMPP:romeo@jabber.net\nURI:xmpp:romeo@jabber.net", "", "", "", "san-kind" },
		{ "an IP address beside", NULL, "XMPP:romeo@jabber.net\nIP:%C0%00%02%01", "", "", "", "san-kind" },
		{ "its own domain asked for", NULL, "XMPP:romeo@jabber.net", "", "jabber.net", "", "ok" },
		{ "a domain below asked for", NULL, "XMPP:romeo@jabber.net", "", "chat.jabber.net", "", "person-domain" },
		{ "a foreign domain asked for", NULL, "XMPP:romeo@jabber.net", "", "evil.net", "", "person-domain" },
		{ "a broken domain asked for", NULL, "XMPP:romeo@jabber.net", "", "*.jabber.net", "", "name-wildcard" },
		{ "a bare domain asked for", NULL, NULL, "", "", "jabber.net", "jid-form" },
		{ "a resource asked for", NULL, NULL, "", "", "romeo@jabber.net/x", "ok" },
		{ "a colon asked for", NULL, NULL, "", "", "ro:meo@jabber.net", "jid-localpart" },
		{ "a blank asked for", NULL, NULL, "", "", "ro meo@jabber.net", "jid-localpart" },
		{ "an umlaut asked for", NULL, NULL, "", "", "J\xc3\x9crgen@jabber.net", "ok" },
		{ "an escape sequence asked for", NULL, NULL, "", "", "\x1b[31m@jabber.net", "jid-localpart" },
		{ "a foreign domain of the address asked for", NULL, NULL, "", "", "romeo@evil.net", "name-unproven" },
		{ "an expired domain of the address asked for", NULL, NULL, "", "", "romeo@old-jabber.org", "name-unproven" },
		{ "IA5String", NULL, "XMPPI:romeo@jabber.net", "", "", "", "ok" },
		{ "PrintableString", NULL, "XMPPP:romeo@jabber.net", "", "", "", "ok" },
		{ "BMPString", NULL, "XMPPB:%00r", "", "", "", "san-type" },
		{ "TeletexString", NULL, "XMPPT:romeo@jabber.net", "", "", "", "san-type" },
		{ "CA:TRUE", NULL, "XMPP:romeo@jabber.net", "x-ca ", "", "", "ext-ca" },
		{ "keyCertSign", NULL, "XMPP:romeo@jabber.net", "x-kusign ", "", "", "ext-key-usage" },
		{ "codeSigning", NULL, "XMPP:romeo@jabber.net", "x-ekucode ", "", "", "ext-eku" },
		{ "anyExtendedKeyUsage", NULL, "XMPP:romeo@jabber.net", "x-ekuany ", "", "", "ext-eku" },
		{ "unknown critical", NULL, "XMPP:romeo@jabber.net", "x-oddcritical ", "", "", "ext-critical" },
		{ "the usual wishes", NULL, "XMPP:romeo@jabber.net", "x-noca x-ku x-eku ", "", "", "ok" },
		{ "the names twice", NULL, "XMPP:romeo@jabber.net", "twosans ", "", "", "csr-extension-twice" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct csr_plan one = { .subject = cases[i].subject,
			.san = cases[i].san, .extra = cases[i].extra };

		corpus_person(c, &one, cases[i].asked, cases[i].jid,
		    cases[i].rule, cases[i].fact);
	}
	for (size_t n = 512; n <= 513; n++) {
		char san[600] = "XMPP:";
		struct csr_plan one = { .san = san };

		memset(san + 5, 'a', n);
		memcpy(san + 5 + n, "@jabber.net", 12);
		corpus_person(c, &one, "", "", n == 512 ? "ok" : "jid-form",
		    n == 512 ? "512 octets before the @" : "513 octets");
	}
}

/* Each as a person's XmppAddr: before the @, behind it; and each domain as
 * the XmppAddr of a server too. */
static inline void
corpus_addresses(struct corpus *c)
{
	static const struct {
		const char *text, *rule;
	} locals[] = {
		/* one form, and the way to it is certain */
		{ "romeo", "ok" }, { "ROMEO", "ok" }, { "r", "ok" },
		{ "0", "ok" }, { "-", "ok" }, { ".", "ok" }, { "_", "ok" },
		{ "a.b.c", "ok" }, { "a+b=c!{}|~^`*()[]", "ok" },
		{ "d%5C27artagnan", "ok" }, { "%25", "ok" }, { "xn--bcher-kva", "ok" },
		{ "j%C3%BCrgen", "ok" }, { "J%C3%9CRGEN", "ok" },
		{ "ju%CC%88rgen", "ok" }, { "stra%C3%9Fe", "ok" },
		{ "%D0%B8%D0%B2%D0%B0%D0%BD.7", "ok" }, { "%D0%98%D0%92%D0%90%D0%9D", "ok" },
		{ "%CF%83%CE%AF%CF%83%CF%85%CF%86%CE%BF%CF%82", "ok" },
		{ "%E5%B1%B1%E7%94%B0", "ok" }, { "%D7%93%D7%95%D7%93", "ok" },
		{ "%D8%B3%D9%84%D8%A7%D9%85", "ok" }, { "%E0%A4%B0%E0%A4%BE%E0%A4%AE", "ok" },
		{ "cal%C2%B7la", "ok" }, { "%E3%83%AD%E3%83%BB%E3%83%9F", "ok" },
		/* RFC 7622 3.3.1 */
		{ "ro%22meo", "jid-localpart" }, { "ro&meo", "jid-localpart" },
		{ "ro'meo", "jid-localpart" }, { "ro:meo", "jid-localpart" },
		{ "ro<meo", "jid-localpart" }, { "ro>meo", "jid-localpart" },
		{ "ro/meo", "jid-form" }, { "ro@meo", "name-label" }, { "", "jid-form" },
		/* blanks and controls */
		{ "ro%20meo", "jid-localpart" }, { "%09", "jid-localpart" },
		{ "romeo%00", "jid-localpart" }, { "romeo%0A", "jid-localpart" },
		{ "%1B[2J", "jid-localpart" }, { "%7F", "jid-localpart" },
		{ "a%C2%85", "jid-localpart" }, { "a%C2%A0b", "jid-localpart" },
		{ "a%E3%80%80b", "jid-localpart" }, { "a%E2%80%A8b", "jid-localpart" },
		/* not seen on a screen */
		{ "a%E2%80%8Bb", "jid-localpart" }, { "a%E2%80%8Db", "jid-localpart" },
		{ "a%E2%80%8Fb", "jid-localpart" }, { "%E2%80%AEb", "jid-localpart" },
		{ "a%E2%81%A6b", "jid-localpart" }, { "%EF%BB%BFa", "jid-localpart" },
		{ "a%C2%ADb", "jid-localpart" }, { "a%EF%B8%8Fb", "jid-localpart" },
		{ "a%F3%A0%81%81b", "jid-localpart" }, { "a%E3%85%A4b", "jid-localpart" },
		/* no UTF-8 */
		{ "a%FF", "jid-localpart" }, { "a%C0%AF", "jid-localpart" },
		{ "a%ED%A0%80", "jid-localpart" }, { "a%E2%82", "jid-localpart" },
		{ "a%F4%90%80%80", "jid-localpart" },
		/* no letters of the identifier class (RFC 8264 4.2) */
		{ "%EF%BC%A1", "jid-localpart" }, { "o%EF%AC%83ce", "jid-localpart" },
		{ "henry%E2%85%A3", "jid-localpart" }, { "%E2%84%AA", "jid-localpart" },
		{ "%E2%84%AB", "jid-localpart" }, { "%C5%BFa", "jid-localpart" },
		{ "%E2%99%9A", "jid-localpart" }, { "%F0%9F%98%80", "jid-localpart" },
		{ "x%C2%B2", "jid-localpart" }, { "%C2%BDa", "jid-localpart" },
		{ "%CD%B8", "jid-localpart" }, { "%EE%80%80", "jid-localpart" },
		{ "%EF%BF%BF", "jid-localpart" }, { "a%E2%80%99b", "jid-localpart" },
		{ "%CC%88a", "jid-localpart" }, { "%C4%B0", "jid-localpart" },
		/* context rules (RFC 5892 A) and directions (RFC 5893) */
		{ "a%C2%B7b", "jid-localpart" }, { "%CD%B5a", "jid-localpart" },
		{ "a%E3%83%BBb", "jid-localpart" }, { "%D9%A0%DB%B0", "jid-localpart" },
		{ "%D7%90a", "jid-localpart" }, { "a%D7%90", "jid-localpart" },
		{ "%D7%90.a", "jid-localpart" }, { "%D7%90.%D7%91", "jid-localpart" },
		{ "1%D7%90", "jid-localpart" },
		/* what cannot be prepared for certain is not guessed */
		{ "j%C3%BCrgen_m", "jid-localpart" }, { "-%C3%BC", "jid-localpart" },
	};
	static const struct {
		const char *text, *rule;
	} domains[] = {
		{ "jabber.net", "ok" }, { "JABBER.NET", "ok" },
		{ "jabber.net.", "ok" }, { "chat.jabber.net", "ok" },
		{ "b%C3%BCcher.de", "ok" }, { "B%C3%9CCHER.DE", "ok" },
		{ "bu%CC%88cher.de", "ok" }, { "xn--bcher-kva.de", "ok" },
		{ "XN--BCHER-KVA.de", "ok" }, { "jabber%E3%80%82net", "name-idna" },
		{ "a%C2%B7b.jabber.net", "name-idna" }, { "xn--ab-0ea.jabber.net", "name-idna" },
		{ "cal%C2%B7la.jabber.net", "ok" }, { "xn--calla-sja.jabber.net", "ok" },
		{ "jabber.net/home", "ok" }, { "jabber.net/", "ok" },
		{ "", "name-empty" }, { "evil.net", "name-unproven" },
		{ "old-jabber.org", "name-unproven" },
		{ "jabber.net.evil.net", "name-unproven" },
		{ "j%D0%B0bber.net", "name-unproven" },
		{ "*.jabber.net", "name-wildcard" }, { "192.0.2.1", "name-ip" },
		{ "[2001:db8::1]", "name-ip" }, { "jabber.net:5222", "name-ip" },
		{ "jabber", "name-single-label" },
		{ "chat.localhost", "name-special-use" }, { "co.uk", "name-public-suffix" },
		{ "jabber.123", "name-numeric-tld" }, { "a_b.jabber.net", "name-underscore" },
		{ "jabber..net", "name-label" }, { "-a.jabber.net", "name-label" },
		{ "jabber.net%00.evil.net", "name-control" },
		{ "jabber.net%0D%0A", "name-control" }, { "%E2%80%AEten.rebbaj", "name-bidi" },
		{ "jab%FFber.net", "name-idna" }, { "xn--bucher-xyd.de", "name-roundtrip" },
		{ "%E2%99%A5.jabber.net", "name-idna" },
	};
	char san[400];
	struct csr_plan p = { .san = san };

	for (size_t i = 0; i < sizeof locals / sizeof *locals; i++) {
		snprintf(san, sizeof san, "XMPP:%s@jabber.net",
		    locals[i].text);
		corpus_person(c, &p, "", "", locals[i].rule, san + 5);
	}
	for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
		snprintf(san, sizeof san, "XMPP:romeo@%s", domains[i].text);
		corpus_person(c, &p, "", "", domains[i].rule, san + 5);
		snprintf(san, sizeof san, "DNS:jabber.net\nXMPP:%s",
		    domains[i].text);
		corpus_put(c, csr_make(&p), "", "xmpp-rfc3920",
		    domains[i].rule, "rfc3920: %.100s", domains[i].text);
	}
}

#endif
