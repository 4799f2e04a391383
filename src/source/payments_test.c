/* payments_test.c - ledgers, from files to records */
#include "source/test_read.h"

static void reads_a_ledger(void **state)
{
    (void)state;
    const char *out = read_as(
        "payments",
        "payer,payee,amount,currency,time,method,note\n"
        "Agency,tiktok:maria,1000.50,EUR,2024-11-01T10:00:00Z,bank transfer,\"clip, two parts\"\n"
        "fan_1,tiktok:maria,500,coins,2024-11-02T10:00:00+02:00,gift,\n"
        "fan_1,tiktok:maria,500,coins,2024-11-02T10:00:00+02:00,gift,\n"
        "Agency,Some Person,\"1,000\",ron,2024-11-03,cash,\n"
        "Agency,tiktok:maria,-20,EUR,1730764800,bank transfer,back\n");
    assert_has(out, "payment 1000.50 EUR 2024-11-01T10:00:00Z second payer=Agency "
                    "payee=tiktok:maria account=tiktok:maria method=bank transfer "
                    "purpose=clip, two parts\n");
    assert_has(out, "payment 500 COINS 2024-11-02T08:00:00Z second payer=fan_1");
    assert_has(out, "payment 1000.00 RON 2024-11-03T00:00:00Z day payer=Agency payee=Some Person "
                    "method=cash\n");
    assert_has(out, "payment -20.00 EUR 2024-11-05T00:00:00Z second");
    assert_int_equal(dump.summary.payments_count, 5);
    assert_int_equal(dump.summary.posts_count, 0);
}

static void says_why_it_refuses(void **state)
{
    (void)state;
    read_as("payments", "payer;payee;amount;currency;time\n"
                        "a;b;1.234;EUR;2024-11-01\n"
                        "a;b;1,255;KWD;2024-11-01\n"
                        "a;b;10.005;EUR;2024-11-01\n"
                        "a;b;1.0050;EUR;2024-11-01\n"
                        "a;b;1.000.00;RUB;2024-11-01\n"
                        "a;b;10;QQQ;2024-11-01\n"
                        "a;b;10;;2024-11-01\n"
                        "a;b;;EUR;2024-11-01\n"
                        "a;b;10;EUR;\n"
                        "a;b;10;EUR;01/02/2024\n"
                        ";;10;EUR;2024-11-01\n"
                        "a;b;1e3;EUR;2024-11-01\n"
                        "a;b;10;EUR;45597\n");
    assert_string_equal(dump.rejects.data,
                        "2 ambiguous amount: is the mark a thousand or a decimal one?\n"
                        "3 ambiguous amount: is the mark a thousand or a decimal one?\n"
                        "4 ambiguous amount: is the mark a thousand or a decimal one?\n"
                        "5 more decimals than the currency has\n"
                        "6 bad amount\n"
                        "7 unknown currency\n"
                        "8 no currency\n"
                        "9 no amount\n"
                        "10 no time\n"
                        "11 bad time\n"
                        "12 neither payer nor payee\n"
                        "13 bad amount\n"
                        "14 bad time\n");
    assert_int_equal(dump.summary.payments_count, 0);
}

static void takes_other_columns(void **state)
{
    (void)state;
    const char *out = read_as(
        "payments", "payment_id,date,payer,payee,account,platform,amount_minor,currency,post,"
                    "beneficiary,purpose\n"
                    "P-7,2024-11-01 09:30,A,B,@Maria,TikTok,1999,USD,7437,Candidate,ad\n"
                    "P-8,2024-11-01 09:31,A,B,,,-1,JPY,,,\n");
    assert_has(out, "payment 19.99 USD 2024-11-01T09:30:00Z minute key=P-7 payer=A payee=B "
                    "account=tiktok:maria post=tiktok:7437 beneficiary=Candidate purpose=ad\n");
    assert_has(out, "payment -1 JPY 2024-11-01T09:31:00Z minute key=P-8 payer=A payee=B\n");
    assert_int_equal(dump.summary.zone_assumed_count, 2);
    out = read_as("payments", "payer,payee,amount,time\na,b,12.50 EUR,2024-01-01\n"
                              "a,b,JPY 900,2024-01-01\na,b,900,2024-01-01\n");
    assert_has(out, "payment 12.50 EUR");
    assert_has(out, "payment 900 JPY");
    assert_string_equal(dump.rejects.data, "4 no currency\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_ledger),
        cmocka_unit_test(says_why_it_refuses),
        cmocka_unit_test(takes_other_columns),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
