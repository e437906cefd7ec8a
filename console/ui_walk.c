/* ui_walk.c - the audit log is being checked for somebody who goes on working:
 * how far it is on the status line, its end in a box. */
#include "console/ui_walk.h"

#include <string.h>

#include "console/audit_ask.h"
#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define ASK_MS 250

static void
end_show(struct ui *ui, const struct audit_check *c)
{
	struct dialog *d = ui_dialog(ui, c->good ? "The chain holds" :
	    "The chain is broken", NULL, "OK", NULL);
	char digest[80], at[TIME_TEXT_SIZE];

	digest_text(digest, sizeof digest, c->head);
	time_text(at, c->head_at);
	d->text.label_cols = 10;
	pager_item(&d->text, c->good ? sign(SIGN_DONE) : "x", c->good ?
	    LOOK_GOOD : LOOK_BAD, "%s", c->text);
	pager_gap(&d->text);
	pager_field(&d->text, "entries", LOOK_PLAIN, "%lld",
	    (long long)c->entries);
	if (!c->good)
		pager_field(&d->text, "first bad", LOOK_BAD, "%lld",
		    (long long)c->bad_row);
	pager_field(&d->text, "last", LOOK_PLAIN, "%s", at);
	pager_field(&d->text, "its hash", LOOK_PLAIN, "%s", digest);
	ui->dirty = true;
}

static void
walk_ask(struct ui *ui)
{
	struct audit_job job = { .job = ui->walk.job };
	struct audit_check c = { 0 };
	char text[256];
	struct err e;

	if (ask_audit_verify(ui->line, &job, &c, &e) < 0) {
		ui->walk.on = false;
		ui_error(ui, &e);
		return;
	}
	if ((ui->walk.job = c.job) == 0) {
		ui->walk.on = false;
		ui->note[0] = '\0';
		end_show(ui, &c);
		return;
	}
	audit_progress(text, sizeof text, &c);
	ui_say(ui, LOOK_PLAIN, "Checking the log: %s; Esc stops watching",
	    text);
}

void
ui_walk_start(struct ui *ui)
{
	if (!ui->walk.on)
		ui->walk.job = 0;
	ui->walk.on = true;
	ui->walk.ask_ms = clock_mono_ms() + ASK_MS;
	walk_ask(ui);
}

/* Under a box, and the line behind `:`, it waits: its end is a box too. */
int
ui_walk_turn(struct ui *ui, int64_t now)
{
	if (!ui->walk.on)
		return -1;
	if (now >= ui->walk.ask_ms) {
		ui->walk.ask_ms = now + ASK_MS;
		if (ui->dialog == NULL && !prompt_is_open(ui))
			walk_ask(ui);
	}
	return ui->walk.on ? (int)(ui->walk.ask_ms - now) : 0;
}

bool
ui_walk_key(struct ui *ui, int key)
{
	if (!ui->walk.on || key != K_ESC)
		return false;
	ui->walk.on = false;
	ui_say(ui, LOOK_PLAIN, "No longer watched: the log is checked all the same, and anything bad is an alarm.");
	return true;
}
