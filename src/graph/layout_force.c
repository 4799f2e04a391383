/* layout_force.c - ForceAtlas2 with Barnes-Hut sums
 *
 * Every pair of nodes pushes apart by (d_a + 1)(d_b + 1) / distance, every edge pulls by its
 * weight times its length, and all are drawn a little to the middle. A node's step is
 * large while its force keeps its direction and small when it swings.
 *
 * The pushes are summed over a quadtree. Its cells lie in preorder, so that a walk needs no
 * stack: the next cell is either the first child (cell + 1) or what follows the whole
 * subtree (skip).
 *
 *   cells:   root | c0 | c00 c01 | c1 | ...        bodies: sorted by Morton code,
 *            skip of c0 is c1                      a leaf is a range of them
 *
 * Masses are summed from the last cell to the first. O(nodes log nodes) an iteration.
 *
 * Sources: Jacomy, Venturini, Heymann and Bastian, PLoS ONE 9(6) e98679 (2014), with the
 * constants of its reference implementation; Barnes and Hut, Nature 324 (1986).
 */
#include "graph/layout_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A leaf of 8 keeps the tree small and its inner loop short; 16 levels end the tree. */
enum { LEAF_BODIES = 8, LEVELS = 16 };

#define PUSH 2.0

/* Nearer than this (squared; a picture is some tens wide) nodes push as if this far. */
#define NEAR_SQUARED 1e-6

struct cell {
    double x, y, mass; /* centre of mass; sums of x mass, y mass while building */
    double side_squared;
    uint32_t skip;
    uint32_t parent;
    uint32_t body, bodies_count; /* of a leaf; else bodies_count 0 */
};

struct body {
    double x, y, mass;
    uint32_t code; /* Morton */
    uint32_t node;
};

struct pending {
    uint32_t from, to, level, parent;
};

struct force {
    struct lks_layout_piece *piece;
    struct cell *cells;
    uint32_t cells_count;
    struct body *bodies, *sorted;
    double *mass;
    double *fx, *fy, *old_fx, *old_fy;
    double speed, efficiency;
};

/* Puts 16 bits on the even places of 32. */
static uint32_t spread_bits(uint32_t v)
{
    v = (v | v << 8) & 0x00ff00ffu;
    v = (v | v << 4) & 0x0f0f0f0fu;
    v = (v | v << 2) & 0x33333333u;
    return (v | v << 1) & 0x55555555u;
}

/* Writes the bodies with their Morton codes, sorted by them; returns the square's side. */
static double sort_bodies(struct force *force)
{
    struct lks_layout_piece *piece = force->piece;
    uint32_t n = piece->nodes_count;
    double left = piece->x[0], right = left, top = piece->y[0], bottom = top;
    for (uint32_t v = 1; v < n; v++) {
        left = piece->x[v] < left ? piece->x[v] : left;
        right = piece->x[v] > right ? piece->x[v] : right;
        top = piece->y[v] < top ? piece->y[v] : top;
        bottom = piece->y[v] > bottom ? piece->y[v] : bottom;
    }
    double side = right - left > bottom - top ? right - left : bottom - top;
    double scale = side > 0 ? 65535 / side : 0;
    for (uint32_t v = 0; v < n; v++) {
        uint32_t column = (uint32_t)((piece->x[v] - left) * scale);
        uint32_t row = (uint32_t)((piece->y[v] - top) * scale);
        force->bodies[v] = (struct body){piece->x[v], piece->y[v], force->mass[v],
                                         spread_bits(column) | spread_bits(row) << 1, v};
    }
    for (int shift = 0; shift < 32; shift += 8) {
        uint32_t start[257] = {0};
        for (uint32_t i = 0; i < n; i++)
            start[(force->bodies[i].code >> shift & 255) + 1]++;
        for (int i = 0; i < 256; i++)
            start[i + 1] += start[i];
        for (uint32_t i = 0; i < n; i++)
            force->sorted[start[force->bodies[i].code >> shift & 255]++] = force->bodies[i];
        struct body *bodies = force->bodies;
        force->bodies = force->sorted;
        force->sorted = bodies;
    }
    return side;
}

/* The first body in [from, to) whose quarter at this level is at least `quarter`. */
static uint32_t quarter_start(const struct body *bodies, uint32_t from, uint32_t to, uint32_t shift,
                              uint32_t quarter)
{
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if ((bodies[middle].code >> shift & 3) < quarter)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void sum_cells(struct force *force)
{
    for (uint32_t i = force->cells_count; i-- > 0;) {
        struct cell *cell = force->cells + i;
        for (uint32_t b = cell->body; b < cell->body + cell->bodies_count; b++) {
            cell->mass += force->bodies[b].mass;
            cell->x += force->bodies[b].mass * force->bodies[b].x;
            cell->y += force->bodies[b].mass * force->bodies[b].y;
        }
        if (i) {
            struct cell *parent = force->cells + cell->parent;
            parent->mass += cell->mass;
            parent->x += cell->x;
            parent->y += cell->y;
            parent->skip += cell->skip; /* subtree sizes until all are known */
        }
        cell->x /= cell->mass;
        cell->y /= cell->mass;
        cell->skip += i;
    }
}

static void build_tree(struct force *force)
{
    /* Three brothers wait at each level below the root, and four at the last. */
    struct pending stack[4 * LEVELS + 4];
    double side = sort_bodies(force);
    uint32_t waiting = 0;
    force->cells_count = 0;
    stack[waiting++] = (struct pending){0, force->piece->nodes_count, 0, 0};
    while (waiting) {
        struct pending p = stack[--waiting];
        uint32_t index = force->cells_count++;
        double own = side / (double)(1u << p.level);
        struct cell *cell = force->cells + index;
        *cell = (struct cell){.side_squared = own * own, .skip = 1, .parent = p.parent};
        if (p.to - p.from <= LEAF_BODIES || p.level == LEVELS) {
            cell->body = p.from;
            cell->bodies_count = p.to - p.from;
            continue;
        }
        uint32_t shift = 2 * (LEVELS - 1 - p.level), to = p.to;
        for (uint32_t quarter = 4; quarter-- > 0;) {
            uint32_t from = quarter_start(force->bodies, p.from, to, shift, quarter);
            if (from < to)
                stack[waiting++] = (struct pending){from, to, p.level + 1, index};
            to = from;
        }
    }
    sum_cells(force);
}

/* Adds the push of all others to one body, cell by cell. */
static void push_body(const struct force *force, const struct body *body, double open_squared,
                      double *fx, double *fy)
{
    const struct cell *cells = force->cells;
    for (uint32_t i = 0; i < force->cells_count;) {
        const struct cell *cell = cells + i;
        double dx = body->x - cell->x, dy = body->y - cell->y, d2 = dx * dx + dy * dy;
        if (cell->bodies_count) {
            for (uint32_t b = cell->body; b < cell->body + cell->bodies_count; b++) {
                dx = body->x - force->bodies[b].x;
                dy = body->y - force->bodies[b].y;
                d2 = dx * dx + dy * dy;
                d2 = d2 > NEAR_SQUARED ? d2 : NEAR_SQUARED;
                double f = PUSH * body->mass * force->bodies[b].mass / d2;
                *fx += f * dx;
                *fy += f * dy;
            }
            i = cell->skip;
        } else if (d2 > NEAR_SQUARED && cell->side_squared < open_squared * d2) {
            double f = PUSH * body->mass * cell->mass / d2;
            *fx += f * dx;
            *fy += f * dy;
            i = cell->skip;
        } else {
            i++;
        }
    }
}

/* Sums the forces on all nodes. */
static void sum_forces(struct force *force, const struct lks_layout_options *options)
{
    const struct lks_layout_piece *piece = force->piece;
    uint32_t n = piece->nodes_count;
    double open_squared = options->openness * options->openness;
    build_tree(force);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = force->bodies[i].node;
        double fx = 0, fy = 0, x = piece->x[v], y = piece->y[v];
        push_body(force, force->bodies + i, open_squared, &fx, &fy);
        double far = sqrt(x * x + y * y);
        if (far > 0) {
            fx -= options->gravity * force->mass[v] * x / far;
            fy -= options->gravity * force->mass[v] * y / far;
        }
        for (uint64_t j = piece->first[v]; j < piece->first[v + 1]; j++) {
            fx += piece->weight[j] * (piece->x[piece->target[j]] - x);
            fy += piece->weight[j] * (piece->y[piece->target[j]] - y);
        }
        force->fx[v] = fx;
        force->fy[v] = fy;
    }
}

static double swing_of(const struct force *force, uint32_t v)
{
    double dx = force->old_fx[v] - force->fx[v], dy = force->old_fy[v] - force->fy[v];
    return force->mass[v] * sqrt(dx * dx + dy * dy);
}

/* The global speed: how much of the forces keeps its direction against how much swings. */
static void adapt_speed(struct force *force)
{
    uint32_t n = force->piece->nodes_count;
    double swing = 0, pull = 0;
    for (uint32_t v = 0; v < n; v++) {
        double sx = force->old_fx[v] + force->fx[v], sy = force->old_fy[v] + force->fy[v];
        swing += swing_of(force, v);
        pull += force->mass[v] * 0.5 * sqrt(sx * sx + sy * sy);
    }
    double optimal = 0.05 * sqrt(n), least = sqrt(optimal);
    double wanted = optimal * pull / ((double)n * n);
    double tolerance = wanted > 10 ? 10 : wanted;
    tolerance = tolerance < least ? least : tolerance;
    if (pull <= 0 || swing <= 0)
        return;
    if (swing / pull > 2) {
        if (force->efficiency > 0.05)
            force->efficiency *= 0.5;
        tolerance = tolerance < 1 ? 1 : tolerance;
    }
    double target = tolerance * force->efficiency * pull / swing;
    if (swing > tolerance * pull) {
        if (force->efficiency > 0.05)
            force->efficiency *= 0.7;
    } else if (force->speed < 1000) {
        force->efficiency *= 1.3;
    }
    double rise = target - force->speed;
    force->speed += rise < 0.5 * force->speed ? rise : 0.5 * force->speed;
}

static void move_nodes(struct force *force)
{
    struct lks_layout_piece *piece = force->piece;
    /* No step crosses the picture, whatever the weights. */
    double longest = 10 * sqrt(piece->nodes_count);
    for (uint32_t v = 0; v < piece->nodes_count; v++) {
        double factor = force->speed / (1 + sqrt(force->speed * swing_of(force, v)));
        double length = sqrt(force->fx[v] * force->fx[v] + force->fy[v] * force->fy[v]);
        if (length * factor > longest)
            factor = longest / length;
        piece->x[v] += force->fx[v] * factor;
        piece->y[v] += force->fy[v] * factor;
        force->old_fx[v] = force->fx[v];
        force->old_fy[v] = force->fy[v];
    }
}

static void force_free(struct force *force)
{
    free(force->cells);
    free(force->bodies);
    free(force->sorted);
    free(force->mass);
}

int lks_layout_force(struct lks_layout_piece *piece, const struct lks_layout_options *options,
                     uint32_t iterations)
{
    size_t n = piece->nodes_count;
    /* A cell that is split holds more than LEAF_BODIES, so a level has few of them. */
    size_t cells_max = 1 + 4 * (size_t)LEVELS * (n / (LEAF_BODIES + 1));
    struct force force = {.piece = piece, .speed = 1, .efficiency = 1};
    force.cells = malloc(cells_max * sizeof *force.cells);
    force.bodies = malloc(n * sizeof *force.bodies);
    force.sorted = malloc(n * sizeof *force.sorted);
    force.mass = calloc(n, 5 * sizeof *force.mass);
    if (!force.cells || !force.bodies || !force.sorted || !force.mass) {
        force_free(&force);
        return LKS_EMEMORY;
    }
    force.fx = force.mass + n;
    force.fy = force.mass + 2 * n;
    force.old_fx = force.mass + 3 * n;
    force.old_fy = force.mass + 4 * n;
    for (uint32_t v = 0; v < n; v++)
        force.mass[v] = 1 + (double)(piece->first[v + 1] - piece->first[v]);
    for (uint32_t i = 0; i < iterations; i++) {
        sum_forces(&force, options);
        adapt_speed(&force);
        move_nodes(&force);
    }
    force_free(&force);
    return 0;
}
