/* command_issuer.c - issuers, and the director's word about what the operator
 * wants done with them (S12.6). */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

static void
issuers_print(struct call *call, const struct issuer_wish_page *page)
{
	struct table t;

	table_init(&t, 6, "ISSUER", "STATE", "UNTIL", "GOOD", "LAST ENDS",
	    "CRL");
	for (size_t i = 0; i < page->n_issuers; i++) {
		const struct issuer_row *r = &page->issuers[i];
		char until[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE], good[24],
		    crl[24];

		time_text(until, r->not_after);
		time_text(last, r->last);
		snprintf(good, sizeof good, "%lld", (long long)r->good);
		snprintf(crl, sizeof crl, "%lld", (long long)r->crl_number);
		table_add(&t, r->name, r->state, r->not_after ? until : "-",
		    good, r->last ? last : "-", crl);
	}
	table_print(&call->c->out, &t);
}

static void
wishes_print(struct call *call, const struct issuer_wish_page *page)
{
	struct table t;

	table_init(&t, 7, "OPERATION", "STATE", "WHAT", "ISSUER", "ASKED",
	    "CONFIRMED BY", "NOTE");
	for (size_t i = 0; i < page->n_rows; i++) {
		const struct issuer_wish *w = &page->rows[i];
		char number[24], asked[TIME_TEXT_SIZE];
		char note[sizeof w->note + sizeof w->sha256 + 16];

		snprintf(number, sizeof number, "%lld",
		    (long long)w->number);
		time_text(asked, w->asked);
		/* whoever confirms must see which certificate it is */
		snprintf(note, sizeof note, "%s%s%s%s",
		    w->sha256[0] != '\0' ? "SHA-256 " : "", w->sha256,
		    w->sha256[0] != '\0' && w->note[0] != '\0' ? ", " : "",
		    w->note);
		table_add(&t, number, word_of(&issuer_wish_state_words,
		    w->state), w->deed, w->issuer, asked, w->confirmed_by,
		    note);
	}
	table_print(&call->c->out, &t);
}

int
command_issuer_list(struct call *call)
{
	struct issuer_wish_page page = { 0 };
	struct wish w = { 0 };

	if (call_wish(call, &w) < 0 ||
	    ask_issuer_wishes(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		if (page.n_issuers > 0)
			issuers_print(call, &page);
		if (page.n_rows > 0) {
			wishes_print(call, &page);
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		} else {
			say(&call->c->out, "The operator has asked for nothing.");
		}
	}
	NOUN_CLEAR(issuer_wish_page, &page);
	return 0;
}

static int
wish_print(struct call *call, const struct issuer_wish *w)
{
	struct output *o = &call->c->out;

	if (call_json(call, w))
		return 0;
	out_fact(o, "Operation", "%lld", (long long)w->number);
	out_fact(o, "What", "%s %s", w->deed, w->issuer);
	if (strcmp(w->deed, "revoke") == 0)
		out_fact(o, "Reason", "%s", word_of(&reason_words,
		    w->reason));
	if (w->sha256[0] != '\0')
		out_fact(o, "SHA-256", "%s", w->sha256);
	if (w->note[0] != '\0')
		out_fact(o, "Note", "%s", w->note);
	out_fact(o, "State", "%s", word_of(&issuer_wish_state_words,
	    w->state));
	if (w->state == ISSUER_WISH_CONFIRMED)
		say(o, "The operator may make it now, by the same command, within seven days.");
	return 0;
}

int
command_issuer_confirm(struct call *call)
{
	struct issuer_wish w = { 0 };
	struct ref r = { 0 };
	int done;

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0)
		return -1;
	if ((done = call_deed(call, "issuer", r.ref)) != 0)
		return done < 0 ? -1 : 0;
	if (ask_issuer_confirm(call->c->line, &r, &w, &call->err) < 0)
		return -1;
	return wish_print(call, &w);
}

int
command_issuer_drop(struct call *call)
{
	struct issuer_wish w = { 0 };
	struct ref r = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_issuer_drop(call->c->line, &r, &w, &call->err) < 0)
		return -1;
	return wish_print(call, &w);
}
