// money_source.ts - the member "promotion" of the page's data, made safe
import type { Flow, NamedBeneath, Payee, Promotion, ReportedSum, Script, Sum, Teller } from './data';

type Loose = Record<string, unknown>;
const isRecord = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
const record = (value: unknown): Loose => (isRecord(value) ? value : {});
const records = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const number = (value: unknown, otherwise = 0): number => (typeof value === 'number' && Number.isFinite(value) ? value : otherwise);
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const timeOrNull = (value: unknown): string | null => (typeof value === 'string' && Number.isFinite(Date.parse(value)) ? value : null);
/** An amount stays the text that it is: a number would round it. */
const amountOrNull = (value: unknown): string | null => (typeof value === 'string' && /^-?\d{1,20}(\.\d{1,18})?$/.test(value) ? value : null);

const teller = (one: Loose): Teller => ({
  account: text(one.account), handle: textOrNull(one.handle), followers: numberOrNull(one.followers), posts: number(one.posts), disclosed: number(one.disclosed),
  first: timeOrNull(one.first), others_near: number(one.others_near), near_seconds: number(one.near_seconds), expected: number(one.expected),
  q_value: number(one.q_value, NaN), tied: one.tied === true, flagged: one.flagged === true, paid: one.paid === true, finding: textOrNull(one.finding),
});
const KINDS = ['undeclared', 'disclosed', 'copied', 'tied', 'loose'] as const;
const script = (one: Loose): Script => ({
  id: text(one.id), kind: KINDS.find((kind) => kind === one.kind) ?? 'tied', campaign: text(one.campaign), post: text(one.post), text: text(one.text),
  accounts: number(one.accounts), posts: number(one.posts), wordings: number(one.wordings), own_share: number(one.own_share), disclosed: number(one.disclosed),
  window_first: timeOrNull(one.window_first), window_last: timeOrNull(one.window_last), inside: number(one.inside), expected: number(one.expected),
  again: number(one.again), again_expected: number(one.again_expected), log10_p: number(one.log10_p), q_value: number(one.q_value, NaN), tied: number(one.tied), tag: textOrNull(one.tag), tag_posts: number(one.tag_posts),
  paid: number(one.paid), in_findings: number(one.in_findings), verified: number(one.verified), measured: text(one.measured), members: records(one.members).map(teller),
});
const BYS = ['all', 'payer', 'payee', 'beneficiary', 'method'] as const;
const sum = (one: Loose): Sum => ({
  by: BYS.find((by) => by === one.by) ?? 'all', name: textOrNull(one.name), currency: text(one.currency), amount: amountOrNull(one.amount), payments: number(one.payments),
  refunds: number(one.refunds), refunded: amountOrNull(one.refunded), converted: amountOrNull(one.converted), converted_payments: number(one.converted_payments),
});
const payee = (one: Loose): Payee => ({
  payee: text(one.payee), account: textOrNull(one.account), handle: textOrNull(one.handle), followers: numberOrNull(one.followers), amounts: text(one.amounts),
  payments: number(one.payments), payers: number(one.payers), first: timeOrNull(one.first), last: timeOrNull(one.last), days_before: number(one.days_before),
  days_after: number(one.days_after), posts_before: number(one.posts_before), posts_after: number(one.posts_after), expected_after: numberOrNull(one.expected_after),
  q_value: numberOrNull(one.q_value), views_before: numberOrNull(one.views_before), views_after: numberOrNull(one.views_after), promoted: number(one.promoted),
  undisclosed: number(one.undisclosed), in_ad_library: number(one.in_ad_library), script: textOrNull(one.script), finding: textOrNull(one.finding),
});
const BY_WHAT = ['ledger', 'posts', 'comments'] as const;
const flow = (one: Loose): Flow => ({
  payer: textOrNull(one.payer), payee: textOrNull(one.payee), account: textOrNull(one.account), target: textOrNull(one.target), beneficiary: textOrNull(one.beneficiary),
  beneficiary_by: BY_WHAT.find((by) => by === one.beneficiary_by) ?? null, method: textOrNull(one.method), currency: text(one.currency),
  amount: amountOrNull(one.amount), payments: number(one.payments), converted: amountOrNull(one.converted),
});
const named = (one: Loose): NamedBeneath => ({
  beneficiary: text(one.beneficiary), posts: number(one.posts), posts_naming: number(one.posts_naming), answered_promoted: number(one.answered_promoted),
  answered_other: number(one.answered_other), answerers_promoted: number(one.answerers_promoted), naming_promoted: number(one.naming_promoted),
  answerers_other: number(one.answerers_other), naming_other: number(one.naming_other), expected: number(one.expected), p_value: numberOrNull(one.p_value),
});
const check = (one: Loose): ReportedSum => ({
  name: text(one.name), payer: textOrNull(one.payer), method: textOrNull(one.method), currency: text(one.currency), reported: amountOrNull(one.reported),
  found: amountOrNull(one.found), agrees: one.agrees === true,
});

export function promotionOf(value: unknown): Promotion {
  const loose = record(value), ledger = record(loose.ledger);
  return {
    not_observable: textOrNull(loose.not_observable), tested: number(loose.tested), families_tested: number(loose.families_tested), flagged: number(loose.flagged),
    controls: number(loose.controls), control_flagged: number(loose.control_flagged), ads: number(loose.ads), topic_known: loose.topic_known === true,
    scripts: records(loose.scripts).map(script), scripts_total: number(loose.scripts_total), named_beneath: records(loose.named_beneath).map(named),
    ledger: {
      payments: number(ledger.payments), matched: number(ledger.matched), alike: number(ledger.alike), converted_to: textOrNull(ledger.converted_to), note: text(ledger.note),
      checks: records(ledger.checks).map(check), sums: records(ledger.sums).map(sum), sums_total: number(ledger.sums_total), payees: records(ledger.payees).map(payee),
      payees_total: number(ledger.payees_total), flows: records(ledger.flows).map(flow), flows_total: number(ledger.flows_total),
    },
  };
}
