/* parquet_tables.c - the tables of a run as Parquet */
#include "dossier/parquet_tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dossier/csv_tables.h"
#include "store/parquet.h"

int lks_parquet_table_write(const struct lks_results *results, enum lks_export table,
                            const char *path, struct lks_error *err)
{
    static const char *const names[] = {
        [LKS_EXPORT_OUTSIDE] = "VARCHAR", [LKS_EXPORT_TEXT] = "VARCHAR",
        [LKS_EXPORT_COUNT] = "BIGINT",    [LKS_EXPORT_NUMBER] = "DOUBLE",
        [LKS_EXPORT_MONEY] = "VARCHAR",   [LKS_EXPORT_TIME] = "TIMESTAMPTZ"};
    size_t count;
    const struct lks_export_column *columns = lks_export_columns(table, &count);
    const char **types = calloc(count, sizeof *types);
    char *csv_path = NULL;
    if (!types || asprintf(&csv_path, "%s.csv", path) < 0) {
        free(types);
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", path);
    }
    for (size_t i = 0; i < count; i++)
        types[i] = names[columns[i].type];
    int code = lks_csv_table_write_plain(results, table, csv_path, err);
    if (code == 0) {
        code = lks_parquet_from_csv(csv_path, types, count, path, err);
        unlink(csv_path);
    }
    free(csv_path);
    free(types);
    return code;
}
