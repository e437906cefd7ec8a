/* terminal_test.c - every terminal: names, character sets, colours or none,
 * sizes and storms of them (S2.5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/view/harness.h"

/* newterm() of ncurses 6.4 keeps its first block when it knows no such name */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:new_prescr\n";
}

static const char *const drawn[] = { "xterm-256color", "tmux-256color",
	"screen", "linux", "vt100", "xterm-kitty", "xterm-ghostty", "foot",
	"alacritty", "xterm-some-day", "a-name-that-nobody-knows" };
#define DRAWN (sizeof drawn / sizeof drawn[0])

static const struct {
	int rows, cols;
} sizes[] = { { 10, 40 }, { 15, 60 }, { 24, 80 }, { 25, 132 }, { 40, 120 },
	{ 100, 40 }, { 10, 300 }, { 100, 300 } };
#define SIZES (sizeof sizes / sizeof sizes[0])

/* A colour is set: SGR 30 to 49 and 90 to 107, in any sequence. */
static bool
has_colour(const struct buf *b)
{
	for (size_t i = 0; i + 2 < b->size; i++) {
		long n = -1;

		if (b->data[i] != 0x1b || b->data[i + 1] != '[')
			continue;
		for (size_t k = i + 2; k < b->size; k++) {
			uint8_t c = b->data[k];

			if (c >= '0' && c <= '9') {
				n = (n < 0 ? 0 : n * 10) + (c - '0');
				continue;
			}
			if ((c == ';' || c == 'm') && ((n >= 30 && n <= 38) ||
			    (n >= 40 && n <= 48) || (n >= 90 && n <= 107)))
				return true;
			if (c != ';')
				break;
			n = -1;
		}
	}
	return false;
}

static void
bytes_check(const struct bench *b, const char *term, bool ascii, bool mono)
{
	for (size_t i = 0; ascii && i < b->bytes.size; i++)
		if (b->bytes.data[i] >= 0x80)
			fail_msg("%s: byte %02x without UTF-8", term,
			    b->bytes.data[i]);
	if (mono && has_colour(&b->bytes))
		fail_msg("%s: a colour where there are none", term);
}

/* A walk through tabs, a list, a page, a box and back. */
static void
terminal_walk(const char *term, bool ascii, bool mono, int rows, int cols,
    enum role role)
{
	static const char *const keys[] = { "2", "j", "\033OB", "\033[6~",
		"\r", "q", "3", "/ex", "\r", "4", "\r", "y", "\033[C", "\t",
		"?", "\033[6~", "q", ":who\t", "\x15", "\x0c", "1" };
	struct bench b;

	bench_open(&b, &(struct bench_how){ .rows = rows, .cols = cols,
	    .term = term, .ascii = ascii, .mono = mono, .role = role });
	if (!bench_shows(&b, role == ROLE_GUEST ? "elcome" : "Home"))
		fail_msg("%s %dx%d shows no first screen", term, cols, rows);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0] && !b.ui.quit; i++)
		bench_type(&b, keys[i]);
	assert_false(b.ui.quit);
	bytes_check(&b, term, ascii, mono || strcmp(term, "vt100") == 0);
	bench_close(&b);
}

static void
every_terminal_is_drawn_in_its_own_way(void **state)
{
	(void)state;
	for (size_t t = 0; t < DRAWN; t++)
		for (int how = 0; how < 4; how++)
			terminal_walk(drawn[t], how & 1, how & 2, 24, 80,
			    t % 2 ? ROLE_MEMBER : ROLE_STAFF);
}

static void
every_size_from_40x10_to_300x100_holds_a_screen(void **state)
{
	static const enum role roles[] = { ROLE_GUEST, ROLE_MEMBER,
		ROLE_STAFF, ROLE_AUDITOR, ROLE_FINANCE, ROLE_DIRECTOR };

	(void)state;
	for (size_t s = 0; s < SIZES; s++)
		for (size_t r = 0; r < sizeof roles / sizeof roles[0]; r++)
			terminal_walk("xterm-256color", s % 2, false,
			    sizes[s].rows, sizes[s].cols, roles[r]);
}

/* The foot of the screen tells how to go on, whatever view and size. */
static void
every_view_keeps_its_frame_at_40x10(void **state)
{
	(void)state;
	for (size_t i = 0; i < view_count; i++)
		for (int ascii = 0; ascii < 2; ascii++) {
			enum role role = ROLE_GUEST;
			struct bench b;

			while (!(views[i].roles & ROLE_BIT(role)))
				role++;
			bench_open(&b, &(struct bench_how){ .rows = 10,
			    .cols = 40, .role = role, .ascii = ascii });
			ui_open(&b.ui, views[i].view->name, "1");
			bench_settle(&b);
			if (!bench_shows(&b, " quit") &&
			    !bench_shows(&b, " back") &&
			    !bench_shows(&b, "Esc") && b.ui.dialog == NULL)
				fail_msg("%s: no key leads out of it",
				    views[i].view->name);
			bytes_check(&b, views[i].view->name, ascii, false);
			bench_close(&b);
		}
}

/* Hundreds of sizes while somebody types: nothing typed is lost, and the last
 * frame is the one that such a window would have had from the start. */
static void
a_storm_of_sizes_loses_nothing(void **state)
{
	struct bench b, calm;
	char *after, *want;
	uint32_t seed = 5;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(&b, "2anew");
	for (int i = 0; i < 400; i++) {
		seed = seed * 1664525 + 1013904223;
		bench_resize(&b, 1 + (int)(seed >> 8) % 100,
		    2 + (int)(seed >> 16) % 299);
		if (i == 100 || i == 300)
			bench_type(&b, i == 100 ? ".example" : ".org");
	}
	bench_resize(&b, 24, 80);
	after = bench_text(&b);
	bench_open(&calm, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(&calm, "2anew.example.org");
	want = bench_text(&calm);
	assert_non_null(strstr(after, "new.example.org"));
	assert_string_equal(after, want);
	free(after);
	free(want);
	bench_close(&calm);
	bench_close(&b);
}

static void
below_that_a_word_stands_there(void **state)
{
	static const int small[][2] = { { 1, 10 }, { 2, 20 }, { 4, 300 },
		{ 100, 12 }, { 1, 2 }, { 3, 15 } };
	struct bench b;

	(void)state;
	bench_open(&b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
		buf_clear(&b.bytes);
		bench_resize(&b, small[i][0], small[i][1]);
		if (small[i][1] >= 10)
			assert_true(bench_shows(&b, "too small"));
		if (small[i][0] >= 10 || small[i][1] >= 60)
			assert_true(bench_shows(&b, "nothing is") ||
			    bench_shows(&b, "nothing"));
		bench_type(&b, "j");	/* keys do no harm meanwhile */
	}
	bench_resize(&b, 24, 80);
	assert_true(bench_shows(&b, "Home"));
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_terminal_is_drawn_in_its_own_way),
		cmocka_unit_test(every_size_from_40x10_to_300x100_holds_a_screen),
		cmocka_unit_test(every_view_keeps_its_frame_at_40x10),
		cmocka_unit_test(a_storm_of_sizes_loses_nothing),
		cmocka_unit_test(below_that_a_word_stands_there),
	};

	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
