/* command_request.c - checking, submitting and following requests. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define HINT_MS 2000		/* silence on standard input that asks for a word */

static void
csr_hint(struct call *call, bool may_be_empty)
{
	struct console *c = call->c;
	struct pollfd p = { .fd = c->in->fd, .events = POLLIN };

	if (c->dialogue || c->in->terminal)
		say(&c->out, "Paste the CSR; it ends with its line -----END CERTIFICATE REQUEST-----%s",
		    may_be_empty ? (c->dialogue ?
		    ". An empty line: the stored CSR, the same key." :
		    ". Ctrl-D: the stored CSR, the same key.") : ".");
	else if (poll(&p, 1, HINT_MS) == 0)
		say(&c->out, "Reading a CSR from standard input until its end (Ctrl-D)%s",
		    may_be_empty ? "; nothing there means: the stored CSR, the same key." :
		    ".");
}

/* A CSR from where this session has it: standard input, or the dialogue. */
static int
call_csr(struct call *call, bool may_be_empty, struct blob *out)
{
	struct console *c = call->c;
	int r;

	csr_hint(call, may_be_empty);
	if (c->dialogue)
		return typing_block(c->in, may_be_empty, out, &call->err);
	r = csr_collect(c->in->fd, c->in->terminal, out, &call->err);
	if (r < 0 && may_be_empty &&
	    strcmp(call->err.clause, "csr-empty") == 0) {
		err_clear(&call->err);
		return 0;
	}
	return r;
}

/* The wish of check and request: options, then the CSR. */
static int
wish_take(struct call *call, struct request_wish *w)
{
	struct blob csr = { 0 };
	int r;

	for (size_t i = 0; i < call->n_options; i++)
		if (strcmp(call->options[i].name, "--domain") == 0 &&
		    wish_add_domain(w, call->options[i].value,
		    &call->err) < 0)
			return -1;
	if (call_csr(call, false, &csr) < 0)
		return -1;
	r = wish_fill(w, csr.data, csr.size, call_option(call, "--profile"),
	    call_option(call, "--note"), NULL, &call->err);
	secret_wipe(csr.data, csr.size);
	blob_clear(&csr);
	return r < 0 ? r : person_fill(w, call_option(call, "--jid"),
	    call_option(call, "--code"), &call->err);
}

int
command_check(struct call *call)
{
	struct request_wish w = { 0 };
	struct verdict v = { 0 };
	struct err why = { .kind = ERR_REFUSED };
	int r = -1;

	if (wish_take(call, &w) == 0)
		r = ask_request_check(call->c->line, &w, &v, &call->err);
	NOUN_CLEAR(request_wish, &w);
	if (r < 0)
		return -1;
	if (!call_json(call, &v))
		print_verdict(&call->c->out, &v);
	str_copy(why.clause, sizeof why.clause, v.rule);
	str_copy(why.text, sizeof why.text, v.text);
	if (v.accepted)
		say(&call->c->out, "This CSR would be accepted; nothing was submitted.");
	else
		explain(&call->c->out, &why);
	r = v.accepted ? 0 : err_exit_status(ERR_REFUSED);
	NOUN_CLEAR(verdict, &v);
	return r;
}

/* Number on stdout; what was changed, and what happens next, on stderr. */
void
print_submitted(struct output *o, const struct request *r)
{
	char line[512];

	out_line(o, "%lld", (long long)r->row.number);
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];

		if (f->kind == VERDICT_REPAIRED || f->kind == VERDICT_WARNED ||
		    f->kind == VERDICT_IGNORED)
			say(o, "%s: %s%s%s, %s (%s)",
			    word_of(&verdict_kind_words, f->kind), f->what,
			    f->value[0] ? " " : "", f->value, f->text,
			    f->rule);
	}
	row_sentence(line, sizeof line, &r->row, clock_now());
	say(o, "Request %lld for %s: %s.", (long long)r->row.number,
	    r->row.first, line);
}

int
command_request(struct call *call)
{
	struct request_wish w = { 0 };
	struct request r = { 0 };
	int done = -1;

	if (wish_take(call, &w) == 0)
		done = ask_request_submit(call->c->line, &w, &r, &call->err);
	NOUN_CLEAR(request_wish, &w);
	if (done < 0)
		return -1;
	if (!call_json(call, &r))
		print_submitted(&call->c->out, &r);
	NOUN_CLEAR(request, &r);
	return 0;
}

/* What the wish leaves out is taken from the old request: domains, profile,
 * and the CSR when none came. */
static int
renew_wish(struct call *call, struct request_wish *w)
{
	char ref[sizeof w->renew];
	struct blob csr = { 0 };
	int r;

	if (call_ref(call, 0, ref, sizeof ref) < 0 ||
	    call_csr(call, true, &csr) < 0)
		return -1;
	r = wish_fill(w, csr.data, csr.size, NULL,
	    call_option(call, "--note"), ref, &call->err);
	secret_wipe(csr.data, csr.size);
	blob_clear(&csr);
	return r;
}

int
command_renew(struct call *call)
{
	struct request_wish w = { 0 };
	struct request r = { 0 };
	int done = -1;

	if (renew_wish(call, &w) == 0)
		done = ask_request_submit(call->c->line, &w, &r, &call->err);
	NOUN_CLEAR(request_wish, &w);
	if (done < 0)
		return -1;
	if (!call_json(call, &r))
		print_submitted(&call->c->out, &r);
	NOUN_CLEAR(request, &r);
	return 0;
}

/* ---- following ---- */

static int
request_status(const struct request_row *r)
{
	switch (r->state) {
	case REQUEST_AWAITING:
	case REQUEST_APPROVED:
		return EXIT_PENDING;
	case REQUEST_ISSUED:
		if (r->certificate == CERTIFICATE_REVOKED)
			return EXIT_REVOKED;
		return r->certificate == CERTIFICATE_EXPIRED ? EXIT_EXPIRED : 0;
	default:
		return err_exit_status(ERR_REFUSED);
	}
}

static int
status_one(struct call *call)
{
	struct ref ref = { 0 };
	struct request r = { 0 };
	char line[512];
	int status;

	if (call_ref(call, 0, ref.ref, sizeof ref.ref) < 0 ||
	    ask_request_get(call->c->line, &ref, &r, &call->err) < 0)
		return -1;
	status = request_status(&r.row);
	if (!call_json(call, &r)) {
		unseen_tell(call->c);
		print_request(&call->c->out, &r, clock_now());
		row_sentence(line, sizeof line, &r.row, clock_now());
		if (r.row.state == REQUEST_REFUSED && r.refusal[0] != '\0')
			say(&call->c->out, "Request %lld was refused: %s",
			    (long long)r.row.number, r.refusal);
		else
			say(&call->c->out, "Request %lld: %s.",
			    (long long)r.row.number, line);
	}
	NOUN_CLEAR(request, &r);
	return status;
}

void
print_rows(struct output *o, const struct request_row *rows, size_t n)
{
	struct table t;

	table_init(&t, 7, "NUMBER", "STATE", "DOMAINS", "ACCOUNT", "PROFILE",
	    "SUBMITTED", "UNTIL");
	for (size_t i = 0; i < n; i++) {
		const struct request_row *r = &rows[i];
		char number[24], domains[300], made[11], until[11];

		snprintf(number, sizeof number, "%lld", (long long)r->number);
		row_domains_text(domains, sizeof domains, r);
		time_date(made, r->created);
		time_date(until, r->not_after);
		table_add(&t, number, row_state_word(r), domains, r->account,
		    r->profile, made, until);
	}
	table_print(o, &t);
}

int
command_status(struct call *call)
{
	struct wish w = { 0 };
	struct request_page page = { 0 };

	if (call->n_args > 0)
		return status_one(call);
	if (call_wish(call, &w) < 0 ||
	    ask_request_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (call->json) {
		json_answer(&call->c->out, call->command->name,
		    &request_page_shape, &page);
	} else {
		unseen_tell(call->c);
		print_rows(&call->c->out, page.rows, page.n_rows);
		if (page.refine)
			say(&call->c->out, "There may be more: the search took too long and ended. A longer text is found faster.");
		else if (page.n_rows == 0)
			say(&call->c->out, "No request; to make one: request < server.csr");
		else
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
	}
	NOUN_CLEAR(request_page, &page);
	return 0;
}

int
command_withdraw(struct call *call)
{
	struct none nothing = { 0 };
	struct ref r = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_request_withdraw(call->c->line, &r, &nothing, &call->err) < 0)
		return -1;
	if (!call_json(call, &nothing))
		say(&call->c->out, "Request %s is withdrawn.", r.ref);
	return 0;
}
