/* blob.c - raw bytes beside the log, each object under a key of its own
 *
 * Sealing passes over the file once, on three threads: one reads and digests, one encrypts and
 * writes, a ring of chunks between them, and one syncs what was written so far, which is waiting
 * and no work. So it goes at the rate of the slowest, which is SHA-256 where the disk keeps up.
 * Writing around the page cache (O_DIRECT) saves a seventh of the processor's time but waits twice
 * for a disk with a cache of its own, and was slower.
 *
 * Order of writes: bytes under a temporary name, synced; the key, synced; the bytes' final name,
 * synced. A crash leaves at most a key without an object or a temporary file, and no claim. */
#include "vault/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/progress.h"
#include "vault/checkpoint.h"
#include "vault/disk.h"

enum {
    CHUNK_BYTES = 1 << 20,
    CHUNKS = 4,
    SYNC_BYTES = 1 << 20, /* small files are synced once, at the end */
    KEY_BYTES = 32,
    IV_BYTES = 16,
    KEY_FILE_BYTES_MAX = 512
};

#define KEY_TEXT "lockstep blob key 1\n"

struct chunk {
    unsigned char *data;
    size_t size_bytes;
};

struct ring {
    struct chunk chunks[CHUNKS];
    uint64_t put, taken; /* chunks so far */
    int ended, failed;
    uint64_t written_bytes, synced_bytes;
    int written; /* all that will be */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    EVP_CIPHER_CTX *cipher;
    int file;
    const char *path;
    struct lks_error err; /* of what failed first */
};

/* ---- names ---- */

static int hex_name(const char *name)
{
    return strlen(name) == LKS_BLOB_NAME_BYTES - 1 &&
           strspn(name, "0123456789abcdef") == LKS_BLOB_NAME_BYTES - 1;
}

static int object_path(const char *vault, const char *kind, const char *name,
                       char path[LKS_DISK_PATH_BYTES], struct lks_error *err)
{
    if (!hex_name(name))
        return lks_error_set(err, LKS_EARGUMENT, "'%.80s' is no name of a sealed object", name);
    if (snprintf(path, LKS_DISK_PATH_BYTES, "%s/%s/%.2s/%s", vault, kind, name, name + 2) >=
        LKS_DISK_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return 0;
}

/* ---- keys ---- */

static int key_put(const char *vault, const struct lks_blob *blob,
                   const unsigned char key[KEY_BYTES], struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES], folder[LKS_DISK_PATH_BYTES];
    char text[KEY_FILE_BYTES_MAX];
    int at = snprintf(text, sizeof text, KEY_TEXT "salt ");
    for (int i = 0; i < LKS_SALT_BYTES; i++)
        at += snprintf(text + at, 3, "%02x", blob->salt[i]);
    at += snprintf(text + at, 8, "\nkey ");
    for (int i = 0; i < KEY_BYTES; i++)
        at += snprintf(text + at, 3, "%02x", key[i]);
    at += snprintf(text + at, sizeof text - (size_t)at, "\nsize %llu\n",
                   (unsigned long long)blob->size_bytes);
    int code = object_path(vault, "keys", blob->name, path, err);
    if (code == 0)
        code = lks_disk_parent(path, folder, err);
    if (code == 0)
        code = lks_disk_folder(folder, err);
    if (code == 0)
        code = lks_disk_put(path, text, (size_t)at, 0600, err);
    OPENSSL_cleanse(text, sizeof text);
    return code;
}

static int hex_get(const char **at, unsigned char *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned value = 0;
        for (int half = 0; half < 2; half++) {
            char c = *(*at)++;
            if (c >= '0' && c <= '9')
                value = value << 4 | (unsigned)(c - '0');
            else if (c >= 'a' && c <= 'f')
                value = value << 4 | (unsigned)(c - 'a' + 10);
            else
                return 0;
        }
        out[i] = (unsigned char)value;
    }
    return 1;
}

static int text_get(const char **at, const char *text)
{
    size_t size = strlen(text);
    if (strncmp(*at, text, size) != 0)
        return 0;
    *at += size;
    return 1;
}

static int key_get(const char *vault, const char *name, struct lks_blob *blob,
                   unsigned char key[KEY_BYTES], struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    struct lks_buffer bytes = {0};
    struct lks_error inner = {0};
    int code = object_path(vault, "keys", name, path, err);
    if (code)
        return code;
    code = lks_disk_get(path, KEY_FILE_BYTES_MAX, &bytes, &inner);
    if (code == LKS_EMISSING)
        code = lks_error_set(err, code, "object %.16s... was erased, or was never here", name);
    else if (code)
        code = lks_error_set(err, code, "%s", inner.message);
    lks_buffer_byte(&bytes, '\0');
    const char *at = bytes.data;
    uint64_t size = 0;
    if (code == 0 && (bytes.failed || !text_get(&at, KEY_TEXT "salt ") ||
                      !hex_get(&at, blob->salt, LKS_SALT_BYTES) || !text_get(&at, "\nkey ") ||
                      !hex_get(&at, key, KEY_BYTES) || !text_get(&at, "\nsize ") ||
                      !lks_decimal_read((struct lks_str){at, strcspn(at, "\n")}, &size) ||
                      bytes.size_bytes != (size_t)(at - bytes.data) + strcspn(at, "\n") + 2))
        code = lks_error_set(err, LKS_EINPUT, "the key of object %.16s... is damaged", name);
    if (code == 0) {
        blob->size_bytes = size;
        memcpy(blob->name, name, LKS_BLOB_NAME_BYTES);
    }
    if (bytes.data)
        OPENSSL_cleanse(bytes.data, bytes.size_bytes);
    lks_buffer_free(&bytes);
    return code;
}

static EVP_CIPHER_CTX *cipher_start(const unsigned char key[KEY_BYTES], struct lks_error *err)
{
    static const unsigned char zero[IV_BYTES];
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    /* Decryption by a counter is encryption. */
    if (!cipher || EVP_EncryptInit_ex2(cipher, EVP_aes_256_ctr(), key, zero, NULL) != 1) {
        EVP_CIPHER_CTX_free(cipher);
        lks_error_set(err, LKS_EMEMORY, "encryption cannot be started");
        return NULL;
    }
    return cipher;
}

static int cipher_step(EVP_CIPHER_CTX *cipher, struct chunk *chunk, struct lks_error *err)
{
    int got;
    if (EVP_EncryptUpdate(cipher, chunk->data, &got, chunk->data, (int)chunk->size_bytes) != 1)
        return lks_error_set(err, LKS_EMEMORY, "encryption failed");
    return 0;
}

/* ---- sealing ---- */

/* Under the lock. */
static void ring_fail(struct ring *ring, int code, const struct lks_error *err)
{
    if (code && !ring->failed) {
        ring->err = *err;
        ring->failed = code;
    }
}

static void *ring_write(void *context)
{
    struct ring *ring = context;
    struct lks_error err = {0};
    int code = 0;
    while (code == 0) {
        pthread_mutex_lock(&ring->lock);
        while (ring->put == ring->taken && !ring->ended && !ring->failed)
            pthread_cond_wait(&ring->changed, &ring->lock);
        ring->written = ring->put == ring->taken || ring->failed;
        int more = !ring->written;
        if (!more)
            pthread_cond_broadcast(&ring->changed);
        pthread_mutex_unlock(&ring->lock);
        if (!more)
            return NULL;
        struct chunk *chunk = &ring->chunks[ring->taken % CHUNKS];
        code = cipher_step(ring->cipher, chunk, &err);
        if (code == 0)
            code = lks_disk_write(ring->file, ring->path, chunk->data, chunk->size_bytes, &err);
        pthread_mutex_lock(&ring->lock);
        ring->taken++;
        ring->written_bytes += chunk->size_bytes;
        ring_fail(ring, code, &err);
        pthread_cond_broadcast(&ring->changed);
        pthread_mutex_unlock(&ring->lock);
    }
    return NULL;
}

/* A disk that syncs while the next bytes are made has little left to do at the end. A sync that
 * fails is not tried again: what it dropped would be taken for written. */
static void *ring_sync(void *context)
{
    struct ring *ring = context;
    struct lks_error err = {0};
    pthread_mutex_lock(&ring->lock);
    while (!ring->failed && !ring->written) {
        if (ring->written_bytes - ring->synced_bytes < SYNC_BYTES) {
            pthread_cond_wait(&ring->changed, &ring->lock);
            continue;
        }
        ring->synced_bytes = ring->written_bytes;
        pthread_mutex_unlock(&ring->lock);
        int code =
            fdatasync(ring->file) == 0 ? 0 : lks_error_system(&err, ring->path, "cannot be synced");
        pthread_mutex_lock(&ring->lock);
        ring_fail(ring, code, &err);
        if (code)
            pthread_cond_broadcast(&ring->changed);
    }
    pthread_mutex_unlock(&ring->lock);
    return NULL;
}

/* A free chunk, or NULL when the writer failed. */
static struct chunk *ring_free(struct ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    while (ring->put - ring->taken == CHUNKS && !ring->failed)
        pthread_cond_wait(&ring->changed, &ring->lock);
    int failed = ring->failed;
    pthread_mutex_unlock(&ring->lock);
    return failed ? NULL : &ring->chunks[ring->put % CHUNKS];
}

static void ring_hand(struct ring *ring, int ended)
{
    pthread_mutex_lock(&ring->lock);
    if (ended)
        ring->ended = 1;
    else
        ring->put++;
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

/* Reads and digests to the end of the file; the other thread writes what is handed to it. */
static int bytes_pass(struct ring *ring, int file, const char *path, struct lks_meter *meter,
                      struct lks_sha256 *sha, uint64_t *size_bytes, struct lks_error *err)
{
    struct chunk *chunk;
    while ((chunk = ring_free(ring))) {
        ssize_t got = read(file, chunk->data, CHUNK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return lks_error_system(err, path, "cannot be read");
        if (got == 0)
            return 0;
        chunk->size_bytes = (size_t)got;
        *size_bytes += (uint64_t)got;
        int code = lks_sha256_update(sha, chunk->data, (size_t)got, err);
        ring_hand(ring, 0);
        if (code == 0)
            code = lks_meter_at(meter, *size_bytes, err);
        if (code)
            return code;
    }
    return 0; /* the writer's failure is told when it is joined */
}

static int ring_run(struct ring *ring, int file, const char *path, struct lks_meter *meter,
                    struct lks_sha256 *sha, uint64_t *size_bytes, struct lks_error *err)
{
    void *(*const parts[])(void *) = {ring_write, ring_sync};
    pthread_t threads[2];
    unsigned running = 0;
    int code = 0;
    for (int i = 0; i < CHUNKS; i++)
        if (!(ring->chunks[i].data = malloc(CHUNK_BYTES)))
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    pthread_mutex_init(&ring->lock, NULL);
    pthread_cond_init(&ring->changed, NULL);
    while (code == 0 && running < 2)
        if (pthread_create(&threads[running], NULL, parts[running], ring) != 0)
            code = lks_error_set(err, LKS_EMEMORY, "a thread cannot be started");
        else
            running++;
    if (code == 0)
        code = bytes_pass(ring, file, path, meter, sha, size_bytes, err);
    ring_hand(ring, 1);
    while (running)
        pthread_join(threads[--running], NULL);
    if (code == 0 && ring->failed)
        code = lks_error_set(err, ring->failed, "%s", ring->err.message);
    pthread_cond_destroy(&ring->changed);
    pthread_mutex_destroy(&ring->lock);
    for (int i = 0; i < CHUNKS; i++)
        free(ring->chunks[i].data);
    return code;
}

static int input_open(const char *path, int *file, uint64_t *size_bytes, struct lks_error *err)
{
    struct stat status;
    *file = open(path, O_RDONLY | O_CLOEXEC);
    if (*file < 0 || fstat(*file, &status) != 0)
        return lks_error_system(err, path, "cannot be opened");
    if (S_ISDIR(status.st_mode))
        return lks_error_set(err, LKS_EINPUT, "%s is a directory; name the files in it", path);
    *size_bytes = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    return 0;
}

/* The encrypted copy under a temporary name, synced; blob is filled but for nothing. */
static int copy_make(const char *path, const char *temporary, const unsigned char key[KEY_BYTES],
                     const struct lks_control *control, struct lks_blob *blob,
                     struct lks_error *err)
{
    struct ring ring = {.file = -1, .path = temporary};
    struct lks_sha256 sha = {0};
    struct lks_meter meter;
    uint64_t expected = 0;
    int input = -1, code = input_open(path, &input, &expected, err);
    lks_meter_start(&meter, control, "seal", "bytes", expected);
    if (code == 0 && !(ring.cipher = cipher_start(key, err)))
        code = LKS_EMEMORY;
    if (code == 0 &&
        (ring.file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) < 0)
        code = lks_error_system(err, temporary, "cannot be made");
    if (code == 0)
        code = lks_sha256_start(&sha, err);
    if (code == 0)
        code = ring_run(&ring, input, path, &meter, &sha, &blob->size_bytes, err);
    if (code == 0)
        code = lks_sha256_finish(&sha, blob->sha256, err);
    else
        lks_sha256_finish(&sha, NULL, NULL);
    if (code == 0 && blob->size_bytes == 0)
        code = lks_error_set(err, LKS_EINPUT, "%s is empty", path);
    if (code == 0 && fsync(ring.file) != 0)
        code = lks_error_system(err, temporary, "cannot be synced");
    if (code == 0)
        lks_meter_finish(&meter);
    EVP_CIPHER_CTX_free(ring.cipher);
    if (ring.file >= 0)
        close(ring.file);
    if (input >= 0)
        close(input);
    return code;
}

static int copy_name(const char *vault, const char *temporary, const unsigned char key[KEY_BYTES],
                     struct lks_blob *blob, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES], folder[LKS_DISK_PATH_BYTES];
    unsigned char commitment[LKS_SHA256_BYTES];
    lks_blob_commit(blob->salt, blob->sha256, commitment);
    lks_sha256_hex(commitment, blob->name);
    int code = key_put(vault, blob, key, err);
    if (code == 0)
        code = object_path(vault, "blobs", blob->name, path, err);
    if (code == 0)
        code = lks_disk_parent(path, folder, err);
    if (code == 0)
        code = lks_disk_folder(folder, err);
    if (code == 0 && rename(temporary, path) != 0)
        code = lks_error_system(err, path, "cannot be put in place");
    return code ? code : lks_disk_folder_sync(folder, err);
}

int lks_blob_seal(const char *vault, const char *path, const struct lks_control *control,
                  struct lks_blob *blob, struct lks_error *err)
{
    char temporary[LKS_DISK_PATH_BYTES];
    unsigned char key[KEY_BYTES];
    *blob = (struct lks_blob){0};
    if (snprintf(temporary, sizeof temporary, "%s/blobs", vault) >= (int)sizeof temporary - 32)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    int code = lks_disk_folder(temporary, err);
    if (code == 0)
        code = lks_salt_new(blob->salt, err);
    if (code == 0 && RAND_priv_bytes(key, sizeof key) != 1)
        code = lks_error_set(err, LKS_EIO, "the system gives no random numbers");
    if (code)
        return code;
    snprintf(temporary + strlen(temporary), 32, "/.sealing-%02x%02x%02x%02x%02x%02x", blob->salt[0],
             blob->salt[1], blob->salt[2], blob->salt[3], blob->salt[4], blob->salt[5]);
    code = copy_make(path, temporary, key, control, blob, err);
    if (code == 0)
        code = copy_name(vault, temporary, key, blob, err);
    if (code)
        unlink(temporary);
    if (code && blob->name[0])
        lks_blob_erase(vault, blob->name, NULL); /* a key without its object, or both */
    OPENSSL_cleanse(key, sizeof key);
    return code;
}

/* ---- reading and erasing ---- */

static int bytes_copy(int from, const char *path, int to, EVP_CIPHER_CTX *cipher,
                      struct lks_sha256 *sha, struct lks_meter *meter, uint64_t *size_bytes,
                      struct lks_error *err)
{
    struct chunk chunk = {malloc(CHUNK_BYTES), 0};
    int code = chunk.data ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    while (code == 0) {
        ssize_t got = read(from, chunk.data, CHUNK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            code = lks_error_system(err, path, "cannot be read");
        if (got <= 0)
            break;
        chunk.size_bytes = (size_t)got;
        *size_bytes += (uint64_t)got;
        code = cipher_step(cipher, &chunk, err);
        if (code == 0)
            code = lks_sha256_update(sha, chunk.data, chunk.size_bytes, err);
        if (code == 0)
            code = lks_disk_write(to, "the copy", chunk.data, chunk.size_bytes, err);
        if (code == 0)
            code = lks_meter_at(meter, *size_bytes, err);
    }
    free(chunk.data);
    return code;
}

/* The encrypted bytes, if they are as many as the key's file says: a pipe, a device or a file of
 * another size is refused before any of it is read. */
static int object_open(const char *path, const char *name, uint64_t size_bytes, int *file,
                       struct lks_error *err)
{
    struct stat status;
    *file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*file < 0 && errno == ENOENT)
        return lks_error_set(err, LKS_EMISSING, "the bytes of object %.16s... are gone", name);
    if (*file < 0 || fstat(*file, &status) != 0)
        return lks_error_system(err, path, "cannot be read");
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != size_bytes)
        return lks_error_set(err, LKS_EINPUT, "the bytes of object %.16s... were changed", name);
    return 0;
}

int lks_blob_copy(const char *vault, const char *name, int file, const struct lks_control *control,
                  struct lks_blob *blob, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES], hex[LKS_SHA256_HEX_BYTES];
    unsigned char key[KEY_BYTES], commitment[LKS_SHA256_BYTES];
    struct lks_sha256 sha = {0};
    struct lks_meter meter;
    EVP_CIPHER_CTX *cipher = NULL;
    uint64_t size_bytes = 0;
    int from = -1;
    *blob = (struct lks_blob){0};
    int code = key_get(vault, name, blob, key, err);
    if (code == 0)
        code = object_path(vault, "blobs", name, path, err);
    if (code == 0)
        code = object_open(path, name, blob->size_bytes, &from, err);
    if (code == 0 && !(cipher = cipher_start(key, err)))
        code = LKS_EMEMORY;
    if (code == 0)
        code = lks_sha256_start(&sha, err);
    lks_meter_start(&meter, control, "unseal", "bytes", blob->size_bytes);
    if (code == 0)
        code = bytes_copy(from, path, file, cipher, &sha, &meter, &size_bytes, err);
    if (code == 0)
        code = lks_sha256_finish(&sha, blob->sha256, err);
    else
        lks_sha256_finish(&sha, NULL, NULL);
    if (code == 0) {
        lks_meter_finish(&meter);
        lks_blob_commit(blob->salt, blob->sha256, commitment);
        lks_sha256_hex(commitment, hex);
        if (strcmp(hex, name) != 0 || size_bytes != blob->size_bytes)
            code =
                lks_error_set(err, LKS_EINPUT, "the bytes of object %.16s... were changed", name);
    }
    EVP_CIPHER_CTX_free(cipher);
    if (from >= 0)
        close(from);
    OPENSSL_cleanse(key, sizeof key);
    return code;
}

int lks_blob_erase(const char *vault, const char *name, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES], folder[LKS_DISK_PATH_BYTES];
    static const char zeros[KEY_FILE_BYTES_MAX];
    int code = object_path(vault, "keys", name, path, err);
    if (code == 0)
        code = lks_disk_parent(path, folder, err);
    if (code)
        return code;
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return lks_error_set(err, LKS_EMISSING, "object %.16s... has no key: it was erased", name);
    if (file < 0)
        return lks_error_system(err, path, "cannot be opened");
    /* Over the old bytes first: on a plain disk that ends them, elsewhere it does no harm. */
    code = lks_disk_write(file, path, zeros, sizeof zeros, err);
    if (code == 0 && fsync(file) != 0)
        code = lks_error_system(err, path, "cannot be synced");
    close(file);
    if (code == 0 && unlink(path) != 0)
        code = lks_error_system(err, path, "cannot be removed");
    if (code == 0)
        code = lks_disk_folder_sync(folder, err);
    if (code == 0)
        code = object_path(vault, "blobs", name, path, err);
    if (code == 0 && unlink(path) != 0 && errno != ENOENT)
        code = lks_error_system(err, path, "cannot be removed");
    return code;
}

int lks_blob_there(const char *vault, const char *name)
{
    char path[LKS_DISK_PATH_BYTES];
    return object_path(vault, "keys", name, path, NULL) == 0 && access(path, F_OK) == 0 &&
           object_path(vault, "blobs", name, path, NULL) == 0 && access(path, F_OK) == 0;
}
