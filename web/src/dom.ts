// dom.ts - elements without markup: whatever comes from the data goes in as text, never as HTML

export type Child = Node | string | number | null | undefined | false;
type Handler = (event: never) => void;
export type Attributes = Record<string, string | number | boolean | null | undefined | Handler>;

const SVG = 'http://www.w3.org/2000/svg';

function fill(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') {
      element.addEventListener(name.replace(/^on/, ''), value as unknown as EventListener);
    } else if (name === 'href' && !String(value).startsWith('#')) {
      throw new Error('links stay inside the page'); // addresses in the data may be traps
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  append(element, children);
}

export function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return element;
}

export function replace(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

/** Cuts by code points, so that no pair of surrogates is torn. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const points = Array.from(text.slice(0, length * 2));
  return points.length <= length && text.length <= length * 2 ? text : `${points.slice(0, length - 1).join('')}…`;
}

/** A piece of the data as isolated text: its direction cannot spill into ours. */
export function bdi(text: string, length = 120): HTMLElement {
  const short = clip(text, length);
  return h('bdi', { dir: 'auto', class: 'data', title: short === text ? null : clip(text, 1000) }, short);
}

/** A text of the data, the first part of it, with a button for the whole. */
export function passage(text: string, length = 280): HTMLElement {
  const body = h('bdi', { dir: 'auto', class: 'data' }, clip(text, length));
  if (clip(text, length) === text) return h('p', { class: 'passage' }, body);
  const label = `Show all ${text.length.toLocaleString('en')} characters`;
  const button = h('button', { type: 'button', class: 'plain', 'aria-expanded': 'false', onclick: () => {
    const open = button.getAttribute('aria-expanded') !== 'true';
    button.setAttribute('aria-expanded', String(open));
    body.textContent = open ? text : clip(text, length);
    button.textContent = open ? 'Show less' : label;
  } }, label);
  return h('div', { class: 'passage' }, body, ' ', button);
}

/** Says something to those who listen to the page. */
export function announce(text: string): void {
  const live = document.getElementById('live');
  if (live) live.textContent = text;
}

/** Arrow keys, Home and End walk through the items of a list; only one of them is a tab stop.
 *  What is returned is to be called when the items have changed. */
export function roving(list: HTMLElement, selector = 'button'): () => void {
  const items = () => Array.from(list.querySelectorAll<HTMLElement>(selector));
  const stop = (chosen: HTMLElement | undefined) => {
    for (const item of items()) item.tabIndex = item === chosen ? 0 : -1;
  };
  stop(items()[0]);
  list.addEventListener('focusin', (event) => {
    const item = (event.target as HTMLElement).closest<HTMLElement>(selector);
    if (item) stop(item);
  });
  list.addEventListener('keydown', (event) => {
    const all = items(), at = all.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
  });
  return () => stop(items()[0]);
}

/** Calls draw with the width of the element now and whenever it changes. */
export function onWidth(element: HTMLElement, draw: (width: number) => void): void {
  let last = 0;
  const observer = new ResizeObserver((entries) => {
    const width = Math.floor(entries[0]?.contentRect.width ?? 0);
    if (width > 0 && width !== last) draw((last = width));
  });
  observer.observe(element);
}
