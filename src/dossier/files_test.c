/* files_test.c - every writer on results full of nasty strings, read back by independent readers
 *
 * With the environment's LOCKSTEP_TEST_OUT the files are left in that folder, for
 * tests/test_dossier.py to hold against XML and JSON schemas.
 */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/utf8.h"
#include "dossier/csv_tables.h"
#include "dossier/findings_json.h"
#include "dossier/gexf.h"
#include "dossier/graphml.h"
#include "dossier/page.h"
#include "dossier/report_json.h"
#include "dossier/test_results.h"

static struct lks_results results;
static char folder[512];
static int keep;

static const char *place(const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* The whole file, with a closing NUL; freed by the caller. */
static char *slurp(const char *name, size_t *size_out)
{
    FILE *file = fopen(place(name), "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    char *text = malloc(size + 1);
    rewind(file);
    assert_int_equal(fread(text, 1, size, file), size);
    fclose(file);
    text[size] = 0;
    if (size_out)
        *size_out = size;
    return text;
}

/* What a text must look like after bad bytes became U+FFFD; zero_too also turns NUL. */
static struct lks_buffer cleaned(struct lks_str text, int zero_too)
{
    struct lks_buffer out = {0};
    for (size_t at = 0, size; at < text.size_bytes; at += size) {
        uint32_t c;
        size = lks_utf8_next(text, at, &c);
        if (c == LKS_UTF8_BAD || (c == 0 && zero_too))
            lks_buffer_text(&out, "\xef\xbf\xbd");
        else
            lks_buffer_append(&out, text.data + at, size);
    }
    return out;
}

static void same_json_text(json_t *value, struct lks_str expected)
{
    if (!expected.data) {
        assert_true(json_is_null(value));
        return;
    }
    struct lks_buffer clean = cleaned(expected, 0);
    assert_true(json_is_string(value));
    assert_int_equal(json_string_length(value), clean.size_bytes);
    assert_memory_equal(json_string_value(value), clean.data ? clean.data : "", clean.size_bytes);
    lks_buffer_free(&clean);
}

static json_t *parse(const char *text, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("line %d: %s", error.line, error.text);
    return root;
}

static json_t *at(json_t *root, const char *key)
{
    json_t *value = json_object_get(root, key);
    if (!value)
        fail_msg("no member %s", key);
    return value;
}

static void check_report(json_t *root)
{
    assert_true(json_is_true(at(root, "synthetic")));
    assert_string_equal(json_string_value(at(at(root, "test"), "seed")), "18446744073709551615");
    assert_int_equal(json_integer_value(at(at(root, "test"), "pairs_tested")), (json_int_t)1 << 40);
    assert_int_equal(json_array_size(at(root, "nodes")), results.nodes_count);
    for (uint32_t i = 0; i < results.nodes_count; i++) {
        const struct lks_result_node *node = results.nodes + i;
        json_t *json = json_array_get(at(root, "nodes"), i);
        same_json_text(at(json, "id"), node->account.account_key);
        same_json_text(at(json, "handle"), node->account.handle);
        same_json_text(at(json, "name"), node->account.display_name);
        assert_true(json_number_value(at(json, "x")) == node->x);
        assert_int_equal(json_is_null(at(json, "group")), i >= 6);
        assert_int_equal(json_is_null(at(json, "followers")), i % 2 == 0);
        assert_int_equal(json_is_null(at(json, "created")), i % 3 == 0);
    }
    for (uint32_t i = 0; i < results.edges_count; i++) {
        json_t *json = json_array_get(at(root, "edges"), i);
        assert_true(json_number_value(at(json, "p")) == results.edges[i].p_value);
        assert_true(json_number_value(at(json, "lag_mean_seconds")) == 1.23456725);
        assert_int_equal(json_is_null(at(json, "synchrony_p")), i % 2 == 0);
        assert_int_equal(json_object_size(at(json, "kinds")), 1);
    }
    for (uint64_t i = 0; i < results.evidence_count; i++) {
        json_t *json = json_array_get(at(root, "posts"), i);
        same_json_text(at(json, "text"), results.posts[i].post.text);
        assert_int_equal(json_integer_value(at(json, "offset")), (json_int_t)i << 33);
    }
    json_t *finding = json_array_get(at(root, "findings"), 1);
    assert_int_equal(json_integer_value(json_array_get(at(finding, "members"), 0)), 5);
    assert_string_equal(json_string_value(at(finding, "confidence")), "low");
    assert_int_equal(json_array_size(at(finding, "matches")), NASTY_COUNT);
    assert_int_equal(json_array_size(at(at(root, "timeline"), "bins")), 3);
}

static void report_json(void **state)
{
    (void)state;
    size_t size;
    assert_int_equal(lks_report_json_write(&results, place("report.json"), NULL), 0);
    char *text = slurp("report.json", &size);
    json_t *root = parse(text, size);
    check_report(root);
    json_decref(root);
    free(text);
}

static void page_holds_the_report(void **state)
{
    (void)state;
    size_t size;
    static const char head[] = "<script id=\"data\" type=\"application/json\">";
    assert_int_equal(lks_page_write(&results, place("report.html"), NULL), 0);
    char *text = slurp("report.html", &size);
    char *data = strstr(text, head);
    assert_non_null(data);
    data += sizeof head - 1;
    /* Only the element's own end can end it: the data hold no "<". */
    char *end = strchr(data, '<');
    assert_int_equal(strncmp(end, "</script>", 9), 0);
    json_t *root = parse(data, (size_t)(end - data));
    check_report(root);
    assert_null(strstr(text, "LOCKSTEP-DATA"));
    assert_int_equal(strncmp(text + size - 8, "</html>\n", 8), 0);
    json_decref(root);
    free(text);
}

static void findings_json(void **state)
{
    (void)state;
    size_t size;
    assert_int_equal(lks_findings_json_write(&results, place("findings.json"), NULL), 0);
    char *text = slurp("findings.json", &size);
    json_t *root = parse(text, size);
    assert_int_equal(json_array_size(at(root, "findings")), 2);
    for (uint32_t f = 0; f < 2; f++) {
        json_t *finding = json_array_get(at(root, "findings"), f);
        json_t *edges = at(finding, "edges");
        assert_int_equal(json_array_size(edges), 2);
        for (size_t i = 0; i < 2; i++) {
            uint64_t edge = f ? 3 + i : i; /* as test_edges gives them to findings */
            same_json_text(at(json_array_get(edges, i), "a"),
                           results.nodes[results.edges[edge].edge.a].account.account_key);
            assert_int_equal(json_integer_value(at(json_array_get(edges, i), "occasions")),
                             2 + edge);
        }
        /* Matches name posts 0-4 and 5-11, each listed once. */
        assert_int_equal(json_array_size(at(finding, "posts")), 12);
        same_json_text(at(json_array_get(at(finding, "posts"), 1), "id"),
                       results.posts[5].post.post_key);
        same_json_text(at(json_array_get(at(finding, "members"), 0), "account"),
                       results.nodes[3 * f + 2].account.account_key);
    }
    json_decref(root);
    free(text);
}

/* Reads one CSV field after RFC 4180; *quoted says whether it stood in quotes. Returns
 * where the separator after it stands. */
static const char *csv_field(const char *p, const char *end, struct lks_buffer *out, int *quoted)
{
    lks_buffer_clear(out);
    *quoted = p < end && *p == '"';
    if (!*quoted) {
        while (p < end && *p != ',' && *p != '\r')
            lks_buffer_byte(out, *p++);
        return p;
    }
    for (p++; p < end; p++) {
        if (*p == '"' && (p + 1 == end || p[1] != '"'))
            return p + 1;
        p += *p == '"';
        lks_buffer_byte(out, *p);
    }
    fail_msg("a quoted field without end");
    return p;
}

static void check_csv_field(const struct lks_export_value *value, enum lks_export_type type,
                            const struct lks_buffer *field, int quoted)
{
    if (value->null) {
        assert_true(field->size_bytes == 0 && !quoted);
        return;
    }
    if (type != LKS_EXPORT_OUTSIDE) {
        struct lks_buffer text = {0};
        lks_export_append(&text, type, value);
        assert_int_equal(text.size_bytes, field->size_bytes);
        assert_memory_equal(text.data, field->data, text.size_bytes);
        lks_buffer_free(&text);
        return;
    }
    struct lks_buffer clean = cleaned(value->text, 1);
    const char *data = field->data;
    size_t size = field->size_bytes;
    assert_true(quoted);
    if (size) {
        /* No field starts as a formula does, and one leading apostrophe comes off. */
        assert_null(strchr("=+-@\t\r\n", data[0]));
        data += data[0] == '\'';
        size -= field->data[0] == '\'';
    }
    assert_int_equal(size, clean.size_bytes);
    if (size)
        assert_memory_equal(data, clean.data, size);
    lks_buffer_free(&clean);
}

static void csv_reads_back(void **state)
{
    (void)state;
    for (int table = 0; table < LKS_EXPORTS_COUNT; table++) {
        char name[32];
        size_t size, count;
        int quoted;
        struct lks_buffer field = {0};
        snprintf(name, sizeof name, "%s.csv", lks_export_names[table]);
        assert_int_equal(lks_csv_table_write(&results, (enum lks_export)table, place(name), NULL),
                         0);
        char *text = slurp(name, &size);
        const char *p = text, *end = text + size;
        const struct lks_export_column *columns =
            lks_export_columns((enum lks_export)table, &count);
        uint64_t rows = lks_export_rows_count(&results, (enum lks_export)table);
        for (uint64_t row = 0; row <= rows; row++) {
            for (size_t i = 0; i < count; i++) {
                p = csv_field(p, end, &field, &quoted);
                if (row) {
                    struct lks_export_value value =
                        lks_export_value(&results, (enum lks_export)table, row - 1, i);
                    check_csv_field(&value, columns[i].type, &field, quoted);
                } else {
                    lks_buffer_byte(&field, 0);
                    assert_string_equal(field.data, columns[i].name);
                }
                assert_int_equal(*p, i + 1 < count ? ',' : '\r');
                p++;
            }
            assert_int_equal(*p++, '\n');
        }
        assert_ptr_equal(p, end);
        lks_buffer_free(&field);
        free(text);
    }
}

/* Every code point of an XML file is one that XML 1.0 has; python and xmllint do the rest. */
static void check_xml_characters(const char *name)
{
    size_t size;
    char *text = slurp(name, &size);
    struct lks_str bytes = {text, size};
    for (size_t i = 0, step; i < size; i += step) {
        uint32_t c;
        step = lks_utf8_next(bytes, i, &c);
        assert_true(c == '\n' || (c >= 0x20 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff));
    }
    free(text);
}

static void xml_files(void **state)
{
    (void)state;
    assert_int_equal(lks_gexf_write(&results, place("network.gexf"), NULL), 0);
    assert_int_equal(lks_graphml_write(&results, place("network.graphml"), NULL), 0);
    check_xml_characters("network.gexf");
    check_xml_characters("network.graphml");
}

static size_t count_files(void)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

typedef int writer_function(const struct lks_results *, const char *, struct lks_error *);

static int csv_nodes(const struct lks_results *r, const char *path, struct lks_error *err)
{
    return lks_csv_table_write(r, LKS_SHEET_NODES, path, err);
}

static writer_function *const writers[] = {lks_report_json_write,   lks_page_write,
                                           lks_findings_json_write, lks_gexf_write,
                                           lks_graphml_write,       csv_nodes};

/* More than a page can draw: members stay, the strongest of the rest too, all indexes fit,
 * and the page says what is missing. */
static void page_shows_the_strongest(void **state)
{
    (void)state;
    enum { NODES = 6000, EDGES = 50000 };
    struct lks_results many = results;
    size_t size;
    many.nodes_count = NODES;
    many.edges_count = EDGES;
    many.nodes = calloc(NODES, sizeof *many.nodes);
    many.edges = calloc(EDGES, sizeof *many.edges);
    for (uint32_t i = 0; i < NODES; i++) {
        many.nodes[i] = results.nodes[i < 6 ? i : 6];
        many.nodes[i].strength = i; /* the members are the weakest */
    }
    for (uint32_t i = 0; i < EDGES; i++) {
        many.edges[i] = results.edges[i < 2 ? i : 7];
        many.edges[i].edge.a = i < 2 ? i : i % (NODES - 1);
        many.edges[i].edge.b = many.edges[i].edge.a + 1;
        many.edges[i].edge.occasions_count = i < 2 ? 1 : i;
    }
    assert_int_equal(lks_report_json_write(&many, place("many.json"), NULL), 0);
    char *text = slurp("many.json", &size);
    json_t *root = parse(text, size), *nodes = at(root, "nodes"), *edges = at(root, "edges");
    assert_int_equal(json_array_size(nodes), 5000);
    assert_int_equal(json_array_size(edges), 40000);
    for (size_t i = 0; i < 5000; i++)
        assert_true(json_number_value(at(json_array_get(nodes, i), "strength")) ==
                    (i < 6 ? (double)i : NODES - 5000.0 + (double)i));
    for (size_t i = 0; i < 40000; i++) {
        json_int_t a = json_integer_value(at(json_array_get(edges, i), "a"));
        json_int_t b = json_integer_value(at(json_array_get(edges, i), "b"));
        assert_true(a >= 0 && b == a + 1 && b < 5000);
        /* Edges of findings stay, however weak; then only strong ones. */
        json_int_t occasions = json_integer_value(at(json_array_get(edges, i), "occasions"));
        assert_true(i < 2 ? occasions == 1 : occasions > 1000);
    }
    json_t *notes = at(root, "notes");
    assert_int_equal(json_array_size(notes), results.notes_count + 1);
    assert_non_null(strstr(json_string_value(json_array_get(notes, results.notes_count)),
                           "5000 of 6000 accounts and 40000 of 50000 edges"));
    json_decref(root);
    free(text);
    free(many.nodes);
    free(many.edges);
}

/* A folder that is not there: a clear error, and nothing is left anywhere. */
static void refuses_bad_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        struct lks_error err = {0};
        assert_int_equal(writers[i](&results, place("no/such/folder"), &err), LKS_EIO);
        assert_true(err.message[0] != 0);
    }
}

/* The disk is full half-way: an error, the old file as it was, no half file beside it. */
static void whole_or_not_at_all(void **state)
{
    (void)state;
    struct rlimit before, small;
    size_t files = count_files();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        size_t size;
        struct lks_error err = {0};
        FILE *file = fopen(place("once"), "wb");
        assert_non_null(file);
        fputs("as before", file);
        fclose(file);
        small = before;
        small.rlim_cur = 5000;
        setrlimit(RLIMIT_FSIZE, &small);
        int code = writers[i](&results, place("once"), &err);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_int_equal(code, LKS_EIO);
        char *text = slurp("once", &size);
        assert_string_equal(text, "as before");
        free(text);
    }
    signal(SIGXFSZ, handler);
    assert_int_equal(count_files(), files + 1);
    unlink(place("once"));
}

/* A run that found nothing, in a case without a post. */
static void empty_results(void **state)
{
    (void)state;
    struct lks_results empty = {0};
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
        assert_int_equal(writers[i](&empty, place("empty"), NULL), 0);
    assert_int_equal(lks_findings_json_write(&empty, place("findings-empty.json"), NULL), 0);
    assert_int_equal(lks_gexf_write(&empty, place("empty.gexf"), NULL), 0);
    assert_int_equal(lks_report_json_write(&empty, place("empty.json"), NULL), 0);
    size_t size;
    char *text = slurp("empty.json", &size);
    json_t *root = parse(text, size);
    assert_true(json_is_null(at(at(root, "totals"), "first")));
    json_decref(root);
    free(text);
}

static void same_bytes_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        size_t size, again_size;
        assert_int_equal(writers[i](&results, place("once"), NULL), 0);
        assert_int_equal(writers[i](&results, place("again"), NULL), 0);
        char *text = slurp("once", &size), *again = slurp("again", &again_size);
        assert_int_equal(size, again_size);
        assert_memory_equal(text, again, size);
        free(text);
        free(again);
    }
}

static int set_up(void **state)
{
    (void)state;
    const char *given = getenv("LOCKSTEP_TEST_OUT");
    keep = given != NULL;
    snprintf(folder, sizeof folder, "%s", given ? given : "/tmp/lockstep-dossier-XXXXXX");
    test_results(&results);
    return !given && !mkdtemp(folder);
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {
        "report.json",      "report.html",         "findings.json",      "nodes.csv", "edges.csv",
        "posts.csv",        "network.gexf",        "network.graphml",    "empty",     "empty.gexf",
        "empty.json",       "findings-empty.json", "many.json",          "once",      "again",
        "payment_sums.csv", "scripts.csv",         "script_accounts.csv"};
    lks_results_free(&results);
    for (size_t i = 0; !keep && i < sizeof names / sizeof *names; i++)
        unlink(place(names[i]));
    return keep ? 0 : rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_json),
        cmocka_unit_test(page_holds_the_report),
        cmocka_unit_test(page_shows_the_strongest),
        cmocka_unit_test(findings_json),
        cmocka_unit_test(csv_reads_back),
        cmocka_unit_test(xml_files),
        cmocka_unit_test(refuses_bad_places),
        cmocka_unit_test(empty_results),
        cmocka_unit_test(whole_or_not_at_all),
        cmocka_unit_test(same_bytes_twice),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
