/* retention.c - how long records are kept: rules by age */
#include "intake/retention.h"

enum { AGE_MAX = 1000 }; /* of any unit */

int lks_age_parse(struct lks_str text, struct lks_age *age)
{
    static const struct {
        const char *name;
        unsigned months, days;
    } units[] = {{"y", 12, 0}, {"mo", 1, 0}, {"w", 0, 7}, {"d", 0, 1}};
    size_t at = 0;
    *age = (struct lks_age){0};
    while (at < text.size_bytes) {
        unsigned number = 0;
        size_t digits = at, unit = 0;
        while (at < text.size_bytes && text.data[at] >= '0' && text.data[at] <= '9' &&
               number <= AGE_MAX)
            number = number * 10 + (unsigned)(text.data[at++] - '0');
        for (; unit < 4; unit++) {
            size_t size = strlen(units[unit].name);
            if (text.size_bytes - at >= size && memcmp(text.data + at, units[unit].name, size) == 0)
                break;
        }
        if (at == digits || number == 0 || number > AGE_MAX || unit == 4)
            return -1;
        age->months += number * units[unit].months;
        age->days += number * units[unit].days;
        at += strlen(units[unit].name);
    }
    return age->months || age->days ? 0 : -1;
}

static int month_days(int year, int month)
{
    int next_year = month == 12 ? year + 1 : year, next = month == 12 ? 1 : month + 1;
    return (int)(lks_days_from_civil(next_year, next, 1) - lks_days_from_civil(year, month, 1));
}

int64_t lks_age_before(int64_t now_us, struct lks_age age)
{
    struct lks_civil civil = lks_time_to_civil(now_us);
    int months = civil.year * 12 + civil.month - 1 - (int)age.months;
    if (months < 0)
        return INT64_MIN + 1;
    civil.year = months / 12;
    civil.month = months % 12 + 1;
    int days = month_days(civil.year, civil.month);
    if (civil.day > days)
        civil.day = days;
    return lks_time_from_civil(&civil) - (int64_t)age.days * LKS_DAY_US;
}

static int age_set(struct lks_age age)
{
    return age.months || age.days;
}

int lks_retention_set(const struct lks_retention *retention)
{
    int set =
        age_set(retention->keep) || age_set(retention->payments) || retention->platforms_count > 0;
    for (int i = 0; i < LKS_POST_KINDS_COUNT; i++)
        set |= age_set(retention->kinds[i]);
    return set;
}

/* At some fixed moment, which decides between "1y" and "360d" always alike. */
static int longer(struct lks_age a, struct lks_age b)
{
    int64_t then = lks_days_from_civil(2024, 3, 1) * LKS_DAY_US;
    return lks_age_before(then, a) < lks_age_before(then, b);
}

struct lks_age lks_retention_age(const struct lks_retention *retention, unsigned kind,
                                 struct lks_str platform)
{
    struct lks_age by_kind =
        kind < LKS_POST_KINDS_COUNT ? retention->kinds[kind] : retention->payments;
    struct lks_age by_platform = {0};
    for (size_t i = 0; platform.data && i < retention->platforms_count; i++)
        if (lks_str_equal(retention->platforms[i].platform, platform))
            by_platform = retention->platforms[i].age;
    if (age_set(by_kind) && age_set(by_platform))
        return longer(by_kind, by_platform) ? by_kind : by_platform;
    return age_set(by_kind) ? by_kind : age_set(by_platform) ? by_platform : retention->keep;
}

int lks_retention_over(const struct lks_retention *retention, unsigned kind,
                       struct lks_str platform, int64_t time_us, int64_t now_us)
{
    struct lks_age age = lks_retention_age(retention, kind, platform);
    return age_set(age) && time_us != LKS_TIME_NULL && time_us < lks_age_before(now_us, age);
}
