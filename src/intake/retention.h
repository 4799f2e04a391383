/* retention.h - how long records are kept: rules by age
 *
 * A rule of a kind of post, or of a platform, comes before the one for all; where both are set for a
 * record, it is kept as long as the longer says. */
#ifndef LKS_INTAKE_RETENTION_H
#define LKS_INTAKE_RETENTION_H

#include "record/record.h"

/* "2y", "6mo", "90d", "2w", or several: "1y6mo". Months and years are those of the calendar. */
struct lks_age {
    unsigned months, days; /* both 0: no rule */
};
/* 0, or -1 for anything else. */
int lks_age_parse(struct lks_str text, struct lks_age *age);
/* The moment so long before now; a day that its month has not becomes the month's last. */
int64_t lks_age_before(int64_t now_us, struct lks_age age);

enum { LKS_RETENTION_PLATFORMS_MAX = 48 };
struct lks_retention {
    struct lks_age keep, kinds[LKS_POST_KINDS_COUNT], payments;
    struct {
        struct lks_str platform;
        struct lks_age age;
    } platforms[LKS_RETENTION_PLATFORMS_MAX];
    size_t platforms_count;
};
/* 1 where there is any rule. */
int lks_retention_set(const struct lks_retention *retention);
/* The rule for a record; kind LKS_POST_KINDS_COUNT: a payment. */
struct lks_age lks_retention_age(const struct lks_retention *retention, unsigned kind,
                                 struct lks_str platform);
/* 1 where a record of that time is older than its rule keeps it at now. */
int lks_retention_over(const struct lks_retention *retention, unsigned kind,
                       struct lks_str platform, int64_t time_us, int64_t now_us);

#endif
