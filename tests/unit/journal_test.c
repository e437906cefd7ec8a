/* journal_test.c - the signer's journal: order, torn ends, kills, size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/signer/journal.h"
#include "core/x509/hash.h"
#include "tests/unit/openssl_judge.h"

#define RECORD 80

static void
serial_of(uint8_t serial[SERIAL_SIZE], uint64_t n)
{
	memset(serial, 0x5a, SERIAL_SIZE);
	serial[0] = 1;
	n = n * 0x9e3779b97f4a7c15ull + 12345;
	memcpy(serial + 1, &n, sizeof n);
}

static struct journal *
journal_new(void)
{
	struct err e = { 0 };
	struct journal *j;

	unlink(in_folder("journal"));
	unlink(in_folder("journal.der"));
	unlink(in_folder("journal.torn"));
	j = journal_open(judge_folder, true, NULL, NULL, &e);
	if (j == NULL)
		fail_msg("%s", e.text);
	return j;
}

static struct journal *
again(void)
{
	struct err e = { 0 };
	struct journal *j = journal_open(judge_folder, false, NULL, NULL, &e);

	if (j == NULL)
		fail_msg("%s: %s", e.clause, e.text);
	return j;
}

static void
intend(struct journal *j, uint64_t from, uint64_t n)
{
	struct err e = { 0 };

	assert_int_equal(journal_ready(j, &e), 0);
	for (uint64_t i = from; i < from + n; i++) {
		struct intent in = { .request = (int64_t)i + 100,
			.at = 1790000000 + (int64_t)i };

		serial_of(in.serial, i);
		memset(in.digest, (int)i, 32);
		journal_intend(j, &in);
	}
	assert_int_equal(journal_intents_sync(j, &e), 0);
}

static void
sign(struct journal *j, uint64_t from, uint64_t n)
{
	struct err e = { 0 };

	for (uint64_t i = from; i < from + n; i++) {
		uint8_t serial[SERIAL_SIZE];
		char der[700];

		memset(der, 'x', sizeof der);
		snprintf(der, sizeof der, "certificate %llu",
		    (unsigned long long)i);
		serial_of(serial, i);
		journal_signed(j, serial, (uint8_t *)der, sizeof der);
	}
	assert_int_equal(journal_signed_write(j, &e), 0);
}

static enum serial_state
state_of(struct journal *j, uint64_t n)
{
	uint8_t serial[SERIAL_SIZE];

	serial_of(serial, n);
	return journal_find(j, serial, NULL);
}

static bool
same_bytes(struct journal *j, uint64_t n)
{
	uint8_t serial[SERIAL_SIZE];
	struct blob der = { 0 };
	struct err e = { 0 };
	char want[64];
	bool same;

	serial_of(serial, n);
	snprintf(want, sizeof want, "certificate %llu",
	    (unsigned long long)n);
	same = journal_certificate(j, serial, &der, &e) == 0 &&
	    der.size == 700 && strcmp((char *)der.data, want) == 0;
	if (!same)
		assert_string_equal(e.clause, "serial-burnt");
	blob_clear(&der);
	return same;
}

static off_t
size_of(const char *name)
{
	struct stat st;

	return stat(in_folder(name), &st) == 0 ? st.st_size : -1;
}

/* S5.7: what was intended and signed is the same after a restart. */
static void
restart_remembers_intents_and_gives_the_same_bytes(void **state)
{
	struct journal *j = journal_new();
	struct journal_page page = { 0 };
	struct intent in;
	uint8_t serial[SERIAL_SIZE], hash[32];

	(void)state;
	intend(j, 0, 3);
	sign(j, 0, 2);
	intend(j, 3, 1);
	journal_close(j);
	j = again();
	assert_int_equal(state_of(j, 0), SERIAL_SIGNED);
	assert_int_equal(state_of(j, 1), SERIAL_SIGNED);
	assert_int_equal(state_of(j, 2), SERIAL_INTENDED);
	assert_int_equal(state_of(j, 3), SERIAL_INTENDED);
	assert_int_equal(state_of(j, 4), SERIAL_NEW);
	assert_true(same_bytes(j, 0) && same_bytes(j, 1));
	assert_false(same_bytes(j, 2));
	serial_of(serial, 3);
	journal_find(j, serial, &in);
	assert_int_equal(in.request, 103);
	assert_int_equal(in.at, 1790000003);
	assert_int_equal(in.digest[31], 3);
	assert_int_equal(journal_page(j, 0, &page, NULL), 0);
	assert_int_equal(page.n_rows, 4);
	assert_true(page.rows[1].is_signed);
	assert_false(page.rows[2].is_signed);
	assert_int_equal(page.rows[3].request, 103);
	sha256(hash, "x", 1);
	assert_memory_not_equal(page.rows[1].sha256, hash, 32);
	NOUN_CLEAR(journal_page, &page);
	assert_int_equal(journal_page(j, 3, &page, NULL), 0);
	assert_int_equal(page.n_rows, 1);
	NOUN_CLEAR(journal_page, &page);
	journal_close(j);
}

/* Pages of 1000, each entry once. */
static void
pages_hold_each_entry_once(void **state)
{
	struct journal *j = journal_new();
	int64_t after = 0;
	size_t seen = 0, pages = 0;
	bool more = true;

	(void)state;
	intend(j, 0, 2500);
	sign(j, 0, 2400);
	while (more) {
		struct journal_page page = { 0 };

		assert_int_equal(journal_page(j, after, &page, NULL), 0);
		for (size_t i = 0; i < page.n_rows; i++) {
			assert_true(page.rows[i].number > after);
			after = page.rows[i].number;
			assert_int_equal(page.rows[i].request, 100 + seen);
			assert_int_equal(page.rows[i].is_signed, seen < 2400);
			seen++;
		}
		pages++;
		more = page.more;
		NOUN_CLEAR(journal_page, &page);
	}
	assert_int_equal(seen, 2500);
	assert_int_equal(pages, 3);
	journal_close(j);
}

/* A torn end, wherever it is torn, costs no more than itself. */
static void
torn_end_is_cut_at_every_length(void **state)
{
	struct blob whole = { 0 };
	struct journal *j = journal_new();

	(void)state;
	intend(j, 0, 3);
	journal_close(j);
	assert_int_equal(file_read(in_folder("journal"), 4096, &whole, NULL),
	    0);
	for (size_t cut = 1; cut < RECORD; cut++) {
		put_file("journal", whole.data, whole.size - cut);
		j = again();
		assert_int_equal(state_of(j, 1), SERIAL_INTENDED);
		assert_int_equal(state_of(j, 2), SERIAL_NEW);
		assert_int_equal(size_of("journal"), RECORD * 3);
		intend(j, 2, 1);
		journal_close(j);
		j = again();
		assert_int_equal(state_of(j, 2), SERIAL_INTENDED);
		journal_close(j);
	}
	assert_true(size_of("journal.torn") > 0);
	blob_clear(&whole);
}

/* Zeros or a changed byte at the end are a torn end too; a lost record among
 * the last ones does not cost those behind it. */
static void
damage_at_the_end_is_survived(void **state)
{
	struct blob whole = { 0 };
	uint8_t changed[RECORD * 8];
	struct journal *j = journal_new();

	(void)state;
	intend(j, 0, 3);
	journal_close(j);
	assert_int_equal(file_read(in_folder("journal"), 4096, &whole, NULL),
	    0);
	memset(changed, 0, sizeof changed);
	memcpy(changed, whole.data, whole.size);
	put_file("journal", changed, sizeof changed);
	j = again();
	assert_int_equal(state_of(j, 2), SERIAL_INTENDED);
	assert_int_equal(size_of("journal"), RECORD * 4);
	journal_close(j);
	changed[RECORD * 2 + 5] ^= 1;
	put_file("journal", changed, RECORD * 4);
	j = again();
	assert_int_equal(state_of(j, 0), SERIAL_INTENDED);
	assert_int_equal(state_of(j, 1), SERIAL_NEW);
	assert_int_equal(state_of(j, 2), SERIAL_INTENDED);
	journal_close(j);
	/* a record in another's place is not taken */
	memcpy(changed + RECORD * 2, whole.data + RECORD, RECORD);
	put_file("journal", changed, RECORD * 4);
	j = again();
	assert_int_equal(state_of(j, 1), SERIAL_NEW);
	journal_close(j);
	blob_clear(&whole);
}

/* Damage that no crash explains refuses the start. */
static void
old_damage_refuses_the_start(void **state)
{
	struct journal *j = journal_new();
	struct err e = { 0 };
	int fd;

	(void)state;
	for (int i = 0; i < 4; i++)
		intend(j, (uint64_t)i * 20000, 20000);
	journal_close(j);
	fd = open(in_folder("journal"), O_WRONLY);
	assert_int_equal(pwrite(fd, "X", 1, RECORD * 10 + 7), 1);
	close(fd);
	assert_null(journal_open(judge_folder, false, NULL, NULL, &e));
	assert_string_equal(e.clause, "signer-journal");
	assert_int_equal(e.kind, ERR_BROKEN);
	put_file("journal", "not a journal", 13);
	assert_null(journal_open(judge_folder, false, NULL, NULL, &e));
}

/* A certificate whose bytes did not survive burns its serial. */
static void
lost_certificate_bytes_burn_the_serial(void **state)
{
	struct journal *j = journal_new();

	(void)state;
	intend(j, 0, 2);
	sign(j, 0, 2);
	journal_close(j);
	assert_int_equal(truncate(in_folder("journal.der"), 1000), 0);
	j = again();
	assert_true(same_bytes(j, 0));
	assert_false(same_bytes(j, 1));
	intend(j, 2, 1);
	sign(j, 2, 1);
	assert_true(same_bytes(j, 2));
	journal_close(j);
}

/* A full disk refuses the batch, keeps order, and works again later. */
static void
full_disk_refuses_and_recovers(void **state)
{
	struct journal *j = journal_new();
	struct rlimit old, small;
	struct err e = { 0 };
	struct intent in = { .request = 7 };

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	intend(j, 0, 2);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = RECORD * 3 + 40;
	setrlimit(RLIMIT_FSIZE, &small);
	serial_of(in.serial, 2);
	journal_intend(j, &in);
	assert_int_equal(journal_intents_sync(j, &e), -1);
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_int_equal(size_of("journal"), RECORD * 3);
	assert_int_equal(journal_ready(j, &e), -1);
	assert_int_equal(state_of(j, 2), SERIAL_INTENDED);
	setrlimit(RLIMIT_FSIZE, &old);
	intend(j, 3, 1);
	sign(j, 3, 1);
	assert_int_equal(journal_settle(j, &e), 0);
	journal_close(j);
	j = again();
	assert_int_equal(state_of(j, 2), SERIAL_INTENDED);
	assert_int_equal(state_of(j, 3), SERIAL_SIGNED);
	assert_true(same_bytes(j, 3));
	journal_close(j);
}

static void
second_signer_is_refused(void **state)
{
	struct journal *j = journal_new();
	struct err e = { 0 };

	(void)state;
	assert_null(journal_open(judge_folder, false, NULL, NULL, &e));
	assert_int_equal(e.kind, ERR_CONFLICT);
	journal_close(j);
}

/*
 * S5.7: killed at any moment, the journal never forgets a serial that it
 * said was durable, and never gives other bytes for one.
 */
static void
kill_at_any_moment_forgets_nothing_durable(void **state)
{
	struct journal *j = journal_new();
	uint64_t next = 0;

	(void)state;
	journal_close(j);
	for (int round = 0; round < 40; round++) {
		int told[2], n;
		uint64_t durable = 0, v;
		pid_t pid;

		assert_int_equal(pipe(told), 0);
		pid = fork();
		if (pid == 0) {
			j = journal_open(judge_folder, false, NULL, NULL,
			    NULL);
			if (j == NULL)
				_exit(1);
			for (v = next; ; v += 5) {
				uint64_t done = v + 5;

				intend(j, v, 5);
				if (write(told[1], &done, 8) != 8)
					_exit(1);
				sign(j, v, 4);
			}
		}
		close(told[1]);
		usleep((useconds_t)(500 + round * 211));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (read(told[0], &v, 8) == 8)
			durable = v;
		close(told[0]);
		j = again();
		for (v = next, n = 0; v < durable; v++) {
			assert_int_not_equal(state_of(j, v), SERIAL_NEW);
			if (state_of(j, v) == SERIAL_SIGNED)
				assert_true(same_bytes(j, v));
			n++;
		}
		next = (durable > next ? durable : next) + 5;
		journal_close(j);
	}
	assert_true(next > 200);
}

static size_t
memory_in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* Milliseconds of our own work, whatever else the machine does. */
static int64_t
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A million certificates: read back in a second, in 40 MB. */
static void
million_entries_load_fast_and_small(void **state)
{
	struct journal *j = journal_new();
	size_t before = memory_in_use(), after;
	int64_t start, took;
	uint8_t byte = 'x';

	(void)state;
	for (uint64_t i = 0; i < 1000000; i += 20000) {
		struct err e = { 0 };

		intend(j, i, 20000);
		for (uint64_t k = i; k < i + 20000; k++) {
			uint8_t serial[SERIAL_SIZE];

			serial_of(serial, k);
			journal_signed(j, serial, &byte, 1);
		}
		assert_int_equal(journal_signed_write(j, &e), 0);
	}
	journal_close(j);
	start = cpu_ms();
	j = again();
	took = cpu_ms() - start;
	after = memory_in_use();
	print_message("1,000,000 entries: %lld ms, %zu MB\n", (long long)took,
	    (after - before) >> 20);
	assert_int_equal(state_of(j, 999999), SERIAL_SIGNED);
	assert_int_equal(state_of(j, 1000000), SERIAL_NEW);
	assert_true(after - before < 40u << 20);
	assert_true(took < 5000);	/* 1 s of a quiet core */
	journal_close(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restart_remembers_intents_and_gives_the_same_bytes),
		cmocka_unit_test(pages_hold_each_entry_once),
		cmocka_unit_test(torn_end_is_cut_at_every_length),
		cmocka_unit_test(damage_at_the_end_is_survived),
		cmocka_unit_test(old_damage_refuses_the_start),
		cmocka_unit_test(lost_certificate_bytes_burn_the_serial),
		cmocka_unit_test(full_disk_refuses_and_recovers),
		cmocka_unit_test(second_signer_is_refused),
		cmocka_unit_test(kill_at_any_moment_forgets_nothing_durable),
		cmocka_unit_test(million_entries_load_fast_and_small),
	};

	return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
