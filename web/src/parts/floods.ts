// floods.ts - comment floods: posts under which many wrote the same, and who does it again and again
import type { Flood, Swarmer } from '../data';
import { gutter, levels } from '../chart';
import { bdi, h, onWidth, replace, svg } from '../dom';
import { count, day, duration, figure, moment, ms, plural, tiny } from '../format';
import { linear, ticks } from '../scale';
import type { Model } from '../source';
import { table } from './tables';

const RIGHT = 12, TOP = 28, PLOT = 130, BOTTOM = 26;
const MARKS: [number, string][] = [[4, '16 s'], [6, '1 min'], [12, '1 h'], [16, '18 h'], [20, '12 days']];

/** Shares of comments by the time since the post, in doublings: the named accounts' and everybody else's. */
function latency(model: Model): HTMLElement {
  const { latency_named: ours, latency_others: others } = model.report.swarm;
  const share = (counts: number[]) => { const all = Math.max(1, counts.reduce((sum, n) => sum + n, 0)); return counts.map((n) => n / all); };
  const a = share(ours), b = share(others), top = Math.max(0.01, ...a, ...b), parts = Math.max(1, a.length);
  const shares = (value: number) => `${figure(value * 100)} %`, marks = ticks(0, top * 100, 3).map((value) => value / 100), room = gutter(marks.map(shares)), plot = h('div', { class: 'series-plot' });
  onWidth(plot, (width) => {
    const x = linear(0, parts, room, width - RIGHT), y = linear(0, top, TOP + PLOT, TOP);
    replace(plot, svg('svg', { width, height: TOP + PLOT + BOTTOM, viewBox: `0 0 ${width} ${TOP + PLOT + BOTTOM}`, role: 'img', 'aria-label': 'Comments by the time since the post: those of the accounts named here, and everybody else’s.' },
      svg('text', { class: 'series', x: 0, y: 12 }, 'Share of the comments, by the time since the post'),
      ...levels(marks, shares, y, room, width - RIGHT),
      ...b.map((part, i) => svg('rect', { class: 'posts', x: x(i), width: Math.max(0.5, x(i + 0.5) - x(i) - 0.5), y: y(part), height: y(0) - y(part) })),
      ...a.map((part, i) => svg('rect', { class: 'hot', x: x(i + 0.5), width: Math.max(0.5, x(i + 1) - x(i + 0.5) - 1), y: y(part), height: y(0) - y(part) })),
      svg('line', { class: 'axis', x1: room, x2: width - RIGHT, y1: TOP + PLOT + 0.5, y2: TOP + PLOT + 0.5 }),
      ...MARKS.filter((_, i) => width >= 440 || i !== 0).map(([at, name]) => svg('text', { class: 'tick', x: x(at), y: TOP + PLOT + 17, 'text-anchor': 'middle' }, name))));
  });
  return plot;
}

function lede(model: Model): string {
  const { swarm, findings } = model.report;
  if (swarm.accounts.length === 0) return 'No account copied under the posts of unrelated authors more often than chance allows.';
  const inside = swarm.accounts.filter((one) => one.finding !== null && findings.some((finding) => finding.id === one.finding)).length;
  const followers = swarm.followers_median === null ? '' : ` Typically they have ${plural(swarm.followers_median, 'follower')} (the median): behaviour ranks them here, not reach.`;
  return `${plural(swarm.accounts_total, 'account')} again and again wrote what others wrote, too, under posts of authors who have nothing to do with each other, where those who copy nowhere else did not.${followers}`
    + (inside === swarm.accounts.length ? ' All of those shown are in findings.' : inside ? ` ${count(inside)} of the ${count(swarm.accounts.length)} shown ${inside === 1 ? 'is' : 'are'} in findings.` : ' None of those shown is in a finding.');
}

export function floods(model: Model): HTMLElement | null {
  const { swarm, totals } = model.report;
  if (swarm.not_observable !== null || (swarm.accounts.length === 0 && swarm.floods.length === 0)) return null;
  const bursts = swarm.floods.filter((flood) => flood.burst !== null);
  const cluster = swarm.clusters[0];
  return h('section', { id: 'floods', 'aria-labelledby': 'floods-title', tabindex: -1 },
    h('h2', { id: 'floods-title' }, 'Comment floods'),
    h('p', { class: 'chart-lede' }, lede(model)),
    (bursts.length > 0 || cluster) && h('ul', { class: 'cohorts' },
      ...bursts.slice(0, 4).map((flood) => h('li', {}, `${plural(flood.burst!.copiers, 'near-identical comment')} came within ${duration(Math.max(1, (ms(flood.burst!.last) - ms(flood.burst!.first)) / 1000))} on ${day(ms(flood.burst!.first))}, ${flood.burst!.others === 0 ? 'with nothing else between them' : `with ${plural(flood.burst!.others, 'other comment')} between them`} (q ${tiny(flood.q_value ?? NaN)}).`)),
      cluster && h('li', {}, `${plural(cluster.floods, 'flooded post')} by ${plural(cluster.authors, 'author')} have their commenters in common: ${plural(cluster.accounts, 'account')} came back; of the clearest two posts ${count(cluster.overlap)} are the same, where ${figure(Math.round(cluster.expected * 10) / 10)} would be by chance.`)),
    swarm.accounts.length > 0 && h('figure', {},
      h('figcaption', { class: 'chart-note' }, h('b', { class: 'key-hot' }, 'Red'), ': how long after a post the named accounts’ comments come. Grey: everybody else’s. Each pair of bars is twice as long a time as the one before.'),
      latency(model)),
    swarm.floods.length > 0 && table<Flood>({ caption: 'Flooded posts', what: 'posts', size: 6, rows: swarm.floods, columns: [
      { name: 'Post of', rowHeader: true, cell: (one) => (one.author === null ? 'not known' : bdi(one.author_handle ?? one.author, 30)) },
      { name: 'What was copied beneath', long: true, cell: (one) => (one.text === null ? '–' : bdi(one.text, 110)) },
      { name: 'First copy', cell: (one) => moment(one.first, totals.time_precision) },
      { name: 'Commenters who copied', numeric: true, cell: (one) => `${count(one.copiers)} of ${count(one.commenters)}` },
      { name: 'Of them named', numeric: true, cell: (one) => count(one.named) },
      { name: 'Median after the post', numeric: true, cell: (one) => (one.latency_quartiles_seconds[1] === undefined ? '–' : duration(one.latency_quartiles_seconds[1])) },
      { name: 'Id of the post', cell: (one) => bdi(one.post, 40) },
    ] }),
    swarm.accounts.length > 0 && table<Swarmer>({ caption: 'Accounts that copy under strangers’ posts', what: 'accounts', size: 6, rows: swarm.accounts, columns: [
      { name: 'Account', rowHeader: true, cell: (one) => bdi(one.handle ?? one.account, 40) },
      { name: 'Authors under whom it copied', numeric: true, cell: (one) => `${count(one.copied)} of ${count(one.authors)}` },
      { name: 'By chance', numeric: true, cell: (one) => figure(Math.round(one.expected * 100) / 100) },
      { name: 'Comments among its posts', numeric: true, cell: (one) => `${count(one.comments)} of ${count(one.posts)}` },
      { name: 'Followers', numeric: true, cell: (one) => (one.followers === null ? '–' : count(one.followers)) },
      { name: 'q', numeric: true, cell: (one) => tiny(one.q_value) },
      { name: 'Finding', cell: (one) => (one.finding === null ? '–' : bdi(one.finding, 12)) },
    ] }),
    h('p', { class: 'chart-note' }, `${plural(swarm.comments, 'comment')}, ${count(swarm.copies)} of them copies; ${plural(swarm.tested, 'account')} answered two authors or more and could be tested. ${plural(swarm.commenters, 'account')} answered somebody, ${count(swarm.comment_only)} of them did nothing else${swarm.accounts_total > 0 ? `, of the named ${count(swarm.named_comment_only)}` : ''}. `
      + `“By chance” is reckoned, post by post, from those who copied under no other author; a giveaway’s crowd copies because it was asked to, and is not named. ${swarm.author_unknown > 0 ? `${plural(swarm.author_unknown, 'comment')} stand under posts that are not in the data: their authors count as one.` : ''}`));
}
