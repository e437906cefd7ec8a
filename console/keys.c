/* keys.c - bytes of a terminal told apart into keys and pastes. */
#include "console/keys.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"

#define ESC_MS 50		/* an ESC alone for so long is the key Esc */
#define BLOCK_MS 60		/* dashes alone for so long are no PEM block */
#define PASTE_MS 3000		/* a paste without an end ends so */
#define TORN_MIN 24		/* as many bytes at once nobody types */
#define SEQUENCE_MAX 32

static const char paste_begin[] = "\033[200~", paste_end[] = "\033[201~";
static const char block_begin[] = "-----BEGIN ", block_end[] = "-----END ";

void
keys_clear(struct keys *k)
{
	buf_clear(&k->in);
	buf_clear(&k->paste);
	memset(k, 0, sizeof *k);
}

void
keys_feed(struct keys *k, const void *data, size_t size, int64_t now_ms)
{
	if (k->at > 0) {
		buf_consume(&k->in, k->at);
		k->at = 0;
	}
	buf_put(&k->in, data, size);
	k->since = now_ms;
}

int
keys_read(struct keys *k, int fd, int64_t now_ms)
{
	uint8_t bytes[16384];
	ssize_t n = read(fd, bytes, sizeof bytes);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0) {
		k->ended = true;
		return -1;
	}
	keys_feed(k, bytes, (size_t)n, now_ms);
	return 0;
}

static const uint8_t *
here(const struct keys *k)
{
	return k->in.data + k->at;
}

static size_t
left(const struct keys *k)
{
	return k->in.size - k->at;
}

/* ---- pastes ---- */

static void
paste_start(struct keys *k)
{
	buf_clear(&k->paste);
	k->over = k->after_cr = false;
}

/* Pasted bytes: CR and CRLF become LF; what is above the bound is dropped
 * and told by k->over. */
static void
paste_take(struct keys *k, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool skip = p[i] == '\n' && k->after_cr;

		k->after_cr = p[i] == '\r';
		if (skip)
			continue;
		if (k->paste.size >= PASTE_MAX)
			k->over = true;
		else
			buf_put_u8(&k->paste, p[i] == '\r' ? '\n' : p[i]);
	}
}

static const uint8_t *
find(const uint8_t *p, size_t n, const char *what)
{
	return n == 0 ? NULL : memmem(p, n, what, strlen(what));
}

/* How many bytes at the end of p could be the beginning of `what`. */
static size_t
beginning_of(const uint8_t *p, size_t n, const char *what)
{
	size_t most = strlen(what) - 1;

	for (size_t m = n < most ? n : most; m > 0; m--)
		if (memcmp(p + n - m, what, m) == 0)
			return m;
	return 0;
}

static int
paste_wait(struct keys *k, int64_t now_ms, int *wait_ms, bool *flag)
{
	int64_t until = k->since + PASTE_MS;

	if (now_ms < until && !k->ended) {
		*wait_ms = (int)(until - now_ms);
		return K_NONE;
	}
	paste_take(k, here(k), left(k));
	k->at = k->in.size;
	*flag = false;
	k->torn = true;
	return K_PASTE;
}

/* What comes after such a pause of the line is the rest of the paste: it must
 * not be taken for keys, which do things.  A person's own keys come one by one;
 * with the first of them, the paste's end, or another paste it is over. */
static void
torn_drop(struct keys *k)
{
	const uint8_t *end = find(here(k), left(k), paste_end);
	const uint8_t *again = find(here(k), left(k), paste_begin);

	if (again == NULL && k->want_block)
		again = find(here(k), left(k), block_begin);
	k->torn = end == NULL && again == NULL && left(k) >= TORN_MIN;
	if (again != NULL && (end == NULL || again < end))
		k->at = (size_t)(again - k->in.data);
	else if (end != NULL)
		k->at = (size_t)(end - k->in.data) + strlen(paste_end);
	else if (k->torn)
		k->at = k->in.size - beginning_of(here(k), left(k), paste_end);
}

static int
bracketed_next(struct keys *k, int64_t now_ms, int *wait_ms)
{
	const uint8_t *end = find(here(k), left(k), paste_end);
	size_t n;

	if (end != NULL) {
		paste_take(k, here(k), (size_t)(end - here(k)));
		k->at = (size_t)(end - k->in.data) + strlen(paste_end);
		k->bracketed = false;
		return K_PASTE;
	}
	n = left(k) - beginning_of(here(k), left(k), paste_end);
	paste_take(k, here(k), n);
	k->at += n;
	return paste_wait(k, now_ms, wait_ms, &k->bracketed);
}

/* A PEM block as plain keystrokes: until the end of the line that begins
 * with -----END, and the line ends behind it. */
static int
block_next(struct keys *k, int64_t now_ms, int *wait_ms)
{
	const uint8_t *end = find(here(k), left(k), block_end);
	const uint8_t *stop = k->in.data + k->in.size, *p;

	if (end != NULL) {
		for (p = end; p < stop && *p != '\r' && *p != '\n'; p++)
			;
		if (p < stop || now_ms >= k->since + BLOCK_MS || k->ended) {
			while (p < stop && (*p == '\r' || *p == '\n'))
				p++;
			paste_take(k, here(k), (size_t)(p - here(k)));
			k->at = (size_t)(p - k->in.data);
			k->block = false;
			return K_PASTE;
		}
		*wait_ms = (int)(k->since + BLOCK_MS - now_ms);
		return K_NONE;
	}
	if (left(k) > PASTE_MAX) {	/* no end in sight: keep its beginning */
		size_t n = left(k) - 4096;

		paste_take(k, here(k), n);
		k->at += n;
	}
	return paste_wait(k, now_ms, wait_ms, &k->block);
}

/* ---- keys ---- */

static int
letter_key(uint8_t c)
{
	switch (c) {
	case 'A': return K_UP;
	case 'B': return K_DOWN;
	case 'C': return K_RIGHT;
	case 'D': return K_LEFT;
	case 'H': return K_HOME;
	case 'F': return K_END;
	case 'Z': return K_BACKTAB;
	case 'M': return K_ENTER;	/* of the number block */
	case 'P': return K_F1;
	case 'Q': return K_F2;
	case 'R': return K_F3;
	case 'S': return K_F4;
	default: return K_UNKNOWN;
	}
}

static int
number_key(int n)
{
	static const int keys[] = {
		[1] = K_HOME, [2] = K_INSERT, [3] = K_DELETE, [4] = K_END,
		[5] = K_PGUP, [6] = K_PGDN, [7] = K_HOME, [8] = K_END,
		[11] = K_F1, [12] = K_F2, [13] = K_F3, [14] = K_F4,
		[15] = K_F5, [17] = K_F6, [18] = K_F7, [19] = K_F8,
		[20] = K_F9, [21] = K_F10, [23] = K_F11, [24] = K_F12,
	};

	if (n < 0 || n >= (int)(sizeof keys / sizeof keys[0]) || keys[n] == 0)
		return K_UNKNOWN;
	return keys[n];
}

/* ESC [ parameters final: 0 when it is not whole yet. */
static size_t
csi_length(const uint8_t *p, size_t n)
{
	size_t i = 2;

	if (n > 2 && p[2] == '[')	/* the Linux console's F1 to F5 */
		return n > 3 ? 4 : 0;
	while (i < n && i < SEQUENCE_MAX && p[i] >= 0x20 && p[i] < 0x40)
		i++;
	if (i >= SEQUENCE_MAX)
		return SEQUENCE_MAX;
	return i < n ? i + 1 : 0;
}

static int
csi_key(const uint8_t *p, size_t n)
{
	int number = 0;

	if (p[2] == '[')
		return p[3] >= 'A' && p[3] <= 'E' ? K_F1 + (p[3] - 'A') :
		    K_UNKNOWN;
	if (p[n - 1] != '~')
		return letter_key(p[n - 1]);
	for (size_t i = 2; i < n && p[i] >= '0' && p[i] <= '9'; i++)
		if ((number = number * 10 + (p[i] - '0')) > 999)
			return K_UNKNOWN;
	return number_key(number);
}

static int
escape_wait(struct keys *k, int64_t now_ms, int *wait_ms)
{
	int64_t until = k->since + ESC_MS;

	if (now_ms < until && !k->ended) {
		*wait_ms = (int)(until - now_ms);
		return K_NONE;
	}
	/* alone: the key.  The beginning of a sequence that never ended: drop */
	if (left(k) == 1) {
		k->at++;
		return K_ESC;
	}
	k->at = k->in.size;
	return K_UNKNOWN;
}

static int
escape_next(struct keys *k, int64_t now_ms, int *wait_ms)
{
	const uint8_t *p = here(k);
	size_t n = left(k), length;
	int key;

	if (n >= strlen(paste_begin) &&
	    memcmp(p, paste_begin, strlen(paste_begin)) == 0) {
		k->at += strlen(paste_begin);
		k->bracketed = true;
		paste_start(k);
		return bracketed_next(k, now_ms, wait_ms);
	}
	if (n < 2)
		return escape_wait(k, now_ms, wait_ms);
	if (p[1] == 'O') {
		if (n < 3)
			return escape_wait(k, now_ms, wait_ms);
		k->at += 3;
		return letter_key(p[2]);
	}
	if (p[1] == '[') {
		if ((length = csi_length(p, n)) == 0)
			return escape_wait(k, now_ms, wait_ms);
		key = csi_key(p, length);
		k->at += length;
		return key;
	}
	k->at++;			/* Esc, then another key */
	return K_ESC;
}

/* Does a PEM block stand in what came, or may it be about to?  1, 0, or -1:
 * wait a little. */
static int
block_ahead(const struct keys *k, int64_t now_ms)
{
	const uint8_t *p = here(k);
	size_t n = left(k);

	if (find(p, n, block_begin) != NULL)
		return 1;
	if (p[0] == '-' && n < strlen(block_begin) &&
	    memcmp(p, block_begin, n) == 0 && !k->ended &&
	    now_ms < k->since + BLOCK_MS)
		return -1;
	return 0;
}

static int
character_next(struct keys *k, int64_t now_ms, int *wait_ms)
{
	uint32_t c;
	size_t n = utf8_decode(here(k), left(k), &c);

	if (n == 0 && left(k) < 4 && here(k)[0] >= 0xc2 &&
	    here(k)[0] <= 0xf4 && now_ms < k->since + ESC_MS && !k->ended) {
		*wait_ms = (int)(k->since + ESC_MS - now_ms);
		return K_NONE;		/* the rest may be on its way */
	}
	k->at += n ? n : 1;
	if (n == 0 || c == 0 || (c >= 0x80 && c < 0xa0))
		return K_UNKNOWN;
	if (c == '\n')
		return K_ENTER;
	if (c == 0x08 || c == 0x7f)
		return K_BACKSPACE;
	return (int)c;
}

int
keys_next(struct keys *k, int64_t now_ms, int *wait_ms)
{
	int ahead;

	*wait_ms = -1;
	if (k->bracketed)
		return bracketed_next(k, now_ms, wait_ms);
	if (k->block)
		return block_next(k, now_ms, wait_ms);
	if (k->torn && left(k) > 0)
		torn_drop(k);
	if (left(k) == 0)
		return k->ended ? K_EOF : K_NONE;
	if (here(k)[0] == 0x1b)
		return escape_next(k, now_ms, wait_ms);
	if (k->want_block && (ahead = block_ahead(k, now_ms)) != 0) {
		if (ahead < 0) {
			*wait_ms = (int)(k->since + BLOCK_MS - now_ms);
			return K_NONE;
		}
		k->block = true;
		paste_start(k);
		return block_next(k, now_ms, wait_ms);
	}
	return character_next(k, now_ms, wait_ms);
}
