/* publish_files.c - the chain in the published set, and where its files lie. */
#include "core/registrar/publish/publish.h"

#include <stdio.h>
#include <string.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/registrar/db.h"
#include "core/registrar/issuer/issuer.h"

#define CERTIFICATE_MAX 65536

enum { Q_ALL };

static const char *const sql[] = {
	[Q_ALL] = "SELECT name, purpose, der, root FROM issuer"
	    " WHERE state <> 'pending' ORDER BY name",
};
DB_STATEMENTS(publish_files, sql)

void
published_path(char dst[CONF_PATH_SIZE], const char *folder,
    const char *name, const char *suffix)
{
	char relative[256];

	snprintf(relative, sizeof relative, "%s/%s%s%s%s",
	    FOLDER_PUBLISHED, folder, *folder ? "/" : "", name, suffix);
	conf_path(&conf, dst, relative);
}

int
publish_folders(struct err *e)
{
	static const char *const folders[] = { "ca", "crl" };
	char path[CONF_PATH_SIZE];

	for (size_t i = 0; i < 2; i++) {
		published_path(path, folders[i], "", "");
		if (folder_make(path, 0755, e) < 0)
			return -1;
	}
	return 0;
}

/* Written only when it differs: readers keep their cached copy. */
static int
der_publish(const char *name, const struct blob *der, struct err *e)
{
	char path[CONF_PATH_SIZE];
	struct blob old = { 0 };
	bool same;

	if (der->size == 0)
		return 0;
	published_path(path, "ca", name, ".crt");
	same = file_read(path, CERTIFICATE_MAX, &old, NULL) == 0 &&
	    old.size == der->size &&
	    memcmp(old.data, der->data, der->size) == 0;
	blob_clear(&old);
	return same ? 0 : file_replace(path, der->data, der->size, 0644, e);
}

int
publish_chain(const struct issuer *i, struct err *e)
{
	if (publish_folders(e) < 0 || der_publish(i->name, &i->der, e) < 0)
		return -1;
	return der_publish(strcmp(i->purpose, "server") == 0 ? "root" :
	    "root-person", &i->root, e);
}

int
publish_chains(struct err *e)
{
	struct query *q = db_query(publish_files_prepared[Q_ALL]);
	int r;

	while ((r = q_next(q, e)) == 1) {
		struct issuer i = { 0 };
		size_t size;
		const uint8_t *p;
		int done;

		q_col_str(q, 0, i.name, sizeof i.name);
		q_col_str(q, 1, i.purpose, sizeof i.purpose);
		p = q_col_blob(q, 2, &size);
		blob_set(&i.der, p, size);
		p = q_col_blob(q, 3, &size);
		blob_set(&i.root, p, size);
		done = publish_chain(&i, e);
		NOUN_CLEAR(issuer, &i);
		if (done < 0) {
			q_end(q);
			return -1;
		}
	}
	return r;
}
