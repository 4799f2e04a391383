/* main.c - the lockstep command */
#include <stdio.h>

#include "commands.h"

int main(void)
{
    printf("lockstep %s\n", lks_version());
    return 0;
}
