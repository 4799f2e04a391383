/* measure.h - CPU seconds and the peak of memory */
#ifndef LKS_BENCH_MEASURE_H
#define LKS_BENCH_MEASURE_H

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* User and system time of all threads so far. */
static inline double measure_cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

/* Of these, what the system took for itself: mostly clearing pages. */
static inline double measure_system_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec * 1e-6;
}

/* A line of /proc/self/status in MB, 0 where there is none. */
static inline double measure_status_mb(const char *name)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    double kib = 0;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            sscanf(line + strlen(name), ": %lf", &kib);
    if (file)
        fclose(file);
    return kib * 1024 / 1e6;
}

static inline double measure_resident_mb(void)
{
    return measure_status_mb("VmRSS");
}

/* Most that was resident since the start, or since the last forgetting. */
static inline double measure_peak_mb(void)
{
    return measure_status_mb("VmHWM");
}

/* What was needed to make the input is not what is measured. */
static inline void measure_peak_forget(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file) {
        fputs("5", file);
        fclose(file);
    }
}

#endif
