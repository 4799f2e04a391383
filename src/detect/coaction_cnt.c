/* coaction_cnt.c - the mode of coordination-network-toolkit: its columns in, its networks out */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coaction/compat_cnt.h"
#include "detect/coaction_parts.h"
#include "source/csv_file.h"
#include "source/row.h"

enum { MESSAGE_ID, USER, TIMESTAMP, REPOST, REPLY, MESSAGE, URLS };
static const char *const columns[] = {"message_id", "user_id", "timestamp", "repost_id",
                                      "reply_id",   "message", "urls",      NULL};
enum { LINKS_MAX = 4096 };

enum network { CO_RETWEET, CO_TWEET, CO_REPLY, CO_LINK, CO_SIMILAR, CO_POST, NETWORKS };
static const char *const network_names[NETWORKS] = {"co_retweet", "co_tweet",   "co_reply",
                                                    "co_link",    "co_similar", "co_post"};

struct table {
    enum network network;
    int raw;
    struct lks_intern messages, users, objects;
    struct lks_buffer scratch;
    struct lks_cnt_events events;
    struct lks_cnt_texts texts;
    size_t events_capacity, texts_capacity, words_capacity;
    uint64_t rows_count, rejects_count, duplicates_count;
};

static void table_free(struct table *table)
{
    lks_intern_free(&table->messages);
    lks_intern_free(&table->users);
    lks_intern_free(&table->objects);
    lks_buffer_free(&table->scratch);
    free(table->events.object);
    free(table->events.user);
    free(table->events.message);
    free(table->events.time_us);
    free(table->texts.user);
    free(table->texts.time_us);
    free(table->texts.start);
    free(table->texts.word);
}

static int room(void *array, size_t wanted, size_t item_bytes)
{
    void *old, *grown;
    memcpy(&old, array, sizeof old);
    grown = realloc(old, wanted * item_bytes);
    if (!grown)
        return LKS_EMEMORY;
    memcpy(array, &grown, sizeof grown);
    return 0;
}

static int event_add(struct table *table, uint32_t message, uint32_t user, int64_t time_us,
                     struct lks_str object)
{
    struct lks_cnt_events *e = &table->events;
    uint32_t id = lks_intern_add(&table->objects, object, NULL);
    if (id == LKS_INTERN_NONE)
        return LKS_EMEMORY;
    if (e->count == table->events_capacity) {
        size_t wanted = e->count + e->count / 2 + 1024;
        if (room(&e->object, wanted, 4) < 0 || room(&e->user, wanted, 4) < 0 ||
            room(&e->message, wanted, 4) < 0 || room(&e->time_us, wanted, 8) < 0)
            return LKS_EMEMORY;
        table->events_capacity = wanted;
    }
    e->object[e->count] = id;
    e->user[e->count] = user;
    e->message[e->count] = message;
    e->time_us[e->count++] = time_us;
    return 0;
}

static int compare_words(const void *left, const void *right)
{
    const uint32_t *x = left, *y = right;
    return (*x > *y) - (*x < *y);
}

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Adds the message's words, cut at white space, as a rising list without repeats. */
static int text_add(struct table *table, uint32_t user, int64_t time_us, struct lks_str text)
{
    struct lks_cnt_texts *t = &table->texts;
    if (t->count == table->texts_capacity) {
        size_t wanted = t->count + t->count / 2 + 1024;
        if (room(&t->user, wanted, 4) < 0 || room(&t->time_us, wanted, 8) < 0 ||
            room(&t->start, wanted + 1, 8) < 0)
            return LKS_EMEMORY;
        table->texts_capacity = wanted;
    }
    size_t first = t->count ? t->start[t->count] : 0, count = first, kept = first;
    for (size_t at = 0, end; at < text.size_bytes; at = end + 1) {
        for (end = at; end < text.size_bytes && !is_space(text.data[end]);)
            end++;
        if (end == at)
            continue;
        uint32_t word =
            lks_intern_add(&table->objects, (struct lks_str){text.data + at, end - at}, NULL);
        if (count == table->words_capacity) {
            size_t wanted = count + count / 2 + 4096;
            if (room(&t->word, wanted, 4) < 0)
                return LKS_EMEMORY;
            table->words_capacity = wanted;
        }
        if (word == LKS_INTERN_NONE)
            return LKS_EMEMORY;
        t->word[count++] = word;
    }
    if (count > first + 1)
        qsort(t->word + first, count - first, sizeof *t->word, compare_words);
    for (size_t i = first; i < count; i++)
        if (i == first || t->word[i] != t->word[i - 1])
            t->word[kept++] = t->word[i];
    t->user[t->count] = user;
    t->time_us[t->count] = time_us;
    t->start[t->count] = first;
    t->start[++t->count] = kept;
    return 0;
}

/* One event a link. As that program reads the column, it is cut at single blanks, so that the
 * text of an empty list is a link, too. A link named twice in one message counts once. */
static int links_add(struct table *table, uint32_t message, uint32_t user, int64_t time_us,
                     struct lks_str urls)
{
    struct lks_str items[LINKS_MAX];
    size_t count = 0;
    if (!table->raw) {
        count = lks_list_split(urls, items, LINKS_MAX);
    } else {
        for (size_t at = 0, end; at < urls.size_bytes && count < LINKS_MAX; at = end + 1) {
            for (end = at; end < urls.size_bytes && urls.data[end] != ' ';)
                end++;
            if (end > at)
                items[count++] = (struct lks_str){urls.data + at, end - at};
        }
    }
    for (size_t i = 0; i < count; i++) {
        size_t before = 0;
        while (before < i && !lks_str_equal(items[before], items[i]))
            before++;
        if (before == i && event_add(table, message, user, time_us, items[i]) < 0)
            return LKS_EMEMORY;
    }
    return 0;
}

static int objects_add(struct table *table, const struct lks_csv_file *file, uint32_t message,
                       uint32_t user, int64_t time_us)
{
    struct lks_str repost = lks_csv_file_field(file, REPOST);
    struct lks_str reply = lks_csv_file_field(file, REPLY);
    struct lks_str text = lks_csv_file_field(file, MESSAGE);
    /* What is reposted is the origin's own text and link: that program leaves it out. */
    int original = repost.size_bytes == 0;
    switch (table->network) {
    case CO_RETWEET:
        return repost.size_bytes ? event_add(table, message, user, time_us, repost) : 0;
    case CO_REPLY:
        return reply.size_bytes ? event_add(table, message, user, time_us, reply) : 0;
    case CO_TWEET:
        return original && (text.size_bytes || table->raw)
                   ? event_add(table, message, user, time_us, text)
                   : 0;
    case CO_LINK:
        return original ? links_add(table, message, user, time_us, lks_csv_file_field(file, URLS))
                        : 0;
    case CO_SIMILAR:
        return original ? text_add(table, user, time_us, text) : 0;
    default:
        return event_add(table, message, user, time_us, LKS_STR("post"));
    }
}

static int row_take(struct table *table, const struct lks_csv_file *file)
{
    struct lks_str id = lks_csv_file_field(file, MESSAGE_ID), name = lks_csv_file_field(file, USER);
    enum lks_time_precision precision;
    int64_t time_us;
    int fresh;
    if (!id.size_bytes || !name.size_bytes ||
        lks_time_parse_any(lks_csv_file_field(file, TIMESTAMP), &time_us, &precision) != 0) {
        table->rejects_count++;
        return 0;
    }
    uint32_t message = lks_intern_add(&table->messages, id, &fresh);
    if (message == LKS_INTERN_NONE)
        return LKS_EMEMORY;
    if (!fresh) { /* the first wins */
        table->duplicates_count++;
        return 0;
    }
    uint32_t user = lks_intern_add(&table->users, name, NULL);
    return user == LKS_INTERN_NONE ? LKS_EMEMORY : objects_add(table, file, message, user, time_us);
}

/* Shares in CooRTweet's columns: an object, whatever it is, is what is shared. */
static int share_take(struct table *table, const struct lks_csv_file *file)
{
    struct lks_str object = lks_csv_file_field(file, 3), content = lks_csv_file_field(file, 0);
    struct lks_str account = lks_csv_file_field(file, 1);
    enum lks_time_precision precision;
    int64_t time_us;
    if (!object.size_bytes || !content.size_bytes || !account.size_bytes ||
        lks_time_parse_any(lks_csv_file_field(file, 2), &time_us, &precision) != 0) {
        table->rejects_count++;
        return 0;
    }
    /* A message is one account's: two accounts may have given theirs the same id. */
    lks_buffer_clear(&table->scratch);
    lks_buffer_append(&table->scratch, account.data, account.size_bytes);
    lks_buffer_byte(&table->scratch, '\0');
    lks_buffer_append(&table->scratch, content.data, content.size_bytes);
    if (table->scratch.failed)
        return LKS_EMEMORY;
    struct lks_str key = {table->scratch.data, table->scratch.size_bytes};
    uint32_t message = lks_intern_add(&table->messages, key, NULL);
    uint32_t user = lks_intern_add(&table->users, account, NULL);
    if (message == LKS_INTERN_NONE || user == LKS_INTERN_NONE)
        return LKS_EMEMORY;
    return event_add(table, message, user, time_us, object);
}

/* The column that the network lives on must be there, or it would silently be empty. */
static int network_column_check(const struct table *table, const struct lks_csv_file *file,
                                struct lks_error *err)
{
    static const int needed[NETWORKS] = {REPOST, MESSAGE, REPLY, URLS, MESSAGE, MESSAGE_ID};
    int column = needed[table->network];
    if (file->columns[column] >= 0)
        return 0;
    return lks_error_set(err, LKS_EINPUT, "%s has no column '%s', which %s needs", file->path,
                         columns[column], network_names[table->network]);
}

static int file_take(struct table *table, const char *path, const struct lks_control *control,
                     struct lks_error *err)
{
    static const char *const share_columns[] = {"content_id", "account_id", "timestamp_share",
                                                "object_id", NULL};
    struct lks_csv_file file;
    struct lks_error other = {0};
    int shares = 0;
    int code = lks_csv_file_open(&file, path, columns, 3, &other);
    if (code == LKS_EINPUT && table->network != CO_SIMILAR) {
        shares = 1;
        code = lks_csv_file_open(&file, path, share_columns, 4, NULL);
    }
    if (code < 0)
        return lks_error_set(err, other.code, "%s", other.message);
    if (!shares && (code = network_column_check(table, &file, err)) < 0) {
        lks_csv_file_close(&file);
        return code;
    }
    while ((code = lks_csv_file_next(&file, err)) > 0) {
        code = shares ? share_take(table, &file) : row_take(table, &file);
        if (code < 0) {
            code = lks_error_set(err, code, "%s: out of memory", path);
            break;
        }
        if ((file.rows_count & 0xffff) == 0 && control && control->cancel && *control->cancel) {
            code = lks_error_set(err, LKS_ECANCELLED, "cancelled");
            break;
        }
    }
    table->rows_count += file.rows_count;
    table->rejects_count += file.rejects_count;
    lks_csv_file_close(&file);
    return code;
}

static int edges_write(const struct table *in, const struct lks_cnt_network *network,
                       const char *path, struct lks_error *err)
{
    static const char *const names[] = {"user_1", "user_2", "weight"};
    static const char *const types[] = {"VARCHAR", "VARCHAR", "BIGINT"};
    struct lks_coaction_table table;
    int code = lks_coaction_table_open(&table, path, names, types, 3, err);
    for (size_t i = 0; code == 0 && i < network->edges_count; i++) {
        lks_coaction_table_text(&table, in->users.names[network->edges[i].a]);
        lks_coaction_table_text(&table, in->users.names[network->edges[i].b]);
        lks_coaction_table_uint(&table, network->edges[i].weight);
    }
    return code < 0 ? code : lks_coaction_table_commit(&table, err);
}

static void answer_give(const struct table *table, const struct lks_cnt_network *network,
                        struct lks_coaction_answer *answer)
{
    struct lks_json *json = &answer->json;
    if (!answer->as_json) {
        lks_buffer_format(
            answer->text,
            "%s: %zu directed edges between %" PRIu32 " accounts (%" PRIu64 " pairs), "
            "weights add up to %" PRIu64 ", the largest is %" PRIu64 "; %" PRIu64 " self loops.\n",
            network_names[table->network], network->edges_count, network->nodes_count,
            network->undirected_pairs_count, network->weight_sum, network->weight_max,
            network->self_loops_count);
        if (table->rejects_count || table->duplicates_count)
            lks_buffer_format(answer->text,
                              "Left out: %" PRIu64 " rows that cannot be read, %" PRIu64
                              " with a message id that was there before.\n",
                              table->rejects_count, table->duplicates_count);
        return;
    }
    const struct {
        const char *key;
        uint64_t value;
    } counts[] = {{"directed_edges", network->edges_count},
                  {"weight_sum", network->weight_sum},
                  {"weight_max", network->weight_max},
                  {"undirected_pairs", network->undirected_pairs_count},
                  {"nodes", network->nodes_count},
                  {"self_loops", network->self_loops_count},
                  {"rows", table->rows_count},
                  {"rejects", table->rejects_count},
                  {"duplicates", table->duplicates_count}};
    lks_json_object(json, NULL);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        lks_json_uint(json, counts[i].key, counts[i].value);
    }
    lks_json_object_end(json);
}

static int network_find(const char *name, enum network *network, struct lks_error *err)
{
    for (int i = 0; i < NETWORKS; i++)
        if (name && strcmp(name, network_names[i]) == 0) {
            *network = (enum network)i;
            return 0;
        }
    return lks_error_set(err, LKS_EARGUMENT,
                         "name a network: co_retweet, co_tweet, co_reply, co_link, co_similar or "
                         "co_post");
}

int lks_coaction_cnt(const struct lks_coaction_request *request, const struct lks_control *control,
                     struct lks_coaction_answer *answer, struct lks_error *err)
{
    struct table table = {.raw = request->raw_urls};
    struct lks_cnt_network network = {0};
    struct lks_cnt_options options = {.min_weight = request->min_weight,
                                      .loops = request->loops,
                                      .similarity = request->similarity};
    int code = network_find(request->network, &table.network, err);
    if (code == 0)
        code = lks_coaction_window_read(request->windows, &options.window_us, err);
    for (size_t i = 0; code == 0 && i < request->inputs_count; i++)
        code = file_take(&table, request->inputs[i], control, err);
    if (code == 0 && table.rejects_count * 2 > table.rows_count)
        code =
            lks_error_set(err, LKS_EINPUT,
                          "%" PRIu64 " of %" PRIu64 " rows lack an id, a user or a readable time",
                          table.rejects_count, table.rows_count);
    table.events.users_count = table.texts.users_count = table.users.count;
    table.events.messages_count = table.messages.count;
    if (code == 0 && table.network == CO_SIMILAR)
        code = lks_cnt_scan_similar(&table.texts, &options, control, &network, err);
    else if (code == 0)
        code = lks_cnt_scan(&table.events, &options, control, &network, err);
    if (code == 0 && request->edges_path)
        code = edges_write(&table, &network, request->edges_path, err);
    if (code == 0)
        answer_give(&table, &network, answer);
    lks_cnt_network_free(&network);
    table_free(&table);
    return code;
}
