// popularity.ts - how popular things were, and what would be left without the accounts in findings
import type { OnPlatform, Popular } from '../data';
import { gutter, levels, textWidth } from '../chart';
import { bdi, h, onWidth, replace, svg } from '../dom';
import { capital, count, day, duration, figure, kindWord, ms, percent, plural } from '../format';
import { linear, ticks, timeTicks } from '../scale';
import type { Model } from '../source';
import { table } from './tables';

const RIGHT = 8, TOP = 36, PLOT = 84, BOTTOM = 24, SHOWN = 6;

/** Posts over time as bars: those of members on the ground, everybody else's on top of them. Of a
 * platform its own, under its name, without the change, which is of all. */
function series(model: Model, popular: Popular, platform?: OnPlatform): HTMLElement {
  const { totals } = model.report;
  const from = ms(totals.first ?? ''), to = ms(totals.last ?? '') + 1;
  const { series_posts: all, series_members: theirs } = platform ?? popular, total = platform ?? popular.all;
  const rest = platform ? platform.posts_without_members : popular.without_members.posts;
  const top = Math.max(1, ...all);
  const marks = ticks(0, top, 2), room = gutter(marks.map(count)), plot = h('div', { class: 'series-plot' });
  onWidth(plot, (width) => {
    const x = linear(from, to, room, width - RIGHT), y = linear(0, top, TOP + PLOT, TOP), step = (to - from) / Math.max(1, all.length);
    const bars = all.flatMap((posts, i) => {
      if (posts === 0) return [];
      const members = theirs[i] ?? 0, left = x(from + i * step), wide = Math.max(0.5, x(from + (i + 1) * step) - left - 0.4);
      return [posts > members && svg('rect', { class: 'posts', x: left, width: wide, y: y(posts), height: y(members) - y(posts) }),
        members > 0 && svg('rect', { class: 'hot', x: left, width: wide, y: y(members), height: y(0) - y(members) })];
    });
    const { rate_ratio: ratio, change, log10_p: log10p } = popular;
    const at = platform || change === null || ratio < 2 || log10p > -2 ? null : x(ms(change));
    const words = at === null ? '' : `from ${day(ms(change), false)}: ${figure(ratio)} times as many new accounts a day`;
    const before = at !== null && at > textWidth(words) + 4; // else the words stand after the line, or as far left as they must
    replace(plot, svg('svg', { width, height: TOP + PLOT + BOTTOM, viewBox: `0 0 ${width} ${TOP + PLOT + BOTTOM}`, role: 'img',
      'aria-label': `Posts on ${popular.object}${platform ? ` on ${platform.platform}` : ''} over time, at most ${count(top)} in a step; ${percent(total.posts - rest, total.posts)} of all of them are by accounts in findings.` },
    svg('text', { class: 'series', x: 0, y: 12 }, `${platform ? `${platform.platform}: posts` : 'Posts'} per ${duration(step / 1000).replace(/^1 /, '')}`),
    ...levels(marks, count, y, room, width - RIGHT),
    ...bars.filter((bar) => bar !== false),
    at !== null && svg('g', {}, svg('line', { class: 'threshold', x1: at, x2: at, y1: TOP - 4, y2: TOP + PLOT }),
      svg('text', { class: 'tick', x: before ? at - 4 : Math.max(0, Math.min(at + 4, width - textWidth(words))), y: TOP - 7, 'text-anchor': before ? 'end' : 'start' }, words)),
    svg('line', { class: 'axis', x1: room, x2: width - RIGHT, y1: TOP + PLOT + 0.5, y2: TOP + PLOT + 0.5 }),
    ...timeTicks(from, to, width < 420 ? 3 : 5).map(({ at: tick }) => svg('text', { class: 'tick', x: x(tick), y: TOP + PLOT + 16, 'text-anchor': 'middle' }, day(tick, false)))));
  });
  return plot;
}

function rankSentence(popular: Popular): string {
  const then = popular.without_members.accounts === 0 ? 'nobody else used it' : `without the accounts in findings ${popular.without_members.rank === popular.all.rank ? 'the same rank' : `rank ${count(popular.without_members.rank)}`}`;
  return `By accounts it is rank ${count(popular.all.rank)} of ${count(popular.ranked)} ${popular.kind === 'name' ? 'names of the case' : kindWord(popular.kind, 2)}; ${then}.`;
}

const whatWord = (popular: Popular) => (popular.kind === 'name' ? 'name' : kindWord(popular.kind));

/** Reach and the first hour, where the data have them. */
function reachSentence(popular: Popular): string {
  const { all, without_members: rest, first_hour_answers: answers, first_hour_answers_of_members: theirs } = popular;
  const views = all.views === null || all.views === 0 ? '' : ` Theirs are ${percent(all.views - (rest.views ?? 0), all.views)} of ${count(all.views)} views.`;
  return views + (answers === null || answers === 0 ? '' : ` Of ${plural(answers, 'answer')} within the first hour ${count(theirs)} are theirs.`);
}

function card(model: Model, popular: Popular): HTMLElement {
  const members = popular.all.accounts - popular.without_members.accounts;
  return h('figure', { class: 'popular' },
    h('figcaption', {},
      h('h3', { class: 'chart-title' }, `${capital(whatWord(popular))} `, bdi(popular.object, 60)),
      h('p', { class: 'chart-note' }, `${count(members)} of its ${plural(popular.all.accounts, 'account')} and ${percent(popular.all.posts - popular.without_members.posts, popular.all.posts)} of its posts are those of findings.`, reachSentence(popular), ` ${rankSentence(popular)}`)),
    series(model, popular),
    ...(popular.platforms.length > 1 ? popular.platforms.map((platform) => series(model, popular, platform)) : []));
}

export function popularity(model: Model): HTMLElement | null {
  const all = model.report.popularity;
  if (all.length === 0) return null;
  const most = [...all].sort((a, b) => (b.all.accounts - b.without_members.accounts) - (a.all.accounts - a.without_members.accounts));
  return h('section', { id: 'popularity', 'aria-labelledby': 'popularity-title', tabindex: -1 },
    h('h2', { id: 'popularity-title' }, 'How popular it was, and without them'),
    h('p', { class: 'chart-lede' }, 'What the accounts in findings used most. ', h('b', { class: 'key-hot' }, 'Red'), ' are their posts, grey everybody else’s, one on the other. Without theirs the grey is left, and the rank falls: that is the least that they did, since whoever came because of them still counts among the grey.'),
    h('div', { class: 'populars' }, ...most.slice(0, SHOWN).map((popular) => card(model, popular))),
    table<Popular>({ caption: 'Popularity with and without accounts in findings', what: 'things', rows: most, size: 8, columns: [
      { name: 'Kind', short: true, cell: (one) => whatWord(one) },
      { name: 'What', rowHeader: true, cell: (one) => bdi(one.object, 60) },
      { name: 'Accounts', numeric: true, cell: (one) => count(one.all.accounts) },
      { name: 'Views', numeric: true, cell: (one) => (one.all.views === null ? '–' : count(one.all.views)) },
      { name: 'Views without theirs', numeric: true, cell: (one) => (one.without_members.views === null ? '–' : count(one.without_members.views)) },
      { name: 'Rank', numeric: true, cell: (one) => count(one.all.rank) },
      { name: 'Rank without findings: high', numeric: true, cell: (one) => count(one.without_high.rank) },
      { name: 'and moderate', numeric: true, cell: (one) => count(one.without_moderate.rank) },
      { name: 'and low', numeric: true, cell: (one) => count(one.without_members.rank) },
      { name: 'Theirs of the first accounts', numeric: true, cell: (one) => `${count(one.early_members)} of ${count(one.early_accounts)}` },
      { name: 'Doubled in', numeric: true, cell: (one) => (one.doubling_seconds === null ? '–' : duration(one.doubling_seconds)) },
      { name: 'and without them', numeric: true, cell: (one) => (one.doubling_seconds_without_members === null ? '–' : duration(one.doubling_seconds_without_members)) },
      { name: 'Posts by platform', short: true, cell: (one) => one.platforms.map((on) => `${on.platform}: ${count(on.posts)}`).join(', ') || '–' },
    ] }),
    h('p', { class: 'chart-note' }, 'Ranks are among all things of a kind that stand on two posts or more, by how many accounts used them. The three ranks leave out the findings of high confidence, those of moderate confidence too, and those of low: so much hangs on where the line is drawn. Whoever is in a group that an innocent explanation accounts for is counted among everybody else. “Theirs of the first accounts”: how many of the first tenth of its users (ten at least) are in findings. “Doubled in”: the shortest time in which its accounts doubled, from twenty on.'));
}
