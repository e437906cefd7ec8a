/* gate_seat.h - seats of a running authority, asked for where the gate asks. */
#ifndef TESTS_GATE_SEAT_H
#define TESTS_GATE_SEAT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/wire/ask.h"
#include "core/x509/hash.h"

static struct line gate;	/* connected to run/gate.sock by the tool */

/* SHA256:... as ssh-keygen -l prints it. */
static void
fingerprint_of(const char *key, char out[64])
{
	const char *base64 = strchr(key, ' ');
	uint8_t raw[2048], digest[32];
	int n = base64 == NULL ? -1 : base64_decode(raw, sizeof raw,
	    base64 + 1, strlen(base64 + 1));
	char *text;

	if (n < 0)
		fatal("not a public key line: %s", key);
	sha256(digest, raw, (size_t)n);
	text = base64_encode(digest, sizeof digest);
	text[strcspn(text, "=")] = '\0';
	snprintf(out, 64, "SHA256:%.50s", text);
	free(text);
}

/* The account's seat, with the public key of this file; ends the tool when the
 * registrar says no. */
static struct line
seat_for(const char *name, const char *key_file)
{
	struct seat_wish w = { 0 };
	struct seat_answer a = { 0 };
	struct blob b = { 0 };
	struct line l;
	struct err e;
	char *blank;

	snprintf(w.user, sizeof w.user, "%s", name);
	snprintf(w.source, sizeof w.source, "127.0.0.1");
	if (file_read(key_file, sizeof w.key - 1, &b, &e) < 0)
		fatal("%s", e.text);
	snprintf(w.key, sizeof w.key, "%.*s", (int)b.size, (char *)b.data);
	blob_clear(&b);
	if ((blank = strchr(w.key, ' ')) != NULL &&
	    (blank = strchr(blank + 1, ' ')) != NULL)
		*blank = '\0';
	w.key[strcspn(w.key, "\n")] = '\0';
	fingerprint_of(w.key, w.fingerprint);
	if (ask_seat_open(&gate, &w, &a, &e) < 0)
		fatal("seat of %s: %s", name, e.text);
	if (!a.accepted || gate.fd_received < 0)
		fatal("seat of %s: %s", name, a.text);
	line_init(&l, gate.fd_received);
	gate.fd_received = -1;
	l.timeout_ms = 60000;
	return l;
}

#endif
