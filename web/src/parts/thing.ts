// thing.ts - things of the data in a reader's words: a tag as it is written, whose video a link leads to, what a text says
import type { Kind } from '../data';
import { bdi, h } from '../dom';
import { count, isKind, KIND_NAMES, kindWord, plural } from '../format';
import type { Model } from '../source';

export interface Thing { kind: Kind; object: string; accounts: number | null }

const COPY = 'a text to copy'; // of which a list gives no more
const STARTS = new RegExp(`, (?=(?:${KIND_NAMES.join('|')}) |${COPY}(?:,|$))`);

/** A list as findings.json writes it: "hashtag a (12), url b (4) ...". What does not read so is left out, and `whole` is false. */
export function thingsOf(list: string): { things: Thing[]; whole: boolean } {
  const things: Thing[] = [], parts = list.replace(/ \.\.\.$/, '').split(STARTS);
  for (const part of parts) {
    const blank = part.indexOf(' '), kind = part.slice(0, blank), counted = / \((\d+)\)$/.exec(part);
    if (part === COPY) things.push({ kind: 'text', object: '', accounts: null });
    else if (blank > 0 && isKind(kind)) things.push({ kind, object: part.slice(blank + 1, counted ? counted.index : undefined), accounts: counted ? Number(counted[1]) : null });
  }
  return { things, whole: !list.endsWith(' ...') && things.length === parts.length };
}

interface Words { texts: Map<string, string>; authors: Map<string, string> }
const known = new WeakMap<Model, Words>();

/** What texts say, and whose posts are whose, as far as the evidence in the page tells. */
function wordsOf(model: Model): Words {
  const before = known.get(model);
  if (before) return before;
  const { findings, posts, nodes } = model.report, words: Words = { texts: new Map(), authors: new Map() };
  for (const finding of findings)
    for (const match of finding.matches)
      if ((match.kind === 'text' || match.kind === 'near_text') && posts[match.a]?.text) words.texts.set(match.object, posts[match.a]!.text!);
  for (const post of posts) {
    const handle = nodes[post.node]?.handle;
    if (handle) words.authors.set(post.id, handle);
  }
  known.set(model, words);
  return words;
}

/** Names one after the other, at most three. */
function names(list: string[]): (HTMLElement | string)[] {
  const shown = list.slice(0, 3), left = list.length - shown.length;
  return [...shown.flatMap((name, i) => [i > 0 ? ', ' : '', bdi(`@${name}`, 30)]), left > 0 ? ` and ${count(left)} more` : ''];
}

/** The words for things of one sort. */
function said(model: Model, sort: string, things: Thing[]): HTMLElement {
  const { texts, authors } = wordsOf(model), one = things[0]!, several = things.length > 1;
  if (sort === 'hashtag') return bdi(`#${one.object}`, 40);
  if (sort === 'video') return h('span', {}, several ? 'videos of ' : 'a video of ', ...names([...new Set(things.map((thing) => VIDEO.exec(thing.object)![1]!))]));
  if (sort === 'url') return h('span', {}, 'a link to ', bdi(one.object, 44));
  if (sort === 'reply' || sort === 'repost') {
    const known = [...new Set(things.map((thing) => authors.get(thing.object)).filter((name) => name !== undefined))];
    return h('span', {}, `${sort === 'reply' ? 'comments under' : 'reposts of'} ${several ? `the same ${count(things.length)} posts` : 'the same post'}`, ...(known.length === 0 ? [] : [several ? ', of ' : ' of ', ...names(known)]));
  }
  if (one.object === '') return h('span', {}, several ? 'texts to copy' : COPY);
  if (sort === 'text' || sort === 'near_text') {
    const text = texts.get(one.object), what = sort === 'text' ? 'the text' : 'texts like';
    return text ? h('span', {}, `${what} “`, bdi(text, 44), '”') : h('span', {}, sort === 'text' ? 'one text' : 'near-copies of one text');
  }
  return h('span', {}, `${kindWord(sort)} `, bdi(one.object, 44));
}

const VIDEO = /^tiktok\.com\/@([\w.]+)\/video\/\d+$/;
const TOGETHER = ['video', 'reply', 'repost']; // of these many are said at once

const sortOf = (thing: Thing) => (thing.kind === 'url' && VIDEO.test(thing.object) ? 'video' : thing.kind);

/** How many accounts share things: of several the fewest and the most. */
function sharedBy(things: Thing[]): string {
  const counts = things.flatMap((thing) => (thing.accounts === null ? [] : [thing.accounts]));
  const least = Math.min(...counts), most = Math.max(...counts);
  return counts.length === 0 ? '' : ` (${least < most ? `${count(least)} to ` : ''}${plural(most, 'account')})`;
}

/** A list of things in words, the rest of them counted; null where none is shared by two. A list that is none stands as it is. */
export function thingList(model: Model, list: string, most = 4): HTMLElement | null {
  const { things: all, whole } = thingsOf(list), things = all.filter((thing) => thing.accounts !== 1);
  if (all.length === 0) return bdi(list, 110);
  if (things.length === 0) return null;
  const sorts = new Map<string, Thing[]>();
  for (const thing of things) {
    const sort = sortOf(thing), key = TOGETHER.includes(sort) ? sort : `${sort} ${thing.object}`;
    sorts.set(key, [...(sorts.get(key) ?? []), thing]);
  }
  const shown = [...sorts].slice(0, most), left = sorts.size - shown.length;
  return h('span', { class: 'things', title: list.slice(0, 1000) }, ...shown.flatMap(([key, group], i) => [i > 0 && ', ', said(model, key.split(' ')[0]!, group), sharedBy(group)]),
    left > 0 ? `, and ${count(left)} more` : '', whole ? '' : ', and others');
}
