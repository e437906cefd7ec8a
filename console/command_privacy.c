/* command_privacy.c - what is held on oneself: who looked, the whole of it as
 * JSON, and leaving. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

int
command_account_looks(struct call *call)
{
	struct wish w = { 0 };
	struct glance_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_account_looks(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 5, "WHEN", "WHO", "ROLE", "WHAT", "REASON");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct glance *l = &page.rows[i];
			char at[TIME_TEXT_SIZE];

			time_text(at, l->at);
			table_add(&t, at, l->by[0] ? l->by : "(erased)",
			    word_of(&role_words, l->role), l->what,
			    l->reason);
		}
		table_print(&call->c->out, &t);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		else
			say(&call->c->out, "Nobody looked.");
	}
	NOUN_CLEAR(glance_page, &page);
	return 0;
}

/* ---- export-me ---- */

static int
part_take(json_t *all, const struct export_part *p, struct err *e)
{
	json_t *list = json_object_get(all, p->section), *rows = NULL;
	char *text = xcalloc(1, p->rows.size + 3);

	text[0] = '[';
	if (p->rows.size > 0)
		memcpy(text + 1, p->rows.data, p->rows.size);
	text[1 + p->rows.size] = ']';
	rows = json_loadb(text, p->rows.size + 2, 0, NULL);
	free(text);
	if (list == NULL) {
		list = json_array();
		if (json_object_set_new(all, p->section, list) < 0)
			list = NULL;
	}
	if (!json_is_array(rows) || list == NULL ||
	    json_array_extend(list, rows) < 0) {
		json_decref(rows);
		return err_set(e, ERR_BROKEN, "export",
		    "a part of the export came in pieces; nothing was written, try again");
	}
	json_decref(rows);
	return 0;
}

/* All parts, before a byte is written: half of it would look like all. */
static int
parts_ask(struct call *call, json_t *all)
{
	struct ref from = { 0 };
	int r = 0;

	do {
		struct export_part p = { 0 };

		if (ask_account_export(call->c->line, &from, &p,
		    &call->err) < 0)
			return -1;
		r = strcmp(p.next, from.ref) == 0 && p.next[0] != '\0' ?
		    err_set(&call->err, ERR_BROKEN, "export",
		    "the export does not go on; nothing was written") :
		    part_take(all, &p, &call->err);
		str_copy(from.ref, sizeof from.ref, p.next);
		NOUN_CLEAR(export_part, &p);
	} while (r == 0 && from.ref[0] != '\0');
	return r;
}

int
command_export_me(struct call *call)
{
	json_t *all = json_object();
	char at[TIME_TEXT_SIZE], *text = NULL;
	int r;

	time_text(at, clock_now());
	json_object_set_new(all, "v", json_integer(1));
	json_object_set_new(all, "command", json_string("export-me"));
	json_object_set_new(all, "service",
	    json_string(call->c->me.service));
	json_object_set_new(all, "at", json_string(at));
	r = parts_ask(call, all);
	if (r == 0 && (text = json_dumps(all, JSON_ENSURE_ASCII |
	    JSON_PRESERVE_ORDER | (call->json ? JSON_COMPACT :
	    JSON_INDENT(2)))) == NULL)
		r = err_set(&call->err, ERR_BROKEN, "export",
		    "the export is no JSON; nothing was written");
	if (r == 0) {
		out_bytes(&call->c->out, text, strlen(text));
		out_bytes(&call->c->out, "\n", 1);
	}
	free(text);
	json_decref(all);
	return r;
}

/* ---- close-account ---- */

static int
closing_refused(struct call *call, const struct closing *k)
{
	struct table t;

	if (!call->json) {
		table_init(&t, 3, "N", "DOMAIN", "UNTIL");
		for (size_t i = 0; i < k->n_certificates; i++) {
			const struct certificate_row *c =
			    &k->certificates[i];
			char number[24], until[11];

			snprintf(number, sizeof number, "%lld",
			    (long long)c->request);
			time_date(until, c->not_after);
			table_add(&t, number, c->first, until);
		}
		table_print(&call->c->out, &t);
	}
	return err_set(&call->err, ERR_REFUSED, "close-certificates",
	    "%lld certificate%s good still; revoke first, or close and revoke in one step: close-account --revoke --confirm %s",
	    (long long)k->good, k->good == 1 ? " is" : "s are",
	    call->c->me.account.name);
}

int
command_close_account(struct call *call)
{
	const char *name = call_option(call, "--confirm");
	struct closing_wish w = { .revoke = call_option(call, "--revoke") };
	struct closing k = { 0 };
	int r = 0;

	if (name != NULL && !str_copy(w.name, sizeof w.name, name))
		return call_usage(call, "--confirm takes the name of your account");
	if (ask_account_close(call->c->line, &w, &k, &call->err) < 0)
		return -1;
	if (!k.closed)
		r = closing_refused(call, &k);
	else if (!call_json(call, &k))
		say(&call->c->out, "The account %s is closed, %lld certificate%s revoked, and what was personal is erased. Goodbye.",
		    w.name, (long long)k.revoked,
		    k.revoked == 1 ? " was" : "s were");
	NOUN_CLEAR(closing, &k);
	return r;
}
