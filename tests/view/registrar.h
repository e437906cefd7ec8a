/*
 * registrar.h - a registrar of paper for the tests of the screens: it answers
 * the console's questions with sample rows that are computed from their
 * number, so that a list may be as long as a test wants.
 *
 * It runs in a child process behind a socketpair.  Bytes on its control end:
 * 'i' issues the newest request and pushes the change; 'c' pushes a change.
 */
#ifndef TESTS_VIEW_REGISTRAR_H
#define TESTS_VIEW_REGISTRAR_H

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/wire/seat.h"

#define FAKE_NOW 1795359600	/* 2026-11-22 15:00:00Z */
#define DAY 86400

struct fake {
	int64_t now;
	enum role role;
	int64_t requests;	/* numbers 1 to this */
	bool hostile;		/* every text is an attack */
	bool fresh;		/* a member with nothing yet */
	bool newest_waits;	/* the newest request is not issued yet */
	bool fails;		/* every question that changes something fails */
	int64_t unseen;		/* revocations that the person was not told of */
	/* OP_COUNT flags in shared memory: what was asked; NULL: nobody minds. */
	unsigned char *asked;
	int walks;		/* answers before the audit log is through */
};

static const char fake_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDazCCAlOgAwIBAgIUH2pV0Q8n1q2XbU4dJ0kqE1wq7UowDQYJKoZIhvcNAQEL\n"
    "BQAwRTELMAkGA1UEBhMCQVUxEzARBgNVBAgMClNvbWUtU3RhdGUxITAfBgNVBAoM\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIICGzCCAaGgAwIBAgIBATAKBggqhkjOPQQDAzAtMRcwFQYDVQQKDA5YTVBQIEZl\n"
    "-----END CERTIFICATE-----\n";

static const char *const fake_domains[] = { "example.org", "im.example.org",
	"xn--exmple-cua.org", "chat.jabber.example", ("a-rather-long-name-for-a"
	"-server-that-somebody-chose.federation.example") };

static const char *
fake_account(int64_t n)
{
	static const char *const names[] = { "alice", "bob", "carol",
		"jabber.example", "ulrike" };

	return names[n % 5];
}

/* Copies that fit; no warnings about cutting. */
static void
put(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src);

	if (n >= size)
		n = size - 1;
	memcpy(dst, src, n);
	dst[n] = '\0';
}
#define PUT(field, text) put(field, sizeof field, text)

/* ---- the nouns ---- */

static void
fake_row(const struct fake *k, int64_t n, struct request_row *r)
{
	static const enum request_state states[] = { REQUEST_ISSUED,
		REQUEST_ISSUED, REQUEST_ISSUED, REQUEST_REFUSED,
		REQUEST_ISSUED, REQUEST_AWAITING, REQUEST_ISSUED };

	r->number = n;
	PUT(r->account, k->role == ROLE_MEMBER ? "alice" : fake_account(n));
	r->state = n == k->requests && k->newest_waits ? REQUEST_AWAITING :
	    n == k->requests ? REQUEST_ISSUED : states[n % 7];
	PUT(r->profile, n % 4 == 3 ? "xmpp-s2s" : "xmpp-server");
	PUT(r->first, fake_domains[n % 5]);
	r->domains = 1 + n % 3;
	r->created = k->now - (k->requests - n) * DAY / 2 - 3600;
	if (r->state != REQUEST_ISSUED)
		return;
	r->decided = r->created + 1800;
	snprintf(r->serial, sizeof r->serial, "4f%032llx",
	    (unsigned long long)n * 2654435761u);
	r->not_after = r->decided + 90 * DAY;
	r->certificate = n % 11 == 5 ? CERTIFICATE_REVOKED :
	    r->not_after <= k->now ? CERTIFICATE_EXPIRED : CERTIFICATE_GOOD;
}

static void
fake_names(struct name **names, size_t *n, const char *domain)
{
	static const enum name_kind kinds[] = { NAME_DNS, NAME_SRV_SERVER,
		NAME_SRV_CLIENT };

	for (size_t i = 0; i < 3; i++) {
		*names = list_grow(*names, n, sizeof **names);
		(*names)[*n - 1].kind = kinds[i];
		PUT((*names)[*n - 1].value, domain);
	}
}

static void
fake_proof(const struct fake *k, struct domain_ref *d, const char *domain)
{
	PUT(d->domain, domain);
	PUT(d->proof_domain, "example.org");
	d->method = PROOF_MAIL;
	PUT(d->mailbox, "hostmaster@example.org");
	d->proven = k->now - 20 * DAY;
	d->expires = k->now + 70 * DAY;
}

static struct finding *
fake_finding(struct finding *f, enum verdict_kind kind, const char *rule,
    const char *what, const char *value, const char *text)
{
	f->kind = kind;
	PUT(f->rule, rule);
	PUT(f->what, what);
	PUT(f->value, value);
	PUT(f->text, text);
	return f;
}

static void
fake_request(const struct fake *k, int64_t n, struct request *r)
{
	fake_row(k, n, &r->row);
	PUT(r->note, "Renewal for the new machine.");
	if (r->row.state == REQUEST_REFUSED)
		PUT(r->refusal, "The mailbox is not yours; prove the domain again with postmaster@.");
	for (size_t i = 0; i < 32; i++) {
		r->digest[i] = (uint8_t)(n + (int64_t)i * 7);
		r->spki_sha256[i] = (uint8_t)(i * 11);
	}
	PUT(r->key, "EC P-256");
	PUT(r->subject_cn, "example.org");
	fake_proof(k, LIST_ADD(r, domains), r->row.first);
	fake_proof(k, LIST_ADD(r, domains), "example.org");
	fake_names(&r->names, &r->n_names, r->row.first);
	fake_names(&r->names, &r->n_names, "example.org");
	fake_finding(LIST_ADD(r, findings), VERDICT_REPAIRED, "name-case",
	    "name", "IM.Example.org", "written in lower case");
	fake_finding(LIST_ADD(r, findings), VERDICT_USED, "key-good", "key",
	    "EC P-256", "taken as it is");
	r->approvals_needed = 1;
	if (r->row.state == REQUEST_ISSUED) {
		struct approval *a = LIST_ADD(r, approvals);

		PUT(a->account, "staff");
		a->at = r->row.decided;
		PUT(a->note, "fine");
	}
}

static void
fake_account_fill(const struct fake *k, int64_t n, struct account *a)
{
	a->number = n;
	PUT(a->name, fake_account(n));
	snprintf(a->email, sizeof a->email, "admin@%s", fake_domains[n % 5]);
	a->role = n % 5 == 4 ? ROLE_STAFF : ROLE_MEMBER;
	a->state = n % 5 == 2 ? ACCOUNT_SUSPENDED : ACCOUNT_ACTIVE;
	a->created = k->now - 200 * DAY;
	a->last_login = k->now - n * 3600;
	PUT(a->agreement, "1");
	a->agreement_at = a->created;
	a->domains = n % 4;
	a->certificates = n % 3;
}

static void
fake_domain(const struct fake *k, int64_t n, struct domain *d)
{
	d->number = n;
	PUT(d->name, fake_domains[n % 5]);
	PUT(d->shown, n % 5 == 2 ? "ex\u00e4mple.org" : d->name);
	PUT(d->account, "alice");
	d->state = n % 5 == 3 ? DOMAIN_CLAIMED : n % 5 == 1 ? DOMAIN_LAPSED :
	    DOMAIN_PROVEN;
	snprintf(d->mailbox, sizeof d->mailbox, "hostmaster@%s", d->name);
	d->claimed = k->now - 21 * DAY;
	if (d->state == DOMAIN_CLAIMED)
		return;
	d->proven = k->now - 20 * DAY;
	d->expires = d->state == DOMAIN_LAPSED ? k->now - DAY :
	    k->now + 70 * DAY;
}

static void
fake_challenges(const struct fake *k, struct domain *d)
{
	struct challenge *c = LIST_ADD(d, challenges);

	c->number = 12;
	PUT(c->mailbox, d->mailbox);
	c->state = d->state == DOMAIN_CLAIMED ? CHALLENGE_SENT :
	    CHALLENGE_PROVED;
	c->created = c->sent = k->now - DAY;
	c->expires = k->now + 2 * DAY;
	c->tries_left = 5;
	c = LIST_ADD(d, challenges);
	c->number = 11;
	PUT(c->mailbox, "postmaster@example.org");
	c->state = CHALLENGE_LOCKED;
	c->created = k->now - 3 * DAY;
}

static void
fake_search(const struct fake *k, struct hit_list *list)
{
	static const struct hit hits[] = {
		{ "certificate", "4a7f00c1d2e3f405162738495a6b7c8d", "alice",
		    "good", "chat.jabber.example" },
		{ "request", "249", "bob", "awaiting", "jabber.example" },
		{ "domain", "jabber.example", "bob", "proven", "" },
		{ "account", "jabber.example", "jabber.example", "active",
		    "admin@jabber.example" },
	};

	(void)k;
	for (size_t i = 0; i < sizeof hits / sizeof hits[0]; i++)
		*LIST_ADD(list, rows) = hits[i];
}

static void
fake_conflict(const struct fake *k, int64_t n, struct conflict *c)
{
	c->number = n;
	PUT(c->domain, fake_domains[n % 5]);
	PUT(c->holder, "alice");
	PUT(c->claimant, "bob");
	c->method = n % 2 ? PROOF_DNS : PROOF_MAIL;
	if (c->method == PROOF_MAIL)
		snprintf(c->mailbox, sizeof c->mailbox, "postmaster@%s",
		    c->domain);
	c->since = k->now - 2 * DAY;
	c->expires = k->now + 88 * DAY;
	c->held_since = k->now - 40 * DAY;
	c->held_until = k->now + 50 * DAY;
}

static void
fake_live(const struct fake *k, struct live *l)
{
	struct live_end *end = LIST_ADD(l, ends);

	PUT(l->domain, "example.org");
	l->at = k->now - 5;
	PUT(end->service, "xmpp-client");
	PUT(end->host, "xmpp.example.org");
	PUT(end->address, "2001:db8::5222");
	end->port = 5222;
	end->reached = true;
	PUT(end->subject, "CN=example.org");
	PUT(end->names, "example.org conference.example.org");
	PUT(end->issuer, "CN=R11,O=Let's Encrypt,C=US");
	end->not_before = k->now - 30 * DAY;
	end->not_after = k->now + 60 * DAY;
	end = LIST_ADD(l, ends);
	*end = l->ends[0];
	PUT(end->service, "xmpp-server");
	end->port = 5269;
	end->not_after = k->now - DAY;
	end = LIST_ADD(l, ends);
	PUT(end->service, "xmpps-client");
	PUT(end->host, "xmpp.example.org");
	PUT(end->address, "10.0.0.7");
	end->port = 5223;
	PUT(end->why, "its address is not a public one: not dialled");
}

static void
fake_record(const struct fake *k, struct domain *d)
{
	struct challenge *c = LIST_ADD(d, challenges);

	memmove(d->challenges + 1, d->challenges,
	    (d->n_challenges - 1) * sizeof *c);
	c = &d->challenges[0];
	memset(c, 0, sizeof *c);
	c->number = 13;
	c->method = PROOF_DNS;
	c->state = CHALLENGE_SENT;
	c->created = c->sent = k->now - 3600;
	c->expires = k->now + 30 * DAY;
	snprintf(c->owner, sizeof c->owner, "_xmpp-ica.%s", d->name);
	PUT(c->record, "xmpp-ica-proof=2VVH63ZRSHEVAORWF32UHT6XSJ5E6L7V");
	c->looked = k->now - 60;
	PUT(c->found, "there is no TXT record at _xmpp-ica.example.org yet");
}

static void
fake_certificate(const struct fake *k, int64_t n, struct certificate *c)
{
	struct request_row r = { 0 };

	fake_row(k, n, &r);
	c->request = n;
	PUT(c->account, r.account);
	PUT(c->serial, r.serial);
	PUT(c->issuer, "ica-server-1");
	PUT(c->profile, r.profile);
	PUT(c->subject_cn, strlen(r.first) < 64 ? r.first : "");
	fake_names(&c->names, &c->n_names, r.first);
	c->not_before = r.decided - 3600;
	c->not_after = r.not_after;
	c->issued = r.decided;
	PUT(c->fingerprint, "0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9:0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9");
	PUT(c->key, "RSA 3072");
	c->state = r.certificate;
	if (c->state == CERTIFICATE_REVOKED) {
		c->revoked = k->now - 5 * DAY;
		c->reason = REASON_SUPERSEDED;
		PUT(c->revoked_by, "member");
	}
	blob_set(&c->body, fake_pem, sizeof fake_pem - 1);
}

static void
fake_verdict(const struct fake *k, const struct request_wish *w,
    struct verdict *v)
{
	bool bad = w->csr.size > 0 && memmem(w->csr.data, w->csr.size,
	    "BADBAD", 6) != NULL;

	v->accepted = !bad;
	PUT(v->rule, bad ? "key-rsa-size" : "ok");
	PUT(v->text, bad ? "the RSA key has 1024 bits and 2048 are the least; make a new one: openssl req -new -newkey rsa:3072 -nodes -keyout server.key -out server.csr" : "");
	PUT(v->profile, w->profile);
	PUT(v->key, bad ? "RSA 1024" : "RSA 3072");
	PUT(v->subject_cn, "example.org");
	PUT(v->asked_subject, "CN=Example.org, O=Anything, C=DE");
	fake_finding(LIST_ADD(v, findings), bad ? VERDICT_REFUSED :
	    VERDICT_USED, bad ? "key-rsa-size" : "key-good", "key", v->key,
	    bad ? "too short" : "taken as it is");
	fake_finding(LIST_ADD(v, findings), VERDICT_REPAIRED, "name-case",
	    "name", "Example.org", "written in lower case");
	fake_finding(LIST_ADD(v, findings), VERDICT_ADDED, "name-srv", "name",
	    "_xmpp-server.example.org", "added by the profile xmpp-server");
	fake_finding(LIST_ADD(v, findings), VERDICT_IGNORED, "subject-field",
	    "subject", "O=Anything", "only CN is kept");
	if (strcmp(w->profile, "xmpp-rfc3920") == 0)
		fake_finding(LIST_ADD(v, findings), VERDICT_WARNED,
		    "profile-xmppaddr", "profile", "xmpp-rfc3920",
		    "ejabberd 19.09 and later drops peers with such a certificate; take xmpp-server unless you know that you need this");
	if (bad)
		return;
	fake_names(&v->names, &v->n_names, "example.org");
	fake_proof(k, LIST_ADD(v, domains), "example.org");
	v->not_before = k->now - 3600;
	v->not_after = v->not_before + 90 * DAY;
}

static void
fake_notice(const struct fake *k, int64_t n, struct notice *r)
{
	r->number = n;
	PUT(r->kind, n % 2 ? "challenge" : "certificate-issued");
	PUT(r->to, n % 2 ? "hostmaster@example.org" : "alice@example.org");
	PUT(r->subject, "Code for example.org");
	r->state = n % 6 == 1 ? NOTICE_WAITING : n % 6 == 3 ? NOTICE_FAILED :
	    NOTICE_SENT;
	r->created = k->now - (40 - n) * 1200;
	r->next = k->now + 600;
	r->sent = r->state == NOTICE_SENT ? r->created + 3 : 0;
	r->attempts = r->state == NOTICE_SENT ? 1 : 4;
	PUT(r->reply, r->state == NOTICE_SENT ? "250 2.0.0 Ok: queued" :
	    "451 4.3.0 temporary lookup failure");
}

static void
fake_alarm(const struct fake *k, int64_t n, struct alarm *r)
{
	r->number = n;
	r->kind = n % 3 == 1 ? ALARM_LATE_CRL : n % 3 == 2 ? ALARM_MAIL :
	    ALARM_FAILURES;
	PUT(r->object, n % 3 == 1 ? "ica-server-1" : n % 3 == 2 ? "" :
	    fake_account(n));
	PUT(r->text, n % 3 == 1 ?
	    "the CRL of ica-server-1 ends in 11 hours and no new one could be made; look at the signer with `system`" :
	    n % 3 == 2 ? "12 letters wait since 3 hours; see `mail` for the words of the mail server" :
	    "40 wrong codes in an hour");
	r->state = n == 6 ? ALARM_OPEN : n == 5 ? ALARM_SEEN : ALARM_OVER;
	r->raised = k->now - (7 - n) * 7200;
	r->last = k->now - 60;
	if (r->state == ALARM_OVER)
		r->over = r->raised + 3600;
	if (r->state == ALARM_SEEN) {
		PUT(r->seen_by, "carol");
		r->seen = k->now - 600;
	}
}

static void
fake_line(const struct fake *k, int64_t n, struct ledger_row *r)
{
	r->number = n;
	r->kind = n == 4 ? LEDGER_INCOME : n == 1 ? LEDGER_FIXED :
	    LEDGER_ONE_OFF;
	r->date = (k->now - (5 - n) * 9 * DAY) / DAY * DAY;
	r->amount = n == 3 ? -1250 : n == 4 ? 50000 : n == 1 ? 24000 : 1250;
	PUT(r->currency, "USD");
	PUT(r->shown, n == 3 ? "-12.50" : n == 4 ? "500.00" : n == 1 ?
	    "240.00" : "12.50");
	PUT(r->payee, n == 4 ? "A sponsor" : n == 1 ? "Hosting company" :
	    "Printer");
	PUT(r->text, n == 1 ? "the server, a year" : n == 3 ? "mistyped" :
	    "as agreed");
	PUT(r->evidence, n == 1 ? "invoice 2026-117" : "");
	r->reverses = n == 3 ? 2 : 0;
	r->reversed_by = n == 2 ? 3 : 0;
	r->added = r->date + 3600;
	PUT(r->by, "fred");
}

static void
fake_sums(struct ledger_page *p)
{
	struct ledger_sum *s = LIST_ADD(p, sums);

	PUT(s->currency, "USD");
	s->fixed = s->costs = 24000;
	s->income = 50000;
	s->unit = 113;
	p->issued = 212;
}

static void
fake_document(const struct fake *k, int64_t n, struct document *r)
{
	static const enum document_kind kinds[] = { DOCUMENT_UPSTREAM_AGREEMENT,
		DOCUMENT_PRACTICE_STATEMENT, DOCUMENT_CA_POLICY,
		DOCUMENT_MEMBER_AGREEMENT };

	r->number = n < 2 ? n + 1 : 0;
	r->kind = kinds[n % 4];
	str_copy(r->version, sizeof r->version, n == 1 ? "1.2" : "1");
	memset(r->sha256, 0x5a, sizeof r->sha256);
	r->current = r->good = true;
	if (n < 2) {
		r->since = k->now - 90 * 86400;
		r->until = n == 0 ? k->now + 300 * 86400 : 0;
		str_copy(r->by, sizeof r->by, "operator");
	}
	r->accepted = n == 3 ? 12 : 0;
	r->word_at = n == 3 ? k->now - 86400 : 0;
}

static void
fake_documents(const struct fake *k, struct document_page *r)
{
	for (int64_t n = 0; n < 4; n++)
		fake_document(k, n, LIST_ADD(r, rows));
	r->total = 4;
}

static void
fake_document_text(const struct fake *k, struct document_text *r)
{
	static const char text[] = "PRACTICE STATEMENT\n\n1. What is promised\n\n"
	    "A certificate says that somebody who reads the mail, or controls the\n"
	    "DNS, of a domain asked for it.\n";

	fake_document(k, 1, &r->document);
	blob_set(&r->text, text, sizeof text - 1);
}

static void
fake_forecast(struct forecast *r)
{
	static const int64_t sizes[] = { 500, 5000, 10000 };
	static const char *const totals[] = { "440.00", "2240.00",
		"4240.00" }, *const units[] = { "0.88", "0.45", "0.42" };

	PUT(r->currency, "USD");
	r->fixed = 24000;
	r->unit = 40;
	r->by_term = true;
	r->issued = 212;
	r->expected = 100;
	r->budget = 100000;
	r->spent = 24000;
	r->balance = 26000;
	for (int i = 0; i < 3; i++) {
		struct forecast_row *w = LIST_ADD(r, rows);

		w->certificates = sizes[i];
		PUT(w->total_shown, totals[i]);
		PUT(w->unit_shown, units[i]);
		w->over_budget = i > 0;
	}
	PUT(LIST_ADD(r, balances)->currency, "USD");
	r->balances[0].amount = 26000;
	PUT(r->balances[0].shown, "260.00");
	PUT(r->text, "At each of these sizes a certificate costs no more than the expected 1.00 USD.");
}

static void
fake_report_row(const struct fake *k, int64_t n, struct report_row *r)
{
	r->number = 8104 + n;
	snprintf(r->quarter, sizeof r->quarter, "2026Q%d", (int)n);
	PUT(r->state, n == 4 ? "open" : n == 3 ? "late" : "submitted");
	r->due = k->now + (n * 92 - 300) * DAY;
	r->submitted = n < 3 ? r->due - DAY : 0;
	PUT(r->submitted_by, n < 3 ? "dora" : "");
}

static void
fake_report(const struct fake *k, const struct report_wish *a,
    struct report *r)
{
	static const struct { const char *name; int64_t v; const char *unit; }
	rows[] = { { "active", 180, "" }, { "balance.USD", 26000, "USD" },
		{ "cost.USD.total", 24000, "USD" }, { "domains", 97, "" },
		{ "expired", 12, "" }, { "issued", 64, "" },
		{ "issued.new", 20, "" }, { "issued.renewed", 44, "" },
		{ "ledger.000001", 24000, "USD" },
		{ "mailbox.hostmaster.proved", 17, "" },
		{ "mailbox.hostmaster.sent", 21, "" }, { "members", 48, "" },
		{ "pending", 2, "" }, { "refused.key-weak", 3, "" },
		{ "revoked", 5, "" }, { "revoked.superseded", 5, "" },
		{ "service.decision.p50", 5400, "s" },
		{ "service.decision.p90", 97200, "s" } };

	PUT(r->quarter, strncmp(a->quarter, "2026Q3", 6) == 0 ? "2026Q3" :
	    "2026Q4");
	r->since = 1790812800;		/* 2026-10-01 */
	r->until = 1798761600;
	r->draft = r->quarter[5] == '4';
	r->made = k->now;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct figure *f = LIST_ADD(r, figures);

		PUT(f->name, rows[i].name);
		f->value = rows[i].v;
		PUT(f->unit, rows[i].unit);
		if (strncmp(f->name, "ledger", 6) == 0)
			PUT(f->note, "2026-10-12 fixed, Hosting company: the server, a year");
	}
	blob_set(&r->csv, "figure,value,unit,note\n", 23);
	memset(r->sha256, 0xab, 32);
	r->entries = 1234;
	if (!r->draft)
		blob_set(&r->note, "xmpp-ica-report/v1\n", 19);
}

static void
fake_grant(const struct fake *k, int64_t n, struct role_grant *r)
{
	r->number = n;
	PUT(r->account, fake_account(n));
	r->role = n == 3 ? ROLE_AUDITOR : ROLE_STAFF;
	r->state = n == 3 ? GRANT_WAITING : n == 2 ? GRANT_HELD : GRANT_ENDED;
	r->until = n == 2 ? 0 : k->now + 30 * DAY;
	PUT(r->reason, "audit of the third quarter");
	PUT(r->asked_by, "director");
	r->asked = k->now - (4 - n) * DAY;
	if (r->state != GRANT_WAITING) {
		PUT(r->confirmed_by, "carol");
		r->confirmed = r->asked + 3600;
	}
	r->ended = r->state == GRANT_ENDED ? k->now - DAY : 0;
}

static void
fake_issuer_wish(const struct fake *k, int64_t n, struct issuer_wish *r)
{
	r->number = n;
	PUT(r->deed, n == 3 ? "activate" : n == 2 ? "new" : "retire");
	PUT(r->issuer, n == 3 ? "ica-server-2" : n == 2 ? "server" :
	    "ica-server-1");
	r->state = n == 3 ? ISSUER_WISH_WAITING : ISSUER_WISH_DONE;
	PUT(r->note, n == 3 ? "its certificate is known everywhere" : "");
	r->asked = k->now - (4 - n) * DAY;
	if (n < 3) {
		PUT(r->confirmed_by, "dora");
		r->confirmed = r->asked + 3600;
		r->ended = r->confirmed;
	}
}

static void
fake_access(const struct fake *k, struct access_list *l)
{
	for (int i = 0; i < 3; i++) {
		struct access *r = LIST_ADD(l, rows);

		PUT(r->account, i == 0 ? "dora" : fake_account(i));
		r->role = i == 0 ? ROLE_DIRECTOR : ROLE_STAFF;
		r->state = ACCOUNT_ACTIVE;
		r->keys = 2;
		r->hardware_keys = i == 0;
		r->last_login = i == 2 ? 0 : k->now - (1 + i * 60) * DAY;
		if (i > 0) {
			r->since = k->now - 200 * DAY;
			PUT(r->granted_by, "dora");
			PUT(r->confirmed_by, "carol");
		}
		PUT(r->text, i == 0 ? "" : i == 2 ? "was never here" :
		    "not here for 61 days; the role ends when it is not used");
	}
}

static void
fake_halt(const struct fake *k, struct halt_state *h)
{
	h->halted = k->role == ROLE_DIRECTOR;
	PUT(h->text, h->halted ?
	    "Issuing is halted since 2026-11-22 14:00:00Z by dora: a drill" :
	    "Certificates are issued.");
	if (h->halted) {
		h->at = k->now - 3600;
		PUT(h->by, "dora");
		PUT(h->reason, "a drill");
		PUT(h->resume_by, "carol");
		h->resume_at = k->now - 60;
	}
}

static void
fake_policy(const struct fake *k, struct policy_state *p)
{
	static const char *const keys[] = { "version", "days", "approvals",
		"profiles", "mailboxes" };
	static const char *const values[] = { "1", "90", "1",
		"xmpp-server xmpp-s2s xmpp-rfc3920",
		"hostmaster postmaster webmaster" };

	PUT(p->version, "1");
	PUT(p->sha256,
	    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
	p->needed = true;
	if (k->role != ROLE_DIRECTOR) {
		PUT(p->acknowledged_by, "dora");
		p->acknowledged = k->now - 9 * DAY;
	}
	for (size_t i = 0; i < 5; i++) {
		struct fact *f = LIST_ADD(p, values);

		PUT(f->what, keys[i]);
		PUT(f->text, values[i]);
		f->good = true;
	}
}

static void
fake_revocation(const struct fake *k, int64_t n, struct revocation *r)
{
	r->number = n;
	r->request = n * 11 + 5;
	PUT(r->serial, "4f0000000000000000000000a1b2c3d4e5");
	PUT(r->account, fake_account(n));
	r->reason = n % 2 ? REASON_SUPERSEDED : REASON_KEY_COMPROMISE;
	r->state = n == 7 ? REVOCATION_RECEIVED : REVOCATION_EFFECTIVE;
	r->requested = k->now - (8 - n) * DAY;
	PUT(r->by, fake_account(n));
	r->by_role = ROLE_MEMBER;
}

/* 3 waits for a second person, 2 runs, 1 is done. */
static void
fake_plan(const struct fake *k, int64_t n, struct revocation_plan *p)
{
	p->number = n;
	p->state = n == 3 ? PLAN_WAITING : n == 2 ? PLAN_RUNNING : PLAN_DONE;
	PUT(p->criteria.domain, n == 2 ? "" : "example.org");
	PUT(p->criteria.account, n == 3 ? "bob" : "");
	p->criteria.issued_before = n == 2 ? k->now - 30 * DAY : 0;
	p->criteria.reason = n == 2 ? REASON_KEY_COMPROMISE :
	    REASON_PRIVILEGE_WITHDRAWN;
	PUT(p->by, "carol");
	p->made = k->now - (4 - n) * 3600;
	p->expires = p->made + DAY;
	p->total = n == 2 ? 10000 : 21 * n;
	p->digest[0] = (uint8_t)n;
	for (int64_t i = 0; i < 3; i++) {
		struct certificate_row *c = LIST_ADD(p, first);

		c->request = 17 + i;
		PUT(c->serial, "4f0000000000000000000000a1b2c3d4e5");
		PUT(c->account, "bob");
		PUT(c->first, fake_domains[i]);
		c->issued = k->now - 40 * DAY;
		c->not_after = k->now + 50 * DAY;
		c->state = n == 3 ? CERTIFICATE_GOOD : CERTIFICATE_REVOKED;
	}
	if (n == 3)
		return;
	PUT(p->confirmed_by, "ulrike");
	p->confirmed = n == 2 ? k->now - 5 : p->made + 600;
	p->done = n == 2 ? 4321 : p->total;
	p->ended = n == 2 ? 0 : p->confirmed + 1;
}

static void
fake_entry(const struct fake *k, int64_t n, struct audit_entry *a)
{
	static const struct {
		const char *action, *noun, *object, *detail;
	} deeds[] = {
		{ "request.submit", "request", "17", "profile=xmpp-server domains=example.org" },
		{ "request.approve", "request", "17", "digest=0007" },
		{ "certificate.issue", "certificate", "4f00a1", "policy=1" },
		{ "domain.prove", "domain", "example.org", "by mail to hostmaster@example.org" },
		{ "account.confirm", "account", "alice", "" },
	};

	a->number = n;
	a->at = k->now - (1000 - n) * 611;
	PUT(a->actor, n % 9 == 4 ? "" : fake_account(n));
	a->role = n % 5 == 1 ? ROLE_STAFF : ROLE_MEMBER;
	PUT(a->key, "SHA256:Mq3pT2Yk0o1V0cUuXj0mO8VhS8sPzW0mF1b7Q6tE2dA");
	PUT(a->source, "2001:db8::17");
	PUT(a->action, deeds[n % 5].action);
	PUT(a->noun, deeds[n % 5].noun);
	PUT(a->object, deeds[n % 5].object);
	a->outcome = n % 8 == 3 ? OUTCOME_REFUSED : OUTCOME_DONE;
	PUT(a->detail, deeds[n % 5].detail);
	for (size_t i = 0; i < 32; i++)
		a->hash[i] = (uint8_t)(n * 3 + (int64_t)i * 5);
}

static void
fake_facts(struct fact_list *l)
{
	static const struct {
		const char *what, *text;
		bool good;
	} facts[] = {
		{ "signer", "answers; issuer ica-server-1 until 2031-11-21", true },
		{ "CRL", "number 41, next update in 6 days", true },
		{ "OCSP answers", "1,204 signed, the oldest until 2026-11-25", true },
		{ "letters", "1 waits, 1 failed", false },
		{ "database", "schema 1, 12 MB, 31 GB free", true },
	};

	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		struct fact *f = LIST_ADD(l, rows);

		PUT(f->what, facts[i].what);
		PUT(f->text, facts[i].text);
		f->good = facts[i].good;
	}
}

static void
fake_whoami(const struct fake *k, struct whoami *w)
{
	bool guest = k->role == ROLE_GUEST;

	w->account.number = 1;
	PUT(w->account.name, guest ? "" : k->role == ROLE_MEMBER ? "alice" :
	    word_of(&role_words, k->role));
	PUT(w->account.email, "alice@example.org");
	w->account.role = k->role;
	w->account.state = ACCOUNT_ACTIVE;
	w->account.created = k->now - 100 * DAY;
	PUT(w->profiles, "xmpp-server xmpp-s2s xmpp-rfc3920 xmpp-person");
	w->account.last_login = k->now - 3 * DAY;
	PUT(w->account.agreement, "1");
	w->account.agreement_at = w->account.created;
	PUT(w->key.fingerprint,
	    "SHA256:Mq3pT2Yk0o1V0cUuXj0mO8VhS8sPzW0mF1b7Q6tE2dA");
	PUT(w->service, "certs.example.org");
	PUT(w->title, "XMPP Intermediate CA");
	PUT(w->agreement_current, "1");
	PUT(w->ssh, "ssh -p 2222");
	w->now = k->now;
	w->revoked_unseen = k->unseen;
	if (k->fresh || guest || k->role == ROLE_AUDITOR)
		return;
	w->account.domains = k->role == ROLE_MEMBER ? 3 : 0;
	w->account.certificates = k->role == ROLE_MEMBER ? 2 : 0;
	w->waiting = k->role == ROLE_MEMBER ? 1 : 4;
	w->expiring = k->role == ROLE_MEMBER ? 1 : 0;
	w->alarms = ROLE_BIT(k->role) & (READERS | FINANCE) ? 2 : 0;
}

static void
fake_agreement(struct agreement *a)
{
	struct buf b = { 0 };

	PUT(a->version, "1");
	for (int i = 1; i <= 12; i++)
		buf_printf(&b, "%d. %s\n\n", i, i % 2 ?
		    "You ask for certificates only for domains that you run, and you tell us when that ends." :
		    "You keep the private key to yourself, and you revoke the certificate when somebody else may have it.");
	blob_set(&a->text, b.data, b.size);
	buf_clear(&b);
}

static void
fake_contacts(const struct fake *k, struct contact_list *l)
{
	struct contact *c = LIST_ADD(l, rows);

	PUT(c->email, "alice@example.org");
	c->main = true;
	c->added = c->confirmed = k->now - 100 * DAY;
	c = LIST_ADD(l, rows);
	PUT(c->email, "ops@example.org");
	c->added = k->now - DAY;
}

static void
fake_recovery(const struct fake *k, int64_t n, struct recovery *r)
{
	static const char *const names[] = { "carol", "bob", "dora" };

	r->number = n;
	PUT(r->account, names[(n - 1) % 3]);
	r->state = n == 1 ? RECOVERY_STOPPED : RECOVERY_WAITING;
	PUT(r->fingerprint,
	    "SHA256:Mq3pT2Yk0o1V0cUuXj0mO8VhS8sPzW0mF1b7Q6tE2dA");
	r->begun = k->now - n * DAY;
	r->due = k->now + 2 * DAY;
	r->needs_approval = n == 3;
}

static void
fake_invitation(const struct fake *k, int64_t n, struct invitation *i)
{
	i->number = n;
	PUT(i->jid, n == 1 ? "juliet@example.org" : "romeo@example.org");
	PUT(i->by, "alice");
	i->state = n == 1 ? INVITATION_USED : INVITATION_OPEN;
	i->made = k->now - DAY;
	i->expires = k->now + 6 * DAY;
	i->request = n == 1 ? 240 : 0;
}

static void
fake_breach(const struct fake *k, struct breach *b)
{
	struct breach_row *r = LIST_ADD(b, rows);

	b->since = k->now - 10 * DAY;
	b->until = k->now;
	PUT(r->account, "alice");
	PUT(r->email, "alice@example.org");
	r->account_data = 1;
	r->keys = 2;
	r->domains = 1;
	r->requests = r->certificates = 3;
	r->letters = 7;
	r->entries = 41;
	r = LIST_ADD(b, rows);
	PUT(r->account, "mallory");
	r->entries = 1;
}

static void
fake_notify(const struct fake *k, struct notify *n)
{
	struct notify_mute *m = LIST_ADD(n, muted);

	n->reminders = n->issued = true;
	PUT(n->days, "30 14 7 1");
	m->request = 12;
	PUT(m->first, "old.example.org");
	m->not_after = k->now + 9 * DAY;
}

static void
fake_sessions(const struct fake *k, struct session_list *l)
{
	struct session *s = LIST_ADD(l, rows);

	s->number = 41;
	s->since = k->now - 2 * 3600;
	PUT(s->source, "192.0.2.17");
	PUT(s->key, "laptop");
	s->heard = k->now;
	PUT(s->doing, "session list");
	s->here = true;
	s = LIST_ADD(l, rows);
	s->number = 38;
	s->since = k->now - DAY;
	PUT(s->source, "2001:db8::5");
	PUT(s->key, "SHA256:0o1V0cUuXj0mO8VhS8sPzW0mF1b7Q6tE2dAMq3pT2Yk");
	s->heard = k->now - 3600;
	PUT(s->doing, "certificate list");
}

static void
fake_looks(const struct fake *k, struct glance_page *l)
{
	struct glance *g = LIST_ADD(l, rows);

	g->number = 2;
	g->at = k->now - 2 * DAY;
	PUT(g->by, "carol");
	g->role = ROLE_AUDITOR;
	PUT(g->what, "account");
	PUT(g->reason, "sample of the quarter");
	g = LIST_ADD(l, rows);
	g->number = 1;
	g->at = k->now - 20 * DAY;
	PUT(g->by, "ulrike");
	g->role = ROLE_STAFF;
	PUT(g->what, "request 17");
}

/* ---- lists ---- */

static bool
fake_match(const struct wish *w, const struct request_row *r)
{
	const char *word = r->state == REQUEST_ISSUED ?
	    word_of(&certificate_state_words, r->certificate) :
	    word_of(&request_state_words, r->state);

	if (w->state[0] != '\0' && strcmp(w->state, word) != 0 &&
	    strcmp(w->state, word_of(&request_state_words, r->state)) != 0)
		return false;
	if (w->until != 0 && (r->not_after < w->since ||
	    r->not_after > w->until))
		return false;
	return w->filter[0] == '\0' || strstr(r->first, w->filter) != NULL ||
	    strstr(r->account, w->filter) != NULL;
}

enum fake_rows { FAKE_REQUESTS, FAKE_CERTIFICATES, FAKE_QUEUE };

static bool
fake_listed(const struct fake *k, enum fake_rows which, const struct wish *w,
    int64_t n, struct request_row *r)
{
	memset(r, 0, sizeof *r);
	fake_row(k, n, r);
	return fake_match(w, r) &&
	    (which != FAKE_CERTIFICATES || r->serial[0] != '\0') &&
	    (which != FAKE_QUEUE || r->state == REQUEST_AWAITING);
}

static int64_t
fake_total(const struct fake *k, enum fake_rows which, const struct wish *w)
{
	struct request_row r;
	int64_t total = 0;

	for (int64_t n = 1; n <= k->requests && total < 10000; n++)
		total += fake_listed(k, which, w, n, &r);
	return total;
}

static void
fake_rows(const struct fake *k, enum fake_rows which, const struct wish *w,
    struct request_page *page)
{
	bool up = which == FAKE_QUEUE;
	int64_t limit = w->limit ? w->limit : 50, n;
	bool plain = w->filter[0] == '\0' && w->state[0] == '\0';
	struct request_row r;

	n = up ? w->before + 1 : w->before ? w->before - 1 : k->requests;
	if (n > k->requests && !up)
		n = k->requests;
	for (; n >= 1 && n <= k->requests; n += up ? 1 : -1) {
		if (!fake_listed(k, which, w, n, &r))
			continue;
		if ((int64_t)page->n_rows == limit) {
			page->more = true;
			break;
		}
		*LIST_ADD(page, rows) = r;
	}
	page->total = plain && which == FAKE_REQUESTS ? k->requests :
	    fake_total(k, which, w);
}

/* The others: all rows on one page. */
#define FAKE_PAGE(page, count, fill) do { \
	int64_t at = a->before && a->before <= (count) ? a->before - 1 : \
	    (count); \
	(page)->total = (count); \
	for (; at >= 1; at--) { \
		if ((int64_t)(page)->n_rows == (a->limit ? a->limit : 50)) { \
			(page)->more = true; \
			break; \
		} \
		fill(k, at, LIST_ADD(page, rows)); \
	} \
} while (0)

/* ---- the answers ---- */

/* Of the registrar of paper, which is a process of its own. */
static struct draft fake_draft;

static int
fake_say(struct fake *k, const struct question *q, void *answer,
    struct err *e)
{
	const struct wish *a = q->argument;
	const struct ref *ref = q->argument;
	int64_t n = 0;

	if (ops[q->op].argument == &ref_shape)
		number_parse(ref->ref, 1 << 30, &n);
	if (q->op == OP_certificate_get &&
	    !number_parse(((const struct certificate_wish *)
	    q->argument)->ref, 1 << 30, &n))
		n = k->requests;
	switch (q->op) {
	case OP_whoami: fake_whoami(k, answer); return 0;
	case OP_agreement_get: fake_agreement(answer); return 0;
	case OP_domain_list:
		if (!k->fresh)
			FAKE_PAGE((struct domain_page *)answer, 5, fake_domain);
		return 0;
	case OP_domain_get:
		for (n = 0; n < 4 && strcmp(fake_domains[n], ref->ref); n++)
			;
		fake_domain(k, n, answer);
		fake_challenges(k, answer);
		if (n == 3)
			fake_record(k, answer);
		return 0;
	case OP_request_check: fake_verdict(k, q->argument, answer); return 0;
	case OP_request_list:
		fake_rows(k, FAKE_REQUESTS, a, answer);
		return 0;
	case OP_certificate_list:
		fake_rows(k, FAKE_CERTIFICATES, a, answer);
		return 0;
	case OP_queue_list: fake_rows(k, FAKE_QUEUE, a, answer); return 0;
	case OP_request_get: fake_request(k, n, answer); return 0;
	case OP_certificate_get:
		fake_certificate(k, n ? n : k->requests, answer);
		return 0;
	case OP_request_evidence: {
		struct evidence *ev = answer;

		fake_request(k, n, &ev->request);
		fake_row(k, 2, LIST_ADD(ev, earlier));
		fake_row(k, 1, LIST_ADD(ev, earlier));
		fake_finding(LIST_ADD(ev, warnings), VERDICT_WARNED,
		    "key-reused", "key", "EC P-256",
		    "the same key is in certificate 2; a new one is better");
		fake_account_fill(k, n, &ev->account);
		return 0;
	}
	case OP_account_list:
		FAKE_PAGE((struct account_page *)answer, 23, fake_account_fill);
		return 0;
	case OP_account_get:
		for (n = 0; n < 4 && strcmp(fake_account(n), ref->ref); n++)
			;
		fake_account_fill(k, n, answer);
		return 0;
	case OP_search: fake_search(k, answer); return 0;
	case OP_notice_list:
		FAKE_PAGE((struct notice_page *)answer, 40, fake_notice);
		return 0;
	case OP_document_list: fake_documents(k, answer); return 0;
	case OP_document_get: fake_document_text(k, answer); return 0;
	case OP_cost_list:
		FAKE_PAGE((struct ledger_page *)answer, 4, fake_line);
		fake_sums(answer);
		return 0;
	case OP_cost_add:
	case OP_income_add:
	case OP_cost_reverse: fake_line(k, 3, answer); return 0;
	case OP_cost_forecast: fake_forecast(answer); return 0;
	case OP_fee_term_list:
	case OP_fee_term_add:
	case OP_budget_list:
	case OP_budget_set: return 0;
	case OP_report_list:
		FAKE_PAGE((struct report_page *)answer, 4, fake_report_row);
		return 0;
	case OP_report_get:
	case OP_report_submit:
	case OP_report_addend: fake_report(k, q->argument, answer); return 0;
	case OP_role_grant_list:
		FAKE_PAGE((struct role_grant_page *)answer, 3, fake_grant);
		return 0;
	case OP_role_grant_add:
	case OP_role_grant_confirm:
	case OP_role_grant_drop: fake_grant(k, 3, answer); return 0;
	case OP_issuer_wishes:
		FAKE_PAGE((struct issuer_wish_page *)answer, 3,
		    fake_issuer_wish);
		return 0;
	case OP_issuer_confirm:
	case OP_issuer_drop: fake_issuer_wish(k, 3, answer); return 0;
	case OP_role_end: fake_account_fill(k, 1, answer); return 0;
	case OP_access_list: fake_access(k, answer); return 0;
	case OP_halt_get:
	case OP_halt_set:
	case OP_halt_resume: fake_halt(k, answer); return 0;
	case OP_policy_get:
	case OP_policy_acknowledge: fake_policy(k, answer); return 0;
	case OP_alarm_list:
		FAKE_PAGE((struct alarm_page *)answer, 6, fake_alarm);
		return 0;
	case OP_alarm_see: fake_alarm(k, 5, answer); return 0;
	case OP_revocation_list:
		FAKE_PAGE((struct revocation_page *)answer, 7, fake_revocation);
		return 0;
	case OP_revocation_plan_list:
		FAKE_PAGE((struct revocation_plan_page *)answer, 3, fake_plan);
		return 0;
	case OP_revocation_plan_get: fake_plan(k, n, answer); return 0;
	case OP_contact_list: fake_contacts(k, answer); return 0;
	case OP_notify_get: fake_notify(k, answer); return 0;
	case OP_account_looks: fake_looks(k, answer); return 0;
	case OP_system_state: fake_facts(answer); return 0;
	case OP_session_list: fake_sessions(k, answer); return 0;
	case OP_session_end:
	case OP_plain_set: return 0;
	case OP_key_list: {
		struct key *key = LIST_ADD((struct key_list *)answer, rows);

		PUT(key->fingerprint,
		    "SHA256:Mq3pT2Yk0o1V0cUuXj0mO8VhS8sPzW0mF1b7Q6tE2dA");
		PUT(key->type, "ssh-ed25519");
		PUT(key->name, "laptop");
		key->added = k->now - 100 * DAY;
		key->last_used = k->now;
		key = LIST_ADD((struct key_list *)answer, rows);
		PUT(key->fingerprint,
		    "SHA256:0o1V0cUuXj0mO8VhS8sPzW0mF1b7Q6tE2dAMq3pT2Yk");
		PUT(key->type, "sk-ssh-ed25519@openssh.com");
		key->added = k->now - 30 * DAY;
		return 0;
	}
	case OP_audit_list: {
		const struct audit_wish *aw = q->argument;
		const struct wish w = { .before = aw->before,
			.limit = aw->limit };

		a = &w;
		FAKE_PAGE((struct audit_page *)answer, 1000, fake_entry);
		return 0;
	}
	case OP_audit_verify: {
		struct audit_check *c = answer;
		static int walked;

		if (walked++ < k->walks) {
			c->job = 7;
			c->entries = 100 * walked;
			c->total = 1000;
			c->since = k->now;
			return 0;
		}
		c->good = true;
		c->entries = 1000;
		PUT(c->text, "Every entry follows from the one before it.");
		c->head_at = k->now - 611;
		return 0;
	}
	default: break;
	}
	/* unsent forms: the last one alone, kept even when all else fails */
	if (q->op == OP_draft_put) {
		NOUN_CLEAR(draft, &fake_draft);
		shape_copy(&draft_shape, &fake_draft, q->argument);
		fake_draft.at = k->now;
		return 0;
	}
	if (q->op == OP_draft_drop) {
		NOUN_CLEAR(draft, &fake_draft);
		return 0;
	}
	if (q->op == OP_draft_get) {
		if (fake_draft.body.size == 0 || strcmp(fake_draft.form,
		    ((const struct ref *)q->argument)->ref) != 0)
			return err_set(e, ERR_NOT_FOUND, "draft",
			    "nothing is kept");
		shape_copy(&draft_shape, answer, &fake_draft);
		return 0;
	}
	if (k->fails)
		return err_set(e, ERR_REFUSED, "throttle-domain",
		    "three codes were mailed for this domain today and that is the most for one day; use the newest code, or try again tomorrow");
	switch (q->op) {
	case OP_request_submit:
		k->requests++;
		k->newest_waits = true;
		fake_request(k, k->requests, answer);
		return 0;
	case OP_request_approve:
	case OP_request_refuse:
		n = ((const struct decision *)q->argument)->number;
		fake_request(k, n, answer);
		((struct request *)answer)->row.state =
		    q->op == OP_request_approve ? REQUEST_ISSUED :
		    REQUEST_REFUSED;
		if (q->op == OP_request_approve)
			((struct request *)answer)->row.certificate =
			    CERTIFICATE_GOOD;
		return 0;
	case OP_revocation_seen: {
		int64_t told = ((const struct seen *)q->argument)->revoked;

		k->unseen = told < k->unseen ? k->unseen - told : 0;
		return 0;
	}
	case OP_revocation_plan_add: fake_plan(k, 3, answer); return 0;
	case OP_revocation_plan_confirm: fake_plan(k, 2, answer); return 0;
	case OP_revocation_plan_drop: fake_plan(k, 3, answer); return 0;
	case OP_revocation_add: {
		const struct revocation_new *rn = q->argument;
		struct revocation *r = answer;

		fake_revocation(k, 1, r);
		r->reason = rn->reason;
		if (rn->reason == REASON_KEY_COMPROMISE) {
			struct certificate_row *c = LIST_ADD(r, same_key);

			c->request = 12;
			PUT(c->first, "im.example.org");
			PUT(c->account, "alice");
			c->state = rn->all_with_key ? CERTIFICATE_REVOKED :
			    CERTIFICATE_GOOD;
			r->revoked_too = rn->all_with_key;
		}
		return 0;
	}
	case OP_conflict_list:
		FAKE_PAGE((struct conflict_page *)answer, 2, fake_conflict);
		return 0;
	case OP_domain_settle: {
		struct settlement *s = answer;

		PUT(s->domain, "example.org");
		PUT(s->winner, "bob");
		PUT(s->loser, "alice");
		for (n = 0; n < 2; n++) {
			struct certificate_row *c = LIST_ADD(s, certificates);

			c->request = 17 + n;
			PUT(c->serial, "0a1b2c3d4e5f60718293a4b5c6d7e8f90a");
			PUT(c->account, "alice");
			PUT(c->first, fake_domains[n]);
			c->not_after = k->now + 60 * DAY;
		}
		return 0;
	}
	case OP_live_check: fake_live(k, answer); return 0;
	case OP_account_recover: {
		const struct recovery_wish *w = q->argument;
		struct recovery *r = answer;

		PUT(r->account, w->name);
		r->begun = k->now;
		if (w->code[0] == '\0')
			return 0;
		r->number = 1;
		r->state = RECOVERY_WAITING;
		PUT(r->fingerprint,
		    "SHA256:Mq3pT2Yk0o1V0cUuXj0mO8VhS8sPzW0mF1b7Q6tE2dA");
		r->due = k->now + 2 * DAY;
		return 0;
	}
	case OP_recovery_list:
		FAKE_PAGE((struct recovery_page *)answer, 3, fake_recovery);
		return 0;
	case OP_recovery_approve: fake_recovery(k, 3, answer); return 0;
	case OP_recovery_stop: fake_recovery(k, 1, answer); return 0;
	case OP_person_list:
		FAKE_PAGE((struct invitation_page *)answer, 2,
		    fake_invitation);
		return 0;
	case OP_person_invite:
		fake_invitation(k, 2, answer);
		PUT(((struct invitation *)answer)->code,
		    "K7QD-93FM-XW2C-PA5T");
		return 0;
	case OP_breach_report: fake_breach(k, answer); return 0;
	case OP_revocation_challenge: {
		static const char line[] = "xmpp-ica revoke-by-key: service certs.example.org, certificate 4a7f00c1d2e3f405162738495a6b7c8d, nonce K7QD-93FM-XW2C-PA5T, time 2026-11-22 15:04Z\n";

		blob_set(&((struct text *)answer)->text, line,
		    sizeof line - 1);
		return 0;
	}
	case OP_revocation_prove: {
		struct revocation *r = answer;

		r->number = 12;
		PUT(r->serial, "4a7f00c1d2e3f405162738495a6b7c8d");
		r->reason = ((const struct revocation_proof *)
		    q->argument)->reason;
		r->state = REVOCATION_EFFECTIVE;
		r->requested = r->effective = k->now;
		return 0;
	}
	case OP_domain_add: fake_domain(k, 3, answer); return 0;
	case OP_domain_confirm: fake_domain(k, 0, answer); return 0;
	case OP_account_suspend:
	case OP_account_reinstate:
		fake_account_fill(k, q->op == OP_account_suspend ? 2 : 1,
		    answer);
		return 0;
	default: return 0;
	}
}

/* Overwrite every text of an answer with an attack. */
static void
fake_poison(const struct shape *shape, void *object)
{
	static const char attack[] = "\033]0;x\007\033[2J\x9b""31m\302\233m"
	    "\342\200\256gro\342\200\213.\007\b\r\n\tA\314\201\314\202"
	    "\314\203\344\270\255\357\274\241\377\376\033P$q\033\\";
	size_t count;
	const struct field *fields = shape->fields(&count);

	for (size_t i = 0; i < count; i++) {
		char *p = (char *)object + fields[i].offset;

		if (fields[i].kind == FIELD_STR && fields[i].size > 3)
			put(p, fields[i].size, attack);
		else if (fields[i].kind == FIELD_SUB)
			fake_poison(fields[i].shape, p);
		else if (fields[i].kind == FIELD_BLOB)
			blob_set((struct blob *)(void *)p, attack,
			    sizeof attack - 1);
		else if (fields[i].kind == FIELD_LIST) {
			size_t n = *(size_t *)(void *)((char *)object +
			    fields[i].count_offset);
			char *items = *(char **)(void *)p;

			for (size_t j = 0; j < n; j++)
				fake_poison(fields[i].shape, items +
				    j * fields[i].shape->size);
		}
	}
}

static void
fake_question(struct fake *k, struct seat *s, const struct question *q)
{
	const struct shape *shape = ops[q->op].answer;
	void *answer = xcalloc(1, shape->size);
	struct err e = { 0 };

	if (k->asked != NULL)
		k->asked[q->op] = 1;
	if (fake_say(k, q, answer, &e) < 0) {
		seat_error_put(s, &e);
	} else {
		if (k->hostile)
			fake_poison(shape, answer);
		seat_answer_put(s, answer);
	}
	shape_clear(shape, answer);
	free(answer);
}

static void
fake_control(struct fake *k, struct seat *s, char what)
{
	struct change c = { .number = k->requests };

	PUT(c.noun, "request");
	if (what == 'i') {
		k->newest_waits = false;
		PUT(c.text, "The certificate for example.org is issued.");
	}
	seat_change_put(s, &c);
}

/* Serve until the console hangs up. */
static void
fake_run(struct fake *k, int fd, int control)
{
	struct seat s;
	struct question q;
	struct err e;
	char what;

	seat_init(&s, fd, k->role);
	for (;;) {
		struct pollfd p[2] = { { fd, POLLIN, 0 },
			{ control, POLLIN, 0 } };

		if (poll(p, control < 0 ? 1 : 2, -1) < 0)
			break;
		if (p[0].revents != 0 && seat_read(&s) < 0)
			break;
		while (seat_next(&s, OP_SERVER_REGISTRAR, &q, &e) == 1) {
			fake_question(k, &s, &q);
			question_clear(&q);
		}
		if (control >= 0 && p[1].revents != 0) {
			if (read(control, &what, 1) != 1)
				control = -1;
			else
				fake_control(k, &s, what);
		}
		while (seat_flush(&s) == 1)
			poll(&(struct pollfd){ fd, POLLOUT, 0 }, 1, -1);
	}
	seat_close(&s);
}

/* In a child process; *seat and *control are the near ends. */
static pid_t
fake_start(struct fake *k, int *seat, int *control)
{
	int a[2], b[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, a) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, b) < 0)
		exit(2);
	pid = fork();
	if (pid == 0) {
		close(a[0]);
		close(b[0]);
		fake_run(k, a[1], b[1]);
		_exit(0);
	}
	close(a[1]);
	close(b[1]);
	*seat = a[0];
	*control = b[0];
	return pid;
}

#endif
