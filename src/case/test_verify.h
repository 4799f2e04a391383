/* test_verify.h - for tests of verification: what a verdict must be, and what must be said of it */
#ifndef LKS_CASE_TEST_VERIFY_H
#define LKS_CASE_TEST_VERIFY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "case/verification.h"

/* Fails unless got is what was expected and the text (NULL: any) is said; frees the verification. */
static inline void expect_said(struct lks_verification *verification, enum lks_check_state got,
                               enum lks_check_state expected, const char *text)
{
    struct lks_buffer said = {0};
    assert_int_equal(lks_verification_format(verification, 0, &said, NULL), 0);
    lks_buffer_byte(&said, '\0');
    if (got != expected || (text && !strstr(said.data, text)))
        fail_msg("expected %s and '%s':\n%s", lks_check_state_names[expected], text ? text : "",
                 said.data);
    lks_buffer_free(&said);
    lks_verification_free(verification);
}

#endif
