/* late.c - objects that a later row of a post brings
 *
 * Some exports give a post a row for each of its objects, and not always one after the other.
 * A row is a further one of a post when it is of the same file and has the post's key,
 * account and time; it counts as a duplicate, and its objects are the post's too. (The same
 * post in another file, or with another time, is another export of it: the first stays as
 * it was.)
 *
 * One thing is taken from whatever file: a row of an ad library that declares a post paid. It says so
 * of the post, whichever export came first.
 *
 * The actions of all rows whose key was seen before wait in a temporary table, which DuckDB puts on
 * disk when it must; at the end their posts are found and what is new is taken, in the order of posts
 * and rows, a range of posts after the other, so that memory does not depend on how many there are. */
#include <stdio.h>

#include "base/threads.h"
#include "store/state.h"

enum { LATE_SEQUENCE, LATE_KEY, LATE_FILE, LATE_ACCOUNT, LATE_TIME, LATE_KIND, LATE_OBJECT };

static const char late_table[] =
    "CREATE OR REPLACE TEMP TABLE late ("
    "  sequence UBIGINT, post_key VARCHAR, file_index UINTEGER, account_index UINTEGER,"
    "  time_us BIGINT, kind object_kind, object VARCHAR)";

/* Of the posts [lo, hi): what is grouped and looked up is of that range alone, however many rows wait. */
static const char merge_format[] =
    "INSERT INTO action SELECT l.post_index, l.kind, l.object"
    " FROM (SELECT p.post_index, l.kind, l.object, min(l.sequence) AS sequence"
    "  FROM late l JOIN (SELECT post_index, post_key, file_index, account_index, time_us FROM post"
    "   WHERE post_index >= %u AND post_index < %u) p"
    "   USING (post_key, file_index, account_index, time_us)"
    "  WHERE l.kind IS NOT NULL GROUP BY ALL) l"
    " ANTI JOIN (SELECT post_index, kind, object FROM action"
    "  WHERE post_index >= %u AND post_index < %u) a USING (post_index, kind, object)"
    " ORDER BY l.post_index, l.sequence";

/* Late rows that a range takes if they are spread evenly: some 100 MB where objects are links. */
enum { LATE_RANGE_ROWS = 400000 };

/* Rows without a kind of object are of ad libraries. */
static const char declared_statement[] =
    "UPDATE post SET declared_paid = true WHERE declared_paid IS DISTINCT FROM true"
    " AND post_key IN (SELECT post_key FROM late WHERE kind IS NULL)";

int lks_late_open(struct lks_store *store, struct lks_error *err)
{
    int code = store->late_count ? 0 : lks_db_run(&store->db, late_table, err);
    return code ? code : lks_sheet_open(&store->late, &store->db, "temp", "late", err);
}

static int declared_add(struct lks_store *store, uint32_t file_index, const struct lks_post *post,
                        struct lks_error *err)
{
    struct lks_sheet *sheet = &store->late;
    lks_sheet_u64(sheet, LATE_SEQUENCE, store->late_count++);
    lks_sheet_text(sheet, LATE_KEY, post->post_key);
    lks_sheet_u32(sheet, LATE_FILE, file_index);
    lks_sheet_u32(sheet, LATE_ACCOUNT, 0);
    lks_sheet_i64(sheet, LATE_TIME, post->time_us);
    lks_sheet_null(sheet, LATE_KIND);
    lks_sheet_null(sheet, LATE_OBJECT);
    store->declared_count++;
    return lks_sheet_row(sheet, err);
}

int lks_late_add(struct lks_store *store, uint32_t file_index, const struct lks_batch *batch,
                 const struct lks_post *post, struct lks_error *err)
{
    struct lks_sheet *sheet = &store->late;
    if (post->kind == LKS_POST_AD && post->declared_paid == 1) {
        int code = declared_add(store, file_index, post, err);
        if (code)
            return code;
    }
    struct lks_str account = lks_utf8_repair(&store->repaired, post->account_key);
    if (post->account_key.data && !account.data)
        return lks_error_set(err, LKS_EMEMORY, "memory is out");
    uint32_t account_index = lks_intern_find(&store->accounts, account);
    if (account_index == LKS_INTERN_NONE)
        return 0; /* whose post it is has another account */
    const struct lks_action *action = batch->actions + post->actions_first;
    for (uint32_t i = 0; i < post->actions_count; i++, action++) {
        LKS_ASSERT((unsigned)action->kind < LKS_OBJECT_KINDS_COUNT);
        lks_sheet_u64(sheet, LATE_SEQUENCE, store->late_count++);
        lks_sheet_text(sheet, LATE_KEY, post->post_key);
        lks_sheet_u32(sheet, LATE_FILE, file_index);
        lks_sheet_u32(sheet, LATE_ACCOUNT, account_index);
        lks_sheet_i64(sheet, LATE_TIME, post->time_us);
        lks_sheet_u8(sheet, LATE_KIND, (uint8_t)action->kind);
        lks_sheet_text(sheet, LATE_OBJECT, action->object);
        int code = lks_sheet_row(sheet, err);
        if (code)
            return code;
    }
    return 0;
}

static int merge_ranges(struct lks_store *store, struct lks_error *err)
{
    uint64_t ranges = store->late_count / LATE_RANGE_ROWS + 1, posts = store->posts_count;
    int code = 0;
    for (uint64_t r = 0; code == 0 && r < ranges; r++) {
        char sql[sizeof merge_format + 64];
        unsigned lo = (unsigned)(posts * r / ranges), hi = (unsigned)(posts * (r + 1) / ranges);
        if (lo == hi)
            continue;
        snprintf(sql, sizeof sql, merge_format, lo, hi, lo, hi);
        code = lks_cancelled(&store->control)
                   ? lks_error_set(err, LKS_ECANCELLED, "stopped on request; nothing was taken")
                   : lks_db_run(&store->db, sql, err);
    }
    return code;
}

int lks_late_merge(struct lks_store *store, struct lks_error *err)
{
    int code = store->late_count ? merge_ranges(store, err) : 0;
    if (code == 0 && store->declared_count)
        code = lks_db_run(&store->db, declared_statement, err);
    if (code == 0)
        code = lks_db_run(&store->db, "DROP TABLE temp.late", err);
    store->late_count = store->declared_count = 0;
    return code;
}
