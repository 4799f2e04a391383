/* sealing.c - a file sealed on a thread of its own while it is parsed on others
 *
 * Sealing reads, digests, encrypts and writes, and at its end waits for the disk; parsing needs none of
 * its results until the file's import is logged. Side by side they take as long as the longer of the two. */
#include "intake/sealing.h"

#include <string.h>
#include <time.h>

#include "base/threads.h"

static void *seal_main(void *context)
{
    struct lks_sealing *sealing = context;
    sealing->code = lks_vault_seal(sealing->vault, sealing->path, &sealing->control, &sealing->blob,
                                   &sealing->err);
    pthread_mutex_lock(&sealing->lock);
    sealing->done = 1;
    pthread_cond_signal(&sealing->changed);
    pthread_mutex_unlock(&sealing->lock);
    return NULL;
}

int lks_sealing_start(struct lks_sealing *sealing, struct lks_vault *vault, const char *path,
                      const struct lks_control *control)
{
    *sealing = (struct lks_sealing){.vault = vault, .path = path};
    if (control)
        sealing->control = *control;
    sealing->control.progress = NULL;
    sealing->control.notice = NULL;
    sealing->control.cancel = &sealing->stop;
    pthread_mutex_init(&sealing->lock, NULL);
    pthread_cond_init(&sealing->changed, NULL);
    if (pthread_create(&sealing->thread, NULL, seal_main, sealing) == 0)
        return 0;
    pthread_cond_destroy(&sealing->changed);
    pthread_mutex_destroy(&sealing->lock);
    return 1;
}

int lks_sealing_end(struct lks_sealing *sealing, int give_up, const struct lks_control *control,
                    struct lks_blob *blob, struct lks_error *err)
{
    struct timespec until;
    pthread_mutex_lock(&sealing->lock);
    while (!sealing->done) {
        if (give_up || lks_cancelled(control))
            __atomic_store_n(&sealing->stop, 1, __ATOMIC_RELAXED);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100 * 1000 * 1000;
        until.tv_sec += until.tv_nsec / (1000 * 1000 * 1000);
        until.tv_nsec %= 1000 * 1000 * 1000;
        pthread_cond_timedwait(&sealing->changed, &sealing->lock, &until);
    }
    pthread_mutex_unlock(&sealing->lock);
    pthread_join(sealing->thread, NULL);
    pthread_cond_destroy(&sealing->changed);
    pthread_mutex_destroy(&sealing->lock);
    *blob = sealing->blob;
    return sealing->code ? lks_error_set(err, sealing->code, "%s", sealing->err.message) : 0;
}
