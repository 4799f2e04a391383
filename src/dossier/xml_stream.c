/* xml_stream.c - an XML file on its way to disk, and a field as its text */
#include "dossier/xml_stream.h"

enum { FLUSH_BYTES = 1 << 16 };

int lks_xml_stream_open(struct lks_xml_stream *stream, const char *path, struct lks_error *err)
{
    *stream = (struct lks_xml_stream){0};
    return lks_writer_open(&stream->writer, path, err);
}

void lks_xml_stream_flush(struct lks_xml_stream *stream)
{
    if (stream->buffer.size_bytes < FLUSH_BYTES || stream->buffer.failed)
        return;
    lks_writer_put(&stream->writer, stream->buffer.data, stream->buffer.size_bytes);
    lks_buffer_clear(&stream->buffer);
}

int lks_xml_stream_close(struct lks_xml_stream *stream, const char *path, struct lks_error *err)
{
    int code;
    if (stream->buffer.failed) {
        lks_writer_abandon(&stream->writer);
        code = lks_error_set(err, LKS_EMEMORY, "%s: out of memory", path);
    } else {
        lks_writer_put(&stream->writer, stream->buffer.data, stream->buffer.size_bytes);
        code = lks_writer_commit(&stream->writer, err);
    }
    lks_buffer_free(&stream->buffer);
    return code;
}

void lks_xml_append_value(struct lks_buffer *buffer, enum lks_export_type type,
                          const struct lks_export_value *value)
{
    if (type == LKS_EXPORT_OUTSIDE || type == LKS_EXPORT_TEXT)
        lks_xml_append(buffer, value->text);
    else
        lks_export_append(buffer, type, value);
}
