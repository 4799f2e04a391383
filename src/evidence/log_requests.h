/* log_requests.h - entries of requests and of their answers, in words */
#ifndef LKS_EVIDENCE_LOG_REQUESTS_H
#define LKS_EVIDENCE_LOG_REQUESTS_H

#include "case/entries.h"

/* Adds the words for an entry of kind request or disclose: 1, or 0 where it is none that is known. */
int lks_log_request_words(struct lks_buffer *out, const struct lks_entry *entry);
/* 1 for the statement of one record of an answer: of the thousands each is told in a line. */
int lks_log_is_record(const struct lks_entry *entry);

#endif
