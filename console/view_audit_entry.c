/* view_audit_entry.c - one entry of the audit log. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

static void
entry_fill(struct pager *p, const struct audit_entry *a)
{
	const char *word = word_of(&outcome_words, a->outcome);
	bool erased = a->actor[0] == '\0' && a->role != ROLE_SYSTEM;
	char at[TIME_TEXT_SIZE], far[WHEN_SIZE], digest[80];

	time_text(at, a->at);
	time_relative(far, a->at, clock_now());
	digest_text(digest, sizeof digest, a->hash);
	pager_text(p, LOOK_STRONG, "Entry %lld: %s", (long long)a->number,
	    a->action);
	pager_gap(p);
	pager_field(p, "time", LOOK_PLAIN, "%s (%s)", at, far);
	pager_field(p, "outcome", look_of_state(word), "%s", word);
	pager_field(p, "about", LOOK_PLAIN, "%s %s", a->noun, a->object);
	pager_field(p, "role", LOOK_PLAIN, "%s",
	    word_of(&role_words, a->role));
	pager_field(p, "actor", erased ? LOOK_DIM : LOOK_PLAIN, "%s",
	    erased ? "(erased)" : a->actor[0] ? a->actor : "-");
	if (a->key[0] != '\0')
		pager_field(p, "SSH key", LOOK_PLAIN, "%s", a->key);
	if (a->source[0] != '\0')
		pager_field(p, "from", LOOK_PLAIN, "%s", a->source);
	if (a->detail[0] != '\0')
		pager_field(p, "detail", LOOK_PLAIN, "%s", a->detail);
	pager_gap(p);
	pager_field(p, "hash", LOOK_DIM, "%s", digest);
}

static int
entry_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct audit_wish w = { .limit = 1 };
	struct audit_page page = { 0 };
	int64_t number = 0;

	number_parse(ref, INT64_MAX - 1, &number);
	w.before = number + 1;
	if (ask_audit_list(ui->line, &w, &page, e) < 0)
		return -1;
	if (page.n_rows == 0 || page.rows[0].number != number) {
		NOUN_CLEAR(audit_page, &page);
		return err_set(e, ERR_NOT_FOUND, "audit",
		    "There is no entry %s.", ref);
	}
	entry_fill(state, &page.rows[0]);
	NOUN_CLEAR(audit_page, &page);
	return 0;
}

static void
entry_close(void *state)
{
	pager_clear(state);
}

static const struct key_row keys[] = { { 0 } };

const struct view view_audit_entry = {
	.name = "audit_entry", .title = "Audit entry", .brief = "Entry",
	.shows = "audit",
	.help = "One entry. Actor, key, source and detail can be erased for privacy; the chain still holds then.",
	.size = sizeof(struct pager), .keys = keys,
	.open = entry_open, .draw = pager_view_draw, .key = pager_view_key,
	.where = pager_view_where, .close = entry_close,
};
