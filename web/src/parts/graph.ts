// graph.ts - which nodes and edges of the network are to be seen, and how; for every way of drawing it
import type { Edge, Node } from '../data';
import type { Model } from '../source';
import { confident, OTHERS, type Store } from '../state';

export class Sight {
  private reached = new Set<number>(); // partners of the selected account

  constructor(private model: Model, private store: Store) {
    store.on((view, changed) => { if (changed.has('account')) this.look(view.account); });
  }

  private look(account: number | null): void {
    this.reached.clear();
    if (account === null) return;
    for (const index of this.model.edgesOf[account] ?? []) {
      const edge = this.model.report.edges[index]!;
      this.reached.add(edge.a === account ? edge.b : edge.a);
    }
  }

  /** The finding under which a node is shown: OTHERS where it has none, or one below the confidence asked for. */
  group(node: Node): number {
    const finding = node.group === null ? undefined : this.model.report.findings[node.group];
    return finding && confident(finding, this.store.view) ? (node.group as number) : OTHERS;
  }

  shown(node: Node): boolean {
    return !this.store.view.hidden.has(this.group(node));
  }

  edgeShown(edge: Edge): boolean {
    const { view } = this.store, { nodes } = this.model.report;
    if (edge.occasions < view.occasions) return false;
    if (view.kinds !== null && !Object.keys(edge.kinds).some((kind) => (view.kinds as ReadonlySet<string>).has(kind))) return false;
    return this.shown(nodes[edge.a]!) && this.shown(nodes[edge.b]!);
  }

  /** Whether something stands back because another account is selected. */
  faint(index: number): boolean {
    const { account } = this.store.view;
    return account !== null && index !== account && !this.reached.has(index);
  }

  edgeFaint(edge: Edge): boolean {
    const { account } = this.store.view;
    return account !== null && edge.a !== account && edge.b !== account;
  }

  /** The finding whose colour an edge takes: that of both its ends. */
  edgeGroup(edge: Edge): number {
    const { nodes } = this.model.report;
    const group = this.group(nodes[edge.a]!);
    return group === this.group(nodes[edge.b]!) ? group : OTHERS;
  }

  size(node: Node): number {
    const { nodes } = this.model.report;
    const scale = nodes.length > 2000 ? 0.62 : nodes.length > 600 ? 0.8 : 1;
    const base = this.group(node) === OTHERS ? 1.9 + Math.min(1.6, Math.sqrt(node.strength) * 0.12) : 3 + Math.min(4, Math.sqrt(node.strength) * 0.36);
    return base * scale;
  }
}
