/* near_evasion.h - how many edited copies the near-text join still finds: for tests and benches */
#ifndef LKS_TEXT_NEAR_EVASION_H
#define LKS_TEXT_NEAR_EVASION_H

#include <stdio.h>
#include <stdlib.h>

#include "text/near.h"
#include "text/near_edits.h"

/* The edits and strengths that are measured: what the page on near text shows. */
struct lks_evasion {
    enum lks_made_edit edit;
    double strength;
};

static const struct lks_evasion lks_evasions[] = {
    {LKS_EDIT_NONE, 0},           {LKS_EDIT_HOMOGLYPHS, 0.1},   {LKS_EDIT_HOMOGLYPHS, 0.5},
    {LKS_EDIT_HOMOGLYPHS, 1},     {LKS_EDIT_ZERO_WIDTH, 0.2},   {LKS_EDIT_ZERO_WIDTH, 1},
    {LKS_EDIT_STYLED, 0.3},       {LKS_EDIT_STYLED, 1},         {LKS_EDIT_EMOJI, 1},
    {LKS_EDIT_EMOJI, 5},          {LKS_EDIT_PUNCTUATION, 0.3},  {LKS_EDIT_PUNCTUATION, 1},
    {LKS_EDIT_CASE, 0.3},         {LKS_EDIT_CASE, 1},           {LKS_EDIT_ACCENTS, 1},
    {LKS_EDIT_LINK_CHANGED, 1},   {LKS_EDIT_LINK_ADDED, 1},     {LKS_EDIT_LINK_ADDED, 3},
    {LKS_EDIT_LINK_MASKED, 1},    {LKS_EDIT_NUMBERS, 1},        {LKS_EDIT_MENTIONS, 1},
    {LKS_EDIT_MENTIONS_ADDED, 1}, {LKS_EDIT_MENTIONS_ADDED, 3}, {LKS_EDIT_TAGS_ADDED, 1},
    {LKS_EDIT_TAGS_ADDED, 3},     {LKS_EDIT_SWAPPED, 1},        {LKS_EDIT_SWAPPED, 2},
    {LKS_EDIT_DROPPED, 1},        {LKS_EDIT_DROPPED, 2},        {LKS_EDIT_ADDED, 1},
    {LKS_EDIT_ADDED, 2},          {LKS_EDIT_REPLACED, 1},       {LKS_EDIT_REPLACED, 2},
    {LKS_EDIT_CUT, 0.1},          {LKS_EDIT_CUT, 0.3},          {LKS_EDIT_DOUBLED, 0.1},
    {LKS_EDIT_DOUBLED, 0.5},      {LKS_EDIT_LETTERS_SPACED, 1}, {LKS_EDIT_LEET, 0.05},
    {LKS_EDIT_LEET, 0.3},         {LKS_EDIT_MIXED, 1},
};
enum { LKS_EVASIONS_COUNT = sizeof(lks_evasions) / sizeof(lks_evasions[0]) };

/* What one edit did to the copies of one kind of text. */
struct lks_evasion_count {
    uint32_t copies;  /* that the edit changed */
    uint32_t found;   /* of those, in one cluster with their original */
    uint32_t strange; /* texts of their own that were joined with something */
};

/* Makes `originals` texts of words_count words, a copy of each with the edit, and three times as
 * many texts of their own; joins them and counts. Emoji-only texts have no entities. Out of
 * memory or a failed join ends the program. */
static inline struct lks_evasion_count lks_evasion_measure(const struct lks_evasion *evasion,
                                                           enum lks_made_script script,
                                                           unsigned words_count, unsigned originals,
                                                           const struct lks_near_options *options)
{
    struct lks_evasion_count count = {0, 0, 0};
    size_t texts_count = (size_t)originals * 5;
    size_t *ends = (size_t *)calloc(texts_count + 1, sizeof(*ends));
    struct lks_str *texts = (struct lks_str *)calloc(texts_count, sizeof(*texts));
    struct lks_made_text *text = (struct lks_made_text *)malloc(sizeof(*text));
    struct lks_buffer bytes = {0};
    struct lks_near *near = NULL;
    struct lks_near_result result = {0};
    struct lks_error err = {0};
    if (!ends || !texts || !text)
        abort();
    for (size_t i = 0; i < texts_count; i++) { /* originals, their copies, the others */
        size_t key = i < originals ? i : i < 2 * originals ? i - originals : i;
        lks_made_text(text, script, key, words_count, script != LKS_MADE_EMOJI);
        if (i >= originals && i < 2 * originals)
            lks_edit_text(text, evasion->edit, evasion->strength, key);
        lks_made_write(text, &bytes);
        ends[i + 1] = bytes.size_bytes;
    }
    for (size_t i = 0; i < texts_count; i++)
        texts[i] = (struct lks_str){bytes.data + ends[i], ends[i + 1] - ends[i]};
    if (lks_near_new(options, NULL, &near, &err) != 0 ||
        lks_near_add(near, texts, NULL, texts_count, &err) != 0 ||
        lks_near_join(near, NULL, NULL, &result, &err) != 0) {
        fprintf(stderr, "near: %s\n", err.message);
        abort();
    }
    for (size_t i = 0; i < originals; i++) {
        uint32_t one = result.text_variant[i], two = result.text_variant[i + originals];
        if (evasion->edit != LKS_EDIT_NONE && lks_str_equal(texts[i], texts[i + originals]))
            continue;
        count.copies++;
        count.found += one != LKS_NEAR_NONE && two != LKS_NEAR_NONE &&
                       result.variants[one].cluster == result.variants[two].cluster;
    }
    for (size_t i = 2 * originals; i < texts_count; i++)
        count.strange += result.text_variant[i] != LKS_NEAR_NONE;
    lks_near_result_free(&result);
    lks_near_free(near);
    lks_buffer_free(&bytes);
    free(text);
    free(texts);
    free(ends);
    return count;
}

#endif
