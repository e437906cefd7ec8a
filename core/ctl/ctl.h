/*
 * ctl.h - what the files of xmpp-icactl share.
 *
 * The operator's tool asks the registrar: through run/ctl.sock when the
 * authority runs, else through a registrar that it starts for one seat
 * (`--offline`).  It opens no database itself.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "core/base/conf.h"
#include "core/base/err.h"
#include "core/wire/ask.h"

extern struct conf conf;

/* ---- registrar.c ---- */

/* The line to the registrar, opened at first use: the running one, else an
 * offline one; dies when there is none. */
struct line *registrar(void);
/* Check the audit chain and the structure of a database file that nobody has
 * open; it says on stdout what it found.  anchor: a file that holds an
 * earlier "head NUMBER HASH", or NULL.  0 good, else an exit status. */
int database_verify(const char *path, const char *anchor);
/* Is the daemon running? */
bool registrar_runs(void);
/* Run a process binary in its offline mode, with the passphrase on fd 4 when
 * wanted; its exit status. */
int offline_run(const char *binary, const char *const *arguments,
    const char *user, bool passphrase);
/* Wait for a process; its exit status. */
int exit_of(pid_t pid);
/* Print clause and text of an error on stderr; the exit status for it. */
int complain(const struct err *e);

/* ---- commands: each gets its words (argv[0] is the command) ---- */
int ctl_init(int argc, char **argv);
int ctl_issuer(int argc, char **argv);
/* The next generation of an issuer: 0, or an exit status. */
int issuer_new(bool person, bool outside);
/* A second person is wanted: says so; the exit status for it. */
#define STATUS_PENDING 4
int waits_say(int64_t number, const char *text);
int ctl_crl_ahead(int argc, char **argv);
int ctl_import(int argc, char **argv);
int ctl_account(int argc, char **argv);
int ctl_check(int argc, char **argv);
int ctl_check_csr(int argc, char **argv);
int ctl_verify(int argc, char **argv);
int ctl_dump(int argc, char **argv);
int ctl_state(int argc, char **argv);
int ctl_backup(int argc, char **argv);
int ctl_restore(int argc, char **argv);
int ctl_document(int argc, char **argv);
int ctl_evidence(int argc, char **argv);
int ctl_report(int argc, char **argv);
int ctl_breach(int argc, char **argv);
int ctl_reload(int argc, char **argv);

/* ---- policy.c ---- */
/* A line for each [policy] value that is not the default. */
void policy_differences(void);
int ctl_approver(int argc, char **argv);
int ctl_log_loss(int argc, char **argv);
int ctl_witness(int argc, char **argv);
int ctl_checkpoint(int argc, char **argv);

/* Usage of one command to stderr; returns 2. */
int usage_of(const char *command);

#endif
