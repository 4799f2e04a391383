/* version.c - which lockstep this is */
#include <lockstep.h>

const char *lks_version(void)
{
    return "0.1.0";
}
