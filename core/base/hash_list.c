/* hash_list.c - reading a text file of hashes, or refusing it as a whole. */
#include "core/base/hash_list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define LINE_MAX_OCTETS 512

struct reading {
	const char *path;
	unsigned line;
	size_t bytes, hashes, keys;
	void (*take)(void *user, const uint8_t *hash, size_t size);
	void *user;
};

static int
line_refuse(const struct reading *r, const char *why, struct err *e)
{
	return err_set(e, ERR_REFUSED, "weak-list", "%s, line %u: %s", r->path,
	    r->line, why);
}

/* One line; -1 when it is of no kind. */
static int
line_take(struct reading *r, const char *line, struct err *e)
{
	size_t n = strspn(line, "0123456789abcdefABCDEF");
	size_t blank = n == 0 ? strspn(line, " \t\r\n") : 0;
	uint8_t hash[HASH_OF_KEY];
	char hex[2 * HASH_OF_KEY + 1];

	if (n == 0 && (line[blank] == '\0' || line[blank] == '#'))
		return 0;
	if ((n != 2 * HASH_OF_KEY && n != 2 * HASH_OF_MODULUS) ||
	    (line[n] != '\0' && strchr(" \t\r\n", line[n]) == NULL))
		return line_refuse(r, "a line has 20 hex digits "
		    "(openssl-blacklist) or 64 (SHA-256 of the "
		    "SubjectPublicKeyInfo).", e);
	/* the first of what were 64: it would mean another key */
	if (n == 2 * HASH_OF_MODULUS && line[n] == '\0' && r->keys > 0)
		return line_refuse(r, "the file ends within the line: bring "
		    "the whole of it, or end the line with a line feed.", e);
	memcpy(hex, line, n);
	hex[n] = '\0';
	hex_decode(hash, sizeof hash, hex);
	r->hashes++;
	r->keys += n == 2 * HASH_OF_KEY;
	if (r->take != NULL)
		r->take(r->user, hash, n / 2);
	return 0;
}

static int
file_take(FILE *f, struct reading *r, struct err *e)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int done = 0;

	while (done == 0 && (n = getline(&line, &room, f)) > 0) {
		r->line++;
		r->bytes += (size_t)n;
		if (n >= LINE_MAX_OCTETS || r->bytes > HASH_LIST_MAX)
			done = line_refuse(r, "the line or the file is too "
			    "long.", e);
		else if (memchr(line, '\0', (size_t)n) != NULL)
			done = line_refuse(r, "it holds a NUL: the file was "
			    "not written to its end, bring it anew.", e);
		else
			done = line_take(r, line, e);
	}
	free(line);
	if (done == 0 && ferror(f))
		return err_set(e, ERR_REFUSED, "weak-list",
		    "%s cannot be read: %s.", r->path, strerror(errno));
	if (done == 0 && r->hashes == 0)
		return err_set(e, ERR_REFUSED, "weak-list",
		    "%s holds no hash: bring the whole file, or take it out of policy.weak_keys.",
		    r->path);
	return done;
}

int
hash_list_read(const char *path, void (*take)(void *user, const uint8_t *hash,
    size_t size), void *user, struct err *e)
{
	struct reading r = { .path = path, .take = take, .user = user };
	FILE *f = fopen(path, "re");
	int done;

	if (f == NULL)
		return err_set(e, ERR_REFUSED, "weak-list",
		    "%s cannot be read: %s.", path, strerror(errno));
	done = file_take(f, &r, e);
	fclose(f);
	return done;
}

int
hash_lists_each(const struct conf *c, int (*each)(const char *path,
    struct err *e), struct err *e)
{
	char words[CONF_STR_SIZE], path[CONF_PATH_SIZE], *save = NULL;

	str_copy(words, sizeof words, c->policy_weak_keys);
	for (char *at = strtok_r(words, " ,\t", &save); at != NULL;
	    at = strtok_r(NULL, " ,\t", &save)) {
		if (at[0] == '/')
			conf_path(c, path, at);
		else if (conf_share_path(c, path, at, e) < 0)
			return -1;
		if (each(path, e) < 0)
			return -1;
	}
	return 0;
}

static int
list_check(const char *path, struct err *e)
{
	return hash_list_read(path, NULL, NULL, e);
}

int
hash_lists_check(const struct conf *c, struct err *e)
{
	return hash_lists_each(c, list_check, e);
}
