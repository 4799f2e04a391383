/* stix_inside.h - a bundle on its way to disk; for stix.c and stix_finding.c */
#ifndef LKS_DOSSIER_STIX_INSIDE_H
#define LKS_DOSSIER_STIX_INSIDE_H

#include "dossier/json_parts.h"
#include "dossier/stix.h"

#define LKS_STIX_ID_BYTES 80

struct lks_stix {
    const struct lks_results *results;
    struct lks_stix_options options;
    struct lks_json_stream stream;
    char created[LKS_TIME_TEXT_BYTES];
    char producer[LKS_STIX_ID_BYTES], synthetic[LKS_STIX_ID_BYTES], extension[LKS_STIX_ID_BYTES];
    struct lks_buffer refs; /* ids of the report's objects, LKS_STIX_ID_BYTES each */
    int failed;             /* memory was out */
};

/* "type--uuid" of one of our objects: its name within the run. */
void lks_stix_id(struct lks_stix *b, const char *type, struct lks_str finding, const char *what,
                 struct lks_str more, char out[LKS_STIX_ID_BYTES]);
void lks_stix_technique_id(struct lks_stix *b, const char *technique, char out[LKS_STIX_ID_BYTES]);
void lks_stix_account_id(struct lks_stix *b, const struct lks_account *account,
                         char out[LKS_STIX_ID_BYTES]);
/* The report will refer to it. */
void lks_stix_remember(struct lks_stix *b, const char *id);
/* A time to the millisecond under a key. */
void lks_stix_time(struct lks_json *json, const char *key, int64_t time_us);
/* Starts an object of the domain: who made it, when, and its markings; and ends any. */
void lks_stix_start(struct lks_stix *b, const char *type, const char *id);
void lks_stix_end(struct lks_stix *b);
void lks_stix_account(struct lks_stix *b, const struct lks_account *account);

/* All objects of one finding; of stix_finding.c. */
void lks_stix_finding(struct lks_stix *b, const struct lks_finding *finding);

#endif
