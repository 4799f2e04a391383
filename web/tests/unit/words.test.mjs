// words.test.mjs - headline, numbers, scales and the mending of damaged data
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bare, empty, hostile, large, make, small } from '../../fixtures/make_fixture.mjs';
import { modules } from './bundle.mjs';

const { headline, format, scale, source, state, thing } = await modules('headline', 'format', 'scale', 'source', 'state', 'parts/thing');
const answer = (report) => headline.answer(source.model(report).report);

test('the headline says how many groups and accounts', () => {
  assert.equal(answer(small()).headline, 'Three groups, 43 accounts, acted together more often than chance allows');
  assert.equal(answer(make({ seed: 1, nodesCount: 40, edgesCount: 60, groups: [12] })).headline, 'One group of 12 accounts acted together far more often than chance allows');
});

test('an account in two groups counts once', () => {
  assert.equal(headline.membersCount([{ members: [1, 2, 3] }, { members: [3, 4] }]), 4);
});

test('low confidence is not sold as certainty', () => {
  const report = small();
  for (const finding of report.findings) finding.confidence = 'low';
  assert.match(answer(report).headline, /may have acted together/);
  assert.match(answer(report).sentences.join(' '), /Confidence is low for all three/);
});

test('what an innocent explanation accounts for is counted apart', () => {
  const report = small();
  report.findings[1].confidence = 'explained';
  assert.match(answer(report).headline, /^Two groups, /);
  assert.match(answer(report).sentences.join(' '), /Of one group more the numbers speak for an innocent explanation\./);
  Object.assign(report.findings[1], { score: 1e6 });
  assert.doesNotMatch(answer(report).sentences.join(' '), /times the best[^.]*\d{3}/, 'the scores told are those of the groups told');
  for (const finding of report.findings) finding.confidence = 'explained';
  assert.equal(answer(report).headline, 'Three groups, 43 accounts, acted together, and the numbers speak for an innocent explanation');
  assert.doesNotMatch(answer(report).sentences.join(' '), /Confidence is/);
});

test('the sentences name what was tested', () => {
  const report = small(), text = answer(report).sentences.join(' ');
  for (const part of ['217,750 pairs', '199 shuffled copies', 'no cluster came as high', '1.6 to 10.2 times the best', 'high for one, moderate for one and low for one']) assert.ok(text.includes(part), part);
});

test('a group that chance reached in a few copies is not said to be beyond chance', () => {
  const report = small();
  Object.assign(report.findings[2], { score: 5, p: 0.02 });
  assert.match(answer(report).sentences.join(' '), /as strong as the weakest of these groups came up in three of them; the strongest group scores 10.2 times/);
});

test('a group that was not held against the copies is not said to be among what chance built', () => {
  const report = small();
  Object.assign(report.findings[2], { score: 0, copies_max_score: 0, p: 1e-300 });
  const text = answer(report).sentences.join(' ');
  assert.match(text, /no cluster came as high: these groups score [0-9.]+ to 10.2 times the best of them. F3 is shown by other signals than acts in common/);
  for (const finding of report.findings) finding.score = 0;
  assert.doesNotMatch(answer(report).sentences.join(' '), /cluster|times the best/);
});

test('a long title ends with a whole clause', () => {
  assert.equal(format.clauses('30 accounts posted alike; 20 woke up together; 10 answer calls', 50), '30 accounts posted alike; 20 woke up together …');
  assert.equal(format.clauses('short; as it is', 50), 'short; as it is');
});

test('no finding and no data are said as such', () => {
  assert.equal(answer(empty()).headline, 'Nothing that chance could not explain');
  assert.match(answer(empty()).sentences.join(' '), /no proof of innocence/);
  assert.equal(answer(bare()).headline, 'There was nothing to read');
});

test('numbers as a reader says them', () => {
  assert.equal(format.count(1234567), '1,234,567');
  assert.equal(format.count(null), 'not known');
  assert.equal(format.figure(5.31), '5.3');
  assert.equal(format.figure(0.0313), '0.031');
  assert.equal(format.figure(NaN), 'not known');
  assert.equal(format.probability(0.005), '0.005');
  assert.equal(format.probability(3.2e-9), '3 × 10⁻⁹');
  assert.equal(format.percent(1, 1000), '<1 %');
  assert.equal(format.percent(999, 1000), '>99 %');
  assert.equal(format.percent(7, 7), '100 %');
  assert.equal(format.percent(1, 0), '–');
  assert.equal(format.duration(9), '9 s');
  assert.equal(format.duration(3 * 3600), '3 h');
  assert.equal(format.bytes(18233441), '18.2 MB');
  assert.equal(format.plural(1, 'copy', 'copies'), '1 copy');
});

test('times are UTC and say no more than they know', () => {
  assert.equal(format.moment('2024-11-05T14:03:22Z'), '5 Nov 2024, 14:03:22');
  assert.equal(format.moment('2024-11-05T14:03:22Z', 'minute'), '5 Nov 2024, 14:03');
  assert.equal(format.moment('2024-11-05T14:03:22Z', 'day'), '5 Nov 2024');
  assert.equal(format.moment('never'), 'not known');
  assert.equal(format.span('2024-10-28T00:00:00Z', '2024-11-24T20:59:59Z'), '28 Oct – 24 Nov 2024');
});

test('ticks are round and inside', () => {
  assert.deepEqual(scale.ticks(0, 293, 4), [0, 100, 200]);
  assert.deepEqual(scale.ticks(0, 0.22, 2), [0, 0.2]);
  assert.deepEqual(scale.logTicks(1, 107), [1, 3, 10, 30, 100]);
  for (const [low, high] of [[0, 60e3], [1.73e12, 1.73e12 + 26 * 86400e3], [0, 1.7e12]]) {
    const marks = scale.timeTicks(low, high, 8);
    assert.ok(marks.length >= 2 && marks.length <= 20, `${marks.length} ticks`);
    for (const { at } of marks) assert.ok(at >= low && at <= high);
  }
  const days = scale.timeTicks(Date.UTC(2024, 0, 1), Date.UTC(2024, 11, 31), 6);
  assert.ok(days.every(({ at }) => new Date(at).getUTCDate() === 1));
});

test('linear and log scales invert', () => {
  for (const make of [scale.linear, scale.log]) {
    const s = make(2, 300, 10, 700);
    for (const value of [2, 17, 300]) assert.ok(Math.abs(s.invert(s(value)) - value) < 1e-9);
  }
});

test('a sound report is taken as it is', () => {
  const report = large(), model = source.model(report);
  assert.equal(model.mended, 0);
  assert.deepEqual(model.report.findings.map((finding) => finding.members), report.findings.map((finding) => finding.members));
  assert.equal(model.report.edges.length, 20000);
  assert.equal(model.edgesOf.reduce((sum, own) => sum + own.length, 0), 40000);
});

test('a damaged report is mended and counted, never trusted', () => {
  const model = source.model(hostile());
  assert.ok(model.mended > 0);
  for (const edge of model.report.edges) assert.ok(model.report.nodes[edge.a] && model.report.nodes[edge.b]);
  for (const finding of model.report.findings) {
    for (const member of finding.members) assert.ok(model.report.nodes[member]);
    for (const match of finding.matches) assert.ok(model.report.posts[match.a] && model.report.posts[match.b]);
  }
  for (const node of model.report.nodes) assert.ok(Number.isFinite(node.x) && (node.group === null || model.report.findings[node.group]));
  for (const junk of [null, 7, 'x', [], {}, { nodes: 3, edges: {}, findings: [null], timeline: [], totals: 'x' }]) assert.doesNotThrow(() => answer(junk));
});

test('whatever is put in place of whatever, the page gets a model', () => {
  const JUNK = [null, undefined, NaN, -1, 1e308, 0.5, '', 'x', '__proto__', [], {}, [[]], true, '2024-13-45'];
  let state = 12345;
  const below = (n) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state % n; };
  const sound = JSON.stringify(make({ seed: 2, nodesCount: 12, edgesCount: 14, groups: [4] }));
  for (let round = 0; round < 400; round++) {
    const report = JSON.parse(sound);
    for (let hits = 1 + below(4); hits > 0; hits--) {
      let at = report;
      for (let depth = below(4); depth > 0; depth--) {
        const inner = Object.values(at).filter((value) => value && typeof value === 'object');
        if (!inner.length) break;
        at = inner[below(inner.length)];
      }
      const keys = Object.keys(at);
      if (keys.length) at[keys[below(keys.length)]] = JUNK[below(JUNK.length)];
    }
    const model = source.model(report);
    headline.answer(model.report);
    for (const edge of model.report.edges) assert.ok(model.report.nodes[edge.a] && model.report.nodes[edge.b]);
    for (const finding of model.report.findings) for (const match of finding.matches) assert.ok(model.report.posts[match.a]);
  }
});

test('the store tells what changed, and only then', () => {
  const store = new state.Store(), seen = [];
  store.on((view, changed) => seen.push([...changed]));
  store.set({ account: 3 });
  store.set({ account: 3 });
  store.set({ account: null, query: 'x' });
  assert.deepEqual(seen, [['account'], ['account', 'query']]);
});

test('money keeps its digits, and bands are as wide as it', async () => {
  const { money } = await modules('parts/money');
  assert.equal(money.money('381000.00', 'USD'), '381,000.00 USD');
  assert.equal(money.money('-92233720368547758.07', 'EUR'), '-92,233,720,368,547,758.07 EUR');
  assert.equal(money.money('1500', 'COINS'), '1,500 COINS');
  assert.match(money.money(null, 'USD'), /too large/);
  const flows = source.model(small()).report.promotion.ledger.flows.filter((flow) => flow.currency === 'USD');
  const whole = flows.reduce((sum, flow) => sum + Number(flow.amount), 0);
  const drawn = money.streams(flows, (flow) => flow.amount, new Map());
  assert.ok(Math.abs(drawn.reduce((sum, one) => sum + one.value, 0) - whole) < 1e-6);
  assert.equal(new Set(drawn.map((one) => one.parts[1])).size, 13); // a dozen payees, and the others
  assert.deepEqual(money.streams([{ ...flows[0], amount: '-5.00' }, { ...flows[0], amount: null }], (flow) => flow.amount, new Map()), []);
});

test('a damaged ledger is mended to texts or to nothing', () => {
  const { ledger, scripts } = source.model(hostile()).report.promotion;
  assert.equal(ledger.sums[0].amount, null); // 1e9 is no amount as a ledger writes it
  assert.ok(ledger.flows.every((flow) => flow.amount === null || /^-?\d+(\.\d+)?$/.test(flow.amount)));
  assert.equal(scripts[1].kind, 'tied');
  assert.equal(ledger.payees[0].first, null);
});

test('a list of things is read piece by piece, whatever stands in it', () => {
  assert.deepEqual(thing.thingsOf('hashtag a (12), url b.example/x, y (4), near_text 5080ae77516cad9e (1)'), { whole: true, things: [
    { kind: 'hashtag', object: 'a', accounts: 12 }, { kind: 'url', object: 'b.example/x, y', accounts: 4 }, { kind: 'near_text', object: '5080ae77516cad9e', accounts: 1 }] });
  assert.deepEqual(thing.thingsOf('url tiktok.com/@a/video/7, hashtag b, a text to copy ...'), { whole: false, things: [{ kind: 'url', object: 'tiktok.com/@a/video/7', accounts: null }, { kind: 'hashtag', object: 'b', accounts: null }, { kind: 'text', object: '', accounts: null }] });
  assert.deepEqual(thing.thingsOf('<img src=x> nothing'), { whole: false, things: [] });
  assert.deepEqual(thing.thingsOf(''), { whole: false, things: [] });
});
