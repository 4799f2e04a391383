// written.test.mjs - a report as the command writes it (its path in REPORT) opens like a made one
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { browser, pixels } from './browser.mjs';

let chrome;
before(async () => { chrome = await browser(); });
after(async () => { await chrome?.close(); });

test('the page that lockstep wrote shows what lockstep found', async () => {
  const html = readFileSync(process.env.REPORT, 'utf8');
  const report = JSON.parse(/<script id="data" type="application\/json">(.*?)<\/script>/s.exec(html)[1]);
  const { tab, faults } = await chrome.openFile(process.env.REPORT);
  assert.equal(await tab.locator('.finding').count(), report.findings.length);
  assert.ok(report.findings.length > 0);
  assert.equal(await tab.locator('#finding-0 h3').textContent(), report.findings[0].title);
  assert.equal(await tab.locator('#finding-0 .members .account').count(), Math.min(30, report.findings[0].members.length));
  assert.ok((await pixels(tab, '--f0')).coloured > 30);
  assert.match(await tab.locator('h1').textContent(), /acted together/);
  assert.ok(!/could not be used/.test(await tab.locator('#method').textContent()), 'nothing had to be mended');
  await tab.locator('#finding-0 .account').first().click();
  assert.ok((await tab.locator('#panel .texts li').count()) > 0, 'the account has its posts');
  assert.deepEqual(faults, []);
});
