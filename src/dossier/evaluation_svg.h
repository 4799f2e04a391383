/* evaluation_svg.h - the picture of an evaluation: precision over recall, with its intervals */
#ifndef LKS_DOSSIER_EVALUATION_SVG_H
#define LKS_DOSSIER_EVALUATION_SVG_H

#include "finding/evaluate.h"

/* Writes one SVG file that needs nothing else, whole or not at all. LKS_EIO, LKS_EMEMORY. */
int lks_evaluation_svg(const struct lks_evaluation *evaluation, int synthetic, const char *path,
                       struct lks_error *err);

#endif
