/* near_bounds.c - what two sets must share to be near, by their sizes */
#include "text/near_bounds.h"

static int reaches(double threshold, uint64_t shared, uint64_t either)
{
    return (double)shared / (double)either >= threshold;
}

uint32_t lks_near_need_of(double threshold, uint64_t both)
{
    uint64_t need = (uint64_t)(threshold * (double)both / (1 + threshold));
    while (need > 0 && reaches(threshold, need, both - need))
        need--;
    while (need == 0 || !reaches(threshold, need, both - need))
        need++;
    return (uint32_t)need;
}

uint32_t lks_near_share_of(double threshold, uint32_t whole)
{
    uint64_t least = (uint64_t)(threshold * (double)whole);
    while (least > 0 && reaches(threshold, least, whole))
        least--;
    while (least == 0 || !reaches(threshold, least, whole))
        least++;
    return (uint32_t)least;
}

void lks_near_bounds_init(struct lks_near_bounds *bounds, double threshold)
{
    bounds->threshold = threshold;
    bounds->need[0] = bounds->prefix[0] = 0;
    for (uint32_t both = 1; both < LKS_NEAR_BOUNDS_TABLE; both++) {
        bounds->need[both] = lks_near_need_of(threshold, both);
        bounds->prefix[both] = both - lks_near_share_of(threshold, both) + 1;
    }
}
