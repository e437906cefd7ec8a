/* command_fuzz.c - any command line is words, a command, and arguments that
 * its synopsis allows; or it is told why not. */
#include "fuzz.h"

#include "console/command.h"

static void
parse(const struct command *k, char *const *words, size_t n)
{
	static struct console c;
	static struct call call;

	memset(&call, 0, sizeof call);
	call.c = &c;
	call.command = k;
	if (synopsis_parse(&call, words, n) < 0) {
		CLAIM(call.err.kind != ERR_NONE && call.err.text[0] != '\0');
		CLAIM(strcmp(call.err.clause, "usage") == 0);
		return;
	}
	CLAIM(call.n_args <= n && call.n_options <= n);
	for (size_t i = 0; i < call.n_args; i++)
		CLAIM(call_arg(&call, i) == call.args[i]);
	for (size_t i = 0; i < call.n_options; i++)
		CLAIM(call_option(&call, call.options[i].name) != NULL);
	CLAIM(call_arg(&call, call.n_args) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t any = byte_take(&data, &size);
	char *line = text_of(data, size), *room = NULL;
	char *words[CALL_WORDS];
	struct err e = { 0 };
	int n = words_split(line, &room, words, CALL_WORDS, &e);
	const struct command *k;
	size_t used = 0;

	if (n < 0)
		CLAIM(e.kind == ERR_BAD_INPUT);
	for (int i = 0; i < n; i++)
		CLAIM(words[i] >= room &&
		    words[i] + strlen(words[i]) <= room + strlen(line) * 2);
	if (n > 0) {
		k = command_find(words, (size_t)n, &used);
		CLAIM((k != NULL) == (used > 0) && used <= (size_t)n);
		if (k != NULL)
			parse(k, words + used, (size_t)n - used);
		command_nearest(any % role_words.count, words[0]);
	}
	if (n >= 0)	/* and as if another command stood before them */
		parse(&commands[any % n_commands], words, (size_t)n);
	free(room);
	free(line);
	return 0;
}
