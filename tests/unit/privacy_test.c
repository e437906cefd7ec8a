/* privacy_test.c - closing an account, what is held on a member, who looked,
 * what is kept how long, and reminders (S4.1, S4.3, S4.4, S4.6, J4.2, S6.4). */
#include "tests/unit/member.h"

#include <jansson.h>
#include <openssl/evp.h>

#include "core/registrar/account/contact.h"
#include "core/registrar/account/privacy.h"
#include "core/registrar/letter/reminder.h"

#define DAY 86400

static struct seat alice, staff, auditor;

static int
open_all(void **state)
{
	rig_open(state);
	alice = member_seat("alice", ROLE_MEMBER, 1);
	staff = member_seat("boss", ROLE_STAFF, 2);
	auditor = member_seat("reader", ROLE_AUDITOR, 3);
	return 0;
}

/* A certificate of a request, as issue_store.c leaves it. */
static void
certify(int64_t request, int64_t not_after)
{
	char sql[1024];

	snprintf(sql, sizeof sql, "UPDATE request SET state ="
	    " 'approved' WHERE number = %lld; UPDATE request SET state ="
	    " 'issued' WHERE number = %lld; INSERT INTO certificate (request, account,"
	    " serial, issuer, state, not_before, not_after, issued, sha256,"
	    " spki_sha256, policy) SELECT number, account,"
	    " printf('4f%%030d', number), 'ica-server-1', 'good', %d, %lld,"
	    " %d, spki_sha256, spki_sha256, '1' FROM request"
	    " WHERE number = %lld; INSERT INTO certificate_der"
	    " (certificate, der) SELECT number, x'3000' FROM certificate"
	    " WHERE request = %lld;", (long long)request,
	    (long long)request, RIG_NOW,
	    (long long)not_after, RIG_NOW, (long long)request,
	    (long long)request);
	rig_sql(sql);
}

static int64_t
requested(struct seat *s, const char *domain)
{
	struct request_wish w = wish_for(domain, NULL);
	struct request r = { 0 };
	struct err e = { 0 };
	int64_t number;

	if (submit(s, &w, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	number = r.row.number;
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
	return number;
}

static int
leave(struct seat *s, const char *name, bool revoke, struct closing *k,
    struct err *e)
{
	struct closing_wish w = { .revoke = revoke };
	int r;

	memset(k, 0, sizeof *k);
	err_clear(e);
	str_copy(w.name, sizeof w.name, name);
	rig_begin();
	r = serve_account_close(s, &w, k, e);
	rig_commit();
	return r;
}

static void
good_certificates_stand_in_the_way(void **state)
{
	struct closing k;
	struct err e;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	certify(requested(&alice, "alpha.example"), RIG_NOW + 90 * DAY);
	assert_int_equal(leave(&alice, "bob", true, &k, &e), -1);
	assert_string_equal(e.clause, "close-confirm");
	assert_int_equal(leave(&alice, "alice", false, &k, &e), 0);
	assert_false(k.closed);
	assert_int_equal(k.good, 1);
	assert_string_equal(k.certificates[0].first, "alpha.example");
	NOUN_CLEAR(closing, &k);
	assert_string_equal(rig_ask_sql("SELECT state FROM account"
	    " WHERE name = 'alice'"), "active");
}

static void
leaving_erases_what_is_personal_and_the_chain_holds(void **state)
{
	struct audit_check check = { 0 };
	struct closing k;
	struct err e;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	certify(requested(&alice, "alpha.example"), RIG_NOW + 90 * DAY);
	rig_sql("UPDATE notice SET state = 'leased' WHERE state = 'waiting';"
	    "UPDATE notice SET state = 'sent' WHERE state = 'leased'");
	assert_int_equal(leave(&alice, "alice", true, &k, &e), 0);
	assert_true(k.closed);
	assert_int_equal(k.revoked, 1);
	NOUN_CLEAR(closing, &k);
	assert_string_equal(rig_ask_sql("SELECT state, email FROM account"
	    " WHERE name = 'alice'"), "closed|");
	assert_string_equal(rig_ask_sql("SELECT state, reason"
	    " FROM certificate"), "revoked|5");
	/* letters of the last step still leave; then they go too */
	rig_sql("UPDATE notice SET state = 'leased' WHERE state = 'waiting';"
	    "UPDATE notice SET state = 'sent' WHERE state = 'leased'");
	rig_begin();
	closing_sweep();
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT (SELECT count(*) FROM"
	    " ssh_key WHERE account = 1), (SELECT count(*) FROM notice"
	    " WHERE recipient <> '' AND account = 1),"
	    " (SELECT count(*) FROM challenge WHERE mailbox <> ''),"
	    " (SELECT count(*) FROM request_body WHERE csr <> x''),"
	    " (SELECT count(*) FROM audit WHERE actor = 'alice'),"
	    " (SELECT count(*) FROM acceptance WHERE account = 1"
	    " AND fingerprint <> '')"), "0|0|0|0|0|0");
	assert_int_equal(audit_walk(&check, &e), 0);
	assert_true(check.good);
	/* nowhere in the file, not even in what was freed: secure delete is
	 * not needed to be asked of the engine, a vacuumed copy is judged */
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit WHERE"
	    " instr(coalesce(detail, ''), 'alice@mail.example') > 0"), "0");
}

static void
what_was_done_in_a_role_cannot_be_erased_by_its_doer(void **state)
{
	struct ref ref = { .ref = "alice" };
	struct account a = { 0 };
	struct closing k;
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(serve_account_suspend(&staff, &ref, &a, &e), 0);
	rig_commit();
	assert_int_equal(leave(&staff, "boss", true, &k, &e), -1);
	assert_string_equal(e.clause, "close-role");
	/* nor by giving the role back first */
	rig_sql("UPDATE account SET role = 'member' WHERE name = 'boss'");
	staff.role = ROLE_MEMBER;
	assert_int_equal(leave(&staff, "boss", true, &k, &e), 0);
	assert_true(k.closed);
	NOUN_CLEAR(closing, &k);
	assert_string_equal(rig_ask_sql("SELECT actor, role FROM audit"
	    " WHERE action = 'account.suspend'"), "boss|staff");
}

static void
what_staff_did_to_a_member_stays_theirs_when_the_member_leaves(void **state)
{
	struct account_wish w = { .ref = "alice" };
	struct quota quota = { .name = "alice", .most = 7 };
	struct decision no = { 0 };
	struct audit_check check = { 0 };
	struct account a = { 0 };
	struct request r = { 0 };
	struct closing k;
	struct err e = { 0 };

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	no.number = requested(&alice, "alpha.example");
	str_copy(no.text, sizeof no.text, "Alice, not this key");
	rig_begin();
	assert_int_equal(serve_account_get(&staff, &w, &a, &e), 0);
	assert_int_equal(serve_account_quota_set(&staff, &quota, &a, &e), 0);
	assert_int_equal(serve_request_refuse(&staff, &no, &r, &e), 0);
	rig_commit();
	NOUN_CLEAR(request, &r);
	assert_int_equal(leave(&alice, "alice", true, &k, &e), 0);
	assert_true(k.closed);
	NOUN_CLEAR(closing, &k);
	assert_string_equal(rig_ask_sql("SELECT actor, detail FROM audit"
	    " WHERE action IN ('account.view', 'account.quota')"
	    " AND object = 'alice' ORDER BY number"),
	    "boss|\nboss|7, was 0");
	/* the words of a refusal go, whose it was does not */
	assert_string_equal(rig_ask_sql("SELECT actor IS NULL FROM audit"
	    " WHERE action = 'request.refuse'"), "1");
	assert_string_equal(rig_ask_sql("SELECT substr(detail,"
	    " instr(detail, 'by '), 15) FROM audit"
	    " WHERE action = 'request.refuser'"), "by boss (staff)");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE actor = 'alice' OR detail LIKE '%Alice%'"), "0");
	rig_begin();
	assert_int_equal(audit_walk(&check, &e), 0);
	rig_commit();
	assert_true(check.good);
}

static void
a_closed_name_is_never_given_again(void **state)
{
	struct seat guest = rig_seat(ROLE_GUEST, 0, "", rig_key(50));
	struct registration a = { .name = "alice",
		.email = "x@mail.example", .agreement = "1" };
	struct none none = { 0 };
	struct closing k;
	struct err e;

	(void)state;
	assert_int_equal(leave(&alice, "alice", false, &k, &e), 0);
	assert_true(k.closed);
	rig_begin();
	assert_int_equal(serve_account_register(&guest, &a, &none, &e), -1);
	rig_commit();
	assert_string_equal(e.clause, "account-name");
}

/* ---- export-me ---- */

static json_t *
exported(struct seat *s)
{
	json_t *all = json_object();
	struct ref from = { 0 };
	struct err e = { 0 };

	do {
		struct export_part p = { 0 };
		struct buf b = { 0 };
		json_t *list, *rows;

		rig_begin();
		if (serve_account_export(s, &from, &p, &e) < 0)
			fail_msg("%s", e.text);
		rig_commit();
		buf_put(&b, "[", 1);
		if (p.rows.size > 0)
			buf_put(&b, p.rows.data, p.rows.size);
		buf_put(&b, "]", 1);
		rows = json_loadb((char *)b.data, b.size, 0, NULL);
		assert_non_null(rows);
		if ((list = json_object_get(all, p.section)) == NULL)
			json_object_set_new(all, p.section, rows);
		else {
			json_array_extend(list, rows);
			json_decref(rows);
		}
		str_copy(from.ref, sizeof from.ref, p.next);
		buf_clear(&b);
		NOUN_CLEAR(export_part, &p);
	} while (from.ref[0] != '\0');
	return all;
}

static void
an_export_has_each_row_of_a_member_and_of_nobody_else(void **state)
{
	json_t *all;
	struct seat bob = member_seat("bob", ROLE_MEMBER, 4);
	char *text;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	domain_prove_for(&bob, "beta.example");
	requested(&bob, "beta.example");
	for (int i = 0; i < 3; i++)
		certify(requested(&alice, "alpha.example"),
		    RIG_NOW + 90 * DAY);
	all = exported(&alice);
	assert_int_equal(json_array_size(json_object_get(all, "certificate")),
	    3);
	assert_int_equal(json_array_size(json_object_get(all, "request")), 3);
	assert_int_equal(json_array_size(json_object_get(all, "ssh_key")), 1);
	assert_int_equal(json_array_size(json_object_get(all, "domain")), 1);
	assert_true(json_array_size(json_object_get(all, "log")) > 5);
	text = json_dumps(all, 0);
	assert_null(strstr(text, "beta.example"));
	assert_null(strstr(text, "bob"));
	assert_non_null(strstr(text, "alice@mail.example"));
	free(text);
	json_decref(all);
}

static void
pages_of_an_export_lose_no_row(void **state)
{
	json_t *all, *list;

	(void)state;
	rig_sql("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1"
	    " FROM n WHERE i < 1201) INSERT INTO domain (account, name,"
	    " shown, state, claimed) SELECT 1, 'd' || i || '.example',"
	    " 'd' || i || '.example', 'claimed', 1795000000 FROM n");
	all = exported(&alice);
	list = json_object_get(all, "domain");
	assert_int_equal(json_array_size(list), 1201);
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(list, 1200), "name")), "d1201.example");
	json_decref(all);
}

/* ---- the inventory ---- */

static char *
document(const char *name)
{
	struct blob b = { 0 };
	struct err e = { 0 };

	if (file_read(name, 1 << 20, &b, &e) < 0)
		fail_msg("%s", e.text);
	b.data = xrealloc_array(b.data, b.size + 1, 1);
	b.data[b.size] = '\0';
	return (char *)b.data;
}

static const char *const section_sql[] = {
#define EXPORT(name, text) text,
#include "core/registrar/account/export.def"
#undef EXPORT
};
static const char *const section_name[] = {
#define EXPORT(name, text) #name,
#include "core/registrar/account/export.def"
#undef EXPORT
};

/* The last cell of an inventory row names the section of the export that has
 * the column, "-" when it is nobody's, or "no: why". */
static void
cell_check(const char *row, const char *column)
{
	const char *end = strchr(row, '\n'), *cell = end;
	char name[64];
	size_t i;

	while (cell > row && (cell[-1] != '|' || cell == end))
		cell--;
	while (*cell == ' ')
		cell++;
	if (strncmp(cell, "- |", 3) == 0 || strncmp(cell, "no: ", 4) == 0)
		return;
	for (i = 0; i < sizeof section_name / sizeof section_name[0]; i++) {
		snprintf(name, sizeof name, "%s |", section_name[i]);
		if (strncmp(cell, name, strlen(name)) == 0)
			break;
	}
	if (i == sizeof section_name / sizeof section_name[0])
		fail_msg("data-inventory.md, %s: no such section: %.40s",
		    column, cell);
	if (strstr(section_sql[i], column) == NULL)
		fail_msg("export.def, %s lacks the column %s",
		    section_name[i], column);
}

static void
every_column_is_in_the_inventory_and_personal_ones_in_the_export(void **state)
{
	char *doc = document(SRCDIR "/share/doc/data-inventory.md");
	char tables[4096], list[4096], sql[256], row[256];
	char *save = NULL, *inner = NULL;
	size_t rows = 0, columns = 0;

	(void)state;
	/* the engine's own view of the schema */
	str_copy(tables, sizeof tables, rig_ask_sql("SELECT name FROM"
	    " sqlite_master WHERE type = 'table'"
	    " AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%VIRTUAL%'"
	    " AND name NOT LIKE '%_fts%'"));
	for (char *t = strtok_r(tables, "\n", &save); t != NULL;
	    t = strtok_r(NULL, "\n", &save)) {
		snprintf(sql, sizeof sql,
		    "SELECT name FROM pragma_table_info('%.60s')", t);
		str_copy(list, sizeof list, rig_ask_sql(sql));
		for (char *w = strtok_r(list, "\n", &inner); w != NULL;
		    w = strtok_r(NULL, "\n", &inner)) {
			const char *at;

			columns++;
			snprintf(row, sizeof row, "\n| `%.80s.%.80s` | ", t,
			    w);
			if ((at = strstr(doc, row)) == NULL)
				fail_msg("data-inventory.md lacks%s", row);
			cell_check(at + 1, w);
		}
	}
	for (const char *p = doc; (p = strstr(p, "\n| `")) != NULL; p++)
		rows++;
	assert_int_equal(rows, columns);
	free(doc);
}

static void
each_section_is_documented(void **state)
{
	char *doc = document(SRCDIR "/share/doc/json.md"), row[64];

	(void)state;
	for (size_t i = 0; i < sizeof section_name / sizeof section_name[0];
	    i++) {
		snprintf(row, sizeof row, "\n- `%s`: ", section_name[i]);
		if (strstr(doc, row) == NULL)
			fail_msg("json.md, export-me lacks%s", row);
	}
	free(doc);
}

/* ---- looks ---- */

static void
a_look_is_logged_and_the_member_reads_it(void **state)
{
	struct account_wish w = { .ref = "alice" };
	struct account a = { 0 };
	struct account_page page = { 0 };
	struct glance_page looks = { 0 };
	struct wish all = { 0 };
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(serve_account_get(&staff, &w, &a, &e), 0);
	assert_string_equal(a.email, "alice@mail.example");
	assert_int_equal(serve_account_get(&auditor, &w, &a, &e), 0);
	assert_string_equal(a.email, "a****@mail.example");
	str_copy(w.reason, sizeof w.reason, "sample of the quarter");
	assert_int_equal(serve_account_get(&auditor, &w, &a, &e), 0);
	assert_string_equal(a.email, "alice@mail.example");
	assert_int_equal(serve_account_get(&alice, &w, &a, &e), 0);
	assert_int_equal(serve_account_list(&staff, &all, &page, &e), 0);
	for (size_t i = 0; i < page.n_rows; i++)
		assert_non_null(strchr(page.rows[i].email, '*'));
	NOUN_CLEAR(account_page, &page);
	assert_int_equal(serve_account_looks(&alice, &all, &looks, &e), 0);
	assert_int_equal(looks.n_rows, 3);
	assert_string_equal(looks.rows[0].by, "reader");
	assert_string_equal(looks.rows[0].reason, "sample of the quarter");
	assert_string_equal(looks.rows[2].by, "boss");
	NOUN_CLEAR(glance_page, &looks);
	rig_commit();
}

static void
addresses_in_a_text_are_redacted(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "alice@b.example", "a****@b.example" },
		{ "a@b.example", "*@b.example" },
		{ "to a.b+c@x.example, by hostmaster@y.example",
		    "to a****@x.example, by hostmaster@y.example" },
		{ "no address", "no address" }, { "@", "@" }, { "", "" },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(text, sizeof text, "%s", cases[i].in);
		addresses_redact(text);
		assert_string_equal(text, cases[i].out);
	}
}

static void
a_breach_report_counts_what_was_held_then(void **state)
{
	struct breach_wish w = { .since = RIG_NOW - DAY,
		.until = RIG_NOW + 10 };
	struct breach b = { 0 };
	struct err e = { 0 };
	const struct breach_row *r;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	clock_set_for_test(RIG_NOW + DAY);
	member_seat("later", ROLE_MEMBER, 9);
	rig_begin();
	assert_int_equal(serve_breach_report(&staff, &w, &b, &e), 0);
	rig_commit();
	assert_int_equal(b.n_rows, 3);
	r = &b.rows[0];
	assert_string_equal(r->account, "alice");
	assert_string_equal(r->email, "alice@mail.example");
	assert_int_equal(r->keys, 1);
	assert_int_equal(r->domains, 1);
	assert_int_equal(r->requests, 0);
	NOUN_CLEAR(breach, &b);
	w.until = RIG_NOW - 2 * DAY;
	assert_int_equal(serve_breach_report(&staff, &w, &b, &e), -1);
	assert_string_equal(e.clause, "breach");
}

/* ---- retention ---- */

static void
retain(int64_t later)
{
	clock_set_for_test(RIG_NOW + later);
	rig_begin();
	retention_run();
	rig_commit();
}

static void
what_was_kept_long_enough_is_erased(void **state)
{
	struct request r = { 0 };
	struct audit_check check = { 0 };
	struct err e = { 0 };
	int64_t number;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	number = requested(&alice, "alpha.example");
	assert_int_equal(decide(&staff, number, "no", &r, &e), 0);
	NOUN_CLEAR(request, &r);
	rig_sql("UPDATE notice SET state = 'leased' WHERE state = 'waiting';"
	    "UPDATE notice SET state = 'sent' WHERE state = 'leased'");
	retain(29 * DAY);
	assert_string_not_equal(rig_ask_sql("SELECT count(*) FROM notice"
	    " WHERE recipient <> ''"), "0");
	retain(31 * DAY);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM notice"
	    " WHERE recipient <> ''"), "0");
	assert_string_equal(rig_ask_sql("SELECT csr <> x'' FROM request_body"),
	    "1");
	retain(181 * DAY);
	assert_string_equal(rig_ask_sql("SELECT csr = x'', r.refusal"
	    " FROM request_body b JOIN request r ON r.number = b.request"),
	    "1|");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE salt IS NULL"), "0");
	retain(2558 * DAY);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE salt IS NOT NULL"), "0");
	assert_int_equal(audit_walk(&check, &e), 0);
	assert_true(check.good);
	assert_int_equal(request_reload(number, &r, &e), 0);
	NOUN_CLEAR(request, &r);
}

/* ---- reminders ---- */

static const char *
reminded(int64_t at)
{
	clock_set_for_test(at);
	rig_begin();
	reminder_run();
	rig_commit();
	return rig_ask_sql("SELECT count(*) FROM notice"
	    " WHERE kind = 'reminder'");
}

static void
each_reminder_leaves_once(void **state)
{
	int64_t end = RIG_NOW + 90 * DAY;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	certify(requested(&alice, "alpha.example"), end);
	assert_string_equal(reminded(end - 31 * DAY), "0");
	assert_string_equal(reminded(end - 30 * DAY), "1");
	assert_string_equal(reminded(end - 30 * DAY + 60), "1");
	/* a clock that goes back and forth makes no letter twice */
	assert_string_equal(reminded(end - 40 * DAY), "1");
	assert_string_equal(reminded(end - 29 * DAY), "1");
	assert_string_equal(reminded(end - 14 * DAY), "2");
	/* it was down for long: the 7 days' letter is skipped */
	assert_string_equal(reminded(end - DAY + 5), "3");
	assert_string_equal(reminded(end + DAY), "3");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM notice WHERE"
	    " kind = 'reminder' AND calendar LIKE 'BEGIN:VCALENDAR%'"), "3");
}

/* As after a mass re-issue: no run makes more than a slice, none is left out. */
static void
many_that_end_together_are_reminded_in_slices(void **state)
{
	int64_t end = RIG_NOW + 90 * DAY;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	certify(requested(&alice, "alpha.example"), end);
	rig_sql("INSERT INTO request (number, account, state, profile, first,"
	    " domains, subject_cn, note, digest, csr_sha256, spki_sha256,"
	    " key_words, created, decided, serial) SELECT 1000 + a.n, account,"
	    " state, profile, 'd' || a.n || '.example', 1, subject_cn, '',"
	    " digest, randomblob(32), randomblob(32), key_words, created,"
	    " decided, '' FROM request, (WITH RECURSIVE k(n) AS (SELECT 1"
	    " UNION ALL SELECT n + 1 FROM k WHERE n < 249) SELECT n FROM k) a"
	    " WHERE number = 1");
	rig_sql("INSERT INTO certificate (number, request, account, serial,"
	    " issuer, state, not_before, not_after, issued, sha256,"
	    " spki_sha256, policy) SELECT r.number, r.number, c.account,"
	    " '01' || lower(hex(randomblob(16))), c.issuer, c.state,"
	    " c.not_before, c.not_after, c.issued, randomblob(32),"
	    " randomblob(32), c.policy FROM request r, certificate c"
	    " WHERE r.number > 1000 AND c.request = 1");
	assert_string_equal(reminded(end - 30 * DAY), "100");
	assert_string_equal(reminded(end - 30 * DAY), "200");
	assert_string_equal(reminded(end - 30 * DAY), "250");
	assert_string_equal(reminded(end - 30 * DAY + 60), "250");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM (SELECT object"
	    " FROM audit WHERE action = 'certificate.remind'"
	    " GROUP BY object)"), "250");
}

static void
a_replaced_or_muted_certificate_is_not_spoken_of(void **state)
{
	int64_t end = RIG_NOW + 90 * DAY;
	struct notify_wish off = { .what = "1" };
	struct notify n = { 0 };
	struct err e = { 0 };

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	certify(requested(&alice, "alpha.example"), end);
	certify(requested(&alice, "alpha.example"), end + DAY);
	assert_string_equal(reminded(end - 30 * DAY), "0");
	/* the newer one is not replaced */
	assert_string_equal(reminded(end - 29 * DAY), "1");
	rig_sql("UPDATE certificate SET state = 'revoked' WHERE number = 2");
	rig_begin();
	assert_int_equal(serve_notify_set(&alice, &off, &n, &e), 0);
	assert_int_equal(n.n_muted, 1);
	NOUN_CLEAR(notify, &n);
	rig_commit();
	assert_string_equal(reminded(end - 14 * DAY), "1");
	off.on = true;
	rig_begin();
	assert_int_equal(serve_notify_set(&alice, &off, &n, &e), 0);
	NOUN_CLEAR(notify, &n);
	str_copy(off.what, sizeof off.what, "reminders");
	off.on = false;
	assert_int_equal(serve_notify_set(&alice, &off, &n, &e), 0);
	assert_false(n.reminders);
	NOUN_CLEAR(notify, &n);
	str_copy(off.what, sizeof off.what, "nonsense");
	assert_int_equal(serve_notify_set(&alice, &off, &n, &e), -1);
	rig_commit();
	assert_string_equal(reminded(end - 7 * DAY), "1");
}

/* ---- quota ---- */

static void
a_quota_bounds_good_certificates_and_staff_give_more(void **state)
{
	struct quota q = { .name = "alice", .most = 1 };
	struct request_wish w;
	struct request r = { 0 };
	struct account a = { 0 };
	struct err e = { 0 };

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	rig_begin();
	assert_int_equal(serve_account_quota_set(&staff, &q, &a, &e), 0);
	rig_commit();
	assert_int_equal(a.most, 1);
	certify(requested(&alice, "alpha.example"), RIG_NOW + 90 * DAY);
	w = wish_for("alpha.example", NULL);
	assert_int_equal(submit(&alice, &w, &r, &e), -1);
	assert_string_equal(e.clause, "quota");
	/* a renewal takes the old one's place */
	str_copy(w.renew, sizeof w.renew, "1");
	err_clear(&e);
	/* accepted without staff, and there is nobody here who could issue */
	assert_int_equal(submit(&alice, &w, &r, &e), -1);
	assert_string_equal(e.clause, "issuer-none");
	conf.policy_renew_without_staff = false;
	err_clear(&e);
	if (submit(&alice, &w, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(r.row.state, REQUEST_AWAITING);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
	/* but only once: the second is one certificate more */
	w = wish_for("alpha.example", NULL);
	str_copy(w.renew, sizeof w.renew, "1");
	assert_int_equal(submit(&alice, &w, &r, &e), -1);
	assert_string_equal(e.clause, "quota");
	err_clear(&e);
	/* nor does one that is not good any more give its place */
	rig_sql("DELETE FROM request_body WHERE request = 2;"
	    " DELETE FROM request_name WHERE request = 2;"
	    " DELETE FROM request_domain WHERE request = 2;"
	    " DELETE FROM request WHERE number = 2");
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
	/* the kept counter of open requests is what a count finds */
	assert_string_equal(rig_ask_sql("SELECT open_requests FROM account"
	    " WHERE name = 'alice'"), "1");
	rig_sql("UPDATE request SET state = 'withdrawn'"
	    " WHERE state = 'awaiting'");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM account a"
	    " WHERE open_requests <> (SELECT count(*) FROM request r"
	    " WHERE r.account = a.number"
	    " AND r.state IN ('awaiting', 'approved'))"), "0");
	rig_begin();
	str_copy(q.name, sizeof q.name, "boss");
	assert_int_equal(serve_account_quota_set(&staff, &q, &a, &e), -1);
	assert_string_equal(e.clause, "account-own");
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE action = 'account.quota'"), "1");
}

/* ---- the website ---- */

static void
the_website_may_ask_for_four_things_and_no_more(void **state)
{
	static const enum op may[] = { OP_account_register, OP_agreement_get,
		OP_request_get, OP_whoami };

	(void)state;
	for (enum op op = 0; op < OP_COUNT; op++) {
		bool listed = false;

		for (size_t i = 0; i < sizeof may / sizeof may[0]; i++)
			listed = listed || may[i] == op;
		if (op_allows(op, ROLE_WEBSITE) != listed)
			fail_msg("%s", ops[op].name);
	}
}

static void
the_website_sees_a_state_and_not_whose_it_is(void **state)
{
	struct seat web = member_seat("site", ROLE_WEBSITE, 8);
	struct ref ref = { .ref = "1" };
	struct registration a = { .name = "dora",
		.email = "dora@mail.example", .agreement = "1" };
	struct request r = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	requested(&alice, "alpha.example");
	rig_begin();
	assert_int_equal(serve_request_get(&web, &ref, &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_AWAITING);
	assert_string_equal(r.row.account, "");
	assert_string_equal(r.row.first, "");
	assert_int_equal(r.n_names + r.n_domains + r.n_findings, 0);
	NOUN_CLEAR(request, &r);
	/* it gives the member's key, and never its own */
	assert_int_equal(serve_account_register(&web, &a, &none, &e), -1);
	assert_string_equal(e.clause, "key-form");
	err_clear(&e);
	str_copy(a.line, sizeof a.line, alice.key_line);
	assert_int_equal(serve_account_register(&web, &a, &none, &e), -1);
	assert_string_equal(e.clause, "key-in-use");
	assert_null(strstr(e.text, "alice"));
	err_clear(&e);
	str_copy(a.line, sizeof a.line, rig_key(77));
	if (serve_account_register(&web, &a, &none, &e) < 0)
		fail_msg("%s", e.text);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT a.state FROM account a"
	    " JOIN ssh_key k ON k.account = a.number"
	    " WHERE a.name = 'dora'"), "pending");
}

static void
an_export_of_a_thousand_certificates_is_quick(void **state)
{
	int64_t start;
	json_t *all;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	certify(requested(&alice, "alpha.example"), RIG_NOW + 90 * DAY);
	rig_sql("WITH RECURSIVE n(i) AS (VALUES (2) UNION ALL SELECT i + 1"
	    " FROM n WHERE i < 1000) INSERT INTO request SELECT i, account,"
	    " state, profile, first, domains, subject_cn, note, refusal,"
	    " digest, csr_sha256, spki_sha256, key_words, renews, created,"
	    " decided, '', retry_at, shard, prover FROM request, n;"
	    " WITH RECURSIVE n(i) AS (VALUES (2) UNION ALL SELECT i + 1"
	    " FROM n WHERE i < 1000) INSERT INTO request_body SELECT i, csr,"
	    " spki, findings FROM request_body, n;"
	    " WITH RECURSIVE n(i) AS (VALUES (2) UNION ALL SELECT i + 1"
	    " FROM n WHERE i < 1000) INSERT INTO certificate (number, request,"
	    " account, serial, issuer, state, not_before, not_after, issued,"
	    " sha256, spki_sha256, policy) SELECT i, i, account,"
	    " printf('4e%030d', i), issuer, state, not_before, not_after,"
	    " issued, sha256, spki_sha256, policy FROM certificate, n;"
	    " INSERT INTO certificate_der (certificate, der) SELECT number,"
	    " zeroblob(1000) FROM certificate WHERE number > 1;");
	start = clock_mono_ms();
	all = exported(&alice);
	print_message("1,000 certificates: %lld ms\n",
	    (long long)(clock_mono_ms() - start));
	assert_true(clock_mono_ms() - start < 1000);
	assert_int_equal(json_array_size(json_object_get(all,
	    "certificate")), 1000);
	assert_int_equal(json_array_size(json_object_get(all, "request")),
	    1000);
	json_decref(all);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_all, rig_close)
	const struct CMUnitTest tests[] = {
		T(good_certificates_stand_in_the_way),
		T(leaving_erases_what_is_personal_and_the_chain_holds),
		T(what_was_done_in_a_role_cannot_be_erased_by_its_doer),
		T(what_staff_did_to_a_member_stays_theirs_when_the_member_leaves),
		T(a_closed_name_is_never_given_again),
		T(an_export_has_each_row_of_a_member_and_of_nobody_else),
		T(pages_of_an_export_lose_no_row),
		T(every_column_is_in_the_inventory_and_personal_ones_in_the_export),
		T(each_section_is_documented),
		T(a_look_is_logged_and_the_member_reads_it),
		T(addresses_in_a_text_are_redacted),
		T(a_breach_report_counts_what_was_held_then),
		T(what_was_kept_long_enough_is_erased),
		T(each_reminder_leaves_once),
		T(many_that_end_together_are_reminded_in_slices),
		T(a_replaced_or_muted_certificate_is_not_spoken_of),
		T(a_quota_bounds_good_certificates_and_staff_give_more),
		T(the_website_may_ask_for_four_things_and_no_more),
		T(the_website_sees_a_state_and_not_whose_it_is),
		T(an_export_of_a_thousand_certificates_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
