/* answer.c - what an OCSP answer (RFC 6960 4.2.1, DER) says, for people. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "console/command.h"
#include "core/base/text.h"

#define TAG_OCTETS 0x04
#define TAG_ENUM 0x0a
#define TAG_INTEGER 0x02
#define TAG_TIME 0x18
#define TAG_SEQUENCE 0x30
#define TAG_CONTEXT 0xa0	/* [0], constructed */

struct der {
	const uint8_t *at;
	size_t left;
	bool bad;
};

/* Step over the next element: its tag, and its content in *inner. */
static uint8_t
der_next(struct der *d, struct der *inner)
{
	size_t len, head = 2;
	uint8_t tag;

	memset(inner, 0, sizeof *inner);
	if (d->bad || d->left < 2) {
		d->bad = true;
		return 0;
	}
	tag = d->at[0];
	len = d->at[1];
	if (len & 0x80) {
		size_t n = len & 0x7f;

		if (n == 0 || n > 3 || d->left < 2 + n) {
			d->bad = true;
			return 0;
		}
		for (len = 0; head < 2 + n; head++)
			len = len << 8 | d->at[head];
	}
	if (d->left - head < len) {
		d->bad = true;
		return 0;
	}
	inner->at = d->at + head;
	inner->left = len;
	d->at += head + len;
	d->left -= head + len;
	return tag;
}

/* The next element must have this tag. */
static struct der
der_expect(struct der *d, uint8_t tag)
{
	struct der inner;

	if (der_next(d, &inner) != tag)
		d->bad = true;
	inner.bad = d->bad;
	return inner;
}

static int64_t
der_time(struct der *d)
{
	struct der inner = der_expect(d, TAG_TIME);
	char text[20], *rest;
	struct tm tm = { 0 };

	if (inner.bad || inner.left != 15) {
		d->bad = true;
		return 0;
	}
	memcpy(text, inner.at, 15);
	text[15] = '\0';
	rest = strptime(text, "%Y%m%d%H%M%SZ", &tm);
	if (rest == NULL || *rest != '\0')
		d->bad = true;
	return (int64_t)timegm(&tm);
}

/* CertID: the serial is its last element. */
static void
read_id(struct der id, struct answer_view *v)
{
	struct der inner = { 0 };

	while (!id.bad && id.left > 0)
		der_next(&id, &inner);
	while (inner.left > 1 && inner.at[0] == 0)
		inner.at++, inner.left--;
	if (inner.left * 2 < sizeof v->serial)
		hex_encode(v->serial, inner.at, inner.left);
}

static void
read_single(struct der *single, struct answer_view *v)
{
	static const char *const states[] = { "good", "revoked", "unknown" };
	struct der inner;
	uint8_t tag;

	inner = der_expect(single, TAG_SEQUENCE);
	read_id(inner, v);
	tag = der_next(single, &inner) & 0x1f;
	if (tag < 3)
		str_copy(v->state, sizeof v->state, states[tag]);
	else
		single->bad = true;
	v->this_update = der_time(single);
	if (!single->bad && single->left > 0 && single->at[0] == TAG_CONTEXT) {
		inner = der_expect(single, TAG_CONTEXT);
		v->next_update = der_time(&inner);
		single->bad = single->bad || inner.bad;
	}
}

/* ResponseData: [0] version, responder's id, produced, answers. */
static bool
read_data(struct der data, struct answer_view *v)
{
	struct der inner, list;
	uint8_t tag = der_next(&data, &inner);

	if (tag == TAG_CONTEXT)
		der_next(&data, &inner);	/* the responder's id */
	v->produced = der_time(&data);
	list = der_expect(&data, TAG_SEQUENCE);
	inner = der_expect(&list, TAG_SEQUENCE);
	if (data.bad || list.bad)
		return false;
	read_single(&inner, v);
	return !inner.bad;
}

int
answer_read(const struct blob *der, struct answer_view *v, struct err *e)
{
	struct der all = { der->data, der->size, false };
	struct der response, status, bytes, basic, inner;
	bool good = false;

	response = der_expect(&all, TAG_SEQUENCE);
	status = der_expect(&response, TAG_ENUM);
	if (!status.bad && status.left == 1 && status.at[0] == 0) {
		bytes = der_expect(&response, TAG_CONTEXT);
		bytes = der_expect(&bytes, TAG_SEQUENCE);
		der_next(&bytes, &inner);	/* the type */
		inner = der_expect(&bytes, TAG_OCTETS);
		basic = der_expect(&inner, TAG_SEQUENCE);
		basic = der_expect(&basic, TAG_SEQUENCE);
		good = !basic.bad && read_data(basic, v);
	}
	if (!good)
		return err_set(e, ERR_BROKEN, "RFC 6960 4.2.1",
		    "the stored OCSP answer cannot be read; to have its bytes: ocsp N --der");
	blob_set(&v->der, der->data, der->size);
	return 0;
}
