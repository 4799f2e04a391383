/* progress.c - telling the caller how far long work has come */
#include "base/progress.h"

#include "base/threads.h"
#include "base/time.h"

static void meter_report(struct lks_meter *meter)
{
    if (meter->control && meter->control->progress)
        meter->control->progress(meter->control->context, &meter->progress);
}

void lks_meter_start(struct lks_meter *meter, const struct lks_control *control, const char *stage,
                     const char *unit, uint64_t total)
{
    *meter = (struct lks_meter){.control = control,
                                .progress = {.stage = stage, .unit = unit, .total = total},
                                .last_seconds = lks_clock_seconds()};
    meter_report(meter);
}

int lks_meter_at(struct lks_meter *meter, uint64_t done, struct lks_error *err)
{
    meter->progress.done = done;
    if (lks_cancelled(meter->control))
        return lks_error_set(err, LKS_ECANCELLED,
                             "stopped on request; nothing half written is kept");
    double now = lks_clock_seconds();
    if (now - meter->last_seconds >= 0.1) {
        meter->last_seconds = now;
        meter_report(meter);
    }
    return 0;
}

void lks_meter_finish(struct lks_meter *meter)
{
    if (meter->progress.total)
        meter->progress.done = meter->progress.total;
    meter_report(meter);
}
