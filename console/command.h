/*
 * command.h - the commands that people type after `ssh HOST` or in the plain
 * dialogue: one row of commands.def and one function each.
 *
 * A row's synopsis is its grammar (synopsis.c), its usage line, its line in
 * help and in xmpp-ica-console(7).  Its roles decide what help lists, and
 * spare a question that would be refused; what counts is the registrar's
 * check of the op (core/wire/ops.def).
 */
#ifndef CONSOLE_COMMAND_H
#define CONSOLE_COMMAND_H

#include "console/client.h"
#include "console/typing.h"
#include "console/output.h"
#include "core/wire/ask.h"

/* Exit statuses beside those of err_exit_status(): DESIGN.md 8. */
enum {
	EXIT_USAGE = 2,
	EXIT_PENDING = 4,
	EXIT_REVOKED = 6,
	EXIT_EXPIRED = 7,
};

/* One person's session: what stays the same from command to command. */
struct console {
	struct line *line;
	struct whoami me;
	struct output out;
	struct typing *in;	/* where a CSR or a key comes from */
	bool dialogue;		/* the plain dialogue: prompts may be shown */
	int64_t shown;		/* request whose evidence was shown last */
	uint8_t digest[32];	/* that stood there */
};

#define CALL_WORDS 256		/* in one command line */
#define CALL_OPTIONS 128

struct call;

struct command {
	const char *name;	/* one or two words */
	unsigned roles;
	const char *synopsis;	/* what follows the name */
	const char *ops;	/* that it asks, first the main one */
	const char *meaning;
	const struct shape *answer;	/* of --json */
	int (*run)(struct call *call);
};

extern const struct command commands[];
extern const size_t n_commands;

/* One command as it was typed. */
struct call {
	struct console *c;
	const struct command *command;
	bool json;
	const char *args[CALL_WORDS];
	size_t n_args;
	struct {
		char name[32];
		const char *value;
	} options[CALL_OPTIONS];
	size_t n_options;
	struct err err;
};

/*
 * A command's function does its work and returns the exit status, or -1 with
 * call->err set: that is explained and becomes the status.
 */
#define COMMAND(name, roles, synopsis, ops, meaning, answer, function) \
	int command_##function(struct call *call);
#include "console/commands.def"
#undef COMMAND

/* ---- command.c ---- */

/* Split like a shell does for blanks, quotes and backslash; the words lie in
 * *room (free() it).  Number of words, or -1 with *e (usage). */
int words_split(const char *line, char **room, char *words[], size_t most,
    struct err *e);

/* Run one command line, say what went wrong; the exit status. */
int command_run(struct console *c, const char *line);
/* The same with its words. */
int command_run_words(struct console *c, char *const *words, size_t n);

/* The command that the words begin with; *used says how many are its name. */
const struct command *command_find(char *const *words, size_t n,
    size_t *used);
/* The command whose name is nearest to what was typed; NULL when none is. */
const struct command *command_nearest(enum role role, const char *typed);
bool command_allowed(const struct command *k, enum role role);

/* NULL when not given; "" for a flag that was. */
const char *call_option(const struct call *call, const char *name);
/* NULL when there are fewer. */
const char *call_arg(const struct call *call, size_t i);
/* Argument i as a request's number; -1 with call->err. */
int call_number(struct call *call, size_t i, int64_t *number);
int call_digest(struct call *call, const char *hex, uint8_t digest[32]);
/* Argument i into a STR field; -1 with call->err. */
int call_ref(struct call *call, size_t i, char *dst, size_t size);
/* A number given as an option's value, or `otherwise`; -1 with call->err. */
int call_option_number(struct call *call, const char *name, int64_t most,
    int64_t otherwise, int64_t *out);
/* err_set() on call->err; always -1. */
int call_usage(struct call *call, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A reason for revoking as typed, of those that the role may give
 * (command_revocation.c); -1 with the usage, which lists them. */
int reason_take(struct call *call, enum role role, const char *typed);

/* May this role ask that, in a command where it may ask something else?  -1
 * with call->err; asking all the same would end the session. */
int call_may(struct call *call, enum op op);

/* Was --json given?  Then print the answer so and return true. */
bool call_json(struct call *call, const void *answer);
/* Fill a wish of a list from --filter, --state, --before (or --after),
 * --limit. */
int call_wish(struct call *call, struct wish *w);
/* Wait for a pushed change, no longer than until (clock_mono_ms()): false
 * when the time is over or the line is gone. */
bool call_wait(struct call *call, int64_t until);
/* Say how to see the rest, when there is more. */
void call_more(struct call *call, bool more, int64_t last, int64_t total);

/* ---- synopsis.c ---- */

/* Sort words into call->args and call->options by the synopsis; -1 with
 * call->err of clause "usage". */
int synopsis_parse(struct call *call, char *const *words, size_t n);

/* One thing that a synopsis allows. */
struct synopsis_part {
	const char *name;	/* "--note", or "NAME" */
	const char *words;	/* "jsonl|csv": the only values; "" any */
	bool option, value, required, rest;
	bool other;		/* excluded when the one before it is given */
};

/* Each of them, in their order. */
void synopsis_parts(const struct command *k, void (*each)(void *user,
    const struct synopsis_part *part), void *user);
/* Does it read standard input: 0 no, 1 it may, 2 it must. */
int synopsis_reads(const struct command *k);

/*
 * What may come behind the words of a command: each() is told an option or
 * word of the synopsis, or the NAME of what is to be typed, with NULL.
 */
void synopsis_words(const struct command *k, char *const *words, size_t n,
    void (*each)(void *user, const char *name, const char *word),
    void *user);

/* ---- complete.c ---- */

#define COMPLETE_WORDS 40
#define COMPLETE_SIZE 48

struct completion {
	char words[COMPLETE_WORDS][COMPLETE_SIZE];
	size_t n;
	size_t from;		/* byte of the line where the word begins */
	/* The command at hand and what it still wants; NULL while its name is
	 * typed. */
	const struct command *command;
};

/* What the word under the cursor (the end of line[0..len)) may become. */
void complete_line(enum role role, const struct whoami *me, const char *line,
    size_t len, struct completion *c);
/* How far all of them agree: bytes of words[0]. */
size_t complete_common(const struct completion *c);

/* ---- json.c ---- */

/* {"v":1,"command":...,FIELDS} and a line feed; the object, or for a shape
 * without fields of its own "done": true. */
void json_answer(struct output *o, const char *command,
    const struct shape *shape, const void *object);
void json_error(struct output *o, const char *command, const struct err *e);

/* ---- command_request.c and others: shared by commands and dialogue ---- */

void print_verdict(struct output *o, const struct verdict *v);
void print_request(struct output *o, const struct request *r, int64_t now);
void print_evidence(struct output *o, const struct evidence *v, int64_t now);
void print_submitted(struct output *o, const struct request *r);
void print_rows(struct output *o, const struct request_row *rows, size_t n);

/* Say that own certificates were revoked meanwhile, once. */
void unseen_tell(struct console *c);
/* They were told in another way. */
void unseen_done(struct console *c);

/* Shapes of answers that the console makes itself (shapes.c). */
extern const struct shape answer_view_shape;
extern const struct shape command_list_shape;
extern const struct shape version_shape;

struct answer_view {		/* what an OCSP answer says */
	char state[32];
	char serial[64];
	int64_t produced, this_update, next_update;
	struct blob der;
};

struct command_info {
	char name[32];
	char synopsis[256];
	char meaning[256];
	char task[64];		/* what it is for: the head in help */
};

struct command_list {
	struct command_info *rows;
	size_t n_rows;
};

struct version {
	char version[32];
};

/* What an OCSP answer in DER says (answer.c); -1 when it cannot be read. */
int answer_read(const struct blob *der, struct answer_view *v, struct err *e);

/* ---- command_sign.c ---- */

/* Print the statement of a deed (kind "": of an approval). */
int call_statement(struct call *call, const char *kind, const char *object);
/* Read a signature from standard input, or what is typed. */
int call_signature(struct call *call, struct blob *signature);
/* The options --statement and --signed of a confirmation: 1 the statement was
 * printed and nothing else is to be done, 0 go on (signed, or not), -1. */
int call_deed(struct call *call, const char *kind, const char *object);

#endif
