/*
 * ui_demo.c - the console on this terminal with a registrar of paper behind
 * it: to look at the screens without an authority.
 *
 *   ui_demo [-n REQUESTS] [-f] ROLE CONSOLE [ARGUMENT...]
 */
#include <fcntl.h>
#include <time.h>

#include "core/base/child.h"
#include "core/base/mem.h"
#include "tests/view/registrar.h"

int
main(int argc, char **argv)
{
	struct fake fake = { .now = time(NULL), .requests = 250 };
	int seat, control, c, role;

	while ((c = getopt(argc, argv, "+n:f")) != -1) {
		if (c == 'f')
			fake.fresh = true;
		else if (c != 'n' ||
		    !number_parse(optarg, 100000000, &fake.requests))
			return 2;
	}
	if (argc - optind < 2 ||
	    (role = word_parse(&role_words, argv[optind])) < 0)
		return 2;
	fake.role = (enum role)role;
	fake_start(&fake, &seat, &control);
	if (dup2(seat, CONSOLE_SEAT_FD) < 0 ||
	    fcntl(CONSOLE_SEAT_FD, F_SETFD, 0) < 0)
		return 2;
	execv(argv[optind + 1], argv + optind + 1);
	perror(argv[optind + 1]);
	return 2;
}
