// account.ts - an account as a button: the way to its panel from wherever it is named
import { bdi, h } from '../dom';
import { nameOf, type Model } from '../source';
import type { Store } from '../state';
import { colourClass } from '../theme';

export function accountButton(model: Model, store: Store, node: number, extra = ''): HTMLElement {
  const account = model.report.nodes[node];
  const group = account?.group ?? null;
  return h('button', {
    type: 'button', class: `account ${group === null ? 'ungrouped' : colourClass(group)} ${extra}`,
    disabled: !account, onclick: () => store.set({ account: node }),
  }, h('span', { class: 'swatch', 'aria-hidden': 'true' }), bdi(nameOf(account), 40));
}
