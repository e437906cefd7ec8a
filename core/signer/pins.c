/* pins.c - the file of pinned keys: read, asked, written anew as a whole. */
#include "core/signer/pins.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/edit.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/wire/ops.h"

#define PINS_MAX (64u << 10)	/* bytes of ca/approvers */
#define LINE_ROOM 4096
#define WAIT_MS 400		/* for the operator who writes it just now */

struct pin {
	char name[33];
	enum role role;
	int64_t until;			/* 0: without end */
	uint8_t key[SSHSIG_KEY_MAX];
	size_t size;
};

int
pins_read(struct signer *s, struct blob *pins, struct err *e)
{
	char path[CONF_PATH_SIZE];

	if (sign_path(s, path, "", "approvers", "") < 0)
		return -1;
	if (access(path, F_OK) < 0)
		return 0;
	return file_read(path, PINS_MAX, pins, e);
}

/* The word before the next space, when it fits; what follows, or NULL. */
static const char *
word_take(const char *p, char *dst, size_t size)
{
	size_t n = strcspn(p, " ");

	if (n == 0 || n >= size || p[n] != ' ')
		return NULL;
	memcpy(dst, p, n);
	dst[n] = '\0';
	return p + n + 1;
}

/* Lines that do not fit the grammar pin nothing. */
static bool
pin_parse(const char *line, struct pin *pin)
{
	char word[64];
	const char *p = word_take(line, pin->name, sizeof pin->name);
	const char *next = NULL;
	int role;

	if (p == NULL || line[0] == '#')
		return false;
	pin->role = ROLE_STAFF;
	pin->until = 0;
	if ((next = word_take(p, word, sizeof word)) != NULL &&
	    (role = word_parse(&role_words, word)) >= 0) {
		pin->role = (enum role)role;
		p = next;
	}
	if ((next = word_take(p, word, sizeof word)) != NULL &&
	    strncmp(word, "until=", 6) == 0) {
		if (!number_parse(word + 6, INT64_MAX, &pin->until))
			return false;
		p = next;
	}
	return sshsig_key_line(p, pin->key, &pin->size, NULL) == 0;
}

/* The line at *at without its end, "" when it is too long; false: no more. */
static bool
line_next(const struct blob *b, size_t *at, char line[LINE_ROOM])
{
	const uint8_t *p = NULL, *lf = NULL;
	size_t n;

	if (*at >= b->size)
		return false;
	p = b->data + *at;
	lf = memchr(p, '\n', b->size - *at);
	n = lf != NULL ? (size_t)(lf - p) : b->size - *at;
	*at += n + 1;
	line[0] = '\0';
	if (n < LINE_ROOM && memchr(p, '\0', n) == NULL) {
		memcpy(line, p, n);
		line[n] = '\0';
	}
	return true;
}

unsigned
pins_roles(const struct blob *pins, const char *name,
    const struct sshsig *sig, int64_t now)
{
	char line[LINE_ROOM];
	unsigned roles = 0;
	size_t at = 0;
	struct pin pin;

	while (line_next(pins, &at, line))
		if (pin_parse(line, &pin) && strcmp(pin.name, name) == 0 &&
		    (pin.until == 0 || now < pin.until) &&
		    pin.size == sig->key_size &&
		    memcmp(pin.key, sig->key, pin.size) == 0)
			roles |= ROLE_BIT(pin.role);
	return roles;
}

/* ---- written ---- */

/* Every line but those of the name, and with a key those of that key. */
static void
others_put(struct buf *b, const struct blob *pins, const char *name,
    const uint8_t *key, size_t size)
{
	char line[LINE_ROOM];
	size_t at = 0;
	struct pin pin;

	while (line_next(pins, &at, line)) {
		if (line[0] == '\0' || (pin_parse(line, &pin) &&
		    strcmp(pin.name, name) == 0 && (key == NULL ||
		    (pin.size == size && memcmp(pin.key, key, size) == 0))))
			continue;
		buf_printf(b, "%s\n", line);
	}
}

struct pin_change {
	const char *name;
	const uint8_t *key;		/* NULL: every key of the name */
	size_t size;
	const struct buf *more;		/* lines instead, or NULL */
};

static int
lines_change(const struct blob *was, struct buf *now, void *arg,
    struct err *e)
{
	const struct pin_change *c = arg;

	others_put(now, was, c->name, c->key, c->size);
	if (c->more != NULL)
		buf_put(now, c->more->data, c->more->size);
	if (now->size > PINS_MAX)
		return err_set(e, ERR_REFUSED, "approver",
		    "there is no room for another key: remove old ones with `xmpp-icactl approver remove NAME`");
	return 0;
}

static int
pins_change(struct signer *s, const struct pin_change *c, struct err *e)
{
	char path[CONF_PATH_SIZE];
	struct pin_change own = *c;
	struct file_edit f = { .path = path, .max = PINS_MAX,
		.wait_ms = WAIT_MS };

	if (sign_path(s, path, "", "approvers", "") < 0)
		return err_set(e, ERR_BAD_INPUT, "path", "path too long");
	return file_edit(&f, lines_change, &own, e);
}

int
pins_replace(struct signer *s, const char *name, enum role role,
    int64_t until, const char *const *keys, size_t n, struct err *e)
{
	uint8_t key[SSHSIG_KEY_MAX];
	struct buf lines = { 0 };
	size_t size;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = sshsig_key_line(keys[i], key, &size, e);
		buf_printf(&lines, "%s %s ", name, word_of(&role_words, role));
		if (until != 0)
			buf_printf(&lines, "until=%lld ", (long long)until);
		buf_printf(&lines, "%s\n", keys[i]);
	}
	if (r == 0)
		r = pins_change(s, &(struct pin_change){ .name = name,
		    .more = &lines }, e);
	buf_clear(&lines);
	return r;
}

int
pins_remove(struct signer *s, const char *name, const char *key,
    struct err *e)
{
	uint8_t bytes[SSHSIG_KEY_MAX];
	size_t size = 0;

	if (key[0] != '\0' && sshsig_key_line(key, bytes, &size, NULL) < 0)
		return 0;	/* of a kind that is never pinned */
	return pins_change(s, &(struct pin_change){ .name = name,
	    .key = key[0] ? bytes : NULL, .size = size }, e);
}
