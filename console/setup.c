/* setup.c - how a certificate is put to use in an XMPP server. */
#include "console/setup.h"

#include <stdio.h>
#include <string.h>

#include "console/client.h"
#include "core/base/text.h"

struct place {
	char domain[1024];
	char chain[512], root[512];	/* the commands that fetch them */
	char others[512];	/* further domains: ", a, b and 7 more" */
};

const char *
certificate_domain(const struct certificate *c)
{
	return c->subject_cn[0] ? c->subject_cn : c->n_names > 0 ?
	    c->names[0].value : c->serial;
}

static void
prosody(struct buf *b, const struct place *p)
{
	buf_printf(b,
	    "## in a shell on the server\n"
	    "%s > /etc/prosody/certs/%s.crt\n"
	    "%s > /etc/prosody/certs/xmpp-ica-root.pem\n"
	    "# the private key beside it, readable for prosody alone:\n"
	    "install -o root -g prosody -m 640 %s.key /etc/prosody/certs/%s.key\n",
	    p->chain, p->domain, p->root, p->domain, p->domain);
	buf_printf(b,
	    "## /etc/prosody/prosody.cfg.lua, above the first VirtualHost\n"
	    "s2s_require_encryption = true\n"
	    "s2s_secure_auth = true\n"
	    "ssl = { cafile = \"/etc/prosody/certs/xmpp-ica-root.pem\" }\n");
	buf_printf(b,
	    "## /etc/prosody/prosody.cfg.lua, under VirtualHost \"%s\"%s%s\n"
	    "ssl = {\n"
	    "    key = \"/etc/prosody/certs/%s.key\";\n"
	    "    certificate = \"/etc/prosody/certs/%s.crt\";\n"
	    "    cafile = \"/etc/prosody/certs/xmpp-ica-root.pem\";\n"
	    "}\n", p->domain, p->others[0] ?
	    " and the VirtualHost or Component of each of" : "",
	    p->others[0] ? p->others + 1 : "", p->domain, p->domain);
	buf_printf(b,
	    "## in a shell: look, then take it into use\n"
	    "prosodyctl check certs && prosodyctl reload\n");
}

static void
ejabberd(struct buf *b, const struct place *p)
{
	buf_printf(b,
	    "## in a shell on the server, beside the private key\n"
	    "umask 077\n"
	    "%s > %s.pem\n"
	    "cat %s.key >> %s.pem\n"
	    "install -o root -g ejabberd -m 640 %s.pem /etc/ejabberd/%s.pem\n"
	    "%s > xmpp-ica-root.pem\n"
	    "# ca_file takes the place of the system's roots: keep them\n"
	    "cat /etc/ssl/certs/ca-certificates.crt xmpp-ica-root.pem > ca.pem\n"
	    "install -o root -g root -m 644 ca.pem /etc/ejabberd/ca.pem\n"
	    "rm %s.pem ca.pem\n",
	    p->chain, p->domain, p->domain, p->domain, p->domain, p->domain,
	    p->root, p->domain);
	buf_printf(b,
	    "## /etc/ejabberd/ejabberd.yml\n"
	    "certfiles:\n"
	    "  - /etc/ejabberd/%s.pem\n"
	    "ca_file: /etc/ejabberd/ca.pem\n"
	    "s2s_use_starttls: required\n", p->domain);
	buf_printf(b,
	    "## in a shell: take it into use\n"
	    "ejabberdctl reload_config\n");
}

static void
openfire(struct buf *b, const struct place *p)
{
	buf_printf(b,
	    "## in a shell on the server, in OPENFIRE_HOME/resources/security\n"
	    "umask 077\n"
	    "%s > %s.crt\n"
	    "# give the keystore's own password wherever one is asked for\n"
	    "openssl pkcs12 -export -name %s -in %s.crt -inkey %s.key -out %s.p12\n"
	    "keytool -importkeystore -srcstoretype PKCS12 -srckeystore %s.p12 -destkeystore keystore\n"
	    "rm %s.p12\n",
	    p->chain, p->domain, p->domain, p->domain, p->domain,
	    p->domain, p->domain, p->domain);
	buf_printf(b,
	    "## the first time also, in the same place: the root, which is to be trusted\n"
	    "%s > xmpp-ica-root.pem\n"
	    "keytool -importcert -trustcacerts -alias xmpp-ica-root -file xmpp-ica-root.pem -keystore truststore\n",
	    p->root);
	buf_printf(b,
	    "## in its admin console, Server Settings, Server to Server\n"
	    "# STARTTLS policy: Required; Mutual Authentication: Needed\n"
	    "# then restart Openfire\n");
}

static const struct {
	const char *name;
	void (*put)(struct buf *b, const struct place *p);
} servers[SETUP_SERVERS] = {
	{ "prosody", prosody }, { "ejabberd", ejabberd },
	{ "openfire", openfire },
};

/* The domains of the certificate but the first; each has one such name. */
static void
others_put(char *dst, size_t size, const struct certificate *c,
    const char *first)
{
	char shown[1024];
	size_t at = 0, left = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < c->n_names; i++) {
		const struct name *n = &c->names[i];

		if (n->kind != NAME_SRV_SERVER ||
		    strcmp(n->value, first) == 0)
			continue;
		render_untrusted(shown, sizeof shown, n->value,
		    strlen(n->value));
		if (left == 0 && at + strlen(shown) + 32 < size)
			at += (size_t)snprintf(dst + at, size - at, ", %s",
			    shown);
		else
			left++;
	}
	if (left > 0)
		snprintf(dst + at, size - at, " and %zu more", left);
}

const char *
setup_server(size_t i)
{
	return i < SETUP_SERVERS ? servers[i].name : NULL;
}

void
setup_put(struct buf *b, size_t i, const struct certificate *c,
    const struct whoami *me)
{
	const char *domain = certificate_domain(c);
	struct place p;
	char number[24];

	render_untrusted(p.domain, sizeof p.domain, domain, strlen(domain));
	others_put(p.others, sizeof p.others, c, domain);
	snprintf(number, sizeof number, "%lld", (long long)c->request);
	exec_line(p.chain, sizeof p.chain, me, "cert", number, NULL);
	exec_line(p.root, sizeof p.root, me, "cert", number, "--root", NULL);
	servers[i].put(b, &p);
}

void
setup_caa(char *dst, size_t size, const struct certificate *c)
{
	char record[1400];

	dst[0] = '\0';
	if (c->caa[0] == '\0')
		return;
	snprintf(record, sizeof record, "%s. CAA 0 issue \"%s\"",
	    certificate_domain(c), c->caa);
	render_untrusted(dst, size, record, strlen(record));
}
