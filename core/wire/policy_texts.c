/* policy_texts.c - reading what the policy consists of. */
#include "core/wire/policy_texts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/hash_list.h"

static void
values_put(const struct conf *c, struct policy_texts *t)
{
	for (unsigned long i = 0; i < conf_key_count; i++) {
		const struct conf_key *k = &conf_keys[i];
		struct policy_value *v = NULL;

		if (strcmp(k->section, "policy") != 0)
			continue;
		v = LIST_ADD(t, values);
		snprintf(v->name, sizeof v->name, "%s", k->name);
		conf_value(c, k, v->value);
	}
}

/* A file of the share folder, or none when the key is empty. */
static int
text_read(const struct conf *c, const char *name, struct blob *out,
    struct err *e)
{
	char path[CONF_PATH_SIZE];

	if (name[0] == '\0')
		return 0;
	if (conf_share_path(c, path, name, e) < 0)
		return -1;
	return file_read(path, POLICY_TEXT_MAX, out, e);
}

int
policy_texts_read(const struct conf *c, struct policy_texts *t, struct err *e)
{
	values_put(c, t);
	/* read at the start alone; but then this policy must not end it */
	if (hash_lists_check(c, e) < 0)
		return -1;
	if (text_read(c, c->policy_high_value, &t->high_value, e) < 0)
		return -1;
	return text_read(c, c->policy_limits, &t->limits, e);
}

bool
policy_line(const struct blob *text, size_t *at, char *line, size_t size)
{
	while (*at < text->size) {
		const char *p = (const char *)text->data + *at;
		const char *nl = memchr(p, '\n', text->size - *at);
		size_t n = nl != NULL ? (size_t)(nl - p) : text->size - *at;
		const char *hash = memchr(p, '#', n);

		*at += n + (nl != NULL);
		if (hash != NULL)
			n = (size_t)(hash - p);
		for (; n > 0 && isspace((unsigned char)*p); n--)
			p++;
		while (n > 0 && isspace((unsigned char)p[n - 1]))
			n--;
		if (n == 0)
			continue;
		/* too long, or a file that was not written to its end: what is
		 * left of it is no line that anybody knows */
		if (memchr(p, '\0', n) != NULL)
			snprintf(line, size, "(a line with NUL)");
		else
			snprintf(line, size, "%.*s",
			    (int)(n < size ? n : size - 1), p);
		return true;
	}
	return false;
}
