/* rows_check.c - the log against the rows that it speaks of: a row without its
 * entry was put in or changed, an entry without its row lost it. */
#include "core/registrar/audit/rows_check.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"

enum { Q_CERTIFICATE, Q_BURNT, Q_CERTIFICATE_GONE, Q_CERTIFICATE_OTHER,
	Q_APPROVAL, Q_APPROVAL_GONE, Q_REVOKED, Q_UNREVOKED, Q_REVOCATION,
	Q_REVOCATION_GONE, Q_ROLE, Q_GRANT, Q_DOMAIN, Q_KEY, Q_POLICY, Q_READ, Q_COUNT };

#define OF(noun, object, action) \
	"SELECT 1 FROM audit a WHERE a.noun = '" noun "' AND a.object = " \
	object " AND a.action = '" action "' AND a.outcome = 'done'"
#define ENTRY(noun, action) \
	"SELECT a.number, a.object FROM audit a WHERE a.noun = '" noun "'" \
	" AND a.action = '" action "' AND a.outcome = 'done'"

/* Each gives the number of a row and a word about it.  What is erased in an
 * entry (NULL) speaks against nobody. */
static const char *const sql[] = {
	[Q_CERTIFICATE] = "SELECT c.number, c.serial FROM certificate c"
	    " WHERE c.state <> 'burnt' AND NOT EXISTS ("
	    OF("certificate", "c.serial", "certificate.issue") ") LIMIT 1",
	[Q_BURNT] = "SELECT c.number, c.serial FROM certificate c"
	    " WHERE c.state = 'burnt' AND NOT EXISTS ("
	    OF("certificate", "c.serial", "serial.burnt") ") LIMIT 1",
	[Q_CERTIFICATE_GONE] = ENTRY("certificate", "certificate.issue")
	    " AND NOT EXISTS (SELECT 1 FROM certificate c"
	    " WHERE c.serial = a.object) LIMIT 1",
	[Q_CERTIFICATE_OTHER] = "SELECT c.number, c.serial"
	    " FROM certificate c WHERE c.state <> 'burnt' AND NOT EXISTS ("
	    OF("certificate", "c.serial", "certificate.issue")
	    " AND (a.detail IS NULL OR (instr(replace(a.detail, ':', ''),"
	    " 'certificate ' || hex(c.sha256)) > 0 AND instr(a.detail, 'issuer ' ||"
	    " c.issuer) > 0 AND instr(a.detail, 'request ' || c.request ||"
	    " ',') > 0))) LIMIT 1",
	[Q_APPROVAL] = "SELECT p.number, p.request FROM approval p"
	    " JOIN account b ON b.number = p.account WHERE NOT EXISTS ("
	    OF("request", "CAST(p.request AS TEXT)", "request.approve")
	    " AND (a.actor IS NULL OR (a.actor = b.name AND instr(a.detail,"
	    " 'digest ' || lower(hex(p.digest))) = 1))) LIMIT 1",
	[Q_APPROVAL_GONE] = ENTRY("request", "request.approve")
	    " AND NOT EXISTS (SELECT 1 FROM approval p"
	    " JOIN account b ON b.number = p.account"
	    " WHERE p.request = CAST(a.object AS INTEGER)"
	    " AND (a.actor IS NULL OR b.name = a.actor)) LIMIT 1",
	[Q_REVOKED] = "SELECT c.number, c.serial FROM certificate c"
	    " WHERE c.state = 'revoked' AND NOT EXISTS ("
	    OF("certificate", "c.serial", "revocation.effective") ") LIMIT 1",
	[Q_UNREVOKED] = ENTRY("certificate", "revocation.effective")
	    " AND NOT EXISTS (SELECT 1 FROM certificate c"
	    " WHERE c.serial = a.object AND c.state = 'revoked') LIMIT 1",
	[Q_REVOCATION] = "SELECT v.number, c.serial FROM revocation v"
	    " JOIN certificate c ON c.number = v.certificate"
	    " WHERE v.state = 'effective' AND NOT EXISTS ("
	    OF("certificate", "c.serial", "revocation.effective") ") LIMIT 1",
	[Q_REVOCATION_GONE] = ENTRY("certificate", "revocation.effective")
	    " AND NOT EXISTS (SELECT 1 FROM revocation v"
	    " JOIN certificate c ON c.number = v.certificate"
	    " WHERE c.serial = a.object AND v.state = 'effective') LIMIT 1",
	[Q_ROLE] = "SELECT b.number, b.name FROM account b WHERE b.role <>"
	    " coalesce((SELECT CASE"
	    " WHEN a.action IN ('grant.end', 'grant.over', 'grant.unused')"
	    " THEN 'member' WHEN a.detail IS NULL THEN b.role"
	    " WHEN a.action = 'account.role'"
	    " THEN substr(a.detail, 1, instr(a.detail, ',') - 1)"
	    " ELSE substr(a.detail, 6, instr(a.detail, ',') - 6) END"
	    " FROM audit a WHERE a.noun = 'account' AND a.object = b.name"
	    " AND a.action IN ('account.add', 'account.role',"
	    " 'grant.confirm', 'grant.end', 'grant.over', 'grant.unused')"
	    " AND a.outcome = 'done' ORDER BY a.number DESC LIMIT 1),"
	    " 'member') LIMIT 1",
	[Q_GRANT] = "SELECT g.number, b.name FROM role_grant g"
	    " JOIN account b ON b.number = g.account WHERE (g.state = 'held'"
	    " OR g.confirmed <> 0) AND b.state <> 'closed' AND NOT EXISTS ("
	    OF("account", "b.name", "grant.confirm")
	    " AND (a.detail IS NULL OR instr(a.detail, 'role ' || g.role ||"
	    " ', grant ' || g.number || ' ') = 1)) LIMIT 1",
	/* what may stand in a certificate: proven, or given by the staff */
	[Q_DOMAIN] = "SELECT d.number, d.name FROM domain d"
	    " JOIN account b ON b.number = d.account"
	    " WHERE d.state = 'proven' AND NOT EXISTS ("
	    "SELECT 1 FROM audit a WHERE a.noun = 'domain'"
	    " AND a.object = d.name AND a.outcome = 'done' AND ("
	    "(a.action = 'domain.confirm' AND (a.actor IS NULL"
	    " OR a.actor = b.name)) OR (a.action = 'domain.settle'"
	    " AND (a.detail IS NULL OR instr(a.detail, 'to ' || b.name"
	    " || ',') = 1)))) LIMIT 1",
	/* by `key add`, the host, the first confirmation, a recovery */
	[Q_KEY] = "SELECT k.number, b.name FROM ssh_key k"
	    " JOIN account b ON b.number = k.account"
	    " WHERE b.state IN ('active', 'suspended')"
	    " AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.noun = 'account'"
	    " AND a.object = b.name AND (a.detail IS NULL OR a.key ="
	    " k.fingerprint OR instr(a.detail, k.fingerprint) > 0)) LIMIT 1",
	[Q_POLICY] = "SELECT 1, s.value FROM setting s"
	    " WHERE s.name = 'policy' AND NOT EXISTS (SELECT 1 FROM audit a"
	    " WHERE a.number = (SELECT max(number) FROM audit"
	    " WHERE noun = 'policy' AND action = 'policy.change'"
	    " AND outcome = 'done') AND (a.detail IS NULL OR instr(a.detail,"
	    " 'sha256 ' || s.value) = 1)) LIMIT 1",
	[Q_READ] = "SELECT k.number, k.version FROM acknowledgement k"
	    " WHERE NOT EXISTS ("
	    OF("policy", "k.version", "policy.acknowledge")
	    " AND (a.detail IS NULL OR instr(a.detail, 'sha256 ' ||"
	    " k.policy) = 1)) LIMIT 1",
};
DB_STATEMENTS(rows_check, sql)

/* Before and behind the word, as the row has it. */
static const char *const found[Q_COUNT][2] = {
	[Q_CERTIFICATE] = { "table certificate: ",
	    ": the log does not know its issuance" },
	[Q_BURNT] = { "table certificate: ",
	    " is said to be burnt, the log does not say so" },
	[Q_CERTIFICATE_GONE] = { "the log: certificate ",
	    " was issued, and its row is gone" },
	[Q_CERTIFICATE_OTHER] = { "table certificate: ",
	    " is not what the log says was issued" },
	[Q_APPROVAL] = { "table approval: of request ",
	    ", the log knows no such approval" },
	[Q_APPROVAL_GONE] = { "the log: request ",
	    " was approved, and the approval's row is gone" },
	[Q_REVOKED] = { "table certificate: ",
	    " is said to be revoked, the log does not say so" },
	[Q_UNREVOKED] = { "the log: certificate ",
	    " was revoked, and its row does not say so" },
	[Q_REVOCATION] = { "table revocation: of certificate ",
	    ", the log knows no such revocation" },
	[Q_REVOCATION_GONE] = { "the log: certificate ",
	    " was revoked, and the revocation's row is gone" },
	[Q_ROLE] = { "table account: ",
	    " has another role than the log says" },
	[Q_GRANT] = { "table role_grant: of ",
	    ", the log knows no such grant" },
	[Q_DOMAIN] = { "table domain: ",
	    " is said to be proven, the log does not say so" },
	[Q_KEY] = { "table ssh_key: of ",
	    ", the log knows no such key" },
	[Q_POLICY] = { "table setting: policy ",
	    " is not the one that came into force last" },
	[Q_READ] = { "table acknowledgement: of policy ",
	    ", the log knows no such word" },
};

/* 1 when a row was found, 0 none, -1. */
static int
look(int which, struct audit_check *r, struct err *e)
{
	struct query *q = db_query(rows_check_prepared[which]);
	char word[96], shown[192];
	int have;

	if ((have = q_next(q, e)) == 1) {
		r->good = false;
		r->bad_row = q_col_i64(q, 0);
		q_col_str(q, 1, word, sizeof word);
		render_untrusted(shown, sizeof shown, word, strlen(word));
		snprintf(r->text, sizeof r->text, "%s%s%s", found[which][0],
		    shown, found[which][1]);
	}
	q_end(q);
	return have;
}

const int audit_rows_steps = Q_COUNT + 1;

/* A file whose structure is broken: the error is what was found. */
static void
structure_look(struct audit_check *r)
{
	struct err e = { 0 };

	if (db_integrity(&e) == 0)
		return;
	r->good = false;
	r->bad_row = -1;
	snprintf(r->text, sizeof r->text, "%.255s", e.text);
}

int
audit_rows_go(int *step, int64_t ms, struct audit_check *r, struct err *e)
{
	int64_t begun = clock_mono_ms();

	do {
		if (*step >= Q_COUNT)
			structure_look(r);
		else if (look(*step, r, e) < 0)
			return -1;
		*step = r->good ? *step + 1 : audit_rows_steps;
		/* the structure takes longest: on its own */
	} while (*step < Q_COUNT && clock_mono_ms() - begun < ms);
	return 0;
}

int
audit_rows_check(struct audit_check *r, struct err *e)
{
	int have = 0;

	for (int i = 0; i < Q_COUNT && have == 0; i++)
		have = look(i, r, e);
	return have < 0 ? -1 : 0;
}
