/*
 * parity_test.c - screens and commands can do the same (S2.4, S3.1): the key
 * tables of views.def and the rows of commands.def, walked both ways, and
 * what each key really asks held against what its row says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <time.h>

#include "console/command.h"
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
#define NAMES_MAX 512

/* A set of words. */
struct names {
	const char *at[NAMES_MAX];
	size_t n;
};

static bool
names_has(const struct names *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->at[i], name) == 0)
			return true;
	return false;
}

/* Keeps the pointer. */
static void
names_add(struct names *s, const char *name)
{
	if (names_has(s, name))
		return;
	assert_true(s->n < NAMES_MAX);
	s->at[s->n++] = name;
}

static const struct command *
command_named(const char *name)
{
	for (size_t i = 0; i < n_commands; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static const struct view_row *
view_named(const char *name)
{
	for (size_t i = 0; i < view_count; i++)
		if (strcmp(views[i].view->name, name) == 0)
			return &views[i];
	return NULL;
}

/* The items of "renew, >request_new": commands into c, views into v; both may
 * be NULL. */
static void
items(const char *list, const char *where, struct names *c, struct names *v)
{
	char copy[512], *save = NULL;

	assert_true(strlen(list) < sizeof copy);
	memcpy(copy, list, strlen(list) + 1);
	for (char *s = strtok_r(copy, ",", &save); s != NULL;
	    s = strtok_r(NULL, ",", &save)) {
		s += strspn(s, " ");
		if (s[0] == '>') {
			const struct view_row *row = view_named(s + 1);

			if (row == NULL)
				fail_msg("%s: there is no view %s", where, s);
			else if (v != NULL)
				names_add(v, row->view->name);
		} else {
			const struct command *k = command_named(s);

			if (k == NULL)
				fail_msg("%s: there is no command %s", where,
				    s);
			else if (c != NULL)
				names_add(c, k->name);
		}
	}
}

static const char *
shows(const struct view *v)
{
	return v->shows != NULL ? v->shows : "";
}

/* ---- the tables alone ---- */

static void
every_key_says_which_command_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < view_count; i++) {
		const struct view *v = views[i].view;
		struct names c = { 0 }, to = { 0 };

		items(shows(v), v->name, &c, NULL);
		for (const struct key_row *k = v->keys; k->key != 0; k++) {
			if (k->does == NULL)
				fail_msg("%s, key %s says nothing", v->name,
				    k->name);
			items(k->does, v->name, &c, &to);
		}
		/* somebody who has the view may do it */
		for (size_t n = 0; n < c.n; n++)
			if (!(command_named(c.at[n])->roles & views[i].roles))
				fail_msg("%s: nobody there may %s", v->name,
				    c.at[n]);
		for (size_t n = 0; n < to.n; n++)
			if (!(view_named(to.at[n])->roles & views[i].roles))
				fail_msg("%s: nobody there has the view %s",
				    v->name, to.at[n]);
	}
}

/* Views that a role comes to from its tabs, by keys of their tables; help by
 * the frame's `?`, output by its `:`. */
static void
views_reached(enum role role, struct names *v)
{
	for (size_t i = 0; i < view_count; i++)
		if ((views[i].tab & ROLE_BIT(role)) ||
		    strcmp(views[i].view->name, "help") == 0 ||
		    strcmp(views[i].view->name, "output") == 0)
			names_add(v, views[i].view->name);
	for (size_t i = 0; i < v->n; i++) {
		struct names to = { 0 };

		for (const struct key_row *k = view_named(v->at[i])->view->keys;
		    k->key != 0; k++)
			items(k->does, v->at[i], NULL, &to);
		for (size_t n = 0; n < to.n; n++)
			if (view_named(to.at[n])->roles & ROLE_BIT(role))
				names_add(v, to.at[n]);
	}
}

static void
every_view_is_come_to_by_keys(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t r = 0; r < ROLES; r++) {
		struct names v = { 0 };

		views_reached(roles[r], &v);
		for (size_t i = 0; i < view_count; i++) {
			if (!(views[i].roles & ROLE_BIT(roles[r])) ||
			    names_has(&v, views[i].view->name))
				continue;
			print_error("%s: no key leads to the view %s\n",
			    word_of(&role_words, roles[r]),
			    views[i].view->name);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void
every_command_stands_on_a_screen(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t r = 0; r < ROLES; r++) {
		struct names v = { 0 }, c = { 0 };

		views_reached(roles[r], &v);
		for (size_t i = 0; i < v.n; i++) {
			const struct view *view = view_named(v.at[i])->view;

			items(shows(view), v.at[i], &c, NULL);
			for (const struct key_row *k = view->keys;
			    k->key != 0; k++)
				items(k->does, v.at[i], &c, NULL);
		}
		for (size_t i = 0; i < n_commands; i++) {
			if (!command_allowed(&commands[i], roles[r]) ||
			    names_has(&c, commands[i].name))
				continue;
			print_error("%s: no screen has the command %s\n",
			    word_of(&role_words, roles[r]), commands[i].name);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* ---- what really happens ---- */

static unsigned char *asked;

/* Questions of every screen: who one is, and what is typed and kept. */
static bool
is_of_the_frame(enum op op)
{
	return op == OP_whoami || op == OP_revocation_seen ||
	    op == OP_draft_put || op == OP_draft_get || op == OP_draft_drop;
}

static bool
command_asks(const char *command, enum op op)
{
	const char *at = command_named(command)->ops;
	const char *name = ops[op].name;
	size_t len = strlen(name);

	for (; (at = strstr(at, name)) != NULL; at += len)
		if ((at == command_named(command)->ops || at[-1] == ' ') &&
		    (at[len] == '\0' || at[len] == ' '))
			return true;
	return false;
}

static unsigned
asked_check(const struct bench *b, const char *where, const char *does)
{
	struct names c = { 0 }, to = { 0 };
	unsigned wrong = 0;

	items(does, where, &c, &to);
	for (int i = 0; i < b->ui.depth; i++)
		items(shows(b->ui.stack[i].view), where, &c, NULL);
	/* a view that was opened and left again */
	for (size_t i = 0; i < to.n; i++)
		items(shows(view_named(to.at[i])->view), where, &c, NULL);
	for (enum op op = 0; op < OP_COUNT; op++) {
		bool told = is_of_the_frame(op);

		if (!asked[op])
			continue;
		for (size_t i = 0; i < c.n && !told; i++)
			told = command_asks(c.at[i], op);
		if (!told) {
			print_error("%s: asks %s, which is no command there (%s)\n",
			    where, ops[op].name, does);
			wrong++;
		}
	}
	return wrong;
}

static const char *const refs[] = { "", "1", "3", "249", "alice", "bob",
	"example.org", "2026Q3", "resume", "policy" };

/* Open a view as a key of another would: 0, or -1 when it shows nothing so. */
static int
view_put(struct bench *b, enum role role, const struct view *v,
    const char *ref, bool fresh)
{
	memset(asked, 0, OP_COUNT);
	bench_open(b, &(struct bench_how){ .rows = 40, .cols = 120,
	    .role = role, .asked = asked, .fresh = fresh });
	if (b->ui.stack[0].view != v)
		ui_open(&b->ui, v->name, ref);
	bench_settle(b);
	return b->ui.depth > 0 && b->ui.dialog == NULL &&
	    b->ui.stack[b->ui.depth - 1].view == v ? 0 : -1;
}

static unsigned
shows_check(enum role role, const struct view *v)
{
	unsigned wrong = 0, opened = 0;

	for (size_t i = 0; i < 2 * sizeof refs / sizeof refs[0]; i++) {
		struct bench b;
		char where[128];

		snprintf(where, sizeof where, "%s %s",
		    word_of(&role_words, role), v->name);
		if (view_put(&b, role, v, refs[i / 2], i % 2) == 0) {
			wrong += asked_check(&b, where, "");
			opened++;
		}
		bench_close(&b);
	}
	if (opened == 0) {
		print_error("%s %s: opens by no name\n",
		    word_of(&role_words, role), v->name);
		wrong++;
	}
	return wrong;
}

static void
every_view_asks_what_it_shows(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t r = 0; r < ROLES; r++)
		for (size_t i = 0; i < view_count; i++)
			if (views[i].roles & ROLE_BIT(roles[r]))
				wrong += shows_check(roles[r], views[i].view);
	assert_int_equal(wrong, 0);
}

/* Is it permitted to this role, all or part of it? */
static bool
key_is_for(const struct key_row *k, enum role role)
{
	struct names c = { 0 }, to = { 0 };
	bool any = k->does[0] == '\0';

	items(k->does, "", &c, &to);
	for (size_t i = 0; i < c.n; i++)
		any |= command_allowed(command_named(c.at[i]), role);
	for (size_t i = 0; i < to.n; i++)
		any |= (view_named(to.at[i])->roles & ROLE_BIT(role)) != 0;
	return any;
}

static int stuck;		/* the keyboard of a console that waits */

static void
on_stuck(int sig)
{
	(void)sig;
	(void)!write(stuck, "\r", 1);
}

/* Text without frames waits for a key of its own: it comes by a timer. */
static void
key_press(struct bench *b, const char *key)
{
	struct itimerspec soon = { { 1, 0 }, { 0, 300000000 } }, never = { 0 };
	struct sigevent how = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1 };
	struct sigaction act = { .sa_handler = on_stuck };
	timer_t timer;

	stuck = b->keys;
	sigaction(SIGUSR1, &act, NULL);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &how, &timer), 0);
	timer_settime(timer, 0, &soon, NULL);
	bench_type(b, key);
	timer_settime(timer, 0, &never, NULL);
	timer_delete(timer);
}

/* Press it, and answer whatever box comes up in some ways. */
static unsigned
key_try(enum role role, const struct view *v, size_t nth, size_t ref,
    int down, const char *typed)
{
	struct bench b;
	const struct key_row *k = &v->keys[nth];
	unsigned wrong = 0;
	const void *st;
	char where[160], key[8] = { 0 };
	int depth;

	if (view_put(&b, role, v, refs[ref], false) < 0 ||
	    k->key >= 0x80) {
		bench_close(&b);
		return 0;
	}
	while (down-- > 0)
		bench_type(&b, "j");
	st = b.ui.stack[b.ui.depth - 1].state;
	if (b.ui.stack[b.ui.depth - 1].view != v ||
	    (k->when != NULL && !k->when(&b.ui, st)) ||
	    (v->typing != NULL && v->typing(st) && key_is_text(k->key))) {
		bench_close(&b);
		return 0;
	}
	snprintf(where, sizeof where, "%s %s key %s",
	    word_of(&role_words, role), v->name, k->name);
	if (!key_is_for(k, role)) {
		print_error("%s: is shown, but not permitted: %s\n", where,
		    k->does);
		wrong++;
	}
	memset(asked, 0, OP_COUNT);
	depth = b.ui.depth;
	b.ui.note[0] = '\0';
	key[0] = (char)k->key;
	key_press(&b, key);
	/* a key that names something does something */
	if (k->does[0] != '\0' && b.ui.dialog == NULL && !b.ui.quit &&
	    b.ui.depth == depth && b.ui.note[0] == '\0' &&
	    b.ui.stack[0].state == st && b.ui.depth > 1) {
		bool any = false;

		for (enum op op = 0; op < OP_COUNT; op++)
			any |= asked[op] != 0;
		if (!any) {
			print_error("%s: nothing happens\n", where);
			wrong++;
		}
	}
	if (b.ui.dialog != NULL)
		key_press(&b, typed);
	if (!b.ui.quit)
		wrong += asked_check(&b, where, k->does);
	bench_close(&b);
	return wrong;
}

/* Names that it opens by; one that opens by none opens by them all. */
static size_t
refs_of(enum role role, const struct view *v)
{
	struct bench b;
	int all = view_put(&b, role, v, "", false);

	bench_close(&b);
	return all == 0 ? 2 : sizeof refs / sizeof refs[0];
}

/* Each try is a process, which AddressSanitizer makes slow: there a part of
 * them; the plain build presses every key. */
#ifdef __SANITIZE_ADDRESS__
#define ONE_OF 7
#else
#define ONE_OF 1
#endif

static void
every_key_asks_what_it_says(void **state)
{
	static const char *const typed[] = { "\r", "\t\r", "alice\t\r",
		"example.org\t\t\t\r", "12\t5\t\t\r\r" };
	const size_t n_typed = sizeof typed / sizeof typed[0];
	unsigned wrong = 0, turn = 0;

	(void)state;
	for (size_t r = 0; r < ROLES; r++)
		for (size_t i = 0; i < view_count; i++) {
			const struct view *v = views[i].view;

			if (!(views[i].roles & ROLE_BIT(roles[r])))
				continue;
			size_t names = refs_of(roles[r], v);

			for (size_t k = 0; v->keys[k].key != 0; k++)
				for (size_t n = 0; n < names; n++, turn++)
					wrong += turn % ONE_OF != 0 ? 0 :
					    key_try(roles[r], v, k, n,
					    (int)(turn % 4),
					    typed[turn % n_typed]);
		}
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_says_which_command_it_is),
		cmocka_unit_test(every_view_is_come_to_by_keys),
		cmocka_unit_test(every_command_stands_on_a_screen),
		cmocka_unit_test(every_view_asks_what_it_shows),
		cmocka_unit_test(every_key_asks_what_it_says),
	};

	alarm(300);
	asked = mmap(NULL, OP_COUNT, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (asked == MAP_FAILED)
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
