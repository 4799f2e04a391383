/* hold_attest.c - how much a hold covers, signed */
#include "engine/hold_parts.h"

int lks_case_hold_attest(const char *case_path, const char *id, const char *note_path, int as_json,
                         const struct lks_control *control, char **text_out, struct lks_error *err)
{
    (void)case_path, (void)id, (void)note_path, (void)as_json, (void)control, (void)text_out;
    return lks_error_set(err, LKS_EARGUMENT, "attestations are not made yet");
}

int lks_case_hold_check(const char *case_path, const char *note_path, int as_json,
                        const struct lks_control *control, char **text_out, struct lks_error *err)
{
    (void)case_path, (void)note_path, (void)as_json, (void)control, (void)text_out;
    return lks_error_set(err, LKS_EARGUMENT, "attestations are not made yet");
}
