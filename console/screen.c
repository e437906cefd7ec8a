/* screen.c - drawing by ncurses, one write a frame, nothing but rendered text. */
#define NCURSES_WIDECHAR 1
#include "console/screen.h"

#include <curses.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define TEXT_MAX 4096		/* bytes of one text, rendered */

/* ncurses writes each line by itself; so it writes to a file in memory, and
 * the frame goes from there to the terminal at once. */
static struct {
	SCREEN *screen;
	FILE *paper, *nothing;
	int paper_fd, out;
	bool utf8, colour, paste_on;
	int cursor_y, cursor_x;
	attr_t looks[LOOK_COUNT];
	short pairs[LOOK_COUNT];
} s = { .paper_fd = -1, .out = -1 };

static const struct {
	const char *utf8, *ascii;
} signs[SIGN_COUNT] = {
	[SIGN_DONE] = { "\u2713", "*" },
	[SIGN_NOW] = { "\u25b8", ">" },
	[SIGN_LATER] = { "\u00b7", "." },
	[SIGN_BULLET] = { "\u2022", "*" },
	[SIGN_CUT] = { "\u2026", "~" },
	[SIGN_HERE] = { "\u25b8", ">" },
	[SIGN_RULE] = { "\u2500", "-" },
	[SIGN_DOT] = { "\u00b7", "-" },
	[SIGN_FULL] = { "\u2588", "#" },
	[SIGN_EMPTY] = { "\u2591", "." },
	[SIGN_UP] = { "\u2191", "^" },
	[SIGN_DOWN] = { "\u2193", "v" },
	[SIGN_SIDE] = { "\u2502", "|" },
	[SIGN_LEFT] = { "\u25c2", "<" },
	[SIGN_RIGHT] = { "\u25b8", ">" },
	[SIGN_TOP_LEFT] = { "\u256d", "+" },
	[SIGN_TOP_RIGHT] = { "\u256e", "+" },
	[SIGN_LOW_LEFT] = { "\u2570", "+" },
	[SIGN_LOW_RIGHT] = { "\u256f", "+" },
};

const char *
sign(enum sign which)
{
	return s.utf8 ? signs[which].utf8 : signs[which].ascii;
}

bool
screen_utf8(void)
{
	return s.utf8;
}

/* ---- opening and closing ---- */

static bool
term_is_plain(const char *t)
{
	static const char *const plain[] = { "", "dumb", "none", "unknown",
		"emacs", "network" };

	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (strcmp(t, plain[i]) == 0)
			return true;
	for (const char *p = t; *p != '\0'; p++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		    "0123456789-._+", *p) == NULL)
			return true;
	return strlen(t) > 64;
}

/* Names that terminfo may not have, and what understands them. */
static const char *
term_stand_in(const char *t)
{
	if (strncmp(t, "screen", 6) == 0 || strncmp(t, "tmux", 4) == 0)
		return "screen-256color";
	if (strncmp(t, "rxvt", 4) == 0)
		return "rxvt-unicode-256color";
	return "xterm-256color";
}

static SCREEN *
screen_new(const char *term)
{
	SCREEN *new;

	if ((new = newterm(term, s.paper, s.nothing)) == NULL &&
	    (new = newterm(term_stand_in(term), s.paper, s.nothing)) == NULL)
		new = newterm("vt100", s.paper, s.nothing);
	return new;
}

static void
look_set(enum look look, attr_t attr, short pair, short fg, short bg)
{
	s.looks[look] = attr;
	s.pairs[look] = 0;
	if (s.colour && pair != 0) {
		init_pair(pair, fg, bg);
		s.pairs[look] = pair;
	}
}

static void
looks_open(bool colour)
{
	bool many;		/* colours that no theme changes */

	s.colour = colour && has_colors() && start_color() == OK;
	if (s.colour)
		use_default_colors();
	many = s.colour && COLORS >= 256;
	look_set(LOOK_PLAIN, A_NORMAL, 0, 0, 0);
	look_set(LOOK_DIM, many ? A_NORMAL : A_DIM, many ? 1 : 0, 245, -1);
	look_set(LOOK_STRONG, A_BOLD, 0, 0, 0);
	look_set(LOOK_HEAD, s.colour ? A_BOLD : A_UNDERLINE, 2, COLOR_BLUE, -1);
	look_set(LOOK_TITLE, s.colour ? A_BOLD : A_REVERSE, 3,
	    many ? 255 : COLOR_WHITE, many ? 24 : COLOR_BLUE);
	look_set(LOOK_TAB_ON, A_REVERSE | A_BOLD, 0, 0, 0);
	look_set(LOOK_KEY, A_BOLD, 4, COLOR_CYAN, -1);
	look_set(LOOK_SELECTED, A_REVERSE, 0, 0, 0);
	look_set(LOOK_FIELD, A_UNDERLINE, 0, 0, 0);
	look_set(LOOK_FIELD_ON, A_UNDERLINE | A_BOLD, 4, COLOR_CYAN, -1);
	look_set(LOOK_GOOD, A_NORMAL, 5, COLOR_GREEN, -1);
	look_set(LOOK_WARN, A_BOLD, 6, COLOR_YELLOW, -1);
	look_set(LOOK_BAD, A_BOLD, 7, COLOR_RED, -1);
}

static int
paper_open(void)
{
	int fd = memfd_create("frame", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	s.paper_fd = fd;
	s.paper = fdopen(dup(fd), "w");
	s.nothing = fopen("/dev/null", "r");
	if (s.nothing == NULL)
		s.nothing = fdopen(dup(fd), "r");
	return s.paper != NULL && s.nothing != NULL ? 0 : -1;
}

static void
paper_close(void)
{
	if (s.paper != NULL)
		fclose(s.paper);
	if (s.nothing != NULL)
		fclose(s.nothing);
	if (s.paper_fd >= 0)
		close(s.paper_fd);
	s.paper = s.nothing = NULL;
	s.paper_fd = -1;
}

/* What ncurses has written so far, and `more`, to the terminal. */
static void
paper_send(const char *more)
{
	off_t size = lseek(s.paper_fd, 0, SEEK_CUR);
	size_t extra = strlen(more);
	char *frame;

	if (size < 0 || size > (16 << 20))
		size = 0;
	if (size == 0 && extra == 0)
		return;
	frame = xmalloc((size_t)size + extra);
	if (pread(s.paper_fd, frame, (size_t)size, 0) == size) {
		memcpy(frame + size, more, extra);
		/* a terminal that is gone shows at the next read */
		(void)!fd_write_all(s.out, frame, (size_t)size + extra);
	}
	free(frame);
	lseek(s.paper_fd, 0, SEEK_SET);
}

static void
size_clamp(int *rows, int *cols)
{
	if (*rows < 1 || *cols < 1) {
		*rows = 24;
		*cols = 80;
	}
	if (*rows > 300)
		*rows = 300;
	if (*cols > 500)
		*cols = 500;
}

/* curses writes to no terminal, so it cannot ask for the size: it would set
 * the terminal's scrolling region to the 24 lines of terminfo.  These two
 * variables are how it is told (curs_util(3X), use_env). */
static void
size_tell(int rows, int cols)
{
	char number[16];

	size_clamp(&rows, &cols);
	snprintf(number, sizeof number, "%d", rows);
	setenv("LINES", number, 1);
	snprintf(number, sizeof number, "%d", cols);
	setenv("COLUMNS", number, 1);
}

int
screen_open(const struct screen_how *how)
{
	const char *term = how->term != NULL ? how->term : "";

	if (term_is_plain(term))
		return -1;
	s.utf8 = how->utf8 && setlocale(LC_CTYPE, "C.UTF-8") != NULL;
	if (!s.utf8)
		setlocale(LC_CTYPE, "C");
	s.out = how->out;
	setenv("NCURSES_NO_PADDING", "1", 1);
	size_tell(how->rows, how->cols);
	if (paper_open() < 0 || (s.screen = screen_new(term)) == NULL) {
		paper_close();
		return -1;
	}
	if (tigetstr("cup") == NULL || tigetstr("cup") == (char *)-1) {
		endwin();
		delscreen(s.screen);
		s.screen = NULL;
		paper_close();
		return -1;
	}
	typeahead(-1);
	nonl();
	noecho();
	leaveok(stdscr, FALSE);
	scrollok(stdscr, FALSE);
	looks_open(how->colour);
	screen_resize(how->rows, how->cols);
	curs_set(0);
	s.cursor_y = -1;
	return 0;
}

void
screen_close(void)
{
	if (s.screen == NULL)
		return;
	curs_set(1);
	endwin();
	paper_send(s.paste_on ? "\033[?2004l" : "");
	s.paste_on = false;
	delscreen(s.screen);
	s.screen = NULL;
	paper_close();
}

void
screen_resize(int rows, int cols)
{
	size_clamp(&rows, &cols);
	if (rows != LINES || cols != COLS)
		resizeterm(rows, cols);
}

struct area
screen_area(void)
{
	return (struct area){ 0, 0, LINES, COLS };
}

/* ---- frames ---- */

void
screen_erase(void)
{
	erase();
	s.cursor_y = -1;
}

void
screen_show(void)
{
	if (s.cursor_y >= 0)
		move(s.cursor_y, s.cursor_x);
	else
		move(LINES - 1, 0);
	curs_set(s.cursor_y >= 0);
	wnoutrefresh(stdscr);
	doupdate();
	paper_send(s.paste_on ? "" : "\033[?2004h");
	s.paste_on = true;
}

void
screen_redraw(void)
{
	clearok(curscr, TRUE);
}

void
screen_cursor(const struct area *a, int y, int x)
{
	if (y < 0 || y >= a->rows || x < 0 || x > a->cols)
		return;
	s.cursor_y = a->y + y;
	s.cursor_x = a->x + (x < a->cols ? x : a->cols - 1);
}

/* ---- text ---- */

/* Columns of one character; -1: it must be escaped here. */
static int
columns_of(uint32_t c)
{
	if (c < 0x80)
		return 1;
	return s.utf8 ? wcwidth((wchar_t)c) : -1;
}

/* One character of rendered text as cells; its columns.  What the terminal
 * cannot show is escaped as render_untrusted() does. */
static int
one_character(const char *p, size_t len, size_t *used, wchar_t out[16],
    size_t *n)
{
	char escape[16];
	uint32_t c = 0;
	int w;

	*used = utf8_decode((const uint8_t *)p, len, &c);
	if (*used == 0) {
		*used = 1;
		c = '?';
	}
	w = columns_of(c);
	*n = 1;
	out[0] = (wchar_t)c;
	if (w >= 0)
		return w;
	*n = (size_t)snprintf(escape, sizeof escape, "\\u{%x}", (unsigned)c);
	for (size_t i = 0; i < *n; i++)
		out[i] = (wchar_t)escape[i];
	return (int)*n;
}

size_t
screen_fit(const char *text, size_t len, int cols, int *used)
{
	size_t done = 0, step, n;
	wchar_t cells[16];
	int at = 0, w;

	while (done < len) {
		w = one_character(text + done, len - done, &step, cells, &n);
		if (at + w > cols)
			break;
		at += w;
		done += step;
	}
	if (used != NULL)
		*used = at;
	return done;
}

int
screen_width(const char *text)
{
	char safe[TEXT_MAX];
	int used;
	size_t len = render_untrusted(safe, sizeof safe, text, strlen(text));

	screen_fit(safe, len, 1 << 20, &used);
	return used;
}

static void
cells_put(int y, int x, enum look look, const wchar_t *cells, size_t n)
{
	attr_set(s.looks[look], s.pairs[look], NULL);
	mvaddnwstr(y, x, cells, (int)n);
	attr_set(A_NORMAL, 0, NULL);
}

int
screen_put_n(const struct area *a, int y, int x, int cols, enum look look,
    const char *text, size_t len)
{
	char safe[TEXT_MAX];
	wchar_t cells[TEXT_MAX];
	size_t fit, done = 0, step, k, n = 0;
	int used, all, room = a->cols - x;
	bool cut;

	if (y < 0 || y >= a->rows || x < 0 || room <= 0)
		return 0;
	if (cols > room)
		cols = room;
	len = render_untrusted(safe, sizeof safe, text, len);
	fit = screen_fit(safe, len, cols, &all);
	cut = fit < len && cols > 0;
	if (cut)
		fit = screen_fit(safe, len, cols - 1, &all);
	for (used = 0; done < fit && n + 16 < TEXT_MAX; done += step) {
		int w = one_character(safe + done, fit - done, &step,
		    cells + n, &k);

		/* terminals disagree about a mark at the very edge */
		if (w == 0 && a->x + x + used >= COLS)
			continue;
		used += w;
		n += k;
	}
	if (cut) {
		one_character(sign(SIGN_CUT), strlen(sign(SIGN_CUT)), &step,
		    cells + n, &k);
		n += k;
		used++;
	}
	cells_put(a->y + y, a->x + x, look, cells, n);
	return used;
}

int
screen_put(const struct area *a, int y, int x, int cols, enum look look,
    const char *text)
{
	return screen_put_n(a, y, x, cols, look, text, strlen(text));
}

int
screen_printf(const struct area *a, int y, int x, enum look look,
    const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return screen_put(a, y, x, a->cols, look, text);
}

void
screen_fill(const struct area *a, int y, int x, int cols, enum look look)
{
	if (y < 0 || y >= a->rows || x < 0)
		return;
	if (cols > a->cols - x)
		cols = a->cols - x;
	attr_set(s.looks[look], s.pairs[look], NULL);
	for (int i = 0; i < cols; i++)
		mvaddch(a->y + y, a->x + x + i, ' ');
	attr_set(A_NORMAL, 0, NULL);
}

void
screen_rule(const struct area *a, int y)
{
	for (int x = 0; x < a->cols; x++)
		screen_put(a, y, x, 1, LOOK_DIM, sign(SIGN_RULE));
}

void
screen_box(const struct area *a)
{
	int low = a->rows - 1, right = a->cols - 1;

	for (int y = 0; y < a->rows; y++) {
		screen_fill(a, y, 0, a->cols, LOOK_PLAIN);
		screen_put(a, y, 0, 1, LOOK_DIM, sign(SIGN_SIDE));
		screen_put(a, y, right, 1, LOOK_DIM, sign(SIGN_SIDE));
	}
	screen_rule(a, 0);
	screen_rule(a, low);
	screen_put(a, 0, 0, 1, LOOK_DIM, sign(SIGN_TOP_LEFT));
	screen_put(a, 0, right, 1, LOOK_DIM, sign(SIGN_TOP_RIGHT));
	screen_put(a, low, 0, 1, LOOK_DIM, sign(SIGN_LOW_LEFT));
	screen_put(a, low, right, 1, LOOK_DIM, sign(SIGN_LOW_RIGHT));
}

/* ---- out of the grid ---- */

void
screen_plain(const void *text, size_t size)
{
	char *safe = xmalloc(size * 12 + 1);
	size_t len = render_untrusted_lines(safe, size * 12 + 1, text, size);

	endwin();
	paper_send("\r\n");
	for (size_t from = 0; from < len; ) {
		const char *lf = memchr(safe + from, '\n', len - from);
		size_t n = lf ? (size_t)(lf - (safe + from)) : len - from;

		(void)!fd_write_all(s.out, safe + from, n);
		(void)!fd_write_all(s.out, "\r\n", 2);
		from += n + 1;
	}
	free(safe);
}

void
screen_back(void)
{
	clearok(curscr, TRUE);
	refresh();
	paper_send("");
}
