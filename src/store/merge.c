/* merge.c - the end of an ingest: what was seen of each account becomes one row
 *
 * The observations lie in a temporary table, which DuckDB puts on disk when it must; they are
 * merged by ranges of account indexes, so that memory is bounded however many accounts there
 * are. */
#include <stdio.h>

#include "store/state.h"

/* Accounts merged by one statement: some 20 MB of DuckDB's aggregation states. */
enum { ACCOUNTS_PER_MERGE = 32 * 1024 };

/* arg_max passes over NULLs: the last value that is not null wins, the row that was merged
 * earlier being the oldest. */
static const char merge_statement[] =
    "INSERT INTO %s SELECT account_index, arg_max(platform, sequence),"
    " arg_max(account_key, sequence), arg_max(handle, sequence), arg_max(display_name, sequence),"
    " arg_max(country, sequence), arg_max(language, sequence), arg_max(bio, sequence),"
    " arg_max(created_us, sequence), arg_max(created_method, sequence),"
    " arg_max(followers, sequence), arg_max(following, sequence), arg_max(posts_total, sequence),"
    " arg_max(verified, sequence), any_value(coalesce(written, 0))"
    " FROM (SELECT * FROM observation WHERE account_index BETWEEN %u AND %u UNION ALL"
    "  SELECT 0, * EXCLUDE (posts_count) FROM account WHERE account_index BETWEEN %u AND %u)"
    " LEFT JOIN (SELECT account_index, count(*) AS written FROM post"
    "  WHERE account_index BETWEEN %u AND %u GROUP BY account_index) USING (account_index)"
    " GROUP BY account_index ORDER BY account_index";

static int merge_accounts(struct lks_store *store, const char *table, struct lks_error *err)
{
    char sql[2048];
    for (uint32_t first = 0; first < store->accounts.count; first += ACCOUNTS_PER_MERGE) {
        uint32_t last = first + ACCOUNTS_PER_MERGE - 1;
        int size = snprintf(sql, sizeof sql, merge_statement, table, first, last, first, last,
                            first, last);
        LKS_ASSERT(size > 0 && (size_t)size < sizeof sql);
        int code = lks_db_run(&store->db, sql, err);
        if (code)
            return code;
    }
    return 0;
}

int lks_store_finish(struct lks_store *store, struct lks_error *err)
{
    struct lks_rows rows;
    LKS_ASSERT(store->in_transaction && !store->finished);
    if (store->failed)
        return lks_error_set(err, LKS_ESTORE, "%s: an earlier append failed", store->db.name);
    int code = lks_append_close(store, err);
    if (code == 0)
        code = lks_late_merge(store, err);
    if (code == 0)
        code = lks_rows_single(&rows, &store->db, "SELECT count(*) FROM account", err);
    if (code) {
        store->failed = 1;
        return code;
    }
    uint64_t accounts_before = lks_rows_u64(&rows, 0, 0);
    lks_rows_close(&rows);
    if (!accounts_before) {
        code = merge_accounts(store, "account", err);
    } else {
        code =
            lks_db_run(&store->db,
                       "CREATE OR REPLACE TEMP TABLE merged AS SELECT * FROM account LIMIT 0", err);
        if (code == 0)
            code = merge_accounts(store, "merged", err);
        if (code == 0)
            code = lks_db_run(&store->db,
                              "DELETE FROM account;"
                              "INSERT INTO account SELECT * FROM merged ORDER BY account_index;"
                              "DROP TABLE merged",
                              err);
    }
    if (code == 0)
        code = lks_db_run(&store->db, "DROP TABLE temp.observation", err);
    if (code == 0 && store->posts_count != store->posts_before)
        code = lks_near_forget(store, err);
    store->observations_count = 0;
    store->finished = code == 0;
    store->failed = code != 0;
    return code;
}
