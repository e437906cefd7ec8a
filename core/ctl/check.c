/* check.c - is everything in order: check, state, verify, dump. */
#include "core/ctl/ctl.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>

#include "core/base/clock.h"
#include "core/base/hash_list.h"
#include "core/base/text.h"
#include "core/base/user.h"

static bool
fact_print(const struct fact *f)
{
	char text[1100];

	render_untrusted(text, sizeof text, f->text, strlen(f->text));
	printf("%-4s  %-24s  %s\n", f->good ? "ok" : "BAD", f->what, text);
	return f->good;
}

static int
facts_print(void)
{
	struct none nothing = { 0 };
	struct fact_list l = { 0 };
	struct err e;
	bool good = true;

	if (ask_operator_state(registrar(), &nothing, &l, &e) < 0)
		return complain(&e);
	for (size_t i = 0; i < l.n_rows; i++)
		good = fact_print(&l.rows[i]) && good;
	NOUN_CLEAR(fact_list, &l);
	return good ? 0 : 1;
}

int
ctl_state(int argc, char **argv)
{
	(void)argv;
	return argc == 1 ? facts_print() : usage_of("state");
}

static bool
folders_check(void)
{
	const char *name = NULL;
	struct err e;
	bool good = true;
	int r;

	for (size_t i = 0; (r = folder_look(&conf, i, &name, &e)) >= 0;
	    i++) {
		struct fact f = { .good = r == 1 };

		snprintf(f.what, sizeof f.what, "folder %.30s", name);
		snprintf(f.text, sizeof f.text, "%.255s", r == 1 ?
		    "there, and no wider open than it should be" : e.text);
		good = fact_print(&f) && good;
	}
	return good;
}

/* The passphrase is read by the master alone. */
static bool
passphrase_check(void)
{
	struct fact f = { .what = "passphrase file", .good = false };
	char path[CONF_PATH_SIZE];
	struct stat st;

	if (conf.signer_passphrase_file[0] == '\0')
		return true;
	conf_path(&conf, path, conf.signer_passphrase_file);
	if (stat(path, &st) < 0)
		snprintf(f.text, sizeof f.text, "%.120s: %s",
		    conf.signer_passphrase_file, strerror(errno));
	else if ((st.st_mode & 077) != 0)
		snprintf(f.text, sizeof f.text,
		    "mode %o lets others read it: chmod 600 %.120s",
		    (unsigned)st.st_mode & 0777,
		    conf.signer_passphrase_file);
	else
		f.good = true;
	return fact_print(&f);
}

/* They are read when the registrar starts: said while it still runs. */
static bool
lists_check(void)
{
	struct fact f = { .what = "lists of weak keys", .good = true };
	struct err e = { 0 };

	if (conf.policy_weak_keys[0] == '\0')
		return true;
	f.good = hash_lists_check(&conf, &e) == 0;
	snprintf(f.text, sizeof f.text, "%.255s", f.good ? "whole" : e.text);
	return fact_print(&f);
}

#define SAY_MS 1000

/* The registrar walks between its other questions: asked again until it is
 * through, and how far it is on stderr when that takes a while. */
static int
chain_await(struct audit_check *r, struct err *e)
{
	struct timespec pause = { .tv_nsec = 10000000 };
	struct audit_job job = { 0 };
	int64_t said = clock_mono_ms();
	char text[1100];

	for (;;) {
		memset(r, 0, sizeof *r);
		if (ask_operator_verify(registrar(), &job, r, e) < 0)
			return -1;
		if ((job.job = r->job) == 0)
			return 0;
		if (clock_mono_ms() - said >= SAY_MS) {
			render_untrusted(text, sizeof text, r->text,
			    strlen(r->text));
			fprintf(stderr, "%lld of %lld entries; %s\n",
			    (long long)r->entries, (long long)r->total,
			    text[0] != '\0' ? text : "walking the log");
			said = clock_mono_ms();
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 160000000)
			pause.tv_nsec *= 2;
	}
}

static bool
chain_check(void)
{
	struct fact f = { .what = "audit chain, database" };
	struct audit_check r = { 0 };
	struct err e;

	if (chain_await(&r, &e) < 0) {
		snprintf(f.text, sizeof f.text, "%.255s", e.text);
		return fact_print(&f);
	}
	f.good = r.good;
	if (r.good)
		snprintf(f.text, sizeof f.text, "%lld entries",
		    (long long)r.entries);
	else
		snprintf(f.text, sizeof f.text, "entry %lld: %.200s",
		    (long long)r.bad_row, r.text);
	return fact_print(&f);
}

int
ctl_check(int argc, char **argv)
{
	struct fact f = { .what = "configuration", .good = true };
	bool good;

	(void)argv;
	if (argc != 1)
		return usage_of("check");
	snprintf(f.text, sizeof f.text, "%.200s", conf.file);
	good = fact_print(&f);
	policy_differences();
	f = (struct fact){ .what = "xmpp-icad", .good = registrar_runs() };
	snprintf(f.text, sizeof f.text, f.good ? "runs" : "does not run");
	good = fact_print(&f) && good;
	good = folders_check() && good;
	good = passphrase_check() && good;
	good = lists_check() && good;
	good = chain_check() && good;
	if (facts_print() != 0)
		good = false;
	return good ? 0 : 1;
}

int
ctl_verify(int argc, char **argv)
{
	struct audit_check r = { 0 };
	char at[TIME_TEXT_SIZE], head[65], text[1100];
	struct err e;

	if ((argc == 3 || (argc == 5 && strcmp(argv[3], "--anchor") == 0)) &&
	    strcmp(argv[1], "--db") == 0)
		return database_verify(argv[2], argc == 5 ? argv[4] : NULL) ==
		    0 ? 0 : 1;
	if (argc != 1)
		return usage_of("verify");
	if (chain_await(&r, &e) < 0) {
		complain(&e);
		return 1;
	}
	render_untrusted(text, sizeof text, r.text, strlen(r.text));
	if (!r.good) {
		printf("bad: row %lld: %s\n", (long long)r.bad_row, text);
		return 1;
	}
	time_text(at, r.head_at);
	hex_encode(head, r.head, sizeof r.head);
	printf("good: %s; head %lld %s %s\n", text, (long long)r.entries,
	    head, at);
	return 0;
}

int
ctl_dump(int argc, char **argv)
{
	struct ref cursor = { "" };
	struct have_page p;
	char hash[65];
	struct err e;

	(void)argv;
	if (argc != 1)
		return usage_of("dump");
	do {
		memset(&p, 0, sizeof p);
		if (ask_operator_dump(registrar(), &cursor, &p, &e) < 0)
			return complain(&e);
		for (size_t i = 0; i < p.n_rows; i++) {
			hex_encode(hash, p.rows[i].sha256, 32);
			printf("HAVE %s %s %s\n", p.rows[i].kind,
			    p.rows[i].id, hash);
		}
		memset(&cursor, 0, sizeof cursor);
		memcpy(cursor.ref, p.next, sizeof p.next);
		NOUN_CLEAR(have_page, &p);
	} while (cursor.ref[0] != '\0');
	return 0;
}
