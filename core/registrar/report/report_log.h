/* report_log.h - the parts of the walk that makes a quarter's figures from the
 * audit entries alone (report_log.c). */
#ifndef REGISTRAR_REPORT_LOG_H
#define REGISTRAR_REPORT_LOG_H

#include "core/registrar/report/quarter.h"
#include "core/registrar/report/report.h"
#include "core/registrar/report/report_map.h"

/* One entry. */
struct entry {
	int64_t number, at;
	char action[48], object[96], detail[1025];
	size_t object_size, detail_size;
	bool done;
};

/* What is remembered of the entries so far. */
struct walk {
	const struct period *p;
	struct figures *f;
	struct map certificates;	/* serial: a until, b revoked */
	struct map requests;		/* number: a asked, b decided */
	struct map members;		/* name: a 1 while one */
	struct map domains;		/* name: a 1 while proven */
	struct map alarms;		/* kind and object: a raised, while open */
	struct map marks;		/* revocation asked for, last CRL of an issuer */
	struct waits decision, effect;
	int64_t issued, renewed, revoked, n_refused, n_withdrawn;
	int64_t joined, left_by, crls, gap;
	int64_t late[2];
	struct money_facts money;
	struct fee_term_page terms;
	struct budget_page budgets;
	int64_t *issued_at;		/* of the quarter, for the fees */
	size_t n_issued_at, room_issued_at;
	int64_t erased;
	uint8_t sha256[32];
	bool submitted;
	char q[QUARTER_SIZE];
};

/* It was done, and is that. */
bool entry_is(const struct entry *n, const char *action);
bool walk_within(const struct walk *w, int64_t at);
uint64_t object_key(const char *kind, const struct entry *n);

/* ---- report_log_issue.c: certificates and requests ---- */
void certificate_take(struct walk *w, const struct entry *n);
void request_take(struct walk *w, const struct entry *n);
void issue_sum(struct walk *w);

/* ---- report_log_people.c: people, domains, CRLs, alarms, experience ---- */
void account_take(struct walk *w, const struct entry *n);
void domain_take(struct walk *w, const struct entry *n);
void issuer_take(struct walk *w, const struct entry *n);
void alarm_take(struct walk *w, const struct entry *n);
void rule_take(struct walk *w, const struct entry *n);
void mailbox_take(struct walk *w, const struct entry *n);
void people_sum(struct walk *w);

/* ---- report_log_money.c ---- */
void ledger_take(struct walk *w, const struct entry *n);
void fee_take(struct walk *w, const struct entry *n);
void budget_take(struct walk *w, const struct entry *n);
void money_sum(struct walk *w);

#endif
