/* bundle_freeze.c - an answer is frozen: a statement in the log for each of its records
 *
 * Under a profile with pseudonyms the statements stand in an order drawn by lot. Two dossiers
 * over the same records have different keys, and in the order of the case the n-th record of one would be
 * the n-th of the other. */
#include <stdio.h>
#include <stdlib.h>

#include "base/progress.h"
#include "base/rng.h"
#include "case/entries.h"
#include "evidence/bundle.h"

enum { BATCH_POSTS = 4096, COMMIT_RECORDS = 50000 };

struct freezing {
    struct lks_bundle *bundle;
    struct lks_store *store;
    struct lks_vault *vault;
    struct lks_store_file *files; /* by their index */
    size_t files_count;
    unsigned char *files_named; /* records came from it */
    struct lks_rng rng;
    struct lks_meter meter;
    uint64_t records_count;
    struct lks_arena arena;
};

/* ---- one record ---- */

static void values_hide(struct lks_statement_writer *writer, enum lks_answer_record record,
                        const struct lks_bundle_values *values, const char *prefix)
{
    size_t count;
    const struct lks_answer_field *fields = lks_answer_fields(record, &count);
    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s", prefix, fields[i].name);
        lks_statement_hide(writer, name, values->value[i]);
    }
}

/* shown NULL: the record is shown as it is. */
static int record_put(struct freezing *freezing, enum lks_answer_record record,
                      const struct lks_bundle_values *values, const struct lks_bundle_values *shown,
                      struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    uint64_t index = 0;
    lks_vault_start(freezing->vault, &writer, LKS_STATEMENT_DISCLOSE);
    lks_canon_text(&writer.canon, "what", LKS_ANSWER_RECORD);
    lks_canon_text(&writer.canon, "record", lks_answer_record_names[record]);
    lks_canon_string(&writer.canon, "request", freezing->bundle->request->id);
    lks_canon_int(&writer.canon, "number", freezing->bundle->number);
    values_hide(&writer, record, values, "");
    if (shown)
        values_hide(&writer, record, shown, LKS_ANSWER_SHOWN);
    int code = lks_vault_record(freezing->vault, &writer, &index, err);
    if (code == 0 && freezing->records_count == 0)
        freezing->bundle->first = index;
    freezing->records_count++;
    freezing->bundle->counts[record]++;
    if (code == 0)
        code = lks_meter_at(&freezing->meter, freezing->records_count, err);
    /* What was staged is held in memory until a commit. */
    if (code == 0 && freezing->records_count % COMMIT_RECORDS == 0)
        code = lks_vault_commit(freezing->vault, err);
    return code;
}

static struct lks_bundle_source source_of(struct freezing *freezing, uint32_t file_index,
                                          uint64_t offset_bytes, uint64_t length_bytes)
{
    struct lks_bundle_source source = {.offset_bytes = offset_bytes, .length_bytes = length_bytes};
    for (size_t i = 0; i < freezing->files_count; i++) {
        const struct lks_store_file *file = &freezing->files[i];
        if (file->file_index == file_index) {
            source.sha256 = file->sha256;
            source.leaf = file->leaf;
            freezing->files_named[i] = 1;
            break;
        }
    }
    return source;
}

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the records of the answer");
}

/* Puts the numbers 0 to count - 1 in an order drawn by lot, or leaves them. */
static uint32_t *order_make(struct freezing *freezing, size_t count, int by_lot,
                            struct lks_arena *arena)
{
    uint32_t *order = lks_arena_calloc(arena, count + 1, sizeof *order);
    for (size_t i = 0; order && i < count; i++)
        order[i] = (uint32_t)i;
    for (size_t i = count; order && by_lot && i > 1; i--) {
        size_t other = (size_t)lks_rng_below(&freezing->rng, i);
        uint32_t swap = order[i - 1];
        order[i - 1] = order[other];
        order[other] = swap;
    }
    return order;
}

/* ---- the kinds ---- */

static int post_put(struct freezing *freezing, const struct lks_post *post, uint32_t file_index,
                    struct lks_error *err)
{
    struct lks_bundle_values values, shown;
    struct lks_post copy = *post;
    struct lks_profile *profile = &freezing->bundle->profile;
    struct lks_bundle_source source =
        source_of(freezing, file_index, post->offset_bytes, post->length_bytes);
    int plain = lks_profile_is_plain(profile);
    if (lks_bundle_post(post, &source, &freezing->arena, &values) != 0)
        return memory_out(err);
    int code = plain ? 0 : lks_profile_post(profile, &copy, &freezing->arena, err);
    if (code == 0 && !plain && lks_bundle_post(&copy, NULL, &freezing->arena, &shown) != 0)
        code = memory_out(err);
    return code ? code : record_put(freezing, LKS_ANSWER_POST, &values, plain ? NULL : &shown, err);
}

static int posts_put(struct freezing *freezing, const uint32_t *indexes, size_t count, int by_lot,
                     struct lks_error *err)
{
    struct lks_arena *arena = &freezing->arena;
    lks_arena_reset(arena);
    struct lks_post *posts = lks_arena_calloc(arena, count + 1, sizeof *posts);
    uint32_t *files = lks_arena_calloc(arena, count + 1, sizeof *files);
    uint32_t *order = order_make(freezing, count, by_lot, arena);
    if (!posts || !files || !order)
        return memory_out(err);
    int code = lks_store_posts(freezing->store, indexes, count, arena, posts, files, err);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = post_put(freezing, &posts[order[i]], files[order[i]], err);
    return code;
}

static int account_put(struct freezing *freezing, const struct lks_account *account,
                       struct lks_error *err)
{
    struct lks_bundle_values values, shown;
    struct lks_account copy = *account;
    struct lks_profile *profile = &freezing->bundle->profile;
    int plain = lks_profile_is_plain(profile);
    if (lks_bundle_account(account, &freezing->arena, &values) != 0)
        return memory_out(err);
    int code = plain ? 0 : lks_profile_account(profile, &copy, &freezing->arena, err);
    if (code == 0 && !plain && lks_bundle_account(&copy, &freezing->arena, &shown) != 0)
        code = memory_out(err);
    return code ? code
                : record_put(freezing, LKS_ANSWER_ACCOUNT, &values, plain ? NULL : &shown, err);
}

static int accounts_put(struct freezing *freezing, const uint32_t *indexes, size_t count,
                        int by_lot, struct lks_error *err)
{
    struct lks_arena *arena = &freezing->arena;
    lks_arena_reset(arena);
    struct lks_account *accounts = lks_arena_calloc(arena, count + 1, sizeof *accounts);
    uint32_t *order = order_make(freezing, count, by_lot, arena);
    if (!accounts || !order)
        return memory_out(err);
    int code = lks_store_accounts(freezing->store, indexes, count, arena, accounts, NULL, err);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = account_put(freezing, &accounts[order[i]], err);
    return code;
}

static int payments_put(struct freezing *freezing, const struct lks_bundle_choice *choice,
                        int by_lot, struct lks_error *err)
{
    struct lks_arena *arena = &freezing->arena;
    struct lks_profile *profile = &freezing->bundle->profile;
    struct lks_payment *payments;
    size_t there = 0;
    if (!choice->payments_count)
        return 0;
    lks_arena_reset(arena);
    uint32_t *order = order_make(freezing, choice->payments_count, by_lot, arena);
    int code = order ? lks_store_payments(freezing->store, arena, &payments, &there, err)
                     : memory_out(err);
    for (size_t i = 0; code == 0 && i < choice->payments_count; i++) {
        const struct lks_bundle_payment_ref *ref = &choice->payments[order[i]];
        struct lks_bundle_values values, shown;
        LKS_ASSERT(ref->index < there);
        struct lks_payment copy = payments[ref->index];
        struct lks_bundle_source source =
            source_of(freezing, ref->file_index, ref->offset_bytes, ref->length_bytes);
        int plain = lks_profile_is_plain(profile);
        if (lks_bundle_payment(&copy, &source, arena, &values) != 0)
            code = memory_out(err);
        if (code == 0 && !plain)
            code = lks_profile_payment(profile, &copy, arena, err);
        if (code == 0 && !plain && lks_bundle_payment(&copy, NULL, arena, &shown) != 0)
            code = memory_out(err);
        if (code == 0)
            code = record_put(freezing, LKS_ANSWER_PAYMENT, &values, plain ? NULL : &shown, err);
    }
    return code;
}

/* ---- all, and the statement over all ---- */

static int records_put(struct freezing *freezing, const struct lks_bundle_choice *choice,
                       struct lks_error *err)
{
    int by_lot = freezing->bundle->profile.pseudonyms, code = 0;
    size_t batch = by_lot ? SIZE_MAX : BATCH_POSTS;
    for (size_t at = 0; code == 0 && at < choice->posts_count;) {
        size_t count = choice->posts_count - at < batch ? choice->posts_count - at : batch;
        code = posts_put(freezing, choice->posts + at, count, by_lot, err);
        at += count;
    }
    for (size_t at = 0; code == 0 && at < choice->accounts_count;) {
        size_t count = choice->accounts_count - at < batch ? choice->accounts_count - at : batch;
        code = accounts_put(freezing, choice->accounts + at, count, by_lot, err);
        at += count;
    }
    return code ? code : payments_put(freezing, choice, by_lot, err);
}

static void imports_put(struct freezing *freezing, struct lks_canon *canon)
{
    size_t named = 0;
    for (size_t i = 0; i < freezing->files_count; i++)
        named += freezing->files_named[i] && freezing->files[i].leaf;
    if (!named || named > LKS_BUNDLE_IMPORTS_MAX || freezing->bundle->profile.pseudonyms)
        return;
    lks_canon_array(canon, "imports");
    for (size_t i = 0; i < freezing->files_count; i++)
        if (freezing->files_named[i] && freezing->files[i].leaf)
            lks_canon_int(canon, NULL, (int64_t)freezing->files[i].leaf);
    lks_canon_end(canon);
}

static int frozen_put(struct freezing *freezing, const struct lks_bundle_choice *choice,
                      struct lks_error *err)
{
    struct lks_bundle *bundle = freezing->bundle;
    struct lks_statement_writer writer = {0};
    struct lks_canon *canon = &writer.canon;
    char key[2 * LKS_PSEUDONYM_KEY_BYTES + 1];
    if (!freezing->records_count)
        bundle->first = lks_vault_size(freezing->vault);
    lks_vault_start(freezing->vault, &writer, LKS_STATEMENT_DISCLOSE);
    lks_canon_text(canon, "what", LKS_ANSWER_FROZEN);
    lks_canon_string(canon, "request", bundle->request->id);
    lks_canon_int(canon, "number", bundle->number);
    lks_canon_text(canon, "run", bundle->run);
    lks_canon_text(canon, "profile", lks_recipient_names[bundle->profile.recipient]);
    lks_canon_int(canon, "first", (int64_t)bundle->first);
    lks_canon_object(canon, "counts");
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        lks_canon_int(canon, lks_answer_file_names[i], (int64_t)bundle->counts[i]);
    lks_canon_end(canon);
    lks_canon_object(canon, "left_out");
    lks_canon_int(canon, "posts_without_text", (int64_t)choice->without_text);
    lks_canon_int(canon, "payments_without_account", (int64_t)choice->without_account);
    lks_canon_end(canon);
    if (bundle->derive != UINT64_MAX)
        lks_canon_int(canon, "derive", (int64_t)bundle->derive);
    if (bundle->synthetic)
        lks_canon_bool(canon, "synthetic", 1);
    imports_put(freezing, canon);
    if (bundle->profile.pseudonyms) {
        for (int i = 0; i < LKS_PSEUDONYM_KEY_BYTES; i++)
            snprintf(key + 2 * i, 3, "%02x", bundle->profile.names.key[i]);
        lks_statement_hide(&writer, "pseudonym_key", lks_str_from(key));
    }
    int code = lks_vault_record(freezing->vault, &writer, &bundle->frozen, err);
    explicit_bzero(key, sizeof key);
    return code ? code : lks_vault_commit(freezing->vault, err);
}

static int start(struct freezing *freezing, struct lks_error *err)
{
    unsigned char random[LKS_SALT_BYTES];
    uint64_t seed[2];
    struct lks_store_counts counts;
    int code = lks_salt_new(random, err);
    memcpy(seed, random, sizeof seed);
    lks_rng_init(&freezing->rng, seed[0], seed[1]);
    if (code == 0)
        code = lks_store_counts(freezing->store, &counts, err);
    freezing->bundle->synthetic = code == 0 && counts.synthetic;
    if (code == 0)
        code = lks_store_files(freezing->store, &freezing->bundle->arena, &freezing->files,
                               &freezing->files_count, err);
    if (code == 0) {
        freezing->files_named = calloc(freezing->files_count + 1, 1);
        if (!freezing->files_named)
            code = memory_out(err);
    }
    return code;
}

int lks_bundle_freeze(struct lks_bundle *bundle, struct lks_store *store, struct lks_vault *vault,
                      struct lks_error *err)
{
    struct freezing freezing = {.bundle = bundle, .store = store, .vault = vault};
    struct lks_bundle_choice choice;
    memset(bundle->counts, 0, sizeof bundle->counts);
    int code = lks_bundle_choose(store, &bundle->entry->scope, bundle->control, &choice, err);
    if (code == 0)
        code = start(&freezing, err);
    lks_meter_start(&freezing.meter, bundle->control, "freeze", "records",
                    choice.posts_count + choice.accounts_count + choice.payments_count);
    if (code == 0)
        code = records_put(&freezing, &choice, err);
    if (code == 0)
        code = frozen_put(&freezing, &choice, err);
    if (code == 0)
        lks_meter_finish(&freezing.meter);
    lks_bundle_choice_free(&choice);
    free(freezing.files_named);
    lks_arena_free(&freezing.arena);
    return code;
}

/* ---- read back ---- */

static int key_read(struct lks_str hex, unsigned char key[LKS_PSEUDONYM_KEY_BYTES])
{
    if (hex.size_bytes != 2 * LKS_PSEUDONYM_KEY_BYTES)
        return -1;
    for (int i = 0; i < LKS_PSEUDONYM_KEY_BYTES; i++) {
        const char *digits = "0123456789abcdef";
        const char *high = memchr(digits, hex.data[2 * i], 16);
        const char *low = memchr(digits, hex.data[2 * i + 1], 16);
        if (!high || !low)
            return -1;
        key[i] = (unsigned char)((high - digits) << 4 | (low - digits));
    }
    return 0;
}

static uint64_t int_of(const struct lks_entry *entry, const char *path, uint64_t otherwise)
{
    int64_t value;
    return lks_statement_int(&entry->statement, path, entry->arena, &value) && value >= 0
               ? (uint64_t)value
               : otherwise;
}

static int imports_read(struct lks_bundle *bundle, const struct lks_entry *entry,
                        struct lks_error *err)
{
    struct lks_str *texts;
    size_t count = 0;
    lks_statement_list(&entry->statement, "imports", entry->arena, &texts, &count);
    bundle->imports = lks_arena_calloc(&bundle->arena, count + 1, sizeof *bundle->imports);
    if (!bundle->imports)
        return memory_out(err);
    for (bundle->imports_count = 0; bundle->imports_count < count; bundle->imports_count++)
        if (!lks_decimal_read(texts[bundle->imports_count],
                              &bundle->imports[bundle->imports_count]))
            return lks_error_set(err, LKS_EINPUT, "entry %llu names an import that is no number",
                                 (unsigned long long)entry->index);
    return 0;
}

static int frozen_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct lks_bundle *bundle = context;
    struct lks_str profile, run;
    lks_statement_text(&entry->statement, "profile", entry->arena, &profile);
    lks_statement_text(&entry->statement, "run", entry->arena, &run);
    int recipient = lks_recipient_parse(profile);
    if (recipient < 0 || run.size_bytes >= sizeof bundle->run)
        return lks_error_set(err, LKS_EINPUT, "entry %llu freezes no answer",
                             (unsigned long long)entry->index);
    lks_profile_free(&bundle->profile);
    int code = lks_profile_start(&bundle->profile, (enum lks_recipient)recipient, err);
    if (code == 0 && bundle->profile.pseudonyms &&
        key_read(lks_entry_value(entry, "pseudonym_key"), bundle->profile.names.key) != 0)
        code = lks_error_set(err, LKS_EMISSING,
                             "the key of the answer's pseudonyms is no longer here");
    memcpy(bundle->run, run.data, run.size_bytes);
    bundle->run[run.size_bytes] = '\0';
    bundle->frozen_us = entry->statement.time_us;
    bundle->frozen = entry->index;
    bundle->first = int_of(entry, "first", UINT64_MAX);
    bundle->synthetic = memmem(entry->statement.bytes.data, entry->statement.bytes.size_bytes,
                               "\"synthetic\":true", 16) != NULL;
    bundle->derive = int_of(entry, "derive", UINT64_MAX);
    bundle->without_text = int_of(entry, "left_out.posts_without_text", 0);
    bundle->without_account = int_of(entry, "left_out.payments_without_account", 0);
    bundle->counts[LKS_ANSWER_POST] = int_of(entry, "counts.posts", 0);
    bundle->counts[LKS_ANSWER_ACCOUNT] = int_of(entry, "counts.accounts", 0);
    bundle->counts[LKS_ANSWER_PAYMENT] = int_of(entry, "counts.payments", 0);
    return code ? code : imports_read(bundle, entry, err);
}

int lks_bundle_thaw(struct lks_bundle *bundle, uint64_t frozen, struct lks_error *err)
{
    int code = lks_entries_each(bundle->case_path, frozen, frozen + 1, frozen_take, bundle, err);
    uint64_t records = 0;
    for (int i = 0; code == 0 && i < LKS_ANSWER_RECORDS_COUNT; i++)
        records += bundle->counts[i];
    if (code == 0 && (bundle->first > frozen || frozen - bundle->first != records))
        code = lks_error_set(err, LKS_EINPUT,
                             "entry %llu does not count the records that stand before it",
                             (unsigned long long)frozen);
    return code;
}
