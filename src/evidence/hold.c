/* hold.c - retention orders as commands: issued, amended, released, listed */
#include <stdio.h>
#include <stdlib.h>

#include "base/writer.h"
#include "case/key_file.h"
#include "case/turn.h"
#include "custody/approval.h"
#include "evidence/hold_parts.h"
#include "vault/disk.h"

/* One command at work. */
struct ordering {
    const char *case_path;
    const struct lks_hold_options *options;
    const struct lks_control *control;
    struct lks_arena arena;
    struct lks_store *store; /* may be NULL */
    struct lks_vault *vault;
    int turn;
    struct lks_case_holds holds;
    struct lks_hold_entry entry;
    struct lks_buffer order, note;
    uint64_t leaf;
};

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return buffer->data ? (struct lks_str){buffer->data, buffer->size_bytes} : LKS_STR_NULL;
}

static void ordering_end(struct ordering *ordering)
{
    lks_store_close(ordering->store);
    lks_vault_close(ordering->vault);
    lks_turn_end(ordering->turn);
    lks_case_holds_free(&ordering->holds);
    lks_buffer_free(&ordering->order);
    lks_buffer_free(&ordering->note);
    lks_arena_free(&ordering->arena);
}

/* ---- the order's document ---- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int document_seal(struct ordering *ordering, struct lks_error *err)
{
    struct lks_blob blob;
    char hex[LKS_SHA256_HEX_BYTES];
    const char *path = ordering->options->document;
    if (!path)
        return 0;
    int code = lks_vault_seal(ordering->vault, path, ordering->control, &blob, err);
    if (code)
        return code;
    lks_sha256_hex(blob.sha256, hex);
    ordering->entry.document = lks_arena_str(&ordering->arena, lks_str_from(blob.name));
    ordering->entry.document_sha256 = lks_arena_str(&ordering->arena, lks_str_from(hex));
    ordering->entry.document_bytes = blob.size_bytes;
    ordering->entry.document_name = lks_str_from(last_part(path));
    ordering->entry.hold.document_sha256 = ordering->entry.document_sha256;
    return ordering->entry.document.data && ordering->entry.document_sha256.data
               ? 0
               : lks_error_set(err, LKS_EMEMORY, "out of memory");
}

/* ---- approvals ---- */

static const struct lks_verifier *approver_of(const struct lks_keys *keys,
                                              const struct lks_signing_key *key)
{
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    lks_signing_key_public(key, public_key);
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].approver && keys->items[i].until == LKS_LEAF_NONE &&
            memcmp(keys->items[i].verifier.public_key, public_key, sizeof public_key) == 0)
            return &keys->items[i].verifier;
    return NULL;
}

static int key_approve(struct ordering *ordering, const char *path, struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    struct lks_buffer more = {0};
    int code = lks_key_file_open(path, ordering->control, &key, NULL, err);
    const struct lks_verifier *approver = code ? NULL : approver_of(&ordering->holds.keys, key);
    if (code == 0 && !approver)
        code = lks_error_set(err, LKS_EARGUMENT, "%s is not the key of an enrolled approver", path);
    if (code == 0)
        code = lks_approval_sign(str_of(&ordering->order), str_of(&ordering->note), approver, key,
                                 &more, err);
    lks_signing_key_free(key);
    if (code) {
        lks_buffer_free(&more);
        return code;
    }
    lks_buffer_free(&ordering->note);
    ordering->note = more;
    return 0;
}

/* The order in a file, which then says what is done; or one drawn up here. */
static int order_get(struct ordering *ordering, struct lks_hold_order *order, struct lks_error *err)
{
    const struct lks_hold_options *options = ordering->options;
    struct lks_hold_order there;
    if (!options->approved)
        return lks_hold_order_format(order, &ordering->order, err);
    int code = lks_disk_get(options->approved, LKS_ORDER_BYTES_MAX, &ordering->order, err);
    if (code == 0)
        code = lks_hold_order_parse(str_of(&ordering->order), order->origin, &ordering->arena,
                                    &there, err);
    if (code)
        return code;
    if (!lks_str_equal(there.hold, order->hold) || there.release != order->release)
        return lks_error_set(err, LKS_EARGUMENT, "%s orders something else", options->approved);
    ordering->entry.hold.scope = there.scope;
    if (there.reason.data)
        ordering->entry.reason = there.reason;
    return 0;
}

/* The signatures beside the order, as `lockstep key sign` leaves them; none is fine where keys are
 * here. */
static int note_get(struct ordering *ordering, struct lks_error *err)
{
    struct lks_buffer path = {0};
    struct lks_error inner = {0};
    lks_buffer_format(&path, "%s.approval", ordering->options->approved);
    lks_buffer_byte(&path, '\0');
    int code = path.failed
                   ? lks_error_set(&inner, LKS_EMEMORY, "out of memory")
                   : lks_disk_get(path.data, LKS_APPROVAL_BYTES_MAX, &ordering->note, &inner);
    lks_buffer_free(&path);
    if (code == LKS_EMISSING && ordering->options->keys_count)
        return 0;
    return code ? lks_error_set(err, code, "%s", inner.message) : 0;
}

static int approvals_get(struct ordering *ordering, int release, struct lks_error *err)
{
    const struct lks_hold_options *options = ordering->options;
    size_t at = lks_case_hold_find(&ordering->holds, ordering->entry.hold.id);
    struct lks_hold_order order = {.origin = ordering->holds.origin.data,
                                   .hold = ordering->entry.hold.id,
                                   .release = release,
                                   .version = ordering->holds.all.holds[at].versions,
                                   .reason = ordering->entry.reason,
                                   .scope = ordering->entry.hold.scope};
    if (!options->approved && !options->propose && !options->keys_count)
        return 0;
    int code = order_get(ordering, &order, err);
    if (code == 0 && options->approved)
        code = note_get(ordering, err);
    for (size_t i = 0; code == 0 && i < options->keys_count; i++)
        code = key_approve(ordering, options->keys[i], err);
    if (code == 0 && ordering->note.data) {
        ordering->entry.order = str_of(&ordering->order);
        ordering->entry.approval = str_of(&ordering->note);
    }
    return code;
}

static int propose(const struct ordering *ordering, struct lks_error *err)
{
    struct lks_writer writer = {0};
    int code = lks_writer_open(&writer, ordering->options->propose, err);
    if (code)
        return code;
    lks_writer_put(&writer, ordering->order.data, ordering->order.size_bytes);
    return lks_writer_commit(&writer, err);
}

/* ---- the commands ---- */

static int handles_named(const struct lks_hold_options *options)
{
    for (size_t i = 0; i < options->accounts_count; i++)
        if (!strchr(options->accounts[i], ':') && strcmp(options->accounts[i], "all") != 0)
            return 1;
    return 0;
}

static int ordering_begin(struct ordering *ordering, const char *action, struct lks_error *err)
{
    const struct lks_hold_options *options = ordering->options;
    struct lks_hold_entry *entry = &ordering->entry;
    *entry = (struct lks_hold_entry){
        .action = action, .start_us = LKS_TIME_NULL, .reason = lks_str_from(options->reason)};
    entry->hold.authority = lks_str_from(options->authority);
    entry->hold.legal_basis = lks_str_from(options->legal_basis);
    entry->hold.scope.from_us = entry->hold.scope.to_us = LKS_TIME_NULL;
    int code = lks_hold_case_there(ordering->case_path, err);
    if (code == 0 && options->start)
        code = lks_hold_time_read(options->start, 0, &entry->start_us, err);
    /* An order need not wait for whoever has the store. */
    if (code == 0 && handles_named(options))
        code = lks_hold_store(ordering->case_path, ordering->control, &ordering->store, err);
    if (code == 0)
        code = lks_turn_open(ordering->case_path, ordering->control, &ordering->turn,
                             &ordering->vault, err);
    return code ? code
                : lks_case_holds_read(ordering->case_path, UINT64_MAX, &ordering->holds, err);
}

static int issue_prepare(struct ordering *ordering, struct lks_error *err)
{
    char id[LKS_HOLD_ID_BYTES];
    struct lks_hold *hold = &ordering->entry.hold;
    if (ordering->options->id && strlen(ordering->options->id) >= sizeof id)
        return lks_error_set(err, LKS_EARGUMENT, "a hold's name has at most %d bytes",
                             LKS_HOLD_ID_BYTES - 1);
    if (ordering->options->id)
        snprintf(id, sizeof id, "%s", ordering->options->id);
    else
        lks_case_hold_id_next(&ordering->holds, id);
    hold->id = lks_arena_str(&ordering->arena, lks_str_from(id));
    if (!hold->id.data)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    return lks_hold_scope_read(ordering->options, ordering->store, &ordering->arena, &hold->scope,
                               err);
}

static int change_prepare(struct ordering *ordering, int release, struct lks_error *err)
{
    const struct lks_hold_options *options = ordering->options;
    struct lks_hold *hold = &ordering->entry.hold;
    size_t at =
        options->id ? lks_case_hold_find(&ordering->holds, lks_str_from(options->id)) : SIZE_MAX;
    if (at == SIZE_MAX)
        return lks_error_set(err, LKS_EMISSING, "%s has no hold '%.60s'", ordering->case_path,
                             options->id ? options->id : "");
    hold->id = lks_str_from(options->id);
    hold->scope = ordering->holds.all.holds[at].scope;
    int code = release ? 0
                       : lks_hold_scope_read(options, ordering->store, &ordering->arena,
                                             &hold->scope, err);
    return code ? code : approvals_get(ordering, release, err);
}

/* Says where two keys are to be had, beside the sentence that they are needed. */
static int keys_needed_tell(struct lks_error *err, int code)
{
    struct lks_error whole = {0};
    if (code != LKS_EARGUMENT || !err || !strstr(err->message, "two keys"))
        return code;
    lks_error_set(&whole, code,
                  "%.600s: name the key files of two enrolled approvers with --approve, or write "
                  "the order with --propose FILE, have it signed with 'lockstep key sign', and "
                  "bring it back with --approved FILE",
                  err->message);
    *err = whole;
    return code;
}

static int proposed_show(const struct ordering *ordering, int as_json, struct lks_buffer *out)
{
    unsigned char digest[LKS_SHA256_BYTES];
    char hex[LKS_SHA256_HEX_BYTES];
    lks_sha256_of(ordering->order.data, ordering->order.size_bytes, digest);
    lks_sha256_hex(digest, hex);
    if (as_json)
        lks_buffer_format(out, "{\"proposed\": true, \"order_sha256\": \"%s\"}\n", hex);
    else
        lks_buffer_format(out,
                          "The order is written, and nothing else was done. Its SHA-256 is\n"
                          "%s\nTwo approvers sign it with 'lockstep key sign'; then bring it back "
                          "with --approved.\n",
                          hex);
    return 0;
}

/* What was done stands in the log; where the store cannot be had it is shown without counts. */
static int done_show(struct ordering *ordering, int as_json, struct lks_buffer *out,
                     struct lks_error *err)
{
    struct lks_error why = {0};
    struct lks_str id = lks_arena_str(&ordering->arena, ordering->entry.hold.id);
    lks_case_holds_free(&ordering->holds);
    int code = lks_case_holds_read(ordering->case_path, UINT64_MAX, &ordering->holds, err);
    if (code)
        return code;
    size_t at = lks_case_hold_find(&ordering->holds, id);
    struct lks_hold_cover *covers =
        lks_arena_calloc(&ordering->arena, ordering->holds.all.count + 1, sizeof *covers);
    if (!covers || at == SIZE_MAX)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    code = ordering->store
               ? 0
               : lks_hold_store(ordering->case_path, ordering->control, &ordering->store, &why);
    if (code == 0)
        code = lks_hold_count(ordering->store, ordering->case_path, &ordering->holds.all,
                              ordering->control, covers, &why);
    if (code && ordering->control && ordering->control->notice) {
        char sentence[sizeof why.message + 64];
        snprintf(sentence, sizeof sentence, "the hold stands; what it covers was not counted: %s",
                 why.message);
        ordering->control->notice(ordering->control->context, sentence);
    }
    if (code)
        covers = NULL;
    as_json ? lks_holds_json(&ordering->holds, covers, at, out)
            : lks_holds_text(&ordering->holds, covers, at, out);
    return 0;
}

static int order_run(struct ordering *ordering, const char *action, int as_json,
                     struct lks_buffer *out, struct lks_error *err)
{
    int issue = strcmp(action, "issue") == 0, release = strcmp(action, "release") == 0;
    int code = ordering_begin(ordering, action, err);
    if (code == 0)
        code = issue ? issue_prepare(ordering, err) : change_prepare(ordering, release, err);
    if (code == 0 && !issue && ordering->options->propose) {
        code = propose(ordering, err);
        return code ? code : proposed_show(ordering, as_json, out);
    }
    if (code == 0)
        code = document_seal(ordering, err);
    if (code == 0)
        code = keys_needed_tell(err, lks_case_hold_record(ordering->vault, &ordering->holds,
                                                          &ordering->entry, &ordering->leaf, err));
    if (code == 0)
        code = lks_vault_commit(ordering->vault, err);
    /* Others wait for the vault; what is shown needs it no more. */
    lks_vault_close(ordering->vault);
    lks_turn_end(ordering->turn);
    ordering->vault = NULL;
    ordering->turn = -1;
    return code ? code : done_show(ordering, as_json, out, err);
}

static int text_give(int code, struct lks_buffer *out, char **text_out, struct lks_error *err)
{
    lks_buffer_byte(out, '\0');
    if (code == 0 && out->failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        *text_out = out->data;
    else
        lks_buffer_free(out);
    return code;
}

static int command_run(const char *case_path, const char *action,
                       const struct lks_hold_options *options, int as_json,
                       const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_error inner = {0};
    struct ordering ordering = {
        .case_path = case_path, .options = options, .control = control, .turn = -1};
    struct lks_buffer out = {0};
    *text_out = NULL;
    int code = order_run(&ordering, action, as_json, &out, &inner);
    ordering_end(&ordering);
    if (code)
        lks_error_set(err, code, "%s", inner.message);
    return text_give(code, &out, text_out, err);
}

int lks_case_hold_issue(const char *case_path, const struct lks_hold_options *options, int as_json,
                        const struct lks_control *control, char **text_out, struct lks_error *err)
{
    return command_run(case_path, "issue", options, as_json, control, text_out, err);
}

int lks_case_hold_amend(const char *case_path, const struct lks_hold_options *options, int as_json,
                        const struct lks_control *control, char **text_out, struct lks_error *err)
{
    return command_run(case_path, "amend", options, as_json, control, text_out, err);
}

int lks_case_hold_release(const char *case_path, const struct lks_hold_options *options,
                          int as_json, const struct lks_control *control, char **text_out,
                          struct lks_error *err)
{
    return command_run(case_path, "release", options, as_json, control, text_out, err);
}

int lks_case_hold_list(const char *case_path, const char *id, int as_json,
                       const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct ordering ordering = {.case_path = case_path, .control = control, .turn = -1};
    struct lks_buffer out = {0};
    size_t only = SIZE_MAX;
    *text_out = NULL;
    int code = lks_hold_case_there(case_path, err);
    if (code == 0)
        code = lks_hold_store(case_path, control, &ordering.store, err);
    if (code == 0)
        code = lks_case_holds_read(case_path, UINT64_MAX, &ordering.holds, err);
    if (code == 0 && id &&
        (only = lks_case_hold_find(&ordering.holds, lks_str_from(id))) == SIZE_MAX)
        code = lks_error_set(err, LKS_EMISSING, "%s has no hold '%.60s'", case_path, id);
    struct lks_hold_cover *covers =
        lks_arena_calloc(&ordering.arena, ordering.holds.all.count + 1, sizeof *covers);
    if (code == 0 && !covers)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_hold_count(ordering.store, case_path, &ordering.holds.all, control, covers, err);
    if (code == 0)
        as_json ? lks_holds_json(&ordering.holds, covers, only, &out)
                : lks_holds_text(&ordering.holds, covers, only, &out);
    ordering_end(&ordering);
    return text_give(code, &out, text_out, err);
}
