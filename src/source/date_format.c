/* date_format.c - times written in a form that the user describes
 *
 * A cursor over the format and one over the text, in step; what is read goes into one small
 * struct. The composed conversions (%F, %D, %T, %R) are replaced by their parts on the way, so
 * that each thing is read in one place. The result is ISO text, since one reader of that
 * knows ranges, precision and zones. */
#include "source/date_format.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

enum { FORMAT_BYTES_MAX = 100, UNSET = -1 };

struct reading {
    const char *at, *end;
    int year, month, day, hour, hour12, minute, second, afternoon;
    char fraction[7]; /* six digits */
    int has_fraction;
    char zone[7]; /* "+02:00", "Z" or "" */
};

static const char *const months[] = {"january",   "february", "march",    "april",
                                     "may",       "june",     "july",     "august",
                                     "september", "october",  "november", "december"};
static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The parts of a composed conversion, or NULL. */
static const char *composed(char conversion)
{
    switch (conversion) {
    case 'F':
        return "%Y-%m-%d";
    case 'D':
        return "%m/%d/%y";
    case 'T':
        return "%H:%M:%S";
    case 'R':
        return "%H:%M";
    default:
        return NULL;
    }
}

/* Copies format with its composed conversions taken apart; -1 when it is too long. */
static int take_apart(const char *format, char out[FORMAT_BYTES_MAX + 1])
{
    size_t size = 0;
    while (*format) {
        const char *parts = *format == '%' ? composed(format[1]) : NULL;
        /* "%%F" is a percent sign and an F. */
        size_t from = parts || (*format == '%' && format[1]) ? 2 : 1;
        const char *bytes = parts ? parts : format;
        size_t count = parts ? strlen(parts) : from;
        if (size + count > FORMAT_BYTES_MAX)
            return -1;
        memcpy(out + size, bytes, count);
        size += count;
        format += from;
    }
    out[size] = 0;
    return 0;
}

/* What a conversion tells: those of one letter tell the same. 0 for an unknown one. */
static char meaning(char conversion)
{
    switch (conversion) {
    case 'y':
        return 'Y';
    case 'e':
        return 'd';
    case 'b':
    case 'B':
    case 'h':
        return 'm';
    case 'A':
        return 'a';
    case 'I':
        return 'H';
    default:
        return conversion && strchr("YmdHMSpfza%", conversion) ? conversion : 0;
    }
}

int lks_date_format_check(const char *format, struct lks_error *err)
{
    char parts[FORMAT_BYTES_MAX + 1];
    unsigned char seen[128] = {0};
    int twelve = 0;
    if (take_apart(format, parts) != 0)
        return lks_error_set(err, LKS_EARGUMENT, "a time format has at most %d bytes",
                             FORMAT_BYTES_MAX);
    for (const char *at = parts; *at; at++) {
        if (*at != '%')
            continue;
        char conversion = *++at, tells = meaning(conversion);
        if (!tells)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "the time format has '%%%c'; known are %%Y %%y %%m %%d %%e %%b "
                                 "%%B %%a %%A %%H %%I %%p %%M %%S %%f %%z %%F %%D %%T %%R %%%%",
                                 conversion > ' ' && conversion < 0x7f ? conversion : '?');
        if (tells != '%' && seen[(unsigned char)tells]++)
            return lks_error_set(err, LKS_EARGUMENT, "the time format tells the same twice: '%%%c'",
                                 conversion);
        twelve |= conversion == 'I';
    }
    if (!seen['Y'] || !seen['m'] || !seen['d'])
        return lks_error_set(err, LKS_EARGUMENT,
                             "the time format must name year, month and day, as in %%d/%%m/%%Y");
    if (twelve != seen['p'] || (seen['M'] && !seen['H']) || (seen['S'] && !seen['M']) ||
        (seen['f'] && !seen['S']))
        return lks_error_set(err, LKS_EARGUMENT,
                             "in the time format %%I needs %%p and %%p needs %%I, minutes need "
                             "hours, seconds minutes and a fraction seconds");
    return 0;
}

/* Up to `most` digits. */
static int number(struct reading *reading, int most, int *value_out)
{
    int value = 0, digits = 0;
    while (digits < most && reading->at < reading->end && is_digit(*reading->at)) {
        value = 10 * value + (*reading->at++ - '0');
        digits++;
    }
    *value_out = value;
    return digits ? digits : -1;
}

/* A name of the list or its first three letters, in any case: its index, or -1. */
static int name(struct reading *reading, const char *const *names, int count)
{
    char word[16];
    size_t size = 0;
    while (size < sizeof word && reading->at + size < reading->end) {
        char c = reading->at[size];
        c = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        if (c < 'a' || c > 'z')
            break;
        word[size++] = c;
    }
    for (int i = 0; i < count; i++)
        if ((size == 3 || size == strlen(names[i])) && memcmp(word, names[i], size) == 0) {
            reading->at += size;
            return i;
        }
    return -1;
}

static int zone(struct reading *reading)
{
    if (reading->at < reading->end && (*reading->at == 'Z' || *reading->at == 'z')) {
        reading->at++;
        strcpy(reading->zone, "Z");
        return 0;
    }
    if (reading->at == reading->end || (*reading->at != '+' && *reading->at != '-'))
        return -1;
    char sign = *reading->at++;
    int hours, minutes = 0;
    if (number(reading, 2, &hours) != 2)
        return -1;
    int colon = reading->at < reading->end && *reading->at == ':';
    reading->at += colon;
    if ((colon || (reading->at < reading->end && is_digit(*reading->at))) &&
        number(reading, 2, &minutes) != 2)
        return -1;
    if (hours > 14 || minutes > 59)
        return -1;
    snprintf(reading->zone, sizeof reading->zone, "%c%02d:%02d", sign, hours & 15, minutes & 63);
    return 0;
}

/* Digits beyond microseconds are read over. */
static int fraction(struct reading *reading)
{
    int digits = 0;
    memcpy(reading->fraction, "000000", 7);
    for (; digits < 9 && reading->at < reading->end && is_digit(*reading->at); digits++) {
        if (digits < 6)
            reading->fraction[digits] = *reading->at;
        reading->at++;
    }
    reading->has_fraction = digits > 0;
    return digits ? 0 : -1;
}

static int year_of_two(struct reading *reading)
{
    if (number(reading, 2, &reading->year) != 2)
        return -1;
    reading->year += reading->year < 69 ? 2000 : 1900;
    return 0;
}

static int half(struct reading *reading)
{
    if (reading->end - reading->at < 2 || (reading->at[1] | 32) != 'm' ||
        ((reading->at[0] | 32) != 'a' && (reading->at[0] | 32) != 'p'))
        return -1;
    reading->afternoon = (reading->at[0] | 32) == 'p';
    reading->at += 2;
    return 0;
}

/* Reads what one conversion stands for; below 0 when it is not there. */
static int convert(struct reading *reading, char conversion)
{
    switch (conversion) {
    case 'Y':
        return number(reading, 4, &reading->year) == 4 ? 0 : -1;
    case 'y':
        return year_of_two(reading);
    case 'm':
        return number(reading, 2, &reading->month);
    case 'e':
        while (reading->at < reading->end && is_space(*reading->at))
            reading->at++;
        return number(reading, 2, &reading->day);
    case 'd':
        return number(reading, 2, &reading->day);
    case 'H':
        return number(reading, 2, &reading->hour);
    case 'I':
        return number(reading, 2, &reading->hour12);
    case 'M':
        return number(reading, 2, &reading->minute);
    case 'S':
        return number(reading, 2, &reading->second);
    case 'f':
        return fraction(reading);
    case 'p':
        return half(reading);
    case 'z':
        return zone(reading);
    case 'b':
    case 'B':
    case 'h':
        reading->month = name(reading, months, 12) + 1;
        return reading->month ? 0 : -1;
    case 'a':
    case 'A':
        return name(reading, weekdays, 7);
    default: /* a percent sign */
        return reading->at < reading->end && *reading->at++ == '%' ? 0 : -1;
    }
}

/* The fields as ISO text; -1 for an hour that the clock does not have. */
static int write_iso(const struct reading *reading, char iso[LKS_DATE_ISO_BYTES])
{
    int hour = reading->hour;
    if (reading->hour12 != UNSET) {
        if (reading->hour12 < 1 || reading->hour12 > 12)
            return -1;
        hour = reading->hour12 % 12 + 12 * reading->afternoon;
    }
    int size = snprintf(iso, LKS_DATE_ISO_BYTES, "%04d-%02d-%02d", reading->year, reading->month,
                        reading->day);
    /* An hour alone is less than a minute's precision: the day is what is sure. */
    if (hour != UNSET && hour > 23)
        return -1;
    if (reading->minute == UNSET)
        return size;
    size += snprintf(iso + size, LKS_DATE_ISO_BYTES - (size_t)size, "T%02d:%02d", hour,
                     reading->minute);
    if (reading->second != UNSET)
        size += snprintf(iso + size, LKS_DATE_ISO_BYTES - (size_t)size, ":%02d%s%s",
                         reading->second, reading->has_fraction ? "." : "", reading->fraction);
    size += snprintf(iso + size, LKS_DATE_ISO_BYTES - (size_t)size, "%s", reading->zone);
    return size;
}

int lks_date_format_iso(struct lks_str text, const char *format, char iso[LKS_DATE_ISO_BYTES])
{
    char parts[FORMAT_BYTES_MAX + 1];
    struct reading reading = {.at = text.data,
                              .end = text.data + text.size_bytes,
                              .hour = UNSET,
                              .hour12 = UNSET,
                              .minute = UNSET,
                              .second = UNSET};
    if (!text.size_bytes || take_apart(format, parts) != 0)
        return -1;
    for (const char *at = parts; *at; at++) {
        if (is_space(*at)) {
            while (reading.at < reading.end && is_space(*reading.at))
                reading.at++;
        } else if (*at == '%') {
            if (convert(&reading, *++at) < 0)
                return -1;
        } else if (reading.at == reading.end || *reading.at++ != *at) {
            return -1;
        }
    }
    return reading.at == reading.end ? write_iso(&reading, iso) : -1;
}
