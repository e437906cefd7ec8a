/* version.h - the version of all binaries: they are built together. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define XMPP_ICA_VERSION "0.1"

#endif
