/* cues.h - words by which a message tells its readers what to do: a list for each language */
#ifndef LKS_TEXT_CUES_H
#define LKS_TEXT_CUES_H

#include "base/error.h"
#include "base/intern.h"

/* What a cue is a sign of. */
enum lks_cue_role {
    LKS_CUE_ACT,   /* what to do: comment, share, buy */
    LKS_CUE_TIME,  /* when: now, ten minutes left */
    LKS_CUE_NEXT,  /* what comes next: "the next post will be" */
    LKS_CUE_READY, /* be ready, log in */
    LKS_CUE_ALL,   /* to whom: everyone, guys */
    LKS_CUE_NAME,  /* what follows is what it is about: "the tag is" */
    LKS_CUE_PAST,  /* it is over: results, reached, congratulations */
    LKS_CUE_TERMS, /* a standing offer or a conditional call: stop loss, entry, join our channel */
    /* How long still, for moments.h: no signs by themselves. */
    LKS_CUE_LEFT,   /* beside a span, it is one that is left: until, remaining, only */
    LKS_CUE_MINUTE, /* units, after a number */
    LKS_CUE_HOUR,
    LKS_CUE_DAY,
    LKS_CUE_ROLES_COUNT
};
extern const char *const lks_cue_role_names[LKS_CUE_ROLES_COUNT]; /* "act", "time", ... */

struct lks_cues;

/* The lists that are compiled in, for the languages named by lks_cues_languages. *cues_out is the
 * caller's, freed by lks_cues_free. LKS_EMEMORY. */
int lks_cues_default(struct lks_cues **cues_out, struct lks_error *err);
/* Adds the lists of a TOML text: tables [[cues]] with `language`, any role = ["phrase", ...], and
 * `replace = true` where the language's lists so far are dropped. A phrase is words; "#" stands for a
 * number, "..." for up to three words, and a word that ends in "*" for all that begin so. Case and accents
 * make no difference. Tables of another name are passed over where other_tables says so, else
 * refused. name stands in messages. LKS_EARGUMENT with the line, LKS_EMEMORY. */
int lks_cues_read(struct lks_cues *cues, const char *name, struct lks_str text, int other_tables,
                  struct lks_error *err);
void lks_cues_free(struct lks_cues *cues);

/* How many phrases there are in force. */
size_t lks_cues_count(const struct lks_cues *cues);
/* The text of the compiled-in lists, to be edited; static. */
struct lks_str lks_cues_default_text(void);

/* What a text holds. */
enum { LKS_CUE_SHOWN = 3 };
struct lks_cue_hits {
    uint32_t distinct[LKS_CUE_ROLES_COUNT]; /* phrases of the role, each once */
    /* To be shown: phrases that do not overlap in the text, how many and the first few. Of those that do
     * the first; of those that begin at one word the longest. */
    uint32_t apart[LKS_CUE_ROLES_COUNT], phrases[LKS_CUE_ROLES_COUNT][LKS_CUE_SHOWN];
    uint32_t from[LKS_CUE_ROLES_COUNT];  /* the word at which the last of these begins */
    uint32_t until[LKS_CUE_ROLES_COUNT]; /* phrases of the role cover words before this one */
    uint32_t words;                      /* looked at: the first LKS_CUE_WORDS_MAX */
    uint32_t numbers;
    uint32_t capitals; /* words of two letters and more in capitals alone */
    char languages
        [24]; /* of the phrases found, by their number: "en ro"; cut where there are more */
};
enum { LKS_CUE_WORDS_MAX = 400 };

/* Room that is used again from text to text; one thread at a time. */
struct lks_cue_scratch {
    struct lks_buffer fold, words;
    struct lks_cue_word {
        uint32_t at, size; /* into words */
        uint8_t is_number;
    } * items;
    size_t items_count;
    uint64_t *stamp; /* [phrases] */
    uint64_t mark;
};

/* Counts the cues of a text. 0, LKS_EMEMORY. Zero scratch to start; freed by
 * lks_cue_scratch_free. Any thread with a scratch of its own. */
int lks_cues_find(const struct lks_cues *cues, struct lks_str text, struct lks_cue_scratch *scratch,
                  struct lks_cue_hits *hits_out);
void lks_cue_scratch_free(struct lks_cue_scratch *scratch);
/* How many words the longest phrase of a role has that begins at word `at` of the text looked at last;
 * 0 where none does. Phrases with a gap are passed over. */
size_t lks_cues_length(const struct lks_cues *cues, enum lks_cue_role role,
                       const struct lks_cue_scratch *scratch, size_t at);

/* The words of a phrase that was found as a list would have them, appended: "# min*". */
void lks_cues_phrase_text(const struct lks_cues *cues, uint32_t phrase, struct lks_buffer *out);

/* Words of a text as cues see them, into scratch: folded, without accents, numbers apart from
 * letters. 0, LKS_EMEMORY. */
int lks_cue_words(struct lks_str text, size_t most, struct lks_cue_scratch *scratch);

#endif
