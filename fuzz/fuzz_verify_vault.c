/* fuzz_verify_vault.c - verify over a small vault whose files were changed
 *
 * The input is a list of changes: file, kind, offset (2 bytes), length, bytes. Kind 0 writes the bytes over
 * what is there, 1 puts them in the file's place, 2 removes it, 3 puts a link there. */
#include "verify_folder.h"

#include "case/vault.h"
#include "case/verify_vault.h"
#include "vault/disk.h"
#include "vault/file_list.h"

static char case_folder[64], vault[96];
static struct lks_file_list files;
static struct lks_buffer *kept;

static void vault_make(void)
{
    struct lks_control control = {.actor = "somebody"};
    struct lks_statement_writer writer = {0};
    struct lks_vault *open;
    struct lks_blob blob;
    char path[256];
    fuzz_folder(case_folder);
    snprintf(vault, sizeof vault, "%s/vault", case_folder);
    fuzz_put(case_folder, "input", LKS_STR("what came in"));
    snprintf(path, sizeof path, "%s/input", case_folder);
    LKS_ASSERT(lks_vault_open(case_folder, &control, NULL, &open, NULL) == 0);
    LKS_ASSERT(lks_vault_seal(open, path, NULL, &blob, NULL) == 0);
    lks_vault_start(open, &writer, LKS_STATEMENT_IMPORT);
    lks_canon_text(&writer.canon, "blob", blob.name);
    lks_canon_int(&writer.canon, "size_bytes", (int64_t)blob.size_bytes);
    lks_statement_hide(&writer, "name", LKS_STR("input"));
    LKS_ASSERT(lks_vault_record(open, &writer, NULL, NULL) == 0);
    LKS_ASSERT(lks_vault_commit(open, NULL) == 0);
    lks_vault_close(open);
    LKS_ASSERT(lks_file_list_make(vault, &files, NULL) == 0);
    kept = calloc(files.count, sizeof *kept);
    for (size_t i = 0; i < files.count; i++) {
        snprintf(path, sizeof path, "%s/%.100s", vault, files.files[i].path);
        LKS_ASSERT(kept && lks_disk_get(path, 1 << 20, &kept[i], NULL) == 0);
    }
}

static void vault_drop(void)
{
    fuzz_folder_remove(case_folder);
    for (size_t i = 0; i < files.count; i++)
        lks_buffer_free(&kept[i]);
    free(kept);
    lks_file_list_free(&files);
}

static void change(size_t index, unsigned kind, size_t offset, struct lks_str bytes)
{
    const char *name = files.files[index].path;
    char path[256];
    snprintf(path, sizeof path, "%s/%.150s", vault, name);
    if (kind == 0) {
        struct lks_buffer now = {0};
        lks_buffer_append(&now, kept[index].data, kept[index].size_bytes);
        for (size_t i = 0; i < bytes.size_bytes && now.size_bytes; i++)
            now.data[(offset + i) % now.size_bytes] = bytes.data[i];
        fuzz_put(vault, name, (struct lks_str){now.data, now.size_bytes});
        lks_buffer_free(&now);
    } else if (kind == 1)
        fuzz_put(vault, name, bytes);
    else {
        unlink(path);
        if (kind == 3)
            LKS_ASSERT(symlink("/dev/zero", path) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct lks_verify_request request;
    static const struct lks_control control = {.threads = 1};
    static struct lks_verification verification;
    struct lks_verify_facts facts = {0};
    struct lks_buffer text = {0};
    char path[256];
    if (!case_folder[0]) {
        vault_make();
        atexit(vault_drop);
    }
    for (size_t at = 0; at + 5 <= size;) {
        size_t length = data[at + 4] < size - at - 5 ? data[at + 4] : size - at - 5;
        change(data[at] % files.count, data[at + 1] % 4, (size_t)data[at + 2] << 8 | data[at + 3],
               (struct lks_str){(const char *)data + at + 5, length});
        at += 5 + length;
    }
    int code = lks_verify_vault(&verification, vault, &request, &control, &facts, NULL);
    LKS_ASSERT(code == 0 || code == LKS_EMISSING || code == LKS_EARGUMENT);
    LKS_ASSERT(lks_verification_format(&verification, 1, &text, NULL) == 0);
    LKS_ASSERT(size >= 5 || lks_verification_state(&verification) == LKS_CHECK_HOLDS);
    lks_buffer_free(&text);
    lks_verification_free(&verification);
    lks_verify_facts_free(&facts);
    for (size_t i = 0; i < files.count; i++) {
        snprintf(path, sizeof path, "%s/%.150s", vault, files.files[i].path);
        unlink(path);
        fuzz_put(vault, files.files[i].path, (struct lks_str){kept[i].data, kept[i].size_bytes});
    }
    return 0;
}
