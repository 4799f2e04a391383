/* http_test.c - the client against the server, and both against those who keep to nothing */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/client.h"
#include "http/server.h"

enum { BODY_MAX = 1000 };

static struct lks_http_server *server;
static unsigned port;
static _Atomic int answered; /* counted on the thread of the server */

/* Says back what it was told. */
static void echo(void *context, const char *method, const char *path, struct lks_str body,
                 struct lks_http_reply *reply)
{
    (void)context;
    answered++;
    if (strcmp(path, "/echo") != 0)
        return;
    reply->status = strcmp(method, "POST") == 0 ? 200 : 405;
    reply->content_type = "text/x.echo";
    lks_buffer_append(&reply->body, body.data, body.size_bytes);
}

static int setup(void **unused)
{
    struct lks_http_server_options options = {
        .address = "127.0.0.1", .body_bytes_max = BODY_MAX, .answer = echo};
    (void)unused;
    return lks_http_server_open(&options, &server, &port, NULL);
}

static int teardown(void **unused)
{
    (void)unused;
    lks_http_server_close(server);
    return 0;
}

static int post(unsigned to_port, const char *path, struct lks_str body, size_t answer_max,
                struct lks_http_answer *answer, struct lks_error *err)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", to_port, path);
    struct lks_http_request request = {.url = url,
                                       .content_type = "text/plain",
                                       .body = body,
                                       .answer_bytes_max = answer_max,
                                       .timeout_seconds = 2};
    lks_buffer_free(&answer->body);
    *answer = (struct lks_http_answer){0};
    return lks_http_post(&request, NULL, answer, err);
}

static void bodies_come_back(void **unused)
{
    char bytes[BODY_MAX + 2];
    struct lks_http_answer answer = {0};
    (void)unused;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    for (size_t size = 0; size <= BODY_MAX; size += size < 990 ? 99 : 1) {
        struct lks_str body = {bytes, size};
        assert_int_equal(post(port, "/echo", body, BODY_MAX, &answer, NULL), 0);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.content_type, "text/x.echo");
        assert_true(
            lks_str_equal((struct lks_str){answer.body.data, answer.body.size_bytes}, body));
    }
    int before = answered;
    assert_int_equal(
        post(port, "/echo", (struct lks_str){bytes, BODY_MAX + 1}, BODY_MAX, &answer, NULL), 0);
    assert_int_equal(answer.status, 413);
    assert_int_equal(answered, before);
    assert_int_equal(post(port, "/", (struct lks_str){bytes, 1}, BODY_MAX, &answer, NULL), 0);
    assert_int_equal(answer.status, 404);
    assert_int_equal(post(port, "/echo", (struct lks_str){bytes, 500}, 499, &answer, NULL),
                     LKS_EINPUT);
    lks_buffer_free(&answer.body);
}

/* What is sent to the server as it is; what comes back, as far as it does. */
static size_t raw(const char *text, char *out, size_t out_bytes)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {3, 0};
    int file = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(file, (struct sockaddr *)&to, sizeof to), 0);
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (size_t at = 0, size = strlen(text); at < size;) {
        ssize_t put = send(file, text + at, size - at, MSG_NOSIGNAL);
        if (put <= 0)
            break;
        at += (size_t)put;
    }
    size_t got = 0;
    for (ssize_t more;
         got + 1 < out_bytes && (more = recv(file, out + got, out_bytes - got - 1, 0)) > 0;)
        got += (size_t)more;
    out[got] = '\0';
    close(file);
    return got;
}

static void a_client_that_keeps_to_nothing(void **unused)
{
    char out[4096];
    struct lks_buffer chunks = {0};
    (void)unused;
    int before = answered;
    raw("nonsense\r\n\r\n", out, sizeof out);
    raw("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n"
        "Connection: close\r\n\r\n",
        out, sizeof out);
    assert_null(strstr(out, " 200 "));
    raw("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\nConnection: close\r\n\r\n", out,
        sizeof out);
    assert_null(strstr(out, " 200 "));
    /* chunks without end */
    lks_buffer_text(&chunks,
                    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 500; i++)
        lks_buffer_text(&chunks, "10\r\n0123456789abcdef\r\n");
    lks_buffer_byte(&chunks, '\0');
    raw(chunks.data, out, sizeof out);
    assert_null(strstr(out, " 200 "));
    /* a head without end */
    lks_buffer_clear(&chunks);
    lks_buffer_text(&chunks, "POST /echo HTTP/1.1\r\n");
    for (int i = 0; i < 5000; i++)
        lks_buffer_text(&chunks, "X-Filler: 0123456789abcdef\r\n");
    lks_buffer_text(&chunks, "\r\n");
    lks_buffer_byte(&chunks, '\0');
    raw(chunks.data, out, sizeof out);
    assert_null(strstr(out, " 200 "));
    assert_int_equal(answered, before);
    raw("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", out, sizeof out);
    assert_non_null(strstr(out, " 405 "));
    lks_buffer_free(&chunks);
}

/* A server of its own that says one thing to whoever comes, whatever was asked. */
struct rude {
    int listener;
    unsigned port;
    const char *says;
    int repeats;
    pthread_t thread;
};

static void *rude_run(void *context)
{
    struct rude *rude = context;
    char piece[4096];
    int file = accept(rude->listener, NULL, NULL);
    if (file < 0 || recv(file, piece, sizeof piece, 0) < 0)
        return NULL;
    for (int i = 0; i < rude->repeats; i++)
        if (send(file, rude->says, strlen(rude->says), MSG_NOSIGNAL) <= 0)
            break;
    if (rude->repeats == 0) /* says nothing until the other gives up */
        while (recv(file, piece, sizeof piece, 0) > 0)
            ;
    shutdown(file, SHUT_WR);
    close(file);
    return NULL;
}

static int rude_post(const char *says, int repeats, struct lks_http_answer *answer,
                     struct lks_error *err)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    struct rude rude = {.says = says, .repeats = repeats};
    rude.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(rude.listener, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(rude.listener, 1), 0);
    assert_int_equal(getsockname(rude.listener, (struct sockaddr *)&here, &size), 0);
    assert_int_equal(pthread_create(&rude.thread, NULL, rude_run, &rude), 0);
    *err = (struct lks_error){0};
    int code = post(ntohs(here.sin_port), "/x", LKS_STR("a"), BODY_MAX, answer, err);
    pthread_join(rude.thread, NULL);
    close(rude.listener);
    return code;
}

static void a_server_that_keeps_to_nothing(void **unused)
{
    struct lks_http_answer answer = {0};
    struct lks_error err;
    (void)unused;
    assert_int_equal(rude_post("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 1, &answer, &err),
                     0);
    assert_int_equal(answer.body.size_bytes, 2);
    assert_int_equal(rude_post("no HTTP at all", 1, &answer, &err), LKS_EINPUT);
    assert_int_equal(rude_post("", 1, &answer, &err), LKS_EINPUT);
    assert_int_equal(
        rude_post("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", 1, &answer, &err),
        LKS_EINPUT);
    assert_int_equal(
        rude_post("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut", 1, &answer, &err),
        LKS_EINPUT);
    /* more than was bargained for, without a length */
    assert_int_equal(
        rude_post("HTTP/1.1 200 OK\r\n\r\n0123456789abcdef0123456789abcdef", 100000, &answer, &err),
        LKS_EINPUT);
    assert_true(answer.body.size_bytes <= BODY_MAX);
    assert_int_equal(rude_post("", 0, &answer, &err), LKS_EIO);
    assert_non_null(strstr(err.message, "in time"));
    /* nowhere else is gone to */
    assert_int_equal(rude_post("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
                               "Content-Length: 0\r\n\r\n",
                               1, &answer, &err),
                     0);
    assert_int_equal(answer.status, 302);
    lks_buffer_free(&answer.body);
}

static void what_is_no_address_is_refused(void **unused)
{
    static const char *const bad[] = {"",           "example.org", "file:///etc/passwd",
                                      "http://",    "http:///x",   "ftp://a/",
                                      "http://a b", "https://a\n", "gopher://a/"};
    struct lks_http_server_options options = {.body_bytes_max = 1, .answer = echo};
    struct lks_http_server *none;
    struct lks_http_answer answer = {0};
    struct lks_error err = {0};
    unsigned where;
    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(lks_http_url_check(bad[i], NULL), LKS_EARGUMENT);
    assert_int_equal(lks_http_url_check("https://witness.example/add", NULL), 0);
    options.address = "localhost";
    assert_int_equal(lks_http_server_open(&options, &none, &where, NULL), LKS_EARGUMENT);
    options.address = "127.0.0.1";
    options.port = port; /* taken */
    assert_int_equal(lks_http_server_open(&options, &none, &where, NULL), LKS_EIO);
    assert_int_equal(post(1, "/", LKS_STR("a"), 1, &answer, &err), LKS_EIO);
    assert_non_null(strstr(err.message, "nobody answers there"));
    lks_buffer_free(&answer.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bodies_come_back),
                                       cmocka_unit_test(a_client_that_keeps_to_nothing),
                                       cmocka_unit_test(a_server_that_keeps_to_nothing),
                                       cmocka_unit_test(what_is_no_address_is_refused)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
