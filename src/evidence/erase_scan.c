/* erase_scan.c - one sealed file, read again to see what would go, and which holds stand in the way */
#include "evidence/erase_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "store/parquet.h"

/* A record of a batch, or a row that only tells of accounts. */
struct record {
    uint64_t offset, end, digest;
    int wanted; /* and no hold is in the way */
};

struct scanning {
    const struct lks_erase_wish *wish;
    const struct lks_holds *holds;
    struct lks_matcher *matcher;
    struct lks_erase_scan *scan;
    unsigned *kinds, *row_kinds; /* [holds] */
    struct record *records;      /* of the batch */
    size_t records_count, records_room;
    struct lks_buffer both;
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory");
}

void lks_erase_scan_free(struct lks_erase_scan *scan)
{
    free(scan->ranges);
    free(scan->holds);
    free(scan->file_holds);
    *scan = (struct lks_erase_scan){0};
}

/* ---- holds ---- */

/* Adds to row_kinds what each hold covers of the item, by those of its kinds that are in bits. */
static int item_judge(struct scanning *scanning, const struct lks_held_item *item, unsigned bits,
                      struct lks_error *err)
{
    int all = lks_matcher_kinds(scanning->matcher, item, scanning->kinds, err);
    for (size_t i = 0; all > 0 && i < scanning->holds->count; i++)
        scanning->row_kinds[i] |= scanning->kinds[i] & bits;
    return all < 0 ? all : 0;
}

/* What row_kinds says: notes the holds of the file, and gives 1 where one covers the record itself. */
static int row_verdict(struct scanning *scanning, int wanted)
{
    const unsigned own = LKS_HELD_POSTS | LKS_HELD_ACCOUNTS | LKS_HELD_PAYMENTS;
    int held = 0;
    for (size_t i = 0; i < scanning->holds->count; i++) {
        if (!scanning->row_kinds[i])
            continue;
        int mine = (scanning->row_kinds[i] & own) != 0;
        /* Of a file that goes as a whole all that it holds counts; else the file itself alone. */
        if (scanning->wish->what == LKS_ERASE_FILE || scanning->row_kinds[i] & LKS_HELD_FILES)
            scanning->scan->file_holds[i] = 1;
        if (wanted && mine)
            scanning->scan->holds[i] = 1;
        held |= mine;
    }
    return held;
}

static void row_start(struct scanning *scanning)
{
    memset(scanning->row_kinds, 0, scanning->holds->count * sizeof *scanning->row_kinds);
}

/* ---- records ---- */

static int record_add(struct scanning *scanning, uint64_t offset, uint64_t length, int wanted,
                      uint64_t digest, struct lks_error *err)
{
    if (scanning->records_count == scanning->records_room) {
        size_t room = scanning->records_room ? 2 * scanning->records_room : 4096;
        struct record *more = realloc(scanning->records, room * sizeof *more);
        if (!more)
            return memory_out(err);
        scanning->records = more;
        scanning->records_room = room;
    }
    scanning->records[scanning->records_count++] =
        (struct record){offset, offset + length, digest, wanted};
    return 0;
}

/* A sum does not depend on order; the parts of a record are told apart by their lengths. */
static uint64_t digest_of(const struct lks_str *parts, size_t count, const int64_t *numbers,
                          size_t numbers_count)
{
    uint64_t digest = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t size = parts[i].data ? parts[i].size_bytes : UINT64_MAX;
        digest = XXH3_64bits_withSeed(&size, sizeof size, digest);
        if (parts[i].size_bytes)
            digest = XXH3_64bits_withSeed(parts[i].data, parts[i].size_bytes, digest);
    }
    return XXH3_64bits_withSeed(numbers, numbers_count * sizeof *numbers, digest);
}

static void digest_note(struct scanning *scanning, int goes, uint64_t digest)
{
    struct lks_erase_scan *scan = scanning->scan;
    if (goes) {
        scan->gone_sum += digest;
        scan->gone_count++;
    } else {
        scan->kept_sum += digest;
        scan->kept_count++;
    }
}

/* Settles a record whose holds are in row_kinds. */
static int record_settle(struct scanning *scanning, uint64_t offset, uint64_t length, int wanted,
                         uint64_t digest, struct lks_error *err)
{
    int held = row_verdict(scanning, wanted);
    int goes = wanted && !held && scanning->wish->what != LKS_ERASE_FILE;
    scanning->scan->records++;
    scanning->scan->wanted += (unsigned)wanted;
    scanning->scan->held += (unsigned)(wanted && held);
    return record_add(scanning, offset, length, goes, digest, err);
}

static struct lks_str text_of(struct scanning *scanning, const struct lks_post *post)
{
    if (!post->transcript.size_bytes)
        return post->text;
    if (!post->text.size_bytes)
        return post->transcript;
    lks_buffer_clear(&scanning->both);
    lks_buffer_append(&scanning->both, post->text.data, post->text.size_bytes);
    lks_buffer_byte(&scanning->both, '\n');
    lks_buffer_append(&scanning->both, post->transcript.data, post->transcript.size_bytes);
    return scanning->both.failed ? LKS_STR_NULL
                                 : (struct lks_str){scanning->both.data, scanning->both.size_bytes};
}

static int post_wanted(const struct lks_erase_wish *wish, const struct lks_post *post)
{
    return wish->what == LKS_ERASE_FILE ||
           (wish->what == LKS_ERASE_ACCOUNT &&
            lks_str_equal(post->account_key, wish->account_key)) ||
           (wish->what == LKS_ERASE_AGE &&
            lks_retention_over(wish->retention, post->kind, post->platform, post->time_us,
                               wish->now_us));
}

/* A post with what its row says of accounts: accounts [first, last) of the batch. */
static int post_take(struct scanning *scanning, const struct lks_batch *batch,
                     const struct lks_post *post, size_t first, size_t last, struct lks_error *err)
{
    const struct lks_str parts[] = {post->post_key,   post->account_key, post->text,
                                    post->transcript, post->parent_key,  post->origin_key};
    const int64_t numbers[] = {post->time_us, post->kind, (int64_t)post->offset_bytes,
                               (int64_t)post->length_bytes};
    struct lks_held_item item = {.platform = post->platform,
                                 .account_key = post->account_key,
                                 .text = text_of(scanning, post),
                                 .time_us = post->time_us};
    row_start(scanning);
    int code =
        item_judge(scanning, &item, LKS_HELD_POSTS | LKS_HELD_ACCOUNTS | LKS_HELD_FILES, err);
    for (size_t i = first; code == 0 && i < last; i++) {
        item.platform = batch->accounts[i].platform;
        item.account_key = batch->accounts[i].account_key;
        code = item_judge(scanning, &item, LKS_HELD_ACCOUNTS | LKS_HELD_FILES, err);
    }
    return code ? code
                : record_settle(scanning, post->offset_bytes, post->length_bytes,
                                post_wanted(scanning->wish, post), digest_of(parts, 6, numbers, 4),
                                err);
}

/* "tiktok" of "tiktok:7437..."; null where there is none. */
static struct lks_str platform_of(struct lks_str key)
{
    const char *colon = key.data ? memchr(key.data, ':', key.size_bytes) : NULL;
    return colon ? (struct lks_str){key.data, (size_t)(colon - key.data)} : LKS_STR_NULL;
}

static int payment_take(struct scanning *scanning, const struct lks_payment *payment,
                        struct lks_error *err)
{
    const struct lks_erase_wish *wish = scanning->wish;
    const struct lks_str parts[] = {payment->payment_key, payment->payer,    payment->payee,
                                    payment->account_key, payment->post_key, payment->purpose};
    const int64_t numbers[] = {payment->time_us, payment->amount_minor,
                               (int64_t)payment->offset_bytes, (int64_t)payment->length_bytes};
    struct lks_str platform = platform_of(payment->account_key);
    struct lks_held_item item = {
        .platform = platform, .account_key = payment->account_key, .time_us = payment->time_us};
    int wanted = wish->what == LKS_ERASE_FILE ||
                 (wish->what == LKS_ERASE_ACCOUNT &&
                  lks_str_equal(payment->account_key, wish->account_key)) ||
                 (wish->what == LKS_ERASE_AGE &&
                  lks_retention_over(wish->retention, LKS_POST_KINDS_COUNT, platform,
                                     payment->time_us, wish->now_us));
    row_start(scanning);
    int code =
        item_judge(scanning, &item, LKS_HELD_PAYMENTS | LKS_HELD_ACCOUNTS | LKS_HELD_FILES, err);
    return code ? code
                : record_settle(scanning, payment->offset_bytes, payment->length_bytes, wanted,
                                digest_of(parts, 6, numbers, 4), err);
}

/* A row without a post, which tells of the accounts [first, last). */
static int profile_take(struct scanning *scanning, const struct lks_batch *batch, size_t first,
                        size_t last, struct lks_error *err)
{
    const struct lks_erase_wish *wish = scanning->wish;
    const struct lks_account *at = &batch->accounts[first];
    uint64_t digest = 0;
    int wanted = wish->what == LKS_ERASE_FILE, others = 0, code = 0;
    row_start(scanning);
    for (size_t i = first; code == 0 && i < last; i++) {
        const struct lks_account *account = &batch->accounts[i];
        const struct lks_str parts[] = {account->account_key, account->handle,
                                        account->display_name, account->bio};
        const int64_t numbers[] = {account->created_us, account->followers,
                                   (int64_t)account->offset_bytes};
        struct lks_held_item item = {.platform = account->platform,
                                     .account_key = account->account_key,
                                     .time_us = LKS_TIME_NULL};
        int mine = wish->what == LKS_ERASE_ACCOUNT &&
                   lks_str_equal(account->account_key, wish->account_key);
        wanted |= mine;
        others |= !mine;
        digest += digest_of(parts, 4, numbers, 3);
        code = item_judge(scanning, &item, LKS_HELD_ACCOUNTS | LKS_HELD_FILES, err);
    }
    if (code == 0 && wish->what == LKS_ERASE_ACCOUNT && wanted && others) {
        scanning->scan->named++; /* a list of several accounts in one row */
        wanted = 0;
    }
    return code ? code
                : record_settle(scanning, at->offset_bytes, at->length_bytes, wanted, digest, err);
}

/* A row that is nothing that is known here. */
static int unknown_take(struct scanning *scanning, uint64_t count, struct lks_error *err)
{
    struct lks_held_item item = {.time_us = LKS_TIME_NULL};
    if (!count)
        return 0;
    scanning->scan->unknown += count;
    row_start(scanning);
    int code = item_judge(scanning, &item, LKS_HELD_ALL & ~(unsigned)LKS_HELD_FINDINGS, err);
    if (code == 0)
        row_verdict(scanning, scanning->wish->what == LKS_ERASE_FILE);
    return code;
}

/* ---- what can be blanked ---- */

static int by_offset(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static int range_add(struct lks_erase_scan *scan, const struct record *record,
                     struct lks_error *err)
{
    struct lks_erase_range *last =
        scan->ranges_count ? &scan->ranges[scan->ranges_count - 1] : NULL;
    if (last && record->offset < last->offset_bytes + last->length_bytes)
        return 0; /* in a row that goes already */
    if (scan->ranges_count == scan->ranges_room) {
        size_t room = scan->ranges_room ? 2 * scan->ranges_room : 256;
        struct lks_erase_range *more = realloc(scan->ranges, room * sizeof *more);
        if (!more)
            return memory_out(err);
        scan->ranges = more;
        scan->ranges_room = room;
    }
    scan->ranges[scan->ranges_count++] =
        (struct lks_erase_range){record->offset, record->end - record->offset};
    return 0;
}

/* 1 where a record that stays lies in the bytes of this one. Those that begin before it can only
 * hold it as a part. records are sorted. */
static int tied(const struct scanning *scanning, size_t at)
{
    const struct record *records = scanning->records, *record = &records[at];
    for (size_t i = at; i-- > 0 && records[i].offset == record->offset;)
        if (!records[i].wanted && records[i].end <= record->end)
            return 1;
    for (size_t i = at + 1; i < scanning->records_count && records[i].offset < record->end; i++)
        if (!records[i].wanted && records[i].end <= record->end)
            return 1;
    return 0;
}

static int ranges_take(struct scanning *scanning, struct lks_error *err)
{
    int code = 0;
    if (scanning->records_count)
        qsort(scanning->records, scanning->records_count, sizeof *scanning->records, by_offset);
    for (size_t i = 0; code == 0 && i < scanning->records_count; i++) {
        const struct record *record = &scanning->records[i];
        int stays = !record->wanted || record->end - record->offset < 2 || tied(scanning, i);
        scanning->scan->tied += (unsigned)(record->wanted && stays);
        digest_note(scanning, !stays, record->digest);
        if (!stays)
            code = range_add(scanning->scan, record, err);
    }
    scanning->records_count = 0;
    return code;
}

/* ---- the file ---- */

/* Accounts and posts of a row stand in the batch in the order of their rows. */
static int posts_take(struct scanning *scanning, const struct lks_batch *batch,
                      struct lks_error *err)
{
    size_t account = 0, post = 0;
    int code = 0;
    while (code == 0 && (post < batch->posts_count || account < batch->accounts_count)) {
        size_t first = account, posts_first = post;
        uint64_t start = UINT64_MAX, end;
        if (account < batch->accounts_count)
            start = batch->accounts[account].offset_bytes;
        if (post < batch->posts_count && batch->posts[post].offset_bytes < start) {
            /* a post whose row tells of no account before it, or is a part of a row that was passed */
            code = post_take(scanning, batch, &batch->posts[post++], 0, 0, err);
            continue;
        }
        end = start + batch->accounts[account].length_bytes;
        while (account < batch->accounts_count && batch->accounts[account].offset_bytes == start)
            account++;
        while (post < batch->posts_count && batch->posts[post].offset_bytes >= start &&
               (batch->posts[post].offset_bytes < end || end == start) &&
               (end > start || batch->posts[post].offset_bytes == start))
            code =
                code ? code : post_take(scanning, batch, &batch->posts[post], first, account, err),
            post++;
        if (post == posts_first && code == 0)
            code = profile_take(scanning, batch, first, account, err);
    }
    return code;
}

/* Rows of others that tell of the account beside a post of theirs. */
static void named_count(struct scanning *scanning, const struct lks_batch *batch)
{
    size_t post = 0;
    if (scanning->wish->what != LKS_ERASE_ACCOUNT)
        return;
    for (size_t i = 0; i < batch->accounts_count; i++) {
        const struct lks_account *account = &batch->accounts[i];
        if (!lks_str_equal(account->account_key, scanning->wish->account_key))
            continue;
        while (post < batch->posts_count && batch->posts[post].offset_bytes < account->offset_bytes)
            post++;
        if (post < batch->posts_count &&
            batch->posts[post].offset_bytes < account->offset_bytes + account->length_bytes &&
            !lks_str_equal(batch->posts[post].account_key, account->account_key))
            scanning->scan->named++;
    }
}

static int batch_take(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct scanning *scanning = context;
    uint64_t unknown = batch->ignored_count;
    int code = posts_take(scanning, batch, err);
    named_count(scanning, batch);
    for (size_t i = 0; code == 0 && i < batch->payments_count; i++)
        code = payment_take(scanning, &batch->payments[i], err);
    for (size_t i = 0; i < batch->rejects_count; i++)
        if (lks_str_equal_text(batch->rejects[i].reason, LKS_REASON_REDACTED))
            scanning->scan->blanked++;
        else
            unknown++;
    if (code == 0)
        code = unknown_take(scanning, unknown, err);
    return code ? code : ranges_take(scanning, err);
}

/* Reads a file whatever its share of rejects. */
static int bytes_read(struct scanning *scanning, int bytes,
                      const struct lks_import_reading *reading, const struct lks_control *control,
                      struct lks_error *err)
{
    struct lks_source_options options = reading->options;
    struct lks_source_summary summary = {0};
    struct lks_erase_scan *scan = scanning->scan;
    char path[64];
    uint64_t rows;
    options.accounts_all = 1;
    options.rejects_share_max = 1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", bytes);
    scan->parquet = lks_parquet_recognise(path);
    if (scan->parquet)
        return options.mapping ? lks_parquet_read(path, options.mapping, control, batch_take,
                                                  scanning, &rows, err)
                               : lks_error_set(err, LKS_EINPUT, "a Parquet file has no mapping");
    int code = lks_source_read(path, &options, control, batch_take, scanning, &summary, err);
    const struct lks_adapter *adapter = summary.adapter ? lks_adapter_find(summary.adapter) : NULL;
    scan->keep_line_ends = adapter && adapter->framing == LKS_FRAME_JSON;
    scan->read = (struct lks_import_counts){.rows = summary.rows_count,
                                            .posts = summary.posts_count,
                                            .payments = summary.payments_count,
                                            .rejects = summary.rejects_count,
                                            .ignored = summary.ignored_count,
                                            .zone_assumed = summary.zone_assumed_count,
                                            .cp1252 = summary.cp1252_count};
    return code;
}

int lks_erase_scan_run(int bytes, const struct lks_import_reading *reading,
                       const struct lks_erase_wish *wish, const struct lks_holds *holds,
                       struct lks_matcher *matcher, const struct lks_control *control,
                       struct lks_erase_scan *scan, struct lks_error *err)
{
    struct scanning scanning = {.wish = wish, .holds = holds, .matcher = matcher, .scan = scan};
    lks_erase_scan_free(scan);
    scan->holds = calloc(holds->count + 1, 1);
    scan->file_holds = calloc(holds->count + 1, 1);
    scanning.kinds = calloc(holds->count + 1, sizeof *scanning.kinds);
    scanning.row_kinds = calloc(holds->count + 1, sizeof *scanning.row_kinds);
    int code = scan->holds && scan->file_holds && scanning.kinds && scanning.row_kinds
                   ? bytes_read(&scanning, bytes, reading, control, err)
                   : memory_out(err);
    free(scanning.kinds);
    free(scanning.row_kinds);
    free(scanning.records);
    lks_buffer_free(&scanning.both);
    return code;
}
