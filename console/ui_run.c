/* ui_run.c - a command typed into the screens, run by its own function; what
 * it writes is caught and shown as a view. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/ui_prompt.h"
#include "core/base/mem.h"

#define OUTPUT_MOST (1u << 20)	/* bytes kept of what a command writes */

static ssize_t
caught(void *user, const char *data, size_t size)
{
	struct buf *text = user;

	if (text->size + size > OUTPUT_MOST)
		return 0;	/* the stream fails: the command ends */
	buf_put(text, data, size);
	return (ssize_t)size;
}

/* In a box: these are longer than the status line. */
__attribute__((format(printf, 2, 3)))
static void
tell(struct ui *ui, const char *fmt, ...)
{
	struct dialog *d = ui_dialog(ui, "Not from here", NULL, "OK", NULL);
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	pager_text(&d->text, LOOK_PLAIN, "%s", text);
}

/* A person at the screens cannot type into a command, nor stop it. */
static bool
run_refused(struct ui *ui, const struct command *k)
{
	const char *csr = k == NULL ? NULL : strstr(k->synopsis, "< ");
	char line[640];

	if (k == NULL || !command_allowed(k, ui_role(ui)))
		return false;
	if (k->run == command_watch) {
		ui_open(ui, "changes", "");
		return true;
	}
	if (k->run == command_plain) {
		ui_leave_by_lines(ui);
		return true;
	}
	if (csr == NULL)
		return false;
	if (csr != NULL && csr > k->synopsis && csr[-1] == '[')
		return false;	/* it can do without */
	exec_line(line, sizeof line, &ui->me, k->name, NULL);
	tell(ui, "%s reads a file, which cannot be sent from here. The key n in the requests takes a paste of it; in a shell it is: %s %s",
	    k->name, line, csr);
	return true;
}

static int
run_caught(struct ui *ui, struct prompt *p, const char *line,
    struct buf *text)
{
	static const cookie_io_functions_t io = { .write = caught };
	struct console *c = p->console;
	struct typing *in = xcalloc(1, sizeof *in);
	FILE *out = fopencookie(text, "w", io), *err = fopencookie(text, "w",
	    io);
	int status = EXIT_USAGE, fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (c == NULL)
		c = p->console = xcalloc(1, sizeof *c);
	if (out != NULL && err != NULL && fd >= 0) {
		c->line = ui->line;
		c->me = ui->me;
		output_init(&c->out, out, err);
		c->out.utf8 = screen_utf8();
		typing_open(in, fd, &c->out, ui->line, false);
		c->in = in;
		status = command_run(c, line);
		c->in = NULL;
	}
	if (out != NULL)
		fclose(out);
	if (err != NULL)
		fclose(err);
	if (fd >= 0)
		close(fd);
	secret_free(in, sizeof *in);
	return status;
}

static bool
leaves(const char *line)
{
	return strcmp(line, "q") == 0 || strcmp(line, "quit") == 0 ||
	    strcmp(line, "exit") == 0;
}

void
prompt_run(struct ui *ui, struct prompt *p, const char *line)
{
	char *words[CALL_WORDS], *room = NULL;
	const struct command *k = NULL;
	struct buf text = { 0 };
	size_t used;
	int n, status;

	if (leaves(line)) {
		ui_leave(ui);
		return;
	}
	n = words_split(line, &room, words, CALL_WORDS, NULL);
	if (n > 0)
		k = command_find(words, (size_t)n, &used);
	free(room);
	if (run_refused(ui, k))
		return;
	status = run_caught(ui, p, line, &text);
	ui->changed = true;	/* it may have changed what stands below */
	buf_clear(&ui->output.text);
	ui->output.text = text;
	ui->output.status = status;
	snprintf(ui->output.line, sizeof ui->output.line, "%s", line);
	if (text.size == 0 && status == 0)
		ui_say(ui, LOOK_GOOD, "Done: %s", line);
	else
		ui_open(ui, "output", line);
}

void
ui_command(struct ui *ui, ...)
{
	char line[512] = "";
	const char *word;
	size_t len = 0;
	va_list ap;

	va_start(ap, ui);
	while ((word = va_arg(ap, const char *)) != NULL && len < sizeof line)
		len += (size_t)snprintf(line + len, sizeof line - len,
		    "%s%s", len > 0 ? " " : "", word);
	va_end(ap);
	if (len >= sizeof line)
		return;
	if (ui->prompt == NULL)
		ui->prompt = xcalloc(1, sizeof *ui->prompt);
	prompt_run(ui, ui->prompt, line);
}
