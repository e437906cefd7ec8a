/* log_files.h - the published log as files: C2SP tlog-tiles. */
#ifndef REGISTRAR_LOG_FILES_H
#define REGISTRAR_LOG_FILES_H

#include "core/base/conf.h"
#include "core/registrar/audit/log.h"

#define LOG_ENTRIES (-1)	/* the level of the entry bundles */

/* tile/LEVEL/INDEX[.p/WIDTH] */
void log_tile_name(char dst[128], int level, int64_t index, int width);
/* published/log/NAME */
void log_file_path(char dst[CONF_PATH_SIZE], const char *name);
/* What became complete with the tile of 256 entries `tile`. */
int log_tile_write(int64_t tile, struct err *e);
/* The tiles that are not complete at this size. */
int log_partials_write(int64_t size, struct err *e);
/* All that was written is on the disk. */
int log_files_sync(struct err *e);
/* Entry bundle of the tile, of this width; ERR_NOT_FOUND. */
int log_bundle_read(int64_t tile, int width, struct blob *out,
    struct err *e);

#endif
