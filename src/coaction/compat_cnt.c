/* compat_cnt.c - networks as the coordination-network-toolkit defines them
 *
 * Row by row, as in count.c, but directed and with a user's own messages as
 * partners: for each user, message by message, the windows of its events are scanned, and
 * each partner counts the messages in which it was met, a stamp telling whether this message
 * was counted. Memory is that of the events; time is one step a pair in a window.
 *
 * co_similar has no objects. Its messages are sorted by time and each is compared with the
 * later ones in its window; the matches, few as they are, become events of objects of their
 * own, one a match, which the same counting then takes. */
#include "coaction/compat_cnt.h"

#include <stdlib.h>
#include <string.h>

#include "base/threads.h"

struct event {
    uint32_t object, user, message;
    int64_t time_us;
};

/* A window of one event: events first .. end - 1. */
struct window {
    uint32_t message, first, end;
};

struct scan {
    const struct lks_cnt_options *options;
    const struct lks_control *control;
    struct lks_budget budget;
    uint32_t users_count;
    struct event *events;
    size_t count, events_capacity;
    struct window *windows; /* [count] by user, then message */
    uint32_t *start;        /* [users_count + 1] into windows */
    uint32_t *stamp;        /* [users_count] the message counted last, + 1 */
    uint64_t *weight;       /* [users_count] */
    uint32_t *met;          /* [users_count] partners of the user at hand */
    uint8_t *node;          /* [users_count] is in an edge */
};

static int compare_events(const void *left, const void *right)
{
    const struct event *x = left, *y = right;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->message > y->message) - (x->message < y->message);
}

static int compare_windows(const void *left, const void *right)
{
    const struct window *x = left, *y = right;
    return (x->message > y->message) - (x->message < y->message);
}

static int compare_words(const void *left, const void *right)
{
    const uint32_t *x = left, *y = right;
    return (*x > *y) - (*x < *y);
}

/* Finds each event's window and hands it to its user. */
static int windows_place(struct scan *scan, struct lks_error *err)
{
    uint32_t *at = NULL;
    int64_t window_us = scan->options->window_us;
    const struct event *events = scan->events;
    if (lks_budget_array(&scan->budget, &scan->windows, scan->count, sizeof *scan->windows, err) <
            0 ||
        lks_budget_array(&scan->budget, &at, scan->users_count, 4, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < scan->count; i++)
        scan->start[events[i].user + 1]++;
    for (uint32_t u = 0; u < scan->users_count; u++)
        scan->start[u + 1] += scan->start[u];
    memcpy(at, scan->start, scan->users_count * sizeof *at);
    for (size_t begin = 0, end; begin < scan->count; begin = end) {
        size_t first = begin, last = begin;
        for (end = begin; end < scan->count && events[end].object == events[begin].object;)
            end++;
        for (size_t i = begin; i < end; i++) {
            while (events[i].time_us - events[first].time_us > window_us)
                first++;
            while (last < end && events[last].time_us - events[i].time_us <= window_us)
                last++;
            scan->windows[at[events[i].user]++] =
                (struct window){events[i].message, (uint32_t)first, (uint32_t)last};
        }
    }
    lks_budget_free(&scan->budget, at, scan->users_count, 4);
    for (uint32_t u = 0; u < scan->users_count; u++) {
        size_t count = scan->start[u + 1] - scan->start[u];
        if (count > 1)
            qsort(scan->windows + scan->start[u], count, sizeof *scan->windows, compare_windows);
    }
    return 0;
}

/* Counts the messages of the user that met each partner; returns how many partners. */
static uint32_t user_count(struct scan *scan, uint32_t user)
{
    uint32_t met_count = 0;
    for (uint32_t w = scan->start[user]; w < scan->start[user + 1]; w++) {
        const struct window *window = &scan->windows[w];
        if ((w & 255) == 0 && lks_cancelled(scan->control))
            break; /* the caller says so */
        for (uint32_t i = window->first; i < window->end; i++) {
            uint32_t partner = scan->events[i].user;
            if (scan->stamp[partner] == window->message + 1 ||
                scan->events[i].message == window->message)
                continue;
            if (scan->weight[partner] == 0)
                scan->met[met_count++] = partner;
            scan->stamp[partner] = window->message + 1;
            scan->weight[partner]++;
        }
    }
    return met_count;
}

static int user_edges(struct scan *scan, uint32_t user, uint32_t met_count,
                      struct lks_cnt_network *network, struct lks_error *err)
{
    if (met_count > 1)
        qsort(scan->met, met_count, sizeof *scan->met, compare_words);
    for (uint32_t i = 0; i < met_count; i++) {
        uint32_t partner = scan->met[i];
        uint64_t weight = scan->weight[partner];
        scan->weight[partner] = 0;
        if (weight < scan->options->min_weight)
            continue;
        network->self_loops_count += partner == user;
        if (partner == user && !scan->options->loops)
            continue;
        if (lks_budget_grow(&scan->budget, &network->edges, &network->edges_capacity,
                            network->edges_count + 1, sizeof *network->edges, err) < 0)
            return LKS_EMEMORY;
        network->edges[network->edges_count++] = (struct lks_cnt_edge){user, partner, weight};
        network->weight_sum += weight;
        if (network->weight_max < weight)
            network->weight_max = weight;
        scan->node[user] = scan->node[partner] = 1;
    }
    return 0;
}

static int edge_exists(const struct lks_cnt_network *network, uint32_t a, uint32_t b)
{
    size_t low = 0, high = network->edges_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct lks_cnt_edge *edge = &network->edges[middle];
        if (edge->a < a || (edge->a == a && edge->b < b))
            low = middle + 1;
        else
            high = middle;
    }
    return low < network->edges_count && network->edges[low].a == a && network->edges[low].b == b;
}

static void network_sum(const struct scan *scan, struct lks_cnt_network *network)
{
    for (uint32_t u = 0; u < scan->users_count; u++)
        network->nodes_count += scan->node[u];
    for (size_t i = 0; i < network->edges_count; i++) {
        const struct lks_cnt_edge *edge = &network->edges[i];
        network->undirected_pairs_count +=
            edge->a < edge->b || (edge->a > edge->b && !edge_exists(network, edge->b, edge->a));
    }
}

static int scan_run(struct scan *scan, struct lks_cnt_network *network, struct lks_error *err)
{
    size_t users = scan->users_count;
    int code;
    if (scan->count >= UINT32_MAX)
        return lks_error_set(err, LKS_EINPUT, "more than %u events at a time", UINT32_MAX - 1);
    if (scan->count > 1)
        qsort(scan->events, scan->count, sizeof *scan->events, compare_events);
    if ((code = lks_budget_array(&scan->budget, &scan->start, users + 1, 4, err)) < 0 ||
        (code = lks_budget_array(&scan->budget, &scan->stamp, users, 4, err)) < 0 ||
        (code = lks_budget_array(&scan->budget, &scan->weight, users, 8, err)) < 0 ||
        (code = lks_budget_array(&scan->budget, &scan->met, users, 4, err)) < 0 ||
        (code = lks_budget_array(&scan->budget, &scan->node, users, 1, err)) < 0 ||
        (code = windows_place(scan, err)) < 0)
        return code;
    for (uint32_t u = 0; u < users; u++) {
        if ((code = user_edges(scan, u, user_count(scan, u), network, err)) < 0)
            return code;
        if (lks_cancelled(scan->control))
            return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    }
    network_sum(scan, network);
    return 0;
}

static int scan_end(struct scan *scan, int code, struct lks_cnt_network *network)
{
    free(scan->events);
    free(scan->windows);
    free(scan->start);
    free(scan->stamp);
    free(scan->weight);
    free(scan->met);
    free(scan->node);
    if (code < 0)
        lks_cnt_network_free(network);
    return code;
}

int lks_cnt_scan(const struct lks_cnt_events *events, const struct lks_cnt_options *options,
                 const struct lks_control *control, struct lks_cnt_network *network,
                 struct lks_error *err)
{
    struct scan scan = {.options = options, .control = control, .users_count = events->users_count};
    memset(network, 0, sizeof *network);
    lks_budget_init(&scan.budget, control ? control->memory_bytes : 0, "the network");
    int code = lks_budget_grow(&scan.budget, &scan.events, &scan.events_capacity, events->count,
                               sizeof *scan.events, err);
    for (size_t i = 0; code == 0 && i < events->count; i++)
        scan.events[scan.count++] = (struct event){events->object[i], events->user[i],
                                                   events->message[i], events->time_us[i]};
    if (code == 0)
        code = scan_run(&scan, network, err);
    return scan_end(&scan, code, network);
}

/* ---- co_similar ---- */

struct message {
    int64_t time_us;
    uint32_t index;
};

static int compare_messages(const void *left, const void *right)
{
    const struct message *x = left, *y = right;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Whether |A and B| / |A or B| reaches the similarity. Sizes that cannot are not compared. */
static int texts_alike(const struct lks_cnt_texts *texts, uint32_t x, uint32_t y, double similarity)
{
    const uint32_t *a = texts->word + texts->start[x], *a_end = texts->word + texts->start[x + 1];
    const uint32_t *b = texts->word + texts->start[y], *b_end = texts->word + texts->start[y + 1];
    size_t size_a = (size_t)(a_end - a), size_b = (size_t)(b_end - b), shared = 0;
    size_t small = size_a < size_b ? size_a : size_b, large = size_a < size_b ? size_b : size_a;
    if (small == 0 || (double)small < similarity * (double)large)
        return 0;
    while (a < a_end && b < b_end) {
        uint32_t left = *a, right = *b;
        shared += left == right;
        a += left <= right;
        b += right <= left;
    }
    return (double)shared >= similarity * (double)(size_a + size_b - shared);
}

static int match_add(struct scan *scan, const struct lks_cnt_texts *texts, uint32_t object,
                     uint32_t x, struct lks_error *err)
{
    if (lks_budget_grow(&scan->budget, &scan->events, &scan->events_capacity, scan->count + 1,
                        sizeof *scan->events, err) < 0)
        return LKS_EMEMORY;
    scan->events[scan->count++] = (struct event){object, texts->user[x], x, texts->time_us[x]};
    return 0;
}

static int find_alike(struct scan *scan, const struct lks_cnt_texts *texts,
                      const struct message *order, struct lks_error *err)
{
    uint32_t object = 0;
    for (size_t i = 0; i < texts->count; i++) {
        for (size_t j = i + 1; j < texts->count; j++) {
            uint32_t x = order[i].index, y = order[j].index;
            if (order[j].time_us - order[i].time_us > scan->options->window_us)
                break;
            if (!texts_alike(texts, x, y, scan->options->similarity))
                continue;
            if (match_add(scan, texts, object, x, err) < 0 ||
                match_add(scan, texts, object, y, err) < 0)
                return LKS_EMEMORY;
            object++;
        }
        if ((i & 255) == 0 && lks_cancelled(scan->control))
            return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    }
    return 0;
}

int lks_cnt_scan_similar(const struct lks_cnt_texts *texts, const struct lks_cnt_options *options,
                         const struct lks_control *control, struct lks_cnt_network *network,
                         struct lks_error *err)
{
    struct scan scan = {.options = options, .control = control, .users_count = texts->users_count};
    struct message *order = NULL;
    memset(network, 0, sizeof *network);
    lks_budget_init(&scan.budget, control ? control->memory_bytes : 0, "the network");
    int code = lks_budget_array(&scan.budget, &order, texts->count, sizeof *order, err);
    for (size_t i = 0; code == 0 && i < texts->count; i++)
        order[i] = (struct message){texts->time_us[i], (uint32_t)i};
    if (code == 0 && texts->count > 1)
        qsort(order, texts->count, sizeof *order, compare_messages);
    if (code == 0)
        code = find_alike(&scan, texts, order, err);
    free(order);
    if (code == 0)
        code = scan_run(&scan, network, err);
    return scan_end(&scan, code, network);
}

void lks_cnt_network_free(struct lks_cnt_network *network)
{
    free(network->edges);
    memset(network, 0, sizeof *network);
}
