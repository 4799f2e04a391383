/* verify_anchors.c - what others said of a log: cosignatures and time stamps, held against the log
 *
 * An anchor is worth what the other is worth who made it. So the witness's key and the authority's
 * certificates that the reader trusts are asked for; those that lie beside the anchor, or that the log
 * names, show only that it fits. */
#include "case/verify_anchors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "vault/disk.h"
#include "vault/timestamp.h"

enum { ANCHOR_BYTES_MAX = 1 << 20 };

/* ---- statements ---- */

static int text_copy(const struct lks_entry *entry, const char *name, char *out, size_t out_bytes)
{
    struct lks_str text;
    if (!lks_statement_text(&entry->statement, name, entry->arena, &text) || text.size_bytes == 0 ||
        text.size_bytes >= out_bytes || memchr(text.data, 0, text.size_bytes))
        return 0;
    memcpy(out, text.data, text.size_bytes);
    out[text.size_bytes] = '\0';
    return 1;
}

int lks_anchor_facts_take(struct lks_anchor_facts *facts, const struct lks_entry *entry,
                          struct lks_error *err)
{
    struct lks_anchor_fact fact = {.leaf = entry->index};
    struct lks_str witness;
    int64_t size;
    if (entry->statement.kind != LKS_STATEMENT_ANCHOR)
        return 0;
    if (!lks_statement_int(&entry->statement, "size", entry->arena, &size) || size < 0 ||
        !text_copy(entry, "file", fact.file, sizeof fact.file) || strchr(fact.file, '/') ||
        !text_copy(entry, "sha256", fact.sha256, sizeof fact.sha256) ||
        !text_copy(entry, "root", fact.root, sizeof fact.root) ||
        (lks_statement_text(&entry->statement, "witness", entry->arena, &witness) &&
         lks_verifier_parse(witness, &fact.witness, NULL) != 0)) {
        facts->unsound_count++;
        return 0;
    }
    fact.size = (uint64_t)size;
    if (facts->count == facts->room) {
        size_t room = facts->room ? 2 * facts->room : 16;
        struct lks_anchor_fact *more = realloc(facts->items, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        facts->items = more;
        facts->room = room;
    }
    facts->items[facts->count++] = fact;
    return 0;
}

void lks_anchor_facts_free(struct lks_anchor_facts *facts)
{
    free(facts->items);
    *facts = (struct lks_anchor_facts){0};
}

/* ---- files ---- */

struct anchoring {
    const struct lks_anchors_verify *verify;
    struct lks_check *check;
    struct lks_buffer checkpoint; /* the one that is spoken of */
    struct lks_buffer bytes;
    unsigned cosignatures, timestamps;
};

static const char *ending_of(enum lks_anchor_form form)
{
    return form == LKS_ANCHOR_COSIGNATURE ? ".cosig"
           : form == LKS_ANCHOR_TIMESTAMP ? ".tsr"
                                          : ".tsq";
}

/* Adds a file of the folder: 1; 0 where it is not there or no file, which the caller tells. */
static int file_get(const struct anchoring *anchoring, const char *name, const char *ending,
                    struct lks_buffer *out, struct lks_error *err)
{
    char path[LKS_DISK_PATH_BYTES];
    struct lks_error inner = {0};
    lks_buffer_clear(out);
    int code = snprintf(path, sizeof path, "%s/%.96s%s", anchoring->verify->folder, name, ending) >=
                       (int)sizeof path
                   ? lks_error_set(&inner, LKS_EARGUMENT, "a path is too long")
                   : lks_disk_get(path, ANCHOR_BYTES_MAX, out, &inner);
    if (code == 0)
        return 1;
    return code == LKS_EMISSING || code == LKS_EINPUT
               ? 0
               : lks_error_set(err, code, "%s", inner.message);
}

static const struct lks_hash *root_at(const struct lks_anchors_verify *verify, uint64_t size)
{
    for (size_t i = 0; i < verify->pasts_count; i++)
        if (verify->pasts[i].size == size && verify->pasts[i].known)
            return &verify->pasts[i].root;
    return NULL;
}

/* Gets the checkpoint of that size, and holds it against the log: 1 where it is one of its states. */
static int checkpoint_get(struct anchoring *anchoring, const struct lks_anchor *anchor,
                          struct lks_error *err)
{
    const struct lks_anchors_verify *verify = anchoring->verify;
    struct lks_checkpoint checkpoint;
    char name[32];
    int held = LKS_EINPUT;
    snprintf(name, sizeof name, "%llu", (unsigned long long)anchor->size);
    int got = file_get(anchoring, name, ".checkpoint", &anchoring->checkpoint, err);
    if (got < 0)
        return got;
    if (!got) /* an answer carries one checkpoint, and what was said of that */
        lks_buffer_append(&anchoring->checkpoint, verify->checkpoint.data,
                          verify->checkpoint.size_bytes);
    if (anchoring->checkpoint.failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    struct lks_str bytes = {anchoring->checkpoint.data, anchoring->checkpoint.size_bytes};
    for (size_t i = 0; held && i < verify->keys->count; i++)
        held = lks_checkpoint_open(bytes, &verify->keys->items[i], &checkpoint, NULL);
    const struct lks_hash *root = held ? NULL : root_at(verify, checkpoint.size);
    if (held || checkpoint.size != anchor->size) {
        lks_check_damaged(anchoring->check,
                          "anchors/%s%s: the checkpoint that it speaks of is not here, or not "
                          "signed by a key of this log",
                          anchor->name, ending_of(anchor->form));
        return 0;
    }
    if (!root || !lks_hash_equal(root, &checkpoint.root)) {
        lks_check_damaged(anchoring->check,
                          "anchors/%s%s: the log here does not continue the state of %llu entries "
                          "that others saw",
                          anchor->name, ending_of(anchor->form), (unsigned long long)anchor->size);
        return 0;
    }
    return 1;
}

static const struct lks_anchor_fact *fact_of(const struct anchoring *anchoring,
                                             const struct lks_anchor *anchor)
{
    const struct lks_anchor_facts *facts = anchoring->verify->facts;
    char file[128];
    snprintf(file, sizeof file, "%s%s", anchor->name, ending_of(anchor->form));
    for (size_t i = facts ? facts->count : 0; i-- > 0;)
        if (strcmp(facts->items[i].file, file) == 0)
            return &facts->items[i];
    return NULL;
}

static void time_text(uint64_t seconds, char text[LKS_TIME_TEXT_BYTES])
{
    if (seconds > (uint64_t)(LKS_TIME_MAX_US / LKS_SECOND_US))
        snprintf(text, LKS_TIME_TEXT_BYTES, "a time of no clock");
    else
        lks_time_format((int64_t)seconds * LKS_SECOND_US, text);
}

/* 1 where the note has a line of that key, good or not. */
static int line_of(const struct lks_note *note, const struct lks_verifier *key)
{
    for (size_t i = 0; i < note->signatures_count; i++)
        if (note->signatures[i].id == key->id &&
            lks_str_equal_text(note->signatures[i].name, key->name))
            return 1;
    return 0;
}

/* The line, under the text that it signs, by a witness that is trusted or at least named. */
static int cosignature_check(struct anchoring *anchoring, const struct lks_anchor *anchor,
                             const struct lks_anchor_fact *fact, struct lks_error *err)
{
    const struct lks_verifiers *trusted = anchoring->verify->request->witnesses;
    struct lks_buffer whole = {0};
    struct lks_note note;
    struct lks_note_signer signer;
    size_t count = 0;
    char time[LKS_TIME_TEXT_BYTES];
    int code = lks_note_parse(
        (struct lks_str){anchoring->checkpoint.data, anchoring->checkpoint.size_bytes}, &note, err);
    if (code)
        return code;
    lks_buffer_append(&whole, note.text.data, note.text.size_bytes);
    lks_buffer_byte(&whole, '\n');
    lks_buffer_append(&whole, anchoring->bytes.data, anchoring->bytes.size_bytes);
    if (whole.failed) {
        lks_buffer_free(&whole);
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    const struct lks_anchor_facts *facts = anchoring->verify->facts;
    size_t trusted_count = trusted ? trusted->count : 0, facts_count = facts ? facts->count : 0;
    int parsed = lks_note_parse((struct lks_str){whole.data, whole.size_bytes}, &note, NULL) == 0;
    int held = 0, matched = 0;
    size_t i = 0;
    for (; parsed && !matched && i < trusted_count + facts_count; i++) {
        const struct lks_verifier *key =
            i < trusted_count ? &trusted->items[i] : &facts->items[i - trusted_count].witness;
        matched = key->name[0] && line_of(&note, key);
        held = matched && lks_note_verify(&note, key, 1, &signer, &count, NULL) == 0;
    }
    if (held) {
        time_text(signer.time_seconds, time);
        anchoring->cosignatures++;
        lks_check_say(anchoring->check, "%s cosigned %llu entries at %s%s", signer.verifier->name,
                      (unsigned long long)anchor->size, time,
                      i <= trusted_count ? "" : " (a witness that only the log names)");
    } else if (parsed && !matched && !fact)
        lks_check_note(anchoring->check, "anchors/%s.cosig is by a witness whose key was not named",
                       anchor->name);
    else
        lks_check_damaged(anchoring->check, "anchors/%s.cosig does not hold", anchor->name);
    lks_buffer_free(&whole);
    return 0;
}

static int timestamp_check(struct anchoring *anchoring, const struct lks_anchor *anchor,
                           struct lks_error *err)
{
    const char *trusted = anchoring->verify->request->authorities;
    struct lks_timestamp stamp;
    struct lks_error inner = {0};
    char path[LKS_DISK_PATH_BYTES], time[LKS_TIME_TEXT_BYTES];
    if (snprintf(path, sizeof path, "%s/%.96s.pem", anchoring->verify->folder, anchor->name) >=
        (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "a path is too long");
    if (!trusted && access(path, R_OK) != 0) {
        lks_check_note(anchoring->check,
                       "anchors/%s.tsr: name the certificates that you trust with --authorities",
                       anchor->name);
        return 0;
    }
    int code = lks_timestamp_check(
        (struct lks_str){anchoring->bytes.data, anchoring->bytes.size_bytes}, LKS_STR_NULL,
        (struct lks_str){anchoring->checkpoint.data, anchoring->checkpoint.size_bytes},
        trusted ? trusted : path, &stamp, &inner);
    if (code == LKS_EIO || code == LKS_EMEMORY)
        return lks_error_set(err, code, "%s", inner.message);
    if (code) {
        lks_check_damaged(anchoring->check, "anchors/%s.tsr: %s", anchor->name, inner.message);
        return 0;
    }
    lks_time_format(stamp.time_us, time);
    anchoring->timestamps++;
    lks_check_say(anchoring->check, "%s stamped %llu entries at %s%s", stamp.authority,
                  (unsigned long long)anchor->size, time,
                  trusted ? "" : " (by certificates that lie beside it)");
    return 0;
}

static int anchor_check(struct anchoring *anchoring, const struct lks_anchor *anchor,
                        struct lks_error *err)
{
    const struct lks_anchor_fact *fact = fact_of(anchoring, anchor);
    unsigned char digest[LKS_SHA256_BYTES];
    char hex[LKS_SHA256_HEX_BYTES];
    if (anchor->form == LKS_ANCHOR_QUERY) {
        lks_check_note(anchoring->check, "anchors/%s.tsq has no answer yet", anchor->name);
        return 0;
    }
    anchoring->check->checked_count++;
    int got = file_get(anchoring, anchor->name, ending_of(anchor->form), &anchoring->bytes, err);
    if (got < 0)
        return got;
    if (!got) {
        lks_check_damaged(anchoring->check, "anchors/%s%s cannot be read", anchor->name,
                          ending_of(anchor->form));
        return 0;
    }
    lks_sha256_of(anchoring->bytes.data ? anchoring->bytes.data : "", anchoring->bytes.size_bytes,
                  digest);
    lks_sha256_hex(digest, hex);
    if (fact && strcmp(hex, fact->sha256) != 0)
        lks_check_damaged(anchoring->check, "anchors/%s%s is not the one that entry %llu logged",
                          anchor->name, ending_of(anchor->form), (unsigned long long)fact->leaf);
    int code = checkpoint_get(anchoring, anchor, err);
    if (code <= 0)
        return code;
    return anchor->form == LKS_ANCHOR_COSIGNATURE ? cosignature_check(anchoring, anchor, fact, err)
                                                  : timestamp_check(anchoring, anchor, err);
}

/* Anchors that entries speak of, and that are not in the folder; roots that they tell. */
static void facts_check(struct anchoring *anchoring)
{
    const struct lks_anchors_verify *verify = anchoring->verify;
    for (size_t i = 0; verify->facts && i < verify->facts->count; i++) {
        const struct lks_anchor_fact *fact = &verify->facts->items[i];
        const struct lks_hash *root = root_at(verify, fact->size);
        char hex[LKS_SHA256_HEX_BYTES];
        int there = 0;
        for (size_t k = 0; !there && k < verify->anchors->count; k++) {
            char file[128];
            snprintf(file, sizeof file, "%s%s", verify->anchors->items[k].name,
                     ending_of(verify->anchors->items[k].form));
            there = strcmp(file, fact->file) == 0;
        }
        if (!there)
            lks_check_missing(anchoring->check, "anchors/%s of entry %llu is not here", fact->file,
                              (unsigned long long)fact->leaf);
        if (!root)
            continue;
        lks_sha256_hex(root->bytes, hex);
        if (strcmp(hex, fact->root) != 0)
            lks_check_damaged(anchoring->check,
                              "entry %llu tells another root of %llu entries than the log had",
                              (unsigned long long)fact->leaf, (unsigned long long)fact->size);
    }
    if (verify->facts && verify->facts->unsound_count)
        lks_check_damaged(anchoring->check, "%llu statements of anchors lack what they must say",
                          (unsigned long long)verify->facts->unsound_count);
}

/* Lines of witnesses in the checkpoint itself. */
static void lines_check(struct anchoring *anchoring)
{
    const struct lks_verifiers *trusted = anchoring->verify->request->witnesses;
    struct lks_note note;
    if (!trusted || lks_note_parse(anchoring->verify->checkpoint, &note, NULL) != 0)
        return;
    for (size_t i = 0; i < trusted->count; i++) {
        struct lks_note_signer signer;
        size_t count;
        char time[LKS_TIME_TEXT_BYTES];
        if (!line_of(&note, &trusted->items[i]))
            continue;
        if (lks_note_verify(&note, &trusted->items[i], 1, &signer, &count, NULL) != 0) {
            lks_check_damaged(anchoring->check, "the line of %s in the checkpoint does not hold",
                              trusted->items[i].name);
            continue;
        }
        time_text(signer.time_seconds, time);
        anchoring->cosignatures++;
        lks_check_say(anchoring->check, "%s cosigned the checkpoint at %s", signer.verifier->name,
                      time);
    }
}

int lks_verify_anchors(struct lks_verification *verification,
                       const struct lks_anchors_verify *verify, struct lks_error *err)
{
    struct anchoring anchoring = {
        .verify = verify, .check = lks_check_start(verification, "anchors", "said by others")};
    int code = 0;
    for (size_t i = 0; code == 0 && i < verify->anchors->count; i++)
        code = anchor_check(&anchoring, &verify->anchors->items[i], err);
    facts_check(&anchoring);
    lines_check(&anchoring);
    if (!anchoring.cosignatures && !anchoring.timestamps)
        lks_check_none(anchoring.check, "nobody else has signed for this log: whoever has its key "
                                        "could have written all of it anew");
    lks_buffer_free(&anchoring.checkpoint);
    lks_buffer_free(&anchoring.bytes);
    return code;
}
