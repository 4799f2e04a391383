// fusion.ts - how the accounts of a finding act together, layer by layer, and what is not said of it
import type { Finding, Layer } from '../data';
import { bdi, h, type Child } from '../dom';
import { capital, count, plural } from '../format';
import { table } from './tables';

const ROLES: Record<string, string> = {
  caller: 'Calls, and is answered', seeder: 'First with what others take up', amplifier: 'Takes up what others were first with',
  commenter: 'Comments, hardly posts', paid: 'Paid, or tells a paid script',
};
const LAYERS: Record<string, string> = {
  coaction: 'Acts in common', synchrony: 'Sooner than others with the same interest', sleepers: 'Sleepers and cohorts',
  answers: 'Answers to calls', swarm: 'Comment floods', promotion: 'Payments and scripts', lineage: 'Populations of a tag',
  registrations: 'Registered on one day', edits: 'Edits of a tag', popularity: 'Popular tags',
};

function named(names: Record<string, string>, key: string): string {
  return Object.prototype.hasOwnProperty.call(names, key) ? names[key]! : capital(key);
}

/** What happens to the finding if nothing is known of one layer. */
function without(finding: Finding, kept: number, survives: boolean): string {
  if (finding.mechanisms.filter((one) => one.by !== 'members').length < 2) return 'Nothing else shows this group.';
  const share = `${Math.round(100 * kept)} % of the accounts`;
  return survives ? `Without this signal the group is still found, with ${share}.` : `Without this signal the group is not found (${share} at most in one finding).`;
}

/** One item a mechanism: how many accounts, what was measured, whether the finding leans on it. */
export function mechanisms(finding: Finding): Child {
  if (finding.mechanisms.length === 0) return h('p', { class: 'nothing' }, 'Not recorded in this run.');
  return h('ul', { class: 'alternatives mechanisms' }, ...finding.mechanisms.map((one) => h('li', {},
    h('b', {}, bdi(capital(one.kind), 60)), h('span', { class: 'small' }, `${count(one.members)} of ${count(finding.members.length)} accounts${one.alone > 0 && finding.mechanisms.length > 1 ? `, ${count(one.alone)} by this alone` : ''}`),
    h('p', {}, bdi(one.measured, 700)), h('p', { class: 'small' }, one.by === 'members' ? 'This had no say in who belongs to the group.' : without(finding, one.kept_without, one.survives_without)))));
}

export function roles(finding: Finding): Child {
  if (finding.roles.length === 0) return false;
  return table({ caption: `Roles in ${finding.id}`, what: 'roles', size: 6, rows: finding.roles, columns: [
    { name: 'Role', cell: (one) => named(ROLES, one.role), rowHeader: true },
    { name: 'Accounts', cell: (one) => count(one.members), numeric: true },
    { name: 'For example', cell: (one) => bdi(one.example, 160) },
  ] });
}

/** Observation, beneficiary and operator are three things; the last is never computed. */
export function attribution(finding: Finding): Child {
  return h('dl', { class: 'facts attribution' },
    h('div', {}, h('dt', {}, 'What was observed'), h('dd', {}, bdi(finding.observation || finding.title, 900))),
    h('div', {}, h('dt', {}, 'Whom it may help'), h('dd', {}, finding.beneficiary ? bdi(finding.beneficiary, 200) : 'Nobody whom the case’s settings name. Who gains by something need not know of it.')),
    h('div', {}, h('dt', {}, 'Who is behind it'), h('dd', {}, finding.operator ? bdi(finding.operator, 200) : 'Not said. Nothing here computes it; only an analyst can enter it, with reasons.')),
    finding.seed_share !== null && h('div', {}, h('dt', {}, 'With other shuffles'), h('dd', {}, `${Math.floor(100 * finding.seed_share)} of 100 other sets of copies would find its clearest group of acts in common too.`)),
    finding.apart && h('div', {}, h('dt', {}, 'Kept apart'), h('dd', {}, bdi(finding.apart, 400))),
    finding.techniques.length > 0 && h('div', {}, h('dt', {}, 'Techniques, by DISARM’s list'), h('dd', {}, h('ul', {}, ...finding.techniques.map((one) => h('li', {}, bdi(`${one.id} ${one.name}`, 80), one.measured && ': ', one.measured && bdi(one.measured, 300)))))));
}

/** Which signals the run could use at all. */
export function layers(all: Layer[]): Child {
  if (all.length === 0) return false;
  return table({ caption: 'Signals: whom each names, or why it names none', what: 'signals', size: 10, rows: all, columns: [
    { name: 'Signal', cell: (one) => named(LAYERS, one.layer), rowHeader: true },
    { name: 'Tested', cell: (one) => (one.not_observable !== null ? '–' : one.accounts_tested ? `${count(one.accounts_tested)} accounts` : `${count(one.pairs_tested)} pairs`), numeric: true },
    { name: 'Names', cell: (one) => (one.not_observable !== null ? '–' : plural(one.accounts_named, 'account')), numeric: true },
    { name: 'Why it names none', long: true, cell: (one) => (one.not_observable === null ? '' : bdi(one.not_observable, 200)) },
  ] });
}
