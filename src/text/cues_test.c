/* cues_test.c - cue words: every list as it is written, phrases against a slow search, the rule */
#include "text/cues.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "text/instruction.h"

static struct lks_cue_hits find(const struct lks_cues *cues, const char *text)
{
    struct lks_cue_scratch scratch = {0};
    struct lks_cue_hits hits;
    assert_int_equal(lks_cues_find(cues, lks_str_from(text), &scratch, &hits), 0);
    lks_cue_scratch_free(&scratch);
    return hits;
}

/* ---- the lists that are compiled in ---- */

static void test_languages(void **state)
{
    /* An instruction in each language, written for this test, and a sentence that is none. */
    static const struct {
        const char *language, *instruction, *other;
    } texts[] = {
        {"en", "Everyone: comment under this clip now, copy the text below. 10 minutes left!",
         "The river is calm and the old mill stands where it always stood."},
        {"ro", "Toată lumea: comentați și distribuiți clipul acum! Au mai rămas 10 minute",
         "Râul este liniștit iar moara veche e la locul ei."},
        {"ro", "TOATA LUMEA: comentati si distribuiti clipul ACUM! Au mai ramas 10 minute",
         "Raul este linistit iar moara veche e la locul ei."},
        {"ru", "Ребята, ставьте лайки и пишите комментарии прямо сейчас! Осталось 10 минут",
         "Река спокойна, а старая мельница стоит у холма."},
        {"uk", "Друзі, ставте лайки і коментуйте зараз! Залишилось 10 хвилин",
         "Річка спокійна, а старий млин стоїть біля пагорба."},
        {"de", "Leute, kommentiert und teilt das Video jetzt! Noch 10 Minuten",
         "Der Fluss liegt still, und die Mühle steht am Hang."},
        {"fr", "Tout le monde: commentez et partagez la vidéo maintenant! Il reste 10 minutes",
         "La rivière est calme et le vieux moulin dort."},
        {"es", "Chicos, comenten y compartan el video ahora! Faltan 10 minutos",
         "El río duerme y el viejo molino sigue en pie."},
        {"hu", "Mindenki: kommenteljetek és osszátok meg most! Még 10 perc",
         "A folyó csendes, a régi malom a dombnál áll."},
        {"pl", "Wszyscy: komentujcie i udostępniajcie teraz! Zostało 10 minut",
         "Rzeka jest spokojna, a stary młyn stoi pod lasem."},
        {"it", "Ragazzi, commentate e condividete adesso! Mancano 10 minuti",
         "Il fiume dorme e il vecchio mulino resta dov'è."},
        {"pt", "Pessoal, comentem e compartilhem agora! Faltam 10 minutos",
         "O rio dorme e o velho moinho fica na colina."},
        {"tr", "Herkes yorum yapın ve paylaşın, şimdi! 10 dakika kaldı",
         "Nehir sakin, eski değirmen tepenin yanında duruyor."},
    };
    struct lks_cues *cues;
    struct lks_error err = {0};
    struct lks_instruction_around around = {0};
    (void)state;
    assert_int_equal(lks_cues_default(&cues, &err), 0);
    assert_true(lks_cues_count(cues) > 1000);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lks_cue_hits hits = find(cues, texts[i].instruction);
        assert_true(hits.distinct[LKS_CUE_ACT] >= 1);
        assert_true(hits.distinct[LKS_CUE_TIME] >= 2);
        assert_true(hits.distinct[LKS_CUE_ALL] >= 1);
        assert_non_null(strstr(hits.languages, texts[i].language));
        assert_true(lks_instruction_score(&hits, &around) >= LKS_INSTRUCTION_SURE);
        hits = find(cues, texts[i].other);
        assert_true(lks_instruction_score(&hits, &around) < LKS_INSTRUCTION_LIKELY);
    }
    lks_cues_free(cues);
}

/* ---- a user's lists ---- */

static void test_user_lists(void **state)
{
    static const char added[] =
        "[[cues]]\nlanguage = \"en\"\nact = [\"wave the flag\"]\n"
        "[[cues]]\nlanguage = \"xx\"\ntime = [\"zum ... zum\", \"# bla*\"]\n";
    static const char replaced[] = "[[cues]]\nlanguage = \"en\"\nreplace = true\n"
                                   "act = [\"dance\"]\n";
    struct lks_cues *cues;
    struct lks_error err = {0};
    (void)state;
    assert_int_equal(lks_cues_default(&cues, &err), 0);
    size_t before = lks_cues_count(cues);
    assert_int_equal(find(cues, "Wave the flag!").distinct[LKS_CUE_ACT], 0);
    assert_int_equal(lks_cues_read(cues, "x", lks_str_from(added), 0, &err), 0);
    assert_int_equal(lks_cues_count(cues), before + 3);
    assert_int_equal(find(cues, "WAVE  the\nflag!").distinct[LKS_CUE_ACT], 1);
    assert_int_equal(find(cues, "zum zum").distinct[LKS_CUE_TIME], 1);
    assert_int_equal(find(cues, "zum a b c zum").distinct[LKS_CUE_TIME], 1);
    assert_int_equal(find(cues, "zum a b c d zum").distinct[LKS_CUE_TIME], 0);
    assert_int_equal(find(cues, "77blahs zum").distinct[LKS_CUE_TIME], 1);
    assert_int_equal(find(cues, "seven blahs").distinct[LKS_CUE_TIME], 0);
    assert_int_equal(lks_cues_read(cues, "x", lks_str_from(replaced), 0, &err), 0);
    assert_int_equal(find(cues, "comment and wave the flag").distinct[LKS_CUE_ACT], 0);
    assert_int_equal(find(cues, "Dance!").distinct[LKS_CUE_ACT], 1);
    assert_true(find(cues, "comentați").distinct[LKS_CUE_ACT] > 0); /* another language stays */
    lks_cues_free(cues);
}

static void test_lists_that_cannot_be_taken(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"[[cues]]\nlanguage = \"en\"\ndo = [\"x\"]\n", "line 3: 'do' is no list of cues"},
        {"[[cues]]\nact = [\"x\"]\n", "line 2: language comes first"},
        {"[cues]\nlanguage = \"en\"\n", "stand under [[cues]]"},
        {"[other]\nx = 1\n", "stand under [[cues]]"},
        {"[[cues]]\nlanguage = \"en\"\nact = \"x\"\n", "line 3: must be a list"},
        {"[[cues]]\nlanguage = \"en\"\nact = [\"... x\"]\n", "is no phrase"},
        {"[[cues]]\nlanguage = \"en\"\nact = [\"\"]\n", "is no phrase"},
        {"[[cues]]\nlanguage = \"en\"\nact = [\"a b c d e f g h i\"]\n", "is no phrase"},
        {"[[cues]]\nlanguage = 7\n", "line 2: language must be a code"},
        {"[[cues]]\nlanguage = \"en\"\nreplace = \"yes\"\n", "replace must be true or false"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lks_cues *cues;
        struct lks_error err = {0};
        assert_int_equal(lks_cues_default(&cues, &err), 0);
        assert_int_equal(lks_cues_read(cues, "f.toml", lks_str_from(bad[i].text), 0, &err),
                         LKS_EARGUMENT);
        assert_non_null(strstr(err.message, bad[i].says));
        lks_cues_free(cues);
    }
    struct lks_cues *cues;
    assert_int_equal(lks_cues_default(&cues, NULL), 0);
    assert_int_equal(lks_cues_read(cues, "c", lks_str_from("[case]\ntitle = \"x\"\n"), 1, NULL), 0);
    lks_cues_free(cues);
}

/* ---- phrases against a slow search ---- */

enum { PHRASES = 24, TOKENS = 4 };

/* The words that tokens[count] take from the first of words on, a gap as few as will do, or -1; by trying
 * everything. */
static int meets(const char *const *tokens, size_t count, const char *const *words, size_t left)
{
    if (!count)
        return 0;
    if (strcmp(tokens[0], "...") == 0) {
        for (size_t skip = 0; skip <= 3 && skip <= left; skip++) {
            int more = meets(tokens + 1, count - 1, words + skip, left - skip);
            if (more >= 0)
                return more + (int)skip;
        }
        return -1;
    }
    if (!left)
        return -1;
    size_t size = strlen(tokens[0]);
    int met = strcmp(tokens[0], "#") == 0  ? words[0][0] >= '0' && words[0][0] <= '9'
              : tokens[0][size - 1] == '*' ? strncmp(tokens[0], words[0], size - 1) == 0
                                           : strcmp(tokens[0], words[0]) == 0;
    int more = met ? meets(tokens + 1, count - 1, words + 1, left - 1) : -1;
    return more < 0 ? -1 : more + 1;
}

struct drawn {
    const char *tokens[PHRASES][TOKENS];
    size_t counts[PHRASES];
};

static const char *drawn_text(const struct drawn *drawn, int i, char *text)
{
    *text = 0;
    for (size_t k = 0; k < drawn->counts[i]; k++)
        strcat(strcat(text, k ? " " : ""), drawn->tokens[i][k]);
    return text;
}

/* What is to be shown, by the definition: word after word, of the phrases that are met here and not before; a
 * place that is covered shows nothing, else the longest, of several the one that stands first in the list. */
static void check_shown(const struct lks_cues *cues, const struct drawn *drawn,
                        const char *const *words, size_t count, const struct lks_cue_hits *hits)
{
    int before[PHRASES] = {0};
    size_t covered = 0;
    uint32_t shown = 0;
    for (size_t at = 0; at < count; at++) {
        int best = -1, longest = 0;
        for (int i = 0; i < PHRASES; i++) {
            int taken =
                before[i] ? -1 : meets(drawn->tokens[i], drawn->counts[i], words + at, count - at);
            before[i] |= taken > 0;
            if (taken > longest) {
                longest = taken;
                best = i;
            }
        }
        if (best >= 0 && at >= covered) {
            char text[64];
            struct lks_buffer phrase = {0};
            if (shown < LKS_CUE_SHOWN) {
                lks_cues_phrase_text(cues, hits->phrases[LKS_CUE_ACT][shown], &phrase);
                lks_buffer_byte(&phrase, 0);
                assert_string_equal(phrase.data, drawn_text(drawn, best, text));
                lks_buffer_free(&phrase);
            }
            shown++;
        }
        covered = at + (size_t)longest > covered ? at + (size_t)longest : covered;
    }
    assert_int_equal(hits->apart[LKS_CUE_ACT], shown);
}

static void test_slow_search(void **state)
{
    static const char *const vocabulary[] = {"a", "ab", "abc", "b",  "ba",  "bab",
                                             "c", "ca", "7",   "42", "1000"};
    static const char *const parts[] = {"a",  "ab",  "abc", "b", "ba", "c",
                                        "a*", "ab*", "b*",  "#", "..."};
    struct lks_rng rng;
    (void)state;
    lks_rng_init(&rng, 3, 9);
    for (int round = 0; round < 300; round++) {
        struct lks_cues *cues;
        struct lks_error err = {0};
        struct drawn drawn;
        char toml[4096] = "", *at = toml;
        for (int i = 0; i < 13; i++) /* only what is drawn here is to be in force */
            at += sprintf(at, "[[cues]]\nlanguage = \"%.2s\"\nreplace = true\n",
                          &"enrorudefreshuukplitpttr"[i % 12 * 2]);
        at += sprintf(at, "[[cues]]\nlanguage = \"zz\"\nact = [");
        for (int i = 0; i < PHRASES; i++) {
            drawn.counts[i] = 1 + lks_rng_below(&rng, TOKENS);
            at += sprintf(at, "\"");
            for (size_t k = 0; k < drawn.counts[i]; k++) {
                int edge = k == 0 || k + 1 == drawn.counts[i];
                drawn.tokens[i][k] = parts[lks_rng_below(&rng, edge ? 10 : 11)];
                at += sprintf(at, "%s%s", k ? " " : "", drawn.tokens[i][k]);
            }
            at += sprintf(at, "\", ");
        }
        sprintf(at, "]\n");
        assert_int_equal(lks_cues_default(&cues, &err), 0);
        assert_int_equal(lks_cues_read(cues, "x", lks_str_from(toml), 0, &err), 0);
        assert_int_equal(lks_cues_count(cues), PHRASES);
        for (int text = 0; text < 20; text++) {
            const char *words[12];
            char line[128] = "", *end = line;
            size_t count = lks_rng_below(&rng, 13);
            uint32_t expected = 0;
            for (size_t k = 0; k < count; k++) {
                words[k] = vocabulary[lks_rng_below(&rng, 11)];
                end += sprintf(end, "%s%s", k ? " " : "", words[k]);
            }
            for (int i = 0; i < PHRASES; i++) {
                int met = 0;
                for (size_t k = 0; k < count; k++)
                    met |= meets(drawn.tokens[i], drawn.counts[i], words + k, count - k) > 0;
                expected += (uint32_t)met;
            }
            struct lks_cue_hits hits = find(cues, line);
            assert_int_equal(hits.distinct[LKS_CUE_ACT], expected);
            assert_int_equal(hits.words, count);
            check_shown(cues, &drawn, words, count, &hits);
        }
        lks_cues_free(cues);
    }
}

/* ---- hostile texts ---- */

static void test_hostile(void **state)
{
    struct lks_cues *cues;
    struct lks_cue_scratch scratch = {0};
    struct lks_cue_hits hits;
    struct lks_rng rng;
    char text[4000];
    (void)state;
    assert_int_equal(lks_cues_default(&cues, NULL), 0);
    lks_rng_init(&rng, 8, 8);
    for (int i = 0; i < 400; i++) {
        size_t size = lks_rng_below(&rng, sizeof text);
        for (size_t k = 0; k < size; k++)
            text[k] = (char)(i % 3 ? lks_rng_next(&rng) : 'a' + lks_rng_below(&rng, 3));
        assert_int_equal(lks_cues_find(cues, (struct lks_str){text, size}, &scratch, &hits), 0);
        assert_true(hits.words <= LKS_CUE_WORDS_MAX);
    }
    memset(text, 'a', sizeof text);
    assert_int_equal(lks_cues_find(cues, (struct lks_str){text, sizeof text}, &scratch, &hits), 0);
    assert_int_equal(hits.words, 1);
    assert_int_equal(lks_cues_find(cues, LKS_STR_NULL, &scratch, &hits), 0);
    assert_int_equal(hits.words, 0);
    lks_cue_scratch_free(&scratch);
    lks_cues_free(cues);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_languages),
        cmocka_unit_test(test_user_lists),
        cmocka_unit_test(test_lists_that_cannot_be_taken),
        cmocka_unit_test(test_slow_search),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
