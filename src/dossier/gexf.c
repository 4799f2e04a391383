/* gexf.c - the network as GEXF 1.3, for Gephi
 *
 * The order of elements and the names of types follow gexf.net's RELAX NG of 1.3. Place,
 * size and colour are for the eye and come straight from the results: the layout, the root
 * of the strength, the finding. An edge lives from its first to its last occasion, so that
 * Gephi's timeline shows when it was active.
 */
#include "dossier/gexf.h"

#include <math.h>

#include "dossier/xml_stream.h"

/* Colours that stay apart for colour-blind readers (Okabe and Ito, 2008); nodes of no
 * finding are grey. */
static const unsigned char palette[][3] = {{230, 159, 0},  {86, 180, 233}, {0, 158, 115},
                                           {0, 114, 178},  {213, 94, 0},   {204, 121, 167},
                                           {240, 228, 66}, {102, 102, 204}};
static const unsigned char grey[3] = {176, 176, 176};

/* Gephi draws in units of about a pixel. */
#define GEXF_SPREAD 1000.0
#define GEXF_SIZE_MIN 4.0
#define GEXF_SIZE_MAX 60.0

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

static void put_attributes(struct lks_buffer *buffer, enum lks_export table, const char *class)
{
    size_t count;
    const struct lks_export_column *columns = lks_export_columns(table, &count);
    lks_buffer_format(buffer, "    <attributes class=\"%s\">\n", class);
    for (size_t i = 0; i < count; i++)
        lks_buffer_format(buffer, "      <attribute id=\"%zu\" title=\"%s\" type=\"%s\"/>\n", i,
                          columns[i].name, type_name(columns[i].type));
    lks_buffer_text(buffer, "    </attributes>\n");
}

static void put_count(struct lks_buffer *buffer, size_t count)
{
    struct lks_export_value value = {.count = (int64_t)count};
    lks_export_append(buffer, LKS_EXPORT_COUNT, &value);
}

static void put_values(struct lks_buffer *buffer, const struct lks_results *results,
                       enum lks_export table, uint64_t row)
{
    size_t count;
    const struct lks_export_column *columns = lks_export_columns(table, &count);
    lks_buffer_text(buffer, "<attvalues>");
    for (size_t i = 0; i < count; i++) {
        struct lks_export_value value = lks_export_value(results, table, row, i);
        if (value.null)
            continue;
        lks_buffer_text(buffer, "<attvalue for=\"");
        put_count(buffer, i);
        lks_buffer_text(buffer, "\" value=\"");
        lks_xml_append_value(buffer, columns[i].type, &value);
        lks_buffer_text(buffer, "\"/>");
    }
    lks_buffer_text(buffer, "</attvalues>");
}

/* A number as an attribute's value. */
static void put_number(struct lks_buffer *buffer, double number)
{
    struct lks_export_value value = {.number = isfinite(number) ? number : 0};
    lks_export_append(buffer, LKS_EXPORT_NUMBER, &value);
}

static void put_look(struct lks_buffer *buffer, const struct lks_results *results,
                     const struct lks_result_node *node)
{
    const unsigned char *colour = node->group < results->findings_count
                                      ? palette[node->group % (sizeof palette / sizeof *palette)]
                                      : grey;
    double size = node->strength > 0 ? 2 * sqrt(node->strength) : 0;
    size = size < GEXF_SIZE_MIN ? GEXF_SIZE_MIN : size > GEXF_SIZE_MAX ? GEXF_SIZE_MAX : size;
    lks_buffer_format(buffer, "<viz:color r=\"%u\" g=\"%u\" b=\"%u\"/><viz:position x=\"",
                      (unsigned)colour[0], (unsigned)colour[1], (unsigned)colour[2]);
    put_number(buffer, GEXF_SPREAD * node->x);
    lks_buffer_text(buffer, "\" y=\"");
    put_number(buffer, GEXF_SPREAD * node->y);
    lks_buffer_text(buffer, "\"/><viz:size value=\"");
    put_number(buffer, size);
    lks_buffer_text(buffer, "\"/>");
}

static void put_nodes(struct lks_xml_stream *stream, const struct lks_results *results)
{
    struct lks_buffer *buffer = &stream->buffer;
    lks_buffer_format(buffer, "    <nodes count=\"%lu\">\n", (unsigned long)results->nodes_count);
    for (uint32_t i = 0; i < results->nodes_count; i++) {
        const struct lks_account *account = &results->nodes[i].account;
        lks_buffer_format(buffer, "      <node id=\"n%lu\" label=\"", (unsigned long)i);
        lks_xml_append(buffer, account->handle.data ? account->handle : account->account_key);
        lks_buffer_text(buffer, "\">");
        put_values(buffer, results, LKS_SHEET_NODES, i);
        put_look(buffer, results, results->nodes + i);
        lks_buffer_text(buffer, "</node>\n");
        lks_xml_stream_flush(stream);
    }
    lks_buffer_text(buffer, "    </nodes>\n");
}

static void put_time(struct lks_buffer *buffer, const char *name, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_time_format(time_us, text);
    lks_buffer_format(buffer, " %s=\"%s\"", name, text);
}

static void put_edges(struct lks_xml_stream *stream, const struct lks_results *results)
{
    struct lks_buffer *buffer = &stream->buffer;
    lks_buffer_format(buffer, "    <edges count=\"%llu\">\n",
                      (unsigned long long)results->edges_count);
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_edge *edge = &results->edges[i].edge;
        lks_buffer_format(buffer,
                          "      <edge id=\"e%llu\" source=\"n%lu\" target=\"n%lu\" weight=\"%lu\"",
                          (unsigned long long)i, (unsigned long)edge->a, (unsigned long)edge->b,
                          (unsigned long)edge->occasions_count);
        put_time(buffer, "start", edge->first_us);
        put_time(buffer, "end", edge->last_us);
        lks_buffer_byte(buffer, '>');
        put_values(buffer, results, LKS_SHEET_EDGES, i);
        lks_buffer_text(buffer, "</edge>\n");
        lks_xml_stream_flush(stream);
    }
    lks_buffer_text(buffer, "    </edges>\n");
}

int lks_gexf_write(const struct lks_results *results, const char *path, struct lks_error *err)
{
    struct lks_xml_stream stream;
    struct lks_buffer *buffer = &stream.buffer;
    int code = lks_xml_stream_open(&stream, path, err);
    if (code)
        return code;
    lks_buffer_text(buffer, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<gexf xmlns=\"http://gexf.net/1.3\" "
                            "xmlns:viz=\"http://gexf.net/1.3/viz\" version=\"1.3\">\n"
                            "  <meta><creator>lockstep ");
    lks_xml_append(buffer, results->version);
    lks_buffer_text(buffer, "</creator><description>Co-action network of run ");
    lks_xml_append(buffer, results->run);
    lks_buffer_text(buffer, results->synthetic ? ". The data are synthetic." : ".");
    lks_buffer_text(buffer, "</description></meta>\n"
                            "  <graph defaultedgetype=\"undirected\" mode=\"dynamic\" "
                            "timeformat=\"dateTime\" timerepresentation=\"interval\">\n");
    put_attributes(buffer, LKS_SHEET_NODES, "node");
    put_attributes(buffer, LKS_SHEET_EDGES, "edge");
    put_nodes(&stream, results);
    put_edges(&stream, results);
    lks_buffer_text(buffer, "  </graph>\n</gexf>\n");
    return lks_xml_stream_close(&stream, path, err);
}
