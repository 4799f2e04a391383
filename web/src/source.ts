// source.ts - where the page's data comes from, made safe: the one module that knows
//
// A report is read from the page's own data element. The console to come replaces this
// module by one that asks a server; nothing else has to know. What is damaged (an index
// that points nowhere, a number that is none) is mended here, once, so that no part of the
// page has to look twice.
import type { Awakening, Left, LineageThing, Popular, Population, Bin, Edge, Finding, Flood, Kind, Node, Post, Report } from './data';
import { isKind } from './format';
import { promotionOf } from './money_source';

export interface Model {
  report: Report;
  edgesOf: number[][];          // node -> indexes of its edges, strongest first
  postsOf: Map<number, number[]>; // node -> indexes of its evidence posts, in time
  kinds: Kind[];                // kinds that the edges carry, most frequent first
  occasionsMax: number;
  mended: number;               // pieces of the data that were unusable
}

type Loose = Record<string, unknown>;
const isRecord = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
const record = (value: unknown): Loose => (isRecord(value) ? value : {});
const records = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const number = (value: unknown, otherwise = 0): number => (typeof value === 'number' && Number.isFinite(value) ? value : otherwise);
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const timeOrNull = (value: unknown): string | null => (typeof value === 'string' && Number.isFinite(Date.parse(value)) ? value : null);
function oneOf<T extends string>(value: unknown, choices: readonly T[], otherwise: T): T {
  return choices.includes(value as T) ? (value as T) : otherwise;
}
function kindsOf(value: unknown): Partial<Record<Kind, number>> {
  const kinds: Partial<Record<Kind, number>> = {};
  for (const [name, n] of Object.entries(record(value))) if (isKind(name) && number(n) > 0) kinds[name] = number(n);
  return kinds;
}
const left = (value: unknown): Left => ({ posts: number(record(value).posts), accounts: number(record(value).accounts), views: numberOrNull(record(value).views), rank: number(record(value).rank) });
/** Counts that stand in one text with blanks between. */
const countsOf = (value: unknown): number[] => (/^[0-9 ]{1,4000}$/.test(text(value)) ? text(value).split(' ').map((n) => number(Number(n))) : []);
const numbersOf = (value: unknown): number[] => (/^[-0-9. ]{1,4000}$/.test(text(value)) ? text(value).split(' ').map((n) => number(Number(n))) : []);
const burstOf = (value: unknown): Flood['burst'] => {
  const burst = record(value);
  return timeOrNull(burst.first) === null || timeOrNull(burst.last) === null ? null
    : { first: text(burst.first), last: text(burst.last), copiers: number(burst.copiers), others: number(burst.others) };
};
const kindOf = (value: unknown): Kind => (isKind(text(value)) ? (text(value) as Kind) : 'text');

const populationOf = (value: unknown): Population => {
  const one = record(value);
  return { accounts: number(one.accounts), posts: number(one.posts), first: timeOrNull(one.first), last: timeOrNull(one.last), known_as: textOrNull(one.known_as), shares: text(one.shares), series: countsOf(one.series) };
};

/** The report of this page, or a sentence that says why there is none. */
export function load(): Model | string {
  const raw = document.getElementById('data')?.textContent ?? '';
  if (!raw.trimStart().startsWith('{')) return 'This is the empty page; lockstep puts a run’s results into it.';
  try {
    return model(JSON.parse(raw));
  } catch (error) {
    return `The data in this page cannot be read (${error instanceof Error ? error.message.slice(0, 120) : 'unknown error'}).`;
  }
}

export function model(input: unknown): Model {
  const loose = record(input);
  let mended = 0;
  const inside = (value: unknown, length: number): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) < length;
  const keep = <T>(items: T[], good: (item: T) => boolean): T[] => {
    const kept = items.filter(good);
    mended += items.length - kept.length;
    return kept;
  };
  const findingsCount = records(loose.findings).length;
  const group = (value: unknown) => (inside(value, findingsCount) ? value : null);

  const nodes: Node[] = records(loose.nodes).map((node) => ({
    id: text(node.id), platform: text(node.platform), handle: textOrNull(node.handle), name: textOrNull(node.name),
    created: timeOrNull(node.created), created_method: oneOf(node.created_method, ['unknown', 'field', 'id', 'legacy'], 'unknown'),
    followers: numberOrNull(node.followers), following: numberOrNull(node.following),
    posts: number(node.posts), matched_posts: number(node.matched_posts), group: group(node.group),
    degree: number(node.degree), strength: number(node.strength), x: number(node.x), y: number(node.y),
  }));
  const edges: Edge[] = keep(records(loose.edges), (edge) => inside(edge.a, nodes.length) && inside(edge.b, nodes.length) && edge.a !== edge.b)
    .map((edge) => ({
      a: number(edge.a), b: number(edge.b), occasions: number(edge.occasions), pairs: number(edge.pairs),
      objects: number(edge.objects), posts_a: number(edge.posts_a), posts_b: number(edge.posts_b),
      a_first: number(edge.a_first), b_first: number(edge.b_first), lag_mean_seconds: number(edge.lag_mean_seconds),
      first: timeOrNull(edge.first) ?? '', last: timeOrNull(edge.last) ?? '', expected: number(edge.expected, NaN),
      p: number(edge.p, NaN), q: number(edge.q, NaN), window_seconds: number(edge.window_seconds),
      synchrony_p: numberOrNull(edge.synchrony_p), kinds: kindsOf(edge.kinds), group: group(edge.group),
    }));
  const posts: Post[] = records(loose.posts).map((post) => {
    if (!inside(post.node, nodes.length)) mended++;
    return {
      id: text(post.id), node: inside(post.node, nodes.length) ? post.node : -1, time: timeOrNull(post.time) ?? '',
      kind: text(post.kind), text: typeof post.text === 'string' ? post.text : null, file: text(post.file),
      sha256: text(post.sha256), offset: number(post.offset), length: number(post.length),
    };
  });
  const findings: Finding[] = records(loose.findings).map((finding) => ({
    id: text(finding.id) || '?', title: text(finding.title),
    members: keep(Array.isArray(finding.members) ? finding.members : [], (member) => inside(member, nodes.length)) as number[],
    edges: number(finding.edges), score: number(finding.score),
    copies_max_score: number(finding.copies_max_score, number(record(loose.test).copies_max_score)), p: number(finding.p, NaN), q_edge_max: number(finding.q_edge_max, NaN),
    occasions: number(finding.occasions), expected: number(finding.expected, NaN), posts: number(finding.posts),
    first: timeOrNull(finding.first) ?? '', last: timeOrNull(finding.last) ?? '', lag_median_seconds: number(finding.lag_median_seconds, NaN),
    kinds: kindsOf(finding.kinds), confidence: oneOf(finding.confidence, ['explained', 'low', 'moderate', 'high'], 'low'),
    confidence_rule: text(finding.confidence_rule), kind: text(finding.kind), observation: text(finding.observation),
    beneficiary: textOrNull(finding.beneficiary), operator: textOrNull(finding.operator), apart: textOrNull(finding.apart), seed_share: numberOrNull(finding.seed_share),
    mechanisms: records(finding.mechanisms).map((one) => ({
      kind: text(one.kind), layer: text(one.layer), by: text(one.by), members: number(one.members), alone: number(one.alone), log10_p: numberOrNull(one.log10_p), log10_q: numberOrNull(one.log10_q),
      survives_without: one.survives_without === true, kept_without: number(one.kept_without), measured: text(one.measured),
    })),
    techniques: records(finding.techniques).map((one) => ({ id: text(one.id), name: text(one.name), measured: text(one.measured) })),
    roles: records(finding.roles).map((one) => ({ role: text(one.role), members: number(one.members), example: text(one.example) })),
    alternatives: records(finding.alternatives).map((other) => ({
      name: text(other.name), measured: text(other.measured),
      verdict: oneOf(other.verdict, ['speaks for', 'speaks against', 'open', 'not observable'], 'open'),
    })),
    objects: records(finding.objects).map((object) => ({
      kind: kindOf(object.kind), object: text(object.object), accounts: number(object.accounts), uses: number(object.uses),
    })),
    matches: keep(records(finding.matches), (match) => inside(match.a, posts.length) && inside(match.b, posts.length)).map((match) => ({
      a: number(match.a), b: number(match.b), kind: kindOf(match.kind), object: text(match.object), lag_seconds: number(match.lag_seconds, NaN),
    })),
    matches_total: number(finding.matches_total),
  }));
  const timeline = record(loose.timeline);
  const bins: Bin[] = keep(records(timeline.bins), (bin) => timeOrNull(bin.start) !== null)
    .map((bin) => ({ start: text(bin.start), posts: number(bin.posts), coordinated: Math.min(number(bin.coordinated), number(bin.posts)) }));
  const life = record(loose.lifecycle), answers = record(loose.recruitment), repeated = record(loose.relays), dose = record(answers.dose), uptake = record(answers.uptake), flooded = record(loose.swarm);
  const uptakeOf = (name: string) => { const part = record(uptake[name]); return { posts: number(part.posts), on_what_was_named: number(part.on_what_was_named) }; };
  const awakenings: Awakening[] = keep(records(life.awakenings), (one) => timeOrNull(one.woke) !== null && /^[0-9]{1,400}$/.test(text(one.strip))).map((one) => ({
    account: text(one.account), platform: text(one.platform), handle: textOrNull(one.handle), created: timeOrNull(one.created),
    created_method: oneOf(one.created_method, ['unknown', 'field', 'id', 'legacy'], 'unknown'), followers: numberOrNull(one.followers),
    woke: text(one.woke), longest_silence_seconds: number(one.longest_silence_seconds), acts_before: number(one.acts_before),
    acts_after: number(one.acts_after), days_after: number(one.days_after), q_value: number(one.q_value, NaN),
    finding: textOrNull(one.finding), strip: text(one.strip),
  }));
  const totals = record(loose.totals), test = record(loose.test);
  const report: Report = {
    lockstep: text(loose.lockstep), run: text(loose.run), synthetic: loose.synthetic === true, data_digest: text(loose.data_digest),
    totals: {
      posts: number(totals.posts), accounts: number(totals.accounts), actions: number(totals.actions), payments: number(totals.payments), rejects: number(totals.rejects),
      duplicates: number(totals.duplicates), ignored: number(totals.ignored), first: timeOrNull(totals.first), last: timeOrNull(totals.last),
      time_precision: oneOf(totals.time_precision, ['second', 'minute', 'day'], 'second'),
    },
    test: {
      pairs_tested: number(test.pairs_tested), edges_tested: number(test.edges_tested), copies: number(test.copies),
      copies_max_score: number(test.copies_max_score), group_threshold: number(test.group_threshold), seed: text(test.seed),
    },
    nodes, edges, findings, posts,
    layers: records(loose.layers).map((one) => ({
      layer: text(one.layer), not_observable: textOrNull(one.not_observable), accounts_tested: number(one.accounts_tested),
      pairs_tested: number(one.pairs_tested), accounts_named: number(one.accounts_named), clusters: number(one.clusters),
    })),
    timeline: { step_seconds: Math.max(1, number(timeline.step_seconds, 3600)), bins },
    lifecycle: {
      tested: number(life.tested), too_few_acts: number(life.too_few_acts), history_unknown: number(life.history_unknown),
      ages: { field: number(record(life.ages).field), id: number(record(life.ages).id), legacy: number(record(life.ages).legacy), unknown: number(record(life.ages).unknown) },
      date_posts_left_out: number(life.date_posts_left_out), only_around_dates: number(life.only_around_dates),
      topic: isRecord(life.topic) ? { acts_before: number(life.topic.acts_before), topic_before: number(life.topic.topic_before), acts_after: number(life.topic.acts_after), topic_after: number(life.topic.topic_after) } : null,
      registrations: keep(records(life.registrations), (one) => timeOrNull(one.day) !== null).map((one) => ({ day: text(one.day), shape: text(one.shape), accounts: number(one.accounts), awakened: number(one.awakened), accounts_of_day: number(one.accounts_of_day), expected: number(one.expected), p_value: number(one.p_value, NaN) })),
      returns_compared: number(life.returns_compared), awakenings, awakenings_total: Math.max(awakenings.length, number(life.awakenings_total)),
      cohorts: keep(records(life.cohorts), (cohort) => timeOrNull(cohort.first) !== null && timeOrNull(cohort.last) !== null).map((cohort) => ({
        of: oneOf(cohort.of, ['awakening', 'registration'], 'awakening'), first: text(cohort.first), last: text(cohort.last),
        accounts: number(cohort.accounts), expected: number(cohort.expected), p_value: number(cohort.p_value, NaN),
      })),
    },
    recruitment: {
      not_observable: textOrNull(answers.not_observable), window_seconds: Math.max(1, number(answers.window_seconds, 7200)),
      tested: number(answers.tested), controls: number(answers.controls), control_responders: number(answers.control_responders),
      lag_quartiles_seconds: (Array.isArray(answers.lag_quartiles_seconds) ? answers.lag_quartiles_seconds : []).map((lag) => number(lag, NaN)),
      profile_responders: countsOf(answers.profile_responders), profile_others: countsOf(answers.profile_others),
      calls: keep(records(answers.calls), (call) => timeOrNull(call.time) !== null).map((call) => ({
        time: text(call.time), channel: text(call.channel), post: text(call.post), things: text(call.things), instruction: number(call.instruction), cues: text(call.cues),
        posts_before: number(call.posts_before), posts_after: number(call.posts_after), accounts_after: number(call.accounts_after),
        responders: number(call.responders), lag_median_seconds: numberOrNull(call.lag_median_seconds),
        answers_responders: countsOf(call.answers_responders), answers_others: countsOf(call.answers_others),
      })),
      uptake: { before: uptakeOf('before'), unexposed: uptakeOf('unexposed'), responders: uptakeOf('responders') },
      dose: {
        days: number(dose.days), posts_per_call: number(dose.posts_per_call), p_value: number(dose.p_value, NaN),
        days_by_calls: countsOf(dose.days_by_calls), posts_by_calls: numbersOf(dose.posts_by_calls),
      },
      calls_total: number(answers.calls_total), responders_total: number(answers.responders_total),
      responders: records(answers.responders).map((one) => ({
        account: text(one.account), handle: textOrNull(one.handle), answered: number(one.answered), answerable: number(one.answerable),
        expected: number(one.expected), on_time: number(one.on_time), acts: number(one.acts), expected_on_time: number(one.expected_on_time),
        q_value: number(one.q_value, NaN), lag_median_seconds: numberOrNull(one.lag_median_seconds), finding: textOrNull(one.finding),
      })),
    },
    promotion: promotionOf(loose.promotion),
    relays: {
      not_observable: textOrNull(repeated.not_observable), window_seconds: Math.max(1, number(repeated.window_seconds, 300)),
      messages: number(repeated.messages), tested: number(repeated.tested), controls: number(repeated.controls), control_relays: number(repeated.control_relays), channels_least_p: number(repeated.channels_least_p),
      instructions: keep(records(repeated.instructions), (one) => timeOrNull(one.time) !== null).map((one) => ({ time: text(one.time), channel: text(one.channel), cues: text(one.cues), score: number(one.score) })),
      instructions_total: number(repeated.instructions_total), total: number(repeated.total), channels_total: number(repeated.channels_total),
      relays: keep(records(repeated.relays), (one) => timeOrNull(one.first) !== null).map((one) => ({
        first: text(one.first), seconds_to_sure: Math.max(0, number(one.seconds_to_sure)), channel: text(one.channel), things: text(one.things),
        channels: number(one.channels), expected: number(one.expected, NaN), q_value: number(one.q_value, NaN), instruction: number(one.instruction),
        members: records(one.members).map((member) => ({ channel: text(member.channel), lag_seconds: Math.max(0, number(member.lag_seconds)) })),
        members_total: number(one.members_total),
      })),
      channels: records(repeated.channels).map((one) => ({
        channel: text(one.channel), called: number(one.called), relayed: number(one.relayed), could: number(one.could), expected: number(one.expected, NaN),
        q_value: number(one.q_value, NaN), followed: textOrNull(one.followed), followed_count: number(one.followed_count), lag_median_seconds: numberOrNull(one.lag_median_seconds),
      })),
    },
    swarm: {
      not_observable: textOrNull(flooded.not_observable), comments: number(flooded.comments), copies: number(flooded.copies),
      author_unknown: number(flooded.author_unknown), tested: number(flooded.tested), posts_tested: number(flooded.posts_tested),
      commenters: number(flooded.commenters), comment_only: number(flooded.comment_only), named_comment_only: number(flooded.named_comment_only),
      followers_median: numberOrNull(flooded.followers_median), latency_named: countsOf(flooded.latency_named), latency_others: countsOf(flooded.latency_others),
      clusters: records(flooded.clusters).map((one) => ({
        floods: number(one.floods), authors: number(one.authors), accounts: number(one.accounts), overlap: number(one.overlap),
        expected: number(one.expected), log10_p: number(one.log10_p), first: text(one.first), last: text(one.last),
      })),
      floods: keep(records(flooded.floods), (one) => timeOrNull(one.first) !== null && timeOrNull(one.last) !== null).map((one) => ({
        post: text(one.post), author: textOrNull(one.author), author_handle: textOrNull(one.author_handle), time: timeOrNull(one.time), text: textOrNull(one.text),
        commenters: number(one.commenters), copiers: number(one.copiers), named: number(one.named), repeaters: number(one.repeaters),
        first: text(one.first), last: text(one.last), burst: burstOf(one.burst), q_value: numberOrNull(one.q_value),
        latency_quartiles_seconds: (Array.isArray(one.latency_quartiles_seconds) ? one.latency_quartiles_seconds : []).map((n) => number(n)),
      })),
      floods_total: number(flooded.floods_total), accounts_total: number(flooded.accounts_total),
      accounts: records(flooded.accounts).map((one) => ({
        account: text(one.account), handle: textOrNull(one.handle), followers: numberOrNull(one.followers), posts: number(one.posts),
        comments: number(one.comments), authors: number(one.authors), copied: number(one.copied), expected: number(one.expected),
        bursts: number(one.bursts), q_value: number(one.q_value, NaN), finding: textOrNull(one.finding),
      })),
    },
    popularity: records(loose.popularity).map((one): Popular => ({
      kind: one.kind === 'name' ? 'name' : kindOf(one.kind), object: text(one.object), all: left(one.all), without_members: left(one.without_members),
      without_moderate: left(one.without_moderate), without_high: left(one.without_high), ranked: number(one.ranked),
      first: text(one.first), last: text(one.last), early_accounts: number(one.early_accounts), early_members: number(one.early_members),
      doubling_seconds: numberOrNull(one.doubling_seconds), change: timeOrNull(one.change), rate_ratio: number(one.rate_ratio),
      doubling_seconds_without_members: numberOrNull(one.doubling_seconds_without_members), first_hour_answers: numberOrNull(one.first_hour_answers), first_hour_answers_of_members: numberOrNull(one.first_hour_answers_of_members),
      platforms: records(one.platforms).map((on) => ({ platform: text(on.platform), posts: number(on.posts), posts_without_members: number(on.posts_without_members), accounts: number(on.accounts), accounts_without_members: number(on.accounts_without_members), views: number(on.views), views_without_members: number(on.views_without_members), series_posts: countsOf(on.series_posts), series_members: countsOf(on.series_members) })),
      log10_p: number(one.log10_p), series_posts: countsOf(one.series_posts), series_members: countsOf(one.series_members),
    })),
    lineage: {
      things: records(record(loose.lineage).things).map((one): LineageThing => ({
        kind: kindOf(one.kind), object: text(one.object), accounts: number(one.accounts), posts: number(one.posts), told_apart_by: oneOf(one.told_apart_by, ['nothing', 'company', 'taste'], 'nothing'),
        first_accounts: keep(records(one.first_accounts), (first) => timeOrNull(first.time) !== null).map((first) => ({ account: text(first.account), handle: textOrNull(first.handle), time: text(first.time) })),
        earlier: populationOf(one.earlier), later: populationOf(one.later), third: populationOf(one.third), unknown: populationOf(one.unknown),
        change: timeOrNull(one.change), share_before: number(one.share_before), share_after: number(one.share_after), q_order: number(one.q_order, NaN), taken_over: one.taken_over === true,
      })),
      edits: records(record(loose.lineage).edits).map((one) => ({
        from: text(one.from), to: text(one.to), accounts_to: number(one.accounts_to), accounts_both: number(one.accounts_both), expected_both: number(one.expected_both),
        moved: number(one.moved), moved_back: number(one.moved_back), parent: one.parent === true,
      })),
      tags_compared: number(record(loose.lineage).tags_compared), tags_left: number(record(loose.lineage).tags_left), tags_alike: number(record(loose.lineage).tags_alike),
    },
    files: records(loose.files).map((file) => ({
      name: text(file.name), sha256: text(file.sha256), format: text(file.format), bytes: number(file.bytes), rows: number(file.rows),
      posts: number(file.posts), payments: number(file.payments), rejects: number(file.rejects), duplicates: number(file.duplicates), ignored: number(file.ignored),
    })),
    rejects: records(loose.rejects).map((reject) => ({
      file: text(reject.file), reason: text(reject.reason), count: number(reject.count), line: number(reject.line), example: text(reject.example),
    })),
    options: records(loose.options).map((option) => ({ name: text(option.name), value: text(option.value), meaning: text(option.meaning) })),
    notes: (Array.isArray(loose.notes) ? loose.notes : []).filter((note): note is string => typeof note === 'string' && note !== ''),
    stages: records(loose.stages).map((stage) => ({ name: text(stage.name), seconds: number(stage.seconds) })),
  };
  return { report, ...indexes(report), mended };
}

function indexes(report: Report): Pick<Model, 'edgesOf' | 'postsOf' | 'kinds' | 'occasionsMax'> {
  const edgesOf: number[][] = report.nodes.map(() => []);
  const uses = new Map<Kind, number>();
  let occasionsMax = 1;
  report.edges.forEach((edge, i) => {
    edgesOf[edge.a]?.push(i);
    edgesOf[edge.b]?.push(i);
    occasionsMax = Math.max(occasionsMax, edge.occasions);
    for (const kind of Object.keys(edge.kinds) as Kind[]) uses.set(kind, (uses.get(kind) ?? 0) + 1);
  });
  const strength = (i: number) => report.edges[i]?.occasions ?? 0;
  for (const own of edgesOf) own.sort((a, b) => strength(b) - strength(a) || a - b);
  const postsOf = new Map<number, number[]>();
  report.posts.forEach((post, i) => {
    const own = postsOf.get(post.node);
    if (own) own.push(i);
    else postsOf.set(post.node, [i]);
  });
  const at = (i: number) => Date.parse(report.posts[i]?.time ?? '') || 0;
  for (const own of postsOf.values()) own.sort((a, b) => at(a) - at(b) || a - b);
  const kinds = [...uses].sort((a, b) => b[1] - a[1]).map(([kind]) => kind);
  return { edgesOf, postsOf, kinds, occasionsMax };
}

/** What an account is called: its handle, else its name, else its key. */
export function nameOf(node: Node | undefined): string {
  const visible = (text: string | null | undefined) => (text && /[\p{L}\p{N}\p{P}\p{S}]/u.test(text) ? text : null);
  return visible(node?.handle) ?? visible(node?.name) ?? visible(node?.id) ?? 'unnamed account';
}

/** What a shared thing is called. A text is known by a digest, so the words of a post that has it are shown. */
export function sharedName(model: Model, finding: Finding, shared: { kind: Kind; object: string }): string {
  if ((shared.kind !== 'text' && shared.kind !== 'near_text') || !isDigest(shared.object)) return shared.object;
  const match = finding.matches.find((other) => other.kind === shared.kind && other.object === shared.object);
  return (match && model.report.posts[match.a]?.text) || `text ${shared.object.slice(0, 12)}…`;
}

export function isDigest(object: string): boolean {
  return /^[0-9a-f]{16,64}$/.test(object);
}
