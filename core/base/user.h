/* user.h - whom a process runs as, and whose the folders are. */
#ifndef BASE_USER_H
#define BASE_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/conf.h"

/* Become this user for good (groups, gid, uid).  "" or not root: nothing to
 * do.  Dies when it cannot. */
void user_become(const char *user);
/* His numbers; our own for "" or when we are not root. */
int user_ids(const char *user, uid_t *uid, gid_t *gid, struct err *e);

/* Make the folders of the service, each with its owner and mode, or set both
 * right where they are. */
int folders_prepare(const struct conf *c, struct err *e);
/* The same for those of the master alone (run, log); those of the published
 * set are made when they are missing. */
int folders_prepare_master(const struct conf *c, struct err *e);

/*
 * Look at the i-th folder: is it there, with its owner, no wider open than it
 * should be?  Its name in *name; 1 good, 0 bad with *e, -1 there is no i-th.
 */
int folder_look(const struct conf *c, size_t i, const char **name,
    struct err *e);

#endif
