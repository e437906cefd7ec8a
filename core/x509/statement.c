/* statement.c - the lines that a person signs. */
#include "core/x509/statement.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/x509/hash.h"

void
statement_begin(struct buf *b, const char *kind, const char *service,
    const char *object, const uint8_t digest[32], const char *by, int64_t at)
{
	char hex[65];

	hex_encode(hex, digest, 32);
	buf_printf(b, "xmpp-ica-statement/v1\nkind %s\nservice %s\nobject %s\ndigest %s\nby %s\ntime %lld\n",
	    kind, service, object, hex, by, (long long)at);
}

void
statement_approve(struct buf *b, const char *service,
    const struct sign_wish *w, const char *by, int64_t at)
{
	char object[24], hex[65];
	uint8_t key[32];

	snprintf(object, sizeof object, "%lld", (long long)w->request);
	statement_begin(b, "approve", service, object, w->digest, by, at);
	sha256(key, w->spki.data, w->spki.size);
	hex_encode(hex, key, sizeof key);
	buf_printf(b, "requester %s\nprofile %s\npolicy %s\nkey %s\nsubject %s\n",
	    w->requester, w->profile, w->policy, hex, w->subject_cn);
	for (size_t i = 0; i < w->n_names; i++)
		buf_printf(b, "name %s %s\n",
		    word_of(&name_kind_words, w->names[i].kind),
		    w->names[i].value);
}

bool
statement_wanted(const char *signed_approvals, const char *profile)
{
	size_t n = strlen(profile);

	if (strcmp(signed_approvals, "yes") == 0)
		return true;
	for (const char *p = signed_approvals; *p != '\0'; ) {
		size_t word;

		p += strspn(p, " ,\t");
		word = strcspn(p, " ,\t");
		if (word == n && memcmp(p, profile, n) == 0 && n > 0)
			return true;
		p += word;
	}
	return false;
}
