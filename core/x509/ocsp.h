/*
 * ocsp.h - OCSP: the request read from strangers, and the answer assembled
 * from pieces signed ahead (RFC 6960, RFC 5019).
 *
 * An answer is: fixed head + CertID with the serial + status + times + the
 * signature + the responder's certificate.  Only serial, status, times and
 * signature differ, so only those are kept (answers.h).
 */
#ifndef X509_OCSP_H
#define X509_OCSP_H

#include <stdbool.h>
#include <openssl/x509.h>

#include "core/base/err.h"
#include "core/model/nouns.h"

#define SERIAL_MAX 20
#define OCSP_REQUEST_MAX 4096

enum certid_hash { CERTID_SHA1, CERTID_SHA256 };

/* What answers of one issuer share.  Plain bytes: it lies in the answers
 * file, so that a host without keys can serve. */
struct ocsp_issuer {
	uint8_t name_sha1[20], key_sha1[20];
	uint8_t name_sha256[32], key_sha256[32];
	uint8_t responder_key_sha1[20];	/* ResponderID byKey */
};

struct ocsp_request {
	enum certid_hash hash;
	uint8_t name_hash[32], key_hash[32];
	uint8_t serial[SERIAL_MAX];
	size_t serial_size;
	bool several;		/* more than one CertID, or a hash that is not kept:
				 * answered `unauthorized` */
};

/* Copies what it needs of both certificates. */
int ocsp_issuer_from(struct ocsp_issuer *out, X509 *issuer, X509 *responder,
    struct err *e);

/* Own bounded DER reader, no allocation; -1: malformedRequest. */
int ocsp_request_read(const uint8_t *der, size_t size,
    struct ocsp_request *out);


/* The whole successful OCSPResponse; appended. */
void ocsp_answer(struct buf *b, const struct ocsp_issuer *i,
    enum certid_hash hash, const uint8_t *serial, size_t serial_size,
    const struct status *st, int64_t this_update, int64_t next_update,
    const uint8_t *signature, size_t signature_size,
    const uint8_t *responder_der, size_t responder_size);

/* Sign both forms of an answer for one serial (P-256 responder key). */
int ocsp_sign(const struct ocsp_issuer *i, EVP_PKEY *responder_key,
    const struct status *st, int64_t this_update, int64_t next_update,
    struct answer_item *out, struct err *e);

/* The five bytes of an unsuccessful answer: malformedRequest 1,
 * internalError 2, tryLater 3, unauthorized 6. */
void ocsp_error(uint8_t out[5], int response_status);

#endif
