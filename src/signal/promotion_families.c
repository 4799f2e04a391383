/* promotion_families.c - families of posts that say the same in like words
 *
 * A post is a set of phrases (pairs of near words, hashed); a phrase weighs log2(accounts / accounts
 * that have it), of a thousand at least: what everybody says weighs nothing, what few say much. Two posts are alike when
 * the phrases they share weigh enough in all, and enough against the lighter of the two.
 *
 *     posts     -> wordings: posts with the same phrases are one
 *     phrases   -> for each the wordings that have it (two compressed rows, forth and back)
 *     centre    -> one walk over the rows of its phrases adds up what each other wording shares
 *
 * Families are stars: the wording that most others are like becomes a centre and takes all that are
 * like it, then the next among those that are left. So every member is alike to the centre,
 * which can be shown, and no chain of small steps joins what has nothing in common. Time plays no part
 * here: the test that follows would not be one if posts had been gathered by their times.
 *
 * Cost: for each wording the lengths of its rarer phrases' rows, twice. Its commonest ones, which
 * are too few or too light to make two posts alike by themselves, are looked up only for the wordings
 * that share a rarer one (prefix filter, as in near_join.c); where the sum is beyond work_most,
 * more phrases are called common. Source: leader clustering
 * (Hartigan, Clustering Algorithms, 1975, ch. 3); weights as in text retrieval (Sparck Jones
 * 1972). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "signal/promotion_inside.h"

/* Phrases are weighed as if among a thousand accounts at least: in a small sample, gathered by the
 * campaign's own tag perhaps, what half of it says is no commonplace yet. */
enum {
    ACCOUNTS_LEAST = 1000,
    COMMON_ACCOUNTS_LEAST = 500,
    COMMON_ACCOUNTS_FLOOR = 250,
    STEPS_BETWEEN_CHECKS = 4096,
    MERGE_STEPS = 16
};

struct place {
    uint64_t phrase;
    uint32_t wording;
};

struct wording {
    uint64_t form;
    size_t posts_first; /* into by_wording */
    uint32_t posts_count;
    uint32_t likes;  /* wordings alike to it, if they were counted */
    uint32_t family; /* UINT32_MAX: none yet */
    float own_share;
    double weight; /* of all its phrases that are not common */
};

struct making {
    const struct lks_promotion_input *input;
    const struct lks_promotion_options *options;
    uint32_t accounts_count;
    double weighed_count;     /* accounts, or ACCOUNTS_LEAST */
    uint32_t common_accounts; /* what more accounts say weighs nothing */
    uint32_t *by_wording;     /* [posts_count] places of input posts, by wording, time, post */
    struct wording *wordings;
    uint32_t wordings_count;
    size_t *phrase_first; /* [phrases_count + 1] into row: wordings of each phrase */
    uint32_t *row;
    double *phrase_weight; /* 0: common */
    uint32_t phrases_count;
    size_t *wording_first;    /* [wordings_count + 1] into wording_phrase */
    uint32_t *wording_phrase; /* ranks, rising */
    uint32_t *ranked;         /* [phrases_count] phrases by falling weight */
    /* Of one walk. */
    double *shared;
    uint32_t *shared_count, *touched, touched_count;
    uint32_t *stamp, epoch; /* by account */
    uint32_t *order;        /* of the wordings, to become centres */
};

/* ---- wordings ---- */

struct key {
    uint64_t form;
    int64_t time_us;
    uint32_t post, at;
};

static int key_order(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->form != y->form)
        return x->form < y->form ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static int wordings_make(struct making *making)
{
    const struct lks_promotion_input *input = making->input;
    struct key *keys = malloc((input->posts_count + 1) * sizeof *keys);
    making->by_wording = malloc((input->posts_count + 1) * sizeof *making->by_wording);
    making->wordings = calloc(input->posts_count + 1, sizeof *making->wordings);
    if (!keys || !making->by_wording || !making->wordings) {
        free(keys);
        return LKS_EMEMORY;
    }
    size_t count = 0;
    for (size_t i = 0; i < input->posts_count; i++)
        if (input->posts[i].count)
            keys[count++] = (struct key){input->posts[i].form, input->posts[i].time_us,
                                         input->posts[i].post, (uint32_t)i};
    qsort(keys, count, sizeof *keys, key_order);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || keys[i].form != keys[i - 1].form)
            making->wordings[making->wordings_count++] =
                (struct wording){.form = keys[i].form, .posts_first = i, .family = UINT32_MAX};
        making->by_wording[i] = keys[i].at;
        making->wordings[making->wordings_count - 1].posts_count++;
    }
    free(keys);
    return 0;
}

static const struct lks_script_post *first_post(const struct making *making,
                                                const struct wording *wording)
{
    return &making->input->posts[making->by_wording[wording->posts_first]];
}

/* ---- phrases ---- */

static int place_order(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->phrase != y->phrase)
        return x->phrase < y->phrase ? -1 : 1;
    return (x->wording > y->wording) - (x->wording < y->wording);
}

static uint32_t accounts_of(struct making *making, const struct place *places, size_t count)
{
    uint32_t accounts = 0;
    making->epoch++;
    for (size_t i = 0; i < count; i++) {
        const struct wording *wording = &making->wordings[places[i].wording];
        for (uint32_t p = 0; p < wording->posts_count; p++) {
            uint32_t account =
                making->input->posts[making->by_wording[wording->posts_first + p]].account;
            accounts += making->stamp[account] != making->epoch;
            making->stamp[account] = making->epoch;
        }
    }
    return accounts;
}

/* Rows of wordings by phrase, and weights. places lie in order. */
static void rows_fill(struct making *making, const struct place *places, size_t count)
{
    double most = making->options->common_share * making->accounts_count;
    if (most < COMMON_ACCOUNTS_LEAST)
        most = COMMON_ACCOUNTS_LEAST;
    for (size_t at = 0; at < count;) {
        size_t end = at;
        while (end < count && places[end].phrase == places[at].phrase)
            end++;
        uint32_t accounts = accounts_of(making, places + at, end - at);
        double weight = accounts <= most ? log2(making->weighed_count / (double)accounts) : 0;
        making->phrase_first[making->phrases_count] = at;
        making->phrase_weight[making->phrases_count++] = weight;
        for (; at < end; at++) {
            struct wording *wording = &making->wordings[places[at].wording];
            making->row[at] = places[at].wording;
            wording->weight += weight;
            making->wording_first[places[at].wording + 1]++;
        }
    }
    making->phrase_first[making->phrases_count] = count;
}

static int weight_order(const void *a, const void *b, void *context)
{
    const double *weight = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (weight[x] != weight[y])
        return weight[x] > weight[y] ? -1 : 1;
    return (x > y) - (x < y);
}

/* The phrases of each wording by rank, the rarest first. */
static void forth_fill(struct making *making)
{
    for (uint32_t i = 0; i < making->phrases_count; i++)
        making->ranked[i] = i;
    qsort_r(making->ranked, making->phrases_count, sizeof *making->ranked, weight_order,
            making->phrase_weight);
    for (uint32_t w = 0; w < making->wordings_count; w++)
        making->wording_first[w + 1] += making->wording_first[w];
    for (uint32_t rank = 0; rank < making->phrases_count; rank++) {
        uint32_t phrase = making->ranked[rank];
        for (size_t i = making->phrase_first[phrase]; i < making->phrase_first[phrase + 1]; i++)
            making->wording_phrase[making->wording_first[making->row[i]]++] = rank;
    }
    for (uint32_t w = making->wordings_count; w > 0; w--)
        making->wording_first[w] = making->wording_first[w - 1];
    making->wording_first[0] = 0;
}

static int phrases_make(struct making *making)
{
    size_t count = 0;
    for (uint32_t w = 0; w < making->wordings_count; w++)
        count += first_post(making, &making->wordings[w])->count;
    struct place *places = malloc((count + 1) * sizeof *places);
    making->phrase_first = malloc((count + 1) * sizeof *making->phrase_first);
    making->phrase_weight = malloc((count + 1) * sizeof *making->phrase_weight);
    making->row = malloc((count + 1) * sizeof *making->row);
    making->ranked = malloc((count + 1) * sizeof *making->ranked);
    making->wording_phrase = malloc((count + 1) * sizeof *making->wording_phrase);
    making->wording_first =
        calloc((size_t)making->wordings_count + 2, sizeof *making->wording_first);
    if (!places || !making->phrase_first || !making->phrase_weight || !making->row ||
        !making->ranked || !making->wording_phrase || !making->wording_first) {
        free(places);
        return LKS_EMEMORY;
    }
    count = 0;
    for (uint32_t w = 0; w < making->wordings_count; w++) {
        const struct lks_script_post *post = first_post(making, &making->wordings[w]);
        for (uint32_t i = 0; i < post->count; i++)
            places[count++] = (struct place){making->input->phrases[post->first + i], w};
        /* Phrases that nobody else has are not given, and weigh the most. */
        making->wordings[w].weight =
            (double)(post->all_count - post->count) * log2(making->weighed_count);
    }
    qsort(places, count, sizeof *places, place_order);
    rows_fill(making, places, count);
    free(places);
    forth_fill(making);
    return 0;
}

/* ---- walks ---- */

static double rank_weight(const struct making *making, uint32_t rank)
{
    return making->phrase_weight[making->ranked[rank]];
}

static size_t rank_length(const struct making *making, uint32_t rank)
{
    uint32_t phrase = making->ranked[rank];
    return making->phrase_first[phrase + 1] - making->phrase_first[phrase];
}

/* Where a wording's commonest phrases begin that are too few, or weigh too little, to make two
 * posts alike by themselves: whoever shares no rarer one need not be looked at. *end_out is
 * where those begin that weigh nothing. */
static size_t common_from(const struct making *making, uint32_t wording, size_t *end_out)
{
    size_t first = making->wording_first[wording], end = making->wording_first[wording + 1];
    double sum = 0;
    while (end > first && rank_weight(making, making->wording_phrase[end - 1]) <= 0)
        end--;
    *end_out = end;
    size_t from = end;
    while (from > first) {
        sum += rank_weight(making, making->wording_phrase[from - 1]);
        if (sum >= making->options->bits_min && end - from + 1 >= making->options->phrases_min)
            break;
        from--;
    }
    return from;
}

static void share_add(struct making *making, uint32_t other, double weight)
{
    if (!making->shared_count[other])
        making->touched[making->touched_count++] = other;
    making->shared[other] += weight;
    making->shared_count[other]++;
}

/* What a wording has of the centre's common phrases: both lists lie by rank. */
static void common_merge(struct making *making, size_t at, size_t end, uint32_t other)
{
    size_t i = making->wording_first[other], last = making->wording_first[other + 1];
    while (at < end && i < last) {
        uint32_t x = making->wording_phrase[at], y = making->wording_phrase[i];
        if (x == y)
            share_add(making, other, rank_weight(making, x));
        at += x <= y;
        i += y <= x;
    }
}

/* What every other wording shares with this one, into shared, for all that can be like it; those
 * into touched. Rows of rare phrases say who; then common ones are added, by their rows or, where
 * those are longer than what was found, by merging. */
static void walk(struct making *making, uint32_t centre)
{
    size_t end, from = common_from(making, centre, &end), rows = 0;
    making->touched_count = 0;
    for (size_t i = making->wording_first[centre]; i < from; i++) {
        uint32_t rank = making->wording_phrase[i], phrase = making->ranked[rank];
        double weight = making->phrase_weight[phrase];
        for (size_t r = making->phrase_first[phrase]; r < making->phrase_first[phrase + 1]; r++)
            share_add(making, making->row[r], weight);
    }
    for (size_t i = from; i < end; i++)
        rows += rank_length(making, making->wording_phrase[i]);
    if (rows > (size_t)making->touched_count * MERGE_STEPS) {
        for (uint32_t t = 0; t < making->touched_count; t++)
            common_merge(making, from, end, making->touched[t]);
        return;
    }
    for (size_t i = from; i < end; i++) {
        uint32_t rank = making->wording_phrase[i], phrase = making->ranked[rank];
        for (size_t r = making->phrase_first[phrase]; r < making->phrase_first[phrase + 1]; r++)
            if (making->shared_count[making->row[r]])
                share_add(making, making->row[r], making->phrase_weight[phrase]);
    }
}

static int is_alike(const struct making *making, uint32_t a, uint32_t b)
{
    const struct lks_promotion_options *options = making->options;
    double wa = making->wordings[a].weight, wb = making->wordings[b].weight;
    return making->shared_count[b] >= options->phrases_min &&
           making->shared[b] >= options->bits_min &&
           making->shared[b] >= options->share_min * (wa < wb ? wa : wb);
}

static void walk_clear(struct making *making)
{
    for (uint32_t i = 0; i < making->touched_count; i++) {
        making->shared[making->touched[i]] = 0;
        making->shared_count[making->touched[i]] = 0;
    }
}

static uint64_t walks_cost(const struct making *making)
{
    uint64_t cost = 0;
    for (uint32_t w = 0; w < making->wordings_count; w++) {
        size_t end, from = common_from(making, w, &end);
        for (size_t i = making->wording_first[w]; i < from; i++)
            cost += rank_length(making, making->wording_phrase[i]);
    }
    return cost;
}

/* Where walks would take too long, what fewer and fewer accounts say counts as common, down to
 * COMMON_ACCOUNTS_FLOOR: a script of more tellers than that is not told from a commonplace then. */
static void common_cut(struct making *making)
{
    double most =
        fmax(COMMON_ACCOUNTS_LEAST, making->options->common_share * making->accounts_count);
    while (most > COMMON_ACCOUNTS_FLOOR && walks_cost(making) > making->options->work_most) {
        most /= 2;
        double least = log2(making->weighed_count / most);
        for (uint32_t phrase = 0; phrase < making->phrases_count; phrase++)
            if (making->phrase_weight[phrase] < least)
                making->phrase_weight[phrase] = 0;
        for (uint32_t w = 0; w < making->wordings_count; w++) {
            struct wording *wording = &making->wordings[w];
            const struct lks_script_post *post = first_post(making, wording);
            wording->weight = (double)(post->all_count - post->count) * log2(making->weighed_count);
            for (size_t i = making->wording_first[w]; i < making->wording_first[w + 1]; i++)
                wording->weight += rank_weight(making, making->wording_phrase[i]);
        }
    }
    making->common_accounts = (uint32_t)most;
}

static int likes_count(struct making *making, struct lks_meter *meter, struct lks_error *err)
{
    int code = 0;
    for (uint32_t w = 0; code == 0 && w < making->wordings_count; w++) {
        walk(making, w);
        for (uint32_t i = 0; i < making->touched_count; i++)
            if (making->touched[i] != w && is_alike(making, w, making->touched[i]))
                making->wordings[w].likes += making->wordings[making->touched[i]].posts_count;
        walk_clear(making);
        if (w % STEPS_BETWEEN_CHECKS == 0)
            code = lks_meter_at(meter, w, err);
    }
    return code;
}

static int centre_order(const void *a, const void *b, void *context)
{
    const struct making *making = context;
    const struct wording *x = &making->wordings[*(const uint32_t *)a];
    const struct wording *y = &making->wordings[*(const uint32_t *)b];
    if (x->likes != y->likes)
        return x->likes > y->likes ? -1 : 1;
    if (x->posts_count != y->posts_count)
        return x->posts_count > y->posts_count ? -1 : 1;
    const struct lks_script_post *p = first_post(making, x), *q = first_post(making, y);
    if (p->time_us != q->time_us)
        return p->time_us < q->time_us ? -1 : 1;
    return (p->post > q->post) - (p->post < q->post);
}

/* ---- families ---- */

static uint32_t accounts_count(struct making *making, const uint32_t *wordings, uint32_t count)
{
    uint32_t accounts = 0;
    making->epoch++;
    for (uint32_t i = 0; i < count; i++) {
        const struct wording *wording = &making->wordings[wordings[i]];
        for (uint32_t p = 0; p < wording->posts_count; p++) {
            uint32_t account =
                making->input->posts[making->by_wording[wording->posts_first + p]].account;
            accounts += making->stamp[account] != making->epoch;
            making->stamp[account] = making->epoch;
        }
    }
    return accounts;
}

/* The centre takes what is like it and still free, itself too: what says too little is like nothing.
 * With too few accounts all stay free. */
static void star_make(struct making *making, uint32_t centre, struct lks_families *out)
{
    uint32_t kept = 0;
    walk(making, centre);
    uint32_t all = making->touched_count;
    for (uint32_t i = 0; i < all; i++) {
        uint32_t other = making->touched[i];
        int in = making->wordings[other].family == UINT32_MAX && is_alike(making, centre, other);
        if (in) { /* members first; a swap, since all must be cleared */
            making->touched[i] = making->touched[kept];
            making->touched[kept++] = other;
        }
    }
    uint32_t accounts = accounts_count(making, making->touched, kept);
    if (accounts >= making->options->accounts_min) {
        uint32_t family = (uint32_t)out->families_count;
        for (uint32_t i = 0; i < kept; i++) {
            struct wording *wording = &making->wordings[making->touched[i]];
            wording->family = family;
            wording->own_share =
                wording->weight > 0
                    ? (float)fmax(0, 1 - making->shared[making->touched[i]] / wording->weight)
                    : 0;
        }
        out->families[out->families_count++] =
            (struct lks_family){.centre = making->by_wording[making->wordings[centre].posts_first],
                                .wordings_count = kept,
                                .accounts_count = accounts};
    }
    walk_clear(making);
}

static int family_post_order(const void *a, const void *b, void *context)
{
    const struct lks_family_post *x = a, *y = b;
    const struct lks_script_post *posts = context;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    if (posts[x->at].time_us != posts[y->at].time_us)
        return posts[x->at].time_us < posts[y->at].time_us ? -1 : 1;
    return (posts[x->at].post > posts[y->at].post) - (posts[x->at].post < posts[y->at].post);
}

static int posts_list(const struct making *making, struct lks_families *out)
{
    union {
        const struct lks_script_post *in;
        void *context; /* comparing only reads */
    } posts = {.in = making->input->posts};
    for (uint32_t w = 0; w < making->wordings_count; w++)
        if (making->wordings[w].family != UINT32_MAX)
            out->posts_count += making->wordings[w].posts_count;
    out->posts = malloc((out->posts_count + 1) * sizeof *out->posts);
    if (!out->posts)
        return LKS_EMEMORY;
    size_t at = 0;
    for (uint32_t w = 0; w < making->wordings_count; w++) {
        const struct wording *wording = &making->wordings[w];
        for (uint32_t p = 0; wording->family != UINT32_MAX && p < wording->posts_count; p++)
            out->posts[at++] = (struct lks_family_post){
                wording->family, making->by_wording[wording->posts_first + p], wording->own_share};
    }
    qsort_r(out->posts, out->posts_count, sizeof *out->posts, family_post_order, posts.context);
    for (size_t i = 0; i < out->posts_count; i++) {
        struct lks_family *family = &out->families[out->posts[i].family];
        if (!family->count++)
            family->first = i;
    }
    return 0;
}

static int stars_make(struct making *making, const struct lks_control *control,
                      struct lks_families *out, struct lks_error *err)
{
    struct lks_meter meter;
    lks_meter_start(&meter, control, "scripts", "texts", 2 * (uint64_t)making->wordings_count);
    int code = 0;
    common_cut(making);
    out->common_accounts = making->common_accounts;
    code = likes_count(making, &meter, err);
    for (uint32_t w = 0; w < making->wordings_count; w++)
        making->order[w] = w;
    qsort_r(making->order, making->wordings_count, sizeof *making->order, centre_order, making);
    for (uint32_t i = 0; code == 0 && i < making->wordings_count; i++) {
        const struct wording *wording = &making->wordings[making->order[i]];
        if (wording->family == UINT32_MAX && (wording->likes || wording->posts_count > 1))
            star_make(making, making->order[i], out);
        if (i % STEPS_BETWEEN_CHECKS == 0)
            code = lks_meter_at(&meter, making->wordings_count + (uint64_t)i, err);
    }
    lks_meter_finish(&meter);
    return code;
}

static void making_free(struct making *making)
{
    free(making->by_wording);
    free(making->wordings);
    free(making->phrase_first);
    free(making->row);
    free(making->ranked);
    free(making->phrase_weight);
    free(making->wording_first);
    free(making->wording_phrase);
    free(making->shared);
    free(making->shared_count);
    free(making->touched);
    free(making->stamp);
    free(making->order);
}

int lks_families_make(const struct lks_promotion_input *input,
                      const struct lks_promotion_options *options,
                      const struct lks_control *control, struct lks_families *out,
                      struct lks_error *err)
{
    struct making making = {.input = input, .options = options};
    *out = (struct lks_families){0};
    making.stamp = calloc((size_t)input->events->accounts_count + 1, sizeof *making.stamp);
    int code = making.stamp ? wordings_make(&making) : LKS_EMEMORY;
    if (code == 0) {
        making.epoch++;
        for (size_t i = 0; i < input->posts_count; i++) {
            uint32_t account = input->posts[i].account;
            LKS_ASSERT(account < input->events->accounts_count);
            making.accounts_count += making.stamp[account] != making.epoch;
            making.stamp[account] = making.epoch;
        }
        making.weighed_count = fmax(making.accounts_count, ACCOUNTS_LEAST);
        code = phrases_make(&making);
    }
    if (code == 0) {
        size_t count = (size_t)making.wordings_count + 1;
        making.shared = calloc(count, sizeof *making.shared);
        making.shared_count = calloc(count, sizeof *making.shared_count);
        making.touched = malloc(count * sizeof *making.touched);
        making.order = malloc(count * sizeof *making.order);
        out->families = calloc(count, sizeof *out->families);
        if (!making.shared || !making.shared_count || !making.touched || !making.order ||
            !out->families)
            code = LKS_EMEMORY;
    }
    if (code)
        lks_error_set(err, code, "out of memory for scripts");
    else
        code = stars_make(&making, control, out, err);
    if (code == 0 && (code = posts_list(&making, out)) != 0)
        lks_error_set(err, code, "out of memory for scripts");
    making_free(&making);
    if (code)
        lks_families_free(out);
    return code;
}

void lks_families_free(struct lks_families *families)
{
    free(families->families);
    free(families->posts);
    *families = (struct lks_families){0};
}
