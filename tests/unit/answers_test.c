/* answers_test.c - the published answers: found, changed under readers,
 * grown, and whole again after a kill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/x509/answers.h"
#include "core/x509/answers_map.h"
#include "tests/unit/openssl_judge.h"

#define SIZE 17

static void
serial_of(uint8_t serial[SIZE], uint64_t n)
{
	memset(serial, 0x33, SIZE);
	n = n * 0x9e3779b97f4a7c15ull + 99;
	memcpy(serial + 1, &n, sizeof n);
}

/* Every field follows from `version`: a mixture of two would show. */
static struct answer
answer_of(uint64_t n, uint32_t version)
{
	struct answer a = { .issuer = (uint8_t)(version & 15) };

	(void)n;
	a.status.state = CERTIFICATE_REVOKED;
	a.status.reason = version % 7;
	a.status.revoked = 1790000000 + version;
	a.this_update = 1790000000 + version;
	a.next_update = 1890000000 + version;
	for (int k = 0; k < 2; k++) {
		a.signature_size[k] = (uint8_t)(64 + version % 9);
		memset(a.signature[k], (int)(version * 3 + (uint32_t)k),
		    a.signature_size[k]);
	}
	return a;
}

static bool
whole(const struct answer *a, uint64_t n, uint32_t *version)
{
	struct answer want;

	*version = (uint32_t)(a->this_update - 1790000000);
	want = answer_of(n, *version);
	return a->status.revoked == want.status.revoked &&
	    a->next_update == want.next_update && a->issuer == want.issuer &&
	    a->status.reason == want.status.reason &&
	    memcmp(a->signature_size, want.signature_size, 2) == 0 &&
	    memcmp(a->signature, want.signature, sizeof want.signature) == 0;
}

static void
put(struct answers *a, uint64_t n, uint32_t version)
{
	struct answer in = answer_of(n, version);
	uint8_t serial[SIZE];
	struct err e = { 0 };

	serial_of(serial, n);
	if (answers_put(a, serial, SIZE, &in, &e) < 0)
		fail_msg("%s", e.text);
}

/* The version found, or -1. */
static int64_t
version_of(const struct answers *a, uint64_t n)
{
	struct answer out;
	uint8_t serial[SIZE];
	uint32_t version;

	serial_of(serial, n);
	if (answers_find(a, serial, SIZE, &out) == 0)
		return -1;
	return whole(&out, n, &version) ? (int64_t)version : -2;
}

static struct answers *
writer(void)
{
	struct err e = { 0 };
	struct answers *a = answers_open_writer(in_folder("answers.map"), &e);

	if (a == NULL)
		fail_msg("%s: %s", e.clause, e.text);
	return a;
}

static struct answers *
writer_new(void)
{
	unlink(in_folder("answers.map"));
	return writer();
}

static struct answers *
reader(void)
{
	struct err e = { 0 };
	struct answers *a = answers_open(in_folder("answers.map"), &e);

	if (a == NULL)
		fail_msg("%s: %s", e.clause, e.text);
	return a;
}

/* S9.4: what was put is found, and a change shows at once. */
static void
answers_put_are_found_at_once(void **state)
{
	struct answers *w = writer_new(), *r = reader();
	struct answer out;
	uint8_t serial[SIZE];
	int64_t next;
	size_t used;

	(void)state;
	assert_int_equal(version_of(r, 1), -1);
	put(w, 1, 5);
	assert_int_equal(version_of(r, 1), 5);
	put(w, 1, 6);
	assert_int_equal(version_of(r, 1), 6);
	serial_of(serial, 1);
	assert_int_equal(answers_find(r, serial, SIZE, &out), 1);
	assert_int_equal(strlen(out.status.serial), 2 * SIZE);
	assert_int_equal(answers_find(r, serial, 0, &out), 0);
	assert_int_equal(answers_find(r, serial, 16, &out), 0);
	answers_health(r, &next, &used);
	assert_int_equal(used, 1);
	assert_int_equal(next, 1890000006);
	assert_int_equal(answers_sync(w, NULL), 0);
	answers_close(w);
	answers_close(r);
	w = writer();
	assert_int_equal(version_of(w, 1), 6);
	answers_close(w);
}

/* Growing makes a new file; nothing is lost, readers learn of it. */
static void
growth_loses_nothing_and_readers_notice(void **state)
{
	struct answers *w = writer_new(), *r = reader(), *r2;
	int64_t next;
	size_t used;

	(void)state;
	put(w, 0, 1);
	assert_false(answers_stale(r));
	for (uint64_t i = 1; i < 20000; i++)
		put(w, i, (uint32_t)i);
	assert_true(answers_stale(r));
	assert_int_equal(version_of(r, 0), 1);
	r2 = reader();
	assert_false(answers_stale(r2));
	for (uint64_t i = 1; i < 20000; i++)
		assert_int_equal(version_of(r2, i), i);
	assert_int_equal(version_of(r2, 20000), -1);
	answers_health(r2, &next, &used);
	assert_int_equal(used, 20000);
	answers_close(w);
	answers_close(r);
	answers_close(r2);
}

static void
issuers_are_kept_and_changed_by_a_new_file(void **state)
{
	struct answers *w = writer_new(), *r = reader();
	struct ocsp_issuer i = { .name_sha1 = { 7 } };
	const struct ocsp_issuer *got;
	const uint8_t *der;
	uint8_t big[2049] = { 0 };
	struct err e = { 0 };
	size_t size;

	(void)state;
	assert_int_equal(answers_issuers(r), 0);
	assert_null(answers_issuer(r, 0, &der, &size));
	assert_int_equal(answers_issuer_put(w, "ica-server-1", &i,
	    (const uint8_t *)"abc", 3, &e), 0);
	assert_int_equal(answers_issuer_put(w, "ica-server-2", &i,
	    (const uint8_t *)"def", 3, &e), 1);
	assert_int_equal(answers_issuer_put(w, "ica-server-1", &i,
	    (const uint8_t *)"abc", 3, &e), 0);
	assert_false(answers_stale(r));
	assert_int_equal(answers_issuers(r), 2);
	put(w, 1, 9);
	assert_int_equal(answers_issuer_put(w, "ica-server-1", &i,
	    (const uint8_t *)"new!", 4, &e), 0);
	assert_true(answers_stale(r));
	got = answers_issuer(r, 0, &der, &size);	/* still as it was */
	assert_int_equal(got->name_sha1[0], 7);
	assert_memory_equal(der, "abc", 3);
	answers_close(r);
	r = reader();
	answers_issuer(r, 0, &der, &size);
	assert_int_equal(size, 4);
	assert_memory_equal(der, "new!", 4);
	assert_int_equal(version_of(r, 1), 9);
	assert_int_equal(answers_issuer_put(w, "x", &i, big, sizeof big, &e),
	    -1);
	answers_close(r);
	answers_close(w);
}

static void
second_writer_and_strange_files_are_refused(void **state)
{
	struct answers *w = writer_new();
	struct err e = { 0 };
	char junk[50000] = "ICAANSW1";

	(void)state;
	assert_null(answers_open_writer(in_folder("answers.map"), &e));
	assert_int_equal(e.kind, ERR_CONFLICT);
	answers_close(w);
	unlink(in_folder("answers.map"));
	assert_null(answers_open(in_folder("answers.map"), &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	put_file("answers.map", junk, sizeof junk);
	assert_null(answers_open(in_folder("answers.map"), &e));
	assert_int_equal(e.kind, ERR_BROKEN);
	put_file("answers.map", junk, 100);
	assert_null(answers_open(in_folder("answers.map"), &e));
}

/* Readers in other processes never see half of one answer and half of
 * another, nor an older one after a newer one. */
static void
readers_never_see_a_mixture(void **state)
{
	struct answers *w = writer_new();
	pid_t readers[2];
	uint32_t version = 1;
	int64_t end;

	(void)state;
	for (uint64_t i = 0; i < 8; i++)
		put(w, i, version);
	for (int k = 0; k < 2; k++) {
		readers[k] = fork();
		if (readers[k] == 0) {
			struct answers *r = reader();
			int64_t seen[8] = { 0 }, v;

			alarm(20);
			for (int i = 0; i < 2000000; i++) {
				v = version_of(r, i & 7);
				if (v < seen[i & 7]) {
					print_error("%lld after %lld\n",
					    (long long)v,
					    (long long)seen[i & 7]);
					_exit(1);
				}
				seen[i & 7] = v;
			}
			_exit(seen[3] > 1 ? 0 : 2);
		}
	}
	end = clock_mono_ms() + 15000;
	for (int left = 2, status; left > 0 && clock_mono_ms() < end; ) {
		for (int i = 0; i < 1000; i++, version++)
			put(w, version & 7, version);
		if (waitpid(-1, &status, WNOHANG) > 0) {
			assert_true(WIFEXITED(status));
			assert_int_equal(WEXITSTATUS(status), 0);
			left--;
		}
	}
	assert_true(clock_mono_ms() < end);
	answers_close(w);
}

/* A writer killed at any moment leaves every answer whole, the old or the
 * new one; the next writer goes on. */
static void
killed_writer_leaves_every_answer_whole(void **state)
{
	struct answers *w = writer_new();
	int64_t least[4] = { 0 };
	size_t used;

	(void)state;
	for (uint64_t i = 0; i < 4; i++)
		put(w, i, 1);
	answers_close(w);
	for (int round = 0; round < 60; round++) {
		pid_t pid = fork();
		struct answers *r;
		int64_t next;

		if (pid == 0) {
			uint32_t v = (uint32_t)(least[0] + 1000);

			w = writer();
			for (uint64_t n = 4 + (uint64_t)round * 100000; ; n++) {
				put(w, n & 3, v++);
				if ((n & 1023) == 0)
					put(w, n, v);	/* new ones too */
			}
		}
		r = reader();	/* until the writer is at work for certain */
		for (int i = 0; i < 20000 && version_of(r, 0) <= least[0];
		    i++)
			usleep(1000);
		answers_close(r);
		usleep((useconds_t)(round * 97));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		r = reader();		/* before any repair */
		for (uint64_t i = 0; i < 4; i++) {
			int64_t v = version_of(r, i);

			assert_true(v >= least[i]);
			least[i] = v;
		}
		answers_close(r);
		w = writer();
		assert_int_equal(answers_lost(w), 0);
		/* the change that was in hand may have been finished */
		for (uint64_t i = 0; i < 4; i++) {
			int64_t v = version_of(w, i);

			assert_true(v >= least[i] && v <= least[i] + 4);
			least[i] = v;
		}
		answers_health(w, &next, &used);
		assert_true(used >= 4);
		answers_close(w);
	}
	assert_true(least[0] > 1000);
}

/* After a lost machine a damaged slot is never served; it is dropped and
 * counted, and what lay behind it is still found. */
static void
damaged_slot_is_dropped_and_counted(void **state)
{
	struct answers *w = writer_new(), *r;
	off_t at = 0;
	uint8_t serial[SIZE], byte = 0xee, *file;
	struct stat st;
	int fd;

	(void)state;
	clock_boot_id_set_for_test(21);
	for (uint64_t i = 0; i < 700; i++)
		put(w, i, (uint32_t)i);
	answers_close(w);
	clock_boot_id_set_for_test(23);
	fd = open(in_folder("answers.map"), O_RDWR);
	assert_int_equal(fstat(fd, &st), 0);
	file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	serial_of(serial, 350);
	for (off_t i = ANSWERS_HEAD_SIZE; i < st.st_size; i += 192)
		if (memcmp(file + i + 12, serial, SIZE) == 0)
			at = i;
	munmap(file, (size_t)st.st_size);
	assert_true(at > 0);
	assert_int_equal(pwrite(fd, &byte, 1, at + 36), 1);
	close(fd);
	r = reader();
	for (uint64_t i = 0; i < 700; i++)
		assert_int_equal(version_of(r, i), i == 350 ? -1 :
		    (int64_t)i);
	answers_close(r);
	w = writer();
	assert_int_equal(answers_lost(w), 2);	/* it, and who knows what */
	put(w, 350, 350);
	for (uint64_t i = 0; i < 700; i++)
		assert_int_equal(version_of(w, i), i);
	answers_close(w);
	clock_boot_id_set_for_test(0);
}

/* Answers that nobody refreshes any more go when the file grows. */
static void
forgotten_answers_go_when_the_file_grows(void **state)
{
	struct answers *w = writer_new();
	struct answer in = answer_of(0, 1);
	uint8_t serial[SIZE];
	size_t used;
	int64_t next;

	(void)state;
	in.this_update = clock_now() - 200 * 86400;
	in.next_update = in.this_update + 86400;
	for (uint64_t i = 0; i < 500; i++) {
		serial_of(serial, i);
		answers_put(w, serial, SIZE, &in, NULL);
	}
	for (uint64_t i = 500; i < 1000; i++)
		put(w, i, 1);
	answers_health(w, &next, &used);
	assert_int_equal(used, 500);
	assert_int_equal(version_of(w, 3), -1);
	assert_int_equal(version_of(w, 999), 1);
	answers_close(w);
}

/* A kill loses nothing; after a lost machine only what was settled is sure. */
static void
unsettled_answers_are_doubted_after_the_machine_was_lost(void **state)
{
	struct answers *w = NULL;
	bool more = true;
	int turns = 0;

	(void)state;
	clock_boot_id_set_for_test(11);
	w = writer_new();
	put(w, 1, 5);
	assert_true(answers_unsettled(w));
	answers_close(w);
	w = writer();		/* the same life of the host */
	assert_int_equal(answers_lost(w), 0);
	answers_close(w);
	clock_boot_id_set_for_test(13);
	for (int i = 0; i < 2; i++) {	/* until something is put again */
		w = writer();
		assert_true(answers_lost(w) > 0);
		assert_int_equal(version_of(w, 1), 5);
		answers_close(w);
	}
	w = writer();
	for (uint64_t i = 0; i < 40000; i++)	/* more than one slice */
		put(w, i, 6);
	while (more) {
		put(w, 3, (uint32_t)(7 + turns));
		assert_int_equal(answers_settle(w, &more, NULL), 0);
		assert_true(++turns < 100);
	}
	assert_true(turns > 1);
	assert_false(answers_unsettled(w));
	answers_close(w);
	clock_boot_id_set_for_test(15);
	w = writer();
	assert_int_equal(answers_lost(w), 0);
	put(w, 1, 9);
	answers_close(w);
	clock_boot_id_set_for_test(17);
	w = writer();
	assert_true(answers_lost(w) > 0);
	assert_int_equal(answers_sync(w, NULL), 0);
	answers_close(w);
	clock_boot_id_set_for_test(0);
}

/* Room that was asked for needs no growing; the end of the last slice counts. */
static void
a_large_file_is_made_at_once_and_looked_through_in_slices(void **state)
{
	struct answers *w = writer_new();
	uint64_t made = 0;
	int64_t next = 0;
	size_t used = 0;

	(void)state;
	assert_int_equal(answers_reserve(w, 100000, NULL), 0);
	made = answers_generation(w);
	for (uint64_t i = 0; i < 100000; i++)
		put(w, i, (uint32_t)(1000 + i));
	answers_health(w, &next, &used);
	assert_int_equal(used, 100000);
	assert_int_equal(answers_generation(w), made);
	assert_true(next >= 1890001000);
	for (int i = 0; i < 8; i++)
		answers_health(w, &next, &used);
	assert_int_equal(next, 1890001000);
	answers_close(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_put_are_found_at_once),
		cmocka_unit_test(growth_loses_nothing_and_readers_notice),
		cmocka_unit_test(issuers_are_kept_and_changed_by_a_new_file),
		cmocka_unit_test(second_writer_and_strange_files_are_refused),
		cmocka_unit_test(readers_never_see_a_mixture),
		cmocka_unit_test(killed_writer_leaves_every_answer_whole),
		cmocka_unit_test(damaged_slot_is_dropped_and_counted),
		cmocka_unit_test(forgotten_answers_go_when_the_file_grows),
		cmocka_unit_test(
		    unsettled_answers_are_doubted_after_the_machine_was_lost),
		cmocka_unit_test(a_large_file_is_made_at_once_and_looked_through_in_slices),
	};

	return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
