/* serve_parts.h - prototypes of the signer's answers (ops.def). */
#ifndef SIGNER_SERVE_PARTS_H
#define SIGNER_SERVE_PARTS_H

#define SERVE_SIGNER(x) x
#define SERVE_PROTOTYPES_ONLY
#include "core/wire/serve.h"
#undef SERVE_PROTOTYPES_ONLY
#undef SERVE_SIGNER
#undef SERVE_REGISTRAR

#endif
