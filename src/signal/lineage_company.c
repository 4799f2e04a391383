/* lineage_company.c - users of a thing told apart by the units they belong to
 *
 * Findings and paid accounts are known before a thing's users are looked at. A swarm may be several
 * findings: units whose users share the same things besides are one company, but for those that
 * are kept apart (paid accounts: who merges them with a swarm that took their tag errs). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "signal/lineage_inside.h"

enum { UNIT_LEAST = 3 /* users of a unit that can be of a company */ };
static const double unit_cosine = 0.5;

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for lineage");
}

/* The units of a thing's users: what each shares, and to which company it belongs. */
struct companies {
    uint32_t units;     /* one more than there are: the last holds nobody */
    uint32_t *accounts; /* [units] users of the thing */
    double *profile;    /* [units * features]: users of the unit that share each feature */
    uint32_t *leader;   /* [units] the unit whose company it is of, UINT32_MAX for none */
};

static void companies_free(struct companies *companies)
{
    free(companies->accounts);
    free(companies->profile);
    free(companies->leader);
}

static int companies_count(const struct lks_lineage_world *world,
                           const struct lks_lineage_users *users,
                           const struct lks_lineage_judgement *judgement,
                           struct companies *companies, struct lks_error *err)
{
    const struct lks_lineage_rows *all = &judgement->all;
    size_t features = judgement->features_count;
    companies->units = world->units_count;
    companies->accounts = calloc((size_t)companies->units + 1, sizeof *companies->accounts);
    companies->profile = calloc(companies->units * features + 1, sizeof *companies->profile);
    companies->leader = malloc(((size_t)companies->units + 1) * sizeof *companies->leader);
    uint32_t *last = calloc(features + 1, sizeof *last);
    if (!companies->accounts || !companies->profile || !companies->leader || !last) {
        free(last);
        return memory_out(err);
    }
    for (uint32_t u = 0; u < users->count; u++) {
        uint32_t unit = world->account_unit[users->account[u]];
        if (unit == UINT32_MAX)
            continue;
        companies->accounts[unit]++;
        for (uint32_t i = all->feature_first[all->day_first[u]];
             i < all->feature_first[all->day_first[u + 1]]; i++) {
            uint32_t x = all->thing[i];
            if (x < features && last[x] != u + 1)
                companies->profile[unit * features + x] += 1;
            if (x < features)
                last[x] = u + 1;
        }
    }
    free(last);
    return 0;
}

static double profiles_cosine(const double *a, const double *b, size_t features)
{
    double both = 0, own = 0, other = 0;
    for (size_t x = 0; x < features; x++) {
        both += a[x] * b[x];
        own += a[x] * a[x];
        other += b[x] * b[x];
    }
    return own > 0 && other > 0 ? both / sqrt(own * other) : 0;
}

/* Units whose users share the same things are one company: each joins the largest before it
 * that is enough alike, or leads one. A unit that is kept apart joins nobody. The two
 * largest companies come out, UINT32_MAX for none. */
static void companies_join(const struct lks_lineage_world *world, size_t features,
                           struct companies *companies, uint32_t largest[2])
{
    uint32_t *size = companies->accounts; /* of a leader: of its company */
    for (uint32_t unit = 0; unit < companies->units; unit++)
        companies->leader[unit] = UINT32_MAX;
    for (;;) {
        uint32_t next = UINT32_MAX, leader;
        for (uint32_t unit = 0; unit < companies->units; unit++)
            if (companies->leader[unit] == UINT32_MAX && size[unit] >= UNIT_LEAST &&
                (next == UINT32_MAX || size[unit] > size[next]))
                next = unit;
        if (next == UINT32_MAX)
            break;
        leader = next;
        double best = unit_cosine;
        for (uint32_t unit = 0; unit < companies->units && next < world->units_apart; unit++) {
            if (companies->leader[unit] != unit || unit >= world->units_apart)
                continue;
            double cosine = profiles_cosine(companies->profile + next * features,
                                            companies->profile + unit * features, features);
            if (cosine > best) {
                best = cosine;
                leader = unit;
            }
        }
        companies->leader[next] = leader;
    }
    uint32_t *total = calloc((size_t)companies->units + 1, sizeof *total);
    for (uint32_t unit = 0; total && unit < companies->units; unit++)
        if (companies->leader[unit] != UINT32_MAX)
            total[companies->leader[unit]] += size[unit];
    largest[0] = largest[1] = UINT32_MAX;
    for (uint32_t unit = 0; total && unit < companies->units; unit++) {
        if (!total[unit])
            continue;
        if (largest[0] == UINT32_MAX || total[unit] > total[largest[0]]) {
            largest[1] = largest[0];
            largest[0] = unit;
        } else if (largest[1] == UINT32_MAX || total[unit] > total[largest[1]]) {
            largest[1] = unit;
        }
    }
    free(total);
}

int lks_lineage_company(const struct lks_lineage_world *world, struct lks_lineage *lineage,
                        struct lks_lineage_users *users,
                        const struct lks_lineage_judgement *judgement, struct lks_error *err)
{
    struct companies companies = {0};
    uint32_t largest[2] = {UINT32_MAX, UINT32_MAX};
    int code = companies_count(world, users, judgement, &companies, err);
    if (code == 0)
        companies_join(world, judgement->features_count, &companies, largest);
    for (uint32_t u = 0; code == 0 && u < users->count; u++) {
        uint32_t unit = world->account_unit[users->account[u]];
        uint32_t leader = unit == UINT32_MAX ? UINT32_MAX : companies.leader[unit];
        int is_first = leader != UINT32_MAX && leader == largest[0];
        int is_second = leader != UINT32_MAX && leader == largest[1];
        users->later[u] = is_first;
        users->population[u] = is_first ? 1 : is_second ? LKS_LINEAGE_THIRD : 0;
    }
    if (code == 0 && largest[0] != UINT32_MAX) {
        lineage->population[1].unit = largest[0];
        lineage->population[LKS_LINEAGE_THIRD].unit = largest[1];
        if (lks_lineage_populations_suffice(users)) {
            lineage->by = LKS_LINEAGE_COMPANY;
            lineage->p_two = world->unit_p[largest[0]];
        } else {
            lineage->population[0].unit = lineage->population[1].unit =
                lineage->population[LKS_LINEAGE_THIRD].unit = UINT32_MAX;
            memset(users->population, 0, users->count);
        }
    }
    companies_free(&companies);
    return code;
}
