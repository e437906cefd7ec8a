/* init.c - making an authority, and taking its signed certificate back. */
#include "core/ctl/ctl.h"

#include <string.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/base/passphrase.h"
#include "core/base/user.h"

#define PEM_MAX (256u << 10)

/* Is there already something under this name, other than an empty folder? */
static bool
stands(const char *name)
{
	char path[CONF_PATH_SIZE];

	conf_path(&conf, path, name);
	return access(path, F_OK) == 0 && rmdir(path) < 0;
}

/* A trial's root signs a new issuer as well; where there is none, a PKCS#10
 * goes out. */
static bool
ca_has_root(void)
{
	char path[CONF_PATH_SIZE];

	conf_path(&conf, path, "root.pem");
	return access(path, F_OK) == 0;
}

/* What an attempt that failed half-way left is made whole by the next one. */
static int
parts_make(bool trial, bool keys, bool database)
{
	const char *const signer[] = { "--init", trial ? "trial" : "outside",
		NULL };
	const char *const registrar_init[] = { "--init", NULL };
	struct err e;
	int status = 0;

	if (keys && passphrase_get(&conf, true, &e) < 0)
		return complain(&e);
	/* the signer gives its folder to its user itself: the certificates
	 * go into service_dir, where that user may not write */
	if (keys)
		status = offline_run(BINARY_SIGNER, signer, "", true);
	passphrase_forget();
	if (status == 0 && database)
		status = offline_run(BINARY_REGISTRAR, registrar_init,
		    conf.users_registrar, false);
	if (status != 0) {
		err_set(&e, ERR_BROKEN, "xmpp-icactl(8)",
		    "the authority was not made; the lines above say why");
		complain(&e);
	}
	return status;
}

int
ctl_init(int argc, char **argv)
{
	bool trial = argc >= 2 && strcmp(argv[1], "--trial") == 0;
	bool person = argc == 3 && strcmp(argv[2], "--person") == 0;
	bool keys, database;
	struct err e;
	int status;

	if (argc == 2 && strcmp(argv[1], "--person") == 0)
		return issuer_new(true, !ca_has_root());
	if (argc != 2 + person || (!trial && strcmp(argv[1], "--outside") != 0))
		return usage_of("init");
	keys = !stands(FOLDER_CA);
	database = !stands(FILE_DATABASE);
	if (!keys && !database) {
		err_set(&e, ERR_CONFLICT, "xmpp-icactl(8)",
		    "%s has an authority already; nothing was changed",
		    conf.service_dir);
		return complain(&e);
	}
	if (folders_prepare(&conf, &e) < 0)
		return complain(&e);
	status = parts_make(trial, keys, database);
	if (status != 0)
		return status;
	if (trial)
		printf("made: %s/root.pem and %s/ica.pem\n",
		    conf.service_dir, conf.service_dir);
	else
		printf("made: %s/ica-server-1.csr.pem; have it signed, start xmpp-icad, then: xmpp-icactl -c %s import CERT --roots ROOTS\n",
		    conf.service_dir, conf.file);
	return person ? issuer_new(true, !trial) : 0;
}

int
ctl_import(int argc, char **argv)
{
	struct import_wish w = { 0 };
	struct issuer i = { 0 };
	const char *roots = NULL;
	struct err e;
	int r = -1;

	if (argc == 4 && strcmp(argv[2], "--roots") == 0)
		roots = argv[3];
	else if (argc != 2)
		return usage_of("import");
	if (!registrar_runs()) {
		err_set(&e, ERR_UNAVAILABLE, "xmpp-icactl(8)",
		    "the authority does not run, and only its signer can take a certificate: start xmpp-icad -c %s, then import again",
		    conf.file);
		return complain(&e);
	}
	if (file_read(argv[1], PEM_MAX, &w.certificate, &e) == 0 &&
	    (roots == NULL || file_read(roots, PEM_MAX, &w.roots, &e) == 0))
		r = ask_operator_issuer_import(registrar(), &w, &i, &e);
	if (r == 0 && i.waits != 0)
		r = waits_say(i.waits, i.text);
	else if (r == 0)
		printf("%s is %s\n", i.name, i.state);
	NOUN_CLEAR(import_wish, &w);
	NOUN_CLEAR(issuer, &i);
	return r < 0 ? complain(&e) : r;
}
