/* log_files.c - the published log as files (C2SP tlog-tiles): tiles of hashes,
 * bundles of entries.  They follow from the rows and are written again when
 * they are lost; so they are synced together, before the head that needs
 * them is put in place. */
#include "core/registrar/audit/log_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/registrar/registrar.h"

#define BUNDLE_MAX (TILE_WIDTH * (LEAF_MAX + 2))

void
log_file_path(char dst[CONF_PATH_SIZE], const char *name)
{
	char relative[256];

	snprintf(relative, sizeof relative, "%s/" FOLDER_LOG "/%s",
	    FOLDER_PUBLISHED, name);
	conf_path(&conf, dst, relative);
}

/* 1234067 is x001/x234/067. */
static void
index_put(char *dst, size_t size, int64_t index)
{
	char rest[64] = "";

	if (index >= 1000)
		index_put(rest, sizeof rest, index / 1000);
	snprintf(dst, size, "%s%s%03d", rest, rest[0] != '\0' ? "/" : "",
	    (int)(index % 1000));
}

static void
index_text(char dst[96], int64_t index)
{
	char plain[64];
	size_t n = 0;

	index_put(plain, sizeof plain, index);
	for (const char *p = plain; *p != '\0'; p++) {
		/* every element but the last begins with an x */
		if ((p == plain || p[-1] == '/') && strchr(p, '/') != NULL)
			dst[n++] = 'x';
		dst[n++] = *p;
	}
	dst[n] = '\0';
}

void
log_tile_name(char dst[128], int level, int64_t index, int width)
{
	char words[96], part[16] = "", level_word[16];

	index_text(words, index);
	snprintf(level_word, sizeof level_word, "%d", level);
	if (width < TILE_WIDTH)
		snprintf(part, sizeof part, ".p/%d", width);
	snprintf(dst, 128, "tile/%.8s/%.80s%s", level == LOG_ENTRIES ?
	    "entries" : level_word, words, part);
}

/* published/log/tile/LEVEL/INDEX[.p/WIDTH]; width TILE_WIDTH: complete. */
static void
log_tile_path(char dst[CONF_PATH_SIZE], int level, int64_t index, int width)
{
	char name[128];

	log_tile_name(name, level, index, width);
	log_file_path(dst, name);
}

/* The folders above a file, readable for everybody; the umask is ours. */
static int
folders_make(const char *path, struct err *e)
{
	char copy[CONF_PATH_SIZE], top[CONF_PATH_SIZE];
	size_t n = strlen(path);

	log_file_path(top, "");
	memcpy(copy, path, n + 1);
	for (size_t i = strlen(top); i < n; i++) {
		if (copy[i] != '/')
			continue;
		copy[i] = '\0';
		if (mkdir(copy, 0755) == 0) {
			if (chmod(copy, 0755) < 0)
				return err_set(e, ERR_UNAVAILABLE, "folder",
				    "%s: %s", copy, strerror(errno));
		} else if (errno != EEXIST) {
			return err_set(e, ERR_UNAVAILABLE, "folder",
			    "%s: %s", copy, strerror(errno));
		}
		copy[i] = '/';
	}
	return 0;
}

/* Beside, then renamed; not synced one by one. */
static int
tile_put(const char *path, const void *data, size_t size, struct err *e)
{
	char fresh[CONF_PATH_SIZE + 8];
	int fd;

	snprintf(fresh, sizeof fresh, "%s.new", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0644);
	if (fd < 0 && errno == ENOENT) {
		if (folders_make(path, e) < 0)
			return -1;
		fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
		    O_CLOEXEC, 0644);
	}
	if (fd < 0 || fchmod(fd, 0644) < 0 ||
	    fd_write_all(fd, data, size) < 0 || rename(fresh, path) < 0) {
		err_set(e, ERR_UNAVAILABLE, "file", "%s: %s", path,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		unlink(fresh);
		return -1;
	}
	close(fd);
	return 0;
}

static int
hashes_write(int level, int64_t index, int width, struct err *e)
{
	struct merkle_hash h[TILE_WIDTH];
	char path[CONF_PATH_SIZE];

	log_tile_path(path, level, index, width);
	if (log_tree.hashes(log_tree.user, level, index * TILE_WIDTH, width,
	    h, e) < 0)
		return -1;
	return tile_put(path, h, (size_t)width * 32, e);
}

static int
bundle_write(int64_t index, int width, struct err *e)
{
	struct buf b = { 0 };
	char path[CONF_PATH_SIZE];
	int r = -1;

	log_tile_path(path, LOG_ENTRIES, index, width);
	if (log_leaves_put(&b, index * TILE_WIDTH, width, e) == 0)
		r = tile_put(path, b.data, b.size, e);
	buf_clear(&b);
	return r;
}

/* Partial tiles may go once the whole is there. */
static void
partials_remove(int level, int64_t index)
{
	char folder[CONF_PATH_SIZE], path[CONF_PATH_SIZE];

	log_tile_path(folder, level, index, 1);
	*strrchr(folder, '/') = '\0';
	if (access(folder, F_OK) < 0)
		return;
	for (int width = 1; width < TILE_WIDTH; width++) {
		log_tile_path(path, level, index, width);
		unlink(path);
	}
	rmdir(folder);
}

int
log_tile_write(int64_t tile, struct err *e)
{
	int64_t index = tile;

	if (bundle_write(tile, TILE_WIDTH, e) < 0)
		return -1;
	partials_remove(LOG_ENTRIES, tile);
	for (int level = 0; level < MERKLE_LEVELS; level++) {
		if (hashes_write(level, index, TILE_WIDTH, e) < 0)
			return -1;
		partials_remove(level, index);
		if ((index + 1) % TILE_WIDTH != 0)
			break;
		index /= TILE_WIDTH;
	}
	return 0;
}

int
log_partials_write(int64_t size, struct err *e)
{
	int width = (int)(size % TILE_WIDTH);

	if (width > 0 && bundle_write(size / TILE_WIDTH, width, e) < 0)
		return -1;
	for (int level = 0; size > 0; level++, size /= TILE_WIDTH) {
		width = (int)(size % TILE_WIDTH);
		if (width > 0 && hashes_write(level, size / TILE_WIDTH,
		    width, e) < 0)
			return -1;
	}
	return 0;
}

int
log_files_sync(struct err *e)
{
	char path[CONF_PATH_SIZE];
	int fd, r;

	log_file_path(path, "");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? -1 : syncfs(fd);
	if (r < 0)
		err_set(e, ERR_UNAVAILABLE, "file", "%s: %s", path,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}

int
log_bundle_read(int64_t tile, int width, struct blob *out, struct err *e)
{
	char path[CONF_PATH_SIZE];

	log_tile_path(path, LOG_ENTRIES, tile, TILE_WIDTH);
	if (file_read(path, BUNDLE_MAX, out, NULL) == 0)
		return 0;
	log_tile_path(path, LOG_ENTRIES, tile, width);
	return file_read(path, BUNDLE_MAX, out, e);
}
