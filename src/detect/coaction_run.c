/* coaction_run.c - the co-action network of files: what was asked for, and by which way */
#include <stdlib.h>

#include "detect/coaction_parts.h"

struct lks_coaction_request lks_coaction_request_default(void)
{
    return (struct lks_coaction_request){.min_pairs = 1,
                                         .min_objects = 1,
                                         .min_occasions = 1,
                                         .chance_edges = 1,
                                         .min_participation = 2,
                                         .edge_weight = 0.5,
                                         .min_weight = 1,
                                         .similarity = 0.8};
}

static int request_check(const struct lks_coaction_request *request, struct lks_error *err)
{
    if (request->inputs_count == 0)
        return lks_error_set(err, LKS_EARGUMENT, "no input file was named");
    if (!(request->edge_weight >= 0 && request->edge_weight <= 1))
        return lks_error_set(err, LKS_EARGUMENT, "the edge weight is a quantile, from 0 to 1");
    if (!(request->chance_edges >= 0 && request->chance_edges <= 1e15))
        return lks_error_set(err, LKS_EARGUMENT,
                             "the edges expected by chance are a number from 0 (any) on");
    if (!(request->similarity > 0 && request->similarity <= 1))
        return lks_error_set(err, LKS_EARGUMENT, "the similarity is above 0 and at most 1");
    if (request->compat != LKS_COACTION_OWN && (request->kinds || request->map))
        return lks_error_set(err, LKS_EARGUMENT,
                             "a compatibility mode reads its own columns: it takes neither kinds "
                             "nor a mapping");
    if (request->fast_window && request->compat != LKS_COACTION_COORTWEET)
        return lks_error_set(err, LKS_EARGUMENT, "the fast window belongs to CooRTweet's mode");
    if (request->network && request->compat != LKS_COACTION_CNT)
        return lks_error_set(err, LKS_EARGUMENT,
                             "networks by name belong to the mode of coordination-network-toolkit");
    return 0;
}

int lks_coaction_files(const struct lks_coaction_request *request, int as_json,
                       const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_buffer buffer = {0};
    struct lks_coaction_answer answer = {
        .json = {.buffer = &buffer}, .text = &buffer, .as_json = as_json};
    *text_out = NULL;
    int code = request_check(request, err);
    if (code < 0)
        return code;
    switch (request->compat) {
    case LKS_COACTION_OWN:
        code = lks_coaction_own(request, control, &answer, err);
        break;
    case LKS_COACTION_COORTWEET:
        code = lks_coaction_coortweet(request, control, &answer, err);
        break;
    case LKS_COACTION_CNT:
        code = lks_coaction_cnt(request, control, &answer, err);
        break;
    default:
        code = lks_error_set(err, LKS_EARGUMENT, "no such compatibility mode");
    }
    if (as_json)
        lks_buffer_byte(&buffer, '\n');
    lks_buffer_byte(&buffer, '\0');
    if (code == 0 && buffer.failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code < 0) {
        lks_buffer_free(&buffer);
        return code;
    }
    *text_out = buffer.data;
    return 0;
}
