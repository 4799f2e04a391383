/* reasons.h - statements of reasons (Regulation (EU) 2022/2065, Articles 17 and 24(5))
 *
 * The form is that of the public transparency database since 1 July 2025: what its schema says, and
 * what it cannot say (dates, characters instead of bytes, one PUID a platform, no personal data).
 * Whether detection and decision were automated is derived from what the log holds of the way to the
 * decision; there is no field to type it into. */
#ifndef LKS_CUSTODY_REASONS_H
#define LKS_CUSTODY_REASONS_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define LKS_REASONS_BATCH_MAX 100
#define LKS_REASONS_LIST_MAX 32 /* of territories there are 30 */

/* How a decision came about, as the log holds it. */
struct lks_decision_path {
    int found_by_run;      /* a detection run named the account or post before anyone else did */
    int found_by_notice;   /* a notice or a person named it first */
    int proposed_by_rule;  /* a rule of a policy proposed the decision from the run's finding */
    unsigned people_count; /* people who approved or took the decision, each by an entry */
};

/* A list of names out of the database's own; NULL ends it. */
typedef const char *lks_reasons_list[LKS_REASONS_LIST_MAX + 1];

/* One statement. Texts are UTF-8, NULL where there is none; names are the database's. */
struct lks_reasons {
    const char *puid; /* [A-Za-z0-9_-], at most 500, unique for the platform, no personal data */
    lks_reasons_list decision_visibility;
    const char *decision_visibility_other;
    const char *decision_monetary, *decision_monetary_other;
    const char *decision_provision;
    const char *decision_account, *account_type;
    const char *decision_ground, *decision_ground_reference_url;
    const char *illegal_content_legal_ground, *illegal_content_explanation;
    const char *incompatible_content_ground, *incompatible_content_explanation;
    int incompatible_content_illegal; /* 1, 0, or -1: not said */
    lks_reasons_list content_type;
    const char *content_type_other;
    const char *category;
    lks_reasons_list category_addition, category_specification;
    const char *category_specification_other;
    lks_reasons_list territorial_scope;
    const char *content_language;
    const char *content_date, *application_date; /* YYYY-MM-DD */
    const char *end_date_visibility_restriction, *end_date_monetary_restriction;
    const char *end_date_service_restriction, *end_date_account_restriction;
    const char *decision_facts;
    const char *source_type, *source_identity;
    struct lks_decision_path path;
};

/* Checks one statement against the schema and the further rules; personal[] are the names, handles
 * and keys of the people and accounts concerned, none of which may stand in the facts, the
 * explanations or the PUID. 0, or LKS_EINPUT with the first rule that is broken. */
int lks_reasons_check(const struct lks_reasons *reasons, const struct lks_str *personal,
                      size_t personal_count, struct lks_error *err);
/* Checks a batch as it would be sent: 1 to 100 statements, no PUID twice, all or nothing. */
int lks_reasons_check_batch(const struct lks_reasons *reasons, size_t count,
                            const struct lks_str *personal, size_t personal_count,
                            struct lks_error *err);
/* Adds {"statements": [...]} for a batch that was checked. LKS_EMEMORY. */
int lks_reasons_format(const struct lks_reasons *reasons, size_t count, struct lks_buffer *out,
                       struct lks_error *err);

/* Adds the statement as the user gets it (Article 17), as sentences: what was decided, where and until
 * when, facts, what was automated, ground, and how to contest it. Of one that was checked.
 * LKS_EMEMORY. */
int lks_reasons_letter(const struct lks_reasons *reasons, struct lks_buffer *out,
                       struct lks_error *err);

/* "Yes" where a run found it first, else "No". */
const char *lks_reasons_detection(const struct lks_decision_path *path);
/* FULLY where a rule decided and nobody looked; PARTIALLY where a rule proposed and people approved;
 * NOT_AUTOMATED where people decided with no proposal. NULL where nobody decided. */
const char *lks_reasons_decision(const struct lks_decision_path *path);

#endif
