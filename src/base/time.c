/* time.c - instants: Unix microseconds in UTC, and the ways in which files write them */
#include "base/time.h"

#include <stdio.h>
#include <time.h>

int64_t lks_days_from_civil(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct lks_civil lks_time_to_civil(int64_t time_us)
{
    int64_t days = time_us / LKS_DAY_US;
    int64_t rest = time_us % LKS_DAY_US;
    if (rest < 0) {
        rest += LKS_DAY_US;
        days--;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    struct lks_civil civil = {
        .year = (int)(yoe + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(rest / LKS_HOUR_US),
        .minute = (int)(rest / LKS_MINUTE_US % 60),
        .second = (int)(rest / LKS_SECOND_US % 60),
        .microsecond = (int)(rest % LKS_SECOND_US),
    };
    return civil;
}

int64_t lks_time_from_civil(const struct lks_civil *civil)
{
    return lks_days_from_civil(civil->year, civil->month, civil->day) * LKS_DAY_US +
           civil->hour * LKS_HOUR_US + civil->minute * LKS_MINUTE_US +
           civil->second * LKS_SECOND_US + civil->microsecond;
}

struct cursor {
    const char *at, *end;
};

/* Reads exactly `digits` decimal digits. */
static int read_fixed(struct cursor *c, int digits, int *value)
{
    int v = 0;
    if (c->end - c->at < digits)
        return -1;
    for (int i = 0; i < digits; i++) {
        unsigned d = (unsigned)(unsigned char)c->at[i] - '0';
        if (d > 9)
            return -1;
        v = v * 10 + (int)d;
    }
    c->at += digits;
    *value = v;
    return 0;
}

static int read_mark(struct cursor *c, char mark)
{
    if (c->at == c->end || *c->at != mark)
        return -1;
    c->at++;
    return 0;
}

/* A fraction of a second, any number of digits, cut to microseconds. */
static int read_fraction(struct cursor *c, int *microsecond)
{
    int scale = 100000, value = 0;
    const char *start = ++c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        value += (*c->at++ - '0') * scale;
        scale /= 10;
    }
    *microsecond = value;
    return c->at == start ? -1 : 0;
}

/* "Z", "+02:00", "+0200", "+02", " UTC", or nothing. */
static int read_zone(struct cursor *c, int64_t *offset_us, int *zoned)
{
    int hours, minutes = 0;
    *offset_us = 0;
    *zoned = 0;
    if (c->at == c->end)
        return 0;
    if (*c->at == ' ')
        c->at++;
    *zoned = 1;
    if (c->end - c->at == 1 && (*c->at == 'Z' || *c->at == 'z'))
        return 0;
    if (c->end - c->at == 3 && (memcmp(c->at, "UTC", 3) == 0 || memcmp(c->at, "GMT", 3) == 0))
        return 0;
    if (c->at == c->end || (*c->at != '+' && *c->at != '-'))
        return -1;
    int64_t sign = *c->at++ == '-' ? -1 : 1;
    if (read_fixed(c, 2, &hours))
        return -1;
    if (c->at < c->end && *c->at == ':')
        c->at++;
    if (c->at < c->end && read_fixed(c, 2, &minutes))
        return -1;
    if (c->at != c->end || hours > 23 || minutes > 59)
        return -1;
    *offset_us = sign * (hours * LKS_HOUR_US + minutes * LKS_MINUTE_US);
    return 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static int read_clock(struct cursor *c, struct lks_civil *civil, enum lks_time_precision *precision)
{
    if (read_fixed(c, 2, &civil->hour) || read_mark(c, ':') || read_fixed(c, 2, &civil->minute))
        return -1;
    *precision = LKS_PRECISION_MINUTE;
    if (c->at < c->end && *c->at == ':') {
        c->at++;
        if (read_fixed(c, 2, &civil->second))
            return -1;
        *precision = LKS_PRECISION_SECOND;
        if (c->at < c->end && (*c->at == '.' || *c->at == ',') &&
            read_fraction(c, &civil->microsecond))
            return -1;
    }
    /* A leap second is taken as the last second of its minute. */
    if (civil->second == 60)
        civil->second = 59;
    return civil->hour > 23 || civil->minute > 59 || civil->second > 59 ? -1 : 0;
}

int lks_time_parse_iso(struct lks_str text, int64_t *time_us, enum lks_time_precision *precision,
                       int *zoned)
{
    struct cursor c = {text.data, text.data + text.size_bytes};
    struct lks_civil civil = {0};
    enum lks_time_precision written = LKS_PRECISION_DAY;
    int64_t offset_us = 0;
    int has_zone = 0;
    if (!text.data || read_fixed(&c, 4, &civil.year) || read_mark(&c, '-') ||
        read_fixed(&c, 2, &civil.month) || read_mark(&c, '-') || read_fixed(&c, 2, &civil.day))
        return -1;
    if (civil.month < 1 || civil.month > 12 || civil.day < 1 ||
        civil.day > month_days(civil.year, civil.month))
        return -1;
    if (c.at < c.end && (*c.at == 'T' || *c.at == 't' || *c.at == ' ')) {
        c.at++;
        if (read_clock(&c, &civil, &written) || read_zone(&c, &offset_us, &has_zone))
            return -1;
    } else if (c.at != c.end) {
        return -1;
    }
    int64_t value = lks_time_from_civil(&civil) - offset_us;
    if (value < LKS_TIME_MIN_US || value > LKS_TIME_MAX_US)
        return -1;
    *time_us = value;
    if (precision)
        *precision = written;
    if (zoned)
        *zoned = has_zone;
    return 0;
}

int lks_time_parse_unix(struct lks_str text, int64_t *time_us)
{
    struct cursor c = {text.data, text.data + text.size_bytes};
    int64_t whole = 0;
    int microsecond = 0, digits = 0;
    if (!text.data)
        return -1;
    while (c.at < c.end && *c.at >= '0' && *c.at <= '9') {
        if (++digits > 17)
            return -1;
        whole = whole * 10 + (*c.at++ - '0');
    }
    if (!digits || (c.at < c.end && (*c.at != '.' || read_fraction(&c, &microsecond))) ||
        c.at != c.end)
        return -1;
    int64_t value = whole > INT64_C(100000000000000) ? whole
                    : whole > INT64_C(100000000000)  ? whole * 1000
                                                     : whole * LKS_SECOND_US + microsecond;
    if (value > LKS_TIME_MAX_US)
        return -1;
    *time_us = value;
    return 0;
}

void lks_time_format(int64_t time_us, char text[LKS_TIME_TEXT_BYTES])
{
    struct lks_civil c = lks_time_to_civil(time_us);
    int used = snprintf(text, LKS_TIME_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month,
                        c.day, c.hour, c.minute, c.second);
    if (c.microsecond)
        used += snprintf(text + used, (size_t)(LKS_TIME_TEXT_BYTES - used), ".%06d", c.microsecond);
    snprintf(text + used, (size_t)(LKS_TIME_TEXT_BYTES - used), "Z");
}

int lks_span_parse(struct lks_str text, int64_t *span_us)
{
    int64_t value = 0, unit = LKS_SECOND_US;
    size_t i = 0;
    while (i < text.size_bytes && text.data[i] >= '0' && text.data[i] <= '9' && i < 10)
        value = value * 10 + (text.data[i++] - '0');
    if (i == 0 || i + 2 < text.size_bytes)
        return -1;
    if (i + 2 == text.size_bytes && memcmp(text.data + i, "ms", 2) == 0)
        unit = 1000;
    else if (i + 1 == text.size_bytes) {
        switch (text.data[i]) {
        case 's':
            break;
        case 'm':
            unit = LKS_MINUTE_US;
            break;
        case 'h':
            unit = LKS_HOUR_US;
            break;
        case 'd':
            unit = LKS_DAY_US;
            break;
        default:
            return -1;
        }
    } else if (i != text.size_bytes)
        return -1;
    if (value > LKS_TIME_MAX_US / unit)
        return -1;
    *span_us = value * unit;
    return 0;
}

void lks_span_format(int64_t span_us, char text[LKS_TIME_TEXT_BYTES])
{
    static const struct {
        int64_t us;
        const char *name;
    } units[] = {{LKS_DAY_US, "d"},
                 {LKS_HOUR_US, "h"},
                 {LKS_MINUTE_US, "m"},
                 {LKS_SECOND_US, "s"},
                 {1000, "ms"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (span_us && span_us % units[i].us == 0) {
            snprintf(text, LKS_TIME_TEXT_BYTES, "%lld%s", (long long)(span_us / units[i].us),
                     units[i].name);
            return;
        }
    snprintf(text, LKS_TIME_TEXT_BYTES, "%.6gs", (double)span_us / 1e6);
}

double lks_clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

size_t lks_times_up_to(const int64_t *times, size_t count, int64_t bound)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (times[middle] <= bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
