/* fill_parts.c - what filling the results of several signals has in common */
#include "detect/fill_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

uint32_t *lks_account_findings(const struct lks_analysis *analysis, uint32_t accounts_count)
{
    uint32_t *finding = malloc(((size_t)accounts_count + 1) * sizeof *finding);
    for (uint32_t i = 0; finding && i < accounts_count; i++)
        finding[i] = UINT32_MAX;
    if (finding && analysis->account_finding) {
        memcpy(finding, analysis->account_finding, (size_t)accounts_count * sizeof *finding);
        return finding;
    }
    for (uint32_t i = 0; finding && i < analysis->nodes_count; i++)
        finding[analysis->node_account[i]] = analysis->nodes[i].group;
    return finding;
}

struct lks_str lks_counts_text(struct lks_arena *arena, const uint32_t *counts, size_t count)
{
    struct lks_buffer text = {0};
    struct lks_str copy = LKS_STR_NULL;
    for (size_t i = 0; i < count; i++)
        lks_buffer_format(&text, "%s%" PRIu32, i ? " " : "", counts[i]);
    if (!text.failed)
        copy = lks_arena_str(arena, (struct lks_str){text.data, text.size_bytes});
    lks_buffer_free(&text);
    return copy;
}
