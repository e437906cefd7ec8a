/* report_show.c - the figures of a report by sections and in words. */
#include "console/report_show.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/money.h"

static const char *const certificates[] = { "issued", "active", "expired",
	"revoked", NULL };
static const char *const people[] = { "members", "domains", "requests",
	"pending", NULL };
static const char *const service[] = { "service", "alarms", NULL };
static const char *const experience[] = { "mailbox", "refused", NULL };
static const char *const money[] = { "cost", "income", "fees", "budget",
	"balance", NULL };
static const char *const ledger[] = { "ledger", NULL };

const struct report_section report_sections[] = {
	{ "Certificates", certificates },
	{ "Members and requests", people },
	{ "Service", service },
	{ "Experience: codes by mailbox, refusals by rule", experience },
	{ "Money", money },
	{ "Every line of the ledger", ledger },
};
const size_t n_report_sections = sizeof report_sections /
    sizeof report_sections[0];

bool
figure_in(const struct figure *f, const struct report_section *s)
{
	for (size_t i = 0; s->prefixes[i] != NULL; i++) {
		size_t n = strlen(s->prefixes[i]);

		if (strncmp(f->name, s->prefixes[i], n) == 0 &&
		    (f->name[n] == '\0' || f->name[n] == '.'))
			return true;
	}
	return false;
}

static const struct {
	const char *name, *words;
} labels[] = {
	{ "issued", "issued" },
	{ "issued.new", "  new" },
	{ "issued.renewed", "  renewed" },
	{ "active", "active at the end" },
	{ "members", "members at the end" },
	{ "members.joined", "  joined" },
	{ "members.left", "  left" },
	{ "domains", "domains proven at the end" },
	{ "pending", "requests pending at the end" },
	{ "requests.refused", "requests refused" },
	{ "requests.withdrawn", "requests withdrawn" },
	{ "service.decision.count", "requests decided" },
	{ "service.decision.p50", "  half within" },
	{ "service.decision.p90", "  nine of ten within" },
	{ "service.revocation.count", "revocations in effect" },
	{ "service.revocation.p50", "  half within" },
	{ "service.revocation.p90", "  nine of ten within" },
	{ "service.crl.published", "CRLs published" },
	{ "service.crl.longest-gap", "  longest time between two" },
	{ "service.crl.late", "  a CRL was late for" },
	{ "service.answers.late", "OCSP answers were late for" },
};

void
figure_label(char *dst, size_t size, const struct figure *f)
{
	char part[64];
	char *dot = NULL;

	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		if (strcmp(labels[i].name, f->name) == 0) {
			snprintf(dst, size, "%s", labels[i].words);
			return;
		}
	str_copy(part, sizeof part, f->name);
	if (strncmp(part, "revoked.", 8) == 0)
		snprintf(dst, size, "  %s", part + 8);
	else if (strncmp(part, "refused.", 8) == 0)
		snprintf(dst, size, "refused: %s", part + 8);
	else if (strncmp(part, "ledger.", 7) == 0)
		snprintf(dst, size, "%.*s", 80, f->note[0] ? f->note :
		    f->name);
	else {
		while ((dot = strchr(part, '.')) != NULL ||
		    (dot = strchr(part, '-')) != NULL)
			*dot = ' ';
		snprintf(dst, size, "%s", part);
	}
}

void
figure_value(char *dst, size_t size, const struct figure *f)
{
	char shown[MONEY_SIZE];
	long long v = f->value;

	if (currency_digits(f->unit) >= 0) {
		money_text(shown, f->value, f->unit);
		snprintf(dst, size, "%s %s", shown, f->unit);
	} else if (strcmp(f->unit, "s") != 0) {
		snprintf(dst, size, "%lld", v);
	} else if (v < 60) {
		snprintf(dst, size, "%lld s", v);
	} else if (v < 3600) {
		snprintf(dst, size, "%lld min %lld s", v / 60, v % 60);
	} else if (v < 86400) {
		snprintf(dst, size, "%lld h %lld min", v / 3600, v % 3600 / 60);
	} else {
		snprintf(dst, size, "%lld d %lld h", v / 86400, v % 86400 / 3600);
	}
}

void
report_state(char *dst, size_t size, const struct report *r)
{
	char when[TIME_TEXT_SIZE];

	if (r->submitted != 0) {
		time_text(when, r->submitted);
		snprintf(dst, size, "submitted to the Board by %s, %s",
		    r->submitted_by, when);
	} else if (r->draft) {
		time_text(when, r->made);
		snprintf(dst, size, "a draft: the quarter is not over; as of %s",
		    when);
	} else {
		snprintf(dst, size, "not submitted yet");
	}
}

int64_t
section_most(const struct report *r, const struct report_section *s)
{
	int64_t most = 0;

	for (size_t i = 0; i < r->n_figures; i++)
		if (figure_in(&r->figures[i], s) &&
		    r->figures[i].unit[0] == '\0' &&
		    r->figures[i].value > most)
			most = r->figures[i].value;
	return most;
}
