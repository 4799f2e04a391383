/* approval.c - an order that several people sign, each with a key of their own */
#include "custody/approval.h"

#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "custody/statement.h"

#define APPROVAL_MARK "lockstep approval 1\n"

/* ---- orders ---- */

int lks_order_start(struct lks_canon *canon, const char *origin, const char *action,
                    struct lks_error *err)
{
    unsigned char nonce[LKS_SALT_BYTES];
    char hex[2 * LKS_SALT_BYTES + 1];
    int code = lks_salt_new(nonce, err);
    if (code)
        return code;
    for (int i = 0; i < LKS_SALT_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", nonce[i]);
    lks_canon_object(canon, NULL);
    lks_canon_text(canon, "action", action);
    lks_canon_text(canon, "case", origin);
    lks_canon_text(canon, "nonce", hex);
    return 0;
}

int lks_order_finish(struct lks_canon *canon, struct lks_buffer *out, struct lks_error *err)
{
    int code = lks_canon_finish(canon, out);
    lks_buffer_byte(out, '\n');
    return code || out->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

struct lks_str lks_order_text(struct lks_str order, const char *member, struct lks_arena *arena)
{
    struct lks_statement object = {.bytes = {order.data, order.size_bytes - 1}};
    struct lks_str text;
    lks_statement_text(&object, member, arena, &text);
    return text;
}

int lks_order_check(struct lks_str order, const char *origin, const char *action,
                    struct lks_arena *arena, struct lks_error *err)
{
    int code = 0;
    if (order.size_bytes < 2 || order.size_bytes > LKS_ORDER_BYTES_MAX ||
        order.data[order.size_bytes - 1] != '\n' || order.data[0] != '{')
        return lks_error_set(err, LKS_EINPUT, "this is no order");
    code = lks_canonical_check((struct lks_str){order.data, order.size_bytes - 1}, arena, err);
    if (code)
        return code;
    if (!lks_str_equal_text(lks_order_text(order, "case", arena), origin))
        return lks_error_set(err, LKS_EINPUT, "this order is for another case");
    if (!lks_str_equal_text(lks_order_text(order, "action", arena), action))
        return lks_error_set(err, LKS_EINPUT, "this order is for something else than %s", action);
    if (lks_order_text(order, "nonce", arena).size_bytes < 2 * LKS_SALT_BYTES)
        return lks_error_set(err, LKS_EINPUT, "this order has no nonce");
    return 0;
}

/* ---- approvals ---- */

void lks_approval_text(struct lks_str order, struct lks_buffer *out)
{
    unsigned char digest[LKS_SHA256_BYTES];
    char hex[LKS_SHA256_HEX_BYTES];
    lks_sha256_of(order.data, order.size_bytes, digest);
    lks_sha256_hex(digest, hex);
    lks_buffer_text(out, APPROVAL_MARK "sha256 ");
    lks_buffer_text(out, hex);
    lks_buffer_byte(out, '\n');
}

/* Parses the note and holds its text against the order's. */
static int note_open(struct lks_str text, struct lks_str bytes, struct lks_note *note,
                     struct lks_error *err)
{
    if (bytes.size_bytes > LKS_APPROVAL_BYTES_MAX)
        return lks_error_set(err, LKS_EINPUT, "this approval is longer than %d bytes",
                             LKS_APPROVAL_BYTES_MAX);
    int code = lks_note_parse(bytes, note, err);
    if (code)
        return code;
    if (lks_str_equal(note->text, text))
        return 0;
    int approval = note->text.size_bytes >= sizeof APPROVAL_MARK - 1 &&
                   memcmp(note->text.data, APPROVAL_MARK, sizeof APPROVAL_MARK - 1) == 0;
    return lks_error_set(err, LKS_EINPUT,
                         approval ? "this approval is of another order, or the order was changed "
                                    "after it was signed"
                                  : "this note is no approval");
}

static int text_make(struct lks_str order, struct lks_buffer *text, struct lks_error *err)
{
    if (order.size_bytes == 0 || order.size_bytes > LKS_ORDER_BYTES_MAX)
        return lks_error_set(err, LKS_EINPUT, "an order has 1 to %d bytes", LKS_ORDER_BYTES_MAX);
    lks_approval_text(order, text);
    return text->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

static int signed_before(const struct lks_note *note, const struct lks_verifier *verifier)
{
    for (size_t i = 0; i < note->signatures_count; i++)
        if (note->signatures[i].id == verifier->id &&
            lks_str_equal_text(note->signatures[i].name, verifier->name))
            return 1;
    return 0;
}

int lks_approval_sign(struct lks_str order, struct lks_str bytes,
                      const struct lks_verifier *verifier, const struct lks_signing_key *key,
                      struct lks_buffer *out, struct lks_error *err)
{
    struct lks_buffer text = {0};
    struct lks_note note = {0};
    LKS_ASSERT(verifier->type == LKS_NOTE_ED25519);
    int code = text_make(order, &text, err);
    struct lks_str signed_text = {text.data, text.size_bytes};
    if (code == 0 && bytes.data)
        code = note_open(signed_text, bytes, &note, err);
    if (code == 0 && bytes.data)
        lks_buffer_append(out, bytes.data, bytes.size_bytes);
    else if (code == 0) {
        lks_buffer_append(out, text.data, text.size_bytes);
        lks_buffer_byte(out, '\n');
    }
    if (code == 0 && note.signatures_count == LKS_NOTE_SIGNATURES_MAX)
        code = lks_error_set(err, LKS_EINPUT, "this approval has %d signatures already",
                             LKS_NOTE_SIGNATURES_MAX);
    if (code == 0 && !signed_before(&note, verifier))
        code = lks_note_sign(signed_text, verifier, key, 0, out, err);
    if (code == 0 && out->failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    lks_buffer_free(&text);
    return code;
}

/* A second name for a key that was counted adds nothing. */
static int counted(const struct lks_verifier *const *signers, unsigned count,
                   const struct lks_verifier *verifier)
{
    for (unsigned i = 0; i < count; i++)
        if (memcmp(signers[i]->public_key, verifier->public_key, sizeof verifier->public_key) == 0)
            return 1;
    return 0;
}

int lks_approval_count(struct lks_str order, struct lks_str bytes,
                       const struct lks_verifiers *approvers, const struct lks_verifier **signers,
                       unsigned *count_out, struct lks_error *err)
{
    struct lks_buffer text = {0};
    struct lks_note note;
    *count_out = 0;
    int code = text_make(order, &text, err);
    if (code == 0)
        code = note_open((struct lks_str){text.data, text.size_bytes}, bytes, &note, err);
    for (size_t i = 0; code == 0 && i < approvers->count; i++) {
        const struct lks_verifier *approver = &approvers->items[i];
        struct lks_note_signer signer;
        size_t one;
        if (!signed_before(&note, approver))
            continue;
        code = lks_note_verify(&note, approver, 1, &signer, &one, err);
        if (code == 0 && !counted(signers, *count_out, approver))
            signers[(*count_out)++] = approver;
    }
    if (code)
        *count_out = 0;
    lks_buffer_free(&text);
    return code;
}
