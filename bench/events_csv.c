/* events_csv.c - a seeded month of events as a CSV file, for measuring the whole command
 *
 *   events_csv [--events N] [--seed N] [--viral SHARE] [--viral-days D] > FILE
 *
 * Writes the events of gen_events.h as shares (object_id, account_id, content_id,
 * timestamp_share), in the order of their times, as an export has them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen_events.h"

/* Ids as platforms give them: many digits, without an order. */
static uint64_t scattered(uint64_t number)
{
    number = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    number = (number ^ number >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return number ^ number >> 32;
}

static char *number_put(char *at, uint64_t value)
{
    char digits[20];
    int count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count)
        *at++ = digits[--count];
    return at;
}

static char *text_put(char *at, const char *text)
{
    size_t size = strlen(text);
    memcpy(at, text, size);
    return at + size;
}

static void row_write(const struct lks_events *events, uint32_t i)
{
    char line[128], *at = line;
    int tag = events->object_kind[events->object[i]] == LKS_OBJECT_HASHTAG;
    at = text_put(at, tag ? "hashtag_" : "u");
    at = number_put(at, events->object[i]);
    *at++ = ',';
    at = number_put(at, UINT64_C(1000000000) + scattered(events->account[i]) % 9000000000);
    *at++ = ',';
    at = number_put(at, UINT64_C(1) << 60 | scattered(events->post[i]) >> 5);
    *at++ = ',';
    at = number_put(at, (uint64_t)(events->time_us[i] / LKS_SECOND_US));
    *at++ = '\n';
    fwrite(line, 1, (size_t)(at - line), stdout);
}

int main(int argc, char **argv)
{
    struct gen_options options = gen_options_default(1000000);
    static char buffer[1 << 20];
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--events") == 0)
            options.count = options.month_count = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            options.seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--viral") == 0)
            options.viral_share = strtod(argv[i + 1], NULL);
        else if (strcmp(argv[i], "--viral-days") == 0)
            options.viral_days = strtod(argv[i + 1], NULL);
    }
    struct lks_events events = gen_events_of(&options);
    /* Deal the rows out to the seconds of their times. */
    enum { SECONDS = 200 * 86400 };
    uint32_t *place = gen_array(SECONDS + 1, 4), *order = gen_array(events.count, 4);
    for (size_t i = 0; i < events.count; i++) {
        int64_t second = events.time_us[i] / LKS_SECOND_US - GEN_START_SECONDS;
        place[(second < SECONDS ? second : SECONDS - 1) + 1]++;
    }
    for (size_t s = 0; s < SECONDS; s++)
        place[s + 1] += place[s];
    for (size_t i = 0; i < events.count; i++) {
        int64_t second = events.time_us[i] / LKS_SECOND_US - GEN_START_SECONDS;
        order[place[second < SECONDS ? second : SECONDS - 1]++] = (uint32_t)i;
    }
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    puts("object_id,account_id,content_id,timestamp_share");
    for (size_t i = 0; i < events.count; i++)
        row_write(&events, order[i]);
    free(place);
    free(order);
    lks_events_free(&events);
    return fflush(stdout) != 0 || ferror(stdout);
}
