/* punycode_test.c - the samples of RFC 3492, and decoding against an encoder from its text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "text/extract.h"
#include "text/punycode.h"

/* Section 6.3 of the RFC, by the book. Returns the bytes. */
static size_t encode(const uint32_t *codes, size_t count, char *out)
{
    size_t size = 0, done = 0;
    uint64_t n = 128, delta = 0, bias = 72;
    for (size_t i = 0; i < count; i++)
        if (codes[i] < 128)
            out[size++] = (char)codes[i];
    size_t basic = done = size;
    if (basic)
        out[size++] = '-';
    while (done < count) {
        uint64_t next = UINT64_MAX;
        for (size_t i = 0; i < count; i++)
            next = codes[i] >= n && codes[i] < next ? codes[i] : next;
        delta += (next - n) * (done + 1);
        n = next;
        for (size_t i = 0; i < count; i++) {
            delta += codes[i] < n;
            if (codes[i] != n)
                continue;
            uint64_t q = delta;
            for (uint64_t k = 36;; k += 36) {
                uint64_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
                uint64_t digit = q < t ? q : t + (q - t) % (36 - t);
                out[size++] = (char)(digit < 26 ? 'a' + digit : '0' + digit - 26);
                if (q < t)
                    break;
                q = (q - t) / (36 - t);
            }
            uint64_t k = 0;
            delta = done == basic ? delta / 700 : delta / 2;
            delta += delta / (done + 1);
            for (; delta > 455; k += 36)
                delta /= 35;
            bias = k + 36 * delta / (delta + 38);
            delta = 0;
            done++;
        }
        delta++;
        n++;
    }
    return size;
}

static void samples(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t codes[20];
    } known[] = {
        /* (A) Arabic, (B) Chinese, (I) Russian, (L) Japanese, of section 7.1 */
        {"egbpdaj6bu4bxfgehfvwxn",
         {0x0644, 0x064A, 0x0647, 0x0645, 0x0627, 0x0628, 0x062A, 0x0643, 0x0644, 0x0645, 0x0648,
          0x0634, 0x0639, 0x0631, 0x0628, 0x064A, 0x061F}},
        {"ihqwcrb4cv8a8dqg056pqjye",
         {0x4ED6, 0x4EEC, 0x4E3A, 0x4EC0, 0x4E48, 0x4E0D, 0x8BF4, 0x4E2D, 0x6587}},
        {"3B-ww4c5e180e575a65lsy2b",
         {0x0033, 0x5E74, 0x0042, 0x7D44, 0x91D1, 0x516B, 0x5148, 0x751F}},
        {"-> $1.00 <--",
         {0x002D, 0x003E, 0x0020, 0x0024, 0x0031, 0x002E, 0x0030, 0x0030, 0x0020, 0x003C, 0x002D}},
        {"mnchen-3ya", {'m', 0xfc, 'n', 'c', 'h', 'e', 'n'}},
        {"p1ai", {0x0440, 0x0444}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t codes[LKS_LABEL_BYTES_MAX];
        int count = lks_punycode_decode(lks_str_from(known[i].text), codes);
        for (int k = 0; k < count; k++)
            assert_int_equal(codes[k], known[i].codes[k]);
        assert_true(count > 0 && (count == 20 || known[i].codes[count] == 0));
    }
}

static void comes_back(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 9, 0);
    for (int i = 0; i < 50000; i++) {
        uint32_t codes[16], again[LKS_LABEL_BYTES_MAX];
        char text[256];
        size_t count = 1 + lks_rng_below(&rng, 16);
        uint64_t span = UINT64_C(1) << (5 + lks_rng_below(&rng, 16));
        for (size_t k = 0; k < count; k++) {
            uint32_t code = (uint32_t)(lks_rng_below(&rng, 3) ? 0x80 + lks_rng_below(&rng, span)
                                                              : 'a' + lks_rng_below(&rng, 26));
            codes[k] = code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 'x' : code;
        }
        size_t size = encode(codes, count, text);
        int got = lks_punycode_decode((struct lks_str){text, size}, again);
        if (size > LKS_LABEL_BYTES_MAX) {
            assert_int_equal(got, -1);
            continue;
        }
        assert_int_equal(got, (int)count);
        assert_memory_equal(again, codes, count * sizeof *codes);
    }
}

static void refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xc3\xbc",   "a-\xc3\xbc", "99999999",
                                      "zzzzzzzzz9", "mnchen-3y",  "a-_"};
    uint32_t codes[LKS_LABEL_BYTES_MAX];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(lks_punycode_decode(lks_str_from(bad[i]), codes), -1);
}

static void check_host(const char *host, const char *want)
{
    struct lks_buffer out = {0};
    assert_int_equal(lks_host_decode(lks_str_from(host), &out), 0);
    assert_int_equal(out.size_bytes, strlen(want));
    assert_memory_equal(out.data, want, out.size_bytes);
    lks_buffer_free(&out);
}

static void hosts(void **state)
{
    (void)state;
    check_host("xn--mnchen-3ya.de", "m\xc3\xbcnchen.de");
    check_host(
        "www.xn--90anlfbebar6i.xn--p1ai",
        "www.\xd0\xbc\xd0\xb8\xd0\xbd\xd0\xbe\xd0\xb1\xd0\xbe\xd1\x80\xd0\xbe\xd0\xbd\xd1\x8b"
        ".\xd1\x80\xd1\x84");
    check_host("example.org", "example.org");
    check_host("xn--.org", "xn--.org");
    check_host("xn--abc-.org", "xn--abc-.org");         /* all ASCII: nobody encodes that */
    check_host("xn--mnchen-3y.de", "xn--mnchen-3y.de"); /* breaks off */
    check_host("xn--mnchen-3ya", "m\xc3\xbcnchen");
}

/* Two writings of one name are one link and one domain. */
static void one_domain(void **state)
{
    (void)state;
    static const char *const same[] = {"https://xn--mnchen-3ya.de/a", "http://M\xc3\x9cNCHEN.de/a/",
                                       "XN--MNCHEN-3YA.de/a", "https://www.mu\xcc\x88nchen.de/a"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct lks_arena arena = {0};
        struct lks_str url, domain;
        assert_int_equal(lks_url_canonical(lks_str_from(same[i]), &arena, &url, &domain), 0);
        assert_true(lks_str_equal_text(url, "m\xc3\xbcnchen.de/a"));
        assert_true(lks_str_equal_text(domain, "m\xc3\xbcnchen.de"));
        lks_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples), cmocka_unit_test(comes_back), cmocka_unit_test(refused),
        cmocka_unit_test(hosts),   cmocka_unit_test(one_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
