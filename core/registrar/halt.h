/* halt.h - may anything be issued now?  Not while the director has halted it,
 * and not under a policy that he has not acknowledged. */
#ifndef REGISTRAR_HALT_H
#define REGISTRAR_HALT_H

#include "core/base/err.h"
#include "core/model/nouns.h"

/* 0, or ERR_UNAVAILABLE with clause "clock", "halt" or "policy-acknowledgement". */
int issuing_allowed(struct err *e);
/* The policy was read anew: ask the database again. */
void issuing_forget(void);
/* The same for whoami: why not, "" when it is. */
void issuing_words(char *dst, size_t size);

#endif
