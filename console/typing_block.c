/* typing_block.c - a pasted block of many lines: a CSR. */
#include "console/typing.h"

#include <string.h>

#include "console/client.h"

#define KEY_CTRL_C 0x03
#define KEY_CTRL_D 0x04
#define KEY_ESC 0x1b
#define QUIET_MS 150		/* silence behind -----END that ends a paste */

/* The last whole line of the block begins at *at. */
static bool
line_is_end(const struct buf *b, size_t at)
{
	while (at < b->size && (b->data[at] == ' ' || b->data[at] == '\t'))
		at++;
	return b->size - at >= 8 && memcmp(b->data + at, "-----END", 8) == 0;
}

struct block {
	struct buf b;
	size_t line;		/* where the line in hand begins */
	size_t seen;
	bool ended;		/* a line -----END has been */
	bool may_be_empty;
};

/* 1 the block is done, 0 go on, -1 interrupted. */
static int
block_byte(struct typing *in, struct block *k, int c)
{
	size_t len = k->b.size - k->line;

	if (in->terminal && c == KEY_CTRL_C)
		return -1;
	if (in->terminal && c == KEY_CTRL_D)
		return 1;
	if (in->terminal && c == KEY_ESC) {
		typing_escape(in);
		return 0;
	}
	if (c == '\r' && in->terminal)
		c = '\n';
	if (++k->seen > CSR_READ_MAX && c != '\n')
		return k->seen > CSR_DRAIN_MAX;
	if (c != '\n') {
		buf_put_u8(&k->b, (uint8_t)c);
		return 0;
	}
	if (len == 1 && k->b.data[k->line] == '.') {
		k->b.size = k->line;
		return 1;
	}
	if (len == 0 && k->b.size == 0)
		return k->may_be_empty;
	k->ended = k->ended || line_is_end(&k->b, k->line);
	buf_put_u8(&k->b, '\n');
	k->line = k->b.size;
	return 0;
}

static int
block_give(struct block *k, int done, struct blob *block, struct err *e)
{
	if (done < 0)
		return err_set(e, ERR_BAD_INPUT, "interrupted",
		    "interrupted; nothing was sent");
	if (k->seen > CSR_READ_MAX)
		return err_set(e, ERR_BAD_INPUT, "csr-size",
		    "more than %u bytes came, a CSR has at most 16 KiB: paste the certificate signing request alone",
		    CSR_READ_MAX);
	if (k->b.size == 0 && !k->may_be_empty)
		return err_set(e, ERR_BAD_INPUT, "csr-empty",
		    "nothing was pasted; nothing was sent");
	blob_set(block, k->b.data, k->b.size);
	return 0;
}

int
typing_block(struct typing *in, bool may_be_empty, struct blob *block,
    struct err *e)
{
	struct block k = { .may_be_empty = may_be_empty };
	int c, done = 0, r;

	while (done == 0) {
		bool pause = k.ended && k.line == k.b.size;

		c = typing_byte(in, pause ? QUIET_MS : in->idle_ms);
		if (c == -2)
			continue;
		if (c == -3 && !pause)
			in->end = TYPING_IDLE;
		if (c < 0)
			break;
		if (pause && !in->terminal && c != '-') {
			in->at--;	/* a script's next answer */
			break;
		}
		if (in->terminal && typing_second_half(in, c))
			continue;
		done = block_byte(in, &k, c);
	}
	r = block_give(&k, done, block, e);
	buf_clear(&k.b);
	return r;
}
