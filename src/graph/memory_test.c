/* memory_test.c - the graph kit with every allocation made to fail in turn */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/failing_memory.h"
#include "graph/components.h"
#include "graph/layout.h"
#include "graph/leiden.h"
#include "graph/test_graphs.h"

struct job {
    struct edge_list list;
    double x[200], y[200];
    uint32_t ids[200];
};

static int whole_kit(void *context)
{
    struct job *job = context;
    struct lks_graph graph;
    struct lks_leiden_options leiden = lks_leiden_options_default();
    struct lks_layout_options layout = lks_layout_options_default();
    layout.iterations = 2;
    int code = lks_components(200, job->list.edges, job->list.count, job->ids, NULL, NULL);
    if (code)
        return code;
    code = lks_graph_build(&graph, 200, job->list.edges, job->list.count, NULL);
    if (code == 0)
        code = lks_leiden(&graph, &leiden, job->ids, NULL, job->x, NULL);
    if (code == 0)
        code = lks_layout(&graph, &layout, job->x, job->y, NULL);
    lks_graph_free(&graph);
    return code;
}

static void memory_runs_out(void **state)
{
    (void)state;
    static struct job job;
    job.list = graph_planted(10, 20, 3, 1, 1);
    if (FAILING_MEMORY)
        assert_true(fail_each_allocation(whole_kit, &job, LKS_EMEMORY) > 30);
    else
        assert_int_equal(whole_kit(&job), 0);
    free(job.list.edges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
