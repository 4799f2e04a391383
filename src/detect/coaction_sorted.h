/* coaction_sorted.h - events on disk, in order, read and written in pieces */
#ifndef LKS_DETECT_COACTION_SORTED_H
#define LKS_DETECT_COACTION_SORTED_H

#include "coaction/coaction.h"
#include "detect/coaction_parts.h"

/* An event with what a score asks of it, where that was found (coaction_crowd.h): else 0 and none. */
struct lks_sorted_event {
    uint32_t object, account, post;
    uint32_t post_objects; /* events of its post, at most 255 */
    int64_t time_us;
    const uint32_t
        *others; /* [others_count] events of other accounts in each window; the reader's */
};

/* Reads events in their order. Zero it, then open. */
struct lks_sorted_reader {
    const struct lks_spool *spool;
    uint64_t count; /* in all */
    size_t words;   /* of a record */
    /* inside */
    uint64_t read;
    size_t at, held;
    uint32_t *piece;
    struct lks_budget *budget;
    size_t piece_capacity;
};

/* Reads data->sorted, which stays where it is. */
int lks_sorted_reader_open(struct lks_sorted_reader *reader, const struct lks_coaction_data *data,
                           struct lks_budget *budget, struct lks_error *err);
/* 1, 0 at the end, below 0. */
int lks_sorted_reader_next(struct lks_sorted_reader *reader, struct lks_sorted_event *event,
                           struct lks_error *err);
void lks_sorted_reader_close(struct lks_sorted_reader *reader); /* zeroed is fine */

/* Writes events in their order, to a spool that becomes data->sorted. Zero it, set means and
 * others_count. */
struct lks_sorted_writer {
    struct lks_coaction_means *means;
    size_t others_count;
    /* inside */
    struct lks_spool spool;
    uint32_t *piece;
    size_t held, capacity;
    uint64_t count;
};

int lks_sorted_writer_put(struct lks_sorted_writer *writer, const struct lks_sorted_event *event,
                          struct lks_error *err);
/* What was written takes the place of data->sorted. */
int lks_sorted_writer_finish(struct lks_sorted_writer *writer, struct lks_coaction_data *data,
                             struct lks_error *err);
void lks_sorted_writer_close(struct lks_sorted_writer *writer); /* zeroed is fine */

/* Puts the events of the columns, if that is where they are, to data->sorted as they are, and frees
 * the columns. */
int lks_coaction_sorted_move(struct lks_coaction_data *data, struct lks_coaction_means *means,
                             struct lks_error *err);

/* Puts the events of data, wherever they are, to data->sorted, without those that cannot be in an
 * edge: alone in their window, or of an account with too few that are not. Frees the columns
 * of events. */
int lks_coaction_sorted_prune(struct lks_coaction_data *data,
                              const struct lks_coaction_options *options,
                              struct lks_coaction_means *means, struct lks_error *err);

/* How many events of data->sorted are of accounts for which take says so. */
int lks_coaction_sorted_count(const struct lks_coaction_data *data,
                              int (*take)(const void *context, uint32_t account),
                              const void *context, struct lks_budget *budget, uint64_t *count_out,
                              struct lks_error *err);
/* Events of some accounts in memory, and by row what a score asks of them, where it is known. */
struct lks_coaction_taken {
    struct lks_events events; /* object_kind is borrowed */
    uint8_t *post_objects;    /* NULL: not known */
    uint32_t *others[LKS_WINDOWS_ASKED_MAX];
    uint64_t capacity;
};

/* Takes the events of data->sorted of accounts for which take says so; count is how many they
 * are. Charged to the budget. */
int lks_coaction_sorted_take(const struct lks_coaction_data *data, uint64_t count,
                             int (*take)(const void *context, uint32_t account),
                             const void *context, struct lks_budget *budget,
                             struct lks_coaction_taken *taken, struct lks_error *err);
/* Room for count events of data; none are there yet. */
int lks_coaction_taken_room(const struct lks_coaction_data *data, uint64_t count,
                            struct lks_budget *budget, struct lks_coaction_taken *taken,
                            struct lks_error *err);
void lks_coaction_taken_free(struct lks_coaction_taken *taken, struct lks_budget *budget);

#endif
