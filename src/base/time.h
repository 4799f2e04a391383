/* time.h - instants: Unix microseconds in UTC, and the ways in which files write them */
#ifndef LKS_BASE_TIME_H
#define LKS_BASE_TIME_H

#include <stdint.h>

#include "base/str.h"

#define LKS_SECOND_US INT64_C(1000000)
#define LKS_MINUTE_US (60 * LKS_SECOND_US)
#define LKS_HOUR_US (60 * LKS_MINUTE_US)
#define LKS_DAY_US (24 * LKS_HOUR_US)
#define LKS_TIME_NULL INT64_MIN /* no time */
/* What is accepted at the door: 1970-01-01 to 2100-01-01, both inclusive. */
#define LKS_TIME_MIN_US INT64_C(0)
#define LKS_TIME_MAX_US INT64_C(4102444800000000)

enum lks_time_precision { LKS_PRECISION_SECOND, LKS_PRECISION_MINUTE, LKS_PRECISION_DAY };

struct lks_civil {
    int year, month, day, hour, minute, second;
    int microsecond;
};

/* Days from 1970-01-01 in the proleptic Gregorian calendar (Hinnant, chrono-compatible
 * date algorithms); month 1-12, day 1-31. */
int64_t lks_days_from_civil(int year, int month, int day);
struct lks_civil lks_time_to_civil(int64_t time_us);
int64_t lks_time_from_civil(const struct lks_civil *civil); /* fields must be in range */

/* Reads "2016-07-01 00:04", "2016-07-01T00:04:05.123Z", "+02:00" offsets, "2015-09-01"
 * and, with a comma or point, fractions of a second. A time without zone is taken as UTC
 * and *zoned says 0. The precision is what was written: a date is LKS_PRECISION_DAY,
 * hours and minutes LKS_PRECISION_MINUTE. Returns 0, or -1 for anything else or a time
 * outside LKS_TIME_MIN_US..LKS_TIME_MAX_US. zoned and precision may be NULL. */
int lks_time_parse_iso(struct lks_str text, int64_t *time_us, enum lks_time_precision *precision,
                       int *zoned);
/* Reads Unix seconds as decimal text, fraction allowed ("1606451170.518101"), without
 * passing through a double. Values above 10^11 are milliseconds, above 10^14
 * microseconds. Returns 0 or -1 as above. */
int lks_time_parse_unix(struct lks_str text, int64_t *time_us);

/* Writes "2024-11-24T08:00:00Z" (microseconds only where there are some), 32 bytes at most. */
#define LKS_TIME_TEXT_BYTES 40
void lks_time_format(int64_t time_us, char text[LKS_TIME_TEXT_BYTES]);
/* Reads a span: "10s", "60s", "5m", "1h", "2d", or a bare number of seconds. 0 or -1. */
int lks_span_parse(struct lks_str text, int64_t *span_us);
/* Writes the shortest exact span: "60s" as "1m", "90s" as "90s". */
void lks_span_format(int64_t span_us, char text[LKS_TIME_TEXT_BYTES]);
/* How many of count sorted times are at most bound. */
size_t lks_times_up_to(const int64_t *times, size_t count, int64_t bound);
/* Seconds since some fixed point, for measuring how long work takes. */
double lks_clock_seconds(void);

#endif
