/* fuzz_approval.c - orders, their approvals, and files of verifier keys, as others send them */
#include <stdint.h>
#include <string.h>

#include "custody/approval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input up to its first empty line is the order, the rest the approval. Nobody's key of ours
 * signed, so nobody is counted; whatever is an order is one in one way of writing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_str all = {(const char *)data, size};
    const char *cut = memmem(all.data, size, "\n\n", 2);
    struct lks_str order = {all.data, cut ? (size_t)(cut - all.data) + 1 : size};
    struct lks_str note = {all.data + order.size_bytes, size - order.size_bytes};
    struct lks_verifiers list = {0}, again = {0};
    struct lks_arena arena = {.limit_bytes = 4 << 20};
    const struct lks_verifier *signers[LKS_VERIFIERS_MAX];
    unsigned count = 0;
    if (lks_verifiers_parse(all, &list, NULL) == 0 && list.count) {
        struct lks_buffer text = {0};
        for (size_t i = 0; i < list.count; i++) {
            lks_verifier_format(&list.items[i], &text);
            lks_buffer_byte(&text, '\n');
        }
        LKS_ASSERT(
            lks_verifiers_parse((struct lks_str){text.data, text.size_bytes}, &again, NULL) == 0 &&
            again.count == list.count);
        lks_buffer_free(&text);
    }
    if (cut) {
        note.data++;
        note.size_bytes--;
        lks_approval_count(order, note, &list, signers, &count, NULL);
        LKS_ASSERT(count <= list.count);
    }
    if (lks_order_check(order, "lockstep/case", "enrol", &arena, NULL) == 0)
        LKS_ASSERT(lks_str_equal_text(lks_order_text(order, "case", &arena), "lockstep/case"));
    lks_arena_free(&arena);
    lks_verifiers_free(&list);
    lks_verifiers_free(&again);
    return 0;
}
