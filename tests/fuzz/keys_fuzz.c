/* keys_fuzz.c - any bytes of a terminal, in any parts, are keys and pastes;
 * and lines and blocks for the plain dialogue. */
#include "fuzz.h"

#include <unistd.h>

#include "console/keys.h"
#include "console/typing.h"

static int64_t now = 1000;

/* Take the keys that there are; false at the end. */
static bool
keys_drain(struct keys *k)
{
	int code, wait_ms;

	for (size_t most = k->in.size + 8; ; most--) {
		CLAIM(most > 0);	/* each key uses bytes up */
		code = keys_next(k, now, &wait_ms);
		CLAIM(k->at <= k->in.size && k->paste.size <= PASTE_MAX);
		CLAIM(wait_ms >= -1 && wait_ms <= 3000);
		if (code == K_EOF || code == K_NONE)
			return code == K_NONE;
		CLAIM(code >= 0 && code <= K_EOF);
		if (code == K_PASTE)
			CLAIM(k->paste.size == 0 || memchr(k->paste.data,
			    '\r', k->paste.size) == NULL);
	}
}

/* Each part begins with a byte of its length and one of the time before. */
static void
terminal(const uint8_t *data, size_t size, bool want_block)
{
	struct keys k = { .want_block = want_block };

	while (size > 0) {
		size_t n = byte_take(&data, &size);

		now += byte_take(&data, &size) * 16;
		n = n * (n > 200 ? 16 : 1);
		n = n < size ? n : size;
		keys_feed(&k, data, n, now);
		data += n;
		size -= n;
		keys_drain(&k);
	}
	k.ended = true;
	CLAIM(!keys_drain(&k));
	keys_clear(&k);
}

static void
dialogue(const uint8_t *data, size_t size, bool is_terminal)
{
	static struct output out;
	struct typing in;
	struct blob block = { 0 };
	struct err e = { 0 };
	int fds[2], got = 1;
	char line[200];

	if (out.out == NULL) {
		FILE *null = fopen("/dev/null", "w");

		CLAIM(null != NULL);
		output_init(&out, null, null);
	}
	out.utf8 = size % 2 == 0;
	if (size > 60000)
		size = 60000;
	CLAIM(pipe(fds) == 0 && write(fds[1], data, size) == (ssize_t)size);
	close(fds[1]);
	typing_open(&in, fds[0], &out, NULL, true);
	in.terminal = is_terminal;
	while (got != 0) {
		got = typing_line(&in, "? ", line, sizeof line);
		CLAIM(strlen(line) < sizeof line);
		if (got == 1 && typing_block(&in, line[0] == 'e', &block,
		    &e) < 0)
			CLAIM(e.kind != ERR_NONE);
		blob_clear(&block);
	}
	typing_close(&in);
	close(fds[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t way = byte_take(&data, &size);

	if ((way & 2) != 0)
		dialogue(data, size, (way & 1) != 0);
	else
		terminal(data, size, (way & 1) != 0);
	return 0;
}
