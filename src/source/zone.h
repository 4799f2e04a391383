/* zone.h - offsets from UTC as people write them */
#ifndef LKS_SOURCE_ZONE_H
#define LKS_SOURCE_ZONE_H

#include "base/time.h"

/* Reads "+03:00", "-0530" or "+2" as microseconds. 0 or -1. */
int lks_zone_parse(struct lks_str text, int64_t *offset_us);

#endif
