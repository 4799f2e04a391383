/* schema.c - the tables of a case as analysts see them, and what says that a file has them
 *
 * Indexes are dense and count from 0 in the order of first appearance. Kinds are enumerations,
 * a byte in the file and a name in SQL. Times are Unix microseconds in UTC; the views write
 * them as timestamps and join what belongs together. */
#include "store/state.h"

/* Raised whenever a table changes. */
#define SCHEMA_VERSION "5"

/* Left to itself DuckDB tries every compression on every column of the two large tables, which
 * takes 40 % of the time of filling them (2.2 s instead of 1.3 s for a million posts with four
 * actions each) and halves the file. Texts and keys are stored as they are (a dictionary for those of
 * few values takes twice the time and saves 5 % of the file), numbers packed. Every column costs
 * time for every row, null or not, so an action has no more than it must: who did it when
 * stands with its post. */
#define RAW " USING COMPRESSION uncompressed"
#define PACKED " USING COMPRESSION bitpacking"

static const char schema_tables[] =
    "CREATE TABLE meta (name VARCHAR, value VARCHAR);"
    "CREATE TABLE file ("
    "  file_index UINTEGER, name VARCHAR, sha256 VARCHAR, size_bytes UBIGINT, format VARCHAR,"
    "  rows_count UBIGINT, posts_count UBIGINT, rejects_count UBIGINT,"
    "  duplicates_count UBIGINT, ignored_count UBIGINT,"
    "  zone_assumed_count UBIGINT, cp1252_count UBIGINT, payments_count UBIGINT,"
    "  leaf UBIGINT, blob VARCHAR);"
    "CREATE TABLE account ("
    "  account_index UINTEGER, platform VARCHAR, account_key VARCHAR, handle VARCHAR,"
    "  display_name VARCHAR, country VARCHAR, language VARCHAR, bio VARCHAR,"
    "  created_us BIGINT, created_method created_method,"
    "  followers BIGINT, following BIGINT, posts_total BIGINT, verified BOOLEAN,"
    "  posts_count UBIGINT);"
    "CREATE TABLE post ("
    "  post_index UINTEGER" PACKED ", account_index UINTEGER" PACKED ", time_us BIGINT" PACKED ","
    "  time_precision time_precision" PACKED ", kind post_kind" PACKED ", platform VARCHAR" RAW ","
    "  post_key VARCHAR" RAW ", text VARCHAR" RAW ", transcript VARCHAR" RAW ","
    "  language VARCHAR" RAW ", parent_key VARCHAR" RAW ", origin_key VARCHAR" RAW ","
    "  channel_key VARCHAR" RAW ", views BIGINT" PACKED ", likes BIGINT" PACKED ","
    "  shares BIGINT" PACKED ", comments BIGINT" PACKED ", declared_paid BOOLEAN" PACKED ","
    "  file_index UINTEGER" PACKED ", offset_bytes UBIGINT" PACKED ","
    "  length_bytes UBIGINT" PACKED ");"
    "CREATE TABLE action ("
    "  post_index UINTEGER" PACKED ", kind object_kind" PACKED ", object VARCHAR" RAW ");"
    "CREATE TABLE payment ("
    "  payment_index UINTEGER, payment_key VARCHAR, payer VARCHAR, payee VARCHAR,"
    "  account_key VARCHAR, post_key VARCHAR, beneficiary VARCHAR, amount_minor BIGINT,"
    "  currency VARCHAR, exponent UINTEGER, time_us BIGINT, time_precision time_precision,"
    "  method VARCHAR, purpose VARCHAR,"
    "  file_index UINTEGER, offset_bytes UBIGINT, length_bytes UBIGINT);"
    "CREATE TABLE near_text ("
    "  post_index UINTEGER, account_index UINTEGER, object VARCHAR" RAW ","
    "  representative UINTEGER, similarity DOUBLE, time_us BIGINT);"
    "CREATE TABLE reject ("
    "  file_index UINTEGER, line UBIGINT, offset_bytes UBIGINT, reason VARCHAR,"
    "  first_bytes VARCHAR);"
    "INSERT INTO meta VALUES ('application', 'lockstep'), ('schema_version', '" SCHEMA_VERSION
    "'), ('synthetic', '0'), ('near_text', '0'), ('leaves', '0');";

static const char schema_views[] =
    "CREATE VIEW account_view AS"
    "  SELECT * REPLACE (make_timestamp(created_us) AS created_us) FROM account;"
    "CREATE VIEW post_view AS"
    "  SELECT p.post_index, make_timestamp(p.time_us) AS time, p.time_precision, p.kind,"
    "    a.account_key, a.handle, p.* EXCLUDE (post_index, time_us, time_precision, kind),"
    "    f.name AS file"
    "  FROM post p JOIN account a USING (account_index) LEFT JOIN file f USING (file_index);"
    "CREATE VIEW action_view AS"
    "  SELECT make_timestamp(p.time_us) AS time, c.kind, c.object, a.account_key, a.handle,"
    "    p.account_index, c.post_index"
    "  FROM action c JOIN post p USING (post_index) JOIN account a USING (account_index);"
    "CREATE VIEW payment_view AS"
    "  SELECT make_timestamp(p.time_us) AS time, p.payer, p.payee, p.amount_minor, p.currency,"
    "    p.exponent, p.method, p.purpose, p.account_key, a.account_index, p.* EXCLUDE (time_us,"
    "    payer, payee, amount_minor, currency, exponent, method, purpose, account_key),"
    "    f.name AS file"
    "  FROM payment p LEFT JOIN account a USING (account_key) LEFT JOIN file f USING (file_index);"
    "CREATE VIEW near_text_view AS"
    "  SELECT make_timestamp(n.time_us) AS time, n.object, n.similarity, a.account_key, p.text,"
    "    n.representative, n.account_index, n.post_index"
    "  FROM near_text n JOIN account a USING (account_index) JOIN post p USING (post_index);"
    "CREATE VIEW reject_view AS"
    "  SELECT f.name AS file, r.* FROM reject r LEFT JOIN file f USING (file_index);";

static void enumeration(struct lks_buffer *sql, const char *name, const char *const *values,
                        size_t count)
{
    lks_buffer_format(sql, "CREATE TYPE %s AS ENUM (", name);
    for (size_t i = 0; i < count; i++)
        lks_buffer_format(sql, "%s'%s'", i ? ", " : "", values[i]);
    lks_buffer_text(sql, ");");
}

int lks_schema_make(struct lks_db *db, struct lks_error *err)
{
    struct lks_buffer sql = {0};
    lks_buffer_text(&sql, "BEGIN;");
    enumeration(&sql, "object_kind", lks_object_kind_names, LKS_OBJECT_KINDS_COUNT);
    enumeration(&sql, "post_kind", lks_post_kind_names, LKS_POST_KINDS_COUNT);
    enumeration(&sql, "created_method", lks_created_method_names, LKS_CREATED_METHODS_COUNT);
    enumeration(&sql, "time_precision", lks_precision_names, 3);
    lks_buffer_text(&sql, schema_tables);
    lks_buffer_text(&sql, schema_views);
    lks_buffer_text(&sql, "COMMIT;");
    lks_buffer_byte(&sql, 0);
    int code = sql.failed ? lks_error_set(err, LKS_EMEMORY, "memory is out")
                          : lks_db_run(db, sql.data, err);
    lks_buffer_free(&sql);
    return code;
}

/* The base tables (no views: a view could be anything) with their columns and types. */
static int schema_describe(struct lks_db *db, struct lks_arena *arena, struct lks_str *text,
                           struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_single(
        &rows, db,
        "SELECT coalesce(string_agg(table_name || '.' || column_name || ' ' || data_type, '\n'"
        "                           ORDER BY table_name, column_index), '')"
        " FROM duckdb_columns() JOIN duckdb_tables() USING (table_oid, database_oid, schema_oid,"
        "   table_name)"
        " WHERE duckdb_columns.database_name = current_database() AND duckdb_columns.schema_name"
        "   = 'main' AND NOT duckdb_columns.internal AND table_name IN"
        "   ('meta', 'file', 'account', 'post', 'action', 'near_text', 'payment',"
        "    'reject')",
        err);
    if (code)
        return code;
    *text = lks_arena_str(arena, lks_rows_text(&rows, 0, 0));
    lks_rows_close(&rows);
    return text->data ? 0 : lks_error_set(err, LKS_EMEMORY, "memory is out");
}

/* The version that the file's meta table names, or an empty text. */
static void schema_version(struct lks_db *db, char version[24])
{
    struct lks_rows rows;
    version[0] = 0;
    if (lks_rows_open(&rows, db,
                      "SELECT CAST(value AS VARCHAR) FROM main.meta WHERE name = 'schema_version'",
                      NULL) != 0)
        return;
    if (lks_rows_next(&rows, NULL) == 1) {
        struct lks_str text = lks_rows_text(&rows, 0, 0);
        if (text.size_bytes < 24 && text.data) {
            memcpy(version, text.data, text.size_bytes);
            version[text.size_bytes] = 0;
        }
    }
    lks_rows_close(&rows);
}

int lks_schema_check(struct lks_db *db, struct lks_error *err)
{
    struct lks_db model;
    struct lks_arena arena = {0};
    struct lks_str there, wanted;
    char version[24];
    int code = lks_db_open(&model, "memory", LKS_DB_MEMORY, NULL, 0, err);
    if (code)
        return code;
    code = lks_schema_make(&model, err);
    if (code == 0)
        code = schema_describe(&model, &arena, &wanted, err);
    if (code == 0)
        code = schema_describe(db, &arena, &there, err);
    if (code == 0) {
        schema_version(db, version);
        if (!version[0])
            code = lks_error_set(err, LKS_ESTORE, "%s is a DuckDB file, but not a case's store",
                                 db->name);
        else if (strcmp(version, SCHEMA_VERSION) != 0)
            code = lks_error_set(err, LKS_ESTORE,
                                 "%s has the tables of version %s, this program those of version "
                                 "%s: read the files into a new case",
                                 db->name, version, SCHEMA_VERSION);
        else if (!lks_str_equal(there, wanted))
            code =
                lks_error_set(err, LKS_ESTORE,
                              "%s is no sound store: its tables are not those of a case", db->name);
    }
    lks_arena_free(&arena);
    lks_db_close(&model);
    return code;
}
