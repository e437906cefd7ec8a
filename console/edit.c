/* edit.c - one line of text being typed. */
#include "console/form.h"

#include <string.h>

#include "console/keys.h"
#include "core/base/text.h"

size_t
edit_most(const struct edit *ed)
{
	return ed->max ? ed->max : EDIT_MAX - 1;
}

void
edit_set(struct edit *ed, const char *text)
{
	ed->len = strlen(text);
	if (ed->len > edit_most(ed))
		ed->len = 0;
	memcpy(ed->text, text, ed->len);
	ed->text[ed->len] = '\0';
	ed->at = ed->len;
}

static size_t
step_back(const struct edit *ed, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && ((uint8_t)ed->text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static size_t
step_on(const struct edit *ed, size_t at)
{
	if (at < ed->len)
		at++;
	while (at < ed->len && ((uint8_t)ed->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static void
edit_remove(struct edit *ed, size_t from, size_t to)
{
	memmove(ed->text + from, ed->text + to, ed->len - to + 1);
	ed->len -= to - from;
	ed->at = from;
}

static bool
edit_insert(struct edit *ed, const char *p, size_t n)
{
	if (ed->len + n > edit_most(ed))
		return false;
	memmove(ed->text + ed->at + n, ed->text + ed->at,
	    ed->len - ed->at + 1);
	memcpy(ed->text + ed->at, p, n);
	ed->len += n;
	ed->at += n;
	return true;
}

static size_t
word_start(const struct edit *ed)
{
	size_t at = ed->at;

	while (at > 0 && ed->text[at - 1] == ' ')
		at--;
	while (at > 0 && ed->text[at - 1] != ' ')
		at--;
	return at;
}

bool
edit_key(struct edit *ed, int key)
{
	char bytes[4];

	switch (key) {
	case K_LEFT: ed->at = step_back(ed, ed->at); return true;
	case K_RIGHT: ed->at = step_on(ed, ed->at); return true;
	case K_HOME: case K_CTRL_A: ed->at = 0; return true;
	case K_END: case K_CTRL_E: ed->at = ed->len; return true;
	case K_BACKSPACE:
		edit_remove(ed, step_back(ed, ed->at), ed->at);
		return true;
	case K_DELETE: case K_CTRL_D:
		edit_remove(ed, ed->at, step_on(ed, ed->at));
		return true;
	case K_CTRL_U: edit_remove(ed, 0, ed->at); return true;
	case K_CTRL_K: edit_remove(ed, ed->at, ed->len); return true;
	case K_CTRL_W: edit_remove(ed, word_start(ed), ed->at); return true;
	default: break;
	}
	if (!key_is_text(key))
		return false;
	edit_insert(ed, bytes, utf8_put(bytes, (uint32_t)key));
	return true;
}

bool
edit_paste(struct edit *ed, const struct buf *paste)
{
	const struct edit before = *ed;
	size_t n;
	uint32_t c;

	for (size_t i = 0; i < paste->size; i += n) {
		n = utf8_decode(paste->data + i, paste->size - i, &c);
		if (n == 0)
			n = 1;
		else if (key_is_text((int)c) &&
		    !edit_insert(ed, (const char *)paste->data + i, n)) {
			*ed = before;
			return false;
		}
	}
	return true;
}

void
edit_draw(const struct edit *ed, const struct area *a, int y, int x,
    int cols, bool focus)
{
	enum look look = focus ? LOOK_FIELD_ON : LOOK_FIELD;
	size_t from = 0, fit;
	int before;

	if (cols > a->cols - x)
		cols = a->cols - x;
	screen_fill(a, y, x, cols, look);
	/* scroll by characters until the cursor is inside */
	for (;;) {
		fit = screen_fit(ed->text + from, ed->at - from, cols - 1,
		    &before);
		if (from + fit >= ed->at || from >= ed->at)
			break;
		from = step_on(ed, from);
	}
	screen_put(a, y, x, cols, look, ed->text + from);
	if (focus)
		screen_cursor(a, y, x + before);
}
