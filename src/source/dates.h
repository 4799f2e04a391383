/* dates.h - instants as exports write them, beyond ISO 8601 and Unix seconds */
#ifndef LKS_SOURCE_DATES_H
#define LKS_SOURCE_DATES_H

#include "base/time.h"

enum lks_date_order { LKS_DATE_MDY, LKS_DATE_DMY };

/* Reads "7/31/2016 23:05", "31-12-2016 06:59:01": day, month and year of four digits between
 * slashes, points or dashes in the given order, then the clock or nothing. UTC is assumed.
 * 0, or -1 for anything else or a time outside LKS_TIME_MIN_US..LKS_TIME_MAX_US. */
int lks_date_parse(struct lks_str text, enum lks_date_order order, int64_t *time_us,
                   enum lks_time_precision *precision);
/* Reads "Wed Jan 07 04:38:02 +0000 2009", Twitter's own. 0 or -1. */
int lks_date_parse_twitter(struct lks_str text, int64_t *time_us);
/* What cannot be misread: ISO, Unix seconds, Twitter's own. 0 or -1. */
int lks_time_parse_any(struct lks_str text, int64_t *time_us, enum lks_time_precision *precision);
/* Whether it is the number of a day from 2000 to 2099 as spreadsheets count, with a fraction or
 * none, as "45620.84375": as Unix seconds it would be a time on the first day of 1970. */
bool lks_time_is_serial(struct lks_str text);

#endif
