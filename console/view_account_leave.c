/* view_account_leave.c - a recovery stopped, one's data taken along, the
 * account closed. */
#include "console/view_account.h"

#include <string.h>

#include "console/ui_prompt.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define LIVE_SHOWN 5

/* ---- recovery, leaving ---- */

static int
stop_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref own = { 0 };
	struct recovery r = { 0 };

	(void)state, (void)f;
	if (ask_recovery_stop(ui->line, &own, &r, e) < 0)
		return -1;
	ui->me.recovery = 0;
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "Stopped: the account stays with the keys that it has.");
	return 0;
}

void
account_stop_ask(struct ui *ui)
{
	struct dialog *d = ui_dialog(ui, "Stop the recovery?", "Stop it",
	    "Cancel", stop_done);

	pager_text(&d->text, LOOK_PLAIN,
	    "The other key will not open %s. Then look after the mailbox that the code went to.",
	    ui->me.account.name);
}

static int
leave_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct closing_wish w = { .revoke = f->inputs[1].ticked };
	struct closing k = { 0 };
	bool closed;

	(void)state;
	str_copy(w.name, sizeof w.name, form_text(f, 0));
	if (ask_account_close(ui->line, &w, &k, e) < 0)
		return -1;
	closed = k.closed;
	if (!closed)
		err_set(e, ERR_REFUSED, "close-certificates",
		    "%lld certificate%s good still; tick the box, or revoke first",
		    (long long)k.good, k.good == 1 ? " is" : "s are");
	NOUN_CLEAR(closing, &k);
	if (!closed)
		return -1;
	ui->quit = true;
	return 0;
}

/* What stands in the way of leaving; of readers the list is everybody's. */
static void
live_certificates(struct ui *ui, struct pager *p)
{
	struct wish w = { .limit = LIVE_SHOWN };
	struct request_page page = { 0 };
	char date[11];

	str_copy(w.state, sizeof w.state, word_of(&certificate_state_words,
	    CERTIFICATE_GOOD));
	if ((READERS & ROLE_BIT(ui_role(ui))) != 0 ||
	    !op_allows(OP_request_submit, ui_role(ui)) ||
	    ask_certificate_list(ui->line, &w, &page, NULL) < 0)
		return;
	if (page.n_rows > 0)
		pager_text(p, LOOK_WARN, "Certificates that are good still:");
	for (size_t i = 0; i < page.n_rows; i++) {
		time_date(date, page.rows[i].not_after);
		pager_text(p, LOOK_PLAIN, "%lld for %s, until %s",
		    (long long)page.rows[i].number, page.rows[i].first, date);
	}
	if (page.more)
		pager_text(p, LOOK_DIM, "and more");
	NOUN_CLEAR(request_page, &page);
}

void
account_close_ask(struct ui *ui)
{
	struct dialog *d = ui_dialog(ui, "Close your account?", "Close it",
	    "Cancel", leave_done);

	pager_text(&d->text, LOOK_BAD,
	    "Keys, addresses, domains, notes and CSRs are erased, and the name stays taken for ever. Type the name of the account.");
	live_certificates(ui, &d->text);
	form_line(&d->form, "Name", ui->me.account.name, 32);
	form_tick(&d->form, "Revoke them too", "the certificates that are good",
	    false);
}

/* ---- one's own data ---- */

static int
export_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	(void)state, (void)f, (void)e;
	prompt_open(ui);
	ui->prompt->open = false;
	prompt_run(ui, ui->prompt, "export-me");
	return 0;
}

void
account_export_ask(struct ui *ui)
{
	struct dialog *d = ui_dialog(ui, "Everything that is held on you",
	    "Show it here", "Cancel", export_done);
	char line[512];

	exec_line(line, sizeof line, &ui->me, "export-me", NULL);
	pager_text(&d->text, LOOK_PLAIN,
	    "One JSON document: account, keys, addresses, domains, requests, certificates, letters, log. A file on your machine is made by your SSH client, in a shell there:");
	pager_text(&d->text, LOOK_KEY, "%s > me.json", line);
	pager_text(&d->text, LOOK_DIM,
	    "Shown here, y copies it and p shows it without frames.");
}
