/* commands_test.c - the command table, the command line, and each command
 * against a scripted registrar (S2.4, S3.1, S12.4). */
#include "tests/view/scripted.h"

#include <locale.h>

#include "core/base/file.h"

#define CSR "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"

/* ---- the table ---- */

static bool
ops_name(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; (p = strstr(p, name)) != NULL; p += len)
		if ((p == list || p[-1] == ' ') &&
		    (p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

static void
every_op_for_people_has_a_command(void **state)
{
	(void)state;
	for (enum op op = 0; op < OP_COUNT; op++) {
		unsigned roles = 0;

		/* drafts are the screens' own memory, not a deed */
		if ((ops[op].who & (PEOPLE)) == 0 ||
		    strncmp(ops[op].name, "draft_", 6) == 0)
			continue;
		for (size_t i = 0; i < n_commands; i++)
			if (ops_name(commands[i].ops, ops[op].name))
				roles |= commands[i].roles;
		if ((ops[op].who & (PEOPLE) & ~roles) != 0)
			fail_msg("no command asks %s for all its roles",
			    ops[op].name);
	}
}

static enum op
op_named(const char *name, size_t len)
{
	for (enum op op = 0; op < OP_COUNT; op++)
		if (strlen(ops[op].name) == len &&
		    memcmp(ops[op].name, name, len) == 0)
			return op;
	return OP_COUNT;
}

static void
every_row_names_ops_that_are_and_may_be_asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		const char *p = commands[i].ops;
		bool first = true;

		for (size_t len; *p != '\0'; p += len, p += *p == ' ') {
			enum op op;

			len = strcspn(p, " ");
			op = op_named(p, len);
			if (op == OP_COUNT)
				fail_msg("%s: no op %s", commands[i].name, p);
			if (first && (commands[i].roles & ~ops[op].who) != 0)
				fail_msg("%s offers %s to roles that may not",
				    commands[i].name, ops[op].name);
			first = false;
		}
	}
}

static void
the_man_page_has_every_row_and_no_other(void **state)
{
	struct blob man = { 0 };
	struct err e = { 0 };
	char line[512];
	size_t items = 0;

	(void)state;
	if (file_read(SRCDIR "/share/man/xmpp-ica-console.7", 1 << 20, &man,
	    &e) < 0)
		fail_msg("%s", e.text);
	man.data = xrealloc_array(man.data, man.size + 1, 1);
	man.data[man.size] = '\0';
	for (size_t i = 0; i < n_commands; i++) {
		if (commands[i].synopsis[0] != '\0')
			snprintf(line, sizeof line, "\n.It Ic %s Ar \"%s\"\n",
			    commands[i].name, commands[i].synopsis);
		else
			snprintf(line, sizeof line, "\n.It Ic %s\n",
			    commands[i].name);
		if (strstr((char *)man.data, line) == NULL)
			fail_msg("xmpp-ica-console.7 lacks:%s", line);
	}
	for (const char *p = (char *)man.data;
	    (p = strstr(p, "\n.It Ic ")) != NULL; p++)
		items++;
	assert_int_equal(items, n_commands);
	blob_clear(&man);
}

/* ---- running every row ---- */

/* A command line that fits a row's synopsis. */
static void
line_make(const struct command *k, char *dst, size_t size)
{
	static const struct {
		const char *word, *value;
	} samples[] = {
		{ "EMAIL", "a@example.org" }, { "REASON", "superseded" },
		{ "TEXT...", "some text" }, { "--accept", "--accept" },
		{ "TEXT", "because" }, { "--reason", "--reason" },
		{ "--text", "--text" }, { "--payee", "--payee" },
		{ "--from", "--from" }, { "T", "2026-01-01" },
		{ "CURRENCY", "USD" },
	};
	size_t used = (size_t)snprintf(dst, size, "%s", k->name);
	char copy[256], *save = NULL;
	bool inside = false;

	snprintf(copy, sizeof copy, "%s", k->synopsis);
	for (char *w = strtok_r(copy, " ", &save); w != NULL;
	    w = strtok_r(NULL, " ", &save)) {
		const char *value = strncmp(w, "--", 2) == 0 ? w : "1";

		if (strcmp(w, "<") == 0)
			break;
		inside = inside || w[0] == '[';
		for (size_t i = 0; i < sizeof samples / sizeof samples[0];
		    i++)
			if (strcmp(samples[i].word, w) == 0)
				value = samples[i].value;
		if (strncmp(w, "--", 2) != 0 && strchr(w, '|') != NULL)
			*strchr(w, '|') = '\0', value = w;
		if (!inside)
			used += (size_t)snprintf(dst + used, size - used,
			    " %s", value);
		if (strchr(w, ']') != NULL)
			inside = false;
	}
}

static void
asked_what_the_row_says(const struct talk *t, const struct command *k,
    const char *line)
{
	size_t asked = 0;

	for (enum op op = 0; op < OP_COUNT; op++) {
		if (t->s.asked[op] && !ops_name(k->ops, ops[op].name))
			fail_msg("`%s` asked %s", line, ops[op].name);
		asked += t->s.asked[op];
	}
	if (k->ops[0] != '\0' && asked == 0)
		fail_msg("`%s` asked nothing: %s", line, t->err);
}

static bool
runs_for_ever(const struct command *k)
{
	return strcmp(k->name, "watch") == 0;
}

/* Nothing is looked for any more: else `live` waits for a change. */
static int
at_once(struct scripted *s, enum op op, const void *argument, void *answer,
    struct err *e)
{
	(void)s, (void)argument, (void)e;
	if (op == OP_live_check)
		((struct live *)answer)->looking = false;
	return 0;
}

static void
run_row(const struct command *k, enum role role, const char *more,
    bool utf8)
{
	struct talk t;
	char line[512];

	session_open(&t, role, CSR, strlen(CSR));
	t.s.foreign = HOSTILE;
	t.s.answer = at_once;
	t.c.out.utf8 = utf8;
	session_go(&t);
	line_make(k, line, sizeof line);
	snprintf(line + strlen(line), sizeof line - strlen(line), "%s", more);
	session_command(&t, line);
	assert_harmless(t.out, t.out_size, line);
	assert_harmless(t.err, t.err_size, line);
	if (!utf8)
		for (size_t i = 0; i < t.out_size; i++)
			assert_true((unsigned char)t.out[i] < 0x80);
	asked_what_the_row_says(&t, k, line);
	session_close(&t);
}

static void
every_command_asks_its_ops_and_shows_foreign_text_harmlessly(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_commands; i++)
		for (enum role role = ROLE_GUEST; role <= ROLE_DIRECTOR;
		    role++) {
			const struct command *k = &commands[i];

			if (!command_allowed(k, role) || runs_for_ever(k))
				continue;
			run_row(k, role, "", true);
			run_row(k, role, "", false);
			if (strcmp(k->name, "plain") != 0)
				run_row(k, role, " --json", true);
		}
}

static void
other_answers_are_harmless_too(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *k = &commands[i];

		if (strcmp(k->name, "cert") == 0) {
			run_row(k, ROLE_MEMBER, " --text", true);
			run_row(k, ROLE_MEMBER, " --leaf", true);
		} else if (strcmp(k->name, "audit") == 0) {
			run_row(k, ROLE_AUDITOR, " --export csv", true);
			run_row(k, ROLE_AUDITOR, " --export jsonl", true);
		} else if (strcmp(k->name, "status") == 0) {
			run_row(k, ROLE_MEMBER, " 1", true);
		} else if (strcmp(k->name, "approve") == 0) {
			run_row(k, ROLE_STAFF, " --note x", true);
		}
	}
}

static void
a_command_of_another_role_is_refused_and_nothing_is_asked(void **state)
{
	char line[512];

	(void)state;
	for (size_t i = 0; i < n_commands; i++)
		for (enum role role = ROLE_GUEST; role <= ROLE_DIRECTOR;
		    role++) {
			struct talk t;

			if (command_allowed(&commands[i], role))
				continue;
			session_open(&t, role, "", 0);
			session_go(&t);
			line_make(&commands[i], line, sizeof line);
			assert_int_equal(session_command(&t, line), 1);
			assert_non_null(strstr(t.err, "(role)"));
			assert_int_equal(t.s.questions, 0);
			assert_int_equal(t.out_size, 0);
			session_close(&t);
		}
}

/* ---- the command line ---- */

static void
split_is(const char *line, int n, const char *const *want)
{
	char *words[16], *room = NULL;
	struct err e = { 0 };

	assert_int_equal(words_split(line, &room, words, 16, &e), n);
	for (int i = 0; i < n; i++)
		assert_string_equal(words[i], want[i]);
	free(room);
}

static void
words_are_split_as_a_shell_does(void **state)
{
	(void)state;
	split_is("  a  b\tc ", 3, (const char *[]){ "a", "b", "c" });
	split_is("a 'b c' \"d 'e'\"", 3,
	    (const char *[]){ "a", "b c", "d 'e'" });
	split_is("a\\ b \"c\\\"d\" 'e\\f' ''", 4,
	    (const char *[]){ "a b", "c\"d", "e\\f", "" });
	split_is("x\"y\"'z'", 1, (const char *[]){ "xyz" });
	split_is("a 'b", -1, NULL);
	split_is("a \\", -1, NULL);
	split_is("", 0, NULL);
}

static int
run_line(enum role role, const char *line, char *err, size_t size)
{
	struct talk t;
	int status;

	session_open(&t, role, CSR, strlen(CSR));
	session_go(&t);
	status = session_command(&t, line);
	snprintf(err, size, "%s", t.err);
	session_close(&t);
	return status;
}

static void
usage_errors_leave_with_2_and_say_the_usage(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{ "frobnicate", "There is no command 'frobnicate'" },
		{ "statsu", "Did you mean: status?" },
		{ "domain ad example.org", "Say which: domain add" },
		{ "domain", "Say which: domain add" },
		{ "cert", "N is missing" },
		{ "cert 1 2", "'2' is one word too many" },
		{ "cert 1 --leaf --text", "exclude each other" },
		{ "cert 1 --leaf --leaf", "was given twice" },
		{ "cert 1 --leaf=x", "takes no value" },
		{ "cert 1 --loaf", "has no option '--loaf'" },
		{ "domain add x.org --to a --dns", "exclude each other" },
		{ "request --profile", "needs a value" },
		{ "request --profile --note x", "needs a value" },
		{ "revoke 1 cACompromise", "one of: unspecified" },
		{ "revoke 1 privilegeWithdrawn", "one of: unspecified" },
		{ "revoke 1 9", "one of: unspecified" },
		{ "list --expiring soon", "a number from 1" },
		{ "list --expiring 0", "a number from 1" },
		{ "list --limit 501", "a number from 1" },
		{ "status ''", "names nothing" },
		{ "cert 'x", "has no end" },
		{ "help frobnicate", "there is no command" },
	};
	char err[2048];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int status = run_line(ROLE_MEMBER, cases[i].line, err,
		    sizeof err);

		if (status != 2 || strstr(err, cases[i].says) == NULL)
			fail_msg("`%s`: status %d, %s", cases[i].line, status,
			    err);
	}
	assert_int_equal(run_line(ROLE_STAFF, "refuse 1", err, sizeof err), 2);
	assert_non_null(strstr(err, "--reason is missing"));
	assert_int_equal(run_line(ROLE_STAFF, "approve abc", err,
	    sizeof err), 2);
	assert_int_equal(run_line(ROLE_AUDITOR, "audit --export xml", err,
	    sizeof err), 2);
	assert_non_null(strstr(err, "jsonl|csv"));
	assert_int_equal(run_line(ROLE_GUEST, "register a a@b.org", err,
	    sizeof err), 2);
	assert_non_null(strstr(err, "--accept is missing"));
	assert_int_equal(run_line(ROLE_MEMBER, "", err, sizeof err), 0);
}

/* ---- answers that matter ---- */

static int
answer_request(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	const struct request_row *row = s->user;
	struct request *r = answer;

	(void)argument;
	(void)e;
	if (ops[op].answer == &request_shape) {
		r->row = *row;
		memset(r->digest, 0x5a, sizeof r->digest);
	}
	return 0;
}

static void
request_prints_its_number_alone(void **state)
{
	struct request_row row = { .number = 17, .state = REQUEST_AWAITING,
		.first = "example.org", .domains = 1 };
	struct talk t;
	const struct request_wish *w;

	(void)state;
	session_open(&t, ROLE_MEMBER, CSR, strlen(CSR));
	t.s.answer = answer_request;
	t.s.user = &row;
	session_go(&t);
	assert_int_equal(session_command(&t, "request --domain example.org "
	    "--domain=chat.example.org --profile xmpp-s2s --note 'a b'"), 0);
	assert_string_equal(t.out, "17\n");
	assert_non_null(strstr(t.err, "waits for approval"));
	assert_int_equal(t.s.last_op, OP_request_submit);
	w = t.s.last;
	assert_int_equal(w->n_domains, 2);
	assert_string_equal(w->domains[1].name, "chat.example.org");
	assert_string_equal(w->profile, "xmpp-s2s");
	assert_string_equal(w->note, "a b");
	assert_int_equal(w->csr.size, strlen(CSR));
	session_close(&t);
}

static void
status_tells_by_its_exit_status(void **state)
{
	static const struct {
		enum request_state state;
		enum certificate_state certificate;
		int status;
	} cases[] = {
		{ REQUEST_AWAITING, CERTIFICATE_NONE, 4 },
		{ REQUEST_APPROVED, CERTIFICATE_NONE, 4 },
		{ REQUEST_ISSUED, CERTIFICATE_GOOD, 0 },
		{ REQUEST_ISSUED, CERTIFICATE_REVOKED, 6 },
		{ REQUEST_ISSUED, CERTIFICATE_EXPIRED, 7 },
		{ REQUEST_REFUSED, CERTIFICATE_NONE, 1 },
		{ REQUEST_WITHDRAWN, CERTIFICATE_NONE, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct request_row row = { .number = 3,
			.state = cases[i].state,
			.certificate = cases[i].certificate };
		struct talk t;

		session_open(&t, ROLE_MEMBER, "", 0);
		t.s.answer = answer_request;
		t.s.user = &row;
		session_go(&t);
		assert_int_equal(session_command(&t, "status 3"),
		    cases[i].status);
		assert_int_equal(session_command(&t, "status 3 --json"),
		    cases[i].status);
		session_close(&t);
	}
}

static int
answer_verdict(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	struct verdict *v = answer;

	(void)argument;
	(void)e;
	if (op == OP_request_check)
		v->accepted = s->user != NULL;
	return 0;
}

static void
check_leaves_with_its_verdict(void **state)
{
	struct talk t;

	(void)state;
	session_open(&t, ROLE_MEMBER, CSR, strlen(CSR));
	t.s.answer = answer_verdict;
	t.s.user = &t;
	session_go(&t);
	assert_int_equal(session_command(&t, "check"), 0);
	assert_non_null(strstr(t.out, "Verdict: accept"));
	session_close(&t);
	session_open(&t, ROLE_MEMBER, CSR, strlen(CSR));
	t.s.answer = answer_verdict;
	session_go(&t);
	assert_int_equal(session_command(&t, "check"), 1);
	assert_non_null(strstr(t.out, "Verdict: refuse"));
	assert_non_null(strstr(t.err, "Refused ("));
	session_close(&t);
	/* sentences for people still go to standard error (json.md) */
	session_open(&t, ROLE_MEMBER, CSR, strlen(CSR));
	t.s.answer = answer_verdict;
	session_go(&t);
	assert_int_equal(session_command(&t, "check --json"), 1);
	assert_non_null(strstr(t.out, "\"accepted\":false"));
	assert_non_null(strstr(t.err, "Refused ("));
	session_close(&t);
}

static void
a_csr_too_large_or_missing_is_refused_here(void **state)
{
	struct talk t;
	char *big = xmalloc(1 << 20);

	(void)state;
	memset(big, 'A', 1 << 20);
	session_open(&t, ROLE_MEMBER, big, 1 << 20);
	session_go(&t);
	assert_int_equal(session_command(&t, "request"), 1);
	assert_non_null(strstr(t.err, "(csr-size)"));
	assert_int_equal(t.s.questions, 0);
	assert_int_equal(lseek(fileno(t.input), 0, SEEK_CUR), 1 << 20);
	session_close(&t);
	free(big);
	session_open(&t, ROLE_MEMBER, "", 0);
	session_go(&t);
	assert_int_equal(session_command(&t, "check"), 1);
	assert_non_null(strstr(t.err, "(csr-empty)"));
	session_close(&t);
}

static void
renew_names_the_old_one_and_may_come_without_a_csr(void **state)
{
	struct talk t;
	const struct request_wish *w;

	(void)state;
	session_open(&t, ROLE_MEMBER, "", 0);
	session_go(&t);
	assert_int_equal(session_command(&t, "renew 12"), 0);
	w = t.s.last;
	assert_int_equal(t.s.last_op, OP_request_submit);
	assert_string_equal(w->renew, "12");
	assert_int_equal(w->csr.size, 0);
	assert_int_equal(w->n_domains, 0);
	session_close(&t);
	session_open(&t, ROLE_MEMBER, CSR, strlen(CSR));
	session_go(&t);
	assert_int_equal(session_command(&t, "renew 12 --note n"), 0);
	w = t.s.last;
	assert_int_equal(w->csr.size, strlen(CSR));
	session_close(&t);
}

static void
a_decision_carries_the_digest_that_was_seen(void **state)
{
	struct request_row row = { .number = 7, .state = REQUEST_AWAITING };
	uint8_t seen[32], now[32], given[32] = { 0x01 };
	const struct decision *d;
	struct talk t;
	char line[200] = "approve 7 --digest ";

	(void)state;
	memset(seen, 0xab, 32);
	memset(now, 0x5a, 32);
	session_open(&t, ROLE_STAFF, "", 0);
	t.s.answer = answer_request;
	t.s.user = &row;
	session_go(&t);
	assert_int_equal(session_command(&t, "approve 7 --note ok"), 0);
	d = t.s.last;
	assert_memory_equal(d->digest, now, 32);
	assert_string_equal(d->text, "ok");
	assert_int_equal(session_command(&t, "show 7"), 0);
	assert_int_equal(session_command(&t, "refuse 7 --reason no"), 0);
	d = t.s.last;
	assert_int_equal(t.s.last_op, OP_request_refuse);
	assert_memory_equal(d->digest, seen, 32);
	hex_encode(line + strlen(line), given, 32);
	assert_int_equal(session_command(&t, line), 0);
	d = t.s.last;
	assert_memory_equal(d->digest, given, 32);
	/* zeros mean "none shown" on the wire: never by what was typed */
	line[strlen("approve 7 --digest ")] = '\0';
	memset(given, 0, 32);
	hex_encode(line + strlen(line), given, 32);
	t.s.questions = 0;
	assert_int_equal(session_command(&t, line), 1);
	assert_non_null(strstr(t.err, "(approval-digest)"));
	session_command(&t, "revoke-many --confirm 1 --digest 0000000000000000000000000000000000000000000000000000000000000000");
	assert_non_null(strstr(t.err, "(approval-digest)"));
	assert_int_equal(t.s.questions, 0);
	assert_int_equal(session_command(&t, "report 2026Q3 --csv --json"), 2);
	session_close(&t);
}

static int
answer_der(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	struct certificate *c = answer;

	(void)s;
	(void)e;
	if (op == OP_certificate_get) {
		c->form = ((const struct certificate_wish *)argument)->form;
		blob_set(&c->body, "\x30\x03\x02\x01\x00", 5);
	}
	return 0;
}

static void
der_comes_as_it_is_and_never_to_a_terminal(void **state)
{
	struct talk t;

	(void)state;
	session_open(&t, ROLE_MEMBER, "", 0);
	t.s.answer = answer_der;
	session_go(&t);
	session_command(&t, "cert 1 --der");
	assert_int_equal(t.out_size, 5);
	assert_memory_equal(t.out, "\x30\x03\x02\x01\x00", 5);
	t.c.out.terminal = true;
	assert_int_equal(session_command(&t, "cert 1 --der"), 1);
	assert_int_equal(session_command(&t, "ocsp 1 --der"), 1);
	assert_int_equal(t.out_size, 5);
	session_close(&t);
}

static int
answer_err(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	(void)op;
	(void)argument;
	(void)answer;
	*e = *(const struct err *)s->user;
	return -1;
}

static void
refusals_leave_with_the_status_of_their_kind(void **state)
{
	static const struct {
		enum err_kind kind;
		int status;
	} cases[] = {
		{ ERR_BAD_INPUT, 1 }, { ERR_REFUSED, 1 }, { ERR_NOT_FOUND, 3 },
		{ ERR_CONFLICT, 1 }, { ERR_UNAVAILABLE, 5 },
		{ ERR_BROKEN, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { .kind = cases[i].kind, .clause = "some-rule",
			.text = "why " HOSTILE };
		struct talk t;

		session_open(&t, ROLE_MEMBER, "", 0);
		t.s.answer = answer_err;
		t.s.user = &e;
		session_go(&t);
		assert_int_equal(session_command(&t, "status 1"),
		    cases[i].status);
		assert_int_equal(t.out_size, 0);
		assert_non_null(strstr(t.err, "(some-rule): why x"));
		assert_harmless(t.err, t.err_size, "refusal");
		session_close(&t);
	}
}

static void
a_registrar_that_goes_away_is_said_in_one_sentence(void **state)
{
	struct talk t;

	(void)state;
	session_open(&t, ROLE_STAFF, "", 0);
	t.s.hang_up_at = 2;
	session_go(&t);
	assert_int_equal(session_command(&t, "approve 1"), 5);
	assert_non_null(strstr(t.err, "nothing was lost"));
	assert_ptr_equal(strchr(t.err, '\n'), t.err + t.err_size - 1);
	session_close(&t);
}

static void
a_full_disk_behind_stdout_is_no_success(void **state)
{
	struct talk t;

	(void)state;
	session_open(&t, ROLE_MEMBER, "", 0);
	fclose(t.c.out.out);
	free(t.out);
	t.out = NULL;
	t.c.out.out = fopen("/dev/full", "w");
	assert_non_null(t.c.out.out);
	session_go(&t);
	assert_int_equal(command_run(&t.c, "version"), 5);
	session_close(&t);
}

/* ---- tables, exports, watch ---- */

static int
answer_wide(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	struct hit_list *l = answer;

	(void)s;
	(void)argument;
	(void)e;
	if (op == OP_search && l->n_rows == 2) {
		snprintf(l->rows[0].noun, 24, "a");
		snprintf(l->rows[0].ref, 256, "m\xc3\xbcnchen");
		snprintf(l->rows[1].noun, 24, "b");
		snprintf(l->rows[1].ref, 256, "\xe4\xbe\x8b\xe3\x81\x88");
	}
	return 0;
}

static void
columns_stand_by_what_a_terminal_shows(void **state)
{
	struct talk t;

	(void)state;
	session_open(&t, ROLE_STAFF, "", 0);
	t.s.answer = answer_wide;
	session_go(&t);
	assert_int_equal(session_command(&t, "search x"), 0);
	assert_string_equal(t.out,
	    "NOUN  REFERENCE  ACCOUNT  STATE  TEXT\n"
	    "a     m\xc3\xbcnchen    text     text   text\n"
	    "b     \xe4\xbe\x8b\xe3\x81\x88       text     text   text\n");
	session_close(&t);
}

static int
answer_formula(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	struct audit_page *p = answer;

	(void)e;
	(void)op;
	for (size_t i = 0; i < p->n_rows; i++) {
		p->rows[i].number = (int64_t)i + 1 +
		    ((const struct audit_wish *)argument)->before;
		snprintf(p->rows[i].detail, 100, "=1+\"2\"");
	}
	p->more = s->questions < 3;
	return 0;
}

static void
an_export_goes_through_all_pages_and_holds_no_formula(void **state)
{
	struct talk t;
	const struct audit_wish *w;
	size_t lines = 0;

	(void)state;
	session_open(&t, ROLE_AUDITOR, "", 0);
	t.s.answer = answer_formula;
	session_go(&t);
	assert_int_equal(session_command(&t,
	    "audit --export csv --since 2026-11-01"), 0);
	assert_int_equal(t.s.questions, 3);
	w = t.s.last;
	assert_true(w->oldest_first);
	assert_int_equal(w->before, 4);
	assert_int_equal(w->since, 1793491200);
	for (size_t i = 0; i < t.out_size; i++)
		lines += t.out[i] == '\n';
	assert_int_equal(lines, 1 + 6);
	assert_non_null(strstr(t.out, "\"'=1+\"\"2\"\"\""));
	session_close(&t);
}

static void *
push_two_and_leave(void *user)
{
	struct talk *t = user;
	struct change c = { .noun = "request", .number = 5 };

	snprintf(c.text, sizeof c.text, "issued " HOSTILE);
	seat_change_put(&t->s.seat, &c);
	seat_change_put(&t->s.seat, &c);
	seat_flush(&t->s.seat);
	seat_close(&t->s.seat);
	return NULL;
}

static void
watch_prints_a_line_for_each_change(void **state)
{
	static const char *const lines[] = { "watch", "watch --json" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct talk t;
		size_t n = 0;

		session_open(&t, ROLE_STAFF, "", 0);
		assert_int_equal(pthread_create(&t.s.thread, NULL,
		    push_two_and_leave, &t), 0);
		assert_int_equal(session_command(&t, lines[i]), 5);
		assert_harmless(t.out, t.out_size, lines[i]);
		for (size_t k = 0; k < t.out_size; k++)
			n += t.out[k] == '\n';
		assert_true(n >= 2);
		assert_non_null(strstr(t.out, "request"));
		session_close(&t);
	}
}

static void
list_expiring_asks_for_the_time_until_then(void **state)
{
	struct talk t;
	const struct wish *w;

	(void)state;
	clock_set_for_test(TEST_NOW);
	session_open(&t, ROLE_MEMBER, "", 0);
	session_go(&t);
	assert_int_equal(session_command(&t, "list --expiring 30"), 0);
	w = t.s.last;
	assert_int_equal(w->since, TEST_NOW);
	assert_int_equal(w->until, TEST_NOW + 30 * 86400);
	clock_set_for_test(0);
	session_close(&t);
}

static void
what_is_no_signature_is_told_in_words_of_signatures(void **state)
{
	static const char key[] = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3\n";
	char *big = xmalloc(1 << 17);
	struct talk t;

	(void)state;
	memset(big, 'A', 1 << 17);
	for (int i = 0; i < 3; i++) {
		session_open(&t, ROLE_STAFF, i == 0 ? "" : i == 1 ? big : key,
		    i == 0 ? 0 : i == 1 ? 1 << 17 : strlen(key));
		session_go(&t);
		assert_int_equal(session_command(&t, "approve 7 --signed"), 1);
		assert_non_null(strstr(t.err, "(sshsig-form)"));
		assert_null(strstr(t.err, "CSR"));
		assert_true(i < 2 || strstr(t.err, "private key") != NULL);
		session_close(&t);
	}
	free(big);
}

static void
a_private_key_is_never_sent_as_ssh_key(void **state)
{
	static const char pem[] = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3\n";
	struct talk t;

	(void)state;
	session_open(&t, ROLE_MEMBER, pem, strlen(pem));
	session_go(&t);
	assert_int_equal(session_command(&t, "key add"), 1);
	assert_non_null(strstr(t.err, "(key-private)"));
	assert_int_equal(t.s.questions, 0);
	assert_int_equal(session_command(&t,
	    "key add ssh-ed25519 AAAA me@host --name laptop"), 0);
	assert_string_equal(((const struct key_new *)t.s.last)->line,
	    "ssh-ed25519 AAAA me@host");
	assert_string_equal(((const struct key_new *)t.s.last)->name,
	    "laptop");
	session_close(&t);
}

static void
a_mailbox_of_a_parent_is_told_apart(void **state)
{
	struct talk t;
	const struct domain_new *n;

	(void)state;
	session_open(&t, ROLE_MEMBER, "", 0);
	session_go(&t);
	session_command(&t, "domain add chat.example.org --to "
	    "postmaster@example.org");
	n = t.s.last;
	assert_string_equal(n->localpart, "postmaster");
	assert_string_equal(n->at, "example.org");
	session_command(&t, "domain add chat.example.org --dns");
	n = t.s.last;
	assert_int_equal(n->method, PROOF_DNS);
	assert_string_equal(n->localpart, "");
	session_close(&t);
}

static void
the_exec_form_survives_both_shells(void **state)
{
	struct whoami me = { .service = "certs.example.org" };
	char text[512];

	(void)state;
	snprintf(me.account.name, sizeof me.account.name, "alice");
	me.account.role = ROLE_MEMBER;
	exec_line(text, sizeof text, &me, "cert", "17", NULL);
	assert_string_equal(text, "ssh alice@certs.example.org cert 17");
	exec_line(text, sizeof text, &me, "request", "--note", "a b", NULL);
	assert_string_equal(text,
	    "ssh alice@certs.example.org \"request --note 'a b'\"");
	exec_line(text, sizeof text, &me, "x", "$(y)'", NULL);
	assert_string_equal(text,
	    "ssh alice@certs.example.org 'x '\\''$(y)'\\''\\'\\'''\\'''\\'''");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_op_for_people_has_a_command),
		cmocka_unit_test(every_row_names_ops_that_are_and_may_be_asked),
		cmocka_unit_test(the_man_page_has_every_row_and_no_other),
		cmocka_unit_test(every_command_asks_its_ops_and_shows_foreign_text_harmlessly),
		cmocka_unit_test(other_answers_are_harmless_too),
		cmocka_unit_test(a_command_of_another_role_is_refused_and_nothing_is_asked),
		cmocka_unit_test(words_are_split_as_a_shell_does),
		cmocka_unit_test(usage_errors_leave_with_2_and_say_the_usage),
		cmocka_unit_test(request_prints_its_number_alone),
		cmocka_unit_test(status_tells_by_its_exit_status),
		cmocka_unit_test(check_leaves_with_its_verdict),
		cmocka_unit_test(a_csr_too_large_or_missing_is_refused_here),
		cmocka_unit_test(renew_names_the_old_one_and_may_come_without_a_csr),
		cmocka_unit_test(a_decision_carries_the_digest_that_was_seen),
		cmocka_unit_test(der_comes_as_it_is_and_never_to_a_terminal),
		cmocka_unit_test(refusals_leave_with_the_status_of_their_kind),
		cmocka_unit_test(a_registrar_that_goes_away_is_said_in_one_sentence),
		cmocka_unit_test(a_full_disk_behind_stdout_is_no_success),
		cmocka_unit_test(columns_stand_by_what_a_terminal_shows),
		cmocka_unit_test(an_export_goes_through_all_pages_and_holds_no_formula),
		cmocka_unit_test(watch_prints_a_line_for_each_change),
		cmocka_unit_test(list_expiring_asks_for_the_time_until_then),
		cmocka_unit_test(
		    what_is_no_signature_is_told_in_words_of_signatures),
		cmocka_unit_test(a_private_key_is_never_sent_as_ssh_key),
		cmocka_unit_test(a_mailbox_of_a_parent_is_told_apart),
		cmocka_unit_test(the_exec_form_survives_both_shells),
	};

	signal(SIGPIPE, SIG_IGN);
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
