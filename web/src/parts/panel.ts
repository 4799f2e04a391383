// panel.ts - one account: who it is, whom it moved with, and its evidence in order of time
import type { Edge } from '../data';
import { announce, bdi, h, passage, replace } from '../dom';
import { count, duration, figure, kindWord, moment, plural, probability, sure } from '../format';
import { nameOf, type Model } from '../source';
import type { Store } from '../state';
import { colourClass } from '../theme';
import { accountButton } from './account';
import { provenance } from './evidence';
import { pager } from './tables';

const CREATED = { unknown: '', field: '', id: ' or later (from its id)', legacy: ' (from an old id)' } as const;

function fact(name: string, ...value: (Node | string)[]): HTMLElement {
  return h('div', {}, h('dt', {}, name), h('dd', {}, ...value));
}

export function panel(model: Model, store: Store): HTMLElement {
  const { report } = model;
  const body = h('div', { class: 'panel-body' });
  const title = h('h2', { id: 'panel-title', tabindex: -1 });
  const close = h('button', { type: 'button', class: 'close', 'aria-label': 'Close the account', onclick: () => store.set({ account: null }) }, '×');
  const element = h('aside', { class: 'panel', id: 'panel', 'aria-labelledby': 'panel-title', hidden: true }, h('div', { class: 'panel-head' }, title, close), body);
  let opener: Element | null = null;

  const partner = (node: number, edge: Edge): HTMLElement => {
    const other = edge.a === node ? edge.b : edge.a;
    const led = edge.a === node ? edge.a_first : edge.b_first;
    return h('li', {}, accountButton(model, store, other),
      h('p', { class: 'small' }, `${plural(edge.occasions, 'occasion')}; chance expects ${figure(edge.expected)}. `,
        `On average ${duration(edge.lag_mean_seconds)} apart, within ${duration(edge.window_seconds)}; this account came first in ${count(led)} of ${count(edge.a_first + edge.b_first)}. `,
        `p ${probability(edge.p)}, q ${probability(edge.q)}. `,
        Object.entries(edge.kinds).map(([kind, n]) => `${n} ${kindWord(kind, n)}`).join(', ')));
  };

  const evidence = (index: number): HTMLElement => {
    const post = report.posts[index]!;
    return h('li', {}, h('p', { class: 'small' }, moment(post.time, report.totals.time_precision), post.kind && ' · ', post.kind && bdi(post.kind, 24)),
      post.text === null ? h('p', { class: 'passage nothing' }, 'No text.') : passage(post.text, 400), provenance(post));
  };

  const draw = (index: number) => {
    const node = report.nodes[index];
    if (!node) return;
    const finding = node.group === null ? null : report.findings[node.group];
    const edges = model.edgesOf[index] ?? [], posts = model.postsOf.get(index) ?? [];
    const partners = h('ol', { class: 'partners' }), texts = h('ol', { class: 'texts' });
    element.className = `panel ${node.group === null ? 'ungrouped' : colourClass(node.group)}`;
    replace(title, h('span', { class: 'swatch', 'aria-hidden': 'true' }), bdi(nameOf(node), 60));
    replace(body,
      finding ? h('p', { class: 'panel-group' }, 'Member of ', h('a', { href: `#finding-${node.group}` }, bdi(finding.id, 12)), `, ${sure(finding.confidence)}`) : h('p', { class: 'panel-group' }, 'In no group that was reported.'),
      h('dl', { class: 'facts' },
        node.name !== null && node.name !== nameOf(node) && fact('Name', bdi(node.name, 80)),
        fact('Account', bdi(node.id, 80)), node.platform && fact('Platform', bdi(node.platform, 30)),
        fact('Created', node.created ? moment(node.created, 'day') + CREATED[node.created_method] : 'not known'),
        fact('Followers', count(node.followers)), fact('Follows', count(node.following)),
        fact('Posts in the data', count(node.posts)), fact('… matched with others', count(node.matched_posts))),
      h('h3', {}, `Moved with ${plural(edges.length, 'account')}`), partners,
      pager(edges, 6, 'accounts', (page) => replace(partners, ...page.map((edge) => partner(index, report.edges[edge]!)))),
      h('h3', {}, posts.length ? `Its posts among the evidence, in order: ${count(posts.length)}` : 'None of its posts is among the evidence kept in this report'), texts,
      posts.length > 0 && pager(posts, 6, 'posts', (page) => replace(texts, ...page.map(evidence))));
    body.scrollTop = 0;
    announce(`Account ${nameOf(node).slice(0, 60)} selected: ${plural(edges.length, 'partner')}, ${plural(posts.length, 'evidence post')}. Escape closes.`);
  };

  store.on((view, changed) => {
    if (!changed.has('account')) return;
    if (view.account === null) {
      const back = element.contains(document.activeElement) || document.activeElement === document.body;
      element.hidden = true;
      document.body.classList.remove('has-panel');
      if (back && opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
      opener = null;
      announce('Account closed.');
      return;
    }
    if (element.hidden) opener = document.activeElement;
    element.hidden = false;
    document.body.classList.add('has-panel');
    draw(view.account);
    title.focus({ preventScroll: true });
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented && store.view.account !== null) store.set({ account: null });
  });
  return element;
}
