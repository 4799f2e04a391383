// picture.mjs - the picture in the project's README, from a report of synthetic data: node tests/picture.mjs REPORT OUT.png
import { readFileSync } from 'node:fs';
import { browser } from './browser.mjs';

const [report, out] = process.argv.slice(2);
if (!report || !out) {
  console.error('usage: node tests/picture.mjs REPORT.html OUT.png');
  process.exit(2);
}
if (!readFileSync(report, 'utf8').includes('"synthetic":true')) {
  console.error('only synthetic data may be shown in a picture');
  process.exit(1);
}
const chrome = await browser();
const { tab } = await chrome.openFile(report, { width: 1200, height: 1640 });
await tab.waitForTimeout(800);
await tab.screenshot({ path: out });
await chrome.close();
