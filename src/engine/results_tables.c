/* results_tables.c - a run's results as tables of CASE/runs/<id>/results.duckdb, and back
 *
 * Each array of structs is one table, and one list of fields (name, type, offset)
 * describes it for both ways, so that what is saved is what is loaded. Lists inside a finding
 * are tables of their own whose rows start with the finding they belong to.
 *
 * Above 600 lines because a third of it is those lists, which belong beside the code that
 * walks them: a member that is saved and not loaded would be lost without a word. */
#include "engine/results_tables.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "store/table.h"

enum field_type { FIELD_U32, FIELD_I32, FIELD_U64, FIELD_I64, FIELD_DOUBLE, FIELD_STR, FIELD_TEXT };

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
};

#define FIELD(type, record, member)                                                                \
    {                                                                                              \
#member, type, offsetof(record, member)                                                    \
    }
#define FIELD_AS(name, type, record, member)                                                       \
    {                                                                                              \
        name, type, offsetof(record, member)                                                       \
    }
#define FIELDS_COUNT(fields) (sizeof(fields) / sizeof *(fields))

static_assert(sizeof(enum lks_confidence) == 4 && sizeof(int) == 4, "enums are saved as 32 bits");

/* Rows of the lists inside findings. */
struct member_row {
    uint32_t finding, node;
};
struct alternative_row {
    uint32_t finding;
    struct lks_alternative item;
};
struct object_row {
    uint32_t finding;
    struct lks_result_object item;
};
struct match_row {
    uint32_t finding;
    struct lks_result_match item;
};
struct note_row {
    struct lks_str text;
};

static const struct field run_fields[] = {
    FIELD(FIELD_STR, struct lks_results, run),
    FIELD(FIELD_STR, struct lks_results, version),
    FIELD(FIELD_STR, struct lks_results, data_digest),
    FIELD(FIELD_I32, struct lks_results, synthetic),
    FIELD(FIELD_U64, struct lks_results, posts_count),
    FIELD(FIELD_U64, struct lks_results, accounts_count),
    FIELD(FIELD_U64, struct lks_results, actions_count),
    FIELD(FIELD_U64, struct lks_results, rejects_count),
    FIELD(FIELD_U64, struct lks_results, duplicates_count),
    FIELD(FIELD_U64, struct lks_results, ignored_count),
    FIELD(FIELD_I64, struct lks_results, first_us),
    FIELD(FIELD_I64, struct lks_results, last_us),
    FIELD(FIELD_I32, struct lks_results, time_precision),
    FIELD(FIELD_U64, struct lks_results, tests_count),
    FIELD(FIELD_U64, struct lks_results, edges_tested),
    FIELD(FIELD_U32, struct lks_results, copies_count),
    FIELD(FIELD_DOUBLE, struct lks_results, copies_max_score),
    FIELD(FIELD_DOUBLE, struct lks_results, group_threshold),
    FIELD(FIELD_U64, struct lks_results, seed),
    FIELD(FIELD_I64, struct lks_results, bin_us),
    FIELD_AS("window_url_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_URL]),
    FIELD_AS("window_domain_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_DOMAIN]),
    FIELD_AS("window_hashtag_us", FIELD_I64, struct lks_results,
             kind_window_us[LKS_OBJECT_HASHTAG]),
    FIELD_AS("window_mention_us", FIELD_I64, struct lks_results,
             kind_window_us[LKS_OBJECT_MENTION]),
    FIELD_AS("window_repost_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_REPOST]),
    FIELD_AS("window_reply_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_REPLY]),
    FIELD_AS("window_sound_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_SOUND]),
    FIELD_AS("window_effect_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_EFFECT]),
    FIELD_AS("window_text_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_TEXT]),
    FIELD_AS("window_near_text_us", FIELD_I64, struct lks_results,
             kind_window_us[LKS_OBJECT_NEAR_TEXT]),
    FIELD_AS("window_media_us", FIELD_I64, struct lks_results, kind_window_us[LKS_OBJECT_MEDIA]),
    FIELD_AS("window_hashtag_set_us", FIELD_I64, struct lks_results,
             kind_window_us[LKS_OBJECT_HASHTAG_SET]),
};

#define NODE struct lks_result_node
static const struct field node_fields[] = {
    FIELD_AS("platform", FIELD_STR, NODE, account.platform),
    FIELD_AS("account_key", FIELD_STR, NODE, account.account_key),
    FIELD_AS("handle", FIELD_STR, NODE, account.handle),
    FIELD_AS("display_name", FIELD_STR, NODE, account.display_name),
    FIELD_AS("country", FIELD_STR, NODE, account.country),
    FIELD_AS("language", FIELD_STR, NODE, account.language),
    FIELD_AS("bio", FIELD_STR, NODE, account.bio),
    FIELD_AS("created_us", FIELD_I64, NODE, account.created_us),
    FIELD_AS("created_method", FIELD_I32, NODE, account.created_method),
    FIELD_AS("followers", FIELD_I64, NODE, account.followers),
    FIELD_AS("following", FIELD_I64, NODE, account.following),
    FIELD_AS("posts_total", FIELD_I64, NODE, account.posts_total),
    FIELD_AS("verified", FIELD_I32, NODE, account.verified),
    FIELD(FIELD_U64, NODE, posts_count),
    FIELD(FIELD_U64, NODE, matched_posts),
    FIELD_AS("finding", FIELD_U32, NODE, group),
    FIELD(FIELD_U32, NODE, degree),
    FIELD(FIELD_DOUBLE, NODE, strength),
    FIELD(FIELD_DOUBLE, NODE, x),
    FIELD(FIELD_DOUBLE, NODE, y),
};

#define EDGE struct lks_result_edge
static const struct field edge_fields[] = {
    FIELD_AS("node_a", FIELD_U32, EDGE, edge.a),
    FIELD_AS("node_b", FIELD_U32, EDGE, edge.b),
    FIELD_AS("pairs", FIELD_U64, EDGE, edge.pairs_count),
    FIELD_AS("objects", FIELD_U32, EDGE, edge.objects_count),
    FIELD_AS("occasions", FIELD_U32, EDGE, edge.occasions_count),
    FIELD_AS("posts_a", FIELD_U32, EDGE, edge.posts_a),
    FIELD_AS("posts_b", FIELD_U32, EDGE, edge.posts_b),
    FIELD_AS("a_first", FIELD_U64, EDGE, edge.a_first),
    FIELD_AS("b_first", FIELD_U64, EDGE, edge.b_first),
    FIELD_AS("lag_mean_us", FIELD_DOUBLE, EDGE, edge.lag_mean_us),
    FIELD_AS("first_us", FIELD_I64, EDGE, edge.first_us),
    FIELD_AS("last_us", FIELD_I64, EDGE, edge.last_us),
    FIELD(FIELD_DOUBLE, EDGE, expected),
    FIELD(FIELD_DOUBLE, EDGE, p_value),
    FIELD(FIELD_DOUBLE, EDGE, q_value),
    FIELD(FIELD_I64, EDGE, window_us),
    FIELD(FIELD_DOUBLE, EDGE, synchrony_p),
    FIELD_AS("finding", FIELD_U32, EDGE, group),
};

#define FINDING struct lks_finding
static const struct field finding_fields[] = {
    FIELD(FIELD_STR, FINDING, id),
    FIELD(FIELD_STR, FINDING, title),
    FIELD_AS("edges", FIELD_U32, FINDING, edges_count),
    FIELD(FIELD_DOUBLE, FINDING, score),
    FIELD(FIELD_DOUBLE, FINDING, copies_max_score),
    FIELD(FIELD_DOUBLE, FINDING, p_value),
    FIELD(FIELD_DOUBLE, FINDING, q_edge_max),
    FIELD_AS("occasions", FIELD_U64, FINDING, occasions_count),
    FIELD(FIELD_DOUBLE, FINDING, expected),
    FIELD_AS("posts", FIELD_U64, FINDING, posts_count),
    FIELD(FIELD_I64, FINDING, first_us),
    FIELD(FIELD_I64, FINDING, last_us),
    FIELD(FIELD_DOUBLE, FINDING, lag_median_us),
    FIELD(FIELD_I32, FINDING, confidence),
    FIELD(FIELD_STR, FINDING, confidence_rule),
    FIELD(FIELD_U64, FINDING, matches_total),
};

static const struct field member_fields[] = {
    FIELD(FIELD_U32, struct member_row, finding),
    FIELD(FIELD_U32, struct member_row, node),
};

static const struct field alternative_fields[] = {
    FIELD(FIELD_U32, struct alternative_row, finding),
    FIELD_AS("name", FIELD_TEXT, struct alternative_row, item.name),
    FIELD_AS("verdict", FIELD_TEXT, struct alternative_row, item.verdict),
    FIELD_AS("measured", FIELD_STR, struct alternative_row, item.measured),
};

static const struct field object_fields[] = {
    FIELD(FIELD_U32, struct object_row, finding),
    FIELD_AS("kind", FIELD_I32, struct object_row, item.kind),
    FIELD_AS("object", FIELD_STR, struct object_row, item.object),
    FIELD_AS("accounts", FIELD_U32, struct object_row, item.accounts_count),
    FIELD_AS("uses", FIELD_U32, struct object_row, item.uses_count),
};

static const struct field match_fields[] = {
    FIELD(FIELD_U32, struct match_row, finding),
    FIELD_AS("post_a", FIELD_U32, struct match_row, item.post_a),
    FIELD_AS("post_b", FIELD_U32, struct match_row, item.post_b),
    FIELD_AS("kind", FIELD_I32, struct match_row, item.kind),
    FIELD_AS("object", FIELD_STR, struct match_row, item.object),
    FIELD_AS("lag_us", FIELD_I64, struct match_row, item.lag_us),
};

#define POST struct lks_result_post
static const struct field post_fields[] = {
    FIELD_AS("platform", FIELD_STR, POST, post.platform),
    FIELD_AS("post_key", FIELD_STR, POST, post.post_key),
    FIELD_AS("account_key", FIELD_STR, POST, post.account_key),
    FIELD_AS("text", FIELD_STR, POST, post.text),
    FIELD_AS("transcript", FIELD_STR, POST, post.transcript),
    FIELD_AS("language", FIELD_STR, POST, post.language),
    FIELD_AS("parent_key", FIELD_STR, POST, post.parent_key),
    FIELD_AS("origin_key", FIELD_STR, POST, post.origin_key),
    FIELD_AS("channel_key", FIELD_STR, POST, post.channel_key),
    FIELD_AS("time_us", FIELD_I64, POST, post.time_us),
    FIELD_AS("time_precision", FIELD_I32, POST, post.time_precision),
    FIELD_AS("kind", FIELD_I32, POST, post.kind),
    FIELD_AS("views", FIELD_I64, POST, post.views),
    FIELD_AS("likes", FIELD_I64, POST, post.likes),
    FIELD_AS("shares", FIELD_I64, POST, post.shares),
    FIELD_AS("comments", FIELD_I64, POST, post.comments),
    FIELD_AS("declared_paid", FIELD_I32, POST, post.declared_paid),
    FIELD_AS("offset_bytes", FIELD_U64, POST, post.offset_bytes),
    FIELD_AS("length_bytes", FIELD_U64, POST, post.length_bytes),
    FIELD(FIELD_U32, POST, node),
    FIELD(FIELD_STR, POST, file),
    FIELD(FIELD_STR, POST, sha256),
};

static const struct field bin_fields[] = {
    FIELD(FIELD_I64, struct lks_result_bin, start_us),
    FIELD_AS("posts", FIELD_U64, struct lks_result_bin, posts_count),
    FIELD_AS("coordinated", FIELD_U64, struct lks_result_bin, coordinated_count),
};

static const struct field file_fields[] = {
    FIELD(FIELD_STR, struct lks_result_file, name),
    FIELD(FIELD_STR, struct lks_result_file, sha256),
    FIELD(FIELD_STR, struct lks_result_file, format),
    FIELD(FIELD_U64, struct lks_result_file, size_bytes),
    FIELD_AS("rows", FIELD_U64, struct lks_result_file, rows_count),
    FIELD_AS("posts", FIELD_U64, struct lks_result_file, posts_count),
    FIELD_AS("rejects", FIELD_U64, struct lks_result_file, rejects_count),
    FIELD_AS("duplicates", FIELD_U64, struct lks_result_file, duplicates_count),
    FIELD_AS("ignored", FIELD_U64, struct lks_result_file, ignored_count),
};

static const struct field reject_fields[] = {
    FIELD(FIELD_STR, struct lks_result_reject, file),
    FIELD(FIELD_STR, struct lks_result_reject, reason),
    FIELD(FIELD_STR, struct lks_result_reject, first_bytes),
    FIELD(FIELD_U64, struct lks_result_reject, line),
    FIELD(FIELD_U64, struct lks_result_reject, count),
};

static const struct field option_fields[] = {
    FIELD(FIELD_STR, struct lks_option_text, name),
    FIELD(FIELD_STR, struct lks_option_text, value),
    FIELD(FIELD_STR, struct lks_option_text, meaning),
};

static const struct field note_fields[] = {
    FIELD_AS("note", FIELD_STR, struct note_row, text),
};

/* One table: its rows in memory, the fields, and where an array of counts by kind lies. */
struct sheet {
    const char *name;
    const struct field *fields;
    size_t fields_count;
    size_t row_bytes;
    size_t kinds_offset; /* of kind_objects, or 0 */
    void *rows;
    size_t rows_count;
};

enum sheet_name {
    SHEET_RUN,
    SHEET_NODE,
    SHEET_EDGE,
    SHEET_FINDING,
    SHEET_MEMBER,
    SHEET_ALTERNATIVE,
    SHEET_OBJECT,
    SHEET_MATCH,
    SHEET_POST,
    SHEET_BIN,
    SHEET_FILE,
    SHEET_REJECT,
    SHEET_OPTION,
    SHEET_NOTE,
    SHEETS_COUNT
};

#define SHEET(table, record, fields, kinds)                                                        \
    {                                                                                              \
        table, fields, FIELDS_COUNT(fields), sizeof(record), kinds, NULL, 0                        \
    }
static const struct sheet sheet_shapes[SHEETS_COUNT] = {
    SHEET("run", struct lks_results, run_fields, 0),
    SHEET("node", NODE, node_fields, 0),
    SHEET("edge", EDGE, edge_fields, offsetof(EDGE, edge.kind_objects)),
    SHEET("finding", FINDING, finding_fields, offsetof(FINDING, kind_objects)),
    SHEET("member", struct member_row, member_fields, 0),
    SHEET("alternative", struct alternative_row, alternative_fields, 0),
    SHEET("shared_object", struct object_row, object_fields, 0),
    SHEET("match", struct match_row, match_fields, 0),
    SHEET("evidence_post", POST, post_fields, 0),
    SHEET("timeline", struct lks_result_bin, bin_fields, 0),
    SHEET("file", struct lks_result_file, file_fields, 0),
    SHEET("reject", struct lks_result_reject, reject_fields, 0),
    SHEET("option", struct lks_option_text, option_fields, 0),
    SHEET("note", struct note_row, note_fields, 0),
};

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
    size_t members = 0, alternatives = 0, objects = 0, matches = 0;
    for (uint32_t f = 0; f < results->findings_count; f++) {
        members += results->findings[f].members_count;
        alternatives += results->findings[f].alternatives_count;
        objects += results->findings[f].objects_count;
        matches += results->findings[f].matches_count;
    }
    struct member_row *member = lks_arena_calloc(arena, members + 1, sizeof *member);
    struct alternative_row *alternative =
        lks_arena_calloc(arena, alternatives + 1, sizeof *alternative);
    struct object_row *object = lks_arena_calloc(arena, objects + 1, sizeof *object);
    struct match_row *match = lks_arena_calloc(arena, matches + 1, sizeof *match);
    if (!member || !alternative || !object || !match)
        return LKS_EMEMORY;
    sheets[SHEET_MEMBER].rows = member;
    sheets[SHEET_MEMBER].rows_count = members;
    sheets[SHEET_ALTERNATIVE].rows = alternative;
    sheets[SHEET_ALTERNATIVE].rows_count = alternatives;
    sheets[SHEET_OBJECT].rows = object;
    sheets[SHEET_OBJECT].rows_count = objects;
    sheets[SHEET_MATCH].rows = match;
    sheets[SHEET_MATCH].rows_count = matches;
    for (uint32_t f = 0; f < results->findings_count; f++) {
        const struct lks_finding *finding = &results->findings[f];
        for (uint32_t i = 0; i < finding->members_count; i++)
            *member++ = (struct member_row){f, finding->members[i]};
        for (uint32_t i = 0; i < finding->alternatives_count; i++)
            *alternative++ = (struct alternative_row){f, finding->alternatives[i]};
        for (uint32_t i = 0; i < finding->objects_count; i++)
            *object++ = (struct object_row){f, finding->objects[i]};
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
    memcpy(sheets, sheet_shapes, sizeof sheets);
    sheet_set(&sheets[SHEET_RUN], results, 1);
    sheet_set(&sheets[SHEET_NODE], results->nodes, results->nodes_count);
    sheet_set(&sheets[SHEET_EDGE], results->edges, results->edges_count);
    sheet_set(&sheets[SHEET_FINDING], results->findings, results->findings_count);
    sheet_set(&sheets[SHEET_POST], results->posts, results->evidence_count);
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
    LIST_TAKE(&sheets[SHEET_ALTERNATIVE], struct alternative_row, alternatives, alternatives_count,
              item);
    LIST_TAKE(&sheets[SHEET_OBJECT], struct object_row, objects, objects_count, item);
    LIST_TAKE(&sheets[SHEET_MATCH], struct match_row, matches, matches_count, item);
    return 0;
}

static int kind_is_known(enum lks_object_kind kind)
{
    return (unsigned)kind < LKS_OBJECT_KINDS_COUNT;
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
        if ((unsigned)finding->confidence > LKS_CONFIDENCE_HIGH)
            return 0;
        for (uint32_t i = 0; i < finding->members_count; i++)
            if (finding->members[i] >= r->nodes_count)
                return 0;
        for (uint32_t i = 0; i < finding->objects_count; i++)
            if (!kind_is_known(finding->objects[i].kind))
                return 0;
        for (uint32_t i = 0; i < finding->matches_count; i++)
            if (finding->matches[i].post_a >= r->evidence_count ||
                finding->matches[i].post_b >= r->evidence_count ||
                !kind_is_known(finding->matches[i].kind))
                return 0;
    }
    return (unsigned)r->time_precision <= LKS_PRECISION_DAY;
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
    memcpy(sheets, sheet_shapes, sizeof sheets);
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
