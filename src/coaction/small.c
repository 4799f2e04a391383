/* small.c - a pair of accounts that share few events
 *
 * Nearly all pairs that are measured have up to 64 events of either side on what they share. Then
 * every two of them are looked at; whom an event meets is a word of bits, a post is the first of its
 * events, and the matching of posts walks over such words: greedily, then along augmenting paths
 * (Kuhn 1955) for those that found nobody. The numbers are those of pair.c, which takes
 * pairs of any size. */
#include "coaction/small.h"

#include <string.h>

enum {
    SMALL_MAX = 64,      /* events of either side: a word of bits */
    SMALL_MEETINGS = 256 /* events of one side times those of the other, over all objects */
};

__extension__ typedef __int128 wide;

/* Events of the pair from 0 on either side, object after object. */
struct small {
    uint64_t met[SMALL_MAX];        /* by left event, then by left post: right ones that it met */
    uint32_t left_post[SMALL_MAX];  /* by left event */
    uint32_t right_post[SMALL_MAX]; /* by right event */
    uint64_t right_met;             /* right events that were met */
    unsigned left_count, right_count;
};

static void span_stretch(struct lks_edge *edge, int64_t time_us)
{
    edge->first_us = time_us < edge->first_us ? time_us : edge->first_us;
    edge->last_us = time_us > edge->last_us ? time_us : edge->last_us;
}

/* Every two events on one object: what they add to the edge. Returns the sum of the gaps. */
static wide small_object(struct small *s, int64_t window_us, const struct lks_coaction_row *a,
                         const struct lks_coaction_row *b, unsigned left_events,
                         unsigned right_events, struct lks_edge *edge)
{
    wide gaps_us = 0;
    for (unsigned j = 0; j < right_events; j++)
        s->right_post[s->right_count + j] = b[j].post;
    for (unsigned i = 0; i < left_events; i++) {
        uint64_t met = 0;
        int64_t left_us = a[i].time_us;
        for (unsigned j = 0; j < right_events; j++) {
            int64_t gap_us = b[j].time_us - left_us;
            int64_t away_us = gap_us < 0 ? -gap_us : gap_us;
            if (away_us > window_us)
                continue;
            met |= UINT64_C(1) << j;
            edge->pairs_count++;
            edge->a_first += gap_us > 0;
            edge->b_first += gap_us < 0;
            gaps_us += away_us;
            span_stretch(edge, b[j].time_us);
        }
        if (met)
            span_stretch(edge, left_us);
        met <<= s->right_count;
        s->met[s->left_count] = met;
        s->left_post[s->left_count++] = a[i].post;
        s->right_met |= met;
    }
    s->right_count += right_events;
    return gaps_us;
}

/* Whether post[count] is among those before it: without a branch, so that it is looked for in
 * many at a time. */
static int small_known(const uint32_t *post, unsigned count)
{
    uint32_t same = 0;
    for (unsigned k = 0; k < count; k++)
        same |= post[k] == post[count];
    return (int)same;
}

/* Events of one post become the first of them, on either side. */
static void small_posts(struct small *s, struct lks_edge *edge)
{
    for (unsigned j = 1; j < s->right_count; j++)
        for (unsigned k = small_known(s->right_post, j) ? 0 : j; k < j && s->right_met >> j & 1;
             k++) {
            if (s->right_post[k] != s->right_post[j] || !(s->right_met >> k & 1))
                continue;
            for (unsigned i = 0; i < s->left_count; i++)
                s->met[i] = (s->met[i] & ~(UINT64_C(1) << j)) | (s->met[i] >> j & 1) << k;
            s->right_met &= ~(UINT64_C(1) << j);
        }
    unsigned posts = 0;
    for (unsigned i = 0; i < s->left_count; i++) {
        unsigned k = small_known(s->left_post, i) ? 0 : posts;
        if (s->met[i] == 0)
            continue;
        while (k < posts && s->left_post[k] != s->left_post[i])
            k++;
        /* Posts are kept where events were that have been passed. */
        s->met[k] = s->met[i] | (k < posts ? s->met[k] : 0);
        s->left_post[k] = s->left_post[i];
        posts += k == posts;
    }
    edge->posts_a = posts;
    edge->posts_b = (uint32_t)__builtin_popcountll(s->right_met);
}

/* Looks for a path on which one more post finds a partner, and changes partners along it. */
static int small_augment(const uint64_t *met, uint32_t *left_of, uint32_t *right_of, uint64_t *used,
                         uint32_t start)
{
    uint32_t queue[SMALL_MAX + 1], from[SMALL_MAX], head = 0, tail = 0;
    uint64_t seen = 0;
    queue[tail++] = start;
    while (head < tail) {
        uint32_t left = queue[head++];
        for (uint64_t rest = met[left] & ~seen; rest; rest &= rest - 1) {
            uint32_t right = (uint32_t)__builtin_ctzll(rest);
            from[right] = left;
            if (*used >> right & 1) {
                queue[tail++] = left_of[right];
                continue;
            }
            *used |= UINT64_C(1) << right;
            for (uint32_t before = start + 1; before != start;) {
                uint32_t next;
                before = from[right];
                next = right_of[before];
                left_of[right] = before;
                right_of[before] = right;
                right = next;
            }
            return 1;
        }
        seen |= met[left];
    }
    return 0;
}

/* The size of a maximum matching of posts. */
static uint32_t small_matching(const struct small *s, uint32_t posts_a, uint32_t posts_b)
{
    uint32_t left_of[SMALL_MAX], right_of[SMALL_MAX], size = 0;
    uint64_t used = 0, alone = 0;
    for (uint32_t i = 0; i < posts_a; i++) {
        uint64_t open = s->met[i] & ~used;
        if (!open) {
            alone |= UINT64_C(1) << i;
            continue;
        }
        right_of[i] = (uint32_t)__builtin_ctzll(open);
        left_of[right_of[i]] = i;
        used |= open & -open;
        size++;
    }
    for (; alone && size < posts_b; alone &= alone - 1)
        size += (uint32_t)small_augment(s->met, left_of, right_of, &used,
                                        (uint32_t)__builtin_ctzll(alone));
    return size;
}

int lks_coaction_small(const struct lks_coaction_options *options, const struct lks_coaction_row *a,
                       const struct lks_coaction_row *b, const struct lks_coaction_shared *shared,
                       size_t shared_count, struct lks_edge *edge)
{
    struct small s;
    wide gaps_us = 0;
    size_t left = 0, right = 0, meetings = 0;
    for (size_t i = 0; i < shared_count && left <= SMALL_MAX && right <= SMALL_MAX; i++) {
        size_t left_events = shared[i].a_end - shared[i].a_begin;
        size_t right_events = shared[i].b_end - shared[i].b_begin;
        left += left_events;
        right += right_events;
        meetings += left_events * right_events;
    }
    if (left > SMALL_MAX || right > SMALL_MAX || meetings > SMALL_MEETINGS)
        return 2;
    s.left_count = s.right_count = s.right_met = 0;
    *edge =
        (struct lks_edge){.a = edge->a, .b = edge->b, .first_us = INT64_MAX, .last_us = INT64_MIN};
    for (size_t i = 0; i < shared_count; i++) {
        const struct lks_coaction_shared *o = &shared[i];
        uint64_t before = edge->pairs_count;
        gaps_us += small_object(&s, options->window_us[o->kind], a + o->a_begin, b + o->b_begin,
                                (unsigned)(o->a_end - o->a_begin),
                                (unsigned)(o->b_end - o->b_begin), edge);
        edge->objects_count += edge->pairs_count > before;
        edge->kind_objects[o->kind] += edge->pairs_count > before;
    }
    if (edge->pairs_count == 0 || edge->pairs_count < options->min_pairs ||
        edge->objects_count < options->min_objects)
        return 0;
    small_posts(&s, edge);
    edge->lag_mean_us = (double)gaps_us / (double)edge->pairs_count;
    edge->occasions_count = small_matching(&s, edge->posts_a, edge->posts_b);
    return edge->occasions_count >= options->min_occasions;
}
