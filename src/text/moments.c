/* moments.c - when something is to be, as a message says it: so long still, or at such an hour */
#include "text/moments.h"

#include <string.h>

enum { DAY_S = 24 * 60 * 60, NUMBER_DIGITS_MAX = 4, LEFT_WORDS_MAX = 4 };

static void value_add(uint32_t *values, uint32_t *count, uint32_t value)
{
    for (uint32_t i = 0; i < *count; i++)
        if (values[i] == value)
            return;
    if (*count < LKS_MOMENTS_MAX)
        values[(*count)++] = value;
}

/* ---- spans ---- */

/* The unit whose phrase begins at a word, in seconds, and how many words it has; 0 where none does. */
static uint32_t unit_at(const struct lks_cues *cues, const struct lks_cue_scratch *scratch,
                        size_t at, size_t *words)
{
    static const struct {
        enum lks_cue_role role;
        uint32_t seconds;
    } units[] = {{LKS_CUE_DAY, DAY_S}, {LKS_CUE_HOUR, 60 * 60}, {LKS_CUE_MINUTE, 60}};
    uint32_t seconds = 0;
    *words = 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = lks_cues_length(cues, units[i].role, scratch, at);
        if (length > *words) {
            *words = length;
            seconds = units[i].seconds;
        }
    }
    return seconds;
}

/* A number of at most four digits; UINT32_MAX where the word is none. */
static uint32_t number_at(const struct lks_cue_scratch *scratch, size_t at)
{
    const struct lks_cue_word *word = &scratch->items[at];
    uint32_t value = 0;
    if (!word->is_number || word->size > NUMBER_DIGITS_MAX)
        return UINT32_MAX;
    for (uint32_t i = 0; i < word->size; i++)
        value = 10 * value + (uint32_t)(scratch->words.data[word->at + i] - '0');
    return value;
}

static int left_before(const struct lks_cues *cues, const struct lks_cue_scratch *scratch,
                       size_t end)
{
    for (size_t words = 1; words <= LEFT_WORDS_MAX && words <= end; words++)
        if (lks_cues_length(cues, LKS_CUE_LEFT, scratch, end - words) >= words)
            return 1;
    return 0;
}

static void spans_find(const struct lks_cues *cues, const struct lks_cue_scratch *scratch,
                       struct lks_moments *moments)
{
    for (size_t i = 0; i + 1 < scratch->items_count;) {
        size_t start = i, words;
        uint64_t seconds = 0;
        uint32_t last_unit = UINT32_MAX;
        while (i + 1 < scratch->items_count) {
            uint32_t number = number_at(scratch, i);
            uint32_t unit = number == UINT32_MAX ? 0 : unit_at(cues, scratch, i + 1, &words);
            if (!unit || unit >= last_unit)
                break;
            seconds += (uint64_t)number * unit;
            last_unit = unit;
            i += 1 + words;
        }
        if (i == start) {
            i++;
            continue;
        }
        if (seconds >= 60 && seconds <= 7 * DAY_S &&
            (left_before(cues, scratch, start) || lks_cues_length(cues, LKS_CUE_LEFT, scratch, i) ||
             lks_cues_length(cues, LKS_CUE_LEFT, scratch, i + 1)))
            value_add(moments->left_s, &moments->left_count, (uint32_t)seconds);
    }
}

/* ---- hours of the day ---- */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int letters_are(struct lks_str text, size_t at, const char *letters)
{
    for (; *letters; letters++, at++)
        if (at >= text.size_bytes || (text.data[at] | 32) != *letters)
            return 0;
    return 1;
}

/* Reads "18:00 (GMT)" from a digit on. Returns where it ends, or 0 where it is no such thing. */
static size_t clock_read(struct lks_str text, size_t at, uint32_t *seconds)
{
    uint32_t part[2] = {0};
    for (int p = 0; p < 2; p++) {
        size_t first = at;
        while (at < text.size_bytes && is_digit(text.data[at]) && at - first < 3)
            part[p] = 10 * part[p] + (uint32_t)(text.data[at++] - '0');
        if (at - first < (size_t)(1 + p) || at - first > 2)
            return 0;
        if (p == 0 && (at >= text.size_bytes || (text.data[at] != ':' && text.data[at] != '.')))
            return 0;
        at += p == 0;
    }
    size_t end = at;
    while (at < text.size_bytes && text.data[at] == ' ')
        at++;
    int pm = letters_are(text, at, "pm"), am = letters_are(text, at, "am");
    at += pm || am ? 2 : 0;
    while (at < text.size_bytes && (text.data[at] == ' ' || text.data[at] == '('))
        at++;
    if (!letters_are(text, at, "gmt") && !letters_are(text, at, "utc"))
        return 0;
    at += 3;
    if (at < text.size_bytes && (text.data[at] == '+' || text.data[at] == '-'))
        return 0; /* another zone's */
    if (pm && part[0] < 12)
        part[0] += 12;
    if (am && part[0] == 12)
        part[0] = 0;
    if (part[0] > 23 || part[1] > 59)
        return 0;
    *seconds = part[0] * 3600 + part[1] * 60;
    return end;
}

static void clocks_find(struct lks_str text, struct lks_moments *moments)
{
    if (text.size_bytes > 64 * LKS_CUE_WORDS_MAX)
        text.size_bytes = 64 * LKS_CUE_WORDS_MAX; /* as much as is looked at for words */
    for (size_t at = 0; at < text.size_bytes; at++) {
        uint32_t seconds;
        char before = at ? text.data[at - 1] : ' ';
        if (!is_digit(text.data[at]) || is_digit(before) || before == '.' || before == ':' ||
            before == '/')
            continue;
        size_t end = clock_read(text, at, &seconds);
        if (end) {
            value_add(moments->clock_s, &moments->clock_count, seconds);
            at = end - 1;
        }
    }
}

void lks_moments_find(const struct lks_cues *cues, struct lks_str text,
                      const struct lks_cue_scratch *scratch, struct lks_moments *moments)
{
    *moments = (struct lks_moments){0};
    spans_find(cues, scratch, moments);
    clocks_find(text, moments);
}
