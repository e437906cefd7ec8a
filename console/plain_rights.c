/* plain_rights.c - the numbered ways of the dialogue that are walked seldom:
 * revoking by a key, recoveries, a breach, one's own data. */
#include <string.h>

#include "console/plain.h"

/* ---- revoking by the certified key ---- */

/* Which reason, in words; by Enter that of a key that is known to others. */
static enum answer
reason_ask(struct console *c, const char **word)
{
	static struct choice list[8];
	const struct choice *all;
	size_t n, pick = 0;
	enum answer a;

	all = reason_choices(ROLE_MEMBER, &n);
	n = n > 8 ? 8 : n;
	for (size_t i = 0, at = 1; i < n; i++)
		list[strcmp(all[i].word, word_of(&reason_words,
		    REASON_KEY_COMPROMISE)) == 0 ? 0 : at++ % 8] = all[i];
	a = plain_choose(c, "Reason, Enter for the first: ", list, n, true,
	    &pick);
	*word = list[pick].word;
	return a;
}

/* Typed on purpose: Enter alone revokes nothing. */
static enum answer
revoke_confirm(struct console *c, const char *serial)
{
	char word[32];
	enum answer a;

	say(&c->out, "Servers that check will refuse %s within minutes. This cannot be taken back.",
	    serial);
	a = plain_ask(c, "Type REVOKE to go on, Enter to leave it: ", word,
	    sizeof word);
	if (a == ANSWER_GIVEN && strcmp(word, "REVOKE") == 0)
		return a;
	say(&c->out, "Nothing was revoked.");
	return a == ANSWER_END ? a : ANSWER_BACK;
}

enum answer
way_by_key(struct console *c)
{
	char serial[129];
	const char *reason;
	enum answer a;

	say(&c->out, "Whoever holds a certificate's private key may revoke it. You sign a line of text; the key stays with you.");
	a = plain_ask(c, "Serial of the certificate, in hex: ", serial,
	    sizeof serial);
	if (a != ANSWER_GIVEN)
		return a;
	if (plain_do(c, "revoke-by-key", serial, NULL) != 0)
		return ANSWER_BACK;
	say(&c->out, "For an answer in this dialogue, put that line into challenge.txt, and paste what this prints: openssl dgst -sha256 -sign KEY.pem challenge.txt | openssl base64 -A");
	a = reason_ask(c, &reason);
	if (a == ANSWER_GIVEN)
		a = revoke_confirm(c, serial);
	if (a == ANSWER_GIVEN)
		plain_do(c, "revoke-by-key", serial, "--reason", reason,
		    "--answer", NULL);
	return a;
}

/* ---- staff ---- */

enum answer
way_recoveries(struct console *c)
{
	char name[33], key[64];
	enum answer a;

	plain_do(c, "recovery", "list", "--limit", "20", NULL);
	if (!op_allows(OP_recovery_approve, c->me.account.role))
		return ANSWER_GIVEN;
	say(&c->out, "An account with a role needs a second person's yes; to stop a recovery, type: recovery stop NAME");
	a = plain_ask(c, "Account to approve, Enter for none: ", name,
	    sizeof name);
	if (a != ANSWER_GIVEN)
		return a;
	a = plain_ask(c, "Its new key's fingerprint, as the person reads it to you: ",
	    key, sizeof key);
	if (a == ANSWER_GIVEN)
		plain_do(c, "recovery", "approve", name, "--key", key, NULL);
	return a;
}

enum answer
way_breach(struct console *c)
{
	char from[32], to[32];
	enum answer a = plain_ask(c, "From, as 2026-11-22, UTC: ", from,
	    sizeof from);

	if (a != ANSWER_GIVEN)
		return a;
	a = plain_ask_optional(c, "To, Enter for now: ", to, sizeof to);
	if (a == ANSWER_GIVEN)
		plain_do(c, "breach", "--from", from, to[0] ? "--to" : NULL,
		    to, NULL);
	return a;
}

/* ---- one's own data ---- */

enum answer
way_data(struct console *c)
{
	char line[512];

	plain_do(c, "account", "looks", "--limit", "20", NULL);
	exec_line(line, sizeof line, &c->me, "export-me", NULL);
	say(&c->out, "Everything that is held on you, as one JSON document, here: export-me; into a file, in a shell: %s > me.json",
	    line);
	say(&c->out, "To close the account and erase what is personal: close-account --confirm %s",
	    c->me.account.name);
	return ANSWER_GIVEN;
}
