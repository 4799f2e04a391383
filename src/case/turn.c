/* turn.c - whose turn it is: an order comes before whoever erases */
#include "case/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/threads.h"

/* How long a wait for the vault sleeps between two looks. */
#define LOOK_NS 5000000L

static int lock_open(const char *case_path, const char *name, int *file, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_vault_path(case_path, name, path, err);
    if (code)
        return code;
    *file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return *file < 0 ? lks_error_system(err, path, "cannot be opened") : 0;
}

static int cancelled(const struct lks_control *control, struct lks_error *err)
{
    return lks_cancelled(control) ? lks_error_set(err, LKS_ECANCELLED, "stopped") : 0;
}

static int turn_take(const char *case_path, const struct lks_control *control, int *turn,
                     struct lks_error *err)
{
    int code = lock_open(case_path, "turn", turn, err);
    while (code == 0 && flock(*turn, LOCK_EX) != 0)
        code = errno == EINTR ? cancelled(control, err)
                              : lks_error_system(err, case_path, "its turn cannot be taken");
    return code;
}

/* 1 while another program writes to the vault. */
static int vault_busy(const char *case_path)
{
    int file = -1;
    if (!lks_vault_there(case_path) || lock_open(case_path, "lock", &file, NULL) != 0)
        return 0; /* opening it will say what is wrong */
    int busy = flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(file);
    return busy;
}

static int vault_wait(const char *case_path, const struct lks_control *control,
                      struct lks_error *err)
{
    int told = 0, code = 0;
    while (code == 0 && vault_busy(case_path)) {
        if (!told && control && control->notice)
            control->notice(control->context,
                            "another program is writing to the case: waiting for it to be done");
        told = 1;
        nanosleep(&(struct timespec){0, LOOK_NS}, NULL);
        code = cancelled(control, err);
    }
    return code;
}

int lks_turn_vault_open(const char *case_path, const struct lks_control *control,
                        struct lks_vault **vault_out, struct lks_error *err)
{
    *vault_out = NULL;
    for (;;) {
        struct lks_error inner = {0};
        int code = vault_wait(case_path, control, err);
        if (code)
            return code;
        code = lks_vault_open(case_path, control, NULL, vault_out, &inner);
        if (code == 0)
            return 0;
        if (!vault_busy(case_path)) /* else somebody was quicker: wait on */
            return lks_error_set(err, code, "%s", inner.message);
    }
}

int lks_turn_open(const char *case_path, const struct lks_control *control, int *turn_out,
                  struct lks_vault **vault_out, struct lks_error *err)
{
    int code = 0;
    *turn_out = -1;
    *vault_out = NULL;
    if (lks_vault_there(case_path))
        code = turn_take(case_path, control, turn_out, err);
    if (code == 0)
        code = lks_turn_vault_open(case_path, control, vault_out, err);
    if (code) {
        lks_turn_end(*turn_out);
        *turn_out = -1;
    }
    return code;
}

void lks_turn_end(int turn)
{
    if (turn >= 0)
        close(turn);
}

int lks_turn_pass(const char *case_path, struct lks_error *err)
{
    int turn = -1, code = lks_vault_there(case_path) ? turn_take(case_path, NULL, &turn, err) : 0;
    lks_turn_end(turn);
    return code;
}
