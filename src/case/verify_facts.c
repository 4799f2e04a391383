/* verify_facts.c - what the statements of a log claim about things that lie elsewhere */
#include "case/verify_facts.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXPORT_FILES_MAX = 64 };

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

/* A sealed object that an entry tells of, by the names of its members. */
static int sealed_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                       struct lks_import_fact fact, struct lks_str blob, const char *size_name,
                       const char *sha256_name, struct lks_error *err)
{
    int64_t size;
    if (!hex_copy(blob, fact.blob) ||
        !lks_statement_int(&entry->statement, size_name, entry->arena, &size) || size < 0) {
        unsound(facts, entry);
        return 0;
    }
    fact.size_bytes = (uint64_t)size;
    if (!hex_copy(lks_entry_value(entry, sha256_name), fact.sha256))
        fact.sha256[0] = '\0';
    int code = room_make((void **)&facts->imports, facts->imports_count, &facts->imports_room,
                         sizeof *facts->imports, err);
    if (code == 0)
        facts->imports[facts->imports_count++] = fact;
    return code;
}

static int import_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                       struct lks_error *err)
{
    const struct lks_import_fact fact = {.leaf = entry->index};
    struct lks_str blob;
    if (!text_at(entry, "blob", &blob)) {
        unsound(facts, entry);
        return 0;
    }
    return sealed_take(facts, entry, fact, blob, "size_bytes", "sha256", err);
}

/* The paper that a hold rests on is sealed like a file. */
static int document_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                         struct lks_error *err)
{
    const struct lks_import_fact fact = {.leaf = entry->index, .document = 1};
    struct lks_str blob;
    if (!text_at(entry, "document", &blob))
        return 0;
    return sealed_take(facts, entry, fact, blob, "document_bytes", "document_sha256", err);
}

/* A run that was removed promises nothing any more. */
static void run_forget(struct lks_verify_facts *facts, struct lks_str run)
{
    size_t kept = 0;
    for (size_t i = 0; i < facts->outputs_count; i++)
        if (!lks_str_equal_text(run, facts->outputs[i].run))
            facts->outputs[kept++] = facts->outputs[i];
    facts->outputs_count = kept;
}

/* erase and redact; case/imports.h has their members. */
static void ending_take(struct lks_verify_facts *facts, const struct lks_entry *entry)
{
    struct lks_str result, run;
    int64_t leaf, copy;
    if (!lks_statement_int(&entry->statement, "leaf", entry->arena, &leaf)) {
        if (text_at(entry, "run", &run) && text_at(entry, "result", &result) &&
            !lks_str_equal_text(result, "refused"))
            run_forget(facts, run);
        return;
    }
    struct lks_import_fact *fact = lks_verify_import_at(facts, (uint64_t)leaf);
    if (!fact || !text_at(entry, "result", &result)) {
        unsound(facts, entry);
        return;
    }
    if (lks_str_equal_text(result, "begun"))
        fact->erased = 2;
    else if (lks_str_equal_text(result, "done"))
        fact->erased = 1;
    else if (lks_str_equal_text(result, "kept")) {
        fact->erased = 0;
        struct lks_import_fact *other = NULL;
        if (lks_statement_int(&entry->statement, "import", entry->arena, &copy))
            other = lks_verify_import_at(facts, (uint64_t)copy);
        if (other)
            other->erased = 2;
    }
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

/* The name of a run: digits alone, so that it leads nowhere else. */
static int run_copy(const struct lks_entry *entry, char run[16])
{
    struct lks_str text;
    if (!text_at(entry, "run", &text) || text.size_bytes < 4 || text.size_bytes > 9)
        return 0;
    for (size_t i = 0; i < text.size_bytes; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return 0;
    memcpy(run, text.data, text.size_bytes);
    run[text.size_bytes] = '\0';
    return 1;
}

static int output_add(struct lks_verify_facts *facts, const struct lks_output_fact *fact,
                      struct lks_error *err)
{
    int code = room_make((void **)&facts->outputs, facts->outputs_count, &facts->outputs_room,
                         sizeof *facts->outputs, err);
    if (code == 0)
        facts->outputs[facts->outputs_count++] = *fact;
    return code;
}

static int derive_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                       struct lks_error *err)
{
    struct lks_output_fact fact = {.leaf = entry->index};
    struct lks_str digest, program;
    if (!run_copy(entry, fact.run) || !text_at(entry, "output_sha256", &digest) ||
        !hex_copy(digest, fact.sha256) || !text_at(entry, "program", &program)) {
        unsound(facts, entry);
        return 0;
    }
    fact.same_program = lks_str_equal_text(program, lks_version());
    return output_add(facts, &fact, err);
}

/* A name that stays in its folder. */
static int name_plain(struct lks_str name)
{
    return name.size_bytes && name.size_bytes < 200 && name.data[0] != '.' &&
           !memchr(name.data, '/', name.size_bytes) && !memchr(name.data, 0, name.size_bytes);
}

static int export_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                       struct lks_error *err)
{
    struct lks_str what;
    int code = 0;
    if (!text_at(entry, "what", &what) || !lks_str_equal_text(what, "report"))
        return 0; /* what left the case in another way */
    for (int i = 0; code == 0 && i < EXPORT_FILES_MAX; i++) {
        struct lks_output_fact fact = {.leaf = entry->index};
        struct lks_str name, digest;
        char path[32];
        snprintf(path, sizeof path, "files.%d.name", i);
        if (!text_at(entry, path, &name))
            break;
        snprintf(path, sizeof path, "files.%d.sha256", i);
        if (!run_copy(entry, fact.run) || !name_plain(name) || !text_at(entry, path, &digest) ||
            !hex_copy(digest, fact.sha256)) {
            unsound(facts, entry);
            return 0;
        }
        fact.name = lks_arena_str(&facts->arena, name).data;
        code = fact.name ? output_add(facts, &fact, err)
                         : lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    return code;
}

static int answer_take(struct lks_verify_facts *facts, const struct lks_entry *entry,
                       struct lks_error *err)
{
    struct lks_answer_fact fact = {.leaf = entry->index};
    struct lks_str action, id, digest;
    int64_t number;
    if (!text_at(entry, "action", &action) ||
        (!lks_str_equal_text(action, "answer") && !lks_str_equal_text(action, "amend")))
        return 0;
    int sound =
        text_at(entry, "id", &id) && id.size_bytes > 1 && id.size_bytes < 24 && id.data[0] == 'R' &&
        text_at(entry, "digest", &digest) && hex_copy(digest, fact.sha256) &&
        lks_statement_int(&entry->statement, "number", entry->arena, &number) && number >= 0;
    for (size_t i = 1; sound && i < id.size_bytes; i++)
        sound = id.data[i] >= '0' && id.data[i] <= '9';
    if (!sound) {
        unsound(facts, entry);
        return 0;
    }
    int at = snprintf(fact.folder, sizeof fact.folder, "%.*s", (int)id.size_bytes, id.data);
    if (number)
        snprintf(fact.folder + at, sizeof fact.folder - (size_t)at, "-amendment-%lld",
                 (long long)number);
    int code = room_make((void **)&facts->answers, facts->answers_count, &facts->answers_room,
                         sizeof *facts->answers, err);
    if (code == 0)
        facts->answers[facts->answers_count++] = fact;
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
    case LKS_STATEMENT_DERIVE:
        return derive_take(facts, entry, err);
    case LKS_STATEMENT_REQUEST:
        return answer_take(facts, entry, err);
    case LKS_STATEMENT_EXPORT:
        return export_take(facts, entry, err);
    case LKS_STATEMENT_HOLD:
        return document_take(facts, entry, err);
    case LKS_STATEMENT_ERASE:
    case LKS_STATEMENT_REDACT:
        ending_take(facts, entry);
        return 0;
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
    free(facts->answers);
    lks_arena_free(&facts->arena);
    *facts = (struct lks_verify_facts){0};
}
