/* note.c - C2SP signed notes: a text and who signed it
 *
 *     the text, in lines
 *                                          an empty line: the last one separates
 *     — name base64(key id || signature)
 *     — name base64(key id || signature)
 *
 * A signature says which key it means by a name and four bytes of a hash, so that a reader picks
 * out the keys that it knows and passes over all others. */
#include "vault/note.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/sha256.h"
#include "base/utf8.h"

#define DASH "\xe2\x80\x94 " /* U+2014 and a blank */

enum { ID_BYTES = 4, TIME_BYTES = 8, LINE_BYTES_MAX = 8192 };

static int name_good(struct lks_str name)
{
    if (name.size_bytes == 0 || name.size_bytes > LKS_NOTE_NAME_BYTES_MAX)
        return 0;
    for (size_t at = 0; at < name.size_bytes;) {
        uint32_t c;
        size_t step = lks_utf8_next(name, at, &c);
        /* blanks of every kind that Unicode has, a plus, control characters */
        if (c == LKS_UTF8_BAD || c <= 0x20 || c == '+' || (c >= 0x7f && c <= 0xa0) || c == 0x1680 ||
            (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
            c == 0x205f || c == 0x3000)
            return 0;
        at += step;
    }
    return 1;
}

static uint32_t key_id(const struct lks_verifier *verifier)
{
    unsigned char bytes[LKS_NOTE_NAME_BYTES_MAX + 2 + LKS_ED25519_KEY_BYTES];
    unsigned char digest[LKS_SHA256_BYTES];
    size_t size = strlen(verifier->name);
    memcpy(bytes, verifier->name, size);
    bytes[size++] = '\n';
    bytes[size++] = (unsigned char)verifier->type;
    memcpy(bytes + size, verifier->public_key, LKS_ED25519_KEY_BYTES);
    lks_sha256_of(bytes, size + LKS_ED25519_KEY_BYTES, digest);
    return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 |
           digest[3];
}

int lks_verifier_init(struct lks_verifier *verifier, struct lks_str name, enum lks_note_type type,
                      const unsigned char public_key[LKS_ED25519_KEY_BYTES], struct lks_error *err)
{
    if (!name_good(name))
        return lks_error_set(err, LKS_EARGUMENT,
                             "a key's name has 1 to %d bytes, with no blanks and no '+'",
                             LKS_NOTE_NAME_BYTES_MAX);
    if (!lks_ed25519_key_good(public_key))
        return lks_error_set(err, LKS_EARGUMENT, "this public key is not fit for use");
    *verifier = (struct lks_verifier){.type = type};
    memcpy(verifier->name, name.data, name.size_bytes);
    memcpy(verifier->public_key, public_key, LKS_ED25519_KEY_BYTES);
    verifier->id = key_id(verifier);
    return 0;
}

static int hex_read(const char *text, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < 8; i++) {
        char c = text[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 16;
        if (digit == 16)
            return 0;
        *value = *value << 4 | digit;
    }
    return 1;
}

int lks_verifier_parse(struct lks_str text, struct lks_verifier *verifier, struct lks_error *err)
{
    unsigned char typed[1 + LKS_ED25519_KEY_BYTES];
    const char *plus = text.size_bytes ? memchr(text.data, '+', text.size_bytes) : NULL;
    size_t name_bytes = plus ? (size_t)(plus - text.data) : 0;
    uint32_t id;
    if (!plus || text.size_bytes - name_bytes < 10 || plus[9] != '+' || !hex_read(plus + 1, &id))
        return lks_error_set(err, LKS_EINPUT, "a verifier key reads name+8 hex digits+base64");
    struct lks_str rest = {plus + 10, text.size_bytes - name_bytes - 10};
    int code = lks_base64_read_exactly(rest, typed, sizeof typed, err);
    if (code)
        return code;
    if (typed[0] != LKS_NOTE_ED25519 && typed[0] != LKS_NOTE_COSIGNATURE)
        return lks_error_set(err, LKS_EINPUT,
                             "this verifier key has a type that is not known here");
    code = lks_verifier_init(verifier, (struct lks_str){text.data, name_bytes},
                             (enum lks_note_type)typed[0], typed + 1, err);
    if (code)
        return code;
    if (verifier->id != id)
        return lks_error_set(err, LKS_EINPUT, "this verifier key's id is not that of its key");
    return 0;
}

void lks_verifier_format(const struct lks_verifier *verifier, struct lks_buffer *out)
{
    unsigned char typed[1 + LKS_ED25519_KEY_BYTES];
    typed[0] = (unsigned char)verifier->type;
    memcpy(typed + 1, verifier->public_key, LKS_ED25519_KEY_BYTES);
    lks_buffer_format(out, "%s+%08x+", verifier->name, verifier->id);
    lks_base64_add(out, typed, sizeof typed);
}

/* UTF-8 with no control characters but newline. */
static int text_good(struct lks_str text)
{
    for (size_t at = 0; at < text.size_bytes;) {
        uint32_t c;
        size_t step = lks_utf8_next(text, at, &c);
        if (c == LKS_UTF8_BAD || (c < 0x20 && c != '\n'))
            return 0;
        at += step;
    }
    return 1;
}

/* Where the last empty line ends the text, or 0. */
static size_t text_end(struct lks_str bytes)
{
    for (size_t at = bytes.size_bytes; at-- > 1;)
        if (bytes.data[at] == '\n' && bytes.data[at - 1] == '\n')
            return at;
    return 0;
}

static int line_parse(struct lks_str line, struct lks_note_signature *signature,
                      struct lks_error *err)
{
    size_t dash = sizeof DASH - 1;
    const char *blank = NULL;
    unsigned char id[6]; /* what the first eight characters stand for */
    if (line.size_bytes > dash && line.size_bytes < LINE_BYTES_MAX &&
        memcmp(line.data, DASH, dash) == 0)
        blank = memchr(line.data + dash, ' ', line.size_bytes - dash);
    if (!blank)
        return lks_error_set(err, LKS_EINPUT, "a note has a line that is no signature");
    signature->name = (struct lks_str){line.data + dash, (size_t)(blank - line.data) - dash};
    signature->base64 =
        (struct lks_str){blank + 1, line.size_bytes - (size_t)(blank + 1 - line.data)};
    struct lks_buffer whole = {0};
    int code = lks_base64_read(signature->base64, &whole, err);
    if (code == 0 && (whole.size_bytes <= ID_BYTES || !name_good(signature->name)))
        code = lks_error_set(err, LKS_EINPUT, "a note has a signature of the wrong shape");
    if (code == 0) {
        memcpy(id, whole.data, ID_BYTES);
        signature->id =
            (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    }
    lks_buffer_free(&whole);
    return code;
}

int lks_note_parse(struct lks_str bytes, struct lks_note *note, struct lks_error *err)
{
    size_t end = bytes.size_bytes <= LKS_NOTE_BYTES_MAX ? text_end(bytes) : 0;
    note->signatures_count = 0;
    if (end < 1 || bytes.data[bytes.size_bytes - 1] != '\n' || end + 1 == bytes.size_bytes)
        return lks_error_set(err, LKS_EINPUT,
                             "a signed note is a text, an empty line and signatures");
    if (!text_good(bytes))
        return lks_error_set(err, LKS_EINPUT, "a note holds bytes that no text has");
    note->text = (struct lks_str){bytes.data, end};
    for (size_t at = end + 1; at < bytes.size_bytes;) {
        const char *line = bytes.data + at;
        const char *stop = memchr(line, '\n', bytes.size_bytes - at);
        if (note->signatures_count == LKS_NOTE_SIGNATURES_MAX)
            return lks_error_set(err, LKS_EINPUT, "a note has more than %d signatures",
                                 LKS_NOTE_SIGNATURES_MAX);
        int code = line_parse((struct lks_str){line, (size_t)(stop - line)},
                              &note->signatures[note->signatures_count], err);
        if (code)
            return code;
        note->signatures_count++;
        at = (size_t)(stop - bytes.data) + 1;
    }
    return 0;
}

/* What a witness signs: who says what and when, and the whole text. */
static void cosigned(struct lks_buffer *message, struct lks_str text, uint64_t time_seconds)
{
    lks_buffer_format(message, "cosignature/v1\ntime %llu\n", (unsigned long long)time_seconds);
    lks_buffer_append(message, text.data, text.size_bytes);
}

static int cosignature_check(struct lks_str text, const struct lks_verifier *verifier,
                             const unsigned char *timed, uint64_t *time_out, struct lks_error *err)
{
    struct lks_buffer message = {0};
    uint64_t time = 0;
    for (int i = 0; i < TIME_BYTES; i++)
        time = time << 8 | timed[i];
    cosigned(&message, text, time);
    int code = message.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                              : lks_ed25519_check(verifier->public_key, message.data,
                                                  message.size_bytes, timed + TIME_BYTES, err);
    lks_buffer_free(&message);
    *time_out = time;
    return code;
}

static int line_check(struct lks_str text, const struct lks_note_signature *line,
                      const struct lks_verifier *verifier, uint64_t *time_out,
                      struct lks_error *err)
{
    unsigned char bytes[ID_BYTES + TIME_BYTES + LKS_ED25519_SIGNATURE_BYTES];
    struct lks_error inner = {0};
    int timed = verifier->type == LKS_NOTE_COSIGNATURE;
    size_t size = sizeof bytes - (timed ? 0 : TIME_BYTES);
    int code = lks_base64_read_exactly(line->base64, bytes, size, &inner);
    *time_out = 0;
    if (code == 0)
        code = timed ? cosignature_check(text, verifier, bytes + ID_BYTES, time_out, &inner)
                     : lks_ed25519_check(verifier->public_key, text.data, text.size_bytes,
                                         bytes + ID_BYTES, &inner);
    return code ? lks_error_set(err, code, "the signature of %s: %s", verifier->name, inner.message)
                : 0;
}

int lks_note_verify(const struct lks_note *note, const struct lks_verifier *verifiers,
                    size_t verifiers_count, struct lks_note_signer *signers,
                    size_t *signers_count_out, struct lks_error *err)
{
    size_t count = 0;
    for (size_t v = 0; v < verifiers_count; v++) {
        int seen = 0;
        for (size_t i = 0; i < note->signatures_count; i++) {
            const struct lks_note_signature *line = &note->signatures[i];
            uint64_t time;
            if (line->id != verifiers[v].id || !lks_str_equal_text(line->name, verifiers[v].name))
                continue;
            int code = line_check(note->text, line, &verifiers[v], &time, err);
            if (code)
                return code;
            if (!seen)
                signers[count++] = (struct lks_note_signer){&verifiers[v], time};
            seen = 1;
        }
    }
    *signers_count_out = count;
    return count ? 0 : lks_error_set(err, LKS_EINPUT, "no key that is trusted signed this note");
}

int lks_note_sign(struct lks_str text, const struct lks_verifier *verifier,
                  const struct lks_signing_key *key, uint64_t time_seconds, struct lks_buffer *out,
                  struct lks_error *err)
{
    unsigned char bytes[ID_BYTES + TIME_BYTES + LKS_ED25519_SIGNATURE_BYTES];
    struct lks_buffer message = {0};
    size_t at = 0;
    LKS_ASSERT(text.size_bytes && text.data[text.size_bytes - 1] == '\n');
    for (int i = 0; i < ID_BYTES; i++)
        bytes[at++] = (unsigned char)(verifier->id >> (24 - 8 * i));
    if (verifier->type == LKS_NOTE_COSIGNATURE) {
        for (int i = 0; i < TIME_BYTES; i++)
            bytes[at++] = (unsigned char)(time_seconds >> (56 - 8 * i));
        cosigned(&message, text, time_seconds);
    } else
        lks_buffer_append(&message, text.data, text.size_bytes);
    int code = message.failed
                   ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                   : lks_ed25519_sign(key, message.data, message.size_bytes, bytes + at, err);
    lks_buffer_free(&message);
    if (code)
        return code;
    lks_buffer_format(out, DASH "%s ", verifier->name);
    lks_base64_add(out, bytes, at + LKS_ED25519_SIGNATURE_BYTES);
    lks_buffer_byte(out, '\n');
    return out->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}
