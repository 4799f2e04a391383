/* reasons_letter.c - a statement of reasons as the user gets it (Regulation (EU) 2022/2065, Article 17)
 *
 * The same values as in the public database, in the order of Article 17(3): what was decided, where
 * and until when; upon which facts, and whether a notice led to them; what was automated; on which
 * ground; and how to contest it. */
#include "custody/reasons.h"

struct word {
    const char *name, *text;
};

static const struct word decisions[] = {
    {"DECISION_VISIBILITY_CONTENT_REMOVED", "Your content was removed."},
    {"DECISION_VISIBILITY_CONTENT_DISABLED", "Access to your content was disabled."},
    {"DECISION_VISIBILITY_CONTENT_DEMOTED", "Your content is shown less prominently."},
    {"DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED", "Your content is shown to adults only."},
    {"DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
     "What others can do with your content was restricted."},
    {"DECISION_VISIBILITY_CONTENT_LABELLED", "Your content bears a label."},
    {"DECISION_VISIBILITY_OTHER", "The visibility of your content was restricted:"},
    {"DECISION_MONETARY_SUSPENSION", "Payments to you are suspended."},
    {"DECISION_MONETARY_TERMINATION", "Payments to you are ended."},
    {"DECISION_MONETARY_OTHER", "Payments to you are restricted:"},
    {"DECISION_PROVISION_PARTIAL_SUSPENSION", "The service is suspended for you in part."},
    {"DECISION_PROVISION_TOTAL_SUSPENSION", "The service is suspended for you."},
    {"DECISION_PROVISION_PARTIAL_TERMINATION", "The service is ended for you in part."},
    {"DECISION_PROVISION_TOTAL_TERMINATION", "The service is ended for you."},
    {"DECISION_ACCOUNT_SUSPENDED", "Your account is suspended."},
    {"DECISION_ACCOUNT_TERMINATED", "Your account is closed."},
};

static void decision_put(struct lks_buffer *out, const char *name, const char *other)
{
    if (!name)
        return;
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++)
        if (strcmp(decisions[i].name, name) == 0) {
            size_t size = strlen(decisions[i].text);
            lks_buffer_text(out, decisions[i].text);
            if (decisions[i].text[size - 1] == ':')
                lks_buffer_format(out, " %s", other ? other : "");
            lks_buffer_byte(out, '\n');
        }
}

static void line_put(struct lks_buffer *out, const char *before, const char *text,
                     const char *after)
{
    if (text)
        lks_buffer_format(out, "%s%s%s\n", before, text, after);
}

static void decided_put(const struct lks_reasons *r, struct lks_buffer *out)
{
    lks_buffer_text(out, "What was decided\n");
    for (const char *const *name = r->decision_visibility; *name; name++)
        decision_put(out, *name, r->decision_visibility_other);
    decision_put(out, r->decision_monetary, r->decision_monetary_other);
    decision_put(out, r->decision_provision, NULL);
    decision_put(out, r->decision_account, NULL);
    line_put(out, "This applies from ", r->application_date, ".");
    line_put(out, "Visibility is restricted until ", r->end_date_visibility_restriction, ".");
    line_put(out, "Payments are restricted until ", r->end_date_monetary_restriction, ".");
    line_put(out, "The service is restricted until ", r->end_date_service_restriction, ".");
    line_put(out, "The account is restricted until ", r->end_date_account_restriction, ".");
    if (r->territorial_scope[0]) {
        lks_buffer_text(out, "It applies in:");
        for (const char *const *name = r->territorial_scope; *name; name++)
            lks_buffer_format(out, " %s", *name);
        lks_buffer_text(out, ".\n");
    }
}

static void facts_put(const struct lks_reasons *r, struct lks_buffer *out)
{
    lks_buffer_text(out, "\nUpon which facts\n");
    line_put(out, "", r->decision_facts, "");
    lks_buffer_text(out, r->path.found_by_notice
                             ? "A notice led to this decision.\n"
                             : "The decision was taken on our own initiative; no notice led to "
                               "it.\n");
    line_put(out, "The notice is from: ", r->source_identity, "");
    lks_buffer_text(out, "\nWhat was automated\n");
    lks_buffer_text(out, strcmp(lks_reasons_detection(&r->path), "Yes") == 0
                             ? "It was found by automated means.\n"
                             : "It was not first found by automated means.\n");
    const char *how = lks_reasons_decision(&r->path);
    lks_buffer_text(out, !how ? "Nobody decided yet.\n"
                         : strcmp(how, "AUTOMATED_DECISION_FULLY") == 0
                             ? "The decision was taken by automated means; nobody looked at it "
                               "first.\n"
                         : strcmp(how, "AUTOMATED_DECISION_PARTIALLY") == 0
                             ? "The decision was proposed by automated means, and approved by "
                               "people.\n"
                             : "The decision was taken by people, not by automated means.\n");
}

static void ground_put(const struct lks_reasons *r, struct lks_buffer *out)
{
    lks_buffer_text(out, "\nOn which ground\n");
    line_put(out, "The content is held to be illegal by: ", r->illegal_content_legal_ground, "");
    line_put(out, "", r->illegal_content_explanation, "");
    line_put(out, "It does not agree with: ", r->incompatible_content_ground, "");
    line_put(out, "", r->incompatible_content_explanation, "");
    line_put(out, "See ", r->decision_ground_reference_url, "");
    lks_buffer_text(
        out,
        "\nHow to contest it\n"
        "You may complain to us, free of charge, for six months at least; the complaint is not "
        "decided by\nautomated means alone. You may also turn to a certified body of "
        "out-of-court dispute settlement, or to a court.\n");
    line_put(out, "\nThis statement in the public database: ", r->puid, "");
}

int lks_reasons_letter(const struct lks_reasons *reasons, struct lks_buffer *out,
                       struct lks_error *err)
{
    decided_put(reasons, out);
    facts_put(reasons, out);
    ground_put(reasons, out);
    return out->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for a letter") : 0;
}
