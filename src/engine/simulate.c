/* simulate.c - the public door to the simulator */
#include "simulate/simulate.h"

int lks_simulate(const struct lks_simulate_options *options, const struct lks_control *control,
                 struct lks_simulate_summary *summary_out, struct lks_error *err)
{
    return lks_simulate_run(options, control, summary_out, err);
}
