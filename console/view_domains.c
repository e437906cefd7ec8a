/* view_domains.c - own domains: claim, enter the code, give up. */
#include <stdio.h>
#include <string.h>

#include "console/view_domain.h"
#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct list list;		/* must stand first */
};

/* ---- columns ---- */

static enum look
cell_name(const struct ui *ui, const void *row, char *dst, size_t size)
{
	const struct domain *d = row;

	(void)ui;
	domain_words(dst, size, d->shown, d->name);
	return LOOK_PLAIN;
}

static enum look
cell_domain_state(const struct ui *ui, const void *row, char *dst,
    size_t size)
{
	(void)ui;
	return cell_state(word_of(&domain_state_words,
	    ((const struct domain *)row)->state), dst, size);
}

static enum look
cell_mailbox(const struct ui *ui, const void *row, char *dst, size_t size)
{
	const struct domain *d = row;

	(void)ui;
	cell_text(dst, size, d->method == PROOF_DNS ? "by DNS" : d->mailbox);
	return LOOK_DIM;
}

static enum look
cell_until(const struct ui *ui, const void *row, char *dst, size_t size)
{
	const struct domain *d = row;
	char date[11];
	long long days = (long long)days_left(d->expires, clock_now());

	(void)ui;
	if (d->state != DOMAIN_PROVEN) {
		snprintf(dst, size, "%s", d->state == DOMAIN_CLAIMED ?
		    "not proven: Enter" :
		    d->state == DOMAIN_LAPSED ? "prove anew: Enter" : "");
		return LOOK_WARN;
	}
	time_date(date, d->expires);
	snprintf(dst, size, "%s, %lld day%s", date, days,
	    days == 1 ? "" : "s");
	return days < 14 ? LOOK_WARN : LOOK_PLAIN;
}

static const struct column columns[] = {
	{ "Domain", 0, 0, false, cell_name },
	{ "State", 8, 0, false, cell_domain_state },
	{ "Proof counts until", 20, 2, false, cell_until },
	{ "Proved by", 22, 3, false, cell_mailbox },
};

/* ---- keys ---- */

static const struct domain *
domain_here(const void *state)
{
	return list_row(state);
}

static void
enter(struct ui *ui, void *state)
{
	if (domain_here(state) != NULL)
		ui_open(ui, "domain", domain_here(state)->name);
}

static void
add(struct ui *ui, void *state)
{
	(void)state;
	domain_add_ask(ui, "");
}

static void
code(struct ui *ui, void *state)
{
	domain_code_ask(ui, domain_here(state)->name);
}

static void
drop(struct ui *ui, void *state)
{
	domain_drop_ask(ui, domain_here(state)->name);
}

static void
request(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "request_new", "");
}

static void
persons(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "invitations", "");
}

/* Does the authority issue certificates to persons? */
static bool
has_persons(const struct ui *ui, const void *state)
{
	size_t n;
	const struct choice *list = profile_choices(&ui->me, &n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].word, "xmpp-person") == 0)
			return true;
	return false;
}

static bool
waits_for_code(const struct ui *ui, const void *state)
{
	const struct domain *d = domain_here(state);

	(void)ui;
	return d != NULL && d->state == DOMAIN_CLAIMED;
}

static bool
is_held(const struct ui *ui, const void *state)
{
	const struct domain *d = domain_here(state);

	(void)ui;
	return d != NULL && d->state != DOMAIN_DROPPED;
}

static bool
is_proven(const struct ui *ui, const void *state)
{
	const struct domain *d = domain_here(state);

	(void)ui;
	return d != NULL && d->state == DOMAIN_PROVEN;
}

static int
domains_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_domain_list, columns,
	    sizeof columns / sizeof columns[0],
	    "No domain yet. Press a to add one: a code goes to its hostmaster@, postmaster@ or webmaster@, and entering it proves that the domain is yours.");
	return list_load(ui, &st->list, e);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", "See its proof and the codes that were mailed",
	    enter, list_view_any, ">domain" },
	{ 'a', "a", "add", "Add a domain: a code is mailed to prove it", add,
	    NULL, "domain add" },
	{ 'c', "c", "enter code", "Enter the code from the letter", code,
	    waits_for_code, "domain confirm" },
	{ 'n', "n", "new request", "Ask for a certificate", request,
	    is_proven, ">request_new" },
	{ 'x', "x", "give up", "Give this domain up", drop, is_held,
	    "domain drop" },
	LIST_KEYS,
	{ 'p', "p", "persons", "Agree to personal certificates for addresses of your domains",
	    persons, has_persons, ">invitations" },
	{ 0 },
};

const struct view view_domains = {
	.name = "domains", .title = "Domains", .brief = "Domains",
	.shows = "domain list",
	.help = "Your domains. Certificates are issued for proven domains and, by default, their subdomains.",
	.size = sizeof(struct state), .keys = keys,
	.open = domains_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
