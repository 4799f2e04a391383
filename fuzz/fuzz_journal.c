/* fuzz_journal.c - a segment of the log's journal that anyone may have written over */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int frame(void *context, uint64_t sequence, struct lks_str entry, struct lks_error *err)
{
    uint64_t *next = context;
    (void)err;
    LKS_ASSERT(sequence == *next && entry.size_bytes <= 65535);
    ++*next;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char folder[64], path[128];
    struct lks_journal_scan scan;
    struct lks_error err = {0};
    uint64_t next = 0;
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "%s/lockstep-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (!mkdtemp(folder))
            return 0;
        snprintf(path, sizeof path, "%s/00000000000000000000", folder);
    }
    FILE *file = fopen(path, "wb");
    if (!file)
        return 0;
    fwrite(data, 1, size, file);
    fclose(file);
    int code = lks_journal_read(folder, "example.org/log", frame, &next, &scan, &err);
    LKS_ASSERT(code <= 0 && (code == 0) == (err.message[0] == 0));
    LKS_ASSERT(code || (scan.next == next && scan.last_bytes + scan.torn_bytes == size));
    unlink(path);
    rmdir(folder);
    folder[0] = '\0';
    return 0;
}
