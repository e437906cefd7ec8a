/* profile_xmpp_s2s.c - the strict one: no dNSName, so no use to browsers. */
#include "core/x509/profile.h"

extern const struct profile profile_xmpp_s2s;

const struct profile profile_xmpp_s2s = {
	.name = "xmpp-s2s",
	.purpose = "server",
	.meaning = "For links between servers only: SRVNames without dNSName, "
	    "so that browsers and other HTTP programs reject it.",
	.srv_server = true,
	.srv_client = true,
	.server_auth = true,
	.client_auth = true,
	.longest_days = 398,
};
