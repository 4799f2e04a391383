/* parse.c - a chunk of whole records to a batch, by the file's adapter */
#include "source/parse.h"

#include "source/encoding.h"
#include "source/row.h"

void lks_parser_free(struct lks_parser *parser)
{
    lks_csv_free(&parser->csv);
    lks_buffer_free(&parser->context.scratch);
    *parser = (struct lks_parser){0};
}

/* Why a post cannot be taken, or NULL. */
static const char *post_fault(const struct lks_post *post)
{
    if (!post->account_key.size_bytes)
        return LKS_REASON_NO_ACCOUNT;
    if (!post->post_key.size_bytes)
        return LKS_REASON_NO_ID;
    if (post->time_us == LKS_TIME_NULL)
        return LKS_REASON_NO_TIME;
    if (post->time_us < LKS_TIME_MIN_US || post->time_us > LKS_TIME_MAX_US)
        return LKS_REASON_BAD_TIME;
    if (post->post_key.size_bytes > LKS_KEY_BYTES_MAX ||
        post->account_key.size_bytes > LKS_KEY_BYTES_MAX ||
        post->parent_key.size_bytes > LKS_KEY_BYTES_MAX ||
        post->origin_key.size_bytes > LKS_KEY_BYTES_MAX ||
        post->channel_key.size_bytes > LKS_KEY_BYTES_MAX)
        return "an id is too long";
    if (post->text.size_bytes > LKS_TEXT_BYTES_MAX ||
        post->transcript.size_bytes > LKS_TEXT_BYTES_MAX)
        return "text too long";
    if (post->actions_count >= LKS_ACTIONS_PER_POST_MAX)
        return "too many links, tags or mentions";
    return NULL;
}

static const char *payment_fault(const struct lks_payment *payment)
{
    const struct lks_str keys[] = {payment->payment_key, payment->payer,    payment->payee,
                                   payment->account_key, payment->post_key, payment->beneficiary,
                                   payment->method};
    if (payment->time_us < LKS_TIME_MIN_US || payment->time_us > LKS_TIME_MAX_US)
        return payment->time_us == LKS_TIME_NULL ? LKS_REASON_NO_TIME : LKS_REASON_BAD_TIME;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].size_bytes > LKS_KEY_BYTES_MAX)
            return "a name is too long";
    return payment->purpose.size_bytes > LKS_TEXT_BYTES_MAX ? "text too long" : NULL;
}

void lks_row_redact(char *part, size_t part_bytes, uint64_t at_bytes, uint64_t row_bytes,
                    int keep_line_ends)
{
    for (size_t i = 0; i < part_bytes; i++)
        if (at_bytes + i == 0)
            part[i] = '{';
        else if (at_bytes + i == row_bytes - 1)
            part[i] = '}';
        else if (!keep_line_ends || part[i] != '\n')
            part[i] = ' ';
}

static bool is_redacted(struct lks_str row)
{
    size_t blanks = 0;
    if (row.size_bytes < LKS_REDACTED_BYTES_MIN || row.data[0] != '{' ||
        (row.data[1] != ' ' && row.data[1] != '\n') || row.data[row.size_bytes - 1] != '}')
        return false;
    for (size_t i = 1; i + 1 < row.size_bytes; i++) {
        if (row.data[i] != ' ' && row.data[i] != '\n')
            return false;
        blanks += row.data[i] == ' ';
    }
    return blanks > 0;
}

/* Lets the adapter have the row, and holds what it made against the limits. */
static int row_parse(struct lks_parser *parser, const struct lks_row *row, struct lks_batch *batch)
{
    size_t posts = batch->posts_count, accounts = batch->accounts_count;
    size_t payments = batch->payments_count;
    uint64_t rows = batch->rows_count, ignored = batch->ignored_count;
    const char *fault = NULL;
    if (is_redacted(row->bytes))
        return lks_row_reject(batch, row, LKS_REASON_REDACTED);
    int code = parser->adapter->parse(&parser->context, row, batch);
    if (code)
        return code;
    for (size_t i = accounts; i < batch->accounts_count; i++) {
        batch->accounts[i].offset_bytes = row->offset_bytes;
        batch->accounts[i].length_bytes = row->bytes.size_bytes;
    }
    for (size_t i = posts; !fault && i < batch->posts_count; i++)
        fault = post_fault(&batch->posts[i]);
    for (size_t i = payments; !fault && i < batch->payments_count; i++)
        fault = payment_fault(&batch->payments[i]);
    if (!fault)
        return 0;
    while (batch->posts_count > posts)
        lks_batch_post_undo(batch);
    batch->accounts_count = accounts;
    batch->payments_count = payments;
    batch->rows_count = rows; /* the parts of a row are rows too: it is one reject */
    batch->ignored_count = ignored;
    return lks_row_reject(batch, row, fault);
}

/* Turns the fields of a row that is not UTF-8 into UTF-8. */
static int row_recode(struct lks_csv *csv, struct lks_arena *arena)
{
    size_t count = csv->fields_count < LKS_CSV_FIELDS_MAX ? csv->fields_count : LKS_CSV_FIELDS_MAX;
    for (size_t i = 0; i < count; i++) {
        if (lks_text_is_clean(csv->fields[i]))
            continue;
        csv->fields[i] = lks_cp1252_decode(csv->fields[i], arena);
        if (!csv->fields[i].data)
            return LKS_EMEMORY;
    }
    return 0;
}

static int csv_row_parse(struct lks_parser *parser, struct lks_row *row, bool clean,
                         struct lks_batch *batch)
{
    struct lks_csv *csv = &parser->csv;
    row->bytes = csv->row;
    row->fields = csv->fields;
    row->fields_count = csv->fields_count;
    if (!clean && !lks_text_is_clean(csv->row)) {
        if (lks_text_has_nul(csv->row))
            return lks_row_reject(batch, row, LKS_REASON_NUL);
        if (row_recode(csv, &batch->arena))
            return LKS_EMEMORY;
        parser->cp1252_count++;
    }
    if (csv->fields_count != parser->context.header_count && !is_redacted(csv->row))
        return lks_row_reject(batch, row, LKS_REASON_FIELDS);
    return row_parse(parser, row, batch);
}

static int csv_chunk_parse(struct lks_parser *parser, const struct lks_chunk *chunk,
                           struct lks_batch *batch)
{
    struct lks_csv *csv = &parser->csv;
    struct lks_row row = {.line = chunk->line};
    /* Most chunks are UTF-8 all through: one look spares one for each row. */
    bool clean = lks_text_is_clean((struct lks_str){chunk->data, chunk->size_bytes});
    int code = 0, more;
    *csv = (struct lks_csv){.fields = csv->fields,
                            .text = {chunk->data, chunk->size_bytes},
                            .delimiter = parser->delimiter};
    while (code == 0 && (more = lks_csv_next(csv, &batch->arena)) != 0) {
        if (more < 0)
            return more;
        row.offset_bytes = chunk->offset_bytes + (uint64_t)(csv->row.data - chunk->data);
        if (csv->row.size_bytes) { /* an empty line is no row */
            batch->rows_count++;
            code = csv_row_parse(parser, &row, clean, batch);
        }
        row.line += csv->line_ends + 1;
    }
    return code;
}

static bool is_blank_line(struct lks_str line)
{
    for (size_t i = 0; i < line.size_bytes; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t')
            return false;
    return true;
}

static int lines_chunk_parse(struct lks_parser *parser, const struct lks_chunk *chunk,
                             struct lks_batch *batch)
{
    struct lks_row row = {.line = chunk->line};
    const char *at = chunk->data, *end = chunk->data + chunk->size_bytes;
    int code = 0;
    for (; code == 0 && at < end; row.line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *next = stop ? stop + 1 : end;
        if (!stop)
            stop = end;
        if (stop > at && stop[-1] == '\r')
            stop--;
        row.bytes = (struct lks_str){at, (size_t)(stop - at)};
        row.offset_bytes = chunk->offset_bytes + (uint64_t)(at - chunk->data);
        if (!is_blank_line(row.bytes)) {
            batch->rows_count++;
            code = row_parse(parser, &row, batch);
        }
        at = next;
    }
    return code;
}

static int records_parse(struct lks_parser *parser, const struct lks_chunk *chunk,
                         struct lks_batch *batch)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < chunk->records_count; i++) {
        const struct lks_chunk_record *record = &chunk->records[i];
        batch->rows_count++;
        if (record->reason) {
            code = lks_batch_reject(batch, record->line, record->offset_bytes, record->reason,
                                    record->start);
            continue;
        }
        struct lks_row row = {
            .bytes = {chunk->data + (record->offset_bytes - chunk->offset_bytes),
                      (size_t)record->length_bytes},
            .line = record->line,
            .offset_bytes = record->offset_bytes,
            .array_name = record->array_name,
            .outer = record->outer,
        };
        code = row_parse(parser, &row, batch);
    }
    return code;
}

int lks_parser_chunk(struct lks_parser *parser, const struct lks_chunk *chunk,
                     struct lks_batch *batch)
{
    batch->texts_only = parser->context.options->texts_only;
    batch->row_secret = parser->context.options->row_secret;
    batch->accounts_all = parser->context.options->accounts_all;
    if (chunk->reason) {
        batch->rows_count++;
        return lks_batch_reject(batch, chunk->line, chunk->offset_bytes, chunk->reason,
                                (struct lks_str){chunk->data, chunk->size_bytes});
    }
    switch (parser->adapter->framing) {
    case LKS_FRAME_CSV:
        return csv_chunk_parse(parser, chunk, batch);
    case LKS_FRAME_LINES:
        return lines_chunk_parse(parser, chunk, batch);
    case LKS_FRAME_JSON:
        return records_parse(parser, chunk, batch);
    }
    return 0;
}
