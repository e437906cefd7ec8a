/* profile_xmpp_server.c - the default: every server and client accepts it. */
#include "core/x509/profile.h"

extern const struct profile profile_xmpp_server;

const struct profile profile_xmpp_server = {
	.name = "xmpp-server",
	.purpose = "server",
	.meaning = "For XMPP servers and components: dNSName and both SRVNames "
	    "for each domain, accepted by all servers and clients.",
	.dns_name = true,
	.srv_server = true,
	.srv_client = true,
	.server_auth = true,
	.client_auth = true,
	.longest_days = 398,
};
