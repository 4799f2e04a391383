/* log_keys.c - keys and anchors in plain words; for log_show.c */
#include "evidence/log_keys.h"

#include "base/shown.h"

enum { KEY_BYTES = 400, NAME_BYTES = 160 };

static int text_get(const struct lks_entry *entry, const char *path, struct lks_str *text)
{
    return lks_statement_text(&entry->statement, path, entry->arena, text);
}

int lks_log_key_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    static const char *const words[][3] = {{"new", "the log begins, signed by ", ""},
                                           {"rotate", "the log is signed from here on by ", ""},
                                           {"enrol", "orders are approved from here on by ", ""},
                                           {"retire", "", " approves orders no more"}};
    struct lks_str action, key, approvals;
    if (!text_get(entry, "action", &action) || !text_get(entry, "verifier", &key))
        return 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!lks_str_equal_text(action, words[i][0]))
            continue;
        lks_buffer_text(out, words[i][1]);
        lks_buffer_shown(out, key, KEY_BYTES);
        lks_buffer_text(out, words[i][2]);
        if (text_get(entry, "approvals", &approvals))
            lks_buffer_text(out, ", as others approved");
        return 1;
    }
    return 0;
}

int lks_log_anchor_words(struct lks_buffer *out, const struct lks_entry *entry)
{
    struct lks_str form, who, said, file;
    int64_t size;
    if (!text_get(entry, "form", &form) || !text_get(entry, "said", &said) ||
        !text_get(entry, "file", &file) ||
        !lks_statement_int(&entry->statement, "size", entry->arena, &size))
        return 0;
    int cosigned = lks_str_equal_text(form, "cosignature");
    if (!text_get(entry, cosigned ? "witness" : "authority", &who))
        return 0;
    if (cosigned) { /* the name before its id and key */
        const char *plus = memchr(who.data, '+', who.size_bytes);
        who.size_bytes = plus ? (size_t)(plus - who.data) : who.size_bytes;
    }
    lks_buffer_shown(out, who, NAME_BYTES);
    lks_buffer_format(out, " %s the log of %lld entr%s at ", cosigned ? "signed" : "stamped",
                      (long long)size, size == 1 ? "y" : "ies");
    lks_buffer_shown(out, said, NAME_BYTES);
    lks_buffer_text(out, " (");
    lks_buffer_shown(out, file, NAME_BYTES);
    lks_buffer_byte(out, ')');
    return 1;
}
