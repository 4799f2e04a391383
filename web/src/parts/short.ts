// short.ts - the first page's answer to "what happened": one line for each thing that was seen, and what could not be
import type { Model } from '../source';
import { bdi, h, type Child } from '../dom';
import { capital, count, day, duration, figure, kindWord, list, ms, percent, plural, words } from '../format';

interface Line { place: string; figure: string; says: Child[] }

const LAYERS: Record<string, string> = {
  sleepers: 'accounts that woke up', answers: 'answers to calls', swarm: 'comment floods', promotion: 'paid promotion', synchrony: 'who came sooner than others with the same interest',
};

function slept({ report: { lifecycle } }: Model): Line | null {
  if (lifecycle.awakenings_total === 0) return null;
  const together = lifecycle.cohorts.filter((cohort) => cohort.of === 'awakening').sort((a, b) => b.accounts - a.accounts)[0];
  const first = together ? day(ms(together.first)) : '', last = together ? day(ms(together.last)) : '';
  return { place: 'sleepers', figure: count(lifecycle.awakenings_total), says: [
    `${lifecycle.awakenings_total === 1 ? 'account' : 'accounts'} did next to nothing and then woke for good`,
    together ? `; ${count(together.accounts)} of them ${first === last ? `on ${first}` : `from ${first} to ${last}`}, where chance would put ${figure(Math.round(together.expected * 10) / 10)}.` : '.'] };
}

function called({ report: { recruitment } }: Model): Line | null {
  if (recruitment.responders_total === 0) return null;
  const lag = recruitment.lag_quartiles_seconds[1];
  return { place: 'calls', figure: count(recruitment.responders_total), says: [
    `${recruitment.responders_total === 1 ? 'account' : 'accounts'} elsewhere did again and again what ${plural(recruitment.calls_total, 'call')} in channels named`, lag === undefined ? '.' : `, typically ${duration(lag)} after a call.`] };
}

function repeated({ report: { relays } }: Model): Line | null {
  if (relays.not_observable !== null || relays.total === 0) return null;
  return { place: 'relays', figure: count(relays.total), says: [`${relays.total === 1 ? 'message was' : 'messages were'} repeated by other channels within ${duration(relays.window_seconds)}.`] };
}

function flooded({ report: { swarm } }: Model): Line | null {
  if (swarm.not_observable !== null || swarm.accounts_total === 0) return null;
  const followers = swarm.followers_median === null ? '' : `; typically they have ${plural(swarm.followers_median, 'follower')}`;
  return { place: 'floods', figure: count(swarm.accounts_total), says: [`${swarm.accounts_total === 1 ? 'account' : 'accounts'} wrote under posts of strangers what others wrote there too${followers}.`] };
}

/** The sum of the most payments, then the others: sums in several currencies have no order of size. */
function paid({ report: { promotion } }: Model): Line | null {
  const { ledger } = promotion, sums = ledger.sums.filter((sum) => sum.by === 'all' && sum.amount !== null).sort((a, b) => b.payments - a.payments);
  const first = sums[0];
  if (!first) return null;
  const money = (sum: typeof first) => `${sum.amount!.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',')} ${sum.currency}`;
  const wrong = ledger.checks.filter((check) => !check.agrees).length, told = ledger.payees.reduce((sum, payee) => sum + payee.promoted, 0), silent = ledger.payees.reduce((sum, payee) => sum + payee.undisclosed, 0);
  return { place: 'promotion', figure: money(first), says: [
    sums.length > 1 && `with ${list(sums.slice(1).map(money))} `, `went to ${plural(ledger.payees_total, 'payee')} in ${plural(ledger.payments, 'payment')} of the ledger`,
    told > 0 && `; ${silent === told ? 'none' : count(told - silent)} of ${plural(told, 'post')} that may have been paid for ${told - silent === 1 ? 'says' : 'say'} so`,
    ledger.checks.length === 0 ? '.' : wrong === 0 ? '; it adds up to what was reported.' : `; ${plural(wrong, 'sum')} reported elsewhere ${wrong === 1 ? 'is' : 'are'} not what it adds up to.`] };
}

function scripted({ report: { promotion } }: Model): Line | null {
  if (promotion.not_observable !== null || promotion.flagged === 0) return null;
  const scripts = promotion.scripts.filter((script) => script.kind === 'undeclared').length;
  return { place: 'promotion', figure: count(promotion.flagged), says: [`${promotion.flagged === 1 ? 'account' : 'accounts'} told ${scripts > 1 ? `${words(scripts)} scripts` : 'one script'} as if each had thought of it, without a word of being paid for.`] };
}

function pushed({ report: { popularity } }: Model): Line | null {
  const things = popularity.filter((one) => one.kind !== 'name'); // a rank among a few names says nothing
  const most = (things.length > 0 ? things : [...popularity]).sort((a, b) => (b.all.accounts - b.without_members.accounts) - (a.all.accounts - a.without_members.accounts))[0];
  if (!most) return null;
  return { place: 'popularity', figure: percent(most.all.posts - most.without_members.posts, most.all.posts), says: [
    'of the posts on ', most.kind === 'name' ? 'the name' : `the ${kindWord(most.kind)}`, ' ', bdi(most.object, 40), ` are by accounts in findings: by accounts it is rank ${count(most.all.rank)} of ${count(most.ranked)} with them, ${most.without_members.accounts === 0 ? 'unused' : `rank ${count(most.without_members.rank)}`} without.`] };
}

function taken({ report: { lineage } }: Model): Line | null {
  const things = lineage.things.filter((thing) => thing.taken_over), most = things[0];
  if (!most) return null;
  return { place: 'lineage', figure: count(things.length), says: [
    `${things.length === 1 ? `${kindWord(most.kind)} was` : 'tags or other things were'} taken over by other users than those who had it first: `, things.length > 1 && 'the clearest is ', bdi(most.object, 40), `, from ${day(ms(most.change), false)} on.`] };
}

/** What describes findings is no layer, and says itself where the files cannot show it. */
function undescribed({ report: { layers, lineage, lifecycle, popularity, findings } }: Model): string[] {
  if (layers.length === 0) return [];
  const { ages } = lifecycle;
  return [
    lineage.things.length === 0 && 'whose a tag was (no thing has forty users)',
    findings.length > 0 && popularity.length === 0 && 'popularity with and without (no thing has five users of findings)',
    ages.field === 0 && 'who registered together (no dates of registration)'].filter((words) => words !== false);
}

/** What was seen, by signal. Nothing where the run has no signal but acts in common. */
export function short(model: Model): HTMLElement | null {
  const lines = [slept, called, repeated, flooded, paid, scripted, pushed, taken].map((make) => make(model)).filter((line): line is Line => line !== null);
  const unseen = model.report.layers.filter((layer) => layer.not_observable !== null && LAYERS[layer.layer]).map((layer) => LAYERS[layer.layer]!);
  unseen.push(...undescribed(model));
  if (lines.length === 0 && unseen.length === 0) return null;
  return h('div', { class: 'short-block' },
    lines.length > 0 && h('h2', { class: 'chart-title' }, 'What was seen'),
    lines.length > 0 && h('ul', { class: 'seen' }, ...lines.map((line) => h('li', {}, h('a', { href: `#${line.place}` }, line.figure), ' ', ...line.says))),
    unseen.length > 0 && h('p', { class: 'small' }, `Not observable in these files: ${list(unseen)}. `, h('a', { href: '#method' }, capital('why'))));
}
