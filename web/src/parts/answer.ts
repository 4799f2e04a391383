// answer.ts - the first screen: what was found and how sure
import type { Finding } from '../data';
import { bdi, h } from '../dom';
import { capital, clauses, duration, list, plural, span, sure, words } from '../format';
import { answer as inWords } from '../headline';
import type { Model } from '../source';
import { colourClass } from '../theme';
import { alternativeName } from './finding';
import { cautions } from './method';
import { short } from './short';
import { strip } from './strip';

/** What the numbers say of the innocent explanations: those that they speak for stand on the first page. */
function innocent(finding: Finding): HTMLElement | false {
  const measured = finding.alternatives.filter((other) => other.verdict !== 'not observable'), plausible = measured.filter((other) => other.verdict === 'speaks for');
  // An open organisation explains why they act together, not that they do not: nothing is counted apart for it.
  if (plausible.length > 0 && plausible.every((other) => other.name === 'party_office')) return h('p', { class: 'small plausible' }, `They say openly who they are: ${list(plausible.map((other) => alternativeName(other.name).replace(/^./, (first) => first.toLowerCase())))}`);
  return measured.length > 0 && h('p', { class: plausible.length > 0 ? 'small plausible' : 'small' }, plausible.length === 0
    ? `Of ${plural(measured.length, 'innocent explanation')} measured the numbers speak for none`
    : `The numbers speak for an innocent explanation: ${list(plausible.map((other) => alternativeName(other.name).replace(/^./, (first) => first.toLowerCase())))}`);
}

export function answer(model: Model): HTMLElement {
  const { report } = model;
  const { headline, sentences } = inWords(report);
  const notes = cautions(model).length;
  const apart = (finding: Finding) => Number(finding.confidence === 'explained'); // those stand last
  const brief = report.findings.map((finding, i) => ({ finding, i })).sort((a, b) => apart(a.finding) - apart(b.finding) || a.i - b.i);
  return h('section', { id: 'answer', class: 'answer', 'aria-labelledby': 'headline', tabindex: -1 },
    h('h1', { id: 'headline' }, headline),
    h('div', { class: 'answer-text' },
      ...sentences.map((sentence) => h('p', { class: 'standfirst' }, sentence)),
      notes > 0 && h('p', { class: 'small caution' }, h('a', { href: '#notes' }, `${capital(words(notes))} ${notes === 1 ? 'note' : 'notes'} on what this run could and could not see`))),
    report.totals.posts > 0 && report.test.copies > 0 && strip(model),
    report.findings.length > 0 && h('ol', { class: 'brief', 'aria-label': 'The groups in brief' },
      ...brief.slice(0, 6).map(({ finding, i }) => h('li', { class: colourClass(i) },
        h('span', { class: 'swatch', 'aria-hidden': 'true' }),
        h('div', {},
          h('a', { href: `#finding-${i}` }, bdi(clauses(finding.title || finding.id, 150), 160)),
          h('p', { class: 'small' }, h('b', {}, bdi(finding.id, 12)), ` · ${sure(finding.confidence)}${finding.kind ? ` · ${finding.kind}` : ''}`, h('br'), `${span(finding.first, finding.last)}${Number.isFinite(finding.lag_median_seconds) ? ` · median ${duration(finding.lag_median_seconds)} apart` : ''}`),
          innocent(finding)))),
      report.findings.length > 6 && h('li', { class: 'more' }, h('span'), h('a', { href: '#findings' }, `and ${plural(report.findings.length - 6, 'more group')}`))),
    short(model));
}
