/* main.c - xmpp-icactl: the operator's commands on the host. */
#include "core/ctl/ctl.h"

#include <signal.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/version.h"
#include "core/ctl/words.h"

struct conf conf;

static const struct command {
	const char *name, *arguments, *meaning;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "init", "--trial | --outside [--person]", "make keys and database: with a root of its own, or with a PKCS#10 for an outside root", ctl_init },
	{ "import", "CERT [--roots FILE]", "take the signed ICA certificate back", ctl_import },
	{ "issuer", "list | new [--person] [--outside] | activate NAME | retire NAME | revoke NAME REASON [--note TEXT] [--yes] | drop N", "roll over to a new issuer: make it, have new certificates come from it, end an old one", ctl_issuer },
	{ "crl-ahead", "[--count N --every HOURS]", "CRLs for the time when the signer is away; alone: which are kept", ctl_crl_ahead },
	{ "account", "add NAME --email ADDRESS [--role ROLE] --key FILE.pub | role NAME ROLE | key NAME --key FILE.pub", "make accounts, give roles and keys", ctl_account },
	{ "check", "", "configuration, folders, database, log, issuers and published set in order?", ctl_check },
	{ "state", "", "what the running authority says of itself", ctl_state },
	{ "verify", "[--db FILE [--anchor FILE]]", "check the audit chain; exit 0 good, 1 bad", ctl_verify },
	{ "check-csr", "--domains A[,B...] [--profile P] FILE", "verdict on a CSR, no side effect; exit 0 accept, 1 refuse", ctl_check_csr },
	{ "dump", "", "one line HAVE KIND ID SHA256 for each thing there is", ctl_dump },
	{ "approver", "add NAME [--role staff|director] < KEY.pub | remove NAME | list", "whose SSH keys may sign approvals (pinned in the signer's own folder)", ctl_approver },
	{ "log-loss", "--reason TEXT", "record why entries of the log were lost (a backup was put back); issuing goes on", ctl_log_loss },
	{ "checkpoint", "[cosign FILE|-]", "show the log's signed head, or take one that a witness has cosigned", ctl_checkpoint },
	{ "witness", "add VKEY | remove NAME | list", "who else signs the heads of the log", ctl_witness },
	{ "reload", "", "put the policy of the files in force, as a whole or not at all", ctl_reload },
	{ "breach", "--from T [--to T]", "whose data of which kind was held in a time range, tab-separated", ctl_breach },
	{ "report", "QUARTER [--db FILE]", "make a quarter's figures again from the log alone and compare; exit 0 they agree, 1 names what differs", ctl_report },
	{ "document", "add KIND FILE --version V [--from T] [--until T]", "keep a ruling document: ca-policy, ica-appendix, member-agreement, upstream-agreement, practice-statement; or test-results", ctl_document },
	{ "evidence", "--out FILE.tar", "everything for an audit of compliance in one archive: documents, policy history, access, reports, log", ctl_evidence },
	{ "backup", "FILE", "a consistent copy of the database", ctl_backup },
	{ "restore", "FILE", "put a backup in place of the database (the authority is stopped)", ctl_restore },
};
#define COMMANDS (sizeof commands / sizeof commands[0])

int
usage_of(const char *command)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, command) == 0)
			fprintf(stderr, "usage: xmpp-icactl [-c CONF] %s %s\n",
			    command, commands[i].arguments);
	return 2;
}

static void
usage(FILE *to)
{
	fputs("usage: xmpp-icactl [-c CONF] COMMAND [ARGUMENT...]\n\n", to);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %s %s\n      %s\n", commands[i].name,
		    commands[i].arguments, commands[i].meaning);
	fputs("\nSee xmpp-icactl(8).\n", to);
}

static const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	fprintf(stderr, "xmpp-icactl: no command '%s'; see --help\n", name);
	return NULL;
}

/* The command's words, brought into order, and what becomes of them. */
static int
command_run(const struct command *c, const char *file, int argc, char **argv)
{
	char *words[WORDS_MOST];
	struct err e;
	int n;

	if ((n = words_order(c->arguments, argc, argv, words)) < 0)
		return usage_of(c->name);
	if (n == 0) {
		printf("usage: xmpp-icactl [-c CONF] %s %s\n  %s\n", c->name,
		    c->arguments, c->meaning);
		return 0;
	}
	if (conf_read(file, &conf, &e) < 0)
		return complain(&e);
	return c->run(n, words);
}

int
main(int argc, char **argv)
{
	const char *file = SYSCONFDIR "/xmpp-ica/xmpp-ica.conf";
	const struct command *c = NULL;

	log_open("xmpp-icactl");
	log_level(0);
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && strcmp(argv[1], "-c") == 0) {
		file = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)) {
		usage(stdout);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("xmpp-icactl " XMPP_ICA_VERSION) < 0;
	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	c = command_find(argv[1]);
	return c == NULL ? 2 : command_run(c, file, argc - 1, argv + 1);
}
