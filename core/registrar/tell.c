/* tell.c - letters about a request: to its account and the proof mailboxes. */
#include "core/registrar/tell.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
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

struct proof {
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
proofs_load(int64_t account, struct proof **list, size_t *n, struct err *e)
{
	struct query *q = db_query(tell_prepared[Q_MAILBOXES]);
	int r;

	q_i64(q, 1, account);
	while ((r = q_next(q, e)) == 1) {
		struct proof *p;

		*list = list_grow(*list, n, sizeof **list);
		p = &(*list)[*n - 1];
		q_col_str(q, 0, p->name, sizeof p->name);
		q_col_str(q, 1, p->mailbox, sizeof p->mailbox);
	}
	return r;
}

static int
proofs_mark(int64_t request, struct proof *list, size_t n, struct err *e)
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

static bool
told_before(const struct proof *list, size_t i, const char *email)
{
	if (strcmp(list[i].mailbox, email) == 0)
		return true;
	for (size_t k = 0; k < i; k++)
		if (list[k].concerned &&
		    strcmp(list[k].mailbox, list[i].mailbox) == 0)
			return true;
	return false;
}

int
letters_send(const char *kind, const struct request_head *h,
    const struct blank *blanks, size_t n, struct err *e)
{
	struct proof *list = NULL;
	const char **to = NULL;
	size_t n_list = 0, n_to = 0;
	int r = proofs_load(h->account, &list, &n_list, e);

	if (r == 0)
		r = proofs_mark(h->number, list, n_list, e);
	to = xcalloc(n_list + 1, sizeof *to);
	if (address_ok(h->email))
		to[n_to++] = h->email;
	for (size_t i = 0; i < n_list && r == 0; i++)
		if (list[i].concerned && address_ok(list[i].mailbox) &&
		    !told_before(list, i, h->email))
			to[n_to++] = list[i].mailbox;
	if (r == 0 && n_to > 0)
		r = notice_add_each(kind, h->account, to, n_to, 0, blanks, n,
		    e);
	free(to);
	free(list);
	return r;
}
