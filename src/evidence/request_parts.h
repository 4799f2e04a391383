/* request_parts.h - what the files of requests and answers share */
#ifndef LKS_EVIDENCE_REQUEST_PARTS_H
#define LKS_EVIDENCE_REQUEST_PARTS_H

#include "base/json_write.h"
#include "case/requests.h"

int64_t lks_request_now(void);
/* LKS_EMISSING where the folder of the case is not there. */
int lks_request_case_check(const char *case_path, struct lks_error *err);
/* "posts,accounts" as bits; NULL is 0. LKS_EARGUMENT. */
int lks_request_kinds_parse(const char *text, unsigned *kinds_out, struct lks_error *err);

#endif
