/* answer.c - what a function of the library says: a text for reading, or one JSON object */
#include "evidence/answer.h"

enum { LINE_BYTES_MAX = 600 };

int lks_answer_give(struct lks_buffer *text, int code, char **text_out, struct lks_error *err)
{
    lks_buffer_byte(text, '\0');
    if (code >= 0 && text->failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    *text_out = code >= 0 ? text->data : NULL;
    if (code < 0)
        lks_buffer_free(text);
    else
        *text = (struct lks_buffer){0};
    return code;
}

void lks_answer_key(struct lks_buffer *text, const struct lks_verifier *verifier)
{
    struct lks_buffer line = {0};
    lks_verifier_format(verifier, &line);
    lks_buffer_shown(text, (struct lks_str){line.data, line.size_bytes}, LINE_BYTES_MAX);
    text->failed |= line.failed;
    lks_buffer_free(&line);
}

void lks_answer_key_json(struct lks_json *json, const char *name,
                         const struct lks_verifier *verifier)
{
    struct lks_buffer line = {0};
    lks_verifier_format(verifier, &line);
    lks_json_string(json, name, (struct lks_str){line.data, line.size_bytes});
    json->buffer->failed |= line.failed;
    lks_buffer_free(&line);
}
