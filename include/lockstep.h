/* lockstep.h - the public interface of liblockstep: C99 and C++ */
#ifndef LOCKSTEP_H
#define LOCKSTEP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LKS_API __attribute__((visibility("default")))

/* Every function that can fail returns 0 when done, a negative code below when
 * it failed, and a positive outcome only where its comment names one. */
enum lks_code {
    LKS_OK = 0,
    LKS_EARGUMENT = -1,  /* the caller asked for something that makes no sense */
    LKS_EINPUT = -2,     /* the data given is not what it should be */
    LKS_EIO = -3,        /* the operating system refused a read or write */
    LKS_EMEMORY = -4,    /* out of memory, or over a memory limit */
    LKS_ECANCELLED = -5, /* the caller's cancel flag was raised */
    LKS_ESTORE = -6,     /* the case's store refused */
    LKS_EMISSING = -7    /* the named case, run, account or finding is not there */
};

/* The first failure writes the message; a NULL error is allowed everywhere. */
struct lks_error {
    int code;
    char message[1024];
};

/* One report of progress. total is 0 where the end is not known. */
struct lks_progress {
    const char *stage; /* "seal", "parse", "detect", ... */
    const char *unit;  /* "bytes", "posts", "copies", ... */
    uint64_t done;
    uint64_t total;
};

/* Asks a person for a passphrase; see lks_control. */
typedef int lks_passphrase_ask(void *context, const char *what, char *text, size_t text_bytes);

/* How the caller steers long work. All fields may be zero.
 * progress: called from one thread at a time, at most some ten times a second.
 * cancel: polled; non-zero stops the work with LKS_ECANCELLED, nothing half written.
 * notice: called from one thread at a time with a sentence that the person who waits should
 * know before the end, such as the disk that will be needed.
 * threads: 0 takes the processors there are. The answer is the same for any number.
 * memory_bytes: 0 takes half of what is free, limits of control groups heeded.
 * passphrase: called where a key is protected by one; what names the key for a person. Writes at
 * most text_bytes with a NUL and returns the length, or a negative number: there is none.
 * actor: who acts, as entries of the vault's log say it (hidden behind a salted digest); may be
 * NULL. */
struct lks_control {
    void (*progress)(void *context, const struct lks_progress *progress);
    void *context;
    const volatile int *cancel;
    unsigned threads;
    uint64_t memory_bytes;
    void (*notice)(void *context, const char *sentence);
    lks_passphrase_ask *passphrase;
    const char *actor;
};

/* Returns the version, e.g. "0.1.0"; static, never freed. */
LKS_API const char *lks_version(void);

/* ---- cases ----
 *
 * A case is a folder: CASE/vault holds every file that came in, sealed, and a signed log of what was
 * done (docs/vault.md), CASE/store.duckdb the records, CASE/runs/<id>/ what each detection run found. Paths are NUL-ended UTF-8. A failed or cancelled call leaves the
 * case as it was. One call at a time for one case; different cases are independent. */

struct lks_ingest_options {
    const char *const *files; /* [files_count] */
    size_t files_count;
    const char *as;           /* format by name, or NULL: recognised from the content */
    const char *map;          /* "account=author_id,time=t,..." or a .toml file, or NULL */
    const char *zone;         /* "+03:00": where times have no zone; NULL is UTC */
    double rejects_share_max; /* a file with more rejects stops the run; 0 takes 0.5 */
};

struct lks_case_counts {
    uint64_t files, posts, accounts, actions, payments, rejects, duplicates, ignored;
    int64_t first_us, last_us; /* of the posts, Unix microseconds UTC */
    int synthetic;             /* the data says that it is synthetic */
    uint64_t files_known;      /* of this ingest: files that the case had already, not read again */
};

struct lks_detect_options {
    const char *windows;    /* "60s", or by kind "url=60s,hashtag=10s"; NULL takes the defaults */
    const char *only;       /* object kinds to use, "url,text"; NULL takes all */
    unsigned copies;        /* shuffled copies of the group test; 0 takes the default */
    double level;           /* family-wise error of the group test; 0 takes 0.05 */
    unsigned min_occasions; /* 0 takes 2 */
    uint64_t seed;          /* of the shuffled copies */
    const char *cues;       /* TOML with words by which messages instruct (docs/cues.md), added to
                             * those compiled in and those of case.toml; NULL: none */
};

/* What can be written of a run, besides report.html and findings.json. */
enum lks_report_format {
    LKS_REPORT_HTML = 1,
    LKS_REPORT_JSON = 2, /* findings.json, by docs/schema/findings.schema.json */
    LKS_REPORT_GEXF = 4,
    LKS_REPORT_GRAPHML = 8,
    LKS_REPORT_CSV = 16,       /* edges.csv, nodes.csv, posts.csv */
    LKS_REPORT_PARQUET = 32,   /* the same as Parquet */
    LKS_REPORT_STIX = 64,      /* stix.json: the findings as a STIX 2.1 bundle */
    LKS_REPORT_TAKEDOWN = 128, /* takedown.csv: networks, their accounts and followers */
    LKS_REPORT_ALL = 255
};

struct lks_finding_line {
    char *id, *title;
    const char *confidence; /* "explained", "low", "moderate", "high" */
    double p_value;         /* NaN: a record says so, and no test */
    unsigned members;
};

/* What a run came to. Freed by lks_run_summary_free. */
struct lks_run_summary {
    char *run;    /* "0001" */
    char *folder; /* CASE/runs/0001 */
    struct lks_case_counts counts;
    struct lks_finding_line *findings;
    size_t findings_count;
    double copies_max_score, group_threshold;
    unsigned copies;
    char *json; /* the same as one JSON object, with the seconds of each stage */
};

#define LKS_PATH_BYTES 4096

/* Writes CASE/case.toml with every setting explained and none in force; the folder is made when
 * it is not there. path_out is where. LKS_EARGUMENT where there is one already; LKS_EIO. The
 * settings are read by ingest, detect and investigate: LKS_EARGUMENT, with the line, where
 * they cannot be. */
LKS_API int lks_case_init(const char *case_path, char path_out[LKS_PATH_BYTES],
                          struct lks_error *err);

/* Seals the files into the vault, reads them, logs them, and adds their posts to the case, which is
 * made when it is not there; a file that the case knows already (by its SHA-256) adds nothing. What
 * an earlier call logged and was cut off before storing is taken first.
 * counts_out, if not NULL, is the whole case afterwards. Errors: LKS_EARGUMENT for options,
 * LKS_EINPUT for files that cannot be taken, LKS_EIO, LKS_EMEMORY, LKS_ESTORE,
 * LKS_ECANCELLED. */
LKS_API int lks_case_ingest(const char *case_path, const struct lks_ingest_options *options,
                            const struct lks_control *control, struct lks_case_counts *counts_out,
                            struct lks_error *err);

/* Finds coordinated groups; makes the next CASE/runs/<id>/ with its results. *summary_out is
 * the caller's, freed by lks_run_summary_free. Errors: LKS_EARGUMENT for options, with fewer
 * copies than the level needs among them; LKS_EMISSING where there is no case; else as
 * lks_case_ingest. Method: docs/method/. */
LKS_API int lks_case_detect(const char *case_path, const struct lks_detect_options *options,
                            const struct lks_control *control, struct lks_run_summary *summary_out,
                            struct lks_error *err);

/* Writes the formats (enum lks_report_format, added up) of a run into its folder; run NULL
 * is the latest. run_out, if not NULL, is the id of the run that was written. Errors:
 * LKS_EARGUMENT, LKS_EMISSING (case or run), LKS_EIO, LKS_ESTORE, LKS_ECANCELLED. */
LKS_API int lks_case_report(const char *case_path, const char *run, unsigned formats,
                            const struct lks_control *control, char run_out[16],
                            struct lks_error *err);

/* What somebody is to be shown of a run, and where. */
struct lks_report_for_options {
    const char *run;       /* NULL: the latest */
    unsigned formats;      /* as above; 0: HTML and JSON */
    const char *recipient; /* "authority", "researcher" or "public": docs/exports.md */
    const char *folder;    /* where; made new */
    const char *mapping; /* a file outside of it for which pseudonym is whom, for its owner's eyes;
                            * or NULL: nobody can ever tell */
};

/* Writes the files of a run as one recipient is shown them: pseudonyms under a new key, masked texts,
 * rounded times, small counts left out. The log says what was written for whom. *text_out as with
 * lks_case_explain. Errors as above; LKS_EARGUMENT where the folder or the mapping's file is there
 * already. */
LKS_API int lks_case_report_for(const char *case_path, const struct lks_report_for_options *options,
                                int as_json, const struct lks_control *control, char **text_out,
                                struct lks_error *err);

/* Ingest, detect and report (HTML and JSON, and more_formats) in one go. The folder
 * must not hold a case yet; after a failure it is as it was. *summary_out and errors as
 * with lks_case_detect. */
LKS_API int lks_case_investigate(const char *case_path, const struct lks_ingest_options *ingest,
                                 const struct lks_detect_options *detect, unsigned more_formats,
                                 const struct lks_control *control,
                                 struct lks_run_summary *summary_out, struct lks_error *err);

/* Explains a finding ("F1"), an account (key or handle) or an edge ("A,B"), down to the
 * posts: *text_out is for reading, or one JSON object; the caller frees it with
 * lks_text_free. LKS_EMISSING when the case or run knows no such thing. */
LKS_API int lks_case_explain(const char *case_path, const char *run, const char *what, int as_json,
                             const struct lks_control *control, char **text_out,
                             struct lks_error *err);

struct lks_evaluate_options {
    /* CSV, told apart by the header: account_key,label (0 or 1), and group, population or campaign;
     * account_key,group; account_a,account_b,label; channel,time,what; channel,message,label */
    const char *labels;
    const char *const
        *more_labels; /* [more_labels_count] further files, of the same kind or others */
    size_t more_labels_count;
    const char *picture; /* an SVG file goes there; NULL: nowhere */
    const char *run;     /* NULL is the latest */
    uint64_t seed;       /* of the bootstrap */
};

/* Holds a run's findings against labels: precision, recall and false alarms per 10,000 innocent
 * accounts, for accounts (each detector alone too), pairs, groups, events and messages, with
 * intervals. *text_out as with lks_case_explain.
 * Errors: LKS_EARGUMENT, LKS_EINPUT for labels that cannot be taken or meet no account,
 * LKS_EMISSING, LKS_EIO, LKS_EMEMORY. Method: docs/method/evaluation.md. */
LKS_API int lks_case_evaluate(const char *case_path, const struct lks_evaluate_options *options,
                              int as_json, const struct lks_control *control, char **text_out,
                              struct lks_error *err);

/* Tries the promises of the case's p-values where nothing is to be found, `sets` times (0 takes 20):
 * the whole run, with the fusion, on the case with everything dealt out at once; and each detector on
 * what its own null model calls exchangeable. Says how often each alarmed, and how many accounts were
 * named, beside what is promised, with intervals. Each set takes about as long as a run. options as
 * with lks_case_detect: copies are those inside of each set. Makes no run and writes no data.
 * *text_out as with lks_case_explain. Errors: LKS_EARGUMENT for options, LKS_EMISSING, LKS_ESTORE,
 * LKS_EMEMORY, LKS_ECANCELLED. What is dealt out: docs/method/calibration.md. */
LKS_API int lks_case_calibrate(const char *case_path, const struct lks_detect_options *options,
                               unsigned sets, int as_json, const struct lks_control *control,
                               char **text_out, struct lks_error *err);

/* ---- co-action ----
 *
 * The co-action network of files, without a case: who acted on the same things at almost the
 * same time, and how often. Two events on one object match if their accounts differ and
 * their times are at most the window apart: sliding, inclusive, exact. */

enum lks_coaction_compat {
    LKS_COACTION_OWN = 0,
    LKS_COACTION_COORTWEET = 1, /* pairs, network and threshold as CooRTweet has them */
    LKS_COACTION_CNT = 2        /* directed networks as coordination-network-toolkit has them */
};

/* lks_coaction_request_default fills all but inputs. Strings are the caller's. */
struct lks_coaction_request {
    const char *const *inputs; /* [inputs_count] files, stacked; plain, gzip or zstd */
    size_t inputs_count;
    const char *as, *map; /* as in lks_ingest_options; own mode only */
    double rejects_share_max;
    const char *windows;    /* "60s", "hashtag=10s,url=60s" or both; NULL is 60s. In own mode
                             * "10s,60s,1h" are three in one sweep, each with its own edges */
    const char *edges_path; /* edges go there, ".csv" or ".parquet"; NULL: nowhere. With several
                             * windows "e.csv" becomes "e.10s.csv", "e.60s.csv", ... */
    enum lks_coaction_compat compat;
    /* own mode: an edge is kept if it reaches all three; 0 is taken for 1 */
    const char *kinds; /* object kinds to use, "url,hashtag"; NULL takes all */
    uint64_t min_pairs;
    unsigned min_objects, min_occasions;
    double chance_edges; /* own mode: and if its score is so high that of all pairs of accounts no
                          * more than so many are expected to reach it by chance (1); 0: any */
    const char *temp_folder;    /* where what does not fit into memory goes, in files without a
                                 * name; NULL: the folder of edges_path, else /var/tmp */
    uint64_t spill_limit_bytes; /* most of it; a run whose forecast is more than the disk has free
                                 * goes on only if this is set; 0: stops */
    /* CooRTweet */
    unsigned min_participation;
    double edge_weight;      /* quantile of the weights that an edge must exceed, 0 to 1 */
    const char *fast_window; /* narrower window, computed beside; NULL: none */
    int merge_inputs;        /* inputs are pieces of one; else each is detected by itself, and
                              * the pairs of all make one network */
    /* coordination-network-toolkit */
    const char *network; /* co_retweet, co_tweet, co_reply, co_link, co_similar or co_post */
    uint64_t min_weight;
    int loops;         /* keep edges from an account to itself */
    int raw_urls;      /* cut the urls column at blanks as that program does, "[]" being a link */
    double similarity; /* co_similar: Jaccard of the word sets, inclusive */
};

/* A request in own mode with the defaults named above, without inputs. */
LKS_API struct lks_coaction_request lks_coaction_request_default(void);

/* Computes the network. *text_out is one JSON object, or sentences and a short table for
 * reading; the caller frees it with lks_text_free. Edges reach edges_path whole or not at
 * all, in an order that does not depend on threads. Errors: LKS_EARGUMENT for options that
 * make no sense, LKS_EINPUT for files that cannot be taken, LKS_EIO, LKS_EMEMORY with the
 * limit named, LKS_ECANCELLED. Any thread. Method: docs/method/coaction.md. */
LKS_API int lks_coaction_files(const struct lks_coaction_request *request, int as_json,
                               const struct lks_control *control, char **text_out,
                               struct lks_error *err);

/* ---- near-duplicate text ----
 *
 * Texts that are copies of each other with edits: every two whose sets of shingles (words and
 * pairs of neighbouring words, or what stands for them in scripts without blanks) have a Jaccard
 * of the threshold or more, and the clusters that such pairs make. */

/* lks_neartext_request_default fills all but inputs. Strings are the caller's. */
struct lks_neartext_request {
    const char *const *inputs; /* [inputs_count] files, stacked; plain, gzip or zstd */
    size_t inputs_count;
    const char *as, *map; /* as in lks_ingest_options */
    double rejects_share_max;
    double threshold;    /* Jaccard, inclusive; 0.8 */
    const char *window;  /* "1h": texts further apart are no pair; NULL: none is too far */
    const char *shingle; /* "auto", "words" or "chars"; NULL is auto */
    int as_is; /* texts are compared as they are written: case, numbers, look-alikes count */
    const char *clusters_path;   /* every text of a cluster, ".csv" or ".parquet"; NULL: nowhere */
    const char *pairs_path;      /* every near pair of variants, the same */
    unsigned pairs_per_text_max; /* pairs written for one variant, the rest counted as limited;
                                  * 0: no limit; 1000 */
};

/* A request with the defaults named above, without inputs. */
LKS_API struct lks_neartext_request lks_neartext_request_default(void);

/* Finds the pairs and clusters: all of them (recall 1) and no others (precision 1). *text_out
 * is one JSON object, or sentences for reading; the caller frees it with lks_text_free. Files
 * appear whole or not at all, in an order that does not depend on threads. Errors as
 * lks_coaction_files. Any thread. Method: docs/method/near-text.md. */
LKS_API int lks_neartext_files(const struct lks_neartext_request *request, int as_json,
                               const struct lks_control *control, char **text_out,
                               struct lks_error *err);

/* Frees what a summary holds and zeroes it; NULL and a zeroed summary are fine. */
LKS_API void lks_run_summary_free(struct lks_run_summary *summary);
/* Frees a text that a function above gave; NULL is fine. */
LKS_API void lks_text_free(char *text);

/* ---- simulate ---- */

/* What to simulate. Scale 1 is the size of the case behind the scenario: a million accounts,
 * 25,000 of them coordinated; 0.005 is enough to look at. */
struct lks_simulate_options {
    const char *scenario; /* "romania-2024" */
    const char *folder;   /* must not exist or be empty; appears whole or not at all */
    double scale;         /* above 0, at most 4 */
    uint64_t seed;
    /* How hard the swarm tries not to be seen, each from 0 (not at all) to 1; so that the
     * point where detection breaks can be measured. Model: docs/simulator.md. */
    double jitter;     /* answers later and further apart */
    double paraphrase; /* answers in other words */
    double split;      /* the swarm in groups that share no text and no answered clip */
    double sparse;     /* few comments an answer, and no more of them as the vote comes near */
    /* How many of the swarm registered after the channel opened, at scale 1: reports have 157 and
     * 1,057. 0 takes 1,057; at most 24,203. */
    uint32_t registered;
};

struct lks_simulate_summary {
    uint64_t posts, messages;                /* on TikTok, in the channel */
    uint64_t accounts, coordinated_accounts; /* that posted at all; the channel is one */
    uint64_t bytes;                          /* of the posts' files */
    double seconds;
};

/* Writes labelled synthetic data in the formats of real exports (docs/simulator.md): TikTok
 * Research API, Zeeschuimer, Telegram Desktop; labels.csv, README.txt and truth/truth.json
 * beside them. summary_out may be NULL. The same options give the same bytes. Any thread,
 * different folders at the same time. */
LKS_API int lks_simulate(const struct lks_simulate_options *options,
                         const struct lks_control *control,
                         struct lks_simulate_summary *summary_out, struct lks_error *err);

/* The formats that can be read: 1 with name and title (static, never freed) of the index-th,
 * 0 when there is none. */
LKS_API int lks_format_at(size_t index, const char **name_out, const char **title_out);

/* ---- keys ----
 *
 * A case's log is signed by a key in CASE/vault/signer.pem. Approvers have keys of their own, outside
 * of the case: what one person must not do alone is written down as an order, which they sign.
 * Every *text_out is as with lks_case_explain. Guide: docs/keys.md. */

/* The keys of a case as its log tells them: the signer, retired ones, approvers. LKS_EMISSING where
 * the case has no vault. */
LKS_API int lks_case_keys(const char *case_path, int as_json, const struct lks_control *control,
                          char **text_out, struct lks_error *err);
/* Replaces the key that signs the case's log; the old one says so in the log. A crash at any moment
 * leaves the one or the other. LKS_EARGUMENT for a wrong passphrase; LKS_EINPUT where the log
 * refuses; LKS_EMISSING, LKS_EIO, LKS_EMEMORY. */
LKS_API int lks_case_key_rotate(const char *case_path, int as_json,
                                const struct lks_control *control, char **text_out,
                                struct lks_error *err);
/* Sets the passphrase of a key file, or of the signer where the path is a case: new_passphrase is
 * asked with control->context; NULL takes the protection away. Errors as above. */
LKS_API int lks_key_protect(const char *path, lks_passphrase_ask *new_passphrase, int as_json,
                            const struct lks_control *control, char **text_out,
                            struct lks_error *err);
/* Makes a key for an approver: the file, which must not be there, and beside "ana.pem" the verifier
 * key "ana.vkey". name NULL takes "approver-" and random digits: it stands in the log in the clear.
 * new_passphrase as above. */
LKS_API int lks_key_new(const char *path, const char *name, lks_passphrase_ask *new_passphrase,
                        int as_json, const struct lks_control *control, char **text_out,
                        struct lks_error *err);
/* Signs an order (a file) with an approver's key: the signature is added to "ORDER.approval", which
 * is made where it is not there. key_path NULL only says what the order is and who signed it. */
LKS_API int lks_key_sign(const char *order_path, const char *key_path, int as_json,
                         const struct lks_control *control, char **text_out, struct lks_error *err);

struct lks_key_change {
    const char *key;    /* a verifier key, a file that holds one, or an enrolled key's name */
    const char *person; /* whose it is, hidden in the log; or NULL */
    /* Where others must approve. A file that is not there is written, to be signed by lks_key_sign;
     * one that is there is carried out if "ORDER.approval" holds enough signatures. Or NULL. */
    const char *order;
};

/* Enrols a key whose approval counts from then on, or retires one. The first needs nobody's approval,
 * the second that of the first, any other change that of two. 1 where the order was written and
 * waits for signatures. LKS_EARGUMENT where approvals are missing; LKS_EINPUT for a bad order or
 * approval. */
LKS_API int lks_case_key_enrol(const char *case_path, const struct lks_key_change *change,
                               int as_json, const struct lks_control *control, char **text_out,
                               struct lks_error *err);
LKS_API int lks_case_key_retire(const char *case_path, const struct lks_key_change *change,
                                int as_json, const struct lks_control *control, char **text_out,
                                struct lks_error *err);

/* ---- verify ----
 *
 * Whether evidence is what was signed: a case, the public part of its log, or a bag that was handed
 * over. What is proved by it, and what is not: docs/evidence.md. */

enum lks_verify_outcome {
    LKS_VERIFY_HOLDS = 0,     /* all that is claimed holds */
    LKS_VERIFY_DAMAGED = 1,   /* something is not what was signed */
    LKS_VERIFY_INCOMPLETE = 2 /* what is here holds, but something that was promised is not here */
};

struct lks_verify_options {
    const char *key;         /* verifier key that is trusted to sign the log, or a file of such
                              * keys, one a line; NULL takes the one beside the log */
    const char *continues;   /* file with a checkpoint that was kept elsewhere, which the log must
                              * continue; or NULL */
    const char *witnesses;   /* file of verifier keys of witnesses, or NULL */
    const char *authorities; /* file of certificates (PEM) trusted for time stamps, or NULL */
    int quick;               /* leaves sealed files encrypted */
};

/* Verifies a case's folder, a log's folder, or a bag (a folder with bagit.txt). Changes nothing. *text_out
 * says what was checked, by whom it is signed, and what is missing, for reading or as one JSON
 * object; freed by lks_text_free. Damage is an outcome, not an error. Errors: LKS_EMISSING where the
 * folder holds no evidence, LKS_EARGUMENT, LKS_EINPUT for options that cannot be read, LKS_EIO,
 * LKS_EMEMORY, LKS_ECANCELLED. Any thread. */
LKS_API int lks_verify(const char *path, const struct lks_verify_options *options, int as_json,
                       const struct lks_control *control, char **text_out,
                       enum lks_verify_outcome *outcome_out, struct lks_error *err);

/* ---- holds ----
 *
 * Retention orders of a case. An order is an entry of the case's log; docs/holds.md. Names of people,
 * accounts and terms are hidden there. */

/* What is ordered. Strings are the caller's; NULL: not said. */
struct lks_hold_options {
    const char *id;        /* of the hold; NULL when one is issued: the next, "H1", "H2" ... */
    const char *authority; /* who orders */
    const char *legal_basis;
    const char *reason;   /* of a change */
    const char *document; /* the order as a file: sealed into the vault */
    const char *start;    /* as the authority dates it */
    /* The scope. Of an amendment what is not said stays as it is, and "all" alone takes the limit
     * away. */
    const char *const *platforms; /* [platforms_count] */
    size_t platforms_count;
    const char *const *accounts; /* [accounts_count] account keys ("tiktok:7437..."), or handles */
    size_t accounts_count;
    const char *const *terms; /* [terms_count] any of them in the text */
    size_t terms_count;
    const char *from, *to; /* of posts; a day alone is the whole of it */
    const char *kinds;     /* "posts,accounts,payments,files,findings" */
    /* Two keys, to narrow or to release. */
    const char *propose;     /* the order is written into this file, for lks_key_sign, and nothing
                              * else is done */
    const char *approved;    /* such a file, when enough approvers signed it */
    const char *const *keys; /* [keys_count] files with private keys of approvers who are here */
    size_t keys_count;
};

/* Each writes what it did, for reading or as a JSON object, into *text_out, freed by lks_text_free.
 * Errors: LKS_EARGUMENT where the order makes no sense or has too few keys, LKS_EMISSING (case,
 * hold or file), LKS_EINPUT for a vault or an order that is not sound, LKS_EIO, LKS_EMEMORY. */
LKS_API int lks_case_hold_issue(const char *case_path, const struct lks_hold_options *options,
                                int as_json, const struct lks_control *control, char **text_out,
                                struct lks_error *err);
LKS_API int lks_case_hold_amend(const char *case_path, const struct lks_hold_options *options,
                                int as_json, const struct lks_control *control, char **text_out,
                                struct lks_error *err);
LKS_API int lks_case_hold_release(const char *case_path, const struct lks_hold_options *options,
                                  int as_json, const struct lks_control *control, char **text_out,
                                  struct lks_error *err);
/* Every hold with what it covers in the case now; id NULL is all. */
LKS_API int lks_case_hold_list(const char *case_path, const char *id, int as_json,
                               const struct lks_control *control, char **text_out,
                               struct lks_error *err);
/* Signs how much a hold covers and the Merkle root over it, at the log's checkpoint: an entry of the
 * log and a signed note, which is written to note_path (NULL: only into the vault). */
LKS_API int lks_case_hold_attest(const char *case_path, const char *id, const char *note_path,
                                 int as_json, const struct lks_control *control, char **text_out,
                                 struct lks_error *err);
/* Checks such a note against the log and against what the case holds now: 0 where all that was
 * attested is here, 1 where it is not. LKS_EINPUT where the note is none of this case's. */
LKS_API int lks_case_hold_check(const char *case_path, const char *note_path, int as_json,
                                const struct lks_control *control, char **text_out,
                                struct lks_error *err);

/* ---- erasing ----
 *
 * What nobody may keep is erased, except what an order holds. docs/holds.md. */

struct lks_erase_options {
    /* One of these: */
    const char *file;       /* name, SHA-256, or the number of its entry in the log */
    const char *account;    /* key or handle: its posts, payments and profiles */
    const char *older_than; /* "2y", "6mo", "90d": posts and payments of before */
    int rule;               /* what the rules of case.toml's [retention] say */
    int finish;             /* nothing new: only end what was cut off */
    const char *reason;     /* hidden in the log; not needed with finish */
    int runs;               /* and the runs whose results name what was erased */
    int dry_run;            /* say what would happen; nothing is written */
};
/* Erases, and makes the case's store anew without it. What a hold covers stays, and the log says which
 * order stood in the way. Each file is judged by the orders that stand at that moment: one that comes
 * while others are being erased wins. *text_out as above, also beside the result 1: something was refused.
 * Errors: LKS_EARGUMENT, LKS_EMISSING (case, file or account), LKS_EINPUT for a log or sealed file
 * that is not sound (then nothing more is erased), LKS_ESTORE where another program has the store
 * open: what was erased is, and `finish` makes the store anew. LKS_EIO, LKS_EMEMORY,
 * LKS_ECANCELLED. */
LKS_API int lks_case_erase(const char *case_path, const struct lks_erase_options *options,
                           int as_json, const struct lks_control *control, char **text_out,
                           struct lks_error *err);

/* ---- requests ----
 *
 * What authorities ask, with the clock that runs, and the answers: bags that anyone can verify. The
 * register stands in the log of the case's vault alone. Texts come as with lks_case_explain. */

/* What a request asks for: what passes every part that is set. */
struct lks_request_scope {
    const char *const *platforms; /* [platforms_count] "tiktok"; none: every one */
    size_t platforms_count;
    const char *const *accounts; /* [accounts_count] keys, "tiktok:7437..." */
    size_t accounts_count;
    const char *const
        *terms; /* [terms_count] any of them in the text, whatever its case and disguise */
    size_t terms_count;
    const char *from, *to; /* "2024-11-24", "2024-11-24 06:00 Europe/Bucharest"; NULL: open */
    const char *kinds;     /* "posts,accounts,payments"; NULL: all of these */
};

struct lks_request_receive_options {
    const char *id;               /* NULL: the next of R1, R2 ... */
    const char *authority;        /* who asks */
    const char *basis;            /* "dsa-67", "dsa-40", "dsa-72" or "other" */
    const char *legal_basis;      /* in words; NULL: the title of the basis; needed for "other" */
    const char *const *questions; /* [questions_count] 1 to 200 */
    size_t questions_count;
    struct lks_request_scope scope;
    const char *document;        /* the file as received, of which the SHA-256 is kept; or NULL */
    const char *document_sha256; /* or that, hex */
    const char *received; /* "now", "2024-12-05 18:00 Europe/Bucharest", "...+02:00", "...Z" */
    const char *due;      /* the same, or a span after it: "24h" */
};
/* Puts a request into the register. LKS_EARGUMENT with a sentence for what makes no sense, LKS_EMISSING
 * where there is no case, else as lks_case_ingest. A local time that a change of clocks makes doubtful
 * is told by control->notice, and the earlier one taken. */
LKS_API int lks_request_receive(const char *case_path,
                                const struct lks_request_receive_options *options, int as_json,
                                const struct lks_control *control, char **text_out,
                                struct lks_error *err);

struct lks_request_reply_options {
    const char *id;
    unsigned question;           /* from 1 */
    const char *answer;          /* or NULL */
    const char *missing;         /* what cannot be answered, and why; or NULL */
    const char *records;         /* "posts,payments": records of the bag that answer it; or NULL */
    const char *const *findings; /* [findings_count] "F1" */
    size_t findings_count;
    const char *const *files; /* [files_count] of the bag, below data/: "findings/report.html" */
    size_t files_count;
};
/* What answers one question, or why nothing does; the last reply counts. After the answer was sealed
 * it is a correction, which the next amendment carries. Errors as above. */
LKS_API int lks_request_reply(const char *case_path,
                              const struct lks_request_reply_options *options, int as_json,
                              const struct lks_control *control, char **text_out,
                              struct lks_error *err);

/* The register: each request with its clock and its questions, or the one named. at is the time to look
 * from (as `received` above; NULL is now). warn ("6h"; NULL: none) makes *late_out 1 already where
 * less than that is left; else it is 1 where an answer is overdue. late_out may be NULL. */
LKS_API int lks_request_status(const char *case_path, const char *id, const char *at,
                               const char *warn, int as_json, const struct lks_control *control,
                               char **text_out, int *late_out, struct lks_error *err);

struct lks_request_answer_options {
    const char *id;
    const char *run;     /* its findings; NULL: the latest */
    const char *profile; /* "authority", "researcher" or "public" */
    const char *why;     /* of an amendment: what was wrong */
    int amends;          /* 1: a further bag, which names what it corrects */
    int freeze;          /* 1: the records are put into the log, and no bag is made yet; so that the
                          * log can be anchored as it stands before */
    const char *output;  /* write the bag that was sealed already again, into this new folder, and
                          * compare it with what the log says; or NULL */
};
/* Seals the answer: freezes the records in the scope in the log, and makes the bag CASE/answers/R1 (of
 * an amendment CASE/answers/R1-amendment-1), by docs/requests.md. Refused with LKS_EARGUMENT while a
 * question has neither an answer nor a reason. What was sealed is never changed. A failed
 * call leaves no folder; entries of the log that it made stay, and are taken up by the next. Errors as
 * lks_request_receive. */
LKS_API int lks_request_answer(const char *case_path,
                               const struct lks_request_answer_options *options, int as_json,
                               const struct lks_control *control, char **text_out,
                               struct lks_error *err);

/* The authority confirmed that it has the latest answer. document and document_sha256 as above; note
 * may be NULL. */
LKS_API int lks_request_receipt(const char *case_path, const char *id, const char *document,
                                const char *document_sha256, const char *note, int as_json,
                                const struct lks_control *control, char **text_out,
                                struct lks_error *err);

/* ---- what the vault can give back ----
 *
 * A case's vault holds every file that came in, encrypted, and a signed log of what was done
 * (docs/vault.md). *text_out is for reading, or JSON; freed by lks_text_free. */

/* Makes CASE/store.duckdb again from the sealed files, as they were read at first; the old one is
 * replaced when the new one is whole. Files that were erased are told and left out. Errors:
 * LKS_EMISSING where there is no vault, LKS_EINPUT where a sealed file was changed, LKS_ESTORE where
 * another program has the store open, LKS_EIO, LKS_EMEMORY, LKS_ECANCELLED. */
LKS_API int lks_case_rebuild(const char *case_path, int as_json, const struct lks_control *control,
                             char **text_out, struct lks_error *err);

/* Repeats a detection run (NULL: the last one) with the options, settings and data that the log
 * names, leaving nothing behind, and compares the digests of what was found. 0 where they are the
 * same, 1 where not. LKS_EMISSING where the log knows no such run, or its settings are not
 * disclosed here; else as lks_case_detect. */
LKS_API int lks_case_replay(const char *case_path, const char *run, int as_json,
                            const struct lks_control *control, char **text_out,
                            struct lks_error *err);

/* The statements of the log from the entry first to the one before end (UINT64_MAX: all), in plain
 * words or as a JSON array, with those hidden values that are disclosed here. LKS_EMISSING, LKS_EINPUT
 * for a damaged log. */
LKS_API int lks_case_log(const char *case_path, uint64_t first, uint64_t end, int as_json,
                         char **text_out, struct lks_error *err);
/* ---- decisions, and statements of reasons ----
 *
 * What was decided upon a finding stands in the case's log: by a rule of a policy, by people, or by a
 * rule with people's approval. Statements of reasons (Regulation (EU) 2022/2065, Articles 17 and 24) are
 * built from it; whether detection and decision were automated follows from the log, and there is no
 * option for it. Every *text_out is as with lks_case_explain. Guide: docs/reasons.md. */

struct lks_decide_options {
    const char *run;             /* NULL: the latest */
    const char *finding;         /* "F1" */
    const char *file;            /* TOML: a policy's rules, or the values that people chose */
    const char *const *accounts; /* [accounts_count] keys of members; none: all of them */
    size_t accounts_count;
    const char *const *people; /* [people_count] who decided or approved; hidden in the log */
    size_t people_count;
};

/* Records a decision. LKS_EARGUMENT where the file cannot be read as one, no rule of it holds, nobody
 * decided, or an account is no member; LKS_EINPUT where the database would refuse it; LKS_EMISSING
 * where there is no such run or finding, or the log does not hold the run. */
LKS_API int lks_case_decide(const char *case_path, const struct lks_decide_options *options,
                            int as_json, const struct lks_control *control, char **text_out,
                            struct lks_error *err);
/* Records that people approve the decision of a log entry. */
LKS_API int lks_case_approve(const char *case_path, uint64_t decision, const char *const *people,
                             size_t people_count, int as_json, const struct lks_control *control,
                             char **text_out, struct lks_error *err);
/* Records that a notice named accounts: source_type by the database ("SOURCE_ARTICLE_16", ...). What
 * runs find afterwards was found by the notice first. identity may be NULL. */
LKS_API int lks_case_notice(const char *case_path, const char *source_type, const char *identity,
                            const char *const *accounts, size_t accounts_count, int as_json,
                            const struct lks_control *control, char **text_out,
                            struct lks_error *err);
/* What was decided so far, and how. */
LKS_API int lks_case_decisions(const char *case_path, int as_json,
                               const struct lks_control *control, char **text_out,
                               struct lks_error *err);
/* Writes the statements of reasons of a decision (its log entry; 0: the latest) to a file; of more than
 * 100 to several, "r.json" becoming "r-001.json" ... All of them are checked before the first is
 * written; each file appears whole or not at all, and the log says what was written. letters_path (NULL: none) gets
 * the same as letters to the users concerned (Article 17), a line of JSON each: account, puid, text.
 * LKS_EINPUT where the database would refuse one. */
LKS_API int lks_case_reasons(const char *case_path, uint64_t decision, const char *path,
                             const char *letters_path, int as_json,
                             const struct lks_control *control, char **text_out,
                             struct lks_error *err);
/* ---- anchors ----
 *
 * What others say of a case's log: witnesses, that it only grew (C2SP tlog-witness); time stamping
 * authorities, that it was there at a time (RFC 3161). Guide: docs/anchors.md. */

struct lks_anchor_options {
    const char *const *witnesses;    /* [witnesses_count] addresses, "https://witness.example/" */
    const char *const *witness_keys; /* [witnesses_count] verifier keys, or files that hold one */
    size_t witnesses_count;
    const char *const *authorities;     /* [authorities_count] addresses that take a query */
    const char *const *authority_trust; /* [authorities_count] files of certificates (PEM) */
    size_t authorities_count;
    const char *query_path;   /* a query is written there, to be sent by other means */
    const char *token_path;   /* the answer to such a query */
    const char *token_trust;  /* and the certificates by which it is judged */
    const char *proxy;        /* URL of an HTTP proxy, or NULL */
    unsigned timeout_seconds; /* for each answer; 0 takes 30 */
};

/* Asks all that are named about the case's log as it stands, keeps what they said in
 * CASE/vault/anchors, and logs it; witnesses' lines are added to the published checkpoint. One that
 * fails does not stop the others: 1 where some failed and some did not, *text_out says which; where
 * all failed, the first one's error. *text_out as with lks_case_explain. LKS_EARGUMENT for options;
 * LKS_EIO where somebody cannot be reached; LKS_EINPUT where somebody refuses, or a token does not
 * hold; LKS_EMISSING where the case has no vault. */
LKS_API int lks_case_anchor(const char *case_path, const struct lks_anchor_options *options,
                            int as_json, const struct lks_control *control, char **text_out,
                            struct lks_error *err);

struct lks_witness_options {
    const char *folder; /* witness.pem, witness.vkey, logs.vkeys, state/; made where not there */
    const char *name;   /* of a new witness, "witness.example/1"; else NULL or the same */
    const char *const
        *logs; /* [logs_count] verifier keys of logs, or files, added to those known */
    size_t logs_count;
    const char *address;                /* to listen on; NULL is "127.0.0.1" */
    unsigned port;                      /* 0: any that is free */
    lks_passphrase_ask *new_passphrase; /* of a new witness's key, or NULL: not protected */
    /* Called with control's context when it listens: where, and its verifier key. */
    void (*ready)(void *context, const char *url, const char *key);
};

/* A witness of other people's logs: answers POST /add-checkpoint until control->cancel is raised,
 * then returns 0. control->notice tells of each answer. LKS_EARGUMENT for options; LKS_EINPUT where
 * another program runs this witness; LKS_EIO where nothing can listen there; LKS_EMEMORY. */
LKS_API int lks_witness_run(const struct lks_witness_options *options,
                            const struct lks_control *control, struct lks_error *err);

#ifdef __cplusplus
}
#endif
#endif
