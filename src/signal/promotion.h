/* promotion.h - posts that follow one script, by accounts that have nothing else in common */
#ifndef LKS_SIGNAL_PROMOTION_H
#define LKS_SIGNAL_PROMOTION_H

#include "record/events.h"

/* A post of somebody's own: no comment, repost or message. */
struct lks_script_post {
    int64_t time_us;
    uint32_t account, post; /* as in the events */
    uint64_t form;          /* a hash of all phrases of its text: equal for equal texts */
    uint32_t all_count;     /* distinct phrases of its text */
    uint32_t count;         /* of those, given: phrases that other accounts may have too */
    size_t first;           /* into phrases */
    uint8_t disclosed;      /* 1: says that it is paid for */
};

/* Shared and unchanging. */
struct lks_promotion_input {
    const struct lks_events *events;     /* what else the accounts did: for ties, tags and sounds */
    const struct lks_script_post *posts; /* [posts_count], each post once */
    size_t posts_count;
    const uint64_t *phrases; /* hashes, distinct and rising within a post */
};

struct lks_promotion_options {
    double bits_min;       /* two posts are alike with shared phrases of this rarity, ... */
    uint32_t phrases_min;  /* so many of them, ... */
    double share_min;      /* and this share of the lighter post's whole rarity */
    double common_share;   /* phrases of more accounts than this share (500 at least) are nobody's
                            * script */
    double own_share_min;  /* below this share of own words in the middle post, it is a copy, ... */
    double wordings_min;   /* and below this share of distinct wordings among the posts */
    uint32_t accounts_min; /* of a family that is tested */
    int64_t tie_window_us; /* acts on one thing this close are an occasion of a tie */
    double tie_p;          /* at most, for an account to be tied */
    double level;          /* of q, for scripts and for accounts */
    unsigned draws;        /* of the scan */
    unsigned controls;     /* runs with the times of all posts exchanged */
    uint64_t work_most;    /* steps of comparing texts; beyond, more phrases are called common */
    uint64_t seed;
};

/* What a family of like posts turned out to be. */
enum lks_script_kind {
    LKS_SCRIPT_UNDECLARED, /* one script in own words, in one window, by accounts without other
                            * ties, most posts without a word of being paid for */
    LKS_SCRIPT_DISCLOSED,  /* most of its posts say that they are paid for */
    LKS_SCRIPT_COPIED,     /* copied rather than retold: a trend, a template, a slogan */
    LKS_SCRIPT_TIED,       /* most of its accounts act together elsewhere too: a group */
    LKS_SCRIPT_LOOSE, /* its time stands out and its accounts do not (an event does that), or none
                            * of these, and most of its accounts joined at other times, or too few
                            * stand close together for an account to be named */
    LKS_SCRIPT_KINDS_COUNT
};
extern const char *const lks_script_kind_names[LKS_SCRIPT_KINDS_COUNT];

/* The object that most posts of a script have, of one kind. */
struct lks_script_object {
    uint32_t object; /* in the events; UINT32_MAX: none on two of its posts */
    uint32_t posts_count;
};
enum lks_script_object_kind {
    LKS_SCRIPT_TAG,
    LKS_SCRIPT_SOUND,
    LKS_SCRIPT_LINK,
    LKS_SCRIPT_OBJECTS_COUNT
};

struct lks_script {
    enum lks_script_kind kind;
    uint32_t centre_post;              /* in the events: the one that most others are like */
    size_t members_first, posts_first; /* into members and script_posts */
    uint32_t accounts_count, posts_count;
    uint32_t wordings_count; /* distinct texts among its posts */
    uint32_t disclosed_count;
    uint32_t campaign;     /* the first script that the same accounts tell, or itself */
    uint32_t inside_count; /* accounts that joined within the window */
    uint32_t tied_count, tie_observable_count;
    double own_share_median;                 /* of rarity, beyond what it shares with the centre */
    int64_t first_us, last_us;               /* of its posts */
    int64_t window_first_us, window_last_us; /* in which most accounts joined */
    double expected;                         /* accounts that would have joined there by chance */
    /* Accounts that tell another script too, a day or more apart, and how many by chance. */
    uint32_t again_count;
    double again_expected;
    double times_log10_p, times_q_value; /* of the joint window: might it be a time like others? */
    double again_log10_p;                /* of telling again: might it be anybody who was there? */
    double log10_p, q_value;             /* of both: the larger */
    struct lks_script_object objects[LKS_SCRIPT_OBJECTS_COUNT];
};

struct lks_script_member {
    uint32_t account, script;
    uint32_t posts_count, disclosed_count; /* in the script */
    int64_t first_us;
    int inside;           /* joined within the script's window */
    uint32_t others_near; /* other accounts of the script within `near_us` of its first post */
    int64_t near_us;      /* the window, of four, that gave p */
    double expected;      /* of those, by chance */
    /* Of the account: the larger of its own and the script's. q: that it is there by chance, among
     * the script's accounts, over all families. */
    double log10_p, q_value;
    /* Its other posts with others on the same thing about that time, and at how many of them
     * others of the script were; how many others in all, of them of the script, and by chance. */
    uint32_t tie_posts, tie_hits, tie_others, tie_met;
    double tie_expected, tie_log10_p; /* 0 where nothing could be seen */
    int tied;
    int flagged; /* named: undeclared script, q within the level, not tied, not disclosed */
};

struct lks_script_place {
    uint32_t post, script;
};

struct lks_promotion {
    struct lks_script *scripts; /* [scripts_count] of times_q within the level, by rising p */
    size_t scripts_count;
    size_t proven_count;               /* of them, of q within the level: the first ones */
    struct lks_script_member *members; /* by script, then rising p */
    size_t members_count;
    struct lks_script_place *posts; /* by script, then time */
    size_t posts_count;
    uint64_t accounts_tested; /* with a post of their own that has words */
    uint64_t families_tested; /* of like posts by accounts_min accounts or more */
    uint64_t flagged_count;   /* accounts */
    unsigned controls_count;
    uint64_t control_flagged; /* accounts in scripts of q within the level, of all controls */
    uint32_t common_accounts; /* phrases of more accounts than that were nobody's script */
    int short_data;           /* 1: the posts span less than two days: no window can be told */
};

struct lks_promotion_options lks_promotion_options_default(void);

/* Finds scripts. Likeness is of words alone; only then is each family's timing tested, so that
 * looking for likeness does not spoil the test. Memory: 40 bytes a phrase given and 60 a
 * post. *result_out is the caller's, freed by lks_promotion_free. The same for any number of
 * threads (it uses one). 0, LKS_EARGUMENT, LKS_EMEMORY, LKS_ECANCELLED. Null models, assumptions and
 * where they break: docs/method/promotion.md. */
int lks_promotion_run(const struct lks_promotion_input *input,
                      const struct lks_promotion_options *options,
                      const struct lks_control *control, struct lks_promotion *result_out,
                      struct lks_error *err);
void lks_promotion_free(struct lks_promotion *result);

#endif
