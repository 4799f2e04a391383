/* bundle.c - the answer to a request: frozen in the log, made as a bag, sealed
 *
 * The order of things, so that a crash between any two leaves either nothing or something that the
 * next call takes up: the records' statements and the one over all are committed; the bag grows in
 * CASE/answers/.R1.part, is synced, and gets its name; then the log says that it was sealed. What lies
 * there under the name of an answer that the log does not know was never sealed, and is made again. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case/runs.h"
#include "evidence/answer.h"
#include "evidence/bundle.h"
#include "evidence/request_parts.h"
#include "vault/bag.h"
#include "vault/disk.h"
#include "vault/file_list.h"

struct sealing {
    const struct lks_request_answer_options *options;
    struct lks_bundle bundle;
    struct lks_vault *vault;
    struct lks_request_register now,
        then; /* as the log stands, and as it stood when all was frozen */
    const struct lks_request_answer *sealed; /* the answer is there: its bag is written again */
    char name[64];                           /* "R1", "R1-amendment-1" */
    char part[LKS_CASE_PATH_BYTES], final[LKS_CASE_PATH_BYTES];
    char digest[LKS_SHA256_HEX_BYTES];
    uint64_t leaf;
    struct lks_str *anchors; /* [anchors_count] files that are put into the bag */
    size_t anchors_count;
    int mapping; /* a file of pseudonyms was written */
};

/* ---- folders ---- */

static int entry_remove(const char *path, const struct stat *status, int flag, struct FTW *place)
{
    (void)status, (void)flag, (void)place;
    return remove(path);
}

static void folder_remove(const char *path)
{
    nftw(path, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static int paths_make(struct sealing *sealing, struct lks_error *err)
{
    const struct lks_bundle *bundle = &sealing->bundle;
    char answers[LKS_CASE_PATH_BYTES], name[96];
    if (bundle->number)
        snprintf(sealing->name, sizeof sealing->name, "%s-amendment-%u", sealing->options->id,
                 bundle->number);
    else
        snprintf(sealing->name, sizeof sealing->name, "%s", sealing->options->id);
    int code = lks_case_path(bundle->case_path, NULL, "answers", answers, err);
    if (code == 0 && mkdir(answers, 0700) != 0 && errno != EEXIST)
        code = lks_error_system(err, answers, "cannot be made");
    snprintf(name, sizeof name, "answers/.%s.part", sealing->name);
    if (code == 0)
        code = lks_case_path(bundle->case_path, NULL, name, sealing->part, err);
    snprintf(name, sizeof name, "answers/%s", sealing->name);
    if (code == 0 && sealing->options->output)
        code = snprintf(sealing->final, sizeof sealing->final, "%s", sealing->options->output) <
                       (int)sizeof sealing->final
                   ? 0
                   : lks_error_set(err, LKS_EARGUMENT, "the path of the output is too long");
    else if (code == 0)
        code = lks_case_path(bundle->case_path, NULL, name, sealing->final, err);
    if (code == 0 && sealing->options->output &&
        snprintf(sealing->part, sizeof sealing->part, "%s.part", sealing->options->output) >=
            (int)sizeof sealing->part)
        code = lks_error_set(err, LKS_EARGUMENT, "the path of the output is too long");
    return code;
}

/* ---- which answer ---- */

struct derive {
    const char *needle;
    uint64_t leaf;
};

static int derive_take(void *context, uint64_t index, struct lks_str bytes, struct lks_error *err)
{
    struct derive *derive = context;
    (void)err;
    if (memmem(bytes.data, bytes.size_bytes, "\"kind\":\"derive\"", 15) &&
        memmem(bytes.data, bytes.size_bytes, derive->needle, strlen(derive->needle)))
        derive->leaf = index;
    return 0;
}

/* The entry that tells of the run. */
static int derive_find(struct sealing *sealing, struct lks_error *err)
{
    char needle[32];
    struct derive derive = {needle, UINT64_MAX};
    uint64_t size = lks_vault_size(sealing->vault);
    snprintf(needle, sizeof needle, "\"run\":\"%s\"", sealing->bundle.run);
    int code = size ? lks_log_entries(lks_vault_folder(sealing->vault), size, 0, size, derive_take,
                                      &derive, err)
                    : 0;
    sealing->bundle.derive = derive.leaf;
    return code;
}

static int profile_take(struct sealing *sealing, struct lks_error *err)
{
    const char *profile = sealing->options->profile;
    int recipient = lks_recipient_parse(lks_str_from(profile ? profile : ""));
    if (recipient < 0)
        return lks_error_set(err, LKS_EARGUMENT,
                             "for whom? The profile is authority, researcher or public");
    return lks_profile_start(&sealing->bundle.profile, (enum lks_recipient)recipient, err);
}

/* Questions of the amended answer are those of the register with the corrections. */
static int questions_check(const struct sealing *sealing, struct lks_error *err)
{
    const struct lks_bundle *bundle = &sealing->bundle;
    unsigned open = 0;
    for (size_t i = 0; i < bundle->request->questions_count; i++)
        open += bundle->entry->replies[i].leaf == UINT64_MAX;
    if (open)
        return lks_error_set(
            err, LKS_EARGUMENT,
            "request %s: %u question%s neither an answer nor a reason why there is "
            "none ('lockstep request reply')",
            sealing->options->id, open, open == 1 ? " has" : "s have");
    return 0;
}

static int which_check(struct sealing *sealing, struct lks_error *err)
{
    const struct lks_request_answer_options *options = sealing->options;
    struct lks_bundle *bundle = &sealing->bundle;
    size_t count = bundle->entry->answers_count;
    if (options->output) {
        size_t wanted = options->amends ? count - 1 : 0;
        if (count <= wanted || (options->amends && count < 2))
            return lks_error_set(err, LKS_EMISSING, "request %s has no such answer that was sealed",
                                 options->id);
        sealing->sealed = &bundle->entry->answers[wanted];
        bundle->number = sealing->sealed->number;
        return 0;
    }
    if (!options->amends && count)
        return lks_error_set(err, LKS_EARGUMENT,
                             "request %s was answered (entry %llu); a correction is an amendment",
                             options->id, (unsigned long long)bundle->entry->answers[0].leaf);
    if (options->amends && !count)
        return lks_error_set(err, LKS_EARGUMENT, "request %s was not answered yet", options->id);
    if (options->amends && !(options->why && *options->why))
        return lks_error_set(err, LKS_EARGUMENT, "an amendment says why");
    bundle->number = (unsigned)count;
    return questions_check(sealing, err);
}

/* An amendment speaks of the same people as the answer: by the same pseudonyms. */
static int key_keep(struct sealing *sealing, struct lks_error *err)
{
    struct lks_bundle *bundle = &sealing->bundle;
    struct lks_bundle before = {.case_path = bundle->case_path};
    if (!bundle->number || !bundle->profile.pseudonyms)
        return 0;
    int code = lks_bundle_thaw(&before, bundle->entry->answers[0].frozen, err);
    if (code == 0 && before.profile.pseudonyms)
        memcpy(bundle->profile.names.key, before.profile.names.key,
               sizeof bundle->profile.names.key);
    lks_profile_free(&before.profile);
    lks_arena_free(&before.arena);
    return code;
}

/* Whether what was frozen before is still what would be frozen now. */
static int frozen_fits(struct sealing *sealing, struct lks_store *store, int *fits,
                       struct lks_error *err)
{
    struct lks_bundle *bundle = &sealing->bundle;
    const struct lks_request_answer *frozen = &bundle->entry->frozen;
    struct lks_bundle_choice choice;
    *fits = 0;
    if (!frozen->size || frozen->number != bundle->number ||
        !lks_str_equal_text(frozen->run, bundle->run) ||
        !lks_str_equal_text(frozen->profile, lks_recipient_names[bundle->profile.recipient]))
        return 0;
    for (size_t i = 0; i < bundle->request->questions_count; i++)
        if (bundle->entry->replies[i].leaf > frozen->first)
            return 0;
    int code = lks_bundle_choose(store, &bundle->entry->scope, bundle->control, &choice, err);
    if (code == 0)
        code = lks_bundle_thaw(bundle, frozen->frozen, err);
    if (code == 0)
        *fits = choice.posts_count == bundle->counts[LKS_ANSWER_POST] &&
                choice.accounts_count == bundle->counts[LKS_ANSWER_ACCOUNT] &&
                choice.payments_count == bundle->counts[LKS_ANSWER_PAYMENT];
    lks_bundle_choice_free(&choice);
    return code;
}

static int freeze(struct sealing *sealing, struct lks_error *err)
{
    struct lks_bundle *bundle = &sealing->bundle;
    struct lks_store *store = NULL;
    int fits = 0,
        code = lks_case_run_find(bundle->case_path, sealing->options->run, bundle->run, err);
    if (code == 0)
        code = profile_take(sealing, err);
    if (code == 0)
        code = lks_case_open(bundle->case_path, bundle->control, &store, err);
    if (code == 0)
        code = frozen_fits(sealing, store, &fits, err);
    if (code == 0 && !fits) {
        lks_profile_free(&bundle->profile); /* another dossier, another key */
        code = profile_take(sealing, err);
    }
    if (code == 0 && !fits)
        code = key_keep(sealing, err);
    if (code == 0 && !fits)
        code = derive_find(sealing, err);
    if (code == 0 && !fits)
        code = lks_bundle_freeze(bundle, store, sealing->vault, err);
    if (code == 0 && !fits) /* from now on, what the log says */
        code = lks_bundle_thaw(bundle, bundle->frozen, err);
    lks_store_close(store);
    return code;
}

/* From here on the register is the one that stood when all was frozen. */
static int then_read(struct sealing *sealing, struct lks_error *err)
{
    struct lks_bundle *bundle = &sealing->bundle;
    int code =
        lks_request_register_read_until(bundle->case_path, bundle->first, &sealing->then, err);
    if (code == 0)
        code = lks_request_register_find(&sealing->then, sealing->options->id, &bundle->request,
                                         &bundle->entry, err);
    if (code == 0)
        code = questions_check(sealing, err);
    if (code == 0 && bundle->entry->answers_count < bundle->number)
        code = lks_error_set(err, LKS_EINPUT, "the amendment was frozen before the answer");
    return code;
}

/* ---- the bag ---- */

static int anchor_copy(const struct sealing *sealing, const char *name, struct lks_error *err)
{
    char from[LKS_CASE_PATH_BYTES], to[LKS_CASE_PATH_BYTES], path[300];
    struct lks_buffer bytes = {0};
    snprintf(path, sizeof path, "anchors/%s", name);
    int code = lks_vault_path(sealing->bundle.case_path, path, from, err);
    if (code == 0)
        code = lks_disk_get(from, 1 << 20, &bytes, err);
    if (code == 0 && snprintf(to, sizeof to, "%s/" LKS_ANSWER_ANCHORS "/%s", sealing->part, name) >=
                         (int)sizeof to)
        code = lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    if (code == 0)
        code = lks_disk_put(to, bytes.data, bytes.size_bytes, 0666, err);
    lks_buffer_free(&bytes);
    return code;
}

static int name_ends(const char *name, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);
    return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

/* What others said of the log at the size at which all was frozen. */
static int anchors_find(struct sealing *sealing, struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES], prefix[32];
    struct lks_file_list list = {0};
    struct lks_bundle *bundle = &sealing->bundle;
    int code = lks_vault_path(bundle->case_path, "anchors", folder, err);
    if (code || access(folder, F_OK) != 0)
        return code;
    snprintf(prefix, sizeof prefix, "%llu.", (unsigned long long)bundle->frozen + 1);
    code = lks_file_list_make(folder, &list, err);
    if (code == 0 && !(sealing->anchors = lks_arena_calloc(&bundle->arena, list.count + 1,
                                                           sizeof *sealing->anchors)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < list.count; i++) {
        const char *name = list.files[i].path;
        if (strncmp(name, prefix, strlen(prefix)) != 0 || strchr(name, '/') || strlen(name) > 200 ||
            !list.files[i].plain ||
            !(name_ends(name, ".tsr") || name_ends(name, ".pem") || name_ends(name, ".cosig")))
            continue;
        sealing->anchors[sealing->anchors_count++] =
            lks_arena_str(&bundle->arena, lks_str_from(name));
    }
    lks_file_list_free(&list);
    return code;
}

/* Which they were was logged when the answer was sealed: later ones do not change the bag. */
static int anchors_copy(struct sealing *sealing, struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES];
    const struct lks_str *names = sealing->sealed ? sealing->sealed->anchors : NULL;
    size_t count = sealing->sealed ? sealing->sealed->anchors_count : 0;
    int code = sealing->sealed ? 0 : anchors_find(sealing, err);
    if (!sealing->sealed) {
        names = sealing->anchors;
        count = sealing->anchors_count;
    }
    if (code == 0 && count) {
        if (snprintf(folder, sizeof folder, "%s/" LKS_ANSWER_ANCHORS, sealing->part) >=
            (int)sizeof folder)
            code = lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
        else if (mkdir(folder, 0777) != 0)
            code = lks_error_system(err, folder, "cannot be made");
    }
    for (size_t i = 0; code == 0 && i < count; i++)
        code = names[i].data && !strchr(names[i].data, '/')
                   ? anchor_copy(sealing, names[i].data, err)
                   : lks_error_set(err, LKS_EINPUT, "an anchor has no name");
    return code;
}

static int bag_make(struct sealing *sealing, struct lks_error *err)
{
    const struct lks_bundle *bundle = &sealing->bundle;
    char date[LKS_TIME_TEXT_BYTES], agent[64];
    lks_time_format(bundle->frozen_us, date);
    date[10] = '\0';
    snprintf(agent, sizeof agent, "lockstep %s", lks_version());
    const struct lks_bag_info infos[] = {
        {"Bagging-Date", date},
        {"Bag-Software-Agent", agent},
        {"External-Identifier", sealing->name},
        {"Bag-Group-Identifier", sealing->options->id},
        {"Internal-Sender-Description",
         bundle->synthetic ? "synthetic data, about nobody" : "an answer to an authority"},
    };
    return lks_bag_make(sealing->part, infos, sizeof infos / sizeof *infos, bundle->control, err);
}

static int digest_take(struct sealing *sealing, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES + 64];
    unsigned char digest[LKS_SHA256_BYTES];
    struct lks_buffer bytes = {0};
    snprintf(path, sizeof path, "%s/tagmanifest-sha512.txt", sealing->part);
    int code = lks_disk_get(path, 1 << 20, &bytes, err);
    if (code == 0) {
        lks_sha256_of(bytes.data, bytes.size_bytes, digest);
        lks_sha256_hex(digest, sealing->digest);
    }
    lks_buffer_free(&bytes);
    return code;
}

/* Thousands of files: one sync of their file system instead of one for each. */
static int part_sync(const struct sealing *sealing, struct lks_error *err)
{
    int folder = open(sealing->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code = 0;
    if (folder < 0 || syncfs(folder) != 0)
        code = lks_error_system(err, sealing->part, "cannot be made durable");
    if (folder >= 0)
        close(folder);
    return code;
}

static int bag_build(struct sealing *sealing, struct lks_error *err)
{
    struct lks_bundle *bundle = &sealing->bundle;
    folder_remove(sealing->part); /* of a call that was cut off */
    int code = mkdir(sealing->part, 0777) == 0
                   ? 0
                   : lks_error_system(err, sealing->part, "cannot be made");
    if (code == 0)
        code = lks_bundle_log(bundle, sealing->vault, sealing->part, err);
    if (code == 0)
        code = anchors_copy(sealing, err);
    if (code == 0)
        code = lks_bundle_findings(bundle, sealing->part, err);
    if (code == 0)
        code = lks_bundle_words(bundle, sealing->vault, sealing->part, err);
    if (code == 0)
        code = lks_bundle_manifest(bundle, sealing->vault, sealing->part, err);
    if (code == 0)
        code = bag_make(sealing, err);
    if (code == 0)
        code = digest_take(sealing, err);
    if (code == 0)
        code = part_sync(sealing, err);
    return code;
}

static int bag_place(struct sealing *sealing, struct lks_error *err)
{
    char parent[LKS_DISK_PATH_BYTES];
    if (!sealing->options->output)
        folder_remove(sealing->final); /* never sealed, or the log would know it */
    if (rename(sealing->part, sealing->final) != 0)
        return lks_error_system(err, sealing->final, "cannot be put in place");
    int code = lks_disk_parent(sealing->final, parent, err);
    return code ? code : lks_disk_folder_sync(parent, err);
}

/* ---- sealing ---- */

/* The mapping lies outside the bag, for its owner alone, and the log says that it was made. */
static int mapping_put(struct sealing *sealing, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    struct lks_buffer text = {0};
    char name[96], path[LKS_CASE_PATH_BYTES], hex[LKS_SHA256_HEX_BYTES];
    unsigned char digest[LKS_SHA256_BYTES];
    struct lks_bundle *bundle = &sealing->bundle;
    if (!bundle->profile.pseudonyms)
        return 0;
    snprintf(name, sizeof name, "answers/%s.mapping.csv", sealing->name);
    int code = lks_pseudonyms_mapping(&bundle->profile.names, &text, err);
    if (code == 0)
        code = lks_case_path(bundle->case_path, NULL, name, path, err);
    if (code == 0)
        code = lks_disk_put(path, text.data, text.size_bytes, 0600, err);
    sealing->mapping = code == 0;
    if (code == 0) {
        lks_sha256_of(text.data, text.size_bytes, digest);
        lks_sha256_hex(digest, hex);
        lks_vault_start(sealing->vault, &writer, LKS_STATEMENT_DISCLOSE);
        lks_canon_text(&writer.canon, "what", LKS_ANSWER_MAPPING);
        lks_canon_string(&writer.canon, "request", bundle->request->id);
        lks_canon_int(&writer.canon, "number", bundle->number);
        lks_canon_int(&writer.canon, "frozen", (int64_t)bundle->frozen);
        lks_statement_hide(&writer, "sha256", lks_str_from(hex));
        code = lks_vault_record(sealing->vault, &writer, NULL, err);
    }
    lks_buffer_free(&text);
    return code;
}

static int seal(struct sealing *sealing, struct lks_error *err)
{
    struct lks_bundle *bundle = &sealing->bundle;
    const struct lks_request_answer answer = {
        .number = bundle->number,
        .frozen = bundle->frozen,
        .size = bundle->frozen + 1,
        .run = lks_str_from(bundle->run),
        .profile = lks_str_from(lks_recipient_names[bundle->profile.recipient]),
        .digest = lks_str_from(sealing->digest),
        .why = bundle->why,
        .anchors = sealing->anchors,
        .anchors_count = sealing->anchors_count,
    };
    int code = mapping_put(sealing, err);
    if (code == 0)
        code = bag_place(sealing, err);
    if (code == 0)
        code = lks_request_answer_record(
            sealing->vault, bundle->request->id, &answer,
            bundle->number ? &bundle->entry->answers[bundle->number - 1] : NULL, &sealing->leaf,
            err);
    if (code == 0)
        code = lks_vault_commit(sealing->vault, err);
    if (code)
        folder_remove(sealing->final);
    return code;
}

static int again(struct sealing *sealing, struct lks_error *err)
{
    if (!lks_str_equal_text(sealing->sealed->digest, sealing->digest))
        return lks_error_set(err, LKS_EINPUT,
                             "the bag that is written now is not the one that was sealed at entry "
                             "%llu: another key, another version of lockstep, or other results",
                             (unsigned long long)sealing->sealed->leaf);
    if (access(sealing->final, F_OK) == 0)
        return lks_error_set(err, LKS_EARGUMENT, "%s is there already", sealing->final);
    sealing->leaf = sealing->sealed->leaf;
    return bag_place(sealing, err);
}

static void tell(const struct sealing *sealing, int as_json, struct lks_buffer *out)
{
    const struct lks_bundle *bundle = &sealing->bundle;
    int frozen_only = sealing->options->freeze;
    if (as_json) {
        struct lks_json json = {.buffer = out};
        lks_json_object(&json, NULL);
        lks_json_text(&json, "request", sealing->options->id);
        lks_json_uint(&json, "number", bundle->number);
        lks_json_text(&json, "bag", frozen_only ? NULL : sealing->final);
        lks_json_uint(&json, "frozen", bundle->frozen);
        lks_json_key(&json, "leaf");
        if (frozen_only)
            lks_json_null(&json, NULL);
        else
            lks_json_uint(&json, NULL, sealing->leaf);
        lks_json_text(&json, "tagmanifest_sha256", frozen_only ? NULL : sealing->digest);
        for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++) {
            lks_json_uint(&json, lks_answer_file_names[i], bundle->counts[i]);
        }
        lks_json_object_end(&json);
        lks_buffer_byte(out, '\n');
        return;
    }
    char counts[LKS_ANSWER_COUNTS_BYTES];
    lks_answer_counts_format(bundle->counts, counts);
    lks_buffer_format(out, "%s: each a statement in the log, frozen at entry %llu.\n", counts,
                      (unsigned long long)bundle->frozen);
    if (frozen_only)
        return;
    lks_buffer_format(out, "%s %s, entry %llu of the log: ",
                      sealing->sealed  ? "Written again as sealed for"
                      : bundle->number ? "Amended"
                                       : "Answered",
                      sealing->options->id, (unsigned long long)sealing->leaf);
    lks_buffer_shown(out, lks_str_from(sealing->final), LKS_CASE_PATH_BYTES);
    lks_buffer_format(out, "\nIts digest (SHA-256 of tagmanifest-sha512.txt): %s\n",
                      sealing->digest);
    if (sealing->mapping)
        lks_buffer_format(out, "The pseudonyms: answers/%s.mapping.csv, not part of the bag.\n",
                          sealing->name);
}

static int answer_run(struct sealing *sealing, struct lks_error *err)
{
    struct lks_bundle *bundle = &sealing->bundle;
    const struct lks_request_answer_options *options = sealing->options;
    int code = lks_vault_open(bundle->case_path, bundle->control, NULL, &sealing->vault, err);
    if (code == 0)
        code = lks_request_register_read(bundle->case_path, &sealing->now, err);
    if (code == 0)
        code = lks_request_register_find(&sealing->now, options->id, &bundle->request,
                                         &bundle->entry, err);
    if (code == 0)
        code = which_check(sealing, err);
    if (code == 0)
        code = sealing->sealed ? lks_bundle_thaw(bundle, sealing->sealed->frozen, err)
                               : freeze(sealing, err);
    if (code || options->freeze)
        return code;
    bundle->why = sealing->sealed ? sealing->sealed->why : lks_str_from(options->why);
    code = then_read(sealing, err);
    if (code == 0)
        code = paths_make(sealing, err);
    if (code == 0)
        code = bag_build(sealing, err);
    if (code == 0)
        code = sealing->sealed ? again(sealing, err) : seal(sealing, err);
    if (code && sealing->part[0])
        folder_remove(sealing->part);
    return code;
}

int lks_request_answer(const char *case_path, const struct lks_request_answer_options *options,
                       int as_json, const struct lks_control *control, char **text_out,
                       struct lks_error *err)
{
    struct sealing sealing = {.options = options,
                              .bundle = {.case_path = case_path, .control = control}};
    struct lks_buffer text = {0};
    int code = lks_request_case_check(case_path, err);
    if (code == 0)
        code = answer_run(&sealing, err);
    if (code == 0)
        tell(&sealing, as_json, &text);
    lks_vault_close(sealing.vault);
    lks_request_register_free(&sealing.now);
    lks_request_register_free(&sealing.then);
    lks_profile_free(&sealing.bundle.profile);
    lks_arena_free(&sealing.bundle.arena);
    return lks_answer_give(&text, code, text_out, err);
}
