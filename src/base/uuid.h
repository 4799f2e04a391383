/* uuid.h - names to UUIDs that are the same wherever they are made (RFC 9562, version 5) */
#ifndef LKS_BASE_UUID_H
#define LKS_BASE_UUID_H

#include "base/str.h"

#define LKS_UUID_BYTES 16
#define LKS_UUID_TEXT_BYTES 37

/* The UUID of a name in a namespace, as lower-case text. Not a secret of the name: who can guess it
 * can check it. LKS_EMEMORY (-4). */
int lks_uuid5(const unsigned char space[LKS_UUID_BYTES], struct lks_str name,
              char out[LKS_UUID_TEXT_BYTES]);

#endif
