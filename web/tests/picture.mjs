// picture.mjs - the pictures of README and docs/report.md, from a report of synthetic data: node tests/picture.mjs REPORT.html FOLDER
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { browser } from './browser.mjs';

const [report, folder] = process.argv.slice(2);
if (!report || !folder) {
  console.error('usage: node tests/picture.mjs REPORT.html FOLDER');
  process.exit(2);
}
if (!readFileSync(report, 'utf8').includes('"synthetic":true')) {
  console.error('only synthetic data may be shown in a picture');
  process.exit(1);
}

/** What each picture shows: the first element of the first selector to the end of the last of the second. */
const PICTURES = [
  ['network', '#network .chart-lede', '#network .stage'],
  ['popularity', '#popularity .chart-lede', '#popularity .popular:nth-child(2)'],
  ['lineage', '#lineage .popular', '#lineage .popular .series-plot'],
  ['calls', '#calls figure.wide', '#calls .populars'],
  ['money', '#promotion figure', '#promotion figure'],
  ['sleepers', '#sleepers .cohorts', '#sleepers figure'],
  ['alternatives', '#finding-1 .finding-part:last-child', '#finding-1 .finding-part:last-child'],
];
const MARGIN = 8;

const chrome = await browser();
const { tab } = await chrome.openFile(report, { width: 1120, height: 1340, colorScheme: 'light' });
await tab.waitForTimeout(800);
const written = [];
const shoot = async (name, clip) => {
  const path = join(folder, `report${name && `-${name}`}.png`);
  await tab.screenshot({ path, clip, fullPage: clip !== undefined });
  written.push(path);
};
await shoot('');
for (const [name, first, last] of PICTURES) {
  const clip = await tab.evaluate(([from, to, margin]) => {
    const start = document.querySelector(from)?.getBoundingClientRect(), end = [...document.querySelectorAll(to)].pop()?.getBoundingClientRect();
    return start && end ? { x: 0, y: start.top + scrollY - margin, width: innerWidth, height: end.bottom - start.top + margin } : null;
  }, [first, last, MARGIN]);
  if (!clip) {
    console.error(`the report has nothing to show for ${name}`);
    process.exitCode = 1;
  } else {
    await shoot(name, clip);
  }
}
await chrome.close();
for (const path of written) console.log(path, `${Math.round(statSync(path).size / 1000)} kB`);
