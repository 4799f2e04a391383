/* near.h - near-duplicate texts: exact Jaccard over shingles, pairs and clusters */
#ifndef LKS_TEXT_NEAR_H
#define LKS_TEXT_NEAR_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* What a text is cut into; docs/method/near-text.md says why. */
enum lks_near_shingle {
    LKS_NEAR_AUTO,  /* words and pairs of neighbouring words where there are blanks, runs of two to
                     * four characters where a script has none; emoji where there are no words */
    LKS_NEAR_WORDS, /* words alone (of scripts without blanks: as above) */
    LKS_NEAR_CHARS  /* runs of five characters, whatever the script */
};

struct lks_near_options {
    double threshold;  /* Jaccard |A and B| / |A or B| that a pair reaches, inclusive; above 0 */
    int64_t window_us; /* two texts further apart in time are no pair; below 0: none is too far */
    enum lks_near_shingle shingle;
    int as_is;     /* 1: texts are cut as they are written; else lks_text_normalise and
                    * lks_text_skeleton come first (texts that are normalised already stay so) */
    uint64_t seed; /* of the hashes; changes no answer (but for chances of 2^-58 a pair) */
    /* A form has at most this many pairs with forms before it (in the order of the join) that
     * are handed out and counted; 0: no limit. Clusters do not depend on it. */
    uint32_t pairs_per_form_max;
};

/* 0.8, no window, LKS_NEAR_AUTO, 1000 pairs a form. */
struct lks_near_options lks_near_options_default(void);
/* LKS_EARGUMENT with a sentence for a threshold that is not above 0 and at most 1. */
int lks_near_options_check(const struct lks_near_options *options, struct lks_error *err);

#define LKS_NEAR_NONE UINT32_MAX

/* Two forms that are near. A form is a set of shingles: texts of one form are equal for this
 * purpose (Jaccard 1), are found in linear time, and are not written as pairs. first_a <
 * first_b are the first texts (by index) of the two forms, form_a < form_b their ids, which
 * count from 0 in the order of first appearance. Jaccard is shared / either, exact. */
struct lks_near_pair {
    uint32_t form_a, form_b;
    uint32_t first_a, first_b;
    uint32_t shared, either;
};

/* One form within one cluster: the texts of a cluster that are equal. */
struct lks_near_variant {
    uint32_t cluster, form;
    uint32_t first_text;     /* the earliest (by time, then index) */
    uint32_t texts_count;    /* of this form in this cluster */
    uint32_t shared, either; /* Jaccard with the representative; may be below the threshold,
                              * since a cluster is a chain of near pairs */
};

/* Texts joined by near pairs: a connected component of the texts, two at least. */
struct lks_near_cluster {
    uint32_t variants_first, variants_count; /* into variants; the first is the representative:
                                              * of most texts, of those the earliest */
    uint32_t texts_count;
    int64_t first_us, last_us;
};

struct lks_near_counts {
    uint64_t texts, texts_empty; /* given; without any shingle: in no pair and no cluster */
    uint64_t forms, shingles;    /* distinct forms; the sum of their sizes */
    /* That passed the signatures; that were compared exactly. How much was spared depends on
     * the order in which threads ran: the only counts that do. */
    uint64_t candidates, verified;
    uint64_t pairs;         /* handed out */
    uint64_t forms_limited; /* forms that reached pairs_per_form_max */
    uint64_t memory_peak_bytes;
    double add_seconds, order_seconds, join_seconds, cluster_seconds;
};

struct lks_near_result {
    struct lks_near_cluster *clusters; /* [clusters_count], most texts first, then earliest */
    uint32_t clusters_count;
    struct lks_near_variant *variants; /* [variants_count] by cluster, most texts first */
    uint32_t variants_count;
    uint32_t *text_form;    /* [texts] LKS_NEAR_NONE for a text without shingles */
    uint32_t *text_variant; /* [texts] into variants; LKS_NEAR_NONE: in no cluster */
    struct lks_near_counts counts;
};

/* A collection of texts to be joined. */
struct lks_near;

/* Makes an empty collection; options are copied, control is borrowed and may be NULL. */
int lks_near_new(const struct lks_near_options *options, const struct lks_control *control,
                 struct lks_near **near_out, struct lks_error *err);
/* Adds count texts with their times (Unix microseconds; NULL: all 0), which get the next
 * indexes. The texts are read before the call returns and not kept: about 8 bytes a
 * shingle of every new form and 12 bytes a text stay. Runs on control->threads threads.
 * LKS_EARGUMENT for more than 2^31 texts or a time out of range, LKS_EMEMORY with the limit named
 * (control->memory_bytes), LKS_ECANCELLED. */
int lks_near_add(struct lks_near *near, const struct lks_str *texts, const int64_t *times_us,
                 size_t count, struct lks_error *err);
/* Finds the pairs and the clusters; once. pair (NULL: pairs are not wanted, which is faster)
 * is called from the calling thread for every near pair of forms (with a window: of which
 * some text of one and some of the other are at most the window apart), by rising (form_a,
 * form_b); a result other than 0 ends the join and is returned.
 *
 * Guaranteed, for any number of threads: every pair handed out is near (precision 1); every near
 * pair is handed out, but for forms counted in forms_limited (recall 1); clusters are the
 * connected components of all near pairs and equal texts, limited or not. The result is
 * the caller's, freed by lks_near_result_free, also after a failure.
 *
 * Method: exact prefix-filtered join (Bayardo, Ma and Srikant 2007; Xiao, Wang, Lin and Yu
 * 2008) with bitmap signatures (Sandes, Teodoro and Melo 2020); docs/method/near-text.md. */
int lks_near_join(struct lks_near *near,
                  int (*pair)(void *context, const struct lks_near_pair *pair), void *context,
                  struct lks_near_result *result, struct lks_error *err);
/* After the join: shingles that two forms share, and in *either_out those that either has. */
uint32_t lks_near_form_shared(const struct lks_near *near, uint32_t form_a, uint32_t form_b,
                              uint32_t *either_out);
void lks_near_free(struct lks_near *near);                 /* NULL is fine */
void lks_near_result_free(struct lks_near_result *result); /* zeroes it; NULL is fine */

/* The hashes of the shingles of one text, as the join has them: distinct, in no particular
 * order, appended to *hashes (malloc'ed, grown by realloc; capacity as it is). For tests and
 * for comparing two texts alone. 0 or LKS_EMEMORY. */
int lks_near_shingles(struct lks_str text, const struct lks_near_options *options,
                      uint64_t **hashes, size_t *count, size_t *capacity);

#endif
