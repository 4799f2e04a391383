/* handle_shape.c - the pattern of a handle: where letters, digits and other signs stand */
#include "text/handle_shape.h"

static char sign_of(unsigned char byte)
{
    if (byte >= '0' && byte <= '9')
        return '0';
    if ((byte | 32) >= 'a' && (byte | 32) <= 'z')
        return 'a';
    if (byte >= 0x80)
        return 'a';
    return byte > ' ' && byte < 0x7f ? (char)byte : '?';
}

void lks_handle_shape(struct lks_str handle, char shape[LKS_HANDLE_SHAPE_BYTES])
{
    size_t count = 0;
    for (size_t i = 0; i < handle.size_bytes; i++) {
        char sign = sign_of((unsigned char)handle.data[i]);
        if (sign == 'a' && count && shape[count - 1] == 'a')
            continue;
        if (count == LKS_HANDLE_SHAPE_BYTES - 1) {
            shape[count - 1] = '+';
            break;
        }
        shape[count++] = sign;
    }
    shape[count] = 0;
}
