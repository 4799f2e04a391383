/* takedown.c - the table in which platforms tell of networks that they took down */
#include "dossier/takedown.h"

#include "base/writer.h"
#include "dossier/csv_field.h"

struct sums {
    uint64_t accounts, unknown;
    int64_t followers; /* stays at the largest there is rather than turn over */
    int known;
};

static struct sums sums_of(const struct lks_results *results, const struct lks_finding *finding)
{
    struct sums sums = {.accounts = finding->members_count};
    for (uint32_t i = 0; i < finding->members_count; i++) {
        int64_t followers = results->nodes[finding->members[i]].account.followers;
        if (followers == LKS_COUNT_NULL || followers < 0) {
            sums.unknown++;
            continue;
        }
        sums.known = 1;
        sums.followers =
            followers > INT64_MAX - sums.followers ? INT64_MAX : sums.followers + followers;
    }
    return sums;
}

static void row_put(struct lks_buffer *out, struct lks_str id, struct lks_str source,
                    const struct sums *sums, struct lks_str description, int64_t recidivists)
{
    lks_csv_field(out, id, 1);
    lks_buffer_byte(out, ',');
    lks_csv_field(out, source, 1);
    lks_buffer_format(out, ",%llu,", (unsigned long long)sums->accounts);
    if (sums->known)
        lks_buffer_format(out, "%lld", (long long)sums->followers);
    lks_buffer_format(out, ",%llu,", (unsigned long long)sums->unknown);
    lks_csv_field(out, description, 1);
    lks_buffer_byte(out, ',');
    if (recidivists >= 0)
        lks_buffer_format(out, "%lld", (long long)recidivists);
    lks_buffer_text(out, "\r\n");
}

static void table_put(const struct lks_results *results, const struct lks_takedown_row *rows,
                      struct lks_buffer *out)
{
    struct sums all = {0};
    int64_t recidivists = rows ? 0 : -1;
    lks_buffer_text(out, "finding,detection_source,accounts_in_network,followers_of_network,"
                         "followers_unknown_accounts,description,recidivist_accounts_removed\r\n");
    for (uint32_t f = 0; f < results->findings_count; f++) {
        const struct lks_finding *finding = &results->findings[f];
        if (finding->confidence == LKS_CONFIDENCE_EXPLAINED) /* no network that is taken down */
            continue;
        struct sums sums = sums_of(results, finding);
        int64_t back = rows ? rows[f].recidivists_count : -1;
        struct lks_str source = rows && rows[f].source.data
                                    ? rows[f].source
                                    : LKS_STR("own detection, by analysis of behaviour");
        struct lks_buffer text = {0};
        lks_buffer_append(&text, finding->fusion.observation.data,
                          finding->fusion.observation.size_bytes);
        if (!text.size_bytes)
            lks_buffer_append(&text, finding->title.data, finding->title.size_bytes);
        if (results->synthetic)
            lks_buffer_text(&text, " (synthetic data)");
        row_put(out, finding->id, source, &sums, (struct lks_str){text.data, text.size_bytes},
                back);
        out->failed |= text.failed;
        lks_buffer_free(&text);
        all.accounts += sums.accounts;
        all.unknown += sums.unknown;
        all.known |= sums.known;
        all.followers =
            sums.followers > INT64_MAX - all.followers ? INT64_MAX : all.followers + sums.followers;
        recidivists = recidivists < 0 || back < 0 ? -1 : recidivists + back;
    }
    /* An account is a member of one finding at most: the rows add up. */
    row_put(out, LKS_STR("all"), LKS_STR(""), &all, LKS_STR(""), recidivists);
}

int lks_takedown_write(const struct lks_results *results, const struct lks_takedown_row *rows,
                       const char *path, struct lks_error *err)
{
    struct lks_writer writer;
    struct lks_buffer out = {0};
    int code = lks_writer_open(&writer, path, err);
    if (code)
        return code;
    table_put(results, rows, &out);
    if (out.failed) {
        lks_writer_abandon(&writer);
        code = lks_error_set(err, LKS_EMEMORY, "%s: out of memory", path);
    } else {
        lks_writer_put(&writer, out.data, out.size_bytes);
        code = lks_writer_commit(&writer, err);
    }
    lks_buffer_free(&out);
    return code;
}
