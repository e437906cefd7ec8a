/* publish_test.c - revocation and the published set, judged by the openssl
 * command: CRL, chain, OCSP answers, feed (S7.2, S7.3, S8.1 to S8.4, S9.1,
 * S9.4, S10.1, J2.1, S3.2). */
#include <jansson.h>
#include <openssl/ocsp.h>

#include "tests/unit/signer_end.h"
#include "tests/unit/member.h"

#include "core/registrar/publish/publish.h"
#include "core/x509/answers.h"

static struct seat alice, bob, sam;
static struct request first;

static int
authority_make(void **state)
{
	struct request_wish w;
	struct err e = { 0 };

	rig_open(state);
	signer_init();
	signer_start();
	issuer_refresh();
	publish_run();
	alice = member_seat("alice", ROLE_MEMBER, 1);
	bob = member_seat("bob", ROLE_MEMBER, 2);
	sam = member_seat("sam", ROLE_STAFF, 3);
	domain_prove_for(&alice, "example.org");
	w = wish_for("example.org", NULL);
	if (submit(&alice, &w, &first, &e) < 0 ||
	    decide(&sam, first.row.number, NULL, &first, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(first.row.state, REQUEST_ISSUED);
	NOUN_CLEAR(request_wish, &w);
	return 0;
}

static int
authority_close(void **state)
{
	NOUN_CLEAR(request, &first);
	signer_stop();
	publish_close();
	return rig_close(state);
}

/* Let the published set come up to date. */
static void
publish_settle(void)
{
	for (int i = 0; i < 500 && (i < 8 || publish_wait_ms() < 300); i++) {
		if (i < 8)
			publish_look_for_test();
		publish_run();
		usleep(2000);
	}
}

static const char *
published(const char *name)
{
	static char path[4][CONF_PATH_SIZE];
	static unsigned turn;
	char relative[128];

	snprintf(relative, sizeof relative, "published/%s", name);
	conf_path(&conf, path[turn % 4], relative);
	return path[turn++ % 4];
}

/* openssl with these words, in the rig's folder; its exit status, and what it
 * said in said. */
static char said[65536];

static int
openssl(const char *words)
{
	char line[2048], *argv[48] = { (char *)(uintptr_t)"openssl" };
	int out[2], status, n = 1;
	size_t size = 0;
	ssize_t got;
	pid_t pid;

	assert_true(str_copy(line, sizeof line, words));
	for (char *w = strtok(line, " "); w != NULL && n < 47;
	    w = strtok(NULL, " "))
		argv[n++] = w;
	assert_int_equal(pipe(out), 0);
	if ((pid = fork()) == 0) {
		dup2(out[1], 1);
		dup2(out[1], 2);
		close(out[0]);
		close(out[1]);
		if (chdir(rig_folder) == 0)
			execvp(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	while (size < sizeof said - 1 && (got = read(out[0], said + size,
	    sizeof said - 1 - size)) > 0)
		size += (size_t)got;
	said[size] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool
says(const char *text)
{
	if (strstr(said, text) != NULL)
		return true;
	print_message("\"%s\" is not in:\n%s\n", text, said);
	return false;
}

static int
take_back(struct seat *s, const char *ref, enum reason reason,
    struct revocation *r, struct err *e)
{
	struct revocation_new a = { .reason = reason };
	int rc;

	err_clear(e);
	str_copy(a.ref, sizeof a.ref, ref);
	rig_begin();
	rc = serve_revocation_add(s, &a, r, e);
	rig_commit();
	return rc;
}

static void
file_put(const char *name, const void *data, size_t size)
{
	char path[CONF_PATH_SIZE];
	struct err e = { 0 };

	conf_path(&conf, path, name);
	assert_int_equal(file_replace(path, data, size, 0600, &e), 0);
}

/* leaf.pem, ica.der, root.der in the rig's folder. */
static void
chain_put(void)
{
	struct certificate_wish w = { .ref = "1", .form = FORM_LEAF };
	struct certificate c = { 0 };
	struct err e = { 0 };

	assert_int_equal(serve_certificate_get(&alice, &w, &c, &e), 0);
	file_put("leaf.pem", c.body.data, c.body.size);
	NOUN_CLEAR(certificate, &c);
	w.form = FORM_CHAIN;
	assert_int_equal(serve_certificate_get(&alice, &w, &c, &e), 0);
	file_put("chain.pem", c.body.data, c.body.size);
	NOUN_CLEAR(certificate, &c);
}

static void
answer_put(void)
{
	struct ref one = { "1" };
	struct text t = { 0 };
	struct err e = { 0 };

	if (serve_answer_get(&alice, &one, &t, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	file_put("answer.der", t.text.data, t.text.size);
	NOUN_CLEAR(text, &t);
}

static void
judge_answer(const char *want)
{
	char line[1024];

	answer_put();
	snprintf(line, sizeof line, "ocsp -respin answer.der -issuer ica.pem"
	    " -cert leaf.pem -CAfile root.pem -attime %lld"
	    " -validity_period 999999999", (long long)clock_now());
	openssl(line);
	assert_true(says("Response verify OK"));
	assert_true(says(want));
}

static void
crl_chain_and_answer_stand_from_the_start(void **state)
{
	char line[1024];

	(void)state;
	publish_settle();
	chain_put();
	assert_int_equal(access(published("ca/ica-server-1.crt"), R_OK), 0);
	assert_int_equal(access(published("ca/root.crt"), R_OK), 0);
	assert_int_equal(openssl("x509 -inform DER -in"
	    " published/ca/root.crt -noout -subject"), 0);
	assert_int_equal(openssl("crl -inform DER -in"
	    " published/crl/ica-server-1.crl -CAfile ica.pem -noout -text"),
	    0);
	assert_true(says("verify OK"));
	assert_true(says("Version 2"));
	assert_true(says("Authority Key Identifier"));
	assert_true(says("No Revoked Certificates"));
	snprintf(line, sizeof line, "verify -attime %lld -CAfile root.pem"
	    " -untrusted chain.pem leaf.pem", (long long)RIG_NOW);
	assert_int_equal(openssl(line), 0);
	judge_answer("leaf.pem: good");
}

static void
revocation_shows_in_crl_and_answer(void **state)
{
	struct revocation r = { 0 }, again = { 0 };
	struct err e = { 0 };
	char before[64];

	(void)state;
	publish_settle();
	chain_put();
	str_copy(before, sizeof before, rig_ask_sql("SELECT crl_number FROM"
	    " issuer"));
	assert_int_equal(take_back(&alice, "1", REASON_SUPERSEDED, &r, &e), 0);
	assert_int_equal(r.state, REVOCATION_EFFECTIVE);
	assert_int_equal(r.by_role, ROLE_MEMBER);
	assert_string_equal(r.by, "alice");
	/* repeating changes nothing */
	assert_int_equal(take_back(&sam, first.row.serial, REASON_KEY_COMPROMISE,
	    &again, &e), 0);
	assert_int_equal(again.number, r.number);
	assert_int_equal(again.reason, REASON_SUPERSEDED);
	assert_string_equal(rig_ask_sql("SELECT group_concat(action) FROM"
	    " audit WHERE action LIKE 'revocation%'"),
	    "revocation.request,revocation.effective");
	assert_string_equal(rig_ask_sql("SELECT group_concat(recipient) FROM"
	    " notice WHERE kind = 'revoked'"),
	    "alice@mail.example,hostmaster@example.org");
	publish_settle();
	assert_int_equal(openssl("crl -in published/crl/ica-server-1.pem"
	    " -CAfile ica.pem -noout -text"), 0);
	assert_true(says("verify OK"));
	assert_true(says("Superseded"));
	for (char *p = first.row.serial; *p; p++)
		if (*p >= 'a')
			*p = (char)(*p - 32);
	assert_true(says(first.row.serial));
	assert_true(atoll(rig_ask_sql("SELECT crl_number FROM issuer")) >
	    atoll(before));
	judge_answer("leaf.pem: revoked");
	assert_true(says("superseded"));
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM answer_due"
	    " WHERE due <= 1795000000"), "0");
}

static void
reasons_and_people_are_bounded(void **state)
{
	struct revocation r = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(take_back(&bob, "1", REASON_SUPERSEDED, &r, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_string_equal(rig_ask_sql("SELECT action, outcome, actor FROM"
	    " audit ORDER BY number DESC LIMIT 1"),
	    "revocation.request|refused|bob");
	for (enum reason i = 0; i <= REASON_PRIVILEGE_WITHDRAWN; i++) {
		if (i == 0 || i == 1 || i == 3 || i == 4 || i == 5)
			continue;
		assert_int_equal(take_back(&alice, "1", i, &r, &e), -1);
		assert_string_equal(e.clause, "reason-not-allowed");
		if (i == REASON_PRIVILEGE_WITHDRAWN)
			continue;
		assert_int_equal(take_back(&sam, "1", i, &r, &e), -1);
		assert_string_equal(e.clause, "reason-not-allowed");
	}
	assert_non_null(strstr(e.text, "privilegeWithdrawn"));
	assert_int_equal(take_back(&sam, "1", REASON_PRIVILEGE_WITHDRAWN, &r,
	    &e), 0);
	assert_string_equal(r.by, "sam");
	assert_int_equal(r.by_role, ROLE_STAFF);
}

static void
compromised_key_is_blocked(void **state)
{
	struct revocation r = { 0 };
	struct revocation_page p = { 0 };
	struct request_wish w = { .renew = "1" };
	struct request again = { 0 };
	struct wish all = { 0 };
	struct err e = { 0 };

	(void)state;
	/* suspended members may still revoke their own */
	rig_sql("UPDATE account SET state = 'suspended' WHERE name = 'alice'");
	assert_int_equal(take_back(&alice, "1", REASON_KEY_COMPROMISE, &r, &e),
	    0);
	rig_sql("UPDATE account SET state = 'active' WHERE name = 'alice'");
	assert_int_equal(submit(&alice, &w, &again, &e), -1);
	assert_string_equal(e.clause, "key-blocked");
	assert_int_equal(serve_revocation_list(&sam, &all, &p, &e), 0);
	assert_int_equal(p.n_rows, 1);
	assert_int_equal(p.rows[0].reason, REASON_KEY_COMPROMISE);
	NOUN_CLEAR(revocation_page, &p);
}

static void
crl_and_answers_are_renewed_in_time(void **state)
{
	struct revocation r = { 0 };
	struct fact_list facts = { 0 };
	struct err e = { 0 };
	char number[32];

	(void)state;
	assert_int_equal(take_back(&alice, "1", REASON_CESSATION, &r, &e), 0);
	publish_settle();
	publish_facts(&facts);
	for (size_t i = 0; i < facts.n_rows; i++)
		if (!facts.rows[i].good && strcmp(facts.rows[i].what,
		    "log") != 0)
			fail_msg("%s: %s", facts.rows[i].what,
			    facts.rows[i].text);
	NOUN_CLEAR(fact_list, &facts);
	str_copy(number, sizeof number, rig_ask_sql("SELECT crl_number FROM"
	    " issuer"));
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM answer_due"
	    " WHERE due BETWEEN 1795000000 + 64800 AND 1795000000 + 129600"),
	    "1");
	/* half the life of an answer, and a day: both are made again */
	signer_stop();
	clock_set_for_test(RIG_NOW + 36 * 3600);
	publish_run();		/* meets a dead line, and waits */
	publish_facts(&facts);
	assert_false(facts.rows[0].good);
	NOUN_CLEAR(fact_list, &facts);
	signer_start();
	publish_settle();
	for (int i = 0; i < 60 && strcmp(number, rig_ask_sql("SELECT"
	    " crl_number FROM issuer WHERE crl_at > 1795000000")) >= 0; i++)
		publish_settle();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM answer_due"
	    " WHERE due > 1795000000 + 36 * 3600"), "1");
	chain_put();
	judge_answer("leaf.pem: revoked");
}

/* The number and nextUpdate of the published CRL, judged at a moment. */
static int64_t
published_number(int64_t at)
{
	const char *number;
	char line[200];

	snprintf(line, sizeof line, "verify -crl_check -attime %lld -CAfile"
	    " root.pem -CRLfile published/crl/ica-server-1.pem -untrusted"
	    " chain.pem leaf.pem", (long long)at);
	if (openssl(line) != 0)
		return -1;
	assert_int_equal(openssl("crl -in published/crl/ica-server-1.pem"
	    " -noout -crlnumber"), 0);
	number = strstr(said, "crlNumber=0x");
	assert_non_null(number);
	return strtoll(number + 12, NULL, 16);
}

static int
ahead_plan(const struct crl_ahead_wish *w, struct err *e)
{
	struct seat operator = { .role = ROLE_OPERATOR };
	struct fact_list facts = { 0 };
	int r;

	rig_begin();
	r = serve_operator_crl_ahead(&operator, w, &facts, e);
	rig_commit();
	NOUN_CLEAR(fact_list, &facts);
	return r;
}

/* S8.6: with a clock that moves and no signer. */
static void
crls_made_ahead_are_released_when_their_time_comes(void **state)
{
	struct crl_ahead_wish w = { .count = 3, .hours = 24 };
	struct revocation r = { 0 };
	struct err e = { 0 };
	int64_t start;

	(void)state;
	publish_settle();
	chain_put();
	assert_int_equal(ahead_plan(&w, &e), -1);
	assert_string_equal(e.clause, "crl-ahead");
	signer_stop();
	conf.publish_crl_ahead_days = 20;
	signer_start();
	publish_settle();
	assert_int_equal(ahead_plan(&w, &e), 0);
	for (int i = 0; i < 60 && strcmp(rig_ask_sql("SELECT count(*) FROM"
	    " crl_ahead WHERE made > 0"), "3") != 0; i++)
		publish_settle();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM crl_ahead"
	    " WHERE made > 0"), "3");
	start = published_number(RIG_NOW);
	assert_true(start > 0);
	signer_stop();
	/* an hour before: nothing; then one after the other, each in time */
	clock_set_for_test(RIG_NOW + 23 * 3600);
	publish_settle();
	assert_int_equal(published_number(RIG_NOW + 23 * 3600), start);
	for (int k = 1; k <= 3; k++) {
		int64_t at = RIG_NOW + k * 86400 + 60;

		clock_set_for_test(at);
		for (int i = 0; i < 60 && published_number(at) != start + k;
		    i++)
			publish_settle();
		assert_int_equal(published_number(at), start + k);
	}
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM crl_ahead"),
	    "0");
	/* the signer is back: what was revoked meanwhile, a higher number */
	assert_int_equal(take_back(&alice, "1", REASON_CESSATION, &r, &e), 0);
	signer_start();
	for (int i = 0; i < 100 && strstr(said, "Cessation Of Operation") == NULL; i++) {
		publish_settle();
		assert_int_equal(openssl("crl -in published/crl/ica-server-1"
		    ".pem -noout -text"), 0);
	}
	assert_true(says("Cessation Of Operation"));
	assert_true(atoll(rig_ask_sql("SELECT crl_number FROM issuer")) >
	    start + 3);
}

/* A newer one makes those that were kept void, and their files go. */
static void
a_newer_crl_makes_those_ahead_void(void **state)
{
	struct crl_ahead_wish w = { .count = 2, .hours = 24 };
	struct revocation r = { 0 };
	struct err e = { 0 };

	(void)state;
	publish_settle();
	signer_stop();
	conf.publish_crl_ahead_days = 20;
	signer_start();
	assert_int_equal(ahead_plan(&w, &e), 0);
	for (int i = 0; i < 60 && strcmp(rig_ask_sql("SELECT count(*) FROM"
	    " crl_ahead WHERE made > 0"), "2") != 0; i++)
		publish_settle();
	assert_int_equal(take_back(&alice, "1", REASON_CESSATION, &r, &e), 0);
	for (int i = 0; i < 60 && strcmp(rig_ask_sql("SELECT count(*) FROM"
	    " crl_ahead"), "0") != 0; i++)
		publish_settle();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM crl_ahead"),
	    "0");
	clock_set_for_test(RIG_NOW + 2 * 86400 + 60);
	publish_settle();
	assert_int_equal(openssl("crl -in published/crl/ica-server-1.pem"
	    " -noout -text"), 0);
	assert_true(says("Cessation Of Operation"));
}

/* S8.4 */
static void
entries_stay_until_expiry_plus_one_crl(void **state)
{
	struct revocation r = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(take_back(&alice, "1", REASON_CESSATION, &r, &e), 0);
	publish_settle();
	signer_stop();
	clock_set_for_test(RIG_NOW + 96 * 86400);
	signer_start();
	for (int i = 0; i < 60 && strcmp("0", rig_ask_sql("SELECT count(*)"
	    " FROM issuer WHERE crl_at > 1795086400")) == 0; i++)
		publish_settle();
	assert_int_equal(openssl("crl -in published/crl/ica-server-1.pem"
	    " -noout -text"), 0);
	assert_true(says("Cessation Of Operation"));
	/* no answer for what has expired */
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM answer_due"),
	    "0");
	signer_stop();
	clock_set_for_test(RIG_NOW + 98 * 86400);
	signer_start();
	for (int i = 0; i < 60 && strcmp("0", rig_ask_sql("SELECT count(*)"
	    " FROM issuer WHERE crl_at > 1795000000 + 97 * 86400")) == 0; i++)
		publish_settle();
	assert_int_equal(openssl("crl -in published/crl/ica-server-1.pem"
	    " -noout -text"), 0);
	assert_true(says("No Revoked Certificates"));
	assert_string_equal(rig_ask_sql("SELECT detail LIKE '%, 0 entries, 1"
	    " removed %' FROM audit WHERE action = 'crl.publish' AND"
	    " object = 'ica-server-1' ORDER BY"
	    " number DESC LIMIT 1"), "1");
}

static void
burnt_serial_is_revoked_everywhere(void **state)
{
	struct answers *a = NULL;
	struct answer x;
	struct err e = { 0 };
	char serial[64];
	uint8_t bytes[SERIAL_MAX];
	int n;
	struct request_wish w = wish_for("muc.example.org", NULL);
	struct request r = { 0 };
	struct decision d = { 0 };

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	d.number = r.row.number;
	rig_begin();
	assert_int_equal(serve_request_approve(&sam, &d, &r, &e), 0);
	issue_run();
	db_rollback();
	issuer_refresh();
	str_copy(serial, sizeof serial, rig_ask_sql("SELECT upper(serial)"
	    " FROM certificate WHERE state = 'burnt'"));
	publish_settle();
	assert_int_equal(openssl("crl -in published/crl/ica-server-1.pem"
	    " -noout -text"), 0);
	assert_true(says(serial));
	n = hex_decode(bytes, sizeof bytes, rig_ask_sql("SELECT serial FROM"
	    " certificate WHERE state = 'burnt'"));
	a = answers_open(published("answers.map"), &e);
	assert_non_null(a);
	assert_int_equal(answers_find(a, bytes, (size_t)n, &x), 1);
	assert_int_equal(x.status.state, CERTIFICATE_REVOKED);
	answers_close(a);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
lost_files_are_made_again(void **state)
{
	(void)state;
	publish_settle();
	publish_close();
	assert_int_equal(unlink(published("answers.map")), 0);
	assert_int_equal(unlink(published("crl/ica-server-1.crl")), 0);
	assert_int_equal(unlink(published("ca/root.crt")), 0);
	publish_settle();
	assert_int_equal(access(published("crl/ica-server-1.crl"), R_OK), 0);
	assert_int_equal(access(published("ca/root.crt"), R_OK), 0);
	chain_put();
	judge_answer("leaf.pem: good");
}

static void
feed_counts_and_names_nobody(void **state)
{
	json_error_t why;
	json_t *feed = NULL, *counters = NULL;
	struct blob text = { 0 };
	struct err e = { 0 };

	(void)state;
	publish_close();	/* the feed of the start is not a minute old */
	publish_settle();
	assert_int_equal(file_read(published("feed.json"), 65536, &text, &e),
	    0);
	feed = json_loadb((const char *)text.data, text.size, 0, &why);
	assert_non_null(feed);
	counters = json_object_get(feed, "counters");
	assert_int_equal(json_integer_value(json_object_get(counters,
	    "members")), 3);
	assert_int_equal(json_integer_value(json_object_get(counters,
	    "good")), 1);
	assert_int_equal(json_integer_value(json_object_get(counters,
	    "issued")), 1);
	assert_null(memmem(text.data, text.size, "@", 1));
	assert_null(memmem(text.data, text.size, "alice", 5));
	assert_null(memmem(text.data, text.size, "example.org", 11));
	json_decref(feed);
	blob_clear(&text);
}

/* The trial root's CRL, that the issuers' certificates name. */
static void
root_crl_is_published(void **state)
{
	(void)state;
	publish_settle();
	assert_int_equal(openssl("crl -inform DER -in published/crl/root.crl"
	    " -CAfile root.pem -noout -text"), 0);
	assert_true(says("verify OK"));
	assert_true(says("No Revoked Certificates"));
	publish_close();
	assert_int_equal(unlink(published("crl/root.crl")), 0);
	publish_settle();
	assert_int_equal(openssl("crl -in published/crl/root.pem -CAfile"
	    " root.pem -noout -text"), 0);
	assert_true(says("CRL Number: \n                2"));
}

static void
many_revoke(int n, int from)
{
	char sql[512];

	snprintf(sql, sizeof sql, "WITH RECURSIVE i(n) AS (SELECT %d UNION ALL"
	    " SELECT n + 1 FROM i WHERE n < %d) INSERT INTO certificate"
	    " (serial, issuer, state, not_before, not_after, issued, revoked,"
	    " reason, sha256, spki_sha256, policy) SELECT printf('01%%032x',"
	    " n), 'ica-server-1', 'revoked', 1794990000, 1795990000,"
	    " 1794990000, 1795000000, n %% 6, x'', x'', '1' FROM i WHERE"
	    " n %% 6 <> 2; UPDATE issuer SET crl_due = 0", from, from + n - 1);
	rig_sql(sql);
}

static int
listed(void)
{
	int n = 0;

	assert_int_equal(openssl("crl -inform DER -in"
	    " published/crl/ica-server-1.crl -CAfile ica.pem -noout"), 0);
	assert_true(says("verify OK"));
	assert_int_equal(openssl("asn1parse -inform DER -in"
	    " published/crl/ica-server-1.crl -noout"), 0);
	n = (int)strtol(strstr(rig_ask_sql("SELECT detail FROM audit WHERE"
	    " action = 'crl.publish' AND object = 'ica-server-1' ORDER BY"
	    " number DESC LIMIT 1"), ", ") + 2, NULL, 10);
	return n;
}

static void
watch(void)
{
	rig_begin();
	publish_watch();
	rig_commit();
}

/* The folder is no folder any more: nothing can be published in it. */
static void
crl_folder_break(bool broken)
{
	if (broken) {
		assert_int_equal(rename(published("crl"), published("away")),
		    0);
		file_put("published/crl", "", 0);
	} else {
		assert_int_equal(unlink(published("crl")), 0);
		assert_int_equal(rename(published("away"), published("crl")),
		    0);
	}
}

static const char *
alarm_state(const char *kind, const char *object)
{
	char sql[256];

	snprintf(sql, sizeof sql, "SELECT state FROM alarm WHERE kind = '%s'"
	    " AND object = '%s' ORDER BY number DESC LIMIT 1", kind, object);
	return rig_ask_sql(sql);
}

static void
alarm_ends(const char *kind, const char *object)
{
	for (int i = 0; i < 20 && strcmp(alarm_state(kind, object),
	    "over") != 0; i++) {
		usleep(250000);	/* the signer is tried once a second */
		publish_settle();
		watch();
	}
	assert_string_equal(alarm_state(kind, object), "over");
}

/* S8.2: days before the published one ends; over as soon as one is out. */
static void
late_crl_raises_an_alarm_while_it_is_late(void **state)
{
	int64_t now = RIG_NOW + 25 * 3600;

	(void)state;
	publish_settle();
	watch();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM alarm WHERE"
	    " kind IN ('late-crl', 'stale-answers')"), "0");
	crl_folder_break(true);
	signer_stop();
	clock_set_for_test(now);
	watch();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM alarm WHERE"
	    " kind IN ('late-crl', 'stale-answers')"), "0");
	clock_set_for_test(now + 601);
	signer_start();
	publish_settle();
	publish_settle();
	watch();
	assert_string_equal(alarm_state("late-crl", "ica-server-1"), "open");
	assert_string_equal(alarm_state("late-crl", "root"), "open");
	assert_string_equal(rig_ask_sql("SELECT text LIKE '%is late by 10"
	    " minutes; the published one counts until 2026-11-2%published/%'"
	    " FROM alarm WHERE kind = 'late-crl' AND object ="
	    " 'ica-server-1'"), "1");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM notice WHERE"
	    " kind = 'alarm' AND recipient = 'staff@ca.example' AND"
	    " subject LIKE '%late-crl%'"), "2");
	watch();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM alarm WHERE"
	    " kind = 'late-crl'"), "2");
	crl_folder_break(false);
	alarm_ends("late-crl", "ica-server-1");
	alarm_ends("late-crl", "root");
}

/* The signer hangs or is away: answers are not renewed. */
static void
stale_answers_raise_an_alarm_while_they_are_late(void **state)
{
	int64_t now = RIG_NOW + 36 * 3600;

	(void)state;
	publish_settle();
	signer_stop();
	clock_set_for_test(now);
	publish_settle();
	watch();
	clock_set_for_test(now + 601);
	watch();
	assert_string_equal(alarm_state("stale-answers", "ica-server-1"),
	    "open");
	signer_start();
	alarm_ends("stale-answers", "ica-server-1");
}

/* A clock that jumps alone is no alarm: what is due then is made at once. */
static void
clock_steps_raise_no_alarm(void **state)
{
	(void)state;
	publish_settle();
	signer_stop();
	clock_set_for_test(RIG_NOW + 40 * 86400);
	signer_start();
	watch();
	publish_settle();
	publish_settle();
	watch();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM alarm WHERE"
	    " kind IN ('late-crl', 'stale-answers') AND object <> 'root'"),
	    "0");
}

static void
state_has_numbers_and_names_nobody(void **state)
{
	struct blob text = { 0 };
	struct err e = { 0 };

	(void)state;
	publish_settle();
	assert_int_equal(state_write(&e), 0);
	assert_int_equal(file_read(published("state.prom"), 65536, &text, &e),
	    0);
	assert_non_null(memmem(text.data, text.size,
	    "\nxmpp_ica_alarms_open 0\n", 24));
	assert_non_null(memmem(text.data, text.size,
	    "\nxmpp_ica_certificates_good 1\n", 30));
	assert_null(memmem(text.data, text.size, "@", 1));
	assert_null(memmem(text.data, text.size, "alice", 5));
	assert_null(memmem(text.data, text.size, "example", 7));
	blob_clear(&text);
}

/* More than a frame holds; then one more; then with the kept list damaged. */
static void
long_crl_is_made_in_slices(void **state)
{
	char path[CONF_PATH_SIZE];

	(void)state;
	publish_settle();
	many_revoke(60000, 1000);
	publish_settle();
	assert_int_equal(listed(), 50000);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM crl_new"), "0");
	many_revoke(1, 1);
	publish_settle();
	assert_int_equal(listed(), 50001);
	conf_path(&conf, path, "db/crl-ica-server-1.entries");
	assert_int_equal(truncate(path, 500), 0);
	many_revoke(1, 3);
	publish_settle();
	assert_int_equal(listed(), 50002);
	rig_sql("UPDATE certificate SET reason = 5 WHERE serial ="
	    " '01' || printf('%032x', 1); UPDATE issuer SET crl_due = 0");
	publish_settle();
	assert_int_equal(listed(), 50002);
}

#define WITH_AUTHORITY(test) \
	cmocka_unit_test_setup_teardown(test, authority_make, authority_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_AUTHORITY(crl_chain_and_answer_stand_from_the_start),
		WITH_AUTHORITY(revocation_shows_in_crl_and_answer),
		WITH_AUTHORITY(reasons_and_people_are_bounded),
		WITH_AUTHORITY(compromised_key_is_blocked),
		WITH_AUTHORITY(crl_and_answers_are_renewed_in_time),
		WITH_AUTHORITY(crls_made_ahead_are_released_when_their_time_comes),
		WITH_AUTHORITY(a_newer_crl_makes_those_ahead_void),
		WITH_AUTHORITY(entries_stay_until_expiry_plus_one_crl),
		WITH_AUTHORITY(burnt_serial_is_revoked_everywhere),
		WITH_AUTHORITY(lost_files_are_made_again),
		WITH_AUTHORITY(feed_counts_and_names_nobody),
		WITH_AUTHORITY(root_crl_is_published),
		WITH_AUTHORITY(long_crl_is_made_in_slices),
		WITH_AUTHORITY(late_crl_raises_an_alarm_while_it_is_late),
		WITH_AUTHORITY(
		    stale_answers_raise_an_alarm_while_they_are_late),
		WITH_AUTHORITY(clock_steps_raise_no_alarm),
		WITH_AUTHORITY(state_has_numbers_and_names_nobody),
	};

	return signer_run_each(tests, sizeof tests / sizeof tests[0]);
}
