/* view_live.c - what the XMPP servers of a domain show now. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct pager page;		/* must stand first */
	struct live live;
};

static void
end_add(struct pager *p, const struct live_end *end, int64_t now)
{
	char text[2400], when[WHEN_SIZE];
	bool over = end->reached && end->not_after <= now;

	pager_item(p, end->reached && !over ? sign(SIGN_DONE) : "!",
	    over ? LOOK_BAD : end->reached ? LOOK_GOOD : LOOK_WARN,
	    "%s: %s port %lld%s%s", end->service, end->host,
	    (long long)end->port, end->address[0] ? ", " : "", end->address);
	if (!end->reached) {
		live_sentence(text, sizeof text, end, now);
		pager_field(p, "", LOOK_PLAIN, "%s", text);
		return;
	}
	pager_field(p, "subject", LOOK_PLAIN, "%s", end->subject[0] ?
	    end->subject : "-");
	pager_field(p, "names", LOOK_PLAIN, "%s%s", end->names[0] ?
	    end->names : "-", end->more_names > 0 ? " and more" : "");
	pager_field(p, "issuer", LOOK_PLAIN, "%s", end->issuer);
	time_both(when, end->not_after, now);
	pager_field(p, "until", over ? LOOK_BAD : LOOK_PLAIN, "%s%s", when,
	    over ? " - expired" : "");
}

static void
live_fill(struct ui *ui, struct state *st)
{
	const struct live *l = &st->live;
	struct pager *p = &st->page;
	char when[WHEN_SIZE], line[400];
	int64_t now = clock_now();

	pager_again(p);
	p->label_cols = 10;
	pager_text(p, LOOK_STRONG, "%s now", l->domain);
	if (l->looking) {
		pager_text(p, LOOK_PLAIN,
		    "The servers are being looked at; what they show comes here by itself.");
		return;
	}
	time_both(when, l->at, now);
	pager_text(p, LOOK_DIM,
	    "Looked at %s. This decides nothing: it shows what anybody can see.",
	    when);
	pager_gap(p);
	for (size_t i = 0; i < l->n_ends; i++)
		end_add(p, &l->ends[i], now);
	if (l->n_ends == 0)
		pager_text(p, LOOK_WARN, "Nothing was found%s%s.",
		    l->text[0] ? ": " : "", l->text);
	pager_gap(p);
	exec_line(line, sizeof line, &ui->me, "live", l->domain, NULL);
	part_command(p, "The same by command:", line);
}

static int
live_ask(struct ui *ui, struct state *st, const char *name, struct err *e)
{
	struct live new = { 0 };
	struct ref ref = { 0 };

	str_copy(ref.ref, sizeof ref.ref, name);
	if (ask_live_check(ui->line, &ref, &new, e) < 0)
		return -1;
	NOUN_CLEAR(live, &st->live);
	st->live = new;
	live_fill(ui, st);
	return 0;
}

static int
live_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	return live_ask(ui, state, ref, e);
}

/* An answer stays as it is: only what is awaited is asked for. */
static void
live_changed(struct ui *ui, void *state)
{
	struct state *st = state;
	char name[254];

	if (!st->live.looking)
		return;
	memcpy(name, st->live.domain, sizeof name);
	live_ask(ui, st, name, NULL);
}

static void
live_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	NOUN_CLEAR(live, &st->live);
}

static void
again(struct ui *ui, void *state)
{
	struct state *st = state;
	struct err e = { 0 };
	char name[254];

	memcpy(name, st->live.domain, sizeof name);
	if (live_ask(ui, st, name, &e) < 0)
		ui_error(ui, &e);
}

static const struct key_row keys[] = {
	{ 'r', "r", "look again", "Look again; within a minute it is the same answer",
	    again, NULL, "live" },
	{ 0 },
};

const struct view view_live = {
	.name = "live", .title = "Live", .brief = "Live",
	.shows = "live",
	.help = "SRV records, STARTTLS and the certificate that each server of the domain shows now. It is fetched only when you ask, and decides nothing.",
	.size = sizeof(struct state), .keys = keys,
	.open = live_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = live_changed, .where = pager_view_where,
	.close = live_close,
};
