/* sealing.h - a file sealed on a thread of its own while it is parsed on others */
#ifndef LKS_INTAKE_SEALING_H
#define LKS_INTAKE_SEALING_H

#include <pthread.h>

#include "case/vault.h"

/* The vault is this thread's from start to end: nobody else touches it between. */
struct lks_sealing {
    struct lks_vault *vault;
    const char *path;
    struct lks_control control; /* the caller's without its voice, which is for one thread */
    int stop;
    pthread_t thread;
    pthread_mutex_t lock; /* of done */
    pthread_cond_t changed;
    int done;
    struct lks_blob blob;
    int code;
    struct lks_error err;
};

/* Begins; 1 where no thread can be had, and nothing was begun. path and control outlive the end. */
int lks_sealing_start(struct lks_sealing *sealing, struct lks_vault *vault, const char *path,
                      const struct lks_control *control);
/* Waits for the end, which comes soon where give_up is not zero or the caller of control asks to stop.
 * 0 and the sealed copy, or what lks_vault_seal says. Once for each start. */
int lks_sealing_end(struct lks_sealing *sealing, int give_up, const struct lks_control *control,
                    struct lks_blob *blob, struct lks_error *err);

#endif
