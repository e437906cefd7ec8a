/*
 * child.h - what the master hands to each process that it starts.
 *
 * Every process is run as `BINARY -c CONF`, with these descriptors open and
 * no others above stderr.  Sockets that listen are made by the master and
 * outlive a child that dies: whoever connects meanwhile waits in the backlog.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

enum child_fd {
	/* registrar: one listening UNIX socket for each kind of asker, so that
	 * the socket, not a message, says who asks */
	REGISTRAR_GATE_FD = 3,		/* run/gate.sock */
	REGISTRAR_COURIER_FD = 4,	/* run/courier.sock */
	REGISTRAR_CTL_FD = 5,		/* run/ctl.sock */
	/* signer */
	SIGNER_FD = 3,			/* run/signer.sock */
	SIGNER_PASSPHRASE_FD = 4,	/* pipe: the passphrase, then EOF */
	/* gate and publisher: the listening TCP socket */
	GATE_FD = 3,
	PUBLISHER_FD = 3,
	/* console: the far end of its seat (core/wire/line.h) */
	CONSOLE_SEAT_FD = 3,
};

/* Sockets inside service_dir. */
#define SOCKET_GATE "run/gate.sock"
#define SOCKET_COURIER "run/courier.sock"
#define SOCKET_CTL "run/ctl.sock"
#define SOCKET_SIGNER "run/signer.sock"

/* Binaries, in the libexec folder. */
#define BINARY_REGISTRAR "xmpp-ica-registrar"
#define BINARY_SIGNER "xmpp-ica-signer"
#define BINARY_PUBLISHER "xmpp-ica-publisher"
#define BINARY_COURIER "xmpp-ica-courier"
#define BINARY_GATE "xmpp-ica-gate"
#define BINARY_CONSOLE "xmpp-ica-console"

/* The environment variable that holds the command line of `--exec`. */
#define CONSOLE_COMMAND "XMPP_ICA_COMMAND"

/* Files and folders inside service_dir. */
#define FILE_DATABASE "db/ica.db"
#define FOLDER_CA "ca"			/* the signer's: keys and journal */
#define FOLDER_PUBLISHED "published"	/* see share/doc/house.md */
#define FILE_ANSWERS "published/answers.map"

#include "core/base/conf.h"

/* Folder of the binaries: [service] libexec, else that of this program when
 * they lie there, else as installed. */
void child_libexec(const struct conf *c, char dst[CONF_PATH_SIZE]);

/* Connect to one of the sockets above; the descriptor (close-on-exec), or -1
 * with an ERR_UNAVAILABLE. */
int child_connect(const struct conf *c, const char *socket_name,
    struct err *e);

#endif
