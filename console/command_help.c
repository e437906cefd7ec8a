/* command_help.c - help, and the version. */
#include <stdio.h>
#include <string.h>

#include "console/manual.h"
#include "console/plain.h"
#include "core/base/text.h"
#include "core/base/version.h"

static const struct {
	int status;
	const char *meaning;
} statuses[] = {
	{ 0, "done" },
	{ 1, "refused; why is said on standard error" },
	{ 2, "the command line was not understood" },
	{ 3, "not found, or not yours" },
	{ 4, "pending: it goes on by itself, or waits for somebody" },
	{ 5, "unavailable for now; nothing is lost" },
	{ 6, "the certificate is revoked" },
	{ 7, "the certificate has expired" },
};

static void
info_add(struct command_list *list, const struct command *k)
{
	struct command_info *i = LIST_ADD(list, rows);

	str_copy(i->name, sizeof i->name, k->name);
	str_copy(i->synopsis, sizeof i->synopsis, k->synopsis);
	str_copy(i->meaning, sizeof i->meaning, k->meaning);
	str_copy(i->task, sizeof i->task, task_of(k));
}

/* By what they are for, a line each. */
static void
help_list(struct call *call)
{
	struct console *c = call->c;
	const char *task = "";
	char brief[256];

	say(&c->out, "%s: commands of the role %s, as in: %s %s@%s COMMAND",
	    c->me.title, word_of(&role_words, c->me.account.role),
	    c->me.ssh[0] ? c->me.ssh : "ssh",
	    c->me.account.role == ROLE_GUEST ? "register" :
	    c->me.account.name, c->me.service);
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *k = &commands[i];

		if (!command_allowed(k, c->me.account.role))
			continue;
		if (strcmp(task, task_of(k)) != 0) {
			if (task[0] != '\0')
				out_line(&c->out, "%s", "");
			task = task_of(k);
			out_line(&c->out, "%s", task);
		}
		manual_brief(brief, sizeof brief, k);
		if (c->out.plain)
			out_line(&c->out, "  %s: %s", k->name, brief);
		else
			out_line(&c->out, "  %-17s %s", k->name, brief);
	}
	say(&c->out, "To explain one command, with its options and an example: help COMMAND. Every command takes --json. The manual: xmpp-ica-console(7)");
}

static void
help_extras(struct output *o, const struct command *k,
    const struct whoami *me, enum role role)
{
	const struct choice *list;
	size_t n;

	if (strstr(k->synopsis, "REASON") != NULL) {
		list = reason_choices(role, &n);
		for (size_t i = 0; i < n; i++)
			out_fact(o, "Reason", "%s: %s", list[i].word,
			    list[i].meaning);
	}
	if (strstr(k->synopsis, "--profile") != NULL) {
		list = profile_choices(me, &n);
		for (size_t i = 0; i < n; i++)
			out_fact(o, "Profile", "%s: %s", list[i].word,
			    list[i].meaning);
	}
	if (strstr(k->synopsis, "LOCALPART") != NULL) {
		list = mailbox_choices(&n);
		for (size_t i = 0; i < n; i++)
			out_fact(o, "Mailbox", "%s: %s", list[i].word,
			    list[i].meaning);
		out_fact(o, "Mailbox of a parent", "LOCALPART@PARENT, as in hostmaster@example.org for chat.example.org");
	}
}

struct explained {
	struct output *o;
	const struct command *k;
};

static void
part_explain(void *user, const struct synopsis_part *p)
{
	const struct explained *x = user;
	const char *meaning = p->option ? manual_option(x->k->name, p->name) :
	    manual_word(x->k->name, p->name);

	out_fact(x->o, p->name, "%s%s%s%s", meaning ? meaning : "",
	    p->words[0] && p->option ? ": " : "",
	    p->option ? p->words : "", p->required ? "" : p->option ? "" :
	    " (may be left out)");
}

/* In a shell: what the far end is to read as one word is quoted once more. */
static void
example_line(char *dst, size_t size, const struct command *k,
    const struct whoami *me)
{
	const char *words = manual_example(k->name), *quote = "";
	size_t len, used;

	if (words == NULL)
		words = "";
	len = strcspn(words, "<>");
	while (len > 0 && words[len - 1] == ' ')
		len--;
	if (memchr(words, '"', len) != NULL)
		quote = "'";
	exec_line(dst, size, me, "x", NULL);
	used = strlen(dst) - 1;
	snprintf(dst + used, size - used, "%s%s%s%.*s%s%s", quote, k->name,
	    len > 0 ? " " : "", (int)len, words, quote, words + len);
}

/* Which of the statuses this command may end with. */
static bool
ends_with(const struct command *k, int status)
{
	static const char *const pending[] = { "status", "domain confirm",
		"live", "recover", "grant", "approve" };

	if (status == EXIT_REVOKED || status == EXIT_EXPIRED)
		return strcmp(k->name, "status") == 0;
	if (status != EXIT_PENDING)
		return true;
	for (size_t i = 0; i < sizeof pending / sizeof pending[0]; i++)
		if (strcmp(k->name, pending[i]) == 0)
			return true;
	return false;
}

static void
help_one(struct call *call, const struct command *k)
{
	struct output *o = &call->c->out;
	struct explained x = { o, k };
	char who[128] = "", line[1024];
	size_t used = 0;

	for (unsigned r = 0; r < role_words.count; r++)
		if (k->roles & ROLE_BIT(r))
			used += (size_t)snprintf(who + used,
			    sizeof who - used, "%s%s", used ? ", " : "",
			    word_of(&role_words, r));
	out_line(o, "%s%s%s", k->name, k->synopsis[0] ? " " : "",
	    k->synopsis);
	out_fact(o, "Does", "%s", k->meaning);
	out_fact(o, "For", "%s", who);
	synopsis_parts(k, part_explain, &x);
	out_fact(o, "--json", "the answer as one line of JSON");
	help_extras(o, k, &call->c->me, call->c->me.account.role);
	example_line(line, sizeof line, k, &call->c->me);
	out_fact(o, "Example", "%s", line);
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (ends_with(k, statuses[i].status))
			out_fact(o, "Exit status", "%d %s",
			    statuses[i].status, statuses[i].meaning);
}

int
command_help(struct call *call)
{
	struct command_list list = { 0 };
	char typed[64] = "";
	size_t len = 0, found = 0;

	for (size_t i = 0; i < call->n_args; i++)
		len += (size_t)snprintf(typed + len,
		    len < sizeof typed ? sizeof typed - len : 0, "%s%s",
		    i ? " " : "", call->args[i]);
	len = strlen(typed);
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *k = &commands[i];

		if (len == 0 ? !command_allowed(k, call->c->me.account.role) :
		    strncmp(k->name, typed, len) != 0 ||
		    (k->name[len] != '\0' && k->name[len] != ' '))
			continue;
		info_add(&list, k);
		if (len > 0 && !call->json)
			help_one(call, k);
		found++;
	}
	if (found == 0) {
		const struct command *near = command_nearest(
		    call->c->me.account.role, typed);

		return call_usage(call, "there is no command '%s'%s%s%s",
		    typed, near ? "; did you mean: " : "",
		    near ? near->name : "", near ? "?" : "");
	}
	if (!call_json(call, &list) && len == 0)
		help_list(call);
	shape_clear(&command_list_shape, &list);
	return 0;
}

int
command_version(struct call *call)
{
	struct version v = { .version = XMPP_ICA_VERSION };

	if (!call_json(call, &v))
		out_line(&call->c->out, "xmpp-ica-console %s", v.version);
	return 0;
}

