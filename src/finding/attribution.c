/* attribution.c - which signals name a finding's accounts more often than they name others
 *
 * If a signal that had no say in the membership named its accounts without regard to the finding,
 * the number of members among them would be hypergeometric: so many drawn from all that the signal
 * could judge. The tail of that is Fisher's exact test, one-sided. What a layer could judge is known
 * as a number, not account by account; then all members count as judged, which makes what chance
 * would give larger and p with it. */
#include "finding/attribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stat/multiple.h"
#include "stat/tail.h"

void lks_attribution_test(struct lks_attribution *one)
{
    uint64_t drawn = one->members_count < one->all_count ? one->members_count : one->all_count;
    uint64_t marked = one->all_named < one->all_count ? one->all_named : one->all_count;
    uint64_t count = one->members_named < drawn ? one->members_named : drawn;
    LKS_ASSERT(one->members_named <= one->all_named);
    one->log10_q = NAN;
    one->log10_p = one->all_count
                       ? fmin(0, lks_hypergeometric_tail_log(count < marked ? count : marked, drawn,
                                                             marked, one->all_count) /
                                     log(10))
                       : NAN;
}

int lks_attribution_adjust(struct lks_attribution *rows, size_t count, struct lks_error *err)
{
    size_t asked = 0;
    double *log10_p = calloc(count + 1, sizeof *log10_p);
    int code = log10_p ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for mechanisms");
    for (size_t i = 0; code == 0 && i < count; i++)
        if (!isnan(rows[i].log10_p))
            log10_p[asked++] = rows[i].log10_p;
    if (code == 0)
        code = lks_bh_adjust_log(log10_p, asked, asked, log10_p, err);
    asked = 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        if (!isnan(rows[i].log10_p))
            rows[i].log10_q = log10_p[asked++];
    free(log10_p);
    return code;
}

int lks_attribution_holds(const struct lks_attribution *one)
{
    return one->members_named >= LKS_ATTRIBUTION_LEAST &&
           one->log10_q <= log10(LKS_ATTRIBUTION_LEVEL);
}

/* A record names nobody here, and the channel that is answered is none of those who answer. */
static int is_told(const struct lks_layer_account *one)
{
    return one && !one->is_record && one->role != LKS_ROLE_CALLER;
}

static void layer_ask(const struct lks_layer *layer, const struct lks_fused *fused,
                      struct lks_attribution *one)
{
    for (uint32_t i = 0; i < layer->accounts_count; i++)
        one->all_named += (uint64_t)is_told(&layer->accounts[i]);
    one->all_count =
        layer->accounts_tested > one->all_named ? layer->accounts_tested : one->all_named;
    one->members_count = fused->members_count;
    for (uint32_t i = 0; i < fused->members_count; i++)
        one->members_named += (uint32_t)is_told(lks_layer_find(layer, fused->members[i].account));
    lks_attribution_test(one);
}

static void set_ask(const struct lks_named_set *set, uint32_t accounts_count,
                    const struct lks_fused *fused, struct lks_attribution *one)
{
    for (uint32_t a = 0; a < accounts_count; a++) {
        one->all_named += set->is_named[a];
        one->all_count += set->is_tested[a];
    }
    for (uint32_t i = 0; i < fused->members_count; i++) {
        one->members_named += set->is_named[fused->members[i].account];
        one->members_count += set->is_tested[fused->members[i].account];
    }
    lks_attribution_test(one);
}

int lks_attribution_run(const struct lks_layers *layers, const struct lks_fusion *fusion,
                        const struct lks_named_set *registrations, struct lks_attribution *rows_out,
                        struct lks_error *err)
{
    for (uint32_t f = 0; f < fusion->items_count; f++) {
        const struct lks_fused *fused = &fusion->items[f];
        for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++) {
            struct lks_attribution *one = &rows_out[(size_t)f * LKS_LAYERS_COUNT + (size_t)kind];
            *one = (struct lks_attribution){.log10_p = NAN, .log10_q = NAN};
            if (kind == LKS_LAYER_REGISTRATIONS && registrations->is_tested)
                set_ask(registrations, layers->accounts_count, fused, one);
            else if (kind >= LKS_LAYER_SLEEPERS && layers->layer[kind].observable &&
                     !(fused->layers >> kind & 1))
                layer_ask(&layers->layer[kind], fused, one);
        }
    }
    return lks_attribution_adjust(rows_out, (size_t)fusion->items_count * LKS_LAYERS_COUNT, err);
}
