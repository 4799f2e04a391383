/* import.c - what the log says of a file that came in, enough to read it again in the same way
 *
 *     "blob": name, "counts": {...}, "file": place, "files": of, "format": ..., "program": ...,
 *     "reading": {"as": ..., "map": {"account": column, ...}, "rejects_share_max": "0.5",
 *                 "zone_s": 0, "zones_s": {"telegram-desktop": 7200}}, "size_bytes": ...
 *     hidden: name, sha256
 *
 * The digest is hidden too: whoever has a file could otherwise look whether it is in the case. */
#include "case/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t at;
} counts_members[] = {
    {"rows", offsetof(struct lks_import_counts, rows)},
    {"posts", offsetof(struct lks_import_counts, posts)},
    {"payments", offsetof(struct lks_import_counts, payments)},
    {"duplicates", offsetof(struct lks_import_counts, duplicates)},
    {"rejects", offsetof(struct lks_import_counts, rejects)},
    {"ignored", offsetof(struct lks_import_counts, ignored)},
    {"zone_assumed", offsetof(struct lks_import_counts, zone_assumed)},
    {"cp1252", offsetof(struct lks_import_counts, cp1252)},
};
enum { COUNTS_MEMBERS = sizeof counts_members / sizeof *counts_members };

/* ---- writing ---- */

static void mapping_put(struct lks_canon *canon, const struct lks_mapping *mapping)
{
    lks_canon_object(canon, "map");
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
        if (mapping->column[i])
            lks_canon_text(canon, lks_map_field_names[i], mapping->column[i]);
    if (mapping->time_format)
        lks_canon_text(canon, "time_format", mapping->time_format);
    lks_canon_end(canon);
}

static void reading_put(struct lks_canon *canon, const struct lks_source_options *reading)
{
    char share[32];
    snprintf(share, sizeof share, "%.17g", reading->rejects_share_max);
    lks_canon_object(canon, "reading");
    if (reading->as)
        lks_canon_text(canon, "as", reading->as);
    if (reading->mapping)
        mapping_put(canon, reading->mapping);
    lks_canon_text(canon, "rejects_share_max", share);
    lks_canon_int(canon, "zone_s", reading->zone_offset_us / LKS_SECOND_US);
    if (reading->zones_count) {
        lks_canon_object(canon, "zones_s");
        for (size_t i = 0; i < reading->zones_count; i++)
            lks_canon_int(canon, reading->zones[i].adapter,
                          reading->zones[i].offset_us / LKS_SECOND_US);
        lks_canon_end(canon);
    }
    lks_canon_end(canon);
}

int lks_import_record(struct lks_vault *vault, struct lks_import *import,
                      const struct lks_source_options *reading, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    struct lks_canon *canon = &writer.canon;
    lks_vault_start(vault, &writer, LKS_STATEMENT_IMPORT);
    lks_canon_text(canon, "blob", import->blob);
    lks_canon_int(canon, "size_bytes", (int64_t)import->size_bytes);
    lks_canon_text(canon, "format", import->format);
    lks_canon_text(canon, "program", lks_version());
    lks_canon_int(canon, "file", (int64_t)import->place);
    lks_canon_int(canon, "files", (int64_t)import->of);
    if (import->replaces)
        lks_canon_int(canon, "replaces", (int64_t)import->replaces);
    reading_put(canon, reading);
    lks_canon_object(canon, "counts");
    for (int i = 0; i < COUNTS_MEMBERS; i++)
        lks_canon_int(canon, counts_members[i].name,
                      (int64_t) *
                          (const uint64_t *)((const char *)&import->counts + counts_members[i].at));
    lks_canon_end(canon);
    lks_statement_hide(&writer, "name", import->name);
    lks_statement_hide(&writer, "sha256", lks_str_from(import->sha256));
    return lks_vault_record(vault, &writer, &import->leaf, err);
}

/* ---- reading ---- */

static int bad(const struct lks_entry *entry, const char *what, struct lks_error *err)
{
    return lks_error_set(err, LKS_EINPUT, "entry %llu is no sound import: %s",
                         (unsigned long long)entry->index, what);
}

static int count_read(const struct lks_entry *entry, const char *path, uint64_t *out)
{
    int64_t value;
    if (!lks_statement_int(&entry->statement, path, entry->arena, &value) || value < 0)
        return 0;
    *out = (uint64_t)value;
    return 1;
}

/* The text as a string of C's; NULL where there is none. */
static const char *text_read(const struct lks_entry *entry, const char *path)
{
    struct lks_str text;
    if (!lks_statement_text(&entry->statement, path, entry->arena, &text) ||
        memchr(text.data, 0, text.size_bytes))
        return NULL;
    return lks_arena_str(entry->arena, text).data; /* with a NUL behind it */
}

static int mapping_read(const struct lks_entry *entry, struct lks_mapping *mapping,
                        struct lks_error *err)
{
    char path[64];
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++) {
        snprintf(path, sizeof path, "reading.map.%s", lks_map_field_names[i]);
        const char *column = text_read(entry, path);
        if (!column)
            continue;
        mapping->column_bytes[i] = strlen(column);
        if (!(mapping->column[i] = strdup(column)))
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    const char *format = text_read(entry, "reading.map.time_format");
    if (format && !(mapping->time_format = strdup(format)))
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    return 0;
}

static int zones_read(const struct lks_entry *entry, struct lks_import_reading *reading,
                      struct lks_error *err)
{
    char path[96];
    size_t count = 0;
    int64_t seconds;
    while (lks_adapters[count])
        count++;
    reading->zones = lks_arena_calloc(entry->arena, count + 1, sizeof *reading->zones);
    if (!reading->zones)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "reading.zones_s.%s", lks_adapters[i]->name);
        if (lks_statement_int(&entry->statement, path, entry->arena, &seconds))
            reading->zones[reading->options.zones_count++] =
                (struct lks_source_zone){lks_adapters[i]->name, seconds * LKS_SECOND_US};
    }
    reading->options.zones = reading->zones;
    if (lks_statement_int(&entry->statement, "reading.zone_s", entry->arena, &seconds))
        reading->options.zone_offset_us = seconds * LKS_SECOND_US;
    return 0;
}

static int reading_read(const struct lks_entry *entry, const struct lks_import *import,
                        struct lks_import_reading *reading, struct lks_error *err)
{
    *reading = (struct lks_import_reading){.options = lks_source_options_default()};
    const char *share = text_read(entry, "reading.rejects_share_max");
    const char *as = text_read(entry, "reading.as");
    char *end;
    if (!share)
        return bad(entry, "it does not say how it was read", err);
    reading->options.rejects_share_max = strtod(share, &end);
    if (*end ||
        !(reading->options.rejects_share_max >= 0 && reading->options.rejects_share_max <= 1))
        return bad(entry, "its share of rejects is none", err);
    int code = mapping_read(entry, &reading->mapping, err);
    if (code == 0)
        code = zones_read(entry, reading, err);
    if (reading->mapping.column[LKS_MAP_ACCOUNT])
        reading->options.mapping = &reading->mapping;
    else if (!as) /* what was recognised then is not recognised anew */
        as = import->format;
    const struct lks_adapter *adapter = as ? lks_adapter_find(as) : NULL;
    reading->options.as = adapter ? adapter->name : NULL;
    return code;
}

int lks_import_read(const struct lks_entry *entry, struct lks_import *import,
                    struct lks_import_reading *reading, struct lks_error *err)
{
    char path[64];
    *import = (struct lks_import){.leaf = entry->index};
    const char *blob = text_read(entry, "blob");
    import->format = text_read(entry, "format");
    if (entry->statement.kind != LKS_STATEMENT_IMPORT || !blob ||
        strlen(blob) != sizeof import->blob - 1)
        return bad(entry, "it names no sealed file", err);
    memcpy(import->blob, blob, sizeof import->blob);
    if (!import->format || !count_read(entry, "size_bytes", &import->size_bytes))
        return bad(entry, "it has no format or size", err);
    if (!count_read(entry, "file", &import->place) || !count_read(entry, "files", &import->of))
        return bad(entry, "it does not say with which files it came", err);
    for (int i = 0; i < COUNTS_MEMBERS; i++) {
        snprintf(path, sizeof path, "counts.%s", counts_members[i].name);
        if (!count_read(entry, path, (uint64_t *)((char *)&import->counts + counts_members[i].at)))
            return bad(entry, "it lacks a count", err);
    }
    count_read(entry, "replaces", &import->replaces);
    import->name = lks_entry_value(entry, "name");
    struct lks_str sha256 = lks_entry_value(entry, "sha256");
    if (sha256.size_bytes == sizeof import->sha256 - 1)
        memcpy(import->sha256, sha256.data, sha256.size_bytes);
    return reading ? reading_read(entry, import, reading, err) : 0;
}

void lks_import_reading_free(struct lks_import_reading *reading)
{
    lks_mapping_free(&reading->mapping);
}
