/* reload.c - the registrar's binary as a messenger: what the master starts on
 * SIGHUP reads the policy's files and hands them to the running registrar. */
#include "core/registrar/policy.h"

#include "core/base/child.h"
#include "core/base/log.h"
#include "core/wire/ask.h"
#include "core/wire/policy_texts.h"

int
policy_send(void)
{
	struct policy_texts t = { 0 };
	struct text answer = { 0 };
	struct err e = { 0 };
	struct line line;
	int fd = -1, r = -1;

	if (policy_texts_read(&conf, &t, &e) == 0 &&
	    (fd = child_connect(&conf, SOCKET_CTL, &e)) >= 0) {
		line_init(&line, fd);
		r = ask_operator_policy(&line, &t, &answer, &e);
		line_close(&line);
	}
	if (r < 0)
		log_warn("policy: the old one stays: %s: %s", e.clause,
		    e.text);
	NOUN_CLEAR(policy_texts, &t);
	NOUN_CLEAR(text, &answer);
	return r < 0 ? 1 : 0;
}
