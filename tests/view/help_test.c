/* help_test.c - help is whole: tasks, options, words, examples, exit
 * statuses, likenesses of wrong words, and the keys of each view (S3.1). */
#include "tests/view/scripted.h"

#include <locale.h>

#include "console/manual.h"
#include "console/view.h"

static const enum role people[] = { ROLE_GUEST, ROLE_MEMBER, ROLE_STAFF,
	ROLE_AUDITOR, ROLE_FINANCE, ROLE_DIRECTOR };
#define PEOPLE_N (sizeof people / sizeof people[0])

struct walk {
	const struct command *k;
	unsigned wrong;
};

static void
part_check(void *user, const struct synopsis_part *p)
{
	struct walk *w = user;
	const char *said = p->option ? manual_option(w->k->name, p->name) :
	    manual_word(w->k->name, p->name);

	if (said == NULL || said[0] == '\0') {
		print_error("%s %s: not explained in manual.def\n",
		    w->k->name, p->name);
		w->wrong++;
	}
}

static void
every_word_of_every_synopsis_is_explained(void **state)
{
	struct walk w = { 0 };

	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		w.k = &commands[i];
		synopsis_parts(w.k, part_check, &w);
	}
	assert_int_equal(w.wrong, 0);
}

static const struct command *
command_named(const char *name)
{
	for (size_t i = 0; i < n_commands; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

struct mentioned {
	const char *word;
	bool any;
};

static void
part_mentions(void *user, const struct synopsis_part *p)
{
	struct mentioned *m = user;

	m->any |= strcmp(p->name, m->word) == 0;
}

static bool
is_in(const char *command, const char *word)
{
	struct mentioned m = { word, false };

	for (size_t i = 0; i < n_commands; i++)
		if (command[0] == '\0' ||
		    strcmp(commands[i].name, command) == 0)
			synopsis_parts(&commands[i], part_mentions, &m);
	return m.any;
}

static void
nothing_is_explained_that_is_not_there(void **state)
{
	static const char *const rows[][2] = {
#define OPTION(command, option, meaning) { command, option },
#define WORD(command, word, meaning) { command, word },
#define EXAMPLE(command, words)
#include "console/manual.def"
	};
	static const char *const examples[] = {
#define OPTION(command, option, meaning)
#define WORD(command, word, meaning)
#define EXAMPLE(command, words) command,
#include "console/manual.def"
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!is_in(rows[i][0], rows[i][1]))
			fail_msg("manual.def: %s %s is nowhere", rows[i][0],
			    rows[i][1]);
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
		if (command_named(examples[i]) == NULL)
			fail_msg("manual.def: no command %s", examples[i]);
}

static void
every_example_is_a_line_that_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *k = &commands[i];
		const char *words = manual_example(k->name);
		char line[512], *list[CALL_WORDS], *room = NULL;
		struct call call = { .command = k };
		int n;

		if (words == NULL) {
			fail_msg("%s has no example in manual.def", k->name);
			return;
		}
		snprintf(line, sizeof line, "%.*s",
		    (int)strcspn(words, "<>"), words);
		n = words_split(line, &room, list, CALL_WORDS, &call.err);
		assert_true(n >= 0);
		if (synopsis_parse(&call, list, (size_t)n) < 0)
			fail_msg("%s %s: %s", k->name, words, call.err.text);
		/* what must come on standard input stands there */
		if (synopsis_reads(k) == 2 && strchr(words, '<') == NULL)
			fail_msg("%s %s: reads a file", k->name, words);
		free(room);
	}
}

static unsigned
columns_of(const char *line)
{
	unsigned n = 0;

	for (; *line != '\0' && *line != '\n'; line++)
		n += ((unsigned char)*line & 0xc0) != 0x80;
	return n;
}

static void
help_lists_what_one_may_by_task_a_line_each(void **state)
{
	(void)state;
	for (size_t r = 0; r < PEOPLE_N; r++) {
		struct talk t;

		session_open(&t, people[r], "", 0);
		session_go(&t);
		assert_int_equal(session_command(&t, "help"), 0);
		for (size_t i = 0; i < n_commands; i++) {
			char start[64];
			bool there;

			snprintf(start, sizeof start, "\n  %s ",
			    commands[i].name);
			there = strstr(t.out, start) != NULL;
			if (there != command_allowed(&commands[i], people[r]))
				fail_msg("help of %s: %s",
				    word_of(&role_words, people[r]),
				    commands[i].name);
			if (there)
				assert_non_null(strstr(t.out,
				    task_of(&commands[i])));
		}
		for (const char *p = t.out; p != NULL && *p != '\0';
		    p = strchr(p, '\n'), p += p != NULL)
			if (columns_of(p) > 80)
				fail_msg("too wide: %.100s", p);
		session_close(&t);
	}
}

static void
help_of_a_command_is_whole(void **state)
{
	static const char *const parts[] = { "Does: ", "For: ", "--json: ",
		"Example: ", "Exit status: 0 done", "Exit status: 1 ",
		"Exit status: 2 ", "Exit status: 5 " };

	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *k = &commands[i];
		struct talk t;
		char line[64];

		session_open(&t, ROLE_MEMBER, "", 0);
		session_go(&t);
		snprintf(line, sizeof line, "help %s", k->name);
		assert_int_equal(session_command(&t, line), 0);
		for (size_t n = 0; n < sizeof parts / sizeof parts[0]; n++)
			if (strstr(t.out, parts[n]) == NULL)
				fail_msg("%s lacks '%s':\n%s", line, parts[n],
				    t.out);
		assert_non_null(strstr(t.out, k->meaning));
		/* what it ends with is named, and nothing else is */
		assert_true((strstr(t.out, "Exit status: 6") != NULL) ==
		    (strcmp(k->name, "status") == 0));
		session_close(&t);
	}
}

static void
a_letter_too_few_or_changed_finds_the_command(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *k = &commands[i];
		size_t len = strlen(k->name);
		size_t r = 0;

		while (r < PEOPLE_N && !command_allowed(k, people[r]))
			r++;
		if (r == PEOPLE_N || len < 4)
			continue;
		for (size_t at = 1; at < len; at++) {
			const struct command *near;
			char typed[64];

			if (k->name[at] == ' ')
				continue;
			snprintf(typed, sizeof typed, "%.*s%s", (int)at,
			    k->name, k->name + at + 1);
			near = command_nearest(people[r], typed);
			if (near == NULL || (near != k &&
			    strlen(near->name) > len)) {
				print_error("%s for %s: %s\n", typed, k->name,
				    near ? near->name : "nothing");
				wrong++;
			}
		}
	}
	assert_int_equal(wrong, 0);
}

static void
every_view_has_a_page_of_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < view_count; i++) {
		const struct view *v = views[i].view;

		assert_non_null(v->title);
		assert_non_null(v->help);
		/* the help page itself explains nothing but keys */
		if (v->help[0] == '\0' && strcmp(v->name, "help") != 0)
			fail_msg("%s has no help", v->name);
		if (v->help[0] != '\0' && v->help[strlen(v->help) - 1] != '.')
			fail_msg("%s: its help ends in no sentence", v->name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_of_every_synopsis_is_explained),
		cmocka_unit_test(nothing_is_explained_that_is_not_there),
		cmocka_unit_test(every_example_is_a_line_that_is_understood),
		cmocka_unit_test(help_lists_what_one_may_by_task_a_line_each),
		cmocka_unit_test(help_of_a_command_is_whole),
		cmocka_unit_test(a_letter_too_few_or_changed_finds_the_command),
		cmocka_unit_test(every_view_has_a_page_of_help),
	};

	alarm(120);
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
