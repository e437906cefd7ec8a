/* profile_xmpp_person.c - a person's address, for logging in to the own
 * server; under a root of its own (G5). */
#include "core/x509/profile.h"

extern const struct profile profile_xmpp_person;

const struct profile profile_xmpp_person = {
	.name = "xmpp-person",
	.purpose = "person",
	.meaning = "For one person: the address (JID) as XmppAddr, to log in "
	    "to the own server with (SASL EXTERNAL); no server can use it.",
	.person = true,
	.client_auth = true,
	.longest_days = 365,
};
