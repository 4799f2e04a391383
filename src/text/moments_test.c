/* moments_test.c - spans that are left and hours of the day, in every language and in hostile texts */
#include "text/moments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

static struct lks_moments find(const struct lks_cues *cues, struct lks_str text)
{
    struct lks_cue_scratch scratch = {0};
    struct lks_cue_hits hits;
    struct lks_moments moments;
    assert_int_equal(lks_cues_find(cues, text, &scratch, &hits), 0);
    lks_moments_find(cues, text, &scratch, &moments);
    lks_cue_scratch_free(&scratch);
    return moments;
}

static void test_texts(void **state)
{
    enum { NONE = 0 };
    static const struct {
        const char *text;
        uint32_t left_s, clock_s; /* NONE where none */
    } texts[] = {
        {"Only 40 minutes left!", 2400, NONE},
        {"3 hours until the vote", 3 * 3600, NONE},
        {"1 hour 30 min left", 5400, NONE},
        {"2hr's remaining", 7200, NONE},
        {"less than 10min", 600, NONE},
        {"5 days to go", 5 * 86400, NONE},
        {"we starts in 15 minutes, be ready", 900, NONE},
        {"it took 3 hours of work", NONE, NONE},
        {"chapter 10 minutes", NONE, NONE},
        {"30 minutes 2 hours left", 7200, NONE}, /* two spans: units of one fall */
        {"40 days left", NONE, NONE},            /* more than a week */
        {"0 minutes left", NONE, NONE},
        {"99999999999999999999 minutes left", NONE, NONE},
        {"tonight at 18:00 GMT", NONE, 18 * 3600},
        {"at 6.30 pm (UTC)", NONE, 18 * 3600 + 1800},
        {"12:05 AM UTC", NONE, 300},
        {"on 03/04/2020, 18.00 UTC", NONE, 18 * 3600},
        {"18:00 GMT+3", NONE, NONE},
        {"18:00 here", NONE, NONE},
        {"25:00 UTC, 7:99 UTC, 1:2 UTC, 118:00 UTC, 1.18:00 UTC", NONE, NONE},
        {"Au mai rămas 10 minute", 600, NONE},
        {"Mai sunt 20 de minute", 1200, NONE},
        {"Осталось 10 минут", 600, NONE},
        {"через 2 часа", 7200, NONE},
        {"Залишилось 10 хвилин", 600, NONE},
        {"Noch 10 Minuten", 600, NONE},
        {"Il reste 10 minutes", 600, NONE},
        {"Faltan 10 minutos", 600, NONE},
        {"Még 10 perc", 600, NONE},
        {"Zostało 10 minut", 600, NONE},
        {"Mancano 10 minuti", 600, NONE},
        {"Faltam 2 horas", 7200, NONE},
        {"10 dakika kaldı", 600, NONE},
    };
    struct lks_cues *cues;
    struct lks_error err = {0};
    (void)state;
    assert_int_equal(lks_cues_default(&cues, &err), 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lks_moments found = find(cues, lks_str_from(texts[i].text));
        uint32_t left = found.left_count ? found.left_s[0] : NONE;
        uint32_t clock = found.clock_count ? found.clock_s[0] : NONE;
        if (left != texts[i].left_s || clock != texts[i].clock_s || found.left_count > 1 ||
            found.clock_count > 1)
            fail_msg("'%s': %u s left, %u s of the day", texts[i].text, left, clock);
    }
    lks_cues_free(cues);
}

/* A list of the user's replaces what is known of a language, units too. */
static void test_replaced(void **state)
{
    static const char list[] = "[[cues]]\nlanguage = \"en\"\nreplace = true\nleft = [\"ere\"]\n"
                               "hour = [\"glass*\"]\n";
    struct lks_cues *cues;
    struct lks_error err = {0};
    (void)state;
    assert_int_equal(lks_cues_default(&cues, &err), 0);
    assert_int_equal(lks_cues_read(cues, "list", LKS_STR(list), 0, &err), 0);
    assert_int_equal(find(cues, LKS_STR("3 hours remaining")).left_count, 0);
    struct lks_moments found = find(cues, LKS_STR("two bells, 3 glasses ere dawn"));
    assert_int_equal(found.left_count, 1);
    assert_int_equal(found.left_s[0], 3 * 3600);
    lks_cues_free(cues);
}

static void test_hostile(void **state)
{
    static const char *const parts[] = {"1",   "59",   ":",     ".",       " ",    "gmt",
                                        "utc", "pm",   "hours", "minutes", "left", "in",
                                        "(",   "\xff", "\xd0",  "9999",    "days", "ч"};
    struct lks_cues *cues;
    struct lks_error err = {0};
    struct lks_rng rng;
    size_t some = 0;
    (void)state;
    assert_int_equal(lks_cues_default(&cues, &err), 0);
    lks_rng_init(&rng, 5, 1);
    for (int round = 0; round < 20000; round++) {
        char text[256];
        size_t size = 0;
        for (uint64_t n = lks_rng_below(&rng, 24); n > 0; n--) {
            const char *part = parts[lks_rng_below(&rng, sizeof parts / sizeof *parts)];
            memcpy(text + size, part, strlen(part));
            size += strlen(part);
        }
        char *exact = malloc(size + 1); /* so that a read past the end is seen */
        assert_non_null(exact);
        memcpy(exact, text, size);
        exact = realloc(exact, size ? size : 1);
        struct lks_moments found = find(cues, (struct lks_str){exact, size});
        assert_true(found.left_count <= LKS_MOMENTS_MAX && found.clock_count <= LKS_MOMENTS_MAX);
        for (uint32_t i = 0; i < found.left_count; i++)
            assert_true(found.left_s[i] >= 60 && found.left_s[i] <= 7 * 86400);
        for (uint32_t i = 0; i < found.clock_count; i++)
            assert_true(found.clock_s[i] < 86400);
        some += found.left_count + found.clock_count > 0;
        free(exact);
    }
    assert_true(some > 100);
    lks_cues_free(cues);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts),
                                       cmocka_unit_test(test_replaced),
                                       cmocka_unit_test(test_hostile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
