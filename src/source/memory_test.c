/* memory_test.c - the source stage with every allocation made to fail in turn */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/failing_memory.h"
#include "source/read.h"

struct job {
    const char *content, *map;
    unsigned threads;
    uint64_t posts;
};

static int job_put(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct job *job = context;
    (void)err;
    job->posts += batch->posts_count;
    return 0;
}

static int read_job(void *context)
{
    struct job *job = context;
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = job->threads};
    struct lks_mapping mapping = {{NULL}};
    struct lks_reader *reader = NULL;
    job->posts = 0;
    options.rejects_share_max = 1;
    int code = job->map ? lks_mapping_parse(job->map, &mapping, NULL) : 0;
    if (job->map)
        options.mapping = &mapping;
    if (code == 0)
        code = lks_reader_open_memory("made", job->content, strlen(job->content), &reader, NULL);
    if (code == 0)
        code = lks_source_read_from(reader, "made", &options, &control, job_put, job, NULL, NULL);
    lks_reader_close(reader);
    lks_mapping_free(&mapping);
    return code;
}

static void memory_runs_out(void **unused)
{
    (void)unused;
    static struct job jobs[] = {
        {"message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n"
         "1,4,user_4,,,RT @x: so many different words stand here #one "
         "#two,16,\"['http://e.org']\"\n"
         "2,1,user_1,1,,\"caf\xe9 \"\"said\"\"\",59,[]\n,,,,,,,\nshort\n",
         NULL, 1, 0},
        {"{\"u\":{\"id\":\"a\\u00e9\"},\"t\":\"2024-11-24 08:00\",\"m\":\"@x #y\"}\n{\n",
         "account=u.id,time=t,text=m,platform=p", 1, 0},
        {"[{\"u\":1,\"t\":5},\n{\"u\":2,\"t\":6}]", "account=u,time=t", 1, 0},
        {"who,when\na,5\nb,6\n", "account=who,time=when", 2, 0},
    };
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        if (FAILING_MEMORY)
            assert_true(fail_each_allocation(read_job, &jobs[i], LKS_EMEMORY) > 5);
        else
            assert_int_equal(read_job(&jobs[i]), 0);
        assert_int_equal(jobs[i].posts, i == 1 ? 1 : 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
