/* digest.c - canonical bytes of what is approved. */
#include "core/model/digest.h"

#include <string.h>

void
request_canonical(struct buf *b, int64_t number, const char *account,
    const char *profile, const char *subject_cn, const struct name *names,
    size_t n_names, const uint8_t spki_sha256[32],
    const uint8_t csr_sha256[32])
{
	static const char label[] = "xmpp-ica request v1\n";

	buf_put(b, label, strlen(label));
	buf_put_i64(b, number);
	buf_put_str(b, account);
	buf_put_str(b, profile);
	buf_put_str(b, subject_cn);
	buf_put_u32(b, (uint32_t)n_names);
	for (size_t i = 0; i < n_names; i++) {
		buf_put_str(b, word_of(&name_kind_words, names[i].kind));
		buf_put_str(b, names[i].value);
	}
	buf_put(b, spki_sha256, 32);
	buf_put(b, csr_sha256, 32);
}
