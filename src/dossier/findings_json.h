/* findings_json.h - findings.json: the published machine-readable result of a run */
#ifndef LKS_DOSSIER_FINDINGS_JSON_H
#define LKS_DOSSIER_FINDINGS_JSON_H

#include "base/sha256.h"
#include "finding/results.h"

/* Writes findings.json, valid by docs/schema/findings.schema.json: every finding with its
 * members, edges and evidence posts, the test, the files and the options. It holds nothing
 * that changes from run to run on the same data, such as seconds. The file appears whole or
 * not at all. Returns 0, LKS_EIO, LKS_EMEMORY. */
int lks_findings_json_write(const struct lks_results *results, const char *path,
                            struct lks_error *err);

/* SHA-256, as hex digits, of findings.json as it would be if the run had no name ("run": ""): what
 * two runs on the same data by the same options have in common. LKS_EMEMORY, LKS_EIO. */
int lks_findings_json_digest(const struct lks_results *results, char hex_out[LKS_SHA256_HEX_BYTES],
                             struct lks_error *err);

#endif
