// lineage.ts - whose a tag is: its populations over time, take-overs, and which tags are edits of others
import type { LineageThing, Population, TagEdit } from '../data';
import { gutter } from '../chart';
import { bdi, h, onWidth, replace, svg } from '../dom';
import { capital, count, day, figure, kindWord, ms, percent, plural, tiny, words } from '../format';
import { linear, timeTicks } from '../scale';
import type { Model } from '../source';
import { table } from './tables';
import { thingList } from './thing';

const RIGHT = 8, TOP = 26, PLOT = 96, BOTTOM = 24, SHOWN = 6, DEEP = 12;
const APART = { nothing: '–', company: 'findings and payments', taste: 'what else they share' };
const ORDER = ['later', 'third', 'earlier', 'unknown'] as const;

/** The share of each population in the posts of every part of the time; parts without posts are empty. */
function shares(model: Model, thing: LineageThing): HTMLElement {
  const { totals } = model.report;
  const from = ms(totals.first ?? ''), to = ms(totals.last ?? '') + 1;
  const parts = Math.max(1, ...ORDER.map((name) => thing[name].series.length));
  const room = gutter(['100 %']), plot = h('div', { class: 'series-plot' });
  onWidth(plot, (width) => {
    const x = linear(from, to, room, width - RIGHT), y = linear(0, 1, TOP + PLOT, TOP), step = (to - from) / parts;
    const bars = Array.from({ length: parts }, (_, i) => {
      const all = ORDER.reduce((sum, name) => sum + (thing[name].series[i] ?? 0), 0), left = x(from + i * step), wide = Math.max(0.5, x(from + (i + 1) * step) - left - 0.4);
      let below = 0;
      return ORDER.flatMap((name) => {
        const own = thing[name].series[i] ?? 0, low = below;
        below += own;
        return own === 0 ? [] : [svg('rect', { class: `lineage-${name}`, x: left, width: wide, y: y(below / all), height: y(low / all) - y(below / all) })];
      });
    }).flat();
    const at = thing.change === null || !thing.taken_over ? null : x(ms(thing.change));
    replace(plot, svg('svg', { width, height: TOP + PLOT + BOTTOM, viewBox: `0 0 ${width} ${TOP + PLOT + BOTTOM}`, role: 'img',
      'aria-label': `Whose posts on ${thing.object} were, over time: the later population made ${percent(thing.later.posts, thing.posts)} of all.` },
    svg('text', { class: 'series', x: 0, y: 12 }, 'Share of the posts, by who wrote them'),
    ...bars,
    ...[0, 0.5, 1].map((part) => svg('text', { class: 'tick', x: room - 5, y: y(part) + 4, 'text-anchor': 'end' }, `${part * 100} %`)),
    at !== null && svg('line', { class: 'threshold', x1: at, x2: at, y1: TOP - 4, y2: TOP + PLOT }),
    svg('line', { class: 'axis', x1: room, x2: width - RIGHT, y1: TOP + PLOT + 0.5, y2: TOP + PLOT + 0.5 }),
    ...timeTicks(from, to, width < 420 ? 3 : 5).map(({ at: tick }) => svg('text', { class: 'tick', x: x(tick), y: TOP + PLOT + 16, 'text-anchor': 'middle' }, day(tick, false)))));
  });
  return plot;
}

const known = (population: Population) => (population.known_as === null ? '' : population.known_as === 'paid' ? ' (paid, by the ledger)' : ` (led by finding ${population.known_as})`);

function populationRow(model: Model, word: string, name: string, population: Population): HTMLElement | false {
  const shared = population.shares !== '' && thingList(model, population.shares, 3);
  return population.accounts > 0 && h('li', {}, h('b', { class: `key-lineage-${name}` }, word), `: ${plural(population.accounts, 'account')}${known(population)}, ${plural(population.posts, 'post')}`,
    population.first !== null && population.last !== null && ` from ${day(ms(population.first), false)} to ${day(ms(population.last), false)}`, shared && '; also shares ', shared);
}

function card(model: Model, thing: LineageThing): HTMLElement {
  const first = thing.first_accounts[0];
  return h('figure', { class: 'popular' },
    h('figcaption', {},
      h('h3', { class: 'chart-title' }, `${capital(kindWord(thing.kind))} `, bdi(thing.object, 60)),
      h('p', { class: 'chart-note' }, thing.taken_over && thing.change !== null
        ? `Taken over from ${day(ms(thing.change))} on: of those who came to it before, ${percent(thing.share_before, 1)} were of the later population; after, ${percent(thing.share_after, 1)} (q ${tiny(thing.q_order)}).`
        : `Two populations by ${thing.told_apart_by === 'company' ? 'the findings and payments they belong to' : 'what else they share'}; neither took over.`),
      h('ul', { class: 'cohorts' }, populationRow(model, 'Later', 'later', thing.later), populationRow(model, 'Apart', 'third', thing.third), populationRow(model, 'Earlier', 'earlier', thing.earlier), populationRow(model, 'Not known', 'unknown', thing.unknown)),
      first && h('p', { class: 'chart-note' }, 'First used by ', bdi(first.handle ?? first.account, 40), ` on ${day(ms(first.time))}.`)),
    shares(model, thing));
}

/** Tags under the tag that they are an edit of. */
function tree(edits: TagEdit[]): HTMLElement | false {
  const parents = edits.filter((edit) => edit.parent);
  if (parents.length === 0) return false;
  const children = new Map<string, TagEdit[]>(), edited = new Set(parents.map((edit) => edit.to)), seen = new Set<string>();
  for (const edit of parents) children.set(edit.from, [...(children.get(edit.from) ?? []), edit]);
  const branch = (tag: string, depth: number): HTMLElement | false => {
    const own = depth < DEEP && !seen.has(tag) ? children.get(tag) ?? [] : [];
    seen.add(tag);
    return own.length > 0 && h('ul', {}, ...own.map((edit) => h('li', {}, bdi(edit.to, 60), ` – ${count(edit.accounts_both)} of its ${plural(edit.accounts_to, 'account')} used the other too, where ${figure(edit.expected_both)} would be expected; ${count(edit.moved)} went over, ${count(edit.moved_back)} back`, branch(edit.to, depth + 1))));
  };
  const roots = [...new Set(parents.map((edit) => edit.from))].filter((tag) => !edited.has(tag)).slice(0, 20);
  return h('div', { class: 'edit-tree' }, h('h3', { class: 'chart-title' }, 'Tags that are edits of others'), h('ul', { class: 'edits' }, ...roots.map((tag) => h('li', {}, bdi(tag, 60), branch(tag, 0)))));
}

export function lineage(model: Model): HTMLElement | null {
  const { things, edits, tags_compared: compared, tags_left: left, tags_alike: alike } = model.report.lineage;
  const apart = things.filter((thing) => thing.told_apart_by !== 'nothing');
  if (apart.length === 0 && edits.length === 0) return null;
  const taken = apart.filter((thing) => thing.taken_over);
  const shown = [...taken, ...apart.filter((thing) => !thing.taken_over)].slice(0, taken.length ? Math.min(SHOWN, taken.length) : 2);
  return h('section', { id: 'lineage', 'aria-labelledby': 'lineage-title', tabindex: -1 },
    h('h2', { id: 'lineage-title' }, 'Whose it was, and who took it over'),
    h('p', { class: 'chart-lede' }, `Of the ${plural(things.length, 'most used thing')}, ${words(apart.length)} ${apart.length === 1 ? 'is' : 'are'} used by two populations: accounts that are told apart by the findings and payments they belong to, or by what else they share. `
      + `${taken.length === 0 ? 'None was taken over' : `${capital(words(taken.length))} ${taken.length === 1 ? 'was' : 'were'} taken over`}: from some day on most who came were of the later population. What is said of one population is not said of the other.`),
    h('div', { class: 'populars' }, ...shown.map((thing) => card(model, thing))),
    table<LineageThing>({ caption: 'Things whose users are two populations', what: 'things', rows: [...taken, ...apart.filter((thing) => !thing.taken_over)], size: 8, columns: [
      { name: 'Kind', short: true, cell: (one) => kindWord(one.kind) },
      { name: 'What', rowHeader: true, cell: (one) => bdi(one.object, 60) },
      { name: 'Accounts', numeric: true, cell: (one) => count(one.accounts) },
      { name: 'Earlier', numeric: true, cell: (one) => count(one.earlier.accounts) },
      { name: 'Later', numeric: true, cell: (one) => count(one.later.accounts) },
      { name: 'Apart', numeric: true, cell: (one) => count(one.third.accounts) },
      { name: 'Told apart by', short: true, cell: (one) => APART[one.told_apart_by] },
      { name: 'Changes', short: true, cell: (one) => (one.change === null ? '–' : day(ms(one.change))) },
      { name: 'Later ones among those who came before', numeric: true, cell: (one) => percent(one.share_before, 1) },
      { name: 'and after', numeric: true, cell: (one) => percent(one.share_after, 1) },
      { name: 'q', numeric: true, cell: (one) => tiny(one.q_order) },
      { name: 'Taken over', cell: (one) => (one.taken_over ? 'yes' : '–') },
    ] }),
    tree(edits),
    h('p', { class: 'chart-note' }, `${plural(compared, 'tag')} were compared letter by letter${left > 0 ? ` (${count(left)} less used ones were not)` : ''}; ${plural(alike, 'pair')} look alike, and of those with more users in common than chance gives, ${words(edits.length)} ${edits.length === 1 ? 'is' : 'are'} listed. `,
      'q: how often the users in a random order would show as clear a change, over all things looked at.'));
}
