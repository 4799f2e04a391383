/* answer_layout.c - the answer to a request as a bag: paths and fields */
#include "case/answer_layout.h"

#include <stdio.h>

#include "base/error.h"

const char *const lks_answer_record_names[LKS_ANSWER_RECORDS_COUNT] = {"post", "account",
                                                                       "payment"};
const char *const lks_answer_file_names[LKS_ANSWER_RECORDS_COUNT] = {"posts", "accounts",
                                                                     "payments"};

void lks_answer_proof_path(uint64_t index, char path[LKS_ANSWER_PROOF_PATH_BYTES])
{
    int size =
        snprintf(path, LKS_ANSWER_PROOF_PATH_BYTES, LKS_ANSWER_PROOFS "/%03llu/%012llu.tlog-proof",
                 (unsigned long long)(index / 1000), (unsigned long long)index);
    LKS_ASSERT(size > 0 && size < LKS_ANSWER_PROOF_PATH_BYTES);
}

void lks_answer_counts_format(const uint64_t counts[LKS_ANSWER_RECORDS_COUNT],
                              char text[LKS_ANSWER_COUNTS_BYTES])
{
    int size = 0;
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        size += snprintf(text + size, (size_t)(LKS_ANSWER_COUNTS_BYTES - size), "%s%llu %s",
                         i ? ", " : "", (unsigned long long)counts[i],
                         counts[i] == 1 ? lks_answer_record_names[i] : lks_answer_file_names[i]);
    LKS_ASSERT(size < LKS_ANSWER_COUNTS_BYTES);
}

/* import, offset_bytes and length_bytes lead into the sealed file. */
static const struct lks_answer_field post_fields[] = {
    {"post_key", LKS_ANSWER_TEXT},      {"account_key", LKS_ANSWER_TEXT},
    {"platform", LKS_ANSWER_TEXT},      {"kind", LKS_ANSWER_TEXT},
    {"time", LKS_ANSWER_TIME},          {"time_precision", LKS_ANSWER_TEXT},
    {"text", LKS_ANSWER_TEXT},          {"transcript", LKS_ANSWER_TEXT},
    {"language", LKS_ANSWER_TEXT},      {"parent_key", LKS_ANSWER_TEXT},
    {"origin_key", LKS_ANSWER_TEXT},    {"channel_key", LKS_ANSWER_TEXT},
    {"views", LKS_ANSWER_COUNT},        {"likes", LKS_ANSWER_COUNT},
    {"shares", LKS_ANSWER_COUNT},       {"comments", LKS_ANSWER_COUNT},
    {"declared_paid", LKS_ANSWER_FLAG}, {"file_sha256", LKS_ANSWER_TEXT},
    {"import", LKS_ANSWER_COUNT},       {"offset_bytes", LKS_ANSWER_COUNT},
    {"length_bytes", LKS_ANSWER_COUNT},
};
static const struct lks_answer_field account_fields[] = {
    {"account_key", LKS_ANSWER_TEXT},
    {"platform", LKS_ANSWER_TEXT},
    {"handle", LKS_ANSWER_TEXT},
    {"display_name", LKS_ANSWER_TEXT},
    {"country", LKS_ANSWER_TEXT},
    {"language", LKS_ANSWER_TEXT},
    {"bio", LKS_ANSWER_TEXT},
    {"created", LKS_ANSWER_TIME},
    {"created_method", LKS_ANSWER_TEXT},
    {"followers", LKS_ANSWER_COUNT},
    {"following", LKS_ANSWER_COUNT},
    {"posts_total", LKS_ANSWER_COUNT},
    {"verified", LKS_ANSWER_FLAG},
};
static const struct lks_answer_field payment_fields[] = {
    {"payment_key", LKS_ANSWER_TEXT},    {"payer", LKS_ANSWER_TEXT},
    {"payee", LKS_ANSWER_TEXT},          {"account_key", LKS_ANSWER_TEXT},
    {"post_key", LKS_ANSWER_TEXT},       {"beneficiary", LKS_ANSWER_TEXT},
    {"amount_minor", LKS_ANSWER_COUNT},  {"currency", LKS_ANSWER_TEXT},
    {"exponent", LKS_ANSWER_COUNT},      {"time", LKS_ANSWER_TIME},
    {"time_precision", LKS_ANSWER_TEXT}, {"method", LKS_ANSWER_TEXT},
    {"purpose", LKS_ANSWER_TEXT},        {"file_sha256", LKS_ANSWER_TEXT},
    {"import", LKS_ANSWER_COUNT},        {"offset_bytes", LKS_ANSWER_COUNT},
    {"length_bytes", LKS_ANSWER_COUNT},
};

const struct lks_answer_field *lks_answer_fields(enum lks_answer_record record, size_t *count_out)
{
    static const struct {
        const struct lks_answer_field *fields;
        size_t count;
    } all[LKS_ANSWER_RECORDS_COUNT] = {
        {post_fields, sizeof post_fields / sizeof *post_fields},
        {account_fields, sizeof account_fields / sizeof *account_fields},
        {payment_fields, sizeof payment_fields / sizeof *payment_fields},
    };
    LKS_ASSERT(record >= 0 && record < LKS_ANSWER_RECORDS_COUNT);
    *count_out = all[record].count;
    return all[record].fields;
}
