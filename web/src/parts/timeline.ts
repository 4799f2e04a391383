// timeline.ts - posts over time, the coordinated share of them, and when each group was at work
import { gutter, levels } from '../chart';
import { announce, h, onWidth, replace, svg } from '../dom';
import { capital, clock, count, day, duration, figure, ms, percent, plural } from '../format';
import { linear, ticks, timeTicks } from '../scale';
import type { Model } from '../source';
import { confident, type Store } from '../state';
import { colourClass } from '../theme';

const RIGHT = 12, POSTS = 170, SHARE = 62, ROW = 17, SPANS = 16;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'];

function tickWords(at: number, unit: string): string {
  const date = new Date(at);
  if (unit === 'clock') return clock(at);
  if (unit === 'year') return String(date.getUTCFullYear());
  return unit === 'month' ? MONTHS[date.getUTCMonth()]! : day(at, false);
}

export function timeline(model: Model, store: Store): HTMLElement {
  const { report } = model, { bins, step_seconds } = report.timeline;
  const step = step_seconds * 1000;
  const head = h('h2', { id: 'timeline-title' }, 'When it happened');
  if (bins.length === 0) return h('section', { id: 'timeline', 'aria-labelledby': 'timeline-title', tabindex: -1 }, head, h('p', { class: 'nothing' }, 'No posts, so no time.'));
  const times = bins.map((bin) => ms(bin.start));
  const whole: [number, number] = [times[0]!, times[times.length - 1]! + step];
  let from = whole[0], to = whole[1], cursor = -1, lastWidth = 0, axis = 0;
  const coordinated = bins.reduce((sum, bin) => sum + bin.coordinated, 0), all = bins.reduce((sum, bin) => sum + bin.posts, 0);
  const peak = bins.reduce((best, bin, i) => (bin.coordinated > bins[best]!.coordinated ? i : best), 0);
  const moment = (i: number) => `${day(times[i]!)}${step < 86400e3 ? `, ${clock(times[i]!)}–${clock(times[i]! + step)}` : ''}`;
  const told = (i: number) => `${moment(i)}: ${plural(bins[i]!.posts, 'post')}, ${count(bins[i]!.coordinated)} of them coordinated (${percent(bins[i]!.coordinated, bins[i]!.posts)})`;
  const readout = h('p', { class: 'readout', 'aria-hidden': 'true' }, h('span', { class: 'small' }, 'Point at the chart to read it step by step.'));
  const plot = h('div', { class: 'timeline-plot', tabindex: 0, role: 'group', 'aria-roledescription': 'chart', 'aria-describedby': 'timeline-help',
    'aria-label': `Posts over time in steps of ${duration(step_seconds)}: ${plural(all, 'post')}, ${count(coordinated)} of them coordinated. Peak: ${told(peak)}` });
  const wholeButton = h('button', { type: 'button', hidden: true, onclick: () => { zoom(whole[0], whole[1]); plot.focus(); } }, 'Show the whole span');

  const zoom = (a: number, b: number) => {
    const least = Math.min(whole[1] - whole[0], 4 * step);
    if (b - a < least) { const middle = (a + b) / 2; a = middle - least / 2; b = middle + least / 2; }
    from = Math.max(whole[0], Math.min(a, whole[1] - least));
    to = Math.min(whole[1], Math.max(b, from + least));
    wholeButton.hidden = from === whole[0] && to === whole[1];
    draw(lastWidth);
    announce(`Timeline shows ${day(from)} ${clock(from)} to ${day(to)} ${clock(to)}`);
  };

  const draw = (width: number) => {
    if (!width) return;
    lastWidth = width;
    const right = width - RIGHT;
    const inView = bins.map((_, i) => i).filter((i) => times[i]! + step > from && times[i]! < to);
    const most = Math.max(1, ...inView.map((i) => bins[i]!.posts));
    const room = (axis = gutter([...ticks(0, most, 4).map(count), '50 %', 'F0000'])), x = linear(from, to, room, right);
    const shares = bins.map((bin) => (bin.posts ? bin.coordinated / bin.posts : 0));
    const shareTop = Math.min(1, Math.max(0.05, ...inView.map((i) => shares[i]!)) * 1.1);
    const top = 26, y = linear(0, most, top + POSTS, top), hasGroups = report.findings.length > 0;
    const shareTopY = top + POSTS + 46, s = linear(0, shareTop, shareTopY + SHARE, shareTopY);
    const spanTop = shareTopY + (hasGroups ? SHARE + 40 : -14);
    const rows = report.findings.map((finding, i) => ({ finding, i })).filter(({ finding }) => confident(finding, store.view) && Number.isFinite(ms(finding.first)));
    const height = hasGroups ? spanTop + Math.min(SPANS, rows.length) * ROW + (rows.length > SPANS ? 18 : 4) : top + POSTS + 26;
    const block = (i: number, value: number, scale: (v: number) => number) => {
      const a = Math.max(room, x(times[i]!)), b = Math.min(right, x(times[i]! + step)), gap = b - a > 4 ? 1 : 0;
      return b > a ? `M${a.toFixed(1)},${scale(0).toFixed(1)}V${scale(value).toFixed(1)}H${(b - gap).toFixed(1)}V${scale(0).toFixed(1)}Z` : '';
    };
    const path = (value: (i: number) => number, scale: (v: number) => number) => inView.map((i) => (value(i) > 0 ? block(i, value(i), scale) : '')).join('');
    const peakX = x(times[peak]! + step / 2), peakIn = hasGroups && bins[peak]!.coordinated > 0 && peakX > room && peakX < right;
    const cursorLine = svg('line', { class: 'cursor', y1: top - 4, y2: height - 4, x1: 0, x2: 0, visibility: 'hidden' });
    const brush = svg('rect', { class: 'brush', y: top, height: height - top - 4, visibility: 'hidden' });
    const drawing = svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
      svg('text', { class: 'series', x: room, y: 13 }, `Posts per ${duration(step_seconds).replace(/^1 /, '')}`),
      ...levels(ticks(0, most, 4), count, y, room, right),
      svg('path', { class: 'posts', d: path((i) => bins[i]!.posts, y) }),
      svg('path', { class: 'hot', d: path((i) => bins[i]!.coordinated, y) }),
      ...timeTicks(from, to, width / 110).map(({ at, unit }) => svg('g', {}, svg('line', { class: 'axis', x1: x(at), x2: x(at), y1: top + POSTS, y2: top + POSTS + 5 }),
        svg('text', { class: 'tick', x: x(at), y: top + POSTS + 18, 'text-anchor': x(at) < room + 20 ? 'start' : x(at) > right - 20 ? 'end' : 'middle' }, tickWords(at, unit)))),
      peakIn && svg('g', {}, svg('path', { class: 'pointer', d: `M${peakX},${y(bins[peak]!.posts) - 3}V${top - 2}` }),
        svg('text', { class: 'annotation', x: peakX > width * 0.55 ? peakX - 6 : peakX + 6, y: top + 6, 'text-anchor': peakX > width * 0.55 ? 'end' : 'start' },
          `${day(times[peak]!, false)}${step < 86400e3 ? ` ${clock(times[peak]!)}` : ''}: ${count(bins[peak]!.coordinated)} of ${count(bins[peak]!.posts)} posts`)),
      ...(hasGroups ? [
        svg('text', { class: 'series hot', x: room, y: shareTopY - 8 }, 'Coordinated share of all posts'),
        ...levels(ticks(0, shareTop, 2), (value) => `${figure(value * 100)} %`, s, room, right),
        svg('path', { class: 'hot', d: path((i) => shares[i]!, s) }),
        svg('text', { class: 'series', x: room, y: spanTop - 8 }, 'When each group was at work'),
        ...rows.slice(0, SPANS).map(({ finding, i }, row) => {
          const a = Math.max(room, Math.min(right - 3, x(ms(finding.first)))), b = Math.max(a + 3, Math.min(right, x(ms(finding.last))));
          const at = spanTop + row * ROW, out = ms(finding.last) < from || ms(finding.first) > to;
          return svg('g', { class: colourClass(i) }, svg('line', { class: 'grid', x1: room, x2: right, y1: at + 9, y2: at + 9 }),
            !out && svg('rect', { class: 'span', x: a, y: at + 4, width: b - a, height: 10 }),
            svg('text', { class: 'tick', x: room - 6, y: at + 13, 'text-anchor': 'end' }, Array.from(finding.id).slice(0, 5).join('')));
        }),
        rows.length > SPANS && svg('text', { class: 'tick', x: room, y: spanTop + SPANS * ROW + 13 }, `and ${plural(rows.length - SPANS, 'more group')}`),
      ] : []),
      cursorLine, brush);
    replace(plot, drawing);
    pointers(drawing, x.invert, brush, (i) => point(i, cursorLine, x));
    if (cursor >= 0) point(cursor, cursorLine, x);
  };

  const point = (i: number, line: SVGLineElement, x: (value: number) => number) => {
    cursor = i;
    const at = x(times[i]! + step / 2), visible = at >= axis && at <= lastWidth - RIGHT;
    line.setAttribute('visibility', visible ? 'visible' : 'hidden');
    line.setAttribute('x1', String(at));
    line.setAttribute('x2', String(at));
    readout.textContent = told(i);
  };
  const nearest = (at: number) => Math.max(0, Math.min(bins.length - 1, Math.round((at - step / 2 - times[0]!) / step)));
  /** Bins may leave gaps, so the one that really lies there is looked for. */
  const binAt = (at: number) => {
    const guess = nearest(at);
    if (Math.abs(times[guess]! + step / 2 - at) <= step) return guess;
    return times.reduce((best, time, i) => (Math.abs(time + step / 2 - at) < Math.abs(times[best]! + step / 2 - at) ? i : best), 0);
  };

  /** The pointer reads; dragged, it chooses what to look at. */
  const pointers = (drawing: SVGSVGElement, invert: (pixel: number) => number, brush: SVGRectElement, read: (bin: number) => void) => {
    let start: number | null = null;
    const px = (event: PointerEvent) => Math.max(axis, Math.min(lastWidth - RIGHT, event.clientX - drawing.getBoundingClientRect().left));
    drawing.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || event.pointerType === 'touch') return;
      start = px(event);
      drawing.setPointerCapture(event.pointerId);
    });
    drawing.addEventListener('pointermove', (event) => {
      const at = px(event);
      read(binAt(invert(at)));
      if (start === null) return;
      brush.setAttribute('visibility', 'visible');
      brush.setAttribute('x', String(Math.min(start, at)));
      brush.setAttribute('width', String(Math.abs(at - start)));
    });
    drawing.addEventListener('pointerup', (event) => {
      const begun = start;
      start = null;
      brush.setAttribute('visibility', 'hidden');
      if (begun === null) return;
      const at = px(event);
      if (Math.abs(at - begun) > 5) zoom(invert(Math.min(begun, at)), invert(Math.max(begun, at)));
    });
  };

  plot.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const middle = cursor >= 0 ? times[cursor]! + step / 2 : (from + to) / 2, width = to - from;
    const step1 = (by: number) => {
      const next = cursor < 0 ? binAt(middle) : Math.max(0, Math.min(bins.length - 1, cursor + by));
      cursor = next;
      const at = times[next]! + step / 2;
      if (at < from || at > to) { from += by * step; to += by * step; }
      draw(lastWidth);
      announce(told(next));
    };
    const act = { ArrowLeft: () => step1(-1), ArrowRight: () => step1(1), '+': () => zoom(middle - width / 4, middle + width / 4), '=': () => zoom(middle - width / 4, middle + width / 4),
      '-': () => zoom(middle - width, middle + width), '0': () => zoom(whole[0], whole[1]) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  onWidth(plot, draw);
  store.on((_, changed) => { if (changed.has('confidence')) draw(lastWidth); });

  const apart = report.findings.some((finding) => finding.confidence === 'explained') ? ' Groups that an innocent explanation accounts for are not among them.' : '';
  const lede = report.findings.length === 0 ? `${capital(plural(all, 'post'))} in steps of ${duration(step_seconds)}. No share of them is called coordinated.`
    : `${count(coordinated)} of ${plural(all, 'post')} (${percent(coordinated, all)}) were sent by members of a group together with another member.${apart}`;
  return h('section', { id: 'timeline', class: 'timeline', 'aria-labelledby': 'timeline-title', tabindex: -1 }, head,
    h('p', { class: 'chart-lede' }, lede),
    report.findings.length > 0 && h('p', { class: 'chart-note' }, h('b', { class: 'key-hot' }, 'Red'), ': posts by members of a group, together with another member. Grey: all other posts. Below: the bar of a group runs from its first such post to its last.'),
    h('div', { class: 'timeline-top' }, readout, wholeButton), plot,
    h('p', { class: 'chart-note', id: 'timeline-help' }, `Times are UTC. Drag over the chart to look closer. With the keyboard: left and right read step by step, + and − zoom, 0 shows all.`));
}
