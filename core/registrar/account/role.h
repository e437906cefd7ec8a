/* role.h - roles given and taken, and what is asked of those who have one. */
#ifndef REGISTRAR_ROLE_H
#define REGISTRAR_ROLE_H

#include "core/registrar/registrar.h"

/* Does policy ask for a hardware key (sk-...) in this role? */
bool role_wants_hardware(enum role role);
/* Is this SSH key type kept in a device?  (OpenSSH, PROTOCOL.u2f) */
bool key_is_hardware(const char *type);

/* By the clock: roles whose time is over or that nobody uses end. */
void role_sweep(void);

#endif
