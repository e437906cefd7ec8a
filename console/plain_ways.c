/* plain_ways.c - the numbered ways of the dialogue through the main job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/plain.h"
#include "core/base/clock.h"
#include "core/base/text.h"

/* ---- guests, and the agreement ---- */

enum answer
way_agreement(struct console *c)
{
	enum answer a;

	plain_do(c, "agreement", NULL);
	if (!op_allows(OP_agreement_accept, c->me.account.role) ||
	    strcmp(c->me.account.agreement, c->me.agreement_current) == 0)
		return ANSWER_GIVEN;
	a = plain_confirm(c, "Do you accept this agreement?");
	if (a == ANSWER_GIVEN)
		plain_do(c, "agreement", "--accept", NULL);
	return a;
}

/* Ask for the code until it is right or the person goes back. */
static enum answer
code_loop(struct console *c, const char *first, const char *second,
    const char *of)
{
	char code[128], prompt[400];
	enum answer a;
	int status;

	snprintf(prompt, sizeof prompt,
	    "Code of the letter for %.256s, Enter to do it later: ", of);
	for (;;) {
		a = plain_ask(c, prompt, code, sizeof code);
		if (a != ANSWER_GIVEN)
			return a;
		status = second ? plain_do(c, first, second, of, code, NULL) :
		    plain_do(c, first, of, code, NULL);
		if (status == 0 || status == EXIT_PENDING)
			return ANSWER_GIVEN;
		if (c->line->fd < 0)
			return ANSWER_END;
	}
}

enum answer
way_register(struct console *c)
{
	char name[33], email[255];
	enum answer a;

	a = plain_ask(c, "Name, lower-case letters and digits: ", name,
	    sizeof name);
	if (a == ANSWER_GIVEN)
		a = plain_ask(c, "Your mail address: ", email, sizeof email);
	if (a != ANSWER_GIVEN)
		return a;
	plain_do(c, "agreement", NULL);
	a = plain_confirm(c, "Do you accept this agreement?");
	if (a != ANSWER_GIVEN) {
		say(&c->out, "Without it there is no account; nothing was sent.");
		return a;
	}
	if (plain_do(c, "register", name, email, "--accept", NULL) != 0)
		return ANSWER_BACK;
	return code_loop(c, "confirm", NULL, name);
}

enum answer
way_confirm(struct console *c)
{
	char name[33];
	enum answer a = plain_ask(c, "Name of the account: ", name,
	    sizeof name);

	return a == ANSWER_GIVEN ? code_loop(c, "confirm", NULL, name) : a;
}

enum answer
way_recover(struct console *c)
{
	char name[33], code[128];
	enum answer a = plain_ask(c, "Name of the account: ", name,
	    sizeof name);

	if (a != ANSWER_GIVEN)
		return a;
	a = plain_ask_optional(c, "Code of the letter, Enter to have one mailed: ",
	    code, sizeof code);
	if (a != ANSWER_GIVEN)
		return a;
	if (code[0] != '\0') {
		plain_do(c, "recover", name, code, NULL);
		return ANSWER_GIVEN;
	}
	if (plain_do(c, "recover", name, NULL) != 0)
		return ANSWER_BACK;
	return code_loop(c, "recover", NULL, name);
}

/* ---- domains ---- */

enum answer
way_prove(struct console *c)
{
	const struct choice *list;
	char domain[512], parent[254], to[320];
	size_t n, pick = 0;
	enum answer a;

	a = plain_ask(c, "Domain: ", domain, sizeof domain);
	if (a != ANSWER_GIVEN)
		return a;
	list = mailbox_choices(&n);
	a = plain_choose(c, "Mailbox that the code goes to, Enter for the first: ",
	    list, n, true, &pick);
	if (a != ANSWER_GIVEN)
		return a;
	a = plain_ask_optional(c, "Domain of the mailbox, Enter for the same: ",
	    parent, sizeof parent);
	if (a != ANSWER_GIVEN)
		return a;
	snprintf(to, sizeof to, "%s%s%s", list[pick].word,
	    parent[0] ? "@" : "", parent);
	if (plain_do(c, "domain", "add", domain, "--to", to, NULL) != 0)
		return ANSWER_BACK;
	return code_loop(c, "domain", "confirm", domain);
}

enum answer
way_code(struct console *c)
{
	char domain[512];
	enum answer a = plain_ask(c, "Domain: ", domain, sizeof domain);

	return a == ANSWER_GIVEN ?
	    code_loop(c, "domain", "confirm", domain) : a;
}

/* ---- requests ---- */

static int
wish_domains(struct request_wish *w, char *typed, struct err *e)
{
	char *save = NULL;

	for (char *d = strtok_r(typed, " ,", &save); d != NULL;
	    d = strtok_r(NULL, " ,", &save))
		if (wish_add_domain(w, d, e) < 0)
			return -1;
	return 0;
}

/* Domains, profile, note and CSR into a zero wish. */
static enum answer
wish_ask(struct console *c, struct request_wish *w, struct err *e)
{
	const struct choice *list;
	char domains[4096], note[1001];
	struct blob csr = { 0 };
	size_t n, pick = 0;
	enum answer a;

	a = plain_ask_optional(c, "Domains, with blanks between, Enter for those that the CSR names: ",
	    domains, sizeof domains);
	if (a != ANSWER_GIVEN)
		return a;
	list = profile_choices(&c->me, &n);
	a = plain_choose(c, "Profile, Enter for the first: ", list, n, true,
	    &pick);
	if (a != ANSWER_GIVEN)
		return a;
	a = plain_ask_optional(c, "Note to the staff, Enter for none: ", note,
	    sizeof note);
	if (a != ANSWER_GIVEN)
		return a;
	say(&c->out, "Paste the CSR; it ends with its line -----END CERTIFICATE REQUEST-----.");
	if (typing_block(c->in, false, &csr, e) == 0 &&
	    wish_domains(w, domains, e) == 0)
		wish_fill(w, csr.data, csr.size, list[pick].word, note, NULL,
		    e);
	secret_wipe(csr.data, csr.size);
	blob_clear(&csr);
	return ANSWER_GIVEN;
}

/* Show what would become of it; does the person submit? */
static enum answer
wish_check(struct console *c, const struct request_wish *w, struct err *e)
{
	struct verdict v = { 0 };
	enum answer a = ANSWER_BACK;

	if (ask_request_check(c->line, w, &v, e) < 0)
		return ANSWER_BACK;
	print_verdict(&c->out, &v);
	if (v.accepted)
		a = plain_confirm(c, "Submit this request?");
	else
		err_set(e, ERR_REFUSED, v.rule, "%s", v.text);
	NOUN_CLEAR(verdict, &v);
	return a;
}

enum answer
way_request(struct console *c)
{
	struct request_wish w = { 0 };
	struct request r = { 0 };
	struct err e = { 0 };
	enum answer a = wish_ask(c, &w, &e);
	bool submit = false;

	if (a == ANSWER_GIVEN && e.kind == ERR_NONE) {
		a = wish_check(c, &w, &e);
		submit = a == ANSWER_GIVEN;
	}
	if (submit && ask_request_submit(c->line, &w, &r, &e) == 0)
		print_submitted(&c->out, &r);
	if (e.kind != ERR_NONE)
		explain(&c->out, &e);
	else if (!submit)
		say(&c->out, "Nothing was submitted.");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
	return a;
}

/* ---- certificates ---- */

static enum answer
number_ask(struct console *c, char *dst, size_t size)
{
	return plain_ask(c, "Number of the request, or serial: ", dst, size);
}

enum answer
way_fetch(struct console *c)
{
	static const struct choice forms[] = {
		{ "chain", "certificate and intermediate, PEM: what servers want" },
		{ "leaf", "the certificate alone, PEM" },
		{ "text", "for reading" },
	};
	static const char *const options[] = { NULL, "--leaf", "--text" };
	char number[64];
	size_t pick = 0;
	enum answer a = number_ask(c, number, sizeof number);

	if (a == ANSWER_GIVEN)
		a = plain_choose(c, "Form, Enter for the first: ", forms, 3,
		    true, &pick);
	if (a == ANSWER_GIVEN)
		plain_do(c, "cert", number, options[pick], NULL);
	return a;
}

enum answer
way_renew(struct console *c)
{
	char number[64];
	enum answer a = number_ask(c, number, sizeof number);

	if (a == ANSWER_GIVEN)
		plain_do(c, "renew", number, NULL);
	return a;
}

enum answer
way_revoke(struct console *c)
{
	char number[64], question[256];
	const struct choice *list;
	size_t n, pick = 0;
	enum answer a = number_ask(c, number, sizeof number);

	if (a != ANSWER_GIVEN)
		return a;
	list = reason_choices(c->me.account.role, &n);
	a = plain_choose(c, "Reason: ", list, n, false, &pick);
	if (a != ANSWER_GIVEN)
		return a;
	snprintf(question, sizeof question,
	    "Revoke the certificate %s, %s? This cannot be undone.", number,
	    list[pick].word);
	a = plain_confirm(c, question);
	if (a == ANSWER_GIVEN)
		plain_do(c, "revoke", number, list[pick].word, NULL);
	else
		say(&c->out, "Nothing was revoked.");
	return a;
}

/* ---- staff ---- */

/* One request whose evidence was just shown. */
static enum answer
decide_one(struct console *c, const char *number)
{
	static const struct choice deeds[] = {
		{ "approve", "issue the certificate" },
		{ "refuse", "with a reason, which the member reads" },
		{ "leave", "decide later" },
	};
	char text[1001];
	size_t pick = 0;
	enum answer a;

	a = plain_choose(c, "Decision: ", deeds, 3, false, &pick);
	if (a != ANSWER_GIVEN || pick == 2)
		return a;
	a = pick == 0 ? plain_ask_optional(c, "Note, Enter for none: ", text,
	    sizeof text) : plain_ask(c, "Reason: ", text, sizeof text);
	if (a != ANSWER_GIVEN)
		return a;
	if (pick == 0 && text[0] == '\0')
		plain_do(c, "approve", number, NULL);
	else if (pick == 0)
		plain_do(c, "approve", number, "--note", text, NULL);
	else
		plain_do(c, "refuse", number, "--reason", text, NULL);
	return ANSWER_GIVEN;
}

enum answer
way_decide(struct console *c)
{
	bool decides = op_allows(OP_request_approve, c->me.account.role);
	char number[64];
	enum answer a;

	for (;;) {
		plain_do(c, "queue", NULL);
		a = plain_ask(c, "Number of the request, Enter to go back: ",
		    number, sizeof number);
		if (a != ANSWER_GIVEN)
			return a;
		if (plain_do(c, "show", number, NULL) == 0 && decides)
			a = decide_one(c, number);
		if (a == ANSWER_END || c->line->fd < 0)
			return ANSWER_END;
	}
}

enum answer
way_search(struct console *c)
{
	char text[256];
	enum answer a = plain_ask(c, "Text to search for: ", text,
	    sizeof text);

	if (a == ANSWER_GIVEN)
		plain_do(c, "search", "--", text, NULL);
	return a;
}
