// browser.mjs - a real Chromium over the built page with a made report inside, watched for whatever it should not do
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { embed, fixtures } from '../fixtures/make_fixture.mjs';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const FLAGS = [
  '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-default-apps', '--mute-audio',
];

/** A browser with a fresh profile, and pages of it; close() leaves nothing behind. */
export async function browser() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
  const chrome = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, timeout: 60_000 });
  const shell = readFileSync(join(web, 'dist', 'report.html'), 'utf8');
  const show = async (path, { width = 1440, height = 900, init, ...context } = {}) => {
    const tab = await (await chrome.newContext({ viewport: { width, height }, ...context })).newPage();
    const faults = [];
    tab.on('console', (message) => { if (message.type() !== 'info' && message.type() !== 'log' && !/GPU stall|GL Driver Message/.test(message.text())) faults.push(`${message.type()}: ${message.text()}`); });
    tab.on('pageerror', (error) => faults.push(`uncaught: ${error.stack ?? error}`));
    tab.on('request', (request) => { if (request.url() !== pathToFileURL(path).href) faults.push(`request: ${request.url().slice(0, 200)}`); });
    tab.on('dialog', (dialog) => { faults.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
    if (init) await tab.addInitScript(init);
    await tab.goto(pathToFileURL(path).href);
    await tab.waitForSelector('#app[data-ready]', { timeout: 30_000 });
    if (await tab.locator('#stage').count()) await tab.waitForSelector('#stage[data-ready]', { timeout: 60_000 });
    return { tab, faults };
  };
  return {
    openFile: show,
    /** The page of a fixture (by name, or a report), opened from disk. `faults` collects errors and requests. */
    async open(report, options) {
      const path = join(folder, `${typeof report === 'string' ? report : 'given'}.html`);
      writeFileSync(path, embed(shell, typeof report === 'string' ? fixtures[report]() : report));
      return show(path, options);
    },
    async close() {
      await chrome.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How many pixels of the drawn network have the colour of a token, and how many are not empty. */
export const pixels = (tab, token) => tab.evaluate((name) => {
  const stage = document.getElementById('stage');
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const want = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  stage.sigma?.refresh(); // the drawing is read in the task that made it
  let coloured = 0, inked = 0;
  for (const canvas of stage.querySelectorAll('canvas')) {
    if (!canvas.width) continue;
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, copy.width, copy.height);
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 0) continue;
      inked++;
      if (data[i + 3] > 200 && want.every((value, c) => Math.abs(data[i + c] - value) < 10)) coloured++;
    }
  }
  return { coloured, inked };
}, token);
