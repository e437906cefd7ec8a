/* log.c - the log: a loss recorded, witnesses, and heads that they cosigned. */
#include "core/ctl/ctl.h"

#include <string.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/base/text.h"

#define NOTE_MAX (16u << 10)

int
ctl_log_loss(int argc, char **argv)
{
	struct text reason = { 0 };
	struct audit_check r = { 0 };
	struct err e;
	int done;

	if (argc != 3 || strcmp(argv[1], "--reason") != 0)
		return usage_of("log-loss");
	blob_set(&reason.text, argv[2], strlen(argv[2]));
	done = ask_operator_log_loss(registrar(), &reason, &r, &e);
	NOUN_CLEAR(text, &reason);
	if (done < 0)
		return complain(&e);
	printf("recorded: %s are lost; issuing goes on\n", r.text);
	return 0;
}

/* ---- witnesses ---- */

static void
witness_print(const struct witness *w)
{
	char at[TIME_TEXT_SIZE];

	time_text(at, w->at);
	if (w->size == 0)
		printf("%s  has cosigned nothing yet\n", w->vkey);
	else
		printf("%s  %lld entries, %s\n", w->vkey,
		    (long long)w->size, at);
}

static int
witness_list(void)
{
	struct witness_list l = { 0 };
	struct none nothing = { 0 };
	struct err e;

	if (ask_operator_witness_list(registrar(), &nothing, &l, &e) < 0)
		return complain(&e);
	if (l.size > 0)
		printf("%s  the log, %lld entries\n", l.vkey,
		    (long long)l.size);
	for (size_t i = 0; i < l.n_rows; i++)
		witness_print(&l.rows[i]);
	NOUN_CLEAR(witness_list, &l);
	return 0;
}

int
ctl_witness(int argc, char **argv)
{
	struct text key = { 0 };
	struct witness w = { 0 };
	struct none nothing = { 0 };
	struct ref name = { "" };
	struct err e;
	int done;

	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return witness_list();
	if (argc != 3)
		return usage_of("witness");
	if (strcmp(argv[1], "remove") == 0 &&
	    str_copy(name.ref, sizeof name.ref, argv[2])) {
		if (ask_operator_witness_remove(registrar(), &name, &nothing,
		    &e) < 0)
			return complain(&e);
		printf("%s is no witness any more\n", name.ref);
		return 0;
	}
	if (strcmp(argv[1], "add") != 0)
		return usage_of("witness");
	blob_set(&key.text, argv[2], strlen(argv[2]));
	done = ask_operator_witness_add(registrar(), &key, &w, &e);
	NOUN_CLEAR(text, &key);
	if (done < 0)
		return complain(&e);
	witness_print(&w);
	return 0;
}

/* ---- heads ---- */

static int
checkpoint_show(void)
{
	char path[CONF_PATH_SIZE];
	struct blob note = { 0 };
	struct err e;
	int r;

	conf_path(&conf, path, FOLDER_PUBLISHED "/log/checkpoint");
	if (file_read(path, NOTE_MAX, &note, &e) < 0)
		return complain(&e);
	r = fwrite(note.data, 1, note.size, stdout) == note.size ? 0 : 1;
	blob_clear(&note);
	return r;
}

int
ctl_checkpoint(int argc, char **argv)
{
	struct text note = { 0 };
	struct witness w = { 0 };
	struct err e;
	int done;

	if (argc == 1)
		return checkpoint_show();
	if (argc != 3 || strcmp(argv[1], "cosign") != 0)
		return usage_of("checkpoint");
	done = strcmp(argv[2], "-") == 0 ?
	    fd_read_all(STDIN_FILENO, NOTE_MAX, &note.text, &e) :
	    file_read(argv[2], NOTE_MAX, &note.text, &e);
	if (done == 0)
		done = ask_operator_cosign(registrar(), &note, &w, &e);
	NOUN_CLEAR(text, &note);
	if (done < 0)
		return complain(&e);
	witness_print(&w);
	return 0;
}
