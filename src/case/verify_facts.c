/* verify_facts.c - what the statements of a log claim about things that lie elsewhere */
#include "case/verify_facts.h"

#include <stdlib.h>

static int room_make(void **items, size_t count, size_t *room, size_t item_bytes,
                     struct lks_error *err)
{
    if (count < *room)
        return 0;
    size_t more = *room ? 2 * *room : 16;
    void *bigger = realloc(*items, more * item_bytes);
    if (!bigger)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    *items = bigger;
    *room = more;
    return 0;
}

static int hex_copy(struct lks_str text, char out[LKS_SHA256_HEX_BYTES])
{
    if (text.size_bytes != LKS_SHA256_HEX_BYTES - 1)
        return 0;
    for (size_t i = 0; i < text.size_bytes; i++)
        if (!((text.data[i] >= '0' && text.data[i] <= '9') ||
              (text.data[i] >= 'a' && text.data[i] <= 'f')))
            return 0;
    memcpy(out, text.data, text.size_bytes);
    out[text.size_bytes] = '\0';
    return 1;
}

static void unsound(struct lks_verify_facts *facts, const struct lks_entry *entry)
{
    if (facts->unsound_count++ == 0)
        facts->unsound_first = entry->index;
}

static int text_at(const struct lks_entry *entry, const char *path, struct lks_str *out)
{
    return lks_statement_text(&entry->statement, path, entry->arena, out);
}

static int import_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                       struct lks_error *err)
{
    struct lks_import_fact fact = {.leaf = entry->index};
    struct lks_str blob;
    int64_t size;
    if (!text_at(entry, "blob", &blob) || !hex_copy(blob, fact.blob) ||
        !lks_statement_int(&entry->statement, "size_bytes", entry->arena, &size) || size < 0) {
        unsound(facts, entry);
        return 0;
    }
    fact.size_bytes = (uint64_t)size;
    if (!hex_copy(lks_entry_value(entry, "sha256"), fact.sha256))
        fact.sha256[0] = '\0';
    int code = room_make((void **)&facts->imports, facts->imports_count, &facts->imports_room,
                         sizeof *facts->imports, err);
    if (code == 0)
        facts->imports[facts->imports_count++] = fact;
    return code;
}

static int key_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                    struct lks_error *err)
{
    struct lks_key_fact fact = {.leaf = entry->index};
    struct lks_str action, verifier, before;
    if (!text_at(entry, "action", &action))
        return 0;
    fact.rotated = lks_str_equal_text(action, "rotate");
    if (!fact.rotated && !lks_str_equal_text(action, "new"))
        return 0; /* keys of people, not of the log */
    if (!text_at(entry, "verifier", &verifier) ||
        lks_verifier_parse(verifier, &fact.verifier, NULL) != 0 ||
        (fact.rotated && (!text_at(entry, "before", &before) ||
                          lks_verifier_parse(before, &fact.before, NULL) != 0))) {
        unsound(facts, entry);
        return 0;
    }
    int code = room_make((void **)&facts->keys, facts->keys_count, &facts->keys_room,
                         sizeof *facts->keys, err);
    if (code == 0)
        facts->keys[facts->keys_count++] = fact;
    return code;
}

int lks_verify_facts_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                          struct lks_error *err)
{
    switch (entry->statement.kind) {
    case LKS_STATEMENT_IMPORT:
        return import_take(facts, entry, err);
    case LKS_STATEMENT_KEY:
        return key_take(facts, entry, err);
    default:
        return 0;
    }
}

struct lks_import_fact *lks_verify_import_at(struct lks_verify_facts *facts, uint64_t leaf)
{
    size_t low = 0, high = facts->imports_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (facts->imports[middle].leaf == leaf)
            return &facts->imports[middle];
        if (facts->imports[middle].leaf < leaf)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct lks_import_fact *lks_verify_import_named(const struct lks_verify_facts *facts,
                                                      const char *blob)
{
    for (size_t i = 0; i < facts->imports_count; i++)
        if (strcmp(facts->imports[i].blob, blob) == 0)
            return &facts->imports[i];
    return NULL;
}

void lks_verify_facts_free(struct lks_verify_facts *facts)
{
    free(facts->imports);
    free(facts->outputs);
    free(facts->keys);
    lks_arena_free(&facts->arena);
    *facts = (struct lks_verify_facts){0};
}
