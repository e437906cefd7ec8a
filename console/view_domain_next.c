/* view_domain_next.c - what to do next about one domain, in a sentence. */
#include "console/view_domain.h"

#include <stdio.h>

#include "core/base/text.h"

#define SOON (30 * 86400)

static const struct challenge *
open_challenge(const struct domain *d)
{
	for (size_t i = 0; i < d->n_challenges; i++)
		if (d->challenges[i].state == CHALLENGE_WAITING ||
		    d->challenges[i].state == CHALLENGE_SENT)
			return &d->challenges[i];
	return NULL;
}

static void
unproven(struct pager *p, const struct domain *d)
{
	const struct challenge *c = open_challenge(d);

	if (c == NULL)
		pager_item(p, sign(SIGN_NOW), LOOK_STRONG,
		    "Nothing is under way any more: r begins a new proof, by a letter or by a record.");
	else if (c->method == PROOF_DNS)
		pager_item(p, sign(SIGN_NOW), LOOK_STRONG,
		    "Add the record above to the DNS; then f has it looked for. It is looked for by itself as well.");
	else if (c->state == CHALLENGE_WAITING)
		pager_item(p, sign(SIGN_NOW), LOOK_STRONG,
		    "The letter to %s is about to leave; c takes its code.",
		    c->mailbox);
	else
		pager_item(p, sign(SIGN_NOW), LOOK_STRONG,
		    "Read the letter to %s, then c takes its code.",
		    c->mailbox);
}

void
domain_next_add(struct pager *p, const struct domain *d, int64_t now)
{
	char until[11];

	pager_head(p, "What to do next");
	switch (d->state) {
	case DOMAIN_PROVEN:
		time_date(until, d->expires);
		if (d->missed != 0)
			pager_item(p, "!", LOOK_BAD,
			    "Put the record back into the DNS: without it the proof ends.");
		else if (d->expires < now + SOON)
			pager_item(p, "!", LOOK_WARN,
			    "The proof ends on %s: r makes a new one before that.",
			    until);
		else
			pager_item(p, sign(SIGN_DONE), LOOK_GOOD,
			    "Proven until %s: n asks for a certificate, l shows what its servers have now.",
			    until);
		break;
	case DOMAIN_CONFLICT:
		pager_item(p, "!", LOOK_BAD,
		    "Somebody else has proven it too: the staff decide, and write to you.");
		break;
	case DOMAIN_CLAIMED: unproven(p, d); break;
	case DOMAIN_LAPSED:
	case DOMAIN_DROPPED:
		pager_item(p, sign(SIGN_NOW), LOOK_STRONG,
		    "r proves it anew; certificates that exist stay as they are.");
		break;
	}
}
