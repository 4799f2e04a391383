/* duckdb_calls.c - the functions of DuckDB that the store calls; the library is loaded when a database is opened */
#include "store/duckdb_calls.h"

#include "base/library.h"

struct lks_duckdb_calls lks_duckdb;

#define LKS_DUCKDB_CALL(name) "duckdb_" #name,
static const char *const names[] = {LKS_DUCKDB_CALLS(LKS_DUCKDB_CALL)};
#undef LKS_DUCKDB_CALL

static struct lks_library library = LKS_LIBRARY(LKS_DUCKDB_FILE, "DuckDB", names, lks_duckdb);
_Static_assert(sizeof lks_duckdb == sizeof names, "the table is filled by the names");

int lks_duckdb_load(struct lks_error *err)
{
    return lks_library_load(&library, err);
}
