/* quarter.c - quarters of a year, as people write them and as seconds. */
#include "core/registrar/report/quarter.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/text.h"

static int64_t
month_begin(int64_t year, int64_t month)
{
	char text[32];
	int64_t at = 0;

	snprintf(text, sizeof text, "%04lld-%02lld-01", (long long)year,
	    (long long)month);
	return time_parse(text, &at) < 0 ? 0 : at;
}

int
quarter_parse(const char *text, int64_t *number, struct err *e)
{
	size_t n = strlen(text), digits = strspn(text, "0123456789");
	const char *q = text + digits;
	int64_t year = 0;

	if (digits == 4 && *q == '-')
		q++;
	for (size_t i = 0; i < 4 && digits == 4; i++)
		year = year * 10 + (text[i] - '0');
	if (digits != 4 || (*q != 'Q' && *q != 'q') || q[1] < '1' ||
	    q[1] > '4' || q[2] != '\0' || n > 7 || year < 2000 || year > 2999)
		return err_set(e, ERR_BAD_INPUT, "report-quarter",
		    "\"%.20s\" is no quarter; write it as 2026Q3", text);
	*number = 4 * year + (q[1] - '1');
	return 0;
}

/* number: not below zero */
void
quarter_text(char dst[QUARTER_SIZE], int64_t number)
{
	int64_t year = number / 4 % 10000;

	for (int i = 3; i >= 0; i--, year /= 10)
		dst[i] = (char)('0' + year % 10);
	dst[4] = 'Q';
	dst[5] = (char)('1' + number % 4);
	dst[6] = '\0';
}

int64_t
quarter_begin(int64_t number)
{
	return month_begin(number / 4, number % 4 * 3 + 1);
}

int64_t
year_begin(int64_t year)
{
	return month_begin(year, 1);
}

int64_t
year_of(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	return gmtime_r(&t, &tm) == NULL ? 1970 : tm.tm_year + 1900;
}

int64_t
quarter_of(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	return gmtime_r(&t, &tm) == NULL ? 0 :
	    4 * (int64_t)(tm.tm_year + 1900) + tm.tm_mon / 3;
}
