/* post_link.c - a link to a post, as the key that the post has in the records */
#include "text/post_link.h"

#include <string.h>

/* A site: what its links hold before the post's id, and the prefix of the key. */
static const struct site {
    const char *host, *before, *prefix;
    int digits; /* ids are digits only; else letters, digits, '-' and '_' */
} sites[] = {
    {"tiktok.com", "/video/", "tiktok:", 1},
    {"tiktok.com", "/photo/", "tiktok:", 1},
    {"twitter.com", "/status/", "twitter:", 1},
    {"x.com", "/status/", "twitter:", 1},
    {"youtube.com", "/watch?v=", "youtube:", 0},
    {"youtube.com", "/shorts/", "youtube:", 0},
    {"youtu.be", "/", "youtube:", 0},
};

/* host is the site's, or a name under it. */
static int host_is(struct lks_str host, const char *site)
{
    size_t size = strlen(site);
    if (host.size_bytes < size || memcmp(host.data + host.size_bytes - size, site, size) != 0)
        return 0;
    return host.size_bytes == size || host.data[host.size_bytes - size - 1] == '.';
}

static int is_id(char c, int digits)
{
    if (c >= '0' && c <= '9')
        return 1;
    return !digits && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_');
}

/* The id behind `before`: its size, and where it starts. */
static size_t id_find(struct lks_str path, const struct site *site, const char **id)
{
    size_t before = strlen(site->before);
    for (size_t i = 0; i + before < path.size_bytes; i++) {
        if (memcmp(path.data + i, site->before, before) != 0)
            continue;
        size_t size = 0;
        *id = path.data + i + before;
        while (i + before + size < path.size_bytes && is_id((*id)[size], site->digits))
            size++;
        return size;
    }
    return 0;
}

size_t lks_post_link(struct lks_str url, char key[LKS_POST_LINK_BYTES])
{
    const char *slash = url.data ? memchr(url.data, '/', url.size_bytes) : NULL;
    if (!slash)
        return 0;
    struct lks_str host = {url.data, (size_t)(slash - url.data)};
    struct lks_str path = {slash, url.size_bytes - host.size_bytes};
    for (size_t s = 0; s < sizeof sites / sizeof *sites; s++) {
        const char *id;
        size_t prefix = strlen(sites[s].prefix), size;
        if (!host_is(host, sites[s].host) || !(size = id_find(path, &sites[s], &id)))
            continue;
        if (prefix + size > LKS_POST_LINK_BYTES)
            return 0;
        memcpy(key, sites[s].prefix, prefix);
        memcpy(key + prefix, id, size);
        return prefix + size;
    }
    return 0;
}
