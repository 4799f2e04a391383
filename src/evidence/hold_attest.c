/* hold_attest.c - how much a hold covers, signed, and held against the case later
 *
 * An attestation is an entry of the log and a signed note that says the same:
 *
 *     lockstep attestation 1
 *     case lockstep/2f1c...
 *     hold H1
 *     version 2
 *     checkpoint 118 vF1Zs...        size and root of the log before it
 *     entry 118
 *     posts 1204
 *     accounts 88
 *     payments 0
 *     files 3
 *     bytes 734520
 *     root q0mW...                   over the leaves of hold_leaves.h
 *
 *     — lockstep/2f1c... <signature of the log's key>
 *
 * The secret behind the salts of the leaves is hidden in the entry. Beside the note, in
 * CASE/vault/attestations, lie the hashes of the leaves in their order, 32 bytes each: without them a
 * check can only say whether all is the same, with them how much is missing. */
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/json_write.h"
#include "base/writer.h"
#include "case/signer.h"
#include "case/turn.h"
#include "evidence/hold_leaves.h"
#include "vault/disk.h"

#define NOTE_MARK "lockstep attestation 1\n"
#define LEAVES_NAME "attestations/%012llu.leaves"
#define LEAVES_BYTES_MAX ((size_t)64 << 30)
enum { LINES = 11 };
static const char *const line_names[LINES] = {"case",  "hold",  "version",  "checkpoint",
                                              "entry", "posts", "accounts", "payments",
                                              "files", "bytes", "root"};

/* What a note says; strings borrowed from its bytes. */
struct attestation {
    struct lks_str origin, hold;
    uint64_t version, log_size, entry, counts[LKS_LEAVES], bytes;
    struct lks_hash log_root, root;
};

static void hash_put(struct lks_buffer *out, const struct lks_hash *hash)
{
    lks_base64_add(out, hash->bytes, sizeof hash->bytes);
}

static void text_make(const struct attestation *said, struct lks_buffer *out)
{
    lks_buffer_text(out, NOTE_MARK);
    lks_buffer_format(out, "case %.*s\nhold %.*s\nversion %llu\ncheckpoint %llu ",
                      (int)said->origin.size_bytes, said->origin.data, (int)said->hold.size_bytes,
                      said->hold.data, (unsigned long long)said->version,
                      (unsigned long long)said->log_size);
    hash_put(out, &said->log_root);
    lks_buffer_format(out, "\nentry %llu\n", (unsigned long long)said->entry);
    for (int i = 0; i < LKS_LEAVES; i++)
        lks_buffer_format(out, "%s %llu\n", lks_leaves_names[i],
                          (unsigned long long)said->counts[i]);
    lks_buffer_format(out, "bytes %llu\nroot ", (unsigned long long)said->bytes);
    hash_put(out, &said->root);
    lks_buffer_byte(out, '\n');
}

static int hash_read(struct lks_str text, struct lks_hash *hash)
{
    return lks_base64_read_exactly(text, hash->bytes, sizeof hash->bytes, NULL) == 0;
}

static int line_read(struct attestation *said, int line, struct lks_str value)
{
    uint64_t *const numbers[LINES] = {
        [2] = &said->version,   [4] = &said->entry,     [5] = &said->counts[0],
        [6] = &said->counts[1], [7] = &said->counts[2], [8] = &said->counts[3],
        [9] = &said->bytes};
    const char *blank = memchr(value.data, ' ', value.size_bytes);
    size_t first = blank ? (size_t)(blank - value.data) : 0;
    switch (line) {
    case 0:
        said->origin = value;
        return 1;
    case 1:
        said->hold = value;
        return 1;
    case 3:
        return blank && lks_decimal_read((struct lks_str){value.data, first}, &said->log_size) &&
               hash_read((struct lks_str){blank + 1, value.size_bytes - first - 1},
                         &said->log_root);
    case 10:
        return hash_read(value, &said->root);
    default:
        return lks_decimal_read(value, numbers[line]);
    }
}

static int text_read(struct lks_str text, struct attestation *said)
{
    struct lks_str line;
    size_t mark = sizeof NOTE_MARK - 1;
    *said = (struct attestation){0};
    if (text.size_bytes < mark || memcmp(text.data, NOTE_MARK, mark) != 0)
        return 0;
    text = (struct lks_str){text.data + mark, text.size_bytes - mark};
    for (int i = 0; i < LINES; i++) {
        size_t name = strlen(line_names[i]);
        if (!lks_line_next(&text, &line) || line.size_bytes < name + 2 ||
            memcmp(line.data, line_names[i], name) != 0 || line.data[name] != ' ' ||
            !line_read(said, i, (struct lks_str){line.data + name + 1, line.size_bytes - name - 1}))
            return 0;
    }
    return text.size_bytes == 0;
}

/* ---- showing ---- */

static void said_json(struct lks_json *json, const struct attestation *said)
{
    struct lks_buffer root = {0};
    lks_json_string(json, "hold", said->hold);
    lks_json_uint(json, "version", said->version);
    lks_json_uint(json, "entry", said->entry);
    lks_json_uint(json, "checkpoint_size", said->log_size);
    for (int i = 0; i < LKS_LEAVES; i++) {
        lks_json_uint(json, lks_leaves_names[i], said->counts[i]);
    }
    lks_json_uint(json, "bytes", said->bytes);
    hash_put(&root, &said->root);
    lks_json_string(json, "root", (struct lks_str){root.data, root.size_bytes});
    lks_buffer_free(&root);
}

static void said_text(const struct attestation *said, struct lks_buffer *out)
{
    lks_buffer_format(out, "hold %.*s, version %llu, entry %llu\n", (int)said->hold.size_bytes,
                      said->hold.data, (unsigned long long)said->version,
                      (unsigned long long)said->entry);
    for (int i = 0; i < LKS_LEAVES; i++)
        lks_buffer_format(out, "    %-10s %llu\n", lks_leaves_names[i],
                          (unsigned long long)said->counts[i]);
    lks_buffer_format(out, "    %-10s %llu\n    %-10s ", "bytes", (unsigned long long)said->bytes,
                      "root");
    hash_put(out, &said->root);
    lks_buffer_byte(out, '\n');
}

static int text_give(int code, struct lks_buffer *out, char **text_out, struct lks_error *err)
{
    lks_buffer_byte(out, '\0');
    if (code >= 0 && out->failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code >= 0)
        *text_out = out->data;
    else
        lks_buffer_free(out);
    return code;
}

/* ---- making one ---- */

struct attesting {
    const char *case_path, *id, *note_path;
    const struct lks_control *control;
    struct lks_store *store;
    struct lks_vault *vault;
    int turn;
    struct lks_case_holds holds;
    struct attestation said;
    unsigned char secret[LKS_SALT_BYTES];
    struct lks_hold_leaves leaves;
    struct lks_buffer checkpoint, note;
};

static void secret_hex(const unsigned char *secret, char hex[2 * LKS_SALT_BYTES + 1])
{
    for (int i = 0; i < LKS_SALT_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", secret[i]);
}

static int leaves_take(struct attesting *attesting, size_t at, struct lks_error *err)
{
    struct lks_hold_leaves *leaves = &attesting->leaves;
    int code = lks_salt_new(attesting->secret, err);
    if (code == 0)
        code = lks_hold_leaves_make(attesting->store, attesting->case_path, &attesting->holds.all,
                                    at, attesting->said.log_size, attesting->secret,
                                    attesting->control, leaves, err);
    if (code)
        return code;
    memcpy(attesting->said.counts, leaves->counts, sizeof leaves->counts);
    attesting->said.bytes = leaves->bytes;
    attesting->said.root = leaves->root;
    return 0;
}

/* What the log has signed so far. */
static int checkpoint_take(struct attesting *attesting, struct lks_error *err)
{
    struct lks_checkpoint checkpoint;
    int code = lks_log_checkpoint(lks_vault_folder(attesting->vault), &attesting->checkpoint, err);
    if (code == 0)
        code = lks_checkpoint_open(
            (struct lks_str){attesting->checkpoint.data, attesting->checkpoint.size_bytes},
            lks_vault_verifier(attesting->vault), &checkpoint, err);
    if (code)
        return code;
    attesting->said.origin = checkpoint.origin;
    attesting->said.log_size = checkpoint.size;
    attesting->said.log_root = checkpoint.root;
    return 0;
}

static int attestation_record(struct attesting *attesting, struct lks_error *err)
{
    struct attestation *said = &attesting->said;
    struct lks_statement_writer writer = {0};
    char hex[2 * LKS_SALT_BYTES + 1];
    secret_hex(attesting->secret, hex);
    lks_vault_start(attesting->vault, &writer, LKS_STATEMENT_HOLD);
    lks_canon_text(&writer.canon, "action", "attest");
    lks_canon_string(&writer.canon, "id", said->hold);
    lks_canon_int(&writer.canon, "version", (int64_t)said->version);
    lks_canon_int(&writer.canon, "checkpoint_size", (int64_t)said->log_size);
    lks_canon_hash(&writer.canon, "root", said->root.bytes);
    lks_canon_object(&writer.canon, "counts");
    for (int i = 0; i < LKS_LEAVES; i++)
        lks_canon_int(&writer.canon, lks_leaves_names[i], (int64_t)said->counts[i]);
    lks_canon_int(&writer.canon, "bytes", (int64_t)said->bytes);
    lks_canon_end(&writer.canon);
    lks_statement_hide(&writer, "secret", lks_str_from(hex));
    int code = lks_vault_record(attesting->vault, &writer, &said->entry, err);
    return code ? code : lks_vault_commit(attesting->vault, err);
}

static int note_write(struct attesting *attesting, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES], name[64];
    struct lks_buffer text = {0};
    text_make(&attesting->said, &text);
    struct lks_str signed_text = {text.data, text.size_bytes};
    lks_buffer_append(&attesting->note, text.data, text.size_bytes);
    lks_buffer_byte(&attesting->note, '\n');
    int code = text.failed
                   ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                   : lks_note_sign(signed_text, lks_vault_verifier(attesting->vault),
                                   lks_vault_key(attesting->vault), 0, &attesting->note, err);
    lks_buffer_free(&text);
    if (code == 0)
        code = lks_vault_path(attesting->case_path, "attestations", path, err);
    if (code == 0)
        code = lks_disk_folder(path, err);
    snprintf(name, sizeof name, LEAVES_NAME, (unsigned long long)attesting->said.entry);
    if (code == 0)
        code = lks_vault_path(attesting->case_path, name, path, err);
    if (code == 0)
        code = lks_disk_put(path, attesting->leaves.hashes,
                            attesting->leaves.hashes_count * sizeof *attesting->leaves.hashes, 0600,
                            err);
    snprintf(name, sizeof name, "attestations/%012llu.note",
             (unsigned long long)attesting->said.entry);
    if (code == 0)
        code = lks_vault_path(attesting->case_path, name, path, err);
    if (code == 0)
        code = lks_disk_put(path, attesting->note.data, attesting->note.size_bytes, 0666, err);
    if (code || !attesting->note_path)
        return code;
    struct lks_writer writer = {0};
    code = lks_writer_open(&writer, attesting->note_path, err);
    if (code)
        return code;
    lks_writer_put(&writer, attesting->note.data, attesting->note.size_bytes);
    return lks_writer_commit(&writer, err);
}

static int attest(struct attesting *attesting, struct lks_error *err)
{
    int code = lks_hold_case_there(attesting->case_path, err);
    if (code == 0)
        code = lks_turn_open(attesting->case_path, attesting->control, &attesting->turn,
                             &attesting->vault, err);
    if (code == 0)
        code = lks_case_holds_read(attesting->case_path, UINT64_MAX, &attesting->holds, err);
    size_t at =
        code ? SIZE_MAX : lks_case_hold_find(&attesting->holds, lks_str_from(attesting->id));
    if (code == 0 && at == SIZE_MAX)
        code = lks_error_set(err, LKS_EMISSING, "%s has no hold '%.60s'", attesting->case_path,
                             attesting->id);
    if (code == 0 && attesting->holds.all.holds[at].released_us != LKS_TIME_NULL)
        code = lks_error_set(err, LKS_EARGUMENT, "hold %.60s was released: it covers nothing",
                             attesting->id);
    if (code == 0)
        code = lks_hold_store(attesting->case_path, attesting->control, &attesting->store, err);
    if (code == 0)
        code = checkpoint_take(attesting, err);
    if (code)
        return code;
    attesting->said.hold = attesting->holds.all.holds[at].id;
    attesting->said.version = attesting->holds.all.holds[at].versions;
    code = leaves_take(attesting, at, err);
    if (code == 0)
        code = attestation_record(attesting, err);
    return code ? code : note_write(attesting, err);
}

int lks_case_hold_attest(const char *case_path, const char *id, const char *note_path, int as_json,
                         const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct attesting attesting = {.case_path = case_path,
                                  .id = id ? id : "",
                                  .note_path = note_path,
                                  .control = control,
                                  .turn = -1};
    struct lks_buffer out = {0};
    *text_out = NULL;
    int code = attest(&attesting, err);
    if (code == 0 && as_json) {
        struct lks_json json = {.buffer = &out, .indent = 2};
        lks_json_object(&json, NULL);
        said_json(&json, &attesting.said);
        lks_json_string(&json, "note",
                        (struct lks_str){attesting.note.data, attesting.note.size_bytes});
        lks_json_object_end(&json);
        lks_buffer_byte(&out, '\n');
    } else if (code == 0) {
        lks_buffer_text(&out, "Attested: ");
        said_text(&attesting.said, &out);
    }
    lks_store_close(attesting.store);
    lks_vault_close(attesting.vault);
    lks_turn_end(attesting.turn);
    lks_case_holds_free(&attesting.holds);
    lks_hold_leaves_free(&attesting.leaves);
    lks_buffer_free(&attesting.checkpoint);
    lks_buffer_free(&attesting.note);
    explicit_bzero(attesting.secret, sizeof attesting.secret);
    return text_give(code, &out, text_out, err);
}

/* ---- checking one ---- */

struct checking {
    struct attestation said;
    unsigned char secret[LKS_SALT_BYTES];
    int found, agrees, has_secret;
};

static int secret_read(struct lks_str hex, unsigned char *secret)
{
    if (hex.size_bytes != 2 * LKS_SALT_BYTES)
        return 0;
    for (int i = 0; i < LKS_SALT_BYTES; i++) {
        unsigned byte;
        char pair[3] = {hex.data[2 * i], hex.data[2 * i + 1], 0};
        if (sscanf(pair, "%2x", &byte) != 1)
            return 0;
        secret[i] = (unsigned char)byte;
    }
    return 1;
}

static int entry_compare(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct checking *checking = context;
    const struct lks_statement *statement = &entry->statement;
    struct lks_str action, id, root;
    char hex[LKS_SHA256_HEX_BYTES], path[32];
    int64_t number;
    (void)err;
    checking->found = 1;
    lks_statement_text(statement, "action", entry->arena, &action);
    lks_statement_text(statement, "id", entry->arena, &id);
    lks_statement_text(statement, "root", entry->arena, &root);
    lks_sha256_hex(checking->said.root.bytes, hex);
    checking->agrees = statement->kind == LKS_STATEMENT_HOLD &&
                       lks_str_equal_text(action, "attest") &&
                       lks_str_equal(id, checking->said.hold) && lks_str_equal_text(root, hex) &&
                       lks_statement_int(statement, "checkpoint_size", entry->arena, &number) &&
                       (uint64_t)number == checking->said.log_size;
    for (int i = 0; i < LKS_LEAVES; i++) {
        snprintf(path, sizeof path, "counts.%s", lks_leaves_names[i]);
        checking->agrees &= lks_statement_int(statement, path, entry->arena, &number) &&
                            (uint64_t)number == checking->said.counts[i];
    }
    checking->has_secret = secret_read(lks_entry_value(entry, "secret"), checking->secret);
    return 0;
}

/* The note is the case's own, and the log is still the one that it was made under. */
static int note_verify(const char *case_path, const struct lks_note *note,
                       struct checking *checking, struct lks_error *err)
{
    struct lks_verifiers keys = {0};
    struct lks_note_signer *signers = NULL;
    struct lks_tree *tree = NULL;
    struct lks_hash root;
    char folder[LKS_CASE_PATH_BYTES];
    size_t count;
    int code = lks_signer_verifiers(case_path, &keys, err);
    if (code == 0 && !(signers = calloc(keys.count + 1, sizeof *signers)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_note_verify(note, keys.items, keys.count, signers, &count, err);
    if (code == 0)
        code = lks_vault_path(case_path, NULL, folder, err);
    if (code == 0)
        code = lks_entries_each(case_path, checking->said.entry, checking->said.entry + 1,
                                entry_compare, checking, err);
    if (code == 0 && !checking->found)
        code = lks_error_set(err, LKS_EINPUT, "the log has no entry %llu: it is an older copy",
                             (unsigned long long)checking->said.entry);
    if (code == 0 && !checking->agrees)
        code = lks_error_set(err, LKS_EINPUT, "entry %llu of the log says something else",
                             (unsigned long long)checking->said.entry);
    if (code == 0) {
        struct lks_tile_source tiles = lks_log_tiles(folder);
        code = lks_tree_open(&tiles, checking->said.log_size, &tree, err);
        if (code == 0)
            lks_tree_root(tree, &root);
        if (code == 0 && !lks_hash_equal(&root, &checking->said.log_root))
            code = lks_error_set(err, LKS_EINPUT, "the log is not the one that was attested");
        lks_tree_free(tree);
    }
    free(signers);
    lks_verifiers_free(&keys);
    return code;
}

static int leaves_compare(const char *case_path, const struct lks_control *control,
                          const struct checking *checking, struct lks_hold_leaves *now,
                          struct lks_error *err)
{
    struct lks_store *store = NULL;
    struct lks_case_holds holds = {0};
    int code = checking->has_secret
                   ? 0
                   : lks_error_set(err, LKS_EINPUT,
                                   "the secret of the attestation is not disclosed here: what is "
                                   "held cannot be compared");
    if (code == 0) /* the hold as it stood then */
        code = lks_case_holds_read(case_path, checking->said.entry, &holds, err);
    size_t at = code ? SIZE_MAX : lks_case_hold_find(&holds, checking->said.hold);
    if (code == 0 && at == SIZE_MAX)
        code = lks_error_set(err, LKS_EINPUT, "the log knows no such hold before the attestation");
    if (code == 0)
        code = lks_hold_store(case_path, control, &store, err);
    if (code == 0)
        code = lks_hold_leaves_make(store, case_path, &holds.all, at, checking->said.log_size,
                                    checking->secret, control, now, err);
    lks_store_close(store);
    lks_case_holds_free(&holds);
    return code;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct lks_hash));
}

/* How many of the leaves that were attested are not among those of now. Where their list is not here, or
 * is another than was attested, 0 where the roots are the same and else UINT64_MAX: it cannot be said. */
static uint64_t leaves_missing(const char *case_path, const struct attestation *said,
                               struct lks_hold_leaves *now)
{
    char name[64], path[LKS_CASE_PATH_BYTES];
    struct lks_buffer list = {0};
    struct lks_merkle_edge edge = {0};
    struct lks_hash root, leaf;
    uint64_t missing = 0;
    snprintf(name, sizeof name, LEAVES_NAME, (unsigned long long)said->entry);
    int code = lks_vault_path(case_path, name, path, NULL);
    if (code == 0)
        code = lks_disk_get(path, LEAVES_BYTES_MAX, &list, NULL);
    if (now->hashes_count)
        qsort(now->hashes, now->hashes_count, sizeof *now->hashes, by_bytes);
    for (size_t at = 0; code == 0 && at + sizeof leaf <= list.size_bytes; at += sizeof leaf) {
        memcpy(&leaf, list.data + at, sizeof leaf);
        lks_merkle_edge_append(&edge, &leaf);
        missing += !now->hashes_count ||
                   !bsearch(&leaf, now->hashes, now->hashes_count, sizeof *now->hashes, by_bytes);
    }
    lks_merkle_edge_root(&edge, &root);
    if (code || list.size_bytes % sizeof leaf || !lks_hash_equal(&root, &said->root))
        missing = lks_hash_equal(&now->root, &said->root) ? 0 : UINT64_MAX;
    lks_buffer_free(&list);
    return missing;
}

static void check_json(const struct attestation *said, const struct lks_hold_leaves *now,
                       uint64_t missing, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    lks_json_object(&json, NULL);
    lks_json_bool(&json, "holds", missing == 0);
    lks_json_key(&json, "missing");
    if (missing == UINT64_MAX)
        lks_json_null(&json, NULL); /* some, but nobody can say how many */
    else
        lks_json_uint(&json, NULL, missing);
    lks_json_object(&json, "attested");
    said_json(&json, said);
    lks_json_object_end(&json);
    lks_json_object(&json, "now");
    for (int i = 0; i < LKS_LEAVES; i++) {
        lks_json_uint(&json, lks_leaves_names[i], now->counts[i]);
    }
    lks_json_object_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

static void check_text(const struct attestation *said, const struct lks_hold_leaves *now,
                       uint64_t missing, struct lks_buffer *out)
{
    if (missing == 0)
        lks_buffer_text(out, "All that was attested is here: ");
    else if (missing == UINT64_MAX)
        lks_buffer_text(out, "What is here is not what was attested: ");
    else
        lks_buffer_format(out,
                          "%llu of what was attested %s not here: ", (unsigned long long)missing,
                          missing == 1 ? "is" : "are");
    said_text(said, out);
    for (int i = 0; i < LKS_LEAVES; i++)
        if (now->counts[i] != said->counts[i])
            lks_buffer_format(out, "    %s that the hold covers now: %llu\n", lks_leaves_names[i],
                              (unsigned long long)now->counts[i]);
}

int lks_case_hold_check(const char *case_path, const char *note_path, int as_json,
                        const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_buffer bytes = {0}, out = {0};
    struct lks_note *note = calloc(1, sizeof *note);
    struct checking checking = {0};
    struct lks_hold_leaves now = {0};
    *text_out = NULL;
    int code = note ? lks_hold_case_there(case_path, err)
                    : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_disk_get(note_path, LKS_NOTE_BYTES_MAX, &bytes, err);
    if (code == 0)
        code = lks_note_parse((struct lks_str){bytes.data, bytes.size_bytes}, note, err);
    if (code == 0 && !text_read(note->text, &checking.said))
        code = lks_error_set(err, LKS_EINPUT, "%s is no attestation", note_path);
    if (code == 0)
        code = note_verify(case_path, note, &checking, err);
    if (code == 0)
        code = leaves_compare(case_path, control, &checking, &now, err);
    if (code == 0) {
        uint64_t missing = leaves_missing(case_path, &checking.said, &now);
        as_json ? check_json(&checking.said, &now, missing, &out)
                : check_text(&checking.said, &now, missing, &out);
        code = missing != 0;
    }
    lks_hold_leaves_free(&now);
    lks_buffer_free(&bytes);
    free(note);
    return text_give(code, &out, text_out, err);
}
