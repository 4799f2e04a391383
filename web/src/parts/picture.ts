// picture.ts - the network drawn once on a plain canvas: on paper, and where there is no WebGL
import { OTHERS } from '../state';
import type { Model } from '../source';
import { mix, palette, type Palette } from '../theme';
import type { Sight } from './graph';

export function drawPicture(canvas: HTMLCanvasElement, model: Model, sight: Sight, width: number, height: number, colours: Palette = palette()): void {
  const { nodes, edges } = model.report;
  const ratio = Math.max(1, devicePixelRatio || 1), context = canvas.getContext('2d');
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  if (!context || nodes.length === 0) return;
  let x0 = Infinity, x1 = -Infinity, y0 = Infinity, y1 = -Infinity;
  for (const node of nodes) {
    x0 = Math.min(x0, node.x); x1 = Math.max(x1, node.x);
    y0 = Math.min(y0, node.y); y1 = Math.max(y1, node.y);
  }
  const scale = Math.min((width - 40) / (x1 - x0 || 1), (height - 40) / (y1 - y0 || 1));
  const px = (x: number) => width / 2 + (x - (x0 + x1) / 2) * scale;
  const py = (y: number) => height / 2 - (y - (y0 + y1) / 2) * scale;
  const colour = (group: number) => (group === OTHERS ? colours.other : colours.findings[group % colours.findings.length] ?? colours.ink);
  context.scale(ratio, ratio);
  for (const pass of [true, false]) { // grey edges under coloured ones
    for (const edge of edges) {
      const group = sight.edgeGroup(edge);
      if ((group === OTHERS) !== pass || !sight.edgeShown(edge)) continue;
      const a = nodes[edge.a]!, b = nodes[edge.b]!;
      context.strokeStyle = group === OTHERS ? colours.edge : mix(colour(group), colours.paper, sight.edgeFaint(edge) ? 0.12 : 0.4);
      context.lineWidth = group === OTHERS ? 0.5 : 0.9;
      context.beginPath();
      context.moveTo(px(a.x), py(a.y));
      context.lineTo(px(b.x), py(b.y));
      context.stroke();
    }
  }
  for (const pass of [true, false]) {
    nodes.forEach((node, i) => {
      const group = sight.group(node);
      if ((group === OTHERS) !== pass || !sight.shown(node)) return;
      context.fillStyle = sight.faint(i) ? colours.faint : colour(group);
      context.beginPath();
      context.arc(px(node.x), py(node.y), sight.size(node), 0, 2 * Math.PI);
      context.fill();
    });
  }
}
