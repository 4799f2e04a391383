/* state.c - what an open store holds in memory, filled from the file when a case is reopened */
#include "store/state.h"

#include <stdlib.h>

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out");
}

void lks_state_drop(struct lks_store *store)
{
    lks_keyset_free(&store->keys);
    lks_intern_free(&store->accounts);
    free(store->account_seen);
    store->account_seen = NULL;
    store->account_seen_count = 0;
    store->posts_count = store->files_count = store->payments_count = 0;
    store->observations_count = store->late_count = store->declared_count = 0;
    store->loaded = 0;
}

static int load_keys(struct lks_store *store, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_open(&rows, &store->db, "SELECT post_key FROM post", err);
    if (code)
        return code;
    while ((code = lks_rows_next(&rows, err)) == 1)
        for (idx_t row = 0; row < rows.count; row++) {
            struct lks_hash128 hash = lks_keyset_hash(&store->keys, lks_rows_text(&rows, 0, row));
            if (lks_keyset_add(&store->keys, hash) < 0) {
                lks_rows_close(&rows);
                return memory_out(err);
            }
        }
    lks_rows_close(&rows);
    return code;
}

static int load_accounts(struct lks_store *store, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_open(&rows, &store->db,
                             "SELECT account_key FROM account ORDER BY account_index", err);
    if (code)
        return code;
    while ((code = lks_rows_next(&rows, err)) == 1)
        for (idx_t row = 0; row < rows.count; row++) {
            int fresh;
            struct lks_str key = lks_rows_text(&rows, 0, row);
            if (lks_intern_add(&store->accounts, key, &fresh) == LKS_INTERN_NONE || !fresh) {
                code = fresh ? memory_out(err)
                             : lks_error_set(err, LKS_ESTORE,
                                             "%s is damaged: an account is there twice",
                                             store->db.name);
                lks_rows_close(&rows);
                return code;
            }
        }
    lks_rows_close(&rows);
    return code;
}

int lks_state_load(struct lks_store *store, struct lks_error *err)
{
    struct lks_rows rows;
    lks_state_drop(store);
    int code = lks_rows_single(&rows, &store->db,
                               "SELECT count(*), coalesce(max(post_index), 0),"
                               " (SELECT count(*) FROM file) FROM post",
                               err);
    if (code)
        return code;
    uint64_t posts_count = lks_rows_u64(&rows, 0, 0), post_last = lks_rows_u32(&rows, 1, 0);
    store->files_count = (uint32_t)lks_rows_u64(&rows, 2, 0);
    lks_rows_close(&rows);
    if (posts_count > UINT32_MAX - 1 || post_last != (posts_count ? posts_count - 1 : 0))
        return lks_error_set(err, LKS_ESTORE, "%s is damaged: posts are missing", store->db.name);
    store->posts_count = (uint32_t)posts_count;
    if (posts_count && lks_keyset_reserve(&store->keys, posts_count) != 0)
        return memory_out(err);
    code = load_keys(store, err);
    if (code == 0)
        code = load_accounts(store, err);
    if (code == 0)
        code = lks_payments_load(store, err);
    if (code == 0)
        store->loaded = 1;
    else
        lks_state_drop(store);
    return code;
}
