/* harden.c - keeping the keys out of swap, core files and other eyes. */
#include "core/signer/signer.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <openssl/crypto.h>

#include "core/base/file.h"
#include "core/base/log.h"

#define PASSPHRASE_MAX 1024
#define PASSPHRASE_LEAST 8
#define SECURE_HEAP (64u << 10)

void
harden_early(void)
{
	struct rlimit none = { 0, 0 };

	umask(077);
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		fatal("core files cannot be switched off: %s",
		    strerror(errno));
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		fatal("ptrace cannot be switched off: %s", strerror(errno));
	/* OpenSSL keeps private numbers there: locked, guarded by pages */
	if (CRYPTO_secure_malloc_init(SECURE_HEAP, 32) != 1)
		log_warn("keys: the locked heap for private keys was refused");
}

void
harden_memory(void)
{
	struct rlimit r;
	int flags = MCL_CURRENT;

	/* with a limit, locking what comes later would make an allocation
	 * fail when the journal's index grows */
	if (getrlimit(RLIMIT_MEMLOCK, &r) == 0 &&
	    r.rlim_cur == RLIM_INFINITY)
		flags |= MCL_FUTURE;
	if (mlockall(flags) < 0)
		log_warn("keys: memory is not locked as a whole (%s): raise "
		    "the limit on locked memory; private keys themselves lie "
		    "in OpenSSL's locked heap", strerror(errno));
	else if (!(flags & MCL_FUTURE))
		log_info("keys: memory locked as it is now");
}

char *
passphrase_read(int fd, struct err *e)
{
	struct blob b = { 0 };
	char *text = NULL;
	size_t n;

	if (fd_read_all(fd, PASSPHRASE_MAX, &b, e) < 0)
		return NULL;
	n = b.size;
	if (n > 0 && b.data[n - 1] == '\n')
		n--;
	if (n < PASSPHRASE_LEAST || memchr(b.data, 0, n) != NULL) {
		err_set(e, ERR_BAD_INPUT, "key-passphrase",
		    "the passphrase of the CA keys has %zu bytes: it wants %d "
		    "or more, and no NUL", n, PASSPHRASE_LEAST);
	} else {
		text = xmalloc(n + 1);
		memcpy(text, b.data, n);
		text[n] = '\0';
	}
	secret_free(b.data, b.size);
	return text;
}
