/* takedown_rows.c - what the log knows of a run's findings, for the table of takedowns */
#include "evidence/takedown_rows.h"

#include <stdlib.h>

#include "case/decisions.h"
#include "case/runs.h"
#include "detect/results_tables.h"

/* An account that a decision closed, and when. */
struct closed {
    struct lks_str key;
    int64_t time_us;
};

struct closing {
    const char *case_path;
    struct lks_results *results; /* of the run that is told of */
    struct lks_case_decisions log;
    struct closed *items; /* by key, then time */
    size_t count, room;
    int unknown; /* some decision cannot be read any more */
};

static int closed_add(struct closing *all, struct lks_str key, int64_t time_us,
                      struct lks_error *err)
{
    if (all->count == all->room) {
        size_t room = all->room ? 2 * all->room : 64;
        void *more = realloc(all->items, room * sizeof *all->items);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for the table of takedowns");
        all->items = more;
        all->room = room;
    }
    struct lks_str copy = lks_arena_str(&all->log.arena, key);
    if (!copy.data)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the table of takedowns");
    all->items[all->count++] = (struct closed){copy, time_us};
    return 0;
}

static int by_key(const void *a, const void *b)
{
    const struct closed *x = a, *y = b;
    size_t size = x->key.size_bytes < y->key.size_bytes ? x->key.size_bytes : y->key.size_bytes;
    int order = memcmp(x->key.data, y->key.data, size);
    if (order == 0)
        order = (x->key.size_bytes > y->key.size_bytes) - (x->key.size_bytes < y->key.size_bytes);
    return order ? order : (x->time_us > y->time_us) - (x->time_us < y->time_us);
}

/* Every member of the finding that a decision is upon. */
static int members_add(struct closing *all, const struct lks_case_decision *one,
                       struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES], run[16];
    struct lks_results results = {0};
    size_t size = one->decision.run.size_bytes;
    const struct lks_finding *finding = NULL;
    if (size >= sizeof run) {
        all->unknown = 1;
        return 0;
    }
    memcpy(run, one->decision.run.data, size);
    run[size] = 0;
    if (lks_case_run_find(all->case_path, run, run, NULL) != 0 ||
        lks_case_path(all->case_path, run, "results.duckdb", path, NULL) != 0 ||
        lks_results_load(path, &results, NULL) != 0) {
        all->unknown = 1;
        lks_results_free(&results);
        return 0;
    }
    for (uint32_t f = 0; f < results.findings_count; f++)
        if (lks_str_equal(results.findings[f].id, one->decision.finding))
            finding = &results.findings[f];
    int code = 0;
    all->unknown |= !finding;
    for (uint32_t i = 0; code == 0 && finding && i < finding->members_count; i++)
        code = closed_add(all, results.nodes[finding->members[i]].account.account_key, one->time_us,
                          err);
    lks_results_free(&results);
    return code;
}

static int lines_add(struct closing *all, const struct lks_case_decision *one,
                     struct lks_error *err)
{
    struct lks_str rest = one->decision.accounts;
    int code = 0;
    while (code == 0 && rest.size_bytes) {
        const char *stop = memchr(rest.data, '\n', rest.size_bytes);
        size_t size = stop ? (size_t)(stop - rest.data) : rest.size_bytes;
        code = closed_add(all, (struct lks_str){rest.data, size}, one->time_us, err);
        size += stop != NULL;
        rest = (struct lks_str){rest.data + size, rest.size_bytes - size};
    }
    return code;
}

/* Accounts that were closed by decisions before the run. */
static int closed_gather(struct closing *all, uint64_t run_leaf, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < all->log.count; i++) {
        const struct lks_case_decision *one = &all->log.items[i];
        if (one->leaf > run_leaf)
            continue;
        if (!one->readable) {
            all->unknown = 1;
            continue;
        }
        struct lks_str what = lks_str_from(one->decision.values.decision_account);
        if (!lks_str_equal_text(what, "DECISION_ACCOUNT_SUSPENDED") &&
            !lks_str_equal_text(what, "DECISION_ACCOUNT_TERMINATED"))
            continue;
        code = one->decision.accounts.data ? lines_add(all, one, err) : members_add(all, one, err);
    }
    if (all->count)
        qsort(all->items, all->count, sizeof *all->items, by_key);
    return code;
}

/* Marks the nodes with a post in the evidence after the first decision that closed them. */
static int returned_mark(const struct closing *all, unsigned char *returned)
{
    int any = 0;
    for (uint64_t p = 0; p < all->results->evidence_count; p++) {
        const struct lks_result_post *post = &all->results->posts[p];
        const struct closed wanted = {all->results->nodes[post->node].account.account_key,
                                      INT64_MIN};
        size_t low = 0, high = all->count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (by_key(&all->items[middle], &wanted) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < all->count && lks_str_equal(all->items[low].key, wanted.key) &&
            post->post.time_us > all->items[low].time_us)
            any |= returned[post->node] = 1;
    }
    return any;
}

/* How a finding came to light: notices before the run that name its members. */
static int source_tell(const struct closing *all, const struct lks_finding *finding,
                       uint64_t run_leaf, struct lks_str *source, struct lks_error *err)
{
    uint32_t named = 0;
    struct lks_str type = LKS_STR_NULL;
    struct lks_buffer text = {0};
    for (uint32_t i = 0; i < finding->members_count; i++) {
        struct lks_str key = all->results->nodes[finding->members[i]].account.account_key;
        for (size_t n = 0; n < all->log.notices_count; n++)
            if (all->log.notices[n].leaf < run_leaf &&
                lks_lines_hold(all->log.notices[n].notice.accounts, key)) {
                type = named ? type : all->log.notices[n].notice.source_type;
                named++;
                break;
            }
    }
    *source = LKS_STR_NULL;
    if (!named)
        return 0;
    lks_buffer_format(&text, "%u of %u accounts named first by a notice (%.*s)%s", named,
                      finding->members_count, (int)type.size_bytes, type.data,
                      named < finding->members_count
                          ? ", the others by own detection, by analysis of behaviour"
                          : "");
    *source = lks_arena_str(&all->results->arena,
                            (struct lks_str){text.data, text.failed ? 0 : text.size_bytes});
    int failed = text.failed || !source->data;
    lks_buffer_free(&text);
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for the table of takedowns") : 0;
}

static int rows_fill(struct closing *all, uint64_t run_leaf, struct lks_takedown_row *rows,
                     struct lks_error *err)
{
    const struct lks_results *results = all->results;
    unsigned char *returned = calloc((size_t)results->nodes_count + 1, 1);
    int code = returned ? closed_gather(all, run_leaf, err)
                        : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        returned_mark(all, returned);
    for (uint32_t f = 0; code == 0 && f < results->findings_count; f++) {
        const struct lks_finding *finding = &results->findings[f];
        for (uint32_t i = 0; i < finding->members_count; i++)
            rows[f].recidivists_count += returned[finding->members[i]];
        if (all->unknown)
            rows[f].recidivists_count = -1;
        code = source_tell(all, finding, run_leaf, &rows[f].source, err);
    }
    free(returned);
    return code;
}

int lks_takedown_rows(const char *case_path, uint64_t end, struct lks_results *results,
                      struct lks_takedown_row **rows_out, struct lks_error *err)
{
    struct closing all = {.case_path = case_path, .results = results};
    *rows_out = NULL;
    if (!lks_vault_there(case_path))
        return 0;
    struct lks_takedown_row *rows =
        lks_arena_calloc(&results->arena, (size_t)results->findings_count + 1, sizeof *rows);
    int code = rows ? lks_case_decisions_read(case_path, end, &all.log, err)
                    : lks_error_set(err, LKS_EMEMORY, "out of memory for the table of takedowns");
    /* A run that is being written has no entry yet: all that is logged came before it. */
    const struct lks_case_run *run = lks_case_decisions_run(&all.log, results->run);
    if (code == 0)
        code = rows_fill(&all, run ? run->leaf : UINT64_MAX, rows, err);
    if (code == 0)
        *rows_out = rows;
    free(all.items);
    lks_case_decisions_free(&all.log);
    return code;
}
