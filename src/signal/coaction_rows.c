/* coaction_rows.c - events that have company, each with its window, grouped by account
 *
 * Three linear passes over the events, which are sorted by (object, time):
 *
 * 1. An event has company if the nearest event of another account, before or after it on
 *    the same object, is within the window. Runs of one account are skipped by keeping
 *    where the run began, so the pass is linear however long a run is.
 * 2. Accounts with fewer than min_objects objects or min_occasions events left cannot be in
 *    an edge. What stays
 *    is copied in order: `partner`, 4 bytes an event, is what the counting scans.
 * 3. Two pointers find each event's window in `partner`, and a counting sort by account
 *    puts (object, post, time) and the window, 24 bytes, into the account's row.
 *
 * A second round of pruning would find little (measured) and is not made. Memory: 28
 * bytes a surviving event, 4 an account; while building 5 more an event, 12 an account. */
#include "signal/coaction_rows.h"

#include <string.h>

/* What an account still has while pruning. */
struct left {
    uint32_t objects, events;
    uint32_t object_last; /* the object counted last, + 1 */
};

static int account_stays(const struct left *left, const struct lks_coaction_options *options)
{
    /* Occasions are disjoint pairs of posts, and each post needs an event of its own. */
    return left->objects >= options->min_objects && left->events >= options->min_occasions;
}

/* Marks in stays[] the events with another account in their window, and counts for each
 * account what it has among them. */
static void mark_company(const struct lks_events *events,
                         const struct lks_coaction_options *options, uint8_t *stays,
                         struct left *left)
{
    size_t count = events->count;
    for (size_t begin = 0, end; begin < count; begin = end) {
        uint32_t object = events->object[begin];
        for (end = begin + 1; end < count && events->object[end] == object;)
            end++;
        int64_t window_us = options->window_us[events->object_kind[object]];
        if (window_us < 0 || end - begin < 2)
            continue;
        for (size_t run = begin, run_end; run < end; run = run_end) {
            uint32_t account = events->account[run], marked = 0;
            for (run_end = run + 1; run_end < end && events->account[run_end] == account;)
                run_end++;
            for (size_t i = run; i < run_end; i++) {
                int64_t time_us = events->time_us[i];
                stays[i] = (run > begin && time_us - events->time_us[run - 1] <= window_us) ||
                           (run_end < end && events->time_us[run_end] - time_us <= window_us);
                marked += stays[i];
            }
            if (marked == 0)
                continue;
            left[account].events += marked;
            left[account].objects += left[account].object_last != object + 1;
            left[account].object_last = object + 1;
        }
    }
}

/* Fills partner[] and kept[] with what stays, and start[] with the rows' bounds. */
static void compact(const struct lks_events *events, const uint8_t *stays, uint32_t *partner,
                    uint32_t *kept, uint32_t *start)
{
    size_t count = 0;
    for (size_t i = 0; i < events->count; i++) {
        if (!stays[i])
            continue;
        partner[count] = events->account[i];
        kept[count++] = (uint32_t)i;
        start[events->account[i] + 1]++;
    }
    for (size_t a = 0; a < events->accounts_count; a++)
        start[a + 1] += start[a];
}

/* Finds the windows and hands each event to its account's row; `at` is start[] to begin. */
static void place(const struct lks_events *events, const struct lks_coaction_options *options,
                  const uint32_t *kept, uint32_t *at, struct lks_coaction_rows *rows)
{
    const uint32_t *partner = rows->partner;
    size_t count = rows->count;
    for (size_t begin = 0, end; begin < count; begin = end) {
        uint32_t object = events->object[kept[begin]];
        for (end = begin + 1; end < count && events->object[kept[end]] == object;)
            end++;
        int64_t window_us = options->window_us[events->object_kind[object]];
        size_t first = begin, last = begin;
        for (size_t i = begin; i < end; i++) {
            int64_t time_us = events->time_us[kept[i]];
            while (time_us - events->time_us[kept[first]] > window_us)
                first++;
            while (last < end && events->time_us[kept[last]] - time_us <= window_us)
                last++;
            size_t to = at[partner[i]]++;
            rows->row[to] = (struct lks_coaction_row){object, events->post[kept[i]], time_us};
            rows->window[to] = (struct lks_coaction_window){(uint32_t)first, (uint32_t)last};
        }
    }
}

/* Unmarks the events of accounts that cannot be in an edge; returns how many stay. */
static size_t drop_accounts(const struct lks_events *events,
                            const struct lks_coaction_options *options, uint8_t *stays,
                            const struct left *left)
{
    size_t count = 0;
    for (size_t i = 0; i < events->count; i++) {
        stays[i] = stays[i] && account_stays(&left[events->account[i]], options);
        count += stays[i];
    }
    return count;
}

/* Step 1 and the choice of accounts: on success *stays_out is the caller's. */
static int prune(struct lks_coaction_rows *rows, const struct lks_events *events,
                 const struct lks_coaction_options *options, struct lks_budget *budget,
                 uint8_t **stays_out, struct lks_error *err)
{
    struct left *left = NULL;
    int code = lks_budget_array(budget, stays_out, events->count, 1, err);
    if (code < 0)
        return code;
    code = lks_budget_array(budget, &left, events->accounts_count, sizeof *left, err);
    if (code < 0)
        return code;
    mark_company(events, options, *stays_out, left);
    rows->count = drop_accounts(events, options, *stays_out, left);
    lks_budget_free(budget, left, events->accounts_count, sizeof *left);
    return 0;
}

int lks_coaction_rows_build(struct lks_coaction_rows *rows, const struct lks_events *events,
                            const struct lks_coaction_options *options, struct lks_budget *budget,
                            struct lks_error *err)
{
    size_t accounts = events->accounts_count;
    uint8_t *stays = NULL;
    uint32_t *kept = NULL, *at = NULL;
    int code;
    memset(rows, 0, sizeof *rows);
    rows->accounts_count = accounts;
    if (events->count >= UINT32_MAX)
        return lks_error_set(err, LKS_EINPUT,
                             "co-action takes at most %u events at a time, not %zu", UINT32_MAX - 1,
                             events->count);
    if ((code = prune(rows, events, options, budget, &stays, err)) < 0 ||
        (code = lks_budget_array(budget, &rows->partner, rows->count, 4, err)) < 0 ||
        (code = lks_budget_array(budget, &kept, rows->count, 4, err)) < 0 ||
        (code = lks_budget_array(budget, &rows->start, accounts + 1, 4, err)) < 0)
        goto done;
    compact(events, stays, rows->partner, kept, rows->start);
    if ((code = lks_budget_array(budget, &rows->row, rows->count, sizeof *rows->row, err)) < 0 ||
        (code = lks_budget_array(budget, &rows->window, rows->count, sizeof *rows->window, err)) <
            0 ||
        (code = lks_budget_array(budget, &at, accounts, 4, err)) < 0)
        goto done;
    memcpy(at, rows->start, accounts * 4);
    place(events, options, kept, at, rows);
done:
    lks_budget_free(budget, stays, events->count, 1);
    lks_budget_free(budget, kept, rows->count, 4);
    lks_budget_free(budget, at, accounts, 4);
    if (code < 0)
        lks_coaction_rows_free(rows, budget);
    return code;
}

void lks_coaction_rows_free(struct lks_coaction_rows *rows, struct lks_budget *budget)
{
    lks_budget_free(budget, rows->partner, rows->count, 4);
    lks_budget_free(budget, rows->row, rows->count, sizeof *rows->row);
    lks_budget_free(budget, rows->window, rows->count, sizeof *rows->window);
    lks_budget_free(budget, rows->start, rows->accounts_count + 1, 4);
    memset(rows, 0, sizeof *rows);
}
