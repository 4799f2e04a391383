/* money.h - amounts of money: whole minor units and a currency, never a floating-point number */
#ifndef LKS_BASE_MONEY_H
#define LKS_BASE_MONEY_H

#include <stdint.h>

#include "base/str.h"

/* Longest code that is known. */
enum { LKS_CURRENCY_BYTES_MAX = 8 };

/* How many decimals the currency's minor unit has by ISO 4217 ("USD" 2, "JPY" 0, "KWD" 3), whatever
 * the case of the letters. Beside ISO 4217 the units of platforms are known (COINS, DIAMONDS and
 * STARS, 0) and three that are traded like money (BTC 8, USDT and USDC 6). *code_out, if not NULL,
 * is the code in upper case, static. -1 for anything else. */
int lks_currency_exponent(struct lks_str code, const char **code_out);

enum lks_money_fault {
    LKS_MONEY_OK,
    LKS_MONEY_BAD,      /* no amount, or one beyond 64 bits */
    LKS_MONEY_DECIMALS, /* more decimals than the currency has, not all zero */
    LKS_MONEY_AMBIGUOUS /* "1.234": a thousand, or one and a bit? */
};

/* Reads an amount as people and banks write it, exactly: "1234.56", "-12", "(12.50)", "1,234.56",
 * "1.234,56", "1 234,56", "1'234.56"; a currency sign or code around it is passed over. The last
 * of two kinds of separators is the decimal one; groups must have three digits. One separator
 * with three digits after it: a comma groups where the currency has fewer than three decimals;
 * all else of that form is ambiguous. */
enum lks_money_fault lks_money_parse(struct lks_str text, int exponent, int64_t *minor_out);

/* Writes minor units with a decimal point: -1234 with exponent 2 as "-12.34". */
enum { LKS_MONEY_TEXT_BYTES = 40 };
void lks_money_format(int64_t minor, int exponent, char text[LKS_MONEY_TEXT_BYTES]);

#endif
