/* pick.h - the two inner loops of counting, by what the machine can */
#ifndef LKS_COACTION_PICK_H
#define LKS_COACTION_PICK_H

#include <stddef.h>
#include <stdint.h>

#include "coaction/coaction.h"

/* What is written may run over its end by so many items. */
enum { LKS_COACTION_PICK_SLACK = 16 };

/* Writes those of partner[count] that are in low .. low + span - 1 to out, in order; returns
 * how many. out has room for count and the slack. */
typedef size_t lks_coaction_pick(const uint32_t *partner, size_t count, uint32_t low, uint32_t span,
                                 uint32_t *out);

/* The same, but writes where they are in partner. */
typedef lks_coaction_pick lks_coaction_pick_index;

struct lks_coaction_paths {
    lks_coaction_pick *pick;
    lks_coaction_pick_index *pick_index;
};

/* The best that the machine has, or the one asked for if it has it, else portable. */
struct lks_coaction_paths lks_coaction_paths_choose(enum lks_coaction_path path);
/* Whether the machine has the path. */
int lks_coaction_path_has(enum lks_coaction_path path);

#endif
