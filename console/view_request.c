/* view_request.c - one request: what was asked, what became of it. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct pager page;		/* must stand first */
	struct request request;
};

static void
approvals_add(struct pager *p, const struct request *r, int64_t now)
{
	char when[WHEN_SIZE];

	if (r->row.state == REQUEST_AWAITING)
		pager_field(p, "approvals", LOOK_WARN, "%zu of %lld",
		    r->n_approvals, (long long)r->approvals_needed);
	for (size_t i = 0; i < r->n_approvals; i++) {
		time_both(when, r->approvals[i].at, now);
		pager_field(p, "approved by", LOOK_PLAIN, "%s, %s%s%s",
		    r->approvals[i].account, when,
		    r->approvals[i].note[0] ? ": " : "",
		    r->approvals[i].note);
	}
}

static void
request_fill(struct ui *ui, struct state *st)
{
	const struct request *r = &st->request;
	struct pager *p = &st->page;
	const char *word = row_state_word(&r->row);
	char text[1024], when[WHEN_SIZE], line[512], number[24];
	int64_t now = clock_now();

	pager_again(p);
	snprintf(number, sizeof number, "%lld", (long long)r->row.number);
	row_domains_text(text, sizeof text, &r->row);
	pager_text(p, LOOK_STRONG, "Request %s for %s", number, text);
	pager_gap(p);
	row_sentence(text, sizeof text, &r->row, now);
	cut_command(text);
	pager_field(p, "state", look_of_state(word), "%s", word);
	pager_field(p, "", LOOK_PLAIN, "%s", text);
	if (r->refusal[0] != '\0')
		pager_field(p, r->row.state == REQUEST_REFUSED ? "reason" :
		    "waits", LOOK_WARN, "%s", r->refusal);
	approvals_add(p, r, now);
	time_both(when, r->row.created, now);
	pager_field(p, "asked", LOOK_PLAIN, "%s by %s", when,
	    r->row.account);
	if (r->row.serial[0] != '\0')
		pager_field(p, "serial", LOOK_PLAIN, "%s", r->row.serial);
	if (r->renews[0] != '\0')
		pager_field(p, "renews", LOOK_PLAIN, "%s", r->renews);
	if (r->note[0] != '\0')
		pager_field(p, "note", LOOK_PLAIN, "%s", r->note);
	pager_head(p, "What the certificate %s", r->row.serial[0] ?
	    "says" : "will say");
	pager_field(p, "profile", LOOK_PLAIN, "%s", r->row.profile);
	pager_field(p, "key", LOOK_PLAIN, "%s", r->key);
	part_names(p, r->subject_cn, r->names, r->n_names);
	pager_head(p, "Proofs");
	part_domains(p, r->domains, r->n_domains, now);
	if (r->n_findings > 0)
		pager_head(p, "What became of the CSR");
	part_findings(p, r->findings, r->n_findings);
	pager_gap(p);
	exec_line(line, sizeof line, &ui->me, r->row.serial[0] ? "cert" :
	    "status", number, NULL);
	part_command(p, "By command:", line);
}

static int
request_ask(struct ui *ui, struct state *st, int64_t number, struct err *e)
{
	struct ref ref = { 0 };
	struct request new = { 0 };

	snprintf(ref.ref, sizeof ref.ref, "%lld", (long long)number);
	if (ask_request_get(ui->line, &ref, &new, e) < 0)
		return -1;
	NOUN_CLEAR(request, &st->request);
	st->request = new;
	request_fill(ui, st);
	return 0;
}

static int
request_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	int64_t number = 0;

	number_parse(ref, INT64_MAX, &number);
	return request_ask(ui, state, number, e);
}

static void
request_changed(struct ui *ui, void *state)
{
	struct state *st = state;
	bool had = st->request.row.serial[0] != '\0';

	if (request_ask(ui, st, st->request.row.number, NULL) < 0)
		return;
	if (!had && st->request.row.serial[0] != '\0')
		ui_say(ui, LOOK_GOOD, "%s The certificate is issued. Enter opens it.",
		    sign(SIGN_DONE));
}

static void
request_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	NOUN_CLEAR(request, &st->request);
}

/* ---- keys ---- */

static void
enter(struct ui *ui, void *state)
{
	char ref[24];

	snprintf(ref, sizeof ref, "%lld",
	    (long long)((struct state *)state)->request.row.number);
	ui_open(ui, "certificate", ref);
}

static void
review(struct ui *ui, void *state)
{
	char ref[24];

	snprintf(ref, sizeof ref, "%lld",
	    (long long)((struct state *)state)->request.row.number);
	ui_open(ui, "review", ref);
}

static int
withdraw_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref ref = { 0 };
	struct none none = { 0 };

	(void)f, (void)state;
	str_copy(ref.ref, sizeof ref.ref, ui->dialog->subject);
	if (ask_request_withdraw(ui->line, &ref, &none, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_PLAIN, "Request %s is withdrawn.", ref.ref);
	return 0;
}

static void
withdraw(struct ui *ui, void *state)
{
	const struct request *r = &((struct state *)state)->request;
	struct dialog *d = ui_dialog(ui, "Withdraw a request?", "Withdraw it",
	    "Keep it", withdraw_done);
	char what[600];

	row_domains_text(what, sizeof what, &r->row);
	snprintf(d->subject, sizeof d->subject, "%lld",
	    (long long)r->row.number);
	pager_text(&d->text, LOOK_PLAIN,
	    "Withdraw request %lld for %s? Staff will not see it any more.",
	    (long long)r->row.number, what);
	d->form.at = 1;
}

static bool
issued(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->request.row.serial[0] != '\0';
}

static bool
mine_waits(const struct ui *ui, const void *state)
{
	const struct request *r = &((const struct state *)state)->request;

	return r->row.state == REQUEST_AWAITING &&
	    strcmp(r->row.account, ui->me.account.name) == 0;
}

static bool
to_review(const struct ui *ui, const void *state)
{
	const struct request *r = &((const struct state *)state)->request;

	return r->row.state == REQUEST_AWAITING &&
	    (READERS & ROLE_BIT(ui_role(ui))) != 0;
}

static void
copy(struct ui *ui, void *state)
{
	const struct request *r = &((struct state *)state)->request;
	char number[24], line[512];

	ui_copy_start(ui);
	snprintf(number, sizeof number, "%lld", (long long)r->row.number);
	exec_line(line, sizeof line, &ui->me, "status", number, NULL);
	ui_copy_add_text(ui, "number", "the request's number", number);
	ui_copy_add_text(ui, "serial", "the certificate's serial, in hex",
	    r->row.serial);
	ui_copy_add_text(ui, "command", "the line that asks how it stands",
	    line);
	ui_copy_ask(ui, line);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "the certificate", NULL, enter, issued,
	    ">certificate" },
	{ K_ENTER, "Enter", "review", "See the evidence and decide", review,
	    to_review, ">review" },
	{ 'w', "w", "withdraw", "Withdraw this request", withdraw,
	    mine_waits, "withdraw" },
	{ 'y', "y", "copy", "Copy the number, the serial or the command",
	    copy, NULL, KEY_MOVES },
	{ 0 },
};

const struct view view_request = {
	.name = "request", .title = "Request", .brief = "Request",
	.shows = "status",
	.help = "One request. When its certificate is issued, this page shows it at once.",
	.size = sizeof(struct state), .keys = keys,
	.open = request_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = request_changed, .where = pager_view_where,
	.close = request_close,
};
