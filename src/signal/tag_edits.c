/* tag_edits.c - which tags are edits of others, by their letters and by who uses both
 *
 * A campaign that loses its tag, or whose tag is taken, writes it another way: a letter, a part, a
 * year. Letters alone prove nothing (two words may look alike), so a pair that is alike must also
 * have more users in common than chance gives. The null model: who uses one of the two uses
 * further tags at the rate at which all users of tags do, so that n users of the other would have
 * n times the share of all uses of further tags that fall to them in common; the larger of the
 * two sides is taken, and Hoeffding's bound for sums of unequal draws. Two topics that are liked
 * by the same people have users in common too: that they are an edit is said only by both.
 *
 * Letters are compared as UTF-8 bytes of the folded tag; a shared part ends between
 * characters. */
#include "signal/tag_edits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "stat/multiple.h"
#include "stat/tail.h"

enum { LETTERS_MIN = 5, LETTERS_MAX = 96, PART_MIN = 4, LETTERS_EACH = 6, LETTERS_MOST = 3 };

struct lks_tag_edits_options lks_tag_edits_options_default(void)
{
    return (struct lks_tag_edits_options){.accounts_min = 10, .tags_most = 2000, .level = 0.05};
}

/* ---- letters ---- */

static int is_inside(struct lks_str text, size_t at)
{
    return at < text.size_bytes && ((unsigned char)text.data[at] & 0xC0) == 0x80;
}

static size_t shared_start(struct lks_str a, struct lks_str b)
{
    size_t most = a.size_bytes < b.size_bytes ? a.size_bytes : b.size_bytes, at = 0;
    while (at < most && a.data[at] == b.data[at])
        at++;
    while (at > 0 && (is_inside(a, at) || is_inside(b, at)))
        at--;
    return at;
}

static size_t shared_end(struct lks_str a, struct lks_str b, size_t start)
{
    size_t most = (a.size_bytes < b.size_bytes ? a.size_bytes : b.size_bytes) - start, at = 0;
    while (at < most && a.data[a.size_bytes - at - 1] == b.data[b.size_bytes - at - 1])
        at++;
    while (at > 0 && is_inside(a, a.size_bytes - at))
        at--;
    return at;
}

/* Letters changed, put in, left out, or swapped with the next (optimal string alignment);
 * more than `most` comes out as most + 1. */
static unsigned letters_changed(struct lks_str a, struct lks_str b, unsigned most)
{
    unsigned rows[3][LETTERS_MAX + 1];
    unsigned *above = rows[0], *row = rows[1], *next = rows[2];
    for (size_t j = 0; j <= b.size_bytes; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a.size_bytes; i++) {
        unsigned least = next[0] = (unsigned)i;
        for (size_t j = 1; j <= b.size_bytes; j++) {
            unsigned change = row[j - 1] + (a.data[i - 1] != b.data[j - 1]);
            unsigned other = (row[j] < next[j - 1] ? row[j] : next[j - 1]) + 1;
            next[j] = change < other ? change : other;
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
                a.data[i - 2] == b.data[j - 1] && above[j - 2] + 1 < next[j])
                next[j] = above[j - 2] + 1;
            least = next[j] < least ? next[j] : least;
        }
        if (least > most + 1) /* a swap may take back one */
            return most + 1;
        unsigned *free_row = above;
        above = row;
        row = next;
        next = free_row;
    }
    return row[b.size_bytes] > most ? most + 1 : row[b.size_bytes];
}

int lks_tags_alike(struct lks_str a, struct lks_str b, enum lks_edit_rule *rule, double *similarity)
{
    size_t shorter = a.size_bytes < b.size_bytes ? a.size_bytes : b.size_bytes;
    size_t longer = a.size_bytes < b.size_bytes ? b.size_bytes : a.size_bytes;
    if (shorter < LETTERS_MIN || longer > LETTERS_MAX || longer > 2 * shorter)
        return 0;
    size_t start = shared_start(a, b), end = shared_end(a, b, start);
    size_t larger = start > end ? start : end;
    *similarity = (double)(start + end) / (double)longer;
    *rule = start + end == shorter ? LKS_EDIT_ADDED : LKS_EDIT_PART;
    unsigned most = (unsigned)longer / LETTERS_EACH;
    most = most > LETTERS_MOST ? LETTERS_MOST : most;
    most = most < 1 ? 1 : most;
    unsigned changed = longer - shorter <= most ? letters_changed(a, b, most) : most + 1;
    if (changed <= most) {
        *rule = LKS_EDIT_LETTERS;
        *similarity = fmax(*similarity, 1 - (double)changed / (double)longer);
        return 1;
    }
    return larger >= PART_MIN && 2 * (start + end) >= longer;
}

/* ---- who uses them ---- */

struct user {
    uint32_t account;
    int64_t first_us, last_us;
};

struct tag_uses {
    struct user *users; /* [users_count] by account */
    uint32_t users_count;
    uint32_t *posts; /* [posts_count] rising */
    size_t posts_count;
    int64_t first_us;
    double further; /* other tags that its users use, summed */
};

struct comparing {
    const struct lks_events *events;
    const struct lks_tag *tags;
    uint32_t *chosen; /* [chosen_count] indexes into tags, the most used */
    uint32_t chosen_count;
    struct tag_uses *uses; /* [chosen_count] */
    double uses_total;
    struct lks_tag_edit *edits;
    size_t edits_count, edits_capacity;
};

static int user_order(const void *a, const void *b)
{
    const struct user *x = a, *y = b;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->first_us > y->first_us) - (x->first_us < y->first_us);
}

static int number_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int uses_take(const struct lks_events *events, size_t first, size_t end,
                     struct tag_uses *uses)
{
    size_t count = end - first, kept = 0;
    uses->users = malloc((count + 1) * sizeof *uses->users);
    uses->posts = malloc((count + 1) * sizeof *uses->posts);
    if (!uses->users || !uses->posts)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int64_t time_us = events->time_us[first + i];
        uses->users[i] = (struct user){events->account[first + i], time_us, time_us};
        uses->posts[i] = events->post[first + i];
    }
    uses->posts_count = count;
    uses->first_us = count ? events->time_us[first] : 0;
    qsort(uses->users, count, sizeof *uses->users, user_order);
    qsort(uses->posts, count, sizeof *uses->posts, number_order);
    for (size_t i = 0; i < count; i++) {
        if (kept && uses->users[kept - 1].account == uses->users[i].account)
            uses->users[kept - 1].last_us = uses->users[i].last_us;
        else
            uses->users[kept++] = uses->users[i];
    }
    uses->users_count = (uint32_t)kept;
    return 0;
}

static void pair_measure(const struct comparing *comparing, uint32_t a, uint32_t b,
                         struct lks_tag_edit *edit)
{
    const struct tag_uses *from = &comparing->uses[a], *to = &comparing->uses[b];
    uint32_t both = 0;
    for (uint32_t i = 0, j = 0; i < from->users_count && j < to->users_count;) {
        const struct user *x = &from->users[i], *y = &to->users[j];
        if (x->account != y->account) {
            x->account < y->account ? i++ : j++;
            continue;
        }
        both++;
        edit->moved += x->last_us < y->first_us;
        edit->moved_back += y->last_us < x->first_us;
        i++;
        j++;
    }
    for (size_t i = 0, j = 0; i < from->posts_count && j < to->posts_count;) {
        if (from->posts[i] == to->posts[j]) {
            edit->posts_both++;
            i++;
            j++;
        } else {
            from->posts[i] < to->posts[j] ? i++ : j++;
        }
    }
    double forward = to->users_count * from->further / comparing->uses_total;
    double backward = from->users_count * to->further / comparing->uses_total;
    uint32_t trials = from->users_count < to->users_count ? from->users_count : to->users_count;
    edit->from_us = from->first_us;
    edit->to_us = to->first_us;
    edit->accounts_from = from->users_count;
    edit->accounts_to = to->users_count;
    edit->accounts_both = both;
    edit->expected_both = fmin(trials, fmax(forward, backward));
    edit->log10_p = lks_hoeffding_tail_log(both, trials, edit->expected_both) / log(10);
}

/* ---- all pairs ---- */

static int pair_add(struct comparing *comparing, uint32_t a, uint32_t b, enum lks_edit_rule rule,
                    double similarity)
{
    if (comparing->edits_count == comparing->edits_capacity) {
        size_t capacity = 2 * comparing->edits_capacity + 64;
        struct lks_tag_edit *edits = realloc(comparing->edits, capacity * sizeof *edits);
        if (!edits)
            return -1;
        comparing->edits = edits;
        comparing->edits_capacity = capacity;
    }
    uint32_t x = comparing->tags[comparing->chosen[a]].object;
    uint32_t y = comparing->tags[comparing->chosen[b]].object;
    int64_t x_us = comparing->uses[a].first_us, y_us = comparing->uses[b].first_us;
    if (x_us > y_us || (x_us == y_us && x > y)) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    struct lks_tag_edit *edit = &comparing->edits[comparing->edits_count++];
    *edit = (struct lks_tag_edit){.from = comparing->tags[comparing->chosen[a]].object,
                                  .to = comparing->tags[comparing->chosen[b]].object,
                                  .rule = rule,
                                  .similarity = similarity};
    pair_measure(comparing, a, b, edit);
    return 0;
}

static int pairs_find(struct comparing *comparing, const struct lks_control *control,
                      struct lks_error *err)
{
    for (uint32_t a = 0; a < comparing->chosen_count; a++) {
        if (lks_cancelled(control))
            return lks_error_set(err, LKS_ECANCELLED, "stopped");
        for (uint32_t b = a + 1; b < comparing->chosen_count; b++) {
            enum lks_edit_rule rule;
            double similarity;
            struct lks_str x = comparing->tags[comparing->chosen[a]].folded;
            struct lks_str y = comparing->tags[comparing->chosen[b]].folded;
            if (lks_tags_alike(x, y, &rule, &similarity) &&
                pair_add(comparing, a, b, rule, similarity) != 0)
                return lks_error_set(err, LKS_EMEMORY, "out of memory for tags");
        }
    }
    return 0;
}

struct ranked {
    uint32_t tag, users;
};

static int ranked_order(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->users != y->users)
        return x->users > y->users ? -1 : 1;
    return (x->tag > y->tag) - (x->tag < y->tag);
}

/* Where each object's events begin, by one pass. */
static size_t *starts_make(const struct lks_events *events)
{
    size_t *first = calloc((size_t)events->objects_count + 2, sizeof *first);
    for (size_t i = 0; first && i < events->count; i++)
        first[events->object[i] + 1]++;
    for (uint32_t o = 0; first && o < events->objects_count; o++)
        first[o + 1] += first[o];
    return first;
}

static int tags_choose(struct comparing *comparing, size_t count, const size_t *first,
                       const struct lks_tag_edits_options *options, struct lks_tag_edits *result)
{
    const struct lks_events *events = comparing->events;
    struct ranked *ranked = malloc((count + 1) * sizeof *ranked);
    uint32_t *seen = calloc((size_t)events->accounts_count + 1, sizeof *seen);
    uint32_t enough = 0;
    for (size_t t = 0; ranked && seen && t < count; t++) {
        uint32_t users = 0, object = comparing->tags[t].object;
        for (size_t i = first[object]; i < first[object + 1]; i++) {
            users += seen[events->account[i]] != t + 1;
            seen[events->account[i]] = (uint32_t)t + 1;
        }
        if (users >= options->accounts_min)
            ranked[enough++] = (struct ranked){(uint32_t)t, users};
    }
    uint32_t kept = enough < options->tags_most ? enough : options->tags_most;
    comparing->chosen = malloc(((size_t)kept + 1) * sizeof *comparing->chosen);
    comparing->uses = calloc((size_t)kept + 1, sizeof *comparing->uses);
    int failed = !ranked || !seen || !comparing->chosen || !comparing->uses;
    if (!failed)
        qsort(ranked, enough, sizeof *ranked, ranked_order);
    for (uint32_t i = 0; !failed && i < kept; i++)
        comparing->chosen[i] = ranked[i].tag;
    comparing->chosen_count = failed ? 0 : kept;
    result->tags_compared = kept;
    result->tags_left = enough - kept;
    free(ranked);
    free(seen);
    return failed ? -1 : 0;
}

static int uses_make(struct comparing *comparing, const size_t *first)
{
    const struct lks_events *events = comparing->events;
    uint32_t *tags_of = calloc((size_t)events->accounts_count + 1, sizeof *tags_of);
    int failed = !tags_of;
    for (uint32_t i = 0; !failed && i < comparing->chosen_count; i++) {
        uint32_t object = comparing->tags[comparing->chosen[i]].object;
        struct tag_uses *uses = &comparing->uses[i];
        failed = uses_take(events, first[object], first[object + 1], uses);
        for (uint32_t u = 0; !failed && u < uses->users_count; u++)
            tags_of[uses->users[u].account]++;
        comparing->uses_total += uses->users_count;
    }
    for (uint32_t i = 0; !failed && i < comparing->chosen_count; i++)
        for (uint32_t u = 0; u < comparing->uses[i].users_count; u++)
            comparing->uses[i].further += tags_of[comparing->uses[i].users[u].account] - 1;
    free(tags_of);
    return failed ? -1 : 0;
}

static int edit_order(const void *a, const void *b)
{
    const struct lks_tag_edit *x = a, *y = b;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

/* Of all that a tag may be an edit of: the one with most users in common, then the most alike. */
static void parents_mark(struct lks_tag_edits *result)
{
    for (size_t i = 0; i < result->edits_count; i++) {
        struct lks_tag_edit *edit = &result->edits[i];
        int best = 1;
        for (size_t j = 0; best && j < result->edits_count; j++) {
            const struct lks_tag_edit *other = &result->edits[j];
            if (j == i || other->to != edit->to)
                continue;
            if (other->accounts_both != edit->accounts_both)
                best = other->accounts_both < edit->accounts_both;
            else if (other->similarity != edit->similarity)
                best = other->similarity < edit->similarity;
            else
                best = j > i;
        }
        edit->is_parent = best;
    }
}

static int edits_select(struct comparing *comparing, double level, struct lks_tag_edits *result,
                        struct lks_error *err)
{
    size_t count = comparing->edits_count, kept = 0;
    double *log10_p = malloc((count + 1) * 2 * sizeof *log10_p);
    double *q = log10_p + count;
    if (!log10_p)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for tags");
    if (count)
        qsort(comparing->edits, count, sizeof *comparing->edits, edit_order);
    for (size_t i = 0; i < count; i++)
        log10_p[i] = comparing->edits[i].log10_p;
    int code = count ? lks_bh_adjust(log10_p, count, count, q, err) : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        comparing->edits[i].q_value = q[i];
        if (q[i] <= level)
            comparing->edits[kept++] = comparing->edits[i];
    }
    free(log10_p);
    result->alike_count = count;
    result->edits = comparing->edits;
    result->edits_count = code ? 0 : kept;
    comparing->edits = NULL;
    if (code == 0)
        parents_mark(result);
    return code;
}

int lks_tag_edits_run(const struct lks_events *events, const struct lks_tag *tags, size_t count,
                      const struct lks_tag_edits_options *options,
                      const struct lks_control *control, struct lks_tag_edits *result_out,
                      struct lks_error *err)
{
    struct comparing comparing = {.events = events, .tags = tags};
    size_t *first = starts_make(events);
    *result_out = (struct lks_tag_edits){0};
    int code = 0;
    if (!first || tags_choose(&comparing, count, first, options, result_out) != 0 ||
        uses_make(&comparing, first) != 0)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory for %zu tags", count);
    if (code == 0)
        code = pairs_find(&comparing, control, err);
    if (code == 0)
        code = edits_select(&comparing, options->level, result_out, err);
    for (uint32_t i = 0; comparing.uses && i < comparing.chosen_count; i++) {
        free(comparing.uses[i].users);
        free(comparing.uses[i].posts);
    }
    free(comparing.uses);
    free(comparing.chosen);
    free(comparing.edits);
    free(first);
    if (code)
        lks_tag_edits_free(result_out);
    return code;
}

void lks_tag_edits_free(struct lks_tag_edits *result)
{
    free(result->edits);
    *result = (struct lks_tag_edits){0};
}
