/* moment.h - times as people write them: by the clock of a place, with an offset, or as a span */
#ifndef LKS_CASE_MOMENT_H
#define LKS_CASE_MOMENT_H

#include <stdint.h>

#include "base/error.h"

#define LKS_MOMENT_ZONE_BYTES 72
#define LKS_MOMENT_TEXT_BYTES 128

struct lks_moment {
    int64_t time_us;
    char zone[LKS_MOMENT_ZONE_BYTES]; /* "Europe/Bucharest", "+02:00", "UTC" */
    char notice[320];                 /* a sentence where the clock changed over it; else empty */
};

/* Reads "2024-12-02 18:00 Europe/Bucharest", "2024-12-02 18:00+02:00", "2024-12-02T16:00:00Z", "now"
 * (now_us), and where start_us is not LKS_TIME_NULL a span after it: "24h" are 24 hours, whatever the
 * clocks do between. A local time that was there twice or never is told in the notice, and the earlier
 * instant taken: who answers by it is never late. LKS_EARGUMENT with a sentence: no zone, a date
 * without an hour, an unknown zone; LKS_ESTORE, LKS_EMEMORY. */
int lks_moment_parse(const char *text, int64_t start_us, int64_t now_us, struct lks_moment *moment,
                     struct lks_error *err);
/* One end of a range of days or times: a date is its first or (end) its last microsecond, in UTC or in
 * the zone that follows it. Errors alike. */
int lks_moment_parse_edge(const char *text, int end, int64_t *time_us, struct lks_error *err);
/* "2024-12-02 18:00 Europe/Bucharest": the instant by the clock of that zone; by UTC where that is not
 * known. Seconds only where there are some. */
void lks_moment_format(int64_t time_us, const char *zone, char text[LKS_MOMENT_TEXT_BYTES]);

#endif
