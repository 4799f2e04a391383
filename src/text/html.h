/* html.h - the text of a post that comes as HTML, and its links */
#ifndef LKS_TEXT_HTML_H
#define LKS_TEXT_HTML_H

#include "base/arena.h"

/* Turns HTML into text: tags go, <br> is a line end, paragraphs are parted by an empty line, what
 * stands in <script> and <style> goes with them, character references become characters. Nothing
 * is executed or fetched, and nothing fails: what is no tag is text. 0 or LKS_EMEMORY.
 *
 * link, if not NULL, is called for the href of each <a>, in order, its references resolved;
 * marked says that its class calls it a mention or a hashtag. It returns 0 or LKS_EMEMORY. The
 * href lives in the arena or in html. */
int lks_html_text(struct lks_arena *arena, struct lks_str html, struct lks_str *text_out,
                  int (*link)(void *context, struct lks_str href, int marked), void *context);

#endif
