/* pseudonym.h - names that stand for accounts in one dossier, and in no other
 *
 * base32 (RFC 4648) of HMAC-SHA256(key, platform || 0x00 || account id), the first 26 characters:
 * 130 bits. Who lacks the key can neither turn a pseudonym back nor try names against it, however
 * short they are; who holds it (an authority, by a disclosure) can make each again. The key is new for
 * each dossier, so that two dossiers cannot be joined. It is still personal data (EDPB guidelines
 * 01/2025). */
#ifndef LKS_DOSSIER_PSEUDONYM_H
#define LKS_DOSSIER_PSEUDONYM_H

#include "base/arena.h"
#include "base/error.h"
#include "base/intern.h"

#define LKS_PSEUDONYM_KEY_BYTES 32
#define LKS_PSEUDONYM_BYTES 27 /* 26 characters and a NUL */

/* What a pseudonym stands for. Kinds other than accounts put their name and 0x00 in front of the
 * message. */
enum lks_pseudonym_kind {
    LKS_PSEUDONYM_ACCOUNT,
    LKS_PSEUDONYM_POST,
    LKS_PSEUDONYM_LINK,
    LKS_PSEUDONYM_THING,  /* a sound, an effect, a picture */
    LKS_PSEUDONYM_PERSON, /* somebody whom a ledger names */
    LKS_PSEUDONYM_KINDS_COUNT
};
extern const char *const lks_pseudonym_kind_names[LKS_PSEUDONYM_KINDS_COUNT];

/* The key of one dossier, and what was given a pseudonym under it. One thread at a time. */
struct lks_pseudonyms {
    unsigned char key[LKS_PSEUDONYM_KEY_BYTES];
    struct lks_intern given; /* "kind 0x00 platform 0x00 id" */
};

/* Draws a key from the system's random numbers. LKS_EIO. */
int lks_pseudonyms_start(struct lks_pseudonyms *names, struct lks_error *err);
/* The pseudonym of an id; nothing is remembered. */
void lks_pseudonym_of(const unsigned char key[LKS_PSEUDONYM_KEY_BYTES],
                      enum lks_pseudonym_kind kind, struct lks_str platform, struct lks_str id,
                      char out[LKS_PSEUDONYM_BYTES]);
/* A key as it is shown: "tiktok:" and the pseudonym of what follows, in the arena, and remembered for
 * the mapping. Where no platform's name (small letters) stands in front, and for all but accounts
 * and posts, the whole is the id and has no platform. Null stays null. LKS_EMEMORY. */
int lks_pseudonyms_give(struct lks_pseudonyms *names, enum lks_pseudonym_kind kind,
                        struct lks_str key, struct lks_arena *arena, struct lks_str *shown,
                        struct lks_error *err);
/* Adds what was given so far as CSV ("pseudonym,kind,platform,id", rising by pseudonym): the
 * mapping, for whom the law lets have it. LKS_EMEMORY. */
int lks_pseudonyms_mapping(const struct lks_pseudonyms *names, struct lks_buffer *out,
                           struct lks_error *err);
/* Wipes the key and frees. */
void lks_pseudonyms_free(struct lks_pseudonyms *names);

#endif
