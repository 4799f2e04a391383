/* bundle_log.c - records, statements, disclosures and proofs of an answer, written from the log
 *
 * One pass over the entries, in the order of leaves, so that each tile is read once. Every statement goes
 * into data/log/statements with a proof file of its own, which is checked before it is written; of the hidden values
 * those that the profile shows go into data/log/disclosures, and for a record into its line as
 * well. Nothing here asks the clock or draws a number: the same log gives the same bytes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/progress.h"
#include "base/writer.h"
#include "case/entries.h"
#include "dossier/csv_field.h"
#include "evidence/bundle.h"
#include "store/parquet.h"
#include "vault/disk.h"

/* A kind of record on its way into two files. */
struct lines {
    struct lks_writer ndjson, csv;
    char csv_path[LKS_CASE_PATH_BYTES];
    uint64_t count;
};

struct writing {
    struct lks_bundle *bundle;
    const char *folder;
    struct lks_writer statements, disclosures;
    struct lines kinds[LKS_ANSWER_RECORDS_COUNT];
    struct lks_tree *tree;
    struct lks_hash root;
    struct lks_buffer checkpoint; /* the signed note */
    struct lks_buffer line, field, proof;
    uint64_t shard; /* the last folder of proofs that was made, and 1 */
    uint64_t statements_count, proofs_count;
    struct lks_meter meter;
};

static int path_of(const struct writing *writing, const char *name, char out[LKS_CASE_PATH_BYTES],
                   struct lks_error *err)
{
    if (snprintf(out, LKS_CASE_PATH_BYTES, "%s/%s", writing->folder, name) >= LKS_CASE_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return 0;
}

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the answer");
}

/* ---- proofs ---- */

static int file_write(const char *path, const struct lks_buffer *bytes, struct lks_error *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0)
        return lks_error_system(err, path, "cannot be written");
    int code = lks_disk_write(file, path, bytes->data, bytes->size_bytes, err);
    if (close(file) != 0 && code == 0)
        code = lks_error_system(err, path, "cannot be written");
    return code;
}

static int shard_make(struct writing *writing, uint64_t index, struct lks_error *err)
{
    char name[LKS_ANSWER_PROOF_PATH_BYTES], path[LKS_CASE_PATH_BYTES];
    if (writing->shard == index / 1000 + 1)
        return 0;
    writing->shard = index / 1000 + 1;
    lks_answer_proof_path(index, name);
    *strrchr(name, '/') = '\0';
    int code = path_of(writing, name, path, err);
    if (code == 0 && mkdir(path, 0777) != 0 && errno != EEXIST)
        code = lks_error_system(err, path, "cannot be made");
    return code;
}

static int proof_put(struct writing *writing, const struct lks_entry *entry, struct lks_error *err)
{
    char name[LKS_ANSWER_PROOF_PATH_BYTES], path[LKS_CASE_PATH_BYTES];
    struct lks_proof proof;
    struct lks_hash leaf;
    uint64_t size = writing->bundle->frozen + 1;
    struct lks_str bytes = entry->statement.bytes;
    lks_merkle_leaf(bytes.data, bytes.size_bytes, &leaf);
    int code = lks_tree_inclusion(writing->tree, entry->index, &proof, err);
    if (code == 0)
        code = lks_merkle_inclusion_check(entry->index, 0, size, &leaf, proof.hashes, proof.count,
                                          &writing->root, err);
    if (code == 0)
        code = shard_make(writing, entry->index, err);
    lks_answer_proof_path(entry->index, name);
    if (code == 0)
        code = path_of(writing, name, path, err);
    lks_buffer_clear(&writing->proof);
    lks_proof_file_format(
        entry->index, &proof, LKS_STR_NULL,
        (struct lks_str){writing->checkpoint.data, writing->checkpoint.size_bytes},
        &writing->proof);
    if (code == 0 && writing->proof.failed)
        code = memory_out(err);
    if (code == 0)
        code = file_write(path, &writing->proof, err);
    writing->proofs_count += code == 0;
    return code;
}

/* ---- statements and disclosures ---- */

static int starts(struct lks_str text, const char *start)
{
    size_t size = strlen(start);
    return text.size_bytes >= size && memcmp(text.data, start, size) == 0;
}

/* What a recipient may see of a statement. Who acts is shown to nobody. Under pseudonyms
 * the values that were changed, and of the request what was asked and said, not whom it named. */
static int is_shown(const struct writing *writing, const struct lks_entry *entry,
                    struct lks_str name)
{
    static const char *const said[] = {"authority", "legal_basis", "answer", "missing"};
    if (lks_str_equal_text(name, "actor") || lks_str_equal_text(name, "pseudonym_key"))
        return 0;
    if (!writing->bundle->profile.pseudonyms)
        return entry->statement.kind != LKS_STATEMENT_DERIVE;
    if (entry->statement.kind != LKS_STATEMENT_REQUEST)
        return starts(name, LKS_ANSWER_SHOWN);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (lks_str_equal_text(name, said[i]))
            return 1;
    return starts(name, "question.");
}

static int statement_put(struct writing *writing, const struct lks_entry *entry,
                         struct lks_error *err)
{
    struct lks_str bytes = entry->statement.bytes;
    lks_writer_format(&writing->statements, "%llu ", (unsigned long long)entry->index);
    lks_writer_put(&writing->statements, bytes.data, bytes.size_bytes);
    lks_writer_put(&writing->statements, "\n", 1);
    for (size_t i = 0; i < entry->values_count; i++) {
        const struct lks_entry_value *value = &entry->values[i];
        if (!is_shown(writing, entry, value->name))
            continue;
        lks_writer_format(&writing->disclosures, "%llu ", (unsigned long long)entry->index);
        lks_writer_put(&writing->disclosures, value->disclosure.data, value->disclosure.size_bytes);
        lks_writer_put(&writing->disclosures, "\n", 1);
    }
    writing->statements_count++;
    int code = lks_meter_at(&writing->meter, writing->statements_count, err);
    return code ? code : proof_put(writing, entry, err);
}

/* ---- records ---- */

static struct lks_str value_of(const struct writing *writing, const struct lks_entry *entry,
                               const char *field)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s", writing->bundle->profile.pseudonyms ? LKS_ANSWER_SHOWN : "",
             field);
    return lks_entry_value(entry, name);
}

static void csv_add(struct writing *writing, size_t at, enum lks_answer_type type,
                    struct lks_str value)
{
    if (at)
        lks_buffer_byte(&writing->field, ',');
    if (value.data && type == LKS_ANSWER_TEXT)
        lks_csv_field(&writing->field, value, 0);
    else if (value.data)
        lks_buffer_append(&writing->field, value.data, value.size_bytes);
}

/* A count as it was frozen; digits, for nothing else is put there. */
static int64_t count_of(struct lks_str value)
{
    char digits[24] = "";
    memcpy(digits, value.data,
           value.size_bytes < sizeof digits ? value.size_bytes : sizeof digits - 1);
    return strtoll(digits, NULL, 10);
}

static void json_add(struct lks_json *json, const struct lks_answer_field *field,
                     struct lks_str value)
{
    if (!value.data)
        return;
    lks_json_key(json, field->name);
    if (field->type == LKS_ANSWER_COUNT)
        lks_json_int(json, NULL, count_of(value));
    else if (field->type == LKS_ANSWER_FLAG)
        lks_json_bool(json, NULL, lks_str_equal_text(value, "true"));
    else
        lks_json_string(json, NULL, value);
}

static int line_put(struct writing *writing, enum lks_answer_record record,
                    const struct lks_entry *entry, struct lks_error *err)
{
    struct lines *lines = &writing->kinds[record];
    struct lks_json json = {.buffer = &writing->line};
    char proof[LKS_ANSWER_PROOF_PATH_BYTES], leaf[24];
    size_t count;
    const struct lks_answer_field *fields = lks_answer_fields(record, &count);
    lks_answer_proof_path(entry->index, proof);
    snprintf(leaf, sizeof leaf, "%llu", (unsigned long long)entry->index);
    lks_buffer_clear(&writing->line);
    lks_buffer_clear(&writing->field);
    lks_json_object(&json, NULL);
    lks_json_uint(&json, "leaf", entry->index);
    lks_json_text(&json, "proof", proof + strlen("data/"));
    csv_add(writing, 0, LKS_ANSWER_COUNT, lks_str_from(leaf));
    for (size_t i = 0; i < count; i++) {
        struct lks_str value = value_of(writing, entry, fields[i].name);
        json_add(&json, &fields[i], value);
        csv_add(writing, 1, fields[i].type, value);
    }
    lks_json_object_end(&json);
    lks_buffer_byte(&writing->line, '\n');
    lks_buffer_byte(&writing->field, '\n');
    if (writing->line.failed || writing->field.failed)
        return memory_out(err);
    lks_writer_put(&lines->ndjson, writing->line.data, writing->line.size_bytes);
    lks_writer_put(&lines->csv, writing->field.data, writing->field.size_bytes);
    lines->count++;
    return 0;
}

/* The real keys are given their pseudonyms again, for the mapping. */
static int names_give(struct writing *writing, const struct lks_entry *entry, struct lks_error *err)
{
    static const struct {
        const char *field;
        enum lks_pseudonym_kind kind;
    } keys[] = {{"account_key", LKS_PSEUDONYM_ACCOUNT}, {"post_key", LKS_PSEUDONYM_POST}};
    for (size_t i = 0; writing->bundle->profile.pseudonyms && i < sizeof keys / sizeof *keys; i++) {
        struct lks_str key = lks_entry_value(entry, keys[i].field);
        int code =
            lks_profile_key(&writing->bundle->profile, keys[i].kind, &key, entry->arena, err);
        if (code)
            return code;
    }
    return 0;
}

static int record_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct writing *writing = context;
    struct lks_str name, what;
    int code = statement_put(writing, entry, err);
    if (code || entry->index == writing->bundle->frozen)
        return code;
    lks_statement_text(&entry->statement, "record", entry->arena, &name);
    lks_statement_text(&entry->statement, "what", entry->arena, &what);
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        if (lks_str_equal_text(name, lks_answer_record_names[i]) &&
            lks_str_equal_text(what, LKS_ANSWER_RECORD)) {
            code = names_give(writing, entry, err);
            return code ? code : line_put(writing, (enum lks_answer_record)i, entry, err);
        }
    return lks_error_set(err, LKS_EINPUT, "entry %llu is no record of the answer",
                         (unsigned long long)entry->index);
}

static int other_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    return statement_put(context, entry, err);
}

/* ---- all ---- */

/* The state of the log at which all was frozen, signed again: the same key gives the same bytes. */
static int checkpoint_make(struct writing *writing, const struct lks_vault *vault,
                           struct lks_error *err)
{
    const struct lks_verifier *verifier = lks_vault_verifier(vault);
    struct lks_checkpoint checkpoint = {.origin = lks_str_from(verifier->name),
                                        .size = writing->bundle->frozen + 1,
                                        .root = writing->root};
    struct lks_buffer text = {0}, key = {0};
    char path[LKS_CASE_PATH_BYTES];
    lks_checkpoint_format(&checkpoint, &text);
    lks_buffer_append(&writing->checkpoint, text.data, text.size_bytes);
    lks_buffer_byte(&writing->checkpoint, '\n');
    int code = text.failed ? memory_out(err)
                           : lks_note_sign((struct lks_str){text.data, text.size_bytes}, verifier,
                                           lks_vault_key(vault), 0, &writing->checkpoint, err);
    if (code == 0)
        code = path_of(writing, LKS_ANSWER_CHECKPOINT, path, err);
    if (code == 0)
        code = file_write(path, &writing->checkpoint, err);
    lks_verifier_format(verifier, &key);
    lks_buffer_byte(&key, '\n');
    if (code == 0)
        code = key.failed ? memory_out(err) : path_of(writing, LKS_ANSWER_SIGNER, path, err);
    if (code == 0)
        code = file_write(path, &key, err);
    lks_buffer_free(&text);
    lks_buffer_free(&key);
    return code;
}

static int lines_open(struct writing *writing, enum lks_answer_record record, struct lks_error *err)
{
    struct lines *lines = &writing->kinds[record];
    char name[64], path[LKS_CASE_PATH_BYTES];
    size_t count;
    const struct lks_answer_field *fields = lks_answer_fields(record, &count);
    snprintf(name, sizeof name, LKS_ANSWER_RECORDS "/%s.ndjson", lks_answer_file_names[record]);
    int code = path_of(writing, name, path, err);
    if (code == 0)
        code = lks_writer_open(&lines->ndjson, path, err);
    snprintf(name, sizeof name, LKS_ANSWER_RECORDS "/%s.csv", lks_answer_file_names[record]);
    if (code == 0)
        code = path_of(writing, name, lines->csv_path, err);
    if (code == 0)
        code = lks_writer_open(&lines->csv, lines->csv_path, err);
    if (code)
        return code;
    lks_writer_text(&lines->csv, "leaf");
    for (size_t i = 0; i < count; i++)
        lks_writer_format(&lines->csv, ",%s", fields[i].name);
    lks_writer_text(&lines->csv, "\n");
    return 0;
}

/* The CSV was only on the way to Parquet. */
static int lines_close(struct writing *writing, enum lks_answer_record record,
                       struct lks_error *err)
{
    static const char *const types[] = {[LKS_ANSWER_TEXT] = "VARCHAR",
                                        [LKS_ANSWER_COUNT] = "BIGINT",
                                        [LKS_ANSWER_TIME] = "TIMESTAMPTZ",
                                        [LKS_ANSWER_FLAG] = "BOOLEAN"};
    struct lines *lines = &writing->kinds[record];
    const char *columns[LKS_BUNDLE_FIELDS_MAX + 1] = {"BIGINT"};
    char name[64], path[LKS_CASE_PATH_BYTES];
    size_t count;
    const struct lks_answer_field *fields = lks_answer_fields(record, &count);
    for (size_t i = 0; i < count; i++)
        columns[i + 1] = types[fields[i].type];
    int code = lks_writer_commit(&lines->ndjson, err);
    if (code == 0)
        code = lks_writer_commit(&lines->csv, err);
    snprintf(name, sizeof name, LKS_ANSWER_RECORDS "/%s.parquet", lks_answer_file_names[record]);
    if (code == 0)
        code = path_of(writing, name, path, err);
    if (code == 0)
        code = lks_parquet_from_csv(lines->csv_path, columns, count + 1, path, err);
    if (code == 0 && unlink(lines->csv_path) != 0)
        code = lks_error_system(err, lines->csv_path, "cannot be removed");
    if (code == 0 && lines->count != writing->bundle->counts[record])
        code = lks_error_set(err, LKS_EINPUT, "%llu %s were frozen, and %llu written",
                             (unsigned long long)writing->bundle->counts[record],
                             lks_answer_file_names[record], (unsigned long long)lines->count);
    return code;
}

static int compare_index(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Statements that are no records: the request, the replies, and where it may be told the imports and the
 * run. All stand before the records. */
static int others_put(struct writing *writing, struct lks_error *err)
{
    const struct lks_bundle *bundle = writing->bundle;
    size_t count = 0, most = bundle->request->questions_count + bundle->imports_count + 2;
    uint64_t *indexes = calloc(most, sizeof *indexes);
    int code = 0;
    if (!indexes)
        return memory_out(err);
    indexes[count++] = bundle->entry->leaf;
    for (size_t i = 0; i < bundle->request->questions_count; i++)
        if (bundle->entry->replies[i].leaf != UINT64_MAX)
            indexes[count++] = bundle->entry->replies[i].leaf;
    for (size_t i = 0; !bundle->profile.pseudonyms && i < bundle->imports_count; i++)
        indexes[count++] = bundle->imports[i];
    if (!bundle->profile.pseudonyms && bundle->derive != UINT64_MAX)
        indexes[count++] = bundle->derive;
    qsort(indexes, count, sizeof *indexes, compare_index);
    for (size_t i = 0; code == 0 && i < count; i++)
        if ((i == 0 || indexes[i] != indexes[i - 1]) && indexes[i] < bundle->first)
            code = lks_entries_each(bundle->case_path, indexes[i], indexes[i] + 1, other_take,
                                    writing, err);
    free(indexes);
    return code;
}

static int files_open(struct writing *writing, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = path_of(writing, LKS_ANSWER_STATEMENTS, path, err);
    if (code == 0)
        code = lks_writer_open(&writing->statements, path, err);
    if (code == 0)
        code = path_of(writing, LKS_ANSWER_DISCLOSURES, path, err);
    if (code == 0)
        code = lks_writer_open(&writing->disclosures, path, err);
    for (int i = 0; code == 0 && i < LKS_ANSWER_RECORDS_COUNT; i++)
        code = lines_open(writing, (enum lks_answer_record)i, err);
    return code;
}

static int folders_make(struct writing *writing, struct lks_error *err)
{
    static const char *const names[] = {"data", LKS_ANSWER_RECORDS, "data/log", LKS_ANSWER_PROOFS,
                                        LKS_ANSWER_FINDINGS};
    char path[LKS_CASE_PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int code = path_of(writing, names[i], path, err);
        if (code == 0 && mkdir(path, 0777) != 0)
            code = lks_error_system(err, path, "cannot be made");
        if (code)
            return code;
    }
    return 0;
}

static void writing_free(struct writing *writing)
{
    lks_writer_abandon(&writing->statements);
    lks_writer_abandon(&writing->disclosures);
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++) {
        lks_writer_abandon(&writing->kinds[i].ndjson);
        lks_writer_abandon(&writing->kinds[i].csv);
    }
    lks_tree_free(writing->tree);
    lks_buffer_free(&writing->checkpoint);
    lks_buffer_free(&writing->line);
    lks_buffer_free(&writing->field);
    lks_buffer_free(&writing->proof);
}

int lks_bundle_log(struct lks_bundle *bundle, const struct lks_vault *vault, const char *folder,
                   struct lks_error *err)
{
    struct writing writing = {.bundle = bundle, .folder = folder};
    struct lks_tile_source tiles = lks_log_tiles(lks_vault_folder(vault));
    lks_meter_start(&writing.meter, bundle->control, "prove", "statements",
                    bundle->frozen - bundle->first + 1);
    int code = folders_make(&writing, err);
    if (code == 0)
        code = lks_tree_open(&tiles, bundle->frozen + 1, &writing.tree, err);
    if (code == 0) {
        lks_tree_root(writing.tree, &writing.root);
        code = checkpoint_make(&writing, vault, err);
    }
    if (code == 0)
        code = files_open(&writing, err);
    if (code == 0)
        code = others_put(&writing, err);
    if (code == 0)
        code = lks_entries_each(bundle->case_path, bundle->first, bundle->frozen + 1, record_take,
                                &writing, err);
    for (int i = 0; code == 0 && i < LKS_ANSWER_RECORDS_COUNT; i++)
        code = lines_close(&writing, (enum lks_answer_record)i, err);
    if (code == 0)
        code = lks_writer_commit(&writing.statements, err);
    if (code == 0)
        code = lks_writer_commit(&writing.disclosures, err);
    if (code == 0 && writing.proofs_count != writing.statements_count)
        code = lks_error_set(err, LKS_EINPUT, "a statement has no proof");
    if (code == 0)
        lks_meter_finish(&writing.meter);
    writing_free(&writing);
    return code;
}
