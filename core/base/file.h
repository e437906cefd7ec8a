/* file.h - whole small files, read with a bound and replaced in one step. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "core/base/err.h"
#include "core/base/mem.h"

/* Read a regular file of at most max bytes into *out (the caller's then). */
int file_read(const char *path, size_t max, struct blob *out, struct err *e);

/* Read until end of file from a descriptor, at most max bytes. */
int fd_read_all(int fd, size_t max, struct blob *out, struct err *e);

/*
 * Write beside, fsync, rename over path, fsync the folder: readers see the
 * old bytes or the new ones, also after a crash.
 */
int file_replace(const char *path, const void *data, size_t size, mode_t mode,
    struct err *e);
/* The same; as root the new file is this user's before it has its name, so
 * that whom it is for can read it at every moment. */
int file_replace_for(const char *path, const void *data, size_t size,
    mode_t mode, uid_t uid, gid_t gid, struct err *e);

/* Write all of it, past short writes and EINTR; -1 with errno. */
int fd_write_all(int fd, const void *data, size_t size);

/* Make the folder and its missing parents with this mode. */
int folder_make(const char *path, mode_t mode, struct err *e);

/* base/name, or name itself when it is absolute; -1 when it does not fit. */
int path_join(char *dst, size_t size, const char *base, const char *name);

#endif
