/* log.c - lines for the operator on stderr. */
#include "core/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"

static const char *log_process = "xmpp-ica";
static int log_verbosity = 1;

void
log_open(const char *process)
{
	log_process = process;
}

void
log_level(int level)
{
	log_verbosity = level;
}

/* One write(2) a line, so that lines of several processes never mix. */
__attribute__((format(printf, 2, 0)))
static void
log_line(const char *severity, const char *fmt, va_list ap)
{
	char raw[1024], safe[4096], line[4352];
	int n;

	if (vsnprintf(raw, sizeof raw, fmt, ap) < 0)
		return;
	render_untrusted(safe, sizeof safe, raw, strlen(raw));
	n = snprintf(line, sizeof line, "%s: %s: %s\n", log_process, severity,
	    safe);
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		return;		/* nowhere left to say it */
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("warning", fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	if (log_verbosity < 1)
		return;
	va_start(ap, fmt);
	log_line("info", fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (log_verbosity < 2)
		return;
	va_start(ap, fmt);
	log_line("debug", fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("fatal", fmt, ap);
	va_end(ap);
	_exit(70);
}
