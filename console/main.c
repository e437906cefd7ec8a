/*
 * main.c - xmpp-ica-console: one person's session.  Started by the gate with
 * the seat on descriptor 3; runs one command, the plain dialogue, or the
 * screens, and leaves with the exit status of the SSH session.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "console/command.h"
#include "console/plain.h"
#include "console/ui.h"
#include "core/base/child.h"
#include "core/base/jail.h"
#include "core/base/log.h"
#include "core/base/text.h"

#define ANSWER_MS 60000		/* longest wait for an answer */
#define IDLE_MINUTES 60

struct options {
	const char *exec;	/* NULL: interactive */
	int idle_minutes;
};

static int
options_parse(struct options *o, int argc, char **argv)
{
	int64_t n;

	o->idle_minutes = IDLE_MINUTES;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--exec") == 0) {
			o->exec = getenv(CONSOLE_COMMAND);
			if (o->exec == NULL)
				o->exec = "";
		} else if (i + 1 < argc && strcmp(argv[i], "--idle") == 0 &&
		    number_parse(argv[i + 1], 1440, &n) && n > 0) {
			o->idle_minutes = (int)n;
			i++;
		} else {
			fprintf(stderr, "usage: xmpp-ica-console [--exec] [--idle MINUTES], the seat on descriptor 3, the command line in " CONSOLE_COMMAND "\n");
			return -1;
		}
	}
	return 0;
}

/* What the client sent first of LC_ALL, LC_CTYPE, LANG decides. */
static bool
locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < 3; i++) {
		const char *v = getenv(names[i]);
		const char *dot;

		if (v == NULL || v[0] == '\0')
			continue;
		dot = strrchr(v, '.');
		return dot != NULL && (strcasecmp(dot, ".UTF-8") == 0 ||
		    strcasecmp(dot, ".UTF8") == 0);
	}
	return false;
}

/* A terminal that can do no more than print lines. */
static bool
terminal_is_dumb(void)
{
	const char *term = getenv("TERM");

	return term == NULL || term[0] == '\0' ||
	    strcmp(term, "dumb") == 0 || strcmp(term, "unknown") == 0 ||
	    strcmp(term, "none") == 0;
}

static bool
is_blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == '\0';
}

static int
session_run(struct console *c, const struct options *o)
{
	int status = -1;

	if (o->exec != NULL && !is_blank(o->exec))
		return command_run(c, o->exec);
	if (c->in->terminal && c->out.terminal && !terminal_is_dumb() &&
	    !c->me.plain) {
		typing_close(c->in);
		status = ui_run(c->line, &c->me, o->idle_minutes);
	}
	return status < 0 ? plain_run(c) : status;
}

static int
session_open(struct console *c, struct line *l, struct err *e)
{
	struct none nothing = { 0 };

	c->line = l;
	if (jail_enter(JAIL_CONSOLE, NULL, e) < 0)
		return -1;
	return ask_whoami(l, &nothing, &c->me, e);
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	struct console c = { 0 };
	struct typing in = { 0 };
	struct line l;
	struct err e = { 0 };
	int status;

	log_open("console");
	log_level(0);
	signal(SIGPIPE, SIG_IGN);
	if (options_parse(&o, argc, argv) < 0)
		return EXIT_USAGE;
	output_init(&c.out, stdout, stderr);
	if (locale_is_utf8() && setlocale(LC_CTYPE, "C.UTF-8") != NULL)
		c.out.utf8 = true;
	line_init(&l, CONSOLE_SEAT_FD);
	l.timeout_ms = ANSWER_MS;
	typing_open(&in, STDIN_FILENO, &c.out, &l, false);
	in.idle_ms = o.idle_minutes * 60000;
	c.in = &in;
	status = session_open(&c, &l, &e) < 0 ? explain(&c.out, &e) :
	    session_run(&c, &o);
	if (output_flush(&c.out) < 0 && status == 0)
		status = err_exit_status(ERR_UNAVAILABLE);
	typing_close(&in);
	line_close(&l);
	return status;
}
