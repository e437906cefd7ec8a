/* typing.c - taking lines and pasted blocks from a terminal or a pipe. */
#include "console/typing.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "console/client.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define KEY_CTRL_C 0x03
#define KEY_CTRL_D 0x04
#define KEY_CTRL_U 0x15
#define KEY_CTRL_W 0x17
#define KEY_ESC 0x1b
#define WARN_MS 120000	/* before an idle session ends */

static void
terminal_set(struct typing *in, bool dialogue)
{
	struct termios t;

	if (tcgetattr(in->fd, &t) < 0)
		return;
	in->before = t;
	in->restore = true;
	t.c_iflag |= ICRNL;
	t.c_iflag &= ~(tcflag_t)(IXON | INLCR | IGNCR);
	t.c_oflag |= OPOST | ONLCR;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHONL | IEXTEN);
	if (dialogue) {
		t.c_iflag &= ~(tcflag_t)ICRNL;
		t.c_lflag &= ~(tcflag_t)(ISIG | ECHO);
	} else {
		t.c_lflag |= ISIG | ECHO | ECHOCTL;
	}
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	tcsetattr(in->fd, TCSANOW, &t);
}

void
typing_open(struct typing *in, int fd, struct output *out, struct line *line,
    bool dialogue)
{
	memset(in, 0, sizeof *in);
	in->fd = fd;
	in->out = out;
	in->line = line;
	in->idle_ms = -1;
	in->terminal = isatty(fd);
	if (in->terminal)
		terminal_set(in, dialogue);
}

void
typing_close(struct typing *in)
{
	if (in->restore)
		tcsetattr(in->fd, TCSADRAIN, &in->before);
	in->restore = false;
	secret_wipe(in->held, sizeof in->held);
}

/* Wait for bytes, taking in what the authority pushes meanwhile.  1 bytes
 * are there, 0 only a note came, or the time is over (*late); -1 the end. */
static int
bytes_wait(struct typing *in, int ms, bool *late)
{
	struct pollfd p[2] = {
		{ .fd = in->fd, .events = POLLIN },
		{ .fd = in->line ? in->line->fd : -1, .events = POLLIN },
	};
	int n = poll(p, 2, ms);

	*late = n == 0;
	if (n <= 0)
		return n == 0 || errno == EINTR ? 0 : -1;
	if (p[1].revents != 0 && line_poll(in->line) < 0) {
		in->end = TYPING_GONE;
		return -1;
	}
	return p[0].revents != 0;
}

int
typing_byte(struct typing *in, int ms)
{
	ssize_t n;
	bool late;
	int r;

	if (in->at < in->have)
		return in->held[in->at++];
	if (in->end != TYPING_OPEN)
		return -1;
	r = bytes_wait(in, ms, &late);
	if (r == 0)
		return late ? -3 : -2;
	if (r > 0) {
		do
			n = read(in->fd, in->held, sizeof in->held);
		while (n < 0 && errno == EINTR);
		if (n > 0) {
			in->at = 1;
			in->have = (size_t)n;
			return in->held[0];
		}
	}
	if (in->end == TYPING_OPEN)
		in->end = TYPING_EOF;
	return -1;
}

/* Notes that come meanwhile are no sign of life; before the end there is a
 * warning, which is shown as a note. */
static int
byte_or_idle(struct typing *in)
{
	int64_t left, warn = in->idle_ms > WARN_MS * 2 ? WARN_MS :
	    in->idle_ms / 2;
	bool quiet = in->warned || !in->terminal;
	int c;

	if (in->idle_ms < 0)
		return typing_byte(in, -1);
	left = in->since + in->idle_ms - clock_mono_ms();
	if (left < 0)
		left = 0;
	if (left <= warn)
		quiet = true;
	c = typing_byte(in, (int)(quiet ? left : left - warn));
	if (c >= 0) {
		in->since = clock_mono_ms();
		in->warned = false;
	}
	if (c != -3)
		return c;
	if (quiet) {
		in->end = TYPING_IDLE;
		return c;
	}
	in->warned = true;
	snprintf(in->note, sizeof in->note,
	    "Still there? This session ends in %lld seconds; any key keeps it.",
	    (long long)((warn + 999) / 1000));
	return -2;
}

/* ---- a line ---- */

struct typed {
	char *s;
	size_t size, len;
	size_t echoed;		/* bytes of s that stand on the terminal */
};

static void
typed_echo(struct typing *in, struct typed *t)
{
	uint32_t c;
	size_t n;
	char one[8];

	while (in->terminal && t->echoed < t->len) {
		n = utf8_decode((uint8_t *)t->s + t->echoed,
		    t->len - t->echoed, &c);
		if (n == 0 && t->len - t->echoed < 4)
			return;		/* perhaps the rest is on its way */
		n = n ? n : 1;
		memcpy(one, t->s + t->echoed, n);
		one[n] = '\0';
		say_prompt(in->out, one);
		t->echoed += n;
	}
}

/* Drop the last character, from the terminal too. */
static void
typed_erase(struct typing *in, struct typed *t)
{
	size_t at = t->len;
	char gone[8], shown[64];

	if (at == 0)
		return;
	do
		at--;
	while (at > 0 && t->len - at < 4 &&
	    ((uint8_t)t->s[at] & 0xc0) == 0x80);
	memcpy(gone, t->s + at, t->len - at);
	gone[t->len - at] = '\0';
	if (in->terminal && t->echoed > at) {
		output_text(in->out, shown, sizeof shown, gone);
		for (size_t w = text_width(shown); w > 0; w--)
			fputs("\b \b", in->out->err);
		fflush(in->out->err);
		t->echoed = at;
	}
	t->len = at;
}

static void
typed_erase_word(struct typing *in, struct typed *t)
{
	while (t->len > 0 && t->s[t->len - 1] == ' ')
		typed_erase(in, t);
	while (t->len > 0 && t->s[t->len - 1] != ' ')
		typed_erase(in, t);
}

void
typing_escape(struct typing *in)
{
	int c = typing_byte(in, 50);

	if (c == 'O') {
		typing_byte(in, 50);
		return;
	}
	if (c != '[')
		return;
	do
		c = typing_byte(in, 50);
	while (c >= 0x20 && c < 0x40);
}

/* One byte from a terminal: 1 the line is done, 0 go on, -1 interrupted. */
static int
typed_key(struct typing *in, struct typed *t, int c)
{
	switch (c) {
	case '\r':
	case '\n':
		return 1;
	case KEY_CTRL_C:
		return -1;
	case KEY_CTRL_D:
		if (t->len == 0)
			in->end = TYPING_EOF;
		return 0;
	case KEY_CTRL_U:
		while (t->len > 0)
			typed_erase(in, t);
		return 0;
	case KEY_CTRL_W:
		typed_erase_word(in, t);
		return 0;
	case 0x08:
	case 0x7f:
		typed_erase(in, t);
		return 0;
	case KEY_ESC:
		typing_escape(in);
		return 0;
	default:
		if (c == '\t')
			c = ' ';
		if (c >= 0x20 && t->len + 1 < t->size)
			t->s[t->len++] = (char)c;
		typed_echo(in, t);
		return 0;
	}
}

/* The same from a pipe: no editing, no echo. */
static int
piped_byte(struct typed *t, int c)
{
	if (c == '\n')
		return 1;
	if (c == '\t')
		c = ' ';
	if (c >= 0x20 && c != 0x7f && t->len + 1 < t->size)
		t->s[t->len++] = (char)c;
	return 0;
}

static void
note_show(struct typing *in, const char *prompt, struct typed *t)
{
	if (in->note[0] == '\0')
		return;
	if (prompt != NULL)
		fputc('\n', in->out->err);
	say(in->out, "Note: %s", in->note);
	in->note[0] = '\0';
	if (prompt == NULL)
		return;
	say_prompt(in->out, prompt);
	t->echoed = 0;
	typed_echo(in, t);
}

bool
typing_second_half(struct typing *in, int c)
{
	bool half = in->after_cr && c == '\n';

	in->after_cr = c == '\r';
	return half;
}

int
typing_line(struct typing *in, const char *prompt, char *dst, size_t size)
{
	struct typed t = { .s = dst, .size = size };
	int c, done = 0;

	note_show(in, NULL, &t);
	say_prompt(in->out, prompt);
	in->since = clock_mono_ms();	/* a command may have taken long */
	in->warned = false;
	while (done == 0) {
		c = byte_or_idle(in);
		if (c == -2) {
			note_show(in, prompt, &t);
			continue;
		}
		if (c < 0)
			break;
		if (typing_second_half(in, c))
			continue;
		done = in->terminal ? typed_key(in, &t, c) :
		    piped_byte(&t, c);
		if (in->end != TYPING_OPEN && in->at >= in->have)
			break;
	}
	t.s[t.len] = '\0';
	if (in->terminal || done <= 0) {
		fputc('\n', in->out->err);
		fflush(in->out->err);
	}
	if (done == 0)
		return t.len > 0 && in->end == TYPING_EOF && !in->terminal;
	return done;
}
