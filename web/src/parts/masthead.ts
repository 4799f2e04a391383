// masthead.ts - what this page is, of which run, and whether its data is made up
import { bdi, h, svg } from '../dom';
import { span } from '../format';
import type { Model } from '../source';

const PLACES: [string, string][] = [
  ['answer', 'What was found'], ['network', 'Network'], ['timeline', 'Timeline'], ['popularity', 'Popularity'], ['lineage', 'Lineage'], ['calls', 'Calls'], ['relays', 'Relays'], ['floods', 'Floods'], ['promotion', 'Promotion'], ['sleepers', 'Sleepers'], ['findings', 'Findings'], ['method', 'Method'], ['sources', 'Data'],
];

export function masthead({ report }: Model): HTMLElement {
  return h('header', { class: 'masthead' },
    report.synthetic && h('p', { class: 'synthetic', role: 'note' },
      h('strong', {}, 'SYNTHETIC DATA'), h('span', {}, 'Made by a simulator. No account here is a person.')),
    h('div', { class: 'masthead-row' },
      h('p', { class: 'brand' }, svg('svg', { class: 'mark', viewBox: '0 0 30 16', 'aria-hidden': 'true' }, svg('circle', { cx: 8, cy: 8, r: 7 }), svg('circle', { cx: 22, cy: 8, r: 7 })), 'lockstep'),
      h('p', { class: 'edition' }, 'Report of run ', bdi(report.run || 'unknown', 24), h('span', { class: 'edition-span' }, span(report.totals.first, report.totals.last))),
      h('nav', { class: 'places', 'aria-label': 'Parts of the report' },
        ...PLACES.map(([id, name]) => h('a', { href: `#${id}` }, name)))));
}

export function colophon({ report }: Model): HTMLElement {
  return h('footer', { class: 'colophon' },
    h('p', {}, 'lockstep ', bdi(report.lockstep, 24), '. This page is one file, asks the network for nothing and works offline. It holds what its input files say about accounts: keep it as carefully as them.'));
}
