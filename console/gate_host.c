/* gate_host.c - host key and algorithms. */
#include "console/gate_host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"

/*
 * Finite-field and NIST exchanges cost 2 to 70 times the CPU of curve25519 for
 * every stranger who connects; MACs are encrypt-then-MAC only; an own banner
 * does not say which library is inside.
 */
static const char kex[] =
    "curve25519-sha256,curve25519-sha256@libssh.org";
static const char host_key_types[] = "ssh-ed25519";
static const char ciphers[] = "chacha20-poly1305@openssh.com,"
    "aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes128-ctr";
static const char macs[] =
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com";
static const char user_key_types[] = "ssh-ed25519,sk-ssh-ed25519@openssh.com,"
    "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
    "sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256";
static const char banner[] = "xmpp-ica";

static int
folder_of_make(const char *path, struct err *e)
{
	char folder[CONF_PATH_SIZE];
	char *slash;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return 0;
	*slash = '\0';
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return err_set(e, ERR_UNAVAILABLE, "host-key", "%s: %s",
		    folder, strerror(errno));
	return 0;
}

static int
key_make(const char *path, struct err *e)
{
	char beside[CONF_PATH_SIZE + 8], public[CONF_PATH_SIZE + 8];
	ssh_key key = NULL;
	mode_t mask;
	int r;

	if (folder_of_make(path, e) < 0)
		return -1;
	snprintf(beside, sizeof beside, "%s.new", path);
	snprintf(public, sizeof public, "%s.pub", path);
	mask = umask(077);
	unlink(beside);
	r = ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key);
	if (r == SSH_OK)
		r = ssh_pki_export_privkey_file(key, NULL, NULL, NULL,
		    beside);
	if (r == SSH_OK)
		r = ssh_pki_export_pubkey_file(key, public);
	if (r == SSH_OK && (chmod(beside, 0600) < 0 ||
	    chmod(public, 0644) < 0 || rename(beside, path) < 0))
		r = SSH_ERROR;
	umask(mask);
	SSH_KEY_FREE(key);
	if (r != SSH_OK)
		return err_set(e, ERR_UNAVAILABLE, "host-key",
		    "cannot make the host key %s: %s", path, strerror(errno));
	log_info("host key made file=%s", path);
	return 0;
}

static int
key_load(const char *path, ssh_key *key, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0 && errno == ENOENT && key_make(path, e) < 0)
		return -1;
	if (stat(path, &st) < 0)
		return err_set(e, ERR_UNAVAILABLE, "host-key", "%s: %s", path,
		    strerror(errno));
	if ((st.st_mode & 077) != 0)
		return err_set(e, ERR_REFUSED, "host-key",
		    "%s may be read by others: chmod 600 it", path);
	if (ssh_pki_import_privkey_file(path, NULL, NULL, NULL, key) != SSH_OK)
		return err_set(e, ERR_BAD_INPUT, "host-key",
		    "%s is no private key without passphrase", path);
	if (ssh_key_type(*key) == SSH_KEYTYPE_ED25519)
		return 0;
	return err_set(e, ERR_REFUSED, "host-key",
	    "%s is no ed25519 key: make one with ssh-keygen -t ed25519", path);
}

static int
options_set(ssh_bind b)
{
	bool no = false;
	int rsa_bits = 2048;
	int r = 0;

#define SET(option, value) r |= ssh_bind_options_set(b, \
	SSH_BIND_OPTIONS_##option, value)
	SET(PROCESS_CONFIG, &no);
	SET(KEY_EXCHANGE, kex);
	SET(HOSTKEY_ALGORITHMS, host_key_types);
	SET(CIPHERS_C_S, ciphers);
	SET(CIPHERS_S_C, ciphers);
	SET(HMAC_C_S, macs);
	SET(HMAC_S_C, macs);
	SET(PUBKEY_ACCEPTED_KEY_TYPES, user_key_types);
	SET(RSA_MIN_SIZE, &rsa_bits);
	SET(BANNER, banner);
#undef SET
	return r == 0 ? 0 : -1;
}

int
host_open(struct ssh_host *h, const struct conf *c, struct err *e)
{
	char path[CONF_PATH_SIZE];
	ssh_key key = NULL;

	ssh_set_log_level(SSH_LOG_NOLOG);
	conf_path(c, path, c->ssh_host_key);
	if (key_load(path, &key, e) < 0) {
		SSH_KEY_FREE(key);
		return -1;
	}
	h->bind = ssh_bind_new();
	if (h->bind == NULL || options_set(h->bind) < 0)
		return err_set(e, ERR_BROKEN, "libssh",
		    "libssh %s does not take the algorithms of the gate",
		    ssh_version(0));
	/* the key is the bind's from here on */
	if (ssh_bind_options_set(h->bind, SSH_BIND_OPTIONS_IMPORT_KEY,
	    key) < 0)
		return err_set(e, ERR_BROKEN, "libssh",
		    "libssh does not take the host key");
	return 0;
}

ssh_session
host_session(void)
{
	ssh_session s = ssh_new();
	bool no = false;

	if (s != NULL && (ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG,
	    &no) < 0 ||
	    ssh_options_set(s, SSH_OPTIONS_COMPRESSION_C_S, "none") < 0 ||
	    ssh_options_set(s, SSH_OPTIONS_COMPRESSION_S_C, "none") < 0)) {
		ssh_free(s);
		s = NULL;
	}
	return s;
}
