// network.ts - the network: the stage with WebGL, its keys, its labels, its controls
//
// Positions come with the report; nothing is laid out here. Sigma draws with WebGL. The
// wheel and a single finger belong to the page until the reader has clicked into the
// picture, so that it never traps who only wants to read on.
import Graph from 'graphology';
import Sigma from 'sigma';
import { EdgeLineProgram, EdgeRectangleProgram, NodePointProgram } from 'sigma/rendering';
import type { Kind } from '../data';
import { announce, bdi, clip, h, onWidth, replace } from '../dom';
import { count, kindWord, plural } from '../format';
import { nameOf, type Model } from '../source';
import { confident, OTHERS, type Store, type View } from '../state';
import { colourClass, mix, ON_PAPER, onTheme, palette, still } from '../theme';
import { bound, glide, WHOLE } from './camera';
import { Sight } from './graph';
import { drawPicture } from './picture';
import { search } from './search';

const MANY_EDGES = 6000; // above it, edges are not redrawn while the picture moves
const LABELS = 16, SPARE = 3; // groups named in the picture; accounts that a tag may cover
const DRAWN: (keyof View)[] = ['account', 'confidence', 'hidden', 'kinds', 'occasions']; // what the drawing depends on

function webgl(): boolean {
  try {
    const context = document.createElement('canvas').getContext('webgl2');
    context?.getExtension('WEBGL_lose_context')?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}

/** The stage: a sigma over the model that follows the store. */
function stage(model: Model, store: Store, sight: Sight, place: HTMLElement, labels: HTMLElement): Sigma {
  const { nodes, edges, findings } = model.report;
  const graph = new Graph({ type: 'undirected', multi: true });
  nodes.forEach((node, i) => graph.addNode(i, { x: node.x, y: node.y, label: clip(nameOf(node), 32) }));
  edges.forEach((edge, i) => graph.addEdgeWithKey(i, edge.a, edge.b, {}));
  let colours = palette();
  const many = edges.length > MANY_EDGES;
  // Very many grey lines become a faint ground, not a wall.
  const ground = () => mix(colours.edge, colours.paper, Math.max(0.3, Math.min(1, 2500 / edges.length)));
  let edgeColour = ground();
  const colour = (group: number) => (group === OTHERS ? colours.other : colours.findings[group % colours.findings.length] ?? colours.ink);
  const sigma = new Sigma(graph, place, {
    allowInvalidContainer: true, defaultEdgeType: 'line', nodeProgramClasses: { circle: NodePointProgram }, edgeProgramClasses: { line: EdgeLineProgram, strong: EdgeRectangleProgram },
    hideEdgesOnMove: many, hideLabelsOnMove: many, zIndex: true, stagePadding: 34, minCameraRatio: 0.02, maxCameraRatio: 2,
    labelFont: '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif', labelSize: 12, labelDensity: 0.5, labelGridCellSize: 140, labelRenderedSizeThreshold: 9,
    labelColor: { color: colours.ink }, zoomDuration: still() ? 0 : 180, inertiaDuration: still() ? 0 : 200,
    defaultDrawNodeHover: (context, data, settings) => {
      const text = String(data.label ?? ''), size = settings.labelSize;
      context.font = `600 ${size}px ${settings.labelFont}`;
      const width = context.measureText(text).width;
      context.fillStyle = colours.paper;
      context.strokeStyle = colours.muted;
      context.lineWidth = 1;
      context.beginPath();
      context.roundRect(data.x + data.size + 3, data.y - size / 2 - 5, width + 12, size + 10, 3);
      context.fill();
      context.stroke();
      context.beginPath();
      context.arc(data.x, data.y, data.size + 2, 0, 2 * Math.PI);
      context.strokeStyle = colours.ink;
      context.lineWidth = 2;
      context.stroke();
      context.fillStyle = colours.ink;
      context.fillText(text, data.x + data.size + 9, data.y + size / 3);
    },
    nodeReducer: (key) => {
      const i = Number(key), node = nodes[i]!, group = sight.group(node), selected = store.view.account === i;
      const faint = sight.faint(i);
      return {
        x: node.x, y: node.y, label: faint ? null : clip(nameOf(node), 32), hidden: !sight.shown(node), color: faint ? colours.faint : colour(group),
        size: sight.size(node) * (selected ? 1.5 : 1), highlighted: selected, forceLabel: selected, zIndex: selected ? 3 : faint ? 0 : group === OTHERS ? 1 : 2,
      };
    },
    edgeReducer: (key) => {
      const edge = edges[Number(key)]!, group = sight.edgeGroup(edge), strong = group !== OTHERS || (store.view.account !== null && !sight.edgeFaint(edge));
      return {
        hidden: !sight.edgeShown(edge), type: strong && !sight.edgeFaint(edge) ? 'strong' : 'line', zIndex: strong ? 1 : 0, size: Math.min(2.6, 0.6 + edge.occasions * 0.14),
        color: sight.edgeFaint(edge) ? mix(edgeColour, colours.paper, 0.35) : group === OTHERS ? (store.view.account !== null ? colours.muted : edgeColour) : mix(colour(group), colours.paper, 0.42),
      };
    },
  });

  // Each group is named in the picture itself, above its topmost account.
  const anchors = findings.map((finding, i) => ({ i, members: finding.members.map((node) => nodes[node]!) }))
    .filter(({ members }) => members.length > 0).sort((a, b) => b.members.length - a.members.length).slice(0, LABELS);
  const tags = anchors.map(({ i, members }) => h('p', { class: `group-tag ${colourClass(i)}` }, h('b', {}, bdi(findings[i]!.id, 8)), ` ${plural(members.length, 'account')}`));
  for (const tag of tags) tag.hidden = true;
  replace(labels, ...tags);
  sigma.on('afterRender', () => {
    const { width, height } = sigma.getDimensions();
    const points = anchors.map(({ members }) => members.map((member) => sigma.graphToViewport(member)));
    const placed: { x: number; y: number }[] = [];
    const half = 54, tall = 18;
    anchors.forEach(({ i }, at) => {
      const tag = tags[at]!, own = points[at]!;
      const across = own.map((point) => point.x).sort((a, b) => a - b), down = own.map((point) => point.y).sort((a, b) => a - b);
      const share = (list: number[], part: number) => list[Math.round((list.length - 1) * part)]!;
      // A member far from the others, whom another signal joined to them, does not draw the tag to itself.
      const x = share(across, 0.5), y = share(down, 0.5), [top, foot, west, east] = [share(down, 0.08), share(down, 0.92), share(across, 0.08), share(across, 0.92)];
      // Beside the group, where the tag covers no other tag and the fewest accounts of groups; nowhere where they are more than a few.
      const places = [{ x, y: top - 12 }, { x, y: foot + tall + 12 }, { x: east + half + 12, y: y + 8 }, { x: west - half - 12, y: y + 8 },
        { x, y: down[0]! - 12 }, { x, y: down[down.length - 1]! + tall + 12 }];
      const covered = (spot: { x: number; y: number }) => points.reduce((n, list) => n + list.filter((point) => Math.abs(point.x - spot.x) < half && point.y > spot.y - tall - 4 && point.y < spot.y + 4).length, 0);
      const free = (spot: { x: number; y: number }) => placed.every((other) => Math.abs(other.x - spot.x) > 2 * half + 4 || Math.abs(other.y - spot.y) > tall + 2)
        && covered(spot) <= SPARE
        && spot.x > half && spot.x < width - half && spot.y > tall && spot.y < height;
      const spot = store.view.hidden.has(i) || !confident(findings[i]!, store.view) ? undefined : places.filter(free).sort((a, b) => covered(a) - covered(b))[0];
      tag.hidden = !spot;
      if (!spot) return;
      placed.push(spot);
      tag.style.transform = `translate(-50%, -100%) translate(${spot.x.toFixed(1)}px, ${spot.y.toFixed(1)}px)`;
    });
  });
  sigma.scheduleRender();

  sigma.on('clickNode', ({ node }) => store.set({ account: Number(node) }));
  sigma.on('clickStage', () => store.set({ account: null }));
  // Layers that hold nothing are taken away: each costs the compositor a full blend of the stage in every frame.
  const { edgeLabels, hovers, hoverNodes } = sigma.getCanvases();
  let pointing = false;
  const layers = () => {
    if (edgeLabels) edgeLabels.hidden = true;
    for (const layer of [hovers, hoverNodes]) if (layer) layer.hidden = !pointing && store.view.account === null;
    place.classList.toggle('pointing', pointing);
  };
  sigma.on('enterNode', () => { pointing = true; layers(); });
  sigma.on('leaveNode', () => { pointing = false; layers(); });
  layers();
  const toGroup = (finding: number) => {
    const camera = sigma.getCamera(), points = (findings[finding]?.members ?? []).flatMap((node) => sigma.getNodeDisplayData(String(node)) ?? []);
    if (points.length === 0) return;
    const xs = points.map((point) => point.x), ys = points.map((point) => point.y);
    const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    glide(camera, { x: (left + right) / 2, y: (low + high) / 2, ratio: Math.max(0.08, Math.min(1, 1.8 * Math.max(right - left, high - low))) }, 500);
  };
  let dead = false;
  sigma.on('kill', () => { dead = true; });
  store.on((view, changed) => {
    if (dead) return;
    if (changed.has('focus') && view.focus !== null) toGroup(view.focus);
    if (!DRAWN.some((key) => changed.has(key))) return;
    layers();
    sigma.refresh({ skipIndexation: true });
    if (!changed.has('account') || view.account === null) return;
    const at = sigma.getNodeDisplayData(String(view.account));
    const camera = sigma.getCamera();
    // The panel covers the right side: the account comes to stand left of the middle.
    if (at) glide(camera, { x: at.x + (innerWidth > 900 ? 0.12 : 0) * Math.min(0.4, camera.ratio), y: at.y, ratio: Math.min(0.4, camera.ratio) }, 350);
  });
  onTheme(() => {
    if (dead) return;
    colours = palette();
    edgeColour = ground();
    sigma.setSetting('labelColor', { color: colours.ink });
    sigma.refresh();
  });
  return sigma;
}

/** The keys of the picture, and the rule that wheel and finger need a click first. */
function hands(sigma: Sigma, frame: HTMLElement, hint: HTMLElement): void {
  const camera = sigma.getCamera();
  const move = (x: number, y: number) => { const now = bound(camera); glide(camera, { x: now.x + x * now.ratio * 0.1, y: now.y + y * now.ratio * 0.1 }, 60); };
  const zoom = (factor: number) => glide(camera, { ratio: Math.max(0.02, Math.min(2, bound(camera).ratio * factor)) }, 60);
  frame.addEventListener('keydown', (event) => {
    if (event.target !== frame || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { ArrowLeft: () => move(-1, 0), ArrowRight: () => move(1, 0), ArrowUp: () => move(0, 1), ArrowDown: () => move(0, -1),
      '+': () => zoom(1 / 1.4), '=': () => zoom(1 / 1.4), '-': () => zoom(1.4), '0': () => glide(camera, WHOLE, 60) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  let leaving = 0;
  const remind = (words: string) => {
    hint.textContent = words;
    hint.classList.add('on');
    clearTimeout(leaving);
    leaving = window.setTimeout(() => hint.classList.remove('on'), 1600);
  };
  const active = () => document.activeElement === frame;
  frame.addEventListener('wheel', (event) => {
    if (active() || event.ctrlKey || event.metaKey) return;
    event.stopPropagation();
    remind('Click the picture to zoom with the wheel');
  }, { capture: true, passive: true });
  for (const type of ['touchstart', 'touchmove']) {
    frame.addEventListener(type, (event) => {
      if ((event as TouchEvent).touches.length > 1) return;
      event.stopPropagation();
      if (type === 'touchmove') remind('Two fingers move the picture');
    }, { capture: true, passive: true });
  }
  // Sigma stops the pointer's default, so the frame takes the focus by itself.
  frame.addEventListener('pointerdown', (event) => { if ((event.target as Element).tagName === 'CANVAS') frame.focus({ preventScroll: true }); }, true);
}

function legend(model: Model, store: Store): HTMLElement {
  const { report } = model;
  const chip = (group: number, name: string, members: number) => {
    const button: HTMLButtonElement = h('button', { type: 'button', class: `chip ${group === OTHERS ? 'ungrouped' : colourClass(group)}`, 'aria-pressed': 'true', onclick: () => {
      const hidden = new Set(store.view.hidden);
      if (!hidden.delete(group)) hidden.add(group);
      button.setAttribute('aria-pressed', String(!hidden.has(group)));
      store.set({ hidden });
    } }, h('span', { class: 'swatch', 'aria-hidden': 'true' }), bdi(name, 14), h('span', { class: 'small' }, count(members)));
    return button;
  };
  const chips = report.findings.map((finding, i) => chip(i, finding.id, finding.members.length));
  const others = report.nodes.filter((node) => node.group === null).length;
  const box = h('div', { class: 'legend', role: 'group', 'aria-label': 'Show or hide' }, ...chips, others > 0 && chip(OTHERS, report.findings.length ? 'Others' : 'Accounts', others));
  store.on((view, changed) => {
    if (changed.has('confidence')) report.findings.forEach((finding, i) => { chips[i]!.hidden = !confident(finding, view); });
  });
  return box;
}

function controls(model: Model, store: Store): HTMLElement {
  const layers = h('select', { id: 'layer', onchange: () => store.set({ kinds: layers.value ? new Set([layers.value as Kind]) : null }) },
    h('option', { value: '' }, 'anything'), ...model.kinds.map((kind) => h('option', { value: kind }, kindWord(kind, 2))));
  const most = Math.min(30, model.occasionsMax);
  const said = h('output', { for: 'strength' }, 'any');
  const strength = h('input', { id: 'strength', type: 'range', min: 1, max: Math.max(2, most), value: 1, step: 1, oninput: () => {
    const least = Number(strength.value);
    const kept = model.report.edges.reduce((n, edge) => n + (edge.occasions >= least ? 1 : 0), 0);
    said.textContent = least === 1 ? 'any' : `${least}+ (${plural(kept, 'link')})`;
    store.set({ occasions: least });
  } });
  return h('div', { class: 'controls' }, search(model, store),
    h('div', { class: 'control' }, h('label', { for: 'layer' }, 'Linked by'), layers),
    h('div', { class: 'control' }, h('span', { class: 'range-top' }, h('label', { for: 'strength' }, 'Occasions shared, at least: '), said), strength));
}

/** Whether a member of a group has no link to show. */
const alone = ({ report, edgesOf }: Model): boolean => report.nodes.some((node, i) => node.group !== null && edgesOf[i]!.length === 0);

export function network(model: Model, store: Store): HTMLElement {
  const { report } = model;
  const sight = new Sight(model, store);
  const place = h('div', { class: 'stage-canvas' }), labels = h('div', { class: 'stage-labels', 'aria-hidden': 'true' }), hint = h('p', { class: 'stage-hint', 'aria-hidden': 'true' });
  const print = h('canvas', { class: 'on-paper', 'aria-hidden': 'true' });
  const buttons = h('div', { class: 'stage-buttons' });
  const frame = h('div', { class: 'stage', id: 'stage', tabindex: 0, role: 'application', 'aria-roledescription': 'network', 'aria-describedby': 'stage-help',
    'aria-label': `Network of ${plural(report.nodes.length, 'account')} and ${plural(report.edges.length, 'link')}` }, place, labels, hint, buttons);
  const note = h('p', { class: 'chart-note', id: 'stage-help' });
  if (report.nodes.length === 0) {
    return h('section', { id: 'network', class: 'network', 'aria-labelledby': 'network-title', tabindex: -1 }, h('h2', { id: 'network-title' }, 'The network'),
      h('p', { class: 'nothing' }, 'No two accounts met often enough to be drawn.'));
  }
  const plain = (words: string) => {
    frame.classList.add('flat');
    frame.setAttribute('role', 'img');
    const canvas = h('canvas', {});
    replace(place, canvas);
    note.textContent = words;
    const draw = () => drawPicture(canvas, model, sight, place.clientWidth, place.clientHeight);
    onWidth(place, draw);
    store.on(draw);
    onTheme(draw);
  };
  const start = () => {
    if (!webgl()) {
      plain('This browser offers no WebGL, so the picture below stands still. Search, filters, lists and tables work as ever.');
      frame.dataset.ready = 'flat';
      return;
    }
    try {
      const sigma = stage(model, store, sight, place, labels);
      hands(sigma, frame, hint);
      place.addEventListener('webglcontextlost', () => {
        buttons.replaceChildren();
        labels.replaceChildren();
        sigma.kill();
        Object.assign(frame, { sigma: null });
        plain('The graphics system gave up the moving picture; this one stands still. Loading the page again may bring it back.');
        frame.dataset.ready = 'flat';
      }, { capture: true, once: true });
      const camera = sigma.getCamera();
      const go = (change: () => void, name: string) => () => { change(); announce(name); };
      replace(buttons,
        h('button', { type: 'button', 'aria-label': 'Zoom in', onclick: go(() => glide(camera, { ratio: Math.max(0.02, bound(camera).ratio / 1.5) }, 180), 'Zoomed in') }, '+'),
        h('button', { type: 'button', 'aria-label': 'Zoom out', onclick: go(() => glide(camera, { ratio: Math.min(2, bound(camera).ratio * 1.5) }, 180), 'Zoomed out') }, '−'),
        h('button', { type: 'button', 'aria-label': 'Show the whole network', onclick: go(() => glide(camera, WHOLE, 180), 'Whole network') }, '⤢'));
      note.textContent = 'Drag to move, click an account to open it. With the keyboard: arrows move, + and − zoom, 0 shows all; the lists of members below open the same accounts.';
      // What tests look at, and what a console would drive.
      Object.assign(frame, { sigma });
      frame.dataset.ready = 'webgl';
    } catch (error) {
      place.replaceChildren();
      plain(`The moving picture could not start (${error instanceof Error ? error.message.slice(0, 80) : 'no reason given'}); this one stands still.`);
    }
    frame.dataset.ready ??= 'flat';
  };
  // The words of the page are painted first.
  requestAnimationFrame(() => setTimeout(start, 0));
  addEventListener('beforeprint', () => drawPicture(print, model, sight, 680, 420, ON_PAPER));

  const linked = 'Each dot is an account; a line joins two that posted the same things at almost the same time, again and again. '
    + (report.findings.length ? `In colour: the groups found. In grey: accounts whose meetings chance can explain.${alone(model) ? ' A dot in colour without a line is of its group by another signal: calls, comments, payments, or when it woke up.' : ''}` : 'None of them form a group that chance could not have built.');
  return h('section', { id: 'network', class: 'network', 'aria-labelledby': 'network-title', tabindex: -1 },
    h('h2', { id: 'network-title' }, 'Who moved with whom'), h('p', { class: 'chart-lede' }, linked),
    h('div', { class: 'network-top' }, controls(model, store), legend(model, store)), frame, print, note);
}
