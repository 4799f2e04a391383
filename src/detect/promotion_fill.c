/* promotion_fill.c - scripts of a run: from the case's posts to results that stand for themselves */
#include "detect/promotion_fill.h"

#include <inttypes.h>
#include <stdlib.h>

#include "detect/fill_parts.h"
#include "detect/promotion_parts.h"

enum { TEXT_BYTES_SHOWN = 600 };

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for scripts");
}

/* At most so many bytes, cut between characters. */
static struct lks_str cut(struct lks_str text)
{
    if (text.size_bytes > TEXT_BYTES_SHOWN) {
        text.size_bytes = TEXT_BYTES_SHOWN;
        while (text.size_bytes && ((unsigned char)text.data[text.size_bytes] & 0xc0) == 0x80)
            text.size_bytes--;
    }
    return text;
}

static struct lks_str kept(struct lks_arena *arena, struct lks_buffer *text)
{
    struct lks_str copy = text->failed
                              ? LKS_STR_NULL
                              : lks_arena_str(arena, (struct lks_str){text->data ? text->data : "",
                                                                      text->size_bytes});
    lks_buffer_free(text);
    return copy;
}

static int index_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Sorted and without doubles; how many are left. */
static size_t indexes_sort(uint32_t *indexes, size_t count)
{
    size_t distinct = 0;
    qsort(indexes, count, sizeof *indexes, index_order);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || indexes[i] != indexes[i - 1])
            indexes[distinct++] = indexes[i];
    return distinct;
}

static size_t index_place(const uint32_t *indexes, size_t count, uint32_t index)
{
    const uint32_t *found = bsearch(&index, indexes, count, sizeof *indexes, index_order);
    LKS_ASSERT(found);
    return (size_t)(found - indexes);
}

/* ---- what speaks for and against innocent explanations ---- */

static void measured_write(const struct lks_result_script *script, struct lks_buffer *text)
{
    const struct lks_script *item = &script->item;
    lks_buffer_format(
        text,
        "Copied trend or template: the middle post has %.0f %% of words of its own, in "
        "%" PRIu32 " wordings of %" PRIu32 " posts",
        100 * item->own_share_median, item->wordings_count, item->posts_count);
    if (script->objects[LKS_SCRIPT_SOUND].data)
        lks_buffer_format(text, "; the same sound is under %" PRIu32,
                          item->objects[LKS_SCRIPT_SOUND].posts_count);
    lks_buffer_format(text,
                      ". News or syndication: %" PRIu32 " of %" PRIu32 " accounts are verified",
                      script->verified_count, item->accounts_count);
    if (script->objects[LKS_SCRIPT_LINK].data)
        lks_buffer_format(text, ", %" PRIu32 " posts have the same link",
                          item->objects[LKS_SCRIPT_LINK].posts_count);
    lks_buffer_format(
        text,
        ". Group or community: of %" PRIu32 " accounts whose other acts can be seen, %" PRIu32
        " act with others of the script elsewhere too. Open campaign: %" PRIu32 " of %" PRIu32
        " posts say that they are paid for.",
        item->tie_observable_count, item->tied_count, item->disclosed_count, item->posts_count);
}

static int objects_name(struct lks_promoting *promoting, struct lks_result_script *script)
{
    for (int kind = 0; kind < LKS_SCRIPT_OBJECTS_COUNT; kind++) {
        uint32_t object = script->item.objects[kind].object;
        if (object == UINT32_MAX)
            continue;
        script->objects[kind] =
            lks_arena_str(&promoting->results->arena, lks_store_object(promoting->store, object));
        if (!script->objects[kind].data)
            return LKS_EMEMORY;
    }
    return 0;
}

static int script_take(struct lks_promoting *promoting, const struct lks_promotion *found,
                       uint32_t number, const struct lks_post *centre)
{
    struct lks_arena *arena = &promoting->results->arena;
    struct lks_result_script *script = &promoting->results->scripts[number];
    struct lks_buffer text = {0};
    *script = (struct lks_result_script){.item = found->scripts[number]};
    for (uint32_t m = 0; m < script->item.accounts_count; m++) {
        uint32_t account = found->members[script->item.members_first + m].account;
        script->paid_count += promoting->paid[account];
        script->finding_count += promoting->finding[account] != UINT32_MAX;
        script->verified_count += promoting->account_verified[account] == 1;
    }
    if (objects_name(promoting, script) != 0)
        return LKS_EMEMORY;
    lks_buffer_format(&text, "S%" PRIu32, number + 1);
    script->id = kept(arena, &text);
    measured_write(script, &text);
    script->measured = kept(arena, &text);
    script->post_key = lks_arena_str(arena, centre->post_key);
    struct lks_str words = centre->text.size_bytes ? centre->text : centre->transcript;
    script->text = lks_arena_str(arena, words.data ? cut(words) : LKS_STR(""));
    return script->id.data && script->measured.data && script->post_key.data && script->text.data
               ? 0
               : LKS_EMEMORY;
}

/* The first post of each member in its script, by place of the member. */
static void first_posts(const struct lks_promoting *promoting, const struct lks_promotion *found,
                        uint32_t *first)
{
    for (size_t i = 0; i < found->members_count; i++) {
        const struct lks_script_member *member = &found->members[i];
        const struct lks_script *script = &found->scripts[member->script];
        for (uint32_t p = 0; p < script->posts_count; p++) {
            uint32_t post = found->posts[script->posts_first + p].post;
            if (promoting->events->post_account[post] != member->account)
                continue;
            first[i] = post; /* posts lie in order of time */
            break;
        }
    }
}

static int teller_order(const void *a, const void *b)
{
    const struct lks_result_teller *x = a, *y = b;
    if (x->item.script != y->item.script)
        return x->item.script < y->item.script ? -1 : 1;
    if (x->item.log10_p != y->item.log10_p)
        return x->item.log10_p < y->item.log10_p ? -1 : 1;
    return (x->item.account > y->item.account) - (x->item.account < y->item.account);
}

struct looked_up {
    struct lks_arena arena; /* of posts */
    uint32_t *accounts, *posts, *first;
    size_t accounts_count, posts_count;
    struct lks_account *account;
    struct lks_post *post;
};

static int look_up(struct lks_promoting *promoting, const struct lks_promotion *found,
                   struct looked_up *up, struct lks_error *err)
{
    size_t members = found->members_count, scripts = found->scripts_count;
    up->accounts = lks_arena_calloc(&up->arena, members + 1, sizeof *up->accounts);
    up->first = lks_arena_calloc(&up->arena, members + 1, sizeof *up->first);
    up->posts = lks_arena_calloc(&up->arena, members + scripts + 1, sizeof *up->posts);
    uint32_t *files = lks_arena_calloc(&up->arena, members + scripts + 1, sizeof *files);
    up->post = lks_arena_calloc(&up->arena, members + scripts + 1, sizeof *up->post);
    up->account = lks_arena_calloc(&up->arena, members + 1, sizeof *up->account);
    if (!up->accounts || !up->first || !up->posts || !files || !up->post || !up->account)
        return out_of_memory(err);
    first_posts(promoting, found, up->first);
    for (size_t i = 0; i < members; i++) {
        up->accounts[i] = found->members[i].account;
        up->posts[i] = up->first[i];
    }
    for (size_t i = 0; i < scripts; i++)
        up->posts[members + i] = found->scripts[i].centre_post;
    up->accounts_count = indexes_sort(up->accounts, members);
    up->posts_count = indexes_sort(up->posts, members + scripts);
    int code = lks_store_accounts(promoting->store, up->accounts, up->accounts_count,
                                  &promoting->results->arena, up->account, NULL, err);
    return code ? code
                : lks_store_posts(promoting->store, up->posts, up->posts_count, &up->arena,
                                  up->post, files, err);
}

static int scripts_take(struct lks_promoting *promoting, const struct lks_promotion *found,
                        struct lks_error *err)
{
    struct lks_results *results = promoting->results;
    struct looked_up up = {0};
    results->scripts =
        lks_arena_calloc(&results->arena, found->scripts_count + 1, sizeof *results->scripts);
    results->tellers =
        lks_arena_calloc(&results->arena, found->members_count + 1, sizeof *results->tellers);
    int code = results->scripts && results->tellers ? look_up(promoting, found, &up, err)
                                                    : out_of_memory(err);
    for (uint32_t i = 0; code == 0 && i < found->scripts_count; i++) {
        size_t at = index_place(up.posts, up.posts_count, found->scripts[i].centre_post);
        if (script_take(promoting, found, i, &up.post[at]) != 0)
            code = out_of_memory(err);
    }
    for (size_t i = 0; code == 0 && i < found->members_count; i++) {
        const struct lks_script_member *member = &found->members[i];
        struct lks_result_teller *teller = &results->tellers[i];
        *teller = (struct lks_result_teller){
            .item = *member,
            .account = up.account[index_place(up.accounts, up.accounts_count, member->account)],
            .post_key =
                lks_arena_str(&results->arena,
                              up.post[index_place(up.posts, up.posts_count, up.first[i])].post_key),
            .finding = promoting->finding[member->account],
            .paid = promoting->paid[member->account]};
        if (!teller->post_key.data)
            code = out_of_memory(err);
    }
    if (code == 0) {
        qsort(results->tellers, found->members_count, sizeof *results->tellers, teller_order);
        results->scripts_count = (uint32_t)found->scripts_count;
        results->tellers_count = (uint32_t)found->members_count;
    }
    lks_arena_free(&up.arena);
    return code;
}

int lks_scripts_fill(struct lks_promoting *promoting, struct lks_error *err)
{
    struct lks_results *results = promoting->results;
    struct lks_promotion found;
    struct lks_promotion_options options = lks_promotion_options_default();
    struct lks_promotion_input input = {.events = promoting->events,
                                        .posts = promoting->own.script_posts,
                                        .posts_count = promoting->own.script_count,
                                        .phrases = promoting->own.phrases};
    options.seed = results->seed;
    int code = lks_promotion_run(&input, &options, promoting->control, &found, err);
    if (code)
        return code;
    const char *why = !input.posts_count ? "no account published a text of its own"
                      : found.short_data ? "the posts span less than two days: no window of a "
                                           "campaign could stand out"
                                         : "";
    results->promotion.unobservable = lks_arena_str(&results->arena, lks_str_from(why));
    results->promotion.accounts_tested = found.accounts_tested;
    results->promotion.families_tested = found.families_tested;
    results->promotion.flagged_count = found.flagged_count;
    results->promotion.controls_count = found.controls_count;
    results->promotion.control_flagged = found.control_flagged;
    results->promotion.topic_known = promoting->own.topic_known;
    if (!results->promotion.unobservable.data)
        code = out_of_memory(err);
    if (code == 0)
        code = scripts_take(promoting, &found, err);
    for (size_t i = 0; code == 0 && i < found.posts_count; i++)
        lks_own_post_find(&promoting->own, found.posts[i].post)->script = found.posts[i].script + 1;
    lks_promotion_free(&found);
    return code;
}

int lks_promotion_fill(struct lks_store *store, const struct lks_settings *settings,
                       const struct lks_events *events, const int8_t *account_verified,
                       const struct lks_analysis *analysis, const struct lks_control *control,
                       struct lks_results *results, struct lks_error *err)
{
    uint32_t *finding = lks_account_findings(analysis, events->accounts_count);
    struct lks_promoting promoting = {.store = store,
                                      .settings = settings,
                                      .events = events,
                                      .account_verified = account_verified,
                                      .finding = finding,
                                      .control = control,
                                      .results = results};
    promoting.paid = calloc((size_t)events->accounts_count + 1, 1);
    int code = finding && promoting.paid ? 0 : out_of_memory(err);
    if (code == 0)
        code = lks_ledger_load(&promoting, err);
    if (code == 0)
        code = lks_own_posts_load(&promoting, err);
    if (code == 0)
        code = lks_scripts_fill(&promoting, err);
    if (code == 0)
        code = lks_ledger_fill(&promoting, err);
    lks_own_posts_free(&promoting.own);
    lks_arena_free(&promoting.arena);
    free(promoting.paid);
    free(finding);
    return code;
}
