/* comment_counts.c - how many of an account's posts are comments */
#include "store/state.h"

int lks_store_comment_counts(struct lks_store *store, uint32_t accounts_count, uint32_t *counts,
                             struct lks_error *err)
{
    struct lks_rows rows;
    memset(counts, 0, (size_t)accounts_count * sizeof *counts);
    int code = lks_rows_open(&rows, &store->db,
                             "SELECT account_index, CAST(count(*) AS UINTEGER) FROM post"
                             " WHERE kind = 'comment' GROUP BY account_index",
                             err);
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        for (idx_t row = 0; row < rows.count; row++) {
            uint32_t account = lks_rows_u32(&rows, 0, row);
            if (account < accounts_count)
                counts[account] = lks_rows_u32(&rows, 1, row);
        }
        code = 0;
    }
    lks_rows_close(&rows);
    return code;
}
