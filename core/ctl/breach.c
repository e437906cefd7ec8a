/* breach.c - `xmpp-icactl breach`: whose data of which kind was held in a time
 * range (J4.2). */
#include "core/ctl/ctl.h"

#include <string.h>

#include "core/base/text.h"

static int
range_read(int argc, char **argv, struct breach_wish *w)
{
	if ((argc != 3 && argc != 5) || strcmp(argv[1], "--from") != 0 ||
	    time_parse(argv[2], &w->since) < 0)
		return -1;
	if (argc == 5 && (strcmp(argv[3], "--to") != 0 ||
	    time_parse(argv[4], &w->until) < 0))
		return -1;
	return 0;
}

int
ctl_breach(int argc, char **argv)
{
	struct breach_wish w = { 0 };
	struct breach b = { 0 };
	struct err e;

	if (range_read(argc, argv, &w) < 0)
		return usage_of("breach");
	if (ask_operator_breach(registrar(), &w, &b, &e) < 0)
		return complain(&e);
	printf("account\temail\tkeys\tcontacts\tdomains\trequests\tcertificates\tletters\tlog\n");
	for (size_t i = 0; i < b.n_rows; i++) {
		const struct breach_row *r = &b.rows[i];

		printf("%s\t%s\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\n",
		    r->account, r->email[0] ? r->email : "-",
		    (long long)r->keys, (long long)r->contacts,
		    (long long)r->domains, (long long)r->requests,
		    (long long)r->certificates, (long long)r->letters,
		    (long long)r->entries);
	}
	NOUN_CLEAR(breach, &b);
	return 0;
}
