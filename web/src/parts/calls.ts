// calls.ts - calls of a channel and who answers them elsewhere: when, how fast, how often
import type { Call, Responder } from '../data';
import { bdi, h, onWidth, replace, svg } from '../dom';
import { count, day, duration, figure, moment, ms, plural, tiny } from '../format';
import { linear, ticks, timeTicks } from '../scale';
import type { Model } from '../source';
import { table } from './tables';

const LEFT = 34, RIGHT = 12, TOP = 18, PLOT = 130, BOTTOM = 40;

/** Posts on what calls named, by time from the call: responders' on the ground, others' on top. */
function profile(model: Model): HTMLElement {
  const { profile_responders: ours, profile_others: others, window_seconds: w } = model.report.recruitment;
  const top = Math.max(1, ...ours.map((n, i) => n + (others[i] ?? 0)));
  const plot = h('div', { class: 'series-plot' });
  onWidth(plot, (width) => {
    const x = linear(-w, w, LEFT, width - RIGHT), y = linear(0, top, TOP + PLOT, TOP), step = (2 * w) / Math.max(1, ours.length);
    const bars = ours.flatMap((n, i) => {
      const left = x(-w + i * step), wide = Math.max(0.5, x(-w + (i + 1) * step) - left - 0.6), both = n + (others[i] ?? 0);
      return [both > n && svg('rect', { class: 'posts', x: left, width: wide, y: y(both), height: y(n) - y(both) }), n > 0 && svg('rect', { class: 'hot', x: left, width: wide, y: y(n), height: y(0) - y(n) })];
    });
    replace(plot, svg('svg', { width, height: TOP + PLOT + BOTTOM, viewBox: `0 0 ${width} ${TOP + PLOT + BOTTOM}`, role: 'img', 'aria-label': `Posts on what calls named, from ${duration(w)} before a call to ${duration(w)} after it.` },
      ...ticks(0, top, 3).map((value) => svg('g', {}, svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }), svg('text', { class: 'tick', x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, count(value)))),
      ...bars.filter((bar) => bar !== false),
      svg('line', { class: 'threshold', x1: x(0), x2: x(0), y1: TOP - 6, y2: TOP + PLOT }), svg('text', { class: 'annotation', x: x(0) - 5, y: TOP - 2, 'text-anchor': 'end' }, 'the call'),
      svg('line', { class: 'axis', x1: LEFT, x2: width - RIGHT, y1: TOP + PLOT + 0.5, y2: TOP + PLOT + 0.5 }),
      ...(width < 440 ? [-1, 0, 1] : [-1, -0.5, 0, 0.5, 1]).map((part) => svg('text', { class: 'tick', x: x(part * w), y: TOP + PLOT + 16, 'text-anchor': part === -1 ? 'start' : part === 1 ? 'end' : 'middle' }, part === 0 ? '0' : `${duration(Math.abs(part) * w)} ${part < 0 ? 'before' : 'after'}`))));
  });
  return plot;
}

/** Every call at its time, as high as there are responders who answered it. */
function calendar(model: Model, calls: Call[]): HTMLElement {
  const { totals } = model.report;
  const from = Math.min(ms(totals.first ?? ''), ...calls.map((call) => ms(call.time))), to = Math.max(ms(totals.last ?? ''), ...calls.map((call) => ms(call.time))) + 1;
  const top = Math.max(1, ...calls.map((call) => call.responders));
  const plot = h('div', { class: 'series-plot' });
  onWidth(plot, (width) => {
    const x = linear(from, to, LEFT, width - RIGHT), y = linear(0, top, TOP + PLOT, TOP);
    replace(plot, svg('svg', { width, height: TOP + PLOT + BOTTOM, viewBox: `0 0 ${width} ${TOP + PLOT + BOTTOM}`, role: 'img', 'aria-label': `${plural(calls.length, 'call')} over time; the most answered brought ${plural(top, 'responder')}.` },
      ...ticks(0, top, 3).map((value) => svg('g', {}, svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }), svg('text', { class: 'tick', x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, count(value)))),
      svg('line', { class: 'axis', x1: LEFT, x2: width - RIGHT, y1: TOP + PLOT + 0.5, y2: TOP + PLOT + 0.5 }),
      ...calls.map((call) => svg('g', {}, svg('line', { class: 'stem', x1: x(ms(call.time)), x2: x(ms(call.time)), y1: y(0), y2: y(call.responders) }),
        svg('circle', { class: 'call-dot', cx: x(ms(call.time)), cy: y(call.responders), r: 3 }))),
      ...timeTicks(from, to, width < 420 ? 3 : 5).map(({ at }) => svg('text', { class: 'tick', x: x(at), y: TOP + PLOT + 16, 'text-anchor': 'middle' }, day(at, false)))));
  });
  return plot;
}

/** What a day's calls brought, by how many they were. */
function dose(model: Model): HTMLElement {
  const { days_by_calls: days, posts_by_calls: posts } = model.report.recruitment.dose;
  const used = Math.max(1, days.reduce((last, n, i) => (n > 0 ? i + 1 : last), 0)), values = posts.slice(0, used).map((n, i) => ((days[i] ?? 0) > 0 ? n : NaN));
  const top = Math.max(1, ...values.filter((n) => !Number.isNaN(n))), least = Math.min(0, ...values.filter((n) => !Number.isNaN(n)));
  const plot = h('div', { class: 'series-plot' });
  onWidth(plot, (width) => {
    const x = linear(0, used, LEFT, width - RIGHT), y = linear(least, top, TOP + PLOT, TOP);
    replace(plot, svg('svg', { width, height: TOP + PLOT + BOTTOM, viewBox: `0 0 ${width} ${TOP + PLOT + BOTTOM}`, role: 'img', 'aria-label': `Posts that a day's calls brought, by the number of calls, from 1 to ${used}.` },
      ...ticks(least, top, 3).map((value) => svg('g', {}, svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }), svg('text', { class: 'tick', x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, figure(value)))),
      ...values.map((value, i) => (Number.isNaN(value) ? false : svg('rect', { class: 'hot', x: x(i + 0.2), width: Math.max(1, x(i + 0.8) - x(i + 0.2)), y: Math.min(y(value), y(0)), height: Math.abs(y(0) - y(value)) }))).filter((bar) => bar !== false),
      svg('line', { class: 'axis', x1: LEFT, x2: width - RIGHT, y1: y(0), y2: y(0) }),
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
  const control = recruitment.controls === 0 ? '' : ` With the same calls moved to other days, ${recruitment.control_responders === 0 ? 'nobody' : figure(recruitment.control_responders / recruitment.controls)} was found${recruitment.control_responders === 0 ? '' : ' on average'} (${plural(recruitment.controls, 'control')}).`;
  if (responders.length === 0) {
    return h('section', { id: 'calls', 'aria-labelledby': 'calls-title', tabindex: -1 }, head,
      h('p', { class: 'chart-lede' }, `${plural(recruitment.calls_total, 'message')} of channels named things that others used elsewhere. No account used them after the calls more often than chance allows.${control}`));
  }
  const inside = responders.filter((one) => one.finding !== null && findings.some((finding) => finding.id === one.finding)).length;
  const median = recruitment.lag_quartiles_seconds[1] ?? NaN;
  return h('section', { id: 'calls', 'aria-labelledby': 'calls-title', tabindex: -1 }, head,
    h('p', { class: 'chart-lede' }, `${plural(recruitment.calls_total, 'message')} of channels named tags, links or clips that accounts elsewhere then used. ${plural(recruitment.responders_total, 'account')} did so again and again, more often than chance allows: within ${duration(median)} of a call in the middle case.${control}`
      + (inside === responders.length ? ' All of those shown here are in findings.' : inside ? ` ${count(inside)} of the ${count(responders.length)} shown here ${inside === 1 ? 'is' : 'are'} in findings.` : '')),
    h('div', { class: 'populars' },
      h('figure', { class: 'popular' }, h('figcaption', {}, h('h3', { class: 'chart-title' }, 'Around a call'), h('p', { class: 'chart-note' }, h('b', { class: 'key-hot' }, 'Red'), ': posts by those who answer again and again. Grey: everybody else’s on the same things. All calls laid over each other.')), profile(model)),
      h('figure', { class: 'popular' }, h('figcaption', {}, h('h3', { class: 'chart-title' }, 'Call by call'), h('p', { class: 'chart-note' }, `Each stem is a call; its height is how many of the ${count(recruitment.responders_total)} answered it within ${duration(recruitment.window_seconds)}.`)), calendar(model, all))),
    recruitment.dose.days >= 5 && h('figure', {}, h('figcaption', {}, h('h3', { class: 'chart-title' }, 'More calls, more answers?'), h('p', { class: 'chart-note' }, `Posts on what was named beyond those before the calls, in the mean of the days with as many calls. One more call brings ${figure(Math.round(recruitment.dose.posts_per_call * 10) / 10)} posts (p ${tiny(recruitment.dose.p_value)}).`)), dose(model)),
    h('p', { class: 'chart-note' }, `Of posts in the ${duration(recruitment.window_seconds)} before a call ${share(recruitment.uptake.before)} were on what it named; after it ${share(recruitment.uptake.unexposed)} of those by accounts that answered no other call, and ${share(recruitment.uptake.responders)} of those by the accounts below.`),
    table<Call>({ caption: 'Calls, the most answered first', what: 'calls', size: 6, rows: [...all].sort((a, b) => b.responders - a.responders || ms(a.time) - ms(b.time)), columns: [
      { name: 'When', rowHeader: true, cell: (one) => moment(one.time, totals.time_precision) },
      { name: 'Named', cell: (one) => bdi(one.things, 110) },
      { name: 'Posts before', numeric: true, cell: (one) => count(one.posts_before) },
      { name: 'Posts after', numeric: true, cell: (one) => count(one.posts_after) },
      { name: 'Accounts after', numeric: true, cell: (one) => count(one.accounts_after) },
      { name: 'Of them responders', numeric: true, cell: (one) => count(one.responders) },
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
