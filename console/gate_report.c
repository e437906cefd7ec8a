/*
 * gate_report.c - failed logins and dropped connections, added up by source
 * and told to the registrar in batches, so that a flood makes few audit rows.
 */
#include "console/gate.h"

#include <stdio.h>
#include <string.h>

#include "core/base/log.h"
#include "core/wire/ask.h"

#define EVENTS_MAX 32

static struct gate_event events[EVENTS_MAX];
static size_t n_events;

static struct gate_event *
event_find(const char *source, const char *what)
{
	for (size_t i = 0; i < n_events; i++)
		if (strcmp(events[i].source, source) == 0 &&
		    strcmp(events[i].what, what) == 0)
			return &events[i];
	return NULL;
}

static void
event_add(const char *source, const char *what)
{
	struct gate_event *x = event_find(source, what);

	if (x == NULL && n_events < EVENTS_MAX) {
		x = &events[n_events++];
		memset(x, 0, sizeof *x);
		snprintf(x->source, sizeof x->source, "%s", source);
		snprintf(x->what, sizeof x->what, "%s", what);
	}
	if (x != NULL)
		x->count++;
}

/* The last places are for the rest, whoever they are. */
void
report_count(const struct source *s, const char *what)
{
	if (event_find(s->text, what) == NULL && n_events >= EVENTS_MAX - 8)
		event_add("others", what);
	else
		event_add(s->text, what);
}

void
report_flush(struct gate *g)
{
	struct none nothing = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < n_events; i++)
		log_info("%s source=%s count=%lld", events[i].what,
		    events[i].source, (long long)events[i].count);
	for (size_t i = 0; i < n_events && registrar_up(g); i++)
		if (ask_gate_report(&g->registrar, &events[i], &nothing,
		    &e) < 0)
			log_warn("report: %s", e.text);
	n_events = 0;
}
