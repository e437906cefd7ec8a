/*
 * err.h - how a function says why it did not do its work.
 *
 * A struct err is owned by the caller and needs no freeing.  Its kind names
 * the action left to the caller, its clause the rule (a rule id of
 * xmpp-ica-rules(7), an RFC section, a man page), its text one sentence for a
 * person that says the value seen and the way out.  It crosses the wire as it
 * is; nothing compares texts.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define ERR_CLAUSE_SIZE 64
#define ERR_TEXT_SIZE 640

enum err_kind {
	ERR_NONE,
	ERR_BAD_INPUT,		/* the bytes or words make no sense: change them */
	ERR_REFUSED,		/* understood, and not allowed */
	ERR_NOT_FOUND,		/* there is none, or it is not yours */
	ERR_CONFLICT,		/* another state, account or attempt stands against it */
	ERR_UNAVAILABLE,	/* not now: try again later, nothing is lost */
	ERR_BROKEN,		/* a fault of ours: the operator's log has more */
};

struct err {
	enum err_kind kind;
	char clause[ERR_CLAUSE_SIZE];
	char text[ERR_TEXT_SIZE];
};

/*
 * Fill *e (which may be NULL) and return -1, so that a caller can write
 * `return err_set(e, ERR_REFUSED, "name-wildcard", "...")`.
 * Texts longer than the field are cut at a UTF-8 boundary.
 */
int err_set(struct err *e, enum err_kind kind, const char *clause,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* tests/mutate builds with XMPP_ICA_MUTATE and then switches one rule off at
 * a time, to see that a test notices; nothing else has this. */
#ifdef XMPP_ICA_MUTATE
int err_mutated(const char *rule);
#else
#define err_mutated(rule) 0
#endif

/* As it was before anything failed (ERR_NONE, empty texts); NULL is fine. */
void err_clear(struct err *e);

/* "bad input", "refused", ...: the kind as words, for logs and --json. */
const char *err_kind_word(enum err_kind kind);

/* The exit status that DESIGN.md section 8 gives to a kind (0, 1, 3 or 5). */
int err_exit_status(enum err_kind kind);

#endif
