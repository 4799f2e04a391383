// state.ts - what the reader has chosen; every part of the page looks here and nowhere else
import type { Finding, Kind } from './data';

export interface View {
  account: number | null;        // index of the selected account
  focus: number | null;          // finding that the network has been asked to show
  confidence: Finding['confidence']; // the least that is shown
  query: string;                 // searched in findings and accounts
  hidden: ReadonlySet<number>;   // findings switched off in the legend; OTHERS is everybody else
  kinds: ReadonlySet<Kind> | null; // layers shown; null: all
  occasions: number;             // the least that an edge needs
}

export const OTHERS = -1;
export const CONFIDENCE = ['explained', 'low', 'moderate', 'high'] as const; // explained: the numbers speak for an innocent explanation

export class Store {
  private listeners: ((view: View, changed: ReadonlySet<keyof View>) => void)[] = [];
  view: View = { account: null, focus: null, confidence: 'explained', query: '', hidden: new Set(), kinds: null, occasions: 1 };

  on(listener: (view: View, changed: ReadonlySet<keyof View>) => void): void {
    this.listeners.push(listener);
  }

  set(patch: Partial<View>): void {
    const changed = new Set((Object.keys(patch) as (keyof View)[]).filter((key) => this.view[key] !== patch[key]));
    if (changed.size === 0) return;
    this.view = { ...this.view, ...patch };
    for (const listener of this.listeners) listener(this.view, changed);
  }
}

export function confident(finding: Finding, view: View): boolean {
  return CONFIDENCE.indexOf(finding.confidence) >= CONFIDENCE.indexOf(view.confidence);
}
