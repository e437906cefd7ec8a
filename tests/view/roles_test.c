/*
 * roles_test.c - every view of every role, opened by the table of views: on
 * windows from 40x10 to 300x100, without UTF-8, without colours, and with an
 * attack in every text (S2.2, S2.5, S12.4).  tests/golden has one file for a
 * role and a window: all its views, one below the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/view/harmless.h"
#include "tests/view/harness.h"

/* newterm() of ncurses 6.4 keeps its first block when it knows no such name */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:new_prescr\n";
}

static const enum role roles[] = { ROLE_GUEST, ROLE_MEMBER, ROLE_STAFF,
	ROLE_AUDITOR, ROLE_FINANCE, ROLE_DIRECTOR };
#define ROLES (sizeof roles / sizeof roles[0])

/* What a view is opened with; "12" where nothing stands here. */
static const struct {
	const char *view, *ref;
} refs[] = {
	{ "domain", "example.org" },
	{ "live", "example.org" },
	{ "member", "alice" },
	{ "document", "ca-policy 1" },
	{ "report", "" },
	{ "output", "whoami" },
	{ "request_new", "" },
	{ "statement", "grant 3" },
};

static const char *
ref_of(const char *view)
{
	for (size_t i = 0; i < sizeof refs / sizeof refs[0]; i++)
		if (strcmp(refs[i].view, view) == 0)
			return refs[i].ref;
	return "12";
}

/* Open one view, as a tab where it is one; it is there. */
static void
view_open(struct bench *b, const struct bench_how *how, const struct view *v)
{
	const struct view *tabs[16];
	size_t n, at = 0;

	bench_open(b, how);
	n = ui_tabs(&b->ui, tabs);
	while (at < n && tabs[at] != v)
		at++;
	if (at < n)
		ui_tab(&b->ui, (int)at);
	else
		ui_open(&b->ui, v->name, ref_of(v->name));
	bench_settle(b);
	if (strcmp(b->ui.stack[b->ui.depth - 1].view->name, v->name) != 0)
		fail_msg("the view %s does not open for the role %s", v->name,
		    word_of(&role_words, how->role));
}

struct window {
	const char *name;
	struct bench_how how;
	bool looks;
};

static const struct window windows[] = {
	{ "80x24", { .rows = 24, .cols = 80 }, false },
	{ "120x40", { .rows = 40, .cols = 120 }, false },
	{ "40x10", { .rows = 10, .cols = 40 }, false },
	{ "300x100", { .rows = 100, .cols = 300 }, false },
	{ "ascii", { .rows = 24, .cols = 80, .term = "vt100", .ascii = true,
	    .mono = true }, false },
	{ "colours", { .rows = 24, .cols = 80 }, true },
	{ "mono", { .rows = 24, .cols = 80, .mono = true }, true },
};

static bool
role_check(enum role role, const struct window *w)
{
	struct bench_how how = w->how;
	struct buf all = { 0 };
	char name[64];

	how.role = role;
	for (size_t i = 0; i < view_count; i++) {
		struct bench b;
		char *text;

		if (!(views[i].roles & ROLE_BIT(role)))
			continue;
		view_open(&b, &how, views[i].view);
		text = w->looks ? bench_looks(&b) : bench_text(&b);
		buf_printf(&all, "==== %s\n%s", views[i].view->name, text);
		free(text);
		bench_close(&b);
	}
	buf_put_u8(&all, '\0');
	snprintf(name, sizeof name, "%s-%s", word_of(&role_words, role),
	    w->name);
	return golden_same("role", name, (char *)all.data);
}

static void
every_view_of_every_role_stands_as_it_was_approved(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t r = 0; r < ROLES; r++)
		for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++)
			wrong += !role_check(roles[r], &windows[w]);
	assert_int_equal(wrong, 0);
}

static void
no_view_of_any_role_lets_an_attack_through(void **state)
{
	(void)state;
	for (size_t r = 0; r < ROLES; r++)
		for (size_t i = 0; i < view_count; i++)
			for (int ascii = 0; ascii < 2; ascii++) {
				const struct bench_how how = { .rows = 60,
					.cols = 120, .role = roles[r],
					.hostile = true, .ascii = ascii,
					.term = ascii ? "vt100" : NULL };
				struct bench b;

				if (!(views[i].roles & ROLE_BIT(roles[r])))
					continue;
				view_open(&b, &how, views[i].view);
				bench_type(&b, "G");
				assert_true(b.bytes.size > 0);
				bytes_are_harmless(&b.bytes);
				bench_close(&b);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_view_of_every_role_stands_as_it_was_approved),
		cmocka_unit_test(no_view_of_any_role_lets_an_attack_through),
	};

	alarm(300);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
