/* accounts_load.c - what the detectors know of accounts, as columns */
#include "detect/accounts_load.h"

#include <stdlib.h>

#include "text/handle_shape.h"

enum { ACCOUNTS_AT_ONCE = 65536 };

static int newsrooms_gather(const struct lks_setting_list *newsrooms, struct lks_intern *keys,
                            struct lks_error *err)
{
    for (size_t i = 0; i < newsrooms->count; i++)
        if (lks_intern_add(keys, newsrooms->items[i], NULL) == LKS_INTERN_NONE)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for the newsrooms of case.toml");
    return 0;
}

int lks_accounts_load(struct lks_store *store, uint32_t count,
                      const struct lks_setting_list *newsrooms, struct lks_account_columns *columns,
                      struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_intern known = {0};
    uint32_t *indexes = calloc(ACCOUNTS_AT_ONCE, sizeof *indexes);
    struct lks_account *accounts = calloc(ACCOUNTS_AT_ONCE, sizeof *accounts);
    *columns = (struct lks_account_columns){
        .verified = malloc((size_t)count + 1),
        .created_method = malloc((size_t)count + 1),
        .created_us = malloc(((size_t)count + 1) * sizeof *columns->created_us),
        .platform = malloc((size_t)count + 1),
        .shape = malloc(((size_t)count + 1) * sizeof *columns->shape)};
    int code = indexes && accounts && columns->verified && columns->created_method &&
                       columns->created_us && columns->platform && columns->shape
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "out of memory for %u accounts", count);
    if (code == 0)
        code = newsrooms_gather(newsrooms, &known, err);
    for (uint32_t start = 0; code == 0 && start < count; start += ACCOUNTS_AT_ONCE) {
        uint32_t now = count - start < ACCOUNTS_AT_ONCE ? count - start : ACCOUNTS_AT_ONCE;
        for (uint32_t i = 0; i < now; i++)
            indexes[i] = start + i;
        lks_arena_reset(&arena);
        code = lks_store_accounts(store, indexes, now, &arena, accounts, NULL, err);
        for (uint32_t i = 0; code == 0 && i < now; i++) {
            int is_newsroom = lks_intern_find(&known, accounts[i].account_key) != LKS_INTERN_NONE;
            columns->verified[start + i] = is_newsroom ? 1 : (int8_t)accounts[i].verified;
            columns->created_method[start + i] = (uint8_t)accounts[i].created_method;
            columns->created_us[start + i] = accounts[i].created_us;
            uint32_t platform = lks_intern_add(&columns->platforms, accounts[i].platform, NULL);
            columns->platform[start + i] = (uint8_t)(platform < UINT8_MAX ? platform : UINT8_MAX);
            char shape[LKS_HANDLE_SHAPE_BYTES];
            lks_handle_shape(accounts[i].handle, shape);
            columns->shape[start + i] = lks_intern_add(&columns->shapes, lks_str_from(shape), NULL);
            if (columns->shape[start + i] == LKS_INTERN_NONE)
                code = lks_error_set(err, LKS_EMEMORY, "out of memory for %u accounts", count);
        }
    }
    lks_intern_free(&known);
    lks_arena_free(&arena);
    free(indexes);
    free(accounts);
    return code;
}

void lks_accounts_unload(struct lks_account_columns *columns)
{
    free(columns->verified);
    free(columns->created_method);
    free(columns->created_us);
    free(columns->platform);
    lks_intern_free(&columns->platforms);
    free(columns->shape);
    lks_intern_free(&columns->shapes);
}
