/* url.c - one writing for a link
 *
 * The canonical form is meant for comparing, not for following:
 *
 *   [scheme://][user@]host[:port][/path][?query][#fragment]  ->  host[:port][/path][?query]
 *
 * - scheme, user information and fragment are dropped;
 * - the host is in lower case (NFKC and case folding where it is not ASCII; "xn--" labels
 *   decoded, see punycode.h), without a dot at its end and without leading "www." labels while a host
 *   with a dot remains;
 * - the ports 80 and 443 are dropped, others are kept;
 * - slashes at the end of the path are dropped;
 * - parameters that only say how a reader came to the link are dropped; empty ones too;
 * - the rest of path and query stays byte for byte: on most sites its case and its escapes
 *   mean something.
 *
 * Short links (t.co, bit.ly) stay as they are: where they lead is not known without asking.
 * The form of a canonical form is itself. No part of RFC 3986's reference resolution is done. */
#include "base/error.h"
#include "base/utf8.h"
#include "text/extract.h"
#include "text/fold.h"
#include "text/punycode.h"

/* Parameters added by whoever shares or advertises a link: two people who pass on one page
 * differ in them. A star stands for any ending. */
static const char *const tracking[] = {
    "utm_*", /* Urchin, Google Analytics */
    "fbclid",        "fb_action_ids", "fb_action_types", "fb_source",  "fb_ref", /* Facebook */
    "gclid",         "gclsrc",        "dclid",           "gbraid",     "wbraid",
    "_ga",           "_gl",                        /* Google */
    "msclkid",                                     /* Microsoft */
    "yclid",         "ymclid",        "_openstat", /* Yandex */
    "twclid",        "ref_src",       "ref_url",   /* Twitter */
    "ttclid",                                      /* TikTok */
    "igshid",        "igsh",                       /* Instagram */
    "li_fat_id",     "trk",                        /* LinkedIn */
    "epik",          "rdt_cid",       "sccid",     /* Pinterest, Reddit, Snapchat */
    "mc_cid",        "mc_eid",        "mkt_tok",         "_hsenc",     "_hsmi",
    "hsctatracking", /* mail senders */
    "vero_id",       "vero_conv",     "oly_anon_id",     "oly_enc_id", "wickedid",
    "s_cid",         "ncid",          "cmpid",           "at_medium",  "at_campaign*",
    "at_custom*",    "ns_*", /* newsrooms */
};

/* Parameters that say so on one site only; elsewhere they may choose the page. */
static const struct {
    const char *host, *name;
} tracking_of_host[] = {
    {"youtube.com", "si"},
    {"youtube.com", "feature"},
    {"youtube.com", "pp"},
    {"youtu.be", "si"},
    {"youtu.be", "feature"},
    {"open.spotify.com", "si"},
    {"twitter.com", "s"},
    {"twitter.com", "t"},
    {"x.com", "s"},
    {"x.com", "t"},
    {"tiktok.com", "_r"},
    {"tiktok.com", "_t"},
    {"tiktok.com", "is_from_webapp"},
    {"tiktok.com", "sender_device"},
    {"tiktok.com", "is_copy_url"},
    {"tiktok.com", "share_*"},
    {"tiktok.com", "tt_from"},
    {"tiktok.com", "u_code"},
    {"tiktok.com", "web_id"},
    {"tiktok.com", "sender_web_id"},
    {"facebook.com", "mibextid"},
    {"facebook.com", "__tn__"},
    {"facebook.com", "__cft__*"},
};

enum { HOST_BYTES_MAX = 1024, PORT_DIGITS_MAX = 5 };

struct url_parts {
    struct lks_str host, port, path, query;
};

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static int is_alpha(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether name is pattern, without case; a star at the pattern's end stands for anything. */
static int name_matches(struct lks_str name, const char *pattern)
{
    size_t i = 0;
    for (; i < name.size_bytes && pattern[i] && pattern[i] != '*'; i++)
        if (lower(name.data[i]) != pattern[i])
            return 0;
    return pattern[i] == '*' || (i == name.size_bytes && !pattern[i]);
}

static int is_tracking(struct lks_str name, struct lks_str host)
{
    for (size_t i = 0; i < sizeof tracking / sizeof *tracking; i++)
        if (name_matches(name, tracking[i]))
            return 1;
    for (size_t i = 0; i < sizeof tracking_of_host / sizeof *tracking_of_host; i++) {
        size_t size = strlen(tracking_of_host[i].host);
        if (host.size_bytes < size ||
            memcmp(host.data + host.size_bytes - size, tracking_of_host[i].host, size) != 0)
            continue;
        if (host.size_bytes > size && host.data[host.size_bytes - size - 1] != '.')
            continue;
        if (name_matches(name, tracking_of_host[i].name))
            return 1;
    }
    return 0;
}

/* The first of the characters in set, from `from` on, or the end. */
static size_t find(struct lks_str text, size_t from, const char *set)
{
    if (!set[1]) {
        const char *at = from < text.size_bytes
                             ? memchr(text.data + from, set[0], text.size_bytes - from)
                             : NULL;
        return at ? (size_t)(at - text.data) : from > text.size_bytes ? from : text.size_bytes;
    }
    for (; from < text.size_bytes; from++)
        for (const char *c = set; *c; c++)
            if (text.data[from] == *c)
                return from;
    return from;
}

static struct lks_str slice(struct lks_str text, size_t first, size_t end)
{
    return (struct lks_str){text.data + first, end - first};
}

/* Takes "http://", "https://" or "//" off, where one stands. Returns -1 for another scheme. */
static int scheme_take(struct lks_str *text)
{
    size_t size = 0;
    while (size < text->size_bytes &&
           (is_alpha(text->data[size]) ||
            (size && (is_digit(text->data[size]) || text->data[size] == '+' ||
                      text->data[size] == '-' || text->data[size] == '.'))))
        size++;
    if (size < text->size_bytes && text->data[size] == ':' && size) {
        struct lks_str scheme = slice(*text, 0, size);
        if (text->size_bytes - size > 3 && memcmp(text->data + size, "://", 3) == 0) {
            if (!name_matches(scheme, "http") && !name_matches(scheme, "https"))
                return -1;
            *text = slice(*text, size + 3, text->size_bytes);
            return 0;
        }
        /* "host:8080/" has a port there, "mailto:" has not. */
        return size + 1 < text->size_bytes && is_digit(text->data[size + 1]) ? 0 : -1;
    }
    if (text->size_bytes > 2 && memcmp(text->data, "//", 2) == 0)
        *text = slice(*text, 2, text->size_bytes);
    return 0;
}

static int port_take(struct lks_str authority, size_t colon, struct url_parts *parts)
{
    parts->host = slice(authority, 0, colon);
    parts->port = LKS_STR("");
    if (colon == authority.size_bytes)
        return 0;
    struct lks_str port = slice(authority, colon + 1, authority.size_bytes);
    while (port.size_bytes > 1 && port.data[0] == '0')
        port = slice(port, 1, port.size_bytes);
    if (port.size_bytes > PORT_DIGITS_MAX)
        return -1;
    for (size_t i = 0; i < port.size_bytes; i++)
        if (!is_digit(port.data[i]))
            return -1;
    if (!lks_str_equal_text(port, "80") && !lks_str_equal_text(port, "443"))
        parts->port = port;
    return 0;
}

/* Cuts a link without scheme into its parts; -1 when it cannot be one. */
static int parts_cut(struct lks_str text, struct url_parts *parts)
{
    size_t end = find(text, 0, "/?#\\");
    struct lks_str authority = slice(text, 0, end);
    size_t fragment = find(text, end, "#");
    size_t question = find(slice(text, 0, fragment), end, "?");
    parts->path = slice(text, end, question);
    parts->query = question < fragment ? slice(text, question + 1, fragment) : LKS_STR("");
    for (size_t i = authority.size_bytes; i > 0; i--)
        if (authority.data[i - 1] == '@') {
            authority = slice(authority, i, authority.size_bytes);
            break;
        }
    size_t colon = 0;
    if (authority.size_bytes && authority.data[0] == '[') {
        colon = find(authority, 0, "]");
        if (colon == authority.size_bytes)
            return -1;
        colon++;
        if (colon < authority.size_bytes && authority.data[colon] != ':')
            return -1;
    } else {
        colon = find(authority, 0, ":");
    }
    return port_take(authority, colon, parts);
}

/* Names written in ASCII as what they say. */
static int host_decode(struct lks_buffer *host)
{
    struct lks_buffer decoded = {0};
    int code = lks_host_decode((struct lks_str){host->data, host->size_bytes}, &decoded);
    lks_buffer_clear(host);
    lks_buffer_append(host, decoded.data, decoded.size_bytes);
    lks_buffer_free(&decoded);
    return code || host->failed ? LKS_EMEMORY : 0;
}

/* Writes the host in one writing; 1 when it is none. */
static int host_write(struct lks_str host, struct lks_buffer *out)
{
    unsigned char all = 0;
    for (size_t i = 0; i < host.size_bytes; i++)
        all |= (unsigned char)host.data[i];
    int code = 0;
    if (all >= 0x80) {
        code = lks_text_fold(host, out);
    } else {
        lks_buffer_append(out, host.data, host.size_bytes);
        for (size_t i = 0; i < out->size_bytes; i++)
            out->data[i] = lower(out->data[i]);
        code = out->failed ? LKS_EMEMORY : 0;
    }
    if (code != 0)
        return code;
    if (!out->size_bytes || out->size_bytes > HOST_BYTES_MAX ||
        memmem(out->data, out->size_bytes, "\xef\xbf\xbd", 3))
        return 1; /* nothing, too much, or not UTF-8 */
    /* The ideographic full stop separates labels too (UTS #46); it is three bytes. */
    size_t write = 0;
    for (size_t i = 0; i < out->size_bytes; i++) {
        if (out->size_bytes - i >= 3 && memcmp(out->data + i, "\xe3\x80\x82", 3) == 0) {
            out->data[write++] = '.';
            i += 2;
        } else {
            out->data[write++] = out->data[i];
        }
    }
    out->size_bytes = write;
    if (write && out->data[write - 1] == '.')
        out->size_bytes--;
    return memmem(out->data, out->size_bytes, "xn--", 4) ? host_decode(out) : 0;
}

static int host_is_ipv6(struct lks_str host)
{
    if (host.size_bytes < 4 || host.data[0] != '[' || host.data[host.size_bytes - 1] != ']')
        return 0;
    int colons = 0;
    for (size_t i = 1; i + 1 < host.size_bytes; i++) {
        char c = host.data[i];
        colons += c == ':';
        if (c != ':' && c != '.' && c != '%' && !is_digit(c) && !is_alpha(c))
            return 0;
    }
    return colons >= 2;
}

/* Four labels of digits. */
static int host_is_ipv4(struct lks_str host)
{
    int dots = 0;
    for (size_t i = 0; i < host.size_bytes; i++) {
        dots += host.data[i] == '.';
        if (host.data[i] != '.' && !is_digit(host.data[i]))
            return 0;
    }
    return dots == 3;
}

/* What may be the last label: two bytes or more, no digits ("1.5" is a number, "e.g" an
 * abbreviation), or an encoded name. */
static int label_is_top(struct lks_str label)
{
    if (label.size_bytes >= 4 && memcmp(label.data, "xn--", 4) == 0)
        return 1;
    for (size_t i = 0; i < label.size_bytes; i++)
        if (is_digit(label.data[i]))
            return 0;
    return label.size_bytes >= 2;
}

/* A name of at least two labels, none of them empty. */
static int host_is_name(struct lks_str host)
{
    size_t start = 0;
    for (size_t i = 0; i <= host.size_bytes; i++) {
        if (i == host.size_bytes || host.data[i] == '.') {
            if (i == start)
                return 0;
            if (i < host.size_bytes)
                start = i + 1;
            continue;
        }
        unsigned char c = (unsigned char)host.data[i];
        if (c < 0x80 && !is_digit((char)c) && !is_alpha((char)c) && c != '-' && c != '_')
            return 0;
    }
    return start > 0 && (host_is_ipv4(host) || label_is_top(slice(host, start, host.size_bytes)));
}

static struct lks_str www_take(struct lks_str host)
{
    while (host.size_bytes > 4 && memcmp(host.data, "www.", 4) == 0 &&
           memchr(host.data + 4, '.', host.size_bytes - 4))
        host = slice(host, 4, host.size_bytes);
    return host;
}

/* Bytes as they are, broken UTF-8 as U+FFFD. */
static void clean_append(struct lks_str text, struct lks_buffer *out)
{
    size_t plain = 0;
    for (size_t at = 0; at < text.size_bytes;) {
        uint32_t code;
        size_t size = lks_utf8_next(text, at, &code);
        if (code == LKS_UTF8_BAD) {
            lks_buffer_append(out, text.data + plain, at - plain);
            lks_buffer_text(out, "\xef\xbf\xbd");
            plain = at + size;
        }
        at += size;
    }
    lks_buffer_append(out, text.data + plain, text.size_bytes - plain);
}

static void query_write(struct lks_str query, struct lks_str host, struct lks_buffer *out)
{
    char mark = '?';
    for (size_t at = 0; at <= query.size_bytes;) {
        size_t end = find(query, at, "&");
        struct lks_str parameter = slice(query, at, end);
        struct lks_str name = slice(parameter, 0, find(parameter, 0, "="));
        if (parameter.size_bytes && !is_tracking(name, host)) {
            lks_buffer_byte(out, mark);
            clean_append(parameter, out);
            mark = '&';
        }
        at = end + 1;
    }
}

static int url_write(const struct url_parts *parts, struct lks_buffer *host_buffer,
                     struct lks_buffer *out, struct lks_str *domain)
{
    int code = host_write(parts->host, host_buffer);
    if (code != 0)
        return code;
    struct lks_str host = {host_buffer->data, host_buffer->size_bytes};
    if (!host_is_ipv6(host) && !host_is_name(host))
        return 1;
    host = www_take(host);
    lks_buffer_append(out, host.data, host.size_bytes);
    if (parts->port.size_bytes) {
        lks_buffer_byte(out, ':');
        lks_buffer_append(out, parts->port.data, parts->port.size_bytes);
    }
    struct lks_str path = parts->path;
    while (path.size_bytes && path.data[path.size_bytes - 1] == '/')
        path.size_bytes--;
    clean_append(path, out);
    query_write(parts->query, host, out);
    *domain = host;
    return out->failed || host_buffer->failed ? LKS_EMEMORY : 0;
}

static int has_blank(struct lks_str text)
{
    for (size_t i = 0; i < text.size_bytes; i++)
        if ((unsigned char)text.data[i] <= 0x20 || text.data[i] == 0x7f)
            return 1;
    return 0;
}

/* The usual link, all ASCII and its host not written in a code for other letters, straight into
 * the arena: nothing in it can become longer. 1 when it is no link, 2 when it is for url_write. */
static int url_plain(const struct url_parts *parts, struct lks_arena *arena,
                     struct lks_str *url_out, struct lks_str *domain_out)
{
    size_t host_bytes = parts->host.size_bytes;
    if (!host_bytes || host_bytes > HOST_BYTES_MAX)
        return 1;
    char *out = lks_arena_alloc(arena, host_bytes + parts->port.size_bytes +
                                           parts->path.size_bytes + parts->query.size_bytes + 3);
    if (!out)
        return LKS_EMEMORY;
    for (size_t i = 0; i < host_bytes; i++)
        out[i] = lower(parts->host.data[i]);
    host_bytes -= out[host_bytes - 1] == '.';
    if (memchr(out, '-', host_bytes) && memmem(out, host_bytes, "xn--", 4))
        return 2;
    struct lks_str host = {out, host_bytes};
    if (!host_is_ipv6(host) && !host_is_name(host))
        return 1;
    host = www_take(host);
    size_t at = host.size_bytes;
    memmove(out, host.data, at);
    host.data = out;
    if (parts->port.size_bytes) {
        out[at++] = ':';
        memcpy(out + at, parts->port.data, parts->port.size_bytes);
        at += parts->port.size_bytes;
    }
    struct lks_str path = parts->path;
    while (path.size_bytes && path.data[path.size_bytes - 1] == '/')
        path.size_bytes--;
    if (path.size_bytes)
        memcpy(out + at, path.data, path.size_bytes);
    at += path.size_bytes;
    char mark = '?';
    for (size_t from = 0; parts->query.size_bytes && from <= parts->query.size_bytes;) {
        size_t end = find(parts->query, from, "&");
        struct lks_str parameter = slice(parts->query, from, end);
        from = end + 1;
        if (!parameter.size_bytes ||
            is_tracking(slice(parameter, 0, find(parameter, 0, "=")), host))
            continue;
        out[at++] = mark;
        mark = '&';
        memcpy(out + at, parameter.data, parameter.size_bytes);
        at += parameter.size_bytes;
    }
    out[at] = 0;
    *url_out = (struct lks_str){out, at};
    *domain_out = host;
    return 0;
}

static int is_ascii(struct lks_str text)
{
    return lks_utf8_ascii_run(text, 0) == text.size_bytes;
}

int lks_url_canonical(struct lks_str text, struct lks_arena *arena, struct lks_str *url_out,
                      struct lks_str *domain_out)
{
    struct url_parts parts;
    struct lks_str domain;
    while (text.size_bytes && (unsigned char)text.data[0] <= 0x20)
        text = slice(text, 1, text.size_bytes);
    while (text.size_bytes && (unsigned char)text.data[text.size_bytes - 1] <= 0x20)
        text.size_bytes--;
    if (!text.size_bytes || has_blank(text))
        return 1;
    if (scheme_take(&text) != 0 || parts_cut(text, &parts) != 0)
        return 1;
    int code = is_ascii(text) ? url_plain(&parts, arena, url_out, domain_out) : 2;
    if (code != 2)
        return code;
    struct lks_buffer host = {0}, out = {0};
    code = url_write(&parts, &host, &out, &domain);
    if (code == 0) {
        *url_out = lks_arena_str(arena, (struct lks_str){out.data, out.size_bytes});
        *domain_out = url_out->data ? slice(*url_out, 0, domain.size_bytes) : LKS_STR_NULL;
        code = url_out->data ? 0 : LKS_EMEMORY;
    }
    lks_buffer_free(&host);
    lks_buffer_free(&out);
    return code;
}
