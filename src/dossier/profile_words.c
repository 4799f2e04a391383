/* profile_words.c - our own sentences without the names in them
 *
 * Sentences about a finding quote what the data brought: a channel's name, a tag, a phrase of
 * biographies. Every name that the results know is looked for at every beginning of a word, longest
 * first, and exchanged for its pseudonym; what then still looks like a handle or a link is masked. */
#include "dossier/profile_words.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "text/mask.h"
#include "text/unicode.h"

/* Shorter names are also words: they stay, as in any text. */
enum { NAME_BYTES_MIN = 3, NAME_BYTES_MAX = 200 };

/* ---- the names ---- */

static int name_add(struct lks_profile_words *words, struct lks_str name, struct lks_str shown)
{
    int fresh;
    if (!name.data || name.size_bytes < NAME_BYTES_MIN || name.size_bytes > NAME_BYTES_MAX)
        return 0;
    uint32_t id = lks_intern_add(&words->names, name, &fresh);
    if (id == LKS_INTERN_NONE)
        return LKS_EMEMORY;
    if (!fresh)
        return 0;
    if (id >= words->shown_room) {
        size_t room = words->shown_room ? 2 * words->shown_room : 256;
        struct lks_str *more = realloc(words->shown, room * sizeof *more);
        if (!more)
            return LKS_EMEMORY;
        words->shown = more;
        words->shown_room = room;
    }
    words->shown[id] = shown;
    if (name.size_bytes > words->longest_bytes)
        words->longest_bytes = name.size_bytes;
    return 0;
}

/* A key, and what follows its colon. */
static int key_add(struct lks_profile_words *words, enum lks_pseudonym_kind kind,
                   struct lks_str key, struct lks_str *shown)
{
    *shown = key;
    if (!key.data || !key.size_bytes)
        return 0;
    int code = lks_profile_key(words->profile, kind, shown, &words->arena, NULL);
    const char *colon = memchr(key.data, ':', key.size_bytes);
    size_t head = colon ? (size_t)(colon + 1 - key.data) : 0;
    if (code == 0)
        code = name_add(words, key, *shown);
    return code ? code
                : name_add(words, (struct lks_str){key.data + head, key.size_bytes - head}, *shown);
}

static int account_add(struct lks_profile_words *words, const struct lks_account *account)
{
    struct lks_str shown;
    int code = key_add(words, LKS_PSEUDONYM_ACCOUNT, account->account_key, &shown);
    if (!shown.data)
        return code;
    if (code == 0)
        code = name_add(words, account->handle, shown);
    return code ? code : name_add(words, account->display_name, shown);
}

static int accounts_add(struct lks_profile_words *words, const struct lks_results *r)
{
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < r->nodes_count; i++)
        code = account_add(words, &r->nodes[i].account);
    for (uint32_t i = 0; code == 0 && i < r->awakenings_count; i++)
        code = account_add(words, &r->awakenings[i].account);
    for (uint32_t i = 0; code == 0 && i < r->lineage_accounts_count; i++)
        code = account_add(words, &r->lineage_accounts[i].account);
    for (uint32_t i = 0; code == 0 && i < r->responders_count; i++)
        code = account_add(words, &r->responders[i].account);
    for (uint32_t i = 0; code == 0 && i < r->swarmers_count; i++)
        code = account_add(words, &r->swarmers[i].account);
    for (uint32_t i = 0; code == 0 && i < r->tellers_count; i++)
        code = account_add(words, &r->tellers[i].account);
    for (uint32_t i = 0; code == 0 && i < r->payees_count; i++)
        code = account_add(words, &r->payees[i].account);
    return code;
}

static int places_add(struct lks_profile_words *words, const struct lks_results *r)
{
    struct lks_str shown;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < r->calls_count; i++)
        code = key_add(words, LKS_PSEUDONYM_ACCOUNT, r->calls[i].channel, &shown);
    for (uint32_t i = 0; code == 0 && i < r->instructions_count; i++)
        code = key_add(words, LKS_PSEUDONYM_ACCOUNT, r->instructions[i].channel, &shown);
    for (uint32_t i = 0; code == 0 && i < r->relayers_count; i++)
        code = key_add(words, LKS_PSEUDONYM_ACCOUNT, r->relayers[i].channel, &shown);
    for (uint32_t i = 0; code == 0 && i < r->floods_count; i++) {
        code = key_add(words, LKS_PSEUDONYM_ACCOUNT, r->floods[i].author, &shown);
        if (code == 0 && shown.data)
            code = name_add(words, r->floods[i].author_handle, shown);
        if (code == 0)
            code = key_add(words, LKS_PSEUDONYM_POST, r->floods[i].post_key, &shown);
    }
    for (uint64_t i = 0; code == 0 && i < r->evidence_count; i++)
        code = key_add(words, LKS_PSEUDONYM_POST, r->posts[i].post.post_key, &shown);
    return code;
}

static int people_add(struct lks_profile_words *words, const struct lks_results *r)
{
    struct lks_str shown;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < r->payees_count; i++)
        code = key_add(words, LKS_PSEUDONYM_PERSON, r->payees[i].payee, &shown);
    for (uint32_t i = 0; code == 0 && i < r->flows_count; i++) {
        code = key_add(words, LKS_PSEUDONYM_PERSON, r->flows[i].payer, &shown);
        if (code == 0)
            code = key_add(words, LKS_PSEUDONYM_PERSON, r->flows[i].payee, &shown);
    }
    for (uint32_t i = 0; code == 0 && i < r->files_count; i++)
        if (r->files[i].name.data &&
            lks_intern_add(&words->files, r->files[i].name, NULL) == LKS_INTERN_NONE)
            code = LKS_EMEMORY;
    for (uint32_t i = 0; code == 0 && i < r->files_count; i++)
        code = name_add(words, r->files[i].name, LKS_STR("[file]"));
    return code;
}

int lks_profile_words_start(struct lks_profile_words *words, struct lks_profile *profile,
                            const struct lks_results *results, struct lks_error *err)
{
    *words = (struct lks_profile_words){.profile = profile};
    int code = profile->pseudonyms ? accounts_add(words, results) : 0;
    if (code == 0 && profile->pseudonyms)
        code = places_add(words, results);
    if (code == 0 && profile->pseudonyms)
        code = people_add(words, results);
    return code ? lks_error_set(err, code, "out of memory for the names in sentences") : 0;
}

void lks_profile_words_free(struct lks_profile_words *words)
{
    lks_intern_free(&words->names);
    lks_intern_free(&words->files);
    free(words->shown);
    lks_arena_free(&words->arena);
}

/* ---- a sentence ---- */

/* A name may end or begin where a word does. */
static int is_joint(struct lks_str text, size_t at)
{
    uint32_t code;
    size_t back = at;
    if (at == 0 || at >= text.size_bytes)
        return 1;
    lks_utf8_next(text, at, &code);
    if (code == LKS_UTF8_BAD || !lks_unicode_is_word(code))
        return 1;
    do
        back--;
    while (back > 0 && ((unsigned char)text.data[back] & 0xc0) == 0x80);
    lks_utf8_next(text, back, &code);
    return code == LKS_UTF8_BAD || !lks_unicode_is_word(code);
}

/* The longest known name at a place; 0 where none stands there. */
static size_t name_at(const struct lks_profile_words *words, struct lks_str text, size_t at,
                      uint32_t *id)
{
    size_t end =
        text.size_bytes - at < words->longest_bytes ? text.size_bytes : at + words->longest_bytes;
    if (!words->names.count || !is_joint(text, at))
        return 0;
    for (; end >= at + NAME_BYTES_MIN; end--) {
        if (end < text.size_bytes && ((unsigned char)text.data[end] & 0xc0) == 0x80)
            continue;
        if (!is_joint(text, end))
            continue;
        *id = lks_intern_find(&words->names, (struct lks_str){text.data + at, end - at});
        if (*id != LKS_INTERN_NONE)
            return end - at;
    }
    return 0;
}

/* "mention x", "reply x", "repost x" as things are listed: x is somebody's, known or not. */
static size_t listed_at(const struct lks_profile_words *words, struct lks_str text, size_t at,
                        struct lks_buffer *out)
{
    static const enum lks_object_kind kinds[] = {LKS_OBJECT_MENTION, LKS_OBJECT_REPLY,
                                                 LKS_OBJECT_REPOST,  LKS_OBJECT_SOUND,
                                                 LKS_OBJECT_EFFECT,  LKS_OBJECT_URL};
    if (!words->profile->pseudonyms || !is_joint(text, at))
        return 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *word = lks_object_kind_names[kinds[i]];
        size_t size = strlen(word), end;
        if (text.size_bytes - at <= size + 1 || memcmp(text.data + at, word, size) != 0 ||
            text.data[at + size] != ' ')
            continue;
        for (end = at + size + 1; end < text.size_bytes && !strchr(" ,()", text.data[end]);)
            end++;
        /* Prose goes on in words, a list in a bracket, a comma or the end. */
        if (end == at + size + 1 || (end < text.size_bytes && text.data[end] == ' ' &&
                                     (end + 1 == text.size_bytes || text.data[end + 1] != '(')))
            continue;
        struct lks_arena arena = {0};
        struct lks_str thing = {text.data + at + size + 1, end - at - size - 1};
        int code = lks_profile_object(words->profile, kinds[i], &thing, &arena, NULL);
        if (code)
            out->failed = true;
        else
            lks_buffer_format(out, "%s %.*s", word, (int)thing.size_bytes, thing.data);
        lks_arena_free(&arena);
        return end - at;
    }
    return 0;
}

/* "2024-11-24T12:06" with what belongs to it, cut down; 0 where none stands there. */
static size_t time_at(const struct lks_profile *profile, struct lks_str text, size_t at,
                      struct lks_buffer *out)
{
    enum { SHORTEST = 16 }; /* to the minute */
    char shown[LKS_TIME_TEXT_BYTES];
    int64_t time_us;
    size_t end = at + SHORTEST;
    if (profile->time_step_us <= 0 || text.size_bytes - at < SHORTEST || text.data[at + 4] != '-' ||
        text.data[at + 10] != 'T' || text.data[at + 13] != ':')
        return 0;
    while (end < text.size_bytes &&
           (strchr(":.Z", text.data[end]) || (text.data[end] >= '0' && text.data[end] <= '9')))
        end++;
    if (text.data[end - 1] == '.') /* of the sentence */
        end--;
    if (lks_time_parse_iso((struct lks_str){text.data + at, end - at}, &time_us, NULL, NULL))
        return 0;
    lks_time_format(lks_profile_time(profile, time_us), shown);
    lks_buffer_append(out, shown, end - at < strlen(shown) ? end - at : strlen(shown));
    return end - at;
}

/* The text with known names exchanged. */
static void names_put(const struct lks_profile_words *words, struct lks_str text,
                      struct lks_buffer *out)
{
    for (size_t at = 0, size; at < text.size_bytes; at += size) {
        uint32_t id;
        if ((size = time_at(words->profile, text, at, out)))
            continue;
        if ((size = name_at(words, text, at, &id))) {
            lks_buffer_append(out, words->shown[id].data, words->shown[id].size_bytes);
            continue;
        }
        if ((size = listed_at(words, text, at, out)))
            continue;
        size = 1;
        lks_buffer_byte(out, text.data[at]);
    }
}

/* The same, with what stands between two quotation marks as a text from outside. */
static void quotes_put(const struct lks_profile_words *words, struct lks_str text,
                       struct lks_buffer *out)
{
    while (text.size_bytes) {
        const char *first = memchr(text.data, '"', text.size_bytes);
        const char *last =
            first ? memchr(first + 1, '"', text.size_bytes - (size_t)(first + 1 - text.data))
                  : NULL;
        size_t head = last ? (size_t)(first - text.data) : text.size_bytes;
        names_put(words, (struct lks_str){text.data, head}, out);
        if (!last)
            return;
        struct lks_buffer inside = {0};
        names_put(words, (struct lks_str){first + 1, (size_t)(last - first) - 1}, &inside);
        out->failed |= inside.failed;
        if (words->profile->texts == LKS_TEXTS_WITHHELD) {
            lks_buffer_text(out, "[text]");
        } else {
            lks_buffer_byte(out, '"');
            lks_text_mask((struct lks_str){inside.data, inside.size_bytes},
                          words->profile->texts == LKS_TEXTS_MASKED ? LKS_MASK_ALL : 0, out);
            lks_buffer_byte(out, '"');
        }
        lks_buffer_free(&inside);
        head = (size_t)(last + 1 - text.data);
        text = (struct lks_str){text.data + head, text.size_bytes - head};
    }
}

/* Names of our own files look like links; a middle dot keeps them from the mask. */
static const char own_file[] = "case.toml", own_file_kept[] = "case\xc2\xb7toml";

static void exchange(struct lks_str text, const char *from, const char *to, struct lks_buffer *out)
{
    size_t size = strlen(from);
    for (size_t at = 0; at < text.size_bytes;) {
        if (text.size_bytes - at >= size && memcmp(text.data + at, from, size) == 0) {
            lks_buffer_text(out, to);
            at += size;
        } else {
            lks_buffer_byte(out, text.data[at++]);
        }
    }
}

int lks_profile_words_show(const struct lks_profile_words *words, struct lks_str *sentence,
                           struct lks_arena *arena, struct lks_error *err)
{
    struct lks_buffer named = {0}, kept = {0}, masked = {0}, out = {0};
    struct lks_str text = *sentence;
    if (!text.data || !text.size_bytes)
        return 0;
    quotes_put(words, text, &named);
    exchange((struct lks_str){named.data, named.size_bytes}, own_file, own_file_kept, &kept);
    if (words->profile->pseudonyms)
        lks_text_mask((struct lks_str){kept.data, kept.size_bytes},
                      LKS_MASK_HANDLES | LKS_MASK_LINKS, &masked);
    else
        lks_buffer_append(&masked, kept.data, kept.size_bytes);
    exchange((struct lks_str){masked.data, masked.size_bytes}, own_file_kept, own_file, &out);
    int failed = named.failed || kept.failed || masked.failed || out.failed;
    if (!failed) {
        *sentence =
            lks_arena_str(arena, (struct lks_str){out.size_bytes ? out.data : "", out.size_bytes});
        failed = !sentence->data;
    }
    lks_buffer_free(&named);
    lks_buffer_free(&kept);
    lks_buffer_free(&masked);
    lks_buffer_free(&out);
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for a sentence") : 0;
}

int lks_profile_series(const struct lks_profile *profile, struct lks_str *series,
                       struct lks_arena *arena, struct lks_error *err)
{
    struct lks_buffer out = {0};
    if (!series->data || profile->count_min <= 1)
        return 0;
    for (size_t at = 0; at < series->size_bytes;) {
        size_t start = at;
        int64_t value = 0;
        int whole = 1; /* what is no number is no count, and not shown */
        for (; at < series->size_bytes && series->data[at] != ' '; at++) {
            int digit = series->data[at] - '0';
            whole &= digit >= 0 && digit <= 9;
            if (whole && value < INT64_MAX / 16)
                value = 10 * value + digit;
        }
        if (!whole || value < profile->count_min)
            lks_buffer_byte(&out, '0');
        else
            lks_buffer_append(&out, series->data + start, at - start);
        for (; at < series->size_bytes && series->data[at] == ' '; at++)
            lks_buffer_byte(&out, ' ');
    }
    int failed = out.failed;
    if (!failed) {
        *series =
            lks_arena_str(arena, (struct lks_str){out.size_bytes ? out.data : "", out.size_bytes});
        failed = !series->data;
    }
    lks_buffer_free(&out);
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for a series") : 0;
}
