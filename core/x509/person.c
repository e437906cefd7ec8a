/* person.c - what a request for a personal certificate gets: one address, and
 * the proof of its domain. */
#include "core/x509/judge.h"

#include <string.h>

#include "core/base/text.h"

static void
refuse(struct judge *j, enum rule rule, const char *what, const char *value,
    const char *text)
{
	struct err e = { 0 };

	rule_broken(&e, rule, "%s", text);
	judge_refuse(j, &e, what, value, strlen(value));
}

void
person_wish(struct judge *j, const void *value, size_t size)
{
	struct jid_form form;
	struct err e = { 0 };

	if (jid_parse(value, size, j->in->special_names, &form, &e) != 0) {
		judge_refuse(j, &e, "name", value, size);
		return;
	}
	if (j->jid_wished && strcmp(form.text, j->jid.text) != 0) {
		rule_broken(&e, RULE_PERSON_SEVERAL, "The request names "
		    "several people; a personal certificate is for one.");
		judge_refuse(j, &e, "name", value, size);
		return;
	}
	j->jid_wished = true;
	j->jid = form;
	if (form.repaired)
		judge_say(j, VERDICT_REPAIRED, RULE_NAME_CANONICAL, "name",
		    value, size, "XmppAddr: written in its prepared form.");
	else
		judge_say(j, VERDICT_USED, RULE_OK, "name", value, size,
		    "XmppAddr: as asked.");
}

void
person_subject(struct judge *j, const char *text, size_t n)
{
	judge_say(j, VERDICT_IGNORED, RULE_SUBJECT_IGNORED, "subject", text,
	    n, "The common name of a personal certificate is the address.");
}

void
person_other_name(struct judge *j, const void *value, size_t size)
{
	struct err e = { 0 };

	rule_broken(&e, RULE_PERSON_NAMES, "A personal certificate names one "
	    "address and no server; leave this name out, or choose another "
	    "profile.");
	judge_refuse(j, &e, "name", value, size);
}

/* The address that was asked for, else the one of the request. */
static bool
address_choose(struct judge *j)
{
	const char *asked = j->in->jid != NULL ? j->in->jid : "";
	struct jid_form form;
	struct err e = { 0 };

	if (asked[0] == '\0' && j->jid_wished)
		return true;
	if (asked[0] == '\0') {
		if (!j->refused)
			refuse(j, RULE_PERSON_NONE, "name", "", "Neither the "
			    "request nor you named an address; add --jid "
			    "NAME@DOMAIN.");
		return false;
	}
	if (jid_parse(asked, strlen(asked), j->in->special_names, &form,
	    &e) != 0) {
		judge_refuse(j, &e, "name", asked, strlen(asked));
		return false;
	}
	if (j->jid_wished && strcmp(form.text, j->jid.text) != 0) {
		refuse(j, RULE_PERSON_OTHER, "name", j->jid.text, "The "
		    "request names another address than was asked for; make "
		    "it for the one that is meant.");
		return false;
	}
	if (!j->jid_wished)
		judge_say(j, VERDICT_ADDED, RULE_OK, "name", form.text,
		    strlen(form.text), "XmppAddr: as asked for.");
	j->jid = form;
	return true;
}

static void
domains_check(struct judge *j)
{
	for (size_t i = 0; i < j->in->n_domains; i++) {
		const char *asked = j->in->domains[i].name;
		struct domain_form form;
		struct err e = { 0 };

		if (domain_parse(asked, strlen(asked), j->in->special_names,
		    &form, &e) != 0)
			judge_refuse(j, &e, "domain", asked, strlen(asked));
		else if (strcmp(form.ascii, j->jid.domain.ascii) != 0)
			refuse(j, RULE_PERSON_DOMAIN, "domain", asked, "A "
			    "personal certificate has the domain of its "
			    "address alone; leave --domain out.");
	}
}

void
person_settle(struct judge *j)
{
	struct name *name = NULL;

	if (!address_choose(j))
		return;
	domains_check(j);
	judge_domain(j, &j->jid.domain);
	name = LIST_ADD(j->v, names);
	name->kind = NAME_XMPP;
	str_copy(name->value, sizeof name->value, j->jid.text);
	profile_subject_cn(j->jid.text, j->v->subject_cn);
}
