/* zone.c - offsets from UTC as people write them */
#include "source/zone.h"

static int digits_read(struct lks_str text, size_t *at, size_t most)
{
    int value = 0;
    size_t from = *at;
    while (*at < text.size_bytes && *at - from < most && text.data[*at] >= '0' &&
           text.data[*at] <= '9')
        value = value * 10 + (text.data[(*at)++] - '0');
    return *at == from ? -1 : value;
}

int lks_zone_parse(struct lks_str text, int64_t *offset_us)
{
    size_t at = 1;
    if (text.size_bytes < 2 || (*text.data != '+' && *text.data != '-'))
        return -1;
    int hours = digits_read(text, &at, 2), minutes = 0;
    if (at < text.size_bytes) {
        at += text.data[at] == ':';
        size_t before = at;
        minutes = digits_read(text, &at, 2);
        if (at - before != 2)
            return -1;
    }
    if (at != text.size_bytes || hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return -1;
    *offset_us = (*text.data == '-' ? -1 : 1) * (hours * LKS_HOUR_US + minutes * LKS_MINUTE_US);
    return 0;
}
