// relays.ts - what one channel calls out and others repeat within seconds or minutes
import type { Instruction, Relay, Relayer } from '../data';
import { fold } from '../chart';
import { bdi, h, onWidth, replace, svg } from '../dom';
import { count, duration, figure, moment, ms, plural, tiny } from '../format';
import { linear, ticks } from '../scale';
import type { Model } from '../source';
import { table } from './tables';

const LEFT = 150, RIGHT = 16, TOP = 8, ROW = 20, BOTTOM = 28, ROWS_MOST = 14;

/** One relay on one time axis: a row for each channel, a dot for each of its messages. */
function picture(relay: Relay): HTMLElement {
  const channels = [...new Set(relay.members.map((member) => member.channel))].slice(0, ROWS_MOST);
  const shown = relay.members.filter((member) => channels.includes(member.channel));
  const last = Math.max(1, ...shown.map((member) => member.lag_seconds)), height = TOP + channels.length * ROW + BOTTOM;
  const plot = h('div', { class: 'series-plot' });
  onWidth(plot, (width) => {
    const left = Math.min(LEFT, width * 0.36), x = linear(0, last, left, width - RIGHT), y = (channel: string) => TOP + (channels.indexOf(channel) + 0.5) * ROW;
    replace(plot, svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${plural(relay.channels, 'channel')} one after the other: the first message, and the others within ${duration(last)}.` },
      ...channels.flatMap((channel) => [
        svg('text', { class: 'tick', x: left - 12, y: y(channel) + 4, 'text-anchor': 'end' }, fold(channel, left - 14, 1)[0] ?? ''),
        svg('line', { class: 'grid', x1: left, x2: width - RIGHT, y1: y(channel), y2: y(channel) })]),
      ...shown.map((member) => svg('circle', { class: 'call-dot', cx: x(member.lag_seconds), cy: y(member.channel), r: member.lag_seconds === 0 ? 5 : 3.5 })),
      svg('line', { class: 'threshold', x1: x(Math.min(last, relay.seconds_to_sure)), x2: x(Math.min(last, relay.seconds_to_sure)), y1: TOP, y2: TOP + channels.length * ROW }),
      ...ticks(0, last, 4).map((value) => svg('text', { class: 'tick', x: x(value), y: height - 10, 'text-anchor': 'middle' }, value === 0 ? '0' : duration(value)))));
  });
  return plot;
}

export function relays(model: Model): HTMLElement | null {
  const { relays: found, totals } = model.report;
  if (found.not_observable !== null || found.relays.length === 0) return null;
  const control = found.controls === 0 ? '' : ` With every channel moved by days of its own, ${found.control_relays === 0 ? 'none' : figure(Math.round((found.control_relays / found.controls) * 10) / 10)} ${found.control_relays === 0 ? 'was' : 'were'} found${found.control_relays === 0 ? '' : ' on average'} (${plural(found.controls, 'try', 'tries')}).`;
  const widest = [...found.relays].sort((a, b) => b.channels - a.channels || ms(a.first) - ms(b.first))[0]!;
  const repeaters = found.channels.filter((one) => one.q_value <= 0.01);
  return h('section', { id: 'relays', 'aria-labelledby': 'relays-title', tabindex: -1 },
    h('h2', { id: 'relays-title' }, 'Relays'),
    h('p', { class: 'chart-lede' }, `${plural(found.total, 'time')} channels called out the same, one after the other within ${duration(found.window_seconds)}, sooner and more often than chance allows; the messages that were looked at tell their readers what to do, or follow a countdown (${count(found.instructions_total)} of ${count(found.messages)} instruct).${control}`
      + (repeaters.length ? ` ${plural(repeaters.length, 'channel')} ${repeaters.length === 1 ? 'repeats' : 'repeat'} others again and again.` : '')),
    h('figure', {},
      h('figcaption', { class: 'chart-note' }, 'The widest relay, ', moment(widest.first, totals.time_precision), ': a dot is a message, the first one is the call. At the line so many had repeated it that it was no chance any more.'),
      picture(widest)),
    table<Relay>({ caption: 'Relays, those of most channels first', what: 'relays', size: 6, rows: [...found.relays].sort((a, b) => b.channels - a.channels || ms(a.first) - ms(b.first)), columns: [
      { name: 'When', rowHeader: true, cell: (one) => moment(one.first, totals.time_precision) },
      { name: 'First', cell: (one) => bdi(one.channel, 40) },
      { name: 'What', long: true, cell: (one) => bdi(one.things, 90) },
      { name: 'Channels', numeric: true, cell: (one) => count(one.channels) },
      { name: 'By chance', numeric: true, cell: (one) => (one.expected < 0.01 ? 'below 0.01' : figure(Math.round(one.expected * 100) / 100)) },
      { name: 'Sure after', numeric: true, cell: (one) => duration(one.seconds_to_sure) },
      { name: 'q', numeric: true, cell: (one) => tiny(one.q_value) },
    ] }),
    table<Relayer>({ caption: 'Channels', what: 'channels', size: 6, rows: found.channels, columns: [
      { name: 'Channel', rowHeader: true, cell: (one) => bdi(one.channel, 40) },
      { name: 'Was first', numeric: true, cell: (one) => count(one.called) },
      { name: 'Repeated', numeric: true, cell: (one) => `${count(one.relayed)} of ${count(one.could)}` },
      { name: 'By chance', numeric: true, cell: (one) => figure(Math.round(one.expected * 100) / 100) },
      { name: 'Mostly after', cell: (one) => (one.followed === null ? '–' : h('span', {}, bdi(one.followed, 40), ` (${count(one.followed_count)})`)) },
      { name: 'Median lag', numeric: true, cell: (one) => (one.lag_median_seconds === null ? '–' : duration(one.lag_median_seconds)) },
      { name: 'q', numeric: true, cell: (one) => tiny(one.q_value) },
    ] }),
    found.instructions.length > 0 && table<Instruction>({ caption: 'Messages that tell their readers what to do, those of most points first', what: 'messages', size: 6, rows: [...found.instructions].sort((a, b) => b.score - a.score || ms(a.time) - ms(b.time)), columns: [
      { name: 'When', rowHeader: true, cell: (one) => moment(one.time, totals.time_precision) },
      { name: 'Channel', cell: (one) => bdi(one.channel, 40) },
      { name: 'Why', long: true, cell: (one) => bdi(one.cues, 160) },
      { name: 'Points', numeric: true, cell: (one) => figure(one.score) },
    ] }),
    h('p', { class: 'chart-note' }, '“Repeated … of”: calls of others of which the channel used a new word, of those in whose window it said anything. By chance: with the others’ calls moved to other days, so that its own hours and words are as they are.', found.channels_least_p > 0.05 ? ' The data hold too few weeks for any channel’s q to be small.' : '', ' News that many tell at once is a relay, too: chance is ruled out, an arrangement is not shown.'));
}
