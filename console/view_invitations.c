/* view_invitations.c - codes by which the holder of a domain agrees to
 * personal certificates of its people. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct list list;		/* must stand first */
	char code[64];			/* given last, while this view is open */
	char dropping[1024];		/* whose code the box asks about */
};

#define CELL(name) \
static enum look \
cell_##name(const struct ui *ui, const void *data, char *dst, size_t size) \
{ \
	const struct invitation *row = data; \
	(void)ui;

CELL(jid)
	cell_text(dst, size, row->jid);
	return LOOK_PLAIN;
}

CELL(invitation_state)
	return cell_state(word_of(&invitation_state_words, row->state), dst,
	    size);
}

CELL(expires)
	char when[WHEN_SIZE];

	time_relative(when, row->expires, clock_now());
	cell_text(dst, size, row->state == INVITATION_OPEN ? when : "-");
	return LOOK_PLAIN;
}

CELL(request)
	if (row->request != 0)
		cell_number(dst, size, row->request);
	else
		cell_text(dst, size, "-");
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "Address", 0, 0, false, cell_jid },
	{ "State", 8, 0, false, cell_invitation_state },
	{ "Counts until", 14, 1, false, cell_expires },
	{ "Request", 8, 2, true, cell_request },
};

static int
invitations_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_person_list, columns,
	    sizeof columns / sizeof columns[0],
	    "No code was given yet. Press a to agree to a personal certificate for an address of a domain of yours.");
	return list_load(ui, &st->list, e);
}

/* ---- giving one ---- */

static void
code_show(struct ui *ui, const struct invitation *i)
{
	struct dialog *d = ui_dialog(ui, "A code, shown once", NULL, "OK",
	    NULL);
	char when[WHEN_SIZE], line[1400];

	time_both(when, i->expires, clock_now());
	exec_line(line, sizeof line, &ui->me, "request", "--profile",
	    "xmpp-person", "--jid", i->jid, "--code", "CODE", NULL);
	pager_text(&d->text, LOOK_STRONG, "%s", i->code);
	pager_text(&d->text, LOOK_PLAIN,
	    "Hand it over to %s, and to nobody else. It counts once, until %s; y in the list copies it. It goes with:",
	    i->jid, when);
	pager_text(&d->text, LOOK_KEY, "%s < csr.pem", line);
}

static int
invite_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = state;
	struct invitation_new n = { .mail = f->inputs[1].ticked };
	struct invitation i = { 0 };

	if (form_text(f, 0)[0] == '\0')
		return err_set(e, ERR_BAD_INPUT, "",
		    "Type the address first: romeo@example.org.");
	str_copy(n.jid, sizeof n.jid, form_text(f, 0));
	if (ask_person_invite(ui->line, &n, &i, e) < 0)
		return -1;
	ui->changed = true;
	secret_wipe(st->code, sizeof st->code);
	if (i.code[0] != '\0') {
		memcpy(st->code, i.code, sizeof st->code);
		code_show(ui, &i);
	} else {
		ui_say(ui, LOOK_GOOD, "A letter with a code goes to %s.",
		    i.jid);
	}
	secret_wipe(i.code, sizeof i.code);
	NOUN_CLEAR(invitation, &i);
	return 0;
}

static void
invite(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Agree to a personal certificate",
	    "Make a code", "Cancel", invite_done);

	(void)state;
	pager_text(&d->text, LOOK_PLAIN,
	    "For one address of a domain that you have proven. Whoever has the code may ask for a certificate that says: this is that address.");
	form_line(&d->form, "Address", "romeo@example.org", 1023);
	form_tick(&d->form, "Mail it",
	    "to that address as a mail address, instead of showing it", false);
	ui_dialog_draft(ui, d, "invite");
}

/* ---- taking one back ---- */

static int
drop_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref r = { 0 };
	struct none none = { 0 };

	(void)f;
	if (!str_copy(r.ref, sizeof r.ref,
	    ((struct state *)state)->dropping))
		return err_set(e, ERR_BAD_INPUT, "usage",
		    "An address of more than 255 bytes is not taken back here; its code ends by itself.");
	if (ask_person_drop(ui->line, &r, &none, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_PLAIN, "The code for %s counts no more.", r.ref);
	return 0;
}

static void
drop(struct ui *ui, void *state)
{
	const struct invitation *i = list_row(state);
	struct dialog *d = ui_dialog(ui, "Take a code back?", "Take it back",
	    "Cancel", drop_done);

	memcpy(((struct state *)state)->dropping, i->jid, sizeof i->jid);
	pager_text(&d->text, LOOK_PLAIN,
	    "The code for %s will count no more. A certificate that was issued with it stays.",
	    i->jid);
	d->form.at = 1;
}

static void
copy(struct ui *ui, void *state)
{
	const struct state *st = state;

	ui_copy(ui, "the code", st->code, strlen(st->code));
}

static bool
has_code(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->code[0] != '\0';
}

static bool
is_open(const struct ui *ui, const void *state)
{
	return list_view_any(ui, state) &&
	    ((const struct invitation *)list_row(state))->state ==
	    INVITATION_OPEN;
}

static const struct key_row keys[] = {
	{ 'a', "a", "agree", "Agree to a personal certificate: gives a code",
	    invite, NULL, "person invite" },
	{ 'x', "x", "take back", "Take a code back that was not used", drop,
	    is_open, "person drop" },
	{ 'y', "y", "copy code", "Copy the code that was made last", copy,
	    has_code, KEY_MOVES },
	LIST_KEYS,
	{ 0 },
};

const struct view view_invitations = {
	.name = "invitations", .title = "Persons", .brief = "Persons",
	.shows = "person list",
	.help = "Personal certificates: by a code you agree that somebody gets one for an address of your domain. A code counts once, and for some days.",
	.size = sizeof(struct state), .keys = keys,
	.open = invitations_open, .draw = list_view_draw,
	.key = list_view_key, .changed = list_view_changed,
	.typing = list_view_typing, .where = list_view_where,
	.close = list_view_close,
};
