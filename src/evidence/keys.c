/* keys.c - the keys of a case and of its approvers: shown, made, protected, replaced, enrolled */
#include "case/keys.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "case/approvers.h"
#include "case/key_file.h"
#include "case/signer.h"
#include "case/vault.h"
#include "evidence/answer.h"
#include "vault/disk.h"

enum { PERSON_BYTES_MAX = 200 };

/* ---- show ---- */

static void put_since(struct lks_buffer *out, const struct lks_case_key *key)
{
    char time[LKS_TIME_TEXT_BYTES];
    lks_time_format(key->from_us, time);
    lks_buffer_format(out, "%*s since %s (entry %llu)", 12, "", time,
                      (unsigned long long)key->from);
    if (key->until != LKS_LEAF_NONE) {
        lks_time_format(key->until_us, time);
        lks_buffer_format(out, ", until %s (entry %llu)", time, (unsigned long long)key->until);
    }
    lks_buffer_byte(out, '\n');
}

static void keys_text(const struct lks_keys *keys, int is_protected, struct lks_buffer *out)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct lks_case_key *key = &keys->items[i];
        int in_use = key->until == LKS_LEAF_NONE;
        lks_buffer_format(out, "%-12s ",
                          key->approver ? (in_use ? "approver" : "retired")
                                        : (in_use ? "signer" : "retired"));
        lks_answer_key(out, &key->verifier);
        lks_buffer_byte(out, '\n');
        if (key->name.data) {
            lks_buffer_format(out, "%*s of ", 12, "");
            lks_buffer_shown(out, key->name, PERSON_BYTES_MAX);
            lks_buffer_byte(out, '\n');
        }
        put_since(out, key);
    }
    lks_buffer_format(out, "The signer's key file is %s.\n",
                      is_protected
                          ? "protected by a passphrase"
                          : "not protected: 'lockstep key protect CASE' sets a passphrase");
    unsigned needed = lks_keys_approvals_needed(keys);
    if (needed < 2)
        lks_buffer_format(out,
                          "%s enrolled, so nothing that takes two keys can be done: "
                          "'lockstep key new FILE', then 'lockstep key enrol CASE FILE'.\n",
                          needed ? "One approver is" : "No approver is");
}

static void keys_json(const struct lks_keys *keys, int is_protected, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    lks_json_object(&json, NULL);
    lks_json_bool(&json, "protected", is_protected);
    lks_json_uint(&json, "approvals_needed", lks_keys_approvals_needed(keys));
    lks_json_array(&json, "keys");
    for (size_t i = 0; i < keys->count; i++) {
        const struct lks_case_key *key = &keys->items[i];
        lks_json_object(&json, NULL);
        lks_json_text(&json, "role", key->approver ? "approver" : "signer");
        lks_answer_key_json(&json, "key", &key->verifier);
        lks_json_string(&json, "person", key->name);
        lks_json_uint(&json, "from_entry", key->from);
        lks_json_time(&json, "from", key->from_us);
        lks_json_key(&json, "until_entry");
        key->until == LKS_LEAF_NONE ? lks_json_null(&json, NULL)
                                    : lks_json_uint(&json, NULL, key->until);
        lks_json_key(&json, "until");
        key->until == LKS_LEAF_NONE ? lks_json_null(&json, NULL)
                                    : lks_json_time(&json, NULL, key->until_us);
        lks_json_object_end(&json);
    }
    lks_json_array_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

int lks_case_keys(const char *case_path, int as_json, const struct lks_control *control,
                  char **text_out, struct lks_error *err)
{
    struct lks_keys keys = {0};
    struct lks_buffer out = {0};
    char path[LKS_CASE_PATH_BYTES];
    int is_protected = 0, code = lks_keys_read(case_path, &keys, err);
    (void)control;
    if (code == 0)
        code = lks_vault_path(case_path, "signer.pem", path, err);
    if (code == 0)
        code = lks_key_file_protected(path, &is_protected, err);
    if (code == 0)
        (as_json ? keys_json : keys_text)(&keys, is_protected, &out);
    lks_keys_free(&keys);
    return lks_answer_give(&out, code, text_out, err);
}

/* ---- rotate, protect, new ---- */

int lks_case_key_rotate(const char *case_path, int as_json, const struct lks_control *control,
                        char **text_out, struct lks_error *err)
{
    struct lks_verifier before, after;
    struct lks_buffer out = {0};
    int code = lks_signer_rotate(case_path, control, &before, &after, err);
    if (code == 0 && as_json) {
        struct lks_json json = {.buffer = &out, .indent = 2};
        lks_json_object(&json, NULL);
        lks_answer_key_json(&json, "before", &before);
        lks_answer_key_json(&json, "key", &after);
        lks_json_object_end(&json);
        lks_buffer_byte(&out, '\n');
    } else if (code == 0) {
        lks_buffer_text(&out, "The log is now signed by  ");
        lks_answer_key(&out, &after);
        lks_buffer_text(&out, "\nuntil now it was by       ");
        lks_answer_key(&out, &before);
        lks_buffer_text(&out, "\nWhoever checks what the old key signed still needs it: it is kept "
                              "in retired.vkeys. Give the new one to\nwitnesses and to those who "
                              "have the old one.\n");
    }
    return lks_answer_give(&out, code, text_out, err);
}

static void protection_tell(const struct lks_passphrase *passphrase, int as_json,
                            struct lks_buffer *out)
{
    if (as_json)
        lks_buffer_format(out, "{\"protected\": %s}\n", passphrase->size_bytes ? "true" : "false");
    else
        lks_buffer_text(out, passphrase->size_bytes
                                 ? "The key is protected by the new passphrase. Without it the key "
                                   "is lost: nobody can get it back.\n"
                                 : "The key is no longer protected: whoever can read its file can "
                                   "sign with it.\n");
}

/* The signer is replaced under the log's lock: a change of the key must not come between. */
static int signer_protect(const char *case_path, lks_passphrase_ask *new_passphrase,
                          const struct lks_control *control, struct lks_passphrase *passphrase,
                          struct lks_error *err)
{
    struct lks_vault *vault = NULL;
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_vault_path(case_path, "signer.pem", path, err);
    if (code == 0 && !lks_vault_there(case_path))
        code = lks_error_set(err, LKS_EMISSING, "%s has no vault", case_path);
    if (code == 0)
        code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code == 0)
        code = lks_passphrase_new(control, new_passphrase, path, passphrase, err);
    if (code == 0)
        code = lks_key_file_put(path, lks_vault_key(vault), passphrase, err);
    lks_vault_close(vault);
    return code;
}

static int file_protect(const char *path, lks_passphrase_ask *new_passphrase,
                        const struct lks_control *control, struct lks_passphrase *passphrase,
                        struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    int code = lks_key_file_open(path, control, &key, NULL, err);
    if (code == 0)
        code = lks_passphrase_new(control, new_passphrase, path, passphrase, err);
    if (code == 0)
        code = lks_key_file_put(path, key, passphrase, err);
    lks_signing_key_free(key);
    return code;
}

int lks_key_protect(const char *path, lks_passphrase_ask *new_passphrase, int as_json,
                    const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_passphrase passphrase = {0};
    struct lks_buffer out = {0};
    struct stat status;
    int is_case = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    int code =
        (is_case ? signer_protect : file_protect)(path, new_passphrase, control, &passphrase, err);
    if (code == 0)
        protection_tell(&passphrase, as_json, &out);
    lks_passphrase_wipe(&passphrase);
    return lks_answer_give(&out, code, text_out, err);
}

static int name_make(char name[32], struct lks_error *err)
{
    unsigned char random[LKS_SALT_BYTES];
    int code = lks_salt_new(random, err);
    if (code == 0)
        snprintf(name, 32, "approver-%02x%02x%02x%02x", random[0], random[1], random[2], random[3]);
    return code;
}

/* The key's file comes first: a verifier key without one could be enrolled, and never sign. */
static int pair_write(const char *path, const struct lks_signing_key *key,
                      const struct lks_verifier *verifier, struct lks_str passphrase,
                      struct lks_error *err)
{
    struct lks_verifiers one = {0};
    char vkey[LKS_DISK_PATH_BYTES], parent[LKS_DISK_PATH_BYTES];
    int code = lks_key_file_vkey_path(path, vkey, sizeof vkey, err);
    if (code == 0 && access(vkey, F_OK) == 0)
        code = lks_error_set(err, LKS_EARGUMENT, "%s is there already", vkey);
    if (code == 0)
        code = lks_disk_parent(path, parent, err);
    if (code == 0)
        code = lks_verifiers_add(&one, verifier, err);
    if (code == 0)
        code = lks_signing_key_write(key, path, passphrase, err);
    if (code == 0) {
        code = lks_disk_folder_sync(parent, err);
        if (code == 0)
            code = lks_verifiers_put(vkey, &one, err);
        if (code)
            unlink(path);
    }
    lks_verifiers_free(&one);
    return code;
}

int lks_key_new(const char *path, const char *name, lks_passphrase_ask *new_passphrase, int as_json,
                const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    struct lks_verifier verifier;
    struct lks_passphrase passphrase = {0};
    struct lks_buffer out = {0};
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    char made[32];
    int code = name ? 0 : name_make(made, err);
    if (code == 0 && access(path, F_OK) == 0)
        code = lks_error_set(err, LKS_EARGUMENT, "%s is there already", path);
    if (code == 0)
        code = lks_signing_key_new(&key, err);
    if (code == 0) {
        lks_signing_key_public(key, public_key);
        code = lks_verifier_init(&verifier, lks_str_from(name ? name : made), LKS_NOTE_ED25519,
                                 public_key, err);
    }
    if (code == 0)
        code = lks_passphrase_new(control, new_passphrase, path, &passphrase, err);
    if (code == 0)
        code = pair_write(path, key, &verifier,
                          (struct lks_str){passphrase.text, passphrase.size_bytes}, err);
    lks_passphrase_wipe(&passphrase);
    lks_signing_key_free(key);
    if (code == 0 && as_json) {
        struct lks_json json = {.buffer = &out, .indent = 2};
        lks_json_object(&json, NULL);
        lks_answer_key_json(&json, "key", &verifier);
        lks_json_object_end(&json);
    } else if (code == 0)
        lks_answer_key(&out, &verifier);
    lks_buffer_byte(&out, '\n');
    return lks_answer_give(&out, code, text_out, err);
}

/* ---- sign ---- */

/* Says what was signed, and by whom so far, as far as names in a note tell it. */
static void signatures_tell(struct lks_str order, struct lks_str approval, int as_json,
                            struct lks_buffer *out)
{
    struct lks_note note = {0};
    if (approval.data && lks_note_parse(approval, &note, NULL) != 0)
        note.signatures_count = 0;
    if (as_json) {
        struct lks_json json = {.buffer = out, .indent = 2};
        lks_json_object(&json, NULL);
        lks_json_string(&json, "order", order);
        lks_json_array(&json, "signatures");
        for (size_t i = 0; i < note.signatures_count; i++)
            lks_json_string(&json, NULL, note.signatures[i].name);
        lks_json_array_end(&json);
        lks_json_object_end(&json);
        lks_buffer_byte(out, '\n');
        return;
    }
    lks_buffer_text(out, "The order:\n  ");
    lks_buffer_shown(out, (struct lks_str){order.data, order.size_bytes - 1}, LKS_ORDER_BYTES_MAX);
    lks_buffer_text(out, "\nSigned by:\n");
    for (size_t i = 0; i < note.signatures_count; i++) {
        lks_buffer_text(out, "  ");
        lks_buffer_shown(out, note.signatures[i].name, LKS_NOTE_NAME_BYTES_MAX);
        lks_buffer_byte(out, '\n');
    }
    if (note.signatures_count == 0)
        lks_buffer_text(out, "  nobody yet\n");
}

/* The key, with the name that its verifier key has. */
static int approver_key_open(const char *path, const struct lks_control *control,
                             struct lks_verifier *verifier, struct lks_signing_key **key_out,
                             struct lks_error *err)
{
    char vkey[LKS_DISK_PATH_BYTES];
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    int code = lks_key_file_vkey_path(path, vkey, sizeof vkey, err);
    if (code == 0)
        code = lks_verifier_named(vkey, verifier, err);
    if (code == 0 && verifier->type != LKS_NOTE_ED25519)
        code = lks_error_set(err, LKS_EINPUT, "%s is a witness's key: it signs no orders", vkey);
    if (code == 0)
        code = lks_key_file_open(path, control, key_out, NULL, err);
    if (code)
        return code;
    lks_signing_key_public(*key_out, public_key);
    if (memcmp(public_key, verifier->public_key, sizeof public_key) != 0)
        return lks_error_set(err, LKS_EINPUT, "%s is not the key of %s", path, vkey);
    return 0;
}

/* The note that goes with an order; null where it is not there. */
static int approval_read(const char *order_path, char path[LKS_DISK_PATH_BYTES],
                         struct lks_buffer *note, struct lks_error *err)
{
    struct lks_error inner = {0};
    if (snprintf(path, LKS_DISK_PATH_BYTES, "%s.approval", order_path) >= LKS_DISK_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    int code = lks_disk_get(path, LKS_APPROVAL_BYTES_MAX, note, &inner);
    return code == 0 || code == LKS_EMISSING ? 0 : lks_error_set(err, code, "%s", inner.message);
}

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

int lks_key_sign(const char *order_path, const char *key_path, int as_json,
                 const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    struct lks_verifier verifier;
    struct lks_buffer order = {0}, note = {0}, signed_note = {0}, out = {0};
    char path[LKS_DISK_PATH_BYTES];
    int code = lks_disk_get(order_path, LKS_ORDER_BYTES_MAX, &order, err);
    if (code == 0 && (order.size_bytes < 2 || order.data[0] != '{'))
        code = lks_error_set(err, LKS_EINPUT, "%s is no order", order_path);
    if (code == 0)
        code = approval_read(order_path, path, &note, err);
    if (code == 0 && key_path) {
        code = approver_key_open(key_path, control, &verifier, &key, err);
        if (code == 0)
            code =
                lks_approval_sign(str_of(&order), str_of(&note), &verifier, key, &signed_note, err);
        if (code == 0)
            code = lks_disk_put(path, signed_note.data, signed_note.size_bytes, 0666, err);
    }
    if (code == 0)
        signatures_tell(str_of(&order), key_path ? str_of(&signed_note) : str_of(&note), as_json,
                        &out);
    lks_signing_key_free(key);
    lks_buffer_free(&order);
    lks_buffer_free(&note);
    lks_buffer_free(&signed_note);
    return lks_answer_give(&out, code, text_out, err);
}

/* ---- enrol, retire ---- */

/* Draws the order up and says what to do with it; 1. */
static int order_write(const char *case_path, const char *path,
                       const struct lks_approver_change *change, unsigned needed, int as_json,
                       struct lks_buffer *out, struct lks_error *err)
{
    struct lks_buffer order = {0};
    int code = lks_approver_order(case_path, change, &order, err);
    if (code == 0)
        code = lks_disk_put(path, order.data, order.size_bytes, 0600, err);
    lks_buffer_free(&order);
    if (code)
        return code;
    if (as_json)
        lks_buffer_format(out, "{\"done\": false, \"approvals_needed\": %u}\n", needed);
    else
        lks_buffer_format(out,
                          "The order is written; it waits for the signature%s of %u enrolled "
                          "key%s:\n"
                          "  lockstep key sign ORDER --key KEY\n"
                          "Then give this command again.\n",
                          needed == 1 ? "" : "s", needed, needed == 1 ? "" : "s");
    return 1;
}

static int change_resolve(const struct lks_keys *keys, const char *action, const char *named,
                          struct lks_verifier *verifier, struct lks_error *err)
{
    struct lks_error inner = {0};
    if (strcmp(action, "retire") == 0)
        return lks_approver_find(keys, named, verifier, err);
    int code = lks_verifier_named(named, verifier, &inner);
    if (code == LKS_EMISSING)
        return lks_error_set(err, code, "%s is no verifier key, and no file that holds one", named);
    return code ? lks_error_set(err, code, "%s", inner.message) : 0;
}

static int change_run(const char *case_path, const char *action,
                      const struct lks_key_change *wanted, int as_json,
                      const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_approver_change change = {.action = action, .person = lks_str_from(wanted->person)};
    struct lks_buffer order = {0}, note = {0}, out = {0};
    struct lks_keys keys = {0};
    char approval_path[LKS_DISK_PATH_BYTES];
    unsigned needed = 0;
    int code = lks_keys_read(case_path, &keys, err);
    if (code == 0) {
        needed = lks_keys_approvals_needed(&keys);
        code = change_resolve(&keys, action, wanted->key, &change.verifier, err);
    }
    if (code == 0 && needed && !wanted->order)
        code = lks_error_set(err, LKS_EARGUMENT,
                             "this takes the approval of %u enrolled key%s: name a file for the "
                             "order with --order FILE",
                             needed, needed == 1 ? "" : "s");
    if (code == 0 && wanted->order && access(wanted->order, F_OK) != 0) {
        code = order_write(case_path, wanted->order, &change, needed, as_json, &out, err);
    } else if (code == 0) {
        if (wanted->order)
            code = lks_disk_get(wanted->order, LKS_ORDER_BYTES_MAX, &order, err);
        if (code == 0 && wanted->order)
            code = approval_read(wanted->order, approval_path, &note, err);
        change.order = str_of(&order);
        change.approval = str_of(&note);
        if (code == 0)
            code = lks_approver_apply(case_path, &change, control, err);
        if (code == 0 && as_json)
            lks_buffer_text(&out, "{\"done\": true}\n");
        else if (code == 0) {
            lks_buffer_text(&out, strcmp(action, "enrol") == 0 ? "Enrolled: " : "Retired: ");
            lks_answer_key(&out, &change.verifier);
            lks_buffer_byte(&out, '\n');
        }
    }
    lks_keys_free(&keys);
    lks_buffer_free(&order);
    lks_buffer_free(&note);
    return lks_answer_give(&out, code, text_out, err);
}

int lks_case_key_enrol(const char *case_path, const struct lks_key_change *change, int as_json,
                       const struct lks_control *control, char **text_out, struct lks_error *err)
{
    return change_run(case_path, "enrol", change, as_json, control, text_out, err);
}

int lks_case_key_retire(const char *case_path, const struct lks_key_change *change, int as_json,
                        const struct lks_control *control, char **text_out, struct lks_error *err)
{
    return change_run(case_path, "retire", change, as_json, control, text_out, err);
}
