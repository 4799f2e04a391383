/* recognise.c - what a file is, by what it starts with */
#include "source/recognise.h"

#include <stdlib.h>

#include "source/csv.h"
#include "source/encoding.h"
#include "source/generic.h"
#include "source/json_read.h"

static const struct {
    const char *magic;
    size_t size_bytes;
    const char *what;
} known_magics[] = {
    {"\xff\xd8\xff", 3, "a binary file (a JPEG picture), not an export"},
    {"\x89PNG", 4, "a binary file (a PNG picture), not an export"},
    {"GIF8", 4, "a binary file (a GIF picture), not an export"},
    {"%PDF", 4, "a binary file (a PDF), not an export"},
    {"SQLite format 3", 15, "a binary file (an SQLite database), not an export"},
    {"PK\x03\x04", 4, "a zip archive or a workbook: unpack it, or save its table as CSV"},
    {"PAR1", 4, "a Parquet file: name its columns with --map"},
    {"BZh", 3, "compressed with bzip2: unpack it first"},
    {"\xfd"
     "7zXZ",
     5, "compressed with xz: unpack it first"},
    {"7z\xbc\xaf", 4, "a 7z archive: unpack it first"},
    {"\xff\xfe", 2, "text in UTF-16: save it as UTF-8"},
    {"\xfe\xff", 2, "text in UTF-16: save it as UTF-8"},
};

static bool begins_with(struct lks_str text, const char *start, size_t size_bytes)
{
    return text.size_bytes >= size_bytes && memcmp(text.data, start, size_bytes) == 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_binary(struct lks_str text)
{
    size_t controls = 0;
    for (size_t i = 0; i < text.size_bytes; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == 0)
            return true;
        controls += c < 0x20 && c != '\n' && c != '\r' && c != '\t';
    }
    return controls > text.size_bytes / 20;
}

static struct lks_str trimmed(struct lks_str text)
{
    while (text.size_bytes && (unsigned char)text.data[0] <= ' ') {
        text.data++;
        text.size_bytes--;
    }
    while (text.size_bytes && (unsigned char)text.data[text.size_bytes - 1] <= ' ')
        text.size_bytes--;
    return text;
}

/* How well a delimiter fits: the columns of the first row, and far above that, whether the
 * second row has as many. 0 where it cannot be the one; < 0 when memory is out. A head that
 * is only a part of the file must hold the first row's end. */
static long delimiter_fit(struct lks_csv *csv, const struct lks_start *start, char delimiter,
                          int complete, struct lks_arena *arena)
{
    *csv =
        (struct lks_csv){.fields = csv->fields, .text = start->head.bytes, .delimiter = delimiter};
    int more = lks_csv_next(csv, arena);
    if (more <= 0)
        return more;
    size_t columns = csv->fields_count;
    if (columns < 2 || columns > LKS_CSV_FIELDS_MAX ||
        (csv->at == start->head.bytes.size_bytes && !complete))
        return 0;
    do
        more = lks_csv_next(csv, arena);
    while (more > 0 && !csv->row.size_bytes);
    if (more < 0)
        return more;
    bool cut = csv->at == start->head.bytes.size_bytes && !complete;
    bool fits = more == 0 || cut || csv->fields_count == columns;
    return (long)columns + (fits ? 2 * LKS_CSV_FIELDS_MAX : 0);
}

static int header_names(struct lks_csv *csv, struct lks_start *start)
{
    *csv = (struct lks_csv){
        .fields = csv->fields, .text = start->head.bytes, .delimiter = start->head.delimiter};
    if (lks_csv_next(csv, &start->arena) < 0)
        return LKS_EMEMORY;
    start->header_bytes = csv->at;
    start->head.header_count = csv->fields_count;
    start->names = lks_arena_calloc(&start->arena, csv->fields_count, sizeof *start->names);
    start->head.header = start->names;
    for (size_t i = 0; start->names && i < csv->fields_count; i++) {
        struct lks_str name = csv->fields[i];
        if (!lks_text_is_clean(name))
            name = lks_cp1252_decode(name, &start->arena);
        start->names[i] = lks_arena_str(&start->arena, trimmed(name));
        if (!start->names[i].data)
            return LKS_EMEMORY;
    }
    return start->names ? 0 : LKS_EMEMORY;
}

/* Finds the delimiter, the comma first where two fit alike, and reads the names. */
static int header_read(struct lks_start *start, int complete)
{
    static const char delimiters[] = {',', ';', '\t', '|'};
    struct lks_csv csv = {0};
    struct lks_arena scratch = {0};
    long best = 0, fit = 0;
    for (size_t i = 0; fit >= 0 && i < sizeof delimiters; i++) {
        fit = delimiter_fit(&csv, start, delimiters[i], complete, &scratch);
        if (fit > best) {
            best = fit;
            start->head.delimiter = delimiters[i];
        }
    }
    int code = fit < 0 ? LKS_EMEMORY : best ? header_names(&csv, start) : 0;
    lks_arena_free(&scratch);
    lks_csv_free(&csv);
    return code;
}

/* The bytes of a first line `sep=;`, by which a spreadsheet tells itself the delimiter. */
static size_t separator_line(struct lks_str text)
{
    size_t size = 5;
    if (text.size_bytes < size + 1 || lower(text.data[0]) != 's' || lower(text.data[1]) != 'e' ||
        lower(text.data[2]) != 'p' || text.data[3] != '=')
        return 0;
    size += text.data[size] == '\r';
    return size < text.size_bytes && text.data[size] == '\n' ? size + 1 : 0;
}

int lks_start_look(const char *name, struct lks_str bytes, int complete, struct lks_start *start,
                   struct lks_error *err)
{
    *start = (struct lks_start){0};
    for (size_t i = 0; i < sizeof known_magics / sizeof *known_magics; i++)
        if (begins_with(bytes, known_magics[i].magic, known_magics[i].size_bytes))
            return lks_error_set(err, LKS_EINPUT, "%s is %s", name, known_magics[i].what);
    if (is_binary(bytes))
        return lks_error_set(err, LKS_EINPUT, "%s is a binary file, not an export", name);
    if (begins_with(bytes, "\xef\xbb\xbf", 3))
        start->mark_bytes = 3;
    start->mark_bytes += separator_line(
        (struct lks_str){bytes.data + start->mark_bytes, bytes.size_bytes - start->mark_bytes});
    start->head.bytes =
        (struct lks_str){bytes.data + start->mark_bytes, bytes.size_bytes - start->mark_bytes};
    struct lks_str text = trimmed(start->head.bytes);
    if (!text.size_bytes && complete)
        return lks_error_set(err, LKS_EINPUT, "%s holds nothing", name);
    if (text.size_bytes && (text.data[0] == '{' || text.data[0] == '['))
        return 0;
    if (text.size_bytes && !memchr(text.data, '\n', text.size_bytes) &&
        memchr(text.data, '\r', text.size_bytes))
        return lks_error_set(err, LKS_EINPUT,
                             "%s ends its lines with carriage returns alone: save it with line "
                             "feeds",
                             name);
    if (header_read(start, complete)) {
        lks_start_free(start);
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", name);
    }
    return 0;
}

void lks_start_free(struct lks_start *start)
{
    lks_arena_free(&start->arena);
    *start = (struct lks_start){0};
}

int lks_header_find(const struct lks_str *header, size_t header_count, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < header_count; i++)
        if (lks_str_equal_text(header[i], name))
            return (int)i;
    for (size_t i = 0; i < header_count; i++) {
        size_t at = 0;
        if (header[i].size_bytes != size)
            continue;
        while (at < size && lower(header[i].data[at]) == lower(name[at]))
            at++;
        if (at == size)
            return (int)i;
    }
    return -1;
}

size_t lks_header_count(const struct lks_head *head, const char *const *names)
{
    size_t count = 0;
    for (; *names; names++)
        count += lks_header_find(head->header, head->header_count, *names) >= 0;
    return count;
}

/* A sentence's list of names, cut with an ellipsis where it would not fit. */
struct names {
    char text[LKS_HEAD_COLUMNS_BYTES];
    size_t used, count;
    bool full;
};

static void names_add(struct names *names, struct lks_str name)
{
    enum { SPARE_BYTES = 8 }; /* a comma, a blank, the ellipsis and the end */
    if (names->full)
        return;
    if (names->used + name.size_bytes + SPARE_BYTES > sizeof names->text) {
        names->full = true;
        name = LKS_STR("...");
    }
    if (names->count++) {
        names->text[names->used++] = ',';
        names->text[names->used++] = ' ';
    }
    for (size_t i = 0; i < name.size_bytes; i++) {
        char c = name.data[i];
        names->text[names->used++] = (unsigned char)c < 0x20 ? ' ' : c;
    }
    names->text[names->used] = 0;
}

/* The members of the first object, as far as the head holds it. */
static void members_read(struct lks_str bytes, struct names *names)
{
    struct lks_arena arena = {0};
    struct lks_json_reader reader;
    const char *object = memchr(bytes.data, '{', bytes.size_bytes);
    struct lks_str key;
    if (!object)
        return;
    size_t size = bytes.size_bytes - (size_t)(object - bytes.data);
    lks_json_open(&reader, (struct lks_str){object, size}, &arena, LKS_JSON_HEX_ESCAPES);
    if (lks_json_enter_object(&reader))
        while (!names->full && lks_json_member(&reader, &key))
            names_add(names, key);
    lks_arena_free(&arena);
}

/* Whether a column may be what a mapping needs, by its name. */
static bool is_likely(struct lks_str name)
{
    static const char *const parts[] = {"time",    "date", "creat", "author", "user",
                                        "account", "text", "descr", "id"};
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        size_t size = strlen(parts[p]);
        for (size_t at = 0; at + size <= name.size_bytes; at++) {
            size_t i = 0;
            while (i < size && lower(name.data[at + i]) == parts[p][i])
                i++;
            /* "id" says so only as a word: "video" holds it, too. */
            if (i == size && (size > 2 || ((at == 0 || name.data[at - 1] == '_') &&
                                           at + size == name.size_bytes)))
                return true;
        }
    }
    return false;
}

/* All columns; of so many that a sentence cannot hold them those first that a mapping may need. */
static void columns_add(const struct lks_head *head, struct names *names)
{
    for (size_t i = 0; i < head->header_count; i++)
        names_add(names, head->header[i]);
    if (!names->full)
        return;
    *names = (struct names){0};
    for (int others = 0; others < 2; others++)
        for (size_t i = 0; i < head->header_count; i++)
            if (is_likely(head->header[i]) != others)
                names_add(names, head->header[i]);
}

void lks_head_columns(const struct lks_head *head, char text[LKS_HEAD_COLUMNS_BYTES])
{
    struct names names = {0};
    columns_add(head, &names);
    memcpy(text, names.text, sizeof names.text);
}

/* What was seen, for a sentence: names of columns or members, which say most; of other texts
 * nothing is shown, since they may be anybody's. */
static const char *describe(const struct lks_start *start, struct names *names)
{
    struct lks_str bytes = trimmed(start->head.bytes);
    columns_add(&start->head, names);
    if (start->head.header)
        return names->full ? "a table with many columns, such as " : "a table with the columns ";
    if (!bytes.size_bytes || (bytes.data[0] != '{' && bytes.data[0] != '['))
        return "text without columns";
    members_read(bytes, names);
    return names->count ? "JSON with the members " : "JSON without members";
}

static int unknown(const char *name, const struct lks_start *start, struct lks_error *err)
{
    struct names seen = {0}, formats = {0};
    const char *what = describe(start, &seen);
    for (size_t i = 0; lks_adapters[i]; i++)
        if (!start->head.header || lks_adapters[i]->framing == LKS_FRAME_CSV)
            names_add(&formats, lks_str_from(lks_adapters[i]->name));
    return lks_error_set(err, LKS_EINPUT,
                         "%s: the format is not known; it is %s%s. Name the format with --as (%s), "
                         "or the columns with --map account=COLUMN,time=COLUMN,text=COLUMN",
                         name, what, seen.text, formats.text);
}

/* Whether the first line is not a value by itself: an array, or an object over many lines. */
static bool is_document(struct lks_str bytes)
{
    struct lks_str text = trimmed(bytes);
    const char *end = memchr(text.data, '\n', text.size_bytes);
    if (!text.size_bytes || text.data[0] == '[')
        return text.size_bytes > 0;
    if (!end)
        return false;
    struct lks_str line = trimmed((struct lks_str){text.data, (size_t)(end - text.data)});
    return line.data[line.size_bytes - 1] != '}';
}

int lks_start_adapter(const char *name, const struct lks_start *start,
                      const struct lks_source_options *options,
                      const struct lks_adapter **adapter_out, struct lks_error *err)
{
    const struct lks_adapter *adapter = NULL;
    int best = 0;
    if (options->as)
        adapter = lks_adapter_find(options->as);
    else if (options->mapping)
        adapter = start->head.header               ? &lks_adapter_csv
                  : is_document(start->head.bytes) ? &lks_adapter_json
                                                   : &lks_adapter_jsonl;
    else
        for (size_t i = 0; lks_adapters[i]; i++) {
            if (lks_adapters[i]->framing == LKS_FRAME_CSV && !start->head.header)
                continue;
            int sure = lks_adapters[i]->recognise(&start->head);
            if (sure > best) {
                best = sure;
                adapter = lks_adapters[i];
            }
        }
    if (options->as && !adapter)
        return lks_error_set(err, LKS_EARGUMENT, "'%s' is no format", options->as);
    if (!options->as && options->mapping && !start->head.header &&
        !memchr(start->head.bytes.data, '{', start->head.bytes.size_bytes) &&
        trimmed(start->head.bytes).size_bytes)
        return lks_error_set(err, LKS_EINPUT,
                             "%s is neither JSON nor a table: its first line has to name 2 to %d "
                             "columns, with commas, semicolons, tabs or bars between them",
                             name, LKS_CSV_FIELDS_MAX);
    if (!adapter)
        return unknown(name, start, err);
    if (adapter->framing == LKS_FRAME_CSV && !start->head.header)
        return lks_error_set(err, LKS_EINPUT,
                             "%s is no table, as %s is: its first line has no "
                             "columns",
                             name, adapter->name);
    if (lks_adapter_needs_mapping(adapter) && !options->mapping)
        return lks_error_set(err, LKS_EARGUMENT,
                             "%s: --as %s needs the columns named: --map "
                             "account=COLUMN,time=COLUMN,text=COLUMN",
                             name, adapter->name);
    *adapter_out = adapter;
    return 0;
}
