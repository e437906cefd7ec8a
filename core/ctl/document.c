/* document.c - `xmpp-icactl document add`: a document that rules from now on, or
 * from a day on. */
#include "core/ctl/ctl.h"

#include <string.h>

#include "core/base/file.h"
#include "core/base/text.h"

#define DOCUMENT_MOST (2u << 20)

static int
options_read(int argc, char **argv, struct document_new *n)
{
	for (int i = 4; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--version") == 0) {
			if (!str_copy(n->version, sizeof n->version,
			    argv[i + 1]))
				return -1;
		} else if (strcmp(argv[i], "--from") == 0) {
			if (time_parse(argv[i + 1], &n->since) < 0)
				return -1;
		} else if (strcmp(argv[i], "--until") == 0) {
			if (time_parse(argv[i + 1], &n->until) < 0)
				return -1;
		} else {
			return -1;
		}
	}
	return argc % 2 == 0 && n->version[0] != '\0' ? 0 : -1;
}

int
ctl_document(int argc, char **argv)
{
	struct document_new n = { 0 };
	struct document d = { 0 };
	struct err e = { 0 };
	char hex[65];
	int kind, done;

	if (argc < 6 || strcmp(argv[1], "add") != 0 || (kind =
	    word_parse(&document_kind_words, argv[2])) < 0 ||
	    options_read(argc, argv, &n) < 0)
		return usage_of("document");
	n.kind = (enum document_kind)kind;
	done = file_read(argv[3], DOCUMENT_MOST, &n.text, &e);
	if (done == 0)
		done = ask_operator_document_add(registrar(), &n, &d, &e);
	NOUN_CLEAR(document_new, &n);
	if (done < 0)
		return complain(&e);
	hex_encode(hex, d.sha256, sizeof d.sha256);
	printf("%s %s  sha256 %s%s\n", word_of(&document_kind_words, d.kind),
	    d.version, hex, d.current ? "  rules now" : "");
	return 0;
}
