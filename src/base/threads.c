/* threads.c - tasks over a few threads, with an answer that does not depend on how many */
#include "base/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MAX = 256 };

struct crew {
    int (*task)(void *, size_t, unsigned, struct lks_error *);
    void *context;
    size_t tasks_count;
    atomic_size_t next;
    atomic_int stop;
    pthread_mutex_t lock;
    size_t failed_index; /* under lock */
    struct lks_error failure;
};

struct worker {
    struct crew *crew;
    unsigned index;
    pthread_t thread;
};

unsigned lks_threads_count(const struct lks_control *control)
{
    long count =
        control && control->threads ? (long)control->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : (unsigned)count;
}

int lks_cancelled(const struct lks_control *control)
{
    return control && control->cancel && __atomic_load_n(control->cancel, __ATOMIC_RELAXED);
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct crew *crew = worker->crew;
    while (!atomic_load(&crew->stop)) {
        size_t index = atomic_fetch_add(&crew->next, 1);
        if (index >= crew->tasks_count)
            break;
        struct lks_error err = {0};
        int code = crew->task(crew->context, index, worker->index, &err);
        if (code < 0) {
            pthread_mutex_lock(&crew->lock);
            if (index < crew->failed_index) {
                crew->failed_index = index;
                crew->failure = err;
                crew->failure.code = code;
            }
            pthread_mutex_unlock(&crew->lock);
            atomic_store(&crew->stop, 1);
        }
    }
    return NULL;
}

int lks_threads_run(unsigned threads_count, size_t tasks_count,
                    int (*task)(void *context, size_t task_index, unsigned worker_index,
                                struct lks_error *err),
                    void *context, struct lks_error *err)
{
    struct crew crew = {
        .task = task, .context = context, .tasks_count = tasks_count, .failed_index = tasks_count};
    struct worker workers[THREADS_MAX];
    unsigned started = 0;
    if (threads_count < 1)
        threads_count = 1;
    if (threads_count > THREADS_MAX)
        threads_count = THREADS_MAX;
    if (threads_count > tasks_count)
        threads_count = tasks_count ? (unsigned)tasks_count : 1;
    pthread_mutex_init(&crew.lock, NULL);
    /* The calling thread is worker 0; a thread that cannot start is one worker fewer. */
    workers[0] = (struct worker){.crew = &crew, .index = 0};
    for (unsigned i = 1; i < threads_count; i++) {
        workers[i] = (struct worker){.crew = &crew, .index = i};
        if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) != 0)
            break;
        started = i;
    }
    worker_main(&workers[0]);
    for (unsigned i = 1; i <= started; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_mutex_destroy(&crew.lock);
    if (crew.failed_index == tasks_count)
        return 0;
    return lks_error_set(err, crew.failure.code, "%s", crew.failure.message);
}
