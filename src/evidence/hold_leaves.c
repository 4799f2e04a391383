/* hold_leaves.c - the leaves over which an attestation is made: each thing that a hold covers */
#include "evidence/hold_leaves.h"

#include <stdlib.h>

#include "case/imports.h"
#include "vault/canon.h"

const char *const lks_leaves_names[LKS_LEAVES] = {"posts", "accounts", "payments", "files"};

struct leaf {
    uint64_t file, offset;
    struct lks_hash hash;
    unsigned char kind;
};

struct gathering {
    size_t hold_at;
    uint64_t leaves_end;
    const unsigned char *secret;
    struct lks_store_file *files;
    size_t files_count;
    uint64_t *entries; /* [files_count] that brought each first; 0: after the attestation */
    unsigned char *files_held;
    uint64_t *accounts_held; /* a bit each */
    uint64_t accounts_count;
    struct leaf *leaves;
    size_t count, room;
    struct lks_buffer line;
    struct lks_hold_leaves *out;
};

/* What a leaf says; key or blob is null where it has none. */
struct said {
    int kind;
    struct lks_str key, blob;
    uint64_t file, offset, length, size;
};

static void line_write(const struct said *said, const char *salt, struct lks_buffer *line)
{
    struct lks_canon canon = {0};
    lks_canon_object(&canon, NULL);
    lks_canon_text(&canon, "kind", lks_leaves_names[said->kind]);
    if (said->kind != LKS_LEAVES_FILES)
        lks_canon_string(&canon, "key", said->key);
    if (said->kind != LKS_LEAVES_ACCOUNTS)
        lks_canon_int(&canon, "file", (int64_t)said->file);
    if (said->kind == LKS_LEAVES_POSTS || said->kind == LKS_LEAVES_PAYMENTS) {
        lks_canon_int(&canon, "offset", (int64_t)said->offset);
        lks_canon_int(&canon, "length", (int64_t)said->length);
    }
    if (said->kind == LKS_LEAVES_FILES) {
        lks_canon_string(&canon, "blob", said->blob);
        lks_canon_int(&canon, "size", (int64_t)said->size);
    }
    if (salt)
        lks_canon_text(&canon, "salt", salt);
    lks_buffer_clear(line);
    if (lks_canon_finish(&canon, line) != 0)
        line->failed = true;
}

/* The salt of a leaf, out of the secret and the line without it. */
static void salt_make(const unsigned char *secret, struct lks_buffer *line,
                      char salt[2 * LKS_SALT_BYTES + 1])
{
    unsigned char digest[LKS_SHA256_BYTES];
    char hex[LKS_SHA256_HEX_BYTES];
    struct lks_buffer both = {0};
    lks_buffer_append(&both, secret, LKS_SALT_BYTES);
    lks_buffer_append(&both, line->data, line->size_bytes);
    lks_sha256_of(both.data, both.size_bytes, digest);
    lks_sha256_hex(digest, hex);
    memcpy(salt, hex, 2 * LKS_SALT_BYTES);
    salt[2 * LKS_SALT_BYTES] = '\0';
    line->failed |= both.failed;
    lks_buffer_free(&both);
}

static int leaf_add(struct gathering *gathering, const struct said *said, struct lks_error *err)
{
    char salt[2 * LKS_SALT_BYTES + 1];
    if (gathering->count == gathering->room) {
        size_t room = gathering->room ? 2 * gathering->room : 1024;
        struct leaf *more = realloc(gathering->leaves, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        gathering->leaves = more;
        gathering->room = room;
    }
    line_write(said, NULL, &gathering->line);
    salt_make(gathering->secret, &gathering->line, salt);
    line_write(said, salt, &gathering->line);
    if (gathering->line.failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    struct leaf *leaf = &gathering->leaves[gathering->count++];
    *leaf = (struct leaf){
        .file = said->file, .offset = said->offset, .kind = (unsigned char)said->kind};
    lks_merkle_leaf(gathering->line.data, gathering->line.size_bytes, &leaf->hash);
    gathering->out->counts[said->kind]++;
    return 0;
}

/* ---- what is covered ---- */

static uint64_t file_entry(const struct gathering *gathering, uint32_t file_index)
{
    return file_index < gathering->files_count ? gathering->entries[file_index] : 0;
}

/* A copy with records blanked out stands for the file that it replaced. */
static int entries_find(struct gathering *gathering, const char *case_path, struct lks_error *err)
{
    struct lks_imports imports;
    int code = lks_imports_read(case_path, UINT64_MAX, &imports, err);
    gathering->entries = calloc(gathering->files_count + 1, sizeof *gathering->entries);
    if (code == 0 && !gathering->entries)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < gathering->files_count; i++) {
        uint64_t leaf = gathering->files[i].leaf;
        const struct lks_case_import *import = lks_imports_find(&imports, leaf);
        leaf = import ? import->original : leaf;
        gathering->entries[i] = leaf < gathering->leaves_end ? leaf : 0;
    }
    lks_imports_free(&imports);
    return code;
}

static int record_take(struct gathering *gathering, const struct lks_store_held *record,
                       unsigned kinds, int kind, unsigned bit, struct lks_error *err)
{
    uint64_t file = kinds ? file_entry(gathering, record->file_index) : 0;
    struct said said = {.kind = kind,
                        .key = record->key,
                        .file = file,
                        .offset = record->offset_bytes,
                        .length = record->length_bytes};
    if (!file)
        return 0;
    if (kinds & LKS_HELD_FILES)
        gathering->files_held[record->file_index] = 1;
    return kinds & bit ? leaf_add(gathering, &said, err) : 0;
}

static int post_take(void *context, const struct lks_store_held *post, const unsigned *kinds,
                     struct lks_error *err)
{
    struct gathering *gathering = context;
    unsigned mine = kinds[gathering->hold_at];
    uint32_t account = post->account_index;
    int code = record_take(gathering, post, mine, LKS_LEAVES_POSTS, LKS_HELD_POSTS, err);
    if (code || !(mine & LKS_HELD_ACCOUNTS) || account >= gathering->accounts_count ||
        !file_entry(gathering, post->file_index) ||
        gathering->accounts_held[account / 64] >> (account % 64) & 1)
        return code;
    gathering->accounts_held[account / 64] |= UINT64_C(1) << (account % 64);
    struct said said = {.kind = LKS_LEAVES_ACCOUNTS, .key = post->account_key};
    return leaf_add(gathering, &said, err);
}

static int payment_take(void *context, const struct lks_store_held *payment, const unsigned *kinds,
                        struct lks_error *err)
{
    struct gathering *gathering = context;
    return record_take(gathering, payment, kinds[gathering->hold_at], LKS_LEAVES_PAYMENTS,
                       LKS_HELD_PAYMENTS, err);
}

static int files_take(struct gathering *gathering, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < gathering->files_count; i++) {
        const struct lks_store_file *file = &gathering->files[i];
        struct said said = {.kind = LKS_LEAVES_FILES,
                            .blob = lks_str_from(file->blob),
                            .file = file_entry(gathering, (uint32_t)i),
                            .size = file->size_bytes};
        if (!gathering->files_held[i])
            continue;
        gathering->out->bytes += file->size_bytes;
        code = leaf_add(gathering, &said, err);
    }
    return code;
}

static int by_place(const void *a, const void *b)
{
    const struct leaf *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return memcmp(x->hash.bytes, y->hash.bytes, sizeof x->hash.bytes);
}

static int root_make(struct gathering *gathering, struct lks_error *err)
{
    struct lks_merkle_edge edge = {0};
    struct lks_hold_leaves *out = gathering->out;
    if (gathering->count)
        qsort(gathering->leaves, gathering->count, sizeof *gathering->leaves, by_place);
    out->hashes = malloc((gathering->count + 1) * sizeof *out->hashes);
    if (!out->hashes)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; i < gathering->count; i++) {
        out->hashes[i] = gathering->leaves[i].hash;
        lks_merkle_edge_append(&edge, &gathering->leaves[i].hash);
    }
    out->hashes_count = gathering->count;
    lks_merkle_edge_root(&edge, &out->root);
    return 0;
}

void lks_hold_leaves_free(struct lks_hold_leaves *leaves)
{
    free(leaves->hashes);
    leaves->hashes = NULL;
    leaves->hashes_count = 0;
}

int lks_hold_leaves_make(struct lks_store *store, const char *case_path,
                         const struct lks_holds *holds, size_t hold, uint64_t leaves_end,
                         const unsigned char secret[LKS_SALT_BYTES],
                         const struct lks_control *control, struct lks_hold_leaves *out,
                         struct lks_error *err)
{
    struct gathering gathering = {
        .hold_at = hold, .leaves_end = leaves_end, .secret = secret, .out = out};
    struct lks_hold_visit visit = {post_take, payment_take, NULL, &gathering};
    struct lks_arena arena = {0};
    struct lks_store_counts counts = {0};
    *out = (struct lks_hold_leaves){0};
    int code = store ? lks_store_counts(store, &counts, err) : 0;
    if (code == 0 && store)
        code = lks_store_files(store, &arena, &gathering.files, &gathering.files_count, err);
    if (code == 0)
        code = entries_find(&gathering, case_path, err);
    gathering.accounts_count = counts.accounts;
    gathering.accounts_held = calloc((size_t)(counts.accounts / 64 + 1), sizeof(uint64_t));
    gathering.files_held = calloc(gathering.files_count + 1, 1);
    if (code == 0 && (!gathering.accounts_held || !gathering.files_held))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0 && store)
        code = lks_hold_walk(store, holds, control, &visit, err);
    if (code == 0)
        code = files_take(&gathering, err);
    if (code == 0)
        code = root_make(&gathering, err);
    free(gathering.leaves);
    free(gathering.accounts_held);
    free(gathering.files_held);
    free(gathering.entries);
    lks_buffer_free(&gathering.line);
    lks_arena_free(&arena);
    return code;
}
