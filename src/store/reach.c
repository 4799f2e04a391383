/* reach.c - how often posts were seen, and what they answer, as columns */
#include "store/state.h"

static int damaged(const struct lks_store *store, struct lks_error *err)
{
    return lks_error_set(err, LKS_ESTORE, "%s: the posts of the case are damaged", store->db.name);
}

/* Runs each over the rows of a statement. */
static int rows_each(struct lks_store *store, const char *sql, uint32_t posts_count,
                     int (*each)(const struct lks_rows *rows, idx_t row, uint32_t posts_count,
                                 void *column),
                     void *column, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_open(&rows, &store->db, sql, err);
    if (code)
        return code;
    while ((code = lks_rows_next(&rows, err)) == 1)
        for (idx_t row = 0; row < rows.count; row++)
            if (each(&rows, row, posts_count, column) != 0) {
                lks_rows_close(&rows);
                return damaged(store, err);
            }
    lks_rows_close(&rows);
    return code;
}

static int views_take(const struct lks_rows *rows, idx_t row, uint32_t posts_count, void *column)
{
    int64_t *views = column;
    uint32_t post = lks_rows_u32(rows, 0, row);
    if (post >= posts_count)
        return -1;
    views[post] = lks_rows_i64(rows, 1, row);
    return 0;
}

static int parent_take(const struct lks_rows *rows, idx_t row, uint32_t posts_count, void *column)
{
    uint32_t *parent = column;
    uint32_t post = lks_rows_u32(rows, 0, row), of = lks_rows_u32(rows, 1, row);
    if (post >= posts_count || of >= posts_count)
        return -1;
    parent[post] = of;
    return 0;
}

int lks_store_reach(struct lks_store *store, uint32_t posts_count, int64_t *views, uint32_t *parent,
                    struct lks_error *err)
{
    for (uint32_t post = 0; post < posts_count; post++) {
        views[post] = LKS_COUNT_NULL;
        parent[post] = UINT32_MAX;
    }
    int code = rows_each(store, "SELECT post_index, views FROM post WHERE views IS NOT NULL",
                         posts_count, views_take, views, err);
    if (code == 0)
        code = rows_each(store,
                         "SELECT a.post_index, p.post_index FROM post a JOIN post p"
                         " ON a.parent_key = p.post_key WHERE a.parent_key IS NOT NULL",
                         posts_count, parent_take, parent, err);
    return code;
}
