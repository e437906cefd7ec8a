/* key_test.c - SSH public keys: which are taken, and that type and
 * fingerprint are those of ssh-keygen. */
#include "rig.h"

/* Output of a command, without its last line feed; NULL when it failed. */
static const char *
said(const char *a, const char *b, const char *c, const char *d,
    const char *f, const char *g)
{
	static char out[8192];
	int fd[2], status;
	ssize_t n, all = 0;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	if ((pid = fork()) == 0) {
		dup2(fd[1], 1);
		close(2);
		if (chdir(rig_folder) < 0)
			_exit(126);
		execlp("ssh-keygen", "ssh-keygen", "-q", a, b, c, d, f, g,
		    "-N", "", (char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	while ((n = read(fd[0], out + all, sizeof out - 1 - (size_t)all)) > 0)
		all += n;
	close(fd[0]);
	waitpid(pid, &status, 0);
	out[all] = '\0';
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? out : NULL;
}

static char *
pub_read(const char *name)
{
	static char line[8192];
	struct blob b = { 0 };
	struct err e = { 0 };
	char path[128];

	snprintf(path, sizeof path, "%s/%s", rig_folder, name);
	if (file_read(path, sizeof line - 1, &b, &e) < 0)
		return NULL;
	memcpy(line, b.data, b.size);
	line[b.size] = '\0';
	blob_clear(&b);
	return line;
}

/* "256 SHA256:... comment (TYPE)": the second word. */
static const char *
print_of(const char *pub)
{
	static char print[80];
	const char *out = said("-l", "-f", pub, "-E", "sha256", "-v");

	assert_non_null(out);
	assert_int_equal(sscanf(out, "%*s %79s", print), 1);
	return print;
}

static void
keys_of_openssh_are_read_as_it_reads_them(void **state)
{
	static const struct {
		const char *type, *bits, *name;
	} made[] = {
		{ "ed25519", "256", "ssh-ed25519" },
		{ "ecdsa", "256", "ecdsa-sha2-nistp256" },
		{ "ecdsa", "384", "ecdsa-sha2-nistp384" },
		{ "rsa", "3072", "ssh-rsa" },
		{ "rsa", "4096", "ssh-rsa" },
	};
	struct err e = { 0 };
	struct key k;
	char file[16], pub[24];

	(void)state;
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		snprintf(file, sizeof file, "k%zu", i);
		snprintf(pub, sizeof pub, "k%zu.pub", i);
		assert_non_null(said("-t", made[i].type, "-b", made[i].bits,
		    "-f", file));
		if (key_parse(pub_read(pub), &k, &e) < 0)
			fail_msg("%s %s: %s", made[i].type, made[i].bits,
			    e.text);
		assert_string_equal(k.type, made[i].name);
		assert_string_equal(k.fingerprint, print_of(pub));
		assert_true(k.name[0] != '\0');	/* the comment */
		assert_int_equal(strncmp(pub_read(pub), k.line,
		    strlen(k.line)), 0);
	}
}

static void
weak_and_unknown_types_are_refused(void **state)
{
	static const struct {
		const char *type, *bits, *clause;
	} made[] = {
		{ "rsa", "2048", "key-size" },
		{ "ecdsa", "521", "key-type" },
		{ "dsa", "1024", "key-type" },
	};
	char file[16], pub[24];

	(void)state;
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		struct err e = { 0 };
		struct key k;

		snprintf(file, sizeof file, "k%zu", i);
		snprintf(pub, sizeof pub, "k%zu.pub", i);
		if (said("-t", made[i].type, "-b", made[i].bits, "-f",
		    file) == NULL)
			continue;	/* newer OpenSSH makes no DSA keys */
		assert_int_equal(key_parse(pub_read(pub), &k, &e), -1);
		assert_string_equal(e.clause, made[i].clause);
		assert_int_equal(e.kind, ERR_REFUSED);
	}
}

/* Such a key would open an account to anybody. */
static void
weak_points_are_refused_as_keys(void **state)
{
	static const char *const types[] = { "ssh-ed25519",
		"sk-ssh-ed25519@openssh.com" };
	uint8_t point[32];
	char line[256], *b64 = NULL;
	struct key k;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct buf b = { 0 };
		struct err e = { 0 };

		memset(point, 0, sizeof point);
		point[0] = (uint8_t)(i / 2);	/* order 4, and 1 */
		buf_put_str(&b, types[i % 2]);
		buf_put_bytes(&b, point, sizeof point);
		if (i % 2 != 0)
			buf_put_str(&b, "ssh:");
		b64 = base64_encode(b.data, b.size);
		snprintf(line, sizeof line, "%s %s", types[i % 2], b64);
		assert_int_equal(key_parse(line, &k, &e), -1);
		assert_string_equal(e.clause, "ed25519-key");
		free(b64);
		buf_clear(&b);
	}
}

static void
certificates_are_refused_as_keys(void **state)
{
	struct err e = { 0 };
	struct key k;

	(void)state;
	assert_int_equal(key_parse("ssh-ed25519-cert-v01@openssh.com AAAA x",
	    &k, &e), -1);
	assert_string_equal(e.clause, "key-certificate");
	assert_int_equal(key_parse(
	    "ecdsa-sha2-nistp256-cert-v01@openssh.com AAAA", &k, &e), -1);
	assert_string_equal(e.clause, "key-certificate");
}

/* Keys of security tokens: built here, judged by ssh-keygen -l. */
static void
token_keys_are_read_as_openssh_reads_them(void **state)
{
	static const char type[] = "sk-ssh-ed25519@openssh.com";
	struct buf b = { 0 };
	struct err e = { 0 };
	struct key k;
	char line[512], path[128];
	char *b64 = NULL;

	(void)state;
	buf_put_str(&b, type);
	/* y = 3 is a point of the curve */
	buf_put_bytes(&b, "\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
	buf_put_str(&b, "ssh:");
	b64 = base64_encode(b.data, b.size);
	snprintf(line, sizeof line, "%s %s token\n", type, b64);
	snprintf(path, sizeof path, "%s/sk.pub", rig_folder);
	assert_int_equal(file_replace(path, line, strlen(line), 0600, &e), 0);
	assert_int_equal(key_parse(line, &k, &e), 0);
	assert_string_equal(k.type, type);
	assert_string_equal(k.name, "token");
	assert_string_equal(k.fingerprint, print_of("sk.pub"));
	free(b64);
	buf_clear(&b);
}

static void
damaged_lines_are_refused(void **state)
{
	char good[160], bad[256];
	struct err e = { 0 };
	struct key k;

	(void)state;
	snprintf(good, sizeof good, "%s", rig_key(9));
	assert_int_equal(key_parse(good, &k, &e), 0);
	for (size_t i = 0; i < strlen(good); i++) {	/* cut anywhere */
		snprintf(bad, sizeof bad, "%.*s", (int)i, good);
		assert_int_equal(key_parse(bad, &k, &e), -1);
	}
	snprintf(bad, sizeof bad, "%sAAAA", good);
	assert_int_equal(key_parse(bad, &k, &e), -1);
	snprintf(bad, sizeof bad, "from=\"x\" %s", good);
	assert_int_equal(key_parse(bad, &k, &e), -1);
	snprintf(bad, sizeof bad, "ssh-rsa %s", good + 12);
	assert_int_equal(key_parse(bad, &k, &e), -1);
	snprintf(bad, sizeof bad, "%s\nssh-ed25519 AAAA", good);
	assert_int_equal(key_parse(bad, &k, &e), -1);
	assert_int_equal(key_parse("-----BEGIN OPENSSH PRIVATE KEY-----", &k,
	    &e), -1);
	snprintf(bad, sizeof bad, "%s \x1b[31mred\x07", good);
	assert_int_equal(key_parse(bad, &k, &e), 0);
	assert_null(strchr(k.name, '\x1b'));
	snprintf(bad, sizeof bad, "  %s  \r\n", good);
	assert_int_equal(key_parse(bad, &k, &e), 0);
	assert_string_equal(k.line, good);
}

static void
a_key_opens_one_account_and_the_last_stays(void **state)
{
	int64_t alice = rig_account("alice", ROLE_MEMBER, rig_key(1));
	int64_t bob = rig_account("bob", ROLE_MEMBER, rig_key(2));
	struct seat s = rig_seat(ROLE_MEMBER, alice, "alice", rig_key(1));
	struct key_new add = { .name = "second" };
	struct key made = { 0 };
	struct key_list list = { 0 };
	struct ref ref = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_true(bob > 0);
	str_copy(add.line, sizeof add.line, rig_key(2));
	assert_int_equal(serve_key_add(&s, &add, &made, &e), -1);
	assert_string_equal(e.clause, "key-in-use");
	assert_int_equal(serve_key_list(&s, &none, &list, &e), 0);
	assert_int_equal(list.n_rows, 1);
	str_copy(ref.ref, sizeof ref.ref, list.rows[0].fingerprint);
	assert_int_equal(serve_key_remove(&s, &ref, &none, &e), -1);
	assert_string_equal(e.clause, "key-last");
	str_copy(add.line, sizeof add.line, rig_key(3));
	assert_int_equal(serve_key_add(&s, &add, &made, &e), 0);
	assert_string_equal(made.name, "second");
	assert_int_equal(serve_key_remove(&s, &ref, &none, &e), 0);
	assert_int_equal(serve_key_remove(&s, &ref, &none, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	/* the key of another account is not there for us */
	snprintf(ref.ref, sizeof ref.ref, "%lld", (long long)bob);
	assert_int_equal(serve_key_remove(&s, &ref, &none, &e), -1);
	NOUN_CLEAR(key_list, &list);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_open, rig_close)
	const struct CMUnitTest tests[] = {
		T(keys_of_openssh_are_read_as_it_reads_them),
		T(weak_and_unknown_types_are_refused),
		T(weak_points_are_refused_as_keys),
		T(certificates_are_refused_as_keys),
		T(token_keys_are_read_as_openssh_reads_them),
		T(damaged_lines_are_refused),
		T(a_key_opens_one_account_and_the_last_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
