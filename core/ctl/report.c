/* report.c - `xmpp-icactl report`: a quarter's figures again, from the log of
 * the database or of a copy (P5.3). */
#include "core/ctl/ctl.h"

#include "core/base/child.h"
#include "core/base/launch.h"

int
ctl_report(int argc, char **argv)
{
	const char *arguments[] = { "--report", NULL, NULL, NULL };
	struct launch l = { .binary = BINARY_REGISTRAR,
		.arguments = arguments, .user = "", .bare = true };
	char path[CONF_PATH_SIZE];
	struct err e;
	pid_t pid;

	if (argc != 2 && argc != 4)
		return usage_of("report");
	conf_path(&conf, path, FILE_DATABASE);
	arguments[1] = argv[1];
	arguments[2] = argc == 4 ? argv[3] : path;
	fflush(stdout);
	pid = launch(&conf, &l, &e);
	return pid < 0 ? complain(&e) : exit_of(pid);
}
