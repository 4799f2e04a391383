// method.ts - how the answer was come by, in plain words, and what it does not say
import { bdi, h, type Child } from '../dom';
import { count, figure, plural } from '../format';
import type { Model } from '../source';
import { layers } from './fusion';

function point(title: string, ...text: Child[]): HTMLElement {
  return h('div', { class: 'point' }, h('h3', {}, title), ...text.map((part) => (part instanceof HTMLElement ? part : h('p', {}, part))));
}

/** What the reader must know about this run in particular. */
export function cautions({ report, mended }: Model): string[] {
  const notes = [...report.notes];
  const { time_precision: precision } = report.totals;
  if (precision !== 'second') notes.push(`Some times in the data are exact only to the ${precision}: two posts “at the same time” are posts in the same ${precision}.`);
  if (mended) notes.push(`${plural(mended, 'piece')} of the data in this page could not be used and ${mended === 1 ? 'was' : 'were'} left out.`);
  return notes;
}

export function method(model: Model): HTMLElement {
  const { report } = model;
  const { test } = report;
  const copies = plural(test.copies, 'shuffled copy', 'shuffled copies');
  const notes = cautions(model);
  return h('section', { id: 'method', class: 'method', 'aria-labelledby': 'method-title', tabindex: -1 },
    h('h2', { id: 'method-title' }, 'How this was found, and what it means'),
    h('div', { class: 'points' },
      point('An occasion',
        'Two accounts share an occasion when a post of one and a post of the other carry the same thing (a link, a hashtag, a sound, a text or nearly that text, a reply to or repost of one post) within a short time. However many things the two posts have in common, that is one occasion, and no post is used twice for a pair: one act is not counted as five.'),
      point('Chance',
        'Busy accounts and popular things meet all the time. So lockstep asks how often a pair would have met if it did not matter who wrote which post: within each span of time (an hour, unless the options say otherwise) every account keeps its number of posts and every thing its popularity; only the names are exchangeable. That gives the number of occasions expected by chance, beside the number seen.'),
      point('p and q of a pair',
        'p is the probability that chance alone gives a pair at least as many occasions as were seen. Among many pairs some p are small by luck, so q corrects for all of them, also for those pairs that could have met and did not: of the pairs called linked at q = 0.05, no more than about one in twenty is expected to be a false alarm.',
        `Here ${plural(test.pairs_tested, 'pair')} could have met; ${plural(test.edges_tested, 'pair')} met often enough to be looked at one by one.`),
      point('A group and its score',
        'Pairs with a small p are joined into groups. A group’s score adds up how improbable its pairs are (the sum of −log₁₀ p). One very strong pair, or many fairly strong ones, give a high score.'),
      point('A shuffled copy',
        `The same data with the names exchanged within each span of time: nobody can be coordinated in it. lockstep made ${copies}, searched each of them in the same way, and kept the best group that chance built in each (${figure(test.copies_max_score)} was the highest score of all). The p of a group says in which share of the copies chance did as well, the real data counted as one: it can be no smaller than 1 in ${count(test.copies + 1)}, and it already allows for having looked at every group.`),
      point('Synchrony',
        'A second question is asked of a pair where the data allow it: given that both were interested in the same thing, did they come within seconds of each other more often than others interested in it did? It tells a swarm from a crowd of fans. Where only the group used a thing, it cannot be answered, and says so.'),
      point('Confidence',
        'The word beside each finding follows from a rule that is printed with it: how far its score lies above the best that chance built, in how many separate spans of time it acted, and how many independent kinds of things it shared. What speaks for an innocent explanation stands with the finding, so that you can weigh it yourself. A group that stood its test and that an innocent explanation accounts for bears no such word: it is shown with its evidence, and counted apart from the others.'),
      point('Signals joined',
        'Acts in common are one signal; sleepers that wake together, answers to a channel’s calls, comment floods, payments and scripts are others. A group that several of them see is one finding, and an account belongs to it if all of its signals together say so (false members at most one in twenty, by q). Paid accounts are never counted among others. A signal that the files cannot show counts neither for nor against.'),
      point('What lockstep does not say',
        'Coordinated is not guilty. A newsroom, a fan club, a party’s volunteers or a giveaway can act together openly. Nothing here says who runs an account; payers are those of a ledger that was given, beneficiaries those whom the case’s settings name, who need not know of it. Nothing here says that what was posted is false. An account in grey is not cleared, and one in colour is not convicted: read the posts.',
        'What is not in the files cannot be seen. Accounts that vary their texts, links and times enough look like everybody else.')),
    layers(report.layers),
    notes.length > 0 && h('div', { class: 'notes', id: 'notes', tabindex: -1 }, h('h3', {}, 'To be known about this run'), h('ul', {}, ...notes.slice(0, 60).map((note) => h('li', {}, bdi(note, 500))))));
}
