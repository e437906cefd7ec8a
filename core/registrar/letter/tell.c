/* tell.c - letters about a request: to its account and the proof mailboxes. */
#include "core/registrar/letter/tell.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/account/contact.h"
#include "core/registrar/db.h"
#include "core/x509/names.h"

#define NAMES_SHOWN 12000	/* bytes of names in a letter */

enum { Q_MAILBOXES, Q_DOMAINS };

static const char *const sql[] = {
	[Q_MAILBOXES] = "SELECT name, mailbox FROM domain"
	    " WHERE account = ?1 AND mailbox <> '' ORDER BY name",
	[Q_DOMAINS] = "SELECT domain FROM request_domain"
	    " WHERE request = ?1 ORDER BY place",
};
DB_STATEMENTS(tell, sql)

struct told {
	char name[DOMAIN_SIZE];
	char mailbox[320];
	bool concerned;
};

void
names_print(struct buf *b, const struct name *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (b->size > NAMES_SHOWN) {
			buf_printf(b, "  and %zu more\n", n - i);
			break;
		}
		buf_printf(b, "  %s %s\n",
		    word_of(&name_kind_words, names[i].kind),
		    names[i].value);
	}
	if (b->size > 0)
		b->size--;	/* the last line feed */
	buf_put_u8(b, 0);
}

static int
proofs_load(int64_t account, struct told **list, size_t *n, struct err *e)
{
	struct query *q = db_query(tell_prepared[Q_MAILBOXES]);
	int r;

	q_i64(q, 1, account);
	while ((r = q_next(q, e)) == 1) {
		struct told *p;

		*list = list_grow(*list, n, sizeof **list);
		p = &(*list)[*n - 1];
		q_col_str(q, 0, p->name, sizeof p->name);
		q_col_str(q, 1, p->mailbox, sizeof p->mailbox);
	}
	return r;
}

static int
proofs_mark(int64_t request, struct told *list, size_t n, struct err *e)
{
	struct query *q = db_query(tell_prepared[Q_DOMAINS]);
	char domain[DOMAIN_SIZE];
	int r;

	q_i64(q, 1, request);
	while ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, domain, sizeof domain);
		for (size_t i = 0; i < n; i++)
			if (domain_covers(list[i].name, domain,
			    conf.policy_subdomains))
				list[i].concerned = true;
	}
	return r;
}

int
letters_send(const char *kind, const struct request_head *h,
    const struct blank *blanks, size_t n, struct err *e)
{
	struct addresses to = { 0 };
	struct told *list = NULL;
	size_t n_list = 0;
	int r = proofs_load(h->account, &list, &n_list, e);

	if (r == 0)
		r = proofs_mark(h->number, list, n_list, e);
	/* what the account does not want to hear, the mailboxes still do */
	if (r == 0 && letter_wanted(h->account, kind))
		r = addresses_of_account(&to, h->account, e);
	for (size_t i = 0; i < n_list && r == 0; i++)
		if (list[i].concerned)
			addresses_add(&to, list[i].mailbox);
	if (r == 0)
		r = addresses_tell(&to, kind, h->account, blanks, n, NULL, e);
	addresses_clear(&to);
	free(list);
	return r;
}
