/* command_halt.c - issuing halted and resumed, the policy in force. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/text.h"

static int
halt_print(struct call *call, const struct halt_state *h)
{
	if (call_json(call, h))
		return 0;
	say(&call->c->out, "%s", h->text);
	if (h->resume_by[0] != '\0')
		say(&call->c->out, "%s wants to go on; a second person must say `resume` too, and one of the two is the director.",
		    h->resume_by);
	return 0;
}

int
command_halt(struct call *call)
{
	const char *reason = call_option(call, "--reason");
	struct text t = { 0 };
	struct halt_state h = { 0 };
	int done;

	if (reason != NULL)
		blob_set(&t.text, reason, strlen(reason));
	done = ask_halt_set(call->c->line, &t, &h, &call->err);
	NOUN_CLEAR(text, &t);
	return done < 0 ? -1 : halt_print(call, &h);
}

int
command_resume(struct call *call)
{
	struct none none = { 0 };
	struct halt_state h = { 0 };
	int done = call_deed(call, "resume", "");

	if (done != 0)
		return done < 0 ? -1 : 0;
	if (ask_halt_resume(call->c->line, &none, &h, &call->err) < 0)
		return -1;
	halt_print(call, &h);
	return h.halted ? 4 : 0;	/* pending */
}

static int
policy_print(struct call *call, struct policy_state *p)
{
	struct output *o = &call->c->out;
	char when[TIME_TEXT_SIZE];

	if (!call_json(call, p)) {
		out_fact(o, "Policy", "%s", p->version);
		out_fact(o, "SHA-256", "%s", p->sha256);
		time_text(when, p->acknowledged);
		if (p->acknowledged != 0)
			out_fact(o, "Acknowledged", "by %s, %s",
			    p->acknowledged_by, when);
		else
			out_fact(o, "Acknowledged", "%s", p->needed ?
			    "not yet: nothing is issued before" :
			    "not asked for");
		for (size_t i = 0; i < p->n_values; i++)
			out_fact(o, p->values[i].what, "%s",
			    p->values[i].text);
	}
	NOUN_CLEAR(policy_state, p);
	return 0;
}

int
command_policy(struct call *call)
{
	struct none none = { 0 };
	struct policy_state p = { 0 };
	struct halt_state h = { 0 };

	if (ask_policy_get(call->c->line, &none, &p, &call->err) < 0)
		return -1;
	if (!call->json &&
	    ask_halt_get(call->c->line, &none, &h, NULL) == 0)
		out_fact(&call->c->out, "Issuing", "%s", h.text);
	NOUN_CLEAR(halt_state, &h);
	return policy_print(call, &p);
}

int
command_policy_acknowledge(struct call *call)
{
	struct policy_word w = { 0 };
	struct policy_state p = { 0 };
	int done = call_deed(call, "policy", "");

	if (done != 0)
		return done < 0 ? -1 : 0;
	if (call->n_args > 0 &&
	    call_ref(call, 0, w.sha256, sizeof w.sha256) < 0)
		return -1;
	if (ask_policy_acknowledge(call->c->line, &w, &p, &call->err) < 0)
		return -1;
	return policy_print(call, &p);
}
