/* report_test.c - amounts are read strictly, the ledger keeps its lines, and
 * the figures of hand-made rows are right, from the tables and from the log
 * (P2.1 - P2.3, P5.1 - P5.5). */
#include "rig.h"

#include "core/model/money.h"
#include "core/registrar/report/cost.h"
#include "core/registrar/report/quarter.h"
#include "core/registrar/report/report.h"
#include "core/registrar/report/report_job.h"
#include "core/x509/hash.h"

static struct seat finance;

static int
open_ledger(void **state)
{
	if (rig_open(state) < 0)
		return -1;
	finance = rig_seat(ROLE_FINANCE, rig_account("finance", ROLE_FINANCE,
	    rig_key(1)), "finance", rig_key(1));
	return 0;
}

#define REFUSED(call, rule) do { \
	struct err e_ = { 0 }; \
	struct err *e = &e_; \
	assert_int_equal(call, -1); \
	assert_string_equal(e_.clause, rule); \
} while (0)

static void
an_amount_is_digits_and_the_currencys_point(void **state)
{
	static const struct { const char *text, *currency; int64_t minor; }
	good[] = {
		{ "12.50", "EUR", 1250 }, { "12", "USD", 1200 },
		{ "0.05", "CHF", 5 }, { "1250", "JPY", 1250 },
		{ "1.234", "KWD", 1234 }, { "10000000000.00", "EUR",
		  INT64_C(1000000000000) },
	};
	static const struct { const char *text, *currency, *rule; } bad[] = {
		{ "", "EUR", "cost-amount" }, { "-1.00", "EUR", "cost-amount" },
		{ "+1.00", "EUR", "cost-amount" }, { "1,00", "EUR", "cost-amount" },
		{ " 1.00", "EUR", "cost-amount" }, { "1.", "EUR", "cost-amount" },
		{ ".50", "EUR", "cost-amount" }, { "1.0.0", "EUR", "cost-amount" },
		{ "01.00", "EUR", "cost-amount" }, { "1e3", "EUR", "cost-amount" },
		{ "0.00", "EUR", "cost-amount" }, { "1.5", "EUR", "cost-digits" },
		{ "1.005", "EUR", "cost-digits" }, { "1.00", "JPY", "cost-digits" },
		{ "1.00", "eur", "cost-currency" }, { "1.00", "EU", "cost-currency" },
		{ "1.00", "XXX", "cost-currency" }, { "1.00", "UR ", "cost-currency" },
		{ "10000000000.01", "EUR", "cost-large" },
		{ "99999999999999999999999999", "EUR", "cost-large" },
	};
	char shown[MONEY_SIZE];
	int64_t v = 0;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(money_parse(good[i].text, good[i].currency,
		    false, &v, NULL), 0);
		assert_int_equal(v, good[i].minor);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		REFUSED(money_parse(bad[i].text, bad[i].currency, false, &v,
		    e), bad[i].rule);
	money_text(shown, -5, "EUR");
	assert_string_equal(shown, "-0.05");
	money_text(shown, 1250, "JPY");
	assert_string_equal(shown, "1250");
	assert_int_equal(money_share(100, 3), 33);
	assert_int_equal(money_share(5, 2), 3);
	assert_int_equal(money_share(-5, 2), -3);
	assert_int_equal(money_share(5, 0), 0);
}

static void
a_quarter_has_its_days(void **state)
{
	char text[QUARTER_SIZE];
	int64_t q = 0;

	(void)state;
	assert_int_equal(quarter_parse("2026Q3", &q, NULL), 0);
	assert_int_equal(quarter_begin(q), 1782864000);	/* 2026-07-01 */
	assert_int_equal(quarter_begin(q + 1), 1790812800);
	assert_int_equal(quarter_of(1790812799), q);
	assert_int_equal(quarter_of(1790812800), q + 1);
	assert_int_equal(quarter_parse("2026-Q4", &q, NULL), 0);
	quarter_text(text, q);
	assert_string_equal(text, "2026Q4");
	REFUSED(quarter_parse("2026Q0", &q, e), "report-quarter");
	REFUSED(quarter_parse("26Q1", &q, e), "report-quarter");
	REFUSED(quarter_parse("2026Q1 ", &q, e), "report-quarter");
}

static int
book(const char *amount, enum ledger_kind kind, int64_t date,
    struct ledger_row *r, struct err *e)
{
	struct ledger_new n = { .kind = kind, .date = date };
	int done;

	str_copy(n.amount, sizeof n.amount, amount);
	str_copy(n.currency, sizeof n.currency, "USD");
	str_copy(n.payee, sizeof n.payee, "Host \"A, B\"");
	memset(r, 0, sizeof *r);
	rig_begin();
	done = kind == LEDGER_INCOME ? serve_income_add(&finance, &n, r, e) :
	    serve_cost_add(&finance, &n, r, e);
	rig_commit();
	return done;
}

static int
take_back(int64_t line, struct ledger_row *r, struct err *e)
{
	struct ledger_new n = { .reverses = line };
	int done;

	memset(r, 0, sizeof *r);
	rig_begin();
	done = serve_cost_reverse(&finance, &n, r, e);
	rig_commit();
	return done;
}

static void
a_line_is_taken_back_once_and_never_changed(void **state)
{
	int64_t today = RIG_NOW - RIG_NOW % 86400;
	struct ledger_row r, back;

	(void)state;
	assert_int_equal(book("12.50", LEDGER_FIXED, 0, &r, NULL), 0);
	assert_int_equal(r.amount, 1250);
	assert_int_equal(r.date, today);
	assert_string_equal(r.shown, "12.50");
	REFUSED(book("1.00", LEDGER_FIXED, today + 86400, &r, e), "cost-date");
	REFUSED(book("1.00", LEDGER_FIXED, today + 1, &r, e), "cost-date");
	assert_int_equal(take_back(1, &back, NULL), 0);
	assert_int_equal(back.amount, -1250);
	assert_int_equal(back.reverses, 1);
	REFUSED(take_back(1, &back, e), "cost-reversed");
	REFUSED(take_back(2, &back, e), "cost-reversal");
	REFUSED(take_back(9, &back, e), "cost");
	rig_sql_fails("UPDATE ledger SET amount = 1");
	rig_sql_fails("DELETE FROM ledger");
	assert_string_equal(rig_ask_sql("SELECT object FROM audit"
	    " WHERE action = 'cost.reverse'"), "2 fixed -1250 USD 2026-11-18");
}

static void
nothing_is_dated_into_a_submitted_quarter(void **state)
{
	struct ledger_row r;
	struct figures none = { 0 };
	struct buf csv = { 0 }, sql = { 0 };
	char *csv_hex, hash_hex[65];
	uint8_t hash[32];

	(void)state;
	figures_csv(&csv, &none);
	csv_hex = xmalloc(2 * csv.size + 1);
	hex_encode(csv_hex, csv.data, csv.size);
	sha256(hash, csv.data, csv.size);
	hex_encode(hash_hex, hash, 32);
	buf_printf(&sql, "INSERT INTO report (quarter, csv, sha256, note,"
	    " entries, made, at, account) VALUES (8106, x'%s', x'%s', x'', 1,"
	    " 1, 1, 1)", csv_hex, hash_hex);
	buf_put_u8(&sql, '\0');
	rig_sql((const char *)sql.data);
	free(csv_hex);
	buf_clear(&csv);
	buf_clear(&sql);
	REFUSED(book("1.00", LEDGER_ONE_OFF, 1790812800 - 86400, &r, e),
	    "cost-closed");
	REFUSED(book("1.00", LEDGER_ONE_OFF, 1782864000 - 86400, &r, e),
	    "cost-closed");
	assert_int_equal(book("1.00", LEDGER_ONE_OFF, 1790812800, &r, NULL),
	    0);
	/* what is said of it afterwards is said in words */
	{
		struct seat fred = rig_seat(ROLE_FINANCE, 1, "fred", NULL);
		struct report_wish w = { .quarter = "2026Q3", .text = " \t" };
		struct report made = { 0 };

		REFUSED(serve_report_addend(&fred, &w, &made, e),
		    "report-text");
		NOUN_CLEAR(report, &made);
		str_copy(w.text, sizeof w.text, "\xff");
		REFUSED(serve_report_addend(&fred, &w, &made, e),
		    "report-text");
		NOUN_CLEAR(report, &made);
	}
	rig_sql_fails("UPDATE report SET made = 2");
	rig_sql_fails("DELETE FROM report");
}

static int64_t
value(const struct figures *f, const char *name)
{
	const struct figure *r = figure_find(f, name);

	if (r == NULL)
		fail_msg("no figure %s", name);
	return r->value;
}

static void
certificate(int n, int64_t issued, int64_t until, int64_t revoked,
    int renewal)
{
	char sql[2048];

	snprintf(sql, sizeof sql, "INSERT INTO certificate (account, serial,"
	    " issuer, state, not_before, not_after, issued, revoked, reason,"
	    " sha256, spki_sha256, policy, renewal) VALUES (1, 'aa%02d',"
	    " 'ica-server-1', '%s', 1, %lld, %lld, %lld, %d, x'', x'', '1',"
	    " %d)", n, revoked ? "revoked" : "good", (long long)until,
	    (long long)issued, (long long)revoked, revoked ? 4 : 0, renewal);
	rig_sql(sql);
}

static void
figures_of_hand_made_rows(void **state)
{
	const int64_t from = 1782864000, until = 1790812800;
	struct period p = { .quarter = 8106, .from = from, .until = until };
	struct figures f = { 0 }, again = { 0 };
	struct buf csv = { 0 };
	struct ledger_row r;

	(void)state;
	certificate(1, from - 1, until - 1, 0, 0);	/* expires in it */
	certificate(2, from, until, 0, 0);		/* issued, active */
	certificate(3, until - 1, until + 9, 0, 1);	/* issued, renewed, active */
	certificate(4, until, until + 9, 0, 0);		/* the next quarter's */
	certificate(5, from, until + 9, until - 1, 0);	/* issued, revoked */
	certificate(6, from, until + 9, until, 0);	/* revoked later: active */
	certificate(7, from - 9, from - 1, 0, 0);	/* expired before */
	assert_int_equal(book("10.00", LEDGER_FIXED, from, &r, NULL), 0);
	assert_int_equal(book("0.30", LEDGER_PER_CERTIFICATE, until - 86400,
	    &r, NULL), 0);
	assert_int_equal(book("100.00", LEDGER_INCOME, until, &r, NULL), 0);
	rig_begin();
	assert_int_equal(figures_of_tables(&p, &f, NULL), 0);
	rig_commit();
	assert_int_equal(value(&f, "issued"), 4);
	assert_int_equal(value(&f, "issued.renewed"), 1);
	assert_int_equal(value(&f, "active"), 3);
	assert_int_equal(value(&f, "expired"), 1);
	assert_int_equal(value(&f, "revoked"), 1);
	assert_int_equal(value(&f, "revoked.superseded"), 1);
	assert_int_equal(value(&f, "cost.USD.total"), 1030);
	assert_int_equal(value(&f, "cost.USD.for-each-certificate"), 258);
	assert_int_equal(value(&f, "balance.USD"), -1030);
	assert_int_equal(value(&f, "ledger.000002"), 30);
	figures_csv(&csv, &f);
	assert_int_equal(figures_parse(csv.data, csv.size, &again, NULL), 0);
	assert_int_equal(again.n_rows, f.n_rows);
	for (size_t i = 0; i < f.n_rows; i++) {
		assert_string_equal(again.rows[i].name, f.rows[i].name);
		assert_string_equal(again.rows[i].note, f.rows[i].note);
		assert_int_equal(again.rows[i].value, f.rows[i].value);
	}
	assert_int_equal(figures_parse(csv.data, csv.size - 1, &again, NULL),
	    -1);
	buf_clear(&csv);
	figures_clear(&f);
	figures_clear(&again);
}

static void
the_log_alone_gives_the_money(void **state)
{
	struct period p = { .quarter = 8106, .from = 1782864000,
		.until = 1790812800 };
	struct figures f = { 0 };
	struct ledger_row r;
	int64_t entries = 0, erased = 0;
	uint8_t hash[32] = { 0 };

	(void)state;
	assert_int_equal(book("10.00", LEDGER_FIXED, p.from, &r, NULL), 0);
	assert_int_equal(book("3.00", LEDGER_ONE_OFF, p.from, &r, NULL), 0);
	assert_int_equal(book("100.00", LEDGER_INCOME, p.from, &r, NULL), 0);
	rig_sql("UPDATE audit SET actor = NULL, key = NULL, source = NULL,"
	    " detail = NULL, salt = NULL WHERE actor = 'finance'");
	rig_begin();
	assert_int_equal(figures_of_log(&p, &f, &entries, &erased, hash,
	    NULL), 0);
	rig_commit();
	assert_int_equal(erased, 0);
	assert_int_equal(value(&f, "cost.USD.total"), 1300);
	assert_int_equal(value(&f, "balance.USD"), 8700);
	assert_int_equal(value(&f, "ledger.000003"), 10000);
	figures_clear(&f);
}

/* With a child to do the work, eight are taken at once. */
static void
one_report_too_many_is_told_to_come_again(void **state)
{
	struct order o = { .kind = JOB_EXPERIENCE };
	const struct buf *csv = NULL;
	struct err err = { 0 };
	int64_t job, made;

	(void)state;
	assert_int_equal(report_child_start(&err), 0);
	for (o.period.quarter = 8100; o.period.quarter < 8108;
	    o.period.quarter++) {
		job = 0;
		assert_int_equal(report_job_get(&o, &job, &made, &csv, &err),
		    0);
	}
	job = 0;
	REFUSED(report_job_get(&o, &job, &made, &csv, e), "report-busy");
	report_child_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_amount_is_digits_and_the_currencys_point),
		cmocka_unit_test(a_quarter_has_its_days),
		cmocka_unit_test(one_report_too_many_is_told_to_come_again),
		cmocka_unit_test_setup_teardown(
		    a_line_is_taken_back_once_and_never_changed, open_ledger,
		    rig_close),
		cmocka_unit_test_setup_teardown(
		    nothing_is_dated_into_a_submitted_quarter, open_ledger,
		    rig_close),
		cmocka_unit_test_setup_teardown(figures_of_hand_made_rows,
		    open_ledger, rig_close),
		cmocka_unit_test_setup_teardown(the_log_alone_gives_the_money,
		    open_ledger, rig_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
