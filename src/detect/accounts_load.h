/* accounts_load.h - what the detectors know of accounts, as columns */
#ifndef LKS_DETECT_ACCOUNTS_LOAD_H
#define LKS_DETECT_ACCOUNTS_LOAD_H

#include "base/intern.h"
#include "intake/settings.h"
#include "store/store.h"

struct lks_account_columns {
    int8_t *verified; /* [count] 1 (by the platform, or a newsroom by case.toml), 0; -1: unknown */
    uint8_t *created_method;     /* [count] enum lks_created_method */
    int64_t *created_us;         /* [count] LKS_TIME_NULL where unknown */
    uint8_t *platform;           /* [count] a number for each platform; 255 for all beyond 255 */
    struct lks_intern platforms; /* their names, by number */
    uint32_t *shape;             /* [count] of the handle, a number for each shape */
    struct lks_intern shapes;    /* as text/handle_shape.h writes them, by number */
};

/* Reads the columns of the case's accounts 0..count-1; freed by lks_accounts_unload, also
 * after a failure. newsrooms: keys of accounts. LKS_EMEMORY, LKS_ESTORE. */
int lks_accounts_load(struct lks_store *store, uint32_t count,
                      const struct lks_setting_list *newsrooms, struct lks_account_columns *columns,
                      struct lks_error *err);
void lks_accounts_unload(struct lks_account_columns *columns);

#endif
