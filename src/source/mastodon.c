/* mastodon.c - statuses as Mastodon's servers (and others of its API) send them
 *
 * Statuses in an array, one a line, in the answers of search and context, or in the events of a
 * stream. Each server numbers statuses and accounts anew: a status is known by its uri, an
 * account by its name and server, which are the same wherever they are met. The content is HTML. */
#include "source/adapter_kit.h"
#include "source/adapters.h"
#include "text/html.h"

static const struct lks_str PLATFORM = {"mastodon", 8};

struct person {
    struct lks_str acct, url, uri, username, display_name, note, created;
    int64_t followers, following, statuses;
};

struct status {
    struct lks_arena *arena;
    struct lks_str uri, created, language, content, spoiler, event, payload;
    struct lks_json_value reply_to;
    struct lks_str boosted; /* as it lies in the row */
    int64_t replies, boosts, favourites;
    struct person author;
    struct lks_list urls, tags, mentions;
    int failed;
};

static int is(struct lks_str a, const char *b)
{
    return lks_str_equal_text(a, b);
}

static struct lks_str text(struct lks_json_reader *reader)
{
    return lks_value_text(lks_json_read(reader));
}

static void status_init(struct status *s, struct lks_arena *arena)
{
    *s = (struct status){.arena = arena,
                         .replies = LKS_COUNT_NULL,
                         .boosts = LKS_COUNT_NULL,
                         .favourites = LKS_COUNT_NULL,
                         .author = {.followers = LKS_COUNT_NULL,
                                    .following = LKS_COUNT_NULL,
                                    .statuses = LKS_COUNT_NULL}};
}

static void read_person(struct person *person, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (is(key, "acct"))
            person->acct = text(reader);
        else if (is(key, "url"))
            person->url = text(reader);
        else if (is(key, "uri"))
            person->uri = text(reader);
        else if (is(key, "username"))
            person->username = text(reader);
        else if (is(key, "display_name"))
            person->display_name = text(reader);
        else if (is(key, "note"))
            person->note = text(reader);
        else if (is(key, "created_at"))
            person->created = text(reader);
        else if (is(key, "followers_count"))
            person->followers = lks_value_count(lks_json_read(reader));
        else if (is(key, "following_count"))
            person->following = lks_value_count(lks_json_read(reader));
        else if (is(key, "statuses_count"))
            person->statuses = lks_value_count(lks_json_read(reader));
    }
}

/* The host of "https://host/...", or null. */
static struct lks_str host_of(struct lks_str url)
{
    const char *start = url.data ? memmem(url.data, url.size_bytes, "://", 3) : NULL;
    if (!start)
        return LKS_STR_NULL;
    start += 3;
    size_t left = url.size_bytes - (size_t)(start - url.data), size = 0;
    while (size < left && start[size] != '/' && start[size] != '?' && start[size] != '#')
        size++;
    return size ? (struct lks_str){start, size} : LKS_STR_NULL;
}

/* "mastodon:name@server" in lower case; without a server, as the file's own names it. */
static struct lks_str account_key(struct status *s, struct lks_str acct, struct lks_str url)
{
    struct lks_str host =
        acct.data && memchr(acct.data, '@', acct.size_bytes) ? LKS_STR_NULL : host_of(url);
    struct lks_str key =
        host.data ? LKS_KEY(s->arena, &s->failed, LKS_STR("mastodon:"), acct, LKS_STR("@"), host)
                  : LKS_KEY(s->arena, &s->failed, LKS_STR("mastodon:"), acct);
    char *letters = (char *)(uintptr_t)key.data; /* fresh, and nobody else's */
    for (size_t i = 0; i < key.size_bytes; i++)
        if (letters[i] >= 'A' && letters[i] <= 'Z')
            letters[i] = (char)(letters[i] + 32);
    return key;
}

static void read_tags(struct status *s, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_array(reader))
        return;
    while (lks_json_element(reader)) {
        if (!lks_json_enter_object(reader))
            continue;
        while (lks_json_member(reader, &key))
            if (is(key, "name") && lks_list_add(&s->tags, s->arena, text(reader)) != 0)
                s->failed = 1;
    }
}

static void read_mentions(struct status *s, struct lks_json_reader *reader)
{
    if (!lks_json_enter_array(reader))
        return;
    while (lks_json_element(reader)) {
        struct person person = {0};
        read_person(&person, reader);
        struct lks_str key = account_key(s, person.acct, person.url);
        if (lks_list_add(&s->mentions, s->arena, key) != 0)
            s->failed = 1;
    }
}

static void read_status(struct status *s, struct lks_json_reader *reader)
{
    struct lks_str key;
    while (lks_json_member(reader, &key)) {
        if (is(key, "uri"))
            s->uri = text(reader);
        else if (is(key, "created_at"))
            s->created = text(reader);
        else if (is(key, "language"))
            s->language = text(reader);
        else if (is(key, "content"))
            s->content = text(reader);
        else if (is(key, "spoiler_text"))
            s->spoiler = text(reader);
        else if (is(key, "in_reply_to_id"))
            s->reply_to = lks_json_read(reader);
        else if (is(key, "replies_count"))
            s->replies = lks_value_count(lks_json_read(reader));
        else if (is(key, "reblogs_count"))
            s->boosts = lks_value_count(lks_json_read(reader));
        else if (is(key, "favourites_count"))
            s->favourites = lks_value_count(lks_json_read(reader));
        else if (is(key, "account"))
            read_person(&s->author, reader);
        else if (is(key, "tags"))
            read_tags(s, reader);
        else if (is(key, "mentions"))
            read_mentions(s, reader);
        else if (is(key, "event"))
            s->event = text(reader);
        else if (is(key, "payload"))
            s->payload = text(reader);
        else if (is(key, "reblog")) {
            struct lks_json_value value = lks_json_read(reader);
            s->boosted = value.type == LKS_JSON_OBJECT ? value.text : LKS_STR_NULL;
        }
    }
}

/* Reads the status in bytes: 1; 0 where the row is a reject, *code told. */
static int status_read(struct status *s, struct lks_str bytes, const struct lks_row *row,
                       struct lks_batch *batch, int *code)
{
    struct lks_json_reader reader;
    status_init(s, &batch->arena);
    if (!lks_row_open(&reader, bytes, row, batch, 0, code))
        return 0;
    read_status(s, &reader);
    return lks_row_close(&reader, row, batch, code);
}

static int link_found(void *context, struct lks_str href, int marked)
{
    struct status *s = context;
    return marked ? 0 : lks_list_add(&s->urls, s->arena, href);
}

/* The text with its warning before it; links, tags and mentions of the post that was written. */
static int content_read(struct status *s, struct lks_str *text_out)
{
    if (lks_html_text(s->arena, s->content, text_out, link_found, s) != 0)
        return LKS_EMEMORY;
    int failed = 0;
    if (s->spoiler.size_bytes && text_out->size_bytes)
        *text_out = LKS_KEY(s->arena, &failed, s->spoiler, LKS_STR("\n"), *text_out);
    else if (s->spoiler.size_bytes)
        *text_out = s->spoiler;
    return failed ? LKS_EMEMORY : 0;
}

static int person_put(struct lks_batch *batch, const struct person *person, struct lks_str key)
{
    int failed = 0;
    struct lks_account *account = lks_batch_account_once(batch, key, &failed);
    if (!account)
        return failed ? LKS_EMEMORY : 0;
    account->platform = PLATFORM;
    account->handle = person->username.data ? person->username : person->acct;
    account->display_name = person->display_name;
    account->followers = person->followers;
    account->following = person->following;
    account->posts_total = person->statuses;
    if (person->created.data &&
        lks_time_parse_iso(person->created, &account->created_us, NULL, NULL) == 0)
        account->created_method = LKS_CREATED_FIELD;
    else
        account->created_us = LKS_TIME_NULL;
    return person->note.data ? lks_html_text(&batch->arena, person->note, &account->bio, NULL, NULL)
                             : 0;
}

static const char *fault_of(const struct status *s, struct lks_str key, int64_t *time_us,
                            enum lks_time_precision *precision)
{
    if (!key.data)
        return LKS_REASON_NO_ACCOUNT;
    if (!s->uri.size_bytes)
        return LKS_REASON_NO_ID;
    if (!s->created.data)
        return LKS_REASON_NO_TIME;
    return lks_time_parse_iso(s->created, time_us, precision, NULL) != 0 ? LKS_REASON_BAD_TIME
                                                                         : NULL;
}

/* said is the status whose words these are: s itself, or what it boosts. */
static int put(struct status *s, struct status *said, const struct lks_row *row,
               struct lks_batch *batch)
{
    struct lks_arena *arena = &batch->arena;
    int64_t time_us = 0;
    enum lks_time_precision precision = LKS_PRECISION_SECOND;
    struct lks_str content = LKS_STR_NULL, reply = LKS_STR_NULL;
    struct lks_str key =
        account_key(s, s->author.acct, s->author.url.data ? s->author.url : s->author.uri);
    int failed = content_read(said, &content) != 0;
    if (failed || s->failed || said->failed)
        return LKS_EMEMORY;
    const char *fault = fault_of(s, key, &time_us, &precision);
    if (fault)
        return lks_row_reject(batch, row, fault);
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    if (s->reply_to.type == LKS_JSON_STRING || s->reply_to.type == LKS_JSON_NUMBER)
        reply = s->reply_to.text;
    post->platform = PLATFORM;
    post->account_key = key;
    post->post_key = LKS_KEY(arena, &failed, LKS_STR("mastodon:"), s->uri);
    post->parent_key = LKS_KEY(arena, &failed, LKS_STR("mastodon:id/"), reply);
    if (said != s)
        post->origin_key = LKS_KEY(arena, &failed, LKS_STR("mastodon:"), said->uri);
    post->kind = said != s               ? LKS_POST_REPOST
                 : post->parent_key.data ? LKS_POST_COMMENT
                                         : LKS_POST_POST;
    post->time_us = time_us;
    post->time_precision = precision;
    post->text = content;
    post->language = said->language;
    post->likes = s->favourites;
    post->shares = s->boosts;
    post->comments = s->replies;
    const struct lks_post_lists lists = {.urls = said->urls.items,
                                         .urls_count = said->urls.count,
                                         .hashtags = said->tags.items,
                                         .hashtags_count = said->tags.count,
                                         .mentions = said->mentions.items,
                                         .mentions_count = said->mentions.count};
    int code = failed ? LKS_EMEMORY : lks_row_post(batch, row, &lists);
    return code ? code : person_put(batch, &s->author, key);
}

static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    struct status s, boosted;
    int code = 0;
    (void)context;
    if (!status_read(&s, row->bytes, row, batch, &code))
        return code;
    if (s.event.data && !is(s.event, "update")) {
        batch->ignored_count++; /* deletions, notices; an edit would count a status twice */
        return 0;
    }
    if (s.payload.data && !status_read(&s, s.payload, row, batch, &code))
        return code;
    if (!s.boosted.data)
        return put(&s, &s, row, batch);
    if (!status_read(&boosted, s.boosted, row, batch, &code))
        return code;
    return put(&s, &boosted, row, batch);
}

static int recognise(const struct lks_head *head)
{
    static const char *const plain[] = {"\"reblogs_count\"", "\"favourites_count\""};
    static const char *const within[] = {"\\\"reblogs_count\\\"", "\\\"favourites_count\\\""};
    if (!lks_head_is_json(head))
        return 0;
    return (lks_head_has(head, plain[0]) && lks_head_has(head, plain[1])) ||
                   (lks_head_has(head, within[0]) && lks_head_has(head, within[1]))
               ? 95
               : 0;
}

const struct lks_adapter lks_adapter_mastodon = {.name = "mastodon",
                                                 .title =
                                                     "Mastodon statuses (JSON, lines, or a stream)",
                                                 .framing = LKS_FRAME_JSON,
                                                 .recognise = recognise,
                                                 .parse = parse};
