/* slide.c - who is in one window of an account, kept from one account to the next
 *
 * Most entries of all windows lie in the widest window of each account, and accounts follow one
 * another by where theirs is: so from one account to the next it moves by little. Of each partner
 * the last place that was put in is kept. Moving on puts in what is new at the end,
 *
 *   partner   | c a b c d | b e a | f         last: a 7  b 5  c 3  d 4  e 6
 *                 first ------- end                 in the window if last is not before first
 *
 * and takes nothing out, since what lies before the window says so itself. A partner's
 * earlier places in the window hang behind its last one. Where the window moves back it is put in
 * anew: last is right again for all that are in it, and for others still names a
 * place of theirs, which is not in it. So who is in a window of thousands costs the few
 * that came, and a look at one number for each that is asked about. */
#include "coaction/slide.h"

#include <string.h>

int lks_coaction_slide_to(struct lks_coaction_slide *slide, const struct lks_coaction_rows *rows,
                          uint32_t first, uint32_t end, struct lks_budget *budget,
                          struct lks_error *err)
{
    if (!slide->last &&
        lks_budget_array(budget, &slide->last, rows->ranks_count, sizeof *slide->last, err) < 0)
        return LKS_EMEMORY;
    if (end - first > slide->ring) {
        size_t ring = 16;
        while (ring < end - first)
            ring *= 2;
        lks_budget_free(budget, slide->before, slide->ring, sizeof *slide->before);
        slide->before = NULL;
        slide->ring = 0;
        if (lks_budget_array(budget, &slide->before, ring, sizeof *slide->before, err) < 0)
            return LKS_EMEMORY;
        slide->ring = ring;
        slide->first = slide->end = 0;
    }
    uint32_t place = end - lks_coaction_slide_way(slide, first, end);
    uint32_t mask = (uint32_t)(slide->ring - 1);
    for (; place < end; place++) {
        uint32_t *last = &slide->last[rows->partner[place]];
        slide->before[place & mask] = *last <= place ? *last : 0;
        *last = place + 1;
    }
    slide->first = first;
    slide->end = end;
    return 0;
}

size_t lks_coaction_slide_places(const struct lks_coaction_slide *slide, uint32_t partner,
                                 uint32_t first, uint32_t *places)
{
    uint32_t mask = (uint32_t)(slide->ring - 1);
    size_t count = 0;
    uint32_t last = slide->last[partner];
    if (last > slide->end)
        return 0;
    for (; last > first; last = slide->before[(last - 1) & mask])
        places[count++] = last - 1;
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t place = places[i];
        places[i] = places[count - 1 - i];
        places[count - 1 - i] = place;
    }
    return count;
}

void lks_coaction_slide_free(struct lks_coaction_slide *slide, size_t ranks_count,
                             struct lks_budget *budget)
{
    lks_budget_free(budget, slide->last, ranks_count, sizeof *slide->last);
    lks_budget_free(budget, slide->before, slide->ring, sizeof *slide->before);
    memset(slide, 0, sizeof *slide);
}
