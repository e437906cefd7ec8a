/* command_document.c - the documents that rule what is done here. */
#include <stdio.h>

#include "console/command.h"
#include "core/base/text.h"

static const char *
state_of(const struct document *d)
{
	return !d->good ? "DAMAGED" : d->current ? "rules" : "";
}

int
command_documents(struct call *call)
{
	const char *at = call_option(call, "--at");
	struct wish w = { 0 };
	struct document_page page = { 0 };
	struct table t;
	char hex[65];

	if (at != NULL && (time_parse(at, &w.since) < 0 || w.since <= 0))
		return call_usage(call, "--at takes a day or a time in UTC, as 2026-11-22");
	if (ask_document_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 6, "DOCUMENT", "VERSION", "FROM", "UNTIL",
		    "STATE", "SHA-256");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct document *d = &page.rows[i];
			char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];

			time_text(from, d->since);
			time_text(until, d->until);
			hex_encode(hex, d->sha256, sizeof d->sha256);
			table_add(&t, word_of(&document_kind_words, d->kind),
			    d->version, from, until, state_of(d), hex);
		}
		table_print(&call->c->out, &t);
		hex_encode(hex, page.set, sizeof page.set);
		say(&call->c->out, "Together, as each issuance names them: %s",
		    hex);
	}
	NOUN_CLEAR(document_page, &page);
	return 0;
}
