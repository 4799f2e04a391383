/* layout.c - places for the nodes of a picture
 *
 * Each component is laid out by itself: a start by pivot MDS (layout_start.c), then forces
 * (layout_force.c). Forces would drive components apart without end and spend most of the
 * picture on nothing, so the components are packed instead (layout_pack.c): each takes a
 * box of its own shape whose area grows with its nodes, the largest in the middle.
 */
#include "graph/layout.h"

#include <math.h>
#include <stdlib.h>

#include "graph/components.h"
#include "graph/layout_parts.h"

/* Beyond this many nodes iterations are cut in proportion, down to a floor, so that the
 * cost stays near linear. */
enum { FULL_NODES = 5000, ITERATIONS_FLOOR = 30 };

#define PULL_MAX 10.0
#define SHAPE_MAX 4.0

struct layout {
    const struct lks_graph *graph;
    uint32_t components_count;
    uint32_t *component;           /* of a node */
    uint32_t *local;               /* number of a node in its component */
    uint32_t *start;               /* [components_count + 1] into nodes */
    uint32_t *nodes;               /* by component, then number */
    uint32_t *order;               /* components, largest first */
    struct lks_layout_box *boxes;  /* in that order */
    struct lks_layout_piece piece; /* room for the largest component */
};

struct lks_layout_options lks_layout_options_default(void)
{
    return (struct lks_layout_options){.iterations = 400, .gravity = 1, .openness = 1.2, .seed = 1};
}

static int options_check(const struct lks_layout_options *options, struct lks_error *err)
{
    if (!isfinite(options->gravity) || options->gravity < 0)
        return lks_error_set(err, LKS_EARGUMENT, "layout: gravity must not be negative");
    if (!isfinite(options->openness) || options->openness < 0)
        return lks_error_set(err, LKS_EARGUMENT, "layout: openness must not be negative");
    return 0;
}

static int find_components(struct layout *l)
{
    const struct lks_graph *graph = l->graph;
    struct lks_unions unions;
    if (lks_unions_init(&unions, graph->nodes_count, NULL) != 0)
        return LKS_EMEMORY;
    for (uint32_t v = 0; v < graph->nodes_count; v++) {
        for (uint64_t i = graph->first[v]; i < graph->first[v + 1]; i++)
            lks_unions_join(&unions, v, graph->target[i]);
    }
    l->components_count = lks_unions_label(&unions, l->component);
    lks_unions_free(&unions);
    return 0;
}

/* Lists the nodes of every component, and the components by falling size (counting sort). */
static int sort_components(struct layout *l)
{
    uint32_t n = l->graph->nodes_count, count = l->components_count;
    uint32_t *at = calloc((size_t)n + 2, sizeof *at);
    if (!at)
        return LKS_EMEMORY;
    for (uint32_t v = 0; v < n; v++)
        l->local[v] = at[l->component[v]]++;
    l->start[0] = 0;
    for (uint32_t c = 0; c < count; c++)
        l->start[c + 1] = l->start[c] + at[c];
    for (uint32_t v = 0; v < n; v++)
        l->nodes[l->start[l->component[v]] + l->local[v]] = v;
    for (uint32_t i = 0; i < n + 2; i++)
        at[i] = 0;
    for (uint32_t c = 0; c < count; c++)
        at[n - (l->start[c + 1] - l->start[c]) + 1]++;
    for (uint32_t i = 0; i < n; i++)
        at[i + 1] += at[i];
    for (uint32_t c = 0; c < count; c++)
        l->order[at[n - (l->start[c + 1] - l->start[c])]++] = c;
    free(at);
    return 0;
}

/* Copies a component out of the graph. Pulls are roots of weights around the mean, since
 * a few heavy edges would otherwise pull all else into one point. */
static void cut_piece(struct layout *l, uint32_t c)
{
    const struct lks_graph *graph = l->graph;
    struct lks_layout_piece *piece = &l->piece;
    uint64_t at = 0;
    double mean = 0;
    piece->nodes_count = l->start[c + 1] - l->start[c];
    for (uint32_t i = 0; i < piece->nodes_count; i++) {
        uint32_t v = l->nodes[l->start[c] + i];
        piece->first[i] = at;
        for (uint64_t j = graph->first[v]; j < graph->first[v + 1]; j++) {
            piece->target[at] = l->local[graph->target[j]];
            piece->weight[at++] = graph->weight[j];
            mean += graph->weight[j];
        }
    }
    piece->first[piece->nodes_count] = at;
    mean = at ? mean / (double)at : 1;
    for (uint64_t i = 0; i < at; i++) {
        double pull = sqrt(piece->weight[i] / mean);
        piece->weight[i] = pull < PULL_MAX ? pull : PULL_MAX;
    }
}

/* Lays a component out in its own coordinates. */
static int place_piece(struct layout *l, const struct lks_layout_options *options, uint32_t c)
{
    struct lks_layout_piece *piece = &l->piece;
    struct lks_rng rng;
    cut_piece(l, c);
    if (piece->nodes_count <= 2) {
        for (uint32_t i = 0; i < piece->nodes_count; i++) {
            piece->x[i] = i;
            piece->y[i] = 0;
        }
        return 0;
    }
    uint64_t iterations = options->iterations;
    if (piece->nodes_count > FULL_NODES) {
        iterations = iterations * FULL_NODES / piece->nodes_count;
        iterations = iterations < ITERATIONS_FLOOR ? ITERATIONS_FLOOR : iterations;
        iterations = iterations > options->iterations ? options->iterations : iterations;
    }
    lks_rng_init(&rng, options->seed, c);
    int code = lks_layout_start(piece, &rng);
    return code ? code : lks_layout_force(piece, options, (uint32_t)iterations);
}

struct box {
    double left, top, wide, tall;
};

static struct box box_of(const double *x, const double *y, uint32_t count)
{
    double left = x[0], right = left, top = y[0], bottom = top;
    for (uint32_t i = 1; i < count; i++) {
        left = x[i] < left ? x[i] : left;
        right = x[i] > right ? x[i] : right;
        top = y[i] < top ? y[i] : top;
        bottom = y[i] > bottom ? y[i] : bottom;
    }
    return (struct box){left, top, right - left, bottom - top};
}

/* Lays out the k-th component and chooses its box: as many cells as it has nodes, in its
 * own shape within limits, and one more each way as margin. Its places become those in the
 * box, whose corner is at 0, 0. */
static int lay_component(struct layout *l, const struct lks_layout_options *options, uint32_t k,
                         double *x, double *y)
{
    struct lks_layout_piece *piece = &l->piece;
    uint32_t c = l->order[k], n = l->start[c + 1] - l->start[c];
    int code = place_piece(l, options, c);
    if (code)
        return code;
    struct box box = box_of(piece->x, piece->y, n);
    double shape = box.tall > 0 ? box.wide / box.tall : SHAPE_MAX;
    shape = shape > SHAPE_MAX ? SHAPE_MAX : shape < 1 / SHAPE_MAX ? 1 / SHAPE_MAX : shape;
    double wide = sqrt(n * shape), tall = sqrt(n / shape);
    /* No longer than its longest path could be, a cell an edge: pairs stay short. */
    double longest = n > 1 ? n - 1.0 : 1;
    wide = wide < longest ? wide : longest;
    tall = tall < longest ? tall : longest;
    double across = box.wide > 0 ? wide / box.wide : 1, down = box.tall > 0 ? tall / box.tall : 1;
    double scale = box.tall > 0 && (box.wide <= 0 || down < across) ? down : across;
    l->boxes[k].wide = 1 + (uint32_t)ceil(wide);
    l->boxes[k].tall = 1 + (uint32_t)ceil(tall);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = l->nodes[l->start[c] + i];
        x[v] = 0.5 * l->boxes[k].wide + (piece->x[i] - box.left - 0.5 * box.wide) * scale;
        y[v] = 0.5 * l->boxes[k].tall + (piece->y[i] - box.top - 0.5 * box.tall) * scale;
    }
    return 0;
}

/* Moves every component to its box, then all of the picture to [-1, 1]. */
static void put_together(struct layout *l, double *x, double *y)
{
    uint32_t n = l->graph->nodes_count;
    for (uint32_t k = 0; k < l->components_count; k++) {
        uint32_t c = l->order[k];
        for (uint32_t i = l->start[c]; i < l->start[c + 1]; i++) {
            x[l->nodes[i]] += l->boxes[k].left;
            y[l->nodes[i]] += l->boxes[k].top;
        }
    }
    struct box box = box_of(x, y, n);
    double longest = box.wide > box.tall ? box.wide : box.tall;
    double scale = longest > 0 ? 2 / longest : 0;
    for (uint32_t v = 0; v < n; v++) {
        x[v] = (x[v] - box.left - 0.5 * box.wide) * scale;
        y[v] = (y[v] - box.top - 0.5 * box.tall) * scale;
        x[v] = x[v] < -1 ? -1 : x[v] > 1 ? 1 : x[v]; /* rounding may pass the edge by a hair */
        y[v] = y[v] < -1 ? -1 : y[v] > 1 ? 1 : y[v];
    }
}

static void layout_free(struct layout *l)
{
    free(l->component);
    free(l->boxes);
    free(l->piece.first);
    free(l->piece.target);
    free(l->piece.weight);
    free(l->piece.x);
}

static int layout_init(struct layout *l, const struct lks_graph *graph)
{
    size_t n = (size_t)graph->nodes_count + 1, arcs = graph->first[graph->nodes_count] + 1;
    *l = (struct layout){.graph = graph};
    l->component = calloc(n, 5 * sizeof *l->component);
    l->boxes = calloc(n, sizeof *l->boxes);
    l->piece.first = malloc(n * sizeof *l->piece.first);
    l->piece.target = malloc(arcs * sizeof *l->piece.target);
    l->piece.weight = malloc(arcs * sizeof *l->piece.weight);
    l->piece.x = malloc(n * 2 * sizeof *l->piece.x);
    if (!l->component || !l->boxes || !l->piece.first || !l->piece.target || !l->piece.weight ||
        !l->piece.x)
        return LKS_EMEMORY;
    l->local = l->component + n;
    l->start = l->component + 2 * n;
    l->nodes = l->component + 3 * n;
    l->order = l->component + 4 * n;
    l->piece.y = l->piece.x + n;
    int code = find_components(l);
    return code ? code : sort_components(l);
}

int lks_layout(const struct lks_graph *graph, const struct lks_layout_options *options, double *x,
               double *y, struct lks_error *err)
{
    struct layout l;
    int code = options_check(options, err);
    if (code || graph->nodes_count == 0)
        return code;
    code = layout_init(&l, graph);
    for (uint32_t k = 0; code == 0 && k < l.components_count; k++)
        code = lay_component(&l, options, k, x, y);
    if (code == 0)
        code = lks_layout_pack(l.boxes, l.components_count);
    if (code == 0)
        put_together(&l, x, y);
    layout_free(&l);
    return code ? lks_error_set(err, code, "layout: out of memory") : 0;
}
