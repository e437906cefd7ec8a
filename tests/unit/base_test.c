/* base_test.c - buffers, files, configuration, errors, states. */
#include "tests/unit/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/conf.h"
#include "core/base/file.h"
#include "core/model/state.h"

static char folder[] = "/tmp/xmpp-ica-base-XXXXXX";

static int
folder_up(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int
folder_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "%s/a.conf", folder);
	unlink(command);
	snprintf(command, sizeof command, "%s/file", folder);
	unlink(command);
	return rmdir(folder);
}

static void
a_reader_that_ran_short_stays_bad(void **state)
{
	struct reader r;

	(void)state;
	reader_init(&r, "\0\0\0\5ab", 6);
	assert_int_equal(reader_u32(&r), 5);
	assert_int_equal(reader_u32(&r), 0);
	assert_true(r.bad);
	assert_int_equal(reader_u8(&r), 0);
	assert_false(reader_end(&r));
}

static void
a_string_with_a_nul_inside_is_bad(void **state)
{
	struct reader r;
	char s[8];

	(void)state;
	reader_init(&r, "\0\0\0\3a\0b", 7);
	reader_str(&r, s, sizeof s);
	assert_true(r.bad);
	assert_string_equal(s, "");
}

static int
conf_from(const char *text, struct conf *c, struct err *e)
{
	char path[64];

	snprintf(path, sizeof path, "%s/a.conf", folder);
	assert_int_equal(file_replace(path, text, strlen(text), 0600, e), 0);
	return conf_read(path, c, e);
}

static void
configuration_has_defaults_and_an_absolute_folder(void **state)
{
	static struct conf c;
	struct err e;

	(void)state;
	assert_int_equal(conf_from("[ssh]\nport = 2022\n", &c, &e), 0);
	assert_int_equal(c.ssh_port, 2022);
	assert_int_equal(c.policy_days, 90);
	assert_false(c.policy_special_names);
	assert_string_equal(c.service_dir, folder);
}

static void
configuration_errors_name_file_line_and_key(void **state)
{
	static struct conf c;
	struct err e;

	(void)state;
	assert_int_equal(conf_from("[ssh]\nprt = 1\n", &c, &e), -1);
	assert_non_null(strstr(e.text, "a.conf:2"));
	assert_non_null(strstr(e.text, "prt"));
	assert_int_equal(conf_from("[policy]\ndays = 399\n", &c, &e), -1);
	assert_non_null(strstr(e.text, "from 1 to 398"));
	assert_int_equal(conf_from("[policy]\nspecial_names = maybe\n", &c,
	    &e), -1);
	assert_int_equal(conf_read("/nonexistent/x", &c, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void
every_key_has_a_meaning_and_a_good_default(void **state)
{
	static struct conf c;
	struct err e;

	(void)state;
	assert_int_equal(conf_from("\n", &c, &e), 0);
	for (unsigned long i = 0; i < conf_key_count; i++)
		assert_true(strlen(conf_keys[i].meaning) > 5);
}

static void
a_replaced_file_is_whole_and_has_its_mode(void **state)
{
	struct blob b = { 0 };
	struct stat st;
	struct err e;
	char path[64];

	(void)state;
	snprintf(path, sizeof path, "%s/file", folder);
	assert_int_equal(file_replace(path, "old", 3, 0644, &e), 0);
	assert_int_equal(file_replace(path, "newer", 5, 0600, &e), 0);
	assert_int_equal(file_read(path, 100, &b, &e), 0);
	assert_int_equal(b.size, 5);
	assert_int_equal(file_read(path, 4, &b, &e), -1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	blob_clear(&b);
}

static void
states_move_only_along_the_tables(void **state)
{
	(void)state;
	assert_true(request_may_become(REQUEST_AWAITING, REQUEST_APPROVED));
	assert_false(request_may_become(REQUEST_AWAITING, REQUEST_ISSUED));
	assert_false(request_may_become(REQUEST_ISSUED, REQUEST_AWAITING));
	assert_false(request_may_become(REQUEST_REFUSED, REQUEST_APPROVED));
	assert_false(account_may_become(ACCOUNT_CLOSED, ACCOUNT_ACTIVE));
	assert_true(account_may_become(ACCOUNT_SUSPENDED, ACCOUNT_ACTIVE));
}

static void
an_error_text_is_cut_at_a_character(void **state)
{
	struct err e;
	char text[2000];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xbc", 3);
	err_set(&e, ERR_REFUSED, "x", "a%s", text);
	assert_int_equal((unsigned char)e.text[strlen(e.text) - 1], 0xbc);
	assert_int_equal(err_exit_status(ERR_NOT_FOUND), 3);
	assert_int_equal(err_exit_status(ERR_UNAVAILABLE), 5);
	assert_int_equal(err_exit_status(ERR_BAD_INPUT), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_that_ran_short_stays_bad),
		cmocka_unit_test(a_string_with_a_nul_inside_is_bad),
		cmocka_unit_test(
		    configuration_has_defaults_and_an_absolute_folder),
		cmocka_unit_test(configuration_errors_name_file_line_and_key),
		cmocka_unit_test(every_key_has_a_meaning_and_a_good_default),
		cmocka_unit_test(a_replaced_file_is_whole_and_has_its_mode),
		cmocka_unit_test(states_move_only_along_the_tables),
		cmocka_unit_test(an_error_text_is_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, folder_up, folder_down);
}
