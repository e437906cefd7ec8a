/* evidence.c - `xmpp-icactl evidence`: the compliance evidence as one archive
 * (ustar), with a manifest that sha256sum -c reads (J6.3). */
#include "core/ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define BLOCK 512

/* An octal number with a NUL behind it. */
static void
octal_put(char *at, int digits, uint64_t v)
{
	for (int i = digits - 1; i >= 0; i--, v /= 8)
		at[i] = (char)('0' + v % 8);
}

/* The registrar's names, and no others, become names in the archive. */
static bool
name_ok(const char *name)
{
	return name[0] != '\0' && name[0] != '/' && name[0] != '.' &&
	    strstr(name, "..") == NULL && strlen(name) < 90 &&
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789.-/") == strlen(name);
}

static bool
member_write(FILE *f, const char *name, const void *body, size_t size)
{
	char h[BLOCK] = { 0 };
	static const char zeros[BLOCK];
	unsigned sum = 0;
	size_t rest = size % BLOCK;

	snprintf(h, 100, "evidence/%s", name);
	octal_put(h + 100, 7, 0600);
	octal_put(h + 108, 7, 0);
	octal_put(h + 116, 7, 0);
	octal_put(h + 124, 11, size);
	octal_put(h + 136, 11, (uint64_t)clock_now());
	memset(h + 148, ' ', 8);
	h[156] = '0';
	memcpy(h + 257, "ustar\0" "00", 8);
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	octal_put(h + 148, 6, sum);
	h[154] = '\0';
	return fwrite(h, 1, BLOCK, f) == BLOCK &&
	    (size == 0 || fwrite(body, 1, size, f) == size) &&
	    (rest == 0 || fwrite(zeros, 1, BLOCK - rest, f) == BLOCK - rest);
}

static int
parts_write(FILE *f, struct buf *manifest, struct err *e)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	struct ref at = { "" };
	int done = 0;

	do {
		struct evidence_part p = { 0 };
		char hex[65];

		if (ask_operator_evidence(registrar(), &at, &p, e) < 0)
			return -1;
		hex_encode(hex, p.sha256, sizeof p.sha256);
		if (p.name[0] != '\0' && (!name_ok(p.name) ||
		    !member_write(f, p.name, p.body.data, p.body.size)))
			done = err_set(e, ERR_UNAVAILABLE, "evidence",
			    "the archive cannot be written: %s",
			    strerror(errno));
		if (p.name[0] == '\0')		/* it is still being made */
			nanosleep(&pause, NULL);
		else
			buf_printf(manifest, "%s  evidence/%s\n", hex, p.name);
		str_copy(at.ref, sizeof at.ref, p.next);
		NOUN_CLEAR(evidence_part, &p);
	} while (done == 0 && at.ref[0] != '\0');
	return done;
}

/* Whole or not at all: beside it first, then renamed. */
static int
pack_write(const char *path, struct err *e)
{
	static const char end[2 * BLOCK];
	char beside[CONF_PATH_SIZE + 8];
	struct buf manifest = { 0 };
	FILE *f = NULL;
	int fd, done = -1;

	snprintf(beside, sizeof beside, "%.*s.part", CONF_PATH_SIZE - 1,
	    path);
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || (f = fdopen(fd, "w")) == NULL)
		return err_set(e, ERR_UNAVAILABLE, "evidence",
		    "%s cannot be made: %s", beside, strerror(errno));
	if (parts_write(f, &manifest, e) == 0) {
		done = member_write(f, "MANIFEST.sha256", manifest.data,
		    manifest.size) && fwrite(end, 1, sizeof end, f) ==
		    sizeof end && fflush(f) == 0 && fsync(fd) == 0 ? 0 :
		    err_set(e, ERR_UNAVAILABLE, "evidence",
		    "the archive cannot be written: %s", strerror(errno));
	}
	if (fclose(f) != 0 && done == 0)
		done = err_set(e, ERR_UNAVAILABLE, "evidence",
		    "the archive cannot be written: %s", strerror(errno));
	if (done == 0 && rename(beside, path) < 0)
		done = err_set(e, ERR_UNAVAILABLE, "evidence", "%s: %s", path,
		    strerror(errno));
	if (done < 0)
		unlink(beside);
	buf_clear(&manifest);
	return done;
}

int
ctl_evidence(int argc, char **argv)
{
	struct err e = { 0 };

	if (argc != 3 || strcmp(argv[1], "--out") != 0)
		return usage_of("evidence");
	if (strlen(argv[2]) >= CONF_PATH_SIZE || access(argv[2], F_OK) == 0) {
		err_set(&e, ERR_CONFLICT, "evidence",
		    "%.200s is there already; name a new file", argv[2]);
		return complain(&e);
	}
	if (pack_write(argv[2], &e) < 0)
		return complain(&e);
	printf("%s: check it with: tar xf ... && sha256sum -c evidence/MANIFEST.sha256\n",
	    argv[2]);
	return 0;
}
