/* view_request_new.c - paste a CSR, see what would become of it, submit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#define ABOVE 4			/* lines for what was chosen */

struct state {
	struct pager page;
	struct buf csr;
	struct verdict verdict;
	bool judged;
	bool secret;			/* a private key was in the paste */
	char profile[32];
	char note[1001];
	char renew[64];
	char jid[1024], code[64];	/* of a personal certificate */
	struct domain_page proven;	/* own domains, to choose from */
	bool *chosen;			/* of these; none: what the CSR names */
};

/* ---- what is on the page ---- */

static void
how_to_fill(struct state *st)
{
	struct pager *p = &st->page;
	const char *domain = st->proven.n_rows > 0 ?
	    st->proven.rows[0].name : "example.org";

	pager_clear(p);
	pager_text(p, LOOK_STRONG, "Paste the CSR here now.");
	pager_text(p, LOOK_PLAIN,
	    "The text from -----BEGIN to -----END; what it would become appears at once, and nothing is sent before you submit it.");
	pager_head(p, "To make one on your server");
	pager_block(p, LOOK_PLAIN,
	    "  openssl req -new -newkey rsa:3072 -nodes \\");
	pager_block(p, LOOK_PLAIN,
	    "      -keyout server.key -out server.csr -subj /CN=%s", domain);
	pager_block(p, LOOK_PLAIN, "  cat server.csr");
	pager_gap(p);
	pager_text(p, LOOK_DIM,
	    "RSA with 2048 to 4096 bits, P-256 or P-384. Keep server.key on your server: never paste a private key.");
}

static void
contents_add(struct pager *p, const struct verdict *v)
{
	char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];

	pager_head(p, "What the certificate will contain");
	part_names(p, v->subject_cn, v->names, v->n_names);
	pager_field(p, "key", LOOK_PLAIN, "%s", v->key);
	pager_field(p, "profile", LOOK_PLAIN, "%s", v->profile);
	time_text(from, v->not_before);
	time_text(until, v->not_after);
	pager_field(p, "if issued now", LOOK_PLAIN, "from %s until %s", from,
	    until);
}

static void
verdict_fill(struct state *st)
{
	const struct verdict *v = &st->verdict;
	struct pager *p = &st->page;
	char digest[80];

	pager_clear(p);
	if (v->accepted) {
		pager_item(p, sign(SIGN_DONE), LOOK_GOOD,
		    "This CSR is good. Press s to submit it.");
		contents_add(p, v);
	} else {
		pager_text(p, LOOK_BAD, "Refused: %s", v->text);
		pager_text(p, LOOK_DIM,
		    "Rule: %s. Nothing was sent; paste another CSR when it is mended.",
		    v->rule);
	}
	pager_head(p, "What the CSR asked for");
	if (v->key[0] != '\0' && !v->accepted)
		pager_field(p, "key", LOOK_PLAIN, "%s", v->key);
	pager_field(p, "subject", LOOK_PLAIN, "%s", v->asked_subject[0] ?
	    v->asked_subject : "none");
	part_findings(p, v->findings, v->n_findings);
	if (v->n_domains > 0) {
		pager_head(p, "Proofs");
		part_domains(p, v->domains, v->n_domains, clock_now());
	}
	if (v->accepted) {
		digest_text(digest, sizeof digest, v->spki_sha256);
		pager_gap(p);
		pager_field(p, "key SHA-256", LOOK_DIM, "%s", digest);
	}
}

/* ---- asking ---- */

static bool
person_is(const struct state *st)
{
	return strcmp(st->profile, "xmpp-person") == 0;
}

static int
wish_make(const struct state *st, struct request_wish *w, struct err *e)
{
	if (wish_fill(w, st->csr.data, st->csr.size, st->profile, st->note,
	    st->renew, e) < 0 || person_fill(w, person_is(st) ? st->jid : NULL,
	    person_is(st) ? st->code : NULL, e) < 0)
		return -1;
	for (size_t i = 0; i < st->proven.n_rows; i++)
		if (st->chosen[i] &&
		    wish_add_domain(w, st->proven.rows[i].name, e) < 0)
			return -1;
	return 0;
}

static void
judge(struct ui *ui, struct state *st)
{
	struct request_wish w = { 0 };
	struct verdict v = { 0 };
	struct err e;

	if (wish_make(st, &w, &e) < 0 ||
	    ask_request_check(ui->line, &w, &v, &e) < 0) {
		ui_error(ui, &e);
		secret_wipe(w.csr.data, w.csr.size);
		NOUN_CLEAR(request_wish, &w);
		return;
	}
	secret_wipe(w.csr.data, w.csr.size);
	NOUN_CLEAR(request_wish, &w);
	NOUN_CLEAR(verdict, &st->verdict);
	st->verdict = v;
	st->judged = true;
	st->secret = strcmp(v.rule, "csr-private-key") == 0;
	if (st->secret)
		buf_clear(&st->csr);
	verdict_fill(st);
}

static void
request_new_paste(struct ui *ui, void *state, const struct buf *paste)
{
	struct state *st = state;

	if (paste->size == 0)
		return;
	if (ui->keys.over) {
		ui_say(ui, LOOK_BAD,
		    "More than 64 KB came; a CSR has at most 16 KB. Paste the CSR alone. (csr-size)");
		return;
	}
	buf_clear(&st->csr);
	buf_put(&st->csr, paste->data, paste->size);
	judge(ui, st);
}

static void
submit(struct ui *ui, void *state)
{
	struct state *st = state;
	struct request_wish w = { 0 };
	struct request r = { 0 };
	struct err e;
	char number[24];

	if (wish_make(st, &w, &e) < 0 ||
	    ask_request_submit(ui->line, &w, &r, &e) < 0) {
		NOUN_CLEAR(request_wish, &w);
		ui_error(ui, &e);
		return;
	}
	NOUN_CLEAR(request_wish, &w);
	snprintf(number, sizeof number, "%lld", (long long)r.row.number);
	NOUN_CLEAR(request, &r);
	ui_draft_drop(ui, "request_new");
	ui->changed = true;
	ui_back(ui);			/* this state is gone now */
	ui_open(ui, "request", number);
	ui_say(ui, LOOK_GOOD, "%s Request %s is submitted.",
	    sign(SIGN_DONE), number);
}

/* ---- choosing ---- */

static void
judge_again(struct ui *ui, struct state *st)
{
	if (st->csr.size > 0)
		judge(ui, st);
}

static void
profile(struct ui *ui, void *state)
{
	struct state *st = state;
	size_t n, at = 0;
	const struct choice *list = profile_choices(&ui->me, &n);

	while (at < n && strcmp(list[at].word, st->profile) != 0)
		at++;
	at = at + 1 < n ? at + 1 : 0;
	str_copy(st->profile, sizeof st->profile, list[at].word);
	ui_say(ui, LOOK_PLAIN, "%s: %s", list[at].word, list[at].meaning);
	judge_again(ui, st);
}

static int
domains_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = state;

	(void)e;
	for (size_t i = 0; i < f->n_inputs && i < st->proven.n_rows; i++)
		st->chosen[i] = f->inputs[i].ticked;
	judge_again(ui, st);
	return 0;
}

static void
choose_domains(struct ui *ui, void *state)
{
	struct state *st = state;
	struct dialog *d = ui_dialog(ui, "Domains", "Take these", "Cancel",
	    domains_done);
	char words[1600];

	pager_text(&d->text, LOOK_PLAIN,
	    "Tick the domains that the certificate is for; none: those that the CSR names.");
	for (size_t i = 0; i < st->proven.n_rows; i++) {
		domain_words(words, sizeof words, st->proven.rows[i].shown,
		    st->proven.rows[i].name);
		form_tick(&d->form, "", "", st->chosen[i]);
		str_copy(d->form.inputs[i].label,
		    sizeof d->form.inputs[i].label, words);
		if (d->form.inputs[i].label[0] == '\0')
			snprintf(d->form.inputs[i].label,
			    sizeof d->form.inputs[i].label, "%.70s...",
			    st->proven.rows[i].name);
	}
}

static int
note_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = state;

	(void)ui, (void)e;
	str_copy(st->note, sizeof st->note, form_text(f, 0));
	return 0;
}

static void
note(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "Note for the staff", "Keep it",
	    "Cancel", note_done);

	form_line(&d->form, "Note", "what staff should know; may be empty",
	    1000);
	edit_set(&d->form.inputs[0].edit, ((struct state *)state)->note);
	ui_dialog_draft(ui, d, "request_note");
}

static int
person_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = state;

	(void)e;
	str_copy(st->jid, sizeof st->jid, form_text(f, 0));
	str_copy(st->code, sizeof st->code, form_text(f, 1));
	judge_again(ui, st);
	return 0;
}

static void
person(struct ui *ui, void *state)
{
	struct state *st = state;
	struct dialog *d = ui_dialog(ui, "Personal certificate", "Take it",
	    "Cancel", person_done);

	form_line(&d->form, "Address", "NAME@DOMAIN; empty: that of the CSR",
	    1000);
	edit_set(&d->form.inputs[0].edit, st->jid);
	form_line(&d->form, "Code", "from the holder of the domain; empty when it is yours",
	    60);
	edit_set(&d->form.inputs[1].edit, st->code);
}

static bool
can_person(const struct ui *ui, const void *state)
{
	(void)ui;
	return person_is(state);
}

static bool
can_submit(const struct ui *ui, const void *state)
{
	const struct state *st = state;

	(void)ui;
	return st->judged && st->verdict.accepted && st->csr.size > 0;
}

static bool
can_choose(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->proven.n_rows > 0;
}

/* ---- kept over a dropped line ---- */

/* Profile, what is renewed, note, domains, each on a line; then the CSR. */
static bool
request_new_draft(const void *state, struct buf *out)
{
	const struct state *st = state;

	if (st->csr.size == 0 && st->note[0] == '\0')
		return false;
	buf_printf(out, "%s\n%s\n%s\n", st->profile, st->renew, st->note);
	for (size_t i = 0; i < st->proven.n_rows; i++)
		if (st->chosen[i])
			buf_printf(out, "%s ", st->proven.rows[i].name);
	buf_put_u8(out, '\n');
	buf_put(out, st->csr.data, st->csr.size);
	return true;
}

/* The next line of a draft into dst; false when there is none that fits. */
static bool
line_take(const char **at, const char *stop, char *dst, size_t size)
{
	const char *lf = memchr(*at, '\n', (size_t)(stop - *at));
	size_t n = lf == NULL ? 0 : (size_t)(lf - *at);

	if (lf == NULL || n >= size || !utf8_valid(*at, n))
		return false;
	memcpy(dst, *at, n);
	dst[n] = '\0';
	*at = lf + 1;
	return true;
}

static void
chosen_take(struct state *st, const char *names)
{
	for (size_t i = 0; i < st->proven.n_rows; i++) {
		const char *name = st->proven.rows[i].name, *p = names;
		size_t n = strlen(name);

		while ((p = strstr(p, name)) != NULL && ((p > names &&
		    p[-1] != ' ') || p[n] != ' '))
			p++;
		st->chosen[i] = p != NULL;
	}
}

static void
draft_take(struct ui *ui, struct state *st)
{
	char renew[sizeof st->renew], names[8192], when[WHEN_SIZE];
	const char *at, *stop;
	struct draft kept;

	if (!ui_draft_get(ui, "request_new", &kept))
		return;
	at = (const char *)kept.body.data;
	stop = at + kept.body.size;
	if (line_take(&at, stop, st->profile, sizeof st->profile) &&
	    line_take(&at, stop, renew, sizeof renew) &&
	    strcmp(renew, st->renew) == 0 &&
	    line_take(&at, stop, st->note, sizeof st->note) &&
	    line_take(&at, stop, names, sizeof names)) {
		chosen_take(st, names);
		buf_put(&st->csr, at, (size_t)(stop - at));
		judge_again(ui, st);
		time_relative(when, kept.at, clock_now());
		ui_say(ui, LOOK_WARN, "Here is again what you entered %s and did not submit.",
		    when);
	}
	NOUN_CLEAR(draft, &kept);
}

/* ---- the view ---- */

static int
request_new_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;
	struct wish w = { .limit = 100 };
	struct domain_page page = { 0 };
	size_t n;

	if (ask_domain_list(ui->line, &w, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.n_rows; i++)
		if (page.rows[i].state == DOMAIN_PROVEN)
			shape_copy(&domain_shape, LIST_ADD(&st->proven, rows),
			    &page.rows[i]);
	NOUN_CLEAR(domain_page, &page);
	st->chosen = xcalloc(st->proven.n_rows + 1, sizeof *st->chosen);
	str_copy(st->profile, sizeof st->profile, profile_choices(&ui->me, &n)->word);
	str_copy(st->renew, sizeof st->renew, ref);
	how_to_fill(st);
	draft_take(ui, st);
	return 0;
}

static void
chosen_text(const struct state *st, char *dst, size_t size)
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < st->proven.n_rows && used < size; i++)
		if (st->chosen[i])
			used += (size_t)snprintf(dst + used, size - used,
			    "%s%s", used ? ", " : "", st->proven.rows[i].name);
	if (used == 0)
		snprintf(dst, size, "those that the CSR names");
}

static void
request_new_draw(const struct ui *ui, const void *state, struct area a)
{
	const struct state *st = state;
	char domains[2048];
	struct area page = a;

	(void)ui;
	if (a.rows >= ABOVE + 4) {
		chosen_text(st, domains, sizeof domains);
		screen_put(&a, 0, 0, 9, LOOK_DIM, st->renew[0] ? "renews" :
		    "profile");
		if (st->renew[0])
			screen_printf(&a, 0, 10, LOOK_PLAIN, "%s   %s",
			    st->renew, st->profile);
		else
			screen_put(&a, 0, 10, a.cols, LOOK_STRONG,
			    st->profile);
		screen_put(&a, 1, 0, 9, LOOK_DIM, "domains");
		screen_put(&a, 1, 10, a.cols, LOOK_PLAIN, domains);
		screen_put(&a, 2, 0, 9, LOOK_DIM, "note");
		screen_put(&a, 2, 10, a.cols, LOOK_PLAIN, st->note[0] ?
		    st->note : "none");
		screen_rule(&a, 3);
		page.y += ABOVE;
		page.rows -= ABOVE;
	}
	pager_draw(&st->page, page);
}

static struct area
page_area(const struct ui *ui)
{
	struct area a = ui_body(ui);

	if (a.rows >= ABOVE + 4)
		a.rows -= ABOVE;
	return a;
}

static bool
request_new_key(struct ui *ui, void *state, int key)
{
	return pager_key(&((struct state *)state)->page, page_area(ui), key);
}

static void
request_new_where(const struct ui *ui, const void *state, char *dst,
    size_t size)
{
	pager_where(&((const struct state *)state)->page, page_area(ui), dst,
	    size);
}

static const char *
request_new_unsaved(const void *state)
{
	const struct state *st = state;

	return st->csr.size > 0 ? "The CSR that you pasted" :
	    st->note[0] != '\0' ? "The note" : NULL;
}

static void
request_new_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	buf_clear(&st->csr);
	NOUN_CLEAR(verdict, &st->verdict);
	NOUN_CLEAR(domain_page, &st->proven);
	free(st->chosen);
}

static const struct key_row keys[] = {
	{ 's', "s", "submit", "Submit this request", submit, can_submit,
	    "request, renew" },
	{ 'p', "p", "profile", "The next profile: which kinds of names it has",
	    profile, NULL, "check" },
	{ 'd', "d", "domains", "Choose the domains that it is for",
	    choose_domains, can_choose, "check" },
	{ 'j', "j", "address", "Whose address a personal certificate is for",
	    person, can_person, "check" },
	{ 'o', "o", "note", "Write a note for the staff", note, NULL,
	    KEY_MOVES },
	{ 0 },
};

const struct view view_request_new = {
	.name = "request_new", .title = "New request", .brief = "New",
	.shows = "check, domain list",
	.help = "Paste a CSR. The page shows what the certificate will contain, each repair and each refusal with its rule. Another paste replaces it.",
	.size = sizeof(struct state), .keys = keys,
	.open = request_new_open, .draw = request_new_draw,
	.key = request_new_key, .paste = request_new_paste,
	.unsaved = request_new_unsaved, .where = request_new_where,
	.close = request_new_close, .draft = request_new_draft,
};
