/* pem.c - a long CRL as PEM, made from its DER piece by piece as it is sent:
 * nobody keeps a second copy of it. */
#include "core/publisher/publisher.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

#define LINE_DER 48
#define LINE 65			/* of text, with its end */
#define TOGETHER 512		/* lines made in one go */

static const char begins[] = "-----BEGIN X509 CRL-----\n";
static const char ends[] = "-----END X509 CRL-----\n";
#define HEAD (sizeof begins - 1)
#define TAIL (sizeof ends - 1)

struct pem {
	int fd;
	uint64_t size;			/* of the DER */
};

/* The body of n bytes: the last line may be shorter. */
static uint64_t
text_size(uint64_t n)
{
	uint64_t rest = n % LINE_DER;

	return n / LINE_DER * LINE + (rest > 0 ? (rest + 2) / 3 * 4 + 1 : 0);
}

static int
lines_make(const struct pem *p, uint64_t line,
    unsigned char text[TOGETHER * (LINE + 1)])
{
	unsigned char der[TOGETHER * LINE_DER];
	ssize_t n = pread(p->fd, der, sizeof der, (off_t)(line * LINE_DER));
	int at = 0;

	if (n <= 0 || ((size_t)n < sizeof der &&
	    line * LINE_DER + (uint64_t)n != p->size))
		return -1;		/* it was cut short under us */
	for (ssize_t i = 0; i < n; i += LINE_DER) {
		at += EVP_EncodeBlock(text + at, der + i,
		    n - i < LINE_DER ? (int)(n - i) : LINE_DER);
		text[at++] = '\n';
	}
	return at;
}

/* Copy what of [text, text + size), which stands at `at` of the whole, lies
 * at pos or behind; how much. */
static size_t
part_copy(char *dst, size_t most, uint64_t pos, const void *text,
    uint64_t size, uint64_t at)
{
	uint64_t skip = pos - at;

	if (pos < at || skip >= size)
		return 0;
	if (size - skip < most)
		most = (size_t)(size - skip);
	memcpy(dst, (const char *)text + skip, most);
	return most;
}

static ssize_t
pem_read(void *cls, uint64_t pos, char *dst, size_t most)
{
	unsigned char text[TOGETHER * (LINE + 1)];
	const struct pem *p = cls;
	uint64_t body = text_size(p->size), line;
	int n;

	if (pos < HEAD)
		return (ssize_t)part_copy(dst, most, pos, begins, HEAD, 0);
	if (pos >= HEAD + body)
		return (ssize_t)part_copy(dst, most, pos, ends, TAIL,
		    HEAD + body);
	line = (pos - HEAD) / LINE;
	n = lines_make(p, line, text);
	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return (ssize_t)part_copy(dst, most, pos, text, (uint64_t)n,
	    HEAD + line * LINE);
}

static void
pem_free(void *cls)
{
	struct pem *p = cls;

	close(p->fd);
	free(p);
}

struct MHD_Response *
pem_response(int fd, uint64_t der_size, uint64_t *size)
{
	struct pem *p = xcalloc(1, sizeof *p);
	struct MHD_Response *r;

	p->fd = fd;
	p->size = der_size;
	*size = HEAD + text_size(der_size) + TAIL;
	r = MHD_create_response_from_callback(*size, TOGETHER * LINE,
	    pem_read, p, pem_free);
	if (r == NULL)
		free(p);
	return r;
}
