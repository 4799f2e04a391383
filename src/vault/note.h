/* note.h - C2SP signed notes: a text and who signed it */
#ifndef LKS_VAULT_NOTE_H
#define LKS_VAULT_NOTE_H

#include <stdint.h>

#include "vault/ed25519.h"

#define LKS_NOTE_BYTES_MAX (1024 * 1024)
#define LKS_NOTE_SIGNATURES_MAX 100
#define LKS_NOTE_NAME_BYTES_MAX 255

/* What a key's signatures mean; the type is hashed into the key's id. */
enum lks_note_type {
    LKS_NOTE_ED25519 = 0x01,     /* over the note's text */
    LKS_NOTE_COSIGNATURE = 0x04, /* a witness: time, and the text under a line that names it */
};

/* A key that is trusted under a name. */
struct lks_verifier {
    char name[LKS_NOTE_NAME_BYTES_MAX + 1];
    enum lks_note_type type;
    uint32_t id;
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
};

/* One signature line as it stands; all strings borrowed. */
struct lks_note_signature {
    struct lks_str name;
    uint32_t id;
    struct lks_str base64; /* of id and signature together */
};

/* A note taken apart; strings borrowed from its bytes. */
struct lks_note {
    struct lks_str text; /* with its last newline: what is signed */
    struct lks_note_signature signatures[LKS_NOTE_SIGNATURES_MAX];
    size_t signatures_count;
};

/* A good signature by a known key. */
struct lks_note_signer {
    const struct lks_verifier *verifier;
    uint64_t time_seconds; /* of a cosignature; else 0 */
};

/* Makes a verifier: the id is counted from name, type and key. LKS_EARGUMENT where the name is
 * empty, too long, or holds blanks, a plus sign or control characters, or the key is unfit. */
int lks_verifier_init(struct lks_verifier *verifier, struct lks_str name, enum lks_note_type type,
                      const unsigned char public_key[LKS_ED25519_KEY_BYTES], struct lks_error *err);
/* "name+33d7b496+AeHTu4Q3...": to and from the text form of a verifier key. LKS_EINPUT. */
int lks_verifier_parse(struct lks_str text, struct lks_verifier *verifier, struct lks_error *err);
void lks_verifier_format(const struct lks_verifier *verifier, struct lks_buffer *out);

/* Takes a note apart, by form alone. LKS_EINPUT with what is wrong. */
int lks_note_parse(struct lks_str bytes, struct lks_note *note, struct lks_error *err);
/* Checks the lines of known keys. Lines by others are passed over; a known key's line that does
 * not hold fails the whole, and so does a note that no known key signed. *signers_out has room for
 * verifiers_count; a key counts once. 0, LKS_EINPUT, LKS_EMEMORY. */
int lks_note_verify(const struct lks_note *note, const struct lks_verifier *verifiers,
                    size_t verifiers_count, struct lks_note_signer *signers,
                    size_t *signers_count_out, struct lks_error *err);

/* Adds the signature line of the key for that text (which ends in a newline). The verifier names
 * it and gives the type; time_seconds is for cosignatures. LKS_EMEMORY. */
int lks_note_sign(struct lks_str text, const struct lks_verifier *verifier,
                  const struct lks_signing_key *key, uint64_t time_seconds, struct lks_buffer *out,
                  struct lks_error *err);

#endif
