/* server.c - answering over HTTP, through libmicrohttpd; the only file that sees microhttpd.h */
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/library.h"

/* Loaded with the first server; see base/library.h. */
/* clang-format off */
#define MHD_CALLS(X) \
    X(start_daemon) X(stop_daemon) X(get_daemon_info) X(lookup_connection_value) \
    X(create_response_from_buffer) X(add_response_header) X(queue_response) X(destroy_response)
/* clang-format on */
#define MHD_CALL(name) __typeof__(MHD_##name) *name;
static struct mhd_calls {
    MHD_CALLS(MHD_CALL)
} mhd;
#define MHD_NAME(name) "MHD_" #name,
static const char *const mhd_names[] = {MHD_CALLS(MHD_NAME)};
static struct lks_library library =
    LKS_LIBRARY(LKS_MICROHTTPD_FILE, "libmicrohttpd", mhd_names, mhd);
_Static_assert(sizeof mhd == sizeof mhd_names, "the table is filled by the names");

enum { CONNECTIONS_MAX = 64, IDLE_SECONDS = 10, CONNECTION_BYTES = 32 * 1024 };

struct lks_http_server {
    struct lks_http_server_options options;
    struct MHD_Daemon *daemon;
};

/* One request that is on its way in. */
struct incoming {
    struct lks_buffer body;
};

static enum MHD_Result reply_send(struct MHD_Connection *connection, int status,
                                  const char *content_type, const struct lks_buffer *body)
{
    struct MHD_Response *response = mhd.create_response_from_buffer(
        body->size_bytes, body->data ? body->data : (char[]){""}, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    if (content_type)
        mhd.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    enum MHD_Result result = mhd.queue_response(connection, (unsigned)status, response);
    mhd.destroy_response(response);
    return result;
}

/* 1 where the request says of itself that it is too long. */
static int told_too_long(struct MHD_Connection *connection, size_t limit_bytes)
{
    const char *text =
        mhd.lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    char *end;
    if (!text)
        return 0;
    errno = 0;
    unsigned long long size = strtoull(text, &end, 10);
    return errno || *end || size > limit_bytes;
}

/* Called when the head is there, with each piece of the body, and at its end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size_bytes, void **state)
{
    struct lks_http_server *server = context;
    struct incoming *incoming = *state;
    const struct lks_buffer nothing = {0};
    (void)version;
    if (!incoming) {
        if (told_too_long(connection, server->options.body_bytes_max))
            return reply_send(connection, MHD_HTTP_CONTENT_TOO_LARGE, NULL, &nothing);
        *state = incoming = calloc(1, sizeof *incoming);
        if (incoming)
            incoming->body.limit_bytes = server->options.body_bytes_max + 1;
        return incoming ? MHD_YES : MHD_NO;
    }
    if (*size_bytes) {
        lks_buffer_append(&incoming->body, data, *size_bytes);
        *size_bytes = 0;
        /* In chunks there is no end in sight: the connection is closed. */
        return incoming->body.failed || incoming->body.size_bytes > server->options.body_bytes_max
                   ? MHD_NO
                   : MHD_YES;
    }
    struct lks_http_reply reply = {.status = MHD_HTTP_NOT_FOUND};
    server->options.answer(
        server->options.context, method, url,
        (struct lks_str){incoming->body.data ? incoming->body.data : "", incoming->body.size_bytes},
        &reply);
    enum MHD_Result result = reply_send(connection, reply.status, reply.content_type, &reply.body);
    lks_buffer_free(&reply.body);
    return result;
}

static void on_end(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    struct incoming *incoming = *state;
    (void)context, (void)connection, (void)code;
    if (!incoming)
        return;
    lks_buffer_free(&incoming->body);
    free(incoming);
    *state = NULL;
}

int lks_http_server_open(const struct lks_http_server_options *options,
                         struct lks_http_server **server_out, unsigned *port_out,
                         struct lks_error *err)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)options->port)};
    int six = 0;
    if (options->port > 65535 || (inet_pton(AF_INET, options->address, &v4.sin_addr) != 1 &&
                                  !(six = inet_pton(AF_INET6, options->address, &v6.sin6_addr))))
        return lks_error_set(err, LKS_EARGUMENT, "'%.100s' port %u is no place to listen",
                             options->address, options->port);
    int code = lks_library_load(&library, err);
    if (code < 0)
        return code;
    struct lks_http_server *server = calloc(1, sizeof *server);
    if (!server)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    server->options = *options;
    errno = 0;
    server->daemon = mhd.start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | (six ? MHD_USE_IPv6 : 0), (uint16_t)options->port, NULL,
        NULL, on_request, server, MHD_OPTION_SOCK_ADDR,
        six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_NOTIFY_COMPLETED,
        on_end, NULL, MHD_OPTION_END);
    if (!server->daemon) {
        int why = errno;
        free(server);
        return lks_error_set(err, LKS_EIO, "cannot listen on %s port %u: %s", options->address,
                             options->port, why ? strerror(why) : "it may be taken");
    }
    const union MHD_DaemonInfo *info =
        mhd.get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    *port_out = info ? info->port : options->port;
    *server_out = server;
    return 0;
}

void lks_http_server_close(struct lks_http_server *server)
{
    if (!server)
        return;
    mhd.stop_daemon(server->daemon);
    free(server);
}
