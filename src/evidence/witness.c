/* witness.c - a witness of other people's logs, as a small server
 *
 *     FOLDER/witness.pem    its key
 *     FOLDER/witness.vkey   the verifier key, to be given to those who anchor
 *     FOLDER/logs.vkeys     the logs that it knows, a verifier key a line
 *     FOLDER/state/         what it signed last, a file for each log
 *     FOLDER/lock           held by the one program that runs it */
#include "vault/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/shown.h"
#include "case/key_file.h"
#include "http/server.h"
#include "vault/disk.h"
#include "vault/verifiers.h"

enum { POLL_MS = 100, PORT_BYTES = 16 };

struct server {
    const struct lks_witness_options *options;
    const struct lks_control *control;
    struct lks_witness witness;
    struct lks_signing_key *key;
    struct lks_verifiers logs;
    char state[LKS_DISK_PATH_BYTES];
    int lock;
};

static int path_under(const char *folder, const char *name, char out[LKS_DISK_PATH_BYTES],
                      struct lks_error *err)
{
    if (snprintf(out, LKS_DISK_PATH_BYTES, "%s/%s", folder, name) >= LKS_DISK_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    return 0;
}

/* ---- its folder ---- */

static int lock_take(struct server *server, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    int code = path_under(server->options->folder, "lock", path, err);
    if (code)
        return code;
    server->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (server->lock < 0)
        return lks_error_system(err, path, "cannot be opened");
    if (flock(server->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK ? lks_error_set(err, LKS_EINPUT,
                                                "another program runs the witness "
                                                "of %s",
                                                server->options->folder)
                                : lks_error_system(err, path, "cannot be locked");
}

/* A new key: the file of the verifier key comes last, and makes it one. */
static int key_make(const struct server *server, const char *pem, const char *vkey,
                    struct lks_error *err)
{
    struct lks_signing_key *key = NULL;
    struct lks_passphrase passphrase = {0};
    struct lks_verifiers one = {0};
    struct lks_verifier verifier;
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    int code = server->options->name
                   ? lks_signing_key_new(&key, err)
                   : lks_error_set(err, LKS_EARGUMENT, "%s is no witness yet: give it a name",
                                   server->options->folder);
    if (code == 0) {
        lks_signing_key_public(key, public_key);
        code = lks_verifier_init(&verifier, lks_str_from(server->options->name),
                                 LKS_NOTE_COSIGNATURE, public_key, err);
    }
    if (code == 0)
        code = lks_verifiers_add(&one, &verifier, err);
    if (code == 0)
        code = lks_passphrase_new(server->control, server->options->new_passphrase, pem,
                                  &passphrase, err);
    if (code == 0)
        code = lks_key_file_put(pem, key, &passphrase, err);
    if (code == 0)
        code = lks_verifiers_put(vkey, &one, err);
    lks_passphrase_wipe(&passphrase);
    lks_verifiers_free(&one);
    lks_signing_key_free(key);
    return code;
}

static int key_open(struct server *server, struct lks_error *err)
{
    char pem[LKS_DISK_PATH_BYTES], vkey[LKS_DISK_PATH_BYTES];
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    struct lks_verifier *verifier = &server->witness.verifier;
    int code = path_under(server->options->folder, "witness.pem", pem, err);
    if (code == 0)
        code = path_under(server->options->folder, "witness.vkey", vkey, err);
    if (code == 0 && access(vkey, F_OK) != 0)
        code = key_make(server, pem, vkey, err);
    if (code == 0)
        code = lks_verifier_named(vkey, verifier, err);
    if (code == 0 && server->options->name && strcmp(server->options->name, verifier->name) != 0)
        code = lks_error_set(err, LKS_EARGUMENT, "the witness of %s is named %s already",
                             server->options->folder, verifier->name);
    if (code == 0 && verifier->type != LKS_NOTE_COSIGNATURE)
        code = lks_error_set(err, LKS_EINPUT, "%s is no key of a witness", vkey);
    if (code == 0)
        code = lks_key_file_open(pem, server->control, &server->key, NULL, err);
    if (code)
        return code;
    lks_signing_key_public(server->key, public_key);
    if (memcmp(public_key, verifier->public_key, sizeof public_key) != 0)
        return lks_error_set(err, LKS_EINPUT, "%s is not the key of %s", pem, vkey);
    return 0;
}

static int logs_take(struct server *server, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    struct lks_error inner = {0};
    int code = path_under(server->options->folder, "logs.vkeys", path, err), more = 0;
    if (code == 0) {
        code = lks_verifiers_read(path, &server->logs, &inner);
        code = code && code != LKS_EMISSING ? lks_error_set(err, code, "%s", inner.message) : 0;
    }
    for (size_t i = 0; code == 0 && i < server->options->logs_count; i++) {
        struct lks_verifier log;
        code = lks_verifier_named(server->options->logs[i], &log, err);
        if (code == 0 && log.type != LKS_NOTE_ED25519)
            code = lks_error_set(err, LKS_EARGUMENT, "%s is no key of a log", log.name);
        if (code == 0 && !lks_verifiers_find(&server->logs, &log)) {
            code = lks_verifiers_add(&server->logs, &log, err);
            more = 1;
        }
    }
    if (code == 0 && more)
        code = lks_verifiers_put(path, &server->logs, err);
    return code;
}

static int folder_open(struct server *server, struct lks_error *err)
{
    int code = path_under(server->options->folder, "state", server->state, err);
    if (code == 0)
        code = lks_disk_folder(server->state, err);
    if (code == 0 && chmod(server->options->folder, 0700) != 0)
        code = lks_error_system(err, server->options->folder, "cannot be made the owner's alone");
    if (code == 0)
        code = lock_take(server, err);
    if (code == 0)
        code = key_open(server, err);
    if (code == 0)
        code = logs_take(server, err);
    server->witness.key = server->key;
    server->witness.logs = server->logs.items;
    server->witness.logs_count = server->logs.count;
    server->witness.folder = server->state;
    return code;
}

/* ---- answers ---- */

/* "200 example.org/log 1234": what was answered about which log, as far as the request tells it. */
static void answer_tell(const struct server *server, int status, struct lks_str body)
{
    struct lks_buffer line = {0};
    const char *note = body.size_bytes ? memmem(body.data, body.size_bytes, "\n\n", 2) : NULL;
    struct lks_str rest = LKS_STR_NULL, origin, size;
    if (!server->control || !server->control->notice)
        return;
    lks_buffer_format(&line, "%d", status);
    if (note)
        rest = (struct lks_str){note + 2, body.size_bytes - (size_t)(note + 2 - body.data)};
    if (note && lks_line_next(&rest, &origin) && lks_line_next(&rest, &size)) {
        lks_buffer_byte(&line, ' ');
        lks_buffer_shown(&line, origin, 200);
        lks_buffer_byte(&line, ' ');
        lks_buffer_shown(&line, size, 20);
    }
    lks_buffer_byte(&line, '\0');
    if (!line.failed)
        server->control->notice(server->control->context, line.data);
    lks_buffer_free(&line);
}

static void answer(void *context, const char *method, const char *path, struct lks_str body,
                   struct lks_http_reply *reply)
{
    struct server *server = context;
    struct lks_error err = {0};
    if (strcmp(path, "/add-checkpoint") != 0)
        return; /* 404 */
    if (strcmp(method, "POST") != 0) {
        reply->status = 405;
        return;
    }
    int code = lks_witness_answer(&server->witness, body, (uint64_t)time(NULL), &reply->status,
                                  &reply->body, &err);
    if (code) {
        lks_buffer_free(&reply->body);
        reply->status = 500;
        if (server->control && server->control->notice)
            server->control->notice(server->control->context, err.message);
    }
    reply->content_type = reply->status == 409 ? "text/x.tlog.size" : "text/plain; charset=utf-8";
    answer_tell(server, reply->status, body);
}

/* ---- serving ---- */

static void ready_tell(const struct server *server, const char *address, unsigned port)
{
    struct lks_buffer key = {0};
    char url[128];
    snprintf(url, sizeof url, strchr(address, ':') ? "http://[%.64s]:%u/" : "http://%.64s:%u/",
             address, port);
    lks_verifier_format(&server->witness.verifier, &key);
    lks_buffer_byte(&key, '\0');
    if (server->options->ready && !key.failed)
        server->options->ready(server->control ? server->control->context : NULL, url, key.data);
    lks_buffer_free(&key);
}

int lks_witness_run(const struct lks_witness_options *options, const struct lks_control *control,
                    struct lks_error *err)
{
    struct server server = {.options = options, .control = control, .lock = -1};
    const char *address = options->address ? options->address : "127.0.0.1";
    struct lks_http_server_options http = {.address = address,
                                           .port = options->port,
                                           .body_bytes_max = LKS_WITNESS_REQUEST_BYTES_MAX,
                                           .answer = answer,
                                           .context = &server};
    struct lks_http_server *listening = NULL;
    const struct timespec pause = {0, POLL_MS * 1000000L};
    unsigned port = 0;
    int code = folder_open(&server, err);
    if (code == 0)
        code = lks_http_server_open(&http, &listening, &port, err);
    if (code == 0) {
        ready_tell(&server, address, port);
        while (!(control && control->cancel && *control->cancel))
            nanosleep(&pause, NULL);
    }
    lks_http_server_close(listening);
    lks_signing_key_free(server.key);
    lks_verifiers_free(&server.logs);
    if (server.lock >= 0)
        close(server.lock);
    return code;
}
