/* chance.c - probabilities that are kept and told, down to any smallness */
#include "base/chance.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"

void lks_chance_format(double log10_chance, char text_out[LKS_CHANCE_TEXT_BYTES])
{
    LKS_ASSERT(isfinite(log10_chance));
    double exponent = floor(log10_chance), digits = pow(10, log10_chance - exponent);
    if (log10_chance >= LKS_CHANCE_LEAST_LOG10) {
        snprintf(text_out, LKS_CHANCE_TEXT_BYTES, "%.2g", pow(10, log10_chance));
        return;
    }
    if (digits >= 9.95) { /* as it would be written: 10 */
        digits = 1;
        exponent++;
    }
    snprintf(text_out, LKS_CHANCE_TEXT_BYTES, "%.2ge%.0f", digits, exponent);
}

void lks_buffer_chance(struct lks_buffer *buffer, const char *name, double chance)
{
    if (chance <= LKS_CHANCE_LEAST)
        lks_buffer_format(buffer, "%s below %g", name, LKS_CHANCE_LEAST);
    else
        lks_buffer_format(buffer, "%s %.3g", name, chance);
}
