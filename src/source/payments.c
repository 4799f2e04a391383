/* payments.c - ledgers: a row a payment, by whoever kept the books
 *
 * Amounts are exact: whole minor units of their currency, never a floating-point number. What
 * could be read in two ways is a reject, since a wrong sum is worse than a missing row. */
#include "source/adapter_kit.h"
#include "source/adapters.h"
#include "source/recognise.h"

enum column {
    PAYER,
    PAYEE,
    AMOUNT,
    AMOUNT_MINOR,
    CURRENCY,
    TIME,
    DATE,
    TIMESTAMP,
    METHOD,
    NOTE,
    PURPOSE,
    ACCOUNT,
    ACCOUNT_KEY,
    PLATFORM,
    POST,
    POST_KEY,
    BENEFICIARY,
    ID,
    PAYMENT_ID,
    REFERENCE,
    COLUMNS_COUNT
};

static const char *const columns[COLUMNS_COUNT + 1] = {[PAYER] = "payer",
                                                       [PAYEE] = "payee",
                                                       [AMOUNT] = "amount",
                                                       [AMOUNT_MINOR] = "amount_minor",
                                                       [CURRENCY] = "currency",
                                                       [TIME] = "time",
                                                       [DATE] = "date",
                                                       [TIMESTAMP] = "timestamp",
                                                       [METHOD] = "method",
                                                       [NOTE] = "note",
                                                       [PURPOSE] = "purpose",
                                                       [ACCOUNT] = "account",
                                                       [ACCOUNT_KEY] = "account_key",
                                                       [PLATFORM] = "platform",
                                                       [POST] = "post",
                                                       [POST_KEY] = "post_key",
                                                       [BENEFICIARY] = "beneficiary",
                                                       [ID] = "id",
                                                       [PAYMENT_ID] = "payment_id",
                                                       [REFERENCE] = "reference"};

/* The first of the columns that says something; they stand one after the other. */
static struct lks_str first_of(const struct lks_adapter_context *context, const struct lks_row *row,
                               int from, int to)
{
    struct lks_str value = LKS_STR_NULL;
    for (int i = from; i <= to && !value.data; i++)
        value = lks_value_or_null(lks_row_field(context, row, i));
    return value;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_platform_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* Whether it is a key with its platform: "tiktok:name". A blank behind the colon, as in
 * "transfer: March", or a link is none. */
static bool is_key(struct lks_str text)
{
    size_t at = 0;
    while (at < text.size_bytes && is_platform_char(text.data[at]))
        at++;
    return at > 0 && at + 1 < text.size_bytes && text.data[at] == ':' && text.data[at + 1] != ' ' &&
           text.data[at + 1] != '/';
}

/* The key of an account or post: as it stands where it has a platform, else with that of the row.
 * Platforms and the handles of TikTok are lower case everywhere. */
static struct lks_str key_of(struct lks_arena *arena, struct lks_str platform, struct lks_str name,
                             int *failed)
{
    static const char tiktok[] = "tiktok:";
    bool whole = is_key(name);
    if (!name.data || (!whole && !platform.data))
        return LKS_STR_NULL;
    if (!whole && name.size_bytes > 1 && *name.data == '@')
        name = (struct lks_str){name.data + 1, name.size_bytes - 1};
    size_t before = whole ? 0 : platform.size_bytes + 1;
    size_t size = before + name.size_bytes;
    char *key = lks_arena_alloc(arena, size);
    if (!key) {
        *failed = 1;
        return LKS_STR_NULL;
    }
    for (size_t i = 0; i + 1 < before; i++)
        key[i] = lower(platform.data[i]);
    if (before)
        key[before - 1] = ':';
    memcpy(key + before, name.data, name.size_bytes);
    if (size > sizeof tiktok - 1 && memcmp(key, tiktok, sizeof tiktok - 1) == 0)
        for (size_t i = sizeof tiktok - 1; i < size; i++)
            key[i] = lower(key[i]);
    return (struct lks_str){key, size};
}

/* A currency of its own column, or the code in the amount: "12.50 EUR". */
static int currency_read(struct lks_str currency, struct lks_str amount, const char **code)
{
    enum { CODE_BYTES = 3 };
    if (currency.data)
        return lks_currency_exponent(currency, code);
    if (amount.size_bytes <= CODE_BYTES)
        return -1;
    struct lks_str end = {amount.data + amount.size_bytes - CODE_BYTES, CODE_BYTES};
    struct lks_str start = {amount.data, CODE_BYTES};
    int exponent = lks_currency_exponent(end, code);
    return exponent >= 0 ? exponent : lks_currency_exponent(start, code);
}

/* Fills amount and currency; why it cannot, or NULL. */
static const char *amount_read(const struct lks_adapter_context *context, const struct lks_row *row,
                               struct lks_payment *payment)
{
    struct lks_str minor = first_of(context, row, AMOUNT_MINOR, AMOUNT_MINOR);
    struct lks_str amount = first_of(context, row, AMOUNT, AMOUNT);
    struct lks_str currency = first_of(context, row, CURRENCY, CURRENCY);
    struct lks_str text = minor.data ? minor : amount;
    if (!text.data)
        return "no amount";
    payment->exponent =
        currency_read(currency, minor.data ? LKS_STR_NULL : amount, &payment->currency);
    if (payment->exponent < 0)
        return currency.data ? "unknown currency" : "no currency";
    switch (lks_money_parse(text, minor.data ? 0 : payment->exponent, &payment->amount_minor)) {
    case LKS_MONEY_OK:
        return NULL;
    case LKS_MONEY_DECIMALS:
        return "more decimals than the currency has";
    case LKS_MONEY_AMBIGUOUS:
        return "ambiguous amount: is the mark a thousand or a decimal one?";
    case LKS_MONEY_BAD:
        break;
    }
    return "bad amount";
}

/* Unix and ISO times, without a zone at the offset that was given. */
static const char *time_read(struct lks_adapter_context *context, const struct lks_row *row,
                             struct lks_payment *payment)
{
    struct lks_str time = first_of(context, row, TIME, TIMESTAMP);
    int zoned = 1;
    if (!time.data)
        return LKS_REASON_NO_TIME;
    if (lks_time_is_serial(time) ||
        lks_time_parse_any(time, &payment->time_us, &payment->time_precision) != 0)
        return LKS_REASON_BAD_TIME;
    int64_t ignored_us;
    enum lks_time_precision precision;
    if (lks_time_parse_iso(time, &ignored_us, &precision, &zoned) == 0 && !zoned &&
        precision != LKS_PRECISION_DAY) {
        payment->time_us -= context->options->zone_offset_us;
        context->zone_assumed_count++;
    }
    return NULL;
}

static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    struct lks_arena *arena = &batch->arena;
    struct lks_payment payment = {
        .payer = first_of(context, row, PAYER, PAYER),
        .payee = first_of(context, row, PAYEE, PAYEE),
        .payment_key = first_of(context, row, ID, REFERENCE),
        .beneficiary = first_of(context, row, BENEFICIARY, BENEFICIARY),
        .method = first_of(context, row, METHOD, METHOD),
        .purpose = first_of(context, row, NOTE, PURPOSE),
        .offset_bytes = row->offset_bytes,
        .length_bytes = row->bytes.size_bytes,
    };
    struct lks_str platform = first_of(context, row, PLATFORM, PLATFORM);
    struct lks_str account = first_of(context, row, ACCOUNT, ACCOUNT_KEY);
    int failed = 0;
    const char *fault = amount_read(context, row, &payment);
    if (!fault)
        fault = time_read(context, row, &payment);
    if (!fault && !payment.payer.data && !payment.payee.data)
        fault = "neither payer nor payee";
    if (fault)
        return lks_row_reject(batch, row, fault);
    payment.account_key = key_of(arena, platform, account.data ? account : payment.payee, &failed);
    payment.post_key = key_of(arena, platform, first_of(context, row, POST, POST_KEY), &failed);
    struct lks_payment *to = failed ? NULL : lks_batch_payment(batch);
    if (!to)
        return LKS_EMEMORY;
    *to = payment;
    return 0;
}

static int recognise(const struct lks_head *head)
{
    static const char *const people[] = {"payer", "payee", NULL};
    static const char *const amounts[] = {"amount", "amount_minor", NULL};
    return lks_header_count(head, people) == 2 && lks_header_count(head, amounts) ? 95 : 0;
}

const struct lks_adapter lks_adapter_payments = {.name = "payments",
                                                 .title = "payment ledger (CSV)",
                                                 .framing = LKS_FRAME_CSV,
                                                 .columns = columns,
                                                 .recognise = recognise,
                                                 .parse = parse};
