/* fixture.c - evidence for programs that are not ours: a deep log, proof files, a bag, an envelope
 *
 *     FOLDER/keys.vkeys                      of the log, and of a witness of the last checkpoint
 *     FOLDER/log                             66,000 entries: tiles of three levels
 *     FOLDER/checkpoint.<size>               what stood before
 *     FOLDER/proofs/<index>, .tlog-proof     some entries, each with its proof file
 *     FOLDER/bag                             a bag of theirs
 *     FOLDER/manifest.dsse, signer.pub       a signed list of their files, and the key as PEM */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "vault/bag.h"
#include "vault/disk.h"
#include "vault/dsse.h"
#include "vault/log.h"
#include "vault/verifiers.h"
#include "vault/witness.h"

#define ORIGIN "example.org/interop"

enum { ENTRIES = 66000, PATH_BYTES = 1024 };

static const uint64_t sizes[] = {1, 2, 255, 256, 257, 511, 4096, 65535, 65536, 65537, ENTRIES};
static const uint64_t proved[] = {0, 1, 254, 255, 256, 4095, 65535, 65536, ENTRIES - 1};
enum { SIZES = sizeof sizes / sizeof *sizes, PROVED = sizeof proved / sizeof *proved };

static const char *folder;

static void check(int code, const struct lks_error *err)
{
    if (code == 0)
        return;
    fprintf(stderr, "fixture: %s\n", err->message);
    exit(1);
}

static void path_make(char path[PATH_BYTES], const char *name)
{
    snprintf(path, PATH_BYTES, "%s/%s", folder, name);
}

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

static void put(const char *name, struct lks_str bytes)
{
    struct lks_error err = {0};
    char path[PATH_BYTES], parent[LKS_DISK_PATH_BYTES];
    path_make(path, name);
    check(lks_disk_parent(path, parent, &err), &err);
    check(lks_disk_folder(parent, &err), &err);
    check(lks_disk_put(path, bytes.data, bytes.size_bytes, 0666, &err), &err);
}

static void entry_make(uint64_t index, struct lks_buffer *entry)
{
    lks_buffer_clear(entry);
    lks_buffer_format(entry, "entry %llu of many", (unsigned long long)index);
    for (uint64_t i = 0; i < index % 50; i++)
        lks_buffer_byte(entry, (char)i);
}

static void key_make(unsigned char number, const char *name, enum lks_note_type type,
                     struct lks_signing_key **key, struct lks_verifier *verifier)
{
    unsigned char seed[LKS_ED25519_KEY_BYTES] = {number}, public_key[LKS_ED25519_KEY_BYTES];
    struct lks_error err = {0};
    check(lks_signing_key_from_seed(seed, key, &err), &err);
    lks_signing_key_public(*key, public_key);
    check(lks_verifier_init(verifier, lks_str_from(name), type, public_key, &err), &err);
}

/* The log, published at each size. */
static void log_make(const char *path, const struct lks_verifier *verifier,
                     const struct lks_signing_key *key)
{
    struct lks_error err = {0};
    struct lks_log_state state;
    struct lks_log *log;
    struct lks_buffer entry = {0};
    uint64_t index = 0;
    check(lks_log_make(path, ORIGIN, &err), &err);
    check(lks_log_open(path, ORIGIN, NULL, &log, &state, &err), &err);
    for (int i = 0; i < SIZES; i++) {
        struct lks_buffer note = {0};
        char name[64];
        for (; index < sizes[i]; index++) {
            entry_make(index, &entry);
            check(lks_log_append(log, entry.data, entry.size_bytes, NULL, &err), &err);
        }
        check(lks_log_publish(log, verifier, key, &note, &err), &err);
        snprintf(name, sizeof name, "checkpoint.%llu", (unsigned long long)sizes[i]);
        put(name, str_of(&note));
        lks_buffer_free(&note);
    }
    lks_log_close(log);
    lks_buffer_free(&entry);
}

/* A witness's line on the checkpoint that stands. */
static void log_cosign(const char *path, const struct lks_verifier *witness,
                       const struct lks_signing_key *key, struct lks_buffer *cosigned)
{
    struct lks_error err = {0};
    struct lks_buffer note_bytes = {0}, line = {0};
    struct lks_note note;
    check(lks_log_checkpoint(path, &note_bytes, &err), &err);
    check(lks_note_parse(str_of(&note_bytes), &note, &err), &err);
    check(lks_note_sign(note.text, witness, key, 1733443200, &line, &err), &err);
    check(lks_witness_add(str_of(&note_bytes), str_of(&line), witness, cosigned, &err), &err);
    put("log/checkpoint", str_of(cosigned));
    lks_buffer_free(&note_bytes);
    lks_buffer_free(&line);
}

static void proofs_make(const char *path, struct lks_str checkpoint)
{
    struct lks_error err = {0};
    struct lks_tile_source tiles = lks_log_tiles(path);
    struct lks_tree *tree;
    struct lks_buffer entry = {0};
    check(lks_tree_open(&tiles, ENTRIES, &tree, &err), &err);
    for (int i = 0; i < PROVED; i++) {
        struct lks_buffer file = {0};
        struct lks_proof proof;
        char name[64];
        check(lks_tree_inclusion(tree, proved[i], &proof, &err), &err);
        lks_proof_file_format(proved[i], &proof, i % 2 ? LKS_STR("more") : LKS_STR_NULL, checkpoint,
                              &file);
        snprintf(name, sizeof name, "proofs/%llu.tlog-proof", (unsigned long long)proved[i]);
        put(name, str_of(&file));
        entry_make(proved[i], &entry);
        snprintf(name, sizeof name, "proofs/%llu", (unsigned long long)proved[i]);
        put(name, str_of(&entry));
        lks_buffer_free(&file);
    }
    lks_tree_free(tree);
    lks_buffer_free(&entry);
}

static void bag_make(const struct lks_verifier *verifier, const struct lks_signing_key *key)
{
    static const struct lks_bag_info infos[] = {{"Source-Organization", "Example"},
                                                {"External-Description", "for other programs"}};
    struct lks_error err = {0};
    struct lks_subject subjects[2] = {{.name = "data/one.txt"}, {.name = "data/deep/two"}};
    struct lks_buffer statement = {0}, envelope = {0};
    char path[PATH_BYTES];
    put("bag/data/one.txt", LKS_STR("one\n"));
    put("bag/data/deep/two", LKS_STR("two"));
    put("bag/data/\xc8\x99i altele", LKS_STR("a name that needs care"));
    put("bag/README.txt", LKS_STR("a tag file\n"));
    path_make(path, "bag");
    check(lks_bag_make(path, infos, 2, NULL, &err), &err);
    lks_sha256_of("one\n", 4, subjects[0].sha256);
    lks_sha256_of("two", 3, subjects[1].sha256);
    check(lks_intoto_format(subjects, 2, "https://example.org/interop/v1", LKS_STR("{\"a\":1}"),
                            &statement, &err),
          &err);
    const struct lks_signing_key *keys[] = {key};
    check(lks_dsse_sign(LKS_STR(LKS_INTOTO_TYPE), str_of(&statement), verifier, keys, 1, &envelope,
                        &err),
          &err);
    put("manifest.dsse", str_of(&envelope));
    lks_buffer_free(&statement);
    lks_buffer_free(&envelope);
}

/* SubjectPublicKeyInfo of an Ed25519 key: RFC 8410. */
static void public_put(const struct lks_verifier *verifier)
{
    static const unsigned char head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                         0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    unsigned char der[sizeof head + LKS_ED25519_KEY_BYTES];
    struct lks_buffer pem = {0};
    memcpy(der, head, sizeof head);
    memcpy(der + sizeof head, verifier->public_key, LKS_ED25519_KEY_BYTES);
    lks_buffer_text(&pem, "-----BEGIN PUBLIC KEY-----\n");
    lks_base64_add(&pem, der, sizeof der);
    lks_buffer_text(&pem, "\n-----END PUBLIC KEY-----\n");
    put("signer.pub", str_of(&pem));
    lks_buffer_free(&pem);
}

int main(int argc, char **argv)
{
    struct lks_signing_key *key, *witness_key;
    struct lks_verifier verifier, witness;
    struct lks_verifiers list = {0};
    struct lks_error err = {0};
    struct lks_buffer cosigned = {0};
    char log_path[PATH_BYTES], keys_path[PATH_BYTES];
    if (argc != 2) {
        fputs("fixture FOLDER\n", stderr);
        return 2;
    }
    folder = argv[1];
    path_make(log_path, "log");
    path_make(keys_path, "keys.vkeys");
    check(lks_disk_folder(folder, &err), &err);
    key_make(1, ORIGIN, LKS_NOTE_ED25519, &key, &verifier);
    key_make(2, "witness.example", LKS_NOTE_COSIGNATURE, &witness_key, &witness);
    check(lks_verifiers_add(&list, &verifier, &err), &err);
    check(lks_verifiers_add(&list, &witness, &err), &err);
    check(lks_verifiers_put(keys_path, &list, &err), &err);
    log_make(log_path, &verifier, key);
    log_cosign(log_path, &witness, witness_key, &cosigned);
    proofs_make(log_path, str_of(&cosigned));
    bag_make(&verifier, key);
    public_put(&verifier);
    lks_buffer_free(&cosigned);
    lks_verifiers_free(&list);
    lks_signing_key_free(key);
    lks_signing_key_free(witness_key);
    return 0;
}
