/* disclosure_test.c - terms stand in texts as whole words; marks of paid posts in many languages */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "text/disclosure.h"

static void count(void *context, const struct lks_term *term)
{
    (void)term;
    ++*(int *)context;
}

static int matches(const struct lks_terms *terms, const char *text)
{
    struct lks_buffer scratch = {0};
    int found = 0;
    assert_int_equal(lks_terms_match(terms, lks_str_from(text), &scratch, count, &found), 0);
    lks_buffer_free(&scratch);
    return found;
}

static void words_are_whole(void **state)
{
    (void)state;
    struct lks_terms terms = {0};
    assert_int_equal(lks_terms_add(&terms, LKS_STR("Călin Example"), 1), 0);
    assert_int_equal(lks_terms_add(&terms, LKS_STR("ion"), 2), 0);
    assert_int_equal(lks_terms_add(&terms, LKS_STR("#vote"), 3), 0);
    assert_int_equal(lks_terms_add(&terms, LKS_STR(" \xe2\x80\x8b "), 4), 0); /* nothing */
    assert_int_equal(terms.count, 3);
    assert_int_equal(matches(&terms, "we like calin  EXAMPLE!"), 1);
    assert_int_equal(matches(&terms, "calin examples"), 0);
    assert_int_equal(matches(&terms, "a million, one nation"), 0);
    assert_int_equal(matches(&terms, "a million; Ion."), 1);
    assert_int_equal(matches(&terms, "#ion"), 1);
    assert_int_equal(matches(&terms, "vote for him"), 0);
    assert_int_equal(matches(&terms, "x #VOTE #ion"), 2);
    assert_int_equal(matches(&terms, "#voted"), 0);
    assert_int_equal(matches(&terms, ""), 0);
    assert_int_equal(matches(&terms, "\xff\xfe ion \xf0"), 1);
    lks_terms_free(&terms);
}

static void marks_are_found(void **state)
{
    (void)state;
    struct lks_terms terms = {0};
    assert_int_equal(lks_disclosure_terms(&terms), 0);
    for (const struct lks_disclosure_mark *one = lks_disclosure_marks; one->mark; one++) {
        char text[256];
        strcpy(text, "x ");
        strcat(text, one->mark);
        strcat(text, " y");
        assert_int_equal(strlen(one->language), 2);
        if (!matches(&terms, text))
            fail_msg("%s %s is not found", one->language, one->mark);
    }
    assert_int_equal(matches(&terms, "an ad for partners, we add #adventure #sponsorship"), 0);
    assert_true(matches(&terms, "look #AD") > 0);
    assert_true(matches(&terms, "Continut platit") > 0);
    lks_terms_free(&terms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_whole),
        cmocka_unit_test(marks_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
