/* anchors.c - what others said of a case's log, and where it lies */
#include "case/anchors.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vault/disk.h"

int lks_anchor_path(const char *case_path, const char *name, const char *ending,
                    char out[LKS_CASE_PATH_BYTES], struct lks_error *err)
{
    char inner[160];
    snprintf(inner, sizeof inner, "anchors%s%.64s%.16s", *name ? "/" : "", name, ending);
    return lks_vault_path(case_path, inner, out, err);
}

/* "1234.1.tsr": a size, a part that tells apart, an ending. */
static int name_parse(const char *name, struct lks_anchor *anchor)
{
    const char *dot = strchr(name, '.'), *last = strrchr(name, '.');
    size_t size = last ? (size_t)(last - name) : 0;
    if (!dot || dot == last || size >= sizeof anchor->name ||
        !lks_decimal_read((struct lks_str){name, (size_t)(dot - name)}, &anchor->size))
        return 0;
    if (strcmp(last, ".cosig") == 0)
        anchor->form = LKS_ANCHOR_COSIGNATURE;
    else if (strcmp(last, ".tsr") == 0)
        anchor->form = LKS_ANCHOR_TIMESTAMP;
    else if (strcmp(last, ".tsq") == 0)
        anchor->form = LKS_ANCHOR_QUERY;
    else
        return 0;
    memcpy(anchor->name, name, size);
    anchor->name[size] = '\0';
    return 1;
}

static int by_place(const void *a, const void *b)
{
    const struct lks_anchor *x = a, *y = b;
    int order = (x->size > y->size) - (x->size < y->size);
    if (order == 0)
        order = strcmp(x->name, y->name);
    return order ? order : (x->form > y->form) - (x->form < y->form);
}

static int anchor_add(struct lks_anchors *anchors, const struct lks_anchor *anchor)
{
    if (anchors->count == anchors->room) {
        size_t room = anchors->room ? 2 * anchors->room : 16;
        struct lks_anchor *more = realloc(anchors->items, room * sizeof *more);
        if (!more)
            return LKS_EMEMORY;
        anchors->items = more;
        anchors->room = room;
    }
    anchors->items[anchors->count++] = *anchor;
    return 0;
}

/* A query that was answered is told by its answer. */
static void answered_drop(struct lks_anchors *anchors)
{
    size_t kept = 0;
    for (size_t i = 0; i < anchors->count; i++) {
        const struct lks_anchor *anchor = &anchors->items[i];
        if (anchor->form == LKS_ANCHOR_QUERY && kept > 0 &&
            anchors->items[kept - 1].form == LKS_ANCHOR_TIMESTAMP &&
            strcmp(anchors->items[kept - 1].name, anchor->name) == 0)
            continue;
        anchors->items[kept++] = *anchor;
    }
    anchors->count = kept;
}

int lks_anchors_list_in(const char *path, struct lks_anchors *anchors, struct lks_error *err)
{
    int code = 0;
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOENT ? 0 : lks_error_system(err, path, "cannot be read");
    for (struct dirent *entry; code == 0 && (entry = readdir(folder));) {
        struct lks_anchor anchor;
        if (name_parse(entry->d_name, &anchor))
            code = anchor_add(anchors, &anchor);
    }
    closedir(folder);
    if (code)
        return lks_error_set(err, code, "out of memory");
    if (anchors->count)
        qsort(anchors->items, anchors->count, sizeof *anchors->items, by_place);
    answered_drop(anchors);
    return 0;
}

int lks_anchors_list(const char *case_path, struct lks_anchors *anchors, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_anchor_path(case_path, "", "", path, err);
    return code ? code : lks_anchors_list_in(path, anchors, err);
}

void lks_anchors_free(struct lks_anchors *anchors)
{
    free(anchors->items);
    *anchors = (struct lks_anchors){0};
}

void lks_anchor_next(const struct lks_anchors *anchors, uint64_t size, char name[64])
{
    unsigned long long k = 1;
    for (size_t i = 0; i < anchors->count; i++) {
        const struct lks_anchor *anchor = &anchors->items[i];
        if (anchor->size != size || anchor->form == LKS_ANCHOR_COSIGNATURE)
            continue;
        unsigned long long taken = strtoull(strchr(anchor->name, '.') + 1, NULL, 10);
        k = taken >= k ? taken + 1 : k;
    }
    snprintf(name, 64, "%llu.%llu", (unsigned long long)size, k);
}

int lks_anchor_checkpoint(const char *case_path, uint64_t size, struct lks_buffer *out,
                          struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES], name[32];
    snprintf(name, sizeof name, "%llu", (unsigned long long)size);
    int code = lks_anchor_path(case_path, name, ".checkpoint", path, err);
    return code ? code : lks_disk_get(path, LKS_NOTE_BYTES_MAX, out, err);
}

void lks_anchored_free(struct lks_anchored *anchored)
{
    lks_buffer_free(&anchored->bytes);
    *anchored = (struct lks_anchored){0};
}

/* The log's own line alone: what witnesses added is no part of what others are asked about. */
static int own_line(struct lks_str bytes, const struct lks_verifier *log, struct lks_buffer *out,
                    struct lks_error *err)
{
    struct lks_note note;
    int code = lks_note_parse(bytes, &note, err);
    if (code)
        return code;
    lks_buffer_append(out, note.text.data, note.text.size_bytes);
    for (size_t i = 0; i < note.signatures_count; i++) {
        const struct lks_note_signature *line = &note.signatures[i];
        if (line->id != log->id || !lks_str_equal_text(line->name, log->name))
            continue;
        lks_buffer_text(out, "\n\xe2\x80\x94 ");
        lks_buffer_append(out, line->name.data, line->name.size_bytes);
        lks_buffer_byte(out, ' ');
        lks_buffer_append(out, line->base64.data, line->base64.size_bytes);
        lks_buffer_byte(out, '\n');
        return out->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
    }
    return lks_error_set(err, LKS_EINPUT, "the checkpoint bears no signature of the log's key");
}

/* What others spoke of must stay as it was; a log that was changed would say something else. */
static int checkpoint_keep(const char *path, const struct lks_buffer *bytes, struct lks_error *err)
{
    struct lks_buffer there = {0};
    struct lks_error inner = {0};
    int code = lks_disk_get(path, LKS_NOTE_BYTES_MAX, &there, &inner);
    int same = code == 0 && lks_str_equal((struct lks_str){there.data, there.size_bytes},
                                          (struct lks_str){bytes->data, bytes->size_bytes});
    lks_buffer_free(&there);
    if (code == LKS_EMISSING)
        return lks_disk_put(path, bytes->data, bytes->size_bytes, 0666, err);
    if (code)
        return lks_error_set(err, code, "%s", inner.message);
    return same ? 0
                : lks_error_set(err, LKS_EINPUT,
                                "%s is another checkpoint of the same size: the log was changed "
                                "after it was anchored, or an older copy was put back",
                                path);
}

int lks_anchored_take(const char *case_path, struct lks_vault *vault, struct lks_anchored *anchored,
                      struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES], name[32];
    struct lks_buffer note = {0};
    const struct lks_verifier *log = lks_vault_verifier(vault);
    int code = lks_log_checkpoint(lks_vault_folder(vault), &note, err);
    if (code == 0)
        code = own_line((struct lks_str){note.data, note.size_bytes}, log, &anchored->bytes, err);
    if (code == 0)
        code =
            lks_checkpoint_open((struct lks_str){anchored->bytes.data, anchored->bytes.size_bytes},
                                log, &anchored->checkpoint, err);
    lks_buffer_free(&note);
    if (code == 0)
        code = lks_anchor_path(case_path, "", "", path, err);
    if (code == 0)
        code = lks_disk_folder(path, err);
    snprintf(name, sizeof name, "%llu", (unsigned long long)anchored->checkpoint.size);
    if (code == 0)
        code = lks_anchor_path(case_path, name, ".checkpoint", path, err);
    if (code == 0)
        code = checkpoint_keep(path, &anchored->bytes, err);
    return code;
}
