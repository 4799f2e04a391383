// data.ts - what the report page is given: the JSON in <script id="data" type="application/json">.
// The writer is src/dossier/report_json.c; times are ISO 8601 UTC, counts are numbers, ids are strings.

export type Kind =
  | 'url' | 'domain' | 'hashtag' | 'mention' | 'repost' | 'reply'
  | 'sound' | 'effect' | 'text' | 'near_text' | 'media' | 'hashtag_set';

export interface Report {
  lockstep: string;            // version
  run: string;                 // "0001"
  synthetic: boolean;          // shown as a banner, always
  data_digest: string;         // SHA-256 hex
  totals: {
    posts: number; accounts: number; actions: number; payments: number; rejects: number; duplicates: number; ignored: number;
    first: string | null; last: string | null; time_precision: 'second' | 'minute' | 'day';
  };
  test: {                      // what was tested, and against what
    pairs_tested: number;      // BH's m: pairs that could have met
    edges_tested: number; copies: number; copies_max_score: number; group_threshold: number; seed: string;
  };
  recruitment: {               // calls of channels and who answers them elsewhere; at most 500 of each
    not_observable: string | null; window_seconds: number; tested: number; controls: number; control_responders: number;
    lag_quartiles_seconds: number[]; profile_responders: number[]; profile_others: number[];
    uptake: Record<'before' | 'unexposed' | 'responders', { posts: number; on_what_was_named: number }>;
    dose: { days: number; posts_per_call: number; p_value: number; days_by_calls: number[]; posts_by_calls: number[] }; // in the file as text
    calls: Call[]; calls_total: number; responders: Responder[]; responders_total: number;
  };
  relays: {                    // what channels repeat after each other; at most 500 of each
    not_observable: string | null; window_seconds: number; messages: number; tested: number; controls: number; control_relays: number; channels_least_p: number;
    instructions_total: number; instructions: Instruction[]; total: number; relays: Relay[]; channels: Relayer[]; channels_total: number;
  };
  swarm: {                     // comment floods and who copies under strangers' posts; at most 500 of each
    not_observable: string | null; comments: number; copies: number; author_unknown: number; tested: number; posts_tested: number;
    commenters: number; comment_only: number; named_comment_only: number; followers_median: number | null;
    latency_named: number[]; latency_others: number[]; // in doublings of a second; in the file as text
    clusters: SwarmCluster[]; floods: Flood[]; floods_total: number; accounts: Swarmer[]; accounts_total: number;
  };
  promotion: Promotion;        // scripts and the ledger; at most 500 of each, 2,000 flows
  popularity: Popular[];       // what members of findings used most
  lineage: { things: LineageThing[]; edits: TagEdit[]; tags_compared: number; tags_left: number; tags_alike: number };
  nodes: Node[];
  edges: Edge[];               // edges kept
  findings: Finding[];
  layers: Layer[];             // every signal of the fusion, looked for or not
  posts: Post[];               // evidence posts only
  timeline: { step_seconds: number; bins: Bin[] };
  lifecycle: {                 // who slept and woke; the clearest first, at most 500
    tested: number; too_few_acts: number; history_unknown: number; returns_compared: number;
    ages: { field: number; id: number; legacy: number; unknown: number }; date_posts_left_out: number; only_around_dates: number;
    topic: { acts_before: number; topic_before: number; acts_after: number; topic_after: number } | null; registrations: Registration[];
    cohorts: Cohort[]; awakenings: Awakening[]; awakenings_total: number;
  };
  files: SourceFile[];
  rejects: Reject[];
  options: { name: string; value: string; meaning: string }[];
  notes: string[];
  stages: { name: string; seconds: number }[];
}

/** An account that tells a script. */
export interface Teller {
  account: string; handle: string | null; followers: number | null; posts: number; disclosed: number; first: string | null;
  others_near: number; near_seconds: number; expected: number; q_value: number; tied: boolean; flagged: boolean; paid: boolean; finding: string | null;
}

/** Posts that say the same in like words, by several accounts in one window. */
export interface Script {
  id: string; kind: 'undeclared' | 'disclosed' | 'copied' | 'tied' | 'loose'; campaign: string; post: string; text: string;
  accounts: number; posts: number; wordings: number; own_share: number; disclosed: number; window_first: string | null; window_last: string | null;
  inside: number; expected: number; again: number; again_expected: number; log10_p: number; q_value: number; tied: number; tag: string | null; tag_posts: number;
  paid: number; in_findings: number; verified: number; measured: string; members: Teller[];
}

/** Amounts are decimal texts: a number would round them. null: cannot be given. */
export interface Sum {
  by: 'all' | 'payer' | 'payee' | 'beneficiary' | 'method'; name: string | null; currency: string; amount: string | null; payments: number;
  refunds: number; refunded: string | null; converted: string | null; converted_payments: number;
}

export interface Payee {
  payee: string; account: string | null; handle: string | null; followers: number | null; amounts: string; payments: number; payers: number;
  first: string | null; last: string | null; days_before: number; days_after: number; posts_before: number; posts_after: number;
  expected_after: number | null; q_value: number | null; // null: not observable
  views_before: number | null; views_after: number | null; promoted: number; undisclosed: number; in_ad_library: number; script: string | null; finding: string | null;
}

export interface Flow {
  payer: string | null; payee: string | null; account: string | null; target: string | null; beneficiary: string | null; beneficiary_by: 'ledger' | 'posts' | 'comments' | null;
  method: string | null; currency: string; amount: string | null; payments: number; converted: string | null;
}

export interface NamedBeneath {
  beneficiary: string; posts: number; posts_naming: number; answered_promoted: number; answered_other: number; answerers_promoted: number;
  naming_promoted: number; answerers_other: number; naming_other: number; expected: number; p_value: number | null; // null: not observable
}

export interface ReportedSum { name: string; payer: string | null; method: string | null; currency: string; reported: string | null; found: string | null; agrees: boolean }

export interface Promotion {
  not_observable: string | null; tested: number; families_tested: number; flagged: number; controls: number; control_flagged: number; ads: number; topic_known: boolean;
  scripts: Script[]; scripts_total: number; named_beneath: NamedBeneath[];
  ledger: {
    payments: number; matched: number; alike: number; converted_to: string | null; note: string; checks: ReportedSum[];
    sums: Sum[]; sums_total: number; payees: Payee[]; payees_total: number; flows: Flow[]; flows_total: number;
  };
}

export interface Relay {
  first: string; seconds_to_sure: number; channel: string; things: string; channels: number; expected: number; q_value: number;
  instruction: number; members: { channel: string; lag_seconds: number }[]; members_total: number;
}

export interface Relayer {
  channel: string; called: number; relayed: number; could: number; expected: number; q_value: number;
  followed: string | null; followed_count: number; lag_median_seconds: number | null;
}

export interface Node {
  id: string;                  // account_key
  platform: string; handle: string | null; name: string | null;
  created: string | null; created_method: 'unknown' | 'field' | 'id' | 'legacy';
  followers: number | null; following: number | null;
  posts: number; matched_posts: number;
  group: number | null;        // index into findings
  degree: number; strength: number; x: number; y: number;
}

export interface Edge {
  a: number; b: number;        // indexes into nodes
  occasions: number; pairs: number; objects: number; posts_a: number; posts_b: number;
  a_first: number; b_first: number; lag_mean_seconds: number; first: string; last: string;
  expected: number; p: number; q: number; window_seconds: number; synchrony_p: number | null;
  kinds: Partial<Record<Kind, number>>; group: number | null;
}

export interface Finding {
  id: string; title: string;
  members: number[];           // node indexes, strongest first
  edges: number; score: number; copies_max_score: number; p: number; q_edge_max: number;
  occasions: number; expected: number; posts: number;
  first: string; last: string; lag_median_seconds: number;
  kinds: Partial<Record<Kind, number>>;
  confidence: 'explained' | 'low' | 'moderate' | 'high'; confidence_rule: string;
  kind: string; observation: string;
  beneficiary: string | null;  // of case.toml, whom the shared things name
  operator: string | null;     // only ever a logged entry of an analyst
  mechanisms: Mechanism[];     // the ways in which they act together, by falling members
  techniques: { id: string; name: string; measured: string }[]; // of DISARM
  roles: { role: string; members: number; example: string }[];
  apart: string | null; seed_share: number | null;
  alternatives: { name: string; verdict: 'speaks for' | 'speaks against' | 'open' | 'not observable'; measured: string }[];
  objects: { kind: Kind; object: string; accounts: number; uses: number }[];
  matches: { a: number; b: number; kind: Kind; object: string; lag_seconds: number }[]; // a, b index posts
  matches_total: number;
}

export interface Mechanism {
  kind: string; layer: string; by: string; members: number; alone: number; log10_p: number | null; log10_q: number | null; // by: 'group', 'members', 'record'
  survives_without: boolean; kept_without: number; measured: string;
}

export interface Layer {       // a signal, as the fusion sees it
  layer: string; not_observable: string | null; accounts_tested: number; pairs_tested: number; accounts_named: number; clusters: number;
}

export interface Post {
  id: string; node: number; time: string; kind: string; text: string | null;
  file: string; sha256: string; offset: number; length: number;
}

/** A message that tells its readers what to do, and why it counts as one. */
export interface Instruction { time: string; channel: string; cues: string; score: number }

export interface Call {
  time: string; channel: string; post: string; things: string; instruction: number; cues: string; posts_before: number; posts_after: number;
  accounts_after: number; responders: number; lag_median_seconds: number | null;
  answers_responders: number[]; answers_others: number[]; // by lag, in equal parts of the window; in the file as text
}

export interface Responder {
  account: string; handle: string | null; answered: number; answerable: number; expected: number;
  on_time: number; acts: number; expected_on_time: number; q_value: number; lag_median_seconds: number | null; finding: string | null;
}

export interface SwarmCluster { floods: number; authors: number; accounts: number; overlap: number; expected: number; log10_p: number; first: string; last: string }

export interface Flood {
  post: string; author: string | null; author_handle: string | null; time: string | null; text: string | null;
  commenters: number; copiers: number; named: number; repeaters: number; first: string; last: string;
  burst: { first: string; last: string; copiers: number; others: number } | null;
  q_value: number | null; latency_quartiles_seconds: number[]; // none where the post is not in the data
}

export interface Swarmer {
  account: string; handle: string | null; followers: number | null; posts: number; comments: number; authors: number; copied: number;
  expected: number; bursts: number; q_value: number; finding: string | null;
}

export interface Population {
  accounts: number; posts: number; first: string | null; last: string | null; known_as: string | null; shares: string; series: number[];
}

export interface LineageThing {
  kind: Kind; object: string; accounts: number; posts: number; told_apart_by: 'nothing' | 'company' | 'taste';
  first_accounts: { account: string; handle: string | null; time: string }[];
  earlier: Population; later: Population; third: Population; unknown: Population;
  change: string | null; share_before: number; share_after: number; q_order: number; taken_over: boolean;
}

export interface TagEdit {
  from: string; to: string; accounts_to: number; accounts_both: number; expected_both: number; moved: number; moved_back: number; parent: boolean;
}

export interface Left { posts: number; accounts: number; views: number | null; rank: number }
export interface OnPlatform { platform: string; posts: number; posts_without_members: number; accounts: number; accounts_without_members: number; views: number; views_without_members: number; series_posts: number[]; series_members: number[] }

export interface Popular {
  kind: Kind | 'name'; object: string; // name: of case.toml, in texts
  all: Left; without_members: Left; without_moderate: Left; without_high: Left; // without members of findings so sure
  ranked: number; first: string; last: string; early_accounts: number; early_members: number; doubling_seconds: number | null;
  change: string | null; rate_ratio: number; log10_p: number; // the clearest change to a higher rate of new accounts
  doubling_seconds_without_members: number | null; first_hour_answers: number | null; first_hour_answers_of_members: number | null; platforms: OnPlatform[];
  series_posts: number[]; series_members: number[];           // in equal parts of the data's time; in the file as text
}

export interface Registration { day: string; shape: string; accounts: number; awakened: number; accounts_of_day: number; expected: number; p_value: number }

export interface Cohort {
  of: 'awakening' | 'registration'; first: string; last: string; accounts: number; expected: number; p_value: number;
}

export interface Awakening {
  account: string; platform: string; handle: string | null;
  created: string | null; created_method: 'unknown' | 'field' | 'id' | 'legacy'; followers: number | null;
  woke: string; longest_silence_seconds: number; acts_before: number; acts_after: number; days_after: number;
  q_value: number; finding: string | null;
  strip: string;               // digits: acts in equal parts of the data's time, 9 for nine and more
}

export interface Bin { start: string; posts: number; coordinated: number }
export interface SourceFile {
  name: string; sha256: string; format: string; bytes: number; rows: number;
  posts: number; payments: number; rejects: number; duplicates: number; ignored: number;
}
export interface Reject { file: string; reason: string; count: number; line: number; example: string }
