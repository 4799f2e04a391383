/* objects.c - which objects make posts meet, and how far apart: the null model's objects
 *
 * Three things are decided once, on the real data, and hold for every copy: an object that
 * most accounts use says nothing and is left out; one that few use is rare, and meetings on
 * rare objects are tested by themselves too; one whose uses have too many partners is held to
 * shorter windows, until the lists of all posts fit. */
#include "chance/data.h"

/* Finds the objects so widespread that sharing them tells nothing, such as the keyword by
 * which the data were collected. */
static int choose_common(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    double least = chance->options.object_share_max * events->accounts_count;
    if (least < chance->options.object_accounts_min)
        least = chance->options.object_accounts_min;
    struct lks_budget *budget = chance->budget;
    uint32_t *seen = NULL, *users = NULL;
    int rc = lks_budget_array(budget, &seen, events->accounts_count, 4, err);
    lks_chance_array(budget, &users, events->objects_count, 4, &rc, err);
    lks_chance_array(budget, &chance->object_reach_us, events->objects_count, sizeof(int64_t), &rc,
                     err);
    lks_chance_array(budget, &chance->object_rare, events->objects_count, 1, &rc, err);
    for (size_t i = 0; i < events->count && rc == 0; i++) {
        users[events->object[i]] += seen[events->account[i]] != events->object[i] + 1;
        seen[events->account[i]] = events->object[i] + 1;
    }
    double rare = chance->options.rare_share * events->accounts_count;
    if (rare < chance->options.rare_accounts_max)
        rare = chance->options.rare_accounts_max;
    for (uint32_t o = 0; o < events->objects_count && rc == 0; o++) {
        chance->object_rare[o] = users[o] <= rare;
        int common = users[o] > least;
        chance->object_reach_us[o] =
            common ? -1 : chance->options.kind_window_us[events->object_kind[o]];
        chance->counts.objects_common += (uint32_t)common;
    }
    lks_budget_free(budget, seen, events->accounts_count, 4);
    lks_budget_free(budget, users, events->objects_count, 4);
    return rc;
}

/* Rows of the events by post; objects rise within a post, as they do in the events. */
static int lay_post_events(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    struct lks_budget *budget = chance->budget;
    int rc = lks_budget_array(budget, &chance->post_event_first, (size_t)events->posts_count + 2, 4,
                              err);
    lks_chance_array(budget, &chance->post_event, events->count, 4, &rc, err);
    lks_chance_array(budget, &chance->post_object, events->count, 4, &rc, err);
    if (rc)
        return rc;
    uint32_t *start = chance->post_event_first + 1;
    for (size_t i = 0; i < events->count; i++)
        start[events->post[i] + 1]++;
    for (uint32_t p = 0; p < events->posts_count; p++)
        start[p + 1] += start[p];
    for (size_t i = 0; i < events->count; i++) {
        chance->post_object[start[events->post[i]]] = events->object[i];
        chance->post_event[start[events->post[i]]++] = (uint32_t)i;
    }
    return 0;
}

/* Pairs of uses, rows first .. end - 1 of one object, that are at most window_us apart. */
static uint64_t pairs_within(const int64_t *time_us, size_t first, size_t end, int64_t window_us)
{
    uint64_t pairs = 0;
    for (size_t i = first, tail = first; i < end; i++) {
        while (time_us[i] - time_us[tail] > window_us)
            tail++;
        pairs += i - tail;
    }
    return pairs;
}

/* Decides how far apart the uses of each object may be to count. */
static int choose_reach(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    struct lks_chance_counts *counts = &chance->counts;
    unsigned windows = counts->windows_used;
    struct lks_budget *budget = chance->budget;
    size_t counts_count = (size_t)events->objects_count * windows;
    uint64_t *pairs = NULL;
    uint32_t *uses = NULL;
    int rc = lks_budget_array(budget, &pairs, counts_count, sizeof *pairs, err);
    lks_chance_array(budget, &uses, events->objects_count, 4, &rc, err);
    if (rc)
        goto out;
    for (size_t first = 0, end; first < events->count; first = end) {
        uint32_t o = events->object[first];
        int64_t reach = chance->object_reach_us[o];
        for (end = first; end < events->count && events->object[end] == o;)
            end++;
        uses[o] = (uint32_t)(end - first);
        for (unsigned w = 0; w < windows && reach >= 0; w++) {
            int64_t window = counts->windows_us[w] < reach ? counts->windows_us[w] : reach;
            pairs[(size_t)o * windows + w] = pairs_within(events->time_us, first, end, window);
        }
    }
    for (uint32_t limit = chance->options.object_partners_max;; limit /= 2) {
        uint64_t total = 0;
        for (uint32_t o = 0; o < events->objects_count; o++) {
            unsigned w = windows;
            while (w > 0 && 2 * pairs[(size_t)o * windows + w - 1] > (uint64_t)limit * uses[o])
                w--;
            total += w ? 2 * pairs[(size_t)o * windows + w - 1] : 0;
        }
        counts->partners_limit = limit;
        if (total <= chance->options.partners_max || limit <= 1)
            break;
    }
    for (uint32_t o = 0; o < events->objects_count; o++) {
        unsigned w = windows;
        while (w > 0 &&
               2 * pairs[(size_t)o * windows + w - 1] > (uint64_t)counts->partners_limit * uses[o])
            w--;
        int64_t reach = w ? counts->windows_us[w - 1] : -1;
        if (w < windows && reach < chance->object_reach_us[o]) {
            counts->objects_narrowed += w > 0;
            counts->objects_dropped += w == 0;
            chance->object_reach_us[o] = reach;
        }
    }
out:
    lks_budget_free(budget, pairs, counts_count, sizeof *pairs);
    lks_budget_free(budget, uses, events->objects_count, 4);
    return rc;
}

int lks_chance_lay_objects(struct lks_chance *chance, struct lks_error *err)
{
    int rc = choose_common(chance, err);
    if (rc == 0)
        rc = lay_post_events(chance, err);
    return rc ? rc : choose_reach(chance, err);
}
