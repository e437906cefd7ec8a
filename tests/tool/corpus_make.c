/* corpus_make.c - the corpus of requests (tests/unit/corpus.h) as files:
 * corpus_make DIR EVERY writes each EVERY-th as DIR/NUMBER.csr, and a line
 * NUMBER RULE ASKED PROFILE JID for it on stdout (- for none; an address with
 * a blank or a byte beyond ASCII is %). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/corpus.h"

struct job {
	const char *folder;
	size_t every, n;
};

static bool
is_plain(const char *jid)
{
	for (; *jid > ' ' && *jid < 0x7f; jid++)
		;
	return *jid == '\0';
}

static void
put(const struct corpus_case *c, void *user)
{
	struct job *job = user;
	char path[4096];
	FILE *f = NULL;

	if (job->n++ % job->every != 0)
		return;
	snprintf(path, sizeof path, "%s/%zu.csr", job->folder, job->n);
	if ((f = fopen(path, "w")) == NULL || fwrite(c->bytes.data, 1,
	    c->bytes.size, f) != c->bytes.size || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
	printf("%zu %s %s %s %s\n", job->n, c->rule,
	    c->asked[0] ? c->asked : "-", c->profile[0] ? c->profile : "-",
	    c->jid[0] == '\0' ? "-" : is_plain(c->jid) ? c->jid : "%");
}

int
main(int argc, char **argv)
{
	struct job job = { .folder = argc == 3 ? argv[1] : "" };

	if (argc != 3 || (job.every = strtoul(argv[2], NULL, 10)) == 0) {
		fputs("usage: corpus_make DIR EVERY\n", stderr);
		return 2;
	}
	corpus_each(put, &job);
	return 0;
}
