/* client.h - asking a server over HTTP, with bounds on size and time */
#ifndef LKS_HTTP_CLIENT_H
#define LKS_HTTP_CLIENT_H

#include "base/error.h"
#include "base/str.h"

#define LKS_HTTP_URL_BYTES_MAX 2048

/* A POST. Strings are borrowed. */
struct lks_http_request {
    const char *url; /* http:// or https:// */
    const char *content_type;
    const char *accept; /* or NULL: anything */
    struct lks_str body;
    const char *proxy; /* URL of one to go through; NULL: none, whatever the surroundings say */
    size_t answer_bytes_max;  /* an answer with more is refused */
    unsigned timeout_seconds; /* from the first try to the last byte */
};

struct lks_http_answer {
    int status;
    char content_type[128];
    struct lks_buffer body; /* freed by the caller, after a failure too */
};

/* 0, LKS_EINPUT or LKS_EARGUMENT with a sentence: is this a URL that can be asked? */
int lks_http_url_check(const char *url, struct lks_error *err);
/* Asks once: no redirects, no cookies, nothing remembered. Every status is an answer, and 0. Zero the
 * answer before. LKS_EARGUMENT for the URL; LKS_EIO where nobody answers, or not in time;
 * LKS_EINPUT where what comes is no HTTP or is too long; LKS_ECANCELLED; LKS_EMEMORY. Any
 * thread. */
int lks_http_post(const struct lks_http_request *request, const struct lks_control *control,
                  struct lks_http_answer *answer, struct lks_error *err);

#endif
