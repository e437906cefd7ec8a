/* conf_fuzz.c - a configuration is good, or says which line is not. */
#include "fuzz.h"

#include <unistd.h>

#include "core/base/conf.h"

static char folder[] = "/tmp/conf_fuzz.XXXXXX";
static char file[64];

static void
tidy_up(void)
{
	unlink(file);
	rmdir(folder);
}

static void
values_claim(const struct conf *c)
{
	for (unsigned long i = 0; i < conf_key_count; i++) {
		const struct conf_key *k = &conf_keys[i];
		const char *at = (const char *)c + k->offset;
		int64_t v;

		if (k->kind == 's')
			CLAIM(memchr(at, 0, CONF_STR_SIZE) != NULL);
		if (k->kind != 'i')
			continue;
		memcpy(&v, at, sizeof v);
		CLAIM(v >= k->low && v <= k->high);
	}
	CLAIM(c->service_dir[0] == '/');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf c;
	struct err e = { 0 };
	FILE *f;

	if (file[0] == '\0') {
		CLAIM(mkdtemp(folder) != NULL);
		snprintf(file, sizeof file, "%s/xmpp-ica.conf", folder);
		atexit(tidy_up);
	}
	CLAIM((f = fopen(file, "w")) != NULL);
	fwrite(data, 1, size, f);
	fclose(f);
	if (conf_read(file, &c, &e) == 0)
		values_claim(&c);
	else
		CLAIM(e.kind != ERR_NONE && e.text[0] != '\0');
	return 0;
}
