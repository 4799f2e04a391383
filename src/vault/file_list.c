/* file_list.c - every file below a folder, in the order of their names */
#include "vault/file_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folders still to be read, below the one that was named; "" is that one. */
struct walk {
    struct lks_file_list *list;
    size_t files_room;
    char **folders;
    size_t folders_count, folders_room;
};

static int grow(void **items, size_t count, size_t *room, size_t item_bytes, struct lks_error *err)
{
    if (count < *room)
        return 0;
    size_t more = *room ? 2 * *room : 64;
    void *bigger = realloc(*items, more * item_bytes);
    if (!bigger)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    *items = bigger;
    *room = more;
    return 0;
}

static unsigned depth_of(const char *path)
{
    unsigned depth = 1;
    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

static int entry_take(struct walk *walk, int folder, const char *below, const char *name,
                      struct lks_error *err)
{
    struct stat status;
    size_t size = strlen(below) + strlen(name) + 2;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return lks_error_system(err, name, "cannot be looked at");
    char *path = malloc(size);
    if (!path)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    memcpy(path, below, strlen(below));
    size_t at = strlen(below);
    if (at)
        path[at++] = '/';
    memcpy(path + at, name, strlen(name) + 1);
    int code;
    if (S_ISDIR(status.st_mode)) {
        code = depth_of(path) > LKS_FILE_DEPTH_MAX
                   ? lks_error_set(err, LKS_EINPUT, "folders are nested more than %d deep",
                                   LKS_FILE_DEPTH_MAX)
                   : grow((void **)&walk->folders, walk->folders_count, &walk->folders_room,
                          sizeof *walk->folders, err);
        if (code == 0)
            walk->folders[walk->folders_count++] = path;
    } else {
        struct lks_file_list *list = walk->list;
        code =
            list->count == LKS_FILE_LIST_MAX
                ? lks_error_set(err, LKS_EINPUT, "there are more than %d files", LKS_FILE_LIST_MAX)
                : grow((void **)&list->files, list->count, &walk->files_room, sizeof *list->files,
                       err);
        if (code == 0)
            list->files[list->count++] =
                (struct lks_file_entry){path, (uint64_t)status.st_size, S_ISREG(status.st_mode)};
    }
    if (code)
        free(path);
    return code;
}

static int folder_read(struct walk *walk, int top, const char *below, struct lks_error *err)
{
    int code = 0;
    int folder = openat(top, *below ? below : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *names = folder < 0 ? NULL : fdopendir(folder);
    if (!names) {
        code = lks_error_system(err, below, "cannot be read");
        if (folder >= 0)
            close(folder);
        return code;
    }
    errno = 0;
    for (struct dirent *entry; code == 0 && (entry = readdir(names)); errno = 0)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            code = entry_take(walk, folder, below, entry->d_name, err);
    if (code == 0 && errno)
        code = lks_error_system(err, below, "cannot be read");
    closedir(names);
    return code;
}

static int by_path(const void *a, const void *b)
{
    const struct lks_file_entry *x = a, *y = b;
    return strcmp(x->path, y->path);
}

/* Lists what lies below an open folder, and closes it. */
static int list_from(int top, struct lks_file_list *list, struct lks_error *err)
{
    struct walk walk = {.list = list};
    int code = folder_read(&walk, top, "", err);
    while (code == 0 && walk.folders_count) {
        char *below = walk.folders[--walk.folders_count];
        code = folder_read(&walk, top, below, err);
        free(below);
    }
    while (walk.folders_count)
        free(walk.folders[--walk.folders_count]);
    free(walk.folders);
    close(top);
    if (code)
        lks_file_list_free(list);
    else if (list->count)
        qsort(list->files, list->count, sizeof *list->files, by_path);
    return code;
}

int lks_file_list_make(const char *folder, struct lks_file_list *list, struct lks_error *err)
{
    int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *list = (struct lks_file_list){0};
    if (top < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? lks_error_set(err, LKS_EMISSING, "%s is no folder", folder)
                   : lks_error_system(err, folder, "cannot be read");
    return list_from(top, list, err);
}

int lks_file_list_below(const char *folder, const char *name, struct lks_file_list *list,
                        struct lks_error *err)
{
    char part[256];
    int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *list = (struct lks_file_list){0};
    for (const char *at = name; top >= 0 && *at;) {
        size_t size = strcspn(at, "/");
        LKS_ASSERT(size && size < sizeof part);
        memcpy(part, at, size);
        part[size] = '\0';
        int next = openat(top, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int why = errno;
        close(top);
        errno = why;
        top = next;
        at += size + (at[size] == '/');
    }
    if (top >= 0)
        return list_from(top, list, err);
    if (errno == ENOENT)
        return lks_error_set(err, LKS_EMISSING, "%s is not there", name);
    if (errno == ENOTDIR || errno == ELOOP)
        return lks_error_set(err, LKS_EINPUT, "%s is no folder", name);
    return lks_error_system(err, name, "cannot be read");
}

void lks_file_list_free(struct lks_file_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->files[i].path);
    free(list->files);
    *list = (struct lks_file_list){0};
}
