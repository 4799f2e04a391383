/* hold_count.c - what holds cover in the case as it is now
 *
 * One pass over the records. A post that passes the platforms, accounts, terms and times of a hold stands for
 * itself, for its account and for its file; which of these are held says the hold's kinds. An account that
 * has no post, and a payment, say neither a text nor (the account) a time, and pass those parts. */
#include "evidence/hold_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "case/runs.h"
#include "custody/matcher.h"

/* ---- the walk ---- */

struct walk {
    const struct lks_hold_visit *visit;
    struct lks_matcher *matcher;
    unsigned *kinds;
    struct lks_buffer both; /* text and transcript */
};

static struct lks_str text_of(struct walk *walk, const struct lks_store_held *post)
{
    if (!post->transcript.size_bytes)
        return post->text;
    if (!post->text.size_bytes)
        return post->transcript;
    lks_buffer_clear(&walk->both);
    lks_buffer_append(&walk->both, post->text.data, post->text.size_bytes);
    lks_buffer_byte(&walk->both, '\n');
    lks_buffer_append(&walk->both, post->transcript.data, post->transcript.size_bytes);
    return walk->both.failed ? LKS_STR_NULL /* unknown: covered */
                             : (struct lks_str){walk->both.data, walk->both.size_bytes};
}

static int record_show(struct walk *walk, const struct lks_store_held *record, struct lks_str text,
                       int (*give)(void *context, const struct lks_store_held *record,
                                   const unsigned *kinds, struct lks_error *err),
                       struct lks_error *err)
{
    struct lks_held_item item = {.platform = record->platform,
                                 .account_key = record->account_key,
                                 .text = text,
                                 .time_us = record->time_us};
    int all = lks_matcher_kinds(walk->matcher, &item, walk->kinds, err);
    return all < 0 ? all : give(walk->visit->context, record, walk->kinds, err);
}

static int post_show(void *context, const struct lks_store_held *post, struct lks_error *err)
{
    struct walk *walk = context;
    return record_show(walk, post, text_of(walk, post), walk->visit->post, err);
}

static int payment_show(void *context, const struct lks_store_held *payment, struct lks_error *err)
{
    struct walk *walk = context;
    return record_show(walk, payment, LKS_STR_NULL, walk->visit->payment, err);
}

static int silent_show(void *context, const struct lks_store_held *account, struct lks_error *err)
{
    struct walk *walk = context;
    return record_show(walk, account, LKS_STR_NULL, walk->visit->silent, err);
}

int lks_hold_walk(struct lks_store *store, const struct lks_holds *holds,
                  const struct lks_control *control, const struct lks_hold_visit *visit,
                  struct lks_error *err)
{
    struct walk walk = {.visit = visit};
    int code = lks_matcher_new(holds, &walk.matcher, err);
    if (code == 0 && !(walk.kinds = calloc(holds->count + 1, sizeof *walk.kinds)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0 && visit->post)
        code = lks_store_each_post(store, control, post_show, &walk, err);
    if (code == 0 && visit->payment)
        code = lks_store_each_payment(store, payment_show, &walk, err);
    if (code == 0 && visit->silent)
        code = lks_store_each_silent(store, silent_show, &walk, err);
    lks_matcher_free(walk.matcher);
    free(walk.kinds);
    lks_buffer_free(&walk.both);
    return code;
}

/* ---- counting ---- */

struct counting {
    const struct lks_holds *holds;
    struct lks_hold_cover *covers;
    uint64_t accounts_count;
    uint64_t *accounts;   /* [holds][accounts_count / 64 + 1] a bit each: held */
    unsigned char *files; /* [holds][files_count] 1: held */
    struct lks_store_file *table;
    size_t files_count;
};

static void account_note(struct counting *counting, size_t hold, uint32_t account)
{
    size_t words = (size_t)(counting->accounts_count / 64 + 1);
    uint64_t *word, bit = UINT64_C(1) << (account % 64);
    if (account >= counting->accounts_count)
        return;
    word = &counting->accounts[hold * words + account / 64];
    counting->covers[hold].accounts += !(*word & bit);
    *word |= bit;
}

static void record_note(struct counting *counting, const struct lks_store_held *record,
                        const unsigned *kinds, unsigned own)
{
    for (size_t i = 0; i < counting->holds->count; i++) {
        if (!kinds[i])
            continue;
        if (kinds[i] & own & LKS_HELD_POSTS)
            counting->covers[i].posts++;
        if (kinds[i] & own & LKS_HELD_PAYMENTS)
            counting->covers[i].payments++;
        if (kinds[i] & LKS_HELD_ACCOUNTS)
            account_note(counting, i, record->account_index);
        if (kinds[i] & LKS_HELD_FILES && record->file_index < counting->files_count)
            counting->files[i * counting->files_count + record->file_index] = 1;
    }
}

static int post_count(void *context, const struct lks_store_held *post, const unsigned *kinds,
                      struct lks_error *err)
{
    (void)err;
    record_note(context, post, kinds, LKS_HELD_POSTS);
    return 0;
}

static int payment_count(void *context, const struct lks_store_held *payment, const unsigned *kinds,
                         struct lks_error *err)
{
    (void)err;
    record_note(context, payment, kinds, LKS_HELD_PAYMENTS);
    return 0;
}

static int silent_count(void *context, const struct lks_store_held *account, const unsigned *kinds,
                        struct lks_error *err)
{
    (void)err;
    record_note(context, account, kinds, LKS_HELD_ACCOUNTS);
    return 0;
}

/* Rows that could not be read, say nothing, or were here already may be what a hold is about. */
static int in_doubt(const struct lks_store_file *file)
{
    return file->rejects_count || file->ignored_count || file->duplicates_count;
}

static void files_count(struct counting *counting)
{
    for (size_t i = 0; i < counting->holds->count; i++) {
        const struct lks_hold *hold = &counting->holds->holds[i];
        struct lks_hold_cover *cover = &counting->covers[i];
        if (hold->released_us != LKS_TIME_NULL ||
            (hold->scope.kinds && !(hold->scope.kinds & LKS_HELD_FILES)))
            continue;
        for (size_t f = 0; f < counting->files_count; f++) {
            int held = counting->files[i * counting->files_count + f];
            cover->files += (unsigned)held;
            cover->files_in_doubt += !held && in_doubt(&counting->table[f]);
            if (held || in_doubt(&counting->table[f]))
                cover->bytes += counting->table[f].size_bytes;
        }
    }
}

static int runs_count(const char *case_path, const struct lks_holds *holds,
                      struct lks_hold_cover *covers)
{
    char latest[16], run[16];
    uint64_t count = 0;
    if (lks_case_run_find(case_path, NULL, latest, NULL) != 0)
        return 0;
    for (unsigned number = 1; number <= (unsigned)strtoul(latest, NULL, 10); number++) {
        snprintf(run, sizeof run, "%04u", number);
        count += lks_case_run_find(case_path, run, run, NULL) == 0;
    }
    for (size_t i = 0; i < holds->count; i++)
        if (holds->holds[i].released_us == LKS_TIME_NULL &&
            (!holds->holds[i].scope.kinds || holds->holds[i].scope.kinds & LKS_HELD_FINDINGS))
            covers[i].runs = count;
    return 0;
}

int lks_hold_count(struct lks_store *store, const char *case_path, const struct lks_holds *holds,
                   const struct lks_control *control, struct lks_hold_cover *covers_out,
                   struct lks_error *err)
{
    struct counting counting = {.holds = holds, .covers = covers_out};
    struct lks_hold_visit visit = {post_count, payment_count, silent_count, &counting};
    struct lks_arena arena = {0};
    struct lks_store_counts counts;
    memset(covers_out, 0, holds->count * sizeof *covers_out);
    runs_count(case_path, holds, covers_out);
    if (!store || !holds->count)
        return 0;
    int code = lks_store_counts(store, &counts, err);
    if (code == 0)
        code = lks_store_files(store, &arena, &counting.table, &counting.files_count, err);
    if (code == 0) {
        counting.accounts_count = counts.accounts;
        counting.accounts =
            calloc(holds->count * (size_t)(counts.accounts / 64 + 1), sizeof *counting.accounts);
        counting.files = calloc(holds->count * (counting.files_count + 1), 1);
        if (!counting.accounts || !counting.files)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    if (code == 0)
        code = lks_hold_walk(store, holds, control, &visit, err);
    if (code == 0)
        files_count(&counting);
    free(counting.accounts);
    free(counting.files);
    lks_arena_free(&arena);
    return code;
}

/* ---- the case ---- */

int lks_hold_store(const char *case_path, const struct lks_control *control,
                   struct lks_store **store_out, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    struct stat status;
    *store_out = NULL;
    int code = lks_case_path(case_path, NULL, "store.duckdb", path, err);
    if (code || stat(path, &status) != 0)
        return code;
    return lks_case_open(case_path, control, store_out, err);
}

int lks_hold_case_there(const char *case_path, struct lks_error *err)
{
    static const char *const names[] = {"store.duckdb", "case.toml"};
    char path[LKS_CASE_PATH_BYTES];
    struct stat status;
    if (lks_vault_there(case_path))
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (lks_case_path(case_path, NULL, names[i], path, NULL) == 0 && stat(path, &status) == 0)
            return 0;
    return lks_error_set(err, LKS_EMISSING,
                         "%s is no case: make one with 'lockstep init' or 'lockstep ingest'",
                         case_path);
}
