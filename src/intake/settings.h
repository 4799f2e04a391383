/* settings.h - what a case is about: CASE/case.toml, written by the analyst */
#ifndef LKS_INTAKE_SETTINGS_H
#define LKS_INTAKE_SETTINGS_H

#include "finding/results.h"
#include "intake/retention.h"
#include "source/source.h"

struct lks_setting_list {
    struct lks_str *items;
    size_t count;
};

/* A day that matters: an election. */
struct lks_setting_date {
    struct lks_str name;
    int64_t day_us;
};

/* Whom the case may be about: as texts name them, and their accounts. */
struct lks_setting_beneficiary {
    struct lks_str name;
    struct lks_setting_list names, accounts;
};

/* One unit of `from` is rate_nano / 10^9 units of `to`. */
struct lks_setting_rate {
    const char *from, *to; /* static codes, see base/money.h */
    int64_t rate_nano;
    int64_t day_us; /* LKS_TIME_NULL: always */
    struct lks_str source;
};

/* A sum that was reported elsewhere, for the ledger to be held against. */
struct lks_setting_reported {
    struct lks_str name, payer, method; /* payer, method: null for any */
    struct lks_str amount;              /* as written, until the table is whole */
    const char *currency;
    int64_t amount_minor;
};

enum { LKS_SETTINGS_MAX = 256 }; /* dates, beneficiaries, rates, reported sums: of each */

struct lks_settings {
    struct lks_arena arena;
    int there; /* a case.toml was read */
    struct lks_str title;
    struct lks_setting_list languages, topic_terms, topic_tags;
    struct lks_setting_list newsrooms; /* keys of accounts that are known to be newsrooms */
    struct lks_str windows; /* "url=60s,hashtag=10s", NUL-ended; null where none is set */
    struct lks_source_zone *zones;
    size_t zones_count;
    struct lks_setting_date *dates;
    size_t dates_count;
    struct lks_setting_beneficiary *beneficiaries;
    size_t beneficiaries_count;
    struct lks_setting_rate *rates;
    size_t rates_count;
    struct lks_setting_reported *reported;
    size_t reported_count;
    struct lks_retention retention;
    struct lks_setting_list disclosure; /* more marks of paid posts: "#tag" or words */
};

/* Reads CASE/case.toml; a case without one has empty settings. LKS_EARGUMENT with the line, what is
 * wrong, and, for a name that is not known, the one that was probably meant. Freed by
 * lks_settings_free, also after a failure. */
int lks_settings_read(const char *case_path, struct lks_settings *settings, struct lks_error *err);
/* The same from a text; name stands in messages. */
int lks_settings_parse(const char *name, struct lks_str text, struct lks_settings *settings,
                       struct lks_error *err);
void lks_settings_free(struct lks_settings *settings);

/* Adds the settings to the options that a run's results show. LKS_EMEMORY. */
int lks_settings_show(const struct lks_settings *settings, struct lks_results *results,
                      struct lks_error *err);

#endif
