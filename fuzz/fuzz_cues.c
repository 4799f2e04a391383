/* fuzz_cues.c - a user's cue words, and a text in which they are looked for
 *
 * The first line that holds "---" alone ends the lists; what follows is the text. */
#include <stdint.h>
#include <string.h>

#include "text/cues.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_cues *cues;
    struct lks_cue_scratch scratch = {0};
    struct lks_cue_hits hits;
    const char *text = (const char *)data, *mark = memmem(text, size, "\n---\n", 5);
    struct lks_str lists = {text, mark ? (size_t)(mark - text) + 1 : size};
    struct lks_str rest = mark ? (struct lks_str){mark + 5, size - lists.size_bytes - 4} : lists;
    if (lks_cues_default(&cues, NULL) != 0)
        return 0;
    (void)lks_cues_read(cues, "lists", lists, 0, NULL); /* what was taken before a fault counts */
    if (lks_cues_find(cues, rest, &scratch, &hits) == 0 && hits.words > LKS_CUE_WORDS_MAX)
        __builtin_trap();
    lks_cue_scratch_free(&scratch);
    lks_cues_free(cues);
    return 0;
}
