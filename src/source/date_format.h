/* date_format.h - times written in a form that the user describes */
#ifndef LKS_SOURCE_DATE_FORMAT_H
#define LKS_SOURCE_DATE_FORMAT_H

#include "base/error.h"
#include "base/str.h"

/* The longest is "2016-07-01T00:04:05.123456+02:00". */
#define LKS_DATE_ISO_BYTES 40

/* Whether format can be used: its conversions are known, none stands twice, and they name a
 * day. They are, as in strptime of POSIX, in the C locale:
 *
 *   %Y 2016   %y 16 (69-99: 1969-1999, 00-68: 2000-2068)   %m %d %e month and day
 *   %b %B %h  Jan, january   %a %A Mon, monday (read over)
 *   %H %M %S  %I 1-12 with %p AM or PM   %f a fraction of the second, 1 to 9 digits
 *   %z +02:00, +0200, +02, Z   %F %Y-%m-%d   %D %m/%d/%y   %T %H:%M:%S   %R %H:%M   %% a %
 *
 * A blank stands for any number of blanks, any other character for itself. Numbers may lack
 * their leading zeros. 0 or LKS_EARGUMENT with a sentence. */
int lks_date_format_check(const char *format, struct lks_error *err);

/* Rewrites text, which must be all of the form that format describes, as ISO 8601 with what
 * was written and no more: a date, or with hours and minutes, or with seconds; with an
 * offset where %z is. Returns the bytes in iso, or -1: not of that form, or no such day.
 * format has passed the check. Any thread. */
int lks_date_format_iso(struct lks_str text, const char *format, char iso[LKS_DATE_ISO_BYTES]);

#endif
