/* anchor_text.c - what asking others about a case's log came to, for people and for programs */
#include "base/base64.h"
#include "base/json_write.h"
#include "base/shown.h"
#include "base/time.h"
#include "evidence/anchor.h"
#include "evidence/answer.h"

enum { NAME_BYTES_MAX = 200, WHY_BYTES_MAX = 600 };

static int64_t said_us(const struct lks_anchor_asked *asked)
{
    return asked->authority ? asked->stamp.time_us : (int64_t)asked->time_seconds * LKS_SECOND_US;
}

static struct lks_str name_of(const struct lks_anchor_asked *asked)
{
    if (!asked->authority)
        return lks_str_from(asked->witness.verifier.name);
    if (asked->failure.code == 0)
        return lks_str_from(asked->stamp.authority);
    return asked->url ? lks_str_from(asked->url) : LKS_STR("the token");
}

static void asked_text(const struct lks_anchor_asked *asked, struct lks_buffer *out)
{
    char time[LKS_TIME_TEXT_BYTES];
    lks_buffer_text(out, "  ");
    lks_buffer_shown(out, name_of(asked), NAME_BYTES_MAX);
    if (asked->failure.code) {
        lks_buffer_text(out, ": FAILED: ");
        lks_buffer_shown(out, lks_str_from(asked->failure.message), WHY_BYTES_MAX);
        lks_buffer_byte(out, '\n');
        return;
    }
    lks_time_format(said_us(asked), time);
    lks_buffer_format(out, " %s %s%s%s\n", asked->authority ? "stamped it at" : "signed it at",
                      time, asked->already ? " (before now)" : "",
                      !asked->authority && !asked->already && !asked->published
                          ? "; not the checkpoint that follows it"
                          : "");
}

void lks_anchor_text(const struct lks_anchor_outcome *outcome, struct lks_buffer *out)
{
    lks_buffer_format(out, "The log as it was with %llu entries, root ",
                      (unsigned long long)outcome->anchored.size);
    lks_base64_add(out, outcome->anchored.root.bytes, sizeof outcome->anchored.root.bytes);
    lks_buffer_text(out, outcome->count ? ":\n" : "\n");
    for (size_t i = 0; i < outcome->count; i++)
        asked_text(&outcome->asked[i], out);
    if (outcome->query_path)
        lks_buffer_text(out, "The query is written. Send it as application/timestamp-query; what "
                             "comes back goes to\n"
                             "  lockstep anchor CASE --token REPLY --tsa-trust PEM\n");
}

void lks_anchor_json(const struct lks_anchor_outcome *outcome, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    struct lks_buffer root = {0};
    lks_base64_add(&root, outcome->anchored.root.bytes, sizeof outcome->anchored.root.bytes);
    lks_json_object(&json, NULL);
    lks_json_uint(&json, "size", outcome->anchored.size);
    lks_json_string(&json, "root", (struct lks_str){root.data, root.size_bytes});
    lks_json_uint(&json, "published_size", outcome->published.size);
    lks_json_array(&json, "anchors");
    for (size_t i = 0; i < outcome->count; i++) {
        const struct lks_anchor_asked *asked = &outcome->asked[i];
        lks_json_object(&json, NULL);
        lks_json_text(&json, "form", asked->authority ? "timestamp" : "cosignature");
        lks_json_string(&json, "by", name_of(asked));
        lks_json_bool(&json, "done", asked->failure.code == 0);
        if (asked->failure.code) {
            lks_json_text(&json, "why", asked->failure.message);
        } else {
            lks_json_time(&json, "said", said_us(asked));
            lks_json_bool(&json, "before", asked->already);
            if (!asked->authority) {
                lks_json_bool(&json, "published", asked->published);
            } else {
                lks_json_text(&json, "serial", asked->stamp.serial);
            }
        }
        lks_json_object_end(&json);
    }
    lks_json_array_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
    out->failed |= root.failed;
    lks_buffer_free(&root);
}
