/* view_domain.c - one domain with its proof and the codes mailed for it. */
#include "console/view_domain.h"

#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct pager page;		/* must stand first */
	struct domain domain;
};

/* ---- adding ---- */

static int
add_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct domain_new n = { 0 };
	struct domain d = { 0 };

	(void)state;
	str_copy(n.name, sizeof n.name, form_text(f, 0));
	n.method = strcmp(form_word(f, 1), "dns") == 0 ? PROOF_DNS :
	    PROOF_MAIL;
	if (n.method == PROOF_MAIL) {
		str_copy(n.localpart, sizeof n.localpart, form_word(f, 1));
		str_copy(n.at, sizeof n.at, form_text(f, 2));
	}
	if (n.name[0] == '\0') {
		f->at = 0;
		return err_set(e, ERR_BAD_INPUT, "name-empty",
		    "Type a domain, such as example.org.");
	}
	if (ask_domain_add(ui->line, &n, &d, e) < 0)
		return -1;
	ui->changed = true;
	if (n.method == PROOF_DNS) {
		ui_say(ui, LOOK_GOOD,
		    "Add the record that is shown here, then press f.");
		if (strcmp(ui->stack[ui->depth - 1].view->name, "domain") != 0)
			ui_open(ui, "domain", d.name);
		NOUN_CLEAR(domain, &d);
		return 0;
	}
	ui_say(ui, LOOK_GOOD, "A code goes to %s%s%s. Enter it with c.",
	    d.n_challenges > 0 ? "" : n.localpart, d.n_challenges > 0 ? "" :
	    "@", d.n_challenges > 0 ? d.challenges[0].mailbox :
	    n.at[0] ? n.at : d.name);
	NOUN_CLEAR(domain, &d);
	return 0;
}

void
domain_add_ask(struct ui *ui, const char *name)
{
	struct dialog *d = ui_dialog(ui, name[0] ? "A new proof" :
	    "Add a domain", "Begin", "Cancel", add_done);
	static struct choice ways[8];
	const struct choice *boxes;
	size_t n;

	pager_text(&d->text, LOOK_PLAIN,
	    "A letter with a code goes to a mailbox that only the owner of the domain reads. Or you add a record to the DNS.");
	form_line(&d->form, "Domain", "as people write it: example.org", 511);
	edit_set(&d->form.inputs[0].edit, name);
	boxes = mailbox_choices(&n);
	for (size_t i = 0; i < n; i++)
		ways[i] = boxes[i];
	ways[n++] = (struct choice){ "dns",
		"no letter: you add a record to the DNS" };
	form_choice(&d->form, "Mailbox", ways, n, 0);
	form_line(&d->form, "At",
	    "empty: at the domain itself; or a parent domain with mail", 511);
	d->form.at = name[0] ? 1 : 0;
	if (name[0] == '\0')
		ui_dialog_draft(ui, d, "domain_add");
}

/* ---- the code ---- */

static int
code_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct confirmation c = { 0 };
	struct domain d = { 0 };

	(void)state;
	str_copy(c.name, sizeof c.name, ui->dialog->subject);
	str_copy(c.code, sizeof c.code, form_text(f, 0));
	if (c.code[0] == '\0')
		return err_set(e, ERR_BAD_INPUT, "code-empty",
		    "Type the code from the letter.");
	if (ask_domain_confirm(ui->line, &c, &d, e) < 0)
		return -1;
	ui->changed = true;
	if (d.state == DOMAIN_PROVEN)
		ui_say(ui, LOOK_GOOD, "%s is proven. Next: n, a request.",
		    d.name);
	else
		ui_say(ui, LOOK_WARN, "%s: %s.", d.name,
		    word_of(&domain_state_words, d.state));
	NOUN_CLEAR(domain, &d);
	return 0;
}

void
domain_code_ask(struct ui *ui, const char *name)
{
	struct dialog *d = ui_dialog(ui, "Enter the code", "Prove it",
	    "Cancel", code_done);

	pager_text(&d->text, LOOK_PLAIN,
	    "The letter for this domain has seven groups of four letters and digits. Case and - don't matter; pasting works.");
	str_copy(d->subject, sizeof d->subject, name);
	form_line(&d->form, "Code", name, 127);
}

/* ---- giving up ---- */

static int
drop_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref ref = { 0 };
	struct none none = { 0 };

	(void)state, (void)f;
	str_copy(ref.ref, sizeof ref.ref, ui->dialog->subject);
	if (ask_domain_drop(ui->line, &ref, &none, e) < 0)
		return -1;
	ui->changed = true;
	if (strcmp(ui->stack[ui->depth - 1].view->name, "domain") == 0)
		ui_back(ui);
	ui_say(ui, LOOK_PLAIN, "%s is given up.", ref.ref);
	return 0;
}

void
domain_drop_ask(struct ui *ui, const char *name)
{
	struct dialog *d = ui_dialog(ui, "Give up a domain?", "Give it up",
	    "Keep it", drop_done);

	str_copy(d->subject, sizeof d->subject, name);
	pager_text(&d->text, LOOK_PLAIN,
	    "Give up %s? Its proof ends, and nothing new is issued for it. Certificates that exist stay good until they end or are revoked.",
	    name);
	d->form.at = 1;
}

/* ---- the view ---- */

/* The newest record that waits to be found; NULL none. */
static const struct challenge *
record_open(const struct domain *d)
{
	for (size_t i = 0; i < d->n_challenges; i++)
		if (d->challenges[i].method == PROOF_DNS &&
		    d->challenges[i].state == CHALLENGE_SENT)
			return &d->challenges[i];
	return NULL;
}

/* Ready to be copied: a line of its own, never wrapped. */
static void
record_add(struct pager *p, const struct domain *d, int64_t now)
{
	const struct challenge *c = record_open(d);
	char line[512], when[WHEN_SIZE];

	if (c == NULL)
		return;
	pager_head(p, "Record to add to the DNS");
	record_line(line, sizeof line, c);
	pager_block(p, LOOK_STRONG, "%s", line);
	pager_field(p, "name", LOOK_PLAIN, "%s", c->owner);
	pager_field(p, "text", LOOK_PLAIN, "%s", c->record);
	time_both(when, c->expires, now);
	pager_field(p, "until", LOOK_PLAIN, "%s", when);
	if (c->looking)
		pager_field(p, "looked for", LOOK_WARN,
		    "now; what is found comes here by itself");
	else if (c->looked != 0) {
		time_relative(when, c->looked, now);
		pager_field(p, "looked for", LOOK_WARN, "%s: %s", when,
		    c->found);
	}
}

static void
challenges_add(struct pager *p, const struct domain *d, int64_t now)
{
	char when[WHEN_SIZE], text[1024];
	bool any = false;

	pager_head(p, "Codes and records");
	for (size_t i = 0; i < d->n_challenges; i++) {
		const struct challenge *c = &d->challenges[i];

		if (c == record_open(d))	/* it stands above */
			continue;
		any = true;
		time_date(when, c->created);
		challenge_sentence(text, sizeof text, c, now);
		pager_field(p, when, c->state == CHALLENGE_LOCKED ?
		    LOOK_BAD : c->state == CHALLENGE_SENT ||
		    c->state == CHALLENGE_WAITING ? LOOK_PLAIN : LOOK_DIM,
		    "%s", text);
	}
	if (!any)
		pager_text(p, LOOK_DIM, "None.");
}

static void
domain_fill(struct ui *ui, struct state *st)
{
	const struct domain *d = &st->domain;
	struct pager *p = &st->page;
	const char *word = word_of(&domain_state_words, d->state);
	char text[1600], line[512], when[WHEN_SIZE];
	int64_t now = clock_now();

	pager_again(p);
	p->label_cols = 12;
	domain_words(text, sizeof text, d->shown, d->name);
	pager_text(p, LOOK_STRONG, "%s", text);
	pager_gap(p);
	domain_sentence(text, sizeof text, d, now);
	cut_command(text);
	pager_field(p, "state", look_of_state(word), "%s", word);
	pager_field(p, "", LOOK_PLAIN, "%s", text);
	if (d->state == DOMAIN_PROVEN) {
		pager_field(p, "proved by", LOOK_PLAIN, "%s%s",
		    d->method == PROOF_MAIL ? "mail to " : "DNS",
		    d->method == PROOF_MAIL ? d->mailbox : "");
		time_both(when, d->proven, now);
		pager_field(p, "on", LOOK_PLAIN, "%s", when);
		time_both(when, d->expires, now);
		pager_field(p, "counts until", LOOK_PLAIN, "%s", when);
		if (d->method == PROOF_DNS) {
			time_both(when, d->seen, now);
			pager_field(p, "record", d->missed ? LOOK_BAD :
			    LOOK_PLAIN, "%s, last seen %s%s",
			    word_of(&dnssec_state_words, d->dnssec), when,
			    d->missed ? "; it is missed now: put it back" :
			    "");
		}
	}
	record_add(p, d, now);
	domain_next_add(p, d, now);
	challenges_add(p, d, now);
	pager_gap(p);
	exec_line(line, sizeof line, &ui->me, "domain",
	    d->state == DOMAIN_CLAIMED ? "confirm" : "add", d->name,
	    d->state == DOMAIN_CLAIMED && record_open(d) == NULL ? "CODE" :
	    NULL, NULL);
	part_command(p, d->state != DOMAIN_CLAIMED ?
	    "A new proof by command:" : record_open(d) != NULL ?
	    "To have it looked for by command:" :
	    "To enter the code by command:", line);
}

static int
domain_open(struct ui *ui, void *state, const char *name, struct err *e)
{
	struct state *st = state;
	struct ref ref = { 0 };

	str_copy(ref.ref, sizeof ref.ref, name);
	if (ask_domain_get(ui->line, &ref, &st->domain, e) < 0)
		return -1;
	domain_fill(ui, st);
	return 0;
}

static void
domain_changed(struct ui *ui, void *state)
{
	struct state *st = state;
	struct domain new = { 0 };
	struct ref ref = { 0 };

	str_copy(ref.ref, sizeof ref.ref, st->domain.name);
	if (ask_domain_get(ui->line, &ref, &new, NULL) < 0)
		return;
	NOUN_CLEAR(domain, &st->domain);
	st->domain = new;
	domain_fill(ui, st);
}

static void
domain_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	NOUN_CLEAR(domain, &st->domain);
}

static void
code(struct ui *ui, void *state)
{
	domain_code_ask(ui, ((struct state *)state)->domain.name);
}

static void
again(struct ui *ui, void *state)
{
	domain_add_ask(ui, ((struct state *)state)->domain.name);
}

static void
drop(struct ui *ui, void *state)
{
	domain_drop_ask(ui, ((struct state *)state)->domain.name);
}

static void
request(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "request_new", "");
}

static void
find(struct ui *ui, void *state)
{
	struct state *st = state;
	struct confirmation c = { 0 };
	struct domain d = { 0 };
	struct err e = { 0 };

	str_copy(c.name, sizeof c.name, st->domain.name);
	if (ask_domain_confirm(ui->line, &c, &d, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	NOUN_CLEAR(domain, &d);
	ui->changed = true;
	ui_say(ui, LOOK_PLAIN, "The DNS is being asked for the record.");
}

static void
live(struct ui *ui, void *state)
{
	ui_open(ui, "live", ((struct state *)state)->domain.name);
}

static bool
waits(const struct ui *ui, const void *state)
{
	const struct domain *d = &((const struct state *)state)->domain;

	(void)ui;
	for (size_t i = 0; i < d->n_challenges; i++)
		if (d->challenges[i].method == PROOF_MAIL)
			return d->state == DOMAIN_CLAIMED;
	return false;
}

static bool
has_record(const struct ui *ui, const void *state)
{
	(void)ui;
	return record_open(&((const struct state *)state)->domain) != NULL;
}

static bool
proven(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->domain.state == DOMAIN_PROVEN;
}

static void
copy(struct ui *ui, void *state)
{
	const struct domain *d = &((struct state *)state)->domain;
	char line[512];

	ui_copy_start(ui);
	exec_line(line, sizeof line, &ui->me, "domain", "show", d->name,
	    NULL);
	ui_copy_add_text(ui, "domain", "its name, as A-labels", d->name);
	ui_copy_add_text(ui, "mailbox", "where its code goes",
	    d->n_challenges > 0 ? d->challenges[0].mailbox : d->mailbox);
	if (d->n_challenges > 0) {
		ui_copy_add_text(ui, "record", "text of the TXT record to add",
		    d->challenges[0].record);
		ui_copy_add_text(ui, "record's name", "where that record goes",
		    d->challenges[0].owner);
	}
	ui_copy_add_text(ui, "command", "the line that shows it in a shell",
	    line);
	ui_copy_ask(ui, line);
}

static const struct key_row keys[] = {
	{ 'c', "c", "enter code", "Enter the code from the letter", code,
	    waits, "domain confirm" },
	{ 'f', "f", "find record", "Have the TXT record looked for", find,
	    has_record, "domain confirm" },
	{ 'n', "n", "new request", "Ask for a certificate", request, proven,
	    ">request_new" },
	{ 'r', "r", "new proof", "A new code or record; an old code ends",
	    again, NULL, "domain add" },
	{ 'l', "l", "live", "See what the servers of the domain show now",
	    live, NULL, ">live" },
	{ 'x', "x", "give up", "Give this domain up", drop, NULL,
	    "domain drop" },
	{ 'y', "y", "copy", "Copy its name, its mailbox or the command",
	    copy, NULL, KEY_MOVES },
	{ 0 },
};

const struct view view_domain = {
	.name = "domain", .title = "Domain", .brief = "Domain",
	.shows = "domain show",
	.help = "One domain: how it was proven, which codes were mailed to whom, and the record to add when it is to be proven by DNS.",
	.size = sizeof(struct state), .keys = keys,
	.open = domain_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = domain_changed, .where = pager_view_where,
	.close = domain_close,
};
