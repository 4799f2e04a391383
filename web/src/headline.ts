// headline.ts - the answer in words: one headline and a few sentences, made from the numbers alone
import type { Finding, Report } from './data';
import { capital, count, figure, list, plural, span, words } from './format';

export interface Answer { headline: string; sentences: string[] }

/** Accounts in at least one finding, each counted once. */
export function membersCount(findings: Finding[]): number {
  return new Set(findings.flatMap((finding) => finding.members)).size;
}

function manner(findings: Finding[]): string {
  if (findings.every((finding) => finding.confidence === 'explained')) return 'acted together, and the numbers speak for an innocent explanation';
  if (findings.every((finding) => finding.confidence === 'low')) return 'may have acted together: more often than chance allows';
  const far = findings.every((finding) => finding.confidence !== 'low' && finding.occasions >= 5 * finding.expected);
  return `acted together ${far ? 'far ' : ''}more often than chance allows`;
}

function confidenceSentence(findings: Finding[]): string {
  if (findings.every((finding) => finding.confidence === 'explained')) return '';
  const parts = (['high', 'moderate', 'low'] as const)
    .map((word) => ({ word, n: findings.filter((finding) => finding.confidence === word).length }))
    .filter(({ n }) => n > 0);
  if (findings.length === 1) return `Confidence is ${findings[0]?.confidence}.`;
  if (parts.length === 1) return `Confidence is ${parts[0]?.word} for ${findings.length === 2 ? 'both' : `all ${words(findings.length)}`}.`;
  return `Confidence is ${list(parts.map(({ word, n }) => `${word} for ${words(n)}`))}.`;
}

function copiesSentence(report: Report, findings: Finding[]): string {
  const { copies, copies_max_score: top } = report.test;
  if (copies === 0) return '';
  const chance = `In ${plural(copies, 'shuffled copy', 'shuffled copies')} of the same data, where only chance brings accounts together, `;
  if (findings.length === 0) return `${chance}clusters scored up to ${figure(top)}; no group in the real data stood out from that.`;
  const scored = findings.filter(hasScore), ratios = scored.map(strengthOf);
  if (ratios.length === 0) return '';
  const low = figure(Math.min(...ratios)), high = figure(Math.max(...ratios));
  if (Math.min(...ratios) > 1.05) {
    const what = ratios.length === 1 ? `this group scores ${high} times the best of them` : low === high ? `these groups score ${high} times the best of them` : `these groups score ${low} to ${high} times the best of them`;
    return `${chance}no cluster came as high: ${what}.`;
  }
  const reached = Math.max(...scored.map((finding) => Math.round(finding.p * (copies + 1)) - 1).filter(Number.isFinite), 0);
  return reached === 0 ? `${chance}no cluster came as high as ${ratios.length === 1 ? 'this group' : 'these groups'}.`
    : `${chance}a cluster as strong as ${ratios.length === 1 ? 'this group' : 'the weakest of these groups'} came up in ${words(reached)} of them; the strongest group scores ${high} times the best that chance built.`;
}

/** A group's score over the best that chance built in the same way: 1 is what chance can do. */
export function strengthOf(finding: Finding): number {
  return finding.score / Math.max(finding.copies_max_score, 1);
}

/** Whether a group was held against the copies at all: one that payments or calls alone show was not. */
export function hasScore(finding: Finding): boolean {
  return finding.score > 0;
}

/** Groups that were not held against the copies, since other signals than acts in common show them. */
function otherwiseSentence(findings: Finding[]): string {
  const others = findings.filter((finding) => !hasScore(finding)).map((finding) => finding.id);
  if (others.length === 0) return '';
  if (others.length === findings.length) return `${others.length === 1 ? 'It is' : 'All are'} shown by other signals than acts in common, named with ${others.length === 1 ? 'it' : 'each'}.`;
  return others.length > 3 ? `${capital(words(others.length))} of the groups are shown by other signals than acts in common.` : `${list(others)} ${others.length === 1 ? 'is' : 'are'} shown by other signals than acts in common.`;
}

export function answer(report: Report): Answer {
  const { totals, test, findings } = report;
  if (totals.posts === 0) {
    return { headline: 'There was nothing to read', sentences: ['The files hold no post that could be used. The rejects below say why.'] };
  }
  const tested = `lockstep read ${plural(totals.posts, 'post')} by ${plural(totals.accounts, 'account')} (${span(totals.first, totals.last)}) `
    + `and tested ${plural(test.pairs_tested, 'pair')} of accounts that could have met on the same thing at about the same time.`;
  if (findings.length === 0) {
    return {
      headline: 'Nothing that chance could not explain',
      sentences: [tested, copiesSentence(report, findings), 'That is no proof of innocence: accounts that vary their texts, links and times enough look like everybody else.'].filter(Boolean),
    };
  }
  /* The headline is about the groups that nothing innocent explains, where there are any. */
  const open = findings.filter((finding) => finding.confidence !== 'explained'), told = open.length > 0 ? open : findings;
  const members = membersCount(told), explained = findings.length - told.length;
  const who = told.length === 1
    ? `One group of ${count(members)} accounts`
    : `${capital(words(told.length))} groups, ${count(members)} accounts,`;
  const rest = explained > 0 && `Of ${explained === 1 ? 'one group more' : `${words(explained)} groups more`} the numbers speak for an innocent explanation.`;
  return {
    headline: `${who} ${manner(told)}`.replace(',  ', ', '),
    sentences: [tested, [copiesSentence(report, told), otherwiseSentence(told)].filter(Boolean).join(' '), [confidenceSentence(told), rest, 'Coordinated does not mean guilty: who is behind a group, and why, the numbers do not say.'].filter(Boolean).join(' ')].filter(Boolean),
  };
}
