/* cues.c - words by which a message tells its readers what to do: a list for each language
 *
 * A phrase is a few tokens: a word, the beginning of words, a number, or a gap of up to three words.
 * Phrases lie by their first token: words in one table of names, beginnings in another that is asked once
 * for each length that a beginning has. So a text costs a few look-ups a word, whatever the number of
 * phrases, and phrases of all languages are looked for at once: who writes may mix them. */
#include "text/cues.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/toml.h"
#include "base/utf8.h"
#include "text/fold.h"
#include "text/unicode.h"

#ifndef LKS_CUES_PATH
#error "LKS_CUES_PATH must be the path of the lists that are compiled in"
#endif

__asm__(".pushsection .rodata\n"
        ".global lks_cues_start\n"
        ".hidden lks_cues_start\n"
        ".type lks_cues_start, %object\n"
        "lks_cues_start:\n"
        ".incbin \"" LKS_CUES_PATH "\"\n"
        ".global lks_cues_end\n"
        ".hidden lks_cues_end\n"
        ".type lks_cues_end, %object\n"
        "lks_cues_end:\n"
        ".byte 0\n"
        ".popsection\n");
extern const char lks_cues_start[];
extern const char lks_cues_end[];

enum {
    PHRASE_TOKENS_MAX = 8,
    GAP_WORDS = 3,
    WORD_BYTES_MAX = 64,
    LANGUAGES_MAX = 64,
    PHRASES_MAX = 20000
};

enum token_type { TOKEN_WORD, TOKEN_BEGINNING, TOKEN_NUMBER, TOKEN_GAP };

struct token {
    enum token_type type;
    struct lks_str text;
};

struct phrase {
    struct token tokens[PHRASE_TOKENS_MAX];
    uint8_t tokens_count, role, language;
    uint8_t dropped; /* its language was replaced */
    uint32_t next;   /* of those with the same first token, or UINT32_MAX */
};

struct lks_cues {
    struct lks_arena arena;
    struct lks_str languages[LANGUAGES_MAX];
    size_t languages_count;
    struct phrase *phrases;
    size_t phrases_count, phrases_capacity;
    struct lks_intern words, beginnings;    /* first tokens */
    uint32_t *word_first, *beginning_first; /* [count] the first phrase of each */
    size_t word_capacity, beginning_capacity;
    uint32_t number_first;
    uint8_t lengths[WORD_BYTES_MAX + 1]; /* that beginnings have */
    /* while a text of lists is read */
    const char *name;
    int language, other_tables;
    struct lks_cue_scratch scratch;
};

const char *const lks_cue_role_names[LKS_CUE_ROLES_COUNT] = {
    [LKS_CUE_ACT] = "act",       [LKS_CUE_TIME] = "time",   [LKS_CUE_NEXT] = "next",
    [LKS_CUE_READY] = "ready",   [LKS_CUE_ALL] = "all",     [LKS_CUE_NAME] = "name",
    [LKS_CUE_PAST] = "past",     [LKS_CUE_TERMS] = "terms", [LKS_CUE_LEFT] = "left",
    [LKS_CUE_MINUTE] = "minute", [LKS_CUE_HOUR] = "hour",   [LKS_CUE_DAY] = "day"};

/* ---- words ---- */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One letter without its accents, appended. */
static void letter_put(struct lks_buffer *out, uint32_t code)
{
    utf8proc_int32_t parts[16];
    int last = 0;
    char bytes[4];
    utf8proc_ssize_t count = utf8proc_decompose_char(
        (utf8proc_int32_t)code, parts, 16, UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK, &last);
    for (utf8proc_ssize_t i = 0; i < count && i < 16; i++)
        lks_buffer_append(out, bytes, lks_utf8_put((uint32_t)parts[i], bytes));
}

static void word_end(struct lks_cue_scratch *scratch, size_t start)
{
    size_t size = scratch->words.size_bytes - start;
    if (size)
        scratch->items[scratch->items_count++] = (struct lks_cue_word){
            (uint32_t)start, (uint32_t)size, (uint8_t)is_digit(scratch->words.data[start])};
}

/* Letters that are capitals alone in the text as it was written, which folding takes away. */
static uint32_t capitals_count(struct lks_str text)
{
    uint32_t words = 0, run = 0;
    int small = 0;
    for (size_t at = 0; at <= text.size_bytes;) {
        uint32_t code = ' ';
        size_t size = at < text.size_bytes ? lks_utf8_next(text, at, &code) : 1;
        int category = code == LKS_UTF8_BAD ? 0 : (int)utf8proc_category((utf8proc_int32_t)code);
        if (category == UTF8PROC_CATEGORY_LU) {
            run++;
        } else if (category == UTF8PROC_CATEGORY_LL) {
            small = 1;
        } else {
            words += run >= 2 && !small;
            run = 0;
            small = 0;
        }
        at += size;
    }
    return words;
}

int lks_cue_words(struct lks_str text, size_t most, struct lks_cue_scratch *scratch)
{
    struct lks_buffer *words = &scratch->words;
    size_t start = 0;
    if (!scratch->items &&
        !(scratch->items = malloc((LKS_CUE_WORDS_MAX + 1) * sizeof *scratch->items)))
        return LKS_EMEMORY;
    lks_buffer_clear(&scratch->fold);
    lks_buffer_clear(words);
    scratch->items_count = 0;
    if (text.size_bytes > 64 * LKS_CUE_WORDS_MAX)
        text.size_bytes = 64 * LKS_CUE_WORDS_MAX; /* enough for as many words as are looked at */
    if (lks_text_fold(text, &scratch->fold) != 0)
        return LKS_EMEMORY;
    struct lks_str fold = {scratch->fold.data, scratch->fold.size_bytes};
    most = most < LKS_CUE_WORDS_MAX ? most : LKS_CUE_WORDS_MAX;
    for (size_t at = 0; at < fold.size_bytes && scratch->items_count < most;) {
        uint32_t code;
        size_t size = lks_utf8_next(fold, at, &code);
        int word = code != LKS_UTF8_BAD && lks_unicode_is_word(code);
        int digit = size == 1 && is_digit(fold.data[at]);
        int begun = words->size_bytes > start;
        if (begun && (!word || digit != is_digit(words->data[start]))) {
            word_end(scratch, start);
            start = words->size_bytes;
        }
        if (word && size == 1)
            lks_buffer_byte(words, fold.data[at]);
        else if (word)
            letter_put(words, code);
        at += size;
    }
    if (scratch->items_count < most)
        word_end(scratch, start);
    return words->failed ? LKS_EMEMORY : 0;
}

static struct lks_str word_at(const struct lks_cue_scratch *scratch, size_t i)
{
    return (struct lks_str){scratch->words.data + scratch->items[i].at, scratch->items[i].size};
}

/* ---- lists ---- */

static int first_set(struct lks_intern *intern, uint32_t **first, size_t *capacity,
                     struct lks_str text, uint32_t phrase, uint32_t *next)
{
    int fresh;
    uint32_t id = lks_intern_add(intern, text, &fresh);
    if (id == LKS_INTERN_NONE)
        return LKS_EMEMORY;
    if (id >= *capacity) {
        size_t wanted = *capacity ? 2 * *capacity : 256;
        uint32_t *grown = realloc(*first, wanted * sizeof **first);
        if (!grown)
            return LKS_EMEMORY;
        *first = grown;
        *capacity = wanted;
    }
    *next = fresh ? UINT32_MAX : (*first)[id];
    (*first)[id] = phrase;
    return 0;
}

/* The tokens of a phrase as it is written in a list. 0, LKS_EARGUMENT, LKS_EMEMORY. */
static int phrase_parse(struct lks_cues *cues, struct lks_str text, struct phrase *phrase)
{
    size_t at = 0;
    while (at < text.size_bytes) {
        size_t end = at;
        while (end < text.size_bytes && text.data[end] != ' ')
            end++;
        struct lks_str part = {text.data + at, end - at};
        at = end + 1;
        if (!part.size_bytes)
            continue;
        if (phrase->tokens_count == PHRASE_TOKENS_MAX)
            return LKS_EARGUMENT;
        struct token *token = &phrase->tokens[phrase->tokens_count];
        if (lks_str_equal_text(part, "#") || lks_str_equal_text(part, "...")) {
            token->type = *part.data == '#' ? TOKEN_NUMBER : TOKEN_GAP;
            phrase->tokens_count++;
            continue;
        }
        int beginning = part.data[part.size_bytes - 1] == '*';
        part.size_bytes -= (size_t)beginning;
        if (lks_cue_words(part, LKS_CUE_WORDS_MAX, &cues->scratch) != 0)
            return LKS_EMEMORY;
        for (size_t i = 0; i < cues->scratch.items_count; i++) { /* "don't" is two */
            if (phrase->tokens_count == PHRASE_TOKENS_MAX ||
                cues->scratch.items[i].size > WORD_BYTES_MAX)
                return LKS_EARGUMENT;
            token = &phrase->tokens[phrase->tokens_count++];
            token->type =
                beginning && i + 1 == cues->scratch.items_count ? TOKEN_BEGINNING : TOKEN_WORD;
            token->text = lks_arena_str(&cues->arena, word_at(&cues->scratch, i));
            if (!token->text.data)
                return LKS_EMEMORY;
        }
    }
    return phrase->tokens_count && phrase->tokens[0].type != TOKEN_GAP &&
                   phrase->tokens[phrase->tokens_count - 1].type != TOKEN_GAP
               ? 0
               : LKS_EARGUMENT;
}

static int phrase_add(struct lks_cues *cues, enum lks_cue_role role, struct lks_str text)
{
    struct phrase phrase = {
        .role = (uint8_t)role, .language = (uint8_t)cues->language, .next = UINT32_MAX};
    int code = phrase_parse(cues, text, &phrase);
    if (code)
        return code;
    if (cues->phrases_count == PHRASES_MAX)
        return LKS_EARGUMENT;
    if (cues->phrases_count == cues->phrases_capacity) {
        size_t wanted = cues->phrases_capacity ? 2 * cues->phrases_capacity : 1024;
        struct phrase *grown = realloc(cues->phrases, wanted * sizeof *grown);
        if (!grown)
            return LKS_EMEMORY;
        cues->phrases = grown;
        cues->phrases_capacity = wanted;
    }
    uint32_t id = (uint32_t)cues->phrases_count;
    if (phrase.tokens[0].type == TOKEN_NUMBER) {
        phrase.next = cues->number_first;
        cues->number_first = id;
    } else if (phrase.tokens[0].type == TOKEN_WORD) {
        code = first_set(&cues->words, &cues->word_first, &cues->word_capacity,
                         phrase.tokens[0].text, id, &phrase.next);
    } else {
        cues->lengths[phrase.tokens[0].text.size_bytes] = 1;
        code = first_set(&cues->beginnings, &cues->beginning_first, &cues->beginning_capacity,
                         phrase.tokens[0].text, id, &phrase.next);
    }
    if (code == 0)
        cues->phrases[cues->phrases_count++] = phrase;
    return code;
}

static int language_take(struct lks_cues *cues, const struct lks_toml_item *item,
                         struct lks_error *err)
{
    if (item->type != LKS_TOML_STRING || !item->value.size_bytes || item->value.size_bytes > 8)
        return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: language must be a code: \"ro\"",
                             cues->name, item->line);
    for (size_t i = 0; i < cues->languages_count; i++)
        if (lks_str_equal(cues->languages[i], item->value)) {
            cues->language = (int)i;
            return 0;
        }
    if (cues->languages_count == LANGUAGES_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: more than %d languages", cues->name,
                             item->line, LANGUAGES_MAX);
    cues->languages[cues->languages_count] = lks_arena_str(&cues->arena, item->value);
    cues->language = (int)cues->languages_count;
    return cues->languages[cues->languages_count++].data
               ? 0
               : lks_error_set(err, LKS_EMEMORY, "out of memory for cue words");
}

static int replace_take(struct lks_cues *cues, const struct lks_toml_item *item,
                        struct lks_error *err)
{
    if (item->type != LKS_TOML_BOOL)
        return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: replace must be true or false",
                             cues->name, item->line);
    for (size_t i = 0; lks_str_equal_text(item->value, "true") && i < cues->phrases_count; i++)
        cues->phrases[i].dropped |= cues->phrases[i].language == cues->language;
    return 0;
}

static int list_take(struct lks_cues *cues, const struct lks_toml_item *item, struct lks_error *err)
{
    int role = 0;
    while (role < LKS_CUE_ROLES_COUNT && !lks_str_equal_text(item->key, lks_cue_role_names[role]))
        role++;
    if (role == LKS_CUE_ROLES_COUNT)
        return lks_error_set(
            err, LKS_EARGUMENT,
            "%s: line %u: '%.*s' is no list of cues; known are act, time, next, ready, "
            "all, name, past, terms, left, minute, hour, day, and language and replace",
            cues->name, item->line, (int)(item->key.size_bytes < 40 ? item->key.size_bytes : 40),
            item->key.data);
    if (item->type != LKS_TOML_ARRAY)
        return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: must be a list: [\"one\", \"two\"]",
                             cues->name, item->line);
    for (size_t i = 0; i < item->elements_count; i++) {
        int code = item->element_types[i] == LKS_TOML_STRING
                       ? phrase_add(cues, (enum lks_cue_role)role, item->elements[i])
                       : LKS_EARGUMENT;
        if (code == LKS_EMEMORY)
            return lks_error_set(err, code, "out of memory for cue words");
        if (code)
            return lks_error_set(
                err, code, "%s: line %u: '%.*s' is no phrase of 1 to %d words, or one too many",
                cues->name, item->line,
                (int)(item->elements[i].size_bytes < 60 ? item->elements[i].size_bytes : 60),
                item->elements[i].data, PHRASE_TOKENS_MAX);
    }
    return 0;
}

static int item_take(void *context, const struct lks_toml_item *item, struct lks_error *err)
{
    struct lks_cues *cues = context;
    int other = !lks_str_equal_text(item->table, "cues");
    if (other && cues->other_tables)
        return 0;
    if (other || !item->repeated)
        return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: lists of cues stand under [[cues]]",
                             cues->name, item->line);
    if (!item->key.data) {
        cues->language = -1;
        return 0;
    }
    if (lks_str_equal_text(item->key, "language"))
        return language_take(cues, item, err);
    if (cues->language < 0)
        return lks_error_set(err, LKS_EARGUMENT,
                             "%s: line %u: language comes first in a table of cues", cues->name,
                             item->line);
    return lks_str_equal_text(item->key, "replace") ? replace_take(cues, item, err)
                                                    : list_take(cues, item, err);
}

int lks_cues_read(struct lks_cues *cues, const char *name, struct lks_str text, int other_tables,
                  struct lks_error *err)
{
    cues->name = name;
    cues->other_tables = other_tables;
    cues->language = -1;
    return lks_toml_read(name, text, item_take, cues, err);
}

struct lks_str lks_cues_default_text(void)
{
    return (struct lks_str){lks_cues_start, (size_t)(lks_cues_end - lks_cues_start)};
}

int lks_cues_default(struct lks_cues **cues_out, struct lks_error *err)
{
    struct lks_cues *cues = calloc(1, sizeof *cues);
    *cues_out = NULL;
    if (!cues)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for cue words");
    cues->number_first = UINT32_MAX;
    int code = lks_cues_read(cues, "the lists of cue words", lks_cues_default_text(), 0, err);
    if (code)
        lks_cues_free(cues);
    else
        *cues_out = cues;
    return code;
}

void lks_cues_free(struct lks_cues *cues)
{
    if (!cues)
        return;
    lks_arena_free(&cues->arena);
    lks_intern_free(&cues->words);
    lks_intern_free(&cues->beginnings);
    free(cues->phrases);
    free(cues->word_first);
    free(cues->beginning_first);
    lks_cue_scratch_free(&cues->scratch);
    free(cues);
}

size_t lks_cues_count(const struct lks_cues *cues)
{
    size_t count = 0;
    for (size_t i = 0; i < cues->phrases_count; i++)
        count += !cues->phrases[i].dropped;
    return count;
}

/* ---- texts ---- */

static int token_meets(const struct token *token, const struct lks_cue_scratch *scratch, size_t at)
{
    struct lks_str word = word_at(scratch, at);
    switch (token->type) {
    case TOKEN_NUMBER:
        return scratch->items[at].is_number;
    case TOKEN_BEGINNING:
        return word.size_bytes >= token->text.size_bytes &&
               memcmp(word.data, token->text.data, token->text.size_bytes) == 0;
    default:
        return lks_str_equal(word, token->text);
    }
}

/* The word after the tokens from `first` on if they follow at word `at`, else 0. A gap takes as few words as will do; what
 * comes after it is tried from each place, so the work is bounded by words to the power of gaps: a
 * phrase has at most three, of four places each. */
static size_t tokens_meet(const struct phrase *phrase, const struct lks_cue_scratch *scratch,
                          size_t first, size_t at)
{
    size_t starts[PHRASE_TOKENS_MAX], token = first;
    unsigned tried[PHRASE_TOKENS_MAX];
    size_t gaps[PHRASE_TOKENS_MAX], depth = 0;
    for (;;) {
        int met = 1;
        while (token < phrase->tokens_count && met) {
            if (phrase->tokens[token].type == TOKEN_GAP) {
                gaps[depth] = token;
                starts[depth] = at;
                tried[depth++] = 0;
                token++;
                continue;
            }
            met = at < scratch->items_count && token_meets(&phrase->tokens[token], scratch, at);
            token++;
            at++;
        }
        if (met)
            return at;
        while (depth && ++tried[depth - 1] > GAP_WORDS)
            depth--;
        if (!depth)
            return 0;
        token = gaps[depth - 1] + 1;
        at = starts[depth - 1] + tried[depth - 1];
    }
}

static void language_note(const struct lks_cues *cues, unsigned language, struct lks_cue_hits *hits)
{
    struct lks_str name = cues->languages[language];
    size_t used = strlen(hits->languages);
    for (const char *at = hits->languages; *at;) { /* words of a short list */
        size_t size = strcspn(at, " ");
        if (size == name.size_bytes && memcmp(at, name.data, size) == 0)
            return;
        at += size + (at[size] == ' ');
    }
    if (used + 1 + name.size_bytes >= sizeof hits->languages)
        return;
    if (used)
        hits->languages[used++] = ' ';
    memcpy(hits->languages + used, name.data, name.size_bytes);
}

/* Lists of several languages, and shorter and longer phrases of one, speak of the same words: of these one is
 * shown, the same in whatever order they are met. */
static void phrase_show(struct lks_cue_hits *hits, unsigned role, uint32_t id, uint32_t at,
                        uint32_t end)
{
    int is_new = at >= hits->until[role];
    uint32_t last = hits->apart[role] += (uint32_t)is_new;
    int has_room = last >= 1 && last <= LKS_CUE_SHOWN;
    int is_longer = at == hits->from[role] && end > hits->until[role];
    int is_earlier = has_room && at == hits->from[role] && end == hits->until[role] &&
                     id < hits->phrases[role][last - 1];
    if (has_room && (is_new || is_longer || is_earlier))
        hits->phrases[role][last - 1] = id;
    if (is_new)
        hits->from[role] = at;
    if (end > hits->until[role])
        hits->until[role] = end;
}

static void chain_try(const struct lks_cues *cues, uint32_t id, size_t at,
                      struct lks_cue_scratch *scratch, struct lks_cue_hits *hits)
{
    for (; id != UINT32_MAX; id = cues->phrases[id].next) {
        const struct phrase *phrase = &cues->phrases[id];
        if (phrase->dropped || scratch->stamp[id] == scratch->mark)
            continue;
        size_t end = tokens_meet(phrase, scratch, 1, at + 1);
        if (!end)
            continue;
        scratch->stamp[id] = scratch->mark;
        hits->distinct[phrase->role]++;
        phrase_show(hits, phrase->role, id, (uint32_t)at, (uint32_t)end);
        language_note(cues, phrase->language, hits);
    }
}

int lks_cues_find(const struct lks_cues *cues, struct lks_str text, struct lks_cue_scratch *scratch,
                  struct lks_cue_hits *hits)
{
    *hits = (struct lks_cue_hits){0};
    if (!scratch->stamp &&
        !(scratch->stamp = calloc(cues->phrases_count + 1, sizeof *scratch->stamp)))
        return LKS_EMEMORY;
    if (lks_cue_words(text, LKS_CUE_WORDS_MAX, scratch) != 0)
        return LKS_EMEMORY;
    scratch->mark++;
    hits->words = (uint32_t)scratch->items_count;
    hits->capitals = capitals_count(text);
    for (size_t i = 0; i < scratch->items_count; i++) {
        struct lks_str word = word_at(scratch, i);
        if (scratch->items[i].is_number) {
            hits->numbers++;
            chain_try(cues, cues->number_first, i, scratch, hits);
        }
        uint32_t id = lks_intern_find(&cues->words, word);
        if (id != LKS_INTERN_NONE)
            chain_try(cues, cues->word_first[id], i, scratch, hits);
        for (size_t size = 1; size <= word.size_bytes && size <= WORD_BYTES_MAX; size++) {
            if (!cues->lengths[size])
                continue;
            id = lks_intern_find(&cues->beginnings, (struct lks_str){word.data, size});
            if (id != LKS_INTERN_NONE)
                chain_try(cues, cues->beginning_first[id], i, scratch, hits);
        }
    }
    return 0;
}

void lks_cues_phrase_text(const struct lks_cues *cues, uint32_t phrase, struct lks_buffer *out)
{
    LKS_ASSERT(phrase < cues->phrases_count);
    const struct phrase *one = &cues->phrases[phrase];
    for (size_t t = 0; t < one->tokens_count; t++) {
        const struct token *token = &one->tokens[t];
        lks_buffer_text(out, t ? " " : "");
        if (token->type == TOKEN_NUMBER || token->type == TOKEN_GAP)
            lks_buffer_text(out, token->type == TOKEN_NUMBER ? "#" : "...");
        else
            lks_buffer_append(out, token->text.data, token->text.size_bytes);
        lks_buffer_text(out, token->type == TOKEN_BEGINNING ? "*" : "");
    }
}

/* Of one chain of phrases with a common first token. */
static size_t chain_length(const struct lks_cues *cues, uint32_t id, enum lks_cue_role role,
                           const struct lks_cue_scratch *scratch, size_t at)
{
    size_t longest = 0;
    for (; id != UINT32_MAX; id = cues->phrases[id].next) {
        const struct phrase *phrase = &cues->phrases[id];
        int fits = !phrase->dropped && phrase->role == role && phrase->tokens_count > longest &&
                   at + phrase->tokens_count <= scratch->items_count;
        for (size_t t = 0; fits && t < phrase->tokens_count; t++)
            fits = phrase->tokens[t].type != TOKEN_GAP &&
                   token_meets(&phrase->tokens[t], scratch, at + t);
        if (fits)
            longest = phrase->tokens_count;
    }
    return longest;
}

size_t lks_cues_length(const struct lks_cues *cues, enum lks_cue_role role,
                       const struct lks_cue_scratch *scratch, size_t at)
{
    if (at >= scratch->items_count)
        return 0;
    struct lks_str word = word_at(scratch, at);
    size_t longest = 0;
    if (scratch->items[at].is_number)
        longest = chain_length(cues, cues->number_first, role, scratch, at);
    uint32_t id = lks_intern_find(&cues->words, word);
    size_t length =
        id == LKS_INTERN_NONE ? 0 : chain_length(cues, cues->word_first[id], role, scratch, at);
    longest = length > longest ? length : longest;
    for (size_t size = 1; size <= word.size_bytes && size <= WORD_BYTES_MAX; size++) {
        id = cues->lengths[size]
                 ? lks_intern_find(&cues->beginnings, (struct lks_str){word.data, size})
                 : LKS_INTERN_NONE;
        length = id == LKS_INTERN_NONE
                     ? 0
                     : chain_length(cues, cues->beginning_first[id], role, scratch, at);
        longest = length > longest ? length : longest;
    }
    return longest;
}

void lks_cue_scratch_free(struct lks_cue_scratch *scratch)
{
    lks_buffer_free(&scratch->fold);
    lks_buffer_free(&scratch->words);
    free(scratch->items);
    free(scratch->stamp);
    *scratch = (struct lks_cue_scratch){0};
}
