/* bluesky.c - Bluesky's Jetstream: one event a line
 *
 * An event is a commit to somebody's repository (a post, a repost, a like, a follow, a profile),
 * or news of an identity or account. Posts and reposts become posts. Times are those at which
 * the stream saw the commit (time_us): createdAt is what the author's program claims, and
 * programs that import old posts claim years ago. Names of posts are at:// addresses, of accounts
 * their did, which outlives every handle. */
#include "source/adapter_kit.h"
#include "source/adapters.h"

static const struct lks_str PLATFORM = {"bluesky", 7};

struct event {
    struct lks_str did, kind, operation, collection, rkey, handle;
    struct lks_json_value time_us;
    struct lks_str record; /* as it lies in the line */
};

struct record {
    struct lks_arena *arena;
    struct lks_str text, created, language, parent, subject, display_name, description;
    struct lks_list urls, hashtags, mentions, media;
    int failed;
};

static int is(struct lks_str a, const char *b)
{
    return lks_str_equal_text(a, b);
}

static void add(struct record *r, struct lks_list *list, struct lks_str item)
{
    if (lks_list_add(list, r->arena, item) != 0)
        r->failed = 1;
}

/* ---- the record ---- */

/* {"$type":"app.bsky.richtext.facet#link","uri":...}; #tag with tag, #mention with did. */
static void read_feature(struct record *r, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (is(key, "uri"))
            add(r, &r->urls, lks_value_text(lks_json_read(reader)));
        else if (is(key, "tag"))
            add(r, &r->hashtags, lks_value_text(lks_json_read(reader)));
        else if (is(key, "did"))
            add(r, &r->mentions, lks_value_text(lks_json_read(reader)));
    }
}

static void read_facets(struct record *r, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_array(reader))
        return;
    while (lks_json_element(reader)) {
        if (!lks_json_enter_object(reader))
            continue;
        while (lks_json_member(reader, &key))
            if (is(key, "features") && lks_json_enter_array(reader))
                while (lks_json_element(reader))
                    read_feature(r, reader);
    }
}

/* The address of {"ref":{"$link":"bafk..."}}: a digest of the picture's or film's bytes. */
static void read_blob(struct record *r, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key))
        if (is(key, "ref") && lks_json_enter_object(reader))
            while (lks_json_member(reader, &key))
                if (is(key, "$link"))
                    add(r, &r->media, lks_value_text(lks_json_read(reader)));
}

static void read_images(struct record *r, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_array(reader))
        return;
    while (lks_json_element(reader)) {
        if (!lks_json_enter_object(reader))
            continue;
        while (lks_json_member(reader, &key))
            if (is(key, "image"))
                read_blob(r, reader);
    }
}

/* Pictures, a film, or a page that is linked; beside a quoted post they stand in "media". */
static void read_embed(struct record *r, struct lks_json_reader *reader, int deeper)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (is(key, "images"))
            read_images(r, reader);
        else if (is(key, "video"))
            read_blob(r, reader);
        else if (is(key, "external") && lks_json_enter_object(reader)) {
            while (lks_json_member(reader, &key))
                if (is(key, "uri"))
                    add(r, &r->urls, lks_value_text(lks_json_read(reader)));
        } else if (is(key, "media") && deeper)
            read_embed(r, reader, 0);
    }
}

/* The text of "uri" in the object, or in its member "parent". */
static struct lks_str read_uri(struct lks_json_reader *reader, const char *inside)
{
    struct lks_str uri = LKS_STR_NULL, key;
    if (!lks_json_enter_object(reader))
        return uri;
    while (lks_json_member(reader, &key)) {
        if (!inside && is(key, "uri"))
            uri = lks_value_text(lks_json_read(reader));
        else if (inside && is(key, inside) && lks_json_enter_object(reader)) {
            while (lks_json_member(reader, &key))
                if (is(key, "uri"))
                    uri = lks_value_text(lks_json_read(reader));
        }
    }
    return uri;
}

static void read_strings(struct record *r, struct lks_json_reader *reader, struct lks_list *list)
{
    if (lks_json_enter_array(reader))
        while (lks_json_element(reader))
            add(r, list, lks_value_text(lks_json_read(reader)));
}

static void read_record(struct record *r, struct lks_json_reader *reader)
{
    struct lks_list languages = {0};
    struct lks_str key;
    while (lks_json_member(reader, &key)) {
        if (is(key, "text"))
            r->text = lks_value_text(lks_json_read(reader));
        else if (is(key, "createdAt"))
            r->created = lks_value_text(lks_json_read(reader));
        else if (is(key, "langs"))
            read_strings(r, reader, &languages);
        else if (is(key, "tags"))
            read_strings(r, reader, &r->hashtags);
        else if (is(key, "facets"))
            read_facets(r, reader);
        else if (is(key, "embed"))
            read_embed(r, reader, 1);
        else if (is(key, "reply"))
            r->parent = read_uri(reader, "parent");
        else if (is(key, "subject"))
            r->subject = read_uri(reader, NULL);
        else if (is(key, "displayName"))
            r->display_name = lks_value_text(lks_json_read(reader));
        else if (is(key, "description"))
            r->description = lks_value_text(lks_json_read(reader));
    }
    if (languages.count)
        r->language = languages.items[0];
}

/* ---- the event ---- */

static void read_commit(struct event *e, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (is(key, "operation"))
            e->operation = lks_value_text(lks_json_read(reader));
        else if (is(key, "collection"))
            e->collection = lks_value_text(lks_json_read(reader));
        else if (is(key, "rkey"))
            e->rkey = lks_value_text(lks_json_read(reader));
        else if (is(key, "record")) {
            struct lks_json_value value = lks_json_read(reader);
            e->record = value.type == LKS_JSON_OBJECT ? value.text : LKS_STR_NULL;
        }
    }
}

static void read_event(struct event *e, struct lks_json_reader *reader)
{
    struct lks_str key;
    while (lks_json_member(reader, &key)) {
        if (is(key, "did"))
            e->did = lks_value_text(lks_json_read(reader));
        else if (is(key, "time_us"))
            e->time_us = lks_json_read(reader);
        else if (is(key, "kind"))
            e->kind = lks_value_text(lks_json_read(reader));
        else if (is(key, "commit"))
            read_commit(e, reader);
        else if (is(key, "identity") && lks_json_enter_object(reader)) {
            while (lks_json_member(reader, &key))
                if (is(key, "handle"))
                    e->handle = lks_value_text(lks_json_read(reader));
        }
    }
}

static int account_put(struct lks_batch *batch, struct lks_str key, struct lks_str handle,
                       const struct record *r)
{
    struct lks_account *account = lks_batch_account(batch);
    if (!account)
        return LKS_EMEMORY;
    account->platform = PLATFORM;
    account->account_key = key;
    account->handle = handle;
    account->display_name = r->display_name;
    account->bio = r->description;
    return 0;
}

/* When the stream saw it, else what the author's program says. */
static const char *time_read(const struct event *e, const struct record *r, struct lks_post *post)
{
    int64_t number;
    post->time_precision = LKS_PRECISION_SECOND;
    if (lks_json_int64(e->time_us, &number) == 0) {
        post->time_us = number;
        return number >= LKS_TIME_MIN_US && number <= LKS_TIME_MAX_US ? NULL : LKS_REASON_BAD_TIME;
    }
    if (!r->created.data)
        return LKS_REASON_NO_TIME;
    return lks_time_parse_iso(r->created, &post->time_us, &post->time_precision, NULL) == 0
               ? NULL
               : LKS_REASON_BAD_TIME;
}

static int post_put(const struct event *e, const struct record *r, struct lks_str account_key,
                    const struct lks_row *row, struct lks_batch *batch)
{
    struct lks_arena *arena = &batch->arena;
    bool repost = is(e->collection, "app.bsky.feed.repost");
    struct lks_post made = {0};
    int failed = 0;
    const char *fault = time_read(e, r, &made);
    if (!e->rkey.size_bytes)
        fault = LKS_REASON_NO_ID;
    else if (repost && !r->subject.size_bytes)
        fault = "a repost of nothing";
    if (fault)
        return lks_row_reject(batch, row, fault);
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    post->platform = PLATFORM;
    post->account_key = account_key;
    post->post_key = LKS_KEY(arena, &failed, LKS_STR("bluesky:at://"), e->did, LKS_STR("/"),
                             e->collection, LKS_STR("/"), e->rkey);
    post->parent_key = LKS_KEY(arena, &failed, LKS_STR("bluesky:"), r->parent);
    if (repost)
        post->origin_key = LKS_KEY(arena, &failed, LKS_STR("bluesky:"), r->subject);
    post->kind = repost                  ? LKS_POST_REPOST
                 : post->parent_key.data ? LKS_POST_COMMENT
                                         : LKS_POST_POST;
    post->time_us = made.time_us;
    post->time_precision = made.time_precision;
    post->text = r->text;
    post->language = r->language;
    const struct lks_post_lists lists = {.urls = r->urls.items,
                                         .urls_count = r->urls.count,
                                         .hashtags = r->hashtags.items,
                                         .hashtags_count = r->hashtags.count,
                                         .mentions = r->mentions.items,
                                         .mentions_count = r->mentions.count,
                                         .media = r->media.items,
                                         .media_count = r->media.count};
    return failed ? LKS_EMEMORY : lks_row_post(batch, row, &lists);
}

/* What the event is: a post, an observation of an account, or neither. */
static int put(const struct event *e, const struct record *r, const struct lks_row *row,
               struct lks_batch *batch)
{
    int failed = 0;
    struct lks_str key = LKS_KEY(&batch->arena, &failed, LKS_STR("bluesky:"), e->did);
    bool fresh = is(e->kind, "commit") && is(e->operation, "create");
    if (failed)
        return LKS_EMEMORY;
    if (!key.data)
        return lks_row_reject(batch, row, LKS_REASON_NO_ACCOUNT);
    if (fresh &&
        (is(e->collection, "app.bsky.feed.post") || is(e->collection, "app.bsky.feed.repost")))
        return post_put(e, r, key, row, batch);
    batch->ignored_count++;
    if (e->handle.data || (e->record.data && is(e->collection, "app.bsky.actor.profile")))
        return account_put(batch, key, e->handle, r);
    return 0;
}

static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    struct event e = {0};
    struct record r = {.arena = &batch->arena};
    struct lks_json_reader reader;
    int code = 0;
    (void)context;
    if (!lks_row_open(&reader, row->bytes, row, batch, 0, &code))
        return code;
    read_event(&e, &reader);
    if (!lks_row_close(&reader, row, batch, &code))
        return code;
    if (e.record.data) {
        if (!lks_row_open(&reader, e.record, row, batch, 0, &code))
            return code;
        read_record(&r, &reader);
        if (!lks_row_close(&reader, row, batch, &code))
            return code;
    }
    return r.failed ? LKS_EMEMORY : put(&e, &r, row, batch);
}

static int recognise(const struct lks_head *head)
{
    return lks_head_is_lines(head) && lks_head_has(head, "\"did\":\"did:") &&
                   lks_head_has(head, "\"time_us\"") && lks_head_has(head, "\"kind\"")
               ? 95
               : 0;
}

const struct lks_adapter lks_adapter_bluesky = {.name = "bluesky",
                                                .title = "Bluesky Jetstream, one event a line",
                                                .framing = LKS_FRAME_LINES,
                                                .recognise = recognise,
                                                .parse = parse};
