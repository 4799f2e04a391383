/* evaluate_text.c - an evaluation for reading */
#include <math.h>

#include "engine/evaluate.h"

static void line(struct lks_buffer *out, const char *name, const struct lks_measure *measured)
{
    lks_buffer_format(out, "  %-36s %7llu of %7llu", name, (unsigned long long)measured->hits,
                      (unsigned long long)measured->trials);
    if (measured->trials)
        lks_buffer_format(out, "  %8.3f  (%.3f to %.3f)", measured->value, measured->low,
                          measured->high);
    lks_buffer_byte(out, '\n');
}

static void accounts_lines(struct lks_buffer *out, const char *title,
                           const struct lks_evaluation_accounts *accounts)
{
    lks_buffer_format(out, "%s\n", title);
    line(out, "precision", &accounts->precision);
    line(out, "recall", &accounts->recall);
    line(out, "false alarms per 10,000 innocent", &accounts->false_alarms);
}

static const char *s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void labels_lines(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    const struct lks_evaluation *e = &run->evaluation;
    uint64_t missing = run->missing_coordinated + run->missing_innocent;
    lks_buffer_format(out, "Labels: %llu coordinated and %llu innocent account%s with posts here",
                      (unsigned long long)e->coordinated, (unsigned long long)e->innocent,
                      s(e->innocent));
    if (missing)
        lks_buffer_format(out, "; %llu more (%llu coordinated) have none and are left out",
                          (unsigned long long)missing,
                          (unsigned long long)run->missing_coordinated);
    lks_buffer_text(out, ".\n");
    if (run->unlabelled_count)
        lks_buffer_format(out,
                          "%llu account%s of the case have no label; %llu of them stand in "
                          "findings and are not counted.\n",
                          (unsigned long long)run->unlabelled_count, s(run->unlabelled_count),
                          (unsigned long long)run->unlabelled_found);
}

static void accounts_text(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    const struct lks_evaluation *e = &run->evaluation;
    labels_lines(run, out);
    lks_buffer_byte(out, '\n');
    accounts_lines(out, "accounts in findings", &e->accounts[LKS_CONFIDENCE_LOW]);
    accounts_lines(out, "accounts in findings of moderate or high confidence",
                   &e->accounts[LKS_CONFIDENCE_MODERATE]);
    accounts_lines(out, "accounts in findings of high confidence",
                   &e->accounts[LKS_CONFIDENCE_HIGH]);
    accounts_lines(out,
                   "accounts in findings, with those that an innocent explanation accounts for",
                   &e->accounts[LKS_CONFIDENCE_EXPLAINED]);
    lks_buffer_text(out, "pairs in one finding\n");
    line(out, run->has_groups ? "precision: of one labelled group" : "precision: both coordinated",
         &e->pairs_precision);
    line(out, "recall", &e->pairs_recall);
    lks_buffer_text(out, "findings\n");
    line(out, "mostly coordinated", &e->groups_precision);
    line(out, "without an innocent account", &e->groups_pure);
    if (run->has_groups)
        line(out, "labelled groups that one is mostly of", &e->groups_recall);
    if (!isnan(e->average_precision))
        lks_buffer_format(out, "average precision over the ranks: %.3f (%.3f to %.3f)\n",
                          e->average_precision, e->average_precision_low,
                          e->average_precision_high);
    lks_buffer_text(out, "\nEach detector alone (all labelled accounts counted)\n");
    for (size_t i = 0; i < run->detectors_count; i++) {
        const struct lks_evaluation *one = &run->detectors[i].evaluation;
        if (!one->accounts[LKS_CONFIDENCE_LOW].precision.trials) {
            lks_buffer_format(out, "%s: names no labelled account\n", run->detectors[i].title);
            continue;
        }
        accounts_lines(out, run->detectors[i].title, &one->accounts[LKS_CONFIDENCE_LOW]);
        if (!isnan(one->average_precision))
            lks_buffer_format(out, "  average precision %.3f (%.3f to %.3f)\n",
                              one->average_precision, one->average_precision_low,
                              one->average_precision_high);
    }
}

static void pairs_text(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    lks_buffer_format(out, "labelled pairs in one finding (%llu more without posts here)\n",
                      (unsigned long long)run->pairs_missing);
    line(out, "precision", &run->pairs_precision);
    line(out, "recall", &run->pairs_recall);
    line(out, "false alarms per 10,000", &run->pairs_false_alarms);
}

static void seconds_line(struct lks_buffer *out, const char *name, const double values[3])
{
    if (!isnan(values[1]))
        lks_buffer_format(out, "  %-36s %.0f s in the middle case (%.0f to %.0f in half of them)\n",
                          name, values[1], values[0], values[2]);
}

static void events_text(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    lks_buffer_format(out,
                      "Labels: %llu call%s, of %llu event%s, %llu of which two or more channels "
                      "called; %llu more call%s in channels that are not here.\n",
                      (unsigned long long)run->calls_count, s(run->calls_count),
                      (unsigned long long)run->events_count, s(run->events_count),
                      (unsigned long long)run->shared_count, (unsigned long long)run->calls_missing,
                      s(run->calls_missing));
    for (size_t i = 0; i < run->events_ways; i++) {
        const struct lks_evaluated_events *way = &run->events[i];
        lks_buffer_format(out, "%s\n", way->title);
        line(out, "events found, with what was called", &way->events);
        line(out, "of those of two channels and more", &way->shared);
        line(out, "callers named in those", &way->callers);
        line(out, "calls found in their channel", &way->calls);
        line(out, "of all, with what was called", &way->named);
        line(out, "precision: a lower bound", &way->precision);
        seconds_line(out, "from first call to first found", way->seconds_first);
        seconds_line(out, "from first call to sure", way->seconds_sure);
    }
}

static void messages_text(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    lks_buffer_text(out, "messages that instruct, against labelled ones\n");
    line(out, "precision", &run->messages_precision);
    line(out, "recall", &run->messages_recall);
    line(out, "false alarms per 10,000 others", &run->messages_false_alarms);
    if (run->unsure_count + run->messages_missing)
        lks_buffer_format(out, "  left out: %llu unsure, %llu in channels that are not here\n",
                          (unsigned long long)run->unsure_count,
                          (unsigned long long)run->messages_missing);
}

void lks_evaluate_text(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    if (run->results->synthetic)
        lks_buffer_text(out, "SYNTHETIC DATA: made by a simulator, about nobody.\n");
    if (run->has_accounts)
        accounts_text(run, out);
    if (run->has_pairs)
        pairs_text(run, out);
    if (run->has_events)
        events_text(run, out);
    if (run->has_messages)
        messages_text(run, out);
    lks_buffer_text(out, "\nIntervals are at 95 %");
    if (run->has_accounts)
        lks_buffer_format(out,
                          ": for accounts the wider of Wilson's and of %u draws in which a "
                          "finding's\nmembers stand or fall together",
                          run->draws);
    lks_buffer_text(out, run->has_accounts ? ".\n" : ", Wilson's.\n");
}
