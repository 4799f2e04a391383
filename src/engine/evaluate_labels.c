/* evaluate_labels.c - reads labels of accounts, pairs, groups, events and messages
 *
 * The header says which kind a file holds. Rows are strict: a label that is misread makes every number
 * wrong, so that a row that cannot be taken stops the evaluation. */
#include "engine/evaluate_labels.h"

#include <stdlib.h>

#include "base/time.h"
#include "source/csv_file.h"

/* Columns, and beside each what else it may be called. */
enum column {
    KEY,
    LABEL,
    GROUP,
    GROUP_2,
    GROUP_3,
    SIDE_A,
    SIDE_B,
    CHANNEL,
    CHANNEL_2,
    CHANNEL_3,
    TIME,
    TIME_2,
    WHAT,
    WHAT_2,
    WHAT_3,
    WHAT_4,
    MESSAGE,
    MESSAGE_2,
    COLUMNS_COUNT
};
static const char *const column_names[] = {[KEY] = "account_key",
                                           [LABEL] = "label",
                                           [GROUP] = "group",
                                           [GROUP_2] = "population",
                                           [GROUP_3] = "campaign",
                                           [SIDE_A] = "account_a",
                                           [SIDE_B] = "account_b",
                                           [CHANNEL] = "channel",
                                           [CHANNEL_2] = "channel_key",
                                           [CHANNEL_3] = "channel_id",
                                           [TIME] = "time",
                                           [TIME_2] = "timestamp",
                                           [WHAT] = "what",
                                           [WHAT_2] = "thing",
                                           [WHAT_3] = "coin",
                                           [WHAT_4] = "symbol",
                                           [MESSAGE] = "message",
                                           [MESSAGE_2] = "message_id",
                                           [COLUMNS_COUNT] = NULL};

struct reading {
    struct lks_csv_file file;
    struct lks_labels *labels;
    int key_group; /* account_key and group, without a label */
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the labels");
}

static int row_bad(const struct reading *reading, const char *what, struct lks_error *err)
{
    return lks_error_set(err, LKS_EINPUT, "%s: line %llu %s", reading->file.path,
                         (unsigned long long)reading->file.line, what);
}

static int has(const struct reading *reading, enum column column)
{
    return reading->file.columns[column] >= 0;
}

/* The first of the columns from..to that the file has and the row fills. */
static struct lks_str field(const struct reading *reading, enum column from, enum column to)
{
    for (int i = from; i <= (int)to; i++) {
        struct lks_str value = lks_csv_file_field(&reading->file, (size_t)i);
        if (value.size_bytes)
            return value;
    }
    return LKS_STR_NULL;
}

static int has_any(const struct reading *reading, enum column from, enum column to)
{
    int any = 0;
    for (int i = from; i <= (int)to; i++)
        any |= has(reading, (enum column)i);
    return any;
}

/* Room for one more item; 0 when memory is out. */
static int room_make(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    void **pointer = items;
    if (count < *capacity)
        return 1;
    size_t wanted = *capacity ? 2 * *capacity : 1024;
    void *grown = realloc(*pointer, wanted * item_bytes);
    if (!grown)
        return 0;
    *pointer = grown;
    *capacity = wanted;
    return 1;
}

/* 0 or 1 into *out; 1 where the row is unsure and to be left out. Of messages there may be further
 * kinds, numbered up to 9: none of them is an instruction. */
static int label_read(const struct reading *reading, int kinds, int *out, struct lks_error *err)
{
    struct lks_str text = lks_csv_file_field(&reading->file, LABEL);
    if (lks_str_equal_text(text, "?"))
        return 1;
    char most = kinds ? '9' : '1';
    *out = text.size_bytes == 1 && *text.data == '1';
    if (text.size_bytes != 1 || *text.data < '0' || *text.data > most)
        return lks_error_set(err, LKS_EINPUT, "%s: the label in line %llu is neither 0 nor 1",
                             reading->file.path, (unsigned long long)reading->file.line);
    return 0;
}

/* Keys without a platform would meet nothing, so they are refused. */
static int key_check(const struct reading *reading, struct lks_str key, struct lks_error *err)
{
    return key.size_bytes && memchr(key.data, ':', key.size_bytes)
               ? 0
               : row_bad(reading, "has no key with its platform, as in tiktok:name", err);
}

static int account_add(struct lks_labels *labels, const struct reading *reading, struct lks_str key,
                       int coordinated, struct lks_str group, struct lks_error *err)
{
    int fresh;
    uint32_t id = lks_intern_add(&labels->keys, key, &fresh);
    uint32_t group_id = LKS_EVALUATE_NONE;
    if (id == LKS_INTERN_NONE)
        return memory_out(err);
    if (coordinated && group.size_bytes) {
        group_id = lks_intern_add(&labels->groups, group, NULL);
        if (group_id == LKS_INTERN_NONE)
            return memory_out(err);
    }
    if (!fresh)
        return labels->items[id].coordinated == coordinated
                   ? 0
                   : row_bad(reading, "gives an account another label than before", err);
    if (!room_make(&labels->items, id, &labels->capacity, sizeof *labels->items))
        return memory_out(err);
    labels->items[id] = (struct lks_label){.coordinated = (int8_t)coordinated, .group = group_id};
    return 0;
}

static int account_read(struct reading *reading, struct lks_error *err)
{
    struct lks_str key = lks_csv_file_field(&reading->file, KEY);
    struct lks_str group = field(reading, GROUP, GROUP_3);
    int coordinated = 1;
    int code = key_check(reading, key, err);
    if (code == 0 && !reading->key_group)
        code = label_read(reading, 0, &coordinated, err);
    if (code)
        return code;
    return account_add(reading->labels, reading, key, coordinated, group, err);
}

static int pair_read(struct reading *reading, struct lks_error *err)
{
    struct lks_labels *labels = reading->labels;
    struct lks_str a = lks_csv_file_field(&reading->file, SIDE_A);
    struct lks_str b = lks_csv_file_field(&reading->file, SIDE_B);
    struct lks_label_pair pair;
    int code = key_check(reading, a, err);
    if (code == 0)
        code = key_check(reading, b, err);
    if (code == 0)
        code = label_read(reading, 0, &pair.coordinated, err);
    if (code)
        return code;
    pair.a = lks_intern_add(&labels->pair_keys, a, NULL);
    pair.b = lks_intern_add(&labels->pair_keys, b, NULL);
    if (pair.a == LKS_INTERN_NONE || pair.b == LKS_INTERN_NONE ||
        !room_make(&labels->pairs, labels->pairs_count, &labels->pairs_capacity, sizeof pair))
        return memory_out(err);
    if (pair.a == pair.b)
        return row_bad(reading, "pairs an account with itself", err);
    labels->pairs[labels->pairs_count++] = pair;
    return 0;
}

static int event_read(struct reading *reading, struct lks_error *err)
{
    struct lks_labels *labels = reading->labels;
    struct lks_str time = field(reading, TIME, TIME_2);
    struct lks_label_event event = {
        .channel = lks_arena_str(&labels->arena, field(reading, CHANNEL, CHANNEL_3)),
        .what = lks_arena_str(&labels->arena, field(reading, WHAT, WHAT_4))};
    int somewhere = has_any(reading, CHANNEL, CHANNEL_3);
    if (somewhere != (event.channel.size_bytes > 0) || !event.what.size_bytes)
        return row_bad(reading, "names no channel or nothing that was called out", err);
    if (lks_time_parse_iso(time, &event.time_us, NULL, NULL) != 0 &&
        lks_time_parse_unix(time, &event.time_us) != 0)
        return row_bad(reading, "has no time, as in 2019-06-04 12:01:33", err);
    if (!room_make(&labels->events, labels->events_count, &labels->events_capacity, sizeof event))
        return memory_out(err);
    labels->events[labels->events_count++] = event;
    return 0;
}

static int message_read(struct reading *reading, struct lks_error *err)
{
    struct lks_labels *labels = reading->labels;
    struct lks_label_message message = {
        .channel = lks_arena_str(&labels->arena, field(reading, CHANNEL, CHANNEL_3)),
        .message = lks_arena_str(&labels->arena, field(reading, MESSAGE, MESSAGE_2))};
    int code = label_read(reading, 1, &message.instruction, err);
    if (code)
        return code;
    if (!message.channel.size_bytes || !message.message.size_bytes)
        return row_bad(reading, "names no channel or no message", err);
    if (!room_make(&labels->messages, labels->messages_count, &labels->messages_capacity,
                   sizeof message))
        return memory_out(err);
    labels->messages[labels->messages_count++] = message;
    return 0;
}

/* What the header makes of the file's rows. */
static int (*reader_of(struct reading *reading))(struct reading *, struct lks_error *)
{
    int channel = has_any(reading, CHANNEL, CHANNEL_3);
    if (channel && has_any(reading, MESSAGE, MESSAGE_2) && has(reading, LABEL))
        return message_read;
    if (has_any(reading, TIME, TIME_2) && has_any(reading, WHAT, WHAT_4))
        return event_read;
    if (has(reading, SIDE_A) && has(reading, SIDE_B) && has(reading, LABEL))
        return pair_read;
    reading->key_group = has(reading, KEY) && !has(reading, LABEL) && has(reading, GROUP);
    return has(reading, KEY) && (has(reading, LABEL) || reading->key_group) ? account_read : NULL;
}

static size_t labels_count(const struct lks_labels *labels)
{
    return labels->keys.count + labels->pairs_count + labels->events_count +
           labels->messages_count + labels->unsure_count;
}

int lks_labels_load(const char *path, struct lks_labels *labels, struct lks_error *err)
{
    struct reading reading = {.labels = labels};
    size_t before = labels_count(labels);
    int more = 0, code = lks_csv_file_open(&reading.file, path, column_names, 0, err);
    if (code)
        return code;
    int (*read)(struct reading *, struct lks_error *) = reader_of(&reading);
    if (!read)
        code = lks_error_set(err, LKS_EINPUT,
                             "%s has no column '%s'; a file of labels holds account_key and label, "
                             "account_key and group, account_a, account_b and label, channel, time "
                             "and what, or channel, message and label",
                             path, has(&reading, KEY) ? "label" : "account_key");
    while (code == 0 && (more = lks_csv_file_next(&reading.file, err)) == 1) {
        code = read(&reading, err);
        if (code == 1) {
            labels->unsure_count++;
            code = 0;
        }
    }
    if (more < 0)
        code = more;
    if (code == 0 && reading.file.rejects_count)
        code = lks_error_set(err, LKS_EINPUT, "%s: %llu of %llu rows have no sound fields", path,
                             (unsigned long long)reading.file.rejects_count,
                             (unsigned long long)reading.file.rows_count);
    if (code == 0 && labels_count(labels) == before && !reading.file.rows_count)
        code = lks_error_set(err, LKS_EINPUT, "%s holds no labels", path);
    lks_csv_file_close(&reading.file);
    return code;
}

void lks_labels_free(struct lks_labels *labels)
{
    lks_intern_free(&labels->keys);
    lks_intern_free(&labels->groups);
    lks_intern_free(&labels->pair_keys);
    lks_arena_free(&labels->arena);
    free(labels->items);
    free(labels->group_sizes);
    free(labels->pairs);
    free(labels->events);
    free(labels->messages);
    *labels = (struct lks_labels){0};
}
