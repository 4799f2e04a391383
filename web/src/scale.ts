// scale.ts - from values to pixels, with ticks where a reader expects them

export type Scale = ((value: number) => number) & { invert: (pixel: number) => number };

export function linear(d0: number, d1: number, r0: number, r1: number): Scale {
  const k = d1 === d0 ? 0 : (r1 - r0) / (d1 - d0);
  return Object.assign((value: number) => r0 + (value - d0) * k, { invert: (pixel: number) => (k ? d0 + (pixel - r0) / k : d0) });
}

export function log(d0: number, d1: number, r0: number, r1: number): Scale {
  const inner = linear(Math.log(d0), Math.log(d1), r0, r1);
  return Object.assign((value: number) => inner(Math.log(Math.max(value, d0))), { invert: (pixel: number) => Math.exp(inner.invert(pixel)) });
}

/** About n round values between low and high, both included where round. */
export function ticks(low: number, high: number, n: number): number[] {
  if (!(high > low) || n < 1) return [low];
  const raw = (high - low) / n, size = 10 ** Math.floor(Math.log10(raw));
  const step = size * ([1, 2, 5, 10].find((m) => m * size >= raw) ?? 10);
  const out: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) out.push(Number((i * step).toPrecision(12)));
  return out;
}

export function logTicks(low: number, high: number): number[] {
  const out: number[] = [];
  const factors = high / low > 300 ? [1] : high / low > 30 ? [1, 3] : [1, 2, 5];
  for (let size = 10 ** Math.floor(Math.log10(low)); size <= high; size *= 10) {
    for (const m of factors) if (m * size >= low * 0.999 && m * size <= high * 1.001) out.push(Number((m * size).toPrecision(6)));
  }
  return out;
}

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const STEPS = [SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY];

/** About n moments: round in UTC, first days of months and years where the span is long. */
export function timeTicks(low: number, high: number, n: number): { at: number; unit: 'clock' | 'day' | 'month' | 'year' }[] {
  if (!(high > low)) return [{ at: low, unit: 'day' }];
  const raw = (high - low) / Math.max(1, n);
  const step = STEPS.find((candidate) => candidate >= raw);
  if (step) {
    const out: { at: number; unit: 'clock' | 'day' }[] = [];
    for (let at = Math.ceil(low / step) * step; at <= high; at += step) out.push({ at, unit: step < DAY && at % DAY !== 0 ? 'clock' : 'day' });
    return out;
  }
  const months = [1, 2, 3, 6, 12, 24, 60, 120].find((m) => m * 30.4 * DAY >= raw) ?? 240;
  const start = new Date(low), out: { at: number; unit: 'month' | 'year' }[] = [];
  const first = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / months) * months;
  for (let month = first; ; month += months) {
    const at = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (at > high) return out;
    if (at >= low) out.push({ at, unit: month % 12 === 0 ? 'year' : 'month' });
  }
}
