/* view_agreement.c - the member agreement, to read and to accept. */
#include <string.h>

#include "console/view_parts.h"

struct state {
	struct pager page;
	char version[32];
	bool accepted;
};

static int
agreement_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;
	struct agreement a = { 0 };
	struct none none = { 0 };
	char digest[80];

	(void)ref;
	if (ask_agreement_get(ui->line, &none, &a, e) < 0)
		return -1;
	memcpy(st->version, a.version, sizeof st->version);
	st->accepted = strcmp(a.version, a.accepted) == 0;
	digest_text(digest, sizeof digest, a.sha256);
	pager_field(&st->page, "version", LOOK_STRONG, "%s", a.version);
	pager_field(&st->page, "SHA-256", LOOK_DIM, "%s", digest);
	pager_field(&st->page, "you", st->accepted ? LOOK_GOOD : LOOK_WARN,
	    "%s", st->accepted ? "have accepted this version" :
	    "have not accepted this version");
	pager_gap(&st->page);
	pager_lines(&st->page, LOOK_PLAIN, a.text.data, a.text.size);
	NOUN_CLEAR(agreement, &a);
	return 0;
}

static void
accept_it(struct ui *ui, void *state)
{
	struct state *st = state;
	struct ref ref = { 0 };
	struct none none = { 0 };
	struct err e;

	memcpy(ref.ref, st->version, sizeof st->version);
	if (ask_agreement_accept(ui->line, &ref, &none, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	ui->changed = true;
	ui_back(ui);
	ui_say(ui, LOOK_GOOD, "Accepted. Thank you.");
}

static bool
not_accepted(const struct ui *ui, const void *state)
{
	return !((const struct state *)state)->accepted &&
	    (OWNERS & ROLE_BIT(ui_role(ui))) != 0;
}

static void
documents(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "documents", "");
}

static bool
may_documents(const struct ui *ui, const void *state)
{
	(void)state;
	return op_allows(OP_document_list, ui_role(ui));
}

static void
agreement_close(void *state)
{
	pager_clear(&((struct state *)state)->page);
}

static const struct key_row keys[] = {
	{ 'a', "a", "accept it", "Accept this version: time, key and its hash are kept",
	    accept_it, not_accepted, "agreement" },
	{ 'd', "d", "documents", "The documents that rule what is done here",
	    documents, may_documents, ">documents" },
	{ 0 },
};

const struct view view_agreement = {
	.name = "agreement", .title = "Agreement", .brief = "Agreement",
	.shows = "agreement",
	.help = "The member agreement. Space and b turn the pages.",
	.size = sizeof(struct state), .keys = keys,
	.open = agreement_open, .draw = pager_view_draw,
	.key = pager_view_key, .where = pager_view_where,
	.close = agreement_close,
};
