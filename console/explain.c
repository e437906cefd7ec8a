/* explain.c - why something was not done, and what helps. */
#include <string.h>

#include "console/command.h"

static const char *
lead_words(enum err_kind kind)
{
	switch (kind) {
	case ERR_BAD_INPUT:
		return "Not understood";
	case ERR_REFUSED:
		return "Refused";
	case ERR_NOT_FOUND:
		return "Not found";
	case ERR_CONFLICT:
		return "Not possible now";
	case ERR_UNAVAILABLE:
		return "Not available for now";
	default:
		return "A fault at the authority";
	}
}

/* Clauses (or how they begin) whose remedy is a command. */
static const struct {
	const char *clause, *hint;
} hints[] = {
	{ "agreement", "To read it: agreement; a member accepts it with: agreement --accept" },
	{ "csr-private-key", "Never send a private key; make a new key and a new CSR: openssl req -new -newkey rsa:3072 -nodes -keyout server.key -out server.csr -subj /CN=DOMAIN" },
	{ "csr-", "To make a CSR: openssl req -new -newkey rsa:3072 -nodes -keyout server.key -out server.csr -subj /CN=DOMAIN" },
};

int
explain(struct output *o, const struct err *e)
{
	const char *text = e->text[0] ? e->text : "no reason was given";

	if (e->clause[0] != '\0')
		say(o, "%s (%s): %s", lead_words(e->kind), e->clause, text);
	else
		say(o, "%s: %s", lead_words(e->kind), text);
	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
		if (strncmp(e->clause, hints[i].clause,
		    strlen(hints[i].clause)) != 0)
			continue;
		say(o, "%s", hints[i].hint);
		break;
	}
	return strcmp(e->clause, "certificate-pending") == 0 ? EXIT_PENDING :
	    err_exit_status(e->kind);
}
