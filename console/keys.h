/*
 * keys.h - what the terminal sends, as keys and pastes.
 *
 * Bytes are taken as they come and told apart here, without terminfo: both
 * forms of the arrows, UTF-8, bracketed paste, and the plain paste of a PEM
 * block from terminals that have no brackets.  Nothing here touches a
 * terminal, so that all of it is tested (and fuzzed) with bytes alone.
 */
#ifndef CONSOLE_KEYS_H
#define CONSOLE_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"

#define PASTE_MAX (64u << 10)

enum key_code {
	K_NONE = -1,
	K_CTRL_A = 1, K_CTRL_C = 3, K_CTRL_D = 4, K_CTRL_E = 5,
	K_TAB = 9, K_CTRL_K = 11, K_CTRL_L = 12, K_ENTER = 13,
	K_CTRL_U = 21, K_CTRL_W = 23, K_ESC = 27,
	/* above Unicode: not characters */
	K_UP = 0x110000, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PGUP,
	K_PGDN, K_BACKTAB, K_BACKSPACE, K_DELETE, K_INSERT,
	K_F1, K_F2, K_F3, K_F4, K_F5, K_F6, K_F7, K_F8, K_F9, K_F10, K_F11,
	K_F12,
	K_PASTE,		/* keys.paste holds it, with LF line ends */
	K_UNKNOWN,		/* a sequence that means nothing here */
	K_EOF,			/* the terminal is gone */
};

struct keys {
	struct buf in;
	size_t at;		/* bytes of in already used */
	struct buf paste;
	bool bracketed;		/* inside ESC[200~ ... ESC[201~ */
	bool block;		/* inside -----BEGIN ... -----END */
	bool over;		/* the paste is longer than PASTE_MAX */
	bool torn;		/* its end did not come in time; it may still */
	bool after_cr;
	bool want_block;	/* a PEM block may come as plain keystrokes */
	bool ended;
	int64_t since;		/* ms: when the last bytes came */
};

void keys_clear(struct keys *k);
/* Take bytes in; keys_read() does one read(2): 0, or -1 at the end. */
void keys_feed(struct keys *k, const void *data, size_t size, int64_t now_ms);
int keys_read(struct keys *k, int fd, int64_t now_ms);

/*
 * The next key, or K_NONE: then *wait_ms is -1, or in how many milliseconds
 * to ask again although nothing came (a lone ESC, an unfinished paste).
 */
int keys_next(struct keys *k, int64_t now_ms, int *wait_ms);

/* A character that is typed, not a key that does something. */
static inline bool
key_is_text(int code)
{
	return code >= 0x20 && code < 0x110000 && code != 0x7f &&
	    !(code >= 0x80 && code < 0xa0);
}

#endif
