/* command_audit.c - the audit log: listed, exported, verified; and watch. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "console/audit_ask.h"
#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/csv.h"
#include "core/base/text.h"

#define EXPORT_ROWS 500

static void
print_entries(struct output *o, const struct audit_page *page)
{
	struct table t;

	table_init(&t, 7, "NUMBER", "TIME", "ACTOR", "ACTION", "OBJECT",
	    "OUTCOME", "DETAIL");
	for (size_t i = 0; i < page->n_rows; i++) {
		const struct audit_entry *a = &page->rows[i];
		char number[24], when[TIME_TEXT_SIZE];

		snprintf(number, sizeof number, "%lld", (long long)a->number);
		time_text(when, a->at);
		table_add(&t, number, when, a->actor[0] ? a->actor :
		    word_of(&role_words, a->role), a->action, a->object,
		    word_of(&outcome_words, a->outcome), a->detail);
	}
	table_print(o, &t);
}

/* ---- export ---- */

static void
csv_entry(struct output *o, const struct audit_entry *a)
{
	char number[24], when[TIME_RFC3339_SIZE], hash[65];
	struct buf b = { 0 };
	const char *cells[] = {
		number, when, a->actor, word_of(&role_words, a->role),
		a->key, a->source, a->action, a->noun, a->object,
		word_of(&outcome_words, a->outcome), a->detail, hash,
	};

	snprintf(number, sizeof number, "%lld", (long long)a->number);
	time_rfc3339(when, a->at);
	hex_encode(hash, a->hash, sizeof a->hash);
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		if (i > 0)
			buf_put_u8(&b, ',');
		csv_put_text(&b, cells[i], strlen(cells[i]));
	}
	buf_put_u8(&b, '\0');
	out_line(o, "%s", (char *)b.data);
	buf_clear(&b);
}

static int
audit_export(struct call *call, struct audit_wish *w, bool csv)
{
	struct output *o = &call->c->out;
	struct audit_page page = { 0 };
	bool more = true;

	w->oldest_first = true;
	w->limit = EXPORT_ROWS;
	if (csv)
		out_line(o, "number,at,actor,role,key,source,action,noun,object,outcome,detail,hash");
	while (more && !o->failed) {
		if (ask_audit_list(call->c->line, w, &page, &call->err) < 0)
			return -1;
		for (size_t i = 0; i < page.n_rows; i++) {
			if (csv)
				csv_entry(o, &page.rows[i]);
			else
				json_answer(o, call->command->name,
				    &audit_entry_shape, &page.rows[i]);
			w->before = page.rows[i].number;
		}
		if (page.refine)
			w->before = page.looked;
		more = page.more && (page.n_rows > 0 || page.refine);
		NOUN_CLEAR(audit_page, &page);
	}
	return 0;
}

int
command_audit(struct call *call)
{
	const char *since = call_option(call, "--since");
	const char *noun = call_option(call, "--noun");
	const char *filter = call_option(call, "--filter");
	const char *export = call_option(call, "--export");
	struct audit_wish w = { 0 };
	struct audit_page page = { 0 };

	if (since != NULL && time_parse(since, &w.since) < 0)
		return call_usage(call, "--since takes a time as in 2026-11-22 or 2026-11-22T15:04Z, not '%.64s'",
		    since);
	if (noun != NULL && !str_copy(w.noun, sizeof w.noun, noun))
		return call_usage(call, "--noun is too long");
	if (filter != NULL && !str_copy(w.filter, sizeof w.filter, filter))
		return call_usage(call, "--filter is too long");
	if (call_option_number(call, "--before", INT64_MAX, 0,
	    &w.before) < 0 ||
	    call_option_number(call, "--limit", 500, 100, &w.limit) < 0)
		return -1;
	if (export != NULL)
		return audit_export(call, &w, strcmp(export, "csv") == 0);
	if (ask_audit_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		print_entries(&call->c->out, &page);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		else
			say(&call->c->out, "No entry.");
		if (page.refine)
			say(&call->c->out, "There may be more behind entry %lld: say more exactly what to look for, or go on with --before %lld.",
			    (long long)page.looked, (long long)page.looked);
	}
	NOUN_CLEAR(audit_page, &page);
	return 0;
}

static void
verify_said(void *user, const char *text)
{
	struct call *call = user;

	say(&call->c->out, "%s", text);
}

int
command_audit_verify(struct call *call)
{
	struct output *o = &call->c->out;
	struct audit_check k = { 0 };
	char when[TIME_TEXT_SIZE], hash[65];

	if (audit_await(call->c->line, verify_said, call, &k, &call->err) < 0)
		return -1;
	if (!call_json(call, &k)) {
		out_fact(o, "Chain", "%s", k.good ? "good" : "BAD");
		out_fact(o, "Entries", "%lld", (long long)k.entries);
		if (!k.good)
			out_fact(o, "First bad row", "%lld",
			    (long long)k.bad_row);
		hex_encode(hash, k.head, sizeof k.head);
		time_text(when, k.head_at);
		out_fact(o, "Last entry", "%s", when);
		out_fact(o, "Its hash", "%s", hash);
		say(o, "%s", k.text[0] ? k.text : k.good ?
		    "The chain is whole from the first entry to the last." :
		    "The chain is broken: tell the operator before anything else.");
	}
	return k.good ? 0 : err_exit_status(ERR_REFUSED);
}

/* ---- watch ---- */

static volatile sig_atomic_t interrupted;

static void
interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

struct watcher {
	struct call *call;
	void (*before)(void *user, const struct change *c);
	void *user;
};

static void
watch_change(void *user, const struct change *c)
{
	struct watcher *w = user;
	char when[TIME_TEXT_SIZE], number[24];

	if (w->call->json) {
		json_answer(&w->call->c->out, "watch", &change_shape, c);
	} else {
		time_text(when, clock_now());
		snprintf(number, sizeof number, "%lld", (long long)c->number);
		out_line(&w->call->c->out, "%s %s %s%s%s", when, c->noun,
		    number, c->text[0] ? ": " : "", c->text);
	}
	output_flush(&w->call->c->out);
}

/* 1 go on, 0 the person ended it, -1 the authority is gone. */
static int
watch_turn(struct console *c)
{
	bool keys = c->in->terminal || c->dialogue;
	struct pollfd p[3] = {
		{ .fd = c->line->fd, .events = POLLIN },
		{ .fd = keys ? c->in->fd : -1, .events = POLLIN },
		{ .fd = fileno(c->out.out) },	/* hung up? */
	};
	int n;

	n = poll(p, 3, -1);
	if (interrupted || c->out.failed)
		return 0;
	if (n < 0)
		return errno == EINTR;
	if (p[0].revents != 0 && line_poll(c->line) < 0)
		return -1;
	if (p[2].revents & (POLLERR | POLLHUP | POLLNVAL))
		return 0;
	return p[1].revents == 0;
}

int
command_watch(struct call *call)
{
	struct console *c = call->c;
	struct watcher w = { call, c->line->on_change, c->line->user };
	struct sigaction act = { .sa_handler = interrupt }, before;
	char rest[256];
	int r = 1;

	interrupted = 0;
	sigaction(SIGINT, &act, &before);
	c->line->on_change = watch_change;
	c->line->user = &w;
	say(&c->out, "Watching; %s", c->dialogue ? "Enter ends it." :
	    "Ctrl-C ends it.");
	while (r > 0)
		r = watch_turn(c);
	c->line->on_change = w.before;
	c->line->user = w.user;
	sigaction(SIGINT, &before, NULL);
	if (c->dialogue && r == 0)
		typing_line(c->in, "", rest, sizeof rest);
	if (r < 0)
		return err_set(&call->err, ERR_UNAVAILABLE, "connection",
		    "the authority hung up; nothing was lost, try again in a moment");
	return 0;
}
