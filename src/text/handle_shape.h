/* handle_shape.h - the pattern of a handle: where letters, digits and other signs stand */
#ifndef LKS_TEXT_HANDLE_SHAPE_H
#define LKS_TEXT_HANDLE_SHAPE_H

#include "base/str.h"

enum { LKS_HANDLE_SHAPE_BYTES = 24 };

/* Writes the shape of a handle, NUL-ended: "a" for a run of letters (everything that is not ASCII
 * counts as one), as many "0" as a run has digits, other signs as they are; a shape that is longer
 * than there is room ends with "+". "maria_1987" is "a_0000"; a null handle is "". Any thread. */
void lks_handle_shape(struct lks_str handle, char shape[LKS_HANDLE_SHAPE_BYTES]);

#endif
