// money.ts - where money went: payers, payees, what it went into, and whom that serves, as bands
import type { Flow } from '../data';
import { fold, LINE, textWidth } from '../chart';
import { clip, h, onWidth, replace, svg } from '../dom';
import { count, list, percent } from '../format';

const TOP = 34, GAP = 7, BAR = 11, TALL = 300, LEAST = 1.5, BESIDE = 7, PAYEES = 12, NAME = 12.5, LINES = 3;
const COLUMNS = ['From', 'To', 'Went into', 'Serves'] as const;
const NAMES = { payer: 'payer not given', payee: 'payee not given', target: 'no post found', beneficiary: 'not known' };

/** "381000.00" as "381,000.00": the digits are the ledger's, only grouped. */
export function money(amount: string | null, currency: string): string {
  if (amount === null) return `an amount in ${currency} that is too large to write`;
  const [whole = '', part] = amount.split('.');
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}${part === undefined ? '' : `.${part}`} ${currency}`;
}

/** Several of them in one text, "8281.65 USD, 7600.00 RON", and what else it says as it is. */
export function moneys(amounts: string): string {
  return amounts.replace(/(\d+(?:\.\d+)?) ([A-Z]{3})\b/g, (_, amount: string, currency: string) => money(amount, currency));
}

/** What money went into, as a reader says it: a script is known by its number. */
const target = (name: string | null): string => (name === null ? NAMES.target : /^S\d+$/.test(name) ? `script ${name}` : name);

interface Place { name: string; column: number; value: number; y: number; tall: number; used: [number, number]; lines: string[] }
interface Band { from: Place; to: Place; value: number }
export interface Stream { parts: [string, string, string, string]; value: number }

/** Streams of one currency: a band is as wide as its money. Payees beyond the first dozen become one. */
export function streams(flows: Flow[], value: (flow: Flow) => string | null, handles: Map<string, string>): Stream[] {
  const made = new Map<string, Stream>();
  for (const flow of flows) {
    const amount = Number(value(flow) ?? NaN);
    if (!(amount > 0)) continue;
    const parts: Stream['parts'] = [flow.payer ?? NAMES.payer, handles.get(flow.account ?? '') ?? flow.payee ?? NAMES.payee, target(flow.target), flow.beneficiary ?? NAMES.beneficiary];
    const key = parts.join('\u0000'), known = made.get(key);
    if (known) known.value += amount;
    else made.set(key, { parts, value: amount });
  }
  const paid = new Map<string, number>();
  for (const { parts, value: amount } of made.values()) paid.set(parts[1], (paid.get(parts[1]) ?? 0) + amount);
  const first = new Set([...paid].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, PAYEES).map(([name]) => name));
  const rest = paid.size - first.size;
  if (rest <= 1) return [...made.values()];
  return [...made.values()].map(({ parts, value: amount }) => ({ value: amount, parts: first.has(parts[1]) ? parts : [parts[0], `${count(rest)} others`, parts[2], parts[3]] }));
}

/** Columns of places, each as tall as the money that passes it, the tallest first; none is closer to the next than its label is tall. */
function lay(all: Stream[], tall: number, label: (name: string, part: string, column: number) => string[]): { places: Place[]; bands: Band[]; height: number } {
  const total = all.reduce((whole, one) => whole + one.value, 0), columns: Map<string, Place>[] = COLUMNS.map(() => new Map());
  for (const { parts, value } of all)
    parts.forEach((name, column) => {
      const place = columns[column]!.get(name) ?? { name, column, value: 0, y: 0, tall: 0, used: [0, 0], lines: [] };
      place.value += value;
      columns[column]!.set(name, place);
    });
  const order = columns.map((column) => [...column.values()].sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1)));
  let height = 0;
  for (const column of order) {
    let y = TOP;
    for (const place of column) {
      place.y = y;
      place.tall = Math.max(LEAST, (place.value / total) * tall);
      place.lines = label(place.name, percent(place.value, total), place.column);
      y += Math.max(place.tall, place.lines.length * LINE) + GAP;
    }
    height = Math.max(height, y);
  }
  const bands = new Map<string, Band>();
  for (const { parts, value } of all)
    for (let column = 0; column < 3; column++) {
      const from = columns[column]!.get(parts[column]!)!, to = columns[column + 1]!.get(parts[column + 1]!)!, key = `${column}\u0000${from.name}\u0000${to.name}`, known = bands.get(key);
      if (known) known.value += value;
      else bands.set(key, { from, to, value });
    }
  return { places: order.flat(), bands: [...bands.values()].sort((a, b) => a.from.y - b.from.y || a.to.y - b.to.y), height };
}

/** The picture, and in words for those who do not see it. */
export function moneyPicture(all: Stream[], currency: string, exact: boolean): HTMLElement {
  const plot = h('div', { class: 'money-plot' });
  const total = all.reduce((whole, one) => whole + one.value, 0), names = lay(all, TALL, (name) => [name]).places;
  const spoken = COLUMNS.map((title, column) => `${title}: ${list(names.filter((place) => place.column === column).slice(0, 5).map((place) => `${clip(place.name, 40)} ${percent(place.value, total)}`))}`).join('. ');
  const widest = Math.max(...names.filter((place) => place.column === 3).map((place) => textWidth(place.name, NAME))) + BESIDE + 2;
  onWidth(plot, (width) => {
    // The last column has no band beside it: its names get what they need, up to as much room as the others have.
    const last = Math.min(widest, (width - 4 * BAR) / 4), step = (width - last - BAR) / 3, x = (column: number): number => column * step;
    const { places, bands, height } = lay(all, TALL, (name, part, column) => {
      const room = (column < 3 ? step - BAR : last) - BESIDE - 2, whole = `${name} ${part}`;
      return textWidth(whole, NAME) <= room ? [whole] : [...fold(clip(name, 80), room, LINES, NAME), part];
    });
    const ribbons = bands.map(({ from, to, value }) => {
      const out = (value / from.value) * from.tall, into = (value / to.value) * to.tall;
      const y0 = from.y + from.used[1], y1 = to.y + to.used[0], x0 = x(from.column) + BAR, x1 = x(to.column), bend = (x0 + x1) / 2;
      from.used[1] += out;
      to.used[0] += into;
      return svg('path', { class: `money-band from-${from.column}`, d: `M${x0},${y0}C${bend},${y0} ${bend},${y1} ${x1},${y1}V${y1 + into}C${bend},${y1 + into} ${bend},${y0 + out} ${x0},${y0 + out}Z` },
        svg('title', {}, `${clip(from.name, 60)} → ${clip(to.name, 60)}: ${percent(value, total)}`));
    });
    replace(plot, svg('svg', { width, height: height + 4, viewBox: `0 0 ${width} ${height + 4}`, role: 'img', 'aria-label': `Flow of ${exact ? '' : 'converted '}money in ${currency}. ${spoken}.` },
      ...COLUMNS.map((title, column) => svg('text', { class: 'money-head', x: x(column), y: 14 }, title)),
      ...ribbons,
      ...places.flatMap((place) => [
        svg('rect', { class: 'money-place', x: x(place.column), y: place.y, width: BAR, height: place.tall }),
        svg('g', {}, svg('title', {}, `${clip(place.name, 200)}: ${percent(place.value, total)}`),
          ...place.lines.map((line, i) => svg('text', { class: 'money-name', x: x(place.column) + BAR + BESIDE, y: place.y + Math.max(0, (place.tall - place.lines.length * LINE) / 2) + i * LINE + 11 }, line))),
      ])));
  });
  return plot;
}
