/* deed_faults_test.c - every kind of statement that people sign against every
 * fault: forged, cut, edited, of another namespace, of yesterday's staff, late
 * and early, on a full disk, and again, also after a restart: a refusal, and
 * nothing is done (S2.1, S11.5, S12.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>

#include "core/signer/approvals.h"
#include "core/x509/statement.h"
#include "tests/unit/signer_help.h"
#include "tests/unit/sshsig_make.h"

enum { DIRECTOR_KEY, STAFF_KEY, MALLORY_KEY, KEYS };
enum { APPROVE, REVOKE_MANY, GRANT, POLICY, RESUME, ISSUER, KINDS };

static const char *const kinds[KINDS] = { "approve", "revoke-many", "grant",
	"policy", "resume", "issuer" };

static EVP_PKEY *keys[KEYS];
static char *lines[KEYS];
static int kind;			/* that is tried now */
static struct issuer_signed deed;	/* of all kinds but APPROVE */
static struct sign_wish wish;
static bool signed_now;			/* a certificate came back */

/* ---- one statement, whatever it is about ---- */

static struct approval_signature *
signatures(size_t *n)
{
	*n = kind == APPROVE ? wish.n_approvals : deed.deed.n_signatures;
	return kind == APPROVE ? wish.approvals : deed.deed.signatures;
}

static void
sign(const char *by, EVP_PKEY *key, const char *space)
{
	struct approval_signature *a = kind == APPROVE ?
	    LIST_ADD(&wish, approvals) : LIST_ADD(&deed.deed, signatures);
	struct buf b = { 0 };

	str_copy(a->approver, sizeof a->approver, by);
	a->at = clock_now();
	if (kind == APPROVE)
		statement_approve(&b, signer_self.conf.service_name, &wish,
		    by, a->at);
	else
		statement_deed(&b, signer_self.conf.service_name, &deed.deed,
		    by, a->at);
	sshsig_make(&a->signature, key, space, b.data, b.size, -1);
	buf_clear(&b);
}

static void
signatures_forget(void)
{
	size_t n;
	struct approval_signature *a = signatures(&n);

	for (size_t i = 0; i < n; i++)
		blob_clear(&a[i].signature);
	wish.n_approvals = deed.deed.n_signatures = 0;
}

/* Who must: the first of them with another key or namespace when it is said. */
static void
sign_all(EVP_PKEY *first, const char *space)
{
	bool staff = kind == APPROVE || kind == REVOKE_MANY || kind == RESUME;

	signatures_forget();
	sign(staff ? "staff" : "director", first != NULL ? first :
	    keys[staff ? STAFF_KEY : DIRECTOR_KEY],
	    space != NULL ? space : STATEMENT_SPACE);
	if (kind == GRANT)
		sign("staff", keys[STAFF_KEY], STATEMENT_SPACE);
}

static void
serial_other(void)
{
	uint8_t serial[SERIAL_SIZE];

	random_bytes(serial, sizeof serial);
	serial[0] = 1;
	hex_encode(wish.serial, serial, sizeof serial);
}

static void
fill(void)
{
	struct deed *d = &deed.deed;

	str_copy(d->kind, sizeof d->kind, kinds[kind]);
	str_copy(d->object, sizeof d->object, "7");
	memset(d->policy, 'a', 64);
	if (kind == APPROVE) {
		wish_fill(&wish, 7, "montague.example", NULL);
		memset(wish.policy, 'a', 64);
	} else if (kind == GRANT) {
		deed_put(d, "account", "mallory");
		deed_put(d, "role", "staff");
		deed_put(d, "until", "never");
		deed_put(d, "key", "%s", lines[MALLORY_KEY]);
	} else if (kind == ISSUER) {
		str_copy(deed.what.deed, sizeof deed.what.deed, "retire");
		str_copy(deed.what.name, sizeof deed.what.name,
		    "ica-server-1");
		deed_put(d, "deed", "retire");
		deed_put(d, "issuer", "ica-server-1");
	} else {
		deed_put(d, "reason", "drill");
	}
}

/* Ask for it; the clause of the refusal, "" when it was done. */
static const char *
attempt(void)
{
	static struct err e;
	static char clause[64];
	struct none none = { 0 };

	memset(&e, 0, sizeof e);
	signed_now = false;
	if (kind == APPROVE) {
		struct sign_batch b = { .wishes = &wish, .n_wishes = 1 };
		struct signed_batch r = { 0 };

		if (serve_sign_certificates(NULL, &b, &r, &e) == 0)
			str_copy(e.clause, sizeof e.clause,
			    r.items[0].clause);
		signed_now = r.n_items > 0 && r.items[0].der.size > 0;
		NOUN_CLEAR(signed_batch, &r);
	} else if (kind == ISSUER) {
		serve_sign_issuer_signed(NULL, &deed, &none, &e);
	} else {
		serve_sign_deed(NULL, &deed.deed, &none, &e);
	}
	str_copy(clause, sizeof clause, e.clause);
	return clause;
}

static bool
is_pinned(void)
{
	struct blob pins = { 0 };
	struct sshsig sig;
	struct err e = { 0 };
	bool yes;

	assert_int_equal(sshsig_key_line(lines[MALLORY_KEY], sig.key,
	    &sig.key_size, &e), 0);
	assert_int_equal(pins_read(&signer_self, &pins, &e), 0);
	yes = pins_roles(&pins, "mallory", &sig, clock_now()) != 0;
	blob_clear(&pins);
	return yes;
}

/* The traces that each kind leaves in the signer. */
static bool
is_done(void)
{
	return kind == APPROVE ? signed_now : kind == GRANT ? is_pinned() :
	    kind == ISSUER ? signer_self.issuers[0].retired : false;
}

static void
refused(const char *clause)
{
	const char *got = attempt();

	if (clause != NULL ? strcmp(got, clause) != 0 : got[0] == '\0')
		fail_msg("%s: \"%s\", not \"%s\"", kinds[kind], got,
		    clause != NULL ? clause : "a refusal");
	assert_false(is_done());
	if (kind == APPROVE)
		serial_other();
}

/* ---- faults ---- */

static void
pins_put(void)
{
	struct buf b = { 0 };

	buf_printf(&b, "director director %s\nstaff %s desk\n",
	    lines[DIRECTOR_KEY], lines[STAFF_KEY]);
	put_file("ca/approvers", b.data, b.size);
	buf_clear(&b);
}

static void
forged(void)
{
	sign_all(keys[MALLORY_KEY], NULL);
	refused("signed-approval");
	/* by the right keys of other people */
	sign_all(keys[kind == APPROVE || kind == REVOKE_MANY ||
	    kind == RESUME ? DIRECTOR_KEY : STAFF_KEY], NULL);
	refused("signed-approval");
	signatures_forget();
	refused(kind == APPROVE ? "signed-approval" : "signed-deed");
}

static void
cut_and_bent(void)
{
	struct approval_signature *a = NULL;
	struct blob whole = { 0 };
	size_t n;

	sign_all(NULL, NULL);
	a = signatures(&n);
	blob_set(&whole, a->signature.data, a->signature.size);
	for (size_t k = 0; k + 2 < whole.size; k += 3) {
		blob_set(&a->signature, whole.data, k);
		refused("sshsig-form");
	}
	for (size_t k = 30; k + 29 < whole.size; k += 3) {
		blob_set(&a->signature, whole.data, whole.size);
		a->signature.data[k] ^= 1;
		refused(NULL);
	}
	blob_clear(&whole);
	sign_all(NULL, "file");
	refused("sshsig-namespace");
	sign_all(NULL, "approve@xmpp-icb");
	refused("sshsig-namespace");
}

/* One byte of what was signed is another. */
static void
edited(void)
{
	struct deed *d = &deed.deed;
	size_t n;

	sign_all(NULL, NULL);
	signatures(&n)->at--;
	refused("sshsig-signature");
	signatures(&n)->at++;
	if (kind == APPROVE) {
		wish.policy[0] ^= 1;
		refused("sshsig-signature");
		wish.policy[0] ^= 1;
		wish.request ^= 1;
		wish_approve(&wish);
		refused("sshsig-signature");
		wish.request ^= 1;
		wish_approve(&wish);
		return;
	}
	d->policy[63] ^= 1;
	refused("sshsig-signature");
	d->policy[63] ^= 1;
	d->object[0] ^= 1;
	refused("sshsig-signature");
	d->object[0] ^= 1;
	for (size_t i = 0; i < d->n_lines; i++)
		for (size_t k = 0; k < strlen(d->lines[i].value); k++) {
			d->lines[i].value[k] ^= 1;
			refused(NULL);
			d->lines[i].value[k] ^= 1;
		}
}

/* The clock was set, or somebody kept it for long. */
static void
late_and_early(void)
{
	int64_t now = clock_now();

	sign_all(NULL, NULL);
	clock_set_for_test(now - STATEMENT_AHEAD - 10);
	refused(kind == APPROVE ? NULL : "statement-time");
	clock_set_for_test(now - 400 * 86400);
	refused(kind == APPROVE ? NULL : "statement-time");
	clock_set_for_test(now + STATEMENT_SECONDS + 10);
	refused(kind == APPROVE ? NULL : "statement-time");
	clock_set_for_test(now);
}

static void
of_yesterday(void)
{
	struct err e = { 0 };

	sign_all(NULL, NULL);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pins_remove(&signer_self, i == 0 ? "staff" :
		    "director", "", &e), 0);
	refused("signed-approval");
	pins_put();
}

static void
room_for(rlim_t bytes)
{
	struct rlimit r;

	getrlimit(RLIMIT_FSIZE, &r);
	r.rlim_cur = bytes == RLIM_INFINITY ? r.rlim_max : bytes;
	setrlimit(RLIMIT_FSIZE, &r);
}

/* Not a byte more, then a part of the record: it is not used, so not done. */
static void
full_disk(void)
{
	struct stat st;

	sign_all(NULL, NULL);
	assert_int_equal(stat(in_folder("ca/statements"), &st), 0);
	for (rlim_t more = 0; more < 64; more += 21) {
		room_for((rlim_t)st.st_size + more);
		refused("signer-journal");
		room_for(RLIM_INFINITY);
	}
}

static void
restart(void)
{
	struct err e = { 0 };
	int64_t now = clock_now();

	approvals_close();
	signer_stop();
	signer_start();
	assert_int_equal(approvals_open(&signer_self, &e), 0);
	clock_set_for_test(now);
}

/* Done once; then never again, not after a restart, not with the clock set
 * back to when it was signed. */
static void
used_once(void)
{
	struct pin_end mallory = { .name = "mallory" };
	struct none none = { 0 };
	int64_t now = clock_now();
	struct err e = { 0 };

	sign_all(NULL, NULL);
	assert_string_equal(attempt(), "");
	if (kind == APPROVE || kind == GRANT || kind == ISSUER)
		assert_true(is_done());
	if (kind == GRANT)
		assert_int_equal(serve_sign_unpin(NULL, &mallory, &none, &e),
		    0);
	for (int i = 0; i < 3; i++) {
		signer_self.issuers[0].retired = false;
		serial_other();
		refused("statement-used");
		clock_set_for_test(now - i * (STATEMENT_AHEAD / 4));
		restart();
	}
	clock_set_for_test(now);
}

static void
no_fault_is_a_deed(void **state)
{
	static void (*const faults[])(void) = { forged, cut_and_bent, edited,
		late_and_early, of_yesterday, full_disk, used_once };

	(void)state;
	for (kind = 0; kind < KINDS; kind++) {
		struct err e = { 0 };

		clock_set_for_test(time(NULL));
		signer_fresh(true, "signed_approvals = yes\n");
		assert_int_equal(approvals_open(&signer_self, &e), 0);
		pins_put();
		fill();
		for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
			faults[i]();
		NOUN_CLEAR(issuer_signed, &deed);
		NOUN_CLEAR(sign_wish, &wish);
		memset(&deed, 0, sizeof deed);
		memset(&wish, 0, sizeof wish);
		approvals_close();
		signer_stop();
		clock_set_for_test(0);
	}
}

/* Room for the record and none for the keys: the signatures are used up, and
 * nobody is pinned by half. */
static void
a_disk_that_fills_in_between_pins_nobody(void **state)
{
	struct blob before = { 0 }, after = { 0 };
	struct err e = { 0 };

	(void)state;
	kind = GRANT;
	signer_fresh(true, "");
	assert_int_equal(approvals_open(&signer_self, &e), 0);
	pins_put();
	fill();
	sign_all(NULL, NULL);
	assert_int_equal(pins_read(&signer_self, &before, &e), 0);
	assert_true(before.size > 160);
	room_for(160);		/* two records are 128 bytes */
	assert_string_equal(attempt(), "file");
	room_for(RLIM_INFINITY);
	assert_false(is_done());
	assert_int_equal(pins_read(&signer_self, &after, &e), 0);
	assert_int_equal(after.size, before.size);
	assert_memory_equal(after.data, before.data, after.size);
	assert_string_equal(attempt(), "statement-used");
	clock_set_for_test(time(NULL) + 1);
	sign_all(NULL, NULL);
	assert_string_equal(attempt(), "");
	assert_true(is_done());
	clock_set_for_test(0);
	blob_clear(&before);
	blob_clear(&after);
	NOUN_CLEAR(issuer_signed, &deed);
	memset(&deed, 0, sizeof deed);
	approvals_close();
	signer_stop();
}

static int
begin(void **state)
{
	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < KEYS; i++) {
		keys[i] = i == STAFF_KEY ?
		    EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") :
		    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		lines[i] = key_line(keys[i], false);
	}
	return folder_begin(state);
}

static int
end(void **state)
{
	for (int i = 0; i < KEYS; i++) {
		EVP_PKEY_free(keys[i]);
		free(lines[i]);
	}
	return folder_end(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_fault_is_a_deed),
		cmocka_unit_test(a_disk_that_fills_in_between_pins_nobody),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
