/* results_tables.c - a run's results as tables of CASE/runs/<id>/results.duckdb, and back
 *
 * Each array of structs is one table, and one list of fields (name, type, offset)
 * describes it for both ways, so that what is saved is what is loaded. Lists inside a finding
 * are tables of their own whose rows start with the finding they belong to.
 *
 * Above 600 lines because a third of it is those lists, which belong beside the code that
 * walks them: a member that is saved and not loaded would be lost without a word. */
#include "detect/results_tables.h"

#include <stddef.h>
#include <stdlib.h>

#include "detect/results_fields.h"
#include "store/table.h"

static enum lks_column_type column_type(enum field_type type)
{
    switch (type) {
    case FIELD_U32:
    case FIELD_U64:
        return LKS_COLUMN_UINT64;
    case FIELD_I32:
    case FIELD_I64:
        return LKS_COLUMN_INT64;
    case FIELD_DOUBLE:
        return LKS_COLUMN_DOUBLE;
    default:
        return LKS_COLUMN_TEXT;
    }
}

static size_t column_item_bytes(enum lks_column_type type)
{
    return type == LKS_COLUMN_TEXT ? sizeof(struct lks_str) : 8;
}

/* The i-th column of a sheet: one of its fields, or the count of one object kind. */
static struct field sheet_field(const struct sheet *sheet, size_t i)
{
    if (i < sheet->fields_count)
        return sheet->fields[i];
    size_t kind = i - sheet->fields_count;
    return (struct field){lks_object_kind_names[kind], FIELD_U32, sheet->kinds_offset + 4 * kind};
}

static size_t sheet_columns_count(const struct sheet *sheet)
{
    return sheet->fields_count + (sheet->kinds_offset ? LKS_OBJECT_KINDS_COUNT : 0);
}

static void value_save(enum field_type type, const void *from, void *values, size_t row)
{
    switch (type) {
    case FIELD_U32:
        ((uint64_t *)values)[row] = *(const uint32_t *)from;
        break;
    case FIELD_U64:
        ((uint64_t *)values)[row] = *(const uint64_t *)from;
        break;
    case FIELD_I32:
        ((int64_t *)values)[row] = *(const int32_t *)from;
        break;
    case FIELD_I64:
        ((int64_t *)values)[row] = *(const int64_t *)from;
        break;
    case FIELD_DOUBLE:
        ((double *)values)[row] = *(const double *)from;
        break;
    case FIELD_STR:
        ((struct lks_str *)values)[row] = *(const struct lks_str *)from;
        break;
    case FIELD_TEXT:
        ((struct lks_str *)values)[row] = lks_str_from(*(const char *const *)from);
        break;
    }
}

/* Returns 0, or -1 when a number does not fit its field. */
static int value_load(enum field_type type, const void *values, size_t row, void *to)
{
    switch (type) {
    case FIELD_U32:
        if (((const uint64_t *)values)[row] > UINT32_MAX)
            return -1;
        *(uint32_t *)to = (uint32_t)((const uint64_t *)values)[row];
        return 0;
    case FIELD_U64:
        *(uint64_t *)to = ((const uint64_t *)values)[row];
        return 0;
    case FIELD_I32:
        if (((const int64_t *)values)[row] > INT32_MAX ||
            ((const int64_t *)values)[row] < INT32_MIN)
            return -1;
        *(int32_t *)to = (int32_t)((const int64_t *)values)[row];
        return 0;
    case FIELD_I64:
        *(int64_t *)to = ((const int64_t *)values)[row];
        return 0;
    case FIELD_DOUBLE:
        *(double *)to = ((const double *)values)[row];
        return 0;
    case FIELD_STR:
        *(struct lks_str *)to = ((const struct lks_str *)values)[row];
        return 0;
    default:
        *(const char **)to = ((const struct lks_str *)values)[row].data;
        return *(const char **)to ? 0 : -1;
    }
}

/* Column arrays for a table with room for rows_count values (saving), names and types
 * only (loading). */
static int sheet_table(const struct sheet *sheet, struct lks_arena *arena, int with_values,
                       struct lks_table *table)
{
    size_t count = sheet_columns_count(sheet);
    *table = (struct lks_table){
        .name = sheet->name, .columns_count = count, .rows_count = sheet->rows_count};
    table->columns = lks_arena_calloc(arena, count, sizeof *table->columns);
    if (!table->columns)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++) {
        struct field field = sheet_field(sheet, i);
        struct lks_column *column = &table->columns[i];
        column->name = field.name;
        column->type = column_type(field.type);
        if (!with_values)
            continue;
        column->values =
            lks_arena_calloc(arena, sheet->rows_count + 1, column_item_bytes(column->type));
        if (!column->values)
            return LKS_EMEMORY;
        for (size_t row = 0; row < sheet->rows_count; row++)
            value_save(field.type,
                       (const char *)sheet->rows + row * sheet->row_bytes + field.offset,
                       column->values, row);
    }
    return 0;
}

static int sheet_load(struct sheet *sheet, const struct lks_table *table, struct lks_arena *arena,
                      struct lks_error *err)
{
    size_t count = sheet_columns_count(sheet);
    sheet->rows_count = table->rows_count;
    sheet->rows = lks_arena_calloc(arena, table->rows_count + 1, sheet->row_bytes);
    if (!sheet->rows)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) {
        struct field field = sheet_field(sheet, i);
        for (size_t row = 0; row < table->rows_count; row++)
            if (value_load(field.type, table->columns[i].values, row,
                           (char *)sheet->rows + row * sheet->row_bytes + field.offset) != 0)
                return lks_error_set(err, LKS_ESTORE,
                                     "the saved results are damaged: table %s, column %s",
                                     sheet->name, field.name);
    }
    return 0;
}

/* The lists inside findings, flattened into rows of the arena. */
static int lists_flatten(const struct lks_results *results, struct lks_arena *arena,
                         struct sheet sheets[SHEETS_COUNT])
{
    size_t members = 0, mechanisms = 0, techniques = 0, alternatives = 0, objects = 0, variants = 0,
           matches = 0;
    for (uint32_t f = 0; f < results->findings_count; f++) {
        members += results->findings[f].members_count;
        mechanisms += results->findings[f].fusion.mechanisms_count;
        techniques += results->findings[f].fusion.techniques_count;
        alternatives += results->findings[f].alternatives_count;
        objects += results->findings[f].objects_count;
        variants += results->findings[f].variants_count;
        matches += results->findings[f].matches_count;
    }
    struct member_row *member = lks_arena_calloc(arena, members + 1, sizeof *member);
    struct mechanism_row *mechanism = lks_arena_calloc(arena, mechanisms + 1, sizeof *mechanism);
    struct technique_row *technique = lks_arena_calloc(arena, techniques + 1, sizeof *technique);
    struct alternative_row *alternative =
        lks_arena_calloc(arena, alternatives + 1, sizeof *alternative);
    struct object_row *object = lks_arena_calloc(arena, objects + 1, sizeof *object);
    struct variant_row *variant = lks_arena_calloc(arena, variants + 1, sizeof *variant);
    struct match_row *match = lks_arena_calloc(arena, matches + 1, sizeof *match);
    if (!member || !mechanism || !technique || !alternative || !object || !variant || !match)
        return LKS_EMEMORY;
    sheets[SHEET_MEMBER].rows = member;
    sheets[SHEET_MEMBER].rows_count = members;
    sheets[SHEET_MECHANISM].rows = mechanism;
    sheets[SHEET_MECHANISM].rows_count = mechanisms;
    sheets[SHEET_TECHNIQUE].rows = technique;
    sheets[SHEET_TECHNIQUE].rows_count = techniques;
    sheets[SHEET_ALTERNATIVE].rows = alternative;
    sheets[SHEET_ALTERNATIVE].rows_count = alternatives;
    sheets[SHEET_OBJECT].rows = object;
    sheets[SHEET_OBJECT].rows_count = objects;
    sheets[SHEET_VARIANT].rows = variant;
    sheets[SHEET_VARIANT].rows_count = variants;
    sheets[SHEET_MATCH].rows = match;
    sheets[SHEET_MATCH].rows_count = matches;
    for (uint32_t f = 0; f < results->findings_count; f++) {
        const struct lks_finding *finding = &results->findings[f];
        for (uint32_t i = 0; i < finding->members_count; i++)
            *member++ = (struct member_row){f, finding->members[i],
                                            i < finding->fusion.members_count
                                                ? finding->fusion.members[i]
                                                : (struct lks_member_fusion){.role = 0}};
        for (uint32_t i = 0; i < finding->fusion.mechanisms_count; i++)
            *mechanism++ = (struct mechanism_row){f, finding->fusion.mechanisms[i]};
        for (uint32_t i = 0; i < finding->fusion.techniques_count; i++)
            *technique++ = (struct technique_row){f, finding->fusion.techniques[i]};
        for (uint32_t i = 0; i < finding->alternatives_count; i++)
            *alternative++ = (struct alternative_row){f, finding->alternatives[i]};
        for (uint32_t i = 0; i < finding->objects_count; i++)
            *object++ = (struct object_row){f, finding->objects[i]};
        for (uint32_t i = 0; i < finding->variants_count; i++)
            *variant++ = (struct variant_row){f, finding->variants[i]};
        for (uint32_t i = 0; i < finding->matches_count; i++)
            *match++ = (struct match_row){f, finding->matches[i]};
    }
    return 0;
}

static void sheet_set(struct sheet *sheet, const void *rows, size_t rows_count)
{
    union {
        const void *in;
        void *out; /* saving only reads */
    } pointer = {.in = rows};
    sheet->rows = pointer.out;
    sheet->rows_count = rows_count;
}

int lks_results_save(const char *path, const struct lks_results *results, struct lks_error *err)
{
    struct sheet sheets[SHEETS_COUNT];
    struct lks_table tables[SHEETS_COUNT];
    struct lks_arena arena = {0};
    memcpy(sheets, lks_results_sheets, sizeof sheets);
    sheet_set(&sheets[SHEET_RUN], results, 1);
    sheet_set(&sheets[SHEET_NODE], results->nodes, results->nodes_count);
    sheet_set(&sheets[SHEET_EDGE], results->edges, results->edges_count);
    sheet_set(&sheets[SHEET_FINDING], results->findings, results->findings_count);
    sheet_set(&sheets[SHEET_POST], results->posts, results->evidence_count);
    sheet_set(&sheets[SHEET_AWAKENING], results->awakenings, results->awakenings_count);
    sheet_set(&sheets[SHEET_COHORT], results->cohorts, results->cohorts_count);
    sheet_set(&sheets[SHEET_REGISTRATION], results->registrations, results->registrations_count);
    sheet_set(&sheets[SHEET_POPULAR], results->populars, results->populars_count);
    sheet_set(&sheets[SHEET_LINEAGE], results->lineages, results->lineages_count);
    sheet_set(&sheets[SHEET_LINEAGE_ACCOUNT], results->lineage_accounts,
              results->lineage_accounts_count);
    sheet_set(&sheets[SHEET_TAG_EDIT], results->tag_edits, results->tag_edits_count);
    sheet_set(&sheets[SHEET_CALL], results->calls, results->calls_count);
    sheet_set(&sheets[SHEET_RESPONDER], results->responders, results->responders_count);
    sheet_set(&sheets[SHEET_SWARMER], results->swarmers, results->swarmers_count);
    sheet_set(&sheets[SHEET_FLOOD], results->floods, results->floods_count);
    sheet_set(&sheets[SHEET_SWARM_CLUSTER], results->swarm_clusters, results->swarm_clusters_count);
    sheet_set(&sheets[SHEET_INSTRUCTION], results->instructions, results->instructions_count);
    sheet_set(&sheets[SHEET_RELAY], results->relays, results->relays_count);
    sheet_set(&sheets[SHEET_RELAY_MEMBER], results->relay_members, results->relay_members_count);
    sheet_set(&sheets[SHEET_RELAYER], results->relayers, results->relayers_count);
    sheet_set(&sheets[SHEET_SCRIPT], results->scripts, results->scripts_count);
    sheet_set(&sheets[SHEET_TELLER], results->tellers, results->tellers_count);
    sheet_set(&sheets[SHEET_PAYEE], results->payees, results->payees_count);
    sheet_set(&sheets[SHEET_SUM], results->sums, results->sums_count);
    sheet_set(&sheets[SHEET_FLOW], results->flows, results->flows_count);
    sheet_set(&sheets[SHEET_NAMED], results->named, results->named_count);
    sheet_set(&sheets[SHEET_CHECK], results->checks, results->checks_count);
    sheet_set(&sheets[SHEET_LAYER], results->layers, results->layers_count);
    sheet_set(&sheets[SHEET_BIN], results->bins, results->bins_count);
    sheet_set(&sheets[SHEET_FILE], results->files, results->files_count);
    sheet_set(&sheets[SHEET_REJECT], results->rejects, results->reject_rows_count);
    sheet_set(&sheets[SHEET_OPTION], results->options, results->options_count);
    sheet_set(&sheets[SHEET_NOTE], results->notes, results->notes_count);
    int code = lists_flatten(results, &arena, sheets);
    for (int i = 0; code == 0 && i < SHEETS_COUNT; i++)
        code = sheet_table(&sheets[i], &arena, 1, &tables[i]);
    if (code == 0)
        code = lks_tables_save(path, tables, SHEETS_COUNT, NULL, err);
    else
        code = lks_error_set(err, code, "out of memory");
    lks_arena_free(&arena);
    return code;
}

/* Takes rows of a list, sorted by finding, apart into the findings. Returns -1 when a row
 * names a finding that is not there or stands out of order. */
#define LIST_TAKE(sheet, record, list, list_count, element)                                        \
    do {                                                                                           \
        const record *rows = (sheet)->rows;                                                        \
        size_t at = 0;                                                                             \
        for (uint32_t f = 0; f < results->findings_count; f++) {                                   \
            struct lks_finding *finding = &results->findings[f];                                   \
            size_t start = at;                                                                     \
            while (at < (sheet)->rows_count && rows[at].finding == f)                              \
                at++;                                                                              \
            finding->list =                                                                        \
                lks_arena_calloc(&results->arena, at - start + 1, sizeof *finding->list);          \
            if (!finding->list)                                                                    \
                return -1;                                                                         \
            finding->list_count = (uint32_t)(at - start);                                          \
            for (size_t i = start; i < at; i++)                                                    \
                finding->list[i - start] = rows[i].element;                                        \
        }                                                                                          \
        if (at != (sheet)->rows_count)                                                             \
            return -1;                                                                             \
    } while (0)

static int lists_take(struct lks_results *results, const struct sheet sheets[SHEETS_COUNT])
{
    LIST_TAKE(&sheets[SHEET_MEMBER], struct member_row, members, members_count, node);
    LIST_TAKE(&sheets[SHEET_MEMBER], struct member_row, fusion.members, fusion.members_count, item);
    LIST_TAKE(&sheets[SHEET_MECHANISM], struct mechanism_row, fusion.mechanisms,
              fusion.mechanisms_count, item);
    LIST_TAKE(&sheets[SHEET_TECHNIQUE], struct technique_row, fusion.techniques,
              fusion.techniques_count, item);
    LIST_TAKE(&sheets[SHEET_ALTERNATIVE], struct alternative_row, alternatives, alternatives_count,
              item);
    LIST_TAKE(&sheets[SHEET_OBJECT], struct object_row, objects, objects_count, item);
    LIST_TAKE(&sheets[SHEET_VARIANT], struct variant_row, variants, variants_count, item);
    LIST_TAKE(&sheets[SHEET_MATCH], struct match_row, matches, matches_count, item);
    return 0;
}

static int kind_is_known(enum lks_object_kind kind)
{
    return (unsigned)kind < LKS_OBJECT_KINDS_COUNT;
}

static int finding_is_sound(const struct lks_results *r, uint32_t finding)
{
    return finding == UINT32_MAX || finding < r->findings_count;
}

static int promotion_is_sound(const struct lks_results *r)
{
    enum { EXPONENT_MAX = 18 };
    for (uint32_t i = 0; i < r->scripts_count; i++)
        if ((unsigned)r->scripts[i].item.kind >= LKS_SCRIPT_KINDS_COUNT ||
            r->scripts[i].item.campaign >= r->scripts_count)
            return 0;
    for (uint32_t i = 0; i < r->tellers_count; i++)
        if (r->tellers[i].item.script >= r->scripts_count ||
            !finding_is_sound(r, r->tellers[i].finding))
            return 0;
    for (uint32_t i = 0; i < r->payees_count; i++)
        if ((r->payees[i].script != UINT32_MAX && r->payees[i].script >= r->scripts_count) ||
            !finding_is_sound(r, r->payees[i].finding))
            return 0;
    for (uint32_t i = 0; i < r->sums_count; i++)
        if ((unsigned)r->sums[i].item.by >= LKS_SUM_BYS_COUNT ||
            (unsigned)r->sums[i].item.exponent > EXPONENT_MAX)
            return 0;
    for (uint32_t i = 0; i < r->flows_count; i++)
        if ((unsigned)r->flows[i].exponent > EXPONENT_MAX)
            return 0;
    for (uint32_t i = 0; i < r->checks_count; i++)
        if ((unsigned)r->checks[i].exponent > EXPONENT_MAX)
            return 0;
    return (unsigned)r->promotion.converted_exponent <= EXPONENT_MAX;
}

/* Every index and every enum that a writer will follow. */
static int results_are_sound(const struct lks_results *r)
{
    for (uint32_t i = 0; i < r->nodes_count; i++)
        if ((unsigned)r->nodes[i].account.created_method >= LKS_CREATED_METHODS_COUNT ||
            (r->nodes[i].group != UINT32_MAX && r->nodes[i].group >= r->findings_count))
            return 0;
    for (uint64_t i = 0; i < r->edges_count; i++)
        if (r->edges[i].edge.a >= r->nodes_count || r->edges[i].edge.b >= r->nodes_count ||
            (r->edges[i].group != UINT32_MAX && r->edges[i].group >= r->findings_count))
            return 0;
    for (uint64_t i = 0; i < r->evidence_count; i++)
        if (r->posts[i].node >= r->nodes_count ||
            (unsigned)r->posts[i].post.kind >= LKS_POST_KINDS_COUNT ||
            (unsigned)r->posts[i].post.time_precision > LKS_PRECISION_DAY)
            return 0;
    for (uint32_t f = 0; f < r->findings_count; f++) {
        const struct lks_finding *finding = &r->findings[f];
        if ((unsigned)finding->confidence >= LKS_CONFIDENCES_COUNT)
            return 0;
        for (uint32_t i = 0; i < finding->members_count; i++)
            if (finding->members[i] >= r->nodes_count)
                return 0;
        for (uint32_t i = 0; i < finding->fusion.members_count; i++)
            if ((unsigned)finding->fusion.members[i].role >= LKS_ROLES_COUNT ||
                (unsigned)finding->fusion.members[i].tie >= LKS_LAYERS_COUNT)
                return 0;
        for (uint32_t i = 0; i < finding->fusion.mechanisms_count; i++)
            if ((unsigned)finding->fusion.mechanisms[i].layer >= LKS_LAYERS_COUNT)
                return 0;
        for (uint32_t i = 0; i < finding->objects_count; i++)
            if (!kind_is_known(finding->objects[i].kind))
                return 0;
        for (uint32_t i = 0; i < finding->variants_count; i++)
            if (finding->variants[i].object >= finding->objects_count)
                return 0;
        for (uint32_t i = 0; i < finding->matches_count; i++)
            if (finding->matches[i].post_a >= r->evidence_count ||
                finding->matches[i].post_b >= r->evidence_count ||
                !kind_is_known(finding->matches[i].kind))
                return 0;
    }
    for (uint32_t i = 0; i < r->layers_count; i++)
        if ((unsigned)r->layers[i].layer >= LKS_LAYERS_COUNT)
            return 0;
    for (uint32_t i = 0; i < r->awakenings_count; i++) {
        const struct lks_awakening *item = &r->awakenings[i].item;
        if ((unsigned)r->awakenings[i].account.created_method >= LKS_CREATED_METHODS_COUNT ||
            (unsigned)item->history > LKS_HISTORY_CREATION ||
            item->woke_cohort >= (int64_t)r->cohorts_count ||
            item->made_cohort >= (int64_t)r->cohorts_count ||
            (r->awakenings[i].finding != UINT32_MAX &&
             r->awakenings[i].finding >= r->findings_count))
            return 0;
    }
    for (uint32_t i = 0; i < r->responders_count; i++)
        if (r->responders[i].finding != UINT32_MAX && r->responders[i].finding >= r->findings_count)
            return 0;
    for (uint32_t i = 0; i < r->swarmers_count; i++)
        if ((r->swarmers[i].finding != UINT32_MAX && r->swarmers[i].finding >= r->findings_count) ||
            (r->swarmers[i].item.cluster != LKS_SWARM_NONE &&
             r->swarmers[i].item.cluster >= r->swarm_clusters_count))
            return 0;
    for (uint32_t i = 0; i < r->floods_count; i++)
        if (r->floods[i].item.cluster != LKS_SWARM_NONE &&
            r->floods[i].item.cluster >= r->swarm_clusters_count)
            return 0;
    for (uint32_t i = 0; i < r->relays_count; i++)
        if (r->relays[i].item.first_member > r->relay_members_count ||
            r->relays[i].item.members_count >
                r->relay_members_count - r->relays[i].item.first_member)
            return 0;
    for (uint32_t i = 0; i < r->relay_members_count; i++)
        if (r->relay_members[i].relay >= r->relays_count)
            return 0;
    for (uint32_t i = 0; i < r->lineages_count; i++)
        if (!kind_is_known(r->lineages[i].item.kind) ||
            (unsigned)r->lineages[i].item.by > LKS_LINEAGE_TASTE)
            return 0;
    for (uint32_t i = 0; i < r->lineage_accounts_count; i++)
        if (r->lineage_accounts[i].lineage >= r->lineages_count ||
            (r->lineage_accounts[i].finding != UINT32_MAX &&
             r->lineage_accounts[i].finding >= r->findings_count))
            return 0;
    for (uint32_t i = 0; i < r->tag_edits_count; i++)
        if ((unsigned)r->tag_edits[i].item.rule > LKS_EDIT_ADDED)
            return 0;
    for (uint32_t i = 0; i < r->populars_count; i++)
        if (!kind_is_known(r->populars[i].item.kind) ||
            r->populars[i].item.platforms_count > LKS_POPULAR_PLATFORMS)
            return 0;
    return (unsigned)r->time_precision <= LKS_PRECISION_DAY && promotion_is_sound(r);
}

static void results_take(struct lks_results *results, const struct sheet sheets[SHEETS_COUNT])
{
    results->nodes = sheets[SHEET_NODE].rows;
    results->nodes_count = (uint32_t)sheets[SHEET_NODE].rows_count;
    results->edges = sheets[SHEET_EDGE].rows;
    results->edges_count = sheets[SHEET_EDGE].rows_count;
    results->findings = sheets[SHEET_FINDING].rows;
    results->findings_count = (uint32_t)sheets[SHEET_FINDING].rows_count;
    results->posts = sheets[SHEET_POST].rows;
    results->evidence_count = sheets[SHEET_POST].rows_count;
    results->awakenings = sheets[SHEET_AWAKENING].rows;
    results->awakenings_count = (uint32_t)sheets[SHEET_AWAKENING].rows_count;
    results->cohorts = sheets[SHEET_COHORT].rows;
    results->cohorts_count = (uint32_t)sheets[SHEET_COHORT].rows_count;
    results->registrations = sheets[SHEET_REGISTRATION].rows;
    results->registrations_count = (uint32_t)sheets[SHEET_REGISTRATION].rows_count;
    results->populars = sheets[SHEET_POPULAR].rows;
    results->populars_count = (uint32_t)sheets[SHEET_POPULAR].rows_count;
    results->lineages = sheets[SHEET_LINEAGE].rows;
    results->lineages_count = (uint32_t)sheets[SHEET_LINEAGE].rows_count;
    results->lineage_accounts = sheets[SHEET_LINEAGE_ACCOUNT].rows;
    results->lineage_accounts_count = (uint32_t)sheets[SHEET_LINEAGE_ACCOUNT].rows_count;
    results->tag_edits = sheets[SHEET_TAG_EDIT].rows;
    results->tag_edits_count = (uint32_t)sheets[SHEET_TAG_EDIT].rows_count;
    results->calls = sheets[SHEET_CALL].rows;
    results->calls_count = (uint32_t)sheets[SHEET_CALL].rows_count;
    results->responders = sheets[SHEET_RESPONDER].rows;
    results->responders_count = (uint32_t)sheets[SHEET_RESPONDER].rows_count;
    results->swarmers = sheets[SHEET_SWARMER].rows;
    results->swarmers_count = (uint32_t)sheets[SHEET_SWARMER].rows_count;
    results->floods = sheets[SHEET_FLOOD].rows;
    results->floods_count = (uint32_t)sheets[SHEET_FLOOD].rows_count;
    results->swarm_clusters = sheets[SHEET_SWARM_CLUSTER].rows;
    results->swarm_clusters_count = (uint32_t)sheets[SHEET_SWARM_CLUSTER].rows_count;
    results->instructions = sheets[SHEET_INSTRUCTION].rows;
    results->instructions_count = (uint32_t)sheets[SHEET_INSTRUCTION].rows_count;
    results->relays = sheets[SHEET_RELAY].rows;
    results->relays_count = (uint32_t)sheets[SHEET_RELAY].rows_count;
    results->relay_members = sheets[SHEET_RELAY_MEMBER].rows;
    results->relay_members_count = (uint32_t)sheets[SHEET_RELAY_MEMBER].rows_count;
    results->relayers = sheets[SHEET_RELAYER].rows;
    results->relayers_count = (uint32_t)sheets[SHEET_RELAYER].rows_count;
    results->scripts = sheets[SHEET_SCRIPT].rows;
    results->scripts_count = (uint32_t)sheets[SHEET_SCRIPT].rows_count;
    results->tellers = sheets[SHEET_TELLER].rows;
    results->tellers_count = (uint32_t)sheets[SHEET_TELLER].rows_count;
    results->payees = sheets[SHEET_PAYEE].rows;
    results->payees_count = (uint32_t)sheets[SHEET_PAYEE].rows_count;
    results->sums = sheets[SHEET_SUM].rows;
    results->sums_count = (uint32_t)sheets[SHEET_SUM].rows_count;
    results->flows = sheets[SHEET_FLOW].rows;
    results->flows_count = (uint32_t)sheets[SHEET_FLOW].rows_count;
    results->named = sheets[SHEET_NAMED].rows;
    results->named_count = (uint32_t)sheets[SHEET_NAMED].rows_count;
    results->checks = sheets[SHEET_CHECK].rows;
    results->checks_count = (uint32_t)sheets[SHEET_CHECK].rows_count;
    results->layers = sheets[SHEET_LAYER].rows;
    results->layers_count = (uint32_t)sheets[SHEET_LAYER].rows_count;
    results->bins = sheets[SHEET_BIN].rows;
    results->bins_count = (uint32_t)sheets[SHEET_BIN].rows_count;
    results->files = sheets[SHEET_FILE].rows;
    results->files_count = (uint32_t)sheets[SHEET_FILE].rows_count;
    results->rejects = sheets[SHEET_REJECT].rows;
    results->reject_rows_count = (uint32_t)sheets[SHEET_REJECT].rows_count;
    results->options = sheets[SHEET_OPTION].rows;
    results->options_count = (uint32_t)sheets[SHEET_OPTION].rows_count;
    results->notes = sheets[SHEET_NOTE].rows; /* a note_row is one string */
    results->notes_count = (uint32_t)sheets[SHEET_NOTE].rows_count;
}

int lks_results_load(const char *path, struct lks_results *results, struct lks_error *err)
{
    struct sheet sheets[SHEETS_COUNT];
    struct lks_table tables[SHEETS_COUNT];
    struct lks_arena arena = {0};
    int code = 0;
    *results = (struct lks_results){0};
    memcpy(sheets, lks_results_sheets, sizeof sheets);
    for (int i = 0; code == 0 && i < SHEETS_COUNT; i++)
        code = sheet_table(&sheets[i], &arena, 0, &tables[i]);
    if (code == 0)
        code = lks_tables_load(path, tables, SHEETS_COUNT, &arena, NULL, err);
    for (int i = 0; code == 0 && i < SHEETS_COUNT; i++)
        code = sheet_load(&sheets[i], &tables[i], &arena, err);
    if (code == 0 && sheets[SHEET_RUN].rows_count != 1)
        code = lks_error_set(err, LKS_ESTORE, "%s: the saved results are damaged", path);
    if (code == 0) {
        *results = *(const struct lks_results *)sheets[SHEET_RUN].rows;
        results->arena = arena; /* strings and rows live on in the results */
        arena = (struct lks_arena){0};
        results_take(results, sheets);
        if (lists_take(results, sheets) != 0 || !results_are_sound(results))
            code = lks_error_set(err, LKS_ESTORE, "%s: the saved results are damaged", path);
    }
    lks_arena_free(&arena);
    return code;
}
