/* library.c - shared libraries that are loaded when something first needs them */
#include "base/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

/* The pointers of a table lie one after the other, so it is filled as an array of them. */
static int table_fill(struct lks_library *library, void *handle, struct lks_error *err)
{
    for (size_t i = 0; i < library->count; i++) {
        void *call = dlsym(handle, library->names[i]);
        if (!call)
            return lks_error_set(err, LKS_EIO,
                                 "%s is not what is needed of %s: it has no function %s",
                                 library->file, library->what, library->names[i]);
        memcpy((char *)library->table + i * sizeof call, &call, sizeof call);
    }
    return 0;
}

static int library_open(struct lks_library *library, struct lks_error *err)
{
    void *handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);
    if (!handle) {
        const char *why = dlerror();
        return lks_error_set(err, LKS_EIO, "%s cannot be loaded, and this needs it: %s",
                             library->what, why ? why : library->file);
    }
    int code = table_fill(library, handle, err);
    if (code < 0) {
        dlclose(handle);
        return code;
    }
    __atomic_store_n(&library->loaded, 1, __ATOMIC_RELEASE);
    return 0; /* it stays for as long as the program runs */
}

int lks_library_load(struct lks_library *library, struct lks_error *err)
{
    if (__atomic_load_n(&library->loaded, __ATOMIC_ACQUIRE))
        return 0;
    pthread_mutex_lock(&loading);
    int code = library->loaded ? 0 : library_open(library, err);
    pthread_mutex_unlock(&loading);
    return code;
}
