/* dsse.c - DSSE envelopes and in-toto statements: files named by digest, under a signature */
#include "vault/dsse.h"

#include <string.h>

#include "base/base64.h"
#include "vault/canon.h"

void lks_dsse_encoding(struct lks_str type, struct lks_str body, struct lks_buffer *out)
{
    lks_buffer_format(out, "DSSEv1 %zu ", type.size_bytes);
    lks_buffer_append(out, type.data, type.size_bytes);
    lks_buffer_format(out, " %zu ", body.size_bytes);
    lks_buffer_append(out, body.data, body.size_bytes);
}

int lks_intoto_format(const struct lks_subject *subjects, size_t subjects_count,
                      const char *predicate_type, struct lks_str predicate, struct lks_buffer *out,
                      struct lks_error *err)
{
    struct lks_canon canon = {0};
    lks_canon_object(&canon, NULL);
    lks_canon_text(&canon, "_type", "https://in-toto.io/Statement/v1");
    lks_canon_text(&canon, "predicateType", predicate_type);
    lks_canon_raw(&canon, "predicate", predicate);
    lks_canon_array(&canon, "subject");
    for (size_t i = 0; i < subjects_count; i++) {
        lks_canon_object(&canon, NULL);
        lks_canon_text(&canon, "name", subjects[i].name);
        lks_canon_object(&canon, "digest");
        lks_canon_hash(&canon, "sha256", subjects[i].sha256);
        lks_canon_end(&canon);
        lks_canon_end(&canon);
    }
    lks_canon_end(&canon);
    return lks_canon_finish(&canon, out) ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

static int signature_add(struct lks_canon *canon, const struct lks_buffer *encoding,
                         const struct lks_verifier *verifier, const struct lks_signing_key *key,
                         struct lks_error *err)
{
    unsigned char signature[LKS_ED25519_SIGNATURE_BYTES];
    struct lks_buffer text = {0};
    int code = lks_ed25519_sign(key, encoding->data, encoding->size_bytes, signature, err);
    if (code)
        return code;
    lks_canon_object(canon, NULL);
    lks_verifier_format(verifier, &text);
    lks_canon_string(canon, "keyid", (struct lks_str){text.data, text.size_bytes});
    lks_buffer_clear(&text);
    lks_base64_add(&text, signature, sizeof signature);
    lks_canon_string(canon, "sig", (struct lks_str){text.data, text.size_bytes});
    lks_canon_end(canon);
    if (text.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    lks_buffer_free(&text);
    return code;
}

int lks_dsse_sign(struct lks_str type, struct lks_str body, const struct lks_verifier *verifiers,
                  const struct lks_signing_key *const *keys, size_t keys_count,
                  struct lks_buffer *out, struct lks_error *err)
{
    struct lks_canon canon = {0};
    struct lks_buffer encoding = {0}, text = {0};
    lks_dsse_encoding(type, body, &encoding);
    lks_base64_add(&text, body.data, body.size_bytes);
    int code =
        encoding.failed || text.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
    lks_canon_object(&canon, NULL);
    lks_canon_string(&canon, "payloadType", type);
    lks_canon_string(&canon, "payload", (struct lks_str){text.data, text.size_bytes});
    lks_canon_array(&canon, "signatures");
    for (size_t i = 0; code == 0 && i < keys_count; i++)
        code = signature_add(&canon, &encoding, &verifiers[i], keys[i], err);
    lks_buffer_free(&encoding);
    lks_buffer_free(&text);
    if (code) {
        lks_canon_free(&canon);
        return code;
    }
    lks_canon_end(&canon);
    return lks_canon_finish(&canon, out) ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}
