/* duckdb_calls.h - the functions of DuckDB that the store calls; the library is loaded when a database is opened
 *
 * DuckDB's library is the largest thing that the program uses and most of what a start would
 * cost, and half of the commands open no database. So it is not linked: its functions are called as
 * lks_duckdb.query(...), through one table. */
#ifndef LKS_STORE_DUCKDB_CALLS_H
#define LKS_STORE_DUCKDB_CALLS_H

#include <duckdb.h>

#include "base/error.h"

/* clang-format off */
#define LKS_DUCKDB_CALLS(X) \
    X(open_ext) X(close) X(connect) X(disconnect) X(create_config) X(set_config) \
    X(destroy_config) X(free) X(query) X(result_error) X(destroy_result) X(column_count) \
    X(column_name) X(column_type) X(column_logical_type) X(prepare) X(prepare_error) \
    X(destroy_prepare) X(bind_null) X(bind_uint64) X(bind_varchar_length) X(execute_prepared) \
    X(execute_prepared_streaming) X(fetch_chunk) X(destroy_data_chunk) X(data_chunk_get_size) \
    X(data_chunk_set_size) X(data_chunk_get_vector) X(vector_size) X(vector_get_data) \
    X(vector_get_validity) X(vector_ensure_validity_writable) X(vector_reference_value) \
    X(create_null_value) X(destroy_value) X(get_type_id) X(enum_internal_type) \
    X(destroy_logical_type) X(create_table_function) X(destroy_table_function) \
    X(register_table_function) X(table_function_set_name) X(table_function_set_extra_info) \
    X(table_function_set_bind) X(table_function_set_init) X(table_function_set_function) \
    X(function_get_bind_data) X(bind_get_extra_info) X(bind_set_bind_data) X(bind_set_error) \
    X(bind_add_result_column) X(init_set_max_threads)
/* clang-format on */

#define LKS_DUCKDB_CALL(name) __typeof__(duckdb_##name) *name;
struct lks_duckdb_calls {
    LKS_DUCKDB_CALLS(LKS_DUCKDB_CALL)
};
#undef LKS_DUCKDB_CALL

/* Filled by lks_duckdb_load, which every way to a database passes through. */
extern struct lks_duckdb_calls lks_duckdb;

/* Any thread. Errors: LKS_EIO, the library is not there. */
int lks_duckdb_load(struct lks_error *err);

#endif
