// finding.ts - one group: what it did, how sure that is, who, on what, and what else it could be
import type { Finding } from '../data';
import { bdi, h, roving, type Child } from '../dom';
import { capital, clauses, count, duration, figure, kindWord, probability, span, sure } from '../format';
import { strengthOf } from '../headline';
import { sharedName, type Model } from '../source';
import type { Store } from '../state';
import { colourClass } from '../theme';
import { accountButton } from './account';
import { evidence } from './evidence';
import { attribution, mechanisms, roles } from './fusion';
import { pager, table } from './tables';

const ALTERNATIVES: Record<string, string> = {
  news_syndication: 'Newsrooms sharing the same reports', viral_surge: 'A one-off viral surge', shared_sound: 'One sound that everybody used',
  sampling_keyword: 'The word by which the data was collected', minute_precision: 'Times that are only exact to the minute',
  shared_interest: 'A fan community', fan_community: 'A fan community', giveaway: 'A giveaway', party_office: 'A party’s declared volunteers',
};
const VERDICTS = {
  'speaks for': ['The numbers speak for it', 'for'], 'speaks against': ['The numbers speak against it', 'against'],
  open: ['Open', 'open'], 'not observable': ['Not observable in these files', 'open'],
} as const;

export function alternativeName(name: string): string {
  return Object.prototype.hasOwnProperty.call(ALTERNATIVES, name) ? ALTERNATIVES[name]! : capital(name.replace(/_/g, ' '));
}

function bar(label: string, value: number, whole: number, kind: string): HTMLElement {
  const fill = h('span', { class: `bar-fill ${kind}` });
  fill.style.width = `${Math.max(0.4, Math.min(100, (100 * value) / whole || 0))}%`;
  return h('div', { class: 'bar' }, h('span', { class: 'bar-label' }, label), h('span', { class: 'bar-track' }, fill), h('b', { class: 'bar-value' }, figure(value)));
}

function fact(name: string, ...value: Child[]): HTMLElement {
  return h('div', {}, h('dt', {}, name), h('dd', {}, ...value));
}

function chanceWords(finding: Finding, copies: number): string {
  if (!Number.isFinite(finding.p)) return 'a record, no test';
  if (!(copies > 0)) return `p = ${probability(finding.p)}`;
  const reached = Math.max(0, Math.round(finding.p * (copies + 1)) - 1);
  return reached === 0 ? `none of ${count(copies)} copies reached its score (p = ${probability(finding.p)})` : `${count(reached)} of ${count(copies)} copies reached its score (p = ${probability(finding.p)})`;
}

function members(model: Model, store: Store, finding: Finding): HTMLElement {
  const names = h('ol', { class: 'members', 'aria-label': `Accounts of ${finding.id}; arrow keys move, Enter opens` });
  const settle = roving(names);
  const paging = pager(finding.members, 30, 'accounts', (page) => {
    names.replaceChildren(...page.map((node) => h('li', {}, accountButton(model, store, node))));
    settle();
  });
  return h('div', {}, names, paging);
}

function part(title: string, ...children: Child[]): HTMLElement {
  return h('section', { class: 'finding-part' }, h('h4', {}, title), ...children);
}

export function finding(model: Model, store: Store, index: number): HTMLElement {
  const it = model.report.findings[index]!;
  const { test } = model.report;
  const ratio = it.expected > 0 ? it.occasions / it.expected : NaN;
  const kinds = Object.entries(it.kinds).sort((a, b) => b[1] - a[1]);
  return h('article', { class: `finding ${colourClass(index)}`, id: `finding-${index}`, 'aria-labelledby': `finding-${index}-title`, tabindex: -1 },
    h('header', {},
      h('p', { class: 'eyebrow' }, bdi(it.id, 12), h('span', { class: `confidence ${it.confidence}` }, sure(it.confidence)), it.kind && bdi(capital(it.kind), 60), span(it.first, it.last),
        h('button', { type: 'button', class: 'plain show-in-network', onclick: () => {
          store.set({ focus: null });
          store.set({ focus: index });
          document.getElementById('stage')?.scrollIntoView({ block: 'center' });
          document.getElementById('stage')?.focus({ preventScroll: true });
        } }, 'Show in the network')),
      h('h3', { id: `finding-${index}-title` }, bdi(clauses(it.title || `Group ${it.id}`, 220), 230)),
      it.confidence_rule && h('p', { class: 'rule' }, bdi(it.confidence_rule, 1200))),
    h('div', { class: 'finding-numbers' },
      h('div', { class: 'observed' },
        h('p', { class: 'chart-title' }, Number.isFinite(ratio) ? `${ratio >= 1.05 ? `${figure(ratio >= 10 ? Math.round(ratio) : ratio)} times` : 'About'} what chance expects` : 'Observed, and expected by chance'),
        bar('occasions seen', it.occasions, Math.max(it.occasions, it.expected || 0), 'own'), bar('expected', it.expected, Math.max(it.occasions, it.expected || 0), 'chance'),
        kinds.length > 0 && h('p', { class: 'chart-title' }, 'Different things they shared'),
        ...kinds.slice(0, 6).map(([kind, n]) => bar(kindWord(kind, 2), n, kinds[0]![1], 'own'))),
      h('dl', { class: 'facts' },
        fact('Accounts', count(it.members.length)), fact('Pairs of them linked', count(it.edges)), fact('Posts with a partner', count(it.posts)),
        fact('Median time apart', duration(it.lag_median_seconds)),
        // A finding of other signals alone was never in the test against shuffled copies.
        it.score > 0 && fact('Score', `${figure(it.score)}, ${figure(strengthOf(it))} times the best that chance built (${figure(it.copies_max_score)})`), (it.score > 0 || !Number.isFinite(it.p)) && fact('Group test', chanceWords(it, test.copies)),
        it.edges > 0 && it.score > 0 && fact('Weakest link inside', it.q_edge_max < 0.05 ? `q = ${probability(it.q_edge_max)}: every pair stands by itself` : `q = ${probability(it.q_edge_max)}: not every pair stands by itself, the group does`))),
    part('How they act together', mechanisms(it), attribution(it)),
    part('Who', members(model, store, it), roles(it)),
    part('What they shared most',
      table({ caption: `What the accounts of ${it.id} shared most`, what: 'objects', size: 6, rows: it.objects, columns: [
        { name: 'Kind', cell: (object) => kindWord(object.kind) },
        { name: 'What', cell: (object) => bdi(sharedName(model, it, object), 160), rowHeader: true },
        { name: 'Accounts', cell: (object) => count(object.accounts), numeric: true },
        { name: 'Uses', cell: (object) => count(object.uses), numeric: true },
      ] })),
    part('The evidence, post by post', evidence(model, store, it)),
    part('What else it could be',
      it.alternatives.length === 0 ? h('p', { class: 'nothing' }, 'No innocent explanation was measured.')
        : h('ul', { class: 'alternatives' }, ...it.alternatives.map((other) => h('li', {},
          h('b', {}, bdi(alternativeName(other.name), 80)), h('span', { class: `verdict ${VERDICTS[other.verdict][1]}` }, VERDICTS[other.verdict][0]),
          h('p', {}, bdi(other.measured, 400)))))));
}
