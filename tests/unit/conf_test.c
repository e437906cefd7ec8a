/* conf_test.c - conf.def, the man page and the sample file say the same. */
#include "tests/unit/check.h"

#include <unistd.h>

#include "core/base/conf.h"
#include "core/base/file.h"
#include "core/base/text.h"

#define TEXT_MAX (256u << 10)

static char *
text_of(const char *name)
{
	struct blob b = { 0 };
	struct err e = { 0 };
	char *text;

	if (file_read(name, TEXT_MAX, &b, &e) < 0)
		fail_msg("%s", e.text);
	text = xmalloc(b.size + 1);
	memcpy(text, b.data, b.size);
	text[b.size] = '\0';
	blob_clear(&b);
	return text;
}

static size_t
count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

/* Where a key stands: behind its section's head, before the next one. */
static const char *
key_find(const char *text, const char *head, const char *any_head,
    const char *key)
{
	const char *from = strstr(text, head), *to, *at;

	if (from == NULL)
		return NULL;
	from += strlen(head);
	to = strstr(from, any_head);
	at = strstr(from, key);
	return at != NULL && (to == NULL || at < to) ? at : NULL;
}

static void
every_key_is_in_the_man_page(void **state)
{
	char *page = text_of(SRCDIR "/share/man/xmpp-ica.conf.5");

	(void)state;
	for (unsigned long i = 0; i < conf_key_count; i++) {
		const struct conf_key *k = &conf_keys[i];
		char head[64], key[64], words[640];
		const char *at;

		snprintf(head, sizeof head, "\n.Ss [%s]\n", k->section);
		snprintf(key, sizeof key, "\n.It Cm %s\n", k->name);
		at = key_find(page, head, "\n.Ss [", key);
		if (at == NULL)
			fail_msg("[%s] %s is not in the page", k->section,
			    k->name);
		at += strlen(key);
		if (k->kind == 'i')
			snprintf(words, sizeof words,
			    "(default: %s, %lld to %lld)\n", k->standard,
			    (long long)k->low, (long long)k->high);
		else
			snprintf(words, sizeof words, "(%sdefault: %s)\n",
			    k->kind == 'b' ? "yes or no; " : "",
			    k->standard[0] != '\0' ? k->standard : "empty");
		if (strncmp(at, words, strlen(words)) != 0)
			fail_msg("[%s] %s: the page does not say %s",
			    k->section, k->name, words);
	}
	assert_int_equal(count_of(page, "\n.It Cm "), conf_key_count);
	free(page);
}

static void
every_key_is_in_the_sample(void **state)
{
	char *sample = text_of(SRCDIR "/share/conf/xmpp-ica.conf");

	(void)state;
	for (unsigned long i = 0; i < conf_key_count; i++) {
		const struct conf_key *k = &conf_keys[i];
		char head[64], key[640];

		snprintf(head, sizeof head, "\n[%s]\n", k->section);
		snprintf(key, sizeof key, "\n;%s =%s%s\n", k->name,
		    k->standard[0] != '\0' ? " " : "", k->standard);
		if (key_find(sample, head, "\n[", key) == NULL)
			fail_msg("[%s]%s is not in the sample", k->section,
			    key);
	}
	assert_int_equal(count_of(sample, "\n;") -
	    count_of(sample, "\n; "), conf_key_count);
	free(sample);
}

/* The sample with its comment marks taken off is what the defaults are. */
static void
the_sample_uncommented_gives_the_defaults(void **state)
{
	char *sample = text_of(SRCDIR "/share/conf/xmpp-ica.conf");
	char path[] = "/tmp/xmpp-ica-conf-XXXXXX";
	struct conf *a = xcalloc(1, sizeof *a), *b = xcalloc(1, sizeof *b);
	struct err e = { 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, "", 0), 0);
	assert_int_equal(conf_read(path, a, &e), 0);
	for (char *p = sample; (p = strstr(p, "\n;")) != NULL; p++)
		if (p[2] != ' ')
			p[1] = ' ';
	/* inih reads a line that begins with a blank as a continuation */
	for (char *line = strtok(sample, "\n"); line != NULL;
	    line = strtok(NULL, "\n")) {
		line += line[0] == ' ';
		assert_int_equal(fd_write_all(fd, line, strlen(line)), 0);
		assert_int_equal(fd_write_all(fd, "\n", 1), 0);
	}
	close(fd);
	if (conf_read(path, b, &e) < 0)
		fail_msg("%s", e.text);
	assert_memory_equal(a, b, sizeof *a);
	unlink(path);
	free(sample);
	free(a);
	free(b);
}

/* A folder reads like an empty file: all defaults, the wrong authority. */
static void
a_folder_is_no_configuration(void **state)
{
	struct conf *c = xcalloc(1, sizeof *c);
	struct err e = { 0 };

	(void)state;
	assert_int_equal(conf_read("/tmp", c, &e), -1);
	assert_int_equal(e.kind, ERR_BAD_INPUT);
	assert_non_null(strstr(e.text, "/tmp: this is no file"));
	assert_int_equal(conf_read("/nonexistent/xmpp-ica.conf", c, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	free(c);
}

/* These stand in every certificate, on every screen. */
static void
a_name_or_url_that_cannot_be_is_refused(void **state)
{
	struct conf *c = xcalloc(1, sizeof *c);
	struct err e = { 0 };

	(void)state;
	assert_int_equal(conf_set(c, "service", "name", "", &e), -1);
	assert_int_equal(conf_set(c, "service", "name", "a b", &e), -1);
	assert_int_equal(conf_set(c, "service", "name", "a\033[31mb", &e), -1);
	assert_int_equal(conf_set(c, "service", "name", "localhost", &e), 0);
	assert_int_equal(conf_set(c, "service", "title", "F\xc3\xb6rderung",
	    &e), 0);
	assert_int_equal(conf_set(c, "service", "title", "a\x7f", &e), -1);
	assert_int_equal(conf_set(c, "http", "base_url", "ftp://x", &e), -1);
	assert_int_equal(conf_set(c, "http", "base_url", "http://x/ y", &e),
	    -1);
	assert_int_equal(conf_set(c, "http", "base_url", "https://x", &e), 0);
	assert_int_equal(conf_set(c, "http", "base_url", "", &e), 0);
	free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_or_url_that_cannot_be_is_refused),
		cmocka_unit_test(a_folder_is_no_configuration),
		cmocka_unit_test(every_key_is_in_the_man_page),
		cmocka_unit_test(every_key_is_in_the_sample),
		cmocka_unit_test(the_sample_uncommented_gives_the_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
