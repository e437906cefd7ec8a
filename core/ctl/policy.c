/* policy.c - reload: hand the policy of the files to the running registrar;
 * and what of it differs from the defaults. */
#include "core/ctl/ctl.h"

#include <string.h>

#include "core/base/text.h"
#include "core/wire/policy_texts.h"

int
ctl_reload(int argc, char **argv)
{
	struct policy_texts t = { 0 };
	struct text answer = { 0 };
	char shown[1024];
	struct err e = { 0 };
	int r = -1;

	(void)argv;
	if (argc != 1)
		return usage_of("reload");
	if (!registrar_runs())
		err_set(&e, ERR_UNAVAILABLE, "connection",
		    "xmpp-icad does not run; it reads the policy when it starts");
	else if ((r = policy_texts_read(&conf, &t, &e)) == 0)
		r = ask_operator_policy(registrar(), &t, &answer, &e);
	if (r == 0) {
		render_untrusted(shown, sizeof shown, answer.text.data,
		    answer.text.size);
		puts(shown);
	}
	NOUN_CLEAR(policy_texts, &t);
	NOUN_CLEAR(text, &answer);
	return r < 0 ? complain(&e) : 0;
}

void
policy_differences(void)
{
	for (unsigned long i = 0; i < conf_key_count; i++) {
		const struct conf_key *k = &conf_keys[i];
		char value[CONF_STR_SIZE];

		if (strcmp(k->section, "policy") != 0)
			continue;
		conf_value(&conf, k, value);
		if (strcmp(value, k->standard) != 0)
			printf("note  %-24s  \"%s\" instead of \"%s\": %s\n",
			    k->name, value, k->standard, k->meaning);
	}
}
