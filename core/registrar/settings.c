/* settings.c - the configuration of this process, and where the share folder
 * keeps mail templates and policy texts. */
#include "core/registrar/registrar.h"

struct conf conf;

int
share_path(char dst[CONF_PATH_SIZE], const char *name, struct err *e)
{
	return conf_share_path(&conf, dst, name, e);
}
