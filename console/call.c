/* call.c - what a command's function asks of the words it was given. */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

const char *
call_option(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->n_options; i++)
		if (strcmp(call->options[i].name, name) == 0)
			return call->options[i].value;
	return NULL;
}

const char *
call_arg(const struct call *call, size_t i)
{
	return i < call->n_args ? call->args[i] : NULL;
}

int
call_usage(struct call *call, const char *fmt, ...)
{
	char text[ERR_TEXT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(&call->err, ERR_BAD_INPUT, "usage", "%s", text);
}

int
call_number(struct call *call, size_t i, int64_t *number)
{
	if (i >= call->n_args)
		return call_usage(call, "a word is missing");
	if (number_parse(call->args[i], INT64_MAX, number) && *number > 0)
		return 0;
	return call_usage(call, "'%.64s' is no number such as 17",
	    call->args[i]);
}

/* 32 octets of zero mean "none was shown" to the registrar: typed, they are
 * the digest of nothing, and must not pass for leaving it out. */
int
call_digest(struct call *call, const char *hex, uint8_t digest[32])
{
	static const uint8_t none[32];

	if (hex_decode(digest, 32, hex) != 32)
		return call_usage(call, "--digest takes the 64 hex digits that were shown");
	if (memcmp(digest, none, sizeof none) == 0)
		return err_set(&call->err, ERR_CONFLICT, "approval-digest",
		    "nothing has a digest of zeros alone; give the one that was shown, or leave --digest out");
	return 0;
}

int
call_ref(struct call *call, size_t i, char *dst, size_t size)
{
	if (i >= call->n_args)
		return call_usage(call, "a word is missing");
	if (call->args[i][0] == '\0')
		return call_usage(call, "an empty word names nothing");
	if (str_copy(dst, size, call->args[i]))
		return 0;
	return call_usage(call, "'%.40s...' is too long: %zu bytes are the most",
	    call->args[i], size - 1);
}

int
call_option_number(struct call *call, const char *name, int64_t most,
    int64_t otherwise, int64_t *out)
{
	const char *value = call_option(call, name);

	*out = otherwise;
	if (value == NULL || (number_parse(value, most, out) && *out > 0))
		return 0;
	return call_usage(call, "%s takes a number from 1 to %lld, not '%.64s'",
	    name, (long long)most, value);
}

bool
call_json(struct call *call, const void *answer)
{
	if (call->json)
		json_answer(&call->c->out, call->command->name,
		    call->command->answer, answer);
	return call->json;
}

bool
call_wait(struct call *call, int64_t until)
{
	struct line *l = call->c->line;
	int64_t left = until - clock_mono_ms();
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	if (left <= 0 || l->fd < 0)
		return false;
	/* an answer may also have been pushed with the question before it */
	if (poll(&p, 1, (int)(left > 1000 ? 1000 : left)) > 0 &&
	    line_poll(l) < 0)
		return false;
	return true;
}

#define LIST_MOST 500		/* rows that one question may ask for */

int
call_wish(struct call *call, struct wish *w)
{
	const char *filter = call_option(call, "--filter");
	const char *state = call_option(call, "--state");

	if (filter != NULL && !str_copy(w->filter, sizeof w->filter, filter))
		return call_usage(call, "--filter is too long");
	if (state != NULL && !str_copy(w->state, sizeof w->state, state))
		return call_usage(call, "--state is too long");
	if (call_option_number(call, call_option(call, "--after") ?
	    "--after" : "--before", INT64_MAX, 0, &w->before) < 0)
		return -1;
	return call_option_number(call, "--limit", LIST_MOST, LIST_MOST,
	    &w->limit);
}

void
call_more(struct call *call, bool more, int64_t last, int64_t total)
{
	const char *option = strstr(call->command->synopsis, "--after") ?
	    "--after" : "--before";

	if (!more || call->json)
		return;
	if (total > 0)
		say(&call->c->out, "There are more, %lld in all; to go on: %s %lld",
		    (long long)total, option, (long long)last);
	else
		say(&call->c->out, "There are more; to go on: %s %lld",
		    option, (long long)last);
}

int
call_may(struct call *call, enum op op)
{
	enum role role = call->c->me.account.role;

	if (op_allows(op, role))
		return 0;
	return err_set(&call->err, ERR_REFUSED, "role",
	    "your role is %s; this part of `%s` is not for it",
	    word_of(&role_words, role), call->command->name);
}
