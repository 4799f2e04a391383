// layout.test.mjs - what a picky reader sees: texts that are cut off, that lie on each other, columns too narrow to read, pages wider than paper
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { make, small } from '../fixtures/make_fixture.mjs';
import { browser } from './browser.mjs';

let chrome;
before(async () => { chrome = await browser(); });
after(async () => { await chrome?.close(); });

const LONG = 'a_handle_that_goes_on_and_on_without_a_blank_0123456789';
const ARABIC = '\u0645\u0631\u0634\u062D \u0627\u0644\u0627\u0646\u062A\u062E\u0627\u0628\u0627\u062A';
/** A group of two hundred; long names, names from right to left, and long tags wherever charts and tables show some. */
function awkward() {
  const report = make({ seed: 9, nodesCount: 260, edgesCount: 600, groups: [200, 6] });
  report.nodes.forEach((node, i) => { if (i % 5 === 0) node.handle = `${LONG}${i}`; else if (i % 5 === 1) node.handle = `${ARABIC} ${i}`; });
  for (const [i, popular] of report.popularity.entries()) popular.object = i % 2 ? `${LONG.replace(/_/g, '')}${LONG}` : ARABIC;
  for (const flow of report.promotion.ledger.flows) { flow.payer = flow.payer === 'patron' ? LONG : flow.payer; flow.beneficiary &&= ARABIC; }
  for (const flood of report.swarm.floods) flood.author_handle = LONG;
  return report;
}

/** Texts of charts that stick out of their chart, or lie on another one. */
const faultsOf = (tab) => tab.evaluate(() => {
  const found = [];
  for (const svg of document.querySelectorAll('main svg')) {
    const frame = svg.getBoundingClientRect();
    if (!frame.width) continue;
    const texts = [...svg.querySelectorAll('text')].map((text) => ({ words: text.textContent, box: text.getBoundingClientRect() })).filter(({ box }) => box.width > 0);
    texts.forEach(({ words, box }, i) => {
      if (box.left < frame.left - 1.5 || box.right > frame.right + 1.5 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) found.push(`out of its chart: ${words}`);
      for (const other of texts.slice(i + 1)) {
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left), down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (across > 0 && down > 4) found.push(`on each other: ${words} | ${other.words}`);
      }
    });
  }
  // A cell whose words stand in a column of a few letters.
  for (const cell of document.querySelectorAll('main td, main tbody th')) {
    const box = cell.getBoundingClientRect(), longest = Math.max(0, ...cell.textContent.split(/\s+/).map((word) => word.length));
    if (box.width > 0 && cell.textContent.length > 60 && box.width < 150) found.push(`a narrow column: ${cell.textContent.slice(0, 40)}`);
    if (longest <= 16 && longest * 4 > box.width) found.push(`a word is cut: ${cell.textContent.slice(0, 40)}`);
  }
  return [...new Set(found)];
});

for (const [name, report] of [['a plain report', small], ['long names, right to left, 200 members', awkward]]) {
  for (const width of [1280, 768, 390]) {
    test(`${name}: every text of a chart can be read (${width} pixels)`, async () => {
      const { tab, faults } = await chrome.open(report(), { width });
      assert.deepEqual(await faultsOf(tab), []);
      assert.ok((await tab.evaluate(() => document.documentElement.scrollWidth)) <= width);
      assert.deepEqual(faults, []);
    });
  }
}

test('the flow of money names payers and payees whole, also on a phone', async () => {
  const { tab } = await chrome.open('small', { width: 390 });
  const names = await tab.locator('.money-plot').first().locator('g').evaluateAll((places) => places.map((place) => [...place.querySelectorAll('text')].map((line) => line.textContent).join('')));
  assert.ok(names.some((text) => /^patron\s?[>0-9]/.test(text)), names.join(' | '));
  for (const text of names) assert.match(text, /[<>]?\d+ %$/, 'each with its share of the money');
  const handles = small().promotion.ledger.payees.map((payee) => payee.handle ?? payee.payee);
  assert.ok(names.filter((text) => handles.some((handle) => text.startsWith(handle))).length >= 10, names.join(' | '));
});

test('the first page says what the numbers make of the innocent explanations', async () => {
  const report = small();
  report.findings[0].alternatives = [{ name: 'party_office', verdict: 'speaks for', measured: 'x' }, { name: 'giveaway', verdict: 'open', measured: 'x' }];
  report.findings[1].alternatives = [{ name: 'giveaway', verdict: 'speaks against', measured: 'x' }, { name: 'viral_surge', verdict: 'not observable', measured: 'x' }];
  const { tab } = await chrome.open(report);
  const items = await tab.locator('.brief > li').allTextContents();
  assert.match(items[0], /They say openly who they are: a party’s declared volunteers$/);
  assert.match(items[1], /Of 1 innocent explanation measured the numbers speak for none$/);
});

test('a group that is explained stands last in brief, and hollow among the scores', async () => {
  const report = small();
  report.findings[0].confidence = 'explained';
  report.findings[0].alternatives = [{ name: 'news_syndication', verdict: 'speaks for', measured: 'x' }];
  const { tab } = await chrome.open(report);
  const items = await tab.locator('.brief > li').allTextContents();
  assert.match(items[0], /F2 · /);
  assert.match(items.at(-1), /F1 · innocent explanation.*The numbers speak for an innocent explanation: /s);
  assert.equal(await tab.locator('.strip .dot.explained').count(), 1);
  assert.match(await tab.locator('.strip-figure figcaption').textContent(), /A hollow dot/);
  assert.match(await tab.locator('#timeline').textContent(), /Groups that an innocent explanation accounts for are not among them/);
  await tab.selectOption('#least-confidence', 'low');
  assert.deepEqual(await tab.locator('.finding:visible').evaluateAll((all) => all.map((one) => one.id)), ['finding-1', 'finding-2']);
});

test('links within the page lead somewhere, whatever the run could see', async () => {
  for (const name of ['small', 'empty', 'bare']) {
    const { tab } = await chrome.open(name);
    const dead = await tab.locator('a[href^="#"]').evaluateAll((links) => links.map((link) => link.getAttribute('href')).filter((href) => !document.querySelector(href)));
    assert.deepEqual(dead, [], name);
  }
});

test('pictures are said in words', async () => {
  const { tab } = await chrome.open('small');
  const silent = await tab.locator('main svg').evaluateAll((all) => all.filter((svg) => !svg.closest('[aria-hidden="true"]') && !(svg.getAttribute('role') === 'img' && svg.getAttribute('aria-label')?.length > 20)).length);
  assert.equal(silent, 0);
});

test('the key of the strips of activity says how many acts a colour is', async () => {
  const { tab } = await chrome.open('small');
  assert.match(await tab.locator('#sleepers .wall-key').textContent(), /^Acts in [\d.]+ (s|min|h|days):\s+1\s+3\s+6\s+9 or more; nothing drawn: none\.$/);
});

test('nothing is wider than the paper', async () => {
  const { tab } = await chrome.open(awkward(), { width: 680, height: 980 });
  await tab.emulateMedia({ media: 'print' });
  const wide = await tab.evaluate(() => [...document.querySelectorAll('main table, main svg, main p, main ul')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1).map((element) => `${element.tagName} ${element.textContent.slice(0, 60)}`));
  assert.deepEqual(wide, []);
});
