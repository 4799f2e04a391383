/* instruction.c - whether a message tells its readers what to do, now
 *
 * A sum of a few signs, each bounded, so that a long text is no instruction for its length. */
#include "text/instruction.h"

static double capped(const struct lks_cue_hits *hits, enum lks_cue_role role, uint32_t most)
{
    return hits->distinct[role] < most ? hits->distinct[role] : most;
}

double lks_instruction_score(const struct lks_cue_hits *hits,
                             const struct lks_instruction_around *around)
{
    double score = capped(hits, LKS_CUE_ACT, 2) + capped(hits, LKS_CUE_TIME, 2) +
                   capped(hits, LKS_CUE_NEXT, 2) + capped(hits, LKS_CUE_READY, 2) +
                   capped(hits, LKS_CUE_NAME, 1) + 0.5 * capped(hits, LKS_CUE_ALL, 1);
    score += around->after_countdown ? 1 : 0;
    score += around->has_things ? 0.5 : 0;
    score -= capped(hits, LKS_CUE_PAST, 2) + capped(hits, LKS_CUE_TERMS, 3);
    return score > 0 ? score : 0;
}

double lks_instruction_timed(double score, int countdown_flags)
{
    return countdown_flags && score < LKS_INSTRUCTION_SURE ? LKS_INSTRUCTION_SURE : score;
}

int lks_instruction_announces(const struct lks_cue_hits *hits)
{
    return hits->distinct[LKS_CUE_NEXT] > 0 ||
           (hits->distinct[LKS_CUE_TIME] > 0 && hits->distinct[LKS_CUE_READY] > 0);
}
