// report.test.mjs - the page as a reader meets it: from disk, by mouse, by keyboard, small, dark, printed
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { make, small } from '../fixtures/make_fixture.mjs';
import { browser, pixels } from './browser.mjs';

let chrome;
before(async () => { chrome = await browser(); });
after(async () => { await chrome?.close(); });

const focused = (tab) => tab.evaluate(() => {
  const element = document.activeElement;
  return { id: element?.id ?? '', kind: element?.className ?? '', text: element?.textContent?.slice(0, 60) ?? '' };
});
/** Presses Tab until the focus is where it should be; never touches the mouse. */
async function tabTo(tab, wanted, most = 80) {
  for (let i = 0; i < most; i++) {
    await tab.keyboard.press('Tab');
    if (await tab.evaluate((selector) => document.activeElement?.matches(selector) ?? false, wanted)) return i + 1;
  }
  throw new Error(`Tab never came to ${wanted}`);
}

test('opens from disk, says the answer first, asks the network for nothing', async () => {
  const { tab, faults } = await chrome.open('small');
  assert.equal(await tab.locator('h1').textContent(), 'Three groups, 43 accounts, acted together more often than chance allows');
  assert.ok(await tab.locator('.synthetic').isVisible());
  for (const id of ['answer', 'network', 'timeline', 'popularity', 'lineage', 'calls', 'relays', 'floods', 'promotion', 'sleepers', 'findings', 'method', 'sources']) assert.ok(await tab.locator(`#${id}`).isVisible(), id);
  const order = await tab.locator('main > section').evaluateAll((sections) => sections.map((section) => section.id));
  assert.deepEqual(order, ['answer', 'network', 'timeline', 'popularity', 'lineage', 'calls', 'relays', 'floods', 'promotion', 'sleepers', 'findings', 'method', 'sources']);
  assert.equal(await tab.locator('.finding').count(), 3);
  assert.match(await tab.locator('meta[http-equiv]').getAttribute('content'), /default-src 'none'; script-src 'sha256-/);
  assert.deepEqual(faults, []);
});

test('the first page says what was seen, each line leads to its part, and what could not be seen is said', async () => {
  const { tab, faults } = await chrome.open('small');
  const lines = await tab.locator('.seen li').evaluateAll((items) => items.map((item) => [item.querySelector('a').getAttribute('href'), item.textContent]));
  assert.deepEqual(lines.map(([place]) => place).sort(), ['#calls', '#floods', '#lineage', '#popularity', '#promotion', '#promotion', '#relays', '#sleepers']);
  for (const [place, text] of lines) {
    assert.ok(await tab.locator(place).isVisible(), place);
    assert.match(text, /^[0-9]/, 'a line begins with its number');
    assert.doesNotMatch(text, /undefined|null|NaN|not known/);
  }
  const report = small();
  Object.assign(report.findings[1], { score: 0, copies_max_score: 0 });
  report.layers = [{ layer: 'answers', not_observable: 'no channel', accounts_tested: 0, pairs_tested: 0, accounts_named: 0, clusters: 0 }];
  report.lineage.things = [];
  report.popularity = [];
  report.lifecycle.ages.field = 0;
  const again = await chrome.open(report);
  assert.match(await again.tab.locator('.short-block .small').textContent(), /Not observable in these files: answers to calls, whose a tag was .*, popularity with and without .* and who registered together/);
  assert.equal(await again.tab.locator('.strip .dot').count(), 2, 'a group without a score has no place among the scores');
  assert.match(await again.tab.locator('.strip-figure figcaption').textContent(), /F2 has no place here/);
  assert.deepEqual([...faults, ...again.faults], []);
});

test('what calls named and what populations share is said in words', async () => {
  const { tab, faults } = await chrome.open('small');
  const named = await tab.locator('#calls .things').evaluateAll((cells) => cells.map((cell) => cell.textContent));
  assert.ok(named.length > 3);
  for (const words of named) assert.match(words, /^videos of @\S+, @\S+, #\S+, a text to copy, and others$/);
  assert.match(await tab.locator('#calls').textContent(), /what to do: share; when: now/);
  assert.match(await tab.locator('#relays').textContent(), /Messages that tell their readers what to do.*what to do: \S+, \S+; when: # min\*; has a tag or link/s);
  const shared = await tab.locator('#lineage .things').allTextContents();
  assert.ok(shared.length >= 3 && shared.every((words) => /^(#|a link to )\S+ \(\d+ accounts\)$/.test(words)), shared.join(' | '));
  assert.deepEqual(faults, []);
});

test('the policy lets no other script run and no request out', async () => {
  const { tab, faults } = await chrome.open('small');
  const ran = await tab.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.INJECTED = 1';
    document.body.append(script);
    const answered = await fetch('https://example.org/').then(() => true, () => false);
    return [globalThis.INJECTED ?? null, answered];
  });
  assert.deepEqual(ran, [null, false]);
  assert.ok(faults.some((fault) => /Content Security Policy/.test(fault)), 'the browser says that the policy refused');
});

test('the network is drawn, in the colours of its groups', async () => {
  const { tab, faults } = await chrome.open('small');
  assert.equal(await tab.locator('#stage').getAttribute('data-ready'), 'webgl');
  for (const token of ['--f0', '--f1', '--f2', '--dot']) {
    const { coloured, inked } = await pixels(tab, token);
    assert.ok(coloured > 60, `${token}: ${coloured} pixels`);
    assert.ok(inked > 5000, `${inked} pixels drawn`);
  }
  await tab.locator('#stage').scrollIntoViewIfNeeded();
  await tab.waitForTimeout(100);
  assert.deepEqual(await tab.locator('.group-tag:visible').allTextContents(), ['F1 24 accounts', 'F2 14 accounts', 'F3 5 accounts']);
  // The legend takes a group out of the picture and puts it back.
  const chip = tab.locator('.chip', { hasText: 'F1' });
  await chip.click();
  assert.equal(await chip.getAttribute('aria-pressed'), 'false');
  assert.ok((await pixels(tab, '--f0')).coloured < 10);
  await chip.click();
  assert.ok((await pixels(tab, '--f0')).coloured > 60);
  assert.deepEqual(faults, []);
});

test('a click on a dot opens its account, layer and strength thin the links', async () => {
  const { tab, faults } = await chrome.open('small');
  await tab.locator('#stage').scrollIntoViewIfNeeded();
  const at = await tab.evaluate(() => {
    const stage = document.getElementById('stage'), box = stage.getBoundingClientRect();
    const point = stage.sigma.graphToViewport(stage.sigma.getGraph().getNodeAttributes('40'));
    return { x: box.left + point.x, y: box.top + point.y };
  });
  await tab.mouse.move(at.x - 3, at.y);
  await tab.mouse.move(at.x, at.y);
  await tab.mouse.click(at.x, at.y);
  await tab.waitForSelector('#panel:visible');
  assert.equal(await tab.locator('#panel-title').textContent(), small().nodes[40].handle);
  await tab.keyboard.press('Escape');
  assert.ok(!(await tab.locator('#panel').isVisible()));
  const links = () => tab.evaluate(() => {
    const { sigma } = document.getElementById('stage');
    return sigma.getGraph().edges().filter((edge) => !sigma.getEdgeDisplayData(edge).hidden).length;
  });
  const report = small();
  assert.equal(await links(), report.edges.length);
  await tab.selectOption('#layer', 'sound');
  assert.equal(await links(), report.edges.filter((edge) => edge.kinds.sound).length);
  await tab.selectOption('#layer', '');
  await tab.locator('#strength').fill('6');
  assert.equal(await links(), report.edges.filter((edge) => edge.occasions >= 6).length);
  assert.deepEqual(faults, []);
});

test('a finding is shown in the network when asked', async () => {
  const { tab, faults } = await chrome.open('small');
  await tab.locator('#finding-1 .show-in-network').click();
  await tab.waitForFunction(() => document.getElementById('stage').sigma.getCamera().ratio < 0.5);
  await tab.waitForTimeout(900);
  const spread = await tab.evaluate((members) => {
    const { sigma } = document.getElementById('stage'), { width, height } = sigma.getDimensions();
    return members.every((node) => { const point = sigma.graphToViewport(sigma.getGraph().getNodeAttributes(String(node))); return point.x > 0 && point.x < width && point.y > 0 && point.y < height; });
  }, small().findings[1].members);
  assert.ok(spread, 'every member is in view');
  assert.equal(await tab.evaluate(() => document.activeElement.id), 'stage');
  assert.deepEqual(faults, []);
});

test('search and confidence filter findings and accounts', async () => {
  const { tab, faults } = await chrome.open('small');
  await tab.selectOption('#least-confidence', 'high');
  assert.deepEqual(await tab.locator('.finding:visible').evaluateAll((all) => all.map((one) => one.id)), ['finding-0']);
  assert.ok(!(await tab.locator('.chip', { hasText: 'F3' }).isVisible()), 'the legend follows');
  assert.ok((await pixels(tab, '--f2')).coloured < 10, 'and so does the picture');
  await tab.selectOption('#least-confidence', 'explained');
  const report = small(), word = report.posts[report.findings[1].matches[0].a].text.split(' ').slice(0, 3).join(' ');
  await tab.fill('#find', word);
  await tab.waitForFunction(() => document.querySelectorAll('.finding:not([hidden])').length === 1);
  assert.equal(await tab.locator('.finding:visible').getAttribute('id'), 'finding-1');
  await tab.fill('#find', report.nodes[99].handle);
  await tab.waitForFunction((handle) => [...document.querySelectorAll('.found-accounts button')].some((button) => button.textContent === handle), report.nodes[99].handle);
  assert.equal(await tab.locator('.finding:visible').count(), 0);
  await tab.fill('#find', '');
  await tab.waitForFunction(() => document.querySelectorAll('.finding:not([hidden])').length === 3);
  assert.deepEqual(faults, []);
});

test('a reader without a mouse gets everywhere', async () => {
  const { tab, faults } = await chrome.open('small');
  const report = small();
  await tab.keyboard.press('Tab');
  assert.match((await focused(tab)).text, /Skip to what was found/);
  await tab.keyboard.press('Enter');
  assert.equal((await focused(tab)).id, 'answer');
  await tabTo(tab, '#account-search');
  await tab.keyboard.type(report.nodes[30].handle.slice(0, 5));
  await tab.keyboard.press('ArrowDown');
  assert.match(await tab.locator('#account-search').getAttribute('aria-activedescendant'), /account-option-0/);
  await tab.keyboard.press('Control+a');
  await tab.keyboard.type(report.nodes[30].id);
  await tab.keyboard.press('Enter');
  await tab.waitForSelector('#panel:visible');
  assert.equal((await focused(tab)).id, 'panel-title');
  assert.match(await tab.locator('#live').textContent(), /selected/);
  assert.ok((await tab.locator('#panel .facts').textContent()).includes(report.nodes[30].id));
  const posts = report.posts.filter((post) => post.node === 30).sort((a, b) => a.time.localeCompare(b.time) || 0);
  assert.equal(await tab.locator('#panel .texts li .passage').first().textContent(), posts[0].text);
  await tab.keyboard.press('Escape');
  assert.equal((await focused(tab)).id, 'account-search', 'the focus goes back to where it came from');
  await tabTo(tab, '#stage');
  const ratio = () => tab.evaluate(() => document.getElementById('stage').sigma.getCamera().getState());
  const atRest = () => tab.waitForFunction(() => !document.getElementById('stage').sigma.getCamera().isAnimated());
  await atRest();
  const was = await ratio();
  await tab.keyboard.press('+');
  await tab.keyboard.press('+');
  await tab.keyboard.press('ArrowRight');
  await atRest();
  const is = await ratio();
  assert.ok(Math.abs(is.ratio * 1.96 - was.ratio) < 1e-6 && is.x > was.x, 'every key counts, also while the camera moves');
  await tab.keyboard.press('0');
  await tab.waitForFunction(() => document.getElementById('stage').sigma.getCamera().getState().ratio === 1);
  await tabTo(tab, '.timeline-plot');
  await tab.keyboard.press('ArrowRight');
  await tab.keyboard.press('ArrowRight');
  assert.match(await tab.locator('#live').textContent(), /posts, .* coordinated/);
  await tab.keyboard.press('+');
  assert.match(await tab.locator('#live').textContent(), /Timeline shows/);
  await tabTo(tab, '#finding-0 .members .account');
  const first = (await focused(tab)).text;
  await tab.keyboard.press('ArrowRight');
  const second = (await focused(tab)).text;
  assert.notEqual(first, second);
  await tab.keyboard.press('Enter');
  assert.equal(await tab.locator('#panel-title').textContent(), second);
  await tab.keyboard.press('Escape');
  assert.equal((await focused(tab)).text, second);
  await tab.keyboard.press('Tab');
  assert.ok(!(await focused(tab)).kind.includes('account'), 'a list is one tab stop');
  await tabTo(tab, '#finding-0 .evidence .pager button:not([disabled])', 40);
  const page = await tab.locator('#finding-0 .evidence tbody').textContent();
  await tab.keyboard.press('Enter');
  assert.notEqual(await tab.locator('#finding-0 .evidence tbody').textContent(), page);
  assert.deepEqual(faults, []);
});

test('evidence: earlier post left, provenance to the byte, nothing to click through to', async () => {
  const { tab } = await chrome.open('small');
  const report = small(), match = report.findings[0].matches[0];
  const row = tab.locator('#finding-0 .evidence tbody tr').first();
  const cells = row.locator('td');
  assert.equal(await cells.nth(0).locator('.passage').textContent(), report.posts[match.a].text);
  assert.equal(await cells.nth(2).locator('.passage').textContent(), report.posts[match.b].text);
  assert.match(await cells.nth(1).textContent(), new RegExp(`${match.lag_seconds} s later`));
  await cells.nth(0).locator('summary').click();
  const way = await cells.nth(0).locator('.provenance dl').textContent();
  for (const part of [report.posts[match.a].sha256, report.posts[match.a].file, report.posts[match.a].offset.toLocaleString('en')]) assert.ok(way.includes(part));
  assert.ok(await tab.locator('a').evaluateAll((links) => links.every((link) => link.getAttribute('href').startsWith('#'))));
});

test('every control has a name, every id is there once, headings step down', async () => {
  const { tab } = await chrome.open('small');
  const faults = await tab.evaluate(() => {
    const wrong = [];
    for (const control of document.querySelectorAll('button, input, select')) {
      const name = control.getAttribute('aria-label') ?? control.labels?.[0]?.textContent ?? control.textContent;
      if (!name.trim()) wrong.push(`no name: ${control.outerHTML.slice(0, 80)}`);
    }
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`twice: ${id}`);
    for (const element of document.querySelectorAll('[aria-labelledby], [aria-controls], [aria-describedby]')) {
      for (const name of ['aria-labelledby', 'aria-controls', 'aria-describedby']) {
        const id = element.getAttribute(name);
        if (id && !document.getElementById(id)) wrong.push(`${name} ${id} points nowhere`);
      }
    }
    let last = 0;
    for (const heading of document.querySelectorAll('main :is(h1, h2, h3, h4)')) {
      const level = Number(heading.tagName[1]);
      if (level > last + 1) wrong.push(`h${last} is followed by h${level}: ${heading.textContent}`);
      last = level;
    }
    return [...new Set(wrong)];
  });
  assert.deepEqual(faults, []);
});

for (const colorScheme of ['light', 'dark']) {
  test(`text has the contrast of WCAG AA (${colorScheme})`, async () => {
    const { tab } = await chrome.open(make({ seed: 4, nodesCount: 120, edgesCount: 300, groups: [14, 9, 8, 7, 6, 6, 5, 5, 4, 4, 4, 3] }), { colorScheme });
    await tab.locator('#finding-0 .account').first().click();
    const poor = await tab.evaluate(() => {
      const rgb = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
      const light = (colour) => {
        const [r, g, b] = colour.slice(0, 3).map((value) => { const v = value / 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const found = new Set();
      for (const element of document.querySelectorAll('body *')) {
        if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        if (!box.width || style.visibility === 'hidden' || element.closest('script, noscript, .unseen, .skip, :disabled, .stage-hint')) continue;
        let back = [255, 255, 255];
        for (let up = element; up; up = up.parentElement) {
          const colour = rgb(getComputedStyle(up).backgroundColor);
          if (colour.length === 3 || colour[3] === 1) { back = colour; break; }
        }
        const ink = rgb(element.namespaceURI.endsWith('svg') ? style.fill : style.color);
        const a = light(ink), b = light(back), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
        if (ratio < (large ? 3 : 4.5)) found.add(`${element.tagName}.${element.getAttribute('class')} ${ratio.toFixed(2)}`);
      }
      return [...found];
    });
    assert.deepEqual(poor, []);
  });
}

for (const width of [1440, 1280, 800, 390]) {
  test(`fits ${width} pixels without scrolling sideways`, async () => {
    const { tab, faults } = await chrome.open('small', { width, height: 860 });
    assert.ok((await tab.evaluate(() => document.documentElement.scrollWidth)) <= width);
    await tab.locator('#finding-0 .account').first().click();
    const panel = await tab.locator('#panel').boundingBox();
    assert.ok(panel.x >= 0 && panel.x + panel.width <= width + 1);
    assert.ok((await tab.evaluate(() => document.documentElement.scrollWidth)) <= width);
    assert.deepEqual(faults, []);
  });
}

test('the wheel scrolls the page until the picture was clicked', async () => {
  const { tab } = await chrome.open('small');
  await tab.locator('#stage').scrollIntoViewIfNeeded();
  await tab.waitForTimeout(300);
  const box = await tab.locator('#stage').boundingBox();
  const ratio = () => tab.evaluate(() => document.getElementById('stage').sigma.getCamera().getState().ratio);
  await tab.mouse.move(box.x + 30, box.y + 60);
  await tab.mouse.wheel(0, 120);
  await tab.waitForTimeout(400);
  assert.equal(await ratio(), 1);
  const after = await tab.locator('#stage').boundingBox();
  await tab.mouse.click(after.x + 30, Math.max(after.y, 0) + 60);
  await tab.mouse.wheel(0, -240);
  await tab.waitForTimeout(500);
  assert.ok((await ratio()) < 1);
});

test('the timeline zooms by dragging and comes back', async () => {
  const { tab } = await chrome.open('small');
  await tab.locator('.timeline-plot').scrollIntoViewIfNeeded();
  await tab.waitForTimeout(300);
  const box = await tab.locator('.timeline-plot svg').boundingBox();
  await tab.mouse.move(box.x + 200, box.y + 100);
  assert.match(await tab.locator('.readout').textContent(), /posts/);
  await tab.mouse.down();
  await tab.mouse.move(box.x + 400, box.y + 110, { steps: 4 });
  await tab.mouse.up();
  const button = tab.locator('button', { hasText: 'whole span' });
  assert.ok(await button.isVisible());
  await button.click();
  assert.ok(!(await button.isVisible()));
});

test('without WebGL the picture stands still, and the page says so', async () => {
  const { tab, faults } = await chrome.open('small', { init: () => {
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) { return String(kind).includes('webgl') ? null : real.call(this, kind, ...rest); };
  } });
  assert.equal(await tab.locator('#stage').getAttribute('data-ready'), 'flat');
  assert.match(await tab.locator('#stage-help').textContent(), /no WebGL/);
  await tab.waitForTimeout(200);
  assert.ok((await pixels(tab, '--f0')).coloured > 60);
  await tab.locator('.chip', { hasText: 'F1' }).click();
  assert.ok((await pixels(tab, '--f0')).coloured < 10);
  assert.deepEqual(faults, []);
});

test('a lost graphics context leaves a still picture', async () => {
  const { tab, faults } = await chrome.open('small');
  await tab.evaluate(() => document.querySelector('#stage canvas.sigma-nodes').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext());
  await tab.waitForSelector('#stage[data-ready="flat"]');
  await tab.waitForTimeout(200);
  assert.ok((await pixels(tab, '--f0')).coloured > 60);
  await tab.locator('#finding-0 .account').first().click();
  assert.ok(await tab.locator('#panel').isVisible());
  assert.deepEqual(faults.filter((fault) => !/CONTEXT_LOST|context lost/i.test(fault)), []);
});

test('prints with the network and without the controls', async () => {
  const { tab } = await chrome.open('small');
  const pdf = await tab.pdf({ format: 'A4' });
  assert.ok(pdf.length > 50_000, `${pdf.length} bytes`);
  await tab.emulateMedia({ media: 'print' });
  await tab.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.ok(await tab.locator('canvas.on-paper').isVisible());
  for (const gone of ['.controls', '#stage', '.filters', '.places']) assert.ok(!(await tab.locator(gone).isVisible()), gone);
});

test('nothing found, and nothing to read, are answers too', async () => {
  for (const [name, headline] of [['empty', 'Nothing that chance could not explain'], ['bare', 'There was nothing to read']]) {
    const { tab, faults } = await chrome.open(name);
    assert.equal(await tab.locator('h1').textContent(), headline);
    assert.ok(!(await tab.locator('.synthetic').count()), 'real data carries no banner');
    assert.equal(await tab.locator('.finding').count(), 0);
    assert.ok(await tab.locator('#method').isVisible());
    assert.deepEqual(faults, [], name);
  }
});
