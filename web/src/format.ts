// format.ts - numbers, times and counts as a reader says them; what is not there is said, not guessed
import type { Kind } from './data';

const NUMBER = new Intl.NumberFormat('en');
const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'];
const UNKNOWN = 'not known';

export function count(n: number | null): string {
  return n === null || !Number.isFinite(n) ? UNKNOWN : NUMBER.format(n);
}

export function words(n: number): string {
  return WORDS[n] ?? count(n);
}

/** What is said of how sure a finding is. */
export function sure(confidence: string): string {
  return confidence === 'explained' ? 'innocent explanation' : `${confidence} confidence`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The first clauses of a long title, whole ones, with what was left out said by dots. */
export function clauses(text: string, most: number): string {
  const at = text.lastIndexOf('; ', most);
  return text.length <= most || at < most / 3 ? text : `${text.slice(0, at)} …`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

export function list(parts: string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

/** A measured number, to about three figures. */
export function figure(n: number | null): string {
  if (n === null || !Number.isFinite(n)) return UNKNOWN;
  const size = Math.abs(n);
  if (size >= 100 || Number.isInteger(n)) return NUMBER.format(Math.round(n));
  if (size >= 10) return String(Number(n.toFixed(1)));
  if (size >= 0.01) return String(Number(n.toPrecision(2)));
  return n === 0 ? '0' : power(n);
}

function power(n: number): string {
  const [mantissa = '0', exponent = '0'] = n.toExponential(0).split('e');
  const raised = Array.from(String(Number(exponent)), (c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'['0123456789'.indexOf(c)] ?? '⁻').join('');
  return mantissa === '1' ? `10${raised}` : `${mantissa} × 10${raised}`;
}

export function probability(p: number | null): string {
  if (p === null || !Number.isFinite(p)) return UNKNOWN;
  return p >= 0.0001 || p === 0 ? String(Number(p.toPrecision(2))) : power(p);
}

export function percent(part: number, whole: number): string {
  if (!(whole > 0)) return '–';
  const share = (100 * part) / whole;
  if (share > 0 && share < 1) return '<1 %';
  return `${share > 99 && share < 100 ? '>99' : Math.round(share)} %`; // a part is never said to be all
}

export function ms(iso: string | null): number {
  return iso === null ? NaN : Date.parse(iso);
}

export function day(at: number, withYear = true): string {
  if (!Number.isFinite(at)) return UNKNOWN;
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}${withYear ? ` ${date.getUTCFullYear()}` : ''}`;
}

export function clock(at: number, seconds = false): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(11, seconds ? 19 : 16) : UNKNOWN;
}

export function moment(iso: string | null, precision: 'second' | 'minute' | 'day' = 'second'): string {
  const at = ms(iso);
  if (!Number.isFinite(at)) return UNKNOWN;
  return precision === 'day' ? day(at) : `${day(at)}, ${clock(at, precision === 'second')}`;
}

export function span(first: string | null, last: string | null): string {
  const a = ms(first), b = ms(last);
  if (!Number.isFinite(a) || !Number.isFinite(b)) return UNKNOWN;
  if (day(a) === day(b)) return day(a);
  const sameYear = new Date(a).getUTCFullYear() === new Date(b).getUTCFullYear();
  return `${day(a, !sameYear)} – ${day(b)}`;
}

export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return UNKNOWN;
  const s = Math.abs(seconds);
  if (s < 1 && s > 0) return `${figure(s)} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${figure(Math.round(s / 360) / 10)} h`;
  return `${figure(Math.round(s / 8640) / 10)} days`;
}

/** A probability that may be very small: as a power of ten, rounded up. */
export function tiny(p: number): string {
  if (!Number.isFinite(p)) return UNKNOWN;
  if (p >= 1e-4) return figure(p);
  const exponent = String(Math.ceil(Math.log10(Math.max(p, 1e-300))));
  return `10${exponent.replace(/[-0-9]/g, (c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]!))}`;
}

export function bytes(n: number | null): string {
  if (n === null || !Number.isFinite(n)) return UNKNOWN;
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; n >= 1000 && unit < 4; unit++) n /= 1000;
  return `${unit ? figure(n) : n} ${units[unit]}`;
}

const KINDS: Record<Kind, [string, string]> = {
  url: ['link', 'links'], domain: ['site', 'sites'], hashtag: ['hashtag', 'hashtags'],
  mention: ['mention', 'mentions'], repost: ['repost', 'reposts'], reply: ['reply', 'replies'],
  sound: ['sound', 'sounds'], effect: ['effect', 'effects'], text: ['same text', 'same texts'],
  near_text: ['near-copy of a text', 'near-copies of texts'], media: ['picture or clip', 'pictures or clips'],
  hashtag_set: ['set of hashtags', 'sets of hashtags'],
};
export const KIND_NAMES = Object.keys(KINDS) as Kind[];

export function isKind(name: string): name is Kind {
  return Object.prototype.hasOwnProperty.call(KINDS, name);
}

export function kindWord(kind: string, n = 1): string {
  return isKind(kind) ? KINDS[kind][n === 1 ? 0 : 1] : kind;
}
