/*
 * request.h - what the files about requests share: who may see one, rows of
 * lists, the verdict on a CSR, and the facts that a decision rests on.
 */
#ifndef REGISTRAR_REQUEST_H
#define REGISTRAR_REQUEST_H

#include "core/registrar/registrar.h"

/* ---- request_rows.c ---- */

enum rows {
	ROWS_REQUESTS,		/* newest first */
	ROWS_CERTIFICATES,	/* issued ones, newest first; since and until bound
				 * the expiry */
	ROWS_QUEUE,		/* awaiting, oldest first: wish.before means after */
};
/* One page of rows: the seat's own, or all when it reads all. */
int request_rows(const struct seat *s, enum rows which, const struct wish *w,
    struct request_page *page, struct err *e);
/* Issued before for one of the request's domains, newest first. */
int request_rows_earlier(int64_t number, struct request_row **rows, size_t *n,
    struct err *e);

/* The request that people call so: its number, or the serial of its
 * certificate (hex of any case, with or without colons).  ERR_NOT_FOUND when
 * there is none or the seat may not see it. */
int request_find(const struct seat *s, const char *ref, int64_t *number,
    struct err *e);
/* A serial as typed in our form: lower-case hex.  false: it is none. */
bool serial_normal(const char *typed, char serial[42]);

/* ---- request_body.c ---- */

/* The row alone, for decisions and issuance. */
struct request_head {
	int64_t number, account;
	char account_name[33];
	char email[255];
	enum request_state state;
	char profile[32], first[254], subject_cn[65], renews[42], serial[42];
	uint8_t digest[32], csr_sha256[32], spki_sha256[32];
	int64_t created, retry_at;
	int64_t shard;		/* drawn with the serial */
	int64_t prover;		/* whose proofs count: the account, or who invited it */
};
int request_head_load(int64_t number, struct request_head *h, struct err *e);

/* Names and domains as they were submitted, in order. */
int request_names(int64_t number, struct name **names, size_t *n,
    struct err *e);
/* Each with the proof that covers it now (proof_domain "" when none does). */
int request_domains(int64_t number, int64_t account,
    struct domain_ref **domains, size_t *n, struct err *e);
/* J1.6: is each domain still covered?  ERR_REFUSED proof-missing. */
int request_proofs_check(int64_t number, int64_t account, struct err *e);
/* The same with the account's proofs at hand. */
int request_proofs_cover(int64_t number, const struct domain_ref *proofs,
    size_t n_proofs, struct err *e);

/* How many approvals it needs: those of the policy, none for the renewal of a
 * good certificate of the same account, profile and domains (S5.8). */
int request_approvals_needed(const struct request_head *h, int64_t *needed,
    struct err *e);
/* Approvals by others than the requester that name this digest; of_now: by
 * those alone who could still give them. */
int request_approvals(const struct request_head *h, bool of_now,
    int64_t *count, char last_approver[33], struct err *e);

/* Move a row along the table of core/model/state.h; ERR_CONFLICT when it is
 * not in `from` any more. */
int request_move(int64_t number, enum request_state from,
    enum request_state to, struct err *e);

/* ---- decision.c ---- */

/* The request becomes refused, with why; its owner is told. */
int request_refused(int64_t number, const char *why, struct err *e);

/* ---- history.c ---- */

/* What has happened to the certificate of this request, oldest first, into
 * *list[*n], which the caller frees (NOUN_CLEAR of the certificate does). */
int certificate_history(int64_t request, struct past **list, size_t *n,
    struct err *e);

/* ---- request_check.c ---- */

/* What check and submit both decide upon. */
struct judged {
	struct verdict verdict;
	struct blob csr;	/* the bytes that were judged */
	struct blob spki;
	bool key_offered;
	char renews[42];	/* serial; "" none */
	int64_t prover;		/* whose proofs count; 0: the account's own */
	int64_t invitation;	/* that its code belongs to; 0 none */
	int64_t same;		/* an earlier request for the same; 0 none */
};
/* No side effect.  -1: no verdict could be given (account, renewal). */
int request_judge(int64_t account, const struct request_wish *w,
    struct judged *j, struct err *e);
void judged_clear(struct judged *j);

/* ---- request_renew.c ---- */

/* What a wish for a renewal left out, from the request that it renews. */
struct renewal {
	char serial[42];	/* of the certificate that is renewed */
	char profile[32];	/* the wish's, or else the old one's */
	struct domain_name *domains;
	size_t n_domains;	/* the old ones, unless the wish names any */
	char jid[1024];		/* the old one, unless the wish names one */
	struct blob csr;	/* the old one, unless the wish brings one */
};
/* Into a zeroed struct, to be cleared by renewal_clear() in any case.
 * ERR_NOT_FOUND: the account has no such request, or it no certificate. */
int renewal_read(int64_t account, const struct request_wish *w,
    struct renewal *out, struct err *e);
void renewal_clear(struct renewal *r);

/* ---- key_blocked.c ---- */

/* Block a key for ever (S7.6); again is no error. */
int key_block(const uint8_t spki_sha256[32], const char *why, struct err *e);
/* A private key came in: wipe it wherever it lies, block it, one entry. */
int key_offered_note(struct seat *s, const struct request_wish *w,
    struct judged *j, struct err *e);

#endif
