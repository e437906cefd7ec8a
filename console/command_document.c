/* command_document.c - the documents that rule what is done here. */
#include <stdio.h>

#include "console/command.h"
#include "console/document_show.h"
#include "core/base/text.h"

static const char *
state_of(const struct document *d)
{
	return !d->good ? "DAMAGED" : d->number == 0 ? "in force" :
	    d->current ? "rules" : "";
}

/* Who said yes to it. */
void
document_yes(char *dst, size_t size, const struct document *d)
{
	char when[TIME_TEXT_SIZE];

	time_text(when, d->word_at);
	dst[0] = '\0';
	if (d->kind == DOCUMENT_CA_POLICY && d->number == 0)
		snprintf(dst, size, "%s%s", d->word_by[0] ?
		    "acknowledged by " : "not acknowledged", d->word_by);
	else if (d->kind == DOCUMENT_MEMBER_AGREEMENT)
		snprintf(dst, size, "accepted by %lld%s",
		    (long long)d->accepted, d->word_at ? ", you among them" :
		    "");
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
		table_init(&t, 7, "DOCUMENT", "VERSION", "FROM", "UNTIL",
		    "STATE", "YES", "SHA-256");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct document *d = &page.rows[i];
			char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
			char yes[80];

			time_text(from, d->since);
			time_text(until, d->until);
			hex_encode(hex, d->sha256, sizeof d->sha256);
			document_yes(yes, sizeof yes, d);
			table_add(&t, word_of(&document_kind_words, d->kind),
			    d->version, from, until, state_of(d), yes, hex);
		}
		table_print(&call->c->out, &t);
		hex_encode(hex, page.set, sizeof page.set);
		say(&call->c->out, "Together, as each issuance names them: %s",
		    hex);
	}
	NOUN_CLEAR(document_page, &page);
	return 0;
}

int
command_document(struct call *call)
{
	const char *version = call_arg(call, 1);
	struct ref ref = { 0 };
	struct document_text d = { 0 };
	char hex[65], yes[80];

	snprintf(ref.ref, sizeof ref.ref, "%s%s%s", call_arg(call, 0),
	    version ? " " : "", version ? version : "");
	if (ask_document_get(call->c->line, &ref, &d, &call->err) < 0)
		return -1;
	if (call_option(call, "--raw") != NULL) {
		out_bytes(&call->c->out, d.text.data, d.text.size);
	} else if (!call_json(call, &d)) {
		hex_encode(hex, d.document.sha256, sizeof d.document.sha256);
		document_yes(yes, sizeof yes, &d.document);
		out_lines(&call->c->out, d.text.data, d.text.size);
		say(&call->c->out, "%s %s%s%s; SHA-256 %s",
		    word_of(&document_kind_words, d.document.kind),
		    d.document.version, yes[0] ? ", " : "", yes, hex);
	}
	NOUN_CLEAR(document_text, &d);
	return 0;
}
