/* crls.c - when the published CRLs were made and how long they count: read
 * from their first bytes, however long they are. */
#include "core/publisher/publisher.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/x509/crl_head.h"

#define LOOK_MS 1000
#define CERTIFICATE_MAX 65536

static struct crl_seen seen[CRLS];
static size_t n_seen;

/* Unchanged since it was read: its times stand. */
struct known {
	char name[64];
	struct stat st;
	struct crl_seen seen;
};
static struct known known[CRLS];

static bool
same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void
crl_read(const char *file, struct known *k)
{
	char path[CONF_PATH_SIZE * 2], relative[256];
	uint8_t head[CRL_HEAD_MAX];
	struct crl_seen *s = &k->seen;
	struct stat st = { 0 };
	ssize_t n = -1;
	int fd;

	snprintf(relative, sizeof relative, "crl/%s", file);
	files_path(path, relative);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    !same(&st, &k->st)) {
		n = pread(fd, head, sizeof head, 0);
		if (n < 0 || crl_head_read(head, (size_t)n,
		    (size_t)st.st_size, &s->this_update,
		    &s->next_update) < 0)
			s->this_update = s->next_update = 0;
		k->st = st;
	}
	if (fd >= 0)
		close(fd);
	else
		s->this_update = s->next_update = 0;
	s->size = st.st_size;
}

/* Has the certificate of this name ended?  False also when there is none. */
static bool
ended(const char *name, int64_t now)
{
	char path[CONF_PATH_SIZE * 2], relative[128];
	time_t at = (time_t)now;
	struct blob der = { 0 };
	const uint8_t *p;
	X509 *x = NULL;
	bool is = false;

	snprintf(relative, sizeof relative, "ca/%.64s.crt", name);
	files_path(path, relative);
	if (file_read(path, CERTIFICATE_MAX, &der, NULL) == 0 &&
	    der.size > 0) {
		p = der.data;
		x = d2i_X509(NULL, &p, (long)der.size);
		is = x != NULL &&
		    X509_cmp_time(X509_get0_notAfter(x), &at) < 0;
	}
	X509_free(x);
	blob_clear(&der);
	return is;
}

/* The CRL of an issuer that has ended is not made again; that of a shard is
 * called NAME-SHARD. */
static bool
issuer_ended(const char *name, int64_t now)
{
	char whose[64];
	char *dash;

	if (ended(name, now))
		return true;
	snprintf(whose, sizeof whose, "%s", name);
	dash = strrchr(whose, '-');
	if (dash == NULL)
		return false;
	*dash = '\0';
	return ended(whose, now);
}

/* "NAME.crl" of a name that we would serve, cut to NAME. */
static bool
name_of(const char *file, char name[64])
{
	char path[300];
	size_t n = strlen(file);
	enum asked asked;

	if (n < 5 || n - 4 >= 64 || strcmp(file + n - 4, ".crl") != 0)
		return false;
	snprintf(path, sizeof path, "/crl/%s", file);
	if (!files_known(path, &asked))
		return false;
	memcpy(name, file, n - 4);
	name[n - 4] = '\0';
	return true;
}

/* Its place; one of another name is forgotten for it. */
static struct known *
known_of(const char *name, size_t at)
{
	for (size_t i = at; i < CRLS; i++)
		if (strcmp(known[i].name, name) == 0) {
			struct known k = known[i];

			known[i] = known[at];
			known[at] = k;
			return &known[at];
		}
	memset(&known[at], 0, sizeof known[at]);
	snprintf(known[at].name, sizeof known[at].name, "%s", name);
	memcpy(known[at].seen.name, known[at].name, sizeof known[at].name);
	return &known[at];
}

static void
look(void)
{
	char path[CONF_PATH_SIZE * 2], name[64];
	const struct dirent *d;
	DIR *dir;

	files_path(path, "crl");
	n_seen = 0;
	dir = opendir(path);
	while (dir != NULL && n_seen < CRLS && (d = readdir(dir)) != NULL) {
		struct known *k;

		if (!name_of(d->d_name, name))
			continue;
		k = known_of(name, n_seen);
		crl_read(d->d_name, k);
		k->seen.over = k->seen.next_update <= clock_now() &&
		    issuer_ended(name, clock_now());
		seen[n_seen++] = k->seen;
	}
	if (dir != NULL)
		closedir(dir);
}

size_t
crls_look(const struct crl_seen **list)
{
	static int64_t looked_at;
	int64_t now = clock_mono_ms();

	if (looked_at == 0 || now - looked_at >= LOOK_MS || n_seen == 0) {
		looked_at = now;
		look();
	}
	*list = seen;
	return n_seen;
}
