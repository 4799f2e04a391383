// chart.ts - what charts have in common: how wide their letters are, and an axis with room for its numbers
import { svg } from './dom';
import type { Scale } from './scale';

const SANS = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"; // --sans of tokens.css
export const TICK = 11.5, LINE = 14; // size of an axis' letters, and from one line of text to the next
let ruler: CanvasRenderingContext2D | null = null;

/** How wide a text comes out in a chart, in pixels: measured, since a guess clips some fonts and wastes room in others. */
export function textWidth(text: string, size = TICK, weight = 400): number {
  ruler ??= document.createElement('canvas').getContext('2d');
  if (!ruler) return text.length * size * 0.65;
  ruler.font = `${weight} ${size}px ${SANS}`;
  return ruler.measureText(text).width;
}

/** The room that the labels of an axis need left of it. */
export function gutter(labels: string[]): number {
  return Math.ceil(Math.max(0, ...labels.map((label) => textWidth(label)))) + 10;
}

/** Lines across the chart at some values, each with its number in the gutter. */
export function levels(values: number[], word: (value: number) => string, y: Scale, left: number, right: number): SVGGElement[] {
  return values.map((value) => svg('g', {}, svg('line', { class: value ? 'grid' : 'axis', x1: left, x2: right, y1: y(value), y2: y(value) }),
    svg('text', { class: 'tick', x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, word(value))));
}

/** A text in lines that fit: cut at a blank, else after the dash, dot or stroke of a handle, else anywhere; what is left of it after the last line is dots. */
export function fold(text: string, width: number, most: number, size = TICK): string[] {
  const lines: string[] = [];
  let rest = Array.from(text);
  while (rest.length > 0 && lines.length < most) {
    let fits = rest.length;
    while (fits > 1 && textWidth(rest.slice(0, fits).join(''), size) > width) fits--;
    const last = lines.length === most - 1 && fits < rest.length;
    if (last) {
      while (fits > 1 && textWidth(`${rest.slice(0, fits).join('')}…`, size) > width) fits--;
      lines.push(`${rest.slice(0, fits).join('').trimEnd()}…`);
      break;
    }
    let cut = fits;
    if (fits < rest.length) {
      const blank = rest.slice(0, fits + 1).lastIndexOf(' '), mark = Math.max(...Array.from('-_.:/', (one) => rest.lastIndexOf(one, fits - 1)));
      cut = blank > 0 ? blank : mark > 0 ? mark + 1 : fits;
    }
    lines.push(rest.slice(0, cut).join(''));
    rest = rest.slice(cut);
    while (rest[0] === ' ') rest.shift();
  }
  return lines;
}
