/* erase_scan.h - one sealed file, read again to see what would go, and which holds stand in the way
 *
 * The file is judged by its own rows, not by the store: a row that the store passed over, since another
 * file had the post before, may say more than that one did. Rows that cannot be read, or say nothing
 * that is known here, count as whatever a hold may be about. */
#ifndef LKS_ENGINE_ERASE_SCAN_H
#define LKS_ENGINE_ERASE_SCAN_H

#include "case/imports.h"
#include "custody/matcher.h"
#include "engine/settings.h"
#include "record/record.h"

enum lks_erase_what { LKS_ERASE_FILE, LKS_ERASE_ACCOUNT, LKS_ERASE_AGE };

/* What shall go. */
struct lks_erase_wish {
    enum lks_erase_what what;
    struct lks_str account_key;            /* LKS_ERASE_ACCOUNT */
    const struct lks_retention *retention; /* LKS_ERASE_AGE */
    int64_t now_us;
};

struct lks_erase_range {
    uint64_t offset_bytes, length_bytes;
};

/* What a reading found. Zero it to start; reused and freed by lks_erase_scan_free. */
struct lks_erase_scan {
    uint64_t records; /* posts, payments, and rows that only tell of accounts */
    uint64_t wanted;  /* of them, that shall go */
    uint64_t held;    /* of the wanted, covered by a hold: they stay */
    uint64_t tied;    /* of the wanted, in one row with others' records: they stay */
    uint64_t named;   /* rows of others that tell of the account too: they stay */
    uint64_t unknown; /* rows that cannot be read or say nothing, blanked ones apart */
    uint64_t blanked; /* rows that were blanked out before */
    struct lks_erase_range *ranges; /* [ranges_count] rows to blank, rising, none twice */
    size_t ranges_count, ranges_room;
    unsigned char *holds;        /* [holds] 1: it stands in the way of some of the wanted */
    unsigned char *file_holds;   /* [holds] 1: it covers the file itself, or something in it */
    uint64_t kept_sum, gone_sum; /* digests over the records that stay and that go */
    uint64_t kept_count, gone_count;
    int parquet;
};

/* Reads the bytes of the import, which lie in the open file, as the import was read. The entry is that
 * of the import. holds are those of the matcher. all: every record counts as one that stays. Errors as
 * lks_source_read. */
int lks_erase_scan_run(int bytes, const struct lks_import_reading *reading,
                       const struct lks_erase_wish *wish, const struct lks_holds *holds,
                       struct lks_matcher *matcher, const struct lks_control *control,
                       struct lks_erase_scan *scan, struct lks_error *err);
void lks_erase_scan_free(struct lks_erase_scan *scan);

/* Copies the content of the file, decompressed, with the scan's rows blanked out. */
int lks_erase_copy(int bytes, int copy, const struct lks_erase_scan *scan, int keep_line_ends,
                   const struct lks_control *control, struct lks_error *err);

#endif
