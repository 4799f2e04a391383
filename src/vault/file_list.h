/* file_list.h - every file below a folder, in the order of their names */
#ifndef LKS_VAULT_FILE_LIST_H
#define LKS_VAULT_FILE_LIST_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct lks_file_entry {
    char *path; /* below the folder, with '/' between */
    uint64_t size_bytes;
    int plain; /* 0: a link, a device, anything but a plain file */
};

struct lks_file_list {
    struct lks_file_entry *files; /* by rising bytes of their paths */
    size_t count;
};

/* Lists all files below the folder (folders themselves are not listed; links are, and are not
 * followed), at most LKS_FILE_LIST_MAX of them and LKS_FILE_DEPTH_MAX deep. LKS_EMISSING where the
 * folder is not there, LKS_EINPUT beyond the limits, LKS_EIO, LKS_EMEMORY. */
#define LKS_FILE_LIST_MAX 10000000
#define LKS_FILE_DEPTH_MAX 64
int lks_file_list_make(const char *folder, struct lks_file_list *list, struct lks_error *err);
/* The same for a folder below another ("data/proofs"), reached through no link. LKS_EMISSING where it
 * is not there, LKS_EINPUT where it is no folder. */
int lks_file_list_below(const char *folder, const char *name, struct lks_file_list *list,
                        struct lks_error *err);
void lks_file_list_free(struct lks_file_list *list);

#endif
