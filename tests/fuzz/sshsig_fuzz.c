/* sshsig_fuzz.c - any bytes are an SSH signature, a checkpoint, a verifier
 * key: refused or read, never believed. */
#include "fuzz.h"

#include "core/x509/checkpoint.h"
#include "core/x509/sshsig.h"
#include "core/x509/statement.h"

static void
signature(const uint8_t *data, size_t size)
{
	struct sshsig s;
	struct err e = { 0 };

	if (sshsig_parse(data, size, &s, &e) < 0) {
		CLAIM(e.kind != ERR_NONE && is_showable(e.text));
		return;
	}
	CLAIM(s.key_size <= sizeof s.key &&
	    s.signature_size <= sizeof s.signature);
	/* nobody has signed this */
	CLAIM(sshsig_verify(&s, STATEMENT_SPACE, "no such message", 15,
	    (size & 1) != 0, &e) < 0);
	CLAIM(e.kind != ERR_NONE && is_showable(e.text));
	CLAIM(sshsig_verify(&s, s.space, "no such message", 15, false,
	    &e) < 0);
}

static void
note(const uint8_t *data, size_t size)
{
	static struct vkey v;
	struct checkpoint c;
	struct err e = { 0 };
	int64_t at;

	if (v.name[0] == '\0')
		CLAIM(vkey_parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		    &v, &e) == 0);
	if (checkpoint_parse(data, size, &c, &e) == 0)
		CLAIM(c.size >= 0 && c.body > 0 && c.body < size);
	v.kind = (size & 1) != 0 ? NOTE_ED25519 : NOTE_COSIGNATURE;
	CLAIM(note_verify(data, size, &v, NULL, &at) < 1);
}

static void
words(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), again[VKEY_SIZE];
	uint8_t key[SSHSIG_KEY_MAX];
	struct vkey v;
	struct err e = { 0 };
	size_t n;

	if (vkey_parse(text, &v, &e) == 0) {
		vkey_text(&v, again);
		CLAIM(strncmp(again, text, strlen(again)) == 0);
	}
	if (sshsig_key_line(text, key, &n, &e) == 0)
		CLAIM(n <= sizeof key);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	switch (byte_take(&data, &size) % 3) {
	case 0: signature(data, size); break;
	case 1: note(data, size); break;
	default: words(data, size); break;
	}
	return 0;
}
