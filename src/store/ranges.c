/* ranges.c - a statement over all posts, a range of them at a time
 *
 * So that progress can be told and the work stopped, and DuckDB holds a range's rows at most. */
#include "base/progress.h"
#include "store/state.h"

enum { POSTS_PER_RANGE = 32 * 1024 };

int lks_post_ranges(struct lks_store *store, const char *select, const char *stage,
                    const struct lks_control *control,
                    int (*give)(struct lks_rows *rows, void *giving, struct lks_error *err),
                    void *giving, struct lks_error *err)
{
    struct lks_rows rows;
    struct lks_meter meter;
    int code = lks_rows_single(&rows, &store->db, "SELECT count(*) FROM post", err);
    if (code)
        return code;
    uint64_t count = lks_rows_u64(&rows, 0, 0);
    lks_rows_close(&rows);
    code = lks_rows_prepare(&rows, &store->db, select, err);
    if (code)
        return code;
    lks_meter_start(&meter, control, stage, "posts", count);
    for (uint64_t first = 0; code == 0 && first < count; first += POSTS_PER_RANGE) {
        lks_rows_bind_uint(&rows, 1, first);
        lks_rows_bind_uint(&rows, 2, first + POSTS_PER_RANGE - 1);
        code = give(&rows, giving, err);
        if (code == 0)
            code = lks_meter_at(&meter, first, err);
    }
    lks_rows_close(&rows);
    if (code == 0)
        lks_meter_finish(&meter);
    return code;
}
