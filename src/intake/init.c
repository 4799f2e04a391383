/* init.c - a new case's case.toml, with every setting explained and none in force */
#include <errno.h>
#include <sys/stat.h>

#include "base/writer.h"
#include "case/case.h"

static const char template_text[] =
    "# case.toml - what this case is about. lockstep reads it when it reads files and detects; a\n"
    "# line that begins with # is not in force. docs/case.md explains each setting.\n"
    "\n"
    "[case]\n"
    "title = \"\"\n"
    "# languages = [\"ro\", \"ru\"]\n"
    "# Accounts that are known to be newsrooms: they carry each other's news.\n"
    "# newsrooms = [\"telegram:1000000001\"]\n"
    "\n"
    "# What it is about: words and hashtags of the topic.\n"
    "[topic]\n"
    "# terms = [\"election\", \"candidate\"]\n"
    "# tags = [\"election2024\"]\n"
    "\n"
    "# How close in time acts must be: for all kinds of object, or by kind. --window comes first.\n"
    "[windows]\n"
    "# all = \"6h\"\n"
    "# url = \"60s\"\n"
    "# hashtag = \"10s\"\n"
    "# near_text = \"1h\"\n"
    "\n"
    "# Offsets of times that a format writes without a zone. --zone comes first.\n"
    "[zones]\n"
    "# telegram-desktop = \"+02:00\"\n"
    "\n"
    "# Days that matter.\n"
    "# [[date]]\n"
    "# name = \"election day\"\n"
    "# day = 2024-11-24\n"
    "\n"
    "# Whom it may be about: as texts name them, and their own accounts. This is no accusation: "
    "who\n"
    "# gains by something need not know of it.\n"
    "# [[beneficiary]]\n"
    "# name = \"A Candidate\"\n"
    "# names = [\"candidate\", \"acandidate\"]\n"
    "# accounts = [\"tiktok:acandidate\"]\n"
    "\n"
    "# Rates for converting money, one for each pair of currencies and day; nothing is converted\n"
    "# without one.\n"
    "# [[rate]]\n"
    "# from = \"EUR\"\n"
    "# to = \"USD\"\n"
    "# rate = \"1.0850\"\n"
    "# day = 2024-11-01\n"
    "# source = \"central bank\"\n"
    "\n"
    "# What marks a paid post, beside the marks that are known already: \"#tag\" or words.\n"
    "[promotion]\n"
    "# disclosure = [\"#myad\", \"made with the support of\"]\n"
    "\n"
    "# How long records are kept: 'lockstep erase --rule' erases what is older, unless a hold "
    "covers\n"
    "# it. For all, or by kind of post; a platform's own rule stands in [retention_platforms].\n"
    "[retention]\n"
    "# keep = \"2y\"\n"
    "# comment = \"6mo\"\n"
    "# payment = \"10y\"\n"
    "[retention_platforms]\n"
    "# tiktok = \"1y\"\n"
    "\n"
    "# Sums that were reported elsewhere, for the ledger to be held against, to the cent.\n"
    "# [[reported]]\n"
    "# name = \"by the declassified files\"\n"
    "# amount = \"381000.00\"\n"
    "# currency = \"USD\"\n"
    "# payer = \"tiktok:someone\"\n"
    "\n"
    "# Words by which messages of channels tell their readers what to do, added to the lists that\n"
    "# are compiled in; with replace the language's lists are dropped first. docs/cues.md.\n"
    "# [[cues]]\n"
    "# language = \"ro\"\n"
    "# replace = false\n"
    "# act = [\"distribuiti\", \"comentati ... clip*\"]\n"
    "# time = [\"acum\", \"# minute\"]\n";

int lks_case_init(const char *case_path, char path_out[LKS_PATH_BYTES], struct lks_error *err)
{
    struct lks_writer writer;
    struct stat status;
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_case_path(case_path, NULL, "case.toml", path, err);
    if (code)
        return code;
    if (stat(path, &status) == 0)
        return lks_error_set(err, LKS_EARGUMENT, "%s is there already", path);
    int fresh = mkdir(case_path, 0777) == 0;
    if (!fresh && errno != EEXIST)
        return lks_error_system(err, case_path, "cannot be made");
    code = lks_writer_open(&writer, path, err);
    if (code)
        return code;
    lks_writer_text(&writer, template_text);
    code = lks_writer_commit(&writer, err);
    if (code == 0)
        memcpy(path_out, path, strlen(path) + 1);
    return code;
}
