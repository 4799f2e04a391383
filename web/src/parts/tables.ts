// tables.ts - a table that scrolls sideways and shows its rows page by page
import { announce, h, replace, type Child } from '../dom';
import { count } from '../format';

export interface Column<T> { name: string; cell: (row: T, index: number) => Child; numeric?: boolean; rowHeader?: boolean; short?: boolean; long?: boolean }

/** Previous and next over `rows`, drawing one page at a time; nothing at all where one page holds them. */
export function pager<T>(rows: T[], size: number, what: string, draw: (page: T[], first: number) => void): HTMLElement {
  let first = 0;
  const status = h('span', { class: 'pager-at' });
  const previous = h('button', { type: 'button', onclick: () => go(first - size) }, 'Previous');
  const next = h('button', { type: 'button', onclick: () => go(first + size) }, 'Next');
  const go = (to: number) => {
    first = Math.max(0, Math.min(to, Math.floor((rows.length - 1) / size) * size));
    show();
    announce(status.textContent ?? '');
  };
  const show = () => {
    draw(rows.slice(first, first + size), first);
    status.textContent = `${count(first + 1)}–${count(Math.min(first + size, rows.length))} of ${count(rows.length)} ${what}`;
    previous.disabled = first === 0;
    next.disabled = first + size >= rows.length;
  };
  show();
  return h('div', { class: 'pager', hidden: rows.length <= size }, status, previous, next);
}

export function table<T>(options: { caption: string; columns: Column<T>[]; rows: T[]; what: string; size?: number; empty?: string }): HTMLElement {
  const { caption, columns, rows, what, size = 10 } = options;
  if (rows.length === 0) return h('p', { class: 'nothing' }, options.empty ?? `No ${what}.`);
  const body = h('tbody');
  const paging = pager(rows, size, what, (page, first) => replace(body, ...page.map((row, i) => h('tr', {},
    ...columns.map((column) => h(column.rowHeader ? 'th' : 'td', { class: column.numeric ? 'numeric' : column.short ? 'short' : column.long ? 'long' : null, scope: column.rowHeader ? 'row' : null }, column.cell(row, first + i)))))));
  return h('div', { class: 'table-block' },
    h('div', { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
      h('table', {},
        h('caption', {}, caption),
        h('thead', {}, h('tr', {}, ...columns.map((column) => h('th', { scope: 'col', class: column.numeric ? 'numeric' : null }, column.name)))),
        body)),
    paging);
}
