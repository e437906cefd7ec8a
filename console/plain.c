/* plain.c - the dialogue by lines: its loop and its questions. */
#include "console/plain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"

/* ---- questions ---- */

/* 1 a line, 0 the end, -1 Ctrl-C; blanks around it taken off. */
static int
line_take(struct console *c, const char *prompt, char *dst, size_t size)
{
	int r = typing_line(c->in, prompt, dst, size);
	size_t len, lead;

	if (r <= 0)
		return r;
	lead = strspn(dst, " ");
	memmove(dst, dst + lead, strlen(dst + lead) + 1);
	for (len = strlen(dst); len > 0 && dst[len - 1] == ' '; len--)
		dst[len - 1] = '\0';
	return 1;
}

enum answer
plain_ask_optional(struct console *c, const char *prompt, char *dst,
    size_t size)
{
	int r = line_take(c, prompt, dst, size);

	if (r < 0)
		say(&c->out, "Dropped.");
	return r > 0 ? ANSWER_GIVEN : r < 0 ? ANSWER_BACK : ANSWER_END;
}

enum answer
plain_ask(struct console *c, const char *prompt, char *dst, size_t size)
{
	enum answer a = plain_ask_optional(c, prompt, dst, size);

	return a == ANSWER_GIVEN && dst[0] == '\0' ? ANSWER_BACK : a;
}

enum answer
plain_choose(struct console *c, const char *prompt,
    const struct choice *list, size_t n, bool first_by_enter, size_t *picked)
{
	char line[128];
	int64_t number;
	enum answer a;

	for (size_t i = 0; i < n; i++)
		out_line(&c->out, "%zu %s%s%s", i + 1, list[i].word,
		    list[i].meaning[0] ? ": " : "", list[i].meaning);
	for (;;) {
		a = plain_ask_optional(c, prompt, line, sizeof line);
		if (a != ANSWER_GIVEN)
			return a;
		if (line[0] == '\0' && !first_by_enter)
			return ANSWER_BACK;
		*picked = 0;
		if (line[0] == '\0')
			return ANSWER_GIVEN;
		if (number_parse(line, (int64_t)n, &number) && number > 0) {
			*picked = (size_t)number - 1;
			return ANSWER_GIVEN;
		}
		for (size_t i = 0; i < n; i++) {
			if (strcasecmp(line, list[i].word) != 0)
				continue;
			*picked = i;
			return ANSWER_GIVEN;
		}
		say(&c->out, "'%s' is none of the choices: a number from 1 to %zu.",
		    line, n);
	}
}

enum answer
plain_confirm(struct console *c, const char *question)
{
	char prompt[512], line[32];
	enum answer a;

	snprintf(prompt, sizeof prompt, "%s Yes or no: ", question);
	for (;;) {
		a = plain_ask(c, prompt, line, sizeof line);
		if (a != ANSWER_GIVEN)
			return a;
		if (strcasecmp(line, "yes") == 0 || strcasecmp(line, "y") == 0)
			return ANSWER_GIVEN;
		if (strcasecmp(line, "no") == 0 || strcasecmp(line, "n") == 0)
			return ANSWER_BACK;
	}
}

int
plain_do(struct console *c, ...)
{
	char *words[16];
	const char *word;
	size_t n = 0;
	va_list ap;
	int status;

	va_start(ap, c);
	while (n < 16 && (word = va_arg(ap, const char *)) != NULL)
		words[n++] = xstrdup(word);
	va_end(ap);
	status = command_run_words(c, words, n);
	while (n > 0)
		free(words[--n]);
	return status;
}

/* ---- the menu ---- */

static enum answer
way_status(struct console *c)
{
	plain_do(c, "status", NULL);
	say(&c->out, "For one of them, type: status NUMBER");
	return ANSWER_GIVEN;
}

static enum answer
way_certificates(struct console *c)
{
	plain_do(c, "list", NULL);
	return ANSWER_GIVEN;
}

static enum answer
way_domains(struct console *c)
{
	plain_do(c, "domain", "list", NULL);
	return ANSWER_GIVEN;
}

static enum answer
way_members(struct console *c)
{
	plain_do(c, "member", "list", NULL);
	say(&c->out, "For one of them, type: member show NAME");
	return ANSWER_GIVEN;
}

static enum answer
way_audit(struct console *c)
{
	plain_do(c, "audit", "--limit", "30", NULL);
	return ANSWER_GIVEN;
}

static enum answer
way_verify(struct console *c)
{
	plain_do(c, "audit", "verify", NULL);
	return ANSWER_GIVEN;
}

static enum answer
way_system(struct console *c)
{
	plain_do(c, "system", NULL);
	plain_do(c, "mail", "--limit", "10", NULL);
	return ANSWER_GIVEN;
}

static enum answer
way_help(struct console *c)
{
	plain_do(c, "help", NULL);
	return ANSWER_GIVEN;
}

#define NOT_STAFF (READERS & ~STAFF)

const struct way ways[] = {
	{ "Read the member agreement", GUEST, way_agreement },
	{ "Register an account", GUEST, way_register },
	{ "Enter the code of the letter to confirm an account", GUEST,
	    way_confirm },
	{ "Recover an account whose key is lost", GUEST, way_recover },
	{ "Revoke a certificate by its private key", GUEST, way_by_key },
	{ "Decide on requests that wait", STAFF, way_decide },
	{ "Look at requests that wait", NOT_STAFF, way_decide },
	{ "Search", READERS, way_search },
	{ "Members", READERS, way_members },
	{ "The newest audit entries", AUDITORS, way_audit },
	{ "Check the audit chain", AUDITORS, way_verify },
	{ "Recoveries of accounts", READERS, way_recoveries },
	{ "Whose data was held in a time range", STAFF | DIRECTOR, way_breach },
	{ "State of the authority, and its letters", READERS, way_system },
	{ "Prove a domain", OWNERS, way_prove },
	{ "Enter the code of a letter for a domain", OWNERS, way_code },
	{ "Your domains", OWNERS, way_domains },
	{ "Request a certificate: paste a CSR", OWNERS, way_request },
	{ "Codes for personal certificates", OWNERS, way_persons },
	{ "Requests", ACCOUNTS, way_status },
	{ "Certificates", ACCOUNTS, way_certificates },
	{ "Fetch a certificate", ACCOUNTS, way_fetch },
	{ "Renew a certificate", OWNERS, way_renew },
	{ "Revoke a certificate", OWNERS, way_revoke },
	{ "Read or accept the member agreement", ACCOUNTS, way_agreement },
	{ "Your SSH keys", ACCOUNTS, way_keys },
	{ "Your addresses, and which letters go there", ACCOUNTS, way_letters },
	{ "Revoke any certificate by its private key", ACCOUNTS, way_by_key },
	{ "Your data, who looked at it, and leaving", ACCOUNTS, way_data },
	{ "Anything else, by numbers", PEOPLE, way_any },
	{ "All commands", PEOPLE, way_help },
};
const size_t n_ways = sizeof ways / sizeof ways[0];

static const struct way *
way_at(const struct console *c, int64_t number)
{
	for (size_t i = 0; i < n_ways; i++)
		if ((ways[i].roles & ROLE_BIT(c->me.account.role)) &&
		    --number == 0)
			return &ways[i];
	return NULL;
}

static void
menu_print(struct console *c)
{
	const struct way *w;

	for (int64_t i = 1; (w = way_at(c, i)) != NULL; i++)
		out_line(&c->out, "%lld %s", (long long)i, w->label);
	out_line(&c->out, "0 Leave");
	output_flush(&c->out);
}

static bool
leaves(const char *line)
{
	static const char *const words[] = { "0", "quit", "exit", "leave",
		"logout", "bye", "q" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(line, words[i]) == 0)
			return true;
	return false;
}

static enum answer
menu_turn(struct console *c)
{
	static char line[8192];
	const struct way *w;
	int64_t number;
	enum answer a;

	a = plain_ask_optional(c, "Number or command, Enter lists them: ",
	    line, sizeof line);
	if (a != ANSWER_GIVEN)
		return a;
	if (leaves(line))
		return ANSWER_END;
	if (line[0] == '\0' || strcasecmp(line, "menu") == 0) {
		menu_print(c);
		return ANSWER_GIVEN;
	}
	if (!number_parse(line, 99, &number)) {
		command_run(c, line);
		return ANSWER_GIVEN;
	}
	w = way_at(c, number);
	if (w != NULL)
		return w->run(c);
	say(&c->out, "There is no number %lld here.", (long long)number);
	return ANSWER_GIVEN;
}

static void
note_change(void *user, const struct change *change)
{
	struct typing *in = user;

	if (strcmp(change->noun, "session") == 0 && change->text[0] != '\0' &&
	    change->number == in->session)
		str_copy(in->last, sizeof in->last, change->text);
	else if (change->text[0] != '\0')
		str_copy(in->note, sizeof in->note, change->text);
}

static void
welcome(struct console *c)
{
	const struct whoami *me = &c->me;
	char line[512];

	out_line(&c->out, "%s, %s", me->title, me->service);
	if (me->account.role == ROLE_GUEST)
		out_line(&c->out, "You are a guest, with the key %s.",
		    me->key.fingerprint);
	else
		out_line(&c->out, "You are %s, %s, with the key %s.",
		    me->account.name,
		    word_of(&role_words, me->account.role),
		    me->key.fingerprint);
	for (unsigned i = 0; greeting_line(line, sizeof line, me, i); i++)
		out_line(&c->out, "%s.", line);
	unseen_done(c);
	menu_print(c);
}

static int
goodbye(struct console *c)
{
	struct err gone = { .kind = ERR_UNAVAILABLE, .clause = "connection",
		.text = "the authority hung up; nothing was lost, log in again in a moment" };

	if (c->in->last[0] != '\0') {
		say(&c->out, "%s", c->in->last);
		return err_exit_status(ERR_UNAVAILABLE);
	}
	if (c->line->fd < 0 || c->in->end == TYPING_GONE)
		return explain(&c->out, &gone);
	if (c->in->end == TYPING_IDLE)
		say(&c->out, "No key for %d minutes: the session ends.",
		    c->in->idle_ms / 60000);
	say(&c->out, "Goodbye.");
	return 0;
}

int
plain_run(struct console *c)
{
	int idle_ms = c->in->idle_ms, status;
	int fd = c->in->fd;

	typing_close(c->in);
	typing_open(c->in, fd, &c->out, c->line, true);
	c->in->idle_ms = idle_ms;
	c->dialogue = c->out.plain = true;
	c->line->on_change = note_change;
	c->line->user = c->in;
	c->in->session = c->me.session;
	welcome(c);
	while (menu_turn(c) != ANSWER_END && c->line->fd >= 0 &&
	    c->in->end == TYPING_OPEN && !c->out.failed)
		;
	status = goodbye(c);
	c->line->on_change = NULL;
	typing_close(c->in);
	return status;
}
