/* conf.c - reading xmpp-ica.conf by the rows of conf.def. */
#include "core/base/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <libgen.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"

#define TEXT_OF(x) #x
const struct conf_key conf_keys[] = {
#define CONF_SECTION(s)
#define CONF_STR(s, n, d, m) { .section = #s, .name = #n, .standard = d, \
	.meaning = m, .kind = 's', .offset = offsetof(struct conf, s##_##n) },
#define CONF_INT(s, n, d, lo, hi, m) { .section = #s, .name = #n, \
	.standard = TEXT_OF(d), .meaning = m, .kind = 'i', .low = lo, \
	.high = hi, .offset = offsetof(struct conf, s##_##n) },
#define CONF_BOOL(s, n, d, m) { .section = #s, .name = #n, \
	.standard = TEXT_OF(d), .meaning = m, .kind = 'b', \
	.offset = offsetof(struct conf, s##_##n) },
#include "core/base/conf.def"
#undef CONF_SECTION
#undef CONF_STR
#undef CONF_INT
#undef CONF_BOOL
};
const unsigned long conf_key_count = sizeof conf_keys / sizeof conf_keys[0];

static bool
is_key(const struct conf_key *k, const char *section, const char *name)
{
	return strcmp(k->section, section) == 0 && strcmp(k->name, name) == 0;
}

/* Do all bytes of s lie from `low` to '~', or above ASCII when `wide`? */
static bool
is_made_of(const char *s, unsigned char low, bool wide)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < low || *s == 0x7f ||
		    (!wide && (unsigned char)*s > 0x7f))
			return false;
	return true;
}

/* What would stand for years in certificates, or on every screen. */
static int
text_check(const struct conf_key *k, const char *value, struct err *e)
{
	if (!is_made_of(value, ' ', true))
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[%s] %s: has a control character", k->section, k->name);
	if (is_key(k, "service", "name") && (value[0] == '\0' ||
	    !is_made_of(value, '!', false)))
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[service] name = %s: wants the host's name, as "
		    "certs.example.org", value);
	if (is_key(k, "http", "base_url") && value[0] != '\0' &&
	    ((strncmp(value, "http://", 7) != 0 &&
	    strncmp(value, "https://", 8) != 0) ||
	    !is_made_of(value, '!', false)))
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[http] base_url = %s: wants http:// or https://, a host, "
		    "no blank", value);
	return 0;
}

static int
key_set(struct conf *c, const struct conf_key *k, const char *value,
    struct err *e)
{
	void *at = (char *)c + k->offset;

	switch (k->kind) {
	case 's':
		if (!str_copy(at, CONF_STR_SIZE, value))
			return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
			    "[%s] %s: longer than %d bytes", k->section,
			    k->name, CONF_STR_SIZE - 1);
		return text_check(k, value, e);
	case 'i':
		if (!number_parse(value, k->high, at) ||
		    *(int64_t *)at < k->low)
			return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
			    "[%s] %s = %s: wants a number from %lld to %lld",
			    k->section, k->name, value, (long long)k->low,
			    (long long)k->high);
		return 0;
	default:
		if (strcmp(value, "true") == 0 || strcmp(value, "yes") == 0)
			*(bool *)at = true;
		else if (strcmp(value, "false") == 0 ||
		    strcmp(value, "no") == 0)
			*(bool *)at = false;
		else
			return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
			    "[%s] %s = %s: wants yes or no", k->section,
			    k->name, value);
		return 0;
	}
}

struct reading {
	struct conf *conf;
	struct err *err;
};

static int
on_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;

	for (unsigned long i = 0; i < conf_key_count; i++)
		if (strcmp(conf_keys[i].section, section) == 0 &&
		    strcmp(conf_keys[i].name, name) == 0)
			return key_set(r->conf, &conf_keys[i], value,
			    r->err) == 0;
	err_set(r->err, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
	    "[%s] %s: no such key", section, name);
	return 0;
}

static int
dir_make_absolute(struct conf *c, struct err *e)
{
	char file[PATH_MAX], joined[PATH_MAX + 2 + CONF_STR_SIZE];
	char absolute[PATH_MAX];

	snprintf(file, sizeof file, "%s", c->file);
	if (path_join(joined, sizeof joined, dirname(file),
	    c->service_dir) < 0 || realpath(joined, absolute) == NULL)
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[service] dir = %s: %s", c->service_dir,
		    strerror(errno));
	if (!str_copy(c->service_dir, sizeof c->service_dir, absolute))
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[service] dir: the absolute path is too long");
	return 0;
}

/* What inih would take for an empty file, or name a line -1 of. */
static int
file_check(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	bool plain;

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND :
		    ERR_UNAVAILABLE, "xmpp-ica.conf(5)", "%s: %s", path,
		    strerror(errno));
	plain = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	close(fd);
	return plain ? 0 : err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
	    "%s: this is no file; give -c the path of xmpp-ica.conf", path);
}

int
conf_read(const char *path, struct conf *c, struct err *e)
{
	struct reading r = { .conf = c, .err = e };
	char absolute[PATH_MAX];
	int line;

	memset(c, 0, sizeof *c);
	for (unsigned long i = 0; i < conf_key_count; i++)
		if (key_set(c, &conf_keys[i], conf_keys[i].standard, e) < 0)
			return -1;
	if (realpath(path, absolute) == NULL)
		return err_set(e, ERR_NOT_FOUND, "xmpp-ica.conf(5)",
		    "%s: %s", path, strerror(errno));
	if (!str_copy(c->file, sizeof c->file, absolute))
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "%s: path too long", path);
	if (file_check(absolute, e) < 0)
		return -1;
	err_clear(e);
	line = ini_parse(absolute, on_key, &r);
	if (line != 0) {
		char why[ERR_TEXT_SIZE];

		snprintf(why, sizeof why, "%s", e->kind ? e->text :
		    "not understood");
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "%.200s:%d: %.300s", path, line, why);
	}
	return dir_make_absolute(c, e);
}

void
conf_path(const struct conf *c, char dst[CONF_PATH_SIZE], const char *name)
{
	if (path_join(dst, CONF_PATH_SIZE, c->service_dir, name) < 0)
		fatal("path too long name=%s", name);
}

int
conf_set(struct conf *c, const char *section, const char *name,
    const char *value, struct err *e)
{
	for (unsigned long i = 0; i < conf_key_count; i++)
		if (strcmp(conf_keys[i].section, section) == 0 &&
		    strcmp(conf_keys[i].name, name) == 0)
			return key_set(c, &conf_keys[i], value, e);
	return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
	    "[%.32s] has no key \"%.64s\"", section, name);
}

void
conf_value(const struct conf *c, const struct conf_key *k,
    char text[CONF_STR_SIZE])
{
	const void *at = (const char *)c + k->offset;

	if (k->kind == 's')
		str_copy(text, CONF_STR_SIZE, at);
	else if (k->kind == 'i')
		snprintf(text, CONF_STR_SIZE, "%lld",
		    (long long)*(const int64_t *)at);
	else
		str_copy(text, CONF_STR_SIZE, *(const bool *)at ? "yes" :
		    "no");
}

static bool
found(char dst[CONF_PATH_SIZE], const char *folder, const char *name)
{
	return path_join(dst, CONF_PATH_SIZE, folder, name) == 0 &&
	    access(dst, R_OK) == 0;
}

int
conf_share_path(const struct conf *c, char dst[CONF_PATH_SIZE],
    const char *name, struct err *e)
{
	char own[CONF_PATH_SIZE];

	if (c->service_share[0] != '\0') {
		conf_path(c, own, c->service_share);
		if (found(dst, own, name))
			return 0;
	}
	if (found(dst, PKGDATADIR, name) || found(dst, SRCDIR "/share", name))
		return 0;
	return err_set(e, ERR_NOT_FOUND, "share",
	    "the file %s is missing in the share folder of this installation",
	    name);
}
