/* screen.c - the terminal: frames drawn by ncurses, one write each. */
#define NCURSES_WIDECHAR 1
#include "console/screen.h"

#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

#include "console/screen_rows.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define SCROLL_ROWS 4		/* fewer that changed are no scrolling */

/* ncurses writes each line by itself; so it writes to a file in memory, and
 * the frame goes from there to the terminal at once. */
static struct {
	SCREEN *screen;
	FILE *paper, *nothing;
	int paper_fd, out;
	bool utf8, colour, paste_on;
	bool tmux, gnu_screen;	/* by the terminal's name */
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
	s.tmux = strncmp(term, "tmux", 4) == 0;
	s.gnu_screen = strncmp(term, "screen", 6) == 0;
	typeahead(-1);
	nonl();
	noecho();
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
	rows_close();
	paper_close();
}

void
screen_resize(int rows, int cols)
{
	size_clamp(&rows, &cols);
	size_tell(rows, cols);	/* asked for again after screen_plain() */
	if (rows != LINES || cols != COLS)
		resizeterm(rows, cols);
	/* rows are drawn where ncurses would copy them to: a third picture
	 * of the terminal would only cost its memory, 54 KB at 80x24 */
	wresize(stdscr, 1, 1);
	werase(newscr);
	rows_open(rows);
}

struct area
screen_area(void)
{
	return (struct area){ 0, 0, LINES, COLS };
}

/* ---- frames ---- */

static void
run_draw(int y, const struct run *r, const char *text)
{
	wchar_t cells[512];
	size_t n = 0, k, step;
	int x = r->x, w;

	wattr_set(newscr, s.looks[r->look], s.pairs[r->look], NULL);
	if (r->n < 0)
		mvwhline(newscr, y, r->x, ' ', -r->n);
	else
		wmove(newscr, y, r->x);
	for (int at = 0; at < r->n; at += (int)step) {
		w = screen_character(text + at, (size_t)(r->n - at), &step,
		    cells + n, &k);
		/* terminals disagree about a mark at the very edge */
		if (w == 0 && x >= COLS)
			continue;
		x += w;
		n += k;
		if (n + CHARACTER_CELLS > sizeof cells / sizeof cells[0]) {
			waddnwstr(newscr, cells, (int)n);
			n = 0;
		}
	}
	if (n > 0)
		waddnwstr(newscr, cells, (int)n);
	wattr_set(newscr, A_NORMAL, 0, NULL);
}

static void
row_erase(int y)
{
	wmove(newscr, y, 0);
	wclrtoeol(newscr);
}

void
screen_erase(void)
{
	rows_start();
	s.cursor_y = -1;
}

void
screen_keep(void)
{
	rows_keep();
}

void
screen_again(void)
{
	rows_again();
	s.cursor_y = -1;
}

void
screen_show(void)
{
	/* a page that moved is scrolled by the terminal; looking for that is
	 * not worth its time when a field or the cursor's bar changed */
	idlok(newscr, rows_end(row_erase, run_draw) >= SCROLL_ROWS);
	if (s.cursor_y >= 0)
		wmove(newscr, s.cursor_y, s.cursor_x);
	else
		wmove(newscr, LINES - 1, 0);
	curs_set(s.cursor_y >= 0);
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

/* ---- clipboard ---- */

#define SCREEN_CHUNK 76		/* bytes that screen passes on in one string */

bool
screen_in_multiplexer(void)
{
	return s.tmux || s.gnu_screen;
}

/* GNU screen hands a string of ESC P ... ESC \ to its terminal as it is, a
 * short one; tmux under a name of screen drops it. */
static void
copy_wrapped(struct buf *to, const char *text)
{
	size_t size = strlen(text);

	buf_put(to, "\033P\033]52;c;", 9);
	for (size_t at = 0; at < size; at += SCREEN_CHUNK) {
		size_t n = size - at < SCREEN_CHUNK ? size - at :
		    SCREEN_CHUNK;

		if (at > 0)
			buf_put(to, "\033\\\033P", 4);
		buf_put(to, text + at, n);
	}
	buf_put(to, "\a\033\\", 3);
}

void
screen_copy(const void *data, size_t size)
{
	char *text = base64_encode(data, size);
	struct buf b = { 0 };

	buf_printf(&b, "\033]52;c;%s\a", text);
	if (s.gnu_screen)
		copy_wrapped(&b, text);
	/* between two frames: ncurses knows nothing of it */
	(void)!fd_write_all(s.out, b.data, b.size);
	buf_clear(&b);
	secret_free(text, strlen(text));
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
	doupdate();
	paper_send("");
}
