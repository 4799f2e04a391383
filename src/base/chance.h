/* chance.h - probabilities that are kept and told, down to any smallness */
#ifndef LKS_BASE_CHANCE_H
#define LKS_BASE_CHANCE_H

#include "base/str.h"

/* No chance is 0. Where one is kept as a number and not as its logarithm, this stands for all that
 * is as small or smaller: a double ends near 1e-308. */
#define LKS_CHANCE_LEAST 1e-300
#define LKS_CHANCE_LEAST_LOG10 (-300.0)

/* "0.034", "3.4e-07", "1.3e-412": 10^log10_chance to two digits, as printf's %.2g writes it, also
 * where no double holds it. log10_chance is a number. */
enum { LKS_CHANCE_TEXT_BYTES = 32 };
void lks_chance_format(double log10_chance, char text_out[LKS_CHANCE_TEXT_BYTES]);

/* Adds "q 0.0341", or "q below 1e-300" where only that is known. */
void lks_buffer_chance(struct lks_buffer *buffer, const char *name, double chance);

#endif
