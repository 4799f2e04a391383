/* belonging.c - does an account act with a group? Its posts against all others' posts of the hour
 *
 * The idea. Two accounts that met twice or thrice prove little about each other; an account
 * whose few posts all stand among a group's own things proves much about itself. So the
 * group is taken as given and one account is tested at a time: x of its n posts match the
 * group, where of all posts by outsiders in the same hours, and of the same class (own posts,
 * comments, messages), a share m_h does. If who posted is exchangeable within hour and class among
 * outsiders and the account, x is a sum of draws without replacement from these with mean
 * lambda, the sum of (m_h + own) / (all + own) over its posts, and its tail is bounded by the
 * binomial one of the same mean (Hoeffding 1956, 1963). A member is tested as if it were none:
 * the group without it, its own posts among the outsiders'.
 *
 * What counts as a match must not be what everybody does: only things of which the group has at
 * least half of all users, the account in question being counted as an outsider. That rule
 * reads the object's users alike for whoever they are, so exchanging outsiders leaves it as
 * it is.
 *
 *     object  | rows by time ->   m . m m . . m     m: of the group, .: an outsider
 *     a row matches if the nearest m before or after it, of another account, is in the window
 *
 * How many accounts would chance bring as close? Counts are few, so that p can take few values,
 * and most accounts none as small as t at all: account i comes to p <= t with probability F_i(t), the largest
 * value that its p can take up to t, or 0. So of the R(t) accounts with p <= t the sum of F_i(t) are expected by
 * chance, often a tenth of t times all accounts (Heyse 2011; Doehler, Durand and Roquain
 * 2018). The least of sum F_i(t) / R(t) over t >= p is an account's share. Sums are kept in steps of a fiftieth of a
 * decade, each counted at its lower end: never too small.
 *
 * Cost: one pass over the events, one sort of the matches, one over the posts of all, and a few tails an account
 * with posts where outsiders match. */
#include "chance/belonging.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stat/tail.h"

/* A post that matches a group. */
struct match {
    uint32_t post, group;
};

struct work {
    const struct lks_belonging_input *input;
    struct match *matches; /* [matches_count] each once */
    size_t matches_count, matches_capacity;
    uint32_t *users;        /* [groups_count] members on the object at hand */
    uint32_t *seen;         /* [accounts_count] 1 + the last object on which it was counted */
    uint32_t *stratum;      /* [posts_count] */
    uint32_t *member_first; /* [groups_count + 2] into member */
    uint32_t *member;       /* members by group */
    uint32_t strata_count;
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for who belongs to a group");
}

static int match_add(struct work *work, uint32_t post, uint32_t group)
{
    if (work->matches_count == work->matches_capacity) {
        size_t capacity = work->matches_capacity ? 2 * work->matches_capacity : 4096;
        struct match *more = realloc(work->matches, capacity * sizeof *more);
        if (!more)
            return -1;
        work->matches = more;
        work->matches_capacity = capacity;
    }
    work->matches[work->matches_count++] = (struct match){post, group};
    return 0;
}

/* The last row of a member, and the last one of another member. */
struct last {
    int64_t time_us[2];
    uint32_t account[2];
};

/* Whether a member other than `account` was met within the window of `time_us`; then counts the
 * row itself in. */
static int last_is_near(struct last *last, int64_t time_us, uint32_t account, int is_member,
                        int64_t window_us)
{
    int other = last->account[0] == account;
    int found = last->account[other] != LKS_BELONGING_NONE &&
                llabs(time_us - last->time_us[other]) <= window_us;
    if (is_member) {
        if (last->account[0] != account) {
            last->account[1] = last->account[0];
            last->time_us[1] = last->time_us[0];
        }
        last->account[0] = account;
        last->time_us[0] = time_us;
    }
    return found;
}

/* Rows first..end of one object against group g, which has `members` of its `users`: once
 * forward, once backward, so that a row sees the nearest member on either side. */
static int rows_match(struct work *work, size_t first, size_t end, uint32_t g, uint32_t members,
                      uint32_t users, int64_t window_us)
{
    const struct lks_events *events = work->input->events;
    const uint32_t *group = work->input->group;
    for (int backward = 0; backward < 2; backward++) {
        struct last last = {{0, 0}, {LKS_BELONGING_NONE, LKS_BELONGING_NONE}};
        for (size_t k = first; k < end; k++) {
            size_t i = backward ? end - 1 - (k - first) : k;
            uint32_t account = events->account[i];
            int is_member = group[account] == g;
            uint32_t others = members - (uint32_t)is_member;
            int near = last_is_near(&last, events->time_us[i], account, is_member, window_us);
            if (near && others >= 2 && 2 * others >= users &&
                match_add(work, events->post[i], g) != 0)
                return -1;
        }
    }
    return 0;
}

/* One object: its users by group, then its rows against each group that has half of them. At
 * most two groups can; they are met in the order of the rows. */
static int object_match(struct work *work, size_t first, size_t end, int64_t window_us)
{
    const struct lks_events *events = work->input->events;
    const uint32_t *group = work->input->group;
    uint32_t users = 0, mark = events->object[first] + 1;
    int code = 0;
    for (size_t i = first; i < end; i++) {
        uint32_t account = events->account[i];
        if (work->seen[account] == mark)
            continue;
        work->seen[account] = mark;
        users++;
        if (group[account] != LKS_BELONGING_NONE)
            work->users[group[account]]++;
    }
    for (size_t i = first; i < end && code == 0; i++) {
        uint32_t g = group[events->account[i]];
        if (g == LKS_BELONGING_NONE || work->users[g] == 0)
            continue;
        uint32_t members = work->users[g];
        work->users[g] = 0; /* each group once; and clean for the next object */
        if (members >= 2 && 2 * members >= users)
            code = rows_match(work, first, end, g, members, users, window_us);
    }
    return code;
}

static int match_order(const void *left, const void *right)
{
    const struct match *x = left, *y = right;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

/* All matches, each post once a group, by (group, post). */
static int matches_make(struct work *work, struct lks_error *err)
{
    const struct lks_events *events = work->input->events;
    for (size_t first = 0, end; first < events->count; first = end) {
        int64_t window = work->input->kind_window_us[events->object_kind[events->object[first]]];
        for (end = first + 1; end < events->count && events->object[end] == events->object[first];)
            end++;
        if (window >= 0 && object_match(work, first, end, window) != 0)
            return memory_out(err);
    }
    size_t kept = 0;
    if (work->matches_count)
        qsort(work->matches, work->matches_count, sizeof *work->matches, match_order);
    for (size_t i = 0; i < work->matches_count; i++)
        if (i == 0 || match_order(&work->matches[i - 1], &work->matches[i]) != 0)
            work->matches[kept++] = work->matches[i];
    work->matches_count = kept;
    return 0;
}

/* The posts' strata, in order of time: stretches, and in each the classes of posts. */
static void strata_make(struct work *work)
{
    const struct lks_events *events = work->input->events;
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (uint32_t p = 0; p < events->posts_count; p++) {
        least = events->post_time_us[p] < least ? events->post_time_us[p] : least;
        most = events->post_time_us[p] > most ? events->post_time_us[p] : most;
    }
    if (events->posts_count == 0)
        return;
    int64_t step = work->input->stratum_us > 0 ? work->input->stratum_us : 1, all;
    least -= least % step;
    /* Strata of an hour over 130 years are 3.4 million; shorter ones are widened beyond that. */
    while ((all = ((most - least) / step + 1) * LKS_POST_CLASSES_COUNT) > 6000000)
        step *= 2;
    for (uint32_t p = 0; p < events->posts_count; p++)
        work->stratum[p] =
            (uint32_t)((events->post_time_us[p] - least) / step) * LKS_POST_CLASSES_COUNT +
            lks_events_class(events, p);
    work->strata_count = (uint32_t)all;
}

/* Members by group, by a counting sort. */
static int members_make(struct work *work, struct lks_error *err)
{
    uint32_t accounts = work->input->events->accounts_count, groups = work->input->groups_count;
    work->member_first = calloc((size_t)groups + 2, sizeof *work->member_first);
    work->member = calloc((size_t)accounts + 1, sizeof *work->member);
    if (!work->member_first || !work->member)
        return memory_out(err);
    for (uint32_t a = 0; a < accounts; a++)
        if (work->input->group[a] != LKS_BELONGING_NONE) {
            LKS_ASSERT(work->input->group[a] < groups);
            work->member_first[work->input->group[a] + 1]++;
        }
    for (uint32_t g = 0; g < groups; g++)
        work->member_first[g + 1] += work->member_first[g];
    for (uint32_t a = accounts; a-- > 0;)
        if (work->input->group[a] != LKS_BELONGING_NONE)
            work->member[--work->member_first[work->input->group[a] + 1]] = a;
    /* The starts moved one place back while filling. */
    for (uint32_t g = 0; g < groups; g++)
        work->member_first[g] = work->member_first[g + 1];
    work->member_first[groups] = 0;
    for (uint32_t a = 0; a < accounts; a++)
        work->member_first[groups] += work->input->group[a] != LKS_BELONGING_NONE;
    return 0;
}

struct rows {
    struct lks_belonging *items;
    size_t count, capacity;
};

/* Counts of one group: by stratum, posts of outsiders and how many of them match; by account,
 * matched posts. What changes is undone from the lists, so that many groups cost no more. */
struct counts {
    uint32_t *outside, *outside_matched; /* [strata_count] */
    uint32_t *matched;                   /* [accounts_count] */
    uint32_t *posts;                     /* [accounts_count + 1] first post of each in list */
    uint32_t *list;                      /* [posts_count] posts by account */
    uint32_t *all;                       /* [strata_count] posts of anybody */
    uint32_t *own, *own_matched;         /* [strata_count] of the account at hand; zero between */
    uint8_t *is_matched;                 /* [posts_count] in the group at hand */
};

static int counts_make(const struct work *work, struct counts *counts, struct lks_error *err)
{
    const struct lks_events *events = work->input->events;
    size_t strata = (size_t)work->strata_count + 1, accounts = (size_t)events->accounts_count + 2;
    uint32_t **by_stratum[] = {&counts->outside, &counts->outside_matched, &counts->all,
                               &counts->own, &counts->own_matched};
    int failed = 0;
    for (size_t i = 0; i < sizeof by_stratum / sizeof *by_stratum; i++)
        failed |= !(*by_stratum[i] = calloc(strata, sizeof(uint32_t)));
    counts->matched = calloc(accounts, sizeof(uint32_t));
    counts->posts = calloc(accounts, sizeof(uint32_t));
    counts->list = calloc((size_t)events->posts_count + 1, sizeof(uint32_t));
    counts->is_matched = calloc((size_t)events->posts_count + 1, 1);
    if (failed || !counts->matched || !counts->posts || !counts->list || !counts->is_matched)
        return memory_out(err);
    for (uint32_t p = 0; p < events->posts_count; p++) {
        counts->posts[events->post_account[p] + 2]++;
        counts->all[work->stratum[p]]++;
    }
    for (uint32_t a = 2; a <= events->accounts_count + 1; a++)
        counts->posts[a] += counts->posts[a - 1];
    for (uint32_t p = 0; p < events->posts_count; p++)
        counts->list[counts->posts[events->post_account[p] + 1]++] = p;
    return 0;
}

static void counts_free(struct counts *counts)
{
    free(counts->outside);
    free(counts->outside_matched);
    free(counts->all);
    free(counts->own);
    free(counts->own_matched);
    free(counts->matched);
    free(counts->posts);
    free(counts->list);
    free(counts->is_matched);
}

/* How many posts of an account chance lets match group g, whose counts are laid out. */
static double expected_of(const struct work *work, struct counts *counts, uint32_t account,
                          uint32_t g)
{
    uint32_t first = counts->posts[account], end = counts->posts[account + 1];
    int inside = work->input->group[account] == g;
    double expected = 0;
    if (inside) /* as if it were none: its posts join the outsiders' */
        for (uint32_t i = first; i < end; i++) {
            counts->own[work->stratum[counts->list[i]]]++;
            counts->own_matched[work->stratum[counts->list[i]]] +=
                counts->is_matched[counts->list[i]];
        }
    for (uint32_t i = first; i < end; i++) {
        uint32_t h = work->stratum[counts->list[i]];
        expected += (double)(counts->outside_matched[h] + counts->own_matched[h]) /
                    (double)(counts->outside[h] + counts->own[h]);
    }
    for (uint32_t i = first; inside && i < end; i++)
        counts->own[work->stratum[counts->list[i]]] =
            counts->own_matched[work->stratum[counts->list[i]]] = 0;
    return expected;
}

static int account_test(const struct work *work, struct counts *counts, uint32_t account,
                        uint32_t g, struct rows *rows)
{
    double expected = expected_of(work, counts, account, g);
    uint32_t first = counts->posts[account], end = counts->posts[account + 1];
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity ? 2 * rows->capacity : 1024;
        struct lks_belonging *more = realloc(rows->items, capacity * sizeof *more);
        if (!more)
            return -1;
        rows->items = more;
        rows->capacity = capacity;
    }
    uint32_t matched = counts->matched[account];
    double log_p = lks_hoeffding_tail_log(matched, end - first, expected);
    rows->items[rows->count++] = (struct lks_belonging){
        account, g, end - first, matched, expected, fmin(0, log_p / log(10)), 1};
    return 0;
}

/* Steps of log10 p from 10^-DECADES to 1. */
enum { DECADES = 16, DECADE_STEPS = 50, STEPS = DECADES * DECADE_STEPS };
static unsigned step_of(double log10_p)
{
    double step = floor((log10_p + DECADES) * DECADE_STEPS);
    return step < 0 ? 0 : step >= STEPS ? STEPS - 1 : (unsigned)step;
}

/* Adds to step[] by how much F_i rises there; up to p = 0.1, above which no share is asked. */
static void chance_add(double *step, uint32_t posts, double expected)
{
    double before = 1, before_log10 = 0; /* p of one match fewer */
    for (uint32_t k = (uint32_t)ceil(expected + 1); k <= posts; k++) {
        double log10_p = lks_hoeffding_tail_log(k, posts, expected) / log(10);
        double p = pow(10, log10_p);
        if (before_log10 <= -1)
            step[step_of(before_log10)] += before - p;
        before = p;
        before_log10 = log10_p;
        if (log10_p < -DECADES)
            break;
    }
    if (before_log10 <= -1)
        step[step_of(before_log10)] += before;
}

static int log10_order(const void *left, const void *right)
{
    double x = *(const double *)left, y = *(const double *)right;
    return (x > y) - (x < y);
}

/* The shares of the rows from first on, all of group g. */
static int shares_fill(const struct work *work, struct counts *counts, uint32_t g,
                       struct rows *rows, size_t first, struct lks_error *err)
{
    double step[STEPS] = {0}, best = 1;
    size_t count = rows->count - first;
    double *sorted = malloc((2 * count + 1) * sizeof *sorted), *share = sorted + count;
    if (!sorted)
        return memory_out(err);
    for (uint32_t a = 0; a < work->input->events->accounts_count; a++) {
        double expected = expected_of(work, counts, a, g);
        if (expected > 0)
            chance_add(step, counts->posts[a + 1] - counts->posts[a], expected);
    }
    for (unsigned i = 1; i < STEPS; i++)
        step[i] += step[i - 1];
    for (size_t i = 0; i < count; i++)
        sorted[i] = rows->items[first + i].log10_p;
    if (count)
        qsort(sorted, count, sizeof *sorted, log10_order);
    for (size_t i = count; i-- > 0;) { /* of equal ones the last has all of them before it */
        if (sorted[i] <= -1 && (i + 1 == count || sorted[i + 1] > sorted[i]))
            best = fmin(best, step[step_of(sorted[i])] / (double)(i + 1));
        share[i] = best;
    }
    for (size_t i = first; i < rows->count; i++) {
        const double *at =
            bsearch(&rows->items[i].log10_p, sorted, count, sizeof *sorted, log10_order);
        rows->items[i].share = share[at - sorted];
    }
    free(sorted);
    return 0;
}

/* The accounts with a match among matches first..end, all of one group. */
static int group_test(const struct work *work, struct counts *counts, size_t first, size_t end,
                      struct rows *rows, struct lks_error *err)
{
    const struct lks_events *events = work->input->events;
    const uint32_t *group = work->input->group;
    uint32_t g = work->matches[first].group;
    size_t rows_first = rows->count;
    int code = 0;
    memcpy(counts->outside, counts->all, (size_t)work->strata_count * sizeof(uint32_t));
    memset(counts->outside_matched, 0, (size_t)work->strata_count * sizeof(uint32_t));
    for (uint32_t i = work->member_first[g]; i < work->member_first[g + 1]; i++)
        for (uint32_t k = counts->posts[work->member[i]]; k < counts->posts[work->member[i] + 1];
             k++)
            counts->outside[work->stratum[counts->list[k]]]--;
    for (size_t i = first; i < end; i++) {
        uint32_t post = work->matches[i].post, account = events->post_account[post];
        counts->matched[account]++;
        counts->is_matched[post] = 1;
        if (group[account] != g)
            counts->outside_matched[work->stratum[post]]++;
    }
    for (size_t i = first; i < end && code == 0; i++) {
        uint32_t account = events->post_account[work->matches[i].post];
        if (counts->matched[account] && account_test(work, counts, account, g, rows) != 0)
            code = memory_out(err);
        counts->matched[account] = 0; /* each account once */
    }
    if (code == 0)
        code = shares_fill(work, counts, g, rows, rows_first, err);
    for (size_t i = first; i < end; i++) {
        counts->is_matched[work->matches[i].post] = 0;
        counts->matched[events->post_account[work->matches[i].post]] = 0;
    }
    return code;
}

static int row_order(const void *left, const void *right)
{
    const struct lks_belonging *x = left, *y = right;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->group > y->group) - (x->group < y->group);
}

int lks_belonging_run(const struct lks_belonging_input *input, struct lks_belonging **rows_out,
                      size_t *count_out, struct lks_error *err)
{
    struct work work = {.input = input};
    struct counts counts = {0};
    struct rows rows = {0};
    *rows_out = NULL;
    *count_out = 0;
    work.users = calloc((size_t)input->groups_count + 1, sizeof *work.users);
    work.seen = calloc((size_t)input->events->accounts_count + 1, sizeof *work.seen);
    work.stratum = calloc((size_t)input->events->posts_count + 1, sizeof *work.stratum);
    int code = work.users && work.seen && work.stratum ? 0 : memory_out(err);
    if (code == 0)
        code = matches_make(&work, err);
    if (code == 0)
        strata_make(&work);
    if (code == 0)
        code = members_make(&work, err);
    if (code == 0)
        code = counts_make(&work, &counts, err);
    for (size_t first = 0, end; code == 0 && first < work.matches_count; first = end) {
        for (end = first + 1;
             end < work.matches_count && work.matches[end].group == work.matches[first].group;)
            end++;
        code = group_test(&work, &counts, first, end, &rows, err);
    }
    if (code == 0 && rows.count)
        qsort(rows.items, rows.count, sizeof *rows.items, row_order);
    if (code == 0) {
        *rows_out = rows.items;
        *count_out = rows.count;
    } else {
        free(rows.items);
    }
    counts_free(&counts);
    free(work.matches);
    free(work.users);
    free(work.seen);
    free(work.stratum);
    free(work.member_first);
    free(work.member);
    return code;
}
