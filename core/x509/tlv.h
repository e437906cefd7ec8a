/*
 * tlv.h - values of any tag out of DER, values inside values into it, and the
 * object identifiers that requests and certificates are made of.
 */
#ifndef X509_TLV_H
#define X509_TLV_H

#include "core/x509/der.h"

enum tlv_tag {
	TLV_BOOLEAN = 0x01,
	TLV_UTF8 = 0x0c,
	TLV_PRINTABLE = 0x13,
	TLV_T61 = 0x14,
	TLV_IA5 = 0x16,
	TLV_UNIVERSAL = 0x1c,
	TLV_BMP = 0x1e,
	TLV_SET = 0x31,
};

struct tlv {
	uint8_t tag;
	struct der content;
	struct der whole;	/* with tag and length */
};

/* Take the next value whatever its tag; false (d unchanged) for a tag number
 * above 30 or a bad length. */
bool tlv_take(struct der *d, struct tlv *out);
/* Take a value of this tag and keep its whole bytes too. */
bool tlv_take_tag(struct der *d, uint8_t tag, struct tlv *out);

/* Begin a value of unknown size; tlv_close() with the mark that came back
 * puts the length in. */
size_t tlv_open(struct buf *b, uint8_t tag);
void tlv_close(struct buf *b, size_t mark);

/* Are these the content's bytes? */
bool der_is(const struct der *d, const void *bytes, size_t size);

/* An OID's content: enough for those that are known here. */
struct oid {
	uint8_t size;
	uint8_t bytes[11];
};

bool oid_is(const struct der *d, const struct oid *oid);
/* OBJECT IDENTIFIER, appended. */
void oid_put(struct buf *b, const struct oid *oid);
/* Content of an OID from "1.2.3"; 0 bytes when it is none. */
size_t oid_parse(const char *text, uint8_t *out, size_t size);
/* "1.2.3" from an OID's content, "?" when it is malformed or too long. */
void oid_text(const struct der *d, char *out, size_t size);
/* Is the content well formed and at most 64 octets? */
bool oid_valid(const struct der *d);

extern const struct oid oid_cn, oid_serial_number;
extern const struct oid oid_rsa, oid_ec, oid_p256, oid_p384;
extern const struct oid oid_sha256_rsa, oid_sha384_rsa, oid_sha512_rsa;
extern const struct oid oid_ecdsa_sha256, oid_ecdsa_sha384, oid_ecdsa_sha512;
extern const struct oid oid_extension_request, oid_ms_extensions;
extern const struct oid oid_ski, oid_key_usage, oid_san, oid_basic, oid_cdp,
    oid_policies, oid_aki, oid_eku, oid_aia;
extern const struct oid oid_any_eku, oid_server_auth, oid_client_auth;
extern const struct oid oid_ad_ocsp, oid_ad_issuers, oid_cps;
extern const struct oid oid_xmpp_addr, oid_srv_name;

#endif
