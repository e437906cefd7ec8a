/* command_alarm.c - alarms by command. */
#include <stdio.h>

#include "console/command.h"
#include "core/base/text.h"

static void
print_page(struct call *call, const struct alarm_page *page)
{
	struct table t;

	table_init(&t, 7, "NUMBER", "STATE", "ALARM", "ABOUT", "SINCE",
	    "LOOKED AFTER BY", "TEXT");
	for (size_t i = 0; i < page->n_rows; i++) {
		const struct alarm *a = &page->rows[i];
		char number[24], when[TIME_TEXT_SIZE];

		snprintf(number, sizeof number, "%lld", (long long)a->number);
		time_text(when, a->raised);
		table_add(&t, number, word_of(&alarm_state_words, a->state),
		    word_of(&alarm_kind_words, a->kind), a->object, when,
		    a->seen_by, a->text);
	}
	table_print(&call->c->out, &t);
	if (page->n_rows > 0)
		call_more(call, page->more,
		    page->rows[page->n_rows - 1].number, page->total);
	else
		say(&call->c->out, "No alarm.");
}

/* --see N: the answer is that alarm, in the shape of a page of one. */
static int
alarm_see(struct call *call, const char *number)
{
	struct ref r = { 0 };
	struct alarm_page page = { 0 };
	int done;

	if (call_may(call, OP_alarm_see) < 0)
		return -1;
	str_copy(r.ref, sizeof r.ref, number);
	done = ask_alarm_see(call->c->line, &r, LIST_ADD(&page, rows),
	    &call->err);
	page.total = 1;
	if (done == 0 && !call_json(call, &page))
		say(&call->c->out, "Alarm %lld: %s looks after it.",
		    (long long)page.rows[0].number, page.rows[0].seen_by);
	NOUN_CLEAR(alarm_page, &page);
	return done;
}

int
command_alarms(struct call *call)
{
	struct wish w = { 0 };
	struct alarm_page page = { 0 };
	const char *see = call_option(call, "--see");

	if (see != NULL)
		return alarm_see(call, see);
	if (call_wish(call, &w) < 0 ||
	    ask_alarm_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page))
		print_page(call, &page);
	NOUN_CLEAR(alarm_page, &page);
	return 0;
}
