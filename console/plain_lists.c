/* plain_lists.c - keys, addresses, letters and codes for persons: what is
 * there is numbered, and picked by its number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/plain.h"
#include "core/base/text.h"

#define PICK_MOST 200

/* The choice of deeds under a list; -1 when none is made, with *r. */
static int
deed_pick(struct console *c, const struct choice *deeds, size_t n,
    enum answer *r)
{
	size_t pick = 0;

	*r = plain_choose(c, "What to do, Enter to go back: ", deeds, n,
	    false, &pick);
	return *r == ANSWER_GIVEN ? (int)pick : -1;
}

/* ---- keys ---- */

static enum answer
key_remove_pick(struct console *c)
{
	struct none none = { 0 };
	struct key_list keys = { 0 };
	struct choice list[PICK_MOST];
	char words[PICK_MOST][24];
	struct err e = { 0 };
	size_t n = 0, pick = 0;
	enum answer r = ANSWER_BACK;

	if (ask_key_list(c->line, &none, &keys, &e) < 0) {
		explain(&c->out, &e);
		return r;
	}
	for (; n < keys.n_rows && n < PICK_MOST; n++) {
		snprintf(words[n], sizeof words[n], "key %lld",
		    (long long)keys.rows[n].number);
		list[n] = (struct choice){ words[n], keys.rows[n].name[0] ?
			keys.rows[n].name : keys.rows[n].fingerprint };
	}
	r = plain_choose(c, "Which key to remove, Enter to go back: ", list,
	    n, false, &pick);
	if (r == ANSWER_GIVEN)
		plain_do(c, "key", "remove", words[pick] + 4, NULL);
	NOUN_CLEAR(key_list, &keys);
	return r;
}

enum answer
way_keys(struct console *c)
{
	static const struct choice deeds[] = {
		{ "add", "another SSH key" },
		{ "remove", "one of them; never the last" },
	};
	char name[64];
	enum answer r;

	plain_do(c, "key", "list", NULL);
	switch (deed_pick(c, deeds, 2, &r)) {
	case 0:
		r = plain_ask_optional(c, "A name for it, Enter for none: ",
		    name, sizeof name);
		if (r == ANSWER_GIVEN && name[0] != '\0')
			plain_do(c, "key", "add", "--name", name, NULL);
		else if (r == ANSWER_GIVEN)
			plain_do(c, "key", "add", NULL);
		return r;
	case 1:
		return key_remove_pick(c);
	default:
		return r;
	}
}

/* ---- addresses and letters ---- */

static enum answer
contact_remove_pick(struct console *c)
{
	struct none none = { 0 };
	struct contact_list all = { 0 };
	struct choice list[PICK_MOST];
	struct err e = { 0 };
	size_t n = 0, pick = 0;
	enum answer r = ANSWER_BACK;

	if (ask_contact_list(c->line, &none, &all, &e) < 0) {
		explain(&c->out, &e);
		return r;
	}
	for (; n < all.n_rows && n < PICK_MOST; n++)
		list[n] = (struct choice){ all.rows[n].email, "" };
	r = plain_choose(c, "Which address to remove, Enter to go back: ",
	    list, n, false, &pick);
	if (r == ANSWER_GIVEN)
		plain_do(c, "contact", "remove", list[pick].word, NULL);
	NOUN_CLEAR(contact_list, &all);
	return r;
}

static enum answer
contact_new(struct console *c, bool code)
{
	char email[255], typed[64];
	enum answer r = plain_ask(c, "Mail address: ", email, sizeof email);

	if (r == ANSWER_GIVEN && !code &&
	    plain_do(c, "contact", "add", email, NULL) != 0)
		return ANSWER_BACK;
	if (r == ANSWER_GIVEN)
		r = plain_ask(c, "Code of the letter, Enter to do it later: ",
		    typed, sizeof typed);
	if (r == ANSWER_GIVEN)
		plain_do(c, "contact", "confirm", email, typed, NULL);
	return r;
}

static enum answer
on_or_off(struct console *c, const char *what)
{
	static const struct choice ways_of[] = {
		{ "on", "such letters come" }, { "off", "they do not" },
	};
	size_t pick = 0;
	enum answer r = plain_choose(c, "On or off: ", ways_of, 2, false,
	    &pick);

	if (r == ANSWER_GIVEN)
		plain_do(c, "notify", what, ways_of[pick].word, NULL);
	return r;
}

/* One's certificates that are good, by their numbers. */
static enum answer
certificate_letters(struct console *c)
{
	struct wish w = { .limit = PICK_MOST, .state = "good" };
	struct request_page page = { 0 };
	struct choice list[PICK_MOST];
	char words[PICK_MOST][24], number[24];
	struct err e = { 0 };
	size_t n = 0, pick = 0;
	enum answer r = ANSWER_BACK;

	if (ask_certificate_list(c->line, &w, &page, &e) < 0) {
		explain(&c->out, &e);
		return r;
	}
	for (; n < page.n_rows && n < PICK_MOST; n++) {
		snprintf(words[n], sizeof words[n], "certificate %lld",
		    (long long)page.rows[n].number);
		list[n] = (struct choice){ words[n], page.rows[n].first };
	}
	if (n == 0)
		say(&c->out, "There is no good certificate.");
	else
		r = plain_choose(c, "Which certificate, Enter to go back: ",
		    list, n, false, &pick);
	if (n > 0 && r == ANSWER_GIVEN) {
		str_copy(number, sizeof number, words[pick] +
		    strlen("certificate "));
		r = on_or_off(c, number);
	}
	NOUN_CLEAR(request_page, &page);
	return r;
}

enum answer
way_letters(struct console *c)
{
	static const struct choice deeds[] = {
		{ "add", "another address" },
		{ "confirm", "enter the code of its letter" },
		{ "remove", "one of them; never the last" },
		{ "reminders", "letters before a certificate ends" },
		{ "issued", "letters when one was issued" },
		{ "one", "letters about one certificate" },
	};
	bool notes = op_allows(OP_notify_get, c->me.account.role);
	enum answer r;

	plain_do(c, "contact", "list", NULL);
	if (notes)
		plain_do(c, "notify", NULL);
	switch (deed_pick(c, deeds, notes ? 6 : 3, &r)) {
	case 0: return contact_new(c, false);
	case 1: return contact_new(c, true);
	case 2: return contact_remove_pick(c);
	case 3: return on_or_off(c, "reminders");
	case 4: return on_or_off(c, "issued");
	case 5: return certificate_letters(c);
	default: return r;
	}
}

/* ---- codes for personal certificates ---- */

static enum answer
person_drop_pick(struct console *c)
{
	struct wish w = { .limit = PICK_MOST, .state = "open" };
	struct invitation_page page = { 0 };
	struct choice list[PICK_MOST];
	struct err e = { 0 };
	size_t n = 0, pick = 0;
	enum answer r = ANSWER_BACK;

	if (ask_person_list(c->line, &w, &page, &e) < 0) {
		explain(&c->out, &e);
		return r;
	}
	for (; n < page.n_rows && n < PICK_MOST; n++)
		list[n] = (struct choice){ page.rows[n].jid, "" };
	if (n == 0)
		say(&c->out, "There is no code that was not used.");
	else
		r = plain_choose(c, "Whose code to take back, Enter to go back: ",
		    list, n, false, &pick);
	if (n > 0 && r == ANSWER_GIVEN)
		plain_do(c, "person", "drop", list[pick].word, NULL);
	NOUN_CLEAR(invitation_page, &page);
	return r;
}

enum answer
way_persons(struct console *c)
{
	static const struct choice deeds[] = {
		{ "show", "make a code, which you hand over" },
		{ "mail", "make a code, which is mailed to that address" },
		{ "drop", "take a code back that was not used" },
	};
	char jid[512];
	enum answer r;
	int deed;

	plain_do(c, "person", "list", NULL);
	deed = deed_pick(c, deeds, 3, &r);
	if (deed == 2)
		return person_drop_pick(c);
	if (deed < 0)
		return r;
	r = plain_ask(c, "Address, as romeo@example.org: ", jid, sizeof jid);
	if (r == ANSWER_GIVEN)
		plain_do(c, "person", "invite", jid, deed == 1 ? "--mail" :
		    NULL, NULL);
	return r;
}
