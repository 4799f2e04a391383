/* verify_journal.c - what the log's writer keeps for itself, against what it signed */
#include <stdio.h>
#include <stdlib.h>

#include "case/verify_log.h"
#include "vault/disk.h"
#include "vault/journal.h"
#include "vault/rows.h"
#include "vault/signed_record.h"

/* What the vault had signed when it was last used in this place; no copy of the vault has it. */
static int seen_check(struct lks_check *check, const char *folder, const char *origin,
                      const struct lks_checkpoint *checkpoint, struct lks_error *err)
{
    struct lks_signed_record seen;
    struct lks_error inner = {0};
    char path[LKS_DISK_PATH_BYTES];
    if (snprintf(path, sizeof path, "%s.seen", folder) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    int code = lks_signed_record_get(path, origin, &seen, &inner);
    if (code == LKS_EMISSING)
        return 0;
    if (code == LKS_EINPUT)
        lks_check_note(check, "vault.seen is damaged, or another log's");
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    else if (seen.size > checkpoint->size)
        lks_check_damaged(check,
                          "%llu entries were signed in this place before, the checkpoint covers "
                          "%llu: an older copy was put back",
                          (unsigned long long)seen.size, (unsigned long long)checkpoint->size);
    else if (seen.size == checkpoint->size && !lks_hash_equal(&seen.root, &checkpoint->root))
        lks_check_damaged(check, "another log of the same size was signed in this place before");
    return 0;
}

/* Whether the record of the largest size ever signed is the checkpoint's. */
static int signed_check(struct lks_verification *verification, const char *folder,
                        const char *origin, const struct lks_checkpoint *checkpoint,
                        struct lks_error *err)
{
    struct lks_check *check = lks_check_start(verification, "signed", "record of signing");
    struct lks_signed_record record;
    struct lks_error inner = {0};
    char path[LKS_DISK_PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/signed", folder) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    int code = lks_signed_record_get(path, origin, &record, &inner);
    if (code == LKS_EMISSING)
        lks_check_missing(check, "the record of what was signed is not there");
    else if (code == LKS_EINPUT)
        lks_check_damaged(check, "the record of what was signed is damaged, or another log's");
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    else if (record.size < checkpoint->size)
        lks_check_damaged(check,
                          "it says that %llu entries were signed, the checkpoint covers %llu: an "
                          "older record was put back",
                          (unsigned long long)record.size, (unsigned long long)checkpoint->size);
    else if (record.size > checkpoint->size)
        lks_check_missing(check,
                          "%llu entries were signed, the checkpoint covers %llu: an older "
                          "checkpoint was put back, or a write was cut off, which the next one "
                          "mends",
                          (unsigned long long)record.size, (unsigned long long)checkpoint->size);
    else if (!lks_hash_equal(&record.root, &checkpoint->root))
        lks_check_damaged(check, "it names another root than the checkpoint");
    else
        lks_check_say(check, "the largest size ever signed here is the checkpoint's");
    return seen_check(check, folder, origin, checkpoint, err);
}

struct compare {
    struct lks_check *check;
    const char *folder;
    uint64_t size; /* of the checkpoint */
    uint64_t held; /* of the leaves: the number of the tile; UINT64_MAX: none */
    int held_there;
    struct lks_hash leaves[LKS_TILE_WIDTH];
    uint64_t beyond;
};

static int frame_compare(void *context, uint64_t sequence, struct lks_str entry,
                         struct lks_error *err)
{
    struct compare *compare = context;
    struct lks_hash leaf;
    if (sequence >= compare->size) {
        compare->beyond++;
        return 0;
    }
    compare->check->checked_count++;
    if (compare->held != sequence / LKS_TILE_WIDTH) {
        struct lks_tile tile = {0, sequence / LKS_TILE_WIDTH,
                                lks_tile_width(compare->size, 0, sequence / LKS_TILE_WIDTH)};
        struct lks_error inner = {0};
        int code = lks_tile_load(compare->folder, &tile, compare->leaves, &inner);
        if (code == LKS_EIO || code == LKS_EMEMORY)
            return lks_error_set(err, code, "%s", inner.message);
        compare->held = tile.index;
        compare->held_there = code == 0; /* what is not there was told with the tiles */
    }
    lks_merkle_leaf(entry.data, entry.size_bytes, &leaf);
    if (compare->held_there && !lks_hash_equal(&leaf, &compare->leaves[sequence % LKS_TILE_WIDTH]))
        lks_check_damaged(compare->check, "entry %llu of the journal is another than the log's",
                          (unsigned long long)sequence);
    return 0;
}

static int journal_check(struct lks_verification *verification, const char *folder,
                         const char *origin, const struct lks_checkpoint *checkpoint,
                         struct lks_error *err)
{
    struct lks_check *check = lks_check_start(verification, "journal", "journal");
    struct lks_journal_scan scan;
    struct lks_error inner = {0};
    char path[LKS_DISK_PATH_BYTES];
    struct compare *compare = calloc(1, sizeof *compare);
    if (!compare)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    *compare = (struct compare){
        .check = check, .folder = folder, .size = checkpoint->size, .held = UINT64_MAX};
    int code = snprintf(path, sizeof path, "%s/journal", folder) >= (int)sizeof path
                   ? lks_error_set(&inner, LKS_EARGUMENT, "a path is too long")
                   : lks_journal_read(path, origin, frame_compare, compare, &scan, &inner);
    if (code == LKS_EMISSING)
        lks_check_missing(check, "the journal is not there");
    else if (code == LKS_EINPUT)
        lks_check_damaged(check, "%s", inner.message);
    else if (code)
        lks_error_set(err, code, "%s", inner.message);
    else if (scan.next < checkpoint->size)
        lks_check_damaged(check, "it ends at entry %llu, though %llu were signed",
                          (unsigned long long)scan.next, (unsigned long long)checkpoint->size);
    else if (scan.first > checkpoint->size)
        lks_check_damaged(check, "it begins at entry %llu, beyond what was signed",
                          (unsigned long long)scan.first);
    else {
        lks_check_say(check, "entries %llu to %llu are the log's", (unsigned long long)scan.first,
                      (unsigned long long)(checkpoint->size ? checkpoint->size - 1 : 0));
        if (compare->beyond)
            lks_check_note(check, "%llu entries are safe but not signed yet",
                           (unsigned long long)compare->beyond);
        if (scan.torn_bytes)
            lks_check_note(check, "%llu bytes at its end are of an entry that was never whole",
                           (unsigned long long)scan.torn_bytes);
    }
    free(compare);
    return code == LKS_EMISSING || code == LKS_EINPUT ? 0 : code;
}

int lks_verify_journal(struct lks_verification *verification, const char *folder,
                       const struct lks_checkpoint *checkpoint, struct lks_error *err)
{
    char origin[LKS_NOTE_NAME_BYTES_MAX + 1];
    snprintf(origin, sizeof origin, "%.*s", (int)checkpoint->origin.size_bytes,
             checkpoint->origin.data);
    int code = signed_check(verification, folder, origin, checkpoint, err);
    return code ? code : journal_check(verification, folder, origin, checkpoint, err);
}
