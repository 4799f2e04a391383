/* tag_edits.h - which tags are edits of others, by their letters and by who uses both */
#ifndef LKS_SIGNAL_TAG_EDITS_H
#define LKS_SIGNAL_TAG_EDITS_H

#include "record/events.h"

/* How one tag becomes the other. */
enum lks_edit_rule {
    LKS_EDIT_LETTERS, /* a few letters changed, put in, left out or swapped */
    LKS_EDIT_PART,    /* one part replaced: the ends that stay make up half of the longer or more */
    LKS_EDIT_ADDED    /* one part put on or taken off */
};

struct lks_tag {
    uint32_t object;       /* in the events */
    struct lks_str folded; /* its letters as they are compared: without case and accents */
};

/* Two tags like that, the one that was used first as `from`. */
struct lks_tag_edit {
    uint32_t from, to; /* objects */
    enum lks_edit_rule rule;
    double similarity;      /* of the letters, in (0, 1] */
    int64_t from_us, to_us; /* first uses */
    uint32_t accounts_from, accounts_to, accounts_both, posts_both;
    double expected_both;       /* accounts that would use both if who uses one tag used others at
                             * the rate at which all users of tags do */
    double log10_p, q_value;    /* of accounts_both; q over all pairs that are alike in letters */
    uint32_t moved, moved_back; /* accounts that used only the one, then only the other */
    int is_parent; /* of those with q at most the level, the one that most of to's users came from */
};

struct lks_tag_edits_options {
    uint32_t accounts_min; /* of a tag */
    uint32_t tags_most;    /* the most used are compared */
    double level;          /* of q */
};

struct lks_tag_edits {
    struct lks_tag_edit *edits; /* with q at most the level, by rising p */
    size_t edits_count;
    uint64_t alike_count;              /* pairs that are alike in letters, used together or not */
    uint32_t tags_compared, tags_left; /* left: used enough, but not among the most used */
};

struct lks_tag_edits_options lks_tag_edits_options_default(void);

/* Compares tags[count] of the events with each other. O(tags_most^2 letters + the uses of those
 * that are alike). *result_out is freed by lks_tag_edits_free. 0, LKS_EMEMORY, LKS_ECANCELLED.
 * Method: docs/method/lineage.md. */
int lks_tag_edits_run(const struct lks_events *events, const struct lks_tag *tags, size_t count,
                      const struct lks_tag_edits_options *options,
                      const struct lks_control *control, struct lks_tag_edits *result_out,
                      struct lks_error *err);
void lks_tag_edits_free(struct lks_tag_edits *result);

/* Whether two writings are alike by a rule; bytes. 1 with rule and similarity, or 0. For tests. */
int lks_tags_alike(struct lks_str a, struct lks_str b, enum lks_edit_rule *rule,
                   double *similarity);

#endif
