/* json_test.c - what --json prints, and that share/doc/json.md says so
 * (S3.1). */
#include "tests/view/scripted.h"

#include <jansson.h>

#include "core/base/file.h"

/* ---- values ---- */

static json_t *
parsed(struct talk *t)
{
	json_error_t why;
	json_t *v;

	session_text(t);
	v = json_loadb(t->out, t->out_size, 0, &why);
	if (v == NULL)
		fail_msg("%s in: %s", why.text, t->out);
	return v;
}

static const char *
str_at(const json_t *v, const char *key)
{
	return json_string_value(json_object_get(v, key));
}

static void
each_kind_of_field_has_its_form(void **state)
{
	struct certificate c = { .request = 17, .not_after = TEST_NOW,
		.state = CERTIFICATE_REVOKED, .form = FORM_CHAIN };
	struct agreement a = { 0 };
	struct talk t;
	json_t *v;

	(void)state;
	session_open(&t, ROLE_MEMBER, "", 0);
	session_go(&t);
	LIST_ADD(&c, names)->kind = NAME_XMPP;
	blob_set(&c.body, "PEM\n", 4);
	json_answer(&t.c.out, "cert", &certificate_shape, &c);
	v = parsed(&t);
	assert_int_equal(json_integer_value(json_object_get(v, "v")), 1);
	assert_string_equal(str_at(v, "command"), "cert");
	assert_int_equal(json_integer_value(json_object_get(v, "request")),
	    17);
	assert_string_equal(str_at(v, "not_after"), "2026-11-22T15:04:05Z");
	assert_true(json_is_null(json_object_get(v, "revoked")));
	assert_string_equal(str_at(v, "state"), "revoked");
	assert_string_equal(str_at(v, "body"), "PEM\n");
	assert_string_equal(str_at(json_array_get(json_object_get(v,
	    "names"), 0), "kind"), "XmppAddr");
	json_decref(v);
	NOUN_CLEAR(certificate, &c);
	rewind(t.c.out.out);
	memset(a.sha256, 0xe7, 32);
	blob_set(&a.text, "\x30\x00", 2);
	json_answer(&t.c.out, "agreement", &agreement_shape, &a);
	v = parsed(&t);
	assert_string_equal(str_at(v, "text"), "MAA=");
	assert_memory_equal(str_at(v, "sha256"), "e7e7e7", 6);
	assert_int_equal(strlen(str_at(v, "sha256")), 64);
	json_decref(v);
	rewind(t.c.out.out);
	blob_clear(&a.text);			/* none: "", never left out */
	json_answer(&t.c.out, "agreement", &agreement_shape, &a);
	v = parsed(&t);
	assert_string_equal(str_at(v, "text"), "");
	json_decref(v);
	NOUN_CLEAR(agreement, &a);
	session_close(&t);
}

static void
hostile_texts_come_back_whole_from_a_line_of_ascii(void **state)
{
	static const char odd[] = "a\x1b[0m\x7f\xc2\x9b\xe2\x80\xae\n\"\\";
	struct account a = { 0 };
	struct talk t;
	json_t *v;

	(void)state;
	session_open(&t, ROLE_MEMBER, "", 0);
	session_go(&t);
	snprintf(a.name, sizeof a.name, "%s", odd);
	snprintf(a.email, sizeof a.email, "\xff\xfe@x");
	json_answer(&t.c.out, "member show", &account_shape, &a);
	v = parsed(&t);
	assert_string_equal(str_at(v, "name"), odd);
	assert_string_equal(str_at(v, "email"), "\\xff\\xfe@x");
	json_decref(v);
	for (size_t i = 0; i + 1 < t.out_size; i++)
		assert_in_range((unsigned char)t.out[i], 0x20, 0x7e);
	assert_int_equal(t.out[t.out_size - 1], '\n');
	session_close(&t);
}

static int
answer_refusal(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	(void)s;
	(void)op;
	(void)argument;
	(void)answer;
	return err_set(e, ERR_NOT_FOUND, "request", "there is no request 9");
}

static void
a_refusal_is_json_too(void **state)
{
	struct talk t;
	json_t *v;

	(void)state;
	session_open(&t, ROLE_MEMBER, "", 0);
	t.s.answer = answer_refusal;
	session_go(&t);
	assert_int_equal(session_command(&t, "status 9 --json"), 3);
	v = parsed(&t);
	assert_string_equal(str_at(json_object_get(v, "error"), "kind"),
	    "not found");
	assert_string_equal(str_at(json_object_get(v, "error"), "clause"),
	    "request");
	assert_non_null(strstr(t.err, "there is no request 9"));
	json_decref(v);
	session_close(&t);
}

static void
a_deed_without_an_answer_says_done(void **state)
{
	struct talk t;

	(void)state;
	session_open(&t, ROLE_MEMBER, "", 0);
	session_go(&t);
	assert_int_equal(session_command(&t, "domain drop x.org --json"), 0);
	assert_string_equal(t.out,
	    "{\"v\":1,\"command\":\"domain drop\",\"done\":true}\n");
	session_close(&t);
}

/* ---- the document ---- */

static char *
document(void)
{
	struct blob b = { 0 };
	struct err e = { 0 };

	if (file_read(SRCDIR "/share/doc/json.md", 1 << 20, &b, &e) < 0)
		fail_msg("%s", e.text);
	b.data = xrealloc_array(b.data, b.size + 1, 1);
	b.data[b.size] = '\0';
	return (char *)b.data;
}

/* The section of a noun, up to the next heading; caller frees. */
static char *
section(const char *all, const char *noun)
{
	char head[80], *copy, *end;
	const char *at;

	snprintf(head, sizeof head, "\n### %s\n", noun);
	if ((at = strstr(all, head)) == NULL)
		fail_msg("json.md has no section for %s", noun);
	copy = xstrdup(at + strlen(head));
	if ((end = strstr(copy, "\n#")) != NULL)
		*end = '\0';
	return copy;
}

static void
type_text(const struct field *f, char *dst, size_t size)
{
	static const char *const types[] = {
		[FIELD_I64] = "integer", [FIELD_TIME] = "time",
		[FIELD_BOOL] = "boolean", [FIELD_WORD] = "word",
		[FIELD_STR] = "string", [FIELD_BYTES] = "hex",
		[FIELD_BLOB] = "text", [FIELD_LIST] = "list of",
		[FIELD_SUB] = "object",
	};

	if (f->words != NULL)
		snprintf(dst, size, "word %s", f->words->set);
	else if (f->shape != NULL)
		snprintf(dst, size, "%s %s", types[f->kind], f->shape->name);
	else
		snprintf(dst, size, "%s", types[f->kind]);
}

struct nouns {
	const struct shape *list[256];
	size_t n;
};

static void
noun_documented(const char *all, const struct shape *s, struct nouns *done)
{
	size_t n, rows = 0;
	const struct field *fields = s->fields(&n);
	char *text, row[160], type[64];

	for (size_t i = 0; i < done->n; i++)
		if (done->list[i] == s)
			return;
	done->list[done->n++] = s;
	text = section(all, s->name);
	for (size_t i = 0; i < n; i++) {
		type_text(&fields[i], type, sizeof type);
		snprintf(row, sizeof row, "\n| `%s` | %s | ", fields[i].name,
		    type);
		if (strstr(text, row) == NULL)
			fail_msg("json.md, %s lacks:%s", s->name, row);
		if (fields[i].shape != NULL)
			noun_documented(all, fields[i].shape, done);
	}
	for (const char *p = text; (p = strstr(p, "\n| `")) != NULL; p++)
		rows++;
	if (rows != n)
		fail_msg("json.md, %s has fields that are no more", s->name);
	free(text);
}

static void
every_field_of_every_command_is_documented_and_no_other(void **state)
{
	char *all = document(), row[160];
	struct nouns done = { 0 };
	size_t sections = 0;

	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		snprintf(row, sizeof row, "\n| `%s` | `%s` |\n",
		    commands[i].name, commands[i].answer->name);
		if (strstr(all, row) == NULL)
			fail_msg("json.md lacks:%s", row);
		if (commands[i].answer != &none_shape)
			noun_documented(all, commands[i].answer, &done);
	}
	noun_documented(all, &request_page_shape, &done);
	noun_documented(all, &audit_entry_shape, &done);
	noun_documented(all, &revocation_plan_page_shape, &done);
	noun_documented(all, &text_shape, &done);
	for (const char *p = all; (p = strstr(p, "\n### ")) != NULL; p++)
		sections++;
	assert_int_equal(sections, done.n);
	free(all);
}

static void
every_word_is_documented(void **state)
{
	char *all = document(), *line, want[80];
	static const struct words *const sets[] = {
#define WORDS(set) &set##_words,
#define W(enumerator, word)
#define END(set)
#include "core/model/words.def"
#undef WORDS
#undef W
#undef END
	};

	(void)state;
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		char *end;

		snprintf(want, sizeof want, "\n- %s: ", sets[i]->set);
		if ((line = strstr(all, want)) == NULL)
			continue;	/* a set that no command answers with */
		line = xstrdup(line + 1);
		if ((end = strchr(line, '\n')) != NULL)
			*end = '\0';
		for (unsigned k = 0; k < sets[i]->count; k++) {
			snprintf(want, sizeof want, "`%s`",
			    sets[i]->words[k]);
			if (strstr(line, want) == NULL)
				fail_msg("json.md, %s lacks %s", line, want);
		}
		free(line);
	}
	free(all);
}

/* ---- each command ---- */

static void
keys_are_those_of_the_shape(const json_t *v, const struct shape *s,
    size_t more)
{
	size_t n;
	const struct field *fields = s->fields(&n);

	for (size_t i = 0; i < n; i++)
		assert_non_null(json_object_get(v, fields[i].name));
	assert_int_equal(json_object_size(v), n + more);
}

static void
the_answer_of_a_command_has_the_fields_of_its_noun(void **state)
{
	static const struct {
		enum role role;
		const char *line;
		const struct shape *shape;
	} cases[] = {
		{ ROLE_MEMBER, "whoami", &whoami_shape },
		{ ROLE_MEMBER, "key list", &key_list_shape },
		{ ROLE_MEMBER, "domain list", &domain_page_shape },
		{ ROLE_MEMBER, "domain show x.org", &domain_shape },
		{ ROLE_MEMBER, "status", &request_page_shape },
		{ ROLE_MEMBER, "status 1", &request_shape },
		{ ROLE_MEMBER, "list", &request_page_shape },
		{ ROLE_MEMBER, "cert 1", &certificate_shape },
		{ ROLE_MEMBER, "revoke 1 superseded", &revocation_shape },
		{ ROLE_MEMBER, "help", &command_list_shape },
		{ ROLE_MEMBER, "help cert", &command_list_shape },
		{ ROLE_MEMBER, "version", &version_shape },
		{ ROLE_STAFF, "queue", &request_page_shape },
		{ ROLE_STAFF, "show 1", &evidence_shape },
		{ ROLE_STAFF, "approve 1", &request_shape },
		{ ROLE_STAFF, "search x", &hit_list_shape },
		{ ROLE_STAFF, "mail", &notice_page_shape },
		{ ROLE_STAFF, "alarms", &alarm_page_shape },
		{ ROLE_STAFF, "grant", &role_grant_page_shape },
		{ ROLE_DIRECTOR, "grant bob staff --until 2027-01-31",
		  &role_grant_page_shape },
		{ ROLE_STAFF, "grant --confirm 3", &role_grant_page_shape },
		{ ROLE_DIRECTOR, "ungrant bob", &account_shape },
		{ ROLE_STAFF, "issuer list", &issuer_wish_page_shape },
		{ ROLE_DIRECTOR, "issuer confirm 3", &issuer_wish_shape },
		{ ROLE_DIRECTOR, "issuer drop 3", &issuer_wish_shape },
		{ ROLE_MEMBER, "documents", &document_page_shape },
		{ ROLE_AUDITOR, "cost list", &ledger_page_shape },
		{ ROLE_FINANCE, "cost add 12.50 USD --payee P",
		  &ledger_row_shape },
		{ ROLE_FINANCE, "cost reverse 2", &ledger_row_shape },
		{ ROLE_FINANCE, "income add 12.50 USD --from P",
		  &ledger_row_shape },
		{ ROLE_FINANCE, "cost terms", &fee_term_page_shape },
		{ ROLE_FINANCE, "budget 2027 100 USD", &budget_page_shape },
		{ ROLE_AUDITOR, "forecast", &forecast_shape },
		{ ROLE_AUDITOR, "report 2026Q3", &report_shape },
		{ ROLE_AUDITOR, "report list", &report_page_shape },
		{ ROLE_DIRECTOR, "report submit 2026Q3", &report_shape },
		{ ROLE_FINANCE, "report addend 2026Q3 --text x",
		  &report_shape },
		{ ROLE_AUDITOR, "access", &access_list_shape },
		{ ROLE_DIRECTOR, "halt --reason drill", &halt_state_shape },
		{ ROLE_MEMBER, "policy", &policy_state_shape },
		{ ROLE_DIRECTOR, "policy acknowledge", &policy_state_shape },
		{ ROLE_STAFF, "alarms --see 5", &alarm_page_shape },
		{ ROLE_STAFF, "system", &fact_list_shape },
		{ ROLE_STAFF, "revocations", &revocation_page_shape },
		{ ROLE_STAFF, "member list", &account_page_shape },
		{ ROLE_AUDITOR, "audit", &audit_page_shape },
		{ ROLE_AUDITOR, "audit verify", &audit_check_shape },
	};
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct talk t;
		json_t *v;

		session_open(&t, cases[i].role, "", 0);
		t.s.foreign = HOSTILE;
		session_go(&t);
		snprintf(line, sizeof line, "%s --json", cases[i].line);
		session_command(&t, line);
		v = parsed(&t);
		keys_are_those_of_the_shape(v, cases[i].shape, 2);
		json_decref(v);
		session_close(&t);
	}
}

/* ---- OCSP, made by the openssl command: good, then revoked ---- */

#include "tests/view/answer_samples.h"

static int
answer_sample(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	struct text *t = answer;

	(void)argument;
	(void)e;
	if (op == OP_answer_get && s->user != NULL)
		blob_set(&t->text, answer_revoked, sizeof answer_revoked);
	else if (op == OP_answer_get)
		blob_set(&t->text, answer_good, sizeof answer_good);
	return 0;
}

static void
ocsp_answers_are_read(void **state)
{
	struct talk t;
	json_t *v;

	(void)state;
	session_open(&t, ROLE_MEMBER, "", 0);
	t.s.answer = answer_sample;
	session_go(&t);
	assert_int_equal(session_command(&t, "ocsp 1 --json"), 0);
	v = parsed(&t);
	assert_string_equal(str_at(v, "state"), "good");
	assert_string_equal(str_at(v, "serial"), ANSWER_GOOD_SERIAL);
	assert_string_equal(str_at(v, "this_update"), ANSWER_GOOD_THIS);
	assert_string_equal(str_at(v, "next_update"), ANSWER_GOOD_NEXT);
	json_decref(v);
	rewind(t.c.out.out);
	t.s.user = &t;
	assert_int_equal(session_command(&t, "ocsp 1"), 0);
	assert_memory_equal(t.out, "Status: revoked\n", 16);
	session_close(&t);
}

static void
a_cut_or_garbled_ocsp_answer_is_refused(void **state)
{
	(void)state;
	for (size_t cut = 0; cut < sizeof answer_good; cut++) {
		struct blob b = { 0 };
		struct answer_view v = { 0 };
		struct err e = { 0 };

		blob_set(&b, answer_good, cut);
		assert_int_equal(answer_read(&b, &v, &e), -1);
		blob_clear(&b);
		blob_set(&b, answer_good, sizeof answer_good);
		b.data[cut] ^= 0x85;
		answer_read(&b, &v, &e);	/* survives */
		shape_clear(&answer_view_shape, &v);
		blob_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_field_has_its_form),
		cmocka_unit_test(hostile_texts_come_back_whole_from_a_line_of_ascii),
		cmocka_unit_test(a_refusal_is_json_too),
		cmocka_unit_test(a_deed_without_an_answer_says_done),
		cmocka_unit_test(every_field_of_every_command_is_documented_and_no_other),
		cmocka_unit_test(every_word_is_documented),
		cmocka_unit_test(the_answer_of_a_command_has_the_fields_of_its_noun),
		cmocka_unit_test(ocsp_answers_are_read),
		cmocka_unit_test(a_cut_or_garbled_ocsp_answer_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
