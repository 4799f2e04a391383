/* entries.c - the statements of a case's log with their hidden values, one after the other
 *
 * Disclosures lie in one file a commit, named by its first entry. The walk goes forward, so each
 * file is read once, when its first entry comes. */
#include "case/entries.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/signer.h"
#include "case/vault.h"
#include "vault/disk.h"

enum { VKEY_BYTES_MAX = 1024, VALUES_MAX = 65536 };
#define DISCLOSURE_FILE_BYTES_MAX ((size_t)4 << 30)

struct walk {
    char folder[LKS_CASE_PATH_BYTES];
    int (*each)(void *context, const struct lks_entry *entry, struct lks_error *err);
    void *context;
    uint64_t *files; /* [files_count] the first entry of each, rising */
    size_t files_count, file_next;
    struct lks_buffer lines; /* the file that was read last */
    struct lks_str rest;     /* of it, not yet passed */
    struct lks_arena arena;
    int stopped; /* what each returned */
};

int lks_case_verifier(const char *case_path, struct lks_verifier *verifier, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    struct lks_buffer text = {0};
    struct lks_str rest, line;
    int code = lks_vault_path(case_path, "signer.vkey", path, err);
    if (code == 0 && !lks_vault_there(case_path))
        return lks_error_set(err, LKS_EMISSING, "%s has no vault", case_path);
    if (code == 0)
        code = lks_disk_get(path, VKEY_BYTES_MAX, &text, err);
    rest = (struct lks_str){text.data, text.size_bytes};
    if (code == 0 && (!lks_line_next(&rest, &line) || rest.size_bytes))
        code = lks_error_set(err, LKS_EINPUT, "%s is not one line", path);
    if (code == 0)
        code = lks_verifier_parse(line, verifier, err);
    lks_buffer_free(&text);
    return code;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int files_list(struct walk *walk, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES + 16];
    size_t room = 0;
    snprintf(path, sizeof path, "%s/disclosures", walk->folder);
    DIR *folder = opendir(path);
    if (!folder)
        return 0; /* nothing was hidden, or only the public part is here */
    for (struct dirent *entry; (entry = readdir(folder));) {
        uint64_t number;
        size_t size = strlen(entry->d_name);
        struct lks_str digits = {entry->d_name, size};
        while (digits.size_bytes > 1 && *digits.data == '0') {
            digits.data++;
            digits.size_bytes--;
        }
        if (size < 12 || !lks_decimal_read(digits, &number))
            continue;
        if (walk->files_count == room) {
            room = room ? 2 * room : 64;
            uint64_t *more = realloc(walk->files, room * sizeof *more);
            if (!more) {
                closedir(folder);
                return lks_error_set(err, LKS_EMEMORY, "out of memory");
            }
            walk->files = more;
        }
        walk->files[walk->files_count++] = number;
    }
    closedir(folder);
    if (walk->files_count)
        qsort(walk->files, walk->files_count, sizeof *walk->files, by_number);
    return 0;
}

/* Makes walk->rest the lines of the file that covers the entry. */
static int file_reach(struct walk *walk, uint64_t index, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES + 64];
    size_t next = walk->file_next;
    while (next < walk->files_count && walk->files[next] <= index)
        next++;
    if (next == walk->file_next)
        return 0;
    walk->file_next = next;
    lks_buffer_clear(&walk->lines);
    snprintf(path, sizeof path, "%s/disclosures/%012llu", walk->folder,
             (unsigned long long)walk->files[next - 1]);
    int code = lks_disk_get(path, DISCLOSURE_FILE_BYTES_MAX, &walk->lines, err);
    walk->rest = (struct lks_str){walk->lines.data, walk->lines.size_bytes};
    return code;
}

/* Cuts the next "INDEX DISCLOSURE" off, if it is of an entry up to index. */
static int line_take(struct walk *walk, uint64_t index, uint64_t *of, struct lks_str *disclosure)
{
    struct lks_str rest = walk->rest, line;
    if (!lks_line_next(&rest, &line))
        return 0;
    const char *blank = memchr(line.data, ' ', line.size_bytes);
    if (!blank || !lks_decimal_read((struct lks_str){line.data, (size_t)(blank - line.data)}, of)) {
        walk->rest = rest; /* damaged: `verify` says so */
        *of = UINT64_MAX;
        return 1;
    }
    if (*of > index)
        return 0;
    walk->rest = rest;
    *disclosure = (struct lks_str){blank + 1, line.size_bytes - (size_t)(blank + 1 - line.data)};
    return 1;
}

static int values_read(struct walk *walk, struct lks_entry *entry, struct lks_error *err)
{
    struct lks_entry_value *values = NULL;
    size_t count = 0, room = 0;
    uint64_t of;
    struct lks_str disclosure;
    int code = file_reach(walk, entry->index, err);
    while (code == 0 && line_take(walk, entry->index, &of, &disclosure)) {
        if (of != entry->index)
            continue;
        if (count == room) {
            size_t more_room = room ? 2 * room : 16;
            struct lks_entry_value *more =
                more_room > VALUES_MAX ? NULL
                                       : lks_arena_calloc(&walk->arena, more_room, sizeof *more);
            if (!more)
                return lks_error_set(err, LKS_EMEMORY, "out of memory");
            if (count)
                memcpy(more, values, count * sizeof *more);
            values = more;
            room = more_room;
        }
        struct lks_entry_value *value = &values[count];
        value->disclosure = lks_arena_str(&walk->arena, disclosure);
        if (!value->disclosure.data)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        code = lks_statement_open(&entry->statement, value->disclosure, &walk->arena, &value->name,
                                  &value->value, err);
        count++;
    }
    entry->values = values;
    entry->values_count = count;
    return code;
}

static int entry_take(void *context, uint64_t index, struct lks_str bytes, struct lks_error *err)
{
    struct walk *walk = context;
    struct lks_entry entry = {.index = index, .arena = &walk->arena};
    struct lks_error inner = {0};
    lks_arena_reset(&walk->arena);
    int code = lks_statement_read(bytes, &walk->arena, &entry.statement, &inner);
    if (code == 0)
        code = values_read(walk, &entry, &inner);
    if (code)
        return lks_error_set(err, code, "entry %llu: %s", (unsigned long long)index, inner.message);
    walk->stopped = walk->each(walk->context, &entry, err);
    return walk->stopped;
}

/* A crash while the key was changed can leave a checkpoint of the key that was just retired. */
int lks_entries_size(const char *case_path, uint64_t *size, struct lks_error *err)
{
    struct lks_verifiers keys = {0};
    struct lks_checkpoint checkpoint = {0};
    struct lks_buffer note = {0};
    char folder[LKS_CASE_PATH_BYTES];
    int code = lks_vault_path(case_path, NULL, folder, err);
    if (code == 0)
        code = lks_signer_verifiers(case_path, &keys, err);
    if (code == 0)
        code = lks_log_checkpoint(folder, &note, err);
    struct lks_str bytes = {note.data, note.size_bytes};
    int held = 0;
    for (size_t i = 1; code == 0 && !held && i < keys.count; i++)
        held = lks_checkpoint_open(bytes, &keys.items[i], &checkpoint, NULL) == 0;
    if (code == 0 && !held)
        code = lks_checkpoint_open(bytes, &keys.items[0], &checkpoint, err);
    *size = checkpoint.size;
    lks_buffer_free(&note);
    lks_verifiers_free(&keys);
    return code;
}

int lks_entries_each(const char *case_path, uint64_t first, uint64_t end,
                     int (*each)(void *context, const struct lks_entry *entry,
                                 struct lks_error *err),
                     void *context, struct lks_error *err)
{
    struct walk walk = {.each = each, .context = context};
    uint64_t size = 0;
    int code = lks_vault_path(case_path, NULL, walk.folder, err);
    if (code == 0)
        code = lks_entries_size(case_path, &size, err);
    if (code == 0)
        code = files_list(&walk, err);
    if (end > size)
        end = size;
    if (code == 0 && first < end)
        code = lks_log_entries(walk.folder, size, first, end, entry_take, &walk, err);
    lks_arena_free(&walk.arena);
    lks_buffer_free(&walk.lines);
    free(walk.files);
    return walk.stopped ? walk.stopped : code;
}

struct lks_str lks_entry_value(const struct lks_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->values_count; i++)
        if (lks_str_equal_text(entry->values[i].name, name))
            return entry->values[i].value;
    return LKS_STR_NULL;
}
