/*
 * gate_auth.c - who is it?  Only public keys; the identity is the (name, key)
 * of a valid signature, and the registrar alone decides about it.
 */
#include "console/gate_transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"

#define RSA_BITS_MIN 2048

static void
banner_send(struct transport *t, const char *text)
{
	ssh_string s = ssh_string_from_char(text);

	if (s == NULL)
		return;
	ssh_send_issue_banner(t->session, s);
	ssh_string_free(s);
}

/* The operator's text goes to everybody, once, before anything is judged. */
static void
greet(struct transport *t)
{
	char text[CONF_STR_SIZE + 2];

	if (t->greeted || t->conf->ssh_banner[0] == '\0')
		return;
	t->greeted = true;
	snprintf(text, sizeof text, "%s\n", t->conf->ssh_banner);
	banner_send(t, text);
}

/* The way in for newcomers, after the first refusal of more than `none`:
 * every client begins with `none`, also those who are known here. */
static void
hint(struct transport *t)
{
	char text[CONF_STR_SIZE + 128], port[24] = "";

	if (t->hinted)
		return;
	t->hinted = true;
	if (t->conf->ssh_port != 22)
		snprintf(port, sizeof port, "-p %lld ",
		    (long long)t->conf->ssh_port);
	snprintf(text, sizeof text, "First time here? ssh %sregister@%s\n",
	    port, t->conf->service_name);
	banner_send(t, text);
}

static int
refuse(struct transport *t, const char *why)
{
	t->tried = true;
	t->attempts++;
	greet(t);
	if (why != NULL && t->attempts <= t->conf->ssh_attempts)
		banner_send(t, why);
	hint(t);
	if (t->attempts >= t->conf->ssh_attempts)
		transport_cut(t, "Too many authentication attempts");
	return SSH_AUTH_DENIED;
}

/* The bits of n in an RSA key's blob: string type, mpint e, mpint n. */
static size_t
rsa_bits(const uint8_t *blob, size_t size)
{
	struct reader r;
	const uint8_t *n = NULL;
	size_t len, bits;

	reader_init(&r, blob, size);
	reader_bytes(&r, 64, &len);
	reader_bytes(&r, 4096, &len);
	n = reader_bytes(&r, 4096, &len);
	if (!reader_end(&r) || n == NULL)
		return 0;
	while (len > 0 && *n == 0) {
		n++;
		len--;
	}
	if (len == 0)
		return 0;
	bits = len * 8;
	for (uint8_t top = *n; (top & 0x80) == 0; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

/* NULL when the key's kind is welcome, else a sentence for its owner. */
static const char *
kind_refusal(enum ssh_keytypes_e type)
{
	const char *name = ssh_key_type_to_char(type);

	switch (type) {
	case SSH_KEYTYPE_ED25519:
	case SSH_KEYTYPE_RSA:
	case SSH_KEYTYPE_ECDSA_P256:
	case SSH_KEYTYPE_ECDSA_P384:
	case SSH_KEYTYPE_ECDSA_P521:
	case SSH_KEYTYPE_SK_ECDSA:
	case SSH_KEYTYPE_SK_ED25519:
		return NULL;
	default:
		break;
	}
	if (name != NULL && strstr(name, "cert") != NULL)
		return "SSH certificates are not accepted here; the plain key"
		    " is: ssh -o CertificateFile=none\n";
	return "This kind of key is not accepted here; ed25519 is:"
	    " ssh-keygen -t ed25519\n";
}

/* "type base64" and "SHA256:..." of a key; false when it does not fit. */
static bool
key_describe(ssh_key key, struct message *m, const char **why)
{
	unsigned char *hash = NULL;
	char *base64 = NULL, *print = NULL;
	uint8_t blob[KEY_LINE_SIZE];
	struct reader r;
	size_t len, type_len;
	const uint8_t *type = NULL;
	int size = -1, n = -1;

	*why = "This key is too large; ed25519 is best:"
	    " ssh-keygen -t ed25519\n";
	if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK)
		return false;
	size = base64_decode(blob, sizeof blob, base64, strlen(base64));
	if (size > 0) {
		reader_init(&r, blob, (size_t)size);
		type = reader_bytes(&r, 64, &type_len);
		if (type != NULL)
			n = snprintf(m->line, sizeof m->line, "%.*s %s",
			    (int)type_len, (const char *)type, base64);
	}
	ssh_string_free_char(base64);
	if (n < 0 || n >= (int)sizeof m->line)
		return false;
	if (ssh_key_type(key) == SSH_KEYTYPE_RSA &&
	    rsa_bits(blob, (size_t)size) < RSA_BITS_MIN) {
		*why = "RSA keys must have 2048 bits or more here; ed25519 is"
		    " best: ssh-keygen -t ed25519\n";
		return false;
	}
	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash,
	    &len) < 0)
		return false;
	print = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
	ssh_clean_pubkey_hash(&hash);
	if (print == NULL || !str_copy(m->fingerprint, sizeof m->fingerprint,
	    print)) {
		ssh_string_free_char(print);
		return false;
	}
	ssh_string_free_char(print);
	return true;
}

static int
judge(struct transport *t, const struct message *question)
{
	struct message answer;
	char text[sizeof answer.text + 2];

	if (!transport_ask(t, question, MESSAGE_VERDICT, &answer))
		return SSH_AUTH_DENIED;
	if (answer.verdict == KEY_ACCEPTED)
		return SSH_AUTH_SUCCESS;
	snprintf(text, sizeof text, "%s\n", answer.text);
	if (answer.verdict == KEY_UNAVAILABLE) {
		t->ours = true;
		greet(t);
		banner_send(t, text);
		transport_cut(t, "The authority is not available just now");
		return SSH_AUTH_DENIED;
	}
	/* reasons only for those who proved that the key is theirs */
	return refuse(t, question->kind == MESSAGE_OPEN &&
	    answer.text[0] != '\0' ? text : NULL);
}

static int
on_pubkey(ssh_session session, const char *user, struct ssh_key_struct *key,
    char state, void *data)
{
	struct transport *t = data;
	struct message m = { .kind = MESSAGE_KEY };
	const char *why = NULL;
	int r;

	(void)session;
	if (t->dead || t->logged_in)
		return SSH_AUTH_DENIED;
	greet(t);
	/* the name may differ from one request to the next: no memory of it */
	if (user == NULL || !user_is_sane(user) ||
	    !str_copy(m.user, sizeof m.user, user))
		return refuse(t, NULL);
	why = kind_refusal(ssh_key_type(key));
	if (why != NULL || !key_describe(key, &m, &why))
		return refuse(t, why);
	if (state == SSH_PUBLICKEY_STATE_NONE) {
		if (++t->probes > t->conf->ssh_attempts) {
			transport_cut(t, "Too many authentication attempts");
			return SSH_AUTH_DENIED;
		}
		return judge(t, &m);
	}
	if (state != SSH_PUBLICKEY_STATE_VALID)
		return refuse(t, NULL);
	m.kind = MESSAGE_OPEN;
	r = judge(t, &m);
	if (r == SSH_AUTH_SUCCESS) {
		t->logged_in = true;
		alarm(0);
	}
	return r;
}

/* Without this libssh would enter GSSAPI although it is not offered. */
static ssh_string
on_gssapi(ssh_session session, const char *user, int n_oid, ssh_string *oids,
    void *data)
{
	(void)session;
	(void)user;
	(void)n_oid;
	(void)oids;
	refuse(data, NULL);
	return NULL;
}

/* Everything that no callback took: none, password, keyboard-interactive,
 * forwardings, unknown requests.  1: libssh answers with a refusal. */
static int
on_message(ssh_session session, ssh_message message, void *data)
{
	struct transport *t = data;
	int method = ssh_message_subtype(message);

	(void)session;
	if (t->dead)
		return 0;		/* no answer any more */
	if (ssh_message_type(message) != SSH_REQUEST_AUTH)
		return 1;
	greet(t);
	if (method == SSH_AUTH_METHOD_NONE && !t->tried && t->attempts == 0) {
		t->attempts++;
		if (t->attempts >= t->conf->ssh_attempts)
			transport_cut(t, "Too many authentication attempts");
		return 1;
	}
	refuse(t, NULL);
	return 1;
}

static struct ssh_server_callbacks_struct callbacks;

void
auth_install(struct transport *t)
{
	callbacks.userdata = t;
	callbacks.auth_pubkey_function = on_pubkey;
	callbacks.gssapi_select_oid_function = on_gssapi;
	callbacks.channel_open_request_session_function = channel_open;
	ssh_callbacks_init(&callbacks);
	ssh_set_server_callbacks(t->session, &callbacks);
	ssh_set_message_callback(t->session, on_message, t);
	ssh_set_auth_methods(t->session, SSH_AUTH_METHOD_PUBLICKEY);
}

/* Requests go to on_message() then, which is silent. */
void
auth_end(void)
{
	callbacks.auth_pubkey_function = NULL;
}
