// large.test.mjs - 5,000 accounts and 20,000 links: how long it takes to open, and how it moves
//
// Software WebGL is the worst that a reader can have; the bound is for that, on a machine that has
// nothing else to do. Where others compete for the processors, their share is allowed for.
import assert from 'node:assert/strict';
import { cpus, loadavg } from 'node:os';
import { after, before, test } from 'node:test';
import { browser, pixels } from './browser.mjs';

const MEDIAN_MS = 100, TRIES = 3;
let chrome;
before(async () => { chrome = await browser(); });
after(async () => { await chrome?.close(); });

const at = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];

/** Times between the frames that the page shows while something is done. */
async function frames(tab, act) {
  await tab.evaluate(() => {
    const times = [];
    let last = performance.now();
    globalThis.frameTimes = times;
    globalThis.frameWatch = true;
    const step = (now) => { times.push(now - last); last = now; if (globalThis.frameWatch) requestAnimationFrame(step); };
    requestAnimationFrame(step);
  });
  await act();
  return tab.evaluate(() => { globalThis.frameWatch = false; return globalThis.frameTimes.slice(1); });
}

/** The best median of a few tries: what else the machine does must not count. */
async function fluid(t, tab, name, act) {
  let best = Infinity;
  for (let i = 0; i < TRIES && best >= MEDIAN_MS / 2; i++) {
    const times = await frames(tab, act);
    assert.ok(times.length > 3, `${times.length} frames`);
    t.diagnostic(`${name}: median ${at(times, 0.5).toFixed(0)} ms, 95 % ${at(times, 0.95).toFixed(0)} ms over ${times.length} frames`);
    best = Math.min(best, at(times, 0.5));
  }
  const crowd = Math.max(1, loadavg()[0] / cpus().length);
  assert.ok(best < MEDIAN_MS * crowd, `${name}: median frame ${best.toFixed(0)} ms at ${crowd.toFixed(1)} processes a processor`);
}

test('a large network opens, moves and answers', async (t) => {
  const begun = Date.now();
  const { tab, faults } = await chrome.open('large');
  t.diagnostic(`opened in ${Date.now() - begun} ms, fixture and file included`);
  const { coloured, inked } = await pixels(tab, '--f0');
  assert.ok(coloured > 300 && inked > 50_000, `${coloured} of ${inked} pixels`);
  await tab.locator('#stage').evaluate((stage) => stage.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const box = await tab.locator('#stage').boundingBox();
  const state = () => tab.evaluate(() => document.getElementById('stage').sigma.getCamera().getState());
  const x = box.x + 300, y = box.y + 200;

  let was = await state(), way = 1;
  await fluid(t, tab, 'dragging', async () => {
    await tab.mouse.move(x, y);
    await tab.mouse.down();
    for (let i = 1; i <= 40; i++) { await tab.mouse.move(x + way * 6 * i, y + 3 * i); await tab.waitForTimeout(8); }
    await tab.mouse.up();
    way = -way;
  });
  assert.notDeepEqual(await state(), was, 'the drag moved the picture');

  await tab.waitForTimeout(400);
  was = await state();
  await fluid(t, tab, 'zooming by wheel', async () => {
    for (let i = 0; i < 12; i++) { await tab.mouse.wheel(0, way * 120); await tab.waitForTimeout(60); }
    way = -way;
  });
  assert.notEqual((await state()).ratio, was.ratio, 'the wheel zoomed');

  const answered = Date.now();
  await tab.fill('#account-search', '4321');
  await tab.waitForSelector('#account-options li');
  await tab.keyboard.press('Enter');
  await tab.waitForSelector('#panel:visible');
  t.diagnostic(`search to open panel: ${Date.now() - answered} ms`);
  await tab.keyboard.press('Escape');
  const elements = await tab.evaluate(() => document.querySelectorAll('*').length);
  assert.ok(elements < 12_000, `${elements} elements: long lists must be paged`);
  assert.deepEqual(faults, []);
});
