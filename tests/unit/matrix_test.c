/* matrix_test.c - every op x every role x own and foreign objects, against the
 * list of what is meant in matrix.def. */
#include "rig.h"

#include "core/registrar/sitting.h"
#include "core/wire/ask.h"

enum object { NONE, DOMAIN, KEY, CONTACT, JID, REQUEST, SERIAL, DRAFT,
	RECOVERY, ACCOUNT };

struct row {
	const char *roles;
	enum object object;
	const char *field, *foreign;
};

static const struct row rows[OP_COUNT] = {
#define M(op, roles, object, field, foreign) \
	[OP_##op] = { roles, object, field, foreign },
#include "matrix.def"
#undef M
};

/* A letter twice for an op would win silently. */
static const unsigned char times[] = {
#define M(op, roles, object, field, foreign) OP_##op,
#include "matrix.def"
#undef M
};

static char
letter(enum role role)
{
	static const struct {
		const char *word;
		char letter;
	} letters[] = {
		{ "guest", 'g' }, { "website", 'w' }, { "member", 'm' },
		{ "staff", 's' }, { "auditor", 'a' }, { "finance", 'f' },
		{ "director", 'd' }, { "gate", 'G' }, { "courier", 'C' },
		{ "operator", 'O' }, { "registrar", 'R' },
	};

	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
		if (strcmp(letters[i].word, word_of(&role_words, role)) == 0)
			return letters[i].letter;
	return '?';
}

static void
every_op_has_one_row_and_it_says_the_same(void **state)
{
	size_t n[OP_COUNT] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof times; i++)
		n[times[i]]++;
	for (unsigned op = 0; op < OP_COUNT; op++) {
		if (ops[op].server != OP_SERVER_REGISTRAR)
			continue;
		if (n[op] != 1)
			fail_msg("%s has %zu rows in tests/unit/matrix.def: say there who may ask it, and whose objects",
			    ops[op].name, n[op]);
		for (unsigned r = 0; r <= ROLE_SYSTEM; r++) {
			bool meant = strchr(rows[op].roles,
			    letter((enum role)r)) != NULL;

			if (meant != op_allows((enum op)op, (enum role)r))
				fail_msg("%s: matrix.def says that %s %s, ops.def does not",
				    ops[op].name, word_of(&role_words, r),
				    meant ? "may" : "may not");
		}
	}
}

/* The signer hears the registrar alone. */
static void
the_signer_is_asked_by_the_registrar_alone(void **state)
{
	(void)state;
	for (unsigned op = 0; op < OP_COUNT; op++)
		if (ops[op].server == OP_SERVER_SIGNER)
			assert_int_equal(ops[op].who,
			    ROLE_BIT(ROLE_REGISTRAR));
}

/* ---- own and foreign ---- */

static int64_t accounts[ROLE_SYSTEM + 2];

/* Everything that somebody can have, of one account. */
static void
belongings(int64_t n, const char *name)
{
	char sql[4096];

	snprintf(sql, sizeof sql,
	    "INSERT INTO domain (account, name, shown, state, claimed, proven,"
	    " expires, mailbox) VALUES (%1$lld, '%2$s.example',"
	    " '%2$s.example', 'proven', 1, %3$d, %3$d + 86400, 'a@b.example');"
	    "INSERT INTO ssh_key (number, account, fingerprint, type, line,"
	    " name, added) VALUES (100 + %1$lld, %1$lld, 'SHA256:%2$s',"
	    " 'ssh-ed25519', 'ssh-ed25519 AAAA%2$s', 'second', 1);"
	    "INSERT INTO contact (number, account, email, added, confirmed)"
	    " VALUES (100 + %1$lld, %1$lld, '%2$s2@mail.example', 1, 1);"
	    "INSERT INTO invitation (account, jid, domain, state, code_hash,"
	    " made, expires) VALUES (%1$lld, 'x@%2$s.example',"
	    " '%2$s.example', 'open', randomblob(32), %3$d, %3$d + 86400);"
	    "INSERT INTO draft (account, form, body, at) VALUES (%1$lld,"
	    " 'form-%2$s', x'00', %3$d);"
	    "INSERT INTO recovery (account, state, code_expires, asked,"
	    " source, begun, stop_hash, due) VALUES (%1$lld, 'waiting',"
	    " %3$d, 1, 'x', 1, randomblob(32), %3$d + 86400);"
	    "INSERT INTO request (number, account, state, profile, first,"
	    " domains, subject_cn, note, digest, csr_sha256, spki_sha256,"
	    " key_words, created) VALUES (100 + %1$lld, %1$lld, 'awaiting',"
	    " 'xmpp-server', '%2$s.example', 1, '%2$s.example', '',"
	    " zeroblob(32), zeroblob(32), zeroblob(32), 'EC', 1),"
	    " (200 + %1$lld, %1$lld, 'awaiting', 'xmpp-server',"
	    " '%2$s.example', 1, '%2$s.example', '', zeroblob(32),"
	    " randomblob(32), randomblob(32), 'EC', 1);"
	    "UPDATE request SET state = 'approved' WHERE number = 200 + %1$lld;"
	    "UPDATE request SET state = 'issued' WHERE number = 200 + %1$lld;"
	    "INSERT INTO certificate (request, account, serial, issuer, state,"
	    " not_before, not_after, issued, sha256, spki_sha256, policy)"
	    " VALUES (200 + %1$lld, %1$lld, printf('4f%%032d', %1$lld),"
	    " 'ica-server-1', 'good', %3$d, %3$d + 86400, %3$d,"
	    " randomblob(32), randomblob(32), '1');", (long long)n, name,
	    RIG_NOW);
	rig_sql(sql);
}

static int
open_people(void **state)
{
	rig_open(state);
	for (unsigned r = ROLE_MEMBER; r <= ROLE_DIRECTOR; r++) {
		const char *name = word_of(&role_words, r);

		accounts[r] = rig_account(name, (enum role)r,
		    rig_key((uint8_t)(r + 1)));
	}
	accounts[ROLE_SYSTEM + 1] = rig_account("alice", ROLE_MEMBER,
	    rig_key(77));
	for (unsigned r = ROLE_MEMBER; r <= ROLE_DIRECTOR; r++)
		belongings(accounts[r], word_of(&role_words, r));
	belongings(accounts[ROLE_SYSTEM + 1], "alice");
	return 0;
}

static int
close_people(void **state)
{
	loop_close();
	return rig_close(state);
}

static void
ref_of(enum object object, int64_t n, const char *name, char ref[128])
{
	switch (object) {
	case DOMAIN:
		snprintf(ref, 128, "%s.example", name);
		break;
	case JID:
		snprintf(ref, 128, "x@%s.example", name);
		break;
	case KEY:
	case REQUEST:
		snprintf(ref, 128, "%lld", (long long)(100 + n));
		break;
	case CONTACT:
		snprintf(ref, 128, "%s2@mail.example", name);
		break;
	case SERIAL:
		snprintf(ref, 128, "4f%032lld", (long long)n);
		break;
	case DRAFT:
		snprintf(ref, 128, "form-%s", name);
		break;
	default:
		snprintf(ref, 128, "%s", name);
	}
}

/* 0 answered or hindered by something else, -1 no such thing, or not his. */
static int
reach(enum op op, enum role role, const char *ref, struct err *e)
{
	const struct field *f = shape_field(ops[op].argument, rows[op].field);
	void *arg = xcalloc(1, ops[op].argument->size);
	void *answer = xcalloc(1, ops[op].answer->size);
	bool person = role >= ROLE_MEMBER && role <= ROLE_DIRECTOR;
	int fd = rig_connect(role, person ? accounts[role] : 0,
	    word_of(&role_words, role), rig_key((uint8_t)(role + 1)));
	int r;

	assert_non_null(f);
	str_copy((char *)arg + f->offset, f->size, ref);
	memset(e, 0, sizeof *e);
	r = rig_ask(fd, op, arg, answer, e);
	if (r == -2)
		fail_msg("%s by %s: hung up", ops[op].name,
		    word_of(&role_words, role));
	if (r == -1 && e->kind == ERR_BROKEN)
		fail_msg("%s by %s: %s", ops[op].name,
		    word_of(&role_words, role), e->text);
	shape_clear(ops[op].answer, answer);
	free(answer);
	free(arg);
	close(fd);
	loop_step(0);
	return r == 0 || (e->kind != ERR_NOT_FOUND &&
	    e->kind != ERR_BAD_INPUT && e->kind != ERR_REFUSED) ? 0 : -1;
}

/* All that alice has, in one line. */
static const char *
belongings_of_alice(void)
{
	static char text[4096];
	char sql[2048];
	long long n = (long long)accounts[ROLE_SYSTEM + 1];

	snprintf(sql, sizeof sql, "SELECT group_concat(x) FROM (SELECT"
	    " 'd' || name || state AS x FROM domain WHERE account = %1$lld"
	    " UNION ALL SELECT 'k' || line FROM ssh_key WHERE account = %1$lld"
	    " UNION ALL SELECT 'c' || email FROM contact WHERE account = %1$lld"
	    " UNION ALL SELECT 'i' || jid || state FROM invitation"
	    "  WHERE account = %1$lld"
	    " UNION ALL SELECT 'f' || form FROM draft WHERE account = %1$lld"
	    " UNION ALL SELECT 'r' || number || state FROM request"
	    "  WHERE account = %1$lld"
	    " UNION ALL SELECT 'x' || serial || state FROM certificate"
	    "  WHERE account = %1$lld"
	    " UNION ALL SELECT 'v' || number || state FROM recovery"
	    "  WHERE account = %1$lld"
	    " UNION ALL SELECT 'a' || name || state || role FROM account"
	    "  WHERE number = %1$lld)", n);
	str_copy(text, sizeof text, rig_ask_sql(sql));
	return text;
}

static void
somebody_elses_things_are_not_there(void **state)
{
	char ref[128], before[4096];
	struct err e;

	(void)state;
	str_copy(before, sizeof before, belongings_of_alice());
	for (unsigned op = 0; op < OP_COUNT; op++)
		for (unsigned role = 0; role < ROLE_SYSTEM &&
		    rows[op].object != NONE; role++) {
			if (!op_allows((enum op)op, (enum role)role) ||
			    strchr(rows[op].foreign,
			    letter((enum role)role)) != NULL)
				continue;
			ref_of(rows[op].object, accounts[ROLE_SYSTEM + 1],
			    "alice", ref);
			if (reach((enum op)op, (enum role)role, ref, &e) == 0)
				fail_msg("%s reaches alice's %s by %s: %s",
				    word_of(&role_words, role), ref,
				    ops[op].name, e.text);
		}
	assert_string_equal(belongings_of_alice(), before);
}

/* What is said about it, without its name. */
static void
plain_words(const struct err *e, const char *ref, char dst[640])
{
	const char *at = strstr(e->text, ref);

	if (at == NULL)
		snprintf(dst, 640, "%s", e->text);
	else
		snprintf(dst, 640, "%.*s#%s", (int)(at - e->text), e->text,
		    at + strlen(ref));
}

/* Is the same said as about a thing that there never was? */
static bool
is_no_such_thing(enum op op, enum role role, const char *ref)
{
	char ghost[128], about[640], about_ghost[640];
	struct err e;

	if (reach(op, role, ref, &e) == 0 || e.kind != ERR_NOT_FOUND)
		return false;
	plain_words(&e, ref, about);
	ref_of(rows[op].object, 800, "ghost", ghost);
	reach(op, role, ghost, &e);
	plain_words(&e, ghost, about_ghost);
	return strcmp(about, about_ghost) == 0;
}

static void
ones_own_and_what_a_role_may_is_there(void **state)
{
	char ref[128];

	(void)state;
	for (unsigned op = 0; op < OP_COUNT; op++)
		for (unsigned role = 0; role < ROLE_SYSTEM &&
		    rows[op].object != NONE; role++) {
			const char *name = word_of(&role_words, role);
			bool person = role >= ROLE_MEMBER &&
			    role <= ROLE_DIRECTOR;

			if (!op_allows((enum op)op, (enum role)role))
				continue;
			/* what an op before this one has dropped */
			rig_sql("UPDATE domain SET state = 'claimed' WHERE"
			    " state = 'dropped'; UPDATE domain SET state ="
			    " 'proven' WHERE state = 'claimed';"
			    " INSERT INTO recovery (account, state,"
			    " code_expires, asked, source, begun, stop_hash,"
			    " due) SELECT number, 'waiting', 1, 1, 'x', 1,"
			    " randomblob(32), 1 FROM account a WHERE NOT"
			    " EXISTS (SELECT 1 FROM recovery r WHERE"
			    " r.account = a.number AND r.state = 'waiting')");
			if (strchr(rows[op].foreign,
			    letter((enum role)role)) != NULL) {
				ref_of(rows[op].object,
				    accounts[ROLE_SYSTEM + 1], "alice", ref);
				if (is_no_such_thing((enum op)op,
				    (enum role)role, ref))
					fail_msg("%s does not reach alice's %s by %s",
					    name, ref, ops[op].name);
			}
			if (!person)
				continue;
			ref_of(rows[op].object, accounts[role], name, ref);
			if (is_no_such_thing((enum op)op, (enum role)role,
			    ref))
				fail_msg("%s does not reach an own %s by %s",
				    name, ref, ops[op].name);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_op_has_one_row_and_it_says_the_same),
		cmocka_unit_test(the_signer_is_asked_by_the_registrar_alone),
		cmocka_unit_test_setup_teardown(
		    somebody_elses_things_are_not_there, open_people,
		    close_people),
		cmocka_unit_test_setup_teardown(
		    ones_own_and_what_a_role_may_is_there, open_people,
		    close_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
