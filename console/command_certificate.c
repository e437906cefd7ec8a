/* command_certificate.c - listing and fetching certificates, and what OCSP
 * says about them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/command.h"
#include "console/setup.h"
#include "core/base/clock.h"
#include "core/base/text.h"

int
command_list(struct call *call)
{
	struct wish w = { 0 };
	struct request_page page = { 0 };
	int64_t days;

	if (call_wish(call, &w) < 0 ||
	    call_option_number(call, "--expiring", 3650, 0, &days) < 0)
		return -1;
	if (days > 0) {
		w.since = clock_now();
		w.until = w.since + days * 86400;
	}
	if (ask_certificate_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		unseen_tell(call->c);
		if (page.refine)
			say(&call->c->out, "There may be more: the search took too long and ended. A longer text is found faster.");
		print_rows(&call->c->out, page.rows, page.n_rows);
		if (page.n_rows == 0)
			say(&call->c->out, "%s", days > 0 ?
			    "No certificate ends in that time." :
			    "No certificate; to ask for one: request < server.csr");
		else
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
	}
	NOUN_CLEAR(request_page, &page);
	return 0;
}

static enum certificate_form
form_wanted(const struct call *call)
{
	if (call_option(call, "--leaf") != NULL)
		return FORM_LEAF;
	if (call_option(call, "--der") != NULL)
		return FORM_DER;
	if (call_option(call, "--text") != NULL)
		return FORM_TEXT;
	if (call_option(call, "--root") != NULL)
		return FORM_ROOT;
	return FORM_CHAIN;
}

/* Binary on a terminal is of use to nobody. */
static int
binary_refused(struct call *call)
{
	return err_set(&call->err, ERR_REFUSED, "terminal",
	    "DER is binary and your output is a terminal: run it without -t, into a file (> cert.der)");
}

/* In the form that was asked for: only --der goes out as bytes. */
static void
print_body(struct call *call, const struct certificate *c,
    enum certificate_form form)
{
	struct output *o = &call->c->out;

	if (form == FORM_DER)
		out_bytes(o, c->body.data, c->body.size);
	else
		out_lines(o, c->body.data, c->body.size);
	if (c->state == CERTIFICATE_REVOKED)
		say(o, "This certificate is revoked (%s).",
		    word_of(&reason_words, c->reason));
	else if (c->state == CERTIFICATE_EXPIRED)
		say(o, "This certificate has expired.");
}

int
command_cert(struct call *call)
{
	struct certificate_wish w = { .form = form_wanted(call) };
	struct certificate c = { 0 };

	if (w.form == FORM_DER && call->c->out.terminal && !call->json)
		return binary_refused(call);
	if (call_ref(call, 0, w.ref, sizeof w.ref) < 0 ||
	    ask_certificate_get(call->c->line, &w, &c, &call->err) < 0)
		return -1;
	if (!call_json(call, &c))
		print_body(call, &c, w.form);
	NOUN_CLEAR(certificate, &c);
	return 0;
}

/* ---- putting it to use ---- */

int
command_setup(struct call *call)
{
	struct certificate_wish w = { .form = FORM_LEAF };
	struct certificate c = { 0 };
	struct text t = { 0 };
	struct buf b = { 0 };
	size_t i = 0;

	while (i < SETUP_SERVERS && strcmp(setup_server(i), call->args[1]) != 0)
		i++;
	if (i == SETUP_SERVERS)
		return call_usage(call, "which server: prosody, ejabberd or openfire?");
	if (call_ref(call, 0, w.ref, sizeof w.ref) < 0 ||
	    ask_certificate_get(call->c->line, &w, &c, &call->err) < 0)
		return -1;
	if (strcmp(c.profile, "xmpp-person") == 0) {
		NOUN_CLEAR(certificate, &c);
		return err_set(&call->err, ERR_REFUSED, "setup",
		    "%s is a personal certificate: it goes into a client, with its key, not into a server", w.ref);
	}
	setup_put(&b, i, &c, &call->c->me);
	blob_set(&t.text, b.data, b.size);
	if (!call_json(call, &t))
		out_lines(&call->c->out, b.data, b.size);
	NOUN_CLEAR(text, &t);
	NOUN_CLEAR(certificate, &c);
	buf_clear(&b);
	return 0;
}

/* ---- OCSP ---- */

static void
print_answer(struct output *o, const struct answer_view *v)
{
	char when[WHEN_SIZE];
	int64_t now = clock_now();

	out_fact(o, "Status", "%s", v->state);
	out_fact(o, "Serial", "%s", v->serial);
	time_both(when, v->produced, now);
	out_fact(o, "Produced", "%s", when);
	time_both(when, v->this_update, now);
	out_fact(o, "This update", "%s", when);
	if (v->next_update != 0) {
		time_both(when, v->next_update, now);
		out_fact(o, "Next update", "%s", when);
	}
}

int
command_ocsp(struct call *call)
{
	bool der = call_option(call, "--der") != NULL;
	struct answer_view v = { 0 };
	struct text answer = { 0 };
	struct ref r = { 0 };
	int done = 0;

	if (der && call->c->out.terminal && !call->json)
		return binary_refused(call);
	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_answer_get(call->c->line, &r, &answer, &call->err) < 0)
		return -1;
	if (der && !call->json) {
		out_bytes(&call->c->out, answer.text.data, answer.text.size);
	} else {
		done = answer_read(&answer.text, &v, &call->err);
		if (done == 0 && !call_json(call, &v))
			print_answer(&call->c->out, &v);
		shape_clear(&answer_view_shape, &v);
	}
	NOUN_CLEAR(text, &answer);
	return done;
}
