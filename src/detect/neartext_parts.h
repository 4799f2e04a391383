/* neartext_parts.h - the pieces of lks_neartext_files */
#ifndef LKS_DETECT_NEARTEXT_PARTS_H
#define LKS_DETECT_NEARTEXT_PARTS_H

#include "base/intern.h"
#include "detect/coaction_parts.h"
#include "text/near.h"

/* The texts of files, in the order in which they were read, with who wrote them. */
struct lks_neartext_data {
    struct lks_arena arena; /* of the texts */
    struct lks_str *texts;  /* [count]; of a repost the text behind its mark */
    int64_t *times_us;      /* [count] */
    uint32_t *post;         /* [count] into posts */
    uint32_t *account;      /* [count] into accounts */
    size_t count, capacity;
    struct lks_intern accounts, posts;
    uint64_t rows_count, rejects_count, ignored_count;
    uint64_t duplicates_count;   /* rows with a post id that was there */
    uint64_t without_text_count; /* posts */
    enum lks_time_precision time_precision;
    int synthetic;
};

/* Reads the inputs; freed by lks_neartext_data_free, after failures too. Errors as
 * lks_neartext_files. */
int lks_neartext_load(const struct lks_neartext_request *request, const struct lks_control *control,
                      struct lks_neartext_data *data, struct lks_error *err);
void lks_neartext_data_free(struct lks_neartext_data *data);

#endif
