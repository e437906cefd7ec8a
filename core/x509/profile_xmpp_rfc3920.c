/* profile_xmpp_rfc3920.c - with an XmppAddr for each domain (RFC 3920 5.1). */
#include "core/x509/profile.h"

extern const struct profile profile_xmpp_rfc3920;

const struct profile profile_xmpp_rfc3920 = {
	.name = "xmpp-rfc3920",
	.purpose = "server",
	.meaning = "As xmpp-server, with an XmppAddr for each domain as RFC "
	    "3920 section 5.1 had it.",
	.warning = "ejabberd 19.09 to at least 26.04 drops every peer whose "
	    "certificate has an XmppAddr of a bare domain; choose xmpp-server "
	    "unless you know that a peer needs the XmppAddr.",
	.dns_name = true,
	.srv_server = true,
	.srv_client = true,
	.xmpp_addr = true,
	.server_auth = true,
	.client_auth = true,
	.longest_days = 398,
};
