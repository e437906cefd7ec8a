/* marks.c - what the operator decided about an issuer, as small files of ca/:
 * which one issues, which is retired, which was revoked by its root. */
#include "core/signer/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/signer/serve_parts.h"

#define MARK_MAX 4096

static const char *
active_file(bool person)
{
	return person ? "active-person" : "active-server";
}

/* The first word of a mark, or "" when there is none; -1 unreadable. */
static int
mark_read(const struct signer *s, const char *name, const char *behind,
    char *dst, size_t size, struct err *e)
{
	char path[CONF_PATH_SIZE];
	struct blob b = { 0 };
	size_t n;

	dst[0] = '\0';
	if (sign_path(s, path, "", name, behind) < 0)
		return -1;
	if (access(path, F_OK) < 0)
		return 0;
	if (file_read(path, MARK_MAX, &b, e) < 0)
		return -1;
	n = b.size < size - 1 ? b.size : size - 1;
	if (n > 0)
		memcpy(dst, b.data, n);
	dst[n] = '\0';
	dst[strcspn(dst, "\n")] = '\0';
	blob_clear(&b);
	return 1;
}

int
sign_marks_load(struct signer *s, struct sign_issuer *i, struct err *e)
{
	char text[96], *end = NULL;
	int r;

	if ((r = mark_read(s, i->name, ".retired", text, sizeof text, e)) < 0)
		return -1;
	i->retired = r == 1;
	if ((r = mark_read(s, i->name, ".revoked", text, sizeof text, e)) < 0)
		return -1;
	i->revoked = r == 1;
	/* "SECONDS REASON"; an empty file made by hand says the fact alone */
	i->revoked_at = strtoll(text, &end, 10);
	while (end != NULL && *end == ' ')
		end++;
	r = end != NULL ? word_parse(&reason_words, end) : -1;
	i->reason = r < 0 ? REASON_UNSPECIFIED : (enum reason)r;
	if (i->revoked && i->revoked_at <= 0)
		i->revoked_at = clock_now();
	return 0;
}

int
sign_active_load(struct signer *s, struct err *e)
{
	for (int p = 0; p < 2; p++)
		if (mark_read(s, active_file(p == 1), "", s->active[p],
		    sizeof s->active[p], e) < 0)
			return -1;
	return 0;
}

/* ---- the operator's deeds ---- */

static int
mark_write(struct signer *s, const char *name, const char *behind,
    const char *text, struct err *e)
{
	char path[CONF_PATH_SIZE];

	if (sign_path(s, path, "", name, behind) < 0)
		return err_set(e, ERR_BAD_INPUT, "path", "path too long");
	return file_replace(path, text, strlen(text), 0600, e);
}

static int
deed_activate(struct signer *s, struct sign_issuer *i, struct err *e)
{
	time_t t = (time_t)clock_now();
	char text[80];

	if (i->certificate == NULL)
		return err_set(e, ERR_CONFLICT, "issuer-pending",
		    "%s waits for its certificate: `xmpp-icactl import` first",
		    i->name);
	if (i->revoked || i->retired)
		return err_set(e, ERR_CONFLICT, "issuer-retired",
		    "%s is %s and never issues again: make a new one with "
		    "`xmpp-icactl issuer new`", i->name,
		    i->revoked ? "revoked" : "retired");
	if (X509_cmp_time(X509_get0_notBefore(i->certificate), &t) > 0 ||
	    X509_cmp_time(X509_get0_notAfter(i->certificate), &t) < 0)
		return err_set(e, ERR_CONFLICT, "issuer-expired",
		    "%s is not valid now: look at its dates and at this "
		    "host's clock", i->name);
	snprintf(text, sizeof text, "%s\n", i->name);
	if (mark_write(s, active_file(i->person), "", text, e) < 0)
		return -1;
	str_copy(s->active[i->person], sizeof s->active[i->person], i->name);
	return 0;
}

static int
deed_retire(struct signer *s, struct sign_issuer *i, struct err *e)
{
	char text[32];

	if (i->retired)
		return 0;
	snprintf(text, sizeof text, "%lld\n", (long long)clock_now());
	if (mark_write(s, i->name, ".retired", text, e) < 0)
		return -1;
	i->retired = true;
	return 0;
}

static int
deed_revoke(struct signer *s, struct sign_issuer *i, enum reason reason,
    struct err *e)
{
	int64_t now = clock_now();
	char text[64];

	if (i->certificate == NULL)
		return err_set(e, ERR_CONFLICT, "issuer-pending",
		    "%s has no certificate that could be revoked", i->name);
	if (reason == REASON_HOLD || reason == REASON_REMOVE ||
	    reason == REASON_UNUSED_7)
		return err_set(e, ERR_BAD_INPUT, "reason-not-allowed",
		    "an issuer is revoked for ever: give another reason");
	if (i->revoked)
		return 0;
	snprintf(text, sizeof text, "%lld %s\n", (long long)now,
	    word_of(&reason_words, reason));
	if (mark_write(s, i->name, ".revoked", text, e) < 0)
		return -1;
	i->revoked = true;
	i->revoked_at = now;
	i->reason = reason;
	return 0;
}

int
sign_issuer_do(struct signer *s, const struct issuer_deed *a, struct err *e)
{
	struct sign_issuer *i = sign_issuer_named(s, a->name);
	int done;

	if (i == NULL)
		return err_set(e, ERR_NOT_FOUND, "issuer-none",
		    "there is no issuer \"%s\"; `xmpp-icactl issuer list` "
		    "shows them", a->name);
	done = strcmp(a->deed, "activate") == 0 ? deed_activate(s, i, e) :
	    strcmp(a->deed, "retire") == 0 ? deed_retire(s, i, e) :
	    strcmp(a->deed, "revoke") == 0 ? deed_revoke(s, i, a->reason, e) :
	    err_set(e, ERR_BAD_INPUT, "issuer-deed",
	    "an issuer is activated, retired or revoked, not \"%s\"",
	    a->deed);
	if (done == 0)
		log_info("issuer name=%s deed=%s state=%s", i->name, a->deed,
		    sign_issuer_state(s, i));
	return done;
}

int
serve_sign_issuer_deed(struct seat *seat, const struct issuer_deed *a,
    struct none *r, struct err *e)
{
	struct signer *s = &signer_self;
	const struct sign_issuer *i = sign_issuer_named(s, a->name);

	(void)seat;
	(void)r;
	if (strcmp(a->deed, "reload") == 0) {
		s->ending = true;	/* whoever started us starts us again */
		return 0;
	}
	if (i != NULL && issuer_deed_unsigned(s, a, i->person, e) < 0)
		return -1;
	return sign_issuer_do(s, a, e);
}
