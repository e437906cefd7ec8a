/* view_certificate.c - one certificate: what it says, the chain, revoking. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "console/command.h"
#include "console/setup.h"
#include "console/view_parts.h"
#include "console/view_renew.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct pager page;		/* must stand first */
	struct certificate certificate;
};

/* How to put it to use: short here, the lines to paste behind `i`. */
static void
install_add(struct pager *p, const struct certificate *c)
{
	char record[700];

	pager_head(p, "Install it");
	if (strcmp(c->profile, "xmpp-person") == 0) {
		pager_text(p, LOOK_PLAIN, "A personal certificate: import it with its key into your client.");
		return;
	}
	pager_text(p, LOOK_PLAIN, "i shows the lines to paste, for Prosody, ejabberd and Openfire; by command: setup %lld prosody",
	    (long long)c->request);
	setup_caa(record, sizeof record, c);
	if (record[0] == '\0')
		return;
	pager_gap(p);
	pager_text(p, LOOK_PLAIN, "To let only this authority issue for the domain, beside a record for each other one that you use:");
	pager_block(p, LOOK_KEY, "%s", record);
}

static void
chain_add(struct pager *p, const struct certificate *c)
{
	pager_head(p, "Chain");
	pager_field(p, "leaf", LOOK_PLAIN, "%s, serial %s",
	    certificate_domain(c), c->serial);
	pager_field(p, "", LOOK_DIM, "%s", c->fingerprint);
	pager_field(p, "issuer", LOOK_PLAIN, "%s", c->issuer);
	pager_field(p, "", LOOK_DIM, "%s", c->issuer_fingerprint);
	pager_field(p, "root", LOOK_PLAIN, "to be trusted by the XMPP server alone: cert %lld --root",
	    (long long)c->request);
	pager_field(p, "", LOOK_DIM, "%s", c->root_fingerprint);
}

static void
history_add(struct pager *p, const struct certificate *c, int64_t now)
{
	char when[WHEN_SIZE];

	if (c->n_history == 0)
		return;
	pager_head(p, "History");
	for (size_t i = 0; i < c->n_history; i++) {
		const struct past *h = &c->history[i];

		time_both(when, h->at, now);
		pager_field(p, h->what, LOOK_PLAIN, "%s%s%s%s%s", when,
		    h->by[0] ? ", by " : "", h->by, h->text[0] ? ", " : "",
		    h->text);
	}
}

static void
state_add(struct pager *p, const struct certificate *c, int64_t now)
{
	const char *word = word_of(&certificate_state_words, c->state);
	char text[256];

	pager_field(p, "state", look_of_state(word), "%s", word);
	if (c->state == CERTIFICATE_REVOKED) {
		time_both(text, c->revoked, now);
		pager_field(p, "revoked", LOOK_BAD, "%s: %s, by %s", text,
		    word_of(&reason_words, c->reason), c->revoked_by);
	}
	if (c->state == CERTIFICATE_GOOD) {
		days_bar(text, sizeof text, c->not_before, c->not_after, now);
		pager_field(p, "left", days_left(c->not_after, now) < 14 ?
		    LOOK_BAD : days_left(c->not_after, now) < 30 ?
		    LOOK_WARN : LOOK_GOOD, "%s", text);
	}
}

/* What the world is told now; nothing while there is no answer yet. */
static void
ocsp_add(struct ui *ui, struct pager *p, const struct certificate *c)
{
	struct answer_view v = { 0 };
	struct text answer = { 0 };
	struct ref r = { 0 };
	char when[WHEN_SIZE];
	bool wrong;

	str_copy(r.ref, sizeof r.ref, c->serial);
	if (c->state == CERTIFICATE_EXPIRED ||
	    ask_answer_get(ui->line, &r, &answer, NULL) < 0)
		return;
	if (answer_read(&answer.text, &v, NULL) == 0) {
		wrong = (c->state == CERTIFICATE_REVOKED) !=
		    (strcmp(v.state, "revoked") == 0);
		time_both(when, v.produced, clock_now());
		pager_field(p, "OCSP says", wrong ? LOOK_WARN :
		    look_of_state(v.state), "%s, since %s%s", v.state, when,
		    wrong ? "; the new answer comes in a moment" : "");
	}
	shape_clear(&answer_view_shape, &v);
	NOUN_CLEAR(text, &answer);
}

static void
certificate_fill(struct ui *ui, struct state *st)
{
	const struct certificate *c = &st->certificate;
	struct pager *p = &st->page;
	char text[TIME_TEXT_SIZE], line[512], number[24];
	int64_t now = clock_now();

	pager_again(p);
	snprintf(number, sizeof number, "%lld", (long long)c->request);
	pager_text(p, LOOK_STRONG, "Certificate %s for %s", number,
	    certificate_domain(c));
	pager_gap(p);
	state_add(p, c, now);
	ocsp_add(ui, p, c);
	time_text(text, c->not_before);
	pager_field(p, "from", LOOK_PLAIN, "%s", text);
	time_text(text, c->not_after);
	pager_field(p, "until", LOOK_PLAIN, "%s", text);
	pager_field(p, "member", LOOK_PLAIN, "%s", c->account);
	exec_line(line, sizeof line, &ui->me, "cert", number, NULL);
	pager_field(p, "fetch it", LOOK_KEY, "%s > chain.pem", line);
	if (c->state == CERTIFICATE_GOOD)
		install_add(p, c);
	pager_head(p, "What it says");
	pager_field(p, "profile", LOOK_PLAIN, "%s", c->profile);
	pager_field(p, "key", LOOK_PLAIN, "%s", c->key);
	part_names(p, c->subject_cn, c->names, c->n_names);
	chain_add(p, c);
	history_add(p, c, now);
}

static int
certificate_ask(struct ui *ui, struct state *st, const char *ref,
    struct err *e)
{
	struct certificate_wish w = { .form = FORM_CHAIN };
	struct certificate new = { 0 };

	str_copy(w.ref, sizeof w.ref, ref);
	if (ask_certificate_get(ui->line, &w, &new, e) < 0)
		return -1;
	NOUN_CLEAR(certificate, &st->certificate);
	st->certificate = new;
	certificate_fill(ui, st);
	return 0;
}

static int
certificate_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	return certificate_ask(ui, state, ref, e);
}

static void
certificate_changed(struct ui *ui, void *state)
{
	struct state *st = state;
	char ref[64];

	memcpy(ref, st->certificate.serial, sizeof st->certificate.serial);
	certificate_ask(ui, st, ref, NULL);
}

static void
certificate_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	NOUN_CLEAR(certificate, &st->certificate);
}

/* ---- keys ---- */

static void
plain(struct ui *ui, void *state)
{
	const struct certificate *c = &((struct state *)state)->certificate;
	struct buf b = { 0 };
	char line[512], number[24];

	snprintf(number, sizeof number, "%lld", (long long)c->request);
	exec_line(line, sizeof line, &ui->me, "cert", number, NULL);
	buf_put(&b, c->body.data, c->body.size);
	buf_printf(&b, "\nThe same into a file:  %s > chain.pem\nPress Enter to go back.\n", line);
	ui_plain(ui, b.data, b.size);
	buf_clear(&b);
}

/* The leaf alone: the first block of the chain. */
static size_t
leaf_size(const struct blob *chain)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	const uint8_t *at = chain->size == 0 ? NULL :
	    memmem(chain->data, chain->size, end, strlen(end));

	return at == NULL ? 0 : (size_t)(at - chain->data) + strlen(end);
}

static void
copy(struct ui *ui, void *state)
{
	const struct certificate *c = &((struct state *)state)->certificate;
	char line[512], number[24];

	ui_copy_start(ui);
	snprintf(number, sizeof number, "%lld", (long long)c->request);
	exec_line(line, sizeof line, &ui->me, "cert", number, NULL);
	ui_copy_add(ui, "chain", "the certificate and its issuer, PEM",
	    c->body.data, c->body.size);
	ui_copy_add(ui, "leaf", "the certificate alone, PEM", c->body.data,
	    leaf_size(&c->body));
	ui_copy_add_text(ui, "fingerprint", "SHA-256 of the certificate",
	    c->fingerprint);
	ui_copy_add_text(ui, "serial", "its serial, in hex", c->serial);
	ui_copy_add_text(ui, "key", "the public key, in words", c->key);
	ui_copy_add_text(ui, "domain", "its first domain", certificate_domain(c));
	ui_copy_add_text(ui, "command", "the line that fetches it in a shell",
	    line);
	ui_copy_ask(ui, line);
}

static void
renew(struct ui *ui, void *state)
{
	const struct certificate *c = &((struct state *)state)->certificate;

	renew_ask(ui, c->request, certificate_domain(c));
}

/* Typed on purpose: Enter alone revokes nothing. */
static bool
word_typed(const char *typed, const char *domain)
{
	typed += strspn(typed, " ");
	return strcasecmp(typed, domain) == 0 || strcmp(typed, "REVOKE") == 0;
}

static int
all_with_key_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct revocation_new n = { .reason = REASON_KEY_COMPROMISE,
		.all_with_key = true };
	struct revocation r = { 0 };

	(void)state;
	if (!word_typed(form_text(f, 0), "REVOKE"))
		return err_set(e, ERR_BAD_INPUT, "", "Type REVOKE to revoke them all; nothing more was revoked yet.");
	str_copy(n.ref, sizeof n.ref, ui->dialog->subject);
	if (ask_revocation_add(ui->line, &n, &r, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_WARN, "Revoked: %lld more with the same key.",
	    (long long)r.revoked_too);
	NOUN_CLEAR(revocation, &r);
	return 0;
}

/* S7.6: the others with the key, in one more step. */
static void
all_with_key_offer(struct ui *ui, const struct revocation *r)
{
	struct dialog *d = ui_dialog(ui, "The same key elsewhere",
	    "Revoke these too", "Leave them", all_with_key_done);

	str_copy(d->subject, sizeof d->subject, r->serial);
	pager_text(&d->text, LOOK_WARN,
	    "Revoked, and its key is blocked for ever. Good certificates that have the same key, %zu in all:",
	    r->n_same_key);
	for (size_t i = 0; i < r->n_same_key && i < 5; i++)
		pager_text(&d->text, LOOK_PLAIN, "%lld for %s, of %s",
		    (long long)r->same_key[i].request, r->same_key[i].first,
		    r->same_key[i].account);
	if (r->n_same_key > 5)
		pager_text(&d->text, LOOK_PLAIN, "and %zu more",
		    r->n_same_key - 5);
	form_line(&d->form, "Confirm", "type REVOKE", 16);
}

static int
revoke_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	const struct certificate *c = &((struct state *)state)->certificate;
	struct revocation_new n = { 0 };
	struct revocation r = { 0 };
	int reason = reason_parse(ui_role(ui), form_word(f, 0));

	if (!word_typed(form_text(f, 1), certificate_domain(c)))
		return err_set(e, ERR_BAD_INPUT, "",
		    "Type %.100s or REVOKE to revoke it; nothing was revoked yet.",
		    certificate_domain(c));
	str_copy(n.ref, sizeof n.ref, ui->dialog->subject);
	n.reason = reason < 0 ? REASON_UNSPECIFIED : (enum reason)reason;
	if (ask_revocation_add(ui->line, &n, &r, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_WARN, "Revoked: %s.", word_of(&reason_words,
	    n.reason));
	if (r.n_same_key > 0)
		all_with_key_offer(ui, &r);
	NOUN_CLEAR(revocation, &r);
	return 0;
}

static void
revoke(struct ui *ui, void *state)
{
	const struct certificate *c = &((struct state *)state)->certificate;
	struct dialog *d = ui_dialog(ui, "Revoke a certificate?",
	    "Revoke it for ever", "Keep it", revoke_done);
	const struct choice *reasons;
	char hint[160];
	size_t n;

	str_copy(d->subject, sizeof d->subject, c->serial);
	pager_text(&d->text, LOOK_PLAIN,
	    "Revoke certificate %lld for %s? Servers that check will refuse it within minutes. This cannot be taken back.",
	    (long long)c->request, certificate_domain(c));
	reasons = reason_choices(ui_role(ui), &n);
	form_choice(&d->form, "Reason", reasons, n, 0);
	snprintf(hint, sizeof hint, "type %.120s or REVOKE", certificate_domain(c));
	form_line(&d->form, "Confirm", hint, 255);
}

static bool
may_revoke(const struct ui *ui, const void *state)
{
	const struct certificate *c =
	    &((const struct state *)state)->certificate;

	return c->state == CERTIFICATE_GOOD &&
	    op_allows(OP_revocation_add, ui_role(ui)) &&
	    (ui_role(ui) == ROLE_STAFF ||
	    strcmp(c->account, ui->me.account.name) == 0);
}

static bool
is_mine(const struct ui *ui, const void *state)
{
	return strcmp(((const struct state *)state)->certificate.account,
	    ui->me.account.name) == 0 &&
	    op_allows(OP_request_submit, ui_role(ui));
}

/* The proofs are JSON, for share/verify-log: the command's own words. */
static void
log_proof(struct ui *ui, void *state)
{
	ui_command(ui, "proof",
	    ((const struct state *)state)->certificate.serial, NULL);
}

static int
setup_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	const struct certificate *c = &((struct state *)state)->certificate;
	struct buf b = { 0 };
	size_t i = 0;

	(void)e;
	while (i + 1 < SETUP_SERVERS &&
	    strcmp(setup_server(i), form_word(f, 0)) != 0)
		i++;
	setup_put(&b, i, c, &ui->me);
	buf_printf(&b, "\nPress Enter to go back.\n");
	ui_plain(ui, b.data, b.size);
	buf_clear(&b);
	return 0;
}

static void
setup(struct ui *ui, void *state)
{
	static const struct choice choices[] = {
		{ "prosody", "Prosody" }, { "ejabberd", "ejabberd" },
		{ "openfire", "Openfire" },
	};
	const struct certificate *c = &((struct state *)state)->certificate;
	struct dialog *d = ui_dialog(ui, "Install it", "Show the lines",
	    "Back", setup_done);

	pager_text(&d->text, LOOK_PLAIN, "Lines to paste, for certificate %lld and %s. The same by command: setup %lld SERVER",
	    (long long)c->request, certificate_domain(c),
	    (long long)c->request);
	form_choice(&d->form, "Server", choices,
	    sizeof choices / sizeof choices[0], 0);
}

static bool
is_for_server(const struct ui *ui, const void *state)
{
	(void)ui;
	return strcmp(((const struct state *)state)->certificate.profile,
	    "xmpp-person") != 0;
}

static const struct key_row keys[] = {
	{ 'i', "i", "install", "Show the lines to paste for Prosody, ejabberd or Openfire",
	    setup, is_for_server, "setup" },
	{ 'p', "p", "PEM", "Show the chain as plain PEM, to mark with the mouse",
	    plain, NULL, "cert" },
	{ 'r', "r", "renew", "Ask for the same again: with the same key, or a new CSR",
	    renew,
	    is_mine, "renew, >request_new" },
	{ 'x', "x", "revoke", "Revoke this certificate", revoke, may_revoke,
	    "revoke" },
	{ 'y', "y", "copy", "Copy the chain, the leaf or a field to the clipboard",
	    copy, NULL, KEY_MOVES },
	{ 'l', "l", "log proof", "The proof that its issuance stands in the log, for verify-log",
	    log_proof, NULL, "proof" },
	{ 0 },
};

const struct view view_certificate = {
	.name = "certificate", .title = "Certificate", .brief = "Certificate",
	.shows = "cert, status, ocsp",
	.help = "One certificate. p shows the chain without frames: first the certificate, then the intermediate.",
	.size = sizeof(struct state), .keys = keys,
	.open = certificate_open, .draw = pager_view_draw,
	.key = pager_view_key, .changed = certificate_changed,
	.where = pager_view_where, .close = certificate_close,
};
