/* signer_test.c - a case's key replaced, with the process killed, or refused, at each call of the system */
#include "vault/test_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "case/entries.h"
#include "case/signer.h"
#include "case/vault.h"
#include "vault/log.h"

/* ---- calls that fail at the n-th: these stand in front of the C library's own ---- */

enum fault { FAULT_KILL, FAULT_IO };

static enum fault fault;
static uint64_t fault_at, calls;

/* 1 where this call must fail. */
static int strikes(void)
{
    if (fault_at == 0 || ++calls != fault_at)
        return 0;
    if (fault == FAULT_KILL)
        kill(getpid(), SIGKILL);
    errno = EIO;
    return 1;
}

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    if (flags & (O_CREAT | O_WRONLY | O_RDWR) && strikes())
        return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t write(int file, const void *data, size_t size)
{
    if (strikes())
        return -1;
    return syscall(SYS_write, file, data, size);
}

int fsync(int file)
{
    if (strikes())
        return -1;
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    if (strikes())
        return -1;
    return (int)syscall(SYS_fdatasync, file);
}

int rename(const char *from, const char *to)
{
    if (strikes())
        return -1;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    if (strikes())
        return -1;
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* ---- */

static int asked;

static int give(void *context, const char *what, char *text, size_t text_bytes)
{
    (void)what;
    asked++;
    return context ? snprintf(text, text_bytes, "%s", (const char *)context) : -1;
}

static int entry_count(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    (void)entry, (void)err;
    ++*(uint64_t *)context;
    return 0;
}

static void note_record(const char *folder, const struct lks_control *control)
{
    struct lks_vault *vault;
    struct lks_error err = {0};
    struct lks_statement_writer writer = {0};
    if (lks_vault_open(folder, control, NULL, &vault, &err))
        fail_msg("%s", err.message);
    lks_vault_start(vault, &writer, LKS_STATEMENT_NOTE);
    lks_canon_text(&writer.canon, "action", "said");
    assert_int_equal(lks_vault_record(vault, &writer, NULL, NULL), 0);
    assert_int_equal(lks_vault_commit(vault, NULL), 0);
    lks_vault_close(vault);
}

/* Which of the case's keys signed the checkpoint that stands; -1 for none of them. */
static int checkpoint_signer(const char *folder, const struct lks_verifiers *keys, uint64_t *size)
{
    char path[160];
    struct lks_buffer note = {0};
    struct lks_checkpoint checkpoint;
    int found = -1;
    snprintf(path, sizeof path, "%s/vault", folder);
    assert_int_equal(lks_log_checkpoint(path, &note, NULL), 0);
    for (size_t i = 0; found < 0 && i < keys->count; i++)
        if (lks_checkpoint_open((struct lks_str){note.data, note.size_bytes}, &keys->items[i],
                                &checkpoint, NULL) == 0)
            found = (int)i;
    *size = found < 0 ? 0 : checkpoint.size;
    lks_buffer_free(&note);
    return found;
}

static void signs_with_the_new_key(void **unused)
{
    char folder[64], path[160];
    struct lks_control control = {.actor = "somebody"};
    struct lks_verifier before, after, again;
    struct lks_verifiers keys = {0};
    struct lks_error err = {0};
    uint64_t size = 0, entries = 0;
    (void)unused;
    folder_make(folder, sizeof folder);
    assert_int_equal(lks_signer_rotate(folder, &control, &before, &after, NULL), LKS_EMISSING);
    note_record(folder, &control);
    if (lks_signer_rotate(folder, &control, &before, &after, &err))
        fail_msg("%s", err.message);
    assert_int_equal(lks_case_verifier(folder, &again, NULL), 0);
    assert_true(lks_verifier_equal(&after, &again));
    assert_false(lks_verifier_equal(&after, &before));
    assert_string_equal(after.name, before.name); /* the log's origin stays */
    assert_int_equal(lks_signer_verifiers(folder, &keys, NULL), 0);
    assert_int_equal(keys.count, 2);
    assert_true(lks_verifier_equal(&keys.items[1], &before));
    assert_int_equal(checkpoint_signer(folder, &keys, &size), 0);
    assert_int_equal(size, 3);
    note_record(folder, &control);
    assert_int_equal(lks_signer_rotate(folder, &control, &before, &after, NULL), 0);
    assert_true(lks_verifier_equal(&again, &before));
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, entry_count, &entries, NULL), 0);
    assert_int_equal(entries, 5);
    snprintf(path, sizeof path, "%s/vault/signer.next.pem", folder);
    assert_int_equal(access(path, F_OK), -1);
    lks_verifiers_free(&keys);
    lks_vault_unmake(folder);
    shell("rm -r %s", folder);
}

/* A protected key's passphrase is asked for once and protects the new one too. */
static void the_passphrase_stays(void **unused)
{
    char folder[64], path[160];
    struct lks_control control = {.passphrase = give,
                                  .context = (void *)(uintptr_t) "correct horse"};
    struct lks_passphrase passphrase = {"correct horse", 13};
    struct lks_verifier before, after;
    struct lks_signing_key *key;
    int is_protected = 0;
    (void)unused;
    folder_make(folder, sizeof folder);
    note_record(folder, &control);
    assert_int_equal(asked, 0);
    snprintf(path, sizeof path, "%s/vault/signer.pem", folder);
    assert_int_equal(lks_key_file_open(path, &control, &key, NULL, NULL), 0);
    assert_int_equal(lks_key_file_put(path, key, &passphrase, NULL), 0);
    lks_signing_key_free(key);
    assert_int_equal(lks_signer_rotate(folder, &control, &before, &after, NULL), 0);
    assert_int_equal(asked, 1);
    assert_int_equal(lks_key_file_protected(path, &is_protected, NULL), 0);
    assert_int_equal(is_protected, 1);
    control.context = (void *)(uintptr_t) "wrong horse";
    assert_int_equal(lks_signer_rotate(folder, &control, &before, &after, NULL), LKS_EARGUMENT);
    control.passphrase = NULL;
    assert_int_equal(lks_signer_rotate(folder, &control, &before, &after, NULL), LKS_EARGUMENT);
    control.passphrase = give;
    control.context = (void *)(uintptr_t) "correct horse";
    note_record(folder, &control);
    lks_vault_unmake(folder);
    shell("rm -r %s", folder);
}

/* One try at a rotation in which the n-th call fails; 1 where it got through without meeting it. What
 * is left is looked at as it lies there, and after the next writer settled it. */
static int rotation_struck(const char *folder, const struct lks_verifier *first, enum fault how,
                           uint64_t n, int *completed, int *withdrawn)
{
    char copy[80], path[160];
    struct lks_verifiers keys = {0};
    struct lks_verifier signer, old, next;
    uint64_t entries = 0, size;
    int status;
    snprintf(copy, sizeof copy, "%s-%llu", folder, (unsigned long long)n);
    shell("cp -r %s %s", folder, copy);
    pid_t child = fork();
    if (child == 0) {
        fault = how;
        fault_at = n;
        calls = 0;
        int code = lks_signer_rotate(copy, NULL, &old, &next, NULL);
        _exit(calls < n ? (code ? 3 : 2) : code ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    int finished = WIFEXITED(status) && WEXITSTATUS(status) == 2;
    assert_true(how == FAULT_KILL ? finished || WIFSIGNALED(status)
                                  : WIFEXITED(status) && WEXITSTATUS(status) != 3);
    assert_int_equal(lks_entries_each(copy, 0, UINT64_MAX, entry_count, &entries, NULL), 0);
    assert_in_range(entries, 2, 3);
    note_record(copy, NULL);
    assert_int_equal(lks_case_verifier(copy, &signer, NULL), 0);
    assert_int_equal(lks_signer_verifiers(copy, &keys, NULL), 0);
    assert_int_equal(checkpoint_signer(copy, &keys, &size), 0);
    int rotated = !lks_verifier_equal(&signer, first);
    assert_int_equal(size, rotated ? 4 : 3);
    assert_int_equal(keys.count, rotated ? 2 : 1);
    snprintf(path, sizeof path, "%s/vault/signer.next.pem", copy);
    assert_int_equal(access(path, F_OK), -1);
    assert_true(rotated || !finished);
    *completed += rotated;
    *withdrawn += !rotated;
    lks_verifiers_free(&keys);
    shell("rm -r %s", copy);
    return finished;
}

/* Whatever the moment: one key signs, it is the one that signer.vkey names, all can be read before
 * anything is repaired, and the log goes on; the old key is retired if and only if the log says so. */
static void struck_at_every_call(enum fault how)
{
    char folder[64];
    struct lks_verifier first;
    int completed = 0, withdrawn = 0;
    folder_make(folder, sizeof folder);
    note_record(folder, NULL);
    assert_int_equal(lks_case_verifier(folder, &first, NULL), 0);
    for (uint64_t n = 1; !rotation_struck(folder, &first, how, n, &completed, &withdrawn); n++)
        assert_in_range(n, 1, 1000);
    /* both ends of it were met, many times */
    assert_true(completed > 5 && withdrawn > 5);
    shell("rm -r %s", folder);
}

static void killed_at_every_call(void **unused)
{
    (void)unused;
    struck_at_every_call(FAULT_KILL);
}

static void refused_at_every_call(void **unused)
{
    (void)unused;
    struck_at_every_call(FAULT_IO);
}

/* A key that somebody put there is not taken over: the log knows nothing of it. */
static void a_planted_key_is_removed(void **unused)
{
    char folder[64], path[160];
    struct lks_verifier before, after;
    struct lks_signing_key *key;
    struct lks_passphrase none = {0};
    (void)unused;
    folder_make(folder, sizeof folder);
    note_record(folder, NULL);
    assert_int_equal(lks_case_verifier(folder, &before, NULL), 0);
    snprintf(path, sizeof path, "%s/vault/signer.next.pem", folder);
    assert_int_equal(lks_signing_key_new(&key, NULL), 0);
    assert_int_equal(lks_key_file_put(path, key, &none, NULL), 0);
    lks_signing_key_free(key);
    note_record(folder, NULL);
    assert_int_equal(lks_case_verifier(folder, &after, NULL), 0);
    assert_true(lks_verifier_equal(&before, &after));
    assert_int_equal(access(path, F_OK), -1);
    shell("rm -r %s", folder);
}

/* Nothing signed is begun anew because a file beside it is lost. */
static void a_lost_verifier_key_loses_nothing(void **unused)
{
    char folder[64];
    struct lks_vault *vault;
    uint64_t entries = 0;
    (void)unused;
    folder_make(folder, sizeof folder);
    note_record(folder, NULL);
    shell("mv %s/vault/signer.vkey %s/away", folder, folder);
    assert_int_equal(lks_vault_open(folder, NULL, NULL, &vault, NULL), LKS_EINPUT);
    shell("mv %s/away %s/vault/signer.vkey", folder, folder);
    assert_int_equal(lks_entries_each(folder, 0, UINT64_MAX, entry_count, &entries, NULL), 0);
    assert_int_equal(entries, 2);
    shell("rm -r %s", folder);
}

/* A program that read the key and then waited for one that changed it must not sign with the old one. */
static void a_writer_that_waited_notices(void **unused)
{
    char folder[64];
    struct lks_verifiers keys = {0};
    uint64_t size;
    int status, ready[2], refused = 0;
    (void)unused;
    folder_make(folder, sizeof folder);
    note_record(folder, NULL);
    for (int i = 0; i < 20; i++) {
        struct lks_verifier before, after;
        assert_int_equal(pipe(ready), 0);
        pid_t child = fork();
        if (child == 0) {
            struct lks_vault *vault;
            char byte;
            close(ready[1]);
            if (read(ready[0], &byte, 1) < 0) /* both go at once */
                _exit(9);
            int code = lks_vault_open(folder, NULL, NULL, &vault, NULL);
            if (code == 0)
                lks_vault_close(vault);
            _exit(code == 0 ? 0 : code == LKS_EINPUT || code == LKS_EIO ? 1 : 2);
        }
        close(ready[0]);
        close(ready[1]);
        int code = lks_signer_rotate(folder, NULL, &before, &after, NULL);
        assert_true(code == 0 || code == LKS_EINPUT || code == LKS_EIO);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_in_range(WEXITSTATUS(status), 0, 1);
        refused += WEXITSTATUS(status);
        /* whoever came first: the key that signer.vkey names signed what stands */
        lks_verifiers_free(&keys);
        note_record(folder, NULL);
        assert_int_equal(lks_signer_verifiers(folder, &keys, NULL), 0);
        assert_int_equal(checkpoint_signer(folder, &keys, &size), 0);
    }
    assert_in_range(refused, 0, 20);
    lks_verifiers_free(&keys);
    shell("rm -r %s", folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(signs_with_the_new_key),
                                       cmocka_unit_test(the_passphrase_stays),
                                       cmocka_unit_test(killed_at_every_call),
                                       cmocka_unit_test(refused_at_every_call),
                                       cmocka_unit_test(a_planted_key_is_removed),
                                       cmocka_unit_test(a_lost_verifier_key_loses_nothing),
                                       cmocka_unit_test(a_writer_that_waited_notices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
