/* account.c - accounts made, given a role or a key by the operator. */
#include "core/ctl/ctl.h"

#include <string.h>

#include "core/base/file.h"
#include "core/base/text.h"

static int
key_line(const char *path, struct account_new *a, struct err *e)
{
	struct blob b = { 0 };
	size_t n;

	if (file_read(path, sizeof a->line - 1, &b, e) < 0)
		return -1;
	n = b.size;
	while (n > 0 && (b.data[n - 1] == '\n' || b.data[n - 1] == '\r'))
		n--;
	if (memchr(b.data, '\n', n) != NULL || memchr(b.data, 0, n) != NULL) {
		blob_clear(&b);
		return err_set(e, ERR_BAD_INPUT, "authorized_keys",
		    "%s: wants one public key line, as ssh-keygen writes it to KEY.pub",
		    path);
	}
	memcpy(a->line, b.data, n);
	blob_clear(&b);
	return 0;
}

/* --email, --role and --key into *a; which of them came in *seen. */
static int
options_read(int argc, char **argv, struct account_new *a, unsigned *seen,
    struct err *e)
{
	int role;

	for (int i = 0; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--email") == 0) {
			*seen |= 1;
			if (!str_copy(a->email, sizeof a->email, argv[i + 1]))
				return err_set(e, ERR_BAD_INPUT, "RFC 5321 4.5.3",
				    "the address is too long");
		} else if (strcmp(argv[i], "--role") == 0) {
			*seen |= 2;
			role = word_parse(&role_words, argv[i + 1]);
			if (role < ROLE_MEMBER || role > ROLE_WEBSITE)
				return err_set(e, ERR_BAD_INPUT, "role",
				    "%s: wants member, staff, auditor, finance, director or website",
				    argv[i + 1]);
			a->role = (enum role)role;
		} else if (strcmp(argv[i], "--key") == 0) {
			*seen |= 4;
			if (key_line(argv[i + 1], a, e) < 0)
				return -1;
		} else {
			return err_set(e, ERR_BAD_INPUT, "xmpp-icactl(8)",
			    "what is %s?", argv[i]);
		}
	}
	return 0;
}

int
ctl_account(int argc, char **argv)
{
	struct account_new a = { .role = ROLE_MEMBER };
	struct account made = { 0 };
	struct none nothing = { 0 };
	unsigned seen = 0;
	struct err e;
	int r;

	if (argc < 4 || !str_copy(a.name, sizeof a.name, argv[2]))
		return usage_of("account");
	if (strcmp(argv[1], "role") == 0 && argc == 4) {
		int role = word_parse(&role_words, argv[3]);

		if (role < ROLE_MEMBER || role > ROLE_WEBSITE)
			return usage_of("account");
		a.role = (enum role)role;
		r = ask_operator_role_set(registrar(), &a, &made, &e);
	} else {
		if (argc % 2 == 0)
			return usage_of("account");
		if (options_read(argc - 3, argv + 3, &a, &seen, &e) < 0)
			return complain(&e);
		if (strcmp(argv[1], "add") == 0 && (seen & 5) == 5)
			r = ask_operator_account_add(registrar(), &a,
			    &made, &e);
		else if (strcmp(argv[1], "key") == 0 && seen == 4)
			r = ask_operator_key_add(registrar(), &a,
			    &nothing, &e);
		else
			return usage_of("account");
	}
	if (r < 0)
		return complain(&e);
	if (made.number != 0)
		printf("%s: %s, %s\n", made.name,
		    word_of(&role_words, made.role),
		    word_of(&account_state_words, made.state));
	else
		printf("%s: key added\n", a.name);
	return 0;
}
