/* addresses.c - where letters for an account go: its address, its confirmed
 * contacts, the mailboxes of its proofs; each once. */
#include "core/registrar/account/contact.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "core/registrar/db.h"

enum { Q_OF_ACCOUNT, Q_OF_PROOFS };
static const char *const sql[] = {
	[Q_OF_ACCOUNT] = "SELECT email FROM account WHERE number = ?1"
	    " UNION ALL SELECT email FROM contact"
	    " WHERE account = ?1 AND confirmed > 0",
	[Q_OF_PROOFS] = "SELECT DISTINCT mailbox FROM domain"
	    " WHERE account = ?1 AND proven > 0 AND mailbox <> ''"
	    " AND state <> 'dropped' ORDER BY mailbox",
};
DB_STATEMENTS(addresses, sql)

void
addresses_clear(struct addresses *a)
{
	free(a->list);
	*a = (struct addresses){ 0 };
}

void
addresses_add(struct addresses *a, const char *address)
{
	if (!address_ok(address))
		return;
	for (size_t i = 0; i < a->n; i++)
		if (strcasecmp(a->list[i], address) == 0)
			return;
	a->list = list_grow(a->list, &a->n, sizeof *a->list);
	str_copy(a->list[a->n - 1], sizeof *a->list, address);
}

static int
column_add(struct addresses *a, int which, int64_t account, struct err *e)
{
	struct query *q = db_query(addresses_prepared[which]);
	char address[320];
	int have;

	q_i64(q, 1, account);
	while ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, address, sizeof address);
		addresses_add(a, address);
	}
	return have;
}

int
addresses_of_account(struct addresses *a, int64_t account, struct err *e)
{
	return column_add(a, Q_OF_ACCOUNT, account, e);
}

/* The mailboxes of its proofs, also of those that have lapsed. */
static int
addresses_of_proofs(struct addresses *a, int64_t account, struct err *e)
{
	return column_add(a, Q_OF_PROOFS, account, e);
}

int
addresses_tell(const struct addresses *a, const char *kind, int64_t account,
    const struct blank *blanks, size_t n, const char *calendar,
    struct err *e)
{
	const char **to = NULL;
	int r;

	if (a->n == 0)
		return 0;
	to = xcalloc(a->n, sizeof *to);
	for (size_t i = 0; i < a->n; i++)
		to[i] = a->list[i];
	r = notice_add_calendar(kind, account, to, a->n, blanks, n,
	    calendar != NULL ? calendar : "", e);
	free(to);
	return r;
}

int
account_tell(const char *kind, int64_t account, bool proofs,
    const struct blank *blanks, size_t n, struct err *e)
{
	struct addresses a = { 0 };
	int r = addresses_of_account(&a, account, e);

	if (r == 0 && proofs)
		r = addresses_of_proofs(&a, account, e);
	if (r == 0)
		r = addresses_tell(&a, kind, account, blanks, n, NULL, e);
	addresses_clear(&a);
	return r;
}
