/* graphml.c - the network as GraphML, for networkx, igraph, yEd, Gephi */
#include "dossier/graphml.h"

#include "dossier/xml_stream.h"

static const char *type_name(enum lks_export_type type)
{
    switch (type) {
    case LKS_EXPORT_COUNT:
        return "long";
    case LKS_EXPORT_NUMBER:
        return "double";
    default:
        return "string";
    }
}

static void put_keys(struct lks_buffer *buffer, enum lks_export table, const char *class)
{
    size_t count;
    const struct lks_export_column *columns = lks_export_columns(table, &count);
    for (size_t i = 0; i < count; i++)
        lks_buffer_format(buffer,
                          "  <key id=\"k%c%zu\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n",
                          class[0], i, class, columns[i].name, type_name(columns[i].type));
}

static void put_count(struct lks_buffer *buffer, size_t count)
{
    struct lks_export_value value = {.count = (int64_t)count};
    lks_export_append(buffer, LKS_EXPORT_COUNT, &value);
}

static void put_data(struct lks_buffer *buffer, const struct lks_results *results,
                     enum lks_export table, const char *class, uint64_t row)
{
    size_t count;
    const struct lks_export_column *columns = lks_export_columns(table, &count);
    for (size_t i = 0; i < count; i++) {
        struct lks_export_value value = lks_export_value(results, table, row, i);
        if (value.null)
            continue;
        lks_buffer_text(buffer, class[0] == 'n' ? "<data key=\"kn" : "<data key=\"ke");
        put_count(buffer, i);
        lks_buffer_text(buffer, "\">");
        lks_xml_append_value(buffer, columns[i].type, &value);
        lks_buffer_text(buffer, "</data>");
    }
}

int lks_graphml_write(const struct lks_results *results, const char *path, struct lks_error *err)
{
    struct lks_xml_stream stream;
    struct lks_buffer *buffer = &stream.buffer;
    int code = lks_xml_stream_open(&stream, path, err);
    if (code)
        return code;
    lks_buffer_text(buffer, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
    put_keys(buffer, LKS_SHEET_NODES, "node");
    put_keys(buffer, LKS_SHEET_EDGES, "edge");
    lks_buffer_text(buffer, "  <key id=\"weight\" for=\"edge\" attr.name=\"weight\" "
                            "attr.type=\"double\"/>\n"
                            "  <graph id=\"lockstep\" edgedefault=\"undirected\">\n");
    for (uint32_t i = 0; i < results->nodes_count; i++) {
        lks_buffer_format(buffer, "    <node id=\"n%lu\">", (unsigned long)i);
        put_data(buffer, results, LKS_SHEET_NODES, "node", i);
        lks_buffer_text(buffer, "</node>\n");
        lks_xml_stream_flush(&stream);
    }
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_edge *edge = &results->edges[i].edge;
        lks_buffer_format(buffer, "    <edge id=\"e%llu\" source=\"n%lu\" target=\"n%lu\">",
                          (unsigned long long)i, (unsigned long)edge->a, (unsigned long)edge->b);
        put_data(buffer, results, LKS_SHEET_EDGES, "edge", i);
        lks_buffer_format(buffer, "<data key=\"weight\">%lu</data></edge>\n",
                          (unsigned long)edge->occasions_count);
        lks_xml_stream_flush(&stream);
    }
    lks_buffer_text(buffer, "  </graph>\n</graphml>\n");
    return lks_xml_stream_close(&stream, path, err);
}
