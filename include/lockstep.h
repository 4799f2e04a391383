/* lockstep.h - the public interface of liblockstep: C99 and C++ */
#ifndef LOCKSTEP_H
#define LOCKSTEP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LKS_API __attribute__((visibility("default")))

/* Every function that can fail returns 0 when done, a negative code below when
 * it failed, and a positive outcome only where its comment names one. */
enum lks_code {
    LKS_OK = 0,
    LKS_EARGUMENT = -1,  /* the caller asked for something that makes no sense */
    LKS_EINPUT = -2,     /* the data given is not what it should be */
    LKS_EIO = -3,        /* the operating system refused a read or write */
    LKS_EMEMORY = -4,    /* out of memory, or over a memory limit */
    LKS_ECANCELLED = -5, /* the caller's cancel flag was raised */
    LKS_ESTORE = -6,     /* the case's store refused */
    LKS_EMISSING = -7    /* the named case, run, account or finding is not there */
};

/* The first failure writes the message; a NULL error is allowed everywhere. */
struct lks_error {
    int code;
    char message[1024];
};

/* One report of progress. total is 0 where the end is not known. */
struct lks_progress {
    const char *stage;   /* "seal", "parse", "detect", ... */
    const char *unit;    /* "bytes", "posts", "copies", ... */
    uint64_t done;
    uint64_t total;
};

/* How the caller steers long work. All fields may be zero.
 * progress: called from one thread at a time, at most some ten times a second.
 * cancel: polled; non-zero stops the work with LKS_ECANCELLED, nothing half written.
 * threads: 0 takes the processors there are. The answer is the same for any number.
 * memory_bytes: 0 takes half of what is free. */
struct lks_control {
    void (*progress)(void *context, const struct lks_progress *progress);
    void *context;
    const volatile int *cancel;
    unsigned threads;
    uint64_t memory_bytes;
};

/* Returns the version, e.g. "0.1.0"; static, never freed. */
LKS_API const char *lks_version(void);

#ifdef __cplusplus
}
#endif
#endif
