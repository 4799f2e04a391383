/* csv_adapters_test.c - each CSV adapter on made rows */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "source/test_dump.h"

static void check(const char *content, const char *as, const char *adapter, const char *want,
                  const char *rejects)
{
    struct test_dump dump = {0};
    int code = test_dump_read(&dump, lks_str_from(content), as, NULL, 2, 1);
    assert_string_equal(dump.err.message, "");
    assert_int_equal(code, 0);
    assert_string_equal(dump.summary.adapter, adapter);
    assert_string_equal(dump.text.data, want);
    assert_string_equal(dump.rejects.data, rejects);
    test_dump_free(&dump);
}

static void ira(void **unused)
{
    (void)unused;
    /* Columns by name, in another order and with one more; the row's digest is the post's key
     * (by sha256sum). Seconds are written, but times are exact to the minute only. */
    check("why,author_id,author,account_category,publish_date,language,region,following,followers,"
          "updates,post_type,retweet,content\n"
          "c0,AAA,Aaa,Troll,2016-07-01 00:04:00,English,Somewhere,1,2,3,R,1,#one two #Three\n"
          "c0,BBB,Bbb,Troll,2016-07-01 00:05:00,,,,,,,0,\n"
          "c0,,,Troll,2016-07-01 00:05:00,,,,,,,0,x\n"
          "c0,CCC,Ccc,Troll,,,,,,,,0,x\n"
          "c0,CCC,Ccc,Troll,yesterday,,,,,,,0,x\n",
          NULL, "ira",
          "batch\n"
          "post repost 2016-07-01T00:04:00Z minute platform=twitter "
          "key=twitter:row-8e349e973486e86215ee90e02d3f82a7 account=twitter:AAA text=#one two "
          "#Three language=English origin=twitter:rt-68bb1cbf81b4c0674645806cd427d746\n"
          "  hashtag one\n"
          "  hashtag three\n"
          "  hashtag_set one three\n"
          "  repost twitter:rt-68bb1cbf81b4c0674645806cd427d746\n"
          "post post 2016-07-01T00:05:00Z minute platform=twitter "
          "key=twitter:row-150794952593bd8828291ec9bdef4c8d account=twitter:BBB\n"
          "account platform=twitter key=twitter:AAA handle=Aaa country=Somewhere "
          "language=English followers=2 following=1 posts=3\n"
          "account platform=twitter key=twitter:BBB handle=Bbb\n"
          "reject 4 c0,,,Troll,2016-07-01 00:05:00,,,,,,,0,x\n"
          "reject 5 c0,CCC,Ccc,Troll,,,,,,,,0,x\n"
          "reject 6 c0,CCC,Ccc,Troll,yesterday,,,,,,,0,x\n",
          "4 no account\n5 no time\n6 bad time\n");
    /* As first published: with tweet ids and American dates, external ids that are lost. */
    check("external_author_id,author,content,region,language,publish_date,following,followers,"
          "updates,post_type,retweet,account_category,tweet_id\n"
          "9.06E+17,AAA,x,Unknown,English,10/1/2017 19:58,1,2,3,,0,RightTroll,914580356430536707\n"
          "9.06E+17,AAA,x,Unknown,English,10/1/2017 19:59,1,2,3,,0,RightTroll,9.14E+17\n",
          NULL, "ira",
          "batch\n"
          "post post 2017-10-01T19:58:00Z minute platform=twitter "
          "key=twitter:914580356430536707 account=twitter:AAA text=x language=English\n"
          "account platform=twitter key=twitter:AAA handle=AAA country=Unknown language=English "
          "followers=2 following=1 posts=3\n"
          "reject 3 9.06E+17,AAA,x,Unknown,English,10/1/2017 19:59,1,2,3,,0,RightTroll,9.14E+17\n",
          "3 id in scientific notation: the id is lost\n");
}

static void twitter_io(void **unused)
{
    (void)unused;
    check("\"tweetid\",\"userid\",\"user_display_name\",\"user_screen_name\","
          "\"user_profile_description\",\"follower_count\",\"following_count\","
          "\"account_creation_date\",\"account_language\",\"tweet_language\",\"tweet_text\","
          "\"tweet_time\",\"in_reply_to_tweetid\",\"is_retweet\",\"retweet_tweetid\","
          "\"like_count\",\"retweet_count\",\"reply_count\",\"hashtags\",\"urls\","
          "\"user_mentions\"\n"
          "\"900000000000000001\",\"aB+/=\",\"Name\",\"handle\",\"bio\nwith \"\"quotes\"\"\","
          "\"12.0\",\"absent\",\"2014-03-15\",\"en\",\"en\",\"RT @x: words https://t.co/x\","
          "\"2015-09-01 10:21\",\"\",\"true\",\"900000000000000000\",\"1.0\",\"2\",\"\","
          "\"[tag1, tag2]\",\"[http://example.com/a]\",\"[123, aB=]\"\n"
          "\"900000000000000002\",\"12\",\"\",\"\",\"\",\"\",\"\",\"never\",\"\",\"\",\"hi\","
          "\"2015-09-01 10:22\",\"899999999999999999\",\"false\",\"absent\",\"\",\"\",\"\","
          "\"[]\",\"[]\",\"[]\"\n"
          "\"9.0E+17\",\"12\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"hi\","
          "\"2015-09-01 10:22\",\"\",\"false\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"\n",
          NULL, "twitter-io",
          "batch\n"
          "post repost 2015-09-01T10:21:00Z minute platform=twitter "
          "key=twitter:900000000000000001 account=twitter:aB+/= text=RT @x: words "
          "https://t.co/x language=en origin=twitter:900000000000000000 likes=1 shares=2\n"
          "  url example.com/a\n"
          "  domain example.com\n"
          "  hashtag tag1\n"
          "  hashtag tag2\n"
          "  mention twitter:123\n"
          "  mention twitter:aB=\n"
          "  mention twitter:x\n"
          "  hashtag_set tag1 tag2\n"
          "  repost twitter:900000000000000000\n"
          "post comment 2015-09-01T10:22:00Z minute platform=twitter "
          "key=twitter:900000000000000002 account=twitter:12 text=hi "
          "parent=twitter:899999999999999999\n"
          "  reply twitter:899999999999999999\n"
          "account platform=twitter key=twitter:aB+/= handle=handle name=Name language=en bio=bio\n"
          "with \"quotes\" created_us=1394841600000000 by=field followers=12\n"
          "account platform=twitter key=twitter:12\n"
          "reject 5 \"9.0E+17\",\"12\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"hi\","
          "\"2015-09-01 10:22\",\"\",\"false\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"\n",
          "5 id in scientific notation: the id is lost\n");
    /* Users alone are accounts without posts. */
    check("userid,user_display_name,user_screen_name,account_creation_date\n"
          "12,Name,handle,2014-03-15\n",
          NULL, "twitter-io",
          "batch\n"
          "account platform=twitter key=twitter:12 handle=handle name=Name "
          "created_us=1394841600000000 by=field\n",
          "");
}

static void twitter_r(void **unused)
{
    (void)unused;
    check("\"\",text,favorited,favoriteCount,replyToSN,created,truncated,replyToSID,id,replyToUID,"
          "statusSource,screenName,retweetCount,isRetweet,retweeted\n"
          "1,\"caf\xe9 \x93two\x94\nlines\",FALSE,3,NA,23-11-2016 06:59,FALSE,NA,"
          "801319000000000001,NA,web,someone,15,FALSE,FALSE\n"
          "2,x,FALSE,0,NA,2016-11-23 06:59:07,FALSE,801319000000000001,801319000000000002,NA,web,"
          "someone,0,FALSE,FALSE\n"
          "3,x,FALSE,0,NA,23-11-2016 06:59,FALSE,NA,8.01319E+17,NA,web,someone,0,FALSE,FALSE\n",
          NULL, "twitter-r",
          "batch\n"
          "post post 2016-11-23T06:59:00Z minute platform=twitter "
          "key=twitter:801319000000000001 account=twitter:someone text=caf\xc3\xa9 "
          "\xe2\x80\x9ctwo\xe2\x80\x9d\nlines likes=3 shares=15\n"
          "post comment 2016-11-23T06:59:07Z second platform=twitter "
          "key=twitter:801319000000000002 account=twitter:someone text=x "
          "parent=twitter:801319000000000001 likes=0 shares=0\n"
          "  reply twitter:801319000000000001\n"
          "account platform=twitter key=twitter:someone handle=someone\n"
          "account platform=twitter key=twitter:someone handle=someone\n"
          "reject 5 3,x,FALSE,0,NA,23-11-2016 06:59,FALSE,NA,8.01319E+17,NA,web,someone,0,FALSE,"
          "FALSE\n",
          "5 id in scientific notation: the id is lost\n");
}

#define CNT_TABLE                                                                                  \
    "\xef\xbb\xbfmessage_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n"          \
    "1,4,user_4,,,mango,1606451170.518101,\"['http://example.com/4', 'http://example.com/6']\"\n"  \
    "2,1,user_1,1,,mango,59,[]\n"                                                                  \
    "3,1,user_1,,1,at http://example.com/7,60,\"\"\n"

static void cnt(void **unused)
{
    (void)unused;
    check(CNT_TABLE, NULL, "cnt",
          "batch\n"
          "post post 2020-11-27T04:26:10.518101Z second platform=cnt key=1 account=4 "
          "text=mango\n"
          "  url example.com/4\n"
          "  domain example.com\n"
          "  url example.com/6\n"
          "post repost 1970-01-01T00:00:59Z second platform=cnt key=2 account=1 "
          "text=mango origin=1\n"
          "  repost cnt:1\n"
          "post comment 1970-01-01T00:01:00Z second platform=cnt key=3 account=1 "
          "text=at http://example.com/7 parent=1\n"
          "  url example.com/7\n"
          "  domain example.com\n"
          "  reply cnt:1\n"
          "account platform=cnt key=4 handle=user_4\n"
          "account platform=cnt key=1 handle=user_1\n"
          "account platform=cnt key=1 handle=user_1\n",
          "");
}

static void coortweet(void **unused)
{
    (void)unused;
    /* Rows of one post in a row are one post; the same row again is a duplicate. */
    check("object_id,account_id,content_id,timestamp_share\n"
          "hash_1,fb_1,10,1629589836\n"
          "hash_2,fb_1,10,1629589836\n"
          "hash_2,fb_1,10,1629589836\n"
          "https://Example.org/A,fb_2,11,1629589837\n"
          "hashtag_3,fb_2,12,1629589838\n"
          ",fb_2,13,1629589838\n"
          "o,,13,1629589838\n",
          NULL, "coortweet",
          "batch\n"
          "post post 2021-08-21T23:50:36Z second platform=coortweet key=10 account=fb_1\n"
          "  media hash_1\n"
          "  media hash_2\n"
          "post post 2021-08-21T23:50:36Z second platform=coortweet key=10 account=fb_1\n"
          "  media hash_2\n"
          "post post 2021-08-21T23:50:37Z second platform=coortweet key=11 account=fb_2\n"
          "  url https://Example.org/A\n"
          "post post 2021-08-21T23:50:38Z second platform=coortweet key=12 account=fb_2\n"
          "  hashtag hashtag_3\n"
          "reject 7 ,fb_2,13,1629589838\n"
          "reject 8 o,,13,1629589838\n",
          "7 no object\n8 no account\n");
    check("account_id,post_id,url_id,hashtag_id,domain_id,phash_id,timestamp\n"
          "fb_1,10,23,,34,,1629589836\n"
          "fb_1,,,5,,,1629589836\n",
          NULL, "coortweet-wide",
          "batch\n"
          "post post 2021-08-21T23:50:36Z second platform=coortweet key=10 account=fb_1\n"
          "  url url_23\n"
          "  domain domain_34\n"
          "post post 2021-08-21T23:50:36Z second platform=coortweet "
          "key=coortweet:row-4e1499d5b118126b24d10786225bffe8 account=fb_1\n"
          "  hashtag hashtag_5\n",
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ira), cmocka_unit_test(twitter_io),
                                       cmocka_unit_test(twitter_r), cmocka_unit_test(cnt),
                                       cmocka_unit_test(coortweet)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
