// evidence.ts - pairs of posts side by side, each with its way back to the byte it came from
import type { Finding, Kind, Post } from '../data';
import { bdi, h, passage, replace } from '../dom';
import { count, duration, kindWord, moment } from '../format';
import { isDigest, type Model } from '../source';
import type { Store } from '../state';
import { accountButton } from './account';
import { pager } from './tables';

const SAME = { second: 'same second', minute: 'same minute', day: 'same day' } as const;

/** Where a post stands: file, byte offset, length and the digest of the sealed file. */
export function provenance(post: Post): HTMLElement {
  return h('details', { class: 'provenance' },
    h('summary', {}, bdi(post.file || 'file not known', 40), ` byte ${count(post.offset)}`),
    h('dl', {},
      h('dt', {}, 'post'), h('dd', {}, bdi(post.id, 200)),
      h('dt', {}, 'file'), h('dd', {}, bdi(post.file, 300)),
      h('dt', {}, 'bytes'), h('dd', {}, `${count(post.length)} from offset ${count(post.offset)}`),
      h('dt', {}, 'SHA-256'), h('dd', {}, bdi(post.sha256, 80))));
}

function side(model: Model, store: Store, index: number): HTMLElement {
  const post = model.report.posts[index]!;
  return h('td', { class: 'post' },
    accountButton(model, store, post.node),
    h('p', { class: 'small' }, moment(post.time, model.report.totals.time_precision)),
    post.text === null ? h('p', { class: 'passage nothing' }, 'No text.') : passage(post.text),
    provenance(post));
}

export function evidence(model: Model, store: Store, finding: Finding): HTMLElement {
  if (finding.matches.length === 0) return h('p', { class: 'nothing' }, 'No pair of posts was kept.');
  const body = h('tbody'), paging = h('div');
  const kinds = [...new Set(finding.matches.map((match) => match.kind))];
  const draw = (kind: Kind | '') => {
    const rows = finding.matches.filter((match) => !kind || match.kind === kind);
    replace(paging, pager(rows, 5, 'pairs', (page) => replace(body, ...page.map((match) => {
      // The earlier post stands left, whichever way round the pair was stored.
      const early = Date.parse(model.report.posts[match.a]!.time) <= Date.parse(model.report.posts[match.b]!.time) || match.lag_seconds === 0;
      return h('tr', {}, side(model, store, early ? match.a : match.b),
        h('td', { class: 'between' }, h('b', {}, match.lag_seconds === 0 ? SAME[model.report.totals.time_precision] : `${duration(match.lag_seconds)} later`),
          h('span', { class: 'small' }, kindWord(match.kind)), !isDigest(match.object) && h('span', { class: 'object' }, bdi(match.object, 90))),
        side(model, store, early ? match.b : match.a));
    }))));
  };
  draw('');
  const choice = h('select', { 'aria-label': `Kind of evidence in ${finding.id}`, onchange: () => draw(choice.value as Kind | '') },
    h('option', { value: '' }, 'all kinds'), ...kinds.map((kind) => h('option', { value: kind }, kindWord(kind, 2))));
  return h('div', { class: 'evidence table-block' },
    h('p', { class: 'table-top' }, `${count(finding.matches.length)} of ${count(Math.max(finding.matches_total, finding.matches.length))} pairs of posts are kept here, spread over the group. `,
      kinds.length > 1 && h('label', {}, 'Show ', choice)),
    h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': `Evidence of ${finding.id}: pairs of posts` },
      h('table', {}, h('caption', { class: 'unseen' }, `Pairs of posts of ${finding.id}`),
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'One post'), h('th', { scope: 'col' }, 'then'), h('th', { scope: 'col' }, 'the other'))), body)),
    paging);
}
