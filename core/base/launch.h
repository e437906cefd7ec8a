/*
 * launch.h - starting one of our own binaries: its descriptors, its user, and
 * nothing else of ours.
 */
#ifndef BASE_LAUNCH_H
#define BASE_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/conf.h"

struct launch {
	const char *binary;		/* its name in the libexec folder */
	const char *const *arguments;	/* after `-c CONF`; NULL-terminated or NULL */
	const int *fds;			/* they become 3, 4, 5 ... */
	size_t n_fds;
	const char *user;		/* whom it becomes; "" stays */
	bool bare;			/* without `-c CONF`, and stdout stays ours */
};

/*
 * Fork and run.  The child is a session of its own, dies (SIGTERM) with us,
 * reads nothing on stdin and writes stdout to our stderr.  Its process number,
 * or -1.  A binary that cannot be run is a child that ends with status 127.
 */
pid_t launch(const struct conf *c, const struct launch *l, struct err *e);

#endif
