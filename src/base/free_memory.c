/* free_memory.c - how much memory could still be taken, by the system and by control groups
 *
 * A container's limit stands in its control group, not in /proc/meminfo. A group may lie
 * in others, each with a limit of its own, so every folder from the process's own up to the
 * root is asked. What a group uses includes the file cache, which the kernel gives back when
 * memory is asked for; the inactive part of it is taken off. */
#include "base/free_memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, LINE_BYTES = 4200 };

/* The number in a file that holds one; UINT64_MAX for "max" and for no such file. */
static uint64_t number_read(const char *path)
{
    unsigned long long value = UINT64_MAX;
    FILE *file = fopen(path, "re");
    if (!file)
        return UINT64_MAX;
    if (fscanf(file, "%llu", &value) != 1)
        value = UINT64_MAX;
    fclose(file);
    return value;
}

/* The number behind a name at the start of a line; 0 where it is not. */
static uint64_t field_read(const char *path, const char *name)
{
    char line[256];
    unsigned long long value = 0;
    size_t size = strlen(name);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, name, size) == 0 && sscanf(line + size, " %llu", &value) == 1)
            break;
    fclose(file);
    return value;
}

/* What one group has left. */
static uint64_t group_free(const char *folder, const char *limit_name, const char *used_name,
                           const char *cache_name)
{
    char path[PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s/%s", folder, limit_name);
    uint64_t limit = number_read(path);
    /* Version 1 writes no limit as a number close to 2^63. */
    if (limit >= UINT64_C(1) << 60)
        return UINT64_MAX;
    snprintf(path, sizeof path, "%s/%s", folder, used_name);
    uint64_t used = number_read(path);
    if (used == UINT64_MAX)
        used = 0;
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    uint64_t cache = field_read(path, cache_name);
    used -= cache < used ? cache : used;
    return limit > used ? limit - used : 0;
}

/* Asks the group and all those around it. */
static uint64_t groups_free(const char *root, const char *mount, char *group, int version)
{
    uint64_t least = UINT64_MAX;
    for (;;) {
        char folder[PATH_BYTES];
        if (snprintf(folder, sizeof folder, "%s%s%s", root, mount, group) < PATH_BYTES) {
            uint64_t left =
                version == 2 ? group_free(folder, "memory.max", "memory.current", "inactive_file ")
                             : group_free(folder, "memory.limit_in_bytes", "memory.usage_in_bytes",
                                          "total_inactive_file ");
            least = left < least ? left : least;
        }
        char *slash = strrchr(group, '/');
        if (!slash || !*group)
            return least;
        *slash = 0;
    }
}

/* Lines are "0::/path" in version 2, "4:memory:/path" or "5:cpu,memory:/path" in version 1. */
static uint64_t all_groups_free(const char *root)
{
    char path[PATH_BYTES], line[LINE_BYTES];
    uint64_t least = UINT64_MAX;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = 0;
        if (strcmp(group, "/") == 0)
            *group = 0;
        uint64_t left = UINT64_MAX;
        if (!names[1])
            left = groups_free(root, "/sys/fs/cgroup", group, 2);
        else if (strstr(names + 1, "memory"))
            left = groups_free(root, "/sys/fs/cgroup/memory", group, 1);
        least = left < least ? left : least;
    }
    if (file)
        fclose(file);
    return least;
}

uint64_t lks_memory_free_bytes_under(const char *root)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    uint64_t kilobytes = field_read(path, "MemAvailable:"), system = UINT64_MAX;
    if (kilobytes)
        system = kilobytes * 1024;
    else if (!*root) {
        long pages = sysconf(_SC_AVPHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
        if (pages > 0 && page_bytes > 0)
            system = (uint64_t)pages * (uint64_t)page_bytes;
    }
    uint64_t groups = all_groups_free(root);
    return groups < system ? groups : system;
}

uint64_t lks_memory_free_bytes(void)
{
    return lks_memory_free_bytes_under("");
}
