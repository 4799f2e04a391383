// sleepers.ts - accounts that slept and woke: a wall of activity strips, cohorts, and a table
import type { Awakening, Cohort, Registration } from '../data';
import { bdi, h, onWidth, replace, svg } from '../dom';
import { count, day, duration, figure, ms, percent, plural, tiny } from '../format';
import { linear, timeTicks } from '../scale';
import type { Model } from '../source';
import { table } from './tables';

const LEFT = 4, RIGHT = 12, BOTTOM = 26;

/** When all of them fell into a day, the day; else the two ends. */
function stretch(cohort: Cohort): string {
  const from = day(ms(cohort.first)), to = day(ms(cohort.last));
  return from === to ? `on ${from}` : `from ${from} to ${to}`;
}

function cohortSentence(cohort: Cohort): string {
  return `${count(cohort.accounts)} ${cohort.of === 'awakening' ? 'woke' : 'were registered'} ${stretch(cohort)}, where ${figure(Math.round(cohort.expected * 10) / 10)} would be expected (p ${cohort.p_value <= 0.001 ? '≤ 0.001' : `= ${figure(cohort.p_value)}`}).`;
}

const ink = (acts: number) => 0.3 + 0.7 * (acts / 9); // 9: nine and more

/** One row an account, in order of awakening: the stronger the colour, the more it did in that part of the time. */
function wall(model: Model, awakenings: Awakening[]): HTMLElement {
  const { totals } = model.report;
  const from = ms(totals.first ?? ''), to = ms(totals.last ?? '') + 1;
  const rows = [...awakenings].sort((a, b) => ms(a.woke) - ms(b.woke));
  const tall = rows.length > 120 ? 2 : rows.length > 50 ? 4 : 9;
  const plot = h('div', { class: 'wall' });
  onWidth(plot, (width) => {
    const x = linear(from, to, LEFT, width - RIGHT), height = rows.length * tall;
    const cells = rows.flatMap((row, r) => [...row.strip].flatMap((digit, part) => {
      if (digit === '0') return [];
      const step = (to - from) / row.strip.length, left = x(from + part * step);
      return [svg('rect', { class: 'cell', x: left, y: r * tall, width: Math.max(0.5, x(from + (part + 1) * step) - left - 0.5), height: tall - (tall > 2 ? 1 : 0), 'fill-opacity': ink(Number(digit)) })];
    }));
    replace(plot, svg('svg', { width, height: height + BOTTOM, viewBox: `0 0 ${width} ${height + BOTTOM}`, role: 'img',
      'aria-label': `Activity of ${plural(rows.length, 'account')} over the time of the data: nearly nothing, then much. The first woke on ${day(ms(rows[0]!.woke))}, the last on ${day(ms(rows[rows.length - 1]!.woke))}.` },
    ...cells,
    svg('line', { class: 'axis', x1: LEFT, x2: width - RIGHT, y1: height + 1.5, y2: height + 1.5 }),
    ...timeTicks(from, to, width < 500 ? 3 : 7).map(({ at }) => svg('g', {},
      svg('line', { class: 'axis', x1: x(at), x2: x(at), y1: height + 1, y2: height + 6 }),
      svg('text', { class: 'tick', x: x(at), y: height + 20, 'text-anchor': 'middle' }, day(at, false))))));
  });
  return plot;
}

/** What the colours of the wall mean. */
function key(model: Model, awakenings: Awakening[]): HTMLElement {
  const { totals } = model.report, parts = Math.max(1, ...awakenings.map((one) => one.strip.length));
  const box = (acts: number) => svg('svg', { class: 'key-cell', width: 18, height: 9, viewBox: '0 0 18 9', 'aria-hidden': 'true' }, svg('rect', { class: 'cell', width: 18, height: 9, 'fill-opacity': ink(acts) }));
  return h('span', { class: 'wall-key' }, `Acts in ${duration((ms(totals.last) - ms(totals.first)) / 1000 / parts)}: `, box(1), ' 1 ', box(3), ' 3 ', box(6), ' 6 ', box(9), ' 9 or more; nothing drawn: none.');
}

export function sleepers(model: Model): HTMLElement | null {
  const { lifecycle, findings } = model.report;
  const { awakenings, awakenings_total: total, cohorts } = lifecycle;
  if (awakenings.length === 0) return null;
  const inside = awakenings.filter((one) => one.finding !== null).length;
  const silence = awakenings.map((one) => one.longest_silence_seconds).sort((a, b) => a - b)[Math.floor(awakenings.length / 2)]!;
  const groups = [...new Set(awakenings.flatMap((one) => one.finding ?? []))].filter((id) => findings.some((finding) => finding.id === id));
  return h('section', { id: 'sleepers', 'aria-labelledby': 'sleepers-title', tabindex: -1 },
    h('h2', { id: 'sleepers-title' }, 'Accounts that woke up'),
    h('p', { class: 'chart-lede' }, `${plural(total, 'account')} did next to nothing, typically for ${duration(silence)} (the median), and then became active at once and stayed so: more abruptly than chance allows, measured against everybody else’s activity. `
      + (inside ? `${total > awakenings.length ? `Of the ${count(awakenings.length)} shown here` : 'Of them'} ${count(inside)} ${inside === 1 ? 'is' : 'are'} in ${groups.length === 1 ? `finding ${groups[0]}` : 'the findings below'}.` : 'None of them is in a finding.')),
    cohorts.length > 0 && h('ul', { class: 'cohorts' }, ...cohorts.slice(0, 8).map((cohort) => h('li', {}, cohortSentence(cohort)))),
    lifecycle.topic !== null && h('p', { class: 'chart-note' }, `On the topic of the case were ${percent(lifecycle.topic.topic_before, lifecycle.topic.acts_before)} of their acts before they woke and ${percent(lifecycle.topic.topic_after, lifecycle.topic.acts_after)} after.`),
    h('figure', {},
      h('figcaption', { class: 'chart-note' }, `One row an account, in order of awakening${total > awakenings.length ? ` (the ${count(awakenings.length)} clearest)` : ''}. `, key(model, awakenings)),
      wall(model, awakenings)),
    table<Awakening>({ caption: 'Accounts that woke up', what: 'accounts', rows: awakenings, size: 8, columns: [
      { name: 'Account', rowHeader: true, cell: (one) => bdi(one.handle ?? one.account, 40) },
      { name: 'Registered', short: true, cell: (one) => one.created === null ? (one.created_method === 'legacy' ? 'before 2018, date unknown' : 'not known') : `${one.created_method === 'id' ? 'not before ' : ''}${day(ms(one.created))}` },
      { name: 'Woke', short: true, cell: (one) => day(ms(one.woke)) },
      { name: 'Longest silence', numeric: true, cell: (one) => duration(one.longest_silence_seconds) },
      { name: 'Acts before', numeric: true, cell: (one) => count(one.acts_before) },
      { name: 'Acts after', numeric: true, cell: (one) => count(one.acts_after) },
      { name: 'q', numeric: true, cell: (one) => tiny(one.q_value) },
      { name: 'Finding', cell: (one) => one.finding === null ? '–' : bdi(one.finding, 12) },
    ] }),
    lifecycle.registrations.length > 0 && table<Registration>({ caption: 'Accounts made on one day with one shape of handle', what: 'days', rows: lifecycle.registrations, size: 6, columns: [
      { name: 'Day', rowHeader: true, cell: (one) => day(ms(one.day)) },
      { name: 'Shape (a letters, 0 a digit)', cell: (one) => bdi(one.shape || 'no handle', 30) },
      { name: 'Accounts', numeric: true, cell: (one) => `${count(one.accounts)} of ${count(one.accounts_of_day)} of the day` },
      { name: 'By chance', numeric: true, cell: (one) => figure(Math.round(one.expected * 10) / 10) },
      { name: 'Of them woke', numeric: true, cell: (one) => count(one.awakened) },
      { name: 'p, for any day and shape', numeric: true, cell: (one) => tiny(one.p_value) },
    ] }),
    h('p', { class: 'chart-note' }, `How old accounts are is known by a field of the source for ${count(lifecycle.ages.field)}, not before a date by the id for ${count(lifecycle.ages.id)}, as old without a date (legacy ids) for ${count(lifecycle.ages.legacy)}, and not at all for ${count(lifecycle.ages.unknown)}. `,
      lifecycle.date_posts_left_out > 0 && `${plural(lifecycle.date_posts_left_out, 'post')} around the days of interest tell nothing of sleep and are left out; of ${plural(lifecycle.only_around_dates, 'account')} little else is known.`),
    h('p', { class: 'chart-note' }, `${plural(lifecycle.tested, 'account')} could be tested; ${count(lifecycle.too_few_acts)} did too little to tell. Of the tested, ${count(lifecycle.history_unknown)} have no known date of registration, so that nothing can be said of the time before their first post here. `,
      'Old users come back too: to wake is no proof of anything by itself.'));
}
