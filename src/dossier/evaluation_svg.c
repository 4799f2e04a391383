/* evaluation_svg.c - the picture of an evaluation: precision over recall, with its intervals */
#include "dossier/evaluation_svg.h"

#include <math.h>

#include "base/writer.h"

/* The plot's square, in the picture of 720 x 560. */
enum { LEFT = 70, TOP = 70, SIDE = 420, WIDTH = 720, HEIGHT = 560, NOTES = LEFT + SIDE + 24 };

static double x_of(double recall)
{
    return LEFT + SIDE * recall;
}

static double y_of(double precision)
{
    return TOP + SIDE * (1 - precision);
}

static void frame_put(struct lks_writer *out, int synthetic)
{
    lks_writer_format(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
        "height=\"%d\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"13\" "
        "fill=\"#1b1f24\">\n<title>Precision over recall of flagged accounts</title>\n"
        "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n"
        "<text x=\"%d\" y=\"32\" font-size=\"18\" font-weight=\"600\">Precision over recall of "
        "flagged accounts</text>\n",
        WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT);
    if (synthetic)
        lks_writer_format(out,
                          "<text x=\"%d\" y=\"54\" fill=\"#a02c00\" font-weight=\"600\">Synthetic "
                          "data, about nobody</text>\n",
                          LEFT);
    for (int i = 0; i <= 5; i++) {
        double at = i / 5.0;
        lks_writer_format(out,
                          "<path d=\"M%.1f %.1fH%d\" stroke=\"#d8dee4\"/>"
                          "<path d=\"M%.1f %dV%d\" stroke=\"#d8dee4\"/>"
                          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.1f</text>"
                          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.1f</text>\n",
                          x_of(0), y_of(at), LEFT + SIDE, x_of(at), TOP, TOP + SIDE, LEFT - 8,
                          y_of(at) + 4, at, x_of(at), TOP + SIDE + 20, at);
    }
    lks_writer_format(out,
                      "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">recall: share of the "
                      "coordinated accounts that are flagged</text>\n"
                      "<text transform=\"translate(22 %d) rotate(-90)\" text-anchor=\"middle\">"
                      "precision: share of the flagged that are coordinated</text>\n",
                      LEFT + SIDE / 2, TOP + SIDE + 44, TOP + SIDE / 2);
}

static int is_drawn(const struct lks_evaluation_point *point)
{
    return !isnan(point->precision) && !isnan(point->recall);
}

/* The band of the intervals, up along the high ends and back along the low ones. */
static void band_put(struct lks_writer *out, const struct lks_evaluation *e)
{
    int begun = 0;
    for (size_t i = 0; i < e->points_count; i++) {
        const struct lks_evaluation_point *point = &e->points[i];
        if (!is_drawn(point) || isnan(point->precision_high))
            continue;
        lks_writer_format(out, "%s%.2f %.2f",
                          begun++ ? "L"
                                  : "<path fill=\"#9ec5fe\" "
                                    "fill-opacity=\"0.45\" d=\"M",
                          x_of(point->recall), y_of(point->precision_high));
    }
    for (size_t i = e->points_count; begun && i-- > 0;) {
        const struct lks_evaluation_point *point = &e->points[i];
        if (is_drawn(point) && !isnan(point->precision_low))
            lks_writer_format(out, "L%.2f %.2f", x_of(point->recall), y_of(point->precision_low));
    }
    if (begun)
        lks_writer_text(out, "Z\"/>\n");
}

static void curve_put(struct lks_writer *out, const struct lks_evaluation *e)
{
    int begun = 0;
    for (size_t i = 0; i < e->points_count; i++)
        if (is_drawn(&e->points[i]))
            lks_writer_format(out, "%s%.2f %.2f",
                              begun++ ? "L"
                                      : "<path fill=\"none\" stroke=\"#0b5cad\" "
                                        "stroke-width=\"2\" d=\"M",
                              x_of(e->points[i].recall), y_of(e->points[i].precision));
    if (begun)
        lks_writer_text(out, "\"/>\n");
}

static void mark_put(struct lks_writer *out, const struct lks_evaluation_accounts *accounts,
                     const char *colour)
{
    const struct lks_measure *p = &accounts->precision, *r = &accounts->recall;
    if (!p->trials || !r->trials)
        return;
    lks_writer_format(
        out,
        "<path stroke=\"%s\" stroke-width=\"1.5\" d=\"M%.2f %.2fV%.2fM%.2f %.2fH%.2f\"/>"
        "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"5\" fill=\"%s\" stroke=\"#ffffff\"/>\n",
        colour, x_of(r->value), y_of(p->low), y_of(p->high), x_of(r->low), y_of(p->value),
        x_of(r->high), x_of(r->value), y_of(p->value), colour);
}

static void note_put(struct lks_writer *out, int y, const char *colour, const char *name,
                     const struct lks_evaluation_accounts *accounts)
{
    lks_writer_format(out,
                      "<circle cx=\"%d\" cy=\"%d\" r=\"5\" fill=\"%s\"/>"
                      "<text x=\"%d\" y=\"%d\" font-weight=\"600\">%s</text>\n",
                      NOTES + 5, y - 4, colour, NOTES + 16, y, name);
    if (!accounts->precision.trials) {
        lks_writer_format(out, "<text x=\"%d\" y=\"%d\">none</text>\n", NOTES, y + 20);
        return;
    }
    lks_writer_format(out,
                      "<text x=\"%d\" y=\"%d\">%llu flagged, %llu right</text>"
                      "<text x=\"%d\" y=\"%d\">precision %.3f</text>"
                      "<text x=\"%d\" y=\"%d\">recall %.3f</text>\n",
                      NOTES, y + 20, (unsigned long long)accounts->precision.trials,
                      (unsigned long long)accounts->precision.hits, NOTES, y + 38,
                      accounts->precision.value, NOTES, y + 56, accounts->recall.value);
    if (accounts->false_alarms.trials)
        lks_writer_format(out,
                          "<text x=\"%d\" y=\"%d\">%.2f false alarms</text>"
                          "<text x=\"%d\" y=\"%d\">per 10,000 innocent</text>\n",
                          NOTES, y + 74, accounts->false_alarms.value, NOTES, y + 92);
}

int lks_evaluation_svg(const struct lks_evaluation *evaluation, int synthetic, const char *path,
                       struct lks_error *err)
{
    struct lks_writer out;
    int code = lks_writer_open(&out, path, err);
    if (code)
        return code;
    frame_put(&out, synthetic);
    band_put(&out, evaluation);
    curve_put(&out, evaluation);
    mark_put(&out, &evaluation->accounts[LKS_CONFIDENCE_LOW], "#a02c00");
    mark_put(&out, &evaluation->accounts[LKS_CONFIDENCE_MODERATE], "#1a7f37");
    note_put(&out, TOP + 20, "#a02c00", "findings", &evaluation->accounts[LKS_CONFIDENCE_LOW]);
    note_put(&out, TOP + 150, "#1a7f37", "moderate or high",
             &evaluation->accounts[LKS_CONFIDENCE_MODERATE]);
    lks_writer_format(
        &out,
        "<text x=\"%d\" y=\"%d\">%llu coordinated,</text>"
        "<text x=\"%d\" y=\"%d\">%llu innocent accounts</text>"
        "<text x=\"%d\" y=\"%d\" font-size=\"12\" fill=\"#57606a\">Blue: accounts by "
        "rank, members of findings first; the band and the crosses are intervals at 95 "
        "%%.</text>\n</svg>\n",
        NOTES, TOP + 290, (unsigned long long)evaluation->coordinated, NOTES, TOP + 308,
        (unsigned long long)evaluation->innocent, LEFT, HEIGHT - 4);
    return lks_writer_commit(&out, err);
}
