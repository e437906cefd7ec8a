/* ocsp_read.c - the OCSP request of a stranger, read within its bounds and
 * without one allocation (RFC 6960 4.1.1). */
#include "core/x509/ocsp.h"

#include <string.h>

#include "core/x509/der.h"

static const uint8_t oid_sha1[] = { 0x2b, 0x0e, 0x03, 0x02, 0x1a };
static const uint8_t oid_sha256[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
	0x04, 0x02, 0x01 };
static const uint8_t oid_nonce[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07,
	0x30, 0x01, 0x02 };
#define NONCE_MAX 128

static bool
is(const struct der *d, const void *bytes, size_t size)
{
	return d->left == size && memcmp(d->at, bytes, size) == 0;
}

/* AlgorithmIdentifier; a hash that we keep no answers for is `several`: that
 * is answered alike. */
static bool
hash_read(struct der *certid, struct ocsp_request *out, size_t *hash_size)
{
	struct der algorithm, oid, nothing;

	if (!der_take(certid, DER_SEQUENCE, &algorithm) ||
	    !der_take(&algorithm, DER_OID, &oid) || oid.left == 0)
		return false;
	if (algorithm.left > 0 && (!der_take(&algorithm, DER_NULL,
	    &nothing) || nothing.left > 0 || algorithm.left > 0))
		return false;
	*hash_size = 0;
	if (is(&oid, oid_sha1, sizeof oid_sha1)) {
		out->hash = CERTID_SHA1;
		*hash_size = 20;
	} else if (is(&oid, oid_sha256, sizeof oid_sha256)) {
		out->hash = CERTID_SHA256;
		*hash_size = 32;
	} else {
		out->several = true;
	}
	return true;
}

static bool
certid_read(struct der *request, struct ocsp_request *out)
{
	struct der certid, name, key, serial;
	size_t size;

	if (!der_take(request, DER_SEQUENCE, &certid) ||
	    !hash_read(&certid, out, &size) ||
	    !der_take(&certid, DER_OCTETS, &name) ||
	    !der_take(&certid, DER_OCTETS, &key) ||
	    !der_take(&certid, DER_INTEGER, &serial) || certid.left > 0)
		return false;
	if (serial.left == 0 || serial.left > SERIAL_MAX)
		return false;
	if (size == 0)
		return true;
	if (name.left != size || key.left != size)
		return false;
	memcpy(out->name_hash, name.at, size);
	memcpy(out->key_hash, key.at, size);
	memcpy(out->serial, serial.at, serial.left);
	out->serial_size = serial.left;
	return true;
}

/* A value by context whose inside does not matter. */
static bool
skip(struct der *d, uint8_t tag)
{
	struct der inside;

	return !der_next_is(d, tag) || der_take(d, tag, &inside);
}

/* RFC 9654 2.1: a nonce of no octets or of more than 128 makes the request
 * malformed; one of 1 to 128 is read and not answered (RFC 5019). */
static bool
nonce_read(const struct der *value)
{
	struct der rest = *value, nonce;

	return der_take(&rest, DER_OCTETS, &nonce) && rest.left == 0 &&
	    nonce.left > 0 && nonce.left <= NONCE_MAX;
}

static bool
extension_read(struct der *extension)
{
	struct der oid, value;

	if (!der_take(extension, DER_OID, &oid) || oid.left == 0)
		return false;
	if (der_next_is(extension, DER_BOOLEAN) &&
	    !der_take(extension, DER_BOOLEAN, &value))
		return false;
	if (!der_take(extension, DER_OCTETS, &value) || extension->left > 0)
		return false;
	return !is(&oid, oid_nonce, sizeof oid_nonce) || nonce_read(&value);
}

/* requestExtensions: of them the nonce alone means something here. */
static bool
extensions_read(struct der *tbs)
{
	struct der inside, list, extension;

	if (!der_next_is(tbs, DER_CONTEXT + 2))
		return true;
	if (!der_take(tbs, DER_CONTEXT + 2, &inside) ||
	    !der_take(&inside, DER_SEQUENCE, &list) || inside.left > 0)
		return false;
	while (list.left > 0)
		if (!der_take(&list, DER_SEQUENCE, &extension) ||
		    !extension_read(&extension))
			return false;
	return true;
}

static bool
list_read(struct der *list, struct ocsp_request *out)
{
	struct der request;

	if (!der_take(list, DER_SEQUENCE, &request) ||
	    !certid_read(&request, out) || !skip(&request, DER_CONTEXT + 0) ||
	    request.left > 0)
		return false;
	if (list->left > 0)
		out->several = true;
	while (list->left > 0)
		if (!der_take(list, DER_SEQUENCE, &request))
			return false;
	return true;
}

int
ocsp_request_read(const uint8_t *der, size_t size, struct ocsp_request *out)
{
	struct der all = { der, size }, outer, tbs, version, number, list;

	memset(out, 0, sizeof *out);
	if (size > OCSP_REQUEST_MAX || !der_take(&all, DER_SEQUENCE, &outer) ||
	    all.left > 0 || !der_take(&outer, DER_SEQUENCE, &tbs) ||
	    !skip(&outer, DER_CONTEXT + 0) || outer.left > 0)
		return -1;
	if (der_next_is(&tbs, DER_CONTEXT + 0) &&
	    (!der_take(&tbs, DER_CONTEXT + 0, &version) ||
	    !der_take(&version, DER_INTEGER, &number) || version.left > 0 ||
	    !is(&number, "", 1)))
		return -1;		/* v1 alone exists */
	if (!skip(&tbs, DER_CONTEXT + 1) ||
	    !der_take(&tbs, DER_SEQUENCE, &list) ||
	    !extensions_read(&tbs) || tbs.left > 0 ||
	    !list_read(&list, out))
		return -1;
	return 0;
}
