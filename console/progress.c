/* progress.c - how far something long has come. */
#include "console/progress.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"

/* 10000 as "10,000". */
static void
count_text(char dst[32], int64_t n)
{
	char plain[24];
	size_t len, used = 0;

	snprintf(plain, sizeof plain, "%lld", (long long)(n < 0 ? 0 : n));
	len = strlen(plain);
	for (size_t i = 0; i < len && used < 30; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			dst[used++] = ',';
		dst[used++] = plain[i];
	}
	dst[used] = '\0';
}

static void
left_text(char dst[48], int64_t seconds)
{
	if (seconds >= 3600)
		snprintf(dst, 48, "%lld h %lld min left",
		    (long long)(seconds / 3600),
		    (long long)(seconds % 3600 / 60));
	else if (seconds >= 60)
		snprintf(dst, 48, "%lld min %lld s left",
		    (long long)(seconds / 60), (long long)(seconds % 60));
	else
		snprintf(dst, 48, "%lld s left", (long long)seconds);
}

void
progress_bar(char *dst, size_t size, int cols, int64_t done, int64_t total,
    int64_t since, int64_t now)
{
	char a[32], b[32], rate[32], left[48], bar[128];
	int64_t spent = now - since, full;
	struct buf text = { 0 };

	if (done > total)
		done = total;
	if (cols > 100)
		cols = 100;
	full = total > 0 ? done * cols / total : cols;
	for (int i = 0; i < cols; i++)
		bar[i] = i < full ? '#' : '.';
	bar[cols > 0 ? cols : 0] = '\0';
	count_text(a, done);
	count_text(b, total);
	if (cols > 0)
		buf_printf(&text, "[%s] ", bar);
	buf_printf(&text, "%s of %s (%lld %%)", a, b,
	    (long long)(total > 0 ? done * 100 / total : 100));
	if (spent < 1)
		spent = 1;
	if (done > 0) {
		count_text(rate, done / spent);
		buf_printf(&text, ", %s a second", rate);
	}
	if (done > 0 && done < total) {
		left_text(left, (total - done) * spent / done);
		buf_printf(&text, ", %s", left);
	}
	buf_put_u8(&text, '\0');
	snprintf(dst, size, "%s", (char *)text.data);
	buf_clear(&text);
}

void
progress_text(char *dst, size_t size, int64_t done, int64_t total,
    int64_t since, int64_t now)
{
	progress_bar(dst, size, 20, done, total, since, now);
}

void
plan_criteria_text(char *dst, size_t size,
    const struct revocation_criteria *c)
{
	char when[TIME_TEXT_SIZE];
	struct buf b = { 0 };

	if (c->domain[0] != '\0')
		buf_printf(&b, ", for %s and below", c->domain);
	if (c->account[0] != '\0')
		buf_printf(&b, ", of %s", c->account);
	if (c->method[0] != '\0')
		buf_printf(&b, ", proven by %s", c->method);
	time_text(when, c->issued_after);
	if (c->issued_after != 0)
		buf_printf(&b, ", issued from %s", when);
	time_text(when, c->issued_before);
	if (c->issued_before != 0)
		buf_printf(&b, ", issued before %s", when);
	if (c->key[0] != '\0')
		buf_printf(&b, ", with the key %s", c->key);
	render_untrusted(dst, size, b.size > 2 ? b.data + 2 : b.data,
	    b.size > 2 ? b.size - 2 : 0);
	buf_clear(&b);
}
