// main.ts - puts the report together
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/print.css';
import { append, h } from './dom';
import { answer } from './headline';
import { answer as answerPart } from './parts/answer';
import { calls } from './parts/calls';
import { dataSection } from './parts/data_section';
import { findings } from './parts/findings';
import { floods } from './parts/floods';
import { colophon, masthead } from './parts/masthead';
import { lineage } from './parts/lineage';
import { method } from './parts/method';
import { network } from './parts/network';
import { panel } from './parts/panel';
import { popularity } from './parts/popularity';
import { relays } from './parts/relays';
import { promotion } from './parts/promotion';
import { sleepers } from './parts/sleepers';
import { timeline } from './parts/timeline';
import { load, type Model } from './source';
import { Store } from './state';

function show(app: HTMLElement, model: Model): void {
  const store = new Store();
  document.title = `${answer(model.report).headline} – lockstep`;
  const found = findings(model, store);
  const top = masthead(model);
  const woke = sleepers(model), popular = popularity(model), whose = lineage(model), answered = calls(model), repeated = relays(model), flooded = floods(model), promoted = promotion(model);
  if (!answered) top.querySelector('a[href="#calls"]')?.remove();
  if (!repeated) top.querySelector('a[href="#relays"]')?.remove();
  if (!flooded) top.querySelector('a[href="#floods"]')?.remove();
  if (!promoted) top.querySelector('a[href="#promotion"]')?.remove();
  if (!whose) top.querySelector('a[href="#lineage"]')?.remove();
  if (!popular) top.querySelector('a[href="#popularity"]')?.remove();
  if (!woke) top.querySelector('a[href="#sleepers"]')?.remove();
  if (!found) top.querySelector('a[href="#findings"]')?.remove();
  append(app, [top, h('main', {}, answerPart(model), network(model, store), timeline(model, store), popular, whose, answered, repeated, flooded, promoted, woke, found, method(model), dataSection(model)), colophon(model), panel(model, store)]);
  if (!found) document.querySelector('.skip[href="#findings"]')?.setAttribute('href', '#sources');
  app.dataset.ready = 'yes';
  // The page was empty when the browser looked for the place in its address.
  const place = document.getElementById(location.hash.slice(1));
  if (place && app.contains(place)) place.scrollIntoView();
}

const app = document.getElementById('app')!;
const loaded = load();
if (typeof loaded === 'string') append(app, [h('main', { class: 'unloaded' }, h('h1', {}, 'lockstep report'), h('p', {}, loaded))]);
else show(app, loaded);
