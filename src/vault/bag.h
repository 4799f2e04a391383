/* bag.h - BagIt (RFC 8493): a folder that says what is in it, digest by digest */
#ifndef LKS_VAULT_BAG_H
#define LKS_VAULT_BAG_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* A line of bag-info.txt, in the order given. */
struct lks_bag_info {
    const char *label;
    const char *value; /* one line */
};

/* Makes a bag out of a folder that holds data/ and, if wanted, tag files beside it: writes
 * bagit.txt, bag-info.txt (infos, then Payload-Oxum), manifest-sha512.txt, and tagmanifest-sha512.txt
 * over all tag files, durably. Same files and infos, same bytes. LKS_EINPUT where something in it is
 * neither folder nor plain file, LKS_EIO, LKS_EMEMORY, LKS_ECANCELLED. */
int lks_bag_make(const char *folder, const struct lks_bag_info *infos, size_t infos_count,
                 const struct lks_control *control, struct lks_error *err);

/* What a check came to. */
struct lks_bag_report {
    uint64_t files_count, size_bytes; /* of the payload, as found */
    uint64_t problems_count;
    char first_problem[512];
};

/* Checks a bag that anyone may have made: declaration, every manifest there is (SHA-512, SHA-256;
 * others are named as not checked and count as a problem when no known one is there), every file in
 * a payload manifest and no file in none, Payload-Oxum where it is given. Paths that leave the
 * bag, links, and devices are problems and never followed. 0 with report->problems_count, or
 * LKS_EIO, LKS_EMEMORY, LKS_ECANCELLED. */
int lks_bag_check(const char *folder, const struct lks_control *control,
                  struct lks_bag_report *report, struct lks_error *err);

#endif
