/* openssl_judge.h - the real `openssl` command as an independent judge, and
 * a folder of one's own that goes away at the end. */
#ifndef UNIT_OPENSSL_JUDGE_H
#define UNIT_OPENSSL_JUDGE_H

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/base/file.h"

static char judge_folder[64];
static char judge_said[65536];	/* stdout and stderr of the last command */

static inline int
folder_begin(void **state)
{
	(void)state;
	snprintf(judge_folder, sizeof judge_folder, "/tmp/unit.XXXXXX");
	return mkdtemp(judge_folder) == NULL ? -1 : 0;
}

static inline void
folder_wipe(const char *folder)
{
	struct dirent **found = NULL;
	int n = scandir(folder, &found, NULL, NULL);

	for (int i = 0; i < n; i++) {
		char path[512];

		if (path_join(path, sizeof path, folder,
		    found[i]->d_name) == 0 && strcmp(found[i]->d_name, ".") != 0 &&
		    strcmp(found[i]->d_name, "..") != 0 &&
		    unlink(path) < 0)
			folder_wipe(path);
		free(found[i]);
	}
	free(found);
	rmdir(folder);
}

static inline int
folder_end(void **state)
{
	(void)state;
	folder_wipe(judge_folder);
	return 0;
}

/* Four paths in the folder can be in use at once. */
static inline const char *
in_folder(const char *name)
{
	static char paths[4][256];
	static int next;

	next = (next + 1) % 4;
	snprintf(paths[next], sizeof paths[next], "%s/%s", judge_folder,
	    name);
	return paths[next];
}

/* judge("crl", "-in", "a.crl", NULL) runs openssl in the folder; its exit
 * status, and what it said in judge_said. */
static inline int
judge(const char *first, ...)
{
	const char *argv[40] = { "openssl", first };
	size_t n = 2, size = 0;
	int out[2], status;
	ssize_t got;
	va_list ap;
	pid_t pid;

	va_start(ap, first);
	while (n < 39 && (argv[n] = va_arg(ap, const char *)) != NULL)
		n++;
	va_end(ap);
	if (pipe(out) < 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		dup2(out[1], 1);
		dup2(out[1], 2);
		close(out[0]);
		close(out[1]);
		alarm(60);
		if (chdir(judge_folder) == 0)
			execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(out[1]);
	while (size < sizeof judge_said - 1 && (got = read(out[0],
	    judge_said + size, sizeof judge_said - 1 - size)) > 0)
		size += (size_t)got;
	judge_said[size] = '\0';
	close(out[0]);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
	    WEXITSTATUS(status) : -1;
}

static inline bool
judge_says(const char *text)
{
	if (strstr(judge_said, text) != NULL)
		return true;
	fprintf(stderr, "\"%s\" is not in:\n%s\n", text, judge_said);
	return false;
}

static inline void
put_file(const char *name, const void *data, size_t size)
{
	if (file_replace(in_folder(name), data, size, 0600, NULL) < 0)
		abort();
}

static inline void
put_certificate(const char *name, X509 *x)
{
	FILE *f = fopen(in_folder(name), "w");

	if (f == NULL || PEM_write_X509(f, x) != 1)
		abort();
	fclose(f);
}

#endif
