/* xml_stream.h - an XML file on its way to disk, and a field as its text */
#ifndef LKS_DOSSIER_XML_STREAM_H
#define LKS_DOSSIER_XML_STREAM_H

#include "base/writer.h"
#include "dossier/columns.h"
#include "dossier/xml.h"

struct lks_xml_stream {
    struct lks_writer writer;
    struct lks_buffer buffer;
};

int lks_xml_stream_open(struct lks_xml_stream *stream, const char *path, struct lks_error *err);
void lks_xml_stream_flush(struct lks_xml_stream *stream); /* call after each item */
/* Puts the file in place, or leaves what was there; frees either way. */
int lks_xml_stream_close(struct lks_xml_stream *stream, const char *path, struct lks_error *err);

/* Appends a field as XML text. */
void lks_xml_append_value(struct lks_buffer *buffer, enum lks_export_type type,
                          const struct lks_export_value *value);

#endif
