/* money.c - amounts read strictly and shown, in minor units of a currency. */
#include "core/model/money.h"

#include <stdio.h>
#include <string.h>

/* ISO 4217, by the digits behind the point. */
static const char *const codes[] = {
	"BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
	"",
	"AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL"
	" BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD"
	" EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF"
	" IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD"
	" MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK"
	" NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK"
	" SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD"
	" TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW",
	"BHD IQD JOD KWD LYD OMR TND",
};

int
currency_digits(const char *code)
{
	if (strlen(code) != 3 || strchr(code, ' ') != NULL)
		return -1;
	for (int d = 0; d < 4; d++)
		for (const char *at = codes[d]; *at != '\0';
		    at += at[3] == '\0' ? 3 : 4)
			if (strncmp(at, code, 3) == 0)
				return d;
	return -1;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whole digits to the point; false when there is none or a zero leads. */
static size_t
whole_length(const char *text)
{
	size_t n = 0;

	while (is_digit(text[n]))
		n++;
	return n > 1 && text[0] == '0' ? 0 : n;
}

static int
amount_bad(const char *text, struct err *e)
{
	if (text[0] == '-')
		return err_set(e, ERR_BAD_INPUT, "cost-amount",
		    "%.40s is below zero; amounts are above it, and `cost reverse N` takes a line back",
		    text);
	return err_set(e, ERR_BAD_INPUT, "cost-amount",
	    "\"%.40s\" is no amount; write digits and a point, as 12.50, without signs, blanks or commas",
	    text);
}

int
money_parse(const char *text, const char *currency, bool may_be_zero,
    int64_t *minor, struct err *e)
{
	int digits = currency_digits(currency);
	size_t whole = whole_length(text), behind = 0;
	int64_t v = 0;

	if (digits < 0)
		return err_set(e, ERR_BAD_INPUT, "cost-currency",
		    "\"%.8s\" is no currency of ISO 4217; write its three capitals, as EUR or USD",
		    currency);
	if (whole == 0)
		return amount_bad(text, e);
	if (text[whole] == '.')
		while (is_digit(text[whole + 1 + behind]))
			behind++;
	if (text[whole + (text[whole] == '.') + behind] != '\0' ||
	    (text[whole] == '.' && behind == 0))
		return amount_bad(text, e);
	if (behind != 0 && behind != (size_t)digits)
		return err_set(e, ERR_BAD_INPUT, "cost-digits",
		    "%.40s has %zu digit%s behind the point; %s has %d, as in %s",
		    text, behind, behind == 1 ? "" : "s", currency, digits,
		    digits == 0 ? "12" : digits == 2 ? "12.50" : "12.500");
	for (size_t i = 0; i < whole + (behind ? 1 + behind : 0); i++) {
		if (text[i] == '.')
			continue;
		v = v * 10 + (text[i] - '0');
		if (v > MONEY_MAX)
			goto large;
	}
	for (int i = 0; behind == 0 && i < digits; i++)
		v *= 10;
	if (v > MONEY_MAX)
		goto large;
	if (v == 0 && !may_be_zero)
		return err_set(e, ERR_BAD_INPUT, "cost-amount",
		    "an amount of nothing is no line of a ledger");
	*minor = v;
	return 0;
large:
	return err_set(e, ERR_BAD_INPUT, "cost-large",
	    "%.40s %s is more than this ledger takes; was a digit typed too many?",
	    text, currency);
}

void
money_text(char dst[MONEY_SIZE], int64_t minor, const char *currency)
{
	int digits = currency_digits(currency);
	uint64_t u = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
	char behind[8] = "";

	for (int i = digits; i > 0; i--, u /= 10)
		behind[i] = (char)('0' + u % 10);
	if (digits > 0)
		behind[0] = '.';
	snprintf(dst, MONEY_SIZE, "%s%llu%s", minor < 0 ? "-" : "",
	    (unsigned long long)u, behind);
}

int64_t
money_share(int64_t a, int64_t n)
{
	uint64_t u = a < 0 ? -(uint64_t)a : (uint64_t)a, d = (uint64_t)n;
	uint64_t q;

	if (n <= 0)
		return 0;
	q = u / d + (u % d >= d - u % d);
	return a < 0 ? -(int64_t)q : (int64_t)q;
}
