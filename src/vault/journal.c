/* journal.c - entries in the order in which they came
 *
 * A segment is a header and frames, numbers little end first:
 *
 *     header:  "lockstep journal 1\n"  first sequence (8)  SHA-256 of the log's origin (32)
 *     frame:   length (4)  CRC-32C (4)  type (1)  sequence (8)  entry (length)
 *
 * The checksum covers what follows it. A frame that was being written when the machine stopped is
 * cut off: nobody was told that it is safe. But a bad frame with a good, later one behind it is no
 * torn tail; it is damage to what was acknowledged, and the log says so instead of dropping it. */
#include "vault/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "vault/crc32c.h"
#include "vault/tile.h"

#define HEADER_TEXT "lockstep journal 1\n"

enum {
    HEADER_BYTES = sizeof HEADER_TEXT - 1 + 8 + LKS_SHA256_BYTES,
    FRAME_BYTES = 4 + 4 + 1 + 8,
    FRAME_ENTRY = 1, /* the one type there is; zeros are no frame */
    NAME_DIGITS = 20,
};

/* Beyond this a segment is not one that this program wrote: it starts new ones far earlier. */
static const uint64_t segment_bytes_max = (uint64_t)1 << 28;

static void put_number(unsigned char *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get_number(const unsigned char *in, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes; i-- > 0;)
        value = value << 8 | in[i];
    return value;
}

static void header_make(unsigned char header[HEADER_BYTES], const char *origin, uint64_t first)
{
    size_t text = sizeof HEADER_TEXT - 1;
    memcpy(header, HEADER_TEXT, text);
    put_number(header + text, first, 8);
    lks_sha256_of(origin, strlen(origin), header + text + 8);
}

static int segment_path(char path[LKS_DISK_PATH_BYTES], const char *folder, uint64_t first,
                        struct lks_error *err)
{
    if (snprintf(path, LKS_DISK_PATH_BYTES, "%s/%0*llu", folder, NAME_DIGITS,
                 (unsigned long long)first) >= LKS_DISK_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The first sequences of all segments, in order; names of another shape are not ours. */
static int segments_list(const char *folder, uint64_t **firsts_out, size_t *count_out,
                         struct lks_error *err)
{
    uint64_t *firsts = NULL;
    size_t count = 0, room = 0;
    DIR *list = opendir(folder);
    if (!list)
        return errno == ENOENT ? lks_error_set(err, LKS_EMISSING, "%s is not there", folder)
                               : lks_error_system(err, folder, "cannot be read");
    for (struct dirent *entry; (entry = readdir(list));) {
        if (strlen(entry->d_name) != NAME_DIGITS ||
            strspn(entry->d_name, "0123456789") != NAME_DIGITS)
            continue;
        if (count == room) {
            uint64_t *more = realloc(firsts, (room = room ? 2 * room : 16) * sizeof *firsts);
            if (!more) {
                closedir(list);
                free(firsts);
                return lks_error_set(err, LKS_EMEMORY, "out of memory");
            }
            firsts = more;
        }
        firsts[count++] = strtoull(entry->d_name, NULL, 10);
    }
    closedir(list);
    if (count)
        qsort(firsts, count, sizeof *firsts, by_number);
    *firsts_out = firsts;
    *count_out = count;
    return count ? 0 : lks_error_set(err, LKS_EMISSING, "%s holds no journal", folder);
}

/* 1 where a whole good frame with this sequence number or a later one stands at `at`. */
static int frame_good(struct lks_str bytes, size_t at, uint64_t least, uint64_t most,
                      uint64_t *sequence, size_t *length)
{
    if (bytes.size_bytes - at < FRAME_BYTES)
        return 0;
    const unsigned char *frame = (const unsigned char *)bytes.data + at;
    *length = (size_t)get_number(frame, 4);
    *sequence = get_number(frame + 9, 8);
    return *length <= LKS_ENTRY_BYTES_MAX && frame[8] == FRAME_ENTRY && *sequence >= least &&
           *sequence <= most && bytes.size_bytes - at - FRAME_BYTES >= *length &&
           lks_crc32c(0, frame + 8, FRAME_BYTES - 8 + *length) == get_number(frame + 4, 4);
}

/* A good frame of a later entry somewhere behind a bad one. */
static int later_frame(struct lks_str bytes, size_t at, uint64_t next)
{
    uint64_t sequence, most = next + (bytes.size_bytes - at) / FRAME_BYTES;
    size_t length;
    for (at++; at + FRAME_BYTES <= bytes.size_bytes; at++)
        if (frame_good(bytes, at, next + 1, most, &sequence, &length))
            return 1;
    return 0;
}

struct reading {
    const char *folder, *origin;
    int (*frame)(void *context, uint64_t sequence, struct lks_str entry, struct lks_error *err);
    void *context;
    struct lks_journal_scan *scan;
};

static int segment_read(struct reading *reading, uint64_t first, int last, struct lks_error *err)
{
    struct lks_journal_scan *scan = reading->scan;
    char path[LKS_DISK_PATH_BYTES];
    unsigned char header[HEADER_BYTES];
    struct lks_buffer buffer = {0};
    int code = segment_path(path, reading->folder, first, err);
    if (code == 0)
        code = lks_disk_get(path, (size_t)segment_bytes_max, &buffer, err);
    struct lks_str bytes = {buffer.data, buffer.size_bytes};
    size_t at = HEADER_BYTES;
    header_make(header, reading->origin, first);
    if (code == 0 && (bytes.size_bytes < HEADER_BYTES || memcmp(bytes.data, header, sizeof header)))
        code = lks_error_set(err, LKS_EINPUT, "%s is no segment of this log's journal", path);
    if (code == 0 && first != scan->next)
        code = lks_error_set(err, LKS_EINPUT, "%s: the entries before it, from %llu, are missing",
                             path, (unsigned long long)scan->next);
    while (code == 0 && at < bytes.size_bytes) {
        uint64_t sequence;
        size_t length;
        if (!frame_good(bytes, at, scan->next, scan->next, &sequence, &length)) {
            if (!last || later_frame(bytes, at, scan->next))
                code = lks_error_set(err, LKS_EINPUT,
                                     "%s: entry %llu is damaged, and what was acknowledged after "
                                     "it is not: this is no torn end",
                                     path, (unsigned long long)scan->next);
            break;
        }
        code = reading->frame(reading->context, sequence,
                              (struct lks_str){bytes.data + at + FRAME_BYTES, length}, err);
        at += FRAME_BYTES + length;
        scan->next++;
    }
    scan->last_start = first;
    scan->last_bytes = at;
    scan->torn_bytes = bytes.size_bytes - (at < bytes.size_bytes ? at : bytes.size_bytes);
    lks_buffer_free(&buffer);
    return code;
}

int lks_journal_read(const char *folder, const char *origin,
                     int (*frame)(void *context, uint64_t sequence, struct lks_str entry,
                                  struct lks_error *err),
                     void *context, struct lks_journal_scan *scan, struct lks_error *err)
{
    uint64_t *firsts = NULL;
    size_t count = 0;
    struct reading reading = {folder, origin, frame, context, scan};
    *scan = (struct lks_journal_scan){0};
    int code = segments_list(folder, &firsts, &count, err);
    if (code == 0)
        scan->first = scan->next = firsts[0];
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = segment_read(&reading, firsts[i], i + 1 == count, err);
        scan->segments_count++;
    }
    free(firsts);
    return code;
}

int lks_journal_start(struct lks_journal *journal, const char *folder, const char *origin,
                      uint64_t first, struct lks_error *err)
{
    unsigned char header[HEADER_BYTES];
    *journal = (struct lks_journal){.file = -1, .next = first, .size_bytes = HEADER_BYTES};
    header_make(header, origin, first);
    int code = segment_path(journal->path, folder, first, err);
    if (code == 0)
        code = lks_disk_put(journal->path, header, sizeof header, 0666, err);
    if (code)
        return code;
    journal->file = open(journal->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (journal->file < 0)
        return lks_error_system(err, journal->path, "cannot be opened");
    return 0;
}

int lks_journal_drop(const char *folder, uint64_t first, struct lks_error *err)
{
    uint64_t *firsts = NULL;
    size_t count = 0, dropped = 0;
    int code = segments_list(folder, &firsts, &count, err);
    /* Oldest first, so that what is left is always without a gap. */
    for (size_t i = 0; code == 0 && i < count && firsts[i] < first; i++, dropped++) {
        char path[LKS_DISK_PATH_BYTES];
        if ((code = segment_path(path, folder, firsts[i], err)) == 0 && unlink(path) != 0)
            code = lks_error_system(err, path, "cannot be removed");
    }
    free(firsts);
    if (code == 0 && dropped)
        code = lks_disk_folder_sync(folder, err);
    return code;
}

int lks_journal_resume(struct lks_journal *journal, const char *folder,
                       const struct lks_journal_scan *scan, struct lks_error *err)
{
    *journal = (struct lks_journal){.file = -1, .next = scan->next, .size_bytes = scan->last_bytes};
    int code = segment_path(journal->path, folder, scan->last_start, err);
    if (code)
        return code;
    journal->file = open(journal->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (journal->file < 0)
        return lks_error_system(err, journal->path, "cannot be opened");
    if (scan->torn_bytes &&
        (ftruncate(journal->file, (off_t)scan->last_bytes) != 0 || fsync(journal->file) != 0)) {
        code = lks_error_system(err, journal->path, "cannot be cut");
        lks_journal_close(journal);
    }
    return code;
}

int lks_journal_add(struct lks_journal *journal, const void *entry, size_t size_bytes,
                    struct lks_error *err)
{
    unsigned char head[FRAME_BYTES];
    LKS_ASSERT(size_bytes <= LKS_ENTRY_BYTES_MAX);
    put_number(head, size_bytes, 4);
    head[8] = FRAME_ENTRY;
    put_number(head + 9, journal->next, 8);
    uint32_t crc = lks_crc32c(0, head + 8, FRAME_BYTES - 8);
    put_number(head + 4, lks_crc32c(crc, entry, size_bytes), 4);
    lks_buffer_append(&journal->staged, head, sizeof head);
    lks_buffer_append(&journal->staged, entry, size_bytes);
    if (journal->staged.failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    journal->next++;
    return 0;
}

int lks_journal_sync(struct lks_journal *journal, struct lks_error *err)
{
    if (journal->staged.size_bytes == 0)
        return 0;
    int code = lks_disk_write(journal->file, journal->path, journal->staged.data,
                              journal->staged.size_bytes, err);
    if (code == 0 && fdatasync(journal->file) != 0)
        code = lks_error_system(err, journal->path, "cannot be synced");
    journal->size_bytes += journal->staged.size_bytes;
    lks_buffer_clear(&journal->staged);
    return code;
}

void lks_journal_close(struct lks_journal *journal)
{
    if (journal->file >= 0)
        close(journal->file);
    journal->file = -1;
    lks_buffer_free(&journal->staged);
}
