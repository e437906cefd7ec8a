/* report.c - `xmpp-icactl report`: a quarter's figures again, from the log of a
 * copy of the database (P5.3). */
#include "core/ctl/ctl.h"

#include <string.h>

#include "core/base/child.h"
#include "core/base/launch.h"

int
ctl_report(int argc, char **argv)
{
	const char *arguments[] = { "--report", NULL, NULL, NULL };
	struct launch l = { .binary = BINARY_REGISTRAR,
		.arguments = arguments, .user = "", .bare = true };
	struct err e;
	pid_t pid;

	if (argc != 4 || strcmp(argv[2], "--db") != 0)
		return usage_of("report");
	arguments[1] = argv[1];
	arguments[2] = argv[3];
	fflush(stdout);
	pid = launch(&conf, &l, &e);
	return pid < 0 ? complain(&e) : exit_of(pid);
}
