/* fuzz_hold_order.c - orders that change a hold, as others send them */
#include <stdint.h>
#include <string.h>

#include "custody/hold_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken for an order says the same when it is written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lks_arena arena = {.limit_bytes = 8 << 20};
    struct lks_hold_order order, again;
    struct lks_buffer text = {0};
    struct lks_str bytes = {(const char *)data, size};
    if (lks_hold_order_parse(bytes, "lockstep/case", &arena, &order, NULL) == 0 &&
        lks_hold_order_format(&order, &text, NULL) == 0 &&
        lks_hold_order_parse((struct lks_str){text.data, text.size_bytes}, "lockstep/case", &arena,
                             &again, NULL) == 0) {
        LKS_ASSERT(again.release == order.release && again.version == order.version);
        LKS_ASSERT(lks_str_equal(again.hold, order.hold));
        LKS_ASSERT(order.release ||
                   lks_hold_scope_change(&order.scope, &again.scope) == LKS_SCOPE_SAME);
    }
    lks_buffer_free(&text);
    lks_arena_free(&arena);
    return 0;
}
