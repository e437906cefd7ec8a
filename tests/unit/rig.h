/*
 * rig.h - a registrar inside a unit test: an empty database in a folder of
 * its own, a clock that stands still, seats over socketpairs.
 */
#ifndef UNIT_RIG_H
#define UNIT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/audit/refusals.h"
#include "core/registrar/registrar.h"

#define RIG __attribute__((unused)) static
#define RIG_NOW 1795000000


static char rig_folder[64], rig_file[96];

RIG int
rig_open(void **state)
{
	struct err e = { 0 };
	char path[128], text[512];

	(void)state;
	log_level(0);
	snprintf(rig_folder, sizeof rig_folder, "/tmp/rig.XXXXXX");
	assert_non_null(mkdtemp(rig_folder));
	snprintf(path, sizeof path, "%s/ica.conf", rig_folder);
	snprintf(text, sizeof text, "[service]\nname = ca.example\n"
	    "share = " SRCDIR "/share\n[policy]\nspecial_names = yes\n"
	    "acknowledgement = no\n"
	    "[mail]\nstaff_to = staff@ca.example\n");
	assert_int_equal(file_replace(path, text, strlen(text), 0600, &e), 0);
	if (conf_read(path, &conf, &e) < 0)
		fail_msg("%s", e.text);
	snprintf(path, sizeof path, "%s/db", rig_folder);
	assert_int_equal(folder_make(path, 0700, &e), 0);
	snprintf(rig_file, sizeof rig_file, "%s/db/ica.db", rig_folder);
	if (db_create(rig_file, &e) < 0 || db_open(rig_file, &e) < 0)
		fail_msg("%s", e.text);
	clock_set_for_test(RIG_NOW);
	audit_is_bad = false;
	refusals_forget_for_test();
	return 0;
}

RIG int
rig_close(void **state)
{
	pid_t pid;

	(void)state;
	db_close();
	clock_set_for_test(0);
	if ((pid = fork()) == 0) {
		execlp("rm", "rm", "-rf", rig_folder, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	return 0;
}

/* Statements that only tests use go through a connection of their own. */
RIG int
rig_sql_status(const char *sql, bool quiet)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (quiet)
			close(2);
		execlp("sqlite3", "sqlite3", "-bail", rig_file, sql,
		    (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 127);
	return WEXITSTATUS(status);
}

RIG void
rig_sql(const char *sql)
{
	assert_int_equal(rig_sql_status(sql, false), 0);
}

RIG void
rig_sql_fails(const char *sql)
{
	assert_int_not_equal(rig_sql_status(sql, true), 0);
}

/* What sqlite3 prints for a question; in a buffer of its own. */
RIG const char *
rig_ask_sql(const char *sql)
{
	static char out[4096];
	int pipe_fd[2], status;
	ssize_t n, all = 0;
	pid_t pid;

	assert_int_equal(pipe(pipe_fd), 0);
	if ((pid = fork()) == 0) {
		dup2(pipe_fd[1], 1);
		execlp("sqlite3", "sqlite3", rig_file, sql, (char *)NULL);
		_exit(127);
	}
	close(pipe_fd[1]);
	while ((n = read(pipe_fd[0], out + all,
	    sizeof out - 1 - (size_t)all)) > 0)
		all += n;
	close(pipe_fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	while (all > 0 && out[all - 1] == '\n')
		all--;
	out[all] = '\0';
	return out;
}

RIG void
rig_begin(void)
{
	struct err e = { 0 };

	if (db_begin(&e) < 0)
		fail_msg("%s", e.text);
}

RIG void
rig_commit(void)
{
	struct err e = { 0 };

	audit_refusals_write();
	if (db_commit(&e) < 0)
		fail_msg("%s", e.text);
}

/* A seat that stands alone, for calling serve_NAME() directly. */
RIG struct seat
rig_seat(enum role role, int64_t account, const char *name,
    const char *key_line)
{
	struct seat s;
	struct key k;
	struct err e = { 0 };

	seat_init(&s, -1, role);
	s.account = account;
	str_copy(s.account_name, sizeof s.account_name, name);
	str_copy(s.source, sizeof s.source, "192.0.2.7");
	if (key_line != NULL) {
		assert_int_equal(key_parse(key_line, &k, &e), 0);
		str_copy(s.fingerprint, sizeof s.fingerprint, k.fingerprint);
		str_copy(s.key_line, sizeof s.key_line, k.line);
	}
	return s;
}

/* A key line of type ssh-ed25519 whose 32 bytes are all `fill`. */
RIG const char *
rig_key(uint8_t fill)
{
	static char line[8][128];
	static unsigned turn;
	uint8_t blob[51] = { 0, 0, 0, 11, 's', 's', 'h', '-', 'e', 'd', '2',
		'5', '5', '1', '9', 0, 0, 0, 32 };
	uint8_t seed[32];
	EVP_PKEY *pair = NULL;
	size_t size = 32;
	char *b64 = NULL, *to = line[turn++ % 8];

	/* the public half of a private one: a point of the curve */
	memset(seed, fill, sizeof seed);
	pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
	    sizeof seed);
	if (pair == NULL || EVP_PKEY_get_raw_public_key(pair, blob + 19,
	    &size) != 1)
		fail_msg("no Ed25519 key");
	EVP_PKEY_free(pair);
	b64 = base64_encode(blob, sizeof blob);
	snprintf(to, 128, "ssh-ed25519 %s", b64);
	free(b64);
	return to;
}

/* An active account made by the operator; its number. */
RIG int64_t
rig_account(const char *name, enum role role, const char *key_line)
{
	struct seat s = rig_seat(ROLE_OPERATOR, 0, "operator", NULL);
	struct account_new a = { .role = role };
	struct account made = { 0 };
	struct err e = { 0 };

	str_copy(a.name, sizeof a.name, name);
	snprintf(a.email, sizeof a.email, "%s@mail.example", name);
	str_copy(a.line, sizeof a.line, key_line);
	if (serve_operator_account_add(&s, &a, &made, &e) < 0)
		fail_msg("%s", e.text);
	return made.number;
}

/* ---- seats over socketpairs ---- */

/* The asking end (blocking, with a time limit); the near end is adopted. */
RIG int
rig_connect(enum role role, int64_t account, const char *name,
    const char *key_line)
{
	struct seat *s = xcalloc(1, sizeof *s);
	struct timeval limit = { .tv_sec = 10 };
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	*s = rig_seat(role, account, name, key_line);
	s->fd = pair[0];
	seat_adopt(s);
	return pair[1];
}

RIG void
rig_send(int fd, uint32_t sequence, uint16_t op, uint8_t kind,
    const struct shape *shape, const void *arg)
{
	struct buf b = { 0 };
	uint32_t n;

	buf_put_u32(&b, 0);
	buf_put_u32(&b, sequence);
	buf_put_u16(&b, op);
	buf_put_u8(&b, kind);
	if (shape != NULL)
		shape_encode(shape, arg, &b);
	n = (uint32_t)b.size - 4;
	for (int i = 0; i < 4; i++)
		b.data[i] = (uint8_t)(n >> (24 - 8 * i));
	assert_int_equal(fd_write_all(fd, b.data, b.size), 0);
	buf_clear(&b);
}

/* One frame: its kind, or -1 when the other end hung up. */
RIG int
rig_receive(int fd, uint16_t *op, struct buf *payload)
{
	uint8_t head[FRAME_HEAD];
	size_t n;

	buf_clear(payload);
	if (recv(fd, head, sizeof head, MSG_WAITALL) !=
	    (ssize_t)sizeof head)
		return -1;
	n = ((size_t)head[0] << 24 | (size_t)head[1] << 16 |
	    (size_t)head[2] << 8 | head[3]) - (FRAME_HEAD - 4);
	*op = (uint16_t)(head[8] << 8 | head[9]);
	buf_reserve(payload, n + 1);
	if (n > 0 && recv(fd, payload->data, n, MSG_WAITALL) != (ssize_t)n)
		return -1;
	payload->size = n;
	return head[10];
}

/* Ask, let the loop answer, read.  0; -1 with *e; -2 hung up. */
RIG int
rig_ask(int fd, enum op op, const void *arg, void *answer, struct err *e)
{
	struct buf payload = { 0 };
	struct reader r;
	uint16_t got = 0;
	int kind;

	rig_send(fd, 1, (uint16_t)op, FRAME_ASK, ops[op].argument, arg);
	loop_step(0);
	do
		kind = rig_receive(fd, &got, &payload);
	while (kind == FRAME_CHANGED);
	if (kind < 0)
		return -2;
	assert_int_equal(got, op);
	reader_init(&r, payload.data, payload.size);
	if (kind == FRAME_ANSWER) {
		assert_int_equal(shape_decode(ops[op].answer, answer, &r), 0);
	} else {
		e->kind = reader_u8(&r);
		reader_str(&r, e->clause, sizeof e->clause);
		reader_str(&r, e->text, sizeof e->text);
	}
	assert_true(reader_end(&r));
	buf_clear(&payload);
	return kind == FRAME_ANSWER ? 0 : -1;
}

#endif
