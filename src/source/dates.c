/* dates.c - instants as exports write them, beyond ISO 8601 and Unix seconds
 *
 * Each form is rewritten as ISO text and read by the one reader of that, so that ranges are
 * checked in one place. */
#include "source/dates.h"

#include <stdio.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One or two digits. */
static int small_number(struct lks_str text, size_t *at)
{
    int value = 0, digits = 0;
    while (*at < text.size_bytes && is_digit(text.data[*at]) && digits < 2) {
        value = value * 10 + (text.data[(*at)++] - '0');
        digits++;
    }
    return digits ? value : -1;
}

static int date_separator(struct lks_str text, size_t *at)
{
    if (*at == text.size_bytes)
        return -1;
    char c = text.data[(*at)++];
    return c == '/' || c == '.' || c == '-' ? 0 : -1;
}

int lks_date_parse(struct lks_str text, enum lks_date_order order, int64_t *time_us,
                   enum lks_time_precision *precision)
{
    char iso[48];
    size_t at = 0;
    int first = small_number(text, &at);
    if (first < 0 || date_separator(text, &at))
        return -1;
    int second = small_number(text, &at);
    if (second < 0 || date_separator(text, &at) || text.size_bytes - at < 4)
        return -1;
    int month = order == LKS_DATE_MDY ? first : second;
    int day = order == LKS_DATE_MDY ? second : first;
    const char *year = text.data + at;
    struct lks_str clock = {text.data + at + 4, text.size_bytes - at - 4};
    if (clock.size_bytes > 24)
        return -1;
    /* "9:05" is written with one digit by spreadsheets; ISO wants two. */
    bool short_hour = clock.size_bytes > 2 && clock.data[0] == ' ' && clock.data[2] == ':';
    int size =
        snprintf(iso, sizeof iso, "%.4s-%02d-%02d%s%.*s", year, month, day, short_hour ? " 0" : "",
                 (int)clock.size_bytes - short_hour, clock.data + short_hour);
    return size < (int)sizeof iso
               ? lks_time_parse_iso((struct lks_str){iso, (size_t)size}, time_us, precision, NULL)
               : -1;
}

int lks_date_parse_twitter(struct lks_str text, int64_t *time_us)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char iso[48];
    /* Wed Jan 07 04:38:02 +0000 2009 */
    if (text.size_bytes != 30 || text.data[3] != ' ' || text.data[7] != ' ')
        return -1;
    int month = 1;
    while (month <= 12 && memcmp(months + 3 * (month - 1), text.data + 4, 3) != 0)
        month++;
    int size = snprintf(iso, sizeof iso, "%.4s-%02d-%.2sT%.8s%.5s", text.data + 26, month,
                        text.data + 8, text.data + 11, text.data + 20);
    enum lks_time_precision precision;
    return lks_time_parse_iso((struct lks_str){iso, (size_t)size}, time_us, &precision, NULL);
}

bool lks_time_is_serial(struct lks_str text)
{
    enum { DAY_2000 = 36526, DAY_2100 = 73051 };
    size_t digits = 0;
    int day = 0;
    while (digits < text.size_bytes && is_digit(text.data[digits]) && digits < 6)
        day = day * 10 + (text.data[digits++] - '0');
    return digits == 5 && day >= DAY_2000 && day < DAY_2100 &&
           (text.size_bytes == digits || text.data[digits] == '.');
}

int lks_time_parse_any(struct lks_str text, int64_t *time_us, enum lks_time_precision *precision)
{
    if (lks_time_parse_iso(text, time_us, precision, NULL) == 0)
        return 0;
    *precision = LKS_PRECISION_SECOND;
    if (lks_time_parse_unix(text, time_us) == 0)
        return 0;
    return lks_date_parse_twitter(text, time_us);
}
