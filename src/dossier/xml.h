/* xml.h - text into XML 1.0 */
#ifndef LKS_DOSSIER_XML_H
#define LKS_DOSSIER_XML_H

#include "base/str.h"

/* Appends text so that it may stand in an attribute or between tags: marks are escaped,
 * white space other than the blank is written as a reference, and what XML 1.0 does not
 * allow (control characters, U+FFFE, U+FFFF, bytes that are not UTF-8) becomes U+FFFD. */
void lks_xml_append(struct lks_buffer *buffer, struct lks_str text);

#endif
