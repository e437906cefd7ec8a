/* pem_fuzz.c - finding the request in a paste, and a private key in it. */
#include "fuzz.h"

#include "core/x509/intake.h"
#include "core/x509/keyoffer.h"
#include "core/x509/pem.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unarmoured u;
	struct err e = { 0 };
	struct blob b = { 0 }, spki = { 0 };

	if (pem_read(data, size, &u, &e) == 0) {
		CLAIM(u.der.size > 0 && u.der.size <= CSR_MAX);
		CLAIM(is_showable(u.repairs));
	} else {
		CLAIM(e.kind != ERR_NONE && is_showable(e.text));
		CLAIM(strncmp(e.clause, "csr-", 4) == 0);
	}
	blob_clear(&u.der);
	if (pem_body(data, size, "PRIVATE KEY", &b))
		CLAIM(key_offered_in(data, size, &spki));
	blob_clear(&b);
	blob_clear(&spki);
	key_offered_in(data, size, &spki);
	pem_body(data, size, NULL, &b);
	blob_clear(&b);
	blob_clear(&spki);
	return 0;
}
