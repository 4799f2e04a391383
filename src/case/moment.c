/* moment.c - times as people write them: by the clock of a place, with an offset, or as a span */
#include "case/moment.h"

#include <stdio.h>

#include "base/time.h"
#include "record/record.h"
#include "source/zone.h"
#include "store/named_zone.h"

/* A text taken apart: what stands before the zone, and the zone. */
struct written {
    char time[48];
    char zone[LKS_MOMENT_ZONE_BYTES]; /* empty where none was written */
    int named;                        /* by a name, not by an offset */
};

static int is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* A zone by name begins with a letter behind a blank; an offset may stand behind one too. */
static int take_apart(const char *text, struct written *written)
{
    const char *blank = strrchr(text, ' ');
    size_t size = strlen(text);
    *written = (struct written){.named = 0};
    if (blank && (is_letter(blank[1]) || blank[1] == '+' || blank[1] == '-')) {
        size = (size_t)(blank - text);
        if (snprintf(written->zone, sizeof written->zone, "%s", blank + 1) >=
            (int)sizeof written->zone)
            return -1;
        written->named = is_letter(blank[1]);
        while (size && text[size - 1] == ' ')
            size--;
    }
    if (size >= sizeof written->time)
        return -1;
    memcpy(written->time, text, size);
    return 0;
}

static void change_tell(struct lks_moment *moment, const struct written *written,
                        enum lks_local_time how, int64_t earlier_us, int64_t later_us)
{
    char earlier[LKS_TIME_TEXT_BYTES], later[LKS_TIME_TEXT_BYTES];
    lks_time_format(earlier_us, earlier);
    lks_time_format(later_us, later);
    snprintf(moment->notice, sizeof moment->notice,
             "the clock in %s was %s over %s: %s may be meant, or %s; the earlier is taken",
             written->zone, how == LKS_LOCAL_TWICE ? "set back" : "set forward", written->time,
             earlier, later);
}

static int local_read(const struct written *written, int64_t local_us, struct lks_moment *moment,
                      struct lks_error *err)
{
    int64_t offset_us = 0, later_us = 0;
    enum lks_local_time how = LKS_LOCAL_ONCE;
    if (written->named) {
        int code = lks_zone_instants(lks_str_from(written->zone), local_us, &moment->time_us,
                                     &later_us, &how, err);
        if (code == 0 && how != LKS_LOCAL_ONCE)
            change_tell(moment, written, how, moment->time_us, later_us);
        return code;
    }
    if (lks_zone_parse(lks_str_from(written->zone), &offset_us) != 0)
        return lks_error_set(err, LKS_EARGUMENT, "'%.64s' is no offset like +02:00", written->zone);
    moment->time_us = local_us - offset_us;
    return 0;
}

/* The offset that stands at the end of an ISO time. */
static void offset_copy(const char *time, char zone[LKS_MOMENT_ZONE_BYTES])
{
    const char *hours = strchr(time, ':'), *sign = hours ? strpbrk(hours, "+-") : NULL;
    snprintf(zone, LKS_MOMENT_ZONE_BYTES, "%s", sign ? sign : "UTC");
}

int lks_moment_parse(const char *text, int64_t start_us, int64_t now_us, struct lks_moment *moment,
                     struct lks_error *err)
{
    struct written written;
    enum lks_time_precision precision;
    int64_t span_us, time_us;
    int zoned = 0;
    *moment = (struct lks_moment){.zone = "UTC"};
    if (strcmp(text, "now") == 0) {
        moment->time_us = now_us;
        return 0;
    }
    if (start_us != LKS_TIME_NULL && lks_span_parse(lks_str_from(text), &span_us) == 0) {
        if (span_us > LKS_TIME_MAX_US - start_us)
            return lks_error_set(err, LKS_EARGUMENT, "'%.64s' leads beyond the year 2100", text);
        moment->time_us = start_us + span_us;
        return 0;
    }
    if (take_apart(text, &written) != 0 ||
        lks_time_parse_iso(lks_str_from(written.time), &time_us, &precision, &zoned) != 0)
        return lks_error_set(err, LKS_EARGUMENT,
                             "'%.100s' is no time: write it like '2024-12-02 18:00 "
                             "Europe/Bucharest', or with +02:00",
                             text);
    if (precision == LKS_PRECISION_DAY)
        return lks_error_set(err, LKS_EARGUMENT, "'%.100s' is a day: say the hour too", text);
    if (!zoned && !written.zone[0])
        return lks_error_set(err, LKS_EARGUMENT,
                             "'%.100s' has no zone: add Europe/Bucharest, UTC or +02:00", text);
    if (zoned && written.zone[0])
        return lks_error_set(err, LKS_EARGUMENT, "'%.100s' has two zones", text);
    if (zoned) {
        moment->time_us = time_us;
        offset_copy(written.time, moment->zone);
        return 0;
    }
    int code = local_read(&written, time_us, moment, err);
    if (code == 0)
        memcpy(moment->zone, written.zone, sizeof moment->zone);
    return code;
}

int lks_moment_parse_edge(const char *text, int end, int64_t *time_us, struct lks_error *err)
{
    struct written written;
    struct lks_moment moment = {0};
    enum lks_time_precision precision;
    int64_t local_us;
    int zoned = 0, code = 0;
    if (take_apart(text, &written) != 0 ||
        lks_time_parse_iso(lks_str_from(written.time), &local_us, &precision, &zoned) != 0 ||
        (zoned && written.zone[0]))
        return lks_error_set(err, LKS_EARGUMENT, "'%.100s' is no day or time", text);
    if (end && precision == LKS_PRECISION_DAY)
        local_us += LKS_DAY_US;
    if (zoned || !written.zone[0])
        moment.time_us = local_us;
    else
        code = local_read(&written, local_us, &moment, err);
    *time_us = moment.time_us - (end && precision == LKS_PRECISION_DAY);
    return code;
}

void lks_moment_format(int64_t time_us, const char *zone, char text[LKS_MOMENT_TEXT_BYTES])
{
    int64_t local_us = time_us, offset_us;
    struct lks_str name = lks_str_from(zone);
    if (lks_str_equal_text(name, "UTC") || !name.size_bytes)
        name = LKS_STR("UTC");
    else if (is_letter(*name.data)) {
        if (lks_zone_local(name, time_us, &local_us, NULL) != 0)
            name = LKS_STR("UTC");
    } else if (lks_zone_parse(name, &offset_us) == 0)
        local_us = time_us + offset_us;
    else
        name = LKS_STR("UTC");
    struct lks_civil civil = lks_time_to_civil(local_us);
    int at = snprintf(text, LKS_MOMENT_TEXT_BYTES, "%04d-%02d-%02d %02d:%02d", civil.year,
                      civil.month, civil.day, civil.hour, civil.minute);
    if (civil.second)
        at += snprintf(text + at, LKS_MOMENT_TEXT_BYTES - (size_t)at, ":%02d", civil.second);
    snprintf(text + at, LKS_MOMENT_TEXT_BYTES - (size_t)at, " %.*s", (int)name.size_bytes,
             name.data);
}
