/* signing.c - reads which words must be signed by people. */
#include "core/model/signing.h"

#include <string.h>

static bool
listed(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; *p != '\0'; ) {
		size_t size;

		p += strspn(p, " ,\t");
		size = strcspn(p, " ,\t");
		if (size == n && n > 0 && memcmp(p, word, n) == 0)
			return true;
		p += size;
	}
	return false;
}

bool
signing_for_profile(const char *list, const char *profile)
{
	/* it is the staff who approve */
	return listed(list, profile) || signing_for_role(list, ROLE_STAFF);
}

bool
signing_for_role(const char *list, enum role role)
{
	return strcmp(list, "yes") == 0 ||
	    listed(list, word_of(&role_words, role));
}
