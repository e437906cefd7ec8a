/* ui_test.c - every view on a screen: golden texts, keys, pastes, attacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "console/list.h"
#include "tests/view/harmless.h"
#include "tests/view/harness.h"

/* newterm() of ncurses 6.4 keeps its first block when it knows no such name */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:new_prescr\n";
}

static const char csr_good[] =
    "-----BEGIN CERTIFICATE REQUEST-----\r"
    "MIIBEzCBugIBADAWMRQwEgYDVQQDDAtleGFtcGxlLm9yZzBZMBMGByqGSM49AgEG\r"
    "-----END CERTIFICATE REQUEST-----\r";
static const char csr_bad[] =
    "-----BEGIN CERTIFICATE REQUEST-----\r"
    "BADBADBAD\r"
    "-----END CERTIFICATE REQUEST-----\r";

static void
paste(struct bench *b, const char *text)
{
	struct buf all = { 0 };

	buf_printf(&all, "\033[200~%s\033[201~", text);
	bench_bytes(b, all.data, all.size);
	buf_clear(&all);
}

/* ---- golden screens ---- */

/* In keys: \x01 pastes the good CSR, \x02 the bad one. */
struct scene {
	const char *name;
	enum role role;
	const char *keys;
	bool fresh;
};

static const struct scene scenes[] = {
	{ "door", ROLE_GUEST, "", false },
	{ "key-proof", ROLE_GUEST, "v", false },
	{ "key-proof-sign", ROLE_GUEST, "v4a7f00c1\r", false },
	{ "key-proof-ask", ROLE_GUEST, "v4a7f00c1\rMEUCIQ\t\t\t\r", false },
	{ "key-proof-done", ROLE_GUEST, "v4a7f00c1\rMEUCIQ\t\t\t\rREVOKE\r", false },
	{ "register", ROLE_GUEST, "r", false },
	{ "register-letter", ROLE_GUEST, "c", false },
	{ "register-agreement", ROLE_GUEST, "ralice\talice@example.org\r", false },
	{ "register-code", ROLE_GUEST, "ralice\talice@example.org\ra", false },
	{ "recover", ROLE_GUEST, "l", false },
	{ "recover-code", ROLE_GUEST, "lalice\r", false },
	{ "recover-waiting", ROLE_GUEST, "lalice\rAAAA\r\t\r", false },
	{ "home-new", ROLE_MEMBER, "", true },
	{ "home-member", ROLE_MEMBER, "", false },
	{ "home-staff", ROLE_STAFF, "", false },
	{ "home-auditor", ROLE_AUDITOR, "", false },
	{ "domains", ROLE_MEMBER, "2", false },
	{ "domains-new", ROLE_MEMBER, "2", true },
	{ "domains-add", ROLE_MEMBER, "2a", false },
	{ "domains-drop", ROLE_MEMBER, "2x", false },
	{ "domain", ROLE_MEMBER, "2jj\r", false },
	{ "live", ROLE_MEMBER, "2j\rl", false },
	{ "conflicts", ROLE_STAFF, "2d", false },
	{ "conflicts-settle", ROLE_STAFF, "2ds", false },
	{ "conflicts-after", ROLE_STAFF, "2ds\t\r", false },
	{ "requests", ROLE_MEMBER, "3", false },
	{ "requests-filter", ROLE_STAFF, "4/jabber", false },
	{ "request", ROLE_MEMBER, "3\r", false },
	{ "request-new", ROLE_MEMBER, "3n", false },
	{ "request-good", ROLE_MEMBER, "3n\x01", false },
	{ "request-bad", ROLE_MEMBER, "3n\x02", false },
	{ "request-domains", ROLE_MEMBER, "3nd", false },
	{ "certificates", ROLE_MEMBER, "4", false },
	{ "certificates-staff", ROLE_STAFF, "5", false },
	{ "revocations", ROLE_STAFF, "5v", false },
	{ "plans", ROLE_STAFF, "5vm", false },
	{ "plans-new", ROLE_STAFF, "5vmn", false },
	{ "plan", ROLE_STAFF, "5vmj\r", false },
	{ "plan-confirm", ROLE_STAFF, "5vm\rc", false },
	{ "certificate", ROLE_MEMBER, "4\r", false },
	{ "certificate-revoke", ROLE_MEMBER, "4\rx", false },
	{ "certificate-same-key", ROLE_MEMBER, "4\rx\033[C\tREVOKE\r", false },
	{ "queue", ROLE_STAFF, "2", false },
	{ "review", ROLE_STAFF, "2\r", false },
	{ "review-approve", ROLE_STAFF, "2\ra", false },
	{ "review-refuse", ROLE_STAFF, "2\rr", false },
	{ "members", ROLE_STAFF, "6", false },
	{ "member", ROLE_STAFF, "6\r", false },
	{ "mail", ROLE_STAFF, "7", false },
	{ "mail-letter", ROLE_STAFF, "7\r", false },
	{ "system", ROLE_STAFF, "8", false },
	{ "alarms", ROLE_STAFF, "8a", false },
	{ "roles", ROLE_STAFF, "8o", false },
	{ "issuers", ROLE_DIRECTOR, "9i", false },
	{ "roles-new", ROLE_DIRECTOR, "9on", false },
	{ "roles-confirm", ROLE_STAFF, "8oc", false },
	{ "access", ROLE_STAFF, "8or", false },
	{ "policy", ROLE_STAFF, "8p", false },
	{ "policy-halted", ROLE_DIRECTOR, "9p", false },
	{ "alarms-one", ROLE_STAFF, "8aj\r", false },
	{ "account", ROLE_MEMBER, "5", false },
	{ "account-add", ROLE_MEMBER, "5a", false },
	{ "account-address", ROLE_MEMBER, "5e", false },
	{ "account-close", ROLE_MEMBER, "5c", false },
	{ "account-export", ROLE_MEMBER, "5o", false },
	{ "looks", ROLE_MEMBER, "5w", false },
	{ "invitations", ROLE_MEMBER, "2p", false },
	{ "invitations-code", ROLE_MEMBER, "2pa" "romeo@example.org\t\t\r", false },
	{ "certificate-renew", ROLE_MEMBER, "4\rr", false },
	{ "recoveries", ROLE_STAFF, "6o", false },
	{ "recoveries-approve", ROLE_STAFF, "6oa", false },
	{ "breach", ROLE_STAFF, "6b", false },
	{ "breach-people", ROLE_STAFF, "6b2026-11-12\r\r", false },
	{ "home-finance", ROLE_FINANCE, "", false },
	{ "home-director", ROLE_DIRECTOR, "", false },
	{ "member-quota", ROLE_STAFF, "6\rc", false },
	{ "audit", ROLE_AUDITOR, "6", false },
	{ "audit-entry", ROLE_AUDITOR, "6\r", false },
	{ "audit-verify", ROLE_AUDITOR, "6v", false },
	{ "costs", ROLE_FINANCE, "4", false },
	{ "costs-new", ROLE_FINANCE, "4n", false },
	{ "costs-line", ROLE_FINANCE, "4\r", false },
	{ "costs-reverse", ROLE_FINANCE, "4x", false },
	{ "forecast", ROLE_FINANCE, "4o", false },
	{ "report", ROLE_FINANCE, "5", false },
	{ "report-submit", ROLE_DIRECTOR, "r<s", false },
	{ "documents", ROLE_DIRECTOR, "rd", false },
	{ "document", ROLE_FINANCE, "5dj\r", false },
	{ "search", ROLE_STAFF, "s", false },
	{ "search-hits", ROLE_STAFF, "sjabber\r", false },
	{ "changes", ROLE_STAFF, "8w", false },
	{ "reports", ROLE_FINANCE, "5l", false },
	{ "help-door", ROLE_GUEST, "?", false },
	{ "output", ROLE_STAFF, "?c", false },
	{ "queue-auditor", ROLE_AUDITOR, "2", false },
	{ "review-auditor", ROLE_AUDITOR, "2\r", false },
	{ "member-auditor", ROLE_AUDITOR, "5\r", false },
	{ "system-auditor", ROLE_AUDITOR, "8", false },
	{ "policy-auditor", ROLE_AUDITOR, "8p", false },
	{ "roles-auditor", ROLE_AUDITOR, "8o", false },
	{ "account-staff", ROLE_STAFF, "9", false },
	{ "account-finance", ROLE_FINANCE, "6", false },
	{ "policy-member", ROLE_MEMBER, "5p", false },
	{ "certificate-staff", ROLE_STAFF, "5\r", false },
	{ "requests-finance", ROLE_FINANCE, "2", false },
	{ "alarms-finance", ROLE_FINANCE, "a", false },
	{ "queue-director", ROLE_DIRECTOR, "2", false },
	{ "review-director", ROLE_DIRECTOR, "2\r", false },
	{ "members-director", ROLE_DIRECTOR, "6", false },
	{ "help", ROLE_STAFF, "2\r?", false },
	{ "agreement", ROLE_MEMBER, "5m", false },
};
#define SCENES (sizeof scenes / sizeof scenes[0])

static void
scene_play(struct bench *b, const struct scene *s)
{
	for (const char *k = s->keys; *k != '\0'; k++) {
		if (*k == 1)
			paste(b, csr_good);
		else if (*k == 2)
			paste(b, csr_bad);
		else
			bench_bytes(b, k, 1);
	}
}

static unsigned
scenes_check(const struct bench_how *how, const char *suffix)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < SCENES; i++) {
		struct bench_how h = *how;
		struct bench b;
		char name[128];

		h.role = scenes[i].role;
		h.fresh = scenes[i].fresh;
		bench_open(&b, &h);
		scene_play(&b, &scenes[i]);
		snprintf(name, sizeof name, "%s-%s", scenes[i].name, suffix);
		wrong += !bench_golden(&b, name);
		assert_false(b.ui.quit);
		bench_close(&b);
	}
	return wrong;
}

static void
screens_stand_as_they_were_approved(void **state)
{
	(void)state;
	assert_int_equal(scenes_check(&(struct bench_how){ .rows = 24,
	    .cols = 80 }, "80x24"), 0);
	assert_int_equal(scenes_check(&(struct bench_how){ .rows = 40,
	    .cols = 120 }, "120x40"), 0);
	assert_int_equal(scenes_check(&(struct bench_how){ .rows = 10,
	    .cols = 40 }, "40x10"), 0);
	assert_int_equal(scenes_check(&(struct bench_how){ .rows = 24,
	    .cols = 80, .term = "vt100", .ascii = true, .mono = true },
	    "ascii"), 0);
}

/* What each look means is kept with every screen; on a terminal without
 * colours none may be lost (S2.5). */
static void
looks_stand_as_they_were_approved(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < SCENES; i++)
		for (int mono = 0; mono < 2; mono++) {
			struct bench b;
			char name[128];

			bench_open(&b, &(struct bench_how){ .rows = 24,
			    .cols = 80, .mono = mono,
			    .role = scenes[i].role,
			    .fresh = scenes[i].fresh });
			scene_play(&b, &scenes[i]);
			snprintf(name, sizeof name, "%s%s", scenes[i].name,
			    mono ? "-mono" : "");
			wrong += !bench_golden_looks(&b, name);
			bench_close(&b);
		}
	assert_int_equal(wrong, 0);
}

/* ---- the bytes on the channel ---- */

static void
hostile_texts_reach_no_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCENES; i++)
		for (int ascii = 0; ascii < 2; ascii++) {
			struct bench b;

			bench_open(&b, &(struct bench_how){ .rows = 24,
			    .cols = 100, .role = scenes[i].role,
			    .hostile = true, .ascii = ascii,
			    .term = ascii ? "vt100" : NULL });
			scene_play(&b, &scenes[i]);
			bench_type(&b, "\033[6~");
			assert_true(b.bytes.size > 0);
			bytes_are_harmless(&b.bytes);
			bench_close(&b);
		}
}

static void
a_plain_chain_of_hostile_bytes_is_rendered(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER, .hostile = true });
	bench_type(&b, "4\r");
	/* p waits for a key of its own: have it lie ready */
	bench_bytes(&b, "p\r", 2);
	bytes_are_harmless(&b.bytes);
	bench_close(&b);
}

/* ---- what happens by itself ---- */

static void
an_issued_certificate_shows_without_a_key(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(&b, "3n");
	paste(&b, csr_good);
	assert_true(bench_shows(&b, "This CSR is good"));
	bench_type(&b, "s");
	assert_true(bench_shows(&b, "Request 251 is submitted"));
	assert_true(bench_shows(&b, "awaiting"));
	assert_int_equal(write(b.control, "i", 1), 1);
	for (int i = 0; i < 50 && !bench_shows(&b, "good"); i++) {
		ui_turn(&b.ui, 50);
		bench_settle(&b);
	}
	assert_true(bench_shows(&b, "good"));
	assert_true(bench_shows(&b, "The certificate is issued. Enter opens it."));
	bench_type(&b, "\r");
	assert_true(bench_shows(&b, "Certificate 251"));
	bench_close(&b);
}

/* What waits for somebody's word stands on the home view, and w goes there. */
static void
home_leads_to_what_waits(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_STAFF });
	assert_true(bench_shows(&b, "plan 3 of carol to revoke 63 certificates"));
	assert_true(bench_shows(&b, "director asks the role auditor"));
	bench_type(&b, "w");
	assert_string_equal(b.ui.stack[b.ui.depth - 1].view->name,
	    "conflicts");
	bench_close(&b);
	bench_open(&b, &(struct bench_how){ .rows = 40, .cols = 80,
	    .role = ROLE_DIRECTOR });
	assert_true(bench_shows(&b, "the operator asks: activate ica-server-2"));
	assert_true(bench_shows(&b, "was not acknowledged yet"));
	bench_type(&b, "w");
	assert_string_equal(b.ui.stack[b.ui.depth - 1].view->name, "plans");
	bench_close(&b);
	/* who only reads decides nothing */
	bench_open(&b, &(struct bench_how){ .rows = 40, .cols = 80,
	    .role = ROLE_AUDITOR });
	assert_false(bench_shows(&b, "Waits for you"));
	bench_type(&b, "w");
	assert_int_equal(b.ui.depth, 1);
	bench_close(&b);
}

static void
parts_of_a_page_are_jumped_to(void **state)
{
	const struct pager *p = NULL;
	struct bench b;
	int first;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(&b, "4\r");
	p = b.ui.stack[b.ui.depth - 1].state;
	bench_type(&b, "}");
	first = p->top;
	assert_true(first > 0);
	bench_type(&b, "}");
	assert_true(p->top > first);
	bench_type(&b, "{");
	assert_int_equal(p->top, first);
	bench_type(&b, "{{");
	assert_int_equal(p->top, 0);
	for (int i = 0; i < 20; i++)
		bench_type(&b, "}");
	first = p->top;
	bench_type(&b, "G");
	assert_int_equal(p->top, first);
	bench_close(&b);
}

/* S10.3: told to the registrar as shown, but there until one leaves. */
static void
a_revocation_is_told_at_login(void **state)
{
	static const char words[] = "2 certificates since you were told last";
	struct whoami again = { 0 };
	struct none none = { 0 };
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER, .unseen = 2 });
	assert_true(bench_shows(&b, words));
	assert_int_equal(ask_whoami(&b.line, &none, &again, NULL), 0);
	assert_int_equal(again.revoked_unseen, 0);
	b.ui.changed = true;
	b.ui.refresh_ms = 0;
	ui_refresh(&b.ui, 0);
	ui_draw(&b.ui);
	bench_settle(&b);
	assert_true(bench_shows(&b, words));
	bench_type(&b, "41");
	assert_true(bench_shows(&b, words));
	bench_close(&b);
}

static void
a_revocation_is_not_confirmed_by_accident(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(&b, "4\rx\r\r\r\r");
	assert_true(bench_shows(&b, "nothing was revoked yet"));
	bench_close(&b);
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(&b, "4\rx\texample.org\r");
	assert_true(bench_shows(&b, "Revoked: unspecified"));
	bench_close(&b);
}

static void
a_change_keeps_cursor_and_filter(void **state)
{
	struct bench b;
	char *before, *after;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_STAFF });
	bench_type(&b, "4/jabber\rjjj");
	before = bench_text(&b);
	assert_int_equal(write(b.control, "c", 1), 1);
	for (int i = 0; i < 10; i++) {
		ui_turn(&b.ui, 30);
		bench_settle(&b);
	}
	after = bench_text(&b);
	assert_string_equal(before, after);
	free(before);
	free(after);
	bench_close(&b);
}

static void
nothing_typed_is_lost_by_an_error_or_a_resize(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER, .fails = true });
	bench_type(&b, "2anew.example.org\t\t\r");
	assert_true(bench_shows(&b, "throttle-domain"));
	assert_true(bench_shows(&b, "new.example.org"));
	bench_resize(&b, 10, 40);
	bench_resize(&b, 3, 12);
	assert_true(bench_shows(&b, "too small"));
	bench_resize(&b, 30, 100);
	assert_true(bench_shows(&b, "new.example.org"));
	bench_esc(&b);
	assert_false(bench_shows(&b, "new.example.org"));
	bench_close(&b);
}

/* Leaving the grid and coming back asks for no size of long ago. */
static void
the_size_stays_after_plain_text(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_resize(&b, 42, 60);
	bench_type(&b, "4\r");
	bench_bytes(&b, "p\r", 2);
	assert_int_equal(screen_area().rows, 42);
	assert_int_equal(screen_area().cols, 60);
	bench_close(&b);
}

static void
a_pasted_csr_is_not_left_without_a_word(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(&b, "3n");
	bench_type(&b, "q");
	assert_false(bench_shows(&b, "Leave?"));
	bench_type(&b, "n");
	paste(&b, csr_good);
	bench_type(&b, "q");
	assert_true(bench_shows(&b, "would be lost"));
	bench_type(&b, "\r");		/* Stay has the focus */
	assert_true(bench_shows(&b, "This CSR is good"));
	bench_type(&b, "2\033[D\r");	/* a tab, and Leave this time */
	assert_true(bench_shows(&b, "Proof counts until"));
	bench_type(&b, "q");
	assert_true(b.ui.quit);
	bench_close(&b);
}

static void
own_requests_are_for_others_to_decide(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_STAFF });
	str_copy(b.ui.me.account.name, sizeof b.ui.me.account.name, "alice");
	bench_type(&b, "2");
	bench_type(&b, "/alice\r\r");
	assert_true(bench_shows(&b, "somebody else must decide"));
	bench_type(&b, "a");
	assert_false(bench_shows(&b, "Approve?"));
	bench_close(&b);
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_AUDITOR });
	bench_type(&b, "2\r");
	assert_true(bench_shows(&b, "read this, not decide"));
	bench_type(&b, "ar");
	assert_null(b.ui.dialog);
	bench_close(&b);
}

static void
an_idle_session_is_warned_then_ended(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	b.ui.idle_minutes = 10;
	b.ui.key_ms -= 7 * 60000;
	bench_settle(&b);
	assert_false(bench_shows(&b, "any key keeps it"));
	b.ui.key_ms -= 90000;
	bench_settle(&b);
	assert_true(bench_shows(&b, "any key keeps it"));
	bench_type(&b, "j");
	assert_false(bench_shows(&b, "any key keeps it"));
	b.ui.key_ms -= 10 * 60000;
	bench_settle(&b);
	assert_true(b.ui.quit);
	bench_close(&b);
}

static void
every_view_tells_its_keys_truly(void **state)
{
	(void)state;
	for (size_t i = 0; i < view_count; i++) {
		const struct view *v = views[i].view;

		assert_non_null(v->keys);
		assert_non_null(v->draw);
		assert_true(v->size > 0);
		for (const struct key_row *k = v->keys; k->key != 0; k++) {
			assert_non_null(k->name);
			assert_non_null(k->words);
			assert_non_null(k->act);
			/* two rows of one key never hold at once */
			for (const struct key_row *l = k + 1; l->key != 0; l++)
				if (l->key == k->key)
					assert_true(k->when != NULL &&
					    l->when != NULL);
			/* digits and ? belong to the frame */
			assert_false(k->key >= '0' && k->key <= '9');
			assert_int_not_equal(k->key, '?');
		}
		for (size_t j = i + 1; j < view_count; j++)
			assert_string_not_equal(v->name, views[j].view->name);
	}
}

/* ---- pastes ---- */

static void
plain_keystrokes_of_a_pem_block_are_a_paste(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(&b, "3n");
	/* with what openssl prints before it, in two parts */
	bench_type(&b, "Certificate Request:\r    Data: quit\r-----BEGIN CERTIF");
	bench_type(&b, "ICATE REQUEST-----\rMIIBEzCBugIB\r-----END CERTIFICATE REQUEST-----\r\r");
	assert_true(bench_shows(&b, "This CSR is good"));
	assert_false(b.ui.quit);
	bench_close(&b);
}

static void
a_paste_of_20_kb_is_quick_and_one_frame(void **state)
{
	struct buf big = { 0 };
	struct timespec a, z;
	struct bench b;
	double ms;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(&b, "3n");
	buf_printf(&big, "\033[200~-----BEGIN CERTIFICATE REQUEST-----\r");
	while (big.size < 20400)
		buf_printf(&big, "MIIBEzCBugIBADAWMRQwEgYDVQQDDAtleGFtcGxlLm9yZzBZMBMGByqGSM49AgEG\r");
	buf_printf(&big, "-----END CERTIFICATE REQUEST-----\r\033[201~");
	b.writes = 0;
	clock_gettime(CLOCK_MONOTONIC, &a);
	bench_bytes(&b, big.data, big.size);
	clock_gettime(CLOCK_MONOTONIC, &z);
	ms = (double)(z.tv_sec - a.tv_sec) * 1e3 +
	    (double)(z.tv_nsec - a.tv_nsec) / 1e6;
	printf("paste of %zu bytes: %.2f ms, %u writes\n", big.size, ms,
	    b.writes);
	assert_true(bench_shows(&b, "This CSR is good"));
	assert_int_equal(b.ui.keys.paste.size, big.size - 12);
	assert_true(ms < 100);		/* sanitizers; bare it is below 10 */
	assert_true(b.writes <= 2);
	buf_clear(&big);
	bench_close(&b);
}

static void
each_frame_is_one_write(void **state)
{
	struct bench b;
	static const char *const keys[] = { "4", "j", "\033[B", "\033[6~",
		"\r", "q", "G", "?" };

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 50, .cols = 160,
	    .role = ROLE_STAFF });
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		b.writes = 0;
		buf_clear(&b.bytes);
		bench_type(&b, keys[i]);
		assert_int_equal(b.writes, 1);
		if (i == 1)
			printf("bytes of a cursor step: %zu\n", b.bytes.size);
	}
	bench_close(&b);
}

/* ---- long lists ---- */

static int64_t
row_number_seen(struct bench *b)
{
	const struct list *l = b->ui.stack[b->ui.depth - 1].state;

	return list_number(l);
}

static void
a_long_list_is_paged_and_jumped_without_loading_it(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_STAFF, .requests = 200000 });
	bench_type(&b, "4");
	assert_int_equal(row_number_seen(&b), 200000);
	bench_type(&b, "G");
	assert_int_equal(row_number_seen(&b), 1);
	for (int i = 0; i < 150; i++)
		bench_type(&b, "k");
	assert_int_equal(row_number_seen(&b), 151);
	bench_type(&b, "g");
	assert_int_equal(row_number_seen(&b), 200000);
	for (int i = 0; i < 100; i++)
		bench_type(&b, "\033[6~");
	assert_in_range(row_number_seen(&b), 197000, 199000);
	for (int i = 0; i < 120; i++)
		bench_type(&b, "\033[5~");
	assert_int_equal(row_number_seen(&b), 200000);
	bench_close(&b);
}

/* ---- anything at all ---- */

static uint32_t seed = 1;

static uint32_t
chance(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void
random_key(struct bench *b)
{
	static const char *const keys[] = { "\r", "\t", "\033[A", "\033[B",
		"\033[C", "\033[D", "\033[5~", "\033[6~", "\033[H", "\033[F",
		"\033OA", "\033OB", "\033[Z", "\x7f", "?", "/", "q", "g", "G",
		" ", "a", "c", "d", "e", "f", "n", "o", "p\r", "r", "s", "u",
		"v", "w", "x", "m", "1", "2", "3", "4", "5", "6", "7", "8",
		"9", "0", "\x0c", "\033[200~pasted \xff text\033[201~",
		"\xc3\xa4", "\xe4\xb8\xad", "\033[999999999~", "\033\033",
		"-", "\x01", "\x14", "zzz", ":", ":", "y", "N", "\x15", ":he\t",
		":whoami\r", ":list --\t\t", "/e\r" };

	bench_type(b, keys[chance(sizeof keys / sizeof keys[0])]);
}

/* What stands on the screen is what would stand there if it were drawn anew:
 * no step may lose part of a frame. */
static void
screen_is_in_step(struct bench *b)
{
	char *seen = bench_text(b), *anew;

	screen_redraw();
	b->ui.dirty = true;
	bench_settle(b);
	anew = bench_text(b);
	assert_string_equal(seen, anew);
	free(seen);
	free(anew);
}

/* Nothing is half read, nothing was pushed, nothing is left to draw. */
static bool
is_quiet(const struct bench *b)
{
	struct pollfd p = { b->line.fd, POLLIN, 0 };

	return !b->ui.quit && !b->ui.changed && !b->ui.dirty &&
	    !b->ui.box_dirty && !b->ui.keys.bracketed &&
	    !b->ui.keys.block && b->ui.keys.at == b->ui.keys.in.size &&
	    poll(&p, 1, 0) == 0;
}

/* The cursor is sent to no place that the window has not. */
static void
bytes_stay_inside(const struct bench *b)
{
	const uint8_t *p = b->bytes.data, *end = p + b->bytes.size;

	for (; p < end; p++) {
		int64_t n[2] = { 1, 1 };
		size_t k = 0;

		if (*p != 0x1b || p + 1 >= end || *++p != '[')
			continue;
		for (p++; p < end && ((*p >= '0' && *p <= '9') || *p == ';');
		    p++) {
			if (*p == ';')
				k = k < 1 ? k + 1 : k, n[k] = 0;
			else
				n[k] = (p[-1] == '[' ? 0 : n[k]) * 10 +
				    (*p - '0');
		}
		if (p < end && *p == 'H' &&
		    (n[0] > b->rows || n[1] > b->cols))
			fail_msg("cursor to %lld;%lld in %dx%d",
			    (long long)n[0], (long long)n[1], b->rows,
			    b->cols);
		if (p < end && ((*p == 'd' && n[0] > b->rows) ||
		    (*p == 'G' && n[0] > b->cols)))
			fail_msg("cursor to %lld (%c) in %dx%d",
			    (long long)n[0], *p, b->rows, b->cols);
	}
}

/* The views that a role has; list may be NULL. */
static size_t
views_of(enum role role, const struct view **list)
{
	size_t n = 0;

	for (size_t i = 0; i < view_count && n < 64; i++)
		if (views[i].roles & ROLE_BIT(role)) {
			if (list != NULL)
				list[n] = views[i].view;
			n++;
		}
	return n;
}

/* Steps that begin in one view; wherever they lead. */
static void
random_walk(enum role role, const struct view *v, unsigned steps)
{
	const struct bench_how how = { .rows = 24, .cols = 80, .role = role,
		.hostile = chance(2) == 0, .fails = chance(4) == 0,
		.term = chance(3) == 0 ? "vt100" : NULL };
	struct bench b;

	bench_open(&b, &how);
	ui_open(&b.ui, v->name, chance(2) ? "12" : "example.org");
	bytes_are_harmless(&b.bytes);
	buf_clear(&b.bytes);
	for (unsigned i = 0; i < steps; i++) {
		if (chance(40) == 0)
			/* a wide character on one column ends libvterm */
			bench_resize(&b, 1 + (int)chance(60),
			    2 + (int)chance(160));
		else if (chance(60) == 0)
			(void)!write(b.control, "c", 1), usleep(2000);
		else
			random_key(&b);
		if (i % 16 == 0 && is_quiet(&b))
			screen_is_in_step(&b);
		bytes_are_harmless(&b.bytes);
		bytes_stay_inside(&b);
		buf_clear(&b.bytes);
		if (b.ui.quit) {
			bench_close(&b);
			bench_open(&b, &how);
			ui_open(&b.ui, v->name, "12");
			buf_clear(&b.bytes);
		}
	}
	bench_close(&b);
}

static void
random_keys_and_sizes_do_no_harm(void **state)
{
	static const enum role roles[] = { ROLE_GUEST, ROLE_MEMBER,
		ROLE_STAFF, ROLE_AUDITOR, ROLE_DIRECTOR, ROLE_FINANCE };
	const char *steps = getenv("UI_STEPS");
	int64_t all = 10000, from;
	size_t pairs = 0;

	(void)state;
	if (steps != NULL)
		number_parse(steps, 10000000, &all);
	if (getenv("UI_SEED") != NULL &&
	    number_parse(getenv("UI_SEED"), UINT32_MAX, &from))
		seed = (uint32_t)from;
	for (size_t r = 0; r < sizeof roles / sizeof roles[0]; r++)
		pairs += views_of(roles[r], NULL);
	for (size_t r = 0; r < sizeof roles / sizeof roles[0]; r++) {
		const struct view *list[64];
		size_t n = views_of(roles[r], list);

		for (size_t v = 0; v < n; v++)
			random_walk(roles[r], list[v],
			    (unsigned)(all / (int64_t)pairs) + 1);
	}
}

static void
unusable_terminals_are_left_to_plain_text(void **state)
{
	static const char *const plain[] = { "", "dumb", "unknown", "none",
		"a b", "\033[2J" };
	static const char *const fine[] = { "xterm-kitty", "xterm-ghostty",
		"foot", "alacritty", "wezterm", "tmux-256color",
		"screen.xterm-256color", "linux", "vt100", "ansi" };
	struct screen_how how = { .out = 1, .rows = 24, .cols = 80 };
	int devnull = open("/dev/null", O_WRONLY);

	(void)state;
	how.out = devnull;
	assert_int_equal(screen_open(&how), -1);
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		how.term = plain[i];
		assert_int_equal(screen_open(&how), -1);
	}
	for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
		how.term = fine[i];
		assert_int_equal(screen_open(&how), 0);
		screen_close();
	}
	close(devnull);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens_stand_as_they_were_approved),
		cmocka_unit_test(looks_stand_as_they_were_approved),
		cmocka_unit_test(hostile_texts_reach_no_terminal),
		cmocka_unit_test(a_plain_chain_of_hostile_bytes_is_rendered),
		cmocka_unit_test(an_issued_certificate_shows_without_a_key),
		cmocka_unit_test(home_leads_to_what_waits),
		cmocka_unit_test(parts_of_a_page_are_jumped_to),
		cmocka_unit_test(a_revocation_is_told_at_login),
		cmocka_unit_test(a_revocation_is_not_confirmed_by_accident),
		cmocka_unit_test(a_change_keeps_cursor_and_filter),
		cmocka_unit_test(nothing_typed_is_lost_by_an_error_or_a_resize),
		cmocka_unit_test(the_size_stays_after_plain_text),
		cmocka_unit_test(a_pasted_csr_is_not_left_without_a_word),
		cmocka_unit_test(own_requests_are_for_others_to_decide),
		cmocka_unit_test(an_idle_session_is_warned_then_ended),
		cmocka_unit_test(every_view_tells_its_keys_truly),
		cmocka_unit_test(plain_keystrokes_of_a_pem_block_are_a_paste),
		cmocka_unit_test(a_paste_of_20_kb_is_quick_and_one_frame),
		cmocka_unit_test(each_frame_is_one_write),
		cmocka_unit_test(a_long_list_is_paged_and_jumped_without_loading_it),
		cmocka_unit_test(random_keys_and_sizes_do_no_harm),
		cmocka_unit_test(unusable_terminals_are_left_to_plain_text),
	};

	alarm(300);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
