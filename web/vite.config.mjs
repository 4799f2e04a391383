// vite.config.mjs - one file out: styles, script and the licences of what is bundled inside report.html
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const DATA = '<script id="data" type="application/json">/*LOCKSTEP-DATA*/</script>';
const digest = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The packages whose code went into the bundle, with the licence text each asks to be kept. */
function licences(modules) {
  const roots = new Set();
  for (const id of modules) {
    const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replace(/^\0/, ''));
    if (match) roots.add(match[1]);
  }
  return [...roots].sort().map((root) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const file = readdirSync(root).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(root, file), 'utf8').trim() : `License: ${license}`;
    return `${name} ${version}\n${text}`;
  }).join('\n\n').replace(/--+>?/g, '-').replace(/</g, '(');
}

/** Puts the one script and the one style sheet into the page, and a policy that lets nothing else run. */
function oneFile() {
  return {
    name: 'lockstep-one-file',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = Object.values(bundle).find((item) => item.fileName.endsWith('.html'));
      const chunks = Object.values(bundle).filter((item) => item.type === 'chunk');
      const sheets = Object.values(bundle).filter((item) => item.fileName.endsWith('.css'));
      if (!page || chunks.length !== 1) this.error(`one script was expected, not ${chunks.length}`);
      const script = chunks[0].code.trim().replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');
      const style = sheets.map((sheet) => String(sheet.source).trim()).join('\n');
      const policy = [
        "default-src 'none'", `script-src ${digest(script)}`, `style-src ${digest(style)}`,
        'img-src data:', "base-uri 'none'", "form-action 'none'",
      ].join('; ');
      const shell = String(page.source)
        .replace(/\s*<script type="module"[^>]*><\/script>/, '')
        .replace(/\s*<link rel="stylesheet"[^>]*>/g, '');
      if (shell.split(DATA).length !== 2) this.error('the page must hold its data element exactly once');
      page.source = shell
        .replace('<!--policy-->', () => `<meta http-equiv="Content-Security-Policy" content="${policy}">`)
        .replace('<!--style-->', () => `<style>${style}</style>`)
        .replace('<!--script-->', () => `<script type="module">${script}</script>`)
        .replace('<!--licences-->', () => `<!--\nThis page holds code of:\n\n${licences(Object.keys(chunks[0].modules))}\n-->`);
      for (const item of [...chunks, ...sheets]) delete bundle[item.fileName];
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [oneFile()],
  build: {
    target: 'es2021',
    outDir: 'dist',
    emptyOutDir: false,
    assetsInlineLimit: 1e9,
    cssCodeSplit: false,
    modulePreload: false,
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: 'report.html', output: { inlineDynamicImports: true } },
  },
});
