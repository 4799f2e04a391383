/* named_zone.h - what a clock on a wall in some place says, and when: zones by name, clock changes */
#ifndef LKS_STORE_NAMED_ZONE_H
#define LKS_STORE_NAMED_ZONE_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* How often a clock shows a local time. */
enum lks_local_time {
    LKS_LOCAL_ONCE,
    LKS_LOCAL_TWICE, /* the clock was set back over it */
    LKS_LOCAL_NEVER  /* the clock was set forward over it */
};

/* The instants that a local time (microseconds as if it were UTC) can mean in a zone of the IANA
 * database ("Europe/Bucharest"). *earlier_us and *later_us are equal for LKS_LOCAL_ONCE; of a time
 * that never was they are what it would be by the clock after the change and by the one before it.
 * LKS_EARGUMENT where there is no such zone, or the times lie outside 1970 to 2100; LKS_ESTORE,
 * LKS_EMEMORY. The database is the one that DuckDB carries. */
int lks_zone_instants(struct lks_str zone, int64_t local_us, int64_t *earlier_us, int64_t *later_us,
                      enum lks_local_time *how_out, struct lks_error *err);
/* What the clock shows at an instant: *local_us as above. Errors alike. */
int lks_zone_local(struct lks_str zone, int64_t time_us, int64_t *local_us, struct lks_error *err);

#endif
