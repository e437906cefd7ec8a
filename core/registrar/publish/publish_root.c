/* publish_root.c - the CRLs of a trial's own roots, which the issuers'
 * certificates name; an outside root publishes its own. */
#include "core/registrar/publish/publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/publish/crl_file.h"
#include "core/registrar/db.h"
#include "core/registrar/kept.h"
#include "core/wire/ask.h"


static struct root {
	const char *name;		/* as the signer calls it */
	const char *state;		/* of setting: "NUMBER THISUPDATE" */
	bool outside;			/* the signer does not hold it */
	int64_t due;			/* 0: look */
} roots[] = {
	{ .name = "root", .state = "root-crl" },
	{ .name = "root-person", .state = "root-person-crl" },
};
#define ROOTS (sizeof roots / sizeof roots[0])

static bool again;		/* what they list has changed */

static int
state_load(const struct root *t, int64_t *number, int64_t *at,
    struct err *e)
{
	char value[64];
	int r = kept_text(t->state, value, sizeof value, e);

	if (sscanf(value, "%" SCNd64 " %" SCNd64, number, at) != 2)
		*number = *at = 0;
	return r < 0 ? -1 : 0;
}

static int
state_store(const struct root *t, int64_t number, int64_t at, bool told,
    struct err *e)
{
	char value[64];

	if (db_begin(e) < 0)
		return -1;
	snprintf(value, sizeof value, "%lld %lld", (long long)number,
	    (long long)at);
	if (kept_text_set(t->state, value, e) == 0 && (!told || audit_add(NULL, "crl.publish",
	    "issuer", t->name, OUTCOME_DONE, e, "number %lld",
	    (long long)number) == 0))
		return db_commit(e);
	db_rollback();
	return -1;
}

static int
file_write(const struct root *t, const struct blob *der, struct err *e)
{
	struct crl_file *f = crl_file_new(t->name, 0, e);
	int r;

	if (f == NULL)
		return -1;
	r = crl_file_put(f, der->data, der->size, e) < 0 ||
	    crl_file_finish(f, e) < 0 ? -1 : 0;
	crl_file_free(f);
	return r;
}

/* The number is kept before it is used; 0 also when there is no root here. */
static int
root_make(struct root *t, int64_t number, int64_t at, struct err *e)
{
	struct crl_wish w = { .number = number + 1,
		.this_update = clock_now() };
	struct line *l = signer_line(e);
	struct text der = { 0 };
	int r = -1;

	if (l == NULL || state_store(t, w.number, at, false, e) < 0)
		return -1;
	str_copy(w.issuer, sizeof w.issuer, t->name);
	l->timeout_ms = SIGNER_PUBLISH_MS;
	w.next_update = w.this_update + crl_life();
	if (ask_sign_crl(l, &w, &der, e) < 0) {
		if (e->kind != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		t->outside = true;
		return 0;
	}
	if (file_write(t, &der.text, e) == 0 &&
	    state_store(t, w.number, w.this_update, true, e) == 0) {
		t->due = w.this_update + crl_period();
		log_info("crl issuer=%s number=%lld", t->name,
		    (long long)w.number);
		r = 0;
	}
	NOUN_CLEAR(text, &der);
	return r;
}

static int
one_round(struct root *t, struct err *e)
{
	int64_t number = 0, at = 0, now = clock_now();
	char path[CONF_PATH_SIZE];

	if (t->outside || (t->due > now && t->due <= now + crl_period()))
		return 0;
	if (state_load(t, &number, &at, e) < 0)
		return -1;
	published_path(path, "crl", t->name, ".crl");
	if (!again && at > 0 && at <= now && at + crl_period() > now &&
	    access(path, R_OK) == 0) {
		t->due = at + crl_period();
		return 0;
	}
	return root_make(t, number, at, e);
}

int
root_crl_round(struct err *e)
{
	for (size_t i = 0; i < ROOTS; i++)
		if (one_round(&roots[i], e) < 0)
			return -1;
	again = false;
	return 0;
}

void
root_crl_again(void)
{
	for (size_t i = 0; i < ROOTS; i++) {
		roots[i].outside = false;
		roots[i].due = 0;
	}
}

void
root_crl_changed(void)
{
	root_crl_again();
	again = true;
}

static void
one_fact(struct fact_list *list, const struct root *t)
{
	int64_t number = 0, at = 0;
	char until[TIME_TEXT_SIZE];
	struct fact *f = NULL;

	if (t->outside || state_load(t, &number, &at, NULL) < 0 ||
	    number == 0 || (at == 0 && t != &roots[0]))
		return;
	f = LIST_ADD(list, rows);
	str_copy(f->what, sizeof f->what, t == &roots[0] ?
	    "CRL of the trial's root" : "CRL of the trial's root for people");
	time_text(until, at == 0 ? 0 : at + crl_life());
	f->good = at != 0 && at + crl_period() + 3600 > clock_now();
	snprintf(f->text, sizeof f->text, "number %lld, counts until %s",
	    (long long)number, until);
}

void
root_crl_fact(struct fact_list *list)
{
	for (size_t i = 0; i < ROOTS; i++)
		one_fact(list, &roots[i]);
}

bool
root_crl_times(size_t i, const char **name, int64_t *at, int64_t *renew)
{
	int64_t number = 0;

	*at = *renew = 0;
	if (i >= ROOTS)
		return false;
	*name = roots[i].name;
	if (!roots[i].outside &&
	    state_load(&roots[i], &number, at, NULL) == 0 && number > 0)
		*renew = *at == 0 ? 1 : *at + crl_period();
	return true;
}
