/*
 * registrar.h - what the files of the registrar share: its configuration,
 * the audit entry, letters, limits, pushed changes, and its line to the
 * signer.  One process, one thread, one writer.
 */
#ifndef REGISTRAR_REGISTRAR_H
#define REGISTRAR_REGISTRAR_H

#include "core/base/conf.h"
#include "core/base/err.h"
#include "core/model/nouns.h"
#include "core/wire/seat.h"

#define SERVE_REGISTRAR(x) x
#define SERVE_PROTOTYPES_ONLY
#include "core/wire/serve.h"
#undef SERVE_PROTOTYPES_ONLY
#undef SERVE_REGISTRAR
#undef SERVE_SIGNER

/* Read once at start (main.c). */
extern struct conf conf;

/* dst = the file NAME ("mail/register.txt") in the share folder: that of the
 * configuration, else as installed, else of the source.  ERR_NOT_FOUND. */
int share_path(char dst[CONF_PATH_SIZE], const char *name, struct err *e);

/* ---- dispatch.c ---- */

/*
 * Each question is served inside a savepoint of the burst's transaction; it
 * is undone when serve_NAME() returns -1.  Whoever answers an error and yet
 * wants his changes kept (a wrong code was counted, and its audit entry
 * added) calls this before he returns -1.
 */
void question_keep(void);

/*
 * A burst: what one round of the loop found to answer, in one transaction.
 * burst_end() issues what was approved, commits, and only then are answers
 * true: when the commit fails each of them becomes ERR_UNAVAILABLE.
 */
void burst_serve(struct seat *s, const struct question *q);
/* A frame that made no sense or was not permitted: logged, never answered. */
void burst_hang_up(struct seat *s, const struct err *why);
size_t burst_size(void);
/* True when something was committed. */
bool burst_end(void);

/* ---- audit.c ---- */

/*
 * Add one entry for a deed (or a refusal) in the transaction of the deed;
 * seat gives actor, role, key and source; NULL: the registrar itself
 * (ROLE_SYSTEM).  noun/object name what it was done to; detail is free text
 * (personal data allowed: it stands behind the commitment).
 */
int audit_add(const struct seat *s, const char *action, const char *noun,
    const char *object, enum outcome outcome, struct err *e,
    const char *detail, ...) __attribute__((format(printf, 7, 8)));
/* The same for a refusal that must be kept although the question's savepoint
 * is undone: it is queued and written after the undo. */
void audit_refusal(const struct seat *s, const char *action,
    const char *noun, const char *object, const char *detail, ...)
    __attribute__((format(printf, 5, 6)));
/* The number of the newest entry, 0 when there is none. */
int audit_entries(int64_t *total, struct err *e);
/* The chain from first to last; fills *r, 0 also when it is bad. */
int audit_walk(struct audit_check *r, struct err *e);
/* The same for the newest entries only. */
int audit_walk_tail(int64_t entries, struct audit_check *r, struct err *e);
/* The same in slices, between which the log may grow: at most `rows` further;
 * 1 there are more, 0 the end or a bad row (audit_walker_check() is whole), -1. */
struct audit_walker;
struct audit_walker *audit_walker_new(struct err *e);
int audit_walker_go(struct audit_walker *a, int64_t rows, struct err *e);
/* What has come so far; borrowed. */
const struct audit_check *audit_walker_check(const struct audit_walker *a);
void audit_walker_free(struct audit_walker *a);		/* NULL: nothing */
/* After audit_walk() found it good: is entry `number` the one with this hash,
 * that was kept elsewhere?  Changes *r when not. */
int audit_anchor(int64_t number, const uint8_t hash[32],
    struct audit_check *r, struct err *e);
/* Was the chain found bad?  Then nothing is issued, but still revoked. */
extern bool audit_is_bad;
/* For dispatch.c: how many refusals are queued, and write them now. */
size_t audit_refusals_queued(void);
void audit_refusals_write(void);

/* ---- notice.c ---- */

/* One {{NAME}} of a mail template. */
struct blank {
	const char *name, *value;
};
/* Read all templates now; called before the jail is entered. */
int notice_templates_load(struct err *e);
/*
 * Queue a letter made from share/mail/KIND.txt (first line "Subject: ...",
 * an empty line, the body with {{NAME}} blanks; every value passes
 * render_untrusted(); line feeds stay in blanks named ..._LINES).  The
 * blanks SERVICE, TITLE and FEDERATION are always there; kinds stand in
 * letters.def.  The recipient must be of the exact address grammar (letters,
 * digits, . - _ + before the @, canonical A-label domain behind it);
 * challenge 0: none.  Wakes the courier after the commit.
 */
int notice_add(const char *kind, int64_t account, const char *recipient,
    int64_t challenge, const struct blank *blanks, size_t n, struct err *e);
/* The same letter to several, made once; none of them may be malformed.
 * calendar: RFC 5545, a file beside the text; "" none. */
int notice_add_calendar(const char *kind, int64_t account,
    const char *const *recipients, size_t n_recipients,
    const struct blank *blanks, size_t n, const char *calendar,
    struct err *e);
bool address_ok(const char *address);
/* Leases of a courier that is gone are given out again (loop.c). */
void letters_release(void);

/* ---- throttle.c ---- */

/* Count one use today; ERR_REFUSED "limit-KIND" when it would pass `most`. */
int throttle_take(const char *kind, const char *whose, int64_t most,
    struct err *e);

/* register.c: what counts as one source: an IPv4 address, or an IPv6 /64. */
void source_bucket(char dst[64], const char *source);

/* ---- code.c: mailed codes ---- */

/* 140 random bits as seven groups of four base-32 characters joined by '-'
 * (RFC 4648 alphabet), and its hash bound to purpose and subject. */
#define CODE_SIZE 35
void code_new(char code[CODE_SIZE]);
/* Case, '-' and blanks do not matter; 0/O and 1/I/L are told apart by the
 * alphabet having neither 0 nor 1: they are read as O and I.  -1: no code. */
int code_normal(const char *typed, char code[CODE_SIZE]);
void code_hash(uint8_t out[32], const char *code, const char *purpose,
    int64_t subject);

/* ---- key.c: SSH public keys ---- */

/* Reads "type base64 [comment]", as in authorized_keys without options;
 * fills type, line (type and base64), fingerprint and, from the comment, name.
 * ERR_BAD_INPUT or ERR_REFUSED with clause key-form, key-type, key-size,
 * key-certificate or ed25519-key. */
int key_parse(const char *line, struct key *k, struct err *e);
int key_store(int64_t account, struct key *k, struct err *e);
/* Which account a key opens: 0 none; -1 with *e. */
int64_t key_owner(const char *fingerprint, struct err *e);

/* ---- agreement.c ---- */

/* The text in force (read once) and its hash. */
int agreement_text(const struct blob **text, uint8_t sha256[32],
    struct err *e);
/* Keep that an account accepted the current version (J7.1). */
int agreement_keep(int64_t account, const char *fingerprint, struct err *e);

/* ---- account.c ---- */

/* [a-z0-9][a-z0-9._-]{0,31}, and no word of ours. */
int account_name_check(const char *name, struct err *e);
/* The form alone. */
bool account_name_ok(const char *name);
/* pending -> active -> suspended ...; ERR_CONFLICT when it is not in `from`. */
int account_move(int64_t number, enum account_state from,
    enum account_state to, struct err *e);

/* ERR_NOT_FOUND when there is none. */
int account_load(int64_t number, struct account *a, struct err *e);
int account_load_by_name(const char *name, struct account *a, struct err *e);
/* May this account take a step towards issuance now (J1.1, J7.1)?  Active and
 * the current agreement accepted; clause account-state or agreement. */
int account_may_issue(int64_t number, struct err *e);

/* ---- domain.c ---- */

/* The account's live proofs, for intake and for the request's display. */
int domain_proofs(int64_t account, struct domain_ref **list, size_t *n,
    struct err *e);

/* ---- request_body.c ---- */

/*
 * Load a request whole; *r is cleared first.  serve_request_submit() and
 * serve_request_approve() answer with what the row says before issue_run()
 * (when it is approved: number and state alone); dispatch.c keeps the answers
 * of these two open until the end of the burst, calls issue_run(), and puts
 * what request_reload() says then.
 */
int request_reload(int64_t number, struct request *r, struct err *e);

/* ---- policy.c ---- */

/* SHA-256 over the keys and values of [policy], in hex. */
const char *policy_hash(void);

/* ---- issue.c ---- */

struct request_head;			/* request.h */
/* May it become approved, and is there an issuer?  Writes nothing. */
int issue_possible(const struct request_head *h, struct err *e);
/* After that, the last approval came: draw the serial, mark approved; the
 * signer is asked by issue_run(). */
int issue_begin(const struct request_head *h, struct err *e);
/* Ask the signer for all approved requests (one batch, at most 100), store
 * certificates, letters, audit entries in the open transaction.  Called by
 * the loop at the end of each burst that approved something, and by timer.
 * A signer that is away is no error: requests stay approved and are retried
 * with back-off. */
void issue_run(void);		/* in an open transaction */
/* Is something waiting for issue_run()? */
bool issue_waiting(void);
/* The signer is well again: what waits for it need not wait longer. */
void issue_again(void);

/* ---- publish.c ---- */

/* After a commit (no transaction is open; it opens its own): bring the
 * published set (CRLs, chain, answers, feed) up to date with the rows that
 * say it is due.  Never fails the deed: what could not be done stays due; the
 * loop calls this again every second. */
void publish_run(void);
/* How long the loop may sleep before publish_run() wants to be called again:
 * 0 at once, at most 60000. */
int publish_wait_ms(void);
/* Let go of the published files: at the end, and when the folder is another
 * one (publish_run() takes them up again). */
void publish_close(void);
/* For system_state: CRL and answers in time? */
void publish_facts(struct fact_list *list);
/* Mark a certificate's answer and its issuer's CRL as due now (in the deed's
 * transaction). */
int publish_due(int64_t certificate, bool crl, struct err *e);

/* ---- plan_run.c ---- */

/* A slice of a confirmed mass revocation, in a transaction of its own; called
 * by the loop between the bursts. */
void plan_run(void);
int plan_wait_ms(void);		/* 0 at once, at most 60000 */
/* There may be one to run (also before its commit). */
void plan_wake(void);
/* What a plan revoked so far belongs into the CRLs now. */
int plan_publish(int64_t plan, struct err *e);

/* ---- issuer.c ---- */

/* (Opens its own transaction.)  Ask the signer for its issuers and store
 * them; burn what its journal has and we have not (reconciliation).  Called
 * at start and after reconnects. */
void issuer_refresh(void);

/* For system_state: issuers, and certificates without an audit entry (J3.2). */
void issuer_facts(struct fact_list *list);

/* ---- ssh_words.c ---- */

/* "ssh", or "ssh -p PORT" when the port is not 22; what NAME@HOST follows. */
const char *ssh_words(void);

/* ---- signer_line.c ---- */

/* So long all sessions wait for a signer that stands still, once. */
#define SIGNER_PATIENCE_MS 1000

/* The line to the signer, connected when it can be; NULL with *e when not: also
 * while it owes the answer to a question that nobody could wait for longer.
 * A failed question closes it; the next call connects anew (at most once a
 * second). */
struct line *signer_line(struct err *e);

/* Offline there is no signer, and nobody need be warned that it is away. */
void signer_line_none(void);
/* A connection was made since the last time this was asked. */
bool signer_line_is_new(void);
/* The signer ends now, to be started again: hang up, and connect anew soon. */
void signer_line_again(void);

/* ---- loop.c ---- */

/*
 * Work by the clock: run() is called about every `seconds`, inside a
 * transaction that the loop opens and commits.  A file's constructor
 * registers it: LOOP_TIMER(account, 3600, account_sweep)
 */
struct timer {
	const char *name;
	int64_t seconds;
	void (*run)(void);
	int64_t due;			/* clock_mono_ms() */
	struct timer *next;
};
void timer_register(struct timer *t);
void timer_run_for_test(const char *name);
#define LOOP_TIMER(noun, every, function) \
static struct timer noun##_timer = { \
	.name = #noun, .seconds = every, .run = function }; \
__attribute__((constructor)) static void \
noun##_timer_add(void) \
{ \
	timer_register(&noun##_timer); \
}

/*
 * Serve: add the listening sockets (each with the role of who connects), then
 * step for as long as there is to be service.  A step waits at most
 * timeout_ms, and answers what came.
 */
void loop_listen(int fd, enum role role);
/* Has nobody asked anything for a tenth of a second? */
bool loop_quiet(void);
void loop_step(int timeout_ms);
/* The clock's work: timers, letters to issue, publishing; once a second. */
void loop_tick(void);
/* Hang up everybody and free what the loop holds. */
void loop_close(void);
int seats_with_role(enum role role);	/* how many are open */
/* For dispatch.c: pushes queued so far; forget those after a mark; send. */
size_t changes_mark(void);
void changes_undo(size_t mark);
void changes_send(void);

/* Tell open seats that something changed, after the commit.  account 0: every
 * seat of staff, auditors and director; else also that account's seats.
 * text: a sentence for the owner's status line, or "". */
void change_push(const char *noun, int64_t number, int64_t account,
    const char *text);
/* Hang up every seat of an account (closed, role changed).  Suspension needs
 * no hanging up: dispatch.c looks at the account before each question. */
void seats_hang_up(int64_t account);
/* Take no more questions of it, and hang it up after the commit; its console
 * says these last words. */
void seat_end(struct seat *s, const char *words);
int seats_of(int64_t account);	/* how many are open; -1: of all people */
/* Adopt the near end of a new seat (seat_open). */
void seat_adopt(struct seat *s);

/* ---- state.c ---- */

/* Entries of a start: version, policy, and what the tail of the log is like. */
int state_start(struct err *e);
/* MB free where the database lies; -1 nobody knows.  Below DISK_LOW_MB it is
 * told: in `system`, and as an alarm. */
#define DISK_LOW_MB 200
int64_t disk_free_mb(void);
/* The audit entry of a changed schema (db_step.h). */
int state_migrated(int from, int to, const char *copy, struct err *e);

#endif
