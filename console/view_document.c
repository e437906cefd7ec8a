/* view_document.c - the text of one document that rules what is done here. */
#include <string.h>

#include "console/document_show.h"
#include "console/view_parts.h"
#include "core/base/text.h"

#define SHOWN_MOST (256u << 10)		/* bytes; the rest by command */

struct state {
	struct pager page;		/* must stand first */
	char ref[64];			/* KIND VERSION */
};

static void
document_add(struct pager *p, const struct document_text *t)
{
	const struct document *d = &t->document;
	char from[11], until[11], digest[80], said[80];
	size_t n = t->text.size < SHOWN_MOST ? t->text.size : SHOWN_MOST;

	digest_text(digest, sizeof digest, d->sha256);
	time_date(from, d->since);
	time_date(until, d->until);
	document_yes(said, sizeof said, d);
	pager_field(p, "document", LOOK_STRONG, "%s %s",
	    word_of(&document_kind_words, d->kind), d->version);
	if (d->since != 0)
		pager_field(p, "from", LOOK_PLAIN, "%s%s%s", from,
		    d->until ? " until " : "", d->until ? until : "");
	if (d->by[0] != '\0')
		pager_field(p, "added by", LOOK_PLAIN, "%s", d->by);
	if (said[0] != '\0')
		pager_field(p, "yes", LOOK_PLAIN, "%s", said);
	pager_field(p, "SHA-256", LOOK_DIM, "%s", digest);
	pager_gap(p);
	pager_lines(p, LOOK_PLAIN, t->text.data, n);
	if (n < t->text.size)
		pager_text(p, LOOK_WARN,
		    "The rest by command: document %s %s --raw",
		    word_of(&document_kind_words, d->kind), d->version);
}

static int
document_fill(struct ui *ui, struct state *st, struct err *e)
{
	struct ref ref = { 0 };
	struct document_text t = { 0 };
	int done;

	str_copy(ref.ref, sizeof ref.ref, st->ref);
	done = ask_document_get(ui->line, &ref, &t, e);
	if (done == 0) {
		pager_again(&st->page);
		document_add(&st->page, &t);
	}
	NOUN_CLEAR(document_text, &t);
	return done;
}

static int
document_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	str_copy(st->ref, sizeof st->ref, ref[0] ? ref : "ca-policy");
	return document_fill(ui, st, e);
}

static void
document_close(void *state)
{
	pager_clear(&((struct state *)state)->page);
}

static const struct key_row keys[] = { { 0 } };

const struct view view_document = {
	.name = "document", .title = "Document", .brief = "Document",
	.shows = "document",
	.help = "One of the documents that rule what is done here. Space and b turn the pages.",
	.size = sizeof(struct state), .keys = keys,
	.open = document_open, .draw = pager_view_draw,
	.key = pager_view_key, .where = pager_view_where,
	.close = document_close,
};
