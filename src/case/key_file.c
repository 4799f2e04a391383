/* key_file.c - private keys in files, opened with the passphrase of the person who acts */
#include "case/key_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vault/disk.h"
#include "vault/verifiers.h"

enum { KEY_FILE_BYTES_MAX = 65536 };

void lks_passphrase_wipe(struct lks_passphrase *passphrase)
{
    explicit_bzero(passphrase, sizeof *passphrase);
}

static int ask_for(const struct lks_control *control, lks_passphrase_ask *ask, const char *what,
                   struct lks_passphrase *out)
{
    int size = ask ? ask(control->context, what, out->text, sizeof out->text) : -1;
    if (size <= 0 || size >= (int)sizeof out->text) {
        lks_passphrase_wipe(out);
        return 0;
    }
    out->size_bytes = (size_t)size;
    return 1;
}

int lks_passphrase_new(const struct lks_control *control, lks_passphrase_ask *ask, const char *path,
                       struct lks_passphrase *out, struct lks_error *err)
{
    lks_passphrase_wipe(out);
    if (!ask)
        return 0;
    if (!ask_for(control, ask, path, out))
        return lks_error_set(err, LKS_EARGUMENT, "no new passphrase was given for %s", path);
    if (out->size_bytes >= LKS_PASSPHRASE_BYTES_MIN)
        return 0;
    lks_passphrase_wipe(out);
    return lks_error_set(err, LKS_EARGUMENT, "a passphrase has at least %d characters",
                         LKS_PASSPHRASE_BYTES_MIN);
}

static int once_give(void *context, const char *what, char *text, size_t text_bytes)
{
    struct lks_asked_once *once = context;
    struct lks_passphrase *known = &once->passphrase;
    if (known->size_bytes == 0 &&
        !(once->real && ask_for(once->real, once->real->passphrase, what, known)))
        return -1;
    if (known->size_bytes >= text_bytes)
        return -1;
    memcpy(text, known->text, known->size_bytes);
    text[known->size_bytes] = '\0';
    return (int)known->size_bytes;
}

static void once_notice(void *context, const char *sentence)
{
    const struct lks_control *real = ((struct lks_asked_once *)context)->real;
    real->notice(real->context, sentence);
}

static void once_progress(void *context, const struct lks_progress *progress)
{
    const struct lks_control *real = ((struct lks_asked_once *)context)->real;
    real->progress(real->context, progress);
}

void lks_asked_once_start(struct lks_asked_once *once, const struct lks_control *real)
{
    *once = (struct lks_asked_once){.real = real};
    if (real)
        once->control = *real;
    once->control.context = once;
    once->control.passphrase = once_give;
    once->control.notice = real && real->notice ? once_notice : NULL;
    once->control.progress = real && real->progress ? once_progress : NULL;
}

void lks_asked_once_end(struct lks_asked_once *once)
{
    lks_passphrase_wipe(&once->passphrase);
}

int lks_key_file_protected(const char *path, int *protected_out, struct lks_error *err)
{
    struct lks_buffer text = {0};
    int code = lks_disk_get(path, KEY_FILE_BYTES_MAX, &text, err);
    lks_buffer_byte(&text, 0);
    *protected_out = code == 0 && !text.failed && strstr(text.data, "ENCRYPTED") != NULL;
    if (text.data)
        explicit_bzero(text.data, text.size_bytes);
    lks_buffer_free(&text);
    return code;
}

int lks_key_file_open(const char *path, const struct lks_control *control,
                      struct lks_signing_key **key_out, struct lks_passphrase *passphrase_out,
                      struct lks_error *err)
{
    struct lks_passphrase passphrase = {0};
    int is_protected = 0, code = lks_key_file_protected(path, &is_protected, err);
    if (passphrase_out)
        lks_passphrase_wipe(passphrase_out);
    if (code == 0 && is_protected &&
        !(control && ask_for(control, control->passphrase, path, &passphrase)))
        code = lks_error_set(err, LKS_EARGUMENT,
                             "%s is protected by a passphrase, and none was given", path);
    if (code == 0)
        code = lks_signing_key_read(path, (struct lks_str){passphrase.text, passphrase.size_bytes},
                                    key_out, err);
    if (code == 0 && passphrase_out)
        *passphrase_out = passphrase;
    lks_passphrase_wipe(&passphrase);
    return code;
}

int lks_key_file_put(const char *path, const struct lks_signing_key *key,
                     const struct lks_passphrase *passphrase, struct lks_error *err)
{
    char temporary[LKS_DISK_PATH_BYTES], parent[LKS_DISK_PATH_BYTES];
    int code = lks_disk_parent(path, parent, err);
    if (code == 0 && snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary)
        code = lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    if (code)
        return code;
    unlink(temporary); /* of one that was killed here */
    code = lks_signing_key_write(key, temporary,
                                 (struct lks_str){passphrase->text, passphrase->size_bytes}, err);
    if (code == 0 && rename(temporary, path) != 0) {
        code = lks_error_system(err, path, "cannot be put in place");
        unlink(temporary);
    }
    return code ? code : lks_disk_folder_sync(parent, err);
}

int lks_key_file_vkey_path(const char *path, char *out, size_t out_bytes, struct lks_error *err)
{
    size_t size = strlen(path);
    if (size > 4 && strcmp(path + size - 4, ".pem") == 0)
        size -= 4;
    if (snprintf(out, out_bytes, "%.*s.vkey", (int)size, path) >= (int)out_bytes)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return 0;
}

int lks_verifier_named(const char *text_or_path, struct lks_verifier *verifier,
                       struct lks_error *err)
{
    struct lks_verifiers list = {0};
    if (lks_verifier_parse(lks_str_from(text_or_path), verifier, NULL) == 0)
        return 0;
    int code = lks_verifiers_read(text_or_path, &list, err);
    if (code == 0 && list.count != 1)
        code = lks_error_set(err, LKS_EINPUT, "%s holds %zu verifier keys, not one", text_or_path,
                             list.count);
    if (code == 0)
        *verifier = list.items[0];
    lks_verifiers_free(&list);
    return code;
}
