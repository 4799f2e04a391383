/* digest.c - one SHA-256 over the content of a store, whatever its physical layout
 *
 * Every row enters as its fields in the order of the statement, each with a tag byte: 0 for
 * NULL; 1 and eight bytes, little-endian, for numbers; 2, the length as eight bytes, and the
 * bytes for texts. Enumerations enter by name. A tag byte 3 and its name opens each table. Posts
 * and actions are read in ranges of post indexes, so that putting them in order takes little
 * memory. */
#include "base/sha256.h"
#include "base/threads.h"
#include "store/state.h"

enum { POSTS_PER_RANGE = 32 * 1024 };

struct digest {
    struct lks_store *store;
    const struct lks_control *control;
    struct lks_sha256 sha;
    struct lks_buffer buffer;
};

static const char digest_files[] =
    "SELECT file_index, sha256, size_bytes FROM file ORDER BY file_index";
static const char digest_accounts[] =
    "SELECT account_index, platform, account_key, handle, display_name, country, language, bio,"
    " created_us, CAST(created_method AS VARCHAR), followers, following, posts_total, verified,"
    " posts_count FROM account ORDER BY account_index";
static const char digest_posts[] =
    "SELECT post_index, account_index, time_us, CAST(time_precision AS VARCHAR),"
    " CAST(kind AS VARCHAR), platform, post_key, text, transcript, language, parent_key,"
    " origin_key, channel_key, views, likes, shares, comments, declared_paid, file_index,"
    " offset_bytes, length_bytes FROM post"
    " WHERE post_index BETWEEN CAST(? AS UINTEGER) AND CAST(? AS UINTEGER) ORDER BY post_index";
static const char digest_actions[] =
    "SELECT post_index, CAST(kind AS VARCHAR), object FROM action"
    " WHERE post_index BETWEEN CAST(? AS UINTEGER) AND CAST(? AS UINTEGER)"
    " ORDER BY post_index, kind, object";

/* Nothing where there is none: the digest of a case without payments is that of its posts. */
static const char digest_payments[] =
    "SELECT payment_index, payment_key, payer, payee, account_key, post_key, beneficiary,"
    " amount_minor, currency, exponent, time_us, CAST(time_precision AS VARCHAR), method, purpose,"
    " file_index, offset_bytes, length_bytes FROM payment ORDER BY payment_index";

static void digest_text(struct digest *digest, struct lks_str text)
{
    uint64_t size = text.size_bytes;
    lks_buffer_byte(&digest->buffer, 2);
    lks_buffer_append(&digest->buffer, &size, sizeof size);
    lks_buffer_append(&digest->buffer, text.data, text.size_bytes);
}

static void digest_cell(struct digest *digest, struct lks_rows *rows, unsigned column, idx_t row)
{
    uint64_t value = 0;
    if (lks_rows_null(rows, column, row)) {
        lks_buffer_byte(&digest->buffer, 0);
        return;
    }
    switch (lks_duckdb.column_type(&rows->result, column)) {
    case DUCKDB_TYPE_VARCHAR:
        digest_text(digest, lks_rows_text(rows, column, row));
        return;
    case DUCKDB_TYPE_BOOLEAN:
        value = lks_rows_u8(rows, column, row) != 0;
        break;
    case DUCKDB_TYPE_UINTEGER:
        value = lks_rows_u32(rows, column, row);
        break;
    default: /* the statements above give nothing but BIGINT and UBIGINT besides */
        value = lks_rows_u64(rows, column, row);
    }
    lks_buffer_byte(&digest->buffer, 1);
    lks_buffer_append(&digest->buffer, &value, sizeof value);
}

static int digest_rows(struct digest *digest, struct lks_rows *rows, struct lks_error *err)
{
    int code = lks_rows_start(rows, err);
    while (code == 0 && (code = lks_rows_next(rows, err)) == 1) {
        for (idx_t row = 0; row < rows->count; row++)
            for (unsigned column = 0; column < rows->columns; column++)
                digest_cell(digest, rows, column, row);
        if (digest->buffer.failed)
            return lks_error_set(err, LKS_EMEMORY, "memory is out");
        code = lks_sha256_update(&digest->sha, digest->buffer.data, digest->buffer.size_bytes, err);
        lks_buffer_clear(&digest->buffer);
        if (code == 0 && lks_cancelled(digest->control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    return code;
}

/* A table by its statement; ranged ones in pieces of post indexes below posts_count. */
static int digest_table(struct digest *digest, const char *name, const char *sql, int ranged,
                        uint64_t posts_count, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_prepare(&rows, &digest->store->db, sql, err);
    if (code)
        return code;
    lks_buffer_byte(&digest->buffer, 3);
    digest_text(digest, lks_str_from(name));
    if (!ranged)
        code = digest_rows(digest, &rows, err);
    for (uint64_t first = 0; ranged && code == 0 && first < posts_count; first += POSTS_PER_RANGE) {
        lks_rows_bind_uint(&rows, 1, first);
        lks_rows_bind_uint(&rows, 2, first + POSTS_PER_RANGE - 1);
        code = digest_rows(digest, &rows, err);
    }
    lks_rows_close(&rows);
    return code;
}

int lks_store_digest(struct lks_store *store, const struct lks_control *control, char hex_out[65],
                     struct lks_error *err)
{
    struct digest digest = {.store = store, .control = control};
    struct lks_store_counts counts;
    unsigned char bytes[LKS_SHA256_BYTES];
    hex_out[0] = 0;
    int code = lks_store_counts(store, &counts, err);
    if (code == 0)
        code = lks_sha256_start(&digest.sha, err);
    if (code == 0)
        code = digest_table(&digest, "file", digest_files, 0, 0, err);
    if (code == 0)
        code = digest_table(&digest, "account", digest_accounts, 0, 0, err);
    if (code == 0)
        code = digest_table(&digest, "post", digest_posts, 1, counts.posts, err);
    if (code == 0)
        code = digest_table(&digest, "action", digest_actions, 1, counts.posts, err);
    if (code == 0 && counts.payments)
        code = digest_table(&digest, "payment", digest_payments, 0, 0, err);
    /* What stands after the last row. */
    if (code == 0)
        code = lks_sha256_update(&digest.sha, digest.buffer.data, digest.buffer.size_bytes, err);
    int finished = lks_sha256_finish(&digest.sha, code == 0 ? bytes : NULL, err);
    lks_buffer_free(&digest.buffer);
    if (code == 0)
        code = finished;
    if (code == 0)
        lks_sha256_hex(bytes, hex_out);
    return code;
}
