/* rsa.c - RSA moduli that must not be certified: small factors, primes and
 * powers, close primes (Fermat), and keys of the ROCA chips. */
#include "core/x509/spki.h"

#include <openssl/bn.h>

#include "core/base/mem.h"
#include "core/x509/rules.h"

#define SMALLEST_FACTOR 752
#define FERMAT_ROUNDS 100
#define ROCA_LAST 167		/* primes whose residues give the chips away */

struct work {
	BN_CTX *ctx;
	BIGNUM *n, *a, *b, *c;	/* n the modulus */
};

static bool
is_prime(unsigned v)
{
	for (unsigned d = 2; d * d <= v; d++)
		if (v % d == 0)
			return false;
	return v > 1;
}

static int
factor_check(const struct work *w, struct err *e)
{
	if (!BN_is_odd(w->n))
		return rule_broken(e, RULE_KEY_RSA_FACTOR, "The RSA modulus "
		    "is even; make a new key.");
	for (unsigned p = 3; p < SMALLEST_FACTOR; p += 2)
		if (is_prime(p) && BN_mod_word(w->n, p) == 0)
			return rule_broken(e, RULE_KEY_RSA_FACTOR, "The RSA "
			    "modulus can be divided by %u; make a new key.", p);
	return 0;
}

/* Is n mod p a power of 65537 mod p? */
static bool
roca_residue(BN_ULONG residue, unsigned p)
{
	unsigned v = 1;

	for (unsigned i = 0; i < p; i++) {
		if (v == residue)
			return true;
		v = v * (65537 % p) % p;
	}
	return false;
}

static int
roca_check(const struct work *w, struct err *e)
{
	for (unsigned p = 3; p <= ROCA_LAST; p += 2)
		if (is_prime(p) && !roca_residue(BN_mod_word(w->n, p), p))
			return 0;
	return rule_broken(e, RULE_KEY_RSA_ROCA, "The RSA key was made by a "
	    "chip whose keys can be computed (ROCA, CVE-2017-15361); make a "
	    "new key in software.");
}

static uint64_t
power_mod(uint64_t base, uint64_t exponent, uint64_t m)
{
	uint64_t v = 1;

	for (base %= m; exponent > 0; exponent >>= 1) {
		if (exponent & 1)
			v = v * base % m;
		base = base * base % m;
	}
	return v;
}

/* Could v be a k-th power?  Its residues say no at once for nearly all. */
static bool
maybe_power(const BIGNUM *v, unsigned k)
{
	unsigned tried = 0;

	for (uint64_t p = 2 * (uint64_t)k + 1; tried < 12; p += 2 * k) {
		BN_ULONG r;

		if (p >= 1u << 24 || !is_prime((unsigned)p))
			continue;
		tried++;
		r = BN_mod_word(v, (BN_ULONG)p);
		if (r != 0 && power_mod(r, (p - 1) / k, p) != 1)
			return false;
	}
	return true;
}

/* a = floor(v ^ (1/k)), by Newton from above; b and c are clobbered. */
static bool
root(struct work *w, const BIGNUM *v, unsigned k)
{
	if (!BN_set_word(w->a, 1) ||
	    !BN_lshift(w->a, w->a, BN_num_bits(v) / (int)k + 1))
		return false;
	for (;;) {
		/* b = ((k - 1) a + v / a^(k-1)) / k */
		if (!BN_copy(w->b, w->a))
			return false;
		for (unsigned i = 2; i < k; i++)
			if (!BN_mul(w->b, w->b, w->a, w->ctx))
				return false;
		if (!BN_div(w->b, NULL, v, w->b, w->ctx) ||
		    !BN_copy(w->c, w->a) || !BN_mul_word(w->c, k - 1) ||
		    !BN_add(w->b, w->b, w->c) ||
		    BN_div_word(w->b, k) == (BN_ULONG)-1)
			return false;
		if (BN_cmp(w->b, w->a) >= 0)
			return true;
		BN_swap(w->a, w->b);
	}
}

/* Is v = a ^ k for a whole number a? */
static bool
is_power(struct work *w, const BIGNUM *v, unsigned k)
{
	if (!maybe_power(v, k) || !root(w, v, k) || !BN_copy(w->b, w->a))
		return false;
	for (unsigned i = 1; i < k; i++)
		if (!BN_mul(w->b, w->b, w->a, w->ctx))
			return false;
	return BN_cmp(w->b, v) == 0;
}

static int
power_check(struct work *w, struct err *e)
{
	/* no factor below 752: the root has at least 10 bits */
	for (unsigned k = 2; k <= (unsigned)BN_num_bits(w->n) / 9; k++)
		if (is_prime(k) && is_power(w, w->n, k))
			return rule_broken(e, RULE_KEY_RSA_PRIME, "The RSA "
			    "modulus is a power of one number; make a new "
			    "key.");
	return 0;
}

/* 2^(n-1) = 1 mod n holds for primes, and for hardly anything else. */
static int
prime_check(struct work *w, struct err *e)
{
	BN_MONT_CTX *mont = BN_MONT_CTX_new();
	bool one = mont != NULL && BN_MONT_CTX_set(mont, w->n, w->ctx) &&
	    BN_sub(w->a, w->n, BN_value_one()) &&
	    BN_mod_exp_mont_word(w->b, 2, w->a, w->n, w->ctx, mont) &&
	    BN_is_one(w->b);

	BN_MONT_CTX_free(mont);
	if (one)
		return rule_broken(e, RULE_KEY_RSA_PRIME, "The RSA modulus is "
		    "itself a prime; make a new key.");
	return 0;
}

/* Could v be a square?  Six residues leave one in thousands. */
static bool
maybe_square(const BIGNUM *v)
{
	static const unsigned moduli[] = { 64, 63, 65, 11, 17, 19 };

	for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++) {
		unsigned m = moduli[i];
		BN_ULONG r = BN_mod_word(v, m);
		bool found = false;

		for (unsigned x = 0; x < m && !found; x++)
			found = x * x % m == r;
		if (!found)
			return false;
	}
	return true;
}

static int
fermat_check(struct work *w, struct err *e)
{
	BIGNUM *a = BN_new(), *rest = BN_new(), *step = BN_new();
	bool close = false;

	/* a = ceil(sqrt(n)); is a^2 - n a square?  (n is none itself.) */
	if (a == NULL || rest == NULL || step == NULL || !root(w, w->n, 2) ||
	    !BN_copy(a, w->a) || !BN_add_word(a, 1) ||
	    !BN_sqr(rest, a, w->ctx) || !BN_sub(rest, rest, w->n) ||
	    !BN_lshift1(step, a) || !BN_add_word(step, 1))
		goto out;
	for (int i = 0; i < FERMAT_ROUNDS && !close; i++) {
		close = maybe_square(rest) && root(w, rest, 2) &&
		    BN_sqr(w->b, w->a, w->ctx) && BN_cmp(w->b, rest) == 0;
		/* (a + 1)^2 - n = a^2 - n + 2a + 1 */
		if (!BN_add(rest, rest, step) || !BN_add_word(step, 2))
			break;
	}
out:
	BN_free(a);
	BN_free(rest);
	BN_free(step);
	if (close)
		return rule_broken(e, RULE_KEY_RSA_FERMAT, "The two primes of "
		    "the RSA key are so close that anybody can find them; "
		    "make a new key with another program.");
	return 0;
}

int
rsa_check(const struct spki *k, struct err *e)
{
	struct work w = { .ctx = BN_CTX_new(), .a = BN_new(), .b = BN_new(),
		.c = BN_new() };
	int rc = -1;

	w.n = BN_bin2bn(k->modulus.at, (int)k->modulus.left, NULL);
	if (w.ctx == NULL || w.n == NULL || w.a == NULL || w.b == NULL ||
	    w.c == NULL)
		err_set(e, ERR_BROKEN, "libcrypto(7)", "Out of memory.");
	else if (factor_check(&w, e) == 0 && roca_check(&w, e) == 0 &&
	    power_check(&w, e) == 0 && fermat_check(&w, e) == 0 &&
	    prime_check(&w, e) == 0)
		rc = 0;
	BN_free(w.n);
	BN_free(w.a);
	BN_free(w.b);
	BN_free(w.c);
	BN_CTX_free(w.ctx);
	return rc;
}
