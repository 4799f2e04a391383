// calls.ts - calls of a channel and who answers them elsewhere: when, how fast, how often
import type { Call, Responder } from '../data';
import { gutter, levels } from '../chart';
import { bdi, h, onWidth, replace, svg } from '../dom';
import { count, day, duration, figure, moment, ms, plural, tiny } from '../format';
import { linear, ticks, timeTicks } from '../scale';
import type { Model } from '../source';
import { table } from './tables';
import { thingList } from './thing';

const RIGHT = 12, TOP = 34, PLOT = 130, BOTTOM = 40;

/** Posts on what calls named, by time from the call: responders' on the ground, others' on top. */
function profile(model: Model): HTMLElement {
  const { profile_responders: ours, profile_others: others, window_seconds: w } = model.report.recruitment;
  const top = Math.max(1, ...ours.map((n, i) => n + (others[i] ?? 0)));
  const marks = ticks(0, top, 3), room = gutter(marks.map(count)), plot = h('div', { class: 'series-plot' });
  onWidth(plot, (width) => {
    const x = linear(-w, w, room, width - RIGHT), y = linear(0, top, TOP + PLOT, TOP), step = (2 * w) / Math.max(1, ours.length);
    const bars = ours.flatMap((n, i) => {
      const left = x(-w + i * step), wide = Math.max(0.5, x(-w + (i + 1) * step) - left - 0.6), both = n + (others[i] ?? 0);
      return [both > n && svg('rect', { class: 'posts', x: left, width: wide, y: y(both), height: y(n) - y(both) }), n > 0 && svg('rect', { class: 'hot', x: left, width: wide, y: y(n), height: y(0) - y(n) })];
    });
    replace(plot, svg('svg', { width, height: TOP + PLOT + BOTTOM, viewBox: `0 0 ${width} ${TOP + PLOT + BOTTOM}`, role: 'img', 'aria-label': `Posts on what calls named, from ${duration(w)} before a call to ${duration(w)} after it.` },
      svg('text', { class: 'series', x: 0, y: 12 }, `Posts per ${duration((2 * w) / Math.max(1, ours.length))}, all calls together`),
      ...levels(marks, count, y, room, width - RIGHT),
      ...bars.filter((bar) => bar !== false),
      svg('line', { class: 'threshold', x1: x(0), x2: x(0), y1: TOP - 6, y2: TOP + PLOT }), svg('text', { class: 'annotation', x: x(0) - 5, y: TOP - 2, 'text-anchor': 'end' }, 'the call'),
      svg('line', { class: 'axis', x1: room, x2: width - RIGHT, y1: TOP + PLOT + 0.5, y2: TOP + PLOT + 0.5 }),
      ...(width < 440 ? [-1, 0, 1] : [-1, -0.5, 0, 0.5, 1]).map((part) => svg('text', { class: 'tick', x: x(part * w), y: TOP + PLOT + 16, 'text-anchor': part === -1 ? 'start' : part === 1 ? 'end' : 'middle' }, part === 0 ? '0' : `${duration(Math.abs(part) * w)} ${part < 0 ? 'before' : 'after'}`))));
  });
  return plot;
}

const LANE = 26;

/** Calls above and what answered them below, on one axis of time from `from` to `to`, a bar a `step`. */
function together(model: Model, calls: Call[], from: number, to: number, step: number, hours: boolean): HTMLElement {
  const parts = Math.ceil((to - from) / step), ours = new Array<number>(parts).fill(0), others = new Array<number>(parts).fill(0);
  const window = 1000 * model.report.recruitment.window_seconds;
  for (const call of calls) {
    const add = (counts: number[], into: number[]) => counts.forEach((n, k) => {
      const part = Math.floor((ms(call.time) + ((k + 0.5) * window) / counts.length - from) / step);
      if (part >= 0 && part < parts) into[part]! += n;
    });
    add(call.answers_responders, ours);
    add(call.answers_others, others);
  }
  const inside = calls.filter((call) => ms(call.time) >= from && ms(call.time) < to);
  const top = Math.max(1, ...ours.map((n, i) => n + others[i]!));
  const grid = ticks(0, top, 3), room = gutter([...grid.map(count), 'calls']), plot = h('div', { class: 'series-plot call-answer' });
  onWidth(plot, (width) => {
    const x = linear(from, to, room, width - RIGHT), base = TOP + LANE + PLOT, y = linear(0, top, base, TOP + LANE);
    const bars = ours.flatMap((n, i) => {
      const left = x(from + i * step), wide = Math.max(0.5, Math.min(x(from + (i + 1) * step), width - RIGHT) - left - 0.4), both = n + others[i]!;
      return [both > n && svg('rect', { class: 'posts', x: left, width: wide, y: y(both), height: y(n) - y(both) }), n > 0 && svg('rect', { class: 'hot', x: left, width: wide, y: y(n), height: y(0) - y(n) })];
    });
    const marks = hours ? [0, 6, 12, 18, 24].map((hour) => ({ at: from + hour * 3_600_000, name: `${String(hour % 24).padStart(2, '0')}:00` })).filter(({ at }) => at <= to)
      : timeTicks(from, to, width < 420 ? 3 : 6).map(({ at }) => ({ at, name: day(at, false) }));
    replace(plot, svg('svg', { width, height: base + 24, viewBox: `0 0 ${width} ${base + 24}`, role: 'img', 'aria-label': `${plural(inside.length, 'call')} and ${plural(ours.reduce((sum, n) => sum + n, 0), 'answer')} of those who answer again and again, ${count(others.reduce((sum, n) => sum + n, 0))} of others, on one axis of time.` },
      svg('text', { class: 'series', x: 0, y: 12 }, `Posts per ${duration(step / 1000).replace(/^1 /, '')}`),
      svg('text', { class: 'tick', x: room - 6, y: TOP + 10, 'text-anchor': 'end' }, 'calls'),
      ...inside.map((call) => svg('path', { class: 'call-mark', d: `M${x(ms(call.time)) - 4},${TOP + 1}h8l-4,8z` })),
      ...(hours ? inside.map((call) => svg('line', { class: 'leader-line', x1: x(ms(call.time)), x2: x(ms(call.time)), y1: TOP + 9, y2: base })) : []),
      ...levels(grid, count, y, room, width - RIGHT),
      ...bars.filter((bar) => bar !== false),
      svg('line', { class: 'axis', x1: room, x2: width - RIGHT, y1: base + 0.5, y2: base + 0.5 }),
      ...marks.map(({ at, name }, i) => svg('text', { class: 'tick', x: x(at), y: base + 16, 'text-anchor': i === marks.length - 1 && hours ? 'end' : 'middle' }, name))));
  });
  return plot;
}

/** The whole time, and the day on which those who answer again and again answered most. */
function callAndAnswer(model: Model, calls: Call[]): HTMLElement | null {
  const { totals } = model.report, DAY = 86_400_000;
  if (calls.every((call) => call.answers_responders.length === 0)) return null;
  const times = calls.map((call) => ms(call.time)), from = Math.min(ms(totals.first ?? ''), ...times), to = Math.max(ms(totals.last ?? ''), ...times) + 1;
  if (!(to > from)) return null;
  const answered = new Map<number, number>();
  for (const call of calls) {
    const on = Math.floor(ms(call.time) / DAY) * DAY;
    answered.set(on, (answered.get(on) ?? 0) + call.answers_responders.reduce((sum, n) => sum + n, 0));
  }
  const most = [...answered].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]![0];
  const step = [900_000, 3_600_000, 3 * 3_600_000, 6 * 3_600_000, DAY, 7 * DAY].find((one) => (to - from) / one <= 240) ?? (to - from) / 240;
  return h('figure', { class: 'wide' },
    h('figcaption', {}, h('h3', { class: 'chart-title' }, 'Call and answer'), h('p', { class: 'chart-note' },
      'Above: the calls. Below: posts on what they named, within ', `${duration(model.report.recruitment.window_seconds)} of a call and until the next one on the same: `, h('b', { class: 'key-hot' }, 'red'), ` those of the ${count(model.report.recruitment.responders_total)} who answer again and again, grey everybody else’s.`)),
    together(model, calls, from, to, step, false),
    totals.time_precision !== 'day' && to - from > 2 * DAY && h('p', { class: 'chart-note' }, `${day(most)}, the day with most of their answers, by the quarter of an hour (UTC):`),
    totals.time_precision !== 'day' && to - from > 2 * DAY && together(model, calls, most, most + DAY, 900_000, true));
}

/** What came on days with calls, by how many calls they had. */
function dose(model: Model): HTMLElement {
  const { days_by_calls: days, posts_by_calls: posts } = model.report.recruitment.dose;
  const used = Math.max(1, days.reduce((last, n, i) => (n > 0 ? i + 1 : last), 0)), values = posts.slice(0, used).map((n, i) => ((days[i] ?? 0) > 0 ? n : NaN));
  const top = Math.max(1, ...values.filter((n) => !Number.isNaN(n))), least = Math.min(0, ...values.filter((n) => !Number.isNaN(n)));
  const marks = ticks(least, top, 3), room = gutter(marks.map(figure)), plot = h('div', { class: 'series-plot' });
  onWidth(plot, (width) => {
    const x = linear(0, used, room, width - RIGHT), y = linear(least, top, TOP + PLOT, TOP);
    replace(plot, svg('svg', { width, height: TOP + PLOT + BOTTOM, viewBox: `0 0 ${width} ${TOP + PLOT + BOTTOM}`, role: 'img', 'aria-label': `Posts on what a day’s calls named, beyond those before the calls, by the number of calls, from 1 to ${used}.` },
      svg('text', { class: 'series', x: 0, y: 12 }, 'Posts a day beyond those before the calls'),
      ...levels(marks, figure, y, room, width - RIGHT),
      ...values.map((value, i) => (Number.isNaN(value) ? false : svg('rect', { class: 'hot', x: x(i + 0.2), width: Math.max(1, x(i + 0.8) - x(i + 0.2)), y: Math.min(y(value), y(0)), height: Math.abs(y(0) - y(value)) }))).filter((bar) => bar !== false),
      svg('line', { class: 'axis', x1: room, x2: width - RIGHT, y1: y(0), y2: y(0) }),
      ...values.map((_, i) => svg('text', { class: 'tick', x: x(i + 0.5), y: TOP + PLOT + 16, 'text-anchor': 'middle' }, i + 1 === days.length ? `${i + 1}+` : `${i + 1}`)),
      svg('text', { class: 'tick', x: x(used / 2), y: TOP + PLOT + 34, 'text-anchor': 'middle' }, 'calls on the day')));
  });
  return plot;
}

/** The share of posts in the windows that were on what the call named. */
const share = (part: { posts: number; on_what_was_named: number }) => (part.posts === 0 ? 'none' : `${figure(Math.round((1000 * part.on_what_was_named) / part.posts) / 10)} %`);

export function calls(model: Model): HTMLElement | null {
  const { recruitment, totals, findings } = model.report;
  const { responders, calls: all } = recruitment;
  if (all.length === 0 || recruitment.not_observable !== null) return null;
  const head = h('h2', { id: 'calls-title' }, 'Calls and answers');
  const control = recruitment.controls === 0 ? '' : ` With the same calls moved to other days, ${recruitment.control_responders === 0 ? 'nobody' : figure(recruitment.control_responders / recruitment.controls)} was found${recruitment.control_responders === 0 ? '' : ' on average'} (${plural(recruitment.controls, 'try', 'tries')}).`;
  if (responders.length === 0) {
    return h('section', { id: 'calls', 'aria-labelledby': 'calls-title', tabindex: -1 }, head,
      h('p', { class: 'chart-lede' }, `${plural(recruitment.calls_total, 'message')} of channels named things that others used elsewhere. No account used them after the calls more often than chance allows.${control}`));
  }
  const inside = responders.filter((one) => one.finding !== null && findings.some((finding) => finding.id === one.finding)).length;
  const median = recruitment.lag_quartiles_seconds[1] ?? NaN;
  return h('section', { id: 'calls', 'aria-labelledby': 'calls-title', tabindex: -1 }, head,
    h('p', { class: 'chart-lede' }, `${plural(recruitment.calls_total, 'message')} of channels named tags, links or clips that accounts elsewhere then used. ${plural(recruitment.responders_total, 'account')} did so again and again, more often than chance allows: typically ${duration(median)} after a call (the median).${control}`
      + (inside === responders.length ? ' All of those shown here are in findings.' : inside ? ` ${count(inside)} of the ${count(responders.length)} shown here ${inside === 1 ? 'is' : 'are'} in findings.` : '')),
    callAndAnswer(model, all),
    h('div', { class: 'populars' },
      h('figure', { class: 'popular' }, h('figcaption', {}, h('h3', { class: 'chart-title' }, 'Around a call'), h('p', { class: 'chart-note' }, h('b', { class: 'key-hot' }, 'Red'), ': posts by those who answer again and again. Grey: everybody else’s on the same things. All calls are laid over each other.')), profile(model)),
      recruitment.dose.days >= 5 && h('figure', { class: 'popular' }, h('figcaption', {}, h('h3', { class: 'chart-title' }, 'More calls, more answers?'), h('p', { class: 'chart-note' }, `The mean of the days with as many calls; where there is no bar, no day had so many. With each further call of a day come ${figure(Math.round(recruitment.dose.posts_per_call * 10) / 10)} posts more (p ${tiny(recruitment.dose.p_value)}).`)), dose(model))),
    h('p', { class: 'chart-note' }, `Of posts in the ${duration(recruitment.window_seconds)} before a call ${share(recruitment.uptake.before)} were on what it named; after it ${share(recruitment.uptake.unexposed)} of those by accounts that answered no other call, and ${share(recruitment.uptake.responders)} of those by the accounts below.`),
    table<Call>({ caption: 'Calls, the most answered first', what: 'calls', size: 6, rows: [...all].sort((a, b) => b.responders - a.responders || ms(a.time) - ms(b.time)), columns: [
      { name: 'When', rowHeader: true, cell: (one) => moment(one.time, totals.time_precision) },
      { name: 'Named', long: true, cell: (one) => thingList(model, one.things) },
      ...(all.some((one) => one.cues !== '') ? [{ name: 'Words of an instruction', long: true, cell: (one: Call) => (one.cues === '' ? '–' : bdi(one.cues, 160)) }] : []),
      { name: 'Posts before', numeric: true, cell: (one) => count(one.posts_before) },
      { name: 'Posts after', numeric: true, cell: (one) => count(one.posts_after) },
      { name: 'Accounts after', numeric: true, cell: (one) => count(one.accounts_after) },
      { name: 'Of them again and again', numeric: true, cell: (one) => count(one.responders) },
      { name: 'Median lag', numeric: true, cell: (one) => (one.lag_median_seconds === null ? '–' : duration(one.lag_median_seconds)) },
    ] }),
    table<Responder>({ caption: 'Accounts that answer again and again', what: 'accounts', size: 6, rows: responders, columns: [
      { name: 'Account', rowHeader: true, cell: (one) => bdi(one.handle ?? one.account, 40) },
      { name: 'Calls answered', numeric: true, cell: (one) => `${count(one.answered)} of ${count(one.answerable)}` },
      { name: 'By chance', numeric: true, cell: (one) => figure(Math.round(one.expected * 100) / 100) },
      { name: 'Median lag', numeric: true, cell: (one) => (one.lag_median_seconds === null ? '–' : duration(one.lag_median_seconds)) },
      { name: 'q', numeric: true, cell: (one) => tiny(one.q_value) },
      { name: 'Finding', cell: (one) => (one.finding === null ? '–' : bdi(one.finding, 12)) },
    ] }),
    h('p', { class: 'chart-note' }, `“Answered … of”: calls with a post of the account on something they named, of those in whose ${duration(recruitment.window_seconds)} it posted anything. “By chance”: links and clips only, reckoned from how often the same things were met as long before the call, and after it by accounts that answered no other call. Who answers a call need not have read it: what calls name is often popular anyway.`));
}
