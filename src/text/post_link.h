/* post_link.h - a link to a post, as the key that the post has in the records */
#ifndef LKS_TEXT_POST_LINK_H
#define LKS_TEXT_POST_LINK_H

#include "base/str.h"

enum { LKS_POST_LINK_BYTES = 64 };

/* Writes the key ("tiktok:7430409981256819736") of the post that a canonical link (lks_url:
 * host/path, host in lower case) leads to. Returns its size, or 0 where the link is none that is
 * known: TikTok videos, statuses of X and Twitter, YouTube videos. Never reads beyond the link. */
size_t lks_post_link(struct lks_str url, char key[LKS_POST_LINK_BYTES]);

#endif
