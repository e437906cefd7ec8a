/* view_account_sessions.c - one's open sessions in the account's view: which
 * there are, ending one, and having them by lines. */
#include "console/view_account.h"

#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/text.h"

#define SESSIONS_MAX 64

void
account_sessions_add(struct ui *ui, struct pager *p)
{
	struct session_list list = { 0 };
	struct none none = { 0 };
	char since[WHEN_SIZE], heard[WHEN_SIZE];
	struct err e;

	pager_head(p, "Open sessions");
	if (ask_session_list(ui->line, &none, &list, &e) < 0)
		pager_text(p, LOOK_BAD, "%s", e.text);
	for (size_t i = 0; i < list.n_rows; i++) {
		const struct session *s = &list.rows[i];

		time_both(since, s->since, clock_now());
		time_relative(heard, s->heard, clock_now());
		pager_item(p, s->here ? sign(SIGN_HERE) : sign(SIGN_LATER),
		    s->here ? LOOK_STRONG : LOOK_PLAIN, "from %s%s",
		    s->source, s->here ? " - this one" : "");
		pager_field(p, "", LOOK_DIM, "since %s, with %s", since,
		    s->key);
		if (!s->here && s->heard != 0)
			pager_field(p, "", LOOK_DIM, "last: %s, %s", s->doing,
			    heard);
	}
	pager_field(p, "shown", LOOK_PLAIN, "%s", ui->me.plain ?
	    "by lines; t: screens again" :
	    "as screens; t: by lines, as for a screen reader");
	NOUN_CLEAR(session_list, &list);
}

static int
end_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref ref = { 0 };
	struct none none = { 0 };

	(void)state;
	str_copy(ref.ref, sizeof ref.ref, form_word(f, 0));
	if (ask_session_end(ui->line, &ref, &none, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "Session %s is ended.", ref.ref);
	return 0;
}

void
account_session_end_ask(struct ui *ui)
{
	static struct choice choices[SESSIONS_MAX];
	static char words[SESSIONS_MAX][24], texts[SESSIONS_MAX][192];
	struct session_list list = { 0 };
	struct none none = { 0 };
	struct dialog *d = NULL;
	char when[WHEN_SIZE];
	struct err e;
	size_t n = 0;

	if (ask_session_list(ui->line, &none, &list, &e) < 0) {
		NOUN_CLEAR(session_list, &list);
		ui_error(ui, &e);
		return;
	}
	for (size_t i = 0; i < list.n_rows && n < SESSIONS_MAX; i++) {
		const struct session *s = &list.rows[i];

		if (s->here)
			continue;	/* q ends that */
		time_both(when, s->since, clock_now());
		snprintf(words[n], sizeof words[n], "%lld",
		    (long long)s->number);
		snprintf(texts[n], sizeof texts[n], "from %s since %s",
		    s->source, when);
		choices[n] = (struct choice){ words[n], texts[n] };
		n++;
	}
	NOUN_CLEAR(session_list, &list);
	if (n == 0) {
		ui_say(ui, LOOK_PLAIN,
		    "No other session is open; q ends this one.");
		return;
	}
	d = ui_dialog(ui, "End a session?", "End it", "Cancel", end_done);
	pager_text(&d->text, LOOK_PLAIN,
	    "It ends at once. If it was not you: remove its key as well, with x.");
	form_choice(&d->form, "Session", choices, n, 0);
}

void
account_plain_turn(struct ui *ui)
{
	struct preference p = { .plain = !ui->me.plain };
	struct none none = { 0 };
	struct err e;

	if (ask_plain_set(ui->line, &p, &none, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, p.plain ?
	    "From the next login on by lines; prefer screens brings them back." :
	    "From the next login on as screens.");
}
