/* results_fields.h - how the structs of a run's results lie as tables; for results_tables.c */
#ifndef LKS_DETECT_RESULTS_FIELDS_H
#define LKS_DETECT_RESULTS_FIELDS_H

#include <stddef.h>

#include "finding/results.h"

enum field_type { FIELD_U32, FIELD_I32, FIELD_U64, FIELD_I64, FIELD_DOUBLE, FIELD_STR, FIELD_TEXT };

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
};

/* Rows of the lists inside findings. */
struct member_row {
    uint32_t finding, node;
    struct lks_member_fusion item;
};
struct mechanism_row {
    uint32_t finding;
    struct lks_mechanism item;
};
struct technique_row {
    uint32_t finding;
    struct lks_technique item;
};
struct alternative_row {
    uint32_t finding;
    struct lks_alternative item;
};
struct object_row {
    uint32_t finding;
    struct lks_result_object item;
};
struct match_row {
    uint32_t finding;
    struct lks_result_match item;
};
struct variant_row {
    uint32_t finding;
    struct lks_result_variant item;
};
struct note_row {
    struct lks_str text;
};

/* One table: its rows in memory, the fields, and where an array of counts by kind lies. */
struct sheet {
    const char *name;
    const struct field *fields;
    size_t fields_count;
    size_t row_bytes;
    size_t kinds_offset; /* of kind_objects, or 0 */
    void *rows;
    size_t rows_count;
};

enum sheet_name {
    SHEET_RUN,
    SHEET_NODE,
    SHEET_EDGE,
    SHEET_FINDING,
    SHEET_MEMBER,
    SHEET_MECHANISM,
    SHEET_TECHNIQUE,
    SHEET_ALTERNATIVE,
    SHEET_OBJECT,
    SHEET_VARIANT,
    SHEET_MATCH,
    SHEET_POST,
    SHEET_AWAKENING,
    SHEET_COHORT,
    SHEET_REGISTRATION,
    SHEET_POPULAR,
    SHEET_LINEAGE,
    SHEET_LINEAGE_ACCOUNT,
    SHEET_TAG_EDIT,
    SHEET_CALL,
    SHEET_RESPONDER,
    SHEET_SWARMER,
    SHEET_FLOOD,
    SHEET_SWARM_CLUSTER,
    SHEET_INSTRUCTION,
    SHEET_RELAY,
    SHEET_RELAY_MEMBER,
    SHEET_RELAYER,
    SHEET_SCRIPT,
    SHEET_TELLER,
    SHEET_PAYEE,
    SHEET_SUM,
    SHEET_FLOW,
    SHEET_NAMED,
    SHEET_CHECK,
    SHEET_LAYER,
    SHEET_BIN,
    SHEET_FILE,
    SHEET_REJECT,
    SHEET_OPTION,
    SHEET_NOTE,
    SHEETS_COUNT
};

/* The shape of every table, without rows. */
extern const struct sheet lks_results_sheets[SHEETS_COUNT];

#endif
