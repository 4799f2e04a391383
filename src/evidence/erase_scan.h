/* erase_scan.h - one sealed file, read again to see what would go, and which holds stand in the way
 *
 * The file is judged by its own rows, not by the store: a row that the store passed over, since another
 * file had the post before, may say more than that one did. Rows that cannot be read, or say nothing
 * that is known here, count as whatever a hold may be about. */
#ifndef LKS_EVIDENCE_ERASE_SCAN_H
#define LKS_EVIDENCE_ERASE_SCAN_H

#include "case/imports.h"
#include "custody/matcher.h"
#include "intake/settings.h"
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
    struct lks_import_counts read; /* as the source counts; no duplicates */
    int keep_line_ends;            /* of rows that are blanked out: a JSON document's */
};

/* Reads the bytes of the import, which lie in the open file, as the import was read. The entry is that
 * of the import. holds are those of the matcher. all: every record counts as one that stays. Errors as
 * lks_source_read. */
int lks_erase_scan_run(int bytes, const struct lks_import_reading *reading,
                       const struct lks_erase_wish *wish, const struct lks_holds *holds,
                       struct lks_matcher *matcher, const struct lks_control *control,
                       struct lks_erase_scan *scan, struct lks_error *err);
void lks_erase_scan_free(struct lks_erase_scan *scan);
/* The same for a file of the vault. call, which may be NULL, gets the import, how it was read, and its
 * bytes, after the scan. LKS_EMISSING where the file was erased. */
int lks_erase_scan_import(const char *case_path, const struct lks_case_import *import,
                          const struct lks_erase_wish *wish, const struct lks_holds *holds,
                          const struct lks_control *control, struct lks_erase_scan *scan,
                          int (*call)(void *context, const struct lks_import *import,
                                      const struct lks_import_reading *reading, int bytes,
                                      struct lks_error *err),
                          void *context, struct lks_error *err);

/* A copy of the bytes, decompressed, with the scan's rows blanked out; it was read again and holds all that
 * stays and nothing of what goes. counts_out is what that reading came to, every post as new.
 * *copy_out is a file without a name, at its beginning. 1 where that cannot be had, since rows of
 * others are made of what goes. */
int lks_erase_copy(const char *case_path, int bytes, const struct lks_import_reading *reading,
                   const struct lks_erase_scan *scan, const struct lks_control *control,
                   int *copy_out, struct lks_import_counts *counts_out, struct lks_error *err);

#endif
