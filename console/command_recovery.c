/* command_recovery.c - an account whose key is lost: the guest's side, the
 * owner's way to stop it, and the staff's word. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

static void
recovery_say(struct output *o, const struct recovery *r, const struct whoami *me)
{
	char when[WHEN_SIZE];

	time_both(when, r->due, clock_now());
	out_fact(o, "Account", "%s", r->account);
	out_fact(o, "State", "%s", word_of(&recovery_state_words, r->state));
	out_fact(o, "New key", "%s", r->fingerprint);
	if (r->state != RECOVERY_WAITING)
		return;
	out_fact(o, "Opens at", "%s", when);
	if (r->needs_approval)
		out_fact(o, "Approved by", "%s", r->approved_by[0] ?
		    r->approved_by : "nobody yet, and somebody of the staff must");
	if (me->account.role == ROLE_GUEST) {
		say(o, "All addresses of %s hear of it now, and can stop it.",
		    r->account);
		say(o, "When its time has come: %s %s@%s",
		    me->ssh[0] ? me->ssh : "ssh", r->account, me->service);
	}
}

int
command_recover(struct call *call)
{
	struct recovery_wish w = { .stop = call_option(call, "--stop") };
	struct recovery r = { 0 };

	if (call_ref(call, 0, w.name, sizeof w.name) < 0 ||
	    (call_arg(call, 1) != NULL &&
	    call_ref(call, 1, w.code, sizeof w.code) < 0))
		return -1;
	if (w.stop && w.code[0] == '\0')
		return call_usage(call, "to stop a recovery give the code of the letter that told of it: recover NAME CODE --stop");
	if (ask_account_recover(call->c->line, &w, &r, &call->err) < 0)
		return -1;
	if (call_json(call, &r))
		return 0;
	if (r.state == RECOVERY_MAILED) {
		say(&call->c->out, "If there is an account %s, a letter with a code goes to its address.",
		    w.name);
		say(&call->c->out, "When it has come, with the key that shall open the account: recover %s CODE",
		    w.name);
		return 0;
	}
	recovery_say(&call->c->out, &r, &call->c->me);
	return r.state == RECOVERY_WAITING ? EXIT_PENDING : 0;
}

int
command_recovery_list(struct call *call)
{
	struct wish w = { 0 };
	struct recovery_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    ask_recovery_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 6, "NUMBER", "ACCOUNT", "STATE", "NEW KEY",
		    "OPENS", "APPROVED BY");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct recovery *r = &page.rows[i];
			char number[24], due[TIME_TEXT_SIZE];

			snprintf(number, sizeof number, "%lld",
			    (long long)r->number);
			time_text(due, r->due);
			table_add(&t, number, r->account,
			    word_of(&recovery_state_words, r->state),
			    r->fingerprint, due, r->approved_by[0] ?
			    r->approved_by : r->needs_approval ? "nobody" :
			    "not needed");
		}
		table_print(&call->c->out, &t);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
	}
	NOUN_CLEAR(recovery_page, &page);
	return 0;
}

int
command_recovery_approve(struct call *call)
{
	const char *key = call_option(call, "--key");
	struct recovery_word w = { 0 };
	struct recovery r = { 0 };

	if (call_ref(call, 0, w.name, sizeof w.name) < 0)
		return -1;
	if (key != NULL && !str_copy(w.fingerprint, sizeof w.fingerprint, key))
		return call_usage(call, "--key is a fingerprint, SHA256:..., as recovery list shows it");
	if (ask_recovery_approve(call->c->line, &w, &r, &call->err) < 0)
		return -1;
	if (!call_json(call, &r))
		recovery_say(&call->c->out, &r, &call->c->me);
	return 0;
}

int
command_recovery_stop(struct call *call)
{
	struct ref ref = { 0 };
	struct recovery r = { 0 };

	if ((call_arg(call, 0) != NULL &&
	    call_ref(call, 0, ref.ref, sizeof ref.ref) < 0) ||
	    ask_recovery_stop(call->c->line, &ref, &r, &call->err) < 0)
		return -1;
	if (!call_json(call, &r))
		say(&call->c->out, "Stopped: %s stays with the keys that it has.",
		    r.account);
	return 0;
}
