/* messages_load.h - messages of channels as columns: who, when, which words, how much an instruction */
#ifndef LKS_DETECT_MESSAGES_LOAD_H
#define LKS_DETECT_MESSAGES_LOAD_H

#include "signal/countdown.h"
#include "signal/relay.h"
#include "store/store.h"
#include "text/cues.h"
#include "text/instruction.h"

/* A message that may be an instruction. */
struct lks_loaded_call {
    uint32_t message;
    struct lks_cue_hits hits;
    double score;
    uint8_t countdown; /* LKS_COUNTDOWN_STEP and the like (signal/countdown.h) */
    struct lks_instruction_around around;
};

/* In order of (time, post). */
struct lks_messages {
    size_t count, capacity;
    uint32_t *post, *place; /* post_index; channel */
    int64_t *time_us;
    uint8_t *is_call; /* scored as one by its words and what came before it, or after a countdown */
    size_t *term_first; /* [count + 1] into terms */
    uint32_t *terms;    /* each once a message, in the order of the words */
    size_t terms_count, terms_capacity;
    struct lks_intern words, channels; /* terms and places by id */
    uint32_t *used_by;                 /* [words.count] messages that hold a term */
    struct lks_loaded_call *calls;
    size_t calls_count, calls_capacity;
    int too_many; /* more words than are looked at: terms are not whole */
    const struct lks_cues *cues;
};

/* Freed by lks_messages_free, also after a failure; cues must live as long. LKS_EMEMORY, LKS_ESTORE. */
int lks_messages_load(struct lks_store *store, const struct lks_cues *cues,
                      const struct lks_control *control, struct lks_messages *messages,
                      struct lks_error *err);
void lks_messages_free(struct lks_messages *messages);

/* Why a message has its points: "what to do: share, copy; when: now; has a tag or link". Null where
 * memory is out. */
struct lks_str lks_messages_why(const struct lks_messages *messages,
                                const struct lks_loaded_call *call, struct lks_arena *arena);

/* Uses by (term, message), without terms that most messages have; the caller frees *uses_out. */
int lks_messages_uses(const struct lks_messages *messages, struct lks_relay_use **uses_out,
                      size_t *count_out, struct lks_error *err);

#endif
