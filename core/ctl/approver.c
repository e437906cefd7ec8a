/* approver.c - the keys that approvals may be signed by, pinned in the
 * signer's own folder by the operator on the host. */
#include "core/ctl/ctl.h"

#include <string.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/edit.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/base/user.h"

#define FILE_MAX (64u << 10)
#define LINE_MAX_SIZE 4096
#define WAIT_MS 10000

static void
path_of(char dst[CONF_PATH_SIZE])
{
	conf_path(&conf, dst, FOLDER_CA "/approvers");
}

static int
all_read(struct blob *b, struct err *e)
{
	char path[CONF_PATH_SIZE];

	path_of(path);
	if (access(path, F_OK) < 0)
		return 0;
	return file_read(path, FILE_MAX, b, e);
}

/* The signer writes this file too: each change is made under a lock, on what
 * stands there by then. */
static int
all_change(file_change *change, void *arg, struct err *e)
{
	char path[CONF_PATH_SIZE];
	struct file_edit f = { .path = path, .max = FILE_MAX,
		.wait_ms = WAIT_MS, .given = true };

	path_of(path);
	if (user_ids(conf.users_signer, &f.uid, &f.gid, e) < 0)
		return -1;
	return file_edit(&f, change, arg, e);
}

/* The line at *at without its end; false when there is none. */
static bool
line_next(const struct blob *b, size_t *at, char line[LINE_MAX_SIZE])
{
	while (*at < b->size) {
		const uint8_t *p = b->data + *at;
		const uint8_t *lf = memchr(p, '\n', b->size - *at);
		size_t n = lf != NULL ? (size_t)(lf - p) : b->size - *at;

		*at += n + 1;
		if (n == 0 || n >= LINE_MAX_SIZE || p[0] == '#')
			continue;
		memcpy(line, p, n);
		line[n] = '\0';
		return true;
	}
	return false;
}

static bool
is_of(const char *line, const char *name)
{
	size_t n = strlen(name);

	return strncmp(line, name, n) == 0 && line[n] == ' ';
}

/* TYPE BASE64 [COMMENT], of a type that the signer takes. */
static int
key_check(const char *key, struct err *e)
{
	static const char *const types[] = { "ssh-ed25519 ",
		"ecdsa-sha2-nistp256 ", "ecdsa-sha2-nistp384 ", "ssh-rsa ",
		"sk-ssh-ed25519@openssh.com ",
		"sk-ecdsa-sha2-nistp256@openssh.com " };
	uint8_t bytes[2048];

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		size_t n = strlen(types[i]);

		if (strncmp(key, types[i], n) == 0 && base64_decode(bytes,
		    sizeof bytes, key + n, strcspn(key + n, " ")) > 0)
			return 0;
	}
	return err_set(e, ERR_BAD_INPUT, "sshsig-key",
	    "give one public key on standard input, as ssh-keygen writes it to KEY.pub: ed25519, ECDSA P-256 or P-384, RSA, or a FIDO key");
}

static int
key_read(char key[2048], struct err *e)
{
	struct blob b = { 0 };
	int r = fd_read_all(STDIN_FILENO, 2047, &b, e);

	if (r == 0 && b.size > 0)
		memcpy(key, b.data, b.size);
	key[b.size] = '\0';
	key[strcspn(key, "\r\n")] = '\0';
	blob_clear(&b);
	return r < 0 ? -1 : key_check(key, e);
}

static int
note(const char *name, const char *key, bool added)
{
	struct approver_note n = { .added = added };
	struct none nothing = { 0 };
	struct err e;

	str_copy(n.name, sizeof n.name, name);
	str_copy(n.key, sizeof n.key, key);
	return ask_operator_approver_note(registrar(), &n, &nothing, &e) < 0 ?
	    complain(&e) : 0;
}

static int
list(const struct blob *all)
{
	char line[LINE_MAX_SIZE], shown[LINE_MAX_SIZE * 2];
	size_t at = 0;

	while (line_next(all, &at, line)) {
		render_untrusted(shown, sizeof shown, line, strlen(line));
		puts(shown);
	}
	return 0;
}

struct add {
	const char *name, *role, *key;	/* key: TYPE BASE64 [COMMENT] */
};

/* Is it this key's line? */
static bool
has_key(const char *line, const char *key)
{
	size_t n = strcspn(key, " ");
	const char *at = line;

	n += 1 + strcspn(key + n + 1, " ");	/* key_check() saw both words */
	while ((at = strchr(at, ' ')) != NULL)
		if (strncmp(++at, key, n) == 0 &&
		    (at[n] == '\0' || at[n] == ' '))
			return true;
	return false;
}

static int
line_add(const struct blob *was, struct buf *now, void *arg, struct err *e)
{
	const struct add *a = arg;
	char line[LINE_MAX_SIZE];
	size_t at = 0;

	while (line_next(was, &at, line))
		if (!is_of(line, a->name) && has_key(line, a->key))
			return err_set(e, ERR_CONFLICT, "approver",
			    "this key is pinned for %.*s: two people have two keys",
			    (int)strcspn(line, " "), line);
	buf_put(now, was->data, was->size);
	if (now->size > 0 && now->data[now->size - 1] != '\n')
		buf_put_u8(now, '\n');
	buf_printf(now, "%s %s %s\n", a->name, a->role, a->key);
	if (now->size > FILE_MAX)
		return err_set(e, ERR_REFUSED, "approver",
		    "there is no room for another key: remove old ones");
	return 0;
}

static int
add(const struct blob *all, const char *name, const char *role,
    struct err *e)
{
	struct add a = { .name = name, .role = role };
	struct buf b = { 0 };
	char key[2048];
	int r = -1;

	if (name[0] == '\0' || strlen(name) > 32 || name[strspn(name,
	    "abcdefghijklmnopqrstuvwxyz0123456789._-")] != '\0')
		return err_set(e, ERR_BAD_INPUT, "account-name",
		    "an approver goes by the name of the account");
	if (strcmp(role, "staff") != 0 && strcmp(role, "director") != 0)
		return err_set(e, ERR_BAD_INPUT, "approver",
		    "staff approve and confirm, a director signs for roles, the policy and issuers: --role staff or --role director");
	if (key_read(key, e) < 0)
		return -1;
	a.key = key;
	/* would it go?  Then first the registrar, who reads the key and logs
	 * it: a key that counts and is not in the log must not be */
	if ((r = line_add(all, &b, &a, e)) == 0 &&
	    (r = note(name, key, true)) == 0 &&
	    (r = all_change(line_add, &a, e)) == 0)
		printf("%s signs as %s with this key\n", name, role);
	buf_clear(&b);
	return r;
}

struct drop {
	const char *name;
	int gone;
};

static int
lines_drop(const struct blob *was, struct buf *now, void *arg, struct err *e)
{
	char line[LINE_MAX_SIZE];
	struct drop *d = arg;
	size_t at = 0;

	while (line_next(was, &at, line)) {
		if (is_of(line, d->name))
			d->gone++;
		else
			buf_printf(now, "%s\n", line);
	}
	return d->gone > 0 ? 0 : err_set(e, ERR_NOT_FOUND, "approver",
	    "no key is pinned for %s; `xmpp-icactl approver list`", d->name);
}

/* Every key of the name. */
static int
drop(const char *name, struct err *e)
{
	struct drop d = { .name = name };
	int r = all_change(lines_drop, &d, e);

	if (r == 0 && (r = note(name, "", false)) == 0)
		printf("%s: %d key%s removed\n", name, d.gone,
		    d.gone == 1 ? "" : "s");
	return r;
}

int
ctl_approver(int argc, char **argv)
{
	struct blob all = { 0 };
	struct err e = { 0 };
	const char *role = "staff";
	int r = -1;

	if (argc == 5 && strcmp(argv[1], "add") == 0 &&
	    strcmp(argv[3], "--role") == 0) {
		role = argv[4];
		argc = 3;
	}
	if ((argc != 2 || strcmp(argv[1], "list") != 0) && (argc != 3 ||
	    (strcmp(argv[1], "add") != 0 && strcmp(argv[1], "remove") != 0)))
		return usage_of("approver");
	if (all_read(&all, &e) == 0)
		r = argc == 2 ? list(&all) : argv[1][0] == 'a' ?
		    add(&all, argv[2], role, &e) : drop(argv[2], &e);
	blob_clear(&all);
	return r < 0 ? complain(&e) : r;
}
