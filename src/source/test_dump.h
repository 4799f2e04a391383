/* test_dump.h - for tests: reads a file from memory and writes all that came out as text */
#ifndef LKS_SOURCE_TEST_DUMP_H
#define LKS_SOURCE_TEST_DUMP_H

#include <stdio.h>
#include <stdlib.h>

#include "source/read.h"
#include "source/source.h"

struct test_dump {
    struct lks_buffer text;    /* a line for each post, action, account, reject */
    struct lks_buffer rejects; /* the rejects alone: "line reason" */
    struct lks_source_summary summary;
    struct lks_error err;
    uint64_t batches_count;
    struct lks_str content; /* where the offsets point to */
    int64_t zone_offset_us; /* set before reading */
    int in_documents;       /* set before reading: rows lie within JSON documents, not on lines */
    int quiet;              /* counts only */
};

/* The path of a real file; 0 where it is not there. They lie in the folder that LOCKSTEP_DATA
 * names, else in ../shared beside the checkout. */
static inline int test_dump_real(const char *name, char *path, size_t size_bytes)
{
    const char *folder = getenv("LOCKSTEP_DATA"), *file = __FILE__;
    int root = (int)(strlen(file) - strlen("src/source/test_dump.h"));
    if (folder)
        snprintf(path, size_bytes, "%s/%s", folder, name);
    else
        snprintf(path, size_bytes, "%.*s../shared/%s", root > 0 ? root : 0, file, name);
    FILE *there = fopen(path, "rb");
    if (!there)
        return 0;
    fclose(there);
    return 1;
}

static inline void test_dump_str(struct lks_buffer *out, const char *name, struct lks_str value)
{
    if (!value.data)
        return;
    lks_buffer_format(out, " %s=", name);
    lks_buffer_append(out, value.data, value.size_bytes);
}

static inline void test_dump_count(struct lks_buffer *out, const char *name, int64_t value)
{
    if (value != LKS_COUNT_NULL)
        lks_buffer_format(out, " %s=%lld", name, (long long)value);
}

static inline void test_dump_post(struct lks_buffer *out, const struct lks_batch *batch,
                                  const struct lks_post *post)
{
    char time[LKS_TIME_TEXT_BYTES];
    lks_time_format(post->time_us, time);
    lks_buffer_format(out, "post %s %s %s", lks_post_kind_names[post->kind], time,
                      lks_precision_names[post->time_precision]);
    test_dump_str(out, "platform", post->platform);
    test_dump_str(out, "key", post->post_key);
    test_dump_str(out, "account", post->account_key);
    test_dump_str(out, "text", post->text);
    test_dump_str(out, "transcript", post->transcript);
    test_dump_str(out, "language", post->language);
    test_dump_str(out, "parent", post->parent_key);
    test_dump_str(out, "origin", post->origin_key);
    test_dump_str(out, "channel", post->channel_key);
    test_dump_count(out, "views", post->views);
    test_dump_count(out, "likes", post->likes);
    test_dump_count(out, "shares", post->shares);
    test_dump_count(out, "comments", post->comments);
    if (post->declared_paid >= 0)
        lks_buffer_format(out, " paid=%d", post->declared_paid);
    lks_buffer_byte(out, '\n');
    for (uint32_t i = 0; i < post->actions_count; i++) {
        const struct lks_action *action = &batch->actions[post->actions_first + i];
        lks_buffer_format(out, "  %s ", lks_object_kind_names[action->kind]);
        lks_buffer_append(out, action->object.data, action->object.size_bytes);
        lks_buffer_byte(out, '\n');
    }
}

static inline void test_dump_account(struct lks_buffer *out, const struct lks_account *account)
{
    lks_buffer_text(out, "account");
    test_dump_str(out, "platform", account->platform);
    test_dump_str(out, "key", account->account_key);
    test_dump_str(out, "handle", account->handle);
    test_dump_str(out, "name", account->display_name);
    test_dump_str(out, "country", account->country);
    test_dump_str(out, "language", account->language);
    test_dump_str(out, "bio", account->bio);
    test_dump_count(out, "created_us", account->created_us);
    if (account->created_method != LKS_CREATED_UNKNOWN)
        lks_buffer_format(out, " by=%s", lks_created_method_names[account->created_method]);
    if (account->verified >= 0)
        lks_buffer_format(out, " verified=%d", account->verified);
    test_dump_count(out, "followers", account->followers);
    test_dump_count(out, "following", account->following);
    test_dump_count(out, "posts", account->posts_total);
    lks_buffer_byte(out, '\n');
}

static inline void test_dump_payment(struct lks_buffer *out, const struct lks_payment *payment)
{
    char time[LKS_TIME_TEXT_BYTES], amount[LKS_MONEY_TEXT_BYTES];
    lks_time_format(payment->time_us, time);
    lks_money_format(payment->amount_minor, payment->exponent, amount);
    lks_buffer_format(out, "payment %s %s %s %s", amount, payment->currency, time,
                      lks_precision_names[payment->time_precision]);
    test_dump_str(out, "key", payment->payment_key);
    test_dump_str(out, "payer", payment->payer);
    test_dump_str(out, "payee", payment->payee);
    test_dump_str(out, "account", payment->account_key);
    test_dump_str(out, "post", payment->post_key);
    test_dump_str(out, "beneficiary", payment->beneficiary);
    test_dump_str(out, "method", payment->method);
    test_dump_str(out, "purpose", payment->purpose);
    lks_buffer_byte(out, '\n');
}

/* The bytes that a post or reject points to must be whole rows: between line ends. */
static inline void test_dump_place(const struct test_dump *dump, uint64_t offset_bytes,
                                   uint64_t length_bytes)
{
    struct lks_str content = dump->content;
    uint64_t end = offset_bytes + length_bytes;
    LKS_ASSERT(end <= content.size_bytes);
    if (dump->in_documents) {
        LKS_ASSERT(!length_bytes ||
                   (content.data[offset_bytes] == '{' && content.data[end - 1] == '}'));
        return;
    }
    LKS_ASSERT(offset_bytes == 0 || content.data[offset_bytes - 1] == '\n' ||
               (offset_bytes == 3 && content.data[0] == '\xef'));
    LKS_ASSERT(!length_bytes || end == content.size_bytes || content.data[end] == '\n' ||
               (content.data[end] == '\r' && content.data[end + 1] == '\n'));
}

static inline int test_dump_put(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct test_dump *dump = context;
    (void)err;
    dump->batches_count++;
    if (dump->quiet)
        return 0;
    lks_buffer_text(&dump->text, "batch\n");
    for (size_t i = 0; i < batch->posts_count; i++) {
        test_dump_post(&dump->text, batch, &batch->posts[i]);
        test_dump_place(dump, batch->posts[i].offset_bytes, batch->posts[i].length_bytes);
    }
    for (size_t i = 0; i < batch->accounts_count; i++)
        test_dump_account(&dump->text, &batch->accounts[i]);
    for (size_t i = 0; i < batch->payments_count; i++) {
        test_dump_payment(&dump->text, &batch->payments[i]);
        test_dump_place(dump, batch->payments[i].offset_bytes, batch->payments[i].length_bytes);
    }
    for (size_t i = 0; i < batch->rejects_count; i++) {
        const struct lks_reject *reject = &batch->rejects[i];
        lks_buffer_format(&dump->rejects, "%llu %.*s\n", (unsigned long long)reject->line,
                          (int)reject->reason.size_bytes, reject->reason.data);
        test_dump_place(dump, reject->offset_bytes, 0);
        lks_buffer_format(&dump->text, "reject %llu ", (unsigned long long)reject->line);
        lks_buffer_append(&dump->text, reject->first_bytes.data, reject->first_bytes.size_bytes);
        lks_buffer_byte(&dump->text, '\n');
    }
    return 0;
}

/* as or map may be NULL. Returns what lks_source_read_from returns. */
static inline int test_dump_read(struct test_dump *dump, struct lks_str content, const char *as,
                                 const char *map, unsigned threads, double rejects_share_max)
{
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = threads};
    struct lks_mapping mapping = {0};
    struct lks_reader *reader = NULL;
    *dump = (struct test_dump){.quiet = dump->quiet,
                               .in_documents = dump->in_documents,
                               .zone_offset_us = dump->zone_offset_us,
                               .content = content};
    options.as = as;
    options.zone_offset_us = dump->zone_offset_us;
    options.rejects_share_max = rejects_share_max;
    int code = map ? lks_mapping_parse(map, &mapping, &dump->err) : 0;
    if (map)
        options.mapping = &mapping;
    if (code == 0)
        code =
            lks_reader_open_memory("made", content.data, content.size_bytes, &reader, &dump->err);
    if (code == 0)
        code = lks_source_read_from(reader, "made", &options, &control, test_dump_put, dump,
                                    &dump->summary, &dump->err);
    lks_reader_close(reader);
    lks_mapping_free(&mapping);
    lks_buffer_byte(&dump->text, 0);
    lks_buffer_byte(&dump->rejects, 0);
    return code;
}

static inline void test_dump_free(struct test_dump *dump)
{
    lks_buffer_free(&dump->text);
    lks_buffer_free(&dump->rejects);
}

#endif
