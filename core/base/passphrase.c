/* passphrase.c - fetching the passphrase of the CA keys and handing it on. */
#include "core/base/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/log.h"

#define LEAST 8			/* the signer asks for as many */

struct passphrase {
	char *text;			/* a locked page of its own */
	size_t size;
};
static struct passphrase kept;

static int
page_take(struct passphrase *p, struct err *e)
{
	p->size = 0;
	p->text = mmap(NULL, PASSPHRASE_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p->text == MAP_FAILED) {
		p->text = NULL;
		return err_set(e, ERR_UNAVAILABLE, "key-passphrase",
		    "memory: %s", strerror(errno));
	}
	if (mlock(p->text, PASSPHRASE_SIZE) < 0)
		log_warn("memory of the passphrase cannot be locked: %s",
		    strerror(errno));
	madvise(p->text, PASSPHRASE_SIZE, MADV_DONTDUMP);
	return 0;
}

static void
page_wipe(struct passphrase *p)
{
	if (p->text == NULL)
		return;
	secret_wipe(p->text, PASSPHRASE_SIZE);
	munmap(p->text, PASSPHRASE_SIZE);
	p->text = NULL;
	p->size = 0;
}

/* One line from a descriptor into the locked page; without stdio, which
 * would keep a copy. */
static int
line_read(int fd, const char *from, struct passphrase *p, struct err *e)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, p->text + n, PASSPHRASE_SIZE - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(e, ERR_UNAVAILABLE, "key-passphrase",
			    "%s: %s", from, strerror(errno));
		n += (size_t)got;
		if (got == 0 || (n > 0 && p->text[n - 1] == '\n'))
			break;
		if (n == PASSPHRASE_SIZE)
			return err_set(e, ERR_BAD_INPUT, "key-passphrase",
			    "%s: a passphrase has at most %d bytes", from,
			    PASSPHRASE_SIZE - 1);
	}
	if (n > 0 && p->text[n - 1] == '\n')
		n--;
	if (n < LEAST || memchr(p->text, '\0', n) != NULL)
		return err_set(e, ERR_BAD_INPUT, "key-passphrase",
		    "%s: a passphrase has %d bytes or more in one line, "
		    "this one has %zu", from, LEAST, n);
	p->size = n;
	return 0;
}

static int
from_file(const char *path, bool must_be_private, struct passphrase *p,
    struct err *e)
{
	struct stat st;
	int fd, r = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND :
		    ERR_UNAVAILABLE, "key-passphrase", "%s: %s", path,
		    strerror(errno));
	if (fstat(fd, &st) < 0 || (must_be_private &&
	    S_ISREG(st.st_mode) && (st.st_mode & 077) != 0))
		err_set(e, ERR_REFUSED, "key-passphrase",
		    "%s may be read by others: chmod 600 it", path);
	else
		r = line_read(fd, path, p, e);
	close(fd);
	return r;
}

static int
tty_ask(int tty, const char *prompt, struct passphrase *p, struct err *e)
{
	struct termios was, quiet;
	int r;

	if (tcgetattr(tty, &was) < 0)
		return err_set(e, ERR_UNAVAILABLE, "key-passphrase",
		    "terminal: %s", strerror(errno));
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ICANON | ISIG;
	tcsetattr(tty, TCSAFLUSH, &quiet);
	fd_write_all(tty, prompt, strlen(prompt));
	r = line_read(tty, "terminal", p, e);
	tcsetattr(tty, TCSAFLUSH, &was);
	fd_write_all(tty, "\n", 1);
	return r;
}

static int
from_terminal(bool is_new, struct passphrase *p, struct err *e)
{
	struct passphrase again = { 0 };
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC), r;

	if (tty < 0)
		return err_set(e, ERR_UNAVAILABLE, "key-passphrase",
		    "no passphrase of the CA keys: there is no terminal to "
		    "ask, no systemd credential " PASSPHRASE_CREDENTIAL
		    ", and [signer] passphrase_file is not set");
	r = tty_ask(tty, is_new ? "New passphrase of the CA keys: " :
	    "Passphrase of the CA keys: ", p, e);
	if (r == 0 && is_new && (r = page_take(&again, e)) == 0) {
		r = tty_ask(tty, "The same again: ", &again, e);
		if (r == 0 && (again.size != p->size ||
		    memcmp(again.text, p->text, p->size) != 0))
			r = err_set(e, ERR_BAD_INPUT, "key-passphrase",
			    "the two were not the same: nothing was made, "
			    "start again");
		page_wipe(&again);
	}
	close(tty);
	return r;
}

int
passphrase_get(const struct conf *c, bool is_new, struct err *e)
{
	struct passphrase *p = &kept;
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char path[CONF_PATH_SIZE];
	int r;

	if (page_take(p, e) < 0)
		return -1;
	if (c->signer_passphrase_file[0] != '\0') {
		conf_path(c, path, c->signer_passphrase_file);
		r = from_file(path, true, p, e);
	} else if (credentials != NULL && path_join(path, sizeof path,
	    credentials, PASSPHRASE_CREDENTIAL) == 0 &&
	    access(path, F_OK) == 0) {
		r = from_file(path, false, p, e);
	} else {
		r = from_terminal(is_new, p, e);
	}
	if (r < 0)
		page_wipe(p);
	return r;
}

int
passphrase_pipe(struct err *e)
{
	int ends[2];

	/* it is shorter than a pipe is deep: the write never waits */
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, ERR_UNAVAILABLE, "key-passphrase",
		    "pipe: %s", strerror(errno));
	if (fd_write_all(ends[1], kept.text, kept.size) < 0) {
		err_set(e, ERR_UNAVAILABLE, "key-passphrase", "pipe: %s",
		    strerror(errno));
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	return ends[0];
}

void
passphrase_forget(void)
{
	page_wipe(&kept);
}
