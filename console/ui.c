/* ui.c - the loop of the curses console, its keys, and the stack of views. */
#include "console/ui.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <termios.h>

#include "console/ui_walk.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define REFRESH_MS 150		/* between two looks at what was pushed */
#define REFRESH_MOST 800	/* the same, when the authority has much to do */
#define WARN_SECONDS 120	/* before an idle session ends */
#define REST_MS 1000		/* without a key: memory is given back */

/* ---- what is pushed ---- */

static void
change_seen(void *user, const struct change *c)
{
	struct ui *ui = user;
	struct heard *s = &ui->heard[ui->n_heard++ % UI_HEARD];

	s->at = clock_now();
	s->change = *c;
	ui->changed = true;
	if (c->text[0] != '\0')
		ui_say(ui, LOOK_STRONG, "%s", c->text);
}

/* Why the session was ended from outside; NULL nobody said so. */
static const char *
last_words(const struct ui *ui)
{
	for (size_t i = 0; i < UI_HEARD && i < ui->n_heard; i++) {
		const struct change *c = &ui->heard[i].change;

		if (c->number == ui->me.session && c->text[0] != '\0' &&
		    strcmp(c->noun, "session") == 0)
			return c->text;
	}
	return NULL;
}

/* Keys wait while we ask: the longer that takes, the rarer it is done, so that
 * many screens in a storm of changes leave room for those who type. */
static int64_t
refresh_next(int64_t began, int64_t ended)
{
	int64_t gap = (ended - began) * 8;

	return ended + (gap < REFRESH_MS ? REFRESH_MS :
	    gap > REFRESH_MOST ? REFRESH_MOST : gap);
}

int
ui_refresh(struct ui *ui, int64_t now_ms)
{
	struct whoami me = { 0 };
	struct none none = { 0 };
	struct slot *s;

	if (!ui->changed || ui->dialog != NULL)
		return -1;	/* what a box asks about stays as it was read */
	if (now_ms < ui->refresh_ms)
		return (int)(ui->refresh_ms - now_ms);
	ui->changed = false;
	if (ask_whoami(ui->line, &none, &me, NULL) == 0) {
		ui->me = me;
		ui->me.revoked_unseen += ui->told;
	}
	for (int i = 0; i < ui->depth; i++)
		ui->stack[i].stale = true;
	s = &ui->stack[ui->depth - 1];
	s->stale = false;
	if (s->view->changed != NULL)
		s->view->changed(ui, s->state);
	ui->dirty = true;
	ui->refresh_ms = refresh_next(now_ms, clock_mono_ms());
	return -1;
}

/* ---- one turn ---- */

void
ui_init(struct ui *ui, struct line *l, const struct whoami *me, int in,
    int idle_minutes)
{
	ui->line = l;
	ui->me = *me;
	ui->in = in;
	ui->idle_minutes = idle_minutes;
	ui->key_ms = clock_mono_ms();
	l->on_change = change_seen;
	l->user = ui;
	ui_tab_open(ui, 0);
}

void
ui_clear(struct ui *ui)
{
	ui_close_all(ui);
	prompt_clear(ui);
	ui_copy_start(ui);
	buf_clear(&ui->output.text);
	keys_clear(&ui->keys);
	ui->line->on_change = NULL;
}

void
ui_draw(struct ui *ui)
{
	bool all = ui->dirty || (ui->dialog == NULL && !prompt_is_open(ui));

	ui->dirty = ui->box_dirty = false;
	if (ui->depth == 0)
		return;
	if (all)
		frame_draw(ui);
	else
		frame_draw_box(ui);
}

/* Act on what came; was there any key? */
static bool
keys_take(struct ui *ui, int *wait_ms)
{
	bool any = false;
	int key;

	for (;;) {
		struct slot *s = &ui->stack[ui->depth - 1];

		/* a dialog's line takes a paste too, but not a PEM block */
		ui->keys.want_block = s->view->paste != NULL &&
		    ui->dialog == NULL && !prompt_is_open(ui);
		key = keys_next(&ui->keys, clock_mono_ms(), wait_ms);
		if (key == K_NONE || ui->quit)
			return any;
		ui_key(ui, key);
		any = true;
		if (key == K_EOF || ui->quit || ui->depth == 0)
			return any;
	}
}

/* Milliseconds until something about idleness is to be said or done. */
static int
idle_check(struct ui *ui, int64_t now)
{
	int64_t limit = (int64_t)ui->idle_minutes * 60000, idle, warn;

	if (limit <= 0)
		return -1;
	idle = now - ui->key_ms;
	warn = limit - (limit > WARN_SECONDS * 2000 ? WARN_SECONDS * 1000 :
	    limit / 2);
	if (idle >= limit) {
		ui->quit = true;
		return 0;
	}
	if (idle >= warn) {
		if (!ui->warned)
			ui_say(ui, LOOK_WARN,
			    "Still there? This session ends in %d seconds; any key keeps it.",
			    (int)((limit - idle + 999) / 1000));
		ui->warned = true;
		return (int)(limit - idle);
	}
	return (int)(warn - idle);
}

static int
sooner(int a, int b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static volatile sig_atomic_t resized, ended;

static void
on_signal(int sig)
{
	if (sig == SIGWINCH)
		resized = 1;
	else
		ended = 1;
}

/* Wait with the signals open, so that none is missed in between. */
static int
wait_for(struct pollfd p[2], int ms)
{
	struct timespec t = { ms / 1000, (ms % 1000) * 1000000L };
	static sigset_t open;
	static bool known;

	if (!known) {
		sigprocmask(SIG_SETMASK, NULL, &open);
		sigdelset(&open, SIGWINCH);
		sigdelset(&open, SIGTERM);
		sigdelset(&open, SIGHUP);
		known = true;
	}
	return ppoll(p, 2, ms < 0 ? NULL : &t, &open);
}

/* Somebody who reads, or is away, keeps no memory that only drawing needed:
 * milliseconds until that is given back, once after the last key. */
static int
rest(struct ui *ui, int64_t now)
{
	int64_t due = ui->key_ms + REST_MS;

	if (ui->rested_ms == ui->key_ms)
		return -1;
	if (now < due)
		return (int)(due - now);
	ui->rested_ms = ui->key_ms;
	malloc_trim(0);
	return -1;
}

void
ui_turn(struct ui *ui, int wait_ms)
{
	struct pollfd p[2] = { { ui->in, POLLIN, 0 },
		{ ui->line->fd, POLLIN, 0 } };
	int key_wait = -1, ms;
	bool typed;
	int64_t now;

	typed = keys_take(ui, &key_wait);
	now = clock_mono_ms();
	if (typed && !ui->quit)
		drafts_typed(ui, now);
	ms = sooner(sooner(wait_ms, key_wait), ui->quit ? 0 :
	    sooner(ui_refresh(ui, now), idle_check(ui, now)));
	ms = sooner(ms, ui->quit ? 0 : drafts_due(ui, now));
	ms = sooner(ms, ui->quit ? 0 : ui_walk_turn(ui, now));
	if ((ui->dirty || ui->box_dirty) && !ui->quit)
		ui_draw(ui);
	if (ui->quit || ui->line->fd < 0)
		return;
	if (wait_for(p, sooner(ms, rest(ui, now))) < 0)
		return;
	if (p[1].revents != 0)
		line_poll(ui->line);
	if (p[0].revents != 0) {
		ui->key_ms = clock_mono_ms();
		ui->warned = false;
		keys_read(&ui->keys, ui->in, ui->key_ms);
	}
}

/* ---- outside the frame ---- */

void
ui_plain(struct ui *ui, const void *text, size_t size)
{
	int wait_ms;

	screen_plain(text, size);
	for (;;) {
		struct pollfd p[2] = { { ui->in, POLLIN, 0 },
			{ ui->line->fd, POLLIN, 0 } };
		int key = keys_next(&ui->keys, clock_mono_ms(), &wait_ms);

		if (key == K_EOF || key == K_ENTER || key == K_ESC ||
		    key == ' ' || key == 'q')
			break;
		if (key != K_NONE)
			continue;
		if (poll(p, 2, wait_ms < 0 ? 60000 : wait_ms) > 0) {
			if (p[1].revents != 0 && line_poll(ui->line) < 0)
				break;
			if (p[0].revents != 0)
				keys_read(&ui->keys, ui->in, clock_mono_ms());
		} else if (wait_ms < 0 && idle_check(ui, clock_mono_ms()) == 0)
			break;
	}
	ui->key_ms = clock_mono_ms();
	screen_back();
	ui->dirty = true;
}

/* ---- the terminal ---- */

static bool
locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < 3; i++) {
		const char *v = getenv(names[i]);

		if (v == NULL || v[0] == '\0')
			continue;
		return strcasestr(v, "utf-8") != NULL ||
		    strcasestr(v, "utf8") != NULL;
	}
	return false;
}

static void
size_now(int *rows, int *cols)
{
	struct winsize w = { 0 };

	*rows = *cols = 0;
	if (ioctl(1, TIOCGWINSZ, &w) == 0) {
		*rows = w.ws_row;
		*cols = w.ws_col;
	}
}

static void
signals_open(void)
{
	struct sigaction a = { .sa_handler = on_signal };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGWINCH, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
	a.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &a, NULL);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTSTP, &a, NULL);
}

static void
ui_loop(struct ui *ui)
{
	int rows, cols;

	while (!ui->quit && !ended && ui->line->fd >= 0) {
		if (resized) {
			resized = 0;
			size_now(&rows, &cols);
			screen_resize(rows, cols);
			ui->dirty = true;
		}
		ui_turn(ui, -1);
	}
}

int
ui_run(struct line *l, const struct whoami *me, int idle_minutes)
{
	const char *plain = getenv("NO_COLOR");
	struct screen_how how = { .out = 1, .term = getenv("TERM"),
		.utf8 = locale_is_utf8(),
		.colour = plain == NULL || plain[0] == '\0' };
	struct termios old, raw;
	static struct ui zeros;
	struct ui *ui = &zeros;
	char words[256] = "The authority went away for a moment. Nothing was lost; log in again.";
	bool gone, cooked, by_lines;

	signals_open();
	size_now(&how.rows, &how.cols);
	if (screen_open(&how) < 0)
		return -1;
	cooked = tcgetattr(0, &old) == 0;
	if (cooked) {
		raw = old;
		cfmakeraw(&raw);
		tcsetattr(0, TCSADRAIN, &raw);
	}
	ui_init(ui, l, me, 0, idle_minutes);
	ui_loop(ui);
	if (ui->draft_ms != 0)		/* the line dropped, or nobody was there */
		drafts_keep(ui);
	gone = l->fd < 0;
	by_lines = ui->by_lines && !gone;
	if (last_words(ui) != NULL)
		str_copy(words, sizeof words, last_words(ui));
	ui_clear(ui);
	screen_close();
	if (cooked)
		tcsetattr(0, TCSADRAIN, &old);
	if (gone)
		fprintf(stderr, "%s\r\n", words);
	return gone ? 5 : by_lines ? -1 : 0;
}
