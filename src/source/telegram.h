/* telegram.h - one form of a Telegram message, whichever program exported it */
#ifndef LKS_SOURCE_TELEGRAM_H
#define LKS_SOURCE_TELEGRAM_H

#include "source/adapter_kit.h"

/* Users, basic groups and channels (supergroups too) number their ids apart, so the kind is
 * part of a key: "telegram:user42", "telegram:chat42", and "telegram:42" for a channel, whose
 * key as an account is that of the channel. Where a source gives but a name, the name is the
 * key ("telegram:~Name"): two who bear the same name are one then. */
enum lks_peer_kind { LKS_PEER_NONE, LKS_PEER_USER, LKS_PEER_CHAT, LKS_PEER_CHANNEL, LKS_PEER_NAME };

struct lks_peer {
    enum lks_peer_kind kind;
    struct lks_str id; /* "1234567890", or what a pseudonymising exporter put there */
};

struct lks_str lks_peer_key(struct lks_arena *arena, struct lks_peer peer, int *failed);
/* "user123", "chat123", "channel123" as Telegram Desktop writes them; -1001234567890 as the
 * Bot API does (channels -100..., basic groups negative, users positive). */
struct lks_peer lks_peer_parse(struct lks_str text);

struct lks_telegram_message {
    struct lks_peer chat, author; /* author NONE: the chat itself */
    struct lks_str author_name;   /* null where unknown */
    struct lks_str chat_name;
    struct lks_str id;
    struct lks_peer reply_chat; /* NONE: the same chat */
    struct lks_str reply_id;    /* null: answers nothing */
    int forwarded;
    struct lks_str origin_key; /* of what was forwarded */
    struct lks_str text;
    int64_t time_us;
    enum lks_time_precision time_precision;
    int64_t views, shares, comments, likes;
    struct lks_list urls, hashtags, mentions, media;
};

void lks_telegram_message_init(struct lks_telegram_message *message);

/* Turns the message into a post (or a reject: no chat, no id) and observations of its
 * accounts. 0 or LKS_EMEMORY. */
int lks_telegram_post(struct lks_batch *batch, const struct lks_row *row,
                      const struct lks_telegram_message *message);

/* A link as Telegram marks it may lack its scheme ("t.me/x"): with one, in the arena. */
struct lks_str lks_telegram_url(struct lks_arena *arena, struct lks_str text, int *failed);

#endif
