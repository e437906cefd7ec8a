/* view_certificates.c - certificates, and how long they last. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "console/view_renew.h"
#include "console/view_rows.h"
#include "core/base/clock.h"

struct state {
	struct list list;		/* must stand first */
};

static const struct column own[] = {
	{ "Nr", 6, 0, true, cell_row_number },
	{ "Domain", 0, 0, false, cell_row_domains },
	{ "State", 8, 0, false, cell_row_state },
	{ "Until", 10, 1, false, cell_row_until },
	{ "Days", 5, 0, true, cell_row_days },
	{ "Serial", 34, 4, false, cell_row_serial },
};

static const struct column all[] = {
	{ "Nr", 6, 0, true, cell_row_number },
	{ "Domain", 0, 0, false, cell_row_domains },
	{ "State", 8, 0, false, cell_row_state },
	{ "Member", 14, 2, false, cell_row_account },
	{ "Until", 10, 1, false, cell_row_until },
	{ "Days", 5, 0, true, cell_row_days },
	{ "Serial", 34, 4, false, cell_row_serial },
};

static void
expiring(struct ui *ui, void *state)
{
	struct list *l = state;
	int64_t now = clock_now();

	if (l->until != 0) {
		l->since = l->until = 0;
	} else {
		l->since = now;
		l->until = now + 30 * 86400;
		ui_say(ui, LOOK_PLAIN,
		    "Only those that end within 30 days; e shows all again.");
	}
	list_state_set(ui, l, l->until ? "good" : "");
}

static int
certificates_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;
	bool reader = (READERS & ROLE_BIT(ui_role(ui))) != 0;

	list_init(&st->list, OP_certificate_list, reader ? all : own, reader ?
	    sizeof all / sizeof all[0] : sizeof own / sizeof own[0],
	    reader || (OWNERS & ROLE_BIT(ui_role(ui))) != 0 ?
	    "No certificate yet. They stand here as soon as they are issued." :
	    "You have none: certificates are for members, staff and the director.");
	if (strcmp(ref, "expiring") == 0) {
		expiring(ui, state);
		return 0;
	}
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	list_view_open(ui, state, "certificate");
}

static void
renew(struct ui *ui, void *state)
{
	const struct request_row *r = list_row(state);

	renew_ask(ui, r->number, r->first);
}

static bool
may_renew(const struct ui *ui, const void *state)
{
	const struct request_row *r = list_row(state);

	return list_view_any(ui, state) &&
	    (OWNERS & ROLE_BIT(ui_role(ui))) != 0 &&
	    strcmp(r->account, ui->me.account.name) == 0;
}

static void
cycle(struct ui *ui, void *state)
{
	static const char *const words[] = { "good", "expired", "revoked" };

	list_view_cycle(ui, state, words, 3);
}

static void
revocations(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "revocations", "");
}

static bool
reads_all(const struct ui *ui, const void *state)
{
	return (READERS & ROLE_BIT(ui_role(ui))) != 0 &&
	    !list_view_filtering(ui, state);
}

static void
search(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "search", "");
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", NULL, enter, list_view_any,
	    ">certificate" },
	{ 'r', "r", "renew", "Ask for the same again: with the same key, or a new CSR",
	    renew,
	    may_renew, "renew, >request_new" },
	{ 'f', "f", "by state", "Show one state only; again for the next",
	    cycle, NULL, KEY_MOVES },
	{ 'e', "e", "expiring", "Only those that end within 30 days",
	    expiring, NULL, KEY_MOVES },
	LIST_KEYS,
	{ 'v', "v", "revocations", "The revocations, and whether they are in force",
	    revocations, reads_all, ">revocations" },
	{ 's', "s", "search", "Look for a text in names, serials, accounts and domains",
	    search, reads_all, ">search" },
	{ 0 },
};

const struct view view_certificates = {
	.name = "certificates", .title = "Certificates", .brief = "Certs",
	.shows = "list",
	.help = "Certificates, the newest first. The number is the request's that each came from.",
	.size = sizeof(struct state), .keys = keys,
	.open = certificates_open, .draw = list_view_draw,
	.key = list_view_key, .changed = list_view_changed,
	.typing = list_view_typing, .where = list_view_where,
	.close = list_view_close,
};
