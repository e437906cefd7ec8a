/* view_review.c - the evidence for one request, and the decision. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define WIDE 100		/* columns from which two pages stand side by side */

struct state {
	struct pager page;	/* the request: names, proofs */
	struct pager side;	/* key, member, earlier, warnings, digest */
	struct pager all;	/* both, one under the other */
	struct evidence ev;
	int64_t number;
};

static bool
is_own(const struct ui *ui, const struct state *st)
{
	return strcmp(st->ev.request.row.account, ui->me.account.name) == 0;
}

/* ---- what is shown ---- */

static void
verdict_line(const struct ui *ui, struct pager *p, const struct state *st)
{
	const struct request *r = &st->ev.request;

	if (r->row.state != REQUEST_AWAITING)
		pager_text(p, LOOK_STRONG, "Decided: %s.",
		    row_state_word(&r->row));
	else if (is_own(ui, st))
		pager_text(p, LOOK_WARN,
		    "You asked for this yourself: somebody else must decide.");
	else if (!op_allows(OP_request_approve, ui_role(ui)))
		pager_text(p, LOOK_DIM, "You may read this, not decide.");
	if (r->refusal[0] != '\0')
		pager_text(p, LOOK_WARN, "%s", r->refusal);
}

static void
caa_add(struct pager *p, const struct caa_finding *c)
{
	char text[2400];
	bool good = c->state == CAA_ALLOWED || c->state == CAA_SKIPPED;

	caa_sentence(text, sizeof text, c);
	pager_item(p, good ? sign(SIGN_DONE) : "!", good ? LOOK_GOOD :
	    c->state == CAA_FORBIDDEN ? LOOK_BAD : LOOK_WARN, "%s", text);
}

static void
head_add(const struct ui *ui, struct pager *p, const struct state *st)
{
	const struct request *r = &st->ev.request;
	char when[WHEN_SIZE], what[600];
	int64_t now = clock_now();

	row_domains_text(what, sizeof what, &r->row);
	pager_text(p, LOOK_STRONG, "Request %lld for %s",
	    (long long)r->row.number, what);
	verdict_line(ui, p, st);
	time_both(when, r->row.created, now);
	pager_field(p, "asked", LOOK_PLAIN, "%s by %s", when,
	    r->row.account);
	if (r->note[0] != '\0')
		pager_field(p, "note", LOOK_PLAIN, "%s", r->note);
	pager_field(p, "approvals", LOOK_PLAIN, "%zu of %lld needed",
	    r->n_approvals, (long long)r->approvals_needed);
	for (size_t i = 0; i < r->n_approvals; i++)
		pager_field(p, "", LOOK_PLAIN, "%s%s%s",
		    r->approvals[i].account, r->approvals[i].note[0] ?
		    ": " : "", r->approvals[i].note);
	pager_head(p, "Domains and their proofs");
	part_domains(p, r->domains, r->n_domains, now);
	if (r->n_caa > 0)
		pager_head(p, "CAA records");
	for (size_t i = 0; i < r->n_caa; i++)
		caa_add(p, &r->caa[i]);
}

static void
names_add(struct pager *p, const struct request *r)
{
	pager_head(p, "The certificate");
	pager_field(p, "profile", LOOK_PLAIN, "%s", r->row.profile);
	part_names(p, r->subject_cn, r->names, r->n_names);
}

/* Is this finding of the CSR worth a look, and not said already? */
static bool
finding_counts(const struct evidence *ev, const struct finding *f)
{
	if (f->kind != VERDICT_WARNED && f->kind != VERDICT_REPAIRED)
		return false;
	for (size_t i = 0; i < ev->n_warnings; i++)
		if (strcmp(ev->warnings[i].rule, f->rule) == 0 &&
		    strcmp(ev->warnings[i].value, f->value) == 0)
			return false;
	return true;
}

static void
warnings_add(struct pager *p, const struct evidence *ev)
{
	const struct request *r = &ev->request;
	bool any = ev->n_warnings > 0;

	pager_head(p, "Warnings");
	part_findings(p, ev->warnings, ev->n_warnings);
	for (size_t i = 0; i < r->n_findings; i++)
		if (finding_counts(ev, &r->findings[i])) {
			part_findings(p, &r->findings[i], 1);
			any = true;
		}
	if (!any)
		pager_item(p, sign(SIGN_DONE), LOOK_GOOD, "none");
}

static void
earlier_add(struct pager *p, const struct evidence *ev)
{
	char date[11];

	pager_head(p, "Earlier certificates");
	if (ev->n_earlier == 0)
		pager_text(p, LOOK_DIM, "none for these domains");
	for (size_t i = 0; i < ev->n_earlier; i++) {
		const struct request_row *r = &ev->earlier[i];
		const char *word = row_state_word(r);

		time_date(date, r->not_after);
		pager_text(p, strcmp(word, "revoked") == 0 ? LOOK_WARN :
		    LOOK_PLAIN, "%lld %s, %s, until %s, %s",
		    (long long)r->number, r->first, word, date, r->account);
	}
}

static void
key_add(struct pager *p, const struct request *r)
{
	char digest[80];

	pager_head(p, "Key");
	pager_field(p, "kind", LOOK_PLAIN, "%s", r->key);
	digest_text(digest, sizeof digest, r->spki_sha256);
	pager_field(p, "SHA-256", LOOK_DIM, "%s", digest);
}

static void
member_add(struct pager *p, const struct account *a)
{
	const char *word = word_of(&account_state_words, a->state);
	char since[11];

	time_date(since, a->created);
	pager_head(p, "Member");
	pager_field(p, "name", LOOK_STRONG, "%s", a->name);
	pager_field(p, "e-mail", LOOK_PLAIN, "%s", a->email);
	pager_field(p, "since", LOOK_PLAIN,
	    "%s; domains %lld, certificates %lld", since,
	    (long long)a->domains, (long long)a->certificates);
	pager_field(p, "state", look_of_state(word), "%s", word);
}

static void
digest_add(struct pager *p, const struct request *r)
{
	char digest[80];

	pager_head(p, "Digest of what you decide about");
	digest_text(digest, sizeof digest, r->digest);
	pager_text(p, LOOK_STRONG, "%s", digest);
}

/* Side by side, and for narrow screens one under the other with what may
 * speak against it first. */
static void
review_fill(struct ui *ui, struct state *st)
{
	const struct evidence *ev = &st->ev;
	const struct request *r = &ev->request;

	pager_again(&st->page);
	pager_again(&st->side);
	pager_again(&st->all);
	st->page.label_cols = st->all.label_cols = 10;
	st->side.label_cols = 8;
	head_add(ui, &st->page, st);
	names_add(&st->page, r);
	member_add(&st->side, &ev->account);
	key_add(&st->side, r);
	warnings_add(&st->side, ev);
	earlier_add(&st->side, ev);
	digest_add(&st->side, r);
	head_add(ui, &st->all, st);
	warnings_add(&st->all, ev);
	names_add(&st->all, r);
	key_add(&st->all, r);
	member_add(&st->all, &ev->account);
	earlier_add(&st->all, ev);
	digest_add(&st->all, r);
}

static int
review_ask(struct ui *ui, struct state *st, struct err *e)
{
	struct ref ref = { 0 };
	struct evidence new = { 0 };

	snprintf(ref.ref, sizeof ref.ref, "%lld", (long long)st->number);
	if (ask_request_evidence(ui->line, &ref, &new, e) < 0)
		return -1;
	NOUN_CLEAR(evidence, &st->ev);
	st->ev = new;
	review_fill(ui, st);
	return 0;
}

static int
review_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	number_parse(ref, INT64_MAX, &st->number);
	return review_ask(ui, st, e);
}

static void
review_changed(struct ui *ui, void *state)
{
	review_ask(ui, state, NULL);
}

static void
halves(struct area a, struct area *left, struct area *right)
{
	*left = *right = a;
	left->cols = a.cols / 2 - 2;
	right->x = a.x + a.cols / 2 + 1;
	right->cols = a.cols - a.cols / 2 - 1;
}

static void
review_draw(const struct ui *ui, const void *state, struct area a)
{
	const struct state *st = state;
	struct area left, right;

	(void)ui;
	if (a.cols < WIDE) {
		pager_draw(&st->all, a);
		return;
	}
	halves(a, &left, &right);
	pager_draw(&st->page, left);
	for (int y = 0; y < a.rows; y++)
		screen_put(&a, y, a.cols / 2 - 1, 1, LOOK_DIM,
		    sign(SIGN_SIDE));
	pager_draw(&st->side, right);
}

static bool
review_key(struct ui *ui, void *state, int key)
{
	struct state *st = state;
	struct area a = ui_body(ui), left, right;
	bool taken;

	if (a.cols < WIDE)
		return pager_key(&st->all, a, key);
	halves(a, &left, &right);
	taken = pager_key(&st->page, left, key);
	return pager_key(&st->side, right, key) || taken;
}

static void
review_where(const struct ui *ui, const void *state, char *dst, size_t size)
{
	if (ui_body(ui).cols < WIDE)
		pager_where(&((const struct state *)state)->all, ui_body(ui),
		    dst, size);
}

static void
review_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	pager_clear(&st->side);
	pager_clear(&st->all);
	NOUN_CLEAR(evidence, &st->ev);
}

/* ---- deciding ---- */

static void
decision_fill(struct decision *d, const struct state *st, const char *text)
{
	d->number = st->number;
	memcpy(d->digest, st->ev.request.digest, sizeof d->digest);
	str_copy(d->text, sizeof d->text, text);
}

static void
decided(struct ui *ui, const struct request *r)
{
	long long n = (long long)r->row.number;

	ui->changed = true;
	switch (r->row.state) {
	case REQUEST_AWAITING:
		ui_say(ui, LOOK_GOOD,
		    "Your approval of request %lld is kept; %lld more needed.",
		    n, (long long)r->approvals_needed -
		    (long long)r->n_approvals);
		break;
	case REQUEST_REFUSED:
		ui_say(ui, LOOK_PLAIN, "Request %lld is refused.", n);
		break;
	case REQUEST_ISSUED:
		ui_say(ui, LOOK_GOOD,
		    "Request %lld is approved and its certificate issued.", n);
		break;
	default:
		ui_say(ui, LOOK_GOOD,
		    "Request %lld is approved; the certificate is being signed.",
		    n);
	}
}

static int
approve_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct decision d = { 0 };
	struct request r = { 0 };

	decision_fill(&d, state, form_text(f, 0));
	if (ask_request_approve(ui->line, &d, &r, e) < 0)
		return -1;
	ui_back(ui);
	decided(ui, &r);
	NOUN_CLEAR(request, &r);
	return 0;
}

static void
sign_it(struct ui *ui, void *state)
{
	char ref[32];

	snprintf(ref, sizeof ref, "approve %lld",
	    (long long)((struct state *)state)->number);
	ui_open(ui, "statement", ref);
}

static void
approve(struct ui *ui, void *state)
{
	const struct state *st = state;
	const struct request *r = &st->ev.request;
	char what[600], digest[80];
	struct dialog *d = NULL;

	if (part_must_sign(ui, r->row.profile)) {
		sign_it(ui, state);
		return;
	}
	d = ui_dialog(ui, "Approve?", "Approve", "Not now", approve_done);
	row_domains_text(what, sizeof what, &r->row);
	digest_text(digest, sizeof digest, r->digest);
	pager_text(&d->text, LOOK_PLAIN,
	    "Approve request %lld of %s: a certificate of profile %s for %s, %zu names, %s?",
	    (long long)r->row.number, r->row.account, r->row.profile, what,
	    r->n_names, r->key);
	if (st->ev.n_warnings > 0)
		pager_text(&d->text, LOOK_WARN, "Warnings: %zu.",
		    st->ev.n_warnings);
	pager_gap(&d->text);
	pager_text(&d->text, LOOK_DIM, "%s", digest);
	form_line(&d->form, "Note", "kept with the approval; may be empty",
	    1000);
	snprintf(what, sizeof what, "approve:%lld", (long long)r->row.number);
	ui_dialog_draft(ui, d, what);
}

static int
refuse_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct decision d = { 0 };
	struct request r = { 0 };

	decision_fill(&d, state, form_text(f, 0));
	if (d.text[0] == '\0')
		return err_set(e, ERR_BAD_INPUT, "reason",
		    "Type a reason: the member reads it.");
	if (ask_request_refuse(ui->line, &d, &r, e) < 0)
		return -1;
	ui_back(ui);
	decided(ui, &r);
	NOUN_CLEAR(request, &r);
	return 0;
}

static void
refuse(struct ui *ui, void *state)
{
	const struct request *r = &((struct state *)state)->ev.request;
	struct dialog *d = ui_dialog(ui, "Refuse?", "Refuse", "Not now",
	    refuse_done);
	char what[600];

	row_domains_text(what, sizeof what, &r->row);
	pager_text(&d->text, LOOK_PLAIN,
	    "Refuse request %lld of %s for %s? The member gets the reason in a letter.",
	    (long long)r->row.number, r->row.account, what);
	form_line(&d->form, "Reason", "one or two sentences, with the way out",
	    1000);
	snprintf(what, sizeof what, "refuse:%lld", (long long)r->row.number);
	ui_dialog_draft(ui, d, what);
}

static void
member(struct ui *ui, void *state)
{
	ui_open(ui, "member", ((struct state *)state)->ev.account.name);
}

static void
live(struct ui *ui, void *state)
{
	ui_open(ui, "live", ((struct state *)state)->ev.request.row.first);
}

static bool
may_look(const struct ui *ui, const void *state)
{
	(void)state;
	return op_allows(OP_live_check, ui_role(ui));
}

static bool
may_decide(const struct ui *ui, const void *state)
{
	const struct state *st = state;

	return st->ev.request.row.state == REQUEST_AWAITING &&
	    op_allows(OP_request_approve, ui_role(ui)) && !is_own(ui, st);
}

static bool
may_sign(const struct ui *ui, const void *state)
{
	return part_may_sign(ui) && may_decide(ui, state);
}

static const struct key_row keys[] = {
	{ 'a', "a", "approve", "Approve what this page shows, and nothing else",
	    approve, may_decide, "approve, >statement" },
	{ 's', "s", "sign", "Approve it by a signature of your SSH key",
	    sign_it, may_sign, ">statement" },
	{ 'r', "r", "refuse", "Refuse it, with a reason", refuse, may_decide,
	    "refuse" },
	{ 'm', "m", "member", "See the member who asked", member, NULL,
	    ">member" },
	{ 'l', "l", "live", "See what the servers of the first domain show now",
	    live, may_look, ">live" },
	{ 0 },
};

const struct view view_review = {
	.name = "review", .title = "Review", .brief = "Review",
	.shows = "show",
	.help = "The evidence for a decision: each domain with its proof, the member, the key, warnings, what was issued before. An approval names the digest on this page.",
	.size = sizeof(struct state), .keys = keys,
	.open = review_open, .draw = review_draw, .key = review_key,
	.changed = review_changed, .where = review_where,
	.close = review_close,
};
