/* settings.c - the configuration of this process, and where the share folder
 * keeps mail templates and policy texts. */
#include "core/registrar/registrar.h"

#include <unistd.h>

#include "core/base/file.h"

struct conf conf;

static bool
found(char dst[CONF_PATH_SIZE], const char *folder, const char *name)
{
	return path_join(dst, CONF_PATH_SIZE, folder, name) == 0 &&
	    access(dst, R_OK) == 0;
}

int
share_path(char dst[CONF_PATH_SIZE], const char *name, struct err *e)
{
	char own[CONF_PATH_SIZE];

	if (conf.service_share[0] != '\0') {
		conf_path(&conf, own, conf.service_share);
		if (found(dst, own, name))
			return 0;
	}
	if (found(dst, PKGDATADIR, name) || found(dst, SRCDIR "/share", name))
		return 0;
	return err_set(e, ERR_NOT_FOUND, "share",
	    "the file %s is missing in the share folder of this installation",
	    name);
}
