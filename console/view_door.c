/* view_door.c - the guests' door: what one may do here without an account. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"

struct state {
	struct pager intro;
	size_t at;
};

/* One line of the menu: the key that does the same, and where it leads. */
static const struct path {
	char key[2];
	const char *words, *meaning;
	const char *view, *ref;
} paths[] = {
	{ "r", "Become a member",
	    "your name, the agreement, a code by mail", "register", "" },
	{ "c", "Enter a code",
	    "of the letter that came after you registered", "register",
	    "code" },
	{ "l", "Lost your key?",
	    "open your account with the key that you came with", "recover",
	    "" },
	{ "v", "Revoke by key",
	    "a certificate whose private key you hold", "key_proof", "" },
	{ "m", "Member agreement",
	    "read it before you decide", "agreement", "" },
};
#define PATHS (sizeof paths / sizeof paths[0])

static int
door_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;
	struct pager *p = &st->intro;

	(void)ref, (void)e;
	p->label_cols = 10;
	pager_text(p, LOOK_STRONG, "Welcome to %s", ui->me.title[0] ?
	    ui->me.title : ui->me.service);
	pager_text(p, LOOK_PLAIN,
	    "Certificates for XMPP servers. You are a guest: nothing of anybody is shown here, and these things can be done.");
	pager_gap(p);
	pager_field(p, "your key", LOOK_PLAIN, "%s",
	    ui->me.key.fingerprint);
	pager_field(p, "member?", LOOK_PLAIN, "%s NAME@%s",
	    ui->me.ssh[0] ? ui->me.ssh : "ssh", ui->me.service[0] ?
	    ui->me.service : "HOST");
	return 0;
}

static void
enter(struct ui *ui, void *state)
{
	const struct path *p = &paths[((struct state *)state)->at];

	ui_open(ui, p->view, p->ref);
}

static void
path_go(struct ui *ui, void *state, size_t i)
{
	((struct state *)state)->at = i;
	enter(ui, state);
}

static void
join(struct ui *ui, void *state)
{
	path_go(ui, state, 0);
}

static void
code(struct ui *ui, void *state)
{
	path_go(ui, state, 1);
}

static void
lost(struct ui *ui, void *state)
{
	path_go(ui, state, 2);
}

static void
by_key(struct ui *ui, void *state)
{
	path_go(ui, state, 3);
}

static void
agreement(struct ui *ui, void *state)
{
	path_go(ui, state, 4);
}

static bool
door_key(struct ui *ui, void *state, int key)
{
	struct state *st = state;

	(void)ui;
	if ((key == K_DOWN || key == 'j') && st->at + 1 < PATHS)
		st->at++;
	else if ((key == K_UP || key == 'k') && st->at > 0)
		st->at--;
	else if (key == K_HOME || key == K_PGUP || key == 'g')
		st->at = 0;
	else if (key == K_END || key == K_PGDN || key == 'G')
		st->at = PATHS - 1;
	else
		return key == K_DOWN || key == K_UP;
	return true;
}

static void
door_draw(const struct ui *ui, const void *state, struct area a)
{
	const struct state *st = state;
	int above = pager_height(&st->intro, a.cols), y = 0, words = 18;
	size_t first = 0;

	(void)ui;
	if (above + 1 + (int)PATHS <= a.rows) {
		pager_draw(&st->intro, a);
		y = above + 1;
	}
	if ((int)st->at >= a.rows - y)
		first = st->at - (size_t)(a.rows - y) + 1;
	for (size_t i = first; i < PATHS && y < a.rows; i++, y++) {
		bool on = i == st->at;

		if (on)
			screen_fill(&a, y, 0, a.cols, LOOK_SELECTED);
		screen_put(&a, y, 1, 2, on ? LOOK_SELECTED : LOOK_KEY,
		    paths[i].key);
		screen_put(&a, y, 4, words, on ? LOOK_SELECTED : LOOK_STRONG,
		    paths[i].words);
		screen_put(&a, y, 5 + words, a.cols, on ? LOOK_SELECTED :
		    LOOK_DIM, paths[i].meaning);
	}
}

static void
door_close(void *state)
{
	pager_clear(&((struct state *)state)->intro);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "go on", "Do what stands under the cursor", enter,
	    NULL, ">register, >recover, >key_proof, >agreement" },
	{ 'r', "r", "register", "Become a member", join, NULL, ">register" },
	{ 'c', "c", "code", "Enter the code of an earlier registration", code,
	    NULL, ">register" },
	{ 'l', "l", "lost key", "Recover an account whose key is lost", lost,
	    NULL, ">recover" },
	{ 'v', "v", "revoke by key", "Revoke a certificate whose private key you hold",
	    by_key, NULL, ">key_proof" },
	{ 'm', "m", "agreement", "Read the member agreement", agreement,
	    NULL, ">agreement" },
	{ 0 },
};

const struct view view_door = {
	.name = "door", .title = "Welcome", .brief = "Welcome",
	.shows = "whoami",
	.help = "The guests' door. Any SSH key may enter and sees nobody's data. Here one becomes a member, gets an account back, or revokes a certificate by its key.",
	.size = sizeof(struct state), .keys = keys,
	.open = door_open, .draw = door_draw, .key = door_key,
	.close = door_close,
};
