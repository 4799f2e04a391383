// search.ts - a combobox that finds an account by handle, name or id
import { announce, bdi, h, replace } from '../dom';
import { plural } from '../format';
import { nameOf, type Model } from '../source';
import type { Store } from '../state';
import { colourClass } from '../theme';

const SHOWN = 10;

/** The best matches: whole, then beginnings, then anywhere; stronger accounts first among equals. */
export function matches(model: Model, query: string): { best: number[]; total: number } {
  const wanted = query.trim().toLowerCase().replace(/^@/, '');
  if (!wanted) return { best: [], total: 0 };
  const found: { node: number; rank: number; strength: number }[] = [];
  model.report.nodes.forEach((account, node) => {
    let rank = 9;
    for (const text of [account.handle, account.name, account.id, account.id.slice(account.id.indexOf(':') + 1)]) {
      const lower = text?.toLowerCase() ?? '';
      if (lower === wanted) rank = Math.min(rank, 0);
      else if (lower.startsWith(wanted)) rank = Math.min(rank, 1);
      else if (lower.includes(wanted)) rank = Math.min(rank, 2);
    }
    if (rank < 9) found.push({ node, rank, strength: account.strength });
  });
  found.sort((a, b) => a.rank - b.rank || b.strength - a.strength || a.node - b.node);
  return { best: found.slice(0, SHOWN).map((item) => item.node), total: found.length };
}

export function search(model: Model, store: Store): HTMLElement {
  let best: number[] = [], active = -1;
  const options = h('ul', { id: 'account-options', role: 'listbox', 'aria-label': 'Accounts', hidden: true });
  const input = h('input', {
    id: 'account-search', type: 'text', role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': 'account-options',
    autocomplete: 'off', spellcheck: 'false', placeholder: 'handle, name or id', oninput: () => suggest(), onfocus: () => { if (input.value) suggest(); }, onblur: () => shut(),
  });
  const shut = () => {
    options.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    active = -1;
  };
  const choose = (node: number | undefined) => {
    if (node === undefined) return;
    input.value = nameOf(model.report.nodes[node]).slice(0, 60);
    shut();
    store.set({ account: node });
  };
  const mark = (to: number) => {
    active = best.length ? (to + best.length) % best.length : -1;
    Array.from(options.children).forEach((option, i) => option.setAttribute('aria-selected', String(i === active)));
    if (active >= 0) input.setAttribute('aria-activedescendant', `account-option-${active}`);
    options.children[active]?.scrollIntoView({ block: 'nearest' });
  };
  const suggest = () => {
    const found = matches(model, input.value);
    best = found.best;
    active = -1;
    input.removeAttribute('aria-activedescendant');
    replace(options, ...best.map((node, i) => {
      const account = model.report.nodes[node]!;
      return h('li', { role: 'option', id: `account-option-${i}`, 'aria-selected': 'false', class: account.group === null ? 'ungrouped' : colourClass(account.group),
        // The pointer must not take the focus from the field before the choice is made.
        onpointerdown: (event: Event) => { event.preventDefault(); choose(node); } },
      h('span', { class: 'swatch', 'aria-hidden': 'true' }), bdi(nameOf(account), 40), h('span', { class: 'small' }, account.group === null ? '' : bdi(model.report.findings[account.group]?.id ?? '', 8)));
    }), best.length === 0 && input.value.trim() && h('li', { class: 'nothing', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, 'No such account in the network'));
    options.hidden = !input.value.trim();
    input.setAttribute('aria-expanded', String(!options.hidden));
    if (!options.hidden) announce(`${plural(found.total, 'account')} found`);
  };
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') { if (options.hidden) suggest(); mark(active + 1); } else if (event.key === 'ArrowUp') { mark(active < 0 ? -1 : active - 1); } else if (event.key === 'Enter') choose(best[Math.max(0, active)]);
    else if (event.key === 'Escape' && (!options.hidden || input.value)) { shut(); input.value = ''; } else return;
    event.preventDefault();
  });
  return h('div', { class: 'search' }, h('label', { for: 'account-search' }, 'Find an account'), h('div', { class: 'combo' }, input, options));
}
