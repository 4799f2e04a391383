/* generic.h - the adapters that a mapping drives */
#ifndef LKS_SOURCE_GENERIC_H
#define LKS_SOURCE_GENERIC_H

#include "source/source.h"

extern const struct lks_adapter lks_adapter_csv;   /* context->columns by enum lks_map_field */
extern const struct lks_adapter lks_adapter_jsonl; /* dotted paths */
extern const struct lks_adapter lks_adapter_json;  /* the same for documents */

/* Whether the adapter makes no sense without options->mapping. */
static inline int lks_adapter_needs_mapping(const struct lks_adapter *adapter)
{
    return adapter == &lks_adapter_csv || adapter == &lks_adapter_jsonl ||
           adapter == &lks_adapter_json;
}

#endif
