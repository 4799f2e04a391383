/* main.c - the lockstep command */
#include <lockstep.h>
#include <stdio.h>

int main(void)
{
    printf("lockstep %s\n", lks_version());
    return 0;
}
