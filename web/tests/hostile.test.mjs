// hostile.test.mjs - strings and numbers as an adversary would write them stay text and do no harm
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser } from './browser.mjs';

let chrome;
before(async () => { chrome = await browser(); });
after(async () => { await chrome?.close(); });

const harm = (tab) => tab.evaluate(() => ({
  owned: globalThis.OWNED ?? null,
  foreign: document.querySelectorAll('#app :is(script, img, iframe, object, embed, form[action], base, link, meta, style)').length,
  handlers: [...document.querySelectorAll('#app *')].filter((element) => [...element.attributes].some(({ name }) => /^on/.test(name))).length,
  links: [...document.querySelectorAll('a')].filter((link) => !link.getAttribute('href').startsWith('#')).length,
  wide: document.documentElement.scrollWidth > innerWidth,
}));
const NONE = { owned: null, foreign: 0, handlers: 0, links: 0, wide: false };

for (const width of [1440, 400]) {
  test(`hostile strings stay text (${width} pixels)`, async () => {
    const { tab, faults } = await chrome.open('hostile', { width });
    assert.deepEqual(await harm(tab), NONE);
    assert.ok((await tab.locator('#finding-0 h3').textContent()).startsWith('<script>'));
    // Every member's panel, every page of the evidence, every long text unfolded.
    for (let i = 0; i < 8; i++) {
      const account = tab.locator('#finding-0 .members .account:enabled').nth(i);
      await account.evaluate((button) => button.click());
      assert.ok(await tab.locator('#panel').isVisible());
      await tab.locator('#panel .passage button').evaluateAll((buttons) => buttons.forEach((button) => button.click()));
      await tab.keyboard.press('Escape');
    }
    for (const id of ['finding-0', 'finding-1']) {
      for (let page = 0; page < 4; page++) {
        await tab.locator(`#${id} .evidence .passage button`).evaluateAll((buttons) => buttons.forEach((button) => button.click()));
        const next = tab.locator(`#${id} .evidence .pager button`, { hasText: 'Next' });
        if (await next.isEnabled()) await next.evaluate((button) => button.click());
      }
    }
    assert.deepEqual(await harm(tab), NONE);
    for (const query of ['<script>', '\u202E', '__proto__', '(', '\\', '\u05E2']) {
      await tab.fill('#account-search', query);
      await tab.fill('#find', query);
      await tab.waitForTimeout(150);
    }
    assert.deepEqual(await harm(tab), NONE);
    assert.deepEqual(faults, []);
  });
}

test('a text of the data is isolated from the direction of ours', async () => {
  const { tab } = await chrome.open('hostile');
  const open = await tab.evaluate(() => [...document.querySelectorAll('.data')].filter((element) => element.tagName !== 'BDI' || element.getAttribute('dir') !== 'auto').length);
  assert.equal(open, 0);
  assert.ok((await tab.locator('.data').count()) > 50);
});

test('what cannot be used is left out, and the page says so', async () => {
  const { tab } = await chrome.open('hostile');
  assert.match(await tab.locator('#method .notes').textContent(), /could not be used and w/);
});

