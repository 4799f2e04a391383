/* verify.c - evidence verified: a case, the public part of a log, or a bag that was handed over */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/shown.h"
#include "case/verify_bundle.h"
#include "case/verify_vault.h"
#include "evidence/verify_copies.h"
#include "vault/disk.h"
#include "vault/verifiers.h"

/* What the options name, read. */
struct trust {
    struct lks_verifiers keys, witnesses;
    struct lks_buffer continues;
};

static int there(const char *folder, const char *name)
{
    char path[LKS_DISK_PATH_BYTES];
    struct stat status;
    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path &&
           lstat(path, &status) == 0;
}

/* A file of keys, or the text of one. */
static int keys_read(const char *named, struct lks_verifiers *keys, struct lks_error *err)
{
    struct lks_verifier verifier;
    struct lks_error inner = {0};
    if (lks_verifier_parse(lks_str_from(named), &verifier, NULL) == 0)
        return lks_verifiers_add(keys, &verifier, err);
    int code = lks_verifiers_read(named, keys, &inner);
    if (code)
        return lks_error_set(err, code == LKS_EMISSING ? LKS_EARGUMENT : code,
                             "%s is neither a verifier key nor a file of them: %s", named,
                             inner.message);
    if (keys->count == 0)
        return lks_error_set(err, LKS_EARGUMENT, "%s holds no key", named);
    return 0;
}

static int trust_read(const struct lks_verify_options *options, struct trust *trust,
                      struct lks_error *err)
{
    int code = 0;
    if (options->key)
        code = keys_read(options->key, &trust->keys, err);
    if (code == 0 && options->witnesses)
        code = keys_read(options->witnesses, &trust->witnesses, err);
    if (code == 0 && options->continues)
        code = lks_disk_get(options->continues, LKS_NOTE_BYTES_MAX, &trust->continues, err);
    return code;
}

static void subject_set(struct lks_verification *verification, const char *what, const char *path)
{
    lks_buffer_format(&verification->subject, "%s ", what);
    lks_buffer_shown(&verification->subject, lks_str_from(path), LKS_PATH_BYTES);
}

static int all_verify(const char *path, const struct lks_verify_request *request,
                      const struct lks_control *control, struct lks_verification *verification,
                      struct lks_error *err)
{
    struct lks_verify_facts facts = {0};
    char folder[LKS_DISK_PATH_BYTES];
    int code;
    if (snprintf(folder, sizeof folder, "%s/vault", path) >= (int)sizeof folder)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    if (there(path, "bagit.txt")) {
        subject_set(verification, "Bag", path);
        code = lks_verify_bundle(verification, path, request, control, err);
    } else if (there(path, "vault")) {
        subject_set(verification, "Case", path);
        code = lks_verify_vault(verification, folder, request, control, &facts, err);
        if (code == 0)
            code = lks_verify_runs(verification, path, &facts, control, err);
        if (code == 0)
            code = lks_verify_answers(verification, path, &facts, control, err);
        if (code == 0)
            code = lks_verify_store(verification, path, &facts, control, err);
    } else if (there(path, "checkpoint")) {
        subject_set(verification, "Log", path);
        code = lks_verify_vault(verification, path, request, control, &facts, err);
    } else
        code = lks_error_set(err, LKS_EMISSING,
                             "%s holds no evidence: neither a vault, nor a log, nor a bag", path);
    lks_verify_facts_free(&facts);
    return code;
}

int lks_verify(const char *path, const struct lks_verify_options *options, int as_json,
               const struct lks_control *control, char **text_out,
               enum lks_verify_outcome *outcome_out, struct lks_error *err)
{
    struct lks_verification *verification = calloc(1, sizeof *verification);
    struct trust trust = {{0}};
    struct lks_buffer text = {0};
    int code = verification ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    *text_out = NULL;
    if (code == 0)
        code = trust_read(options, &trust, err);
    struct lks_verify_request request = {
        .keys = options->key ? &trust.keys : NULL,
        .witnesses = options->witnesses ? &trust.witnesses : NULL,
        .authorities = options->authorities,
        .continues = options->continues
                         ? (struct lks_str){trust.continues.data, trust.continues.size_bytes}
                         : LKS_STR_NULL,
        .quick = options->quick};
    if (code == 0)
        code = all_verify(path, &request, control, verification, err);
    if (code == 0)
        code = lks_verification_format(verification, as_json, &text, err);
    lks_buffer_byte(&text, '\0');
    if (code == 0 && text.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0) {
        enum lks_check_state state = lks_verification_state(verification);
        *outcome_out = state == LKS_CHECK_DAMAGED      ? LKS_VERIFY_DAMAGED
                       : state == LKS_CHECK_INCOMPLETE ? LKS_VERIFY_INCOMPLETE
                                                       : LKS_VERIFY_HOLDS;
        *text_out = text.data;
    } else
        lks_buffer_free(&text);
    if (verification)
        lks_verification_free(verification);
    free(verification);
    lks_verifiers_free(&trust.keys);
    lks_verifiers_free(&trust.witnesses);
    lks_buffer_free(&trust.continues);
    return code;
}
