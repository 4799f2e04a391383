// strip.ts - the score of each group against what chance built: the whole argument in one line
import { textWidth } from '../chart';
import { clip, h, onWidth, replace, svg } from '../dom';
import { figure, list, plural } from '../format';
import { hasScore, strengthOf } from '../headline';
import { linear, log, logTicks, ticks, type Scale } from '../scale';
import type { Model } from '../source';
import { colourClass } from '../theme';

interface Label { at: number; x: number; width: number; row: number }

/** A place above the dot at `at` where a label covers no other one and no line from a dot to its label. */
function settle(placed: Label[], at: number, width: number, left: number, right: number, strict = true): Label {
  const covers = (label: Label, x: number) => Math.abs(label.x - x) < label.width / 2 + 4;
  for (let row = 0; row < 6; row++) {
    for (const shift of [0, width / 2 - 6, 6 - width / 2]) {
      const label = { at, x: Math.max(left + width / 2, Math.min(right - width / 2, at + shift)), width, row };
      const free = placed.every((other) => (other.row !== row || Math.abs(other.x - label.x) > (other.width + width) / 2 + 8)
        && !(strict && ((other.row > row && covers(label, other.at)) || (other.row < row && covers(other, at)))));
      if (free && covers(label, at)) return label;
    }
  }
  return strict ? settle(placed, at, width, left, right, false) : { at, x: at, width: 0, row: -1 };
}

export function strip({ report }: Model): HTMLElement {
  const { test, findings } = report;
  const copies = plural(test.copies, 'shuffled copy', 'shuffled copies');
  const strengths = findings.map(strengthOf);
  const scored = findings.map((_, i) => i).filter((i) => hasScore(findings[i]!)), apart = findings.filter((finding) => !hasScore(finding));
  const highest = Math.max(1.25, ...scored.map((i) => strengths[i]!)) * 1.1, isLog = highest > 12, lowest = isLog ? 0.5 : 0;
  const plot = h('div', { class: 'strip' });
  const spoken = scored.length
    ? `Strength of the groups, where 1 is the best that chance built in ${copies}: ${scored.map((i) => `${findings[i]!.id} ${figure(strengths[i]!)}${findings[i]!.confidence === 'explained' ? ' (an innocent explanation accounts for it)' : ''}`).slice(0, 30).join(', ')}.`
    : `No group in the real data went beyond what chance built in ${copies}.`;

  onWidth(plot, (width) => {
    const right = width - 10;
    const scale: Scale = isLog ? log(lowest, highest, 4, right) : linear(lowest, highest, 4, right);
    const placed: Label[] = [];
    const order = [...scored].sort((a, b) => strengths[b]! - strengths[a]!);
    const labels = order.slice(0, 14).flatMap((i) => {
      const finding = findings[i]!;
      const text = findings.length <= 5 ? `${clip(finding.id, 8)} · ${finding.members.length} accounts` : clip(finding.id, 8);
      const label = settle(placed, scale(strengths[i]!), Math.ceil(textWidth(text, 12, 600)), 0, width);
      if (label.row < 0) return [];
      placed.push(label);
      return [{ i, text, ...label }];
    });
    const rows = Math.max(0, ...placed.map((label) => label.row + 1));
    const base = 26 + rows * 19, height = base + 64, chance = scale(1);
    const marks = (isLog ? logTicks(lowest, highest) : ticks(0, highest, width < 420 ? 4 : 7)).filter((value) => value > 0 && (value === 1 || Math.abs(scale(value) - scale(1)) > 34));
    if (!marks.includes(1)) marks.unshift(1);
    replace(plot, svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': spoken },
      svg('rect', { class: 'chance', x: 4, y: base - 22, width: Math.max(2, chance - 4), height: 44 }),
      svg('line', { class: 'threshold', x1: chance, x2: chance, y1: base - 22, y2: base + 22 }),
      chance > 46 && svg('text', { class: 'tick', x: (4 + chance) / 2, y: base + 4, 'text-anchor': 'middle' }, chance > 90 ? 'chance alone' : 'chance'),
      svg('line', { class: 'axis', x1: 4, x2: right, y1: base + 22.5, y2: base + 22.5 }),
      ...marks.map((value) => svg('g', {},
        svg('line', { class: 'axis', x1: scale(value), x2: scale(value), y1: base + 22, y2: base + 27 }),
        svg('text', { class: 'tick', x: scale(value), y: base + 40, 'text-anchor': 'middle' }, `${figure(value)}×`))),
      ...labels.map(({ at, row, i }) => svg('path', { class: `leader ${colourClass(i)}`, d: `M${at},${base - 8}V${base - 24 - row * 19}` })),
      ...order.map((i) => svg('circle', { class: `dot ${colourClass(i)}${findings[i]!.confidence === 'explained' ? ' explained' : ''}`, cx: scale(strengths[i]!), cy: base, r: Math.min(15, 4 + Math.sqrt(findings[i]!.members.length) * 1.1) })),
      ...labels.map(({ text, x, row, i }) => svg('text', { class: `label ${colourClass(i)}`, x, y: base - 30 - row * 19 + 3, 'text-anchor': 'middle' }, text)),
      svg('text', { class: 'tick', x: right, y: base + 57, 'text-anchor': 'end' }, `times the best that chance built${isLog ? ', logarithmic' : ''} →`)));
  });

  return h('figure', { class: 'strip-figure' },
    h('figcaption', {},
      h('h2', { class: 'chart-title' }, scored.length ? 'The groups found, and what chance can do' : 'What chance can do'),
      h('p', { class: 'chart-note' }, h('span', { class: 'key-chance', 'aria-hidden': 'true' }),
        `Grey: all that chance built in ${copies} of the data. `,
        scored.length ? 'Each dot is a group found in the real data; the further right, the less chance can explain it.' + (scored.some((i) => findings[i]!.confidence === 'explained') ? ' A hollow dot: an innocent explanation accounts for it.' : '') : 'No group in the real data went far enough beyond it.',
        apart.length > 0 && ` ${apart.length > 3 ? plural(apart.length, 'group') : list(apart.map((finding) => clip(finding.id, 8)))} ${apart.length === 1 ? 'has' : 'have'} no place here: ${apart.length === 1 ? 'it is' : 'they are'} shown by other signals.`)),
    plot);
}
