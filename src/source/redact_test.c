/* redact_test.c - rows that are blanked out are one reject each, and all others what they were
 *
 * Made files of each framing are read; some rows, drawn by chance, are blanked out in place; read
 * again, every other row must give what it gave before, at the same place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "source/read.h"

enum { ROWS = 300 };

struct seen {
    uint64_t offsets[ROWS], lengths[ROWS], hashes[ROWS];
    size_t count, redacted, others;
};

static uint64_t hash_of(struct lks_str text, uint64_t seed)
{
    for (size_t i = 0; i < text.size_bytes; i++)
        seed = (seed ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
    return seed;
}

static int put(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct seen *seen = context;
    (void)err;
    for (size_t i = 0; i < batch->posts_count; i++) {
        const struct lks_post *post = &batch->posts[i];
        assert_true(seen->count < ROWS);
        seen->offsets[seen->count] = post->offset_bytes;
        seen->lengths[seen->count] = post->length_bytes;
        seen->hashes[seen->count++] =
            hash_of(post->text, hash_of(post->account_key, hash_of(post->post_key, 7)));
    }
    for (size_t i = 0; i < batch->rejects_count; i++)
        if (lks_str_equal_text(batch->rejects[i].reason, LKS_REASON_REDACTED))
            seen->redacted++;
        else
            seen->others++;
    return 0;
}

static void file_read(const struct lks_buffer *file, const struct lks_source_options *options,
                      unsigned threads, struct seen *seen)
{
    struct lks_reader *reader;
    struct lks_error err = {0};
    struct lks_control control = {.threads = threads};
    *seen = (struct seen){0};
    assert_int_equal(lks_reader_open_memory("made", file->data, file->size_bytes, &reader, NULL),
                     0);
    if (lks_source_read_from(reader, "made", options, &control, put, seen, NULL, &err) != 0)
        fail_msg("%s", err.message);
    lks_reader_close(reader);
}

/* 0: CSV with quoted line ends, 1: the same with tabs, 2: lines of JSON, 3: one document, spread out. */
static void made(struct lks_buffer *out, int form, struct lks_rng *rng)
{
    const char *comma = form == 1 ? "\t" : ",";
    lks_buffer_text(out, form == 0   ? "account,time,text,post\n"
                         : form == 1 ? "account\ttime\ttext\tpost\n"
                         : form == 3
                             ? "{\"name\": \"c\", \"type\": \"public_channel\", \"id\": 77,\n"
                               " \"messages\": [\n"
                             : "");
    for (int i = 0; i < ROWS; i++) {
        unsigned who = (unsigned)lks_rng_below(rng, 9), word = (unsigned)lks_rng_below(rng, 99999);
        if (form < 2)
            lks_buffer_format(out, "a%u%s%d%s\"w%u {\n\"\"x\"\" }\"%sp%d\n", who, comma,
                              1730000000 + i, comma, word, comma, i);
        else if (form == 2)
            lks_buffer_format(
                out,
                "{\"account\": \"a%u\", \"time\": %d, \"text\": \"w%u {}\", \"post\": "
                "\"p%d\"}\n",
                who, 1730000000 + i, word, i);
        else
            lks_buffer_format(
                out,
                "%s  {\n   \"id\": %d,\n   \"type\": \"message\",\n   \"date\": "
                "\"2024-10-28T09:49:25\",\n   \"date_unixtime\": \"%d\",\n   \"from\": "
                "\"c\",\n   \"from_id\": \"user%u\",\n   \"text\": \"w%u [{\"\n  }",
                i ? ",\n" : "", i + 1, 1730000000 + i, who, word);
    }
    if (form == 3)
        lks_buffer_text(out, "\n ]\n}\n");
}

static void blanked_rows(void **unused)
{
    struct lks_mapping mapping = {0};
    struct lks_rng rng;
    static struct seen before, after;
    (void)unused;
    assert_int_equal(
        lks_mapping_parse("account=account,time=time,text=text,post=post", &mapping, NULL), 0);
    lks_rng_init(&rng, 3, 0);
    for (int turn = 0; turn < 40; turn++) {
        int form = turn % 4;
        struct lks_source_options options = lks_source_options_default();
        struct lks_buffer file = {0};
        size_t gone = 0, at = 0;
        if (form < 3)
            options.mapping = &mapping;
        options.rejects_share_max = 1;
        made(&file, form, &rng);
        file_read(&file, &options, 1, &before);
        assert_int_equal(before.count, ROWS);
        int blank[ROWS];
        for (size_t i = 0; i < ROWS; i++) {
            blank[i] = lks_rng_below(&rng, 4) == 0;
            gone += (unsigned)blank[i];
            if (blank[i]) { /* in two parts, as a copy in pieces does it */
                uint64_t half = lks_rng_below(&rng, before.lengths[i] + 1);
                char *row = file.data + before.offsets[i];
                lks_row_redact(row, (size_t)half, 0, before.lengths[i], form == 3);
                lks_row_redact(row + half, (size_t)(before.lengths[i] - half), half,
                               before.lengths[i], form == 3);
            }
        }
        file_read(&file, &options, 1 + (unsigned)turn % 3, &after);
        assert_int_equal(after.count, ROWS - gone);
        assert_int_equal(after.redacted, gone);
        assert_int_equal(after.others, 0);
        for (size_t i = 0; i < ROWS; i++) {
            if (blank[i])
                continue;
            assert_true(after.offsets[at] == before.offsets[i]);
            assert_true(after.lengths[at] == before.lengths[i]);
            assert_true(after.hashes[at] == before.hashes[i]);
            at++;
        }
        lks_buffer_free(&file);
    }
    lks_mapping_free(&mapping);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(blanked_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
