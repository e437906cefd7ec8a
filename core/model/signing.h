/*
 * signing.h - whose word must be signed by an SSH key of the person:
 * `policy.signed_approvals` is `no`, `yes`, or profiles and roles with spaces
 * between.  A profile: approvals of its requests.  A role: whatever people
 * with it approve or confirm.
 */
#ifndef MODEL_SIGNING_H
#define MODEL_SIGNING_H

#include <stdbool.h>

#include "core/model/words.h"

/* Is an approval of a request for this profile signed? */
bool signing_for_profile(const char *list, const char *profile);
/* Is what somebody with this role confirms signed? */
bool signing_for_role(const char *list, enum role role);

#endif
