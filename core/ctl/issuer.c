/* issuer.c - rolling over to a new issuer, and CRLs ahead (rollover.md). */
#include "core/ctl/ctl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/passphrase.h"
#include "core/base/text.h"
#include "core/base/user.h"

#define PATIENCE 30		/* seconds for the signer's new start */

static int
complain_now(enum err_kind kind, const char *clause, const char *text)
{
	struct err e = { 0 };

	err_set(&e, kind, clause, "%s", text);
	return complain(&e);
}

static int
running_check(void)
{
	return registrar_runs() ? 0 : complain_now(ERR_UNAVAILABLE,
	    "xmpp-icactl(8)",
	    "the authority does not run, and its signer must: start xmpp-icad first");
}

/* ---- list ---- */

static void
row_print(const struct issuer *i)
{
	char until[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE],
	    crl[TIME_TEXT_SIZE];

	time_text(until, i->not_after);
	time_text(last, i->last);
	time_text(crl, i->crl_at);
	printf("%-14s %-10s until %s  good %lld", i->name, i->state,
	    i->not_after == 0 ? "-" : until, (long long)i->good);
	if (i->last != 0)
		printf("  last ends %s", last);
	if (i->crl_at != 0)
		printf("  CRL %lld of %s", (long long)i->crl_number, crl);
	putchar('\n');
}

static int
issuers_get(struct issuer_list *list)
{
	struct none nothing = { 0 };
	struct err e = { 0 };

	return ask_operator_issuer_list(registrar(), &nothing, list,
	    &e) < 0 ? complain(&e) : 0;
}

/* What the director has not confirmed yet, or the operator not done. */
static int
wishes_print(void)
{
	struct issuer_wish_page page = { 0 };
	struct wish w = { 0 };
	struct err e = { 0 };
	int r = ask_issuer_wishes(registrar(), &w, &page, &e);

	for (size_t i = 0; i < page.n_rows; i++) {
		const struct issuer_wish *at = &page.rows[i];

		if (at->state == ISSUER_WISH_WAITING ||
		    at->state == ISSUER_WISH_CONFIRMED)
			printf("operation %lld  %s %s: %s\n",
			    (long long)at->number, at->deed, at->issuer,
			    at->state == ISSUER_WISH_WAITING ?
			    "waits for the director" :
			    "confirmed, give the command once more");
	}
	NOUN_CLEAR(issuer_wish_page, &page);
	return r < 0 ? complain(&e) : 0;
}

static int
list_show(void)
{
	struct issuer_list list = { 0 };
	int r = issuers_get(&list);

	for (size_t i = 0; i < list.n_rows; i++)
		row_print(&list.rows[i]);
	NOUN_CLEAR(issuer_list, &list);
	return r == 0 ? wishes_print() : r;
}

static int
wish_drop(const char *number)
{
	struct issuer_wish w = { 0 };
	struct ref ref = { 0 };
	struct err e = { 0 };

	if (!str_copy(ref.ref, sizeof ref.ref, number))
		return usage_of("issuer");
	if (ask_issuer_drop(registrar(), &ref, &w, &e) < 0)
		return complain(&e);
	printf("operation %lld is dropped\n", (long long)w.number);
	return 0;
}

/* ---- the operator's word ---- */

/* A deed is asked for twice: on a terminal by typing the name, elsewhere by
 * --yes.  Where two people are wanted, the second one types. */
static int
word_given(const char *deed, const char *name, bool yes)
{
	char line[128];

	if (yes)
		return 0;
	if (!isatty(0))
		return complain_now(ERR_REFUSED, "issuer-word",
		    "this cannot be undone: add --yes");
	fprintf(stderr, "To %s %s, type its name: ", deed, name);
	if (fgets(line, sizeof line, stdin) == NULL)
		line[0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return strcmp(line, name) == 0 ? 0 : complain_now(ERR_REFUSED,
	    "issuer-word", "that is not its name; nothing was changed");
}

struct asked {
	const char *name, *reason, *note;
	bool yes, person, outside;
};

/* 0, or 2: a word that does not belong here. */
static int
words_read(int argc, char **argv, struct asked *w)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--yes") == 0)
			w->yes = true;
		else if (strcmp(argv[i], "--person") == 0)
			w->person = true;
		else if (strcmp(argv[i], "--outside") == 0)
			w->outside = true;
		else if (strcmp(argv[i], "--note") == 0 && i + 1 < argc)
			w->note = argv[++i];
		else if (argv[i][0] != '-' && w->name == NULL)
			w->name = argv[i];
		else if (argv[i][0] != '-' && w->reason == NULL)
			w->reason = argv[i];
		else
			return 2;
	}
	return 0;
}

/* A second person is wanted: not done yet, and how it goes on. */
int
waits_say(int64_t number, const char *text)
{
	printf("operation %lld %s\n", (long long)number, text);
	return STATUS_PENDING;
}

static int
deed_ask(const char *deed, const struct asked *w)
{
	struct issuer_deed d = { 0 };
	struct issuer_list list = { 0 };
	struct err e = { 0 };
	int reason = w->reason ? word_parse(&reason_words, w->reason) : 0, r;

	if (reason < 0)
		return complain_now(ERR_BAD_INPUT, "reason-not-allowed",
		    "there is no such reason; as an example: keyCompromise, superseded, cessationOfOperation");
	if (!str_copy(d.name, sizeof d.name, w->name ? w->name : "") ||
	    !str_copy(d.note, sizeof d.note, w->note ? w->note : ""))
		return complain_now(ERR_BAD_INPUT, "length",
		    "the name has at most 63 bytes, the note 255");
	str_copy(d.deed, sizeof d.deed, deed);
	d.reason = (enum reason)reason;
	r = ask_operator_issuer_deed(registrar(), &d, &list, &e);
	for (size_t i = 0; i < list.n_rows && list.waits == 0; i++)
		if (strcmp(list.rows[i].name, d.name) == 0)
			printf("%s is %s\n", list.rows[i].name,
			    list.rows[i].state);
	if (r == 0 && list.waits != 0)
		r = waits_say(list.waits, list.text);
	NOUN_CLEAR(issuer_list, &list);
	return r < 0 ? complain(&e) : r;
}

static int
deed_do(const char *deed, const struct asked *w)
{
	int status;

	if (w->name == NULL || w->person || w->outside ||
	    (w->reason != NULL) != (strcmp(deed, "revoke") == 0))
		return usage_of("issuer");
	if ((status = running_check()) != 0 ||
	    (status = word_given(deed, w->name, w->yes)) != 0)
		return status;
	return deed_ask(deed, w);
}

/* ---- a new one ---- */

/* Of this purpose, the one with the highest number. */
static int
newest(bool person, struct issuer *out)
{
	struct issuer_list list = { 0 };
	int r = issuers_get(&list), best = 0;

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < list.n_rows; i++) {
		const struct issuer *at = &list.rows[i];
		const char *number = strrchr(at->name, '-');
		int n = number ? (int)strtol(number + 1, NULL, 10) : 0;

		if ((strcmp(at->purpose, "person") == 0) != person ||
		    n <= best)
			continue;
		best = n;
		memcpy(out->name, at->name, sizeof out->name);
		memcpy(out->state, at->state, sizeof out->state);
	}
	NOUN_CLEAR(issuer_list, &list);
	return r;
}

/* The running signer reads its keys at its start: it ends, and the master
 * starts it again. */
static int
signer_again(bool person, const char *before, struct issuer *made)
{
	struct asked w = { .name = "" };
	struct timespec pause = { .tv_nsec = 100000000 };
	int status = deed_ask("reload", &w);
	int64_t until = clock_mono_ms() + PATIENCE * 1000;

	while (status == 0) {
		if ((status = newest(person, made)) != 0 ||
		    strcmp(made->name, before) != 0)
			break;
		if (clock_mono_ms() > until)
			return complain_now(ERR_UNAVAILABLE, "signer",
			    "the keys are made, but the signer did not come back in 30 s: look at the log of xmpp-icad");
		nanosleep(&pause, NULL);
	}
	return status;
}

static void
next_say(const struct issuer *i, bool outside)
{
	printf("%s is %s\n", i->name, i->state);
	if (outside)
		printf("have %s/%s.csr.pem signed, then: xmpp-icactl -c %s import CERT --roots ROOTS\n",
		    conf.service_dir, i->name, conf.file);
	if (strcmp(i->state, "active") != 0)
		printf("%swhen its certificate is known everywhere: xmpp-icactl -c %s issuer activate %s\n",
		    outside ? "then, " : "", conf.file, i->name);
}

/* Is there somebody to ask?  While an authority is made there is not. */
static bool
begun(bool runs)
{
	char path[CONF_PATH_SIZE];

	conf_path(&conf, path, FILE_DATABASE);
	return runs || access(path, F_OK) == 0;
}

int
issuer_new(bool person, bool outside)
{
	const char *const arguments[] = { person ? "--next-person" : "--next",
		outside ? "outside" : "trial", NULL };
	struct issuer before = { 0 }, made = { 0 };
	struct err e = { 0 };
	bool runs = registrar_runs();
	const struct asked wish = { .name = person ? "person" : "server" };
	int status = begun(runs) ? deed_ask("new", &wish) : 0;

	if (status == STATUS_PENDING)
		puts("when it is confirmed, give this command once more");
	if (status == 0 && runs)
		status = newest(person, &before);
	if (status != 0)
		return status;
	if (passphrase_get(&conf, false, &e) < 0)
		return complain(&e);
	fflush(stdout);
	status = offline_run(BINARY_SIGNER, arguments, "", true);
	passphrase_forget();
	if (status != 0 || !runs)
		return status;
	if ((status = signer_again(person, before.name, &made)) == 0)
		next_say(&made, outside);
	return status;
}

int
ctl_issuer(int argc, char **argv)
{
	struct asked w = { 0 };
	const char *deed = argc > 1 ? argv[1] : "";

	if (argc < 2 || words_read(argc - 2, argv + 2, &w) != 0)
		return usage_of("issuer");
	if (strcmp(deed, "list") == 0 && argc == 2)
		return list_show();
	if (strcmp(deed, "new") == 0 && w.name == NULL)
		return issuer_new(w.person, w.outside);
	if (strcmp(deed, "drop") == 0 && w.name != NULL && w.reason == NULL)
		return wish_drop(w.name);
	if (strcmp(deed, "activate") == 0 || strcmp(deed, "retire") == 0 ||
	    strcmp(deed, "revoke") == 0)
		return deed_do(deed, &w);
	return usage_of("issuer");
}

/* ---- CRLs ahead ---- */

static int
ahead_ask(const struct crl_ahead_wish *w, bool show, bool *open)
{
	struct fact_list list = { 0 };
	struct err e = { 0 };
	int r = ask_operator_crl_ahead(registrar(), w, &list, &e);

	*open = false;
	for (size_t i = 0; i < list.n_rows; i++) {
		*open = *open || !list.rows[i].good;
		if (show)
			printf("%s: %s\n", list.rows[i].what,
			    list.rows[i].text);
	}
	if (r == 0 && show && list.n_rows == 0)
		puts("no CRL is kept for later");
	NOUN_CLEAR(fact_list, &list);
	return r < 0 ? complain(&e) : 0;
}

/* Until all are made; the registrar makes them between its other work. */
static int
ahead_wait(void)
{
	struct crl_ahead_wish look = { 0 };
	struct timespec pause = { .tv_nsec = 200000000 };
	int64_t until = clock_mono_ms() + 600 * 1000;
	bool open = true;
	int status = 0;

	while (status == 0 && open && clock_mono_ms() < until) {
		status = ahead_ask(&look, false, &open);
		if (open)
			nanosleep(&pause, NULL);
	}
	if (status == 0)
		status = ahead_ask(&look, true, &open);
	return status == 0 && open ? complain_now(ERR_UNAVAILABLE,
	    "crl-ahead", "they are not all made yet: is the signer well?  See the log") :
	    status;
}

int
ctl_crl_ahead(int argc, char **argv)
{
	struct crl_ahead_wish w = { 0 };
	int status;
	bool open;

	if (argc == 1)
		return ahead_ask(&w, true, &open);
	if (argc != 5 || strcmp(argv[1], "--count") != 0 ||
	    strcmp(argv[3], "--every") != 0 ||
	    !number_parse(argv[2], 1000000, &w.count) || w.count < 1 ||
	    !number_parse(argv[4], 1000000, &w.hours))
		return usage_of("crl-ahead");
	if ((status = running_check()) != 0 ||
	    (status = ahead_ask(&w, false, &open)) != 0)
		return status;
	return ahead_wait();
}
