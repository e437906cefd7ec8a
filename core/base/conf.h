/*
 * conf.h - xmpp-ica.conf read into one checked struct.
 *
 * The file is INI (inih).  Every key is one row of conf.def: name, type,
 * default, meaning; the same rows make the struct, the parser, the list of
 * `xmpp-icactl check` and the test against xmpp-ica.conf(5).  An unknown key
 * or a value out of its bounds is refused with its line number.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

#define CONF_STR_SIZE 512

struct conf {
#define CONF_SECTION(section)
#define CONF_STR(section, name, standard, meaning) \
	char section##_##name[CONF_STR_SIZE];
#define CONF_INT(section, name, standard, low, high, meaning) \
	int64_t section##_##name;
#define CONF_BOOL(section, name, standard, meaning) \
	bool section##_##name;
#include "core/base/conf.def"
#undef CONF_SECTION
#undef CONF_STR
#undef CONF_INT
#undef CONF_BOOL
	char file[CONF_STR_SIZE];	/* where it was read from, absolute */
};

/* One row of conf.def, for documents, checks and dumps. */
struct conf_key {
	const char *section, *name, *standard, *meaning;
	char kind;			/* 's'tring, 'i'nteger, 'b'oolean */
	int64_t low, high;
	unsigned long offset;		/* into struct conf */
};
extern const struct conf_key conf_keys[];
extern const unsigned long conf_key_count;

/* Defaults, then the file.  service_dir comes out absolute: a relative one is
 * relative to the folder that the file stands in. */
int conf_read(const char *path, struct conf *c, struct err *e);

/* Set one key from its text; clause xmpp-ica.conf(5) when it is none of ours
 * or out of its bounds. */
int conf_set(struct conf *c, const char *section, const char *name,
    const char *value, struct err *e);
/* The value as text. */
void conf_value(const struct conf *c, const struct conf_key *k,
    char text[CONF_STR_SIZE]);

/* dst = service_dir/name, unless name is absolute.  Dies when too long. */
#define CONF_PATH_SIZE 1024
void conf_path(const struct conf *c, char dst[CONF_PATH_SIZE],
    const char *name);
/* dst = the file NAME ("mail/register.txt") in the share folder: that of the
 * configuration, else as installed, else of the source; an absolute name is
 * taken as it is.  ERR_NOT_FOUND. */
int conf_share_path(const struct conf *c, char dst[CONF_PATH_SIZE],
    const char *name, struct err *e);

#endif
