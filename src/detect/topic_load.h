/* topic_load.h - what case.toml says of the topic, found among the posts */
#ifndef LKS_DETECT_TOPIC_LOAD_H
#define LKS_DETECT_TOPIC_LOAD_H

#include "intake/settings.h"
#include "store/store.h"

/* Zeroed where case.toml names nothing. */
struct lks_topic {
    uint8_t *post_on_topic; /* [posts_count] 1 for posts with a term, tag or name; or NULL */
    uint8_t *wanted;        /* [objects_count] 1 for the topic's tags; or NULL */
    uint64_t on_topic_count;
    /* Uses of names and terms, one object each; columns of posts are the case's, borrowed. */
    struct lks_events names;
    struct lks_str *name; /* [names.objects_count] as case.toml writes it, borrowed */
    int64_t *date_us;     /* [dates_count] days of interest, sorted */
    size_t dates_count;
};

/* Reads the posts' texts once, if case.toml has terms, tags or beneficiaries. topic_out is freed
 * by lks_topic_unload, also after a failure. LKS_EMEMORY, LKS_ESTORE, LKS_ECANCELLED. */
int lks_topic_load(struct lks_store *store, const struct lks_settings *settings,
                   const struct lks_events *events, const struct lks_control *control,
                   struct lks_topic *topic_out, struct lks_error *err);
void lks_topic_unload(struct lks_topic *topic);

#endif
