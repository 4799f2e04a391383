// promotion.ts - paid promotion: where money went, scripts told as if nobody had written them, names beneath
import type { Flow, NamedBeneath, Payee, Promotion, Script, Sum, Teller } from '../data';
import { bdi, h, type Child } from '../dom';
import { count, day, duration, figure, list, ms, plural, probability, tiny } from '../format';
import type { Model } from '../source';
import { money, moneyPicture, moneys, streams } from './money';
import { table } from './tables';

const PICTURES = 3;
const KIND_WORDS = { disclosed: ['declared script', 'declared scripts'], copied: ['copied text', 'copied texts'], tied: ['text of a group', 'texts of groups'], loose: ['loose likeness', 'loose likenesses'] } as const;
const BY_WORDS = { all: 'All', payer: 'Paid by', payee: 'Paid to', beneficiary: 'Serves', method: 'By way of' } as const;

function totalsSentence({ ledger }: Promotion): string {
  const all = ledger.sums.filter((sum) => sum.by === 'all');
  return `The ledger holds ${plural(ledger.payments, 'payment')}: ${list(all.map((sum) => money(sum.amount, sum.currency)))} in all.`;
}

function checks({ ledger }: Promotion): Child {
  return ledger.checks.length > 0 && h('ul', { class: 'cohorts' }, ...ledger.checks.map((check) => h('li', {}, bdi(check.name, 80),
    ` reported ${money(check.reported, check.currency)}; the ledger adds up to `, h('b', { class: check.agrees ? null : 'key-hot' }, money(check.found, check.currency)),
    check.agrees ? ', the same to the last unit.' : ', which is not the same.')));
}

/** One picture for all money where it could be converted, else one for each currency. */
function pictures({ ledger }: Promotion): Child[] {
  const handles = new Map(ledger.payees.flatMap((one) => (one.account !== null && one.handle !== null ? [[one.account, one.handle] as [string, string]] : [])));
  const drawn = (title: string, currency: string, flows: Flow[], value: (flow: Flow) => string | null): Child => {
    const all = streams(flows, value, handles);
    return all.length > 0 && h('figure', {}, h('figcaption', {}, h('h3', { class: 'chart-title' }, title)), moneyPicture(all, currency, value !== converted));
  };
  const converted = (flow: Flow): string | null => flow.converted;
  if (ledger.converted_to !== null && ledger.flows.every((flow) => flow.converted !== null)) {
    return [drawn(`Where the money went, in ${ledger.converted_to} by the rates of the case`, ledger.converted_to, ledger.flows, converted)];
  }
  const currencies = [...new Set(ledger.flows.map((flow) => flow.currency))];
  const paid = (currency: string): number => ledger.flows.filter((flow) => flow.currency === currency).reduce((n, flow) => n + flow.payments, 0);
  return currencies.sort((a, b) => paid(b) - paid(a) || (a < b ? -1 : 1)).slice(0, PICTURES)
    .map((currency) => drawn(`Where the ${currency} went`, currency, ledger.flows.filter((flow) => flow.currency === currency), (flow) => flow.amount));
}

/** The scripts that money went into, by what they say: a number alone tells nothing. */
function intoScripts({ ledger, scripts }: Promotion): Child {
  const into = scripts.filter((script) => script.kind !== 'undeclared' && ledger.flows.some((flow) => flow.target === script.id)).slice(0, 6);
  return into.length > 0 && h('ul', { class: 'cohorts' }, ...into.map((script) => h('li', {}, `Script ${script.id}: ${plural(script.posts, 'post')} by ${plural(script.accounts, 'account')} in like words, for example “`, bdi(script.text, 160), '”.')));
}

function sums({ ledger }: Promotion): HTMLElement {
  return table<Sum>({ caption: 'Sums, to the last unit', what: 'sums', size: 8, rows: ledger.sums.filter((sum) => sum.by !== 'payee'), columns: [
    { name: 'What', rowHeader: true, cell: (one) => BY_WORDS[one.by] },
    { name: 'Name', cell: (one) => (one.by === 'all' ? '' : one.name === null ? 'not given' : bdi(one.name, 50)) },
    { name: 'Payments', numeric: true, cell: (one) => count(one.payments) },
    { name: 'Sum', numeric: true, cell: (one) => money(one.amount, one.currency) },
    { name: 'Of it went back', numeric: true, cell: (one) => (one.refunds === 0 ? '–' : money(one.refunded, one.currency)) },
    ...(ledger.converted_to === null ? [] : [{ name: `In ${ledger.converted_to}`, numeric: true, cell: (one: Sum) => (one.converted === null ? '–' : money(one.converted, '').trim()) }]),
  ] });
}

function payees({ ledger }: Promotion): HTMLElement {
  return table<Payee>({ caption: 'Who was paid', what: 'payees', size: 8, rows: ledger.payees, columns: [
    { name: 'Payee', rowHeader: true, cell: (one) => bdi(one.handle ?? one.payee, 40) },
    { name: 'Received', numeric: true, cell: (one) => bdi(moneys(one.amounts), 80) },
    { name: 'First paid', short: true, cell: (one) => (one.first === null ? '–' : day(ms(one.first))) },
    { name: 'Posts before', numeric: true, cell: (one) => (one.account === null ? 'not in the data' : one.days_before < 1 ? 'not in the data' : count(one.posts_before)) },
    { name: 'Posts after', numeric: true, cell: (one) => (one.account === null ? '–' : count(one.posts_after)) },
    { name: 'By chance', numeric: true, cell: (one) => (one.expected_after === null ? '–' : figure(Math.round(one.expected_after * 10) / 10)) },
    { name: 'Views before', numeric: true, cell: (one) => (one.views_before === null ? '–' : count(one.views_before)) },
    { name: 'Views after', numeric: true, cell: (one) => (one.views_after === null ? '–' : count(one.views_after)) },
    { name: 'Script', short: true, cell: (one) => (one.script === null ? '–' : bdi(one.script, 12)) },
    { name: 'Undisclosed', numeric: true, cell: (one) => (one.promoted === 0 ? '–' : `${count(one.undisclosed)} of ${count(one.promoted)}`) },
    { name: 'Finding', cell: (one) => (one.finding === null ? '–' : bdi(one.finding, 12)) },
  ] });
}

function scriptFigure(script: Script): HTMLElement {
  return h('figure', { class: 'script' },
    h('figcaption', {}, h('h3', { class: 'chart-title' }, `${script.id}: ${plural(script.accounts, 'account')}, ${plural(script.posts, 'post')}${script.campaign === script.id ? '' : `, told by the accounts of ${script.campaign} too`}`),
      h('p', { class: 'chart-note' }, `${count(script.inside)} of them joined ${script.window_first === null || script.window_last === null ? 'in one window' : `between ${day(ms(script.window_first))} and ${day(ms(script.window_last))}`}, where ${figure(Math.round(script.expected * 10) / 10)} would be expected. ${count(script.again)} tell another script as well, a day or more apart, where ${figure(Math.round(script.again_expected * 10) / 10)} of those who post in the same hours would (q ${tiny(script.q_value)}).`
        + (script.tag === null ? '' : ` ${count(script.tag_posts)} of the posts carry one tag.`) + (script.paid === 0 ? '' : ` The ledger pays ${count(script.paid)} of them.`)
        + (script.in_findings === 0 ? '' : ` ${count(script.in_findings)} are in findings.`))),
    h('blockquote', { class: 'script-text' }, bdi(script.text, 400)),
    h('p', { class: 'chart-note' }, script.measured),
    table<Teller>({ caption: `Accounts of ${script.id}`, what: 'accounts', size: 6, rows: script.members, columns: [
      { name: 'Account', rowHeader: true, cell: (one) => bdi(one.handle ?? one.account, 40) },
      { name: 'Followers', numeric: true, cell: (one) => count(one.followers) },
      { name: 'First told', short: true, cell: (one) => (one.first === null ? '–' : day(ms(one.first))) },
      { name: 'Others near', numeric: true, cell: (one) => `${count(one.others_near)} within ${duration(one.near_seconds)}` },
      { name: 'By chance', numeric: true, cell: (one) => figure(Math.round(one.expected * 10) / 10) },
      { name: 'q', numeric: true, cell: (one) => tiny(one.q_value) },
      { name: 'Says it is paid', numeric: true, cell: (one) => `${count(one.disclosed)} of ${count(one.posts)}` },
      { name: 'In the ledger', cell: (one) => (one.paid ? 'yes' : '–') },
    ] }));
}

function namedSentence(one: NamedBeneath): Child {
  return h('li', {}, bdi(one.beneficiary, 60), ` is named by ${count(one.posts_naming)} of ${plural(one.posts, 'promoted post')} themselves; beneath them ${count(one.naming_promoted)} of ${plural(one.answerers_promoted, 'commenter')} name it`, one.p_value === null
    ? '. Whether that is more than under other posts of the same accounts is not observable: none of them has answered posts of both sorts.'
    : `, where ${figure(Math.round(one.expected * 10) / 10)} would at the rate of all posts of the same accounts (under their other posts ${count(one.naming_other)} of ${count(one.answerers_other)} do; p ${probability(one.p_value)}).`);
}

export function promotion(model: Model): HTMLElement | null {
  const { promotion: found } = model.report;
  const { ledger } = found, undeclared = found.scripts.filter((script) => script.kind === 'undeclared');
  const others = (['disclosed', 'copied', 'tied', 'loose'] as const).map((kind) => ({ kind, n: found.scripts.filter((script) => script.kind === kind).length })).filter(({ n }) => n > 0);
  if (ledger.payments === 0 && found.scripts.length === 0) return null;
  const control = found.controls === 0 ? '' : ` With the times of all posts exchanged, ${found.control_flagged === 0 ? 'none was found' : `${figure(found.control_flagged / found.controls)} accounts on average`} (${plural(found.controls, 'try', 'tries')}).`;
  return h('section', { id: 'promotion', 'aria-labelledby': 'promotion-title', tabindex: -1 },
    h('h2', { id: 'promotion-title' }, 'Paid promotion'),
    ledger.payments > 0 && h('p', { class: 'chart-lede' }, totalsSentence(found)),
    checks(found), ...pictures(found),
    ledger.payments > 0 && h('p', { class: 'chart-note' }, `A band is as wide as its money; percentages are of all of it. “Went into”: the script that a payee told, or its posts on the topic; money need not have been paid for what it is drawn to. “Serves” is who gains, which is no sign that they knew.${ledger.note === '' ? '' : ` ${ledger.note}`}${ledger.flows_total > ledger.flows.length ? ` Drawn from the first ${count(ledger.flows.length)} of ${plural(ledger.flows_total, 'flow')}.` : ''}`),
    intoScripts(found),
    ledger.payments > 0 && sums(found), ledger.payments > 0 && payees(found),
    found.named_beneath.length > 0 && h('ul', { class: 'cohorts' }, ...found.named_beneath.map(namedSentence)),
    found.not_observable !== null ? h('p', { class: 'chart-note' }, `Scripts were not looked for: ${found.not_observable}.`)
      : h('p', { class: 'chart-lede' }, undeclared.length === 0 ? `No script was found that accounts without other ties told in one window without saying that it was paid for.${control}`
        : `${plural(found.flagged, 'account')} told ${plural(undeclared.length, 'script')} in one window without a word of being paid for, and do nothing else together.${control}`),
    ...undeclared.slice(0, 6).map(scriptFigure),
    others.length > 0 && h('p', { class: 'chart-note' }, `Also alike in words and close in time, and kept apart: ${list(others.map(({ kind, n }) => `${plural(n, KIND_WORDS[kind][0], KIND_WORDS[kind][1])}`))}. “Copied” is what a trend or a template looks like; of a group are accounts that act together elsewhere too: newsrooms, fans, or the groups above. A loose likeness may be an event: its time stands out, its accounts do not.`),
    h('p', { class: 'chart-note' }, found.ads === 0 ? 'No ad library is in the case: whether a post stands in one cannot be told.' : `${plural(found.ads, 'post')} of ad libraries ${found.ads === 1 ? 'is' : 'are'} in the case.`));
}
