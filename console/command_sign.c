/* command_sign.c - statements printed to be signed, and signatures read: the
 * options --statement and --signed of whatever people confirm. */
#include <string.h>

#include "console/command.h"
#include "core/base/text.h"

int
call_statement(struct call *call, const char *kind, const char *object)
{
	struct console *c = call->c;
	struct deed_word w = { .kind = "" };
	struct ref ref = { "" };
	struct text t = { 0 };
	int r;

	str_copy(w.kind, sizeof w.kind, kind);
	if (!str_copy(w.object, sizeof w.object, object))
		return call_usage(call, "'%.64s' is no number", object);
	str_copy(ref.ref, sizeof ref.ref, object);
	r = kind[0] == '\0' ?
	    ask_request_statement(c->line, &ref, &t, &call->err) :
	    ask_deed_statement(c->line, &w, &t, &call->err);
	if (r == 0 && call->json)
		json_answer(&c->out, call->command->name, &text_shape, &t);
	else if (r == 0)
		out_bytes(&c->out, t.text.data, t.text.size);
	NOUN_CLEAR(text, &t);
	return r < 0 ? -1 : 0;
}

int
call_signature(struct call *call, struct blob *signature)
{
	struct typing *in = call->c->in;
	struct err *e = &call->err, why = { 0 };

	if (call->c->dialogue) {
		if (typing_block(in, false, signature, e) < 0)
			return -1;
	} else if (csr_collect(in->fd, in->terminal, signature, &why) < 0 &&
	    strcmp(why.clause, "csr-empty") != 0) {
		if (strcmp(why.clause, "csr-size") != 0) {
			*e = why;
			return -1;
		}
		return err_set(e, ERR_BAD_INPUT, "sshsig-form",
		    "that is too long for a signature; nothing was sent: pipe what `ssh-keygen -Y sign` prints into this command");
	}
	if (signature->size > 0 && memmem(signature->data, signature->size,
	    "PRIVATE KEY", 11) != NULL) {
		secret_wipe(signature->data, signature->size);
		return err_set(e, ERR_BAD_INPUT, "sshsig-form",
		    "that is a private key; it was not sent: pipe what `ssh-keygen -Y sign` prints into this command");
	}
	return signature->size > 0 ? 0 : err_set(e, ERR_BAD_INPUT,
	    "sshsig-form",
	    "no signature came: pipe what `ssh-keygen -Y sign` prints into this command");
}

int
call_deed(struct call *call, const char *kind, const char *object)
{
	struct deed_word w = { .kind = "" };
	struct none none = { 0 };
	int r;

	if (call_option(call, "--statement") != NULL)
		return call_statement(call, kind, object) < 0 ? -1 : 1;
	if (call_option(call, "--signed") == NULL)
		return 0;
	str_copy(w.kind, sizeof w.kind, kind);
	if (!str_copy(w.object, sizeof w.object, object))
		return call_usage(call, "'%.64s' is no number", object);
	if ((r = call_signature(call, &w.signature)) == 0)
		r = ask_deed_sign(call->c->line, &w, &none, &call->err);
	NOUN_CLEAR(deed_word, &w);
	return r < 0 ? -1 : 0;
}
