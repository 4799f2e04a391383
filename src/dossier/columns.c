/* columns.c - the columns of nodes, edges and posts, as every table and graph format has them */
#include "dossier/columns_inside.h"

#include <math.h>

#include "base/json_write.h"
#include "base/money.h"

const char *const lks_export_names[LKS_EXPORTS_COUNT] = {
    "nodes", "edges", "posts", "payment_sums", "scripts", "script_accounts"};

enum node_column {
    NODE_KEY,
    NODE_PLATFORM,
    NODE_HANDLE,
    NODE_NAME,
    NODE_COUNTRY,
    NODE_LANGUAGE,
    NODE_CREATED,
    NODE_CREATED_METHOD,
    NODE_FOLLOWERS,
    NODE_FOLLOWING,
    NODE_POSTS_TOTAL,
    NODE_VERIFIED,
    NODE_POSTS,
    NODE_MATCHED,
    NODE_FINDING,
    NODE_MEMBER_P,
    NODE_MEMBER_Q,
    NODE_DEGREE,
    NODE_STRENGTH,
    NODE_X,
    NODE_Y,
    NODE_COLUMNS_COUNT
};

static const struct lks_export_column node_columns[NODE_COLUMNS_COUNT] = {
    [NODE_KEY] = {"account_key", LKS_EXPORT_OUTSIDE},
    [NODE_PLATFORM] = {"platform", LKS_EXPORT_OUTSIDE},
    [NODE_HANDLE] = {"handle", LKS_EXPORT_OUTSIDE},
    [NODE_NAME] = {"display_name", LKS_EXPORT_OUTSIDE},
    [NODE_COUNTRY] = {"country", LKS_EXPORT_OUTSIDE},
    [NODE_LANGUAGE] = {"language", LKS_EXPORT_OUTSIDE},
    [NODE_CREATED] = {"created", LKS_EXPORT_TIME},
    [NODE_CREATED_METHOD] = {"created_method", LKS_EXPORT_TEXT},
    [NODE_FOLLOWERS] = {"followers", LKS_EXPORT_COUNT},
    [NODE_FOLLOWING] = {"following", LKS_EXPORT_COUNT},
    [NODE_POSTS_TOTAL] = {"posts_total", LKS_EXPORT_COUNT},
    [NODE_VERIFIED] = {"verified", LKS_EXPORT_COUNT},
    [NODE_POSTS] = {"posts", LKS_EXPORT_COUNT},
    [NODE_MATCHED] = {"matched_posts", LKS_EXPORT_COUNT},
    [NODE_FINDING] = {"finding", LKS_EXPORT_TEXT},
    [NODE_MEMBER_P] = {"member_p", LKS_EXPORT_NUMBER},
    [NODE_MEMBER_Q] = {"member_q", LKS_EXPORT_NUMBER},
    [NODE_DEGREE] = {"degree", LKS_EXPORT_COUNT},
    [NODE_STRENGTH] = {"strength", LKS_EXPORT_NUMBER},
    [NODE_X] = {"x", LKS_EXPORT_NUMBER},
    [NODE_Y] = {"y", LKS_EXPORT_NUMBER},
};

enum edge_column {
    EDGE_A,
    EDGE_B,
    EDGE_A_HANDLE,
    EDGE_B_HANDLE,
    EDGE_OCCASIONS,
    EDGE_EXPECTED,
    EDGE_P,
    EDGE_Q,
    EDGE_WINDOW,
    EDGE_SYNCHRONY,
    EDGE_PAIRS,
    EDGE_OBJECTS,
    EDGE_POSTS_A,
    EDGE_POSTS_B,
    EDGE_A_FIRST,
    EDGE_B_FIRST,
    EDGE_LAG,
    EDGE_FIRST,
    EDGE_LAST,
    EDGE_FINDING,
    EDGE_KINDS, /* one column a kind from here on */
    EDGE_COLUMNS_COUNT = EDGE_KINDS + LKS_OBJECT_KINDS_COUNT
};

static const struct lks_export_column edge_columns[EDGE_COLUMNS_COUNT] = {
    [EDGE_A] = {"account_a", LKS_EXPORT_OUTSIDE},
    [EDGE_B] = {"account_b", LKS_EXPORT_OUTSIDE},
    [EDGE_A_HANDLE] = {"handle_a", LKS_EXPORT_OUTSIDE},
    [EDGE_B_HANDLE] = {"handle_b", LKS_EXPORT_OUTSIDE},
    [EDGE_OCCASIONS] = {"occasions", LKS_EXPORT_COUNT},
    [EDGE_EXPECTED] = {"expected", LKS_EXPORT_NUMBER},
    [EDGE_P] = {"p_value", LKS_EXPORT_NUMBER},
    [EDGE_Q] = {"q_value", LKS_EXPORT_NUMBER},
    [EDGE_WINDOW] = {"window_seconds", LKS_EXPORT_NUMBER},
    [EDGE_SYNCHRONY] = {"synchrony_p", LKS_EXPORT_NUMBER},
    [EDGE_PAIRS] = {"pairs", LKS_EXPORT_COUNT},
    [EDGE_OBJECTS] = {"objects", LKS_EXPORT_COUNT},
    [EDGE_POSTS_A] = {"posts_a", LKS_EXPORT_COUNT},
    [EDGE_POSTS_B] = {"posts_b", LKS_EXPORT_COUNT},
    [EDGE_A_FIRST] = {"a_first", LKS_EXPORT_COUNT},
    [EDGE_B_FIRST] = {"b_first", LKS_EXPORT_COUNT},
    [EDGE_LAG] = {"lag_mean_seconds", LKS_EXPORT_NUMBER},
    [EDGE_FIRST] = {"first", LKS_EXPORT_TIME},
    [EDGE_LAST] = {"last", LKS_EXPORT_TIME},
    [EDGE_FINDING] = {"finding", LKS_EXPORT_TEXT},
    [EDGE_KINDS + LKS_OBJECT_URL] = {"objects_url", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_DOMAIN] = {"objects_domain", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_HASHTAG] = {"objects_hashtag", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_MENTION] = {"objects_mention", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_REPOST] = {"objects_repost", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_REPLY] = {"objects_reply", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_SOUND] = {"objects_sound", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_EFFECT] = {"objects_effect", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_TEXT] = {"objects_text", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_NEAR_TEXT] = {"objects_near_text", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_MEDIA] = {"objects_media", LKS_EXPORT_COUNT},
    [EDGE_KINDS + LKS_OBJECT_HASHTAG_SET] = {"objects_hashtag_set", LKS_EXPORT_COUNT},
};

enum post_column {
    POST_KEY,
    POST_ACCOUNT,
    POST_PLATFORM,
    POST_TIME,
    POST_PRECISION,
    POST_KIND,
    POST_TEXT,
    POST_TRANSCRIPT,
    POST_LANGUAGE,
    POST_PARENT,
    POST_ORIGIN,
    POST_CHANNEL,
    POST_VIEWS,
    POST_LIKES,
    POST_SHARES,
    POST_COMMENTS,
    POST_FINDING,
    POST_FILE,
    POST_SHA256,
    POST_LEAF,
    POST_OFFSET,
    POST_LENGTH,
    POST_COLUMNS_COUNT
};

static const struct lks_export_column post_columns[POST_COLUMNS_COUNT] = {
    [POST_KEY] = {"post_key", LKS_EXPORT_OUTSIDE},
    [POST_ACCOUNT] = {"account_key", LKS_EXPORT_OUTSIDE},
    [POST_PLATFORM] = {"platform", LKS_EXPORT_OUTSIDE},
    [POST_TIME] = {"time", LKS_EXPORT_TIME},
    [POST_PRECISION] = {"time_precision", LKS_EXPORT_TEXT},
    [POST_KIND] = {"kind", LKS_EXPORT_TEXT},
    [POST_TEXT] = {"text", LKS_EXPORT_OUTSIDE},
    [POST_TRANSCRIPT] = {"transcript", LKS_EXPORT_OUTSIDE},
    [POST_LANGUAGE] = {"language", LKS_EXPORT_OUTSIDE},
    [POST_PARENT] = {"parent_key", LKS_EXPORT_OUTSIDE},
    [POST_ORIGIN] = {"origin_key", LKS_EXPORT_OUTSIDE},
    [POST_CHANNEL] = {"channel_key", LKS_EXPORT_OUTSIDE},
    [POST_VIEWS] = {"views", LKS_EXPORT_COUNT},
    [POST_LIKES] = {"likes", LKS_EXPORT_COUNT},
    [POST_SHARES] = {"shares", LKS_EXPORT_COUNT},
    [POST_COMMENTS] = {"comments", LKS_EXPORT_COUNT},
    [POST_FINDING] = {"finding", LKS_EXPORT_TEXT},
    [POST_FILE] = {"file", LKS_EXPORT_OUTSIDE},
    [POST_SHA256] = {"sha256", LKS_EXPORT_TEXT},
    [POST_LEAF] = {"leaf", LKS_EXPORT_COUNT},
    [POST_OFFSET] = {"offset_bytes", LKS_EXPORT_COUNT},
    [POST_LENGTH] = {"length_bytes", LKS_EXPORT_COUNT},
};

struct lks_export_value lks_exported_text(struct lks_str text)
{
    return (struct lks_export_value){.null = text.data == NULL, .text = text};
}

/* Counts and times share one mark for "unknown". */
struct lks_export_value lks_exported_count(int64_t count)
{
    return (struct lks_export_value){.null = count == LKS_COUNT_NULL, .count = count};
}

struct lks_export_value lks_exported_number(double number)
{
    return (struct lks_export_value){.null = !isfinite(number), .number = number};
}

struct lks_export_value lks_exported_finding(const struct lks_results *results, uint32_t group)
{
    return lks_exported_text(group < results->findings_count ? results->findings[group].id
                                                             : LKS_STR_NULL);
}

static struct lks_export_value node_value(const struct lks_results *results, uint64_t row,
                                          size_t column)
{
    const struct lks_result_node *node = results->nodes + row;
    const struct lks_account *account = &node->account;
    switch ((enum node_column)column) {
    case NODE_KEY:
        return lks_exported_text(account->account_key);
    case NODE_PLATFORM:
        return lks_exported_text(account->platform);
    case NODE_HANDLE:
        return lks_exported_text(account->handle);
    case NODE_NAME:
        return lks_exported_text(account->display_name);
    case NODE_COUNTRY:
        return lks_exported_text(account->country);
    case NODE_LANGUAGE:
        return lks_exported_text(account->language);
    case NODE_CREATED:
        return lks_exported_count(account->created_us);
    case NODE_CREATED_METHOD:
        return lks_exported_text(lks_str_from(lks_created_method_names[account->created_method]));
    case NODE_FOLLOWERS:
        return lks_exported_count(account->followers);
    case NODE_FOLLOWING:
        return lks_exported_count(account->following);
    case NODE_POSTS_TOTAL:
        return lks_exported_count(account->posts_total);
    case NODE_VERIFIED:
        return lks_exported_count(account->verified < 0 ? LKS_COUNT_NULL : account->verified);
    case NODE_POSTS:
        return lks_exported_count((int64_t)node->posts_count);
    case NODE_MATCHED:
        return lks_exported_count((int64_t)node->matched_posts);
    case NODE_FINDING:
        return lks_exported_finding(results, node->group);
    case NODE_MEMBER_P:
        return lks_exported_number(node->member_p);
    case NODE_MEMBER_Q:
        return lks_exported_number(node->member_q);
    case NODE_DEGREE:
        return lks_exported_count(node->degree);
    case NODE_STRENGTH:
        return lks_exported_number(node->strength);
    case NODE_X:
        return lks_exported_number(node->x);
    case NODE_Y:
        return lks_exported_number(node->y);
    case NODE_COLUMNS_COUNT:
        break;
    }
    return lks_exported_text(LKS_STR_NULL);
}

static struct lks_export_value edge_value(const struct lks_results *results, uint64_t row,
                                          size_t column)
{
    const struct lks_result_edge *result = results->edges + row;
    const struct lks_edge *edge = &result->edge;
    if (column >= EDGE_KINDS)
        return lks_exported_count(edge->kind_objects[column - EDGE_KINDS]);
    switch ((enum edge_column)column) {
    case EDGE_A:
        return lks_exported_text(results->nodes[edge->a].account.account_key);
    case EDGE_B:
        return lks_exported_text(results->nodes[edge->b].account.account_key);
    case EDGE_A_HANDLE:
        return lks_exported_text(results->nodes[edge->a].account.handle);
    case EDGE_B_HANDLE:
        return lks_exported_text(results->nodes[edge->b].account.handle);
    case EDGE_OCCASIONS:
        return lks_exported_count(edge->occasions_count);
    case EDGE_EXPECTED:
        return lks_exported_number(result->expected);
    case EDGE_P:
        return lks_exported_number(result->p_value);
    case EDGE_Q:
        return lks_exported_number(result->q_value);
    case EDGE_WINDOW:
        return lks_exported_number((double)result->window_us / LKS_SECOND_US);
    case EDGE_SYNCHRONY:
        return lks_exported_number(result->synchrony_p);
    case EDGE_PAIRS:
        return lks_exported_count((int64_t)edge->pairs_count);
    case EDGE_OBJECTS:
        return lks_exported_count(edge->objects_count);
    case EDGE_POSTS_A:
        return lks_exported_count(edge->posts_a);
    case EDGE_POSTS_B:
        return lks_exported_count(edge->posts_b);
    case EDGE_A_FIRST:
        return lks_exported_count((int64_t)edge->a_first);
    case EDGE_B_FIRST:
        return lks_exported_count((int64_t)edge->b_first);
    case EDGE_LAG:
        return lks_exported_number(edge->lag_mean_us / LKS_SECOND_US);
    case EDGE_FIRST:
        return lks_exported_count(edge->first_us);
    case EDGE_LAST:
        return lks_exported_count(edge->last_us);
    case EDGE_FINDING:
        return lks_exported_finding(results, result->group);
    default:
        return lks_exported_text(LKS_STR_NULL);
    }
}

static struct lks_export_value post_value(const struct lks_results *results, uint64_t row,
                                          size_t column)
{
    const struct lks_result_post *result = results->posts + row;
    const struct lks_post *post = &result->post;
    switch ((enum post_column)column) {
    case POST_KEY:
        return lks_exported_text(post->post_key);
    case POST_ACCOUNT:
        return lks_exported_text(post->account_key);
    case POST_PLATFORM:
        return lks_exported_text(post->platform);
    case POST_TIME:
        return lks_exported_count(post->time_us);
    case POST_PRECISION:
        return lks_exported_text(lks_str_from(lks_precision_names[post->time_precision]));
    case POST_KIND:
        return lks_exported_text(lks_str_from(lks_post_kind_names[post->kind]));
    case POST_TEXT:
        return lks_exported_text(post->text);
    case POST_TRANSCRIPT:
        return lks_exported_text(post->transcript);
    case POST_LANGUAGE:
        return lks_exported_text(post->language);
    case POST_PARENT:
        return lks_exported_text(post->parent_key);
    case POST_ORIGIN:
        return lks_exported_text(post->origin_key);
    case POST_CHANNEL:
        return lks_exported_text(post->channel_key);
    case POST_VIEWS:
        return lks_exported_count(post->views);
    case POST_LIKES:
        return lks_exported_count(post->likes);
    case POST_SHARES:
        return lks_exported_count(post->shares);
    case POST_COMMENTS:
        return lks_exported_count(post->comments);
    case POST_FINDING:
        return lks_exported_finding(results, results->nodes[result->node].group);
    case POST_FILE:
        return lks_exported_text(result->file);
    case POST_SHA256:
        return lks_exported_text(result->sha256);
    case POST_LEAF:
        return lks_exported_count((int64_t)result->leaf);
    case POST_OFFSET:
        return lks_exported_count((int64_t)post->offset_bytes);
    case POST_LENGTH:
        return lks_exported_count((int64_t)post->length_bytes);
    case POST_COLUMNS_COUNT:
        break;
    }
    return lks_exported_text(LKS_STR_NULL);
}

const struct lks_export_column *lks_export_columns(enum lks_export table, size_t *count_out)
{
    const struct {
        const struct lks_export_column *columns;
        size_t count;
    } tables[LKS_EXPORTS_COUNT] = {
        [LKS_SHEET_NODES] = {node_columns, NODE_COLUMNS_COUNT},
        [LKS_SHEET_EDGES] = {edge_columns, EDGE_COLUMNS_COUNT},
        [LKS_SHEET_POSTS] = {post_columns, POST_COLUMNS_COUNT},
        [LKS_SHEET_SUMS] = {lks_sum_columns, lks_sum_columns_count},
        [LKS_SHEET_SCRIPTS] = {lks_script_columns, lks_script_columns_count},
        [LKS_SHEET_TELLERS] = {lks_teller_columns, lks_teller_columns_count}};
    *count_out = tables[table].count;
    return tables[table].columns;
}

uint64_t lks_export_rows_count(const struct lks_results *results, enum lks_export table)
{
    const uint64_t counts[LKS_EXPORTS_COUNT] = {
        [LKS_SHEET_NODES] = results->nodes_count,     [LKS_SHEET_EDGES] = results->edges_count,
        [LKS_SHEET_POSTS] = results->evidence_count,  [LKS_SHEET_SUMS] = results->sums_count,
        [LKS_SHEET_SCRIPTS] = results->scripts_count, [LKS_SHEET_TELLERS] = results->tellers_count};
    return counts[table];
}

struct lks_export_value lks_export_value(const struct lks_results *results, enum lks_export table,
                                         uint64_t row, size_t column)
{
    static struct lks_export_value (*const values[LKS_EXPORTS_COUNT])(const struct lks_results *,
                                                                      uint64_t, size_t) = {
        [LKS_SHEET_NODES] = node_value,         [LKS_SHEET_EDGES] = edge_value,
        [LKS_SHEET_POSTS] = post_value,         [LKS_SHEET_SUMS] = lks_sum_value,
        [LKS_SHEET_SCRIPTS] = lks_script_value, [LKS_SHEET_TELLERS] = lks_teller_value};
    LKS_ASSERT(row < lks_export_rows_count(results, table));
    return values[table](results, row, column);
}

void lks_export_append(struct lks_buffer *buffer, enum lks_export_type type,
                       const struct lks_export_value *value)
{
    struct lks_json number = {.buffer = buffer};
    char text[LKS_TIME_TEXT_BYTES], money[LKS_MONEY_TEXT_BYTES];
    switch (type) {
    case LKS_EXPORT_OUTSIDE:
    case LKS_EXPORT_TEXT:
        lks_buffer_append(buffer, value->text.data, value->text.size_bytes);
        break;
    case LKS_EXPORT_COUNT:
        lks_json_int(&number, NULL, value->count);
        break;
    case LKS_EXPORT_NUMBER:
        lks_json_double(&number, NULL, value->number);
        break;
    case LKS_EXPORT_MONEY:
        lks_money_format(value->count, value->exponent, money);
        lks_buffer_text(buffer, money);
        break;
    case LKS_EXPORT_TIME:
        lks_time_format(value->count, text);
        lks_buffer_text(buffer, text);
        break;
    }
}
