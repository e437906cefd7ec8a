/*
 * jail.h - giving up what a process does not need, before it reads the first
 * foreign byte: no new privileges, no core dumps, no ptrace, limits, Landlock
 * where the kernel has it, and a seccomp filter by kind of process.
 */
#ifndef BASE_JAIL_H
#define BASE_JAIL_H

#include "core/base/err.h"

enum jail_kind {
	JAIL_TRANSPORT,		/* libssh of one connection: no files, no sockets */
	JAIL_CONSOLE,		/* curses: its terminal, its seat, terminfo read-only */
	JAIL_SIGNER,		/* its journal and keys, its socket; no network */
	JAIL_REGISTRAR,		/* its folders and UNIX sockets; no network, no exec */
	JAIL_PUBLISHER,		/* reads the published set; accepted connections */
	JAIL_COURIER,		/* dials out; its Maildir; no exec */
};
#define JAIL_KINDS 6

/*
 * Enter; there is no way back.  `folders` (NULL-terminated, may be NULL) are
 * those that stay writable where Landlock works; one written as "r:/PATH" is
 * a file or folder that stays readable only.  Transport, console and signer
 * read nothing but these and the system's own files; registrar, publisher and
 * courier read everything that their user may, until the list holds an "r:".
 * Which system calls remain stands in jail_calls.def: calls that are not
 * there fail with EPERM, exec kills; in the transport they all kill.
 * A kernel without seccomp is an error; one without Landlock is logged once.
 * Under a sanitizer only the parts that it can stand are applied, and that is
 * logged.
 */
int jail_enter(enum jail_kind kind, const char *const *folders,
    struct err *e);

/*
 * Build the filter of a kind beforehand, so that the children of this process
 * only load it: compiling costs ten times what loading does.
 */
int jail_prepare(enum jail_kind kind, struct err *e);

#endif
