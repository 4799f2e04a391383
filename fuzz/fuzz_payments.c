/* fuzz_payments.c - rows of a payment ledger */
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("payer,payee,amount,currency,time,method,note,platform,id\n", data, size, "payments",
              NULL);
    return 0;
}
