/* draft_test.c - unsent forms: kept for their account alone, bounded, gone in
 * time, and never with a private key in them. */
#include "rig.h"

#include "core/registrar/request/draft.h"

static int
put(int fd, const char *form, const void *body, size_t size, struct err *e)
{
	struct draft d = { 0 };
	struct none none = { 0 };
	int r;

	str_copy(d.form, sizeof d.form, form);
	blob_set(&d.body, body, size);
	r = rig_ask(fd, OP_draft_put, &d, &none, e);
	blob_clear(&d.body);
	return r;
}

static int
get(int fd, const char *form, struct draft *d, struct err *e)
{
	struct ref ref = { 0 };

	memset(d, 0, sizeof *d);
	str_copy(ref.ref, sizeof ref.ref, form);
	return rig_ask(fd, OP_draft_get, &ref, d, e);
}

static void
a_draft_is_its_accounts_alone(void **state)
{
	int64_t alice = rig_account("alice", ROLE_MEMBER, rig_key(1));
	int64_t bob = rig_account("bob", ROLE_STAFF, rig_key(2));
	int a = rig_connect(ROLE_MEMBER, alice, "alice", rig_key(1));
	int b = rig_connect(ROLE_STAFF, bob, "bob", rig_key(2));
	struct ref ref = { .ref = "domain_add" };
	struct none none = { 0 };
	struct draft d;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(put(a, "domain_add", "one", 3, &e), 0);
	assert_int_equal(put(a, "domain_add", "two!", 4, &e), 0);
	assert_int_equal(get(a, "domain_add", &d, &e), 0);
	assert_int_equal(d.body.size, 4);
	assert_memory_equal(d.body.data, "two!", 4);
	NOUN_CLEAR(draft, &d);
	assert_int_equal(get(b, "domain_add", &d, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	/* his dropping is not hers */
	assert_int_equal(rig_ask(b, OP_draft_drop, &ref, &none, &e), 0);
	assert_int_equal(get(a, "domain_add", &d, &e), 0);
	NOUN_CLEAR(draft, &d);
	assert_int_equal(rig_ask(a, OP_draft_drop, &ref, &none, &e), 0);
	assert_int_equal(get(a, "domain_add", &d, &e), -1);
	close(a);
	close(b);
}

static void
what_is_too_much_or_secret_is_not_kept(void **state)
{
	static const char key[] =
	    "note\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE";
	int64_t carol = rig_account("carol", ROLE_MEMBER, rig_key(3));
	int c = rig_connect(ROLE_MEMBER, carol, "carol", rig_key(3));
	struct seat s = rig_seat(ROLE_MEMBER, carol, "carol", rig_key(3));
	char *big = calloc(1, DRAFT_SIZE + 1), form[32];
	struct draft d, large = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(put(c, "request_new", key, sizeof key, &e), -1);
	assert_string_equal(e.clause, "csr-private-key");
	/* longer than one read of the loop: asked without the socket */
	rig_begin();
	str_copy(large.form, sizeof large.form, "request_new");
	blob_set(&large.body, big, DRAFT_SIZE + 1);
	assert_int_equal(serve_draft_put(&s, &large, &none, &e), -1);
	assert_string_equal(e.clause, "draft-size");
	large.body.size = DRAFT_SIZE;
	assert_int_equal(serve_draft_put(&s, &large, &none, &e), 0);
	rig_commit();
	blob_clear(&large.body);
	assert_int_equal(put(c, "no such/form", "x", 1, &e), -1);
	for (int i = 0; i < DRAFT_FORMS + 5; i++) {
		snprintf(form, sizeof form, "refuse:%d", i);
		clock_set_for_test(clock_now() + 1);
		assert_int_equal(put(c, form, "x", 1, &e), 0);
	}
	assert_int_equal(strtol(rig_ask_sql(
	    "SELECT count(*) FROM draft"), NULL, 10), DRAFT_FORMS);
	assert_int_equal(get(c, "refuse:0", &d, &e), -1);
	free(big);
	close(c);
}

static void
a_draft_ends_with_time_and_with_its_account(void **state)
{
	int64_t dora = rig_account("dora", ROLE_MEMBER, rig_key(4));
	int f = rig_connect(ROLE_MEMBER, dora, "dora", rig_key(4));
	struct draft d;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(put(f, "domain_add", "x", 1, &e), 0);
	clock_set_for_test(clock_now() + DRAFT_DAYS * 86400 - 5);
	assert_int_equal(get(f, "domain_add", &d, &e), 0);
	NOUN_CLEAR(draft, &d);
	clock_set_for_test(clock_now() + 10);
	assert_int_equal(get(f, "domain_add", &d, &e), -1);
	assert_int_equal(put(f, "domain_add", "y", 1, &e), 0);
	rig_sql("UPDATE account SET state = 'closed' WHERE name = 'dora'");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM draft WHERE"
	    " account = (SELECT number FROM account WHERE name = 'dora')"),
	    "0");
	close(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_draft_is_its_accounts_alone),
		cmocka_unit_test(what_is_too_much_or_secret_is_not_kept),
		cmocka_unit_test(a_draft_ends_with_time_and_with_its_account),
	};

	return cmocka_run_group_tests(tests, rig_open, rig_close);
}
