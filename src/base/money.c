/* money.c - amounts of money: whole minor units and a currency, never a floating-point number */
#include "base/money.h"

#include <stdio.h>

/* ISO 4217 by the number of decimals, active codes and those that older ledgers hold. */
static const struct {
    int exponent;
    const char *codes; /* each ended by a NUL, the list by another */
} currencies[] = {
    {2, "USD\0EUR\0RON\0GBP\0RUB\0UAH\0MDL\0AED\0AFN\0ALL\0AMD\0ANG\0AOA\0ARS\0AUD\0AWG\0AZN\0"
        "BAM\0BBD\0BDT\0BGN\0BMD\0BND\0BOB\0BOV\0BRL\0BSD\0BTN\0BWP\0BYN\0BZD\0CAD\0CDF\0CHE\0"
        "CHF\0CHW\0CNY\0COP\0COU\0CRC\0CUC\0CUP\0CVE\0CZK\0DKK\0DOP\0DZD\0EEK\0EGP\0ERN\0ETB\0"
        "FJD\0FKP\0GEL\0GHS\0GIP\0GMD\0GTQ\0GYD\0HKD\0HNL\0HRK\0HTG\0HUF\0IDR\0ILS\0INR\0IRR\0"
        "JMD\0KES\0KGS\0KHR\0KPW\0KYD\0KZT\0LAK\0LBP\0LKR\0LRD\0LSL\0LTL\0LVL\0MAD\0MGA\0MKD\0"
        "MMK\0MNT\0MOP\0MRU\0MUR\0MVR\0MWK\0MXN\0MXV\0MYR\0MZN\0NAD\0NGN\0NIO\0NOK\0NPR\0NZD\0"
        "PAB\0PEN\0PGK\0PHP\0PKR\0PLN\0QAR\0RSD\0SAR\0SBD\0SCR\0SDG\0SEK\0SGD\0SHP\0SLE\0SLL\0"
        "SOS\0SRD\0SSP\0STN\0SVC\0SYP\0SZL\0THB\0TJS\0TMT\0TOP\0TRY\0TTD\0TWD\0TZS\0USN\0UYU\0"
        "UZS\0VED\0VES\0WST\0XCD\0XCG\0YER\0ZAR\0ZMW\0ZWG\0ZWL\0"},
    {0, "JPY\0KRW\0BIF\0BYR\0CLP\0DJF\0GNF\0ISK\0KMF\0PYG\0RWF\0UGX\0UYI\0VND\0VUV\0XAF\0XOF\0"
        "XPF\0"
        "COINS\0DIAMONDS\0STARS\0"},
    {3, "BHD\0IQD\0JOD\0KWD\0LYD\0OMR\0TND\0"},
    {4, "CLF\0UYW\0"},
    {6, "USDT\0USDC\0"},
    {8, "BTC\0"},
};

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static bool is_code(struct lks_str text, const char *code)
{
    size_t at = 0;
    while (at < text.size_bytes && code[at] && upper(text.data[at]) == code[at])
        at++;
    return at == text.size_bytes && !code[at];
}

int lks_currency_exponent(struct lks_str code, const char **code_out)
{
    if (!code.size_bytes || code.size_bytes > LKS_CURRENCY_BYTES_MAX)
        return -1;
    for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++)
        for (const char *at = currencies[i].codes; *at; at += strlen(at) + 1)
            if (is_code(code, at)) {
                if (code_out)
                    *code_out = at;
                return currencies[i].exponent;
            }
    return -1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The bytes of a blank, an apostrophe or another mark that only ever groups digits, at the start
 * of the text; 0 where another thing stands. */
static size_t group_mark(const char *at, size_t size_bytes)
{
    static const char *const marks[] = {" ", "'", "_", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x99"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t size = strlen(marks[i]);
        if (size <= size_bytes && memcmp(at, marks[i], size) == 0)
            return size;
    }
    return 0;
}

/* Passes over signs and codes of currencies, blanks, brackets and the sign of the number at both
 * ends. *odd says that something there makes no sense. */
static struct lks_str digits_of(struct lks_str text, bool *negative, bool *odd)
{
    bool minus = false, open = false, close = false;
    size_t from = 0, to = text.size_bytes;
    *odd = false;
    while (from < to && !is_digit(text.data[from])) {
        *odd |= text.data[from] == ')' || (text.data[from] == '-' && minus);
        minus |= text.data[from] == '-';
        open |= text.data[from] == '(';
        from++;
    }
    while (to > from && !is_digit(text.data[to - 1])) {
        *odd |= text.data[to - 1] == '-' || text.data[to - 1] == '(';
        close |= text.data[to - 1] == ')';
        to--;
    }
    *odd |= open != close || (open && minus);
    *odd |= from && (text.data[from - 1] == '.' || text.data[from - 1] == ',');
    *odd |= to < text.size_bytes && (text.data[to] == '.' || text.data[to] == ',');
    *negative = minus || open;
    return (struct lks_str){text.data + from, to - from};
}

/* An amount as runs of digits with one separator between two of them. */
enum { RUNS_MAX = 8, DIGITS_MAX = 24 };
struct amount {
    char digits[DIGITS_MAX]; /* of all runs, without leading zeros */
    size_t digits_count;
    size_t run[RUNS_MAX]; /* how many digits */
    size_t runs_count;
    char mark[RUNS_MAX]; /* behind each run but the last: '.', ',' or ' ' for all that only group */
};

static bool amount_scan(struct lks_str text, struct amount *amount)
{
    *amount = (struct amount){.runs_count = 1};
    for (size_t at = 0; at < text.size_bytes;) {
        char c = text.data[at];
        if (is_digit(c)) {
            if (amount->digits_count == DIGITS_MAX)
                return false;
            if (amount->digits_count || c != '0')
                amount->digits[amount->digits_count++] = c;
            amount->run[amount->runs_count - 1]++;
            at++;
            continue;
        }
        size_t size = c == '.' || c == ',' ? 1 : group_mark(text.data + at, text.size_bytes - at);
        if (!size || !amount->run[amount->runs_count - 1] || amount->runs_count == RUNS_MAX)
            return false;
        amount->mark[amount->runs_count - 1] = c == '.' || c == ',' ? c : ' ';
        amount->runs_count++;
        at += size;
    }
    return true;
}

/* How many of the digits stand behind the decimal mark, or a fault. */
static enum lks_money_fault decimals_of(const struct amount *amount, int exponent, size_t *decimals)
{
    size_t marks = amount->runs_count - 1;
    char last = marks ? amount->mark[marks - 1] : 0;
    bool decimal = false;
    *decimals = 0;
    if (last == '.' || last == ',') {
        decimal = marks == 1 || amount->mark[marks - 2] != last;
        if (marks == 1 && amount->run[1] == 3) {
            if (last == '.' || exponent >= 3)
                return LKS_MONEY_AMBIGUOUS;
            decimal = false;
        }
    }
    size_t grouped = marks - decimal;
    for (size_t i = 0; i < grouped; i++)
        if (amount->mark[i] != amount->mark[0] || amount->run[i + 1] != 3 ||
            (decimal && amount->mark[i] == last))
            return LKS_MONEY_BAD;
    if (grouped && amount->run[0] > 3)
        return LKS_MONEY_BAD;
    if (decimal)
        *decimals = amount->run[marks];
    return LKS_MONEY_OK;
}

enum lks_money_fault lks_money_parse(struct lks_str text, int exponent, int64_t *minor_out)
{
    struct amount amount;
    bool negative, odd;
    size_t have;
    struct lks_str number = digits_of(text, &negative, &odd);
    if (odd || !number.size_bytes || !amount_scan(number, &amount))
        return LKS_MONEY_BAD;
    enum lks_money_fault fault = decimals_of(&amount, exponent, &have);
    if (fault)
        return fault;
    for (; have > (size_t)exponent; have--) { /* decimals that say nothing may go */
        if (amount.digits_count && amount.digits[amount.digits_count - 1] != '0')
            return LKS_MONEY_DECIMALS;
        amount.digits_count -= amount.digits_count > 0;
    }
    int64_t minor = 0;
    for (size_t i = 0; i < amount.digits_count + (size_t)exponent - have; i++) {
        int digit = i < amount.digits_count ? amount.digits[i] - '0' : 0;
        if (__builtin_mul_overflow(minor, (int64_t)10, &minor) ||
            __builtin_add_overflow(minor, (int64_t)digit, &minor))
            return LKS_MONEY_BAD;
    }
    *minor_out = negative ? -minor : minor;
    return LKS_MONEY_OK;
}

void lks_money_format(int64_t minor, int exponent, char text[LKS_MONEY_TEXT_BYTES])
{
    uint64_t size = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor, unit = 1;
    for (int i = 0; i < exponent; i++)
        unit *= 10;
    if (exponent == 0)
        snprintf(text, LKS_MONEY_TEXT_BYTES, "%s%llu", minor < 0 ? "-" : "",
                 (unsigned long long)size);
    else
        snprintf(text, LKS_MONEY_TEXT_BYTES, "%s%llu.%0*llu", minor < 0 ? "-" : "",
                 (unsigned long long)(size / unit), exponent, (unsigned long long)(size % unit));
}
