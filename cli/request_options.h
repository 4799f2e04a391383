/* request_options.h - the arguments of the request command */
#ifndef LKS_CLI_REQUEST_OPTIONS_H
#define LKS_CLI_REQUEST_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

/* An option that may come often. */
struct lks_cli_list {
    const char **items;
    size_t count;
};

/* Zero it to start; ended by lks_cli_request_free. */
struct lks_cli_request {
    const char *case_path, *id;
    const char *authority, *basis, *legal_basis, *received, *due, *from, *to, *kinds;
    const char *document, *document_sha256, *answer, *missing, *records, *at, *warn;
    const char *run, *profile, *why, *note, *output;
    struct lks_cli_list questions, platforms, accounts, terms, findings, files;
    char *questions_text; /* of a file of questions; the items point into it */
    unsigned threads;
    uint64_t memory_bytes;
    int json, quiet, help, freeze;
};

/* Reads what follows the action: CASE, REQUEST, options. 0 or an exit code. */
int lks_cli_request_read(struct lks_cli_request *options, int argc, char **argv);
void lks_cli_request_free(struct lks_cli_request *options);

#endif
