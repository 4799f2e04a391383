/* verify_blobs.c - every sealed file that an import names: decrypted, hashed, compared
 *
 * A file a task, over the threads there are; what was found is told in the order of the log. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/threads.h"
#include "case/verify_vault.h"
#include "vault/disk.h"
#include "vault/file_list.h"

enum outcome { GOOD, CHANGED, OTHER_SIZE, OTHER_DIGEST, GONE, ERASED, ERASED_NOT };

struct checking {
    const char *folder;
    const struct lks_verify_facts *facts;
    const struct lks_control *control;
    int nowhere; /* /dev/null */
    unsigned char *outcomes;
    atomic_uint_least64_t bytes;
};

static int blob_check(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct checking *checking = context;
    const struct lks_import_fact *fact = &checking->facts->imports[index];
    struct lks_control quiet = {.cancel = checking->control ? checking->control->cancel : NULL};
    struct lks_error inner = {0};
    struct lks_blob blob;
    char hex[LKS_SHA256_HEX_BYTES];
    enum outcome outcome = GOOD;
    int code = lks_blob_copy(checking->folder, fact->blob, checking->nowhere,
                             worker == 0 ? checking->control : &quiet, &blob, &inner);
    if (code == LKS_EMISSING)
        outcome = fact->erased ? ERASED : GONE;
    else if (code == LKS_EINPUT)
        outcome = CHANGED;
    else if (code)
        return lks_error_set(err, code, "%s", inner.message);
    else {
        lks_sha256_hex(blob.sha256, hex);
        atomic_fetch_add(&checking->bytes, blob.size_bytes);
        if (blob.size_bytes != fact->size_bytes)
            outcome = OTHER_SIZE;
        else if (fact->sha256[0] && strcmp(hex, fact->sha256) != 0)
            outcome = OTHER_DIGEST;
        else if (fact->erased == 1)
            outcome = ERASED_NOT;
    }
    checking->outcomes[index] = (unsigned char)outcome;
    return 0;
}

static void outcomes_tell(struct lks_check *check, const struct checking *checking)
{
    static const char *const what[] = {
        [CHANGED] = "its bytes or its key were changed",
        [OTHER_SIZE] = "it has another size than its entry says",
        [OTHER_DIGEST] = "it has another SHA-256 than its entry hides",
        [GONE] = "it is not here, and no entry says that it was erased",
        [ERASED_NOT] = "an entry says that it was erased, but it can still be read"};
    uint64_t good = 0, erased = 0;
    for (size_t i = 0; i < checking->facts->imports_count; i++) {
        const struct lks_import_fact *fact = &checking->facts->imports[i];
        enum outcome outcome = (enum outcome)checking->outcomes[i];
        good += outcome == GOOD;
        erased += outcome == ERASED;
        if (outcome == GOOD || outcome == ERASED)
            continue;
        if (outcome == GONE)
            lks_check_missing(check, "file of entry %llu (%.16s...): %s",
                              (unsigned long long)fact->leaf, fact->blob, what[outcome]);
        else
            lks_check_damaged(check, "file of entry %llu (%.16s...): %s",
                              (unsigned long long)fact->leaf, fact->blob, what[outcome]);
    }
    check->checked_count = good;
    lks_check_say(check, "%llu files of %llu bytes decrypted, each is what its entry covers",
                  (unsigned long long)good, (unsigned long long)checking->bytes);
    if (erased)
        lks_check_say(check, "%llu were erased, as entries say", (unsigned long long)erased);
}

/* Objects and keys that no import names; a program that was cut off leaves such. */
static int strangers_tell(struct lks_check *check, const char *folder, const char *kind,
                          const struct lks_verify_facts *facts, struct lks_error *err)
{
    char name[LKS_BLOB_NAME_BYTES + 1];
    struct lks_file_list files = {0};
    struct lks_error inner = {0};
    int code = lks_file_list_below(folder, kind, &files, &inner);
    if (code == LKS_EMISSING)
        return 0;
    if (code == LKS_EINPUT) {
        lks_check_damaged(check, "%s: %s", kind, inner.message);
        return 0;
    }
    if (code)
        return lks_error_set(err, code, "%s", inner.message);
    for (size_t i = 0; i < files.count; i++) {
        const char *file = files.files[i].path;
        int shaped = strlen(file) == LKS_BLOB_NAME_BYTES && file[2] == '/' && files.files[i].plain;
        if (shaped)
            snprintf(name, sizeof name, "%.2s%s", file, file + 3);
        if (!shaped || !lks_verify_import_named(facts, name))
            lks_check_note(check, "%s/%.200s belongs to no entry", kind, file);
    }
    lks_file_list_free(&files);
    return 0;
}

int lks_verify_blobs(struct lks_verification *verification, const char *folder,
                     const struct lks_verify_facts *facts, int quick,
                     const struct lks_control *control, struct lks_error *err)
{
    struct lks_check *check = lks_check_start(verification, "files", "sealed files");
    struct checking checking = {.folder = folder, .facts = facts, .control = control};
    int code = strangers_tell(check, folder, "blobs", facts, err);
    if (code == 0)
        code = strangers_tell(check, folder, "keys", facts, err);
    if (code)
        return code;
    if (facts->imports_count == 0) {
        lks_check_none(check, "the log names none");
        return 0;
    }
    if (quick) {
        lks_check_skip(check, "not decrypted, because --quick was asked for");
        return 0;
    }
    checking.outcomes = calloc(facts->imports_count, 1);
    checking.nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (!checking.outcomes)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    else if (checking.nowhere < 0)
        code = lks_error_system(err, "/dev/null", "cannot be opened");
    else
        code = lks_threads_run(lks_threads_count(control), facts->imports_count, blob_check,
                               &checking, err);
    if (code == 0)
        outcomes_tell(check, &checking);
    if (checking.nowhere >= 0)
        close(checking.nowhere);
    free(checking.outcomes);
    return code;
}
