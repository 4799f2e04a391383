// theme.ts - the style sheet's colours, for what is drawn on a canvas

const FINDING_COLOURS = 11;

/** The class that gives an element the colour of a finding. */
export function colourClass(finding: number): string {
  return `f${finding % FINDING_COLOURS}`;
}

export interface Palette {
  findings: string[]; other: string; edge: string; faint: string; ink: string; muted: string; paper: string; line: string;
}

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    findings: Array.from({ length: FINDING_COLOURS }, (_, i) => token(`--f${i}`)),
    other: token('--dot'), edge: token('--edge'), faint: token('--faint'), ink: token('--ink'), muted: token('--muted'),
    paper: token('--paper'), line: token('--line'),
  };
}

/** For print, whatever the screen's theme: the page is drawn before the sheet for paper holds. */
export const ON_PAPER: Palette = {
  findings: ['#b3261e', '#16697a', '#8a6100', '#5b4b9a', '#39722f', '#9c3d7f', '#7a5230', '#2b5fb8', '#b84a00', '#5f6f00', '#4a5a68'],
  other: '#999999', edge: '#dddddd', faint: '#dddddd', ink: '#000000', muted: '#444444', paper: '#ffffff', line: '#bbbbbb',
};

/** Calls back when the reader's system turns light or dark. */
export function onTheme(change: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', change);
}

export const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Colours of tokens are #rrggbb; this lays one over the paper, since WebGL blends edges poorly. */
export function mix(colour: string, paper: string, share: number): string {
  const part = (hex: string, i: number) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) || 0;
  const channel = (i: number) => Math.round(part(colour, i) * share + part(paper, i) * (1 - share)).toString(16).padStart(2, '0');
  return `#${channel(0)}${channel(1)}${channel(2)}`;
}
