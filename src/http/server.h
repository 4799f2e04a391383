/* server.h - answering over HTTP: small requests, one at a time */
#ifndef LKS_HTTP_SERVER_H
#define LKS_HTTP_SERVER_H

#include "base/error.h"
#include "base/str.h"

/* What a request is answered with. The body is freed by the server. */
struct lks_http_reply {
    int status;
    const char *content_type; /* static */
    struct lks_buffer body;
};

struct lks_http_server_options {
    const char *address; /* "127.0.0.1" or "::1": a number, no name */
    unsigned port;       /* 0: any that is free */
    size_t body_bytes_max;
    /* Called from one thread, one request at a time, with the whole body. */
    void (*answer)(void *context, const char *method, const char *path, struct lks_str body,
                   struct lks_http_reply *reply);
    void *context;
};

struct lks_http_server;

/* Listens, and answers on a thread of its own until it is closed; *port_out is where. Bodies that
 * are too long get a 413, idle connections are closed after ten seconds, at most 64 are open.
 * LKS_EARGUMENT for the address, LKS_EIO where nothing can listen there, LKS_EMEMORY. */
int lks_http_server_open(const struct lks_http_server_options *options,
                         struct lks_http_server **server_out, unsigned *port_out,
                         struct lks_error *err);
/* Ends the answer that is being given, then listens no more; NULL is fine. */
void lks_http_server_close(struct lks_http_server *server);

#endif
