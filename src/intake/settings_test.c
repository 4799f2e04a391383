/* settings_test.c - case.toml: what is taken, what is refused and with which words */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "intake/settings.h"

static void takes_everything(void **state)
{
    struct lks_settings s;
    struct lks_error err = {0};
    (void)state;
    int code = lks_settings_parse(
        "case.toml",
        LKS_STR("[case]\ntitle = \"A case\"\nlanguages = [\"ro\", \"ru\"]\n"
                "newsrooms = [\"telegram:1001\"]\n"
                "[topic]\nterms = [\"election\"]\ntags = [\"a\", \"b\"]\n"
                "[windows]\nurl = \"60s\"\nall = \"2h\"\nhashtag = \"10s\"\n"
                "[zones]\ntelegram-desktop = \"+02:00\"\npayments = \"-0530\"\n"
                "[[date]]\nname = \"first round\"\nday = 2024-11-24\n"
                "[[date]]\nname = \"second round\"\nday = \"2024-12-08\"\n"
                "[[beneficiary]]\nname = \"N\"\nnames = [\"n\"]\naccounts = [\"tiktok:n\"]\n"
                "[[rate]]\nfrom = \"eur\"\nto = \"USD\"\nrate = \"1.0850\"\nday = 2024-11-01\n"
                "[[rate]]\nfrom = \"RON\"\nto = \"USD\"\nrate = 0.218\nsource = \"bank\"\n"),
        &s, &err);
    if (code)
        print_error("%s\n", err.message);
    assert_int_equal(code, 0);
    assert_true(s.there && lks_str_equal_text(s.title, "A case"));
    assert_int_equal(s.languages.count, 2);
    assert_int_equal(s.newsrooms.count, 1);
    assert_true(lks_str_equal_text(s.topic_tags.items[1], "b"));
    assert_true(lks_str_equal_text(s.windows, "2h,url=60s,hashtag=10s"));
    assert_int_equal(s.zones_count, 2);
    assert_string_equal(s.zones[0].adapter, "telegram-desktop");
    assert_int_equal(s.zones[1].offset_us, -(5 * LKS_HOUR_US + 30 * LKS_MINUTE_US));
    assert_int_equal(s.dates_count, 2);
    assert_int_equal(s.dates[0].day_us, 1732406400 * LKS_SECOND_US);
    assert_true(lks_str_equal_text(s.beneficiaries[0].accounts.items[0], "tiktok:n"));
    assert_int_equal(s.rates_count, 2);
    assert_string_equal(s.rates[0].from, "EUR");
    assert_int_equal(s.rates[0].rate_nano, 1085000000);
    assert_int_equal(s.rates[1].rate_nano, 218000000);
    assert_true(s.rates[1].day_us == LKS_TIME_NULL);

    struct lks_results results = {0};
    assert_int_equal(lks_settings_show(&s, &results, &err), 0);
    lks_settings_free(&s); /* the results stand for themselves */
    static const char *const shown[][2] = {
        {"case.title", "A case"},
        {"case.languages", "ro, ru"},
        {"case.newsrooms", "telegram:1001"},
        {"case.topic.terms", "election"},
        {"case.topic.tags", "a, b"},
        {"case.windows", "2h,url=60s,hashtag=10s"},
        {"case.zones", "telegram-desktop +02:00, payments -05:30"},
        {"case.dates", "first round 2024-11-24; second round 2024-12-08"},
        {"case.beneficiaries", "N (n, tiktok:n)"},
        {"case.rates", "1 EUR = 1.085 USD 2024-11-01; 1 RON = 0.218 USD (bank)"},
    };
    assert_int_equal(results.options_count, sizeof shown / sizeof *shown);
    for (size_t i = 0; i < results.options_count; i++) {
        assert_true(lks_str_equal_text(results.options[i].name, shown[i][0]));
        if (!lks_str_equal_text(results.options[i].value, shown[i][1]))
            print_error("%s\n", results.options[i].value.data);
        assert_true(lks_str_equal_text(results.options[i].value, shown[i][1]));
    }
    lks_arena_free(&results.arena);
}

static void refuses(void **state)
{
    static const char *const cases[][2] = {
        {"[topics]\n", "line 1: 'topics' is no table of a case; is 'topic' meant?"},
        {"[unheard-of]\n", "'unheard-of' is no table of a case; known are case, topic"},
        {"title = \"x\"\n", "line 1: a setting stands before the first table"},
        {"[case]\ntitel = \"x\"\n", "line 2: 'titel' is no setting of [case]; is 'title' meant?"},
        {"[case]\ntitle = 3\n", "line 2: title must be a text between quotes"},
        {"[case]\nlanguages = \"ro\"\n", "line 2: languages must be a list"},
        {"[case]\nlanguages = [1]\n", "line 2: languages must hold texts"},
        {"[windows]\nurls = \"60s\"\n", "'urls' is no kind of object; is 'url' meant?"},
        {"[windows]\nurl = \"soon\"\n", "line 2: url must be a span"},
        {"[zones]\ntelegram-desk = \"+2\"\n", "is no format"},
        {"[zones]\npayments = \"UTC\"\n", "line 2: payments must be an offset from UTC"},
        {"[zones]\npayments = \"+15:00\"\n", "must be an offset"},
        {"[date]\n", "line 1: write [[date]]"},
        {"[[case]]\n", "line 1: write [case]"},
        {"[[date]]\nname = \"x\"\n", "a [[date]] needs name and day"},
        {"[[date]]\nname = \"x\"\nday = 2024-11-24T10:00:00Z\n", "day must be a day"},
        {"[[beneficiary]]\n[case]\n", "above line 2: a [[beneficiary]] needs a name"},
        {"[[rate]]\nfrom = \"EUR\"\nto = \"USD\"\n", "a [[rate]] needs from, to and rate"},
        {"[[rate]]\nfrom = \"EURO\"\n", "from must be a currency"},
        {"[[rate]]\nrate = -1\n", "rate must be a number above 0"},
        {"[[rate]]\nrate = 1.0123456789\n", "rate must be a number above 0"},
        {"[[rate]]\nrate = \"0\"\n", "rate must be a number above 0"},
        {"[[rate]]\nrate = 99999999999999\n", "rate must be a number above 0"},
        {"[case]\n[case]\n", "line 2: stands there for the second time"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_settings s;
        struct lks_error err = {0};
        assert_int_equal(lks_settings_parse("case.toml", lks_str_from(cases[i][0]), &s, &err),
                         LKS_EARGUMENT);
        if (!strstr(err.message, cases[i][1]))
            print_error("%s\ngave\n%s\n", cases[i][0], err.message);
        assert_non_null(strstr(err.message, cases[i][1]));
        lks_settings_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_everything),
                                       cmocka_unit_test(refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
