/* layout_pack.c - boxes packed around a middle
 *
 * The boxes stand on a grid of cells. Places are tried in the order of the distance of the
 * box's middle from the grid's; since cells are only ever taken, a place at which a size
 * did not fit will never fit it again, so each size goes on where it stopped. The grid is
 * made larger when it is full. After Freivalds, Dogrusoz and Kikusts, "Disconnected graph layout
 * and the polyomino packing approach", Graph Drawing 2001, with boxes for polyominoes.
 */
#include "graph/layout_parts.h"

#include <stdlib.h>
#include <string.h>

struct spot {
    uint32_t distance; /* squared, from the middle cell */
    uint32_t cell;
};

struct grid {
    uint32_t width;     /* cells a side */
    uint8_t *taken;     /* [width * width] */
    struct spot *spots; /* [width * width] by distance */
    uint32_t wide_max;
    uint32_t *next_spot; /* [(tall_max + 1) * (wide_max + 1)] where each size goes on */
};

static int spot_order(const void *a, const void *b)
{
    const struct spot *p = a, *q = b;
    if (p->distance != q->distance)
        return p->distance < q->distance ? -1 : 1;
    return p->cell < q->cell ? -1 : p->cell > q->cell;
}

static int is_free(const struct grid *grid, uint32_t x, uint32_t y, uint32_t wide, uint32_t tall)
{
    for (uint32_t row = y; row < y + tall; row++) {
        if (memchr(grid->taken + (size_t)row * grid->width + x, 1, wide))
            return 0;
    }
    return 1;
}

/* Places one box; returns 0 when the grid has no room for it. */
static int place(struct grid *grid, struct lks_layout_box *box)
{
    uint32_t cells = grid->width * grid->width, wide = box->wide, tall = box->tall;
    uint32_t *next = grid->next_spot + (size_t)tall * (grid->wide_max + 1) + wide;
    for (uint32_t i = *next; i < cells; i++) {
        uint32_t x = grid->spots[i].cell % grid->width, y = grid->spots[i].cell / grid->width;
        if (x < wide / 2 || y < tall / 2 || x - wide / 2 + wide > grid->width ||
            y - tall / 2 + tall > grid->width ||
            !is_free(grid, x - wide / 2, y - tall / 2, wide, tall))
            continue;
        x -= wide / 2;
        y -= tall / 2;
        for (uint32_t row = y; row < y + tall; row++)
            memset(grid->taken + (size_t)row * grid->width + x, 1, wide);
        box->left = (int32_t)x - (int32_t)(grid->width / 2);
        box->top = (int32_t)y - (int32_t)(grid->width / 2);
        *next = i + 1;
        return 1;
    }
    return 0;
}

static int grid_make(struct grid *grid, uint32_t width, uint32_t wide_max, uint32_t tall_max)
{
    size_t cells = (size_t)width * width;
    grid->width = width;
    grid->taken = calloc(cells, 1);
    grid->spots = malloc(cells * sizeof *grid->spots);
    grid->wide_max = wide_max;
    grid->next_spot =
        calloc(((size_t)wide_max + 1) * ((size_t)tall_max + 1), sizeof *grid->next_spot);
    if (!grid->taken || !grid->spots || !grid->next_spot)
        return LKS_EMEMORY;
    for (uint32_t cell = 0; cell < cells; cell++) {
        int64_t dx = (int64_t)(cell % width) - width / 2, dy = (int64_t)(cell / width) - width / 2;
        grid->spots[cell] = (struct spot){(uint32_t)(dx * dx + dy * dy), cell};
    }
    qsort(grid->spots, cells, sizeof *grid->spots, spot_order);
    return 0;
}

static void grid_free(struct grid *grid)
{
    free(grid->taken);
    free(grid->spots);
    free(grid->next_spot);
    *grid = (struct grid){0};
}

int lks_layout_pack(struct lks_layout_box *boxes, uint32_t count)
{
    uint64_t area = 0;
    uint32_t wide_max = 1, tall_max = 1, width = 1, placed = 0;
    for (uint32_t i = 0; i < count; i++) {
        area += (uint64_t)boxes[i].wide * boxes[i].tall;
        wide_max = boxes[i].wide > wide_max ? boxes[i].wide : wide_max;
        tall_max = boxes[i].tall > tall_max ? boxes[i].tall : tall_max;
    }
    while ((uint64_t)width * width < area)
        width++;
    width += width / 4 + (wide_max > tall_max ? wide_max : tall_max);
    while (placed < count) {
        struct grid grid = {0};
        /* Cells are counted in 32 bits. */
        if (width > 46000 || grid_make(&grid, width, wide_max, tall_max) != 0) {
            grid_free(&grid);
            return LKS_EMEMORY;
        }
        placed = 0;
        while (placed < count && place(&grid, boxes + placed))
            placed++;
        grid_free(&grid);
        width += width / 2;
    }
    return 0;
}
