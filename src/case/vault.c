/* vault.c - the evidence of one case: entries recorded and committed
 *
 * The hidden values of an entry must be durable before the entry is: a digest in the log whose
 * disclosure a crash took would be a promise that nobody can keep. So a commit writes the file of
 * disclosures first, then the log. A file of disclosures whose entries never came is harmless: the
 * next commit begins at the same index and puts its own in that place. */
#include "case/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "case/vault_inner.h"
#include "vault/disk.h"

enum { CLOCK_BEHIND_US = 1000000 };

static int64_t clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * LKS_SECOND_US + now.tv_nsec / 1000;
}

int64_t lks_vault_now(const struct lks_vault *vault)
{
    int64_t now_us = clock_us();
    return now_us < vault->last_us ? vault->last_us : now_us;
}

void lks_vault_start(struct lks_vault *vault, struct lks_statement_writer *writer,
                     enum lks_statement_kind kind)
{
    int64_t now_us = clock_us(), behind_us = vault->last_us - now_us;
    if (behind_us < 0)
        vault->last_us = now_us;
    lks_statement_start(writer, kind, vault->last_us);
    if (behind_us >= CLOCK_BEHIND_US) /* its time is the last entry's, not the clock's */
        lks_canon_int(&writer->canon, "clock_behind_s", behind_us / LKS_SECOND_US);
    lks_statement_hide(writer, "actor", lks_str_from(vault->actor));
}

/* "INDEX DISCLOSURE" a line, in the order of the entries. */
static void disclosures_take(struct lks_vault *vault, uint64_t index, struct lks_str lines)
{
    struct lks_str line;
    while (lks_line_next(&lines, &line)) {
        lks_buffer_format(&vault->disclosures, "%llu ", (unsigned long long)index);
        lks_buffer_append(&vault->disclosures, line.data, line.size_bytes);
        lks_buffer_byte(&vault->disclosures, '\n');
    }
}

int lks_vault_record(struct lks_vault *vault, struct lks_statement_writer *writer,
                     uint64_t *index_out, struct lks_error *err)
{
    struct lks_buffer bytes = {0}, disclosures = {0};
    uint64_t index = 0;
    int code = vault->failed ? lks_error_set(err, LKS_EIO,
                                             "the vault takes nothing more since a write failed")
                             : lks_statement_finish(writer, &bytes, &disclosures, err);
    lks_statement_abandon(writer);
    if (code == 0)
        code = lks_log_append(vault->log, bytes.data, bytes.size_bytes, &index, err);
    if (code == 0) {
        disclosures_take(vault, index, (struct lks_str){disclosures.data, disclosures.size_bytes});
        if (vault->disclosures.failed)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    /* An entry without its disclosures must never become durable. */
    vault->failed |= code == LKS_EMEMORY || code == LKS_EIO;
    if (code == 0 && index_out)
        *index_out = index;
    lks_buffer_free(&bytes);
    lks_buffer_free(&disclosures);
    return code;
}

/* Not waited for: it costs nothing, and a crash leaves an older one, which asks for less. */
static void seen_put(const struct lks_vault *vault)
{
    char from[LKS_CASE_PATH_BYTES + 16], to[LKS_CASE_PATH_BYTES + 16];
    struct lks_buffer bytes = {0};
    snprintf(from, sizeof from, "%s/signed", vault->folder);
    snprintf(to, sizeof to, "%s.seen", vault->folder);
    if (lks_disk_get(from, LKS_NOTE_BYTES_MAX, &bytes, NULL) == 0) {
        snprintf(from, sizeof from, "%s.seen.new", vault->folder);
        FILE *file = fopen(from, "we");
        size_t put = file ? fwrite(bytes.data, 1, bytes.size_bytes, file) : 0;
        if (file && fclose(file) == 0 && put == bytes.size_bytes)
            rename(from, to);
        else
            unlink(from);
    }
    lks_buffer_free(&bytes);
}

static int disclosures_put(struct lks_vault *vault, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/disclosures", vault->folder) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    int code = lks_disk_folder(path, err);
    if (code)
        return code;
    if (snprintf(path, sizeof path, "%s/disclosures/%012llu", vault->folder,
                 (unsigned long long)vault->staged_first) >= (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return lks_disk_put(path, vault->disclosures.data, vault->disclosures.size_bytes, 0600, err);
}

int lks_vault_commit(struct lks_vault *vault, struct lks_error *err)
{
    int code = 0;
    if (vault->failed)
        return lks_error_set(err, LKS_EIO, "the vault takes nothing more since a write failed");
    if (lks_log_size(vault->log) == vault->staged_first)
        return 0;
    if (vault->disclosures.size_bytes)
        code = disclosures_put(vault, err);
    if (code == 0)
        code = lks_log_publish(vault->log, &vault->verifier, vault->key, NULL, err);
    vault->failed |= code != 0;
    if (code)
        return code;
    vault->staged_first = lks_log_size(vault->log);
    lks_buffer_clear(&vault->disclosures);
    vault->sealed_count = 0;
    lks_vault_marker_drop(vault);
    seen_put(vault);
    return 0;
}

void lks_vault_close(struct lks_vault *vault)
{
    if (!vault)
        return;
    /* After a failed write nobody knows what the log holds: the next opening finds out. */
    if (!vault->failed)
        lks_vault_sealed_drop(vault);
    lks_log_close(vault->log);
    lks_signing_key_free(vault->key);
    lks_buffer_free(&vault->disclosures);
    free(vault->sealed);
    free(vault->case_path);
    free(vault->actor);
    free(vault);
}

uint64_t lks_vault_size(const struct lks_vault *vault)
{
    return lks_log_size(vault->log);
}

const char *lks_vault_folder(const struct lks_vault *vault)
{
    return vault->folder;
}

const struct lks_verifier *lks_vault_verifier(const struct lks_vault *vault)
{
    return &vault->verifier;
}

const struct lks_signing_key *lks_vault_key(const struct lks_vault *vault)
{
    return vault->key;
}
