/* client_text.c - names, proofs and states as sentences for people. */
#include "console/client.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"

void
name_text(char *dst, size_t size, const struct name *n)
{
	static const char *const before[] = {
		[NAME_DNS] = "dNSName ",
		[NAME_SRV_SERVER] = "SRVName _xmpp-server.",
		[NAME_SRV_CLIENT] = "SRVName _xmpp-client.",
		[NAME_XMPP] = "XmppAddr ",
	};
	int len = snprintf(dst, size, "%s", before[n->kind]);

	if (len >= 0 && (size_t)len < size)
		render_untrusted(dst + len, size - (size_t)len, n->value,
		    strlen(n->value));
}

void
row_domains_text(char *dst, size_t size, const struct request_row *r)
{
	size_t len = render_untrusted(dst, size, r->first, strlen(r->first));

	if (r->domains > 1 && len < size)
		snprintf(dst + len, size - len, " and %lld more",
		    (long long)r->domains - 1);
}

void
proof_text(char *dst, size_t size, const struct domain_ref *d)
{
	char box[640], by[640], until[11], since[11];

	if (d->proof_domain[0] == '\0') {
		snprintf(dst, size, "no proof covers it");
		return;
	}
	time_date(since, d->proven);
	time_date(until, d->expires);
	render_untrusted(box, sizeof box, d->mailbox, strlen(d->mailbox));
	render_untrusted(by, sizeof by, d->proof_domain,
	    strlen(d->proof_domain));
	if (d->method == PROOF_MAIL)
		snprintf(dst, size, "%s, by mail to %s on %s, counts until %s",
		    by, box, since, until);
	else
		snprintf(dst, size, "%s, by DNS on %s, counts until %s", by,
		    since, until);
}

void
digest_text(char *dst, size_t size, const uint8_t digest[32])
{
	char hex[65];
	size_t used = 0;

	hex_encode(hex, digest, 32);
	for (size_t i = 0; i < 64 && used + 2 < size; i++) {
		if (i > 0 && i % 8 == 0)
			dst[used++] = ' ';
		dst[used++] = hex[i];
	}
	if (size > 0)
		dst[used < size ? used : size - 1] = '\0';
}

const char *
row_state_word(const struct request_row *r)
{
	if (r->state == REQUEST_ISSUED && r->certificate != CERTIFICATE_NONE)
		return word_of(&certificate_state_words, r->certificate);
	return word_of(&request_state_words, r->state);
}

static void
issued_sentence(char *dst, size_t size, const struct request_row *r,
    int64_t now)
{
	char until[WHEN_SIZE];
	long long n = (long long)r->number;

	time_both(until, r->not_after, now);
	if (r->certificate == CERTIFICATE_REVOKED)
		snprintf(dst, size, "the certificate is revoked; to replace it: request < NEW.csr, with a new key if the old one was exposed");
	else if (r->certificate == CERTIFICATE_EXPIRED)
		snprintf(dst, size, "the certificate has expired, %s; to replace it: renew %lld < server.csr",
		    until, n);
	else
		snprintf(dst, size, "issued; good until %s; to fetch it: cert %lld",
		    until, n);
}

void
row_sentence(char *dst, size_t size, const struct request_row *r, int64_t now)
{
	switch (r->state) {
	case REQUEST_AWAITING:
		snprintf(dst, size, "waits for approval by staff; to look again: status %lld",
		    (long long)r->number);
		break;
	case REQUEST_APPROVED:
		snprintf(dst, size, "approved; the certificate is being signed; to look again: status %lld",
		    (long long)r->number);
		break;
	case REQUEST_ISSUED:
		issued_sentence(dst, size, r, now);
		break;
	case REQUEST_REFUSED:
		snprintf(dst, size, "refused");
		break;
	case REQUEST_WITHDRAWN:
		snprintf(dst, size, "withdrawn by its owner");
		break;
	}
}

void
domain_sentence(char *dst, size_t size, const struct domain *d, int64_t now)
{
	char name[512], until[WHEN_SIZE];

	render_untrusted(name, sizeof name, d->name, strlen(d->name));
	time_both(until, d->expires, now);
	switch (d->state) {
	case DOMAIN_CLAIMED:
		if (d->n_challenges > 0 &&
		    d->challenges[0].method == PROOF_DNS)
			snprintf(dst, size, "not proven yet; when the DNS has the record: domain confirm %s",
			    name);
		else
			snprintf(dst, size, "not proven yet; when the code has come: domain confirm %s CODE",
			    name);
		break;
	case DOMAIN_PROVEN:
		snprintf(dst, size, "proven; counts until %s", until);
		break;
	case DOMAIN_LAPSED:
		snprintf(dst, size, "the proof is too old; for a new one: domain add %s",
		    name);
		break;
	case DOMAIN_DROPPED:
		snprintf(dst, size, "given up; to have it back: domain add %s",
		    name);
		break;
	case DOMAIN_CONFLICT:
		snprintf(dst, size, "another member holds this domain; staff decide, and both of you are told");
		break;
	}
}

/* Of a challenge that is a TXT record. */
static void
record_sentence(char *dst, size_t size, const struct challenge *c,
    int64_t now)
{
	static const char *const words[] = {
		[CHALLENGE_WAITING] = "waits", [CHALLENGE_PROVED] = "was found",
		[CHALLENGE_EXPIRED] = "is too old",
		[CHALLENGE_LOCKED] = "is locked",
		[CHALLENGE_REPLACED] = "was given up for a newer one",
	};
	char when[WHEN_SIZE], looked[WHEN_SIZE] = "", found[600] = "";
	const char *text = c->record;

	if (c->state != CHALLENGE_SENT) {
		snprintf(dst, size, "the TXT record %s", words[c->state]);
		return;
	}
	time_both(when, c->expires, now);
	if (c->looked != 0)
		time_relative(looked, c->looked, now);
	render_untrusted(found, sizeof found, c->found, strlen(c->found));
	snprintf(dst, size, "a TXT record %s is waited for until %s%s%s%s%s%s",
	    text, when, c->looking ? "; the DNS is being asked" : "",
	    c->looked ? "; looked for " : "", looked, found[0] ? ": " : "",
	    found);
}

void
record_line(char *dst, size_t size, const struct challenge *c)
{
	char owner[300], record[200];

	render_untrusted(owner, sizeof owner, c->owner, strlen(c->owner));
	render_untrusted(record, sizeof record, c->record, strlen(c->record));
	snprintf(dst, size, "%s. TXT \"%s\"", owner, record);
}

void
caa_sentence(char *dst, size_t size, const struct caa_finding *c)
{
	char why[700], records[1100], domain[300], at[300];

	render_untrusted(why, sizeof why, c->why, strlen(c->why));
	render_untrusted(records, sizeof records, c->records,
	    strlen(c->records));
	render_untrusted(domain, sizeof domain, c->domain, strlen(c->domain));
	render_untrusted(at, sizeof at, c->at, strlen(c->at));
	snprintf(dst, size, "%s: %s%s%s%s%s%s%s%s", domain,
	    word_of(&caa_state_words, c->state), why[0] ? ", " : "", why,
	    records[0] ? "; records of " : "", records[0] ? at : "",
	    records[0] ? ": " : "", records,
	    c->dnssec == DNSSEC_SECURE ? " (DNSSEC)" : "");
}

void
live_sentence(char *dst, size_t size, const struct live_end *end, int64_t now)
{
	char why[300], subject[300], issuer[300], names[1100];
	char until[WHEN_SIZE];

	render_untrusted(why, sizeof why, end->why, strlen(end->why));
	if (!end->reached) {
		snprintf(dst, size, "not reached: %s", why[0] ? why :
		    "no answer");
		return;
	}
	render_untrusted(subject, sizeof subject, end->subject,
	    strlen(end->subject));
	render_untrusted(issuer, sizeof issuer, end->issuer,
	    strlen(end->issuer));
	render_untrusted(names, sizeof names, end->names, strlen(end->names));
	time_both(until, end->not_after, now);
	snprintf(dst, size, "TLS; certificate of %s, names %s%s, by %s, until %s%s",
	    subject[0] ? subject : "(no subject)", names[0] ? names : "none",
	    end->more_names > 0 ? " and more" : "", issuer, until,
	    end->not_after <= now ? " - expired" : "");
}

void
challenge_sentence(char *dst, size_t size, const struct challenge *c,
    int64_t now)
{
	char to[640], when[WHEN_SIZE];

	if (c->method == PROOF_DNS) {
		record_sentence(dst, size, c, now);
		return;
	}
	render_untrusted(to, sizeof to, c->mailbox, strlen(c->mailbox));
	switch (c->state) {
	case CHALLENGE_WAITING:
		snprintf(dst, size, "the code to %s waits to be mailed", to);
		break;
	case CHALLENGE_SENT:
		time_both(when, c->expires, now);
		snprintf(dst, size, "a code went to %s; it counts until %s; %lld tries left",
		    to, when, (long long)c->tries_left);
		break;
	case CHALLENGE_PROVED:
		snprintf(dst, size, "the code to %s was entered", to);
		break;
	case CHALLENGE_EXPIRED:
		snprintf(dst, size, "the code to %s has expired", to);
		break;
	case CHALLENGE_LOCKED:
		snprintf(dst, size, "too many wrong codes for the letter to %s",
		    to);
		break;
	case CHALLENGE_REPLACED:
		snprintf(dst, size, "the code to %s was replaced by a newer one",
		    to);
		break;
	}
}

static bool
is_owner(enum role role)
{
	return role == ROLE_MEMBER || role == ROLE_STAFF ||
	    role == ROLE_DIRECTOR;
}

static bool
sees_queue(enum role role)
{
	return role == ROLE_STAFF || role == ROLE_AUDITOR ||
	    role == ROLE_DIRECTOR;
}

bool
greeting_line(char *dst, size_t size, const struct whoami *me, unsigned i)
{
	const struct account *a = &me->account;
	bool there[] = {
		me->recovery > 0,
		me->revoked_unseen > 0,
		a->state == ACCOUNT_SUSPENDED,
		is_owner(a->role) &&
		    strcmp(a->agreement, me->agreement_current) != 0,
		me->expiring > 0,
		me->waiting > 0,
	};
	char when[TIME_TEXT_SIZE];
	unsigned k;

	for (k = 0; k < sizeof there / sizeof there[0]; k++)
		if (there[k] && i-- == 0)
			break;
	switch (k) {
	case 0:
		time_text(when, me->recovery);
		snprintf(dst, size, "Somebody recovers this account: another key opens it at %s; if it is not you: recovery stop",
		    when);
		return true;
	case 1:
		snprintf(dst, size, "Revoked since your last login: %lld of your certificates; to see them: list",
		    (long long)me->revoked_unseen);
		return true;
	case 2:
		snprintf(dst, size, "This account is suspended: you can read and revoke, not request; write to the staff");
		return true;
	case 3:
		snprintf(dst, size, "The member agreement%s; to read it: agreement, to accept it: agreement --accept",
		    a->agreement[0] ? " has a new version" :
		    " is not accepted by you yet");
		return true;
	case 4:
		snprintf(dst, size, "Expiring within 30 days: %lld of your certificates; to see them: list --expiring 30",
		    (long long)me->expiring);
		return true;
	case 5:
		if (sees_queue(a->role))
			snprintf(dst, size, "Waiting for a decision: %lld; to see them: queue",
			    (long long)me->waiting);
		else
			snprintf(dst, size, "Waiting for approval: %lld of your requests; to see them: status",
			    (long long)me->waiting);
		return true;
	default:
		return false;
	}
}
