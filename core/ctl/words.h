/*
 * words.h - the words behind a command of xmpp-icactl, in one order.
 */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#define WORDS_MOST 64

/*
 * Put the words of a command into the order of its usage line: those without
 * a name first, then its options in the order in which `arguments` has them,
 * each value a word of its own.  So --db=F, --db F, before or behind the
 * others, are the same to the command.  An option takes a value when a word
 * follows it in `arguments`.  `--` ends the options.
 *
 * out has room for WORDS_MOST words; out[0] is argv[0] and out[return
 * value] NULL.  Its words are argv's own bytes, which are written to (a NUL
 * in place of the =).  0: help is wanted; -1: a word that does not fit was
 * named on stderr.
 */
int words_order(const char *arguments, int argc, char **argv, char **out);

#endif
