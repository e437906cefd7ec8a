/* dispatch_test.c - every op is asked by every role: who may, is answered;
 * who may not, is hung up.  And what a burst promises. */
#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/registrar/sitting.h"
#include "core/wire/ask.h"

static int64_t accounts[ROLE_SYSTEM + 1];

static int
open_with_accounts(void **state)
{
	rig_open(state);
	for (unsigned r = ROLE_MEMBER; r <= ROLE_DIRECTOR; r++)
		accounts[r] = rig_account(word_of(&role_words, r),
		    (enum role)r, rig_key((uint8_t)(r + 1)));
	return 0;
}

static int
close_all(void **state)
{
	loop_close();
	return rig_close(state);
}

static int
sit(enum role role)
{
	return rig_connect(role, accounts[role], word_of(&role_words, role),
	    role >= ROLE_GATE ? NULL : rig_key((uint8_t)(role + 1)));
}

static long
entries(const char *action)
{
	char text[128];

	snprintf(text, sizeof text,
	    "SELECT count(*) FROM audit WHERE action = '%s'", action);
	return strtol(rig_ask_sql(text), NULL, 10);
}

/* ---- the role matrix ---- */

static void
every_op_by_every_role(void **state)
{
	long denied = 0;

	(void)state;
	for (unsigned op = 0; op < OP_COUNT; op++)
		for (unsigned role = 0; role <= ROLE_SYSTEM; role++) {
			bool may = ops[op].server == OP_SERVER_REGISTRAR &&
			    op_allows((enum op)op, (enum role)role);
			void *arg = xcalloc(1, ops[op].argument->size);
			void *answer = xcalloc(1, ops[op].answer->size);
			struct err e = { 0 };
			int fd = sit((enum role)role);
			int r = rig_ask(fd, (enum op)op, arg, answer, &e);

			if (may && r == -2)
				fail_msg("%s was hung up on %s",
				    word_of(&role_words, role), ops[op].name);
			if (!may && r != -2)
				fail_msg("%s was answered %s",
				    word_of(&role_words, role), ops[op].name);
			if (may && r == -1 && e.kind == ERR_BROKEN)
				fail_msg("%s by %s: %s", ops[op].name,
				    word_of(&role_words, role), e.text);
			denied += !may && ops[op].server ==
			    OP_SERVER_REGISTRAR;
			shape_clear(ops[op].answer, answer);
			free(answer);
			free(arg);
			close(fd);
			loop_step(0);
		}
	assert_int_equal(entries("seat.denied"), denied);
	assert_int_equal(seats_of(-1), 0);
}

/* ---- malformed frames ---- */

static void
expect_hang_up(int fd)
{
	struct buf b = { 0 };
	uint16_t op;

	loop_step(0);
	assert_int_equal(rig_receive(fd, &op, &b), -1);
	buf_clear(&b);
	close(fd);
}

static void
malformed_frames_hang_up_that_seat_alone(void **state)
{
	static const uint8_t zeros[64], full[64] = { 0xff, 0xff, 0xff, 0xff };
	struct whoami who = { 0 };
	struct none none = { 0 };
	struct wish wish = { 0 };
	struct err e = { 0 };
	int good = sit(ROLE_MEMBER), fd;
	long before = entries("seat.malformed");
	uint8_t bytes[40];

	(void)state;
	fd = sit(ROLE_MEMBER);		/* length 0 */
	assert_int_equal(fd_write_all(fd, zeros, sizeof zeros), 0);
	expect_hang_up(fd);
	fd = sit(ROLE_MEMBER);		/* 4 GB */
	assert_int_equal(fd_write_all(fd, full, sizeof full), 0);
	expect_hang_up(fd);
	fd = sit(ROLE_MEMBER);		/* an answer, unasked */
	rig_send(fd, 1, OP_whoami, FRAME_ANSWER, &none_shape, &none);
	expect_hang_up(fd);
	fd = sit(ROLE_MEMBER);		/* no such op */
	rig_send(fd, 1, OP_COUNT + 5, FRAME_ASK, &none_shape, &none);
	expect_hang_up(fd);
	fd = sit(ROLE_MEMBER);		/* another server's */
	rig_send(fd, 1, OP_sign_crl, FRAME_ASK, &none_shape, &none);
	expect_hang_up(fd);
	fd = sit(ROLE_MEMBER);		/* too few bytes */
	rig_send(fd, 1, OP_domain_list, FRAME_ASK, &none_shape, &none);
	expect_hang_up(fd);
	fd = sit(ROLE_MEMBER);		/* too many */
	rig_send(fd, 1, OP_whoami, FRAME_ASK, &wish_shape, &wish);
	expect_hang_up(fd);
	fd = sit(ROLE_MEMBER);		/* a bool that is 2 */
	memset(bytes, 2, sizeof bytes);
	memcpy(bytes, "\0\0\0\x08\0\0\0\1\0\0\0\2", 12);
	bytes[8] = 0, bytes[9] = OP_whoami;
	assert_int_equal(fd_write_all(fd, bytes, 12), 0);
	expect_hang_up(fd);
	assert_int_equal(entries("seat.malformed") - before, 8);
	assert_int_equal(rig_ask(good, OP_whoami, &none, &who, &e), 0);
	assert_string_equal(who.account.name, "member");
	close(good);
}

static void
a_guest_cannot_fill_the_memory(void **state)
{
	static char much[70000] = { 0, 0x10, 0, 0, 0, 0, 0, 1 };
	int fd = sit(ROLE_GUEST);
	int size = 1 << 20;

	(void)state;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	much[9] = OP_whoami;
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	for (size_t at = 0; at < sizeof much; ) {
		ssize_t n = write(fd, much + at, sizeof much - at);

		if (n > 0)
			at += (size_t)n;
		else if (errno != EAGAIN)
			break;
		loop_step(0);
	}
	for (int i = 0; i < 10; i++)
		loop_step(0);
	assert_int_equal(seats_with_role(ROLE_GUEST), 0);
	close(fd);
}

static void
whole_questions_do_not_pile_up_either(void **state)
{
	static uint8_t much[12 * 20000];
	int fd = sit(ROLE_GUEST), size = 1 << 20;
	size_t at = 0, most = 0, unread = 0;

	(void)state;
	for (size_t i = 0; i < sizeof much; i += 12) {
		much[i + 3] = 8;
		much[i + 7] = 1;
		much[i + 9] = OP_whoami;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	for (int round = 0; round < 120; round++) {
		ssize_t n = at == sizeof much ? 0 :
		    write(fd, much + at, sizeof much - at);

		at += n > 0 ? (size_t)n : 0;
		loop_step(0);
		for (size_t i = 0; i < n_seats; i++)
			if (seats[i]->role == ROLE_GUEST) {
				most = seats[i]->in.size > most ?
				    seats[i]->in.size : most;
				unread = seats[i]->out.size > unread ?
				    seats[i]->out.size : unread;
			}
	}
	assert_in_range(most, 12, (64 << 10) + 16384);
	/* nobody reads the answers: no more are made */
	assert_in_range(unread, 1, (1 << 20) + 16384);
	close(fd);
	loop_step(0);
}

static void
refused_registrations_count_for_their_source(void **state)
{
	struct registration a = { .name = "newcomer",
		.email = "new@mail.example" };
	struct none none = { 0 };
	struct err e = { 0 };
	int fd = sit(ROLE_GUEST), r = 0;

	(void)state;
	str_copy(a.agreement, sizeof a.agreement,
	    conf.policy_agreement_version);
	for (int i = 0; i < 4; i++)
		r = rig_ask(fd, OP_account_register, &a, &none, &e);
	assert_int_equal(r, -1);
	assert_string_equal(e.clause, "limit-register-address");
	for (int i = 4; i < 21; i++)
		r = rig_ask(fd, OP_account_register, &a, &none, &e);
	assert_int_equal(r, -1);
	assert_string_equal(e.clause, "limit-register-source");
	close(fd);
	loop_step(0);
}

/* ---- the role counts at each action ---- */

static void
a_suspended_member_sees_and_revokes_only(void **state)
{
	struct whoami who = { 0 };
	struct none none = { 0 };
	struct domain_new add = { .name = "a.example" };
	struct domain made = { 0 };
	struct revocation_new revoke = { .ref = "1" };
	struct revocation revoked = { 0 };
	struct err e = { 0 };
	int fd = sit(ROLE_MEMBER);

	(void)state;
	rig_sql("UPDATE account SET state = 'suspended'"
	    " WHERE name = 'member'");
	assert_int_equal(rig_ask(fd, OP_whoami, &none, &who, &e), 0);
	assert_int_equal(who.account.state, ACCOUNT_SUSPENDED);
	assert_int_equal(rig_ask(fd, OP_domain_add, &add, &made, &e), -1);
	assert_string_equal(e.clause, "account-state");
	assert_int_equal(rig_ask(fd, OP_revocation_add, &revoke, &revoked,
	    &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);	/* asked, not barred */
	assert_true(entries("domain.add") == 1);	/* the refusal */
	close(fd);
}

static void
suspended_staff_have_no_power(void **state)
{
	struct account_page page = { 0 };
	struct wish wish = { 0 };
	struct err e = { 0 };
	int fd = sit(ROLE_STAFF);

	(void)state;
	rig_sql("UPDATE account SET state = 'suspended' WHERE name = 'staff'");
	assert_int_equal(rig_ask(fd, OP_account_list, &wish, &page, &e), -1);
	assert_string_equal(e.clause, "account-state");
	close(fd);
}

static void
a_lost_role_is_lost_at_once_and_logged(void **state)
{
	struct account_page page = { 0 };
	struct wish wish = { 0 };
	struct none none = { 0 };
	struct whoami who = { 0 };
	struct err e = { 0 };
	int fd = sit(ROLE_STAFF);

	(void)state;
	rig_sql("UPDATE account SET role = 'member' WHERE name = 'staff'");
	assert_int_equal(rig_ask(fd, OP_account_list, &wish, &page, &e), -1);
	assert_string_equal(e.clause, "role");
	assert_int_equal(entries("account.list"), 1);
	assert_int_equal(rig_ask(fd, OP_whoami, &none, &who, &e), 0);
	close(fd);
}

/* Not a second longer, and whether the hourly sweep has come by or not. */
static void
a_role_for_a_time_ends_in_the_middle_of_a_session(void **state)
{
	struct account_page page = { 0 };
	struct wish wish = { .limit = 10 };
	struct seat_wish come = { .user = "staff" };
	struct seat_answer seat = { 0 };
	struct key k = { 0 };
	struct err e = { 0 };
	char sql[256];
	int fd = sit(ROLE_STAFF), gate = sit(ROLE_GATE);

	(void)state;
	snprintf(sql, sizeof sql, "INSERT INTO role_grant (account, role,"
	    " state, until, reason, asked_by, asked) VALUES (%lld, 'staff',"
	    " 'held', %lld, '', 1, 1)", (long long)accounts[ROLE_STAFF],
	    (long long)RIG_NOW + 10);
	rig_sql(sql);
	str_copy(come.source, sizeof come.source, "192.0.2.1");
	str_copy(come.key, sizeof come.key,
	    rig_key((uint8_t)(ROLE_STAFF + 1)));
	assert_int_equal(key_parse(come.key, &k, &e), 0);
	str_copy(come.fingerprint, sizeof come.fingerprint, k.fingerprint);
	clock_set_for_test(RIG_NOW + 9);
	assert_int_equal(rig_ask(fd, OP_account_list, &wish, &page, &e), 0);
	NOUN_CLEAR(account_page, &page);
	assert_int_equal(rig_ask(gate, OP_seat_check, &come, &seat, &e), 0);
	assert_true(seat.accepted);
	assert_int_equal(seat.role, ROLE_STAFF);
	clock_set_for_test(RIG_NOW + 10);
	assert_int_equal(rig_ask(fd, OP_account_list, &wish, &page, &e), -1);
	assert_string_equal(e.clause, "role");
	memset(&seat, 0, sizeof seat);
	assert_int_equal(rig_ask(gate, OP_seat_check, &come, &seat, &e), 0);
	assert_true(seat.accepted);
	assert_int_equal(seat.role, ROLE_MEMBER);
	close(fd);
	close(gate);
}

static void
a_removed_key_or_closed_account_ends_the_seat(void **state)
{
	struct none none = { 0 };
	struct whoami who = { 0 };
	struct err e = { 0 };
	int fd = sit(ROLE_MEMBER), other = sit(ROLE_STAFF);

	(void)state;
	rig_sql("DELETE FROM ssh_key WHERE account = 1;"
	    "UPDATE account SET state = 'closed' WHERE name = 'staff'");
	assert_int_equal(rig_ask(fd, OP_whoami, &none, &who, &e), -1);
	assert_string_equal(e.clause, "account-state");
	expect_hang_up(fd);
	assert_int_equal(rig_ask(other, OP_whoami, &none, &who, &e), -1);
	expect_hang_up(other);
}

static void
a_role_set_by_the_operator_hangs_up(void **state)
{
	struct account_new set = { .name = "member", .role = ROLE_STAFF };
	struct account made = { 0 };
	struct buf words = { 0 };
	struct err e = { 0 };
	int fd = sit(ROLE_MEMBER), ctl = sit(ROLE_OPERATOR);
	uint16_t op;

	(void)state;
	assert_int_equal(rig_ask(ctl, OP_operator_role_set, &set, &made, &e),
	    0);
	assert_int_equal(made.role, ROLE_STAFF);
	/* what it says of it comes first */
	assert_int_equal(rig_receive(fd, &op, &words), FRAME_CHANGED);
	assert_non_null(memmem(words.data, words.size, "is over", 7));
	buf_clear(&words);
	expect_hang_up(fd);
	close(ctl);
}

/* Of three sessions, two of one account. */
static void
a_session_is_listed_and_ended_by_its_owner_alone(void **state)
{
	int one = sit(ROLE_MEMBER), two = sit(ROLE_MEMBER);
	int other = sit(ROLE_STAFF);
	struct session_list list = { 0 };
	struct none none = { 0 };
	struct buf words = { 0 };
	struct ref ref = { 0 };
	struct err e = { 0 };
	uint16_t op;

	(void)state;
	assert_int_equal(rig_ask(one, OP_session_list, &none, &list, &e), 0);
	assert_int_equal(list.n_rows, 2);
	assert_true(list.rows[0].here);
	assert_string_equal(list.rows[0].doing, "session list");
	assert_false(list.rows[1].here);
	assert_int_equal(list.rows[1].heard, 0);
	snprintf(ref.ref, sizeof ref.ref, "%lld",
	    (long long)list.rows[1].number);
	assert_int_equal(rig_ask(other, OP_session_end, &ref, &none, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(entries("session.end"), 0);
	assert_int_equal(rig_ask(one, OP_session_end, &ref, &none, &e), 0);
	assert_int_equal(entries("session.end"), 1);
	assert_int_equal(rig_receive(two, &op, &words), FRAME_CHANGED);
	assert_non_null(memmem(words.data, words.size, "You ended", 9));
	buf_clear(&words);
	expect_hang_up(two);
	NOUN_CLEAR(session_list, &list);
	assert_int_equal(rig_ask(one, OP_session_list, &none, &list, &e), 0);
	assert_int_equal(list.n_rows, 1);
	NOUN_CLEAR(session_list, &list);
	close(one);
	close(other);
}

/* ---- bursts ---- */

static void
many_seats_are_answered_in_one_step(void **state)
{
	enum { N = 60 };
	struct key_new add = { .name = "n" };
	struct buf b = { 0 };
	uint16_t op;
	int fds[N];

	(void)state;
	for (int i = 0; i < N; i++) {
		fds[i] = sit(i % 2 ? ROLE_MEMBER : ROLE_STAFF);
		str_copy(add.line, sizeof add.line,
		    rig_key((uint8_t)(100 + i)));
		rig_send(fds[i], 1, OP_key_add, FRAME_ASK, &key_new_shape,
		    &add);
	}
	loop_step(0);
	for (int i = 0; i < N; i++) {
		int kind;

		do
			kind = rig_receive(fds[i], &op, &b);
		while (kind == FRAME_CHANGED);
		/* 20 keys at most: the others are refused, none is lost */
		assert_true(kind == FRAME_ANSWER || kind == FRAME_ERROR);
		close(fds[i]);
	}
	buf_clear(&b);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM ssh_key"
	    " WHERE account IN (1, 2)"), "40");
	assert_int_equal(entries("key.add"), 60);	/* deeds and refusals */
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE action = 'key.add' AND outcome = 'refused'"), "22");
}

static void
pipelined_questions_are_answered_in_order(void **state)
{
	struct none none = { 0 };
	struct buf b = { 0 };
	uint16_t op;
	int fd = sit(ROLE_MEMBER);

	(void)state;
	for (uint32_t i = 1; i <= 300; i++) {
		if (i % 100 == 0)
			loop_step(0);	/* small writes fill a socket early */
		rig_send(fd, i, OP_whoami, FRAME_ASK, &none_shape, &none);
	}
	for (int i = 0; i < 20; i++)
		loop_step(0);
	for (int i = 1; i <= 300; i++) {
		assert_int_equal(rig_receive(fd, &op, &b), FRAME_ANSWER);
		assert_int_equal(op, OP_whoami);
	}
	buf_clear(&b);
	close(fd);
}

static void
changes_reach_staff_and_the_owner_only(void **state)
{
	struct ref ref = { .ref = "member" };
	struct account a = { 0 };
	struct buf b = { 0 };
	struct reader r;
	struct change c = { 0 };
	struct err e = { 0 };
	uint16_t op;
	uint8_t byte;
	int owner = sit(ROLE_MEMBER), staff = sit(ROLE_STAFF);
	int auditor = sit(ROLE_AUDITOR), finance = sit(ROLE_FINANCE);

	(void)state;
	assert_int_equal(rig_ask(staff, OP_account_suspend, &ref, &a, &e), 0);
	assert_int_equal(rig_receive(owner, &op, &b), FRAME_CHANGED);
	reader_init(&r, b.data, b.size);
	assert_int_equal(shape_decode(&change_shape, &c, &r), 0);
	assert_string_equal(c.noun, "account");
	assert_non_null(strstr(c.text, "suspended"));
	assert_int_equal(rig_receive(auditor, &op, &b), FRAME_CHANGED);
	reader_init(&r, b.data, b.size);
	assert_int_equal(shape_decode(&change_shape, &c, &r), 0);
	assert_string_equal(c.text, "");	/* the sentence is the owner's */
	assert_int_equal(recv(finance, &byte, 1, MSG_DONTWAIT), -1);
	buf_clear(&b);
	close(owner), close(staff), close(auditor), close(finance);
}

static void
a_failed_commit_unmakes_every_answer(void **state)
{
	struct rlimit old, tight;
	struct key_new add = { .name = "n" };
	struct key made = { 0 };
	struct key_list keys = { 0 };
	struct none none = { 0 };
	struct whoami who = { 0 };
	struct buf b = { 0 };
	struct stat st;
	struct err e = { 0 };
	struct audit_check check;
	char wal[128];
	uint16_t op;
	uint8_t byte;
	int fd = sit(ROLE_MEMBER), second = sit(ROLE_STAFF);

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	snprintf(wal, sizeof wal, "%s-wal", rig_file);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)st.st_size;	/* the WAL cannot grow */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	str_copy(add.line, sizeof add.line, rig_key(77));
	rig_send(second, 1, OP_whoami, FRAME_ASK, &none_shape, &none);
	assert_int_equal(rig_ask(fd, OP_key_add, &add, &made, &e), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_int_equal(rig_receive(second, &op, &b), FRAME_ERROR);
	assert_int_equal(recv(second, &byte, 1, MSG_DONTWAIT), -1);
	/* nothing was kept, and everything goes on */
	assert_int_equal(rig_ask(fd, OP_key_list, &none, &keys, &e), 0);
	assert_int_equal(keys.n_rows, 1);
	assert_int_equal(rig_ask(second, OP_whoami, &none, &who, &e), 0);
	assert_int_equal(rig_ask(fd, OP_key_add, &add, &made, &e), 0);
	assert_int_equal(audit_walk(&check, &e), 0);
	assert_true(check.good);
	NOUN_CLEAR(key_list, &keys);
	buf_clear(&b);
	close(fd), close(second);
}

/* ---- the gate's road ---- */

/* In a process of its own: as the gate asks, as the console then does. */
static int
gate_and_console(int fd, const char *user, const char *key,
    const char *fingerprint)
{
	struct seat_wish wish = { .source = "192.0.2.1" };
	struct seat_answer answer = { 0 };
	struct whoami who = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };
	struct line gate, console;

	str_copy(wish.user, sizeof wish.user, user);
	str_copy(wish.key, sizeof wish.key, key);
	str_copy(wish.fingerprint, sizeof wish.fingerprint, fingerprint);
	line_init(&gate, fd);
	if (ask_seat_check(&gate, &wish, &answer, &e) < 0)
		return 10;
	if (!answer.accepted)
		return gate.fd_received < 0 ? 1 : 11;
	memset(&answer, 0, sizeof answer);
	if (ask_seat_open(&gate, &wish, &answer, &e) < 0)
		return 12;
	if (!answer.accepted || gate.fd_received < 0)
		return 13;
	line_init(&console, gate.fd_received);
	if (ask_whoami(&console, &none, &who, &e) < 0)
		return 14;
	if (who.account.role == ROLE_GUEST)
		return strcmp(who.key.fingerprint, fingerprint) == 0 ? 2 : 15;
	return strcmp(who.account.name, user) == 0 ? 0 : 16;
}

static int
knock(const char *user, const char *key)
{
	struct key k = { 0 };
	struct err e = { 0 };
	int fd = sit(ROLE_GATE), status = -1;
	pid_t pid;

	key_parse(key, &k, &e);
	if ((pid = fork()) == 0)
		_exit(gate_and_console(fd, user, key, k.fingerprint));
	close(fd);
	for (int i = 0; i < 500 && waitpid(pid, &status, WNOHANG) == 0; i++)
		loop_step(10);
	assert_true(WIFEXITED(status));
	for (int i = 0; i < 3; i++)
		loop_step(0);
	return WEXITSTATUS(status);
}

static void
the_gate_gets_seats_for_the_right_people(void **state)
{
	(void)state;
	assert_int_equal(knock("member", rig_key(ROLE_MEMBER + 1)), 0);
	assert_int_equal(knock("staff", rig_key(ROLE_STAFF + 1)), 0);
	assert_int_equal(knock("register", rig_key(200)), 2);
	assert_int_equal(knock("register", rig_key(ROLE_MEMBER + 1)), 2);
	assert_int_equal(knock("member", rig_key(200)), 1);
	assert_int_equal(knock("member", rig_key(ROLE_STAFF + 1)), 1);
	assert_int_equal(knock("nobody", rig_key(ROLE_STAFF + 1)), 1);
	assert_int_equal(knock("register", "ssh-dss AAAA"), 1);
	rig_sql("UPDATE account SET state = 'suspended'"
	    " WHERE name = 'member'; UPDATE account SET state = 'closed'"
	    " WHERE name = 'staff'");
	assert_int_equal(knock("member", rig_key(ROLE_MEMBER + 1)), 0);
	assert_int_equal(knock("staff", rig_key(ROLE_STAFF + 1)), 1);
	assert_int_equal(entries("login"), 5);
	assert_int_equal(seats_of(-1), 0);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE action = 'login' AND actor = 'member'"
	    " AND source = '192.0.2.1' AND key LIKE 'SHA256:%'"), "2");
}

static void
an_account_has_only_so_many_seats(void **state)
{
	int fds[2];

	(void)state;
	conf.ssh_per_account = 2;
	fds[0] = sit(ROLE_MEMBER);
	assert_int_equal(knock("member", rig_key(ROLE_MEMBER + 1)), 0);
	fds[1] = sit(ROLE_MEMBER);
	assert_int_equal(knock("member", rig_key(ROLE_MEMBER + 1)), 13);
	close(fds[0]), close(fds[1]);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_with_accounts, close_all)
	const struct CMUnitTest tests[] = {
		T(every_op_by_every_role),
		T(malformed_frames_hang_up_that_seat_alone),
		T(a_guest_cannot_fill_the_memory),
		T(whole_questions_do_not_pile_up_either),
		T(refused_registrations_count_for_their_source),
		T(a_suspended_member_sees_and_revokes_only),
		T(suspended_staff_have_no_power),
		T(a_lost_role_is_lost_at_once_and_logged),
		T(a_role_for_a_time_ends_in_the_middle_of_a_session),
		T(a_removed_key_or_closed_account_ends_the_seat),
		T(a_role_set_by_the_operator_hangs_up),
		T(a_session_is_listed_and_ended_by_its_owner_alone),
		T(many_seats_are_answered_in_one_step),
		T(pipelined_questions_are_answered_in_order),
		T(changes_reach_staff_and_the_owner_only),
		T(a_failed_commit_unmakes_every_answer),
		T(the_gate_gets_seats_for_the_right_people),
		T(an_account_has_only_so_many_seats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
