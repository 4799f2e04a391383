/* near_text.c - texts out of the store for comparing, and the near-text objects into it
 *
 * The objects follow from the texts of all posts, so those of before are dropped when posts come
 * in, and made anew by whoever needs them first; the row near_text of the table meta says whether
 * they are there. They lie in a table of their own: an action is what a source said, these are
 * computed. An object takes its name from the text object of its representative, by which a reader
 * finds the words.
 *
 * A store that is open for reading cannot keep them. Then they go to a temporary table of the same
 * name, which the statements that read near_text find before the one in the file. */
#include <inttypes.h>

#include "base/threads.h"
#include "store/state.h"

enum { TEXTS_AT_ONCE = 2048 };

static const char texts_select[] =
    "SELECT post_index, kind, text FROM post"
    " WHERE post_index BETWEEN CAST(? AS UINTEGER) AND CAST(? AS UINTEGER) AND text IS NOT NULL"
    " ORDER BY post_index";

struct giving {
    int (*each)(void *context, const struct lks_store_text *texts, size_t count,
                struct lks_error *err);
    void *context;
};

static int range_read(struct lks_rows *rows, void *giving_context, struct lks_error *err)
{
    const struct giving *giving = giving_context;
    struct lks_store_text texts[TEXTS_AT_ONCE];
    int code = lks_rows_start(rows, err);
    while (code == 0 && (code = lks_rows_next(rows, err)) == 1) {
        LKS_ASSERT(rows->count <= TEXTS_AT_ONCE);
        for (idx_t row = 0; row < rows->count; row++)
            texts[row] = (struct lks_store_text){
                .post_index = lks_rows_u32(rows, 0, row),
                .kind = (enum lks_post_kind)lks_rows_u8(rows, 1, row),
                .text = lks_rows_text(rows, 2, row),
            };
        code = giving->each(giving->context, texts, rows->count, err);
    }
    return code;
}

int lks_store_texts(struct lks_store *store, const struct lks_control *control,
                    int (*each)(void *context, const struct lks_store_text *texts, size_t count,
                                struct lks_error *err),
                    void *context, struct lks_error *err)
{
    struct giving giving = {each, context};
    return lks_post_ranges(store, texts_select, "texts", control, range_read, &giving, err);
}

static int staging_fill(struct lks_store *store, const struct lks_store_near *posts, size_t count,
                        struct lks_error *err)
{
    struct lks_sheet sheet = {0};
    int code =
        lks_db_run(&store->db,
                   store->mode == LKS_STORE_READ ? "CREATE OR REPLACE TEMP TABLE near_text AS"
                                                   " SELECT * FROM main.near_text LIMIT 0"
                                                 : "DELETE FROM near_text",
                   err);
    if (code == 0)
        code = lks_db_run(&store->db,
                          "CREATE OR REPLACE TEMP TABLE near_staging (post_index UINTEGER,"
                          " representative UINTEGER, similarity DOUBLE)",
                          err);
    if (code == 0)
        code = lks_sheet_open(&sheet, &store->db, "temp", "near_staging", err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        lks_sheet_u32(&sheet, 0, posts[i].post_index);
        lks_sheet_u32(&sheet, 1, posts[i].representative);
        lks_sheet_double(&sheet, 2, posts[i].similarity);
        code = lks_sheet_row(&sheet, err);
    }
    if (code == 0)
        code = lks_sheet_close(&sheet, err);
    lks_sheet_drop(&sheet);
    return code;
}

static int near_fill(struct lks_store *store, const struct lks_store_near *posts, size_t count,
                     struct lks_error *err)
{
    struct lks_rows rows;
    int code = staging_fill(store, posts, count, err);
    if (code == 0 && count)
        code = lks_db_run(&store->db,
                          "INSERT INTO near_text SELECT n.post_index, p.account_index, a.object,"
                          "  n.representative, n.similarity, p.time_us"
                          " FROM temp.near_staging n JOIN post p USING (post_index)"
                          " JOIN (SELECT post_index, object FROM action WHERE kind = 'text'"
                          "   AND post_index IN (SELECT representative FROM temp.near_staging)) a"
                          "  ON a.post_index = n.representative"
                          " ORDER BY n.post_index",
                          err);
    if (code == 0)
        code = lks_rows_single(&rows, &store->db, "SELECT count(*) FROM near_text", err);
    if (code == 0) {
        uint64_t there = lks_rows_u64(&rows, 0, 0);
        lks_rows_close(&rows);
        if (there != count)
            code = lks_error_set(err, LKS_ESTORE,
                                 "%s is damaged: %zu near texts became %" PRIu64 " rows",
                                 store->db.name, count, there);
    }
    if (code == 0)
        code = lks_db_run(&store->db, "DROP TABLE temp.near_staging", err);
    return code;
}

int lks_near_forget(struct lks_store *store, struct lks_error *err)
{
    return lks_db_run(&store->db,
                      "DELETE FROM near_text; UPDATE meta SET value = '0' WHERE name = 'near_text'",
                      err);
}

int lks_store_near_made(struct lks_store *store, int *made, struct lks_error *err)
{
    struct lks_rows rows;
    if ((*made = store->near_set))
        return 0;
    int code = lks_rows_single(
        &rows, &store->db,
        "SELECT count(*) FROM main.meta WHERE name = 'near_text' AND value = '1'", err);
    if (code)
        return code;
    *made = lks_rows_u64(&rows, 0, 0) > 0;
    lks_rows_close(&rows);
    return 0;
}

int lks_store_near_set(struct lks_store *store, const struct lks_store_near *posts, size_t count,
                       struct lks_error *err)
{
    LKS_ASSERT(!store->in_transaction);
    if (store->mode == LKS_STORE_READ) {
        int code = near_fill(store, posts, count, err);
        store->near_set = code == 0;
        return code;
    }
    int code = lks_db_run(&store->db, "BEGIN TRANSACTION", err);
    if (code)
        return code;
    code = near_fill(store, posts, count, err);
    if (code == 0)
        code = lks_db_run(&store->db, "UPDATE meta SET value = '1' WHERE name = 'near_text'", err);
    if (code == 0)
        code = lks_db_run(&store->db, "COMMIT", err);
    if (code)
        lks_db_run(&store->db, "ROLLBACK", NULL);
    else
        lks_db_run(&store->db, "CHECKPOINT", NULL);
    return code;
}

/* ---- writings of objects ---- */

static int wanted_fill(struct lks_store *store, const struct lks_str *objects, size_t count,
                       struct lks_error *err)
{
    struct lks_sheet sheet = {0};
    int code = lks_db_run(
        &store->db, "CREATE OR REPLACE TEMP TABLE near_wanted (place UINTEGER, object VARCHAR)",
        err);
    if (code == 0)
        code = lks_sheet_open(&sheet, &store->db, "temp", "near_wanted", err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        lks_sheet_u32(&sheet, 0, (uint32_t)i);
        lks_sheet_text(&sheet, 1, objects[i]);
        code = lks_sheet_row(&sheet, err);
    }
    if (code == 0)
        code = lks_sheet_close(&sheet, err);
    lks_sheet_drop(&sheet);
    return code;
}

static int variants_read(struct lks_rows *rows, struct lks_arena *arena,
                         struct lks_store_variant *variants, size_t capacity, size_t *count,
                         struct lks_error *err)
{
    int code;
    while ((code = lks_rows_next(rows, err)) == 1)
        for (idx_t row = 0; row < rows->count && *count < capacity; row++) {
            struct lks_store_variant *variant = &variants[(*count)++];
            *variant = (struct lks_store_variant){
                .object = lks_rows_u32(rows, 0, row),
                .text = lks_arena_str(arena, lks_rows_text(rows, 1, row)),
                .posts_count = (uint64_t)lks_rows_i64(rows, 2, row),
                .similarity = ((const double *)rows->data[3])[row],
            };
            if (!variant->text.data)
                return lks_error_set(err, LKS_EMEMORY, "memory is out");
        }
    return code;
}

int lks_store_near_variants(struct lks_store *store, const struct lks_str *objects, size_t count,
                            unsigned most, struct lks_arena *arena,
                            struct lks_store_variant **variants_out, size_t *variants_count_out,
                            struct lks_error *err)
{
    struct lks_rows rows = {0};
    *variants_count_out = 0;
    size_t capacity = count * (size_t)most;
    *variants_out = lks_arena_calloc(arena, capacity + 1, sizeof **variants_out);
    if (!*variants_out)
        return lks_error_set(err, LKS_EMEMORY, "memory is out");
    if (!capacity)
        return 0;
    int code = wanted_fill(store, objects, count, err);
    if (code == 0)
        code = lks_rows_prepare(&rows, &store->db,
                                "SELECT place, text, posts, similarity FROM"
                                " (SELECT w.place, p.text, count(*) AS posts,"
                                "   max(n.similarity) AS similarity, min(n.post_index) AS first,"
                                "   row_number() OVER (PARTITION BY w.place"
                                "    ORDER BY count(*) DESC, min(n.post_index)) AS rank"
                                "  FROM temp.near_wanted w JOIN near_text n USING (object)"
                                "  JOIN post p USING (post_index) WHERE p.text IS NOT NULL"
                                "  GROUP BY w.place, p.text)"
                                " WHERE rank <= ? ORDER BY place, rank",
                                err);
    if (code == 0) {
        lks_rows_bind_uint(&rows, 1, most);
        code = lks_rows_start(&rows, err);
    }
    if (code == 0)
        code = variants_read(&rows, arena, *variants_out, capacity, variants_count_out, err);
    lks_rows_close(&rows);
    if (code == 0)
        code = lks_db_run(&store->db, "DROP TABLE temp.near_wanted", err);
    return code;
}
