/* policy.c - the hash of the policy values, logged with each issuance. */
#include "core/registrar/registrar.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/x509/hash.h"

static void
value_put(struct buf *b, const struct conf_key *k)
{
	const char *at = (const char *)&conf + k->offset;

	buf_put_str(b, k->name);
	if (k->kind == 's')
		buf_put_str(b, at);
	else if (k->kind == 'i')
		buf_put_i64(b, *(const int64_t *)(const void *)at);
	else
		buf_put_u8(b, *(const bool *)(const void *)at);
}

const char *
policy_hash(void)
{
	static char hex[65];
	struct buf b = { 0 };
	uint8_t hash[32];

	for (unsigned long i = 0; i < conf_key_count; i++)
		if (strcmp(conf_keys[i].section, "policy") == 0)
			value_put(&b, &conf_keys[i]);
	sha256(hash, b.data, b.size);
	hex_encode(hex, hash, sizeof hash);
	buf_clear(&b);
	return hex;
}
