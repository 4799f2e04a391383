/* case_file.c - a case.toml for the simulated data: what an investigator knows beforehand
 *
 * Known are the day of the vote, the tags under which everybody talks about it, those that the
 * candidate and a list of another party use in public, the tags of which a campaign of paid clips
 * was told to be made, and a sum from the press. The edited tag appears within the month, so it
 * is not among them; no account is named. */
#include "simulate/case_file.h"

#include "base/writer.h"
#include "simulate/mechanisms.h"
#include "simulate/words.h"

/* "tag" or, behind others, ", \"tag\"". */
static void tag_put(struct lks_writer *writer, const struct lks_world *world, uint32_t tag,
                    int is_first)
{
    struct lks_sim_text name = {0};
    lks_sim_text_tag(&name, world->seed, tag);
    lks_writer_format(writer, "%s\"%.*s\"", is_first ? "" : ", ", (int)name.size, name.data);
}

/* The candidate's own, which nobody paid for. */
static void own_tags_put(struct lks_writer *writer, const struct lks_world *world, int is_first)
{
    for (uint32_t tag = 0; tag < LKS_SIM_CAMPAIGN_TAGS; tag++)
        if (tag != LKS_SIM_TAG_PAID && tag != LKS_SIM_TAG_EDIT) {
            tag_put(writer, world, tag, is_first);
            is_first = 0;
        }
}

int lks_case_file_write(const struct lks_world *world, const char *path, struct lks_error *err)
{
    struct lks_writer writer;
    int code = lks_writer_open(&writer, path, err);
    if (code != 0)
        return code;
    lks_writer_text(&writer,
                    "# case.toml - what an investigator of this SYNTHETIC data would know before "
                    "looking at it.\n"
                    "# It belongs into the folder of the case; 'lockstep init' explains every "
                    "setting.\n"
                    "\n"
                    "[case]\n"
                    "title = \"A simulated month before a vote (synthetic)\"\n"
                    "languages = [\"und\"] # its words are of no language\n"
                    "\n"
                    "# Tags of the vote, of the candidate, and of clips that were paid for.\n"
                    "[topic]\n"
                    "tags = [");
    tag_put(&writer, world, LKS_TAG_VOTE, 1);
    own_tags_put(&writer, world, 0);
    tag_put(&writer, world, LKS_SIM_TAG_PAID, 0);
    tag_put(&writer, world, LKS_TAG_PAID_OWN, 0);
    lks_writer_text(&writer, "]\n"
                             "\n"
                             "# None in force: all four from a minute to six hours are tried.\n"
                             "[windows]\n"
                             "# all = \"6h\"\n"
                             "\n"
                             "[zones]\n"
                             "telegram-desktop = \"+02:00\"\n"
                             "\n"
                             "[[date]]\n"
                             "name = \"the vote\"\n"
                             "day = 2024-11-24\n"
                             "\n"
                             "# Whom it may be about. Who gains by something need not know of it.\n"
                             "[[beneficiary]]\n"
                             "name = \"Candidate S (synthetic)\"\n"
                             "names = [");
    own_tags_put(&writer, world, 1);
    lks_writer_text(&writer, "]\n"
                             "\n"
                             "[[beneficiary]]\n"
                             "name = \"List 7 (synthetic)\"\n"
                             "names = [\"list 7\", ");
    tag_put(&writer, world, LKS_TAG_VOLUNTEERS, 1);
    lks_writer_text(&writer, "]\n"
                             "\n"
                             "# Made up, for converting what the ledger says.\n"
                             "[[rate]]\n"
                             "from = \"EUR\"\n"
                             "to = \"USD\"\n"
                             "rate = \"1.0850\"\n"
                             "source = \"made up\"\n"
                             "\n"
                             "[[rate]]\n"
                             "from = \"RON\"\n"
                             "to = \"USD\"\n"
                             "rate = \"0.2180\"\n"
                             "source = \"made up\"\n"
                             "\n"
                             "[[reported]]\n"
                             "name = \"gifts of one user, as the press has it\"\n"
                             "amount = \"381000.00\"\n"
                             "currency = \"USD\"\n"
                             "payer = \"tiktok:patron_synthetic\"\n");
    return lks_writer_commit(&writer, err);
}
