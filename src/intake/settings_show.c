/* settings_show.c - a case's settings among the options that a run shows */
#include <stdlib.h>

#include "intake/settings.h"

struct shown {
    struct lks_results *results;
    uint32_t capacity;
    struct lks_buffer value;
    int failed;
};

static void option_put(struct shown *shown, const char *name, const char *meaning)
{
    struct lks_results *results = shown->results;
    struct lks_arena *arena = &results->arena;
    if (!shown->value.size_bytes || shown->failed)
        return;
    LKS_ASSERT(results->options_count < shown->capacity);
    struct lks_option_text *option = &results->options[results->options_count++];
    option->name = lks_arena_str(arena, lks_str_from(name));
    option->meaning = lks_arena_str(arena, lks_str_from(meaning));
    option->value =
        lks_arena_str(arena, (struct lks_str){shown->value.data, shown->value.size_bytes});
    shown->failed =
        shown->value.failed || !option->name.data || !option->value.data || !option->meaning.data;
    lks_buffer_clear(&shown->value);
}

static void text_add(struct shown *shown, struct lks_str text, const char *between)
{
    if (shown->value.size_bytes)
        lks_buffer_text(&shown->value, between);
    lks_buffer_append(&shown->value, text.data, text.size_bytes);
}

static void list_put(struct shown *shown, const struct lks_setting_list *list, const char *name,
                     const char *meaning)
{
    for (size_t i = 0; i < list->count; i++)
        text_add(shown, list->items[i], ", ");
    option_put(shown, name, meaning);
}

static void day_add(struct shown *shown, int64_t day_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_time_format(day_us, text);
    lks_buffer_format(&shown->value, " %.10s", text);
}

static void dates_put(struct shown *shown, const struct lks_settings *settings)
{
    for (size_t i = 0; i < settings->dates_count; i++) {
        text_add(shown, settings->dates[i].name, "; ");
        day_add(shown, settings->dates[i].day_us);
    }
    option_put(shown, "case.dates", "days that matter, by case.toml");
}

static void beneficiaries_put(struct shown *shown, const struct lks_settings *settings)
{
    for (size_t i = 0; i < settings->beneficiaries_count; i++) {
        const struct lks_setting_beneficiary *who = &settings->beneficiaries[i];
        text_add(shown, who->name, "; ");
        for (size_t j = 0; j < who->names.count + who->accounts.count; j++) {
            lks_buffer_text(&shown->value, j ? ", " : " (");
            struct lks_str name = j < who->names.count ? who->names.items[j]
                                                       : who->accounts.items[j - who->names.count];
            lks_buffer_append(&shown->value, name.data, name.size_bytes);
        }
        if (who->names.count + who->accounts.count)
            lks_buffer_text(&shown->value, ")");
    }
    option_put(shown, "case.beneficiaries", "whom it may be about, by case.toml");
}

static void rates_put(struct shown *shown, const struct lks_settings *settings)
{
    for (size_t i = 0; i < settings->rates_count; i++) {
        const struct lks_setting_rate *rate = &settings->rates[i];
        char number[LKS_MONEY_TEXT_BYTES];
        lks_money_format(rate->rate_nano, 9, number);
        for (size_t end = strlen(number); number[end - 1] == '0'; end--)
            number[end - 1] = 0; /* it ends at a digit or at the point */
        if (number[strlen(number) - 1] == '.')
            number[strlen(number) - 1] = 0;
        lks_buffer_format(&shown->value, "%s1 %s = %s %s", i ? "; " : "", rate->from, number,
                          rate->to);
        if (rate->day_us != LKS_TIME_NULL)
            day_add(shown, rate->day_us);
        if (rate->source.data)
            lks_buffer_format(&shown->value, " (%.*s)", (int)rate->source.size_bytes,
                              rate->source.data);
    }
    option_put(shown, "case.rates", "for converting money, by case.toml");
}

static void reported_put(struct shown *shown, const struct lks_settings *settings)
{
    for (size_t i = 0; i < settings->reported_count; i++) {
        const struct lks_setting_reported *sum = &settings->reported[i];
        char amount[LKS_MONEY_TEXT_BYTES];
        lks_money_format(sum->amount_minor,
                         lks_currency_exponent(lks_str_from(sum->currency), NULL), amount);
        text_add(shown, sum->name, "; ");
        lks_buffer_format(&shown->value, " %s %s", amount, sum->currency);
    }
    option_put(shown, "case.reported", "sums that were reported elsewhere, by case.toml");
}

static void zones_put(struct shown *shown, const struct lks_settings *settings)
{
    for (size_t i = 0; i < settings->zones_count; i++) {
        const struct lks_source_zone *zone = &settings->zones[i];
        int64_t minutes =
            (zone->offset_us < 0 ? -zone->offset_us : zone->offset_us) / LKS_MINUTE_US;
        lks_buffer_format(&shown->value, "%s%s %c%02d:%02d", i ? ", " : "", zone->adapter,
                          zone->offset_us < 0 ? '-' : '+', (int)(minutes / 60),
                          (int)(minutes % 60));
    }
    option_put(shown, "case.zones", "of times written without one, by format, by case.toml");
}

/* The options' array once more, with room for these. */
static int room_make(struct shown *shown)
{
    enum { OPTIONS = 13 };
    struct lks_results *results = shown->results;
    shown->capacity = results->options_count + OPTIONS;
    struct lks_option_text *options =
        lks_arena_calloc(&results->arena, shown->capacity, sizeof *options);
    if (!options)
        return LKS_EMEMORY;
    if (results->options_count)
        memcpy(options, results->options, results->options_count * sizeof *options);
    results->options = options;
    return 0;
}

int lks_settings_show(const struct lks_settings *settings, struct lks_results *results,
                      struct lks_error *err)
{
    struct shown shown = {.results = results};
    if (!settings->there)
        return 0;
    if (room_make(&shown) != 0)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    text_add(&shown, settings->title, "");
    option_put(&shown, "case.title", "by case.toml");
    list_put(&shown, &settings->languages, "case.languages", "of the posts, by case.toml");
    list_put(&shown, &settings->newsrooms, "case.newsrooms",
             "accounts that are known to be newsrooms, by case.toml");
    list_put(&shown, &settings->topic_terms, "case.topic.terms",
             "words of the topic, by case.toml");
    list_put(&shown, &settings->topic_tags, "case.topic.tags", "tags of the topic, by case.toml");
    text_add(&shown, settings->windows, "");
    option_put(&shown, "case.windows", "by case.toml; --window on the command line comes first");
    zones_put(&shown, settings);
    dates_put(&shown, settings);
    beneficiaries_put(&shown, settings);
    rates_put(&shown, settings);
    reported_put(&shown, settings);
    list_put(&shown, &settings->disclosure, "case.promotion.disclosure",
             "marks of paid posts beside those that are known, by case.toml");
    lks_buffer_free(&shown.value);
    return shown.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}
