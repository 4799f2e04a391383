/* timestamp_test.c - queries answered by an authority made with the openssl command, and changed */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault/test_folder.h"
#include "vault/test_vectors.h"
#include "vault/timestamp.h"

static char folder[64], trusted[96], other[96];

/* An authority with a certificate for time stamping, and a root that signed nothing. */
static int setup(void **unused)
{
    (void)unused;
    folder_make(folder, sizeof folder);
    snprintf(trusted, sizeof trusted, "%s/root.pem", folder);
    snprintf(other, sizeof other, "%s/other.pem", folder);
    shell("cd %s && "
          "for ca in root other; do openssl req -x509 -newkey ed25519 -nodes -keyout $ca.key "
          "-out $ca.pem -days 2 -subj /CN=$ca 2>/dev/null; done && "
          "openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr "
          "-subj '/CN=Test authority' 2>/dev/null && "
          "printf 'extendedKeyUsage=critical,timeStamping\\n' > ext && "
          "openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2 "
          "-extfile ext -out tsa.pem 2>/dev/null && "
          "printf '[t]\\ndefault_policy=1.2.3.4\\nserial=%s/serial\\ndigests=sha256\\n"
          "signer_digest=sha256\\nordering=no\\ness_cert_id_alg=sha256\\n' > tsa.cnf && echo 01 > "
          "serial",
          folder, folder);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    shell("rm -rf %s", folder);
    return 0;
}

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

static void ask(struct lks_str data, struct lks_buffer *query, struct lks_buffer *answer)
{
    char path[128];
    lks_buffer_clear(query);
    assert_int_equal(lks_timestamp_query(data, query, NULL), 0);
    snprintf(path, sizeof path, "%s/query", folder);
    FILE *file = fopen(path, "wb");
    assert_int_equal(fwrite(query->data, 1, query->size_bytes, file), query->size_bytes);
    fclose(file);
    shell("cd %s && openssl ts -reply -config tsa.cnf -section t -queryfile query -signer tsa.pem "
          "-inkey tsa.key -out answer 2>/dev/null",
          folder);
    snprintf(path, sizeof path, "%s/answer", folder);
    file_read(path, answer);
}

static void stamped_and_checked(void **unused)
{
    struct lks_buffer query = {0}, answer = {0}, second = {0}, later = {0};
    struct lks_timestamp timestamp;
    struct lks_error err = {0};
    struct lks_str data = LKS_STR("a checkpoint\n");
    (void)unused;
    ask(data, &query, &answer);
    if (lks_timestamp_check(str_of(&answer), str_of(&query), data, trusted, &timestamp, &err))
        fail_msg("%s", err.message);
    assert_string_equal(timestamp.authority, "/CN=Test authority");
    assert_in_range(timestamp.time_us / 1000000, time(NULL) - 60, time(NULL) + 1);
    assert_int_equal(
        lks_timestamp_check(str_of(&answer), LKS_STR_NULL, data, trusted, &timestamp, NULL), 0);
    /* other data, another query, another root, no root */
    assert_int_equal(lks_timestamp_check(str_of(&answer), str_of(&query), LKS_STR("another\n"),
                                         trusted, &timestamp, NULL),
                     LKS_EINPUT);
    ask(data, &second, &later);
    assert_int_equal(
        lks_timestamp_check(str_of(&answer), str_of(&second), data, trusted, &timestamp, NULL),
        LKS_EINPUT);
    assert_int_equal(
        lks_timestamp_check(str_of(&answer), str_of(&query), data, other, &timestamp, NULL),
        LKS_EINPUT);
    assert_int_equal(lks_timestamp_check(str_of(&answer), str_of(&query), data, "/nonexistent",
                                         &timestamp, NULL),
                     LKS_EIO);
    lks_buffer_free(&query);
    lks_buffer_free(&answer);
    lks_buffer_free(&second);
    lks_buffer_free(&later);
}

/* No changed answer says another time under the same authority. */
static void every_byte_matters(void **unused)
{
    struct lks_buffer query = {0}, answer = {0};
    struct lks_timestamp good, got;
    struct lks_str data = LKS_STR("a checkpoint\n");
    unsigned held = 0;
    (void)unused;
    ask(data, &query, &answer);
    assert_int_equal(
        lks_timestamp_check(str_of(&answer), str_of(&query), data, trusted, &good, NULL), 0);
    for (size_t at = 0; at < answer.size_bytes; at++) {
        answer.data[at] ^= 1;
        if (lks_timestamp_check(str_of(&answer), str_of(&query), data, trusted, &got, NULL) == 0) {
            /* some bytes of the wrapping are outside the signature; what it says is not */
            assert_int_equal(got.time_us, good.time_us);
            assert_string_equal(got.serial, good.serial);
            held++;
        }
        answer.data[at] ^= 1;
    }
    assert_in_range(held, 0, answer.size_bytes / 10);
    for (size_t size = 0; size < answer.size_bytes; size += 7)
        assert_int_equal(lks_timestamp_check((struct lks_str){answer.data, size}, str_of(&query),
                                             data, trusted, &got, NULL),
                         LKS_EINPUT);
    lks_buffer_free(&query);
    lks_buffer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stamped_and_checked),
                                       cmocka_unit_test(every_byte_matters)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
