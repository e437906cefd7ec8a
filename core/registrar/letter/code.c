/* code.c - the codes that are mailed: made, read as typed, kept as hashes. */
#include "core/registrar/registrar.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/x509/hash.h"

#define CODE_CHARACTERS 28		/* of 5 bits: 140 */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* 28 characters become seven groups of four. */
static void
groups_write(char code[CODE_SIZE], const char plain[CODE_CHARACTERS])
{
	size_t n = 0;

	for (size_t i = 0; i < CODE_CHARACTERS; i++) {
		if (i > 0 && i % 4 == 0)
			code[n++] = '-';
		code[n++] = plain[i];
	}
	code[n] = '\0';
}

void
code_new(char code[CODE_SIZE])
{
	uint8_t random[CODE_CHARACTERS];
	char plain[CODE_CHARACTERS];

	random_bytes(random, sizeof random);
	for (size_t i = 0; i < CODE_CHARACTERS; i++)
		plain[i] = alphabet[random[i] & 31];
	groups_write(code, plain);
	secret_wipe(random, sizeof random);
	secret_wipe(plain, sizeof plain);
}

int
code_normal(const char *typed, char code[CODE_SIZE])
{
	char plain[CODE_CHARACTERS];
	size_t n = 0;

	code[0] = '\0';
	for (const char *p = typed; *p != '\0'; p++) {
		char c = *p;

		if (c == '-' || c == ' ' || c == '\t' || c == '\r' ||
		    c == '\n')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c == '0')
			c = 'O';
		else if (c == '1')
			c = 'I';
		if (n == CODE_CHARACTERS || strchr(alphabet, c) == NULL)
			return -1;
		plain[n++] = c;
	}
	if (n != CODE_CHARACTERS)
		return -1;
	groups_write(code, plain);
	secret_wipe(plain, sizeof plain);
	return 0;
}

void
code_hash(uint8_t out[32], const char *code, const char *purpose,
    int64_t subject)
{
	static const char label[] = "xmpp-ica code v1";
	struct buf b = { 0 };

	buf_put_str(&b, label);
	buf_put_str(&b, purpose);
	buf_put_i64(&b, subject);
	buf_put_str(&b, code);
	sha256(out, b.data, b.size);
	buf_clear(&b);
}
