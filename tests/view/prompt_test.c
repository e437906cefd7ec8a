/* prompt_test.c - the line behind `:`, its completion, and the clipboard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "console/command.h"
#include "tests/view/harness.h"

/* newterm() of ncurses 6.4 keeps its first block when it knows no such name */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:new_prescr\n";
}

/* ---- completion ---- */

static const struct whoami nobody;	/* the authority has said nothing yet */

static bool
fits(enum role role, const char *line, const char *word)
{
	struct completion c;

	complete_line(role, &nobody, line, strlen(line), &c);
	for (size_t i = 0; i < c.n; i++)
		if (strcmp(c.words[i], word) == 0)
			return true;
	return false;
}

static void
completion_grows_from_the_table_of_commands(void **state)
{
	(void)state;
	assert_true(fits(ROLE_MEMBER, "", "domain"));
	assert_true(fits(ROLE_MEMBER, "dom", "domain"));
	assert_true(fits(ROLE_MEMBER, "domain ", "confirm"));
	assert_false(fits(ROLE_MEMBER, "domain c", "add"));
	assert_true(fits(ROLE_MEMBER, "key ", "remove"));
	/* what the role may not is not offered */
	assert_false(fits(ROLE_MEMBER, "ap", "approve"));
	assert_true(fits(ROLE_STAFF, "ap", "approve"));
	assert_false(fits(ROLE_AUDITOR, "ap", "approve"));
	assert_true(fits(ROLE_GUEST, "re", "register"));
	assert_false(fits(ROLE_GUEST, "", "request"));
	/* a command's name and its options */
	assert_true(fits(ROLE_AUDITOR, "audit ", "verify"));
	assert_true(fits(ROLE_AUDITOR, "audit --", "--export"));
	assert_true(fits(ROLE_AUDITOR, "audit --export ", "jsonl"));
	assert_false(fits(ROLE_AUDITOR, "audit --export csv --", "--export"));
	assert_true(fits(ROLE_AUDITOR, "audit --export csv --", "--since"));
	/* one of a group excludes the others */
	assert_true(fits(ROLE_MEMBER, "cert 5 --", "--der"));
	assert_false(fits(ROLE_MEMBER, "cert 5 --leaf --", "--der"));
	/* what may come again does */
	assert_true(fits(ROLE_MEMBER, "check --domain a.example --",
	    "--domain"));
	/* words that a name stands for */
	assert_true(fits(ROLE_MEMBER, "revoke 5 ", "superseded"));
	assert_true(fits(ROLE_MEMBER, "request --profile ", "xmpp-s2s"));
	assert_true(fits(ROLE_MEMBER, "domain add a.example --to ",
	    "postmaster"));
	assert_true(fits(ROLE_MEMBER, "help dom", "domain"));
	assert_true(fits(ROLE_MEMBER, "help domain ", "drop"));
	/* nonsense has no end but no harm */
	assert_false(fits(ROLE_MEMBER, "'unclosed ", "domain"));
	assert_false(fits(ROLE_MEMBER, "no such thing ", "domain"));
}

static void
common_beginnings_are_filled_in(void **state)
{
	struct completion c;

	(void)state;
	complete_line(ROLE_MEMBER, &nobody, "domain d", 8, &c);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.from, 7);
	complete_line(ROLE_STAFF, &nobody, "re", 2, &c);
	assert_true(c.n > 2);
	assert_int_equal(complete_common(&c), 2);
}

/* ---- on the screen ---- */

static void
open_as(struct bench *b, enum role role)
{
	bench_open(b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = role });
}

static void
a_command_runs_and_shows_what_it_wrote(void **state)
{
	struct bench b;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, ":");
	assert_true(bench_shows(&b, "domain"));
	bench_type(&b, "whoa\t");
	assert_true(bench_shows(&b, ":whoami"));
	bench_type(&b, "\r");
	assert_true(bench_shows(&b, "Output") || bench_shows(&b, "alice"));
	assert_string_equal(b.ui.stack[b.ui.depth - 1].view->name, "output");
	bench_type(&b, "q");
	assert_string_equal(b.ui.stack[b.ui.depth - 1].view->name, "home");
	bench_close(&b);
}

static void
errors_say_the_rule_and_the_way_out(void **state)
{
	struct bench b;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, ":whoamy\r");
	assert_true(bench_shows(&b, "Did you mean: whoami?"));
	bench_type(&b, ":approve 5\r");
	assert_true(bench_shows(&b, "approve is not for the role member"));
	assert_true(bench_shows(&b, "Exit status 1"));
	bench_type(&b, ":cert\r");
	assert_true(bench_shows(&b, "Usage: cert N"));
	bench_type(&b, ":cert 'x\r");
	assert_true(bench_shows(&b, "a quote or backslash has no end"));
	/* standard input is not here */
	bench_type(&b, "qqqq:request\r");
	assert_true(bench_shows(&b, "takes a paste"));
	bench_type(&b, "\r:plain\r");
	assert_true(b.ui.quit && b.ui.by_lines);
	bench_close(&b);
	open_as(&b, ROLE_STAFF);
	bench_type(&b, ":watch\r");
	assert_true(bench_shows(&b, "by itself"));
	assert_int_equal(write(b.control, "i", 1), 1);
	for (int i = 0; i < 50 && !bench_shows(&b, "is issued"); i++) {
		ui_turn(&b.ui, 50);
		bench_settle(&b);
	}
	bench_type(&b, "j");	/* what stood on the status line is gone */
	assert_true(bench_shows(&b, "request 250"));
	bench_close(&b);
}

static void
earlier_lines_come_back(void **state)
{
	struct bench b;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, ":version\rq:help version\rq:half");
	bench_type(&b, "\033[A");
	assert_true(bench_shows(&b, ":help version"));
	bench_type(&b, "\033[A");
	assert_true(bench_shows(&b, ":version"));
	bench_type(&b, "\033[B\033[B");
	assert_true(bench_shows(&b, ":half"));
	bench_esc(&b);
	assert_false(bench_shows(&b, ":half"));
	/* and Esc closed the line, not the session */
	assert_false(b.ui.quit);
	bench_type(&b, ":q\r");
	assert_true(b.ui.quit);
	bench_close(&b);
}

/* Tab goes through what fits; another key keeps what stands there. */
static void
tab_goes_through_what_fits(void **state)
{
	struct bench b;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, ":domain \t");
	assert_true(bench_shows(&b, ":domain add"));
	bench_type(&b, "\t");
	assert_true(bench_shows(&b, ":domain confirm"));
	bench_type(&b, "\033[Z");
	assert_true(bench_shows(&b, ":domain add"));
	bench_type(&b, " x.example --t\t");
	assert_true(bench_shows(&b, "--to "));
	bench_type(&b, "hostm\t");
	assert_true(bench_shows(&b, ":domain add x.example --to hostmaster"));
	bench_close(&b);
}

/* Every command of a role runs from the line, whatever it is given. */
static void
every_command_ends_and_harms_nothing(void **state)
{
	static const enum role roles[] = { ROLE_GUEST, ROLE_MEMBER,
		ROLE_STAFF, ROLE_AUDITOR, ROLE_FINANCE, ROLE_DIRECTOR };

	(void)state;
	for (size_t r = 0; r < sizeof roles / sizeof roles[0]; r++) {
		struct bench b;

		bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
		    .role = roles[r], .hostile = true });
		for (size_t i = 0; i < n_commands; i++) {
			char line[128];

			if (!command_allowed(&commands[i], roles[r]) ||
			    commands[i].run == command_plain)	/* it leaves */
				continue;
			snprintf(line, sizeof line, ":%s 1 2 --json\r",
			    commands[i].name);
			bench_type(&b, line);
			snprintf(line, sizeof line, ":%s\r",
			    commands[i].name);
			bench_type(&b, line);
			assert_false(b.ui.quit);
			if (b.ui.dialog != NULL)
				bench_type(&b, "\r");
			for (size_t k = 0; k < b.bytes.size; k++)
				if (b.bytes.data[k] == 0x1b)
					assert_true(k + 1 < b.bytes.size &&
					    strchr("[(>]", b.bytes.data[k + 1]));
			buf_clear(&b.bytes);
			if (b.ui.depth > 1)
				bench_type(&b, "1");
		}
		bench_close(&b);
	}
}

/* ---- the clipboard ---- */

/* What the last OSC 52 carries; free it. */
static char *
clipboard(struct bench *b, size_t *size)
{
	static const char begin[] = "\033]52;c;";
	uint8_t *at = memmem(b->bytes.data, b->bytes.size, begin,
	    strlen(begin)), *end;
	char *out, text[200000];
	int n;

	assert_non_null(at);
	at += strlen(begin);
	end = memchr(at, '\a', b->bytes.size -
	    (size_t)(at - b->bytes.data));
	assert_non_null(end);
	assert_true((size_t)(end - at) < sizeof text);
	out = xcalloc(1, (size_t)(end - at) + 1);
	n = base64_decode((uint8_t *)out, (size_t)(end - at),
	    (const char *)at, (size_t)(end - at));
	assert_true(n > 0);
	*size = (size_t)n;
	return out;
}

static void
output_is_copied_as_base64(void **state)
{
	struct bench b;
	size_t size;
	char *text;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, ":version\r");
	buf_clear(&b.bytes);
	bench_type(&b, "y");
	text = clipboard(&b, &size);
	assert_memory_equal(text, "xmpp-ica-console ", 17);
	assert_true(bench_shows(&b, "if your terminal takes it"));
	free(text);
	bench_close(&b);
}

static void
a_certificate_is_copied_whole_or_in_part(void **state)
{
	struct bench b;
	size_t size;
	char *text;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, "4\ry");
	assert_true(bench_shows(&b, "cert "));
	buf_clear(&b.bytes);
	bench_type(&b, "\r");
	text = clipboard(&b, &size);
	assert_memory_equal(text, "-----BEGIN CERTIFICATE-----", 27);
	free(text);
	/* once more: the list is not twice as long */
	bench_type(&b, "y\033[D");
	assert_true(bench_shows(&b, "command"));
	buf_clear(&b.bytes);
	bench_type(&b, "\r");
	text = clipboard(&b, &size);
	assert_memory_equal(text, "ssh ", 4);
	free(text);
	bench_type(&b, "y\t\t\r5y");
	buf_clear(&b.bytes);
	bench_type(&b, "\r");
	text = clipboard(&b, &size);
	assert_memory_equal(text, "SHA256:", 7);
	free(text);
	bench_type(&b, "3\ry");
	buf_clear(&b.bytes);
	bench_type(&b, "\r");
	text = clipboard(&b, &size);
	assert_true(size < 8 && text[0] >= '1' && text[0] <= '9');
	free(text);
	bench_close(&b);
}

/* Bytes of strangers reach the clipboard only escaped. */
static void
foreign_bytes_do_nothing_on_the_clipboard(void **state)
{
	struct bench b;
	size_t size;
	char *text;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	ui_copy(&b.ui, "it", "a\033[2Jb\x9b\r\nc", 10);
	bench_drain(&b);
	text = clipboard(&b, &size);
	assert_null(memchr(text, 0x1b, size));
	assert_null(memchr(text, '\r', size));
	assert_non_null(strstr(text, "\\x1b[2Jb"));
	free(text);
	buf_clear(&b.bytes);
	text = xcalloc(1, 80000);
	memset(text, 'a', 79999);
	ui_copy(&b.ui, "it", text, 79999);
	bench_settle(&b);
	assert_null(memmem(b.bytes.data, b.bytes.size, "]52;", 4));
	assert_true(bench_shows(&b, "more than terminals take"));
	free(text);
	bench_close(&b);
}

static void
gnu_screen_passes_it_on_in_pieces(void **state)
{
	char *text = xcalloc(1, 1001), *at;
	struct bench b;

	(void)state;
	memset(text, 'x', 1000);
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER, .term = "screen-256color" });
	buf_clear(&b.bytes);
	ui_copy(&b.ui, "it", text, 1000);
	bench_drain(&b);
	buf_put_u8(&b.bytes, 0);
	at = strstr((char *)b.bytes.data, "\033P\033]52;c;");
	assert_non_null(at);
	for (int i = 0; at != NULL && i < 18; i++) {
		char *end = strstr(at + 2, "\033\\");

		assert_non_null(end);
		assert_true(end - at < 100);
		at = strstr(end, "\033P");
	}
	assert_null(at);
	free(text);
	bench_close(&b);
}

/* ---- looking for a text ---- */

static void
a_page_is_searched_both_ways(void **state)
{
	struct bench b;
	const struct pager *p;
	size_t first, second;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, ":help\r");
	p = b.ui.stack[b.ui.depth - 1].state;
	bench_type(&b, "/DOMAIN DROP\r");
	assert_true(p->hit > 0);
	assert_true(bench_shows(&b, "give up a domain"));
	bench_type(&b, "/certificate\r");
	first = p->hit;
	bench_type(&b, "n");
	second = p->hit;
	assert_true(second > first);
	bench_type(&b, "N");
	assert_int_equal(p->hit, first);
	/* round and round */
	for (int i = 0; i < 200; i++)
		bench_type(&b, "N");
	bench_type(&b, "gn");
	assert_true(p->hit > 0);
	bench_type(&b, "/no such text\r");
	assert_true(bench_shows(&b, "Not found: no such text"));
	bench_type(&b, "/x");
	bench_esc(&b);
	assert_false(b.ui.quit);
	bench_close(&b);
}

static void
rows_of_a_filter_are_gone_through(void **state)
{
	struct bench b;

	(void)state;
	open_as(&b, ROLE_STAFF);
	bench_type(&b, "7/mail\r");
	assert_true(bench_shows(&b, "1 of "));
	bench_type(&b, "nn");
	assert_true(bench_shows(&b, "3 of "));
	bench_type(&b, "N");
	assert_true(bench_shows(&b, "2 of "));
	bench_close(&b);
}

/* ---- drafts ---- */

/* A session that ends as when the line drops, and the next one. */
static void
line_drops(struct bench *b)
{
	drafts_keep(&b->ui);
}

static void
what_was_typed_stands_there_again(void **state)
{
	struct bench b;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, "2anew.example.org\t\033[C");
	line_drops(&b);
	/* without a word to the box: as if the session had gone */
	b.ui.dialog->kept = false;
	bench_esc(&b);
	bench_type(&b, "a");
	assert_true(bench_shows(&b, "new.example.org"));
	assert_true(bench_shows(&b, "before the line dropped"));
	/* given up on purpose: gone */
	bench_esc(&b);
	bench_type(&b, "a");
	assert_false(bench_shows(&b, "new.example.org"));
	/* sent: gone */
	bench_type(&b, "sent.example.org");
	line_drops(&b);
	bench_type(&b, "\t\t\r");
	bench_type(&b, "a");
	assert_false(bench_shows(&b, "sent.example.org"));
	bench_close(&b);
}

/* Each box where more is typed than a word of confirmation, or a code. */
static void
every_form_with_a_text_keeps_it(void **state)
{
	static const struct {
		enum role role;
		const char *keys, *text;
	} forms[] = {
		{ ROLE_MEMBER, "2a", "kept.example.org" },
		{ ROLE_MEMBER, "2pa", "kept@example.org" },
		{ ROLE_MEMBER, "3no", "a note that is kept" },
		{ ROLE_MEMBER, "5a", "ssh-ed25519 KEPT" },
		{ ROLE_STAFF, "2\ra", "a word kept with it" },
		{ ROLE_STAFF, "2\rr", "a reason that is kept" },
		{ ROLE_STAFF, "5vmn", "kept.example.org" },
		{ ROLE_DIRECTOR, "9on", "zora" },
		{ ROLE_FINANCE, "4n\t", "77.31" },
		{ ROLE_FINANCE, "4ob\t", "77.32" },
		{ ROLE_FINANCE, "4ot", "0.73" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct bench b;

		open_as(&b, forms[i].role);
		bench_type(&b, forms[i].keys);
		bench_type(&b, forms[i].text);
		if (b.ui.dialog == NULL || !bench_shows(&b, forms[i].text))
			fail_msg("%s: no box takes '%s'", forms[i].keys,
			    forms[i].text);
		line_drops(&b);
		ui_close_all(&b.ui);
		ui_tab_open(&b.ui, 0);
		bench_type(&b, forms[i].keys);
		if (!bench_shows(&b, "stands here again") ||
		    !bench_shows(&b, forms[i].text))
			fail_msg("%s: '%s' is lost", forms[i].keys,
			    forms[i].text);
		bench_close(&b);
	}
}

static void
a_pause_keeps_what_was_typed(void **state)
{
	struct bench b;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, "2apause.example.org");
	assert_int_not_equal(b.ui.draft_ms, 0);
	assert_false(b.ui.dialog->kept);
	b.ui.draft_ms = 1;
	bench_settle(&b);
	assert_true(b.ui.dialog->kept);
	assert_int_equal(b.ui.draft_ms, 0);
	bench_close(&b);
}

static void
a_pasted_csr_survives_but_never_a_private_key(void **state)
{
	static const char csr[] = "\033[200~-----BEGIN CERTIFICATE REQUEST-----\r"
	    "MIIBEzCBugIBADAWMRQwEgYDVQQDDAtleGFtcGxlLm9yZzBZMBMGByqGSM49AgEG\r"
	    "-----END CERTIFICATE REQUEST-----\r\033[201~";
	struct bench b;
	struct draft d;

	(void)state;
	open_as(&b, ROLE_MEMBER);
	bench_type(&b, "3noback soon\r");
	bench_type(&b, csr);
	assert_true(bench_shows(&b, "This CSR is good"));
	drafts_keep(&b.ui);
	/* the same view once more, as a new session would open it */
	ui_tab_open(&b.ui, 0);
	bench_type(&b, "3n");
	assert_true(bench_shows(&b, "This CSR is good"));
	assert_true(bench_shows(&b, "back soon"));
	assert_true(bench_shows(&b, "did not submit"));
	bench_type(&b, "s");
	assert_false(ui_draft_get(&b.ui, "request_new", &d));
	/* a note with a key in it */
	bench_type(&b, "q3noMIIE -----BEGIN RSA PRIVATE KEY----- x");
	drafts_keep(&b.ui);
	assert_false(ui_draft_get(&b.ui, "request_note", &d));
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completion_grows_from_the_table_of_commands),
		cmocka_unit_test(common_beginnings_are_filled_in),
		cmocka_unit_test(a_command_runs_and_shows_what_it_wrote),
		cmocka_unit_test(errors_say_the_rule_and_the_way_out),
		cmocka_unit_test(earlier_lines_come_back),
		cmocka_unit_test(tab_goes_through_what_fits),
		cmocka_unit_test(every_command_ends_and_harms_nothing),
		cmocka_unit_test(output_is_copied_as_base64),
		cmocka_unit_test(a_certificate_is_copied_whole_or_in_part),
		cmocka_unit_test(foreign_bytes_do_nothing_on_the_clipboard),
		cmocka_unit_test(gnu_screen_passes_it_on_in_pieces),
		cmocka_unit_test(a_page_is_searched_both_ways),
		cmocka_unit_test(rows_of_a_filter_are_gone_through),
		cmocka_unit_test(what_was_typed_stands_there_again),
		cmocka_unit_test(every_form_with_a_text_keeps_it),
		cmocka_unit_test(a_pause_keeps_what_was_typed),
		cmocka_unit_test(a_pasted_csr_survives_but_never_a_private_key),
	};

	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
