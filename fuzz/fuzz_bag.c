/* fuzz_bag.c - a bag whose manifest and declaration anyone may have written */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/bag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(const char *folder, const char *name, const void *data, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file) {
        fwrite(data, 1, size, file);
        fclose(file);
    }
}

/* The bytes are the manifest, up to a form feed; what follows is bag-info.txt. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"bagit.txt", "manifest-sha256.txt", "bag-info.txt",
                                        "data/a"};
    char folder[64], path[128];
    struct lks_bag_report report;
    snprintf(folder, sizeof folder, "%s/lockstep-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(folder))
        return 0;
    snprintf(path, sizeof path, "%s/data", folder);
    mkdir(path, 0700);
    const uint8_t *cut = size ? memchr(data, '\f', size) : NULL;
    size_t first = cut ? (size_t)(cut - data) : size;
    static const char declaration[] = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
    put(folder, names[0], declaration, sizeof declaration - 1);
    put(folder, names[1], data, first);
    put(folder, names[2], data + first + (cut != NULL), size - first - (cut != NULL));
    put(folder, names[3], "x", 1);
    int code = lks_bag_check(folder, NULL, &report, NULL);
    LKS_ASSERT(code <= 0 && report.files_count == 1 && report.size_bytes == 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/data", folder);
    rmdir(path);
    rmdir(folder);
    return 0;
}
