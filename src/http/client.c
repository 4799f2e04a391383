/* client.c - asking a server over HTTP, through libcurl; the only file that sees curl.h */
#include "http/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/library.h"
#include "base/shown.h"

enum { CONNECT_SECONDS = 10 };

/* Loaded with the first question; see base/library.h. */
/* clang-format off */
#define CURL_CALLS(X) \
    X(easy_init) X(easy_setopt) X(easy_perform) X(easy_getinfo) X(easy_strerror) X(easy_cleanup) \
    X(slist_append) X(slist_free_all)
/* clang-format on */
#define CURL_CALL(name) __typeof__(curl_##name) *name;
static struct curl_calls {
    CURL_CALLS(CURL_CALL)
} curl;
#define CURL_NAME(name) "curl_" #name,
static const char *const curl_names[] = {CURL_CALLS(CURL_NAME)};
static struct lks_library library = LKS_LIBRARY(LKS_CURL_FILE, "libcurl", curl_names, curl);
_Static_assert(sizeof curl == sizeof curl_names, "the table is filled by the names");

struct transfer {
    const struct lks_http_request *request;
    const struct lks_control *control;
    struct lks_http_answer *answer;
    int too_long, cancelled;
};

int lks_http_url_check(const char *url, struct lks_error *err)
{
    size_t size = strlen(url);
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    int good = scheme && size > scheme && size <= LKS_HTTP_URL_BYTES_MAX && url[scheme] != '/';
    for (size_t i = 0; good && i < size; i++)
        good = (unsigned char)url[i] > 0x20 && (unsigned char)url[i] < 0x7f;
    return good ? 0
                : lks_error_set(err, LKS_EARGUMENT,
                                "'%.200s' is no address that starts with https:// or http://", url);
}

static size_t body_take(char *data, size_t one, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct lks_buffer *body = &transfer->answer->body;
    size_t size = one * count; /* one is 1 */
    if (size > transfer->request->answer_bytes_max - body->size_bytes) {
        transfer->too_long = 1;
        return 0;
    }
    lks_buffer_append(body, data, size);
    return body->failed ? 0 : size;
}

static int still_wanted(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                        curl_off_t up)
{
    struct transfer *transfer = context;
    (void)down_total, (void)down, (void)up_total, (void)up;
    transfer->cancelled =
        transfer->control && transfer->control->cancel && *transfer->control->cancel;
    return transfer->cancelled;
}

/* What curl says, in words that tell what to do. */
static int failure(const struct transfer *transfer, CURLcode result, const char *detail,
                   struct lks_error *err)
{
    const char *url = transfer->request->url;
    struct lks_buffer shown = {0};
    if (transfer->cancelled)
        return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    if (transfer->too_long || result == CURLE_FILESIZE_EXCEEDED)
        return lks_error_set(err, LKS_EINPUT, "%s answered with more than %zu bytes", url,
                             transfer->request->answer_bytes_max);
    if (transfer->answer->body.failed || result == CURLE_OUT_OF_MEMORY)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (result == CURLE_OPERATION_TIMEDOUT)
        return lks_error_set(err, LKS_EIO, "%s did not answer in time (%u s)", url,
                             transfer->request->timeout_seconds);
    if (result == CURLE_URL_MALFORMAT)
        return lks_error_set(err, LKS_EARGUMENT, "%s is no address that can be asked", url);
    lks_buffer_shown(&shown, lks_str_from(detail[0] ? detail : curl.easy_strerror(result)), 200);
    lks_buffer_byte(&shown, '\0');
    const char *why = shown.failed ? "no reason given" : shown.data;
    int code = result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_RESOLVE_PROXY
                   ? lks_error_set(err, LKS_EIO, "%s: no such host is known here", url)
               : result == CURLE_COULDNT_CONNECT
                   ? lks_error_set(err, LKS_EIO, "%s: nobody answers there (%s)", url, why)
               : result == CURLE_PEER_FAILED_VERIFICATION
                   ? lks_error_set(err, LKS_EIO, "%s: its certificate does not hold (%s)", url, why)
               : result == CURLE_WEIRD_SERVER_REPLY || result == CURLE_UNSUPPORTED_PROTOCOL ||
                       result == CURLE_GOT_NOTHING || result == CURLE_PARTIAL_FILE
                   ? lks_error_set(err, LKS_EINPUT, "%s gave no answer of HTTP (%s)", url, why)
                   : lks_error_set(err, LKS_EIO, "%s cannot be asked (%s)", url, why);
    lks_buffer_free(&shown);
    return code;
}

static int header_add(struct curl_slist **list, const char *name, const char *value)
{
    char line[256];
    if (!value)
        return 1;
    snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *more = curl.slist_append(*list, line);
    *list = more ? more : *list;
    return more != NULL;
}

static void options_set(CURL *easy, struct transfer *transfer, struct curl_slist *headers,
                        char detail[CURL_ERROR_SIZE])
{
    const struct lks_http_request *request = transfer->request;
    curl.easy_setopt(easy, CURLOPT_URL, request->url);
    curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl.easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl.easy_setopt(easy, CURLOPT_PROXY, request->proxy ? request->proxy : "");
    curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl.easy_setopt(easy, CURLOPT_TIMEOUT, (long)request->timeout_seconds);
    curl.easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->answer_bytes_max);
    curl.easy_setopt(easy, CURLOPT_USERAGENT, "lockstep");
    curl.easy_setopt(easy, CURLOPT_POST, 1L);
    curl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size_bytes);
    curl.easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.data ? request->body.data : "");
    curl.easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_take);
    curl.easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl.easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, still_wanted);
    curl.easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    curl.easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
}

int lks_http_post(const struct lks_http_request *request, const struct lks_control *control,
                  struct lks_http_answer *answer, struct lks_error *err)
{
    struct transfer transfer = {.request = request, .control = control, .answer = answer};
    struct curl_slist *headers = NULL;
    char detail[CURL_ERROR_SIZE] = "";
    int code = lks_http_url_check(request->url, err);
    if (code == 0)
        code = lks_library_load(&library, err);
    if (code)
        return code;
    CURL *easy = curl.easy_init();
    if (!easy || !header_add(&headers, "Content-Type", request->content_type) ||
        !header_add(&headers, "Accept", request->accept) ||
        !header_add(&headers, "Expect", "")) { /* no waiting for a leave to send the body */
        curl.slist_free_all(headers);
        curl.easy_cleanup(easy);
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    options_set(easy, &transfer, headers, detail);
    CURLcode result = curl.easy_perform(easy);
    if (result == CURLE_OK) {
        long status = 0;
        const char *type = NULL;
        curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl.easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
        answer->status = (int)status;
        snprintf(answer->content_type, sizeof answer->content_type, "%s", type ? type : "");
    } else
        code = failure(&transfer, result, detail, err);
    curl.slist_free_all(headers);
    curl.easy_cleanup(easy);
    return code;
}
