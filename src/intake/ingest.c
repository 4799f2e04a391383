/* ingest.c - files into a case: seal, read, log, store
 *
 * Each file is sealed (an encrypted copy of the bytes on disk in the vault) before it is parsed,
 * and must not have changed when parsing ends. When all files of a call are parsed their imports
 * are logged, and only then the store commits. So all files of one call enter in one
 * transaction: after a failure or Ctrl-C the case is as it was. A crash between the two commits
 * leaves files that the vault has and the store does not; redo.c reads them from the vault. */
#include "intake/ingest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sha256.h"
#include "base/threads.h"
#include "case/case.h"
#include "intake/file_take.h"
#include "intake/rebuild.h"
#include "source/zone.h"

struct reading {
    struct lks_store *store;
    struct lks_vault *vault;
    const struct lks_control *control;
    const struct lks_source_options *source;
    struct lks_store_file *files; /* [files_count] those that were taken */
    size_t files_count;
};

static int same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Seals the file; 1 where the case has it already. Only where a file of its size is known is it read
 * for its digest first: a known file is not sealed again, and others are read once. */
static int file_seal(struct reading *reading, const char *path, const struct stat *status,
                     struct lks_store_file *file, struct lks_error *err)
{
    struct lks_blob blob;
    unsigned char digest[LKS_SHA256_BYTES];
    int known = 0, code = 0;
    if (S_ISREG(status->st_mode))
        code = lks_store_size_known(reading->store, (uint64_t)status->st_size, &known, err);
    if (code == 0 && known) {
        code = lks_source_seal(path, reading->control, &file->size_bytes, digest, err);
        if (code == 0) {
            lks_sha256_hex(digest, file->sha256);
            code = lks_store_file_known(reading->store, file->sha256, err);
        }
    }
    if (code)
        return code;
    code = lks_vault_seal(reading->vault, path, reading->control, &blob, err);
    if (code)
        return code;
    file->size_bytes = blob.size_bytes;
    lks_sha256_hex(blob.sha256, file->sha256);
    memcpy(file->blob, blob.name, sizeof file->blob);
    return 0;
}

static int file_ingest(struct reading *reading, const char *path, struct lks_ingest_tally *tally,
                       struct lks_error *err)
{
    struct stat before, after;
    double start = lks_clock_seconds();
    struct lks_store_file *file = &reading->files[reading->files_count];
    if (stat(path, &before) != 0)
        return lks_error_system(err, path, "cannot be read");
    if (!S_ISREG(before.st_mode) && !S_ISDIR(before.st_mode)) /* it is read twice */
        return lks_error_set(err, LKS_EINPUT,
                             "%s is a pipe or a device, which cannot be sealed; save what it gives "
                             "as a file",
                             path);
    *file = (struct lks_store_file){.name = last_part(path)};
    int code = file_seal(reading, path, &before, file, err);
    tally->seal += lks_clock_seconds() - start;
    if (code) {
        tally->files_known += code == 1;
        return code < 0 ? code : 0;
    }
    start = lks_clock_seconds();
    code = lks_file_take(reading->store, path, reading->source, reading->control, file, err);
    if (code == 1) { /* it came in twice by this call, and grew between */
        tally->files_known++;
        return lks_vault_unseal(reading->vault, file->blob, err);
    }
    if (code == 0 && (stat(path, &after) != 0 || !same_file(&before, &after)))
        code = lks_error_set(err, LKS_EIO, "%s changed while it was being read; nothing was taken",
                             path);
    reading->files_count++;
    tally->parse += lks_clock_seconds() - start;
    return code;
}

/* An entry for each file, staged; the store learns which. */
static int files_record(struct reading *reading, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < reading->files_count; i++) {
        struct lks_store_file *file = &reading->files[i];
        struct lks_import import = {.name = lks_str_from(file->name),
                                    .size_bytes = file->size_bytes,
                                    .format = file->format,
                                    .counts = lks_file_counts(file),
                                    .place = i + 1,
                                    .of = reading->files_count};
        memcpy(import.blob, file->blob, sizeof import.blob);
        memcpy(import.sha256, file->sha256, sizeof import.sha256);
        code = lks_import_record(reading->vault, &import, reading->source, err);
        file->leaf = import.leaf;
        if (code == 0)
            code = lks_store_file_done(reading->store, file, err);
    }
    return code ? code : lks_store_leaves_set(reading->store, lks_vault_size(reading->vault), err);
}

/* From here on the files are evidence, whatever the store says. */
static int files_commit(struct reading *reading, struct lks_ingest_tally *tally,
                        struct lks_error *err)
{
    struct lks_error inner = {0};
    int code = lks_vault_commit(reading->vault, err);
    if (code) {
        lks_store_rollback(reading->store);
        return code;
    }
    tally->logged = reading->files_count > 0;
    code = lks_store_commit(reading->store, &inner);
    return code ? lks_error_set(err, code,
                                "%s; the files are sealed and logged: the next ingest, or "
                                "'lockstep rebuild', reads them from the vault",
                                inner.message)
                : 0;
}

static int options_read(const struct lks_ingest_options *options, struct lks_source_options *source,
                        struct lks_mapping *mapping, struct lks_error *err)
{
    if (!options->files_count)
        return lks_error_set(err, LKS_EARGUMENT, "no file was named");
    *source = lks_source_options_default();
    source->as = options->as;
    if (options->rejects_share_max < 0 || options->rejects_share_max > 1)
        return lks_error_set(err, LKS_EARGUMENT, "the share of rejects must lie in 0 to 1");
    if (options->rejects_share_max > 0)
        source->rejects_share_max = options->rejects_share_max;
    if (options->as && !lks_adapter_find(options->as))
        return lks_error_set(err, LKS_EARGUMENT,
                             "'%s' is no format; 'lockstep ingest --help' lists them", options->as);
    if (options->zone && lks_zone_parse(lks_str_from(options->zone), &source->zone_offset_us) != 0)
        return lks_error_set(err, LKS_EARGUMENT, "'%s' is no offset from UTC; write +02:00",
                             options->zone);
    if (!options->map)
        return 0;
    source->mapping = mapping;
    return lks_mapping_parse(options->map, mapping, err);
}

static int files_ingest(struct reading *reading, const struct lks_ingest_options *options,
                        struct lks_ingest_tally *tally, struct lks_error *err)
{
    double start;
    int code = lks_store_begin(reading->store, err);
    for (size_t i = 0; code == 0 && i < options->files_count; i++)
        code = file_ingest(reading, options->files[i], tally, err);
    start = lks_clock_seconds();
    if (code == 0)
        code = files_record(reading, err);
    if (code == 0)
        code = lks_store_finish(reading->store, err);
    if (code == 0)
        code = files_commit(reading, tally, err);
    else
        lks_store_rollback(reading->store);
    tally->parse += lks_clock_seconds() - start;
    return code;
}

int lks_ingest_files(struct lks_store *store, struct lks_vault *vault,
                     const struct lks_settings *settings, const struct lks_ingest_options *options,
                     const struct lks_control *control, struct lks_ingest_tally *tally,
                     struct lks_error *err)
{
    struct lks_source_options source;
    struct lks_mapping mapping = {0};
    struct reading reading = {
        .store = store, .vault = vault, .control = control, .source = &source};
    int code = options_read(options, &source, &mapping, err);
    if (!options->zone) {
        source.zones = settings->zones;
        source.zones_count = settings->zones_count;
    }
    if (code == 0 && !(reading.files = calloc(options->files_count, sizeof *reading.files)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = files_ingest(&reading, options, tally, err);
    free(reading.files);
    lks_mapping_free(&mapping);
    return code;
}

/* A store that has files, and no vault that could have: the evidence is gone, and a new vault would
 * hide that. */
static int vault_check(struct lks_store *store, const char *case_path, struct lks_error *err)
{
    struct lks_store_counts counts;
    if (lks_vault_there(case_path))
        return 0;
    int code = lks_store_counts(store, &counts, err);
    if (code == 0 && counts.files)
        code =
            lks_error_set(err, LKS_EINPUT,
                          "%s has files and no vault: put CASE/vault back from a copy", case_path);
    return code;
}

int lks_ingest_open(const char *case_path, const struct lks_control *control,
                    struct lks_ingest_case *opened, struct lks_error *err)
{
    *opened = (struct lks_ingest_case){0};
    int code = lks_case_open_or_make(case_path, control, &opened->store_made, &opened->store, err);
    if (code == 0 && !opened->store_made)
        code = vault_check(opened->store, case_path, err);
    if (code == 0)
        code = lks_vault_open(case_path, control, &opened->vault_made, &opened->vault, err);
    if (code == 0)
        code = lks_store_catch_up(case_path, opened->vault, control, &opened->store, err);
    return code;
}

void lks_ingest_close(const char *case_path, struct lks_ingest_case *opened, int unmake)
{
    lks_vault_close(opened->vault);
    lks_store_close(opened->store);
    if (unmake && opened->vault_made)
        lks_vault_unmake(case_path);
    if (unmake && opened->store_made)
        lks_case_unmake(case_path);
    *opened = (struct lks_ingest_case){0};
}

int lks_ingest_counts(struct lks_store *store, struct lks_case_counts *counts,
                      struct lks_error *err)
{
    struct lks_store_counts stored;
    int code = lks_store_counts(store, &stored, err);
    if (code)
        return code;
    *counts = (struct lks_case_counts){
        .files = stored.files,
        .posts = stored.posts,
        .accounts = stored.accounts,
        .actions = stored.actions,
        .payments = stored.payments,
        .rejects = stored.rejects,
        .duplicates = stored.duplicates,
        .ignored = stored.ignored,
        .first_us = stored.first_us,
        .last_us = stored.last_us,
        .synthetic = stored.synthetic,
    };
    return 0;
}

int lks_case_ingest(const char *case_path, const struct lks_ingest_options *options,
                    const struct lks_control *control, struct lks_case_counts *counts_out,
                    struct lks_error *err)
{
    struct lks_ingest_case opened = {0};
    struct lks_ingest_tally tally = {0};
    struct lks_settings settings;
    int code = lks_settings_read(case_path, &settings, err);
    if (code == 0)
        code = lks_ingest_open(case_path, control, &opened, err);
    if (code == 0)
        code =
            lks_ingest_files(opened.store, opened.vault, &settings, options, control, &tally, err);
    if (code == 0 && counts_out)
        code = lks_ingest_counts(opened.store, counts_out, err);
    if (code == 0 && counts_out)
        counts_out->files_known = tally.files_known;
    lks_ingest_close(case_path, &opened, code && !tally.logged);
    lks_settings_free(&settings);
    return code;
}

int lks_format_at(size_t index, const char **name_out, const char **title_out)
{
    for (size_t i = 0; i <= index; i++)
        if (!lks_adapters[i])
            return 0;
    *name_out = lks_adapters[index]->name;
    *title_out = lks_adapters[index]->title;
    return 1;
}
