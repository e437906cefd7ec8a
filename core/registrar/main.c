/* main.c - the registrar: the one writer of the authority's database. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/jail.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/domain/caa.h"
#include "core/registrar/audit/audit_watch.h"
#include "core/registrar/db.h"
#include "core/registrar/db_step.h"
#include "core/registrar/held.h"
#include "core/registrar/domain/proof.h"
#include "core/registrar/audit/log.h"
#include "core/registrar/audit/rows_check.h"
#include "core/registrar/list/name_index.h"
#include "core/registrar/account/key_known.h"
#include "core/registrar/policy.h"
#include "core/registrar/report/report.h"
#include "core/registrar/report/report_job.h"
#include "core/registrar/audit/refusals.h"
#include "core/registrar/registrar.h"

#define LOCK "db/lock"
#define OFFLINE_SEAT_FD 3
#define STEP_MS 250

static volatile sig_atomic_t stopping;

static void
on_term(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

static int
usage(void)
{
	fprintf(stderr, "usage: xmpp-ica-registrar -c CONF [--init | --offline]\n"
	    "       xmpp-ica-registrar --verify DATABASE [ENTRY HASH | --note FILE]\n"
	    "       xmpp-ica-registrar --report QUARTER DATABASE\n");
	return 2;
}

static int
fail(const struct err *e)
{
	log_warn("%s: %s", e->clause, e->text);
	return err_exit_status(e->kind);
}

/* One registrar at a time; the lock goes with the process. */
static int
lock_take(struct err *e)
{
	char path[CONF_PATH_SIZE];
	int fd;

	conf_path(&conf, path, LOCK);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(e, ERR_UNAVAILABLE, "database", "%s: %s", path,
		    strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return err_set(e, ERR_CONFLICT, "database",
		    "another registrar has the database open");
	}
	return 0;
}

/* ---- --init ---- */

static int
first_entry(struct err *e)
{
	if (db_begin(e) < 0)
		return -1;
	if (audit_add(NULL, "authority.init", "system", conf.service_name,
	    OUTCOME_DONE, e, "%s", conf.service_title) < 0) {
		db_rollback();
		return -1;
	}
	return db_commit(e);
}

static int
init(void)
{
	char folder[CONF_PATH_SIZE], path[CONF_PATH_SIZE];
	struct err e = { 0 };

	conf_path(&conf, folder, "db");
	conf_path(&conf, path, FILE_DATABASE);
	if (folder_make(folder, 0700, &e) < 0 || lock_take(&e) < 0 ||
	    db_create(path, &e) < 0 || db_open(path, &e) < 0)
		return fail(&e);
	if (first_entry(&e) < 0) {
		db_close();
		return fail(&e);
	}
	db_close();
	log_info("database made: %s", path);
	return 0;
}

/* ---- --verify: a copy, without a configuration ---- */

/* anchor: number and hash of an entry, or --note and the file of a signed
 * head, that were kept elsewhere; may be NULL */
static int
verify(const char *path, char *const anchor[2])
{
	struct audit_check r = { 0 };
	struct err e = { 0 };
	char hex[65], at[TIME_TEXT_SIZE];
	uint8_t hash[32];
	int64_t number = 0;
	const char *note = anchor != NULL && strcmp(anchor[0], "--note") ==
	    0 ? anchor[1] : NULL;

	if (note != NULL)
		anchor = NULL;
	if (anchor != NULL && (!number_parse(anchor[0], INT64_MAX, &number) ||
	    hex_decode(hash, sizeof hash, anchor[1]) != sizeof hash))
		return usage();
	if (db_open_to_read(path, &e) < 0)
		return fail(&e);
	if ((note != NULL ? audit_walk_note(note, &r, &e) :
	    audit_walk(&r, &e)) < 0 ||
	    (r.good && audit_rows_check(&r, &e) < 0) ||
	    (r.good && db_integrity(&e) < 0) ||
	    (r.good && anchor != NULL &&
	    audit_anchor(number, hash, &r, &e) < 0)) {
		db_close();
		printf("bad: %s\n", e.text);
		return 1;
	}
	db_close();
	hex_encode(hex, r.head, sizeof r.head);
	time_text(at, r.head_at);
	if (r.good)
		printf("good: %s; head %lld %s %s\n", r.text,
		    (long long)r.entries, hex, at);
	else
		printf("bad: row %lld: %s\n", (long long)r.bad_row, r.text);
	return r.good ? 0 : 1;
}

/* ---- serving ---- */

static int
prepare(struct err *e)
{
	char path[CONF_PATH_SIZE], folders[3][CONF_PATH_SIZE];
	/* "r:" also ends the reading of anything else, such as ca/ */
	const char *const list[] = { folders[0], folders[1], folders[2],
		"r:/dev/urandom", NULL };
	const struct blob *text = NULL;
	uint8_t hash[32];

	conf_path(&conf, folders[0], "db");
	conf_path(&conf, folders[1], FOLDER_PUBLISHED);
	conf_path(&conf, folders[2], "run");
	conf_path(&conf, path, FILE_DATABASE);
	db_migrated = state_migrated;
	if (proofs_check(e) < 0 || caa_check(e) < 0 ||
	    lock_take(e) < 0 || db_open(path, e) < 0 ||
	    notice_templates_load(e) < 0 || weak_keys_load(e) < 0 ||
	    policy_load(e) < 0 ||
	    agreement_text(&text, hash, e) < 0)
		return -1;
	clock_boot_id();
	if (jail_enter(JAIL_REGISTRAR, list, e) < 0)
		return -1;
	return log_start(e);
}

/* One operator's questions until he hangs up; no clock, no listeners. */
static int
offline(void)
{
	struct seat *s = NULL;
	struct err e = { 0 };

	if (prepare(&e) < 0)
		return fail(&e);
	signer_line_none();
	s = xcalloc(1, sizeof *s);
	seat_init(s, OFFLINE_SEAT_FD, ROLE_OPERATOR);
	str_copy(s->account_name, sizeof s->account_name, "operator");
	seat_adopt(s);
	while (!stopping && seats_with_role(ROLE_OPERATOR) > 0)
		loop_step(-1);
	loop_close();
	db_close();
	return 0;
}

static void
stop_note(void)
{
	struct err e = { 0 };

	int r = db_begin(&e);

	if (r == 0)
		refusals_sum(true);
	if (r < 0 || audit_add(NULL, "system.stop", "system",
	    "registrar", OUTCOME_DONE, &e, "%s", "") < 0 ||
	    db_commit(&e) < 0)
		log_warn("audit: the stop was not kept: %s", e.text);
}

/* Each knows itself whether it is due; what is not needs no measuring. */
static void
slice_run(const char *kind, int wait_ms, void (*run)(void))
{
	struct held h = { 0 };

	if (wait_ms > 0) {
		run();
		return;
	}
	h = held_begin();
	run();
	held_end(&h, kind, "");
}

static int
serve(void)
{
	struct err e = { 0 };

	if (report_child_start(&e) < 0 || prepare(&e) < 0 ||
	    state_start(&e) < 0)
		return fail(&e);
	loop_listen(REGISTRAR_GATE_FD, ROLE_GATE);
	loop_listen(REGISTRAR_COURIER_FD, ROLE_COURIER);
	loop_listen(REGISTRAR_CTL_FD, ROLE_OPERATOR);
	issuer_refresh();
	signer_line_is_new();	/* it was asked just now */
	publish_run();
	log_info("ready");
	while (!stopping) {
		int wait = publish_wait_ms(), plan = plan_wait_ms();
		int walk = audit_watch_wait_ms(), names = name_index_wait_ms();

		if (plan < wait)
			wait = plan;
		if (walk < wait)
			wait = walk;
		if (names < wait)
			wait = names;
		if (report_job_wait_ms() < wait)
			wait = report_job_wait_ms();
		loop_step(wait > STEP_MS ? STEP_MS : wait);
		loop_tick();
		if (publish_wait_ms() == 0)
			publish_run();
		slice_run("plan", plan_wait_ms(), plan_run);
		slice_run("log walk", audit_watch_wait_ms(), audit_watch_run);
		slice_run("names", name_index_wait_ms(), name_index_run);
		report_job_run();
	}
	report_child_end();
	loop_close();
	stop_note();
	log_finish();
	publish_close();
	db_close();
	log_info("stopped");
	return 0;
}

int
main(int argc, char **argv)
{
	struct sigaction term = { .sa_handler = on_term };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct err e = { 0 };

	log_open("registrar");
	umask(077);
	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGINT, &term, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	if (argc == 4 && strcmp(argv[1], "--report") == 0)
		return report_check(argv[2], argv[3]);
	if ((argc == 3 || argc == 5) && strcmp(argv[1], "--verify") == 0)
		return verify(argv[2], argc == 5 ? argv + 3 : NULL);
	if (argc < 3 || argc > 4 || strcmp(argv[1], "-c") != 0)
		return usage();
	if (conf_read(argv[2], &conf, &e) < 0)
		return fail(&e);
	if (argc == 3)
		return serve();
	if (strcmp(argv[3], "--init") == 0)
		return init();
	if (strcmp(argv[3], "--reload") == 0)
		return policy_send();
	if (strcmp(argv[3], "--offline") == 0)
		return offline();
	return usage();
}
