/* vault_bench.c - sealing a file beside OpenSSL's SHA-256 of it; statements a second; proofs
 *
 *   vault_bench [--tiny] [--mb N] [--entries N] [FOLDER]
 *
 * Sealing is measured beside `openssl dgst -sha256` on the same file, in the same run, in
 * turns, after one pass that warms the page cache. The log takes entries of 200 bytes in groups, each
 * group committed; then one checkpoint; then the proof of every leaf, each checked. FOLDER (default
 * a new one under /tmp) tells which disk is measured. --tiny is for the test run. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vault/blob.h"
#include "vault/log.h"

#include "measure.h"

enum { ENTRY_BYTES = 200, GROUP = 1000 };

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void must(int code, const struct lks_error *err)
{
    if (code) {
        fprintf(stderr, "vault_bench: %s\n", err->message);
        exit(1);
    }
}

static void file_make(const char *path, size_t megabytes)
{
    static char block[1 << 20];
    FILE *file = fopen(path, "wb");
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)(i * 2654435761u >> 13);
    for (size_t i = 0; file && i < megabytes; i++) {
        block[0] = (char)i;
        fwrite(block, 1, sizeof block, file);
    }
    /* Synced, or the disk would be busy with this file while the sealed one is measured. */
    if (!file || fflush(file) != 0 || fsync(fileno(file)) != 0 || fclose(file) != 0)
        exit(1);
}

/* What the disk itself takes: the same number of bytes, written and synced, nothing else. */
static double disk_seconds(const char *folder, size_t megabytes)
{
    static char block[1 << 20];
    char path[512];
    snprintf(path, sizeof path, "%s/plain", folder);
    double start = now_seconds();
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (size_t i = 0; file >= 0 && i < megabytes; i++)
        if (write(file, block, sizeof block) != (ssize_t)sizeof block)
            exit(1);
    if (file < 0 || fdatasync(file) != 0 || close(file) != 0)
        exit(1);
    double spent = now_seconds() - start;
    unlink(path);
    return spent;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void sealing(const char *folder, size_t megabytes)
{
    char path[512], vault[512], line[1200];
    struct lks_error err = {0};
    struct lks_blob blob;
    snprintf(path, sizeof path, "%s/input", folder);
    snprintf(vault, sizeof vault, "%s/vault", folder);
    file_make(path, megabytes);
    enum { TURNS = 7 };
    double digests[TURNS], seals[TURNS], disks[TURNS], cpu = 0;
    for (int turn = -1; turn < TURNS; turn++) { /* the first warms the cache */
        double start = now_seconds();
        snprintf(line, sizeof line, "openssl dgst -sha256 %s >/dev/null", path);
        if (system(line) != 0)
            exit(1);
        double digest = now_seconds() - start, before = measure_cpu_seconds();
        start = now_seconds();
        must(lks_blob_seal(vault, path, NULL, &blob, &err), &err);
        double seal = now_seconds() - start;
        double seal_cpu = measure_cpu_seconds() - before;
        must(lks_blob_erase(vault, blob.name, &err), &err);
        double disk = disk_seconds(folder, megabytes);
        if (turn < 0)
            continue;
        cpu += seal_cpu / TURNS;
        disks[turn] = disk;
        digests[turn] = digest;
        seals[turn] = seal;
    }
    qsort(digests, TURNS, sizeof *digests, by_value);
    qsort(seals, TURNS, sizeof *seals, by_value);
    qsort(disks, TURNS, sizeof *disks, by_value);
    double digest = digests[TURNS / 2], seal = seals[TURNS / 2], disk = disks[TURNS / 2];
    printf(
        "seal %zu MB, medians of %d: openssl dgst %.0f MB/s, the disk alone %.0f MB/s, sealed and "
        "synced %.0f MB/s: %.2f of openssl, %.2f of the slower of the two; best of each: %.2f of "
        "openssl; %.2f CPU s\n",
        megabytes, TURNS, (double)megabytes / digest, (double)megabytes / disk,
        (double)megabytes / seal, digest / seal, (digest > disk ? digest : disk) / seal,
        digests[0] / seals[0], cpu);
    unlink(path);
}

static void logging(const char *folder, uint64_t entries)
{
    char log_folder[512];
    unsigned char public_key[LKS_ED25519_KEY_BYTES], entry[ENTRY_BYTES] = {0};
    struct lks_error err = {0};
    struct lks_signing_key *key;
    struct lks_verifier verifier;
    struct lks_log *log;
    struct lks_log_state state;
    snprintf(log_folder, sizeof log_folder, "%s/log", folder);
    must(lks_signing_key_new(&key, &err), &err);
    lks_signing_key_public(key, public_key);
    must(lks_verifier_init(&verifier, LKS_STR("bench"), LKS_NOTE_ED25519, public_key, &err), &err);
    must(lks_log_make(log_folder, "bench", &err), &err);
    must(lks_log_open(log_folder, "bench", NULL, &log, &state, &err), &err);
    double start = now_seconds(), before = measure_cpu_seconds();
    for (uint64_t i = 0; i < entries; i++) {
        memcpy(entry, &i, sizeof i);
        must(lks_log_append(log, entry, sizeof entry, NULL, &err), &err);
        if (i % GROUP == GROUP - 1)
            must(lks_log_sync(log, &err), &err);
    }
    must(lks_log_publish(log, &verifier, key, NULL, &err), &err);
    double seconds = now_seconds() - start;
    printf("log %llu statements of %d bytes, a commit each %d: %.0f a second (%.2f CPU s), "
           "peak %.0f MB\n",
           (unsigned long long)entries, ENTRY_BYTES, GROUP, (double)entries / seconds,
           measure_cpu_seconds() - before, measure_peak_mb());
    lks_log_close(log);

    struct lks_tile_source tiles = lks_log_tiles(log_folder);
    struct lks_tree *tree;
    struct lks_hash root, leaf;
    struct lks_proof proof;
    must(lks_tree_open(&tiles, entries, &tree, &err), &err);
    lks_tree_root(tree, &root);
    start = now_seconds();
    uint64_t hashes = 0;
    for (uint64_t i = 0; i < entries; i++) {
        must(lks_tree_inclusion(tree, i, &proof, &err), &err);
        hashes += proof.count;
    }
    double made = now_seconds() - start;
    start = now_seconds();
    for (uint64_t i = 0; i < entries; i++) {
        must(lks_tree_inclusion(tree, i, &proof, &err), &err);
        must(lks_tree_leaf(tree, i, &leaf, &err), &err);
        must(lks_merkle_inclusion_check(i, 0, entries, &leaf, proof.hashes, proof.count, &root,
                                        &err),
             &err);
    }
    printf("proofs of %llu leaves, %.1f hashes each: made in %.2f s, made and checked in %.2f s\n",
           (unsigned long long)entries, (double)hashes / (double)entries, made,
           now_seconds() - start);
    lks_tree_free(tree);
    lks_signing_key_free(key);
}

int main(int count, char **arguments)
{
    size_t megabytes = 1024;
    uint64_t entries = 1000000;
    char made[] = "/tmp/lockstep-vault-XXXXXX", line[600];
    const char *folder = NULL;
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--tiny") == 0) {
            megabytes = 2;
            entries = 3000;
        } else if (strcmp(arguments[i], "--mb") == 0 && i + 1 < count)
            megabytes = strtoull(arguments[++i], NULL, 10);
        else if (strcmp(arguments[i], "--entries") == 0 && i + 1 < count)
            entries = strtoull(arguments[++i], NULL, 10);
        else
            folder = arguments[i];
    }
    if (!folder && !(folder = mkdtemp(made)))
        return 1;
    sealing(folder, megabytes);
    logging(folder, entries);
    if (folder == made) {
        snprintf(line, sizeof line, "rm -rf %s", made);
        return system(line) != 0;
    }
    return 0;
}
