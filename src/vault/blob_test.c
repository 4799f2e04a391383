/* blob_test.c - sealing, reading back, damage, erasing; canonical JSON and disclosures */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rng.h"
#include "vault/blob.h"
#include "vault/canon.h"
#include "vault/test_folder.h"

static char folder[64], vault[80], input[80], output[80];

static void file_make(size_t size, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 0);
    FILE *file = fopen(input, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        fputc((int)(lks_rng_next(&rng) & 0xff), file);
    fclose(file);
}

static int copy_back(const char *name, struct lks_blob *blob)
{
    int file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    int code = lks_blob_copy(vault, name, file, NULL, blob, NULL);
    close(file);
    return code;
}

static void sealed_and_read_back(void **unused)
{
    static const size_t sizes[] = {1, 15, 16, 17, 1048575, 1048576, 1048577, 5000000};
    (void)unused;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct lks_blob blob, again;
        struct stat status;
        char path[320];
        file_make(sizes[i], i);
        assert_int_equal(lks_blob_seal(vault, input, NULL, &blob, NULL), 0);
        assert_int_equal(blob.size_bytes, sizes[i]);
        assert_true(lks_blob_there(vault, blob.name));
        assert_int_equal(copy_back(blob.name, &again), 0);
        assert_memory_equal(blob.sha256, again.sha256, sizeof blob.sha256);
        shell("cmp %s %s", input, output);
        snprintf(path, sizeof path, "%s/keys/%.2s/%s", vault, blob.name, blob.name + 2);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        /* The same file again is another object: names say nothing of content. */
        assert_int_equal(lks_blob_seal(vault, input, NULL, &again, NULL), 0);
        assert_string_not_equal(blob.name, again.name);
    }
}

/* The openssl command gives the bytes back, with the key as the file says it. */
static void a_stranger_decrypts(void **unused)
{
    struct lks_blob blob;
    (void)unused;
    file_make(100000, 5);
    assert_int_equal(lks_blob_seal(vault, input, NULL, &blob, NULL), 0);
    shell("openssl enc -d -aes-256-ctr -K $(sed -n 's/^key //p' %s/keys/%.2s/%s) "
          "-iv 00000000000000000000000000000000 -in %s/blobs/%.2s/%s -out %s && cmp %s %s",
          vault, blob.name, blob.name + 2, vault, blob.name, blob.name + 2, output, input, output);
}

static void changed_bytes_are_noticed(void **unused)
{
    struct lks_blob blob, again;
    char path[320];
    (void)unused;
    file_make(300, 6);
    assert_int_equal(lks_blob_seal(vault, input, NULL, &blob, NULL), 0);
    const char *const kinds[] = {"blobs", "keys"};
    for (int kind = 0; kind < 2; kind++) {
        snprintf(path, sizeof path, "%s/%s/%.2s/%s", vault, kinds[kind], blob.name, blob.name + 2);
        struct stat status;
        assert_int_equal(stat(path, &status), 0);
        for (off_t at = 0; at < status.st_size; at++) {
            FILE *file = fopen(path, "r+b");
            fseek(file, at, SEEK_SET);
            int byte = fgetc(file);
            fseek(file, at, SEEK_SET);
            fputc(byte ^ 1, file);
            fclose(file);
            int code = copy_back(blob.name, &again);
            /* the last newline of the key file says nothing */
            assert_true(code == LKS_EINPUT || (kind == 1 && at == status.st_size - 1));
            file = fopen(path, "r+b");
            fseek(file, at, SEEK_SET);
            fputc(byte, file);
            fclose(file);
        }
    }
    assert_int_equal(copy_back(blob.name, &again), 0);
    assert_int_equal(truncate(path, 20), 0);
    assert_int_equal(copy_back(blob.name, &again), LKS_EINPUT);
}

static void erased_is_erased(void **unused)
{
    struct lks_blob blob, again;
    (void)unused;
    file_make(300, 7);
    assert_int_equal(lks_blob_seal(vault, input, NULL, &blob, NULL), 0);
    assert_int_equal(lks_blob_erase(vault, blob.name, NULL), 0);
    assert_false(lks_blob_there(vault, blob.name));
    assert_int_equal(copy_back(blob.name, &again), LKS_EMISSING);
    assert_int_equal(lks_blob_erase(vault, blob.name, NULL), LKS_EMISSING);
    assert_int_equal(lks_blob_erase(vault, "../../etc/passwd", NULL), LKS_EARGUMENT);
}

static volatile int stop;

static void stop_now(void *context, const struct lks_progress *progress)
{
    (void)context, (void)progress;
    stop = 1;
}

static void refused_and_stopped(void **unused)
{
    struct lks_blob blob;
    struct lks_control control = {.cancel = &stop, .progress = stop_now};
    (void)unused;
    assert_int_equal(lks_blob_seal(vault, folder, NULL, &blob, NULL), LKS_EINPUT);
    assert_int_equal(lks_blob_seal(vault, "/nonexistent", NULL, &blob, NULL), LKS_EIO);
    file_make(0, 0);
    assert_int_equal(lks_blob_seal(vault, input, NULL, &blob, NULL), LKS_EINPUT);
    file_make(9000000, 8);
    stop = 1;
    assert_int_equal(lks_blob_seal(vault, input, &control, &blob, NULL), LKS_ECANCELLED);
    shell("test -z \"$(find %s/blobs -name '.sealing*')\" && test -d %s", vault, vault);
}

static void canonical_json(void **unused)
{
    struct lks_canon canon = {0};
    struct lks_buffer out = {0};
    (void)unused;
    lks_canon_object(&canon, NULL);
    lks_canon_text(&canon, "zeta", "a\"b\\c\b\t\n\f\r\x01\x7f<\xc3\xa9\xff");
    lks_canon_int(&canon, "beta", -42);
    lks_canon_array(&canon, "list");
    lks_canon_bool(&canon, NULL, 1);
    lks_canon_string(&canon, NULL, LKS_STR_NULL);
    lks_canon_object(&canon, NULL);
    lks_canon_int(&canon, "b", 2);
    lks_canon_int(&canon, "a", (int64_t)1 << 53);
    lks_canon_end(&canon);
    lks_canon_end(&canon);
    lks_canon_object(&canon, "empty");
    lks_canon_end(&canon);
    lks_canon_text(&canon, "alpha", "");
    assert_int_equal(lks_canon_finish(&canon, &out), 0);
    lks_buffer_byte(&out, '\0');
    assert_string_equal(out.data,
                        "{\"alpha\":\"\",\"beta\":-42,\"empty\":{},\"list\":[true,null,"
                        "{\"a\":9007199254740992,\"b\":2}],\"zeta\":\"a\\\"b\\\\c\\b\\t\\n\\f\\r"
                        "\\u0001\x7f<\xc3\xa9\xef\xbf\xbd\"}");
    lks_buffer_free(&out);
}

/* The example of RFC 9901, section 4.2: its JSON has a blank after each comma, which is allowed;
 * ours has none, and is a disclosure of its own. */
static void disclosures(void **unused)
{
    char digest[LKS_COMMITMENT_BYTES], decoy[LKS_COMMITMENT_BYTES];
    struct lks_buffer out = {0};
    (void)unused;
    lks_disclosure_digest(
        LKS_STR("WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"), digest);
    assert_string_equal(digest, "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
    unsigned char own[LKS_SALT_BYTES];
    assert_int_equal(lks_salt_new(own, NULL), 0);
    assert_int_equal(lks_disclosure_make(own, "family_name",
                                         LKS_STR("M\xc3\xb6"
                                                 "bius"),
                                         &out, NULL),
                     0);
    lks_disclosure_digest((struct lks_str){out.data, out.size_bytes}, digest);
    assert_int_equal(lks_disclosure_decoy(decoy, NULL), 0);
    assert_int_equal(strlen(digest), strlen(decoy));
    assert_string_not_equal(digest, decoy);
    lks_buffer_free(&out);
}

static int setup(void **unused)
{
    (void)unused;
    folder_make(folder, sizeof folder);
    snprintf(vault, sizeof vault, "%s/vault", folder);
    snprintf(input, sizeof input, "%s/input", folder);
    snprintf(output, sizeof output, "%s/output", folder);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    shell("rm -rf %s", folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_and_read_back),
        cmocka_unit_test(a_stranger_decrypts),
        cmocka_unit_test(changed_bytes_are_noticed),
        cmocka_unit_test(erased_is_erased),
        cmocka_unit_test(refused_and_stopped),
        cmocka_unit_test(canonical_json),
        cmocka_unit_test(disclosures),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
