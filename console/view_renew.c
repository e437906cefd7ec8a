/* view_renew.c - renewing by one key: the stored CSR again, or a new one. */
#include "console/view_renew.h"

#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/text.h"

static const struct choice ways[] = {
	{ "same key", "the stored CSR is asked for again, at once; nothing changes on the server but the file" },
	{ "new CSR", "paste one, made with a new key; whoever has got hold of the old key is out then" },
};
enum { WAY_SAME, WAY_NEW };

/* Follow it: with the policy's leave it is issued before one has looked. */
static int
same_key(struct ui *ui, const char *number, struct err *e)
{
	struct request_wish w = { 0 };
	struct request r = { 0 };
	char ref[24];
	int done = -1;

	if (wish_fill(&w, "", 0, NULL, NULL, number, e) == 0)
		done = ask_request_submit(ui->line, &w, &r, e);
	NOUN_CLEAR(request_wish, &w);
	if (done < 0)
		return -1;
	snprintf(ref, sizeof ref, "%lld", (long long)r.row.number);
	done = r.row.state == REQUEST_AWAITING;
	NOUN_CLEAR(request, &r);
	ui->changed = true;
	ui_open(ui, "request", ref);
	ui_say(ui, LOOK_GOOD, done ?
	    "%s Request %s is submitted; somebody of the staff looks at it." :
	    "%s Request %s needs no staff: the certificate comes now.",
	    sign(SIGN_DONE), ref);
	return 0;
}

static int
renew_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	char number[24];

	(void)state;
	str_copy(number, sizeof number, ui->dialog->subject);
	if (f->inputs[0].at == WAY_SAME)
		return same_key(ui, number, e);
	ui_open(ui, "request_new", number);
	return 0;
}

void
renew_ask(struct ui *ui, int64_t request, const char *domain)
{
	struct dialog *d = ui_dialog(ui, "Renew a certificate", "Renew it",
	    "Not now", renew_done);

	snprintf(d->subject, sizeof d->subject, "%lld", (long long)request);
	pager_text(&d->text, LOOK_PLAIN,
	    "Certificate %lld for %s: for the same domains and profile, with which key?",
	    (long long)request, domain);
	pager_text(&d->text, LOOK_WARN,
	    "A key that is used on and on is a key that more people have seen. If it may have leaked, take a new one, and revoke the old certificate as keyCompromise.");
	form_choice(&d->form, "Key", ways, sizeof ways / sizeof ways[0],
	    WAY_SAME);
}
