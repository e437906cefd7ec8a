/* ssh_words.c - how people reach us, for letters and screens. */
#include "core/registrar/registrar.h"

#include <stdio.h>

const char *
ssh_words(void)
{
	static char words[24];

	if (conf.ssh_port == 22 || conf.ssh_port == 0)
		return "ssh";
	snprintf(words, sizeof words, "ssh -p %d", (int)conf.ssh_port);
	return words;
}
