// findings.ts - the groups, and the filters over groups and accounts
import type { Finding } from '../data';
import { announce, h, replace, roving } from '../dom';
import { count, plural } from '../format';
import { nameOf, type Model } from '../source';
import { CONFIDENCE, confident, type Store } from '../state';
import { accountButton } from './account';
import { finding } from './finding';

const LEAST = { explained: 'any', low: 'low, moderate or high', moderate: 'moderate or high', high: 'high only' };

/** Whether any of a finding's words holds the query. */
function speaks(model: Model, it: Finding, query: string): boolean {
  const holds = (text: string | null | undefined) => !!text && text.toLowerCase().includes(query);
  return holds(it.id) || holds(it.title) || it.objects.some((object) => holds(object.object)) || it.members.some((node) => {
    const account = model.report.nodes[node];
    return holds(account?.handle) || holds(account?.name) || holds(account?.id);
  }) || it.matches.some((match) => holds(match.object) || holds(model.report.posts[match.a]?.text) || holds(model.report.posts[match.b]?.text));
}

export function findings(model: Model, store: Store): HTMLElement | null {
  const { report } = model;
  if (report.findings.length === 0) return null;
  const articles = report.findings.map((_, i) => finding(model, store, i));
  const status = h('p', { class: 'small', id: 'filter-status' });
  const others = h('div', { class: 'found-accounts' });
  const settle = roving(others);
  const least = h('select', { id: 'least-confidence', onchange: () => store.set({ confidence: least.value as Finding['confidence'] }) },
    ...CONFIDENCE.map((word) => h('option', { value: word }, LEAST[word])));
  let waiting = 0;
  const search = h('input', { type: 'search', id: 'find', autocomplete: 'off', spellcheck: 'false', placeholder: 'a word, a tag, a handle', oninput: () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => store.set({ query: search.value.trim().toLowerCase().slice(0, 200) }), 120);
  } });

  const apply = () => {
    const { view } = store;
    let shown = 0;
    report.findings.forEach((it, i) => {
      const visible = confident(it, view) && (!view.query || speaks(model, it, view.query));
      articles[i]!.hidden = !visible;
      if (visible) shown++;
    });
    status.textContent = shown === report.findings.length ? '' : `${plural(shown, 'finding')} of ${count(report.findings.length)} shown.`;
    const accounts = view.query ? report.nodes.flatMap((node, i) => ([node.handle, node.name, node.id].some((text) => text?.toLowerCase().includes(view.query)) ? [i] : [])) : [];
    accounts.sort((a, b) => nameOf(report.nodes[a]).length - nameOf(report.nodes[b]).length || a - b);
    replace(others, ...(view.query ? [
      h('p', { class: 'small' }, accounts.length ? `Accounts whose handle, name or id holds it: ${count(accounts.length)}${accounts.length > 24 ? ', the first 24 here' : ''}` : 'No account’s handle, name or id holds it.'),
      h('div', { class: 'members', role: 'group', 'aria-label': 'Accounts found' }, ...accounts.slice(0, 24).map((node) => accountButton(model, store, node))),
    ] : []));
    settle();
    if (view.query || view.confidence !== 'explained') announce(`${plural(shown, 'finding')} shown. ${view.query ? plural(accounts.length, 'account') : ''}`);
  };
  store.on((_, changed) => { if (changed.has('query') || changed.has('confidence')) apply(); });
  return h('section', { id: 'findings', class: 'findings', 'aria-labelledby': 'findings-title', tabindex: -1 },
    h('h2', { id: 'findings-title' }, report.findings.length === 1 ? 'The group' : 'The groups, one by one'),
    h('form', { class: 'filters', role: 'search', 'aria-label': 'Filter findings and accounts', onsubmit: (event: Event) => event.preventDefault() },
      h('label', { for: 'find' }, 'Search findings and accounts'), search,
      h('label', { for: 'least-confidence' }, 'Confidence'), least),
    status, others, ...articles);
}
