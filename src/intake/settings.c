/* settings.c - what a case is about: CASE/case.toml, written by the analyst
 *
 * Strict: a name that is not known is an error, since a misspelt setting would be one that is
 * silently not in force. The names of each table stand in one list, from which the suggestion
 * for a misspelt one is taken too. */
#include "intake/settings.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/toml.h"
#include "case/case.h"
#include "source/zone.h"

enum { NAMES_MAX = 48, NAME_BYTES_MAX = 40 };

struct reading {
    const char *name;
    struct lks_settings *settings;
    struct lks_buffer windows;
    unsigned table_number; /* of the row that is being filled */
    int64_t window_all_us;
};

static int memory_out(const struct reading *reading, struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", reading->name);
}

static int bad(const struct reading *reading, const struct lks_toml_item *item, const char *what,
               struct lks_error *err)
{
    return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: %.*s %s", reading->name, item->line,
                         (int)(item->key.size_bytes < 60 ? item->key.size_bytes : 60),
                         item->key.data ? item->key.data : "", what);
}

/* ---- names that are not known ---- */

/* Letters to change, add or take away (Levenshtein), in one row; long names are far from all. */
static unsigned distance(struct lks_str a, const char *b)
{
    unsigned row[NAME_BYTES_MAX + 1];
    size_t size = strlen(b);
    if (a.size_bytes > NAME_BYTES_MAX || size > NAME_BYTES_MAX)
        return NAME_BYTES_MAX;
    for (size_t j = 0; j <= size; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a.size_bytes; i++) {
        unsigned before = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= size; j++) {
            unsigned change = before + (a.data[i - 1] != b[j - 1]);
            unsigned least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            before = row[j];
            row[j] = change < least ? change : least;
        }
    }
    return row[size];
}

/* The index of name among the NULL-ended names; else LKS_EARGUMENT, with the nearest of them. */
static int name_find(const struct reading *reading, unsigned line, const char *what,
                     struct lks_str name, const char *const *names, struct lks_error *err)
{
    const char *nearest = NULL;
    unsigned least = 4;
    char all[512] = "";
    size_t used = 0;
    for (int i = 0; names[i]; i++) {
        unsigned d = distance(name, names[i]);
        if (d == 0)
            return i;
        if (d < least) {
            least = d;
            nearest = names[i];
        }
        if (used < sizeof all)
            used +=
                (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    }
    int shown = (int)(name.size_bytes < 60 ? name.size_bytes : 60);
    if (nearest)
        return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: '%.*s' is no %s; is '%s' meant?",
                             reading->name, line, shown, name.data, what, nearest);
    return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: '%.*s' is no %s; known are %s",
                         reading->name, line, shown, name.data, what, all);
}

/* ---- values ---- */

static int text_take(const struct reading *reading, const struct lks_toml_item *item,
                     struct lks_str *out, struct lks_error *err)
{
    if (item->type != LKS_TOML_STRING)
        return bad(reading, item, "must be a text between quotes", err);
    *out = lks_arena_str(&reading->settings->arena, item->value);
    return out->data ? 0 : memory_out(reading, err);
}

static int list_take(const struct reading *reading, const struct lks_toml_item *item,
                     struct lks_setting_list *out, struct lks_error *err)
{
    struct lks_arena *arena = &reading->settings->arena;
    if (item->type != LKS_TOML_ARRAY)
        return bad(reading, item, "must be a list: [\"one\", \"two\"]", err);
    out->items = lks_arena_calloc(arena, item->elements_count + 1, sizeof *out->items);
    if (!out->items)
        return memory_out(reading, err);
    for (size_t i = 0; i < item->elements_count; i++) {
        if (item->element_types[i] != LKS_TOML_STRING || !item->elements[i].size_bytes)
            return bad(reading, item, "must hold texts between quotes", err);
        out->items[i] = lks_arena_str(arena, item->elements[i]);
        if (!out->items[i].data)
            return memory_out(reading, err);
    }
    out->count = item->elements_count;
    return 0;
}

static int day_take(const struct reading *reading, const struct lks_toml_item *item, int64_t *out,
                    struct lks_error *err)
{
    enum lks_time_precision precision;
    bool time = item->type == LKS_TOML_TIME || item->type == LKS_TOML_STRING;
    if (!time || lks_time_parse_iso(item->value, out, &precision, NULL) != 0 ||
        precision != LKS_PRECISION_DAY)
        return bad(reading, item, "must be a day: 2024-11-24", err);
    return 0;
}

static int currency_take(const struct reading *reading, const struct lks_toml_item *item,
                         const char **out, struct lks_error *err)
{
    return item->type == LKS_TOML_STRING && lks_currency_exponent(item->value, out) >= 0
               ? 0
               : bad(reading, item, "must be a currency: \"EUR\"", err);
}

/* "1.0850" or 1.0850, exactly, above 0, as 10^-9. */
static int rate_take(const struct reading *reading, const struct lks_toml_item *item, int64_t *out,
                     struct lks_error *err)
{
    enum { DECIMALS = 9 };
    bool number = item->type == LKS_TOML_NUMBER || item->type == LKS_TOML_STRING;
    int64_t value = 0;
    int decimals = -1;
    for (size_t i = 0; number && i < item->value.size_bytes; i++) {
        char c = item->value.data[i];
        if (c == '.' && decimals < 0 && i > 0) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9' || decimals == DECIMALS || value > INT64_MAX / 100)
            number = false;
        value = value * 10 + (c - '0');
        decimals += decimals >= 0;
    }
    for (int i = decimals < 0 ? 0 : decimals; number && i < DECIMALS; i++)
        number = !__builtin_mul_overflow(value, (int64_t)10, &value);
    *out = value;
    return number && value > 0
               ? 0
               : bad(reading, item, "must be a number above 0 with at most nine decimals", err);
}

/* ---- tables ---- */

enum table {
    ROOT,
    CASE,
    TOPIC,
    WINDOWS,
    ZONES,
    PROMOTION,
    RETENTION,
    RETENTION_PLATFORMS,
    DATE,
    BENEFICIARY,
    RATE,
    REPORTED
};
static const char *const table_names[] = {
    "case", "topic",       "windows", "zones",    "promotion", "retention", "retention_platforms",
    "date", "beneficiary", "rate",    "reported", "cues",      NULL};

static int windows_item(struct reading *reading, const struct lks_toml_item *item,
                        struct lks_error *err)
{
    const char *names[NAMES_MAX + 1] = {"all"};
    int64_t span_us;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        names[kind + 1] = lks_object_kind_names[kind];
    int index = name_find(reading, item->line, "kind of object", item->key, names, err);
    if (index < 0)
        return index;
    if (item->type != LKS_TOML_STRING || lks_span_parse(item->value, &span_us) != 0)
        return bad(reading, item, "must be a span: \"60s\", \"1h\"", err);
    /* A window for all kinds stands before those for one, wherever it was written. */
    if (index == 0)
        reading->window_all_us = span_us;
    else
        lks_buffer_format(&reading->windows, ",%s=%.*s", names[index], (int)item->value.size_bytes,
                          item->value.data);
    return 0;
}

static int zones_item(struct reading *reading, const struct lks_toml_item *item,
                      struct lks_error *err)
{
    struct lks_settings *settings = reading->settings;
    const char *names[NAMES_MAX + 1] = {NULL};
    for (size_t i = 0; lks_adapters[i] && i < NAMES_MAX; i++)
        names[i] = lks_adapters[i]->name;
    int index = name_find(reading, item->line, "format", item->key, names, err);
    if (index < 0)
        return index;
    struct lks_source_zone *zone = &settings->zones[settings->zones_count];
    zone->adapter = names[index];
    if (item->type != LKS_TOML_STRING || lks_zone_parse(item->value, &zone->offset_us) != 0)
        return bad(reading, item, "must be an offset from UTC: \"+02:00\"", err);
    settings->zones_count++;
    return 0;
}

static int case_item(struct reading *reading, const struct lks_toml_item *item,
                     struct lks_error *err)
{
    static const char *const names[] = {"title", "languages", "newsrooms", NULL};
    int index = name_find(reading, item->line, "setting of [case]", item->key, names, err);
    if (index < 0)
        return index;
    struct lks_settings *settings = reading->settings;
    return index == 0 ? text_take(reading, item, &settings->title, err)
                      : list_take(reading, item,
                                  index == 1 ? &settings->languages : &settings->newsrooms, err);
}

static int topic_item(struct reading *reading, const struct lks_toml_item *item,
                      struct lks_error *err)
{
    static const char *const names[] = {"terms", "tags", NULL};
    int index = name_find(reading, item->line, "setting of [topic]", item->key, names, err);
    if (index < 0)
        return index;
    return list_take(reading, item,
                     index == 0 ? &reading->settings->topic_terms : &reading->settings->topic_tags,
                     err);
}

static int date_item(struct reading *reading, const struct lks_toml_item *item,
                     struct lks_error *err)
{
    static const char *const names[] = {"name", "day", NULL};
    struct lks_setting_date *date = &reading->settings->dates[reading->settings->dates_count - 1];
    int index = name_find(reading, item->line, "setting of [[date]]", item->key, names, err);
    if (index < 0)
        return index;
    return index == 0 ? text_take(reading, item, &date->name, err)
                      : day_take(reading, item, &date->day_us, err);
}

static int beneficiary_item(struct reading *reading, const struct lks_toml_item *item,
                            struct lks_error *err)
{
    static const char *const names[] = {"name", "names", "accounts", NULL};
    struct lks_settings *settings = reading->settings;
    struct lks_setting_beneficiary *who =
        &settings->beneficiaries[settings->beneficiaries_count - 1];
    int index = name_find(reading, item->line, "setting of [[beneficiary]]", item->key, names, err);
    if (index < 0)
        return index;
    return index == 0 ? text_take(reading, item, &who->name, err)
                      : list_take(reading, item, index == 1 ? &who->names : &who->accounts, err);
}

static int rate_item(struct reading *reading, const struct lks_toml_item *item,
                     struct lks_error *err)
{
    static const char *const names[] = {"from", "to", "rate", "day", "source", NULL};
    struct lks_setting_rate *rate = &reading->settings->rates[reading->settings->rates_count - 1];
    int index = name_find(reading, item->line, "setting of [[rate]]", item->key, names, err);
    switch (index) {
    case 0:
        return currency_take(reading, item, &rate->from, err);
    case 1:
        return currency_take(reading, item, &rate->to, err);
    case 2:
        return rate_take(reading, item, &rate->rate_nano, err);
    case 3:
        return day_take(reading, item, &rate->day_us, err);
    case 4:
        return text_take(reading, item, &rate->source, err);
    default:
        return index;
    }
}

static int age_take(struct reading *reading, const struct lks_toml_item *item, struct lks_age *age,
                    struct lks_error *err)
{
    if (item->type != LKS_TOML_STRING || lks_age_parse(item->value, age) != 0)
        return bad(reading, item, "must be an age: \"2y\", \"6mo\", \"90d\"", err);
    return 0;
}

static int retention_item(struct reading *reading, const struct lks_toml_item *item,
                          struct lks_error *err)
{
    struct lks_retention *retention = &reading->settings->retention;
    const char *names[NAMES_MAX + 1] = {"keep", "payment"};
    for (int kind = 0; kind < LKS_POST_KINDS_COUNT; kind++)
        names[kind + 2] = lks_post_kind_names[kind];
    int index = name_find(reading, item->line, "setting of [retention]", item->key, names, err);
    if (index < 0)
        return index;
    return age_take(reading, item,
                    index == 0   ? &retention->keep
                    : index == 1 ? &retention->payments
                                 : &retention->kinds[index - 2],
                    err);
}

static int retention_platforms_item(struct reading *reading, const struct lks_toml_item *item,
                                    struct lks_error *err)
{
    struct lks_retention *retention = &reading->settings->retention;
    if (retention->platforms_count == LKS_RETENTION_PLATFORMS_MAX)
        return bad(reading, item, "is one platform too many", err);
    size_t at = retention->platforms_count++;
    retention->platforms[at].platform = lks_arena_str(&reading->settings->arena, item->key);
    if (!retention->platforms[at].platform.data)
        return memory_out(reading, err);
    return age_take(reading, item, &retention->platforms[at].age, err);
}

static int promotion_item(struct reading *reading, const struct lks_toml_item *item,
                          struct lks_error *err)
{
    static const char *const names[] = {"disclosure", NULL};
    int index = name_find(reading, item->line, "setting of [promotion]", item->key, names, err);
    return index < 0 ? index : list_take(reading, item, &reading->settings->disclosure, err);
}

static int reported_item(struct reading *reading, const struct lks_toml_item *item,
                         struct lks_error *err)
{
    static const char *const names[] = {"name", "amount", "currency", "payer", "method", NULL};
    struct lks_settings *settings = reading->settings;
    struct lks_setting_reported *sum = &settings->reported[settings->reported_count - 1];
    int index = name_find(reading, item->line, "setting of [[reported]]", item->key, names, err);
    switch (index) {
    case 0:
        return text_take(reading, item, &sum->name, err);
    case 1:
        if (item->type != LKS_TOML_STRING)
            return bad(reading, item, "must be an amount between quotes: \"381000.00\"", err);
        return text_take(reading, item, &sum->amount, err);
    case 2:
        return currency_take(reading, item, &sum->currency, err);
    case 3:
        return text_take(reading, item, &sum->payer, err);
    case 4:
        return text_take(reading, item, &sum->method, err);
    default:
        return index;
    }
}

/* The amount of the last reported sum, which needs its currency first. */
static const char *reported_finish(struct lks_setting_reported *sum)
{
    if (!sum->name.data || !sum->amount.data || !sum->currency)
        return "a [[reported]] needs name, amount and currency";
    int exponent = lks_currency_exponent(lks_str_from(sum->currency), NULL);
    return lks_money_parse(sum->amount, exponent, &sum->amount_minor) == LKS_MONEY_OK
               ? NULL
               : "the amount of a [[reported]] cannot be read";
}

/* Whether the last row of a repeated table has what it needs. */
static int rows_check(const struct reading *reading, unsigned line, struct lks_error *err)
{
    const struct lks_settings *s = reading->settings;
    const char *lacking = NULL;
    if (s->dates_count && (!s->dates[s->dates_count - 1].name.data ||
                           s->dates[s->dates_count - 1].day_us == LKS_TIME_NULL))
        lacking = "a [[date]] needs name and day";
    if (s->beneficiaries_count && !s->beneficiaries[s->beneficiaries_count - 1].name.data)
        lacking = "a [[beneficiary]] needs a name";
    if (s->rates_count && (!s->rates[s->rates_count - 1].from || !s->rates[s->rates_count - 1].to ||
                           !s->rates[s->rates_count - 1].rate_nano))
        lacking = "a [[rate]] needs from, to and rate";
    if (!lacking && s->reported_count)
        lacking = reported_finish(&s->reported[s->reported_count - 1]);
    return lacking ? lks_error_set(err, LKS_EARGUMENT, "%s: above line %u: %s", reading->name, line,
                                   lacking)
                   : 0;
}

static int table_open(struct reading *reading, const struct lks_toml_item *item, enum table table,
                      struct lks_error *err)
{
    struct lks_settings *s = reading->settings;
    int repeats = table >= DATE;
    int code = rows_check(reading, item->line, err);
    if (code)
        return code;
    if (repeats != item->repeated)
        return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: write %s%.*s%s", reading->name,
                             item->line, repeats ? "[[" : "[", (int)item->table.size_bytes,
                             item->table.data, repeats ? "]]" : "]");
    size_t *count = table == DATE          ? &s->dates_count
                    : table == BENEFICIARY ? &s->beneficiaries_count
                    : table == RATE        ? &s->rates_count
                                           : &s->reported_count;
    if (!repeats)
        return 0;
    if (*count == LKS_SETTINGS_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "%s: line %u: more than %d [[%.*s]]",
                             reading->name, item->line, LKS_SETTINGS_MAX,
                             (int)item->table.size_bytes, item->table.data);
    if (table == DATE)
        s->dates[*count].day_us = LKS_TIME_NULL;
    if (table == RATE)
        s->rates[*count].day_us = LKS_TIME_NULL;
    ++*count;
    return 0;
}

static int item_found(void *context, const struct lks_toml_item *item, struct lks_error *err)
{
    struct reading *reading = context;
    int (*const takers[])(struct reading *, const struct lks_toml_item *,
                          struct lks_error *) = {[CASE] = case_item,
                                                 [TOPIC] = topic_item,
                                                 [WINDOWS] = windows_item,
                                                 [ZONES] = zones_item,
                                                 [PROMOTION] = promotion_item,
                                                 [RETENTION] = retention_item,
                                                 [RETENTION_PLATFORMS] = retention_platforms_item,
                                                 [DATE] = date_item,
                                                 [BENEFICIARY] = beneficiary_item,
                                                 [RATE] = rate_item,
                                                 [REPORTED] = reported_item};
    if (!item->table.size_bytes)
        return lks_error_set(err, LKS_EARGUMENT,
                             "%s: line %u: a setting stands before the first table, as [case]",
                             reading->name, item->line);
    int table = name_find(reading, item->line, "table of a case", item->table, table_names, err);
    if (table < 0)
        return table;
    if (lks_str_equal_text(item->table, "cues")) /* read by lks_cues_load */
        return 0;
    table++; /* ROOT has no name */
    return item->key.data ? takers[table](reading, item, err)
                          : table_open(reading, item, (enum table)table, err);
}

int lks_settings_parse(const char *name, struct lks_str text, struct lks_settings *settings,
                       struct lks_error *err)
{
    struct reading reading = {.name = name, .settings = settings, .window_all_us = -1};
    struct lks_buffer all = {0};
    *settings = (struct lks_settings){0};
    struct lks_arena *arena = &settings->arena;
    settings->there = 1;
    settings->zones = lks_arena_calloc(arena, NAMES_MAX, sizeof *settings->zones);
    settings->dates = lks_arena_calloc(arena, LKS_SETTINGS_MAX, sizeof *settings->dates);
    settings->beneficiaries =
        lks_arena_calloc(arena, LKS_SETTINGS_MAX, sizeof *settings->beneficiaries);
    settings->rates = lks_arena_calloc(arena, LKS_SETTINGS_MAX, sizeof *settings->rates);
    settings->reported = lks_arena_calloc(arena, LKS_SETTINGS_MAX, sizeof *settings->reported);
    if (!settings->zones || !settings->dates || !settings->beneficiaries || !settings->rates ||
        !settings->reported)
        return memory_out(&reading, err);
    int code = lks_toml_read(name, text, item_found, &reading, err);
    if (code == 0)
        code = rows_check(&reading, UINT32_MAX, err);
    if (code == 0 && (reading.window_all_us >= 0 || reading.windows.size_bytes)) {
        char span[LKS_TIME_TEXT_BYTES] = "";
        if (reading.window_all_us >= 0)
            lks_span_format(reading.window_all_us, span);
        lks_buffer_text(&all, span);
        size_t skip = reading.window_all_us < 0; /* the first comma */
        if (reading.windows.size_bytes)
            lks_buffer_append(&all, reading.windows.data + skip, reading.windows.size_bytes - skip);
        settings->windows = lks_arena_str(arena, (struct lks_str){all.data, all.size_bytes});
        if (all.failed || reading.windows.failed || !settings->windows.data)
            code = memory_out(&reading, err);
    }
    lks_buffer_free(&reading.windows);
    lks_buffer_free(&all);
    return code;
}

int lks_settings_read(const char *case_path, struct lks_settings *settings, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    struct lks_arena arena = {0};
    struct lks_str text;
    struct stat status;
    *settings = (struct lks_settings){0};
    int code = lks_case_path(case_path, NULL, "case.toml", path, err);
    if (code)
        return code;
    if (stat(path, &status) != 0 && errno == ENOENT)
        return 0;
    code = lks_toml_load(path, &arena, &text, err);
    if (code == 0)
        code = lks_settings_parse(path, text, settings, err);
    lks_arena_free(&arena);
    return code;
}

void lks_settings_free(struct lks_settings *settings)
{
    lks_arena_free(&settings->arena);
    *settings = (struct lks_settings){0};
}
