/* evaluate_labels.h - what is known: labels of accounts, pairs, groups, events and messages */
#ifndef LKS_ENGINE_EVALUATE_LABELS_H
#define LKS_ENGINE_EVALUATE_LABELS_H

#include "base/intern.h"
#include "finding/evaluate.h"

/* Of one account, by the dense id of its key. */
struct lks_label {
    int8_t coordinated;
    uint8_t in_case, ranked, flagged;
    uint32_t group; /* LKS_EVALUATE_NONE: of none */
};

/* Two accounts, by the dense ids of their keys in `pair_keys`, that act together or do not. */
struct lks_label_pair {
    uint32_t a, b;
    int coordinated;
};

/* In this channel (null: in some), at this time, this was called out. */
struct lks_label_event {
    struct lks_str channel, what;
    int64_t time_us;
};

/* A message of a channel, by its number there: 1 an instruction, 0 none. */
struct lks_label_message {
    struct lks_str channel, message;
    int instruction;
};

struct lks_labels {
    struct lks_arena arena;
    struct lks_intern keys, groups;
    struct lks_label *items; /* [keys.count] */
    size_t capacity;
    uint64_t *group_sizes; /* [groups.count], of accounts with a post in the case */
    struct lks_intern pair_keys;
    struct lks_label_pair *pairs;
    size_t pairs_count, pairs_capacity;
    struct lks_label_event *events;
    size_t events_count, events_capacity;
    struct lks_label_message *messages;
    size_t messages_count, messages_capacity;
    uint64_t unsure_count; /* rows whose label is "?": left out */
};

/* Adds the labels of a CSV file (comma, semicolon or tab); what they are about is told by its header:
 *
 *   account_key, label[, group | population | campaign]    accounts, and their groups
 *   account_key, group                                     accounts of groups, all coordinated
 *   account_a, account_b, label                            pairs
 *   channel, time, what                                    events
 *   time, what                                             events in whatever channel
 *   channel, message, label                                messages
 *
 * Other names for the columns are listed at the definition. LKS_EINPUT with the line where a
 * row cannot be taken, LKS_EIO, LKS_EMEMORY. */
int lks_labels_load(const char *path, struct lks_labels *labels, struct lks_error *err);
void lks_labels_free(struct lks_labels *labels);

#endif
