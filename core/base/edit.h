/* edit.h - a small file that several processes change: each change sees the
 * one before it, and the file is whole at every moment. */
#ifndef BASE_EDIT_H
#define BASE_EDIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/mem.h"

/* What the file shall hold, made from what it holds (size 0: there is none);
 * -1 leaves it as it is. */
typedef int file_change(const struct blob *was, struct buf *now, void *arg,
    struct err *e);

struct file_edit {
	const char *path;
	size_t max;		/* bytes that the file may have */
	int wait_ms;		/* for another who holds the lock */
	uid_t uid;		/* whose the file becomes, when we are root */
	gid_t gid;
	bool given;		/* uid and gid are */
};

/*
 * Under a lock on the file's folder (a process that dies gives it up) read
 * it, ask `change`, replace it with mode 0600 when the bytes differ.  Nobody
 * waits for anybody in there: `change` asks no other process.
 */
int file_edit(const struct file_edit *f, file_change *change, void *arg,
    struct err *e);

#endif
