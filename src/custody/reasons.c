/* reasons.c - statements of reasons: checked as the database checks them, and beyond; written
 *
 * The lists are those of the EU's transparency database (its schema of 1 July 2025). The database
 * counts characters; it knows nothing of what is personal, of which dates make sense together
 * across fields, nor of a PUID that was used before: those are checked here. */
#include "custody/reasons.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/time.h"
#include "base/utf8.h"

/* clang-format off */
static const char *const visibilities[] = {"DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED", "DECISION_VISIBILITY_CONTENT_DEMOTED", "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED", "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED", "DECISION_VISIBILITY_CONTENT_LABELLED", "DECISION_VISIBILITY_OTHER", NULL};
static const char *const monetaries[] = {"DECISION_MONETARY_SUSPENSION", "DECISION_MONETARY_TERMINATION", "DECISION_MONETARY_OTHER", NULL};
static const char *const provisions[] = {"DECISION_PROVISION_PARTIAL_SUSPENSION", "DECISION_PROVISION_TOTAL_SUSPENSION", "DECISION_PROVISION_PARTIAL_TERMINATION", "DECISION_PROVISION_TOTAL_TERMINATION", NULL};
static const char *const accounts[] = {"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED", NULL};
static const char *const account_types[] = {"ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE", NULL};
static const char *const grounds[] = {"DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT", NULL};
static const char *const content_types[] = {"CONTENT_TYPE_APP", "CONTENT_TYPE_AUDIO", "CONTENT_TYPE_IMAGE", "CONTENT_TYPE_PRODUCT", "CONTENT_TYPE_SYNTHETIC_MEDIA", "CONTENT_TYPE_TEXT", "CONTENT_TYPE_VIDEO", "CONTENT_TYPE_OTHER", NULL};
static const char *const categories[] = {"STATEMENT_CATEGORY_ANIMAL_WELFARE", "STATEMENT_CATEGORY_CONSUMER_INFORMATION", "STATEMENT_CATEGORY_CYBER_VIOLENCE", "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN", "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS", "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", "STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "STATEMENT_CATEGORY_PROTECTION_OF_MINORS", "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "STATEMENT_CATEGORY_SELF_HARM", "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS", "STATEMENT_CATEGORY_VIOLENCE", NULL};
static const char *const keywords[] = {"KEYWORD_ADULT_SEXUAL_MATERIAL", "KEYWORD_AGE_SPECIFIC_RESTRICTIONS", "KEYWORD_AGE_SPECIFIC_RESTRICTIONS_MINORS", "KEYWORD_ANIMAL_HARM", "KEYWORD_BIOMETRIC_DATA_BREACH", "KEYWORD_BULLYING_AGAINST_GIRLS", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE", "KEYWORD_CONTENT_PROMOTING_EATING_DISORDERS", "KEYWORD_COORDINATED_HARM", "KEYWORD_COPYRIGHT_INFRINGEMENT", "KEYWORD_CYBER_BULLYING_INTIMIDATION", "KEYWORD_CYBER_HARASSMENT", "KEYWORD_CYBER_HARASSMENT_AGAINST_WOMEN", "KEYWORD_CYBER_INCITEMENT", "KEYWORD_CYBER_STALKING", "KEYWORD_CYBER_STALKING_AGAINST_WOMEN", "KEYWORD_DATA_FALSIFICATION", "KEYWORD_DEFAMATION", "KEYWORD_DESIGN_INFRINGEMENT", "KEYWORD_DISCRIMINATION", "KEYWORD_FEMALE_GENDERED_DISINFORMATION", "KEYWORD_GEOGRAPHIC_INDICATIONS_INFRINGEMENT", "KEYWORD_GEOGRAPHICAL_REQUIREMENTS", "KEYWORD_GOODS_SERVICES_NOT_PERMITTED", "KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS", "KEYWORD_HATE_SPEECH", "KEYWORD_HIDDEN_ADVERTISEMENT", "KEYWORD_HUMAN_EXPLOITATION", "KEYWORD_HUMAN_TRAFFICKING", "KEYWORD_ILLEGAL_ORGANIZATIONS", "KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING", "KEYWORD_INAUTHENTIC_ACCOUNTS", "KEYWORD_INAUTHENTIC_LISTINGS", "KEYWORD_INAUTHENTIC_USER_REVIEWS", "KEYWORD_INCITEMENT_AGAINST_WOMEN", "KEYWORD_INCITEMENT_VIOLENCE_HATRED", "KEYWORD_INSUFFICIENT_INFORMATION_ON_TRADERS", "KEYWORD_LANGUAGE_REQUIREMENTS", "KEYWORD_MISINFORMATION_DISINFORMATION", "KEYWORD_MISLEADING_INFO_CONSUMER_RIGHTS", "KEYWORD_MISLEADING_INFO_GOODS_SERVICES", "KEYWORD_MISSING_PROCESSING_GROUND", "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING", "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN", "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE", "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN", "KEYWORD_NONCOMPLIANCE_PRICING", "KEYWORD_NUDITY", "KEYWORD_PATENT_INFRINGEMENT", "KEYWORD_PHISHING", "KEYWORD_PROHIBITED_PRODUCTS", "KEYWORD_PYRAMID_SCHEMES", "KEYWORD_RIGHT_TO_BE_FORGOTTEN", "KEYWORD_RISK_ENVIRONMENTAL_DAMAGE", "KEYWORD_RISK_PUBLIC_HEALTH", "KEYWORD_SELF_MUTILATION", "KEYWORD_STALKING", "KEYWORD_SUICIDE", "KEYWORD_TERRORIST_CONTENT", "KEYWORD_TRADE_SECRET_INFRINGEMENT", "KEYWORD_TRADEMARK_INFRINGEMENT", "KEYWORD_TRAFFICKING_WOMEN_GIRLS", "KEYWORD_UNLAWFUL_SALE_ANIMALS", "KEYWORD_UNSAFE_CHALLENGES", "KEYWORD_UNSAFE_PRODUCTS", "KEYWORD_VIOLATION_EU_LAW", "KEYWORD_VIOLATION_NATIONAL_LAW", "KEYWORD_OTHER", NULL};
static const char *const source_types[] = {"SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY", NULL};
static const char *const territories[] = {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", NULL};
static const char *const languages[] = {"AB", "AA", "AF", "AK", "SQ", "AM", "AR", "AN", "HY", "AS", "AV", "AE", "AY", "AZ", "BM", "BA", "EU", "BE", "BN", "BH", "BI", "BS", "BR", "BG", "MY", "CA", "KM", "CH", "CE", "NY", "ZH", "CU", "CV", "KW", "CO", "CR", "HR", "CS", "DA", "DV", "NL", "DZ", "EN", "EO", "ET", "EE", "FO", "FJ", "FI", "FR", "FF", "GD", "GL", "LG", "KA", "DE", "KI", "EL", "KL", "GN", "GU", "HT", "HA", "HE", "HZ", "HI", "HO", "HU", "IS", "IO", "IG", "ID", "IA", "IE", "IU", "IK", "GA", "IT", "JA", "JV", "KN", "KR", "KS", "KK", "RW", "KV", "KG", "KO", "KJ", "KU", "KY", "LO", "LA", "LV", "LB", "LI", "LN", "LT", "LU", "MK", "MG", "MS", "ML", "MT", "GV", "MI", "MR", "MH", "RO", "MN", "NA", "NV", "ND", "NG", "NE", "SE", "NO", "NB", "NN", "II", "OC", "OJ", "OR", "OM", "OS", "PI", "PA", "PS", "FA", "PL", "PT", "QU", "RM", "RN", "RU", "SM", "SG", "SA", "SC", "SR", "SN", "SD", "SI", "SK", "SL", "SO", "ST", "NR", "ES", "SU", "SW", "SS", "SV", "TL", "TY", "TG", "TA", "TT", "TE", "TH", "BO", "TI", "TO", "TS", "TN", "TR", "TK", "TW", "UG", "UK", "UR", "UZ", "VE", "VI", "VO", "WA", "CY", "FY", "WO", "XH", "YI", "YO", "ZA", "ZU", NULL};
/* clang-format on */

enum { SHORT_MAX = 500, EXPLANATION_MAX = 2000, FACTS_MAX = 5000, PERSONAL_BYTES_MIN = 3 };

#define LAST_DATE "2038-01-01"

const char *lks_reasons_detection(const struct lks_decision_path *path)
{
    return path->found_by_run && !path->found_by_notice ? "Yes" : "No";
}

const char *lks_reasons_decision(const struct lks_decision_path *path)
{
    if (path->proposed_by_rule)
        return path->people_count ? "AUTOMATED_DECISION_PARTIALLY" : "AUTOMATED_DECISION_FULLY";
    return path->people_count ? "AUTOMATED_DECISION_NOT_AUTOMATED" : NULL;
}

/* ---- single fields ---- */

static int known(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return 1;
    return 0;
}

static int one_of(const char *field, const char *const *list, const char *name, int needed,
                  struct lks_error *err)
{
    if (!name)
        return needed ? lks_error_set(err, LKS_EINPUT, "%s is missing", field) : 0;
    return known(list, name)
               ? 0
               : lks_error_set(err, LKS_EINPUT, "%s: '%.80s' is not on the list", field, name);
}

static int all_of(const char *field, const char *const *list, const char *const *names, int needed,
                  struct lks_error *err)
{
    if (!names[0] && needed)
        return lks_error_set(err, LKS_EINPUT, "%s is missing", field);
    for (size_t i = 0; names[i]; i++) {
        LKS_ASSERT(i < LKS_REASONS_LIST_MAX);
        int code = one_of(field, list, names[i], 1, err);
        for (size_t j = 0; code == 0 && j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                code = lks_error_set(err, LKS_EINPUT, "%s names %s twice", field, names[i]);
        if (code)
            return code;
    }
    return 0;
}

static int has(const char *const *names, const char *name)
{
    return known(names, name);
}

/* Characters, not bytes; 0 and nothing else for what is no UTF-8. */
static int characters(const char *text, size_t *count)
{
    struct lks_str str = lks_str_from(text);
    *count = 0;
    for (size_t at = 0; at < str.size_bytes; ++*count) {
        uint32_t c;
        at += lks_utf8_next(str, at, &c);
        if (c == LKS_UTF8_BAD)
            return 0;
    }
    return 1;
}

static int text_fits(const char *field, const char *text, size_t most, int needed,
                     struct lks_error *err)
{
    size_t count;
    if (!text || !*text)
        return needed ? lks_error_set(err, LKS_EINPUT, "%s is missing", field) : 0;
    if (!characters(text, &count))
        return lks_error_set(err, LKS_EINPUT, "%s is no UTF-8", field);
    if (count > most)
        return lks_error_set(err, LKS_EINPUT, "%s has %zu characters; %zu are allowed", field,
                             count, most);
    return 0;
}

/* A text that explains OTHER stands beside OTHER, and nowhere else. */
static int other_text(const char *field, const char *text, int other, struct lks_error *err)
{
    if (!other && text)
        return lks_error_set(err, LKS_EINPUT, "%s stands where OTHER was not chosen", field);
    return text_fits(field, text, SHORT_MAX, other, err);
}

static int date_fits(const char *field, const char *date, const char *least, int needed,
                     struct lks_error *err)
{
    enum lks_time_precision precision;
    int64_t time_us;
    if (!date)
        return needed ? lks_error_set(err, LKS_EINPUT, "%s is missing", field) : 0;
    if (strlen(date) != 10 ||
        lks_time_parse_iso(lks_str_from(date), &time_us, &precision, NULL) != 0 ||
        precision != LKS_PRECISION_DAY)
        return lks_error_set(err, LKS_EINPUT, "%s: '%.20s' is no date", field, date);
    if (strcmp(date, least) < 0 || strcmp(date, LAST_DATE) > 0) /* ISO dates sort as text */
        return lks_error_set(err, LKS_EINPUT, "%s lies outside %s to " LAST_DATE, field, least);
    return 0;
}

/* ---- the whole ---- */

static int decisions_check(const struct lks_reasons *r, struct lks_error *err)
{
    int code = all_of("decision_visibility", visibilities, r->decision_visibility, 0, err);
    if (code == 0)
        code = one_of("decision_monetary", monetaries, r->decision_monetary, 0, err);
    if (code == 0)
        code = one_of("decision_provision", provisions, r->decision_provision, 0, err);
    if (code == 0)
        code = one_of("decision_account", accounts, r->decision_account, 0, err);
    if (code == 0)
        code = one_of("account_type", account_types, r->account_type, 0, err);
    if (code == 0 && !r->decision_visibility[0] && !r->decision_monetary &&
        !r->decision_provision && !r->decision_account)
        code = lks_error_set(err, LKS_EINPUT, "no decision is stated");
    if (code == 0)
        code = other_text("decision_visibility_other", r->decision_visibility_other,
                          has(r->decision_visibility, "DECISION_VISIBILITY_OTHER"), err);
    if (code == 0)
        code = other_text("decision_monetary_other", r->decision_monetary_other,
                          r->decision_monetary &&
                              strcmp(r->decision_monetary, "DECISION_MONETARY_OTHER") == 0,
                          err);
    return code;
}

static int grounds_check(const struct lks_reasons *r, struct lks_error *err)
{
    int code = one_of("decision_ground", grounds, r->decision_ground, 1, err);
    if (code)
        return code;
    int illegal = strcmp(r->decision_ground, "DECISION_GROUND_ILLEGAL_CONTENT") == 0;
    code = text_fits("decision_ground_reference_url", r->decision_ground_reference_url, SHORT_MAX,
                     0, err);
    if (code == 0)
        code = text_fits("illegal_content_legal_ground", r->illegal_content_legal_ground, SHORT_MAX,
                         illegal, err);
    if (code == 0)
        code = text_fits("illegal_content_explanation", r->illegal_content_explanation,
                         EXPLANATION_MAX, illegal, err);
    if (code == 0)
        code = text_fits("incompatible_content_ground", r->incompatible_content_ground, SHORT_MAX,
                         !illegal, err);
    if (code == 0)
        code = text_fits("incompatible_content_explanation", r->incompatible_content_explanation,
                         EXPLANATION_MAX, !illegal, err);
    if (code == 0 && r->decision_ground_reference_url &&
        strncmp(r->decision_ground_reference_url, "https://", 8) != 0 &&
        strncmp(r->decision_ground_reference_url, "http://", 7) != 0)
        code = lks_error_set(err, LKS_EINPUT, "decision_ground_reference_url is no web address");
    return code;
}

static int content_check(const struct lks_reasons *r, struct lks_error *err)
{
    int code = all_of("content_type", content_types, r->content_type, 1, err);
    if (code == 0)
        code = other_text("content_type_other", r->content_type_other,
                          has(r->content_type, "CONTENT_TYPE_OTHER"), err);
    if (code == 0)
        code = one_of("category", categories, r->category, 1, err);
    if (code == 0)
        code = all_of("category_addition", categories, r->category_addition, 0, err);
    if (code == 0 && has(r->category_addition, r->category))
        code = lks_error_set(err, LKS_EINPUT, "category_addition repeats the category");
    if (code == 0)
        code = all_of("category_specification", keywords, r->category_specification, 0, err);
    if (code == 0)
        code = other_text("category_specification_other", r->category_specification_other,
                          has(r->category_specification, "KEYWORD_OTHER"), err);
    if (code == 0)
        code = all_of("territorial_scope", territories, r->territorial_scope, 0, err);
    if (code == 0)
        code = one_of("content_language", languages, r->content_language, 0, err);
    return code;
}

static int dates_check(const struct lks_reasons *r, struct lks_error *err)
{
    const struct {
        const char *field, *date;
    } ends[] = {{"end_date_visibility_restriction", r->end_date_visibility_restriction},
                {"end_date_monetary_restriction", r->end_date_monetary_restriction},
                {"end_date_service_restriction", r->end_date_service_restriction},
                {"end_date_account_restriction", r->end_date_account_restriction}};
    int code = date_fits("content_date", r->content_date, "2000-01-01", 1, err);
    if (code == 0)
        code = date_fits("application_date", r->application_date, "2020-01-01", 1, err);
    for (size_t i = 0; code == 0 && i < sizeof ends / sizeof *ends; i++)
        code = date_fits(ends[i].field, ends[i].date, r->application_date, 0, err);
    return code;
}

static int source_check(const struct lks_reasons *r, struct lks_error *err)
{
    int code = one_of("source_type", source_types, r->source_type, 1, err);
    if (code)
        return code;
    int own = strcmp(r->source_type, "SOURCE_VOLUNTARY") == 0;
    if (own && r->source_identity)
        code = lks_error_set(err, LKS_EINPUT, "a voluntary decision has no source_identity");
    /* What a run found first is the platform's own initiative; what a notice found is not. */
    if (code == 0 && own && r->path.found_by_notice)
        code = lks_error_set(err, LKS_EINPUT,
                             "source_type says own initiative, but the log holds a notice");
    if (code == 0 && !own && !r->path.found_by_notice)
        code = lks_error_set(err, LKS_EINPUT, "source_type names a notice, but the log holds none");
    if (code == 0 && !r->path.found_by_run && !r->path.found_by_notice)
        code = lks_error_set(err, LKS_EINPUT, "the log does not say who found it");
    if (code == 0 && !lks_reasons_decision(&r->path))
        code = lks_error_set(err, LKS_EINPUT, "the log holds no decision");
    return code ? code : text_fits("source_identity", r->source_identity, SHORT_MAX, 0, err);
}

static int puid_check(const char *puid, struct lks_error *err)
{
    size_t size = puid ? strlen(puid) : 0;
    if (size < 1 || size > SHORT_MAX ||
        strspn(puid, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != size)
        return lks_error_set(err, LKS_EINPUT,
                             "puid has 1 to 500 letters, digits, '_' and '-' and nothing else");
    return 0;
}

/* A letter, a digit, or a byte of a longer character. */
static int is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

/* Whether a name stands in a text as words of its own: "ana" is not in "analysis". */
static int stands_in(const char *text, struct lks_str name)
{
    size_t size = strlen(text);
    for (const char *at = text;
         (at = memmem(at, size - (size_t)(at - text), name.data, name.size_bytes)); at++) {
        const char *end = at + name.size_bytes;
        int joined_before = at > text && is_word_byte(at[-1]) && is_word_byte(name.data[0]);
        int joined_after = is_word_byte(*end) && is_word_byte(end[-1]);
        if (!joined_before && !joined_after)
            return 1;
    }
    return 0;
}

static int personal_check(const struct lks_reasons *r, const struct lks_str *personal,
                          size_t personal_count, struct lks_error *err)
{
    const struct {
        const char *field, *text;
    } shown[] = {{"puid", r->puid},
                 {"decision_facts", r->decision_facts},
                 {"illegal_content_explanation", r->illegal_content_explanation},
                 {"incompatible_content_explanation", r->incompatible_content_explanation}};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        for (size_t j = 0; shown[i].text && j < personal_count; j++)
            if (personal[j].size_bytes >= PERSONAL_BYTES_MIN &&
                stands_in(shown[i].text, personal[j]))
                return lks_error_set(err, LKS_EINPUT,
                                     "%s names somebody: personal data may not be in it",
                                     shown[i].field);
    return 0;
}

int lks_reasons_check(const struct lks_reasons *reasons, const struct lks_str *personal,
                      size_t personal_count, struct lks_error *err)
{
    int code = puid_check(reasons->puid, err);
    if (code == 0)
        code = decisions_check(reasons, err);
    if (code == 0)
        code = grounds_check(reasons, err);
    if (code == 0)
        code = content_check(reasons, err);
    if (code == 0)
        code = dates_check(reasons, err);
    if (code == 0)
        code = text_fits("decision_facts", reasons->decision_facts, FACTS_MAX, 1, err);
    if (code == 0)
        code = source_check(reasons, err);
    return code ? code : personal_check(reasons, personal, personal_count, err);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int lks_reasons_check_batch(const struct lks_reasons *reasons, size_t count,
                            const struct lks_str *personal, size_t personal_count,
                            struct lks_error *err)
{
    const char *puids[LKS_REASONS_BATCH_MAX];
    if (count < 1 || count > LKS_REASONS_BATCH_MAX)
        return lks_error_set(err, LKS_EINPUT, "a call takes 1 to %d statements, not %zu",
                             LKS_REASONS_BATCH_MAX, count);
    for (size_t i = 0; i < count; i++) {
        struct lks_error inner = {0};
        int code = lks_reasons_check(&reasons[i], personal, personal_count, &inner);
        if (code)
            return lks_error_set(err, code, "statement %zu: %s", i + 1, inner.message);
        puids[i] = reasons[i].puid;
    }
    qsort(puids, count, sizeof *puids, by_text);
    for (size_t i = 1; i < count; i++)
        if (strcmp(puids[i - 1], puids[i]) == 0)
            return lks_error_set(err, LKS_EINPUT, "puid %s is used twice", puids[i]);
    return 0;
}

/* ---- writing ---- */

static void put_text(struct lks_json *json, const char *key, const char *text)
{
    if (!text)
        return;
    lks_json_text(json, key, text);
}

static void put_list(struct lks_json *json, const char *key, const char *const *names)
{
    if (!names[0])
        return;
    lks_json_array(json, key);
    for (; *names; names++)
        lks_json_text(json, NULL, *names);
    lks_json_array_end(json);
}

static void reasons_put(struct lks_json *json, const struct lks_reasons *r)
{
    static const char *const yes_no[] = {"No", "Yes"};
    lks_json_object(json, NULL);
    put_text(json, "puid", r->puid);
    put_list(json, "decision_visibility", r->decision_visibility);
    put_text(json, "decision_visibility_other", r->decision_visibility_other);
    put_text(json, "decision_monetary", r->decision_monetary);
    put_text(json, "decision_monetary_other", r->decision_monetary_other);
    put_text(json, "decision_provision", r->decision_provision);
    put_text(json, "decision_account", r->decision_account);
    put_text(json, "account_type", r->account_type);
    put_text(json, "decision_ground", r->decision_ground);
    put_text(json, "decision_ground_reference_url", r->decision_ground_reference_url);
    put_text(json, "illegal_content_legal_ground", r->illegal_content_legal_ground);
    put_text(json, "illegal_content_explanation", r->illegal_content_explanation);
    put_text(json, "incompatible_content_ground", r->incompatible_content_ground);
    put_text(json, "incompatible_content_explanation", r->incompatible_content_explanation);
    if (r->incompatible_content_illegal >= 0)
        put_text(json, "incompatible_content_illegal",
                 yes_no[r->incompatible_content_illegal != 0]);
    put_list(json, "content_type", r->content_type);
    put_text(json, "content_type_other", r->content_type_other);
    put_text(json, "category", r->category);
    put_list(json, "category_addition", r->category_addition);
    put_list(json, "category_specification", r->category_specification);
    put_text(json, "category_specification_other", r->category_specification_other);
    put_list(json, "territorial_scope", r->territorial_scope);
    put_text(json, "content_language", r->content_language);
    put_text(json, "content_date", r->content_date);
    put_text(json, "application_date", r->application_date);
    put_text(json, "end_date_visibility_restriction", r->end_date_visibility_restriction);
    put_text(json, "end_date_monetary_restriction", r->end_date_monetary_restriction);
    put_text(json, "end_date_service_restriction", r->end_date_service_restriction);
    put_text(json, "end_date_account_restriction", r->end_date_account_restriction);
    put_text(json, "decision_facts", r->decision_facts);
    put_text(json, "source_type", r->source_type);
    put_text(json, "source_identity", r->source_identity);
    put_text(json, "automated_detection", lks_reasons_detection(&r->path));
    put_text(json, "automated_decision", lks_reasons_decision(&r->path));
    lks_json_object_end(json);
}

int lks_reasons_format(const struct lks_reasons *reasons, size_t count, struct lks_buffer *out,
                       struct lks_error *err)
{
    struct lks_json json = {.buffer = out, .indent = 1};
    lks_json_object(&json, NULL);
    lks_json_array(&json, "statements");
    for (size_t i = 0; i < count; i++)
        reasons_put(&json, &reasons[i]);
    lks_json_array_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
    return out->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}
