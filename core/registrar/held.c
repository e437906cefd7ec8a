/* held.c - for how long the one loop was held, and by what. */
#include "core/registrar/held.h"

#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/log.h"

#define KINDS 32
#define LOUD_US 250000		/* a person notices */
#define WINDOW_MS 300000	/* the longest of the last 5 to 10 minutes */

static struct kind {
	const char *name;	/* NULL: free */
	int64_t cpu_us;
	int64_t most_us, most_before_us;	/* this window's, the last one's */
} kinds[KINDS];
static int64_t window_ms;	/* when this window began */

static int64_t
micros(clockid_t clock)
{
	struct timespec t = { 0 };

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
window_turn(void)
{
	int64_t now = clock_mono_ms(), age = now - window_ms;

	if (age < WINDOW_MS)
		return;
	for (int i = 0; i < KINDS; i++) {
		kinds[i].most_before_us = age < 2 * WINDOW_MS ?
		    kinds[i].most_us : 0;
		kinds[i].most_us = 0;
	}
	window_ms = now;
}

/* The last place takes what finds none. */
static struct kind *
kind_of(const char *name)
{
	struct kind *k = kinds;

	while (k < kinds + KINDS - 1 && k->name != NULL &&
	    strcmp(k->name, name) != 0)
		k++;
	if (k->name == NULL)
		k->name = name;
	return k;
}

struct held
held_begin(void)
{
	return (struct held){ .wall_us = micros(CLOCK_MONOTONIC),
		.cpu_us = micros(CLOCK_THREAD_CPUTIME_ID) };
}

void
held_end(const struct held *h, const char *kind, const char *name)
{
	int64_t wall = micros(CLOCK_MONOTONIC) - h->wall_us;
	int64_t cpu = micros(CLOCK_THREAD_CPUTIME_ID) - h->cpu_us;
	struct kind *k = kind_of(kind);

	window_turn();
	k->cpu_us += cpu;
	if (wall > k->most_us)
		k->most_us = wall;
	if (wall >= LOUD_US)
		log_info("everybody waited %lld ms (%lld ms of it CPU) for: %s%s%s",
		    (long long)(wall / 1000), (long long)(cpu / 1000), kind,
		    name[0] != '\0' ? " " : "", name);
}

static int64_t
most_of(const struct kind *k)
{
	return k->most_us > k->most_before_us ? k->most_us :
	    k->most_before_us;
}

static void
rows_put(struct buf *b, const char *metric, const char *type,
    int64_t (*value)(const struct kind *))
{
	buf_printf(b, "# TYPE xmpp_ica_loop_%s %s\n", metric, type);
	for (int i = 0; i < KINDS && kinds[i].name != NULL; i++) {
		int64_t us = value(&kinds[i]);

		buf_printf(b, "xmpp_ica_loop_%s{by=\"%s\"} %lld.%06lld\n",
		    metric, kinds[i].name, (long long)(us / 1000000),
		    (long long)(us % 1000000));
	}
}

static int64_t
cpu_of(const struct kind *k)
{
	return k->cpu_us;
}

void
held_metrics(struct buf *b)
{
	window_turn();
	rows_put(b, "held_seconds_most", "gauge", most_of);
	rows_put(b, "cpu_seconds_total", "counter", cpu_of);
}
